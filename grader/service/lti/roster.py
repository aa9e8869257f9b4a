"""Who is in a course, from the platform (NRPS), page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from grader.errors import GraderError
from grader.service.lti import claims as names
from grader.service.lti.claims import Role, role
from grader.service.lti.outbound import Unreachable
from grader.service.lti.tool import Ask, Client, NoAccess, Tool, pages, with_query

PER_PAGE = 200


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
