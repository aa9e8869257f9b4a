"""Values that leave with a page and come back: signed, for one purpose, for a time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from grader.service.lti.claims import Refused


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
