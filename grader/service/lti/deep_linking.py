"""The answer to a deep link: chosen exercises become links in the course, each with a column of the gradebook."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from grader.service.lti import claims as names
from grader.service.lti.gradebook import REVIEW, TAG, resource_of
from grader.service.lti.launch import DeepLinking
from grader.service.lti.tool import Client, Tool


@dataclass(frozen=True, slots=True)
class Chosen:
    """An assignment that becomes a link."""

    assignment_id: int
    name: str
    title: str
    text: str
    maximum: float
    opens_at: datetime | None = None
    due_at: datetime | None = None
    closes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """What a deep link asked for, and by which deployment."""

    deployment: str
    settings: DeepLinking


def response(tool: Tool, client: Client, asked: LinkRequest, chosen: Sequence[Chosen], now: datetime) -> str:
    """The JWT to send to the platform's return URL; with nothing chosen it says so."""
    at = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": client.platform.client_id,
        "aud": client.platform.issuer,
        "iat": at,
        "exp": at + 300,
        "nonce": secrets.token_urlsafe(16),
        f"{names.LTI}deployment_id": asked.deployment,
        f"{names.LTI}message_type": "LtiDeepLinkingResponse",
        f"{names.LTI}version": "1.3.0",
        f"{names.DEEP_LINKING}content_items": [_item(tool, one, asked.settings.columns) for one in chosen],
    }
    if asked.settings.data is not None:
        claims[f"{names.DEEP_LINKING}data"] = asked.settings.data
    if not chosen:
        claims[f"{names.DEEP_LINKING}msg"] = "Nothing was chosen."
    return client.key.signed(claims)


def _item(tool: Tool, one: Chosen, columns: bool) -> dict[str, Any]:
    item: dict[str, Any] = {
        "type": "ltiResourceLink",
        "title": one.title,
        "url": f"{tool.url}/lti/launch",
        "custom": custom(tool.secret, one.assignment_id, one.name),
    }
    if one.text:
        item["text"] = one.text
    if columns:
        item["lineItem"] = {
            "scoreMaximum": one.maximum,
            "label": one.title,
            "resourceId": resource_of(one.assignment_id),
            "tag": TAG,
            "submissionReview": REVIEW,
        }
    available = {"startDateTime": _written(one.opens_at), "endDateTime": _written(one.closes_at)}
    for name, times in (("available", available), ("submission", {"endDateTime": _written(one.due_at)})):
        told = {key: value for key, value in times.items() if value}
        if told:
            item[name] = told
    return item


def custom(secret: str, assignment_id: int, name: str) -> dict[str, str]:
    """The custom parameters of a link, by which its launches find their assignment, also in a copy of the course."""
    return {"exercise": name, "assignment": f"{assignment_id}-{_sign(secret, assignment_id)}"}


def linked(secret: str, parameters: Mapping[str, str]) -> int | None:
    """The assignment that a link's parameters name. They are signed: whoever edits a link reaches no other course."""
    number, _, signature = parameters.get("assignment", "").partition("-")
    if not number.isascii() or not number.isdecimal() or len(number) > 15:
        return None
    if not hmac.compare_digest(_sign(secret, int(number)).encode(), signature.encode()):
        return None
    return int(number)


def _sign(secret: str, assignment_id: int) -> str:
    return hmac.new(secret.encode(), f"lti link: {assignment_id}".encode(), hashlib.sha256).hexdigest()[:32]


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds")
