"""Who is signed in: a cookie with a random token, of which the database has the digest.

A launch from a platform has a cookie for its course, so that two courses open side by side do not sign each other out;
a local user has one cookie for all."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from grader.service.lti.registered import registered
from grader.service.settings import Settings
from grader.service.store.tables import Course, Enrolment, Platform, User, WebSession
from grader.service.web.context import service
from grader.service.web.security import allow_framing

HOURS = 12
"""How long a session lasts."""


@dataclass(frozen=True, slots=True)
class SessionUser:
    """Whose browser it is. `course_id`: the only course of the session; None: all courses of the person."""

    user_id: int
    name: str
    course_id: int | None
    platform_id: int | None
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person in the course of the request's path."""

    user_id: int
    name: str
    course_id: int
    course_title: str
    role: str
    """`student`, `instructor`, `assistant` or `test`."""
    pseudonym: str
    platform_id: int | None
    token: str = field(repr=False)

    @property
    def teaches(self) -> bool:
        return self.role in ("instructor", "assistant")


def begin_session(session: Session, user: int, course: int | None, platform: int | None, now: datetime) -> str:
    """Begin a session of the user with this id; return the token for its cookie. Sessions that have run out are
    removed."""
    token = secrets.token_urlsafe(32)
    session.execute(delete(WebSession).where(WebSession.expires_at < now))
    session.add(
        WebSession(
            digest=digest_of(token),
            user_id=user,
            course_id=course,
            platform_id=platform,
            created_at=now,
            expires_at=now + timedelta(hours=HOURS),
        )
    )
    return token


def set_session_cookie(response: Response, settings: Settings, token: str, course: int | None = None) -> None:
    """Send the cookie of a session. `course`: of a launch into this course, whose pages the platform may frame."""
    _send(response, settings, course, f"{token}; Max-Age={HOURS * 3600}")


def end_session(request: Request, session: Session, response: Response) -> None:
    """Remove the session of the request, and its cookie."""
    found = person(request)
    session.execute(delete(WebSession).where(WebSession.digest == digest_of(found.token)))
    _send(response, service(request).settings, found.course_id, "; Max-Age=0")


def _send(response: Response, settings: Settings, course: int | None, value: str) -> None:
    # Written by hand: the standard library knows `Partitioned` from Python 3.14 on.
    written = f"{_cookie(settings, course)}={value}; Path=/; HttpOnly"
    if not settings.url.startswith("https:"):
        written += "; SameSite=Lax"
    else:
        written += "; Secure; SameSite=Lax" if course is None else "; Secure; SameSite=None; Partitioned"
    response.headers.append("set-cookie", written)


def _cookie(settings: Settings, course: int | None) -> str:
    prefix = "__Host-" if settings.url.startswith("https:") else ""
    return f"{prefix}grader" if course is None else f"{prefix}grader-{course}"


def digest_of(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def session_tokens(request: HTTPConnection) -> list[str]:
    """The tokens that a browser sends for this path: first that of the course, then that of a local user."""
    settings = service(request).settings
    # The guard of forms asks before the path has been matched.
    parts = request.url.path.split("/")
    course = parts[2] if parts[1] == "courses" and len(parts) > 2 and parts[2].isdecimal() else None
    names = [] if course is None or len(course) > 18 else [_cookie(settings, int(course))]
    names.append(_cookie(settings, None))
    return [found for one in names if (found := request.cookies.get(one))]


def person(request: Request) -> SessionUser:
    """Whose browser it is. Raises `HTTPException` 401 if nobody is signed in."""
    known: SessionUser | None = getattr(request.state, "person", None)
    if known is not None:
        return known
    here = service(request)
    with here.sessions() as session:
        for token in session_tokens(request):
            row = session.execute(
                select(WebSession, User)
                .join(User, User.id == func.coalesce(WebSession.viewing_as, WebSession.user_id))
                .where(WebSession.digest == digest_of(token), WebSession.expires_at > here.now())
            ).first()
            if row is None:
                continue
            found, user = row
            known = SessionUser(
                user.id, user.name or user.login or user.subject, found.course_id, found.platform_id, token
            )
            if found.platform_id is not None:
                allow_framing(request, framing_origins(session, found.platform_id, found.course_id))
            request.state.person = known
            return known
    raise HTTPException(401)


def maybe_person(request: Request) -> SessionUser | None:
    """Whose browser it is; None if nobody is signed in."""
    try:
        return person(request)
    except HTTPException:
        return None


def signed_in(request: Request) -> SignedIn:
    """The person in the course of the path (`{course:int}`). Raises `HTTPException`: 401 if nobody is signed in, 404
    for a course that does not exist or that the person, or the session, is not of."""
    known: SignedIn | None = getattr(request.state, "signed_in", None)
    if known is not None:
        return known
    who = person(request)
    course = request.path_params["course"]
    if who.course_id not in (None, course):
        raise HTTPException(404)
    with service(request).sessions() as session:
        row = session.execute(
            select(Enrolment, Course)
            .join(Course, Course.id == Enrolment.course_id)
            .where(Enrolment.course_id == course, Enrolment.user_id == who.user_id, Enrolment.active)
        ).first()
    if row is None:
        raise HTTPException(404)
    enrolment, of = row
    known = SignedIn(
        who.user_id, who.name, course, of.title, enrolment.role, enrolment.pseudonym, who.platform_id, who.token
    )
    request.state.signed_in = known
    return known


def instructor(request: Request) -> SignedIn:
    """The person in the course of the path, who teaches it. Raises `HTTPException` like `signed_in`, and 403 for a
    student."""
    who = signed_in(request)
    if not who.teaches:
        raise HTTPException(403)
    return who


def framing_origins(session: Session, platform: int, course: int | None) -> list[str]:
    """The origins of a platform: they may frame the pages of its launches. Hosted platforms serve courses from another
    origin than tokens; the addresses of the course's services have it."""
    found = session.get(Platform, platform)
    if found is None:
        return []
    urls: list[str] = []
    if course is not None and (of := session.get(Course, course)) is not None:
        urls = [of.memberships_url or "", of.lineitems_url or ""]
    seen = (origin for one in urls if (origin := origin_of(one)))
    return list(dict.fromkeys([*registered(found).frame_ancestors, *seen]))


def origin_of(url: str) -> str:
    """Scheme, host and port of an address; "" if it has none that a policy could name."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or host is None or not all(c.isalnum() or c in "-.:" for c in host):
        return ""
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + ("" if port is None else f":{port}")
