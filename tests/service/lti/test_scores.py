"""Scores on the way to a gradebook: what is sent, and what the answers mean."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from grader.service.lti import claims as names
from grader.service.lti.gradebook import CANVAS, Answer, Score, clamped, send, shortened
from grader.service.lti.tool import below, next_page, with_query
from grader.service.monitoring import Metrics
from grader.service.platform_calls import sender
from grader.service.store.tables import Assignment, User
from grader.service.work.background import PushWorker
from grader.service.work.pushes import queue_push
from tests.service.lti.site import Both
from tests.service.making import attempt, with_score
from tests.service.platform_simulator.platform import Answer as Reply

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 29, 12, microsecond=250_000, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _one_clock(both: Both) -> None:
    both.platform.now = lambda: NOW


def on_canvas() -> Both:
    made = Both("canvas")
    made.platform.now = lambda: NOW
    return made


def written(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def score(given: float = 8.0, **changed: Any) -> Score:
    return replace(Score("3", given, 16.0, "8 of 16 points", NOW), **changed)


def sent(both: Both, wanted: Score | None = None, now: datetime = NOW) -> Answer:
    return send(both.tool, both.client(), both.platform.item_url(1), wanted or score(), now)


def posted(both: Both) -> list[dict[str, Any]]:
    return [json.loads(body) for method, path, _, body in both.platform.requests if "/scores" in path]


def test_a_score_arrives_with_its_comment_scaled_to_the_column(both: Both) -> None:
    answer = sent(both)

    grade = both.platform.items[1].grades["3"]
    assert (grade.score, grade.comment) == (50.0, "8 of 16 points")
    assert (answer.state, answer.words) == ("sent", "The platform has the score.")


def test_the_scores_address_keeps_the_query_of_its_line_item() -> None:
    url = "https://lms.example/mod/lti/services.php/2/lineitems/7/lineitem?type_id=1"

    assert below(url, "scores") == "https://lms.example/mod/lti/services.php/2/lineitems/7/lineitem/scores?type_id=1"
    assert with_query(url, "user_id=3").endswith("lineitem?type_id=1&user_id=3")


def test_every_score_is_final_and_has_a_comment_and_a_time_with_fractions(both: Both) -> None:
    sent(both)

    (body,) = posted(both)
    assert body == {
        "userId": "3", "scoreGiven": 8.0, "scoreMaximum": 16.0, "comment": "8 of 16 points",
        "timestamp": written(NOW), "activityProgress": "Completed", "gradingProgress": "FullyGraded",
    }  # fmt: skip


def test_a_score_of_the_same_second_is_sent_once_more_with_a_later_time(both: Both) -> None:
    sent(both)
    both.platform.now = lambda: NOW
    answer = sent(both, score(12.0))

    assert answer.state == "sent"
    assert both.platform.items[1].grades["3"].score == 75.0
    assert [one["timestamp"] for one in posted(both)][1:] == [
        written(NOW), written(NOW + timedelta(seconds=1)),
    ]  # fmt: skip


def test_a_score_that_is_refused_twice_as_too_old_is_tried_later(both: Both) -> None:
    sent(both, score(timestamp=NOW + timedelta(days=1)))
    answer = sent(both)

    assert answer.state == "later"
    assert len(posted(both)) == 3


def test_after_a_conflict_the_platforms_own_clock_is_used(both: Both) -> None:
    ahead = NOW + timedelta(seconds=90)
    sent(both, score(timestamp=ahead))
    both.platform.now = lambda: ahead
    answer = sent(both, score(12.0))

    assert answer.state == "sent"
    assert answer.timestamp == ahead.replace(microsecond=0) + timedelta(seconds=1)


def test_after_a_conflict_the_next_score_is_later_than_what_was_sent_then(both: Both) -> None:
    """The clock of the platform is ahead of ours."""
    both.platform.now = lambda: datetime.now(UTC)
    both.launch()
    ahead = datetime.now(UTC) + timedelta(seconds=90)
    sent(both, score(timestamp=ahead), datetime.now(UTC))
    both.platform.now = lambda: ahead
    worker = PushWorker(both.sessions, sender(both.tool, both.sessions), Metrics())
    for number, points in enumerate((4.0, 12.0), 1):
        with both.sessions.begin() as session:
            student, assignment = session.scalars(select(User)).one(), session.scalars(select(Assignment)).one()
            made = attempt(session, assignment, student, number, submitted_at=datetime.now(UTC))
            with_score(session, made, points)
            queue_push(session, assignment, student.id, datetime.now(UTC))
        assert worker.send_one()

    assert [one["scoreGiven"] for one in posted(both)] == [8.0, 4.0, 4.0, 12.0]
    assert both.platform.items[1].grades["3"].score == 75.0


def test_a_grade_that_a_teacher_gave_stays_and_is_told(both: Both) -> None:
    both.platform.items[1].overrides["3"] = 42.0
    answer = sent(both)

    assert answer.state == "overridden"
    assert answer.words == "The platform took the score but shows 42 of 100: a grade given by hand there stays."


def test_where_the_score_cannot_be_read_back_it_still_counts_as_sent(both: Both) -> None:
    both.platform.scopes.discard(names.RESULT_READ)
    answer = sent(both)

    assert (answer.state, answer.words) == ("sent", "The platform has the score. It could not be read back.")


def test_a_score_that_the_platform_does_not_show_yet_is_told(both: Both) -> None:
    both.platform.busy = [Reply(200)]

    assert sent(both).words == "The platform took the score and shows no grade yet."


@pytest.mark.parametrize(
    ("reply", "state", "said"),
    [
        (Reply.json([], 400), "failed", "no longer enrolled"),
        (Reply.json([], 403), "failed", "does not allow"),
        (Reply.json([], 404), "failed", "Open the link in the course again"),
        (Reply(302, {"location": "https://evil.example"}), "failed", "another address"),
        (Reply(422), "failed", "takes no score"),
        (Reply(429, {"retry-after": "17"}), "later", "busy"),
        (Reply(403, {"x-rate-limit-remaining": "0.0"}), "later", "busy"),
        (Reply(503), "later", "busy"),
        (Reply(408), "later", "busy"),
        (Reply(500), "later", "busy"),
    ],
)
def test_refusals_are_told_in_words(both: Both, reply: Reply, state: str, said: str) -> None:
    both.platform.busy = [reply]
    answer = sent(both)

    assert answer.state == state
    assert said in answer.words
    assert answer.wait == (17.0 if reply.status == 429 else None)


def test_a_score_for_somebody_who_teaches_is_refused_by_moodle_and_explained(both: Both) -> None:
    assert "teaches the course" in sent(both, score(user="2")).words


def test_an_unpublished_assignment_of_canvas_is_explained() -> None:
    both = on_canvas()
    both.register(product="canvas", issuer="https://canvas.instructure.com", origins=("https://lms.school.example",))
    both.platform.add_link("One")
    both.platform.items[1].published = False

    assert "must be published" in sent(both).words


def test_on_canvas_a_new_attempt_is_told_apart_from_a_regrade() -> None:
    both = on_canvas()
    both.register()
    both.platform.add_link("One")
    sent(both, score(submitted_at=NOW - timedelta(minutes=1)))
    sent(both, score(12.0, timestamp=NOW + timedelta(seconds=5)))

    first, second = (one[CANVAS] for one in posted(both))
    assert first == {
        "new_submission": True, "submission_type": "external_tool", "submitted_at": written(NOW - timedelta(minutes=1)),
    }  # fmt: skip
    assert second == {"new_submission": False}


def test_a_token_that_the_platform_has_forgotten_is_asked_for_again(both: Both) -> None:
    sent(both)
    both.platform.tokens.clear()

    assert sent(both, score(12.0, timestamp=NOW + timedelta(seconds=5))).state == "sent"


def test_a_token_is_used_again_until_shortly_before_its_end(both: Both) -> None:
    client = both.client()
    first = both.tool.access.token(client, names.SCORE, NOW)
    both.platform.now = lambda: NOW + timedelta(minutes=59)

    assert both.tool.access.token(client, names.SCORE, NOW + timedelta(minutes=58)) == first
    assert both.tool.access.token(client, names.SCORE, NOW + timedelta(minutes=59, seconds=1)) != first


@pytest.mark.parametrize(
    ("said", "wait"),
    [("30", 30.0), ("-1", 0.0), ("99999", 3600.0), ("Sun, 29 Nov 2026 12:01:00 GMT", 59.75), ("soon", None),
     ("inf", None), ("nan", None)],
)  # fmt: skip
def test_a_platform_that_gives_no_token_now_is_asked_when_it_says(both: Both, said: str, wait: float | None) -> None:
    original = both.platform.handle

    def handle(method: str, target: str, *rest: Any) -> Reply:
        return Reply(429, {"retry-after": said}) if target == "/token" else original(method, target, *rest)

    both.platform.handle = handle  # type: ignore[method-assign]
    answer = sent(both)

    assert (answer.state, answer.wait) == ("later", wait)


def test_each_registration_has_its_own_token(both: Both) -> None:
    """A token of one client is refused (401) for another's columns, also at the same platform."""
    number = both.register(client_id="client-2", deployments=("2",))
    sent(both)
    other = send(both.tool, both.client(number), both.platform.item_url(1), score(), NOW)

    assert other.state == "failed"
    assert "does not accept our signature" in other.words


