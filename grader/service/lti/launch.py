"""The steps of a launch: the platform says who it is, and we send the browser to it with a state and a nonce, which
come back as tickets (signed, for one purpose, for a time); then what the platform signed is checked, and tied to the
browser that began it"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

from sqlalchemy import CursorResult, delete, update
from sqlalchemy.orm import Session

from grader.service.lti import claims as names
from grader.service.lti.claims import Refused, Role, role
from grader.service.lti.registered import Registered, by_id, by_issuer, known_deployment, origin
from grader.service.lti.tokens import verified
from grader.service.lti.tool import Tool
from grader.service.store.tables import LoginState

SEEN_SECONDS = 600.0
"""How long somebody may take to open the new tab."""

_WORDS = {
    "access_denied": "Your learning platform did not let you in. Sign in there again and open the link.",
    "login_required": "You are no longer signed in at your learning platform. Sign in there and open the link again.",
    "unauthorized_client": "Your learning platform does not know our client id. Its administrator can help.",
    "launch_no_longer_valid": "This launch is no longer valid. Go back to your course and open the link again.",
}

Message = Literal["LtiResourceLinkRequest", "LtiDeepLinkingRequest", "LtiSubmissionReviewRequest"]


LASTS = timedelta(minutes=10)
"""How long somebody may take to sign in at the platform."""

MAX_PARAMETER_LENGTH = 4096
"""Characters of a parameter."""


def ticket(secret: str, purpose: str, value: Any, now: datetime) -> str:
    """`value` (JSON) as letters, digits, `-`, `_` and one dot; readable by everybody, made by nobody else."""
    body = base64.urlsafe_b64encode(json.dumps([int(now.timestamp()), value], separators=(",", ":")).encode())
    return f"{body.decode().rstrip('=')}.{_sign(secret, purpose, body.decode().rstrip('='))}"


def redeemed(secret: str, purpose: str, given: str, now: datetime, seconds: float) -> Any:
    """The value of a ticket that is at most so many seconds old. Raises `Refused`."""
    body, _, signature = given.partition(".")
    if not hmac.compare_digest(_sign(secret, purpose, body).encode(), signature.encode()):
        raise Refused("ticket", "This page is no longer valid. Go back to your course and open the link again.")
    made, value = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    if not 0 <= now.timestamp() - made + 1 <= seconds + 1:
        raise Refused("ticket", "This page is too old. Go back to your course and open the link again.")
    return value


def digest(text: str) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def _sign(secret: str, purpose: str, body: str) -> str:
    return hmac.new(secret.encode(), f"lti ticket: {purpose}: {body}".encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Login:
    """A login that has begun. `browser` is what the browser has to show at the launch: from its cookie, or from the
    platform's storage (`storage` is the name of the frame that has it; None: the platform did not say)."""

    platform: Registered
    url: str
    state: str
    browser: str = field(repr=False)
    storage: str | None


def begun(session: Session, own_url: str, given: Mapping[str, str], now: datetime) -> Login:
    """Begin a login with the parameters of the request. Raises `Refused`."""
    if any(len(value) > MAX_PARAMETER_LENGTH for value in given.values()):
        raise Refused("size", "The request of your learning platform is too large.", 400)
    issuer, hint, target = given.get("iss"), given.get("login_hint"), given.get("target_link_uri")
    if not issuer or not hint:
        raise Refused("login", "This page is opened from a course: by itself it does not know who you are.", 400)
    if target and not is_ours(target, own_url):
        raise Refused("target", "Your learning platform asks for a page of another server.", 400)
    platform = by_issuer(session, issuer, given.get("client_id") or None, given.get("lti_deployment_id") or None)
    session.execute(delete(LoginState).where(LoginState.expires_at < now))
    state, nonce, browser = (secrets.token_urlsafe(32) for _ in range(3))
    session.add(
        LoginState(
            state=state,
            nonce=nonce,
            platform_id=platform.id,
            browser=digest(browser),
            expires_at=now + LASTS,
            used_at=None,
        )
    )
    asked = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": platform.client_id,
        "redirect_uri": f"{own_url}/lti/launch",
        "login_hint": hint,
        "state": state,
        "nonce": nonce,
    }
    if given.get("lti_message_hint"):
        asked["lti_message_hint"] = given["lti_message_hint"]
    joint = "&" if urlsplit(platform.auth_url).query else "?"
    return Login(
        platform, f"{platform.auth_url}{joint}{urlencode(asked)}", state, browser, given.get("lti_storage_target")
    )


def is_ours(target: str, own_url: str) -> bool:
    """Whether a link leads to this server."""
    ours = urlsplit(own_url).path.rstrip("/")
    path = urlsplit(target).path
    return (
        origin(target) is not None
        and origin(target) == origin(own_url)
        and (path == ours or path.startswith(ours + "/"))
    )


