"""Names of the protocol: claims, scopes, media types; roles, which platforms send as long URIs, short names and older
spellings; and what is raised when a platform's message is not accepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from grader.errors import GraderError


class Refused(GraderError):
    """A launch, or another message of a platform, that is not accepted: nothing was stored.

    `reason` is a short name for logs and tests, the message is for the person in front of it, `status` is of HTTP."""

    def __init__(self, reason: str, message: str, status: int = 401) -> None:
        super().__init__(message)
        self.reason = reason
        self.status = status


Role = Literal["student", "instructor", "assistant", "test"]

_TEACHING = {"Instructor", "ContentDeveloper", "Administrator", "Manager", "Faculty"}
_ASSISTING = {"TeachingAssistant", "Grader"}
_LEARNING = {"Learner", "Mentor", "Member", "NonCreditLearner", "Student"}
_MEMBERSHIP = re.compile(r"https?://purl\.imsglobal\.org/vocab/lis/v2/membership(?:/(\w+))?#(\w+)$")
_OLD = re.compile(r"urn:lti:role:ims/lis/(\w+)(?:/(\w+))?$")
_SHORT = re.compile(r"(\w+)(?:[/#](\w+))?$")
_ABOVE = re.compile(r"(?:https?://purl\.imsglobal\.org/vocab/lis/v2/(?:institution|system)/person#|"
                    r"urn:lti:(?:inst|sys)role:ims/lis/)(?:Sys)?Administrator$")  # fmt: skip
_TEST = re.compile(r"https?://purl\.imsglobal\.org/vocab/lti/system/person#TestUser$")


def role(given: Iterable[str]) -> Role:
    """The role in the course. Of several, assisting goes before teaching (platforms send both for an assistant), and
    teaching before learning. Roles in the institution say nothing about a course, except that an administrator with no
    role in it may look after it. No role at all is a student's."""
    roles = list(given)
    if any(_TEST.match(one) for one in roles):
        return "test"
    inside = [found for one in roles if (found := _in_course(one))]
    names = {name for pair in inside for name in pair if name}
    if names & _ASSISTING:
        return "assistant"
    if names & _TEACHING:
        return "instructor"
    if not names & _LEARNING and any(_ABOVE.match(one) for one in roles):
        return "instructor"
    return "student"


def _in_course(one: str) -> tuple[str | None, str | None] | None:
    """The principal role and the sub-role of a role in the course; None for every other."""
    found = _MEMBERSHIP.match(one)
    if found:
        return (found[1], found[2])
    found = _OLD.match(one) or _SHORT.match(one)
    return (found[1], found[2]) if found else None


LTI = "https://purl.imsglobal.org/spec/lti/claim/"
ENDPOINT = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NAMES_ROLES = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/"

LINE_ITEM = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
LINE_ITEM_READ = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
RESULT_READ = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
SCOPES = (LINE_ITEM, LINE_ITEM_READ, RESULT_READ, SCORE, ROSTER)
"""All that we ask for."""

LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
ROSTER_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"

RESOURCE_LINK = "LtiResourceLinkRequest"
DEEP_LINK = "LtiDeepLinkingRequest"
REVIEW = "LtiSubmissionReviewRequest"
