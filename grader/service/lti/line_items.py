"""Columns of the platform's gradebook (AGS line items): the one of an assignment is looked for before one is made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from grader.service.lti import claims as names
from grader.service.lti.access import NoAccess
from grader.service.lti.launch import Scores
from grader.service.lti.outbound import Unreachable
from grader.service.lti.services import Ask, answer, pages, with_query
from grader.service.lti.tool import Client, Tool

TAG = "grade"

REVIEW = {"reviewableStatus": ["Completed"]}
"""In a column: whoever teaches can open a student's work from the gradebook (`LtiSubmissionReviewRequest`)."""


@dataclass(frozen=True, slots=True)
class Column:
    """What a column is for. `resource` is our id of the assignment, `link` the platform's of the link, if any."""

    label: str
    maximum: float
    resource: str
    link: str | None


def resource_of(assignment_id: int) -> str:
    """Our id of an assignment in line items."""
    return f"assignment-{assignment_id}"


def column(tool: Tool, client: Client, scores: Scores, wanted: Column, now: datetime) -> str | None:
    """The URL of the assignment's line item: the one the launch names, one that is there already, or a new one. None
    where the platform lets us make none, or could not be asked."""
    if scores.lineitem is not None:
        return scores.lineitem
    if scores.lineitems is None:
        return None
    try:
        if scores.scopes & {names.LINE_ITEM, names.LINE_ITEM_READ}:
            found = _existing(tool, client, scores, wanted, now)
            if found is not None:
                return found
        return _made(tool, client, scores.lineitems, wanted, now) if names.LINE_ITEM in scores.scopes else None
    except (NoAccess, Unreachable):
        return None


def _existing(tool: Tool, client: Client, scores: Scores, wanted: Column, now: datetime) -> str | None:
    """The column with our id, or the only one of the link."""
    assert scores.lineitems is not None
    scope = names.LINE_ITEM if names.LINE_ITEM in scores.scopes else names.LINE_ITEM_READ
    query = {"resource_link_id": wanted.link} if wanted.link else {"resource_id": wanted.resource}
    ask = Ask("GET", with_query(scores.lineitems, urlencode(query)), scope, names.LINE_ITEMS_TYPE)
    items: list[dict[str, Any]] = []
    for page in pages(tool, client, ask, now):
        listed = page.json() if page.status == 200 else []
        items += [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    # Platforms may leave the filter aside.
    ours = [one for one in items if one.get("resourceId") == wanted.resource and one.get("tag") == TAG]
    linked = [one for one in items if wanted.link and one.get("resourceLinkId") == wanted.link]
    for chosen in (ours, linked if len(linked) == 1 else []):
        for one in chosen:
            url = one.get("id")
            if isinstance(url, str) and client.platform.owns(url):
                return url
    return None


def _made(tool: Tool, client: Client, lineitems: str, wanted: Column, now: datetime) -> str | None:
    body: dict[str, Any] = {
        "label": wanted.label,
        "scoreMaximum": wanted.maximum,
        "resourceId": wanted.resource,
        "tag": TAG,
        "submissionReview": REVIEW,
    }
    if wanted.link:
        body["resourceLinkId"] = wanted.link
    ask = Ask("POST", lineitems, names.LINE_ITEM, names.LINE_ITEM_TYPE, names.LINE_ITEM_TYPE, json.dumps(body).encode())
    found = answer(tool, client, ask, now)
    if not 200 <= found.status < 300:
        return None
    url = found.object().get("id")
    return url if isinstance(url, str) and client.platform.owns(url) else None
