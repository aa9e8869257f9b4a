"""The platform's gradebook (AGS): its columns (line items), where the one of an assignment is looked for before one is
made; and scores sent to them, with what the answer means in words for an instructor.

Only final scores are sent. A score that is not `FullyGraded` makes Moodle erase the grade it has, with status 200."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import urlencode

from grader.service.lti import claims as names
from grader.service.lti.launch import Scores
from grader.service.lti.outbound import HttpAnswer, Unreachable, asked_wait
from grader.service.lti.tool import Ask, Client, NoAccess, Tool, answer, below, pages, with_query

MAX_COMMENT_BYTES = 2000
"""Bytes of a comment."""

CANVAS = "https://canvas.instructure.com/lti/submission"

PLATFORM_ROUNDING = 0.0051
"""By how much a share of the points may differ because the platform rounds."""

State = Literal["sent", "overridden", "later", "failed"]
"""`sent`: the platform has it; `overridden`: it keeps another grade, which a teacher gave; `later`: try again;
`failed`: trying again does not help until somebody changes something."""


@dataclass(frozen=True, slots=True)
class Score:
    """A final score of a student. `user` is the platform's id; `timestamp` is later than that of the score before.
    `submitted_at`: when it was handed in, if that has happened since the score before."""

    user: str
    given: float
    maximum: float
    comment: str = field(repr=False)
    timestamp: datetime
    submitted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a score. `timestamp` is the one that it was sent with; `wait`: seconds that the platform asks
    for."""

    state: State
    words: str
    timestamp: datetime | None = None
    wait: float | None = None


def send(tool: Tool, client: Client, lineitem: str, score: Score, now: datetime) -> Answer:
    """Send a score to a line item, and read back what the platform shows. Never raises for what a platform does."""
    if not score.maximum > 0:
        return Answer("failed", "The exercise has no points, so there is no score to send.")
    stamp = max(now, score.timestamp)
    try:
        found = _posted(tool, client, lineitem, score, stamp, now)
        if found.status == 409:
            # The platform has a score of this second or later: once more, later than its own clock.
            stamp = max(stamp, _clock(found, now)) + timedelta(seconds=1)
            found = _posted(tool, client, lineitem, score, stamp, now)
    except NoAccess as error:
        return Answer(_after(error.status), str(error), wait=error.wait)
    except Unreachable as error:
        return Answer("later", str(error))
    if not 200 <= found.status < 300:
        return _told(client, found, now)
    return _read_back(tool, client, lineitem, score, Answer("sent", "The platform has the score.", stamp))


def _posted(tool: Tool, client: Client, lineitem: str, score: Score, stamp: datetime, now: datetime) -> HttpAnswer:
    body = json.dumps(_body(client, score, stamp)).encode()
    return answer(tool, client, Ask("POST", below(lineitem, "scores"), names.SCORE, "*/*", names.SCORE_TYPE, body), now)


def _body(client: Client, score: Score, stamp: datetime) -> dict[str, Any]:
    body: dict[str, Any] = {
        "userId": score.user,
        "scoreGiven": clamped(score.given, score.maximum),
        "scoreMaximum": score.maximum,
        "comment": shortened(score.comment),
        "timestamp": _written(stamp),
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
    }
    if client.platform.product == "canvas":
        # Without this every score, also that of a regrade, counts as a new attempt of the student.
        body[CANVAS] = {"new_submission": score.submitted_at is not None}
        if score.submitted_at is not None:
            body[CANVAS] |= {"submission_type": "external_tool", "submitted_at": _written(score.submitted_at)}
    return body


def clamped(given: float, maximum: float) -> float:
    """Points between 0 and the maximum: platforms keep what is beyond, and show it."""
    return min(max(given, 0.0), maximum)


def shortened(comment: str) -> str:
    """A comment of at most 2,000 bytes, as plain text without control characters."""
    plain = re.sub(r"[^\S\n]+", " ", "".join(one for one in comment if one in "\n\t" or one.isprintable())).strip()
    data = plain.encode()
    if len(data) <= MAX_COMMENT_BYTES:
        return plain
    cut = data[: MAX_COMMENT_BYTES - 4].decode(errors="ignore")
    return f"{cut[: cut.rfind(' ')] if ' ' in cut[-200:] else cut} …"


