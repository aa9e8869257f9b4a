"""What the parts of the service ask of platforms: sending a score, and fetching the roster of a course (NRPS), page by
page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from grader.errors import GraderError, UsageError
from grader.service.lti import claims as names
from grader.service.lti.claims import Refused, Role, role
from grader.service.lti.gradebook import Score, send
from grader.service.lti.outbound import Unreachable
from grader.service.lti.tool import Ask, Client, NoAccess, Tool, client, pages, with_query
from grader.service.store.tables import Attempt, Course, Push
from grader.service.teaching.enrolment import ListedMember
from grader.service.work.pushes import PushAnswer, Sending

PER_PAGE = 200


def sender(tool: Tool, sessions: sessionmaker[Session]) -> Callable[[Sending], PushAnswer]:
    """What the threads that send scores call."""

    def sent(sending: Sending) -> PushAnswer:
        now = datetime.now(UTC)
        with sessions.begin() as session:
            try:
                of = client(session, tool, sending.platform.id, now)
            except Refused as refused:
                return PushAnswer("failed", str(refused))
            submitted = _handed_in_since(session, sending.push_id)
        score = Score(
            sending.subject, sending.score, sending.max_score, sending.comment, sending.timestamp, submitted
        )  # fmt: skip
        found = send(tool, of, sending.lineitem_url, score, now)
        return PushAnswer(found.state, found.words, found.wait, found.timestamp)

    return sent


def _handed_in_since(session: Session, push_id: int) -> datetime | None:
    """When the newest attempt was handed in, if no score has been sent since."""
    push = session.get_one(Push, push_id)
    newest = session.scalar(
        select(func.max(Attempt.submitted_at)).where(
            Attempt.assignment_id == push.assignment_id, Attempt.user_id == push.user_id
        )
    )
    before = session.scalar(
        select(func.max(Push.created_at)).where(
            Push.assignment_id == push.assignment_id,
            Push.user_id == push.user_id,
            Push.state.in_(("sent", "overridden")),
            Push.id < push_id,
        )
    )
    return newest if newest is not None and (before is None or newest > before) else None


def roster_of(tool: Tool, sessions: sessionmaker[Session]) -> Callable[[Session, Course], list[ListedMember]]:
    """What fetches the roster of a course. Raises `UsageError`, in words for instructors."""

    def fetched(_: Session, course: Course) -> list[ListedMember]:
        if course.platform_id is None or course.memberships_url is None:
            raise UsageError("The platform has not said where it lists this course: its roster service is off.")
        now = datetime.now(UTC)
        try:
            with sessions.begin() as session:
                of = client(session, tool, course.platform_id, now)
            found = members(tool, of, course.memberships_url, now)
        except (Refused, NoRoster) as error:
            raise UsageError(str(error)) from None
        return [
            ListedMember(one.subject, one.role, one.name, one.email, one.active) for one in found if one.role != "test"
        ]

    return fetched


class NoRoster(GraderError):
    """The platform gave no roster; the message says why, for an instructor."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a course. `subject` is the platform's id; name and address are "" where it keeps them."""

    subject: str
    name: str
    email: str
    role: Role
    active: bool


def members(tool: Tool, client: Client, memberships_url: str, now: datetime) -> tuple[Member, ...]:
    """Everybody in a course, each once. Raises `NoRoster`, also if a part is missing: whoever is not listed would be
    taken to have left."""
    ask = Ask("GET", with_query(memberships_url, urlencode({"limit": PER_PAGE})), names.ROSTER, names.ROSTER_TYPE)
    found: dict[str, Member] = {}
    try:
        for page in pages(tool, client, ask, now):
            if page.status != 200:
                raise NoRoster(_refusal(page.status))
            listed = page.object().get("members")
            if not isinstance(listed, list):
                raise NoRoster("The platform's answer holds no members.")
            for one in listed:
                member = _member(one) if isinstance(one, dict) else None
                if member is not None:
                    found[member.subject] = member
    except (NoAccess, Unreachable) as error:
        raise NoRoster(str(error)) from None
    if not found:
        raise NoRoster("The platform lists nobody in this course.")
    return tuple(found.values())


def _member(given: Mapping[str, Any]) -> Member | None:
    subject = given.get("user_id")
    if isinstance(subject, int):
        subject = str(subject)
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        return None
    roles = given.get("roles")
    roles = roles.split(",") if isinstance(roles, str) else roles  # as LTI 1.1 wrote them
    texts = {name: str(given.get(name) or "").strip() for name in ("name", "given_name", "family_name", "email")}
    return Member(
        subject,
        (texts["name"] or f"{texts['given_name']} {texts['family_name']}".strip())[:300],
        texts["email"][:300],
        role(one.strip() for one in roles if isinstance(one, str)) if isinstance(roles, list) else "student",
        str(given.get("status") or "Active").lower() == "active",
    )


def _refusal(status: int) -> str:
    if status in (401, 403):
        return "The platform does not let this tool read who is in the course: the service is switched off for it."
    if status == 404:
        return "The platform no longer knows this course. Open a link in the course again."
    return f"The platform gave no list of the course (status {status})."