@dataclass(frozen=True, slots=True)
class LaunchPerson:
    """Who launches. `subject` is the platform's id; name and address are "" where the platform keeps them."""

    subject: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class LaunchPlace:
    """A course (`LtiContext`) or a link in it, by the platform's id."""

    id: str
    label: str
    title: str


@dataclass(frozen=True, slots=True)
class Scores:
    """Where scores go (AGS). `lineitem` is None where the link has no column, or several."""

    scopes: frozenset[str]
    lineitems: str | None
    lineitem: str | None


@dataclass(frozen=True, slots=True)
class DeepLinking:
    """Where chosen exercises go. `data` comes back with them; `many`: whether several may be chosen; `columns`: whether
    they may bring a column of the gradebook each."""

    return_url: str
    data: str | None
    many: bool
    columns: bool


@dataclass(frozen=True, slots=True)
class Launch:
    """A checked message. `deployment` is the platform's id of the deployment; `custom` has no unexpanded variables."""

    platform: Registered
    deployment: str
    message: Message
    person: LaunchPerson
    role: Role
    course: LaunchPlace
    link: LaunchPlace | None
    custom: Mapping[str, str]
    scores: Scores | None
    roster_url: str | None
    deep_linking: DeepLinking | None
    reviewed: str | None
    """Of a submission review: the platform's id of the student."""
    state: str = field(repr=False)

    @property
    def teaches(self) -> bool:
        return self.role in ("instructor", "assistant")