def _written(at: datetime) -> str:
    """ISO 8601 with the zone and fractions of a second, as Canvas asks for."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _clock(found: HttpAnswer, now: datetime) -> datetime:
    """The platform's time, if it says so and is not wildly different: a score from the future blocks all later ones."""
    try:
        there = parsedate_to_datetime(found.headers.get("date", ""))
    except (ValueError, TypeError):
        return now
    there = there.replace(tzinfo=UTC) if there.tzinfo is None else there
    return there if abs(there - now) < timedelta(minutes=10) else now


def _after(status: int | None) -> State:
    return "later" if status is None or status in _PASSING or status >= 500 else "failed"


_PASSING = (408, 425, 429)
"""What a platform says while it is busy, besides its own errors."""

_MEANINGS = {
    400: "The platform takes no score for this person: it may be someone who teaches the course, or who is no longer "
    "enrolled in it.",
    401: "The platform does not accept our access token for this column: it belongs to another registration of this "
    "tool, or the tool's grade service is switched off.",
    403: "The platform does not allow a score here.",
    404: "The column of this assignment no longer exists in the gradebook, or the person has left the course. Open the "
    "link in the course again.",
    409: "The platform has a later score of this person, and refused this one twice.",
    410: "The column of this assignment no longer exists in the gradebook. Open the link in the course again.",
    413: "The platform finds the comment too long.",
    415: "The platform does not understand scores in the format of LTI 1.3 (AGS 2.0).",
    422: "The platform takes no score for this person: they may not be in the course, or their section may be closed.",
}


def _told(client: Client, found: HttpAnswer, now: datetime) -> Answer:
    """What a refusal means."""
    status = found.status
    if status in _PASSING or status >= 500 or (status == 403 and _is_throttled(found)):
        return Answer("later", f"The platform is busy (status {status}).", wait=asked_wait(found, now))
    if status == 409:
        return Answer("later", _MEANINGS[409])
    if 300 <= status < 400:
        return Answer(
            "failed", "The platform sends to another address, which is not followed: its address here is old."
        )
    words = _MEANINGS.get(status, f"The platform refused the score (status {status}).")
    if client.platform.product == "canvas" and status in (400, 403, 404, 422):
        words += " On Canvas, the course and the assignment must be published before scores can be sent."
    return Answer("failed", words)


def _is_throttled(found: HttpAnswer) -> bool:
    """Canvas says 403 where others say 429."""
    try:
        return (
            float(found.headers.get("x-rate-limit-remaining", "1")) <= 0 or b"Rate Limit Exceeded" in found.body[:200]
        )
    except ValueError:
        return False


def _read_back(tool: Tool, client: Client, lineitem: str, score: Score, sent: Answer) -> Answer:
    """What the gradebook shows now. A teacher's grade stays there although our score was taken with status 200."""
    url = with_query(below(lineitem, "results"), urlencode({"user_id": score.user}))
    assert sent.timestamp is not None
    try:
        found = answer(tool, client, Ask("GET", url, names.RESULT_READ, names.RESULTS_TYPE), sent.timestamp)
        results = found.json() if found.status == 200 else None
    except (NoAccess, Unreachable):
        results = None
    if not isinstance(results, list):
        return Answer("sent", f"{sent.words} It could not be read back.", sent.timestamp)
    own = next((one for one in results if isinstance(one, dict) and str(one.get("userId")) == score.user), None)
    shown = own and own.get("resultScore")
    if own is None or not isinstance(shown, int | float):
        return Answer("sent", "The platform took the score and shows no grade yet.", sent.timestamp)
    most = own.get("resultMaximum")
    most = float(most) if isinstance(most, int | float) and most > 0 else score.maximum
    if abs(shown / most - clamped(score.given, score.maximum) / score.maximum) <= PLATFORM_ROUNDING:
        return sent
    return Answer(
        "overridden",
        f"The platform took the score but shows {shown:g} of {most:g}: a grade given by hand there stays.",
        sent.timestamp,
    )


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