def test_a_platform_that_cannot_be_reached_is_tried_later(both: Both) -> None:
    with both.sessions.begin() as session:
        from grader.service.store.tables import Platform

        session.get_one(Platform, 1).token_url = "http://lms.school.example/token"

    assert sent(both).state == "later"


def test_a_service_that_was_switched_off_is_told(both: Both) -> None:
    both.platform.scopes.discard(names.SCORE)
    answer = sent(both)

    assert answer.state == "failed"
    assert "switched off" in answer.words


@pytest.mark.parametrize(("given", "kept"), [(-1.0, 0.0), (17.0, 16.0), (16.0, 16.0), (0.0, 0.0)])
def test_points_beyond_the_limits_are_not_sent(given: float, kept: float) -> None:
    assert clamped(given, 16.0) == kept


def test_an_exercise_without_points_is_not_sent(both: Both) -> None:
    assert sent(both, score(0.0, maximum=0.0)).state == "failed"
    assert posted(both) == []


@pytest.mark.parametrize("text", ["a" * 5000, "∂" * 3000, "word " * 1000])
def test_a_long_comment_is_cut(text: str) -> None:
    assert len(shortened(text).encode()) <= 2000
    assert shortened(text).endswith("…")


def test_a_comment_is_plain_text() -> None:
    assert shortened(" a\x00b\x1b[31m\tc\nd ∂ ") == "ab[31m c\nd ∂"


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ('<https://a/?p=2>; rel="next"', "https://a/?p=2"),
        ("<https://a/1>; rel=first, <https://a/2?x=1,2>; rel=next", "https://a/2?x=1,2"),
        ('<https://a/1>; title="x"; rel="last next"', "https://a/1"),
        ("<https://a/1>; rel=nextish", None),
        ("", None),
    ],
)
def test_the_next_page(link: str, url: str | None) -> None:
    assert next_page({"link": link}) == url