@dataclass(frozen=True, slots=True)
class Seen:
    """A launch of a browser that did not show what it was given at the login. `ticket` is our word that its token was
    valid when it arrived; with it the launch may be brought again within ten minutes, from a page of ours."""

    launch: Launch
    ticket: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a browser brings. `browser` is the value of the login, from the cookie or from the platform's storage;
    `ticket` is that of `Seen`."""

    token: str = field(repr=False)
    state: str = field(repr=False)
    browser: tuple[str, ...] = field(repr=False)
    ticket: str | None = field(repr=False, default=None)


def received(session: Session, tool: Tool, given: Arrived, now: datetime) -> Launch | Seen:
    """The launch, or `Seen` if the browser could not be recognised. Its state is then used up only by `taken`.

    Raises `Refused`; nothing has been stored then."""
    begun = session.get(LoginState, given.state) if given.state else None
    if begun is None or begun.expires_at < now or begun.used_at is not None:
        raise Refused("state", "This launch was used already, or took too long. Open the link in your course again.")
    platform = by_id(session, begun.platform_id)
    at = _valid_at(tool, given, now)
    found = verified(given.token, platform, tool.keys, at)
    nonce = found.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), begun.nonce.encode()):
        raise Refused("nonce", "This launch does not belong to the login that was begun. Open the link again.")
    launch = _read(session, tool.url, platform, found, given.state)
    if any(hmac.compare_digest(digest(one), begun.browser) for one in given.browser):
        return launch
    return Seen(launch, ticket(tool.secret, f"seen {given.state}", [digest(given.token), int(at.timestamp())], now))


def taken(session: Session, launch: Launch, now: datetime) -> None:
    """Use up the state of a launch: of two that bring it at the same moment, one is refused. Raises `Refused`."""
    done = session.execute(
        update(LoginState).where(LoginState.state == launch.state, LoginState.used_at.is_(None)).values(used_at=now)
    )
    assert isinstance(done, CursorResult)
    if done.rowcount != 1:
        raise Refused("state", "This launch was used already. Open the link in your course again.")


def refusal(error: str) -> Refused:
    """The `Refused` for what a platform sends instead of a token."""
    said = _WORDS.get(error, "Your learning platform could not sign you in. Go back to your course and try again.")
    return Refused("platform-error", said)


def _valid_at(tool: Tool, given: Arrived, now: datetime) -> datetime:
    """When the token has to be valid: now, or when it was seen."""
    if given.ticket is None:
        return now
    token, at = redeemed(tool.secret, f"seen {given.state}", given.ticket, now, SEEN_SECONDS)
    if token != digest(given.token):
        raise Refused("ticket", "This page is no longer valid. Go back to your course and open the link again.")
    return datetime.fromtimestamp(at, UTC)


def _read(session: Session, own_url: str, platform: Registered, found: Mapping[str, Any], state: str) -> Launch:
    """The message in the claims of a checked token."""
    if found.get(f"{names.LTI}version") != "1.3.0":
        raise Refused("version", "Your learning platform does not speak LTI 1.3.")
    message = found.get(f"{names.LTI}message_type")
    if message not in (names.RESOURCE_LINK, names.DEEP_LINK, names.REVIEW):
        raise Refused("message", "Your learning platform asks for something that this tool does not do.")
    deployment = found.get(f"{names.LTI}deployment_id")
    if not isinstance(deployment, str) or not 0 < len(deployment) <= 255:
        raise Refused("deployment", "This launch does not name its deployment.")
    known_deployment(session, platform, deployment)
    target = found.get(f"{names.LTI}target_link_uri")
    if (target is None and message == names.RESOURCE_LINK) or (
        target is not None and not is_ours(str(target), own_url)
    ):
        raise Refused("target", "This launch asks for a page of another server.")
    given_roles = found.get(f"{names.LTI}roles")
    if not isinstance(given_roles, list) or not all(isinstance(one, str) for one in given_roles):
        raise Refused("roles", "This launch does not say what you are in the course.")
    link = _place(found.get(f"{names.LTI}resource_link"))
    if link is None and message != names.DEEP_LINK:
        raise Refused("link", "This launch does not say which link was opened.")
    course = _place(found.get(f"{names.LTI}context")) or _alone(link)
    if course is None:
        raise Refused("course", "This link is not in a course. Put it into one and open it there.")
    return Launch(
        platform=platform,
        deployment=deployment,
        message=message,
        person=_person(found),
        role=role(given_roles),
        course=course,
        link=link,
        custom=_custom(found.get(f"{names.LTI}custom")),
        scores=_scores(platform, found.get(names.ENDPOINT)),
        roster_url=_service(platform, _object(found.get(names.NAMES_ROLES)).get("context_memberships_url")),
        deep_linking=_deep_linking(found) if message == names.DEEP_LINK else None,
        reviewed=_text(_object(found.get(f"{names.LTI}for_user")).get("user_id")) or None,
        state=state,
    )


def _person(found: Mapping[str, Any]) -> LaunchPerson:
    subject = found.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise Refused(
            "sub",
            "Your learning platform did not say who you are, so nothing could be kept for you. If you are signed in as "
            "a guest, sign in as yourself.",
        )
    name = _text(found.get("name")) or f"{_text(found.get('given_name'))} {_text(found.get('family_name'))}".strip()
    return LaunchPerson(subject, name[:300], _text(found.get("email"))[:300])


def _place(given: Any) -> LaunchPlace | None:
    found = _object(given)
    number = found.get("id")
    if not isinstance(number, str) or not 0 < len(number) <= 255:
        return None
    return LaunchPlace(number, _text(found.get("label"))[:200], _text(found.get("title"))[:500])


def _alone(link: LaunchPlace | None) -> LaunchPlace | None:
    """The course of a link that is in none: one of its own."""
    return link and LaunchPlace(f"link {link.id}"[:255], "", link.title or "Exercises")


def _custom(given: Any) -> dict[str, str]:
    """Custom parameters as texts. A variable that the platform does not know arrives as it was written (`$Name`)."""
    found = _object(given)
    return {
        name: str(value)
        for name, value in found.items()
        if isinstance(value, str | int | float) and not str(value).startswith("$")
    }


def _scores(platform: Registered, given: Any) -> Scores | None:
    found = _object(given)
    if not found:
        return None
    scopes = found.get("scope")
    listed = scopes.split() if isinstance(scopes, str) else scopes
    return Scores(
        frozenset(one for one in listed if isinstance(one, str)) if isinstance(listed, list) else frozenset(),
        _service(platform, found.get("lineitems")),
        _service(platform, found.get("lineitem")),
    )


def _service(platform: Registered, given: Any) -> str | None:
    """The URL of a service. Our access tokens are sent there, so it must be the platform's own. Raises `Refused`."""
    if not isinstance(given, str) or not given:
        return None
    if not platform.owns(given):
        raise Refused(
            "service",
            "Your learning platform names a service at an address that is not among those registered here. The "
            "operator of this server can add it: `grader serve platform origin`.",
        )
    return given


def _deep_linking(found: Mapping[str, Any]) -> DeepLinking:
    given = _object(found.get(f"{names.DEEP_LINKING}deep_linking_settings"))
    url, accepted = given.get("deep_link_return_url"), given.get("accept_types")
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise Refused("deep-link", "Your learning platform does not say where the chosen exercises go.")
    if not isinstance(accepted, list) or "ltiResourceLink" not in accepted:
        raise Refused("deep-link", "An exercise cannot be put here: your learning platform does not take links here.")
    data = given.get("data")
    return DeepLinking(
        url,
        data if isinstance(data, str) else None,
        given.get("accept_multiple") in (True, "true"),
        given.get("accept_lineitem") not in (False, "false"),
    )


def _object(given: Any) -> dict[str, Any]:
    return given if isinstance(given, dict) else {}


def _text(given: Any) -> str:
    return given.strip() if isinstance(given, str) else ""
