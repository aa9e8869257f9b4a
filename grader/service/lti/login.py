"""The first step of a launch: the platform says who it is, and we send the browser to it with a state and a nonce,
which come back as tickets: signed, for one purpose, for a time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from sqlalchemy import delete
from sqlalchemy.orm import Session

from grader.service.lti.claims import Refused
from grader.service.lti.registered import Registered, by_issuer, origin
from grader.service.store.tables import LoginState


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


LASTS = timedelta(minutes=10)
"""How long somebody may take to sign in at the platform."""

LONGEST = 4096
"""Characters of a parameter."""


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
    if any(len(value) > LONGEST for value in given.values()):
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
