"""A student's score: attempts, overrides, hints and lateness put together."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from grader.service.scores import Standing, standing, standings
from grader.service.store.database import opened, sessions
from grader.service.store.tables import Assignment, Base, Extension, TakenHint, User
from tests.service import making
from tests.service.making import DAY, MINUTE, NOON


@pytest.fixture
def session() -> Iterator[Session]:
    engine = opened("sqlite://")
    Base.metadata.create_all(engine)
    with sessions(engine).begin() as session:
        yield session
    engine.dispose()


class Class:
    """A course with one assignment and one student."""

    def __init__(self, session: Session, **values: object) -> None:
        self.session = session
        self.course = making.course(session)
        self.assignment: Assignment = making.assignment(session, self.course, **values)
        self.anna: User = making.enrolled(session, self.course)

    def hands_in(self, *scores: float | None, **values: object) -> None:
        for number, score in enumerate(scores, 1):
            self.last = making.attempt(self.session, self.assignment, self.anna, number, **values)
            making.with_score(self.session, self.last, score, {"dh1": 0.0, "dw": 1.0})

    @property
    def standing(self) -> Standing:
        return standing(self.session, self.assignment, self.anna.id)


def test_who_handed_in_nothing_has_no_score(session: Session) -> None:
    assert Class(session).standing == Standing(user_id=1, max_score=16.0)


@pytest.mark.parametrize(
    ("counts", "scores", "number", "final"),
    [
        ("best", (5.0, 12.0, 7.0), 2, 12.0),
        ("last", (5.0, 12.0, 7.0), 3, 7.0),
        ("best", (12.0, 12.0), 1, 12.0),
        ("best", (None, 0.0), 2, 0.0),
        ("last", (5.0, None), 1, 5.0),
    ],
)
def test_the_attempt_that_counts(
    session: Session, counts: str, scores: tuple[float | None, ...], number: int, final: float
) -> None:
    taught = Class(session, counts=counts)
    taught.hands_in(*scores)

    assert taught.standing.counted is not None
    assert (taught.standing.counted.number, taught.standing.final) == (number, final)


def test_what_could_not_be_graded_has_no_score_and_says_why(session: Session) -> None:
    taught = Class(session)
    taught.hands_in(None)

    assert (taught.standing.final, taught.standing.counted, taught.standing.message) == (None, None, "no code")
    assert not taught.standing.pending


def test_an_attempt_without_outcome_is_pending_and_the_one_before_counts_meanwhile(session: Session) -> None:
    taught = Class(session)
    taught.hands_in(5.0)
    making.attempt(session, taught.assignment, taught.anna, 2)

    assert (taught.standing.final, taught.standing.pending, taught.standing.attempts) == (5.0, True, 2)


def test_an_outcome_that_is_not_current_does_not_count(session: Session) -> None:
    taught = Class(session)
    taught.hands_in(5.0)
    session.add(making.graded(16.0, attempt_id=taught.last.id, current=False))

    assert taught.standing.final == 5.0


def test_a_late_attempt_loses_points_and_the_best_is_best_after_that(session: Session) -> None:
    taught = Class(session, due_at=NOON + 90 * timedelta(seconds=1), late_penalty=25.0)
    taught.hands_in(9.0, 12.0)

    assert taught.standing.counted is not None
    assert (taught.standing.counted.number, taught.standing.final, taught.standing.lost) == (1, 9.0, 0.0)

    taught.assignment.counts = "last"

    assert (taught.standing.final, taught.standing.lost, taught.standing.late) == (8.0, 4.0, "late by 1 min")


def test_an_extension_makes_it_due_later(session: Session) -> None:
    taught = Class(session, due_at=NOON, late_penalty=25.0)
    taught.hands_in(12.0)
    session.add(Extension(assignment_id=taught.assignment.id, user_id=taught.anna.id, until=NOON + DAY))

    assert (taught.standing.final, taught.standing.late) == (12.0, "")


def test_hints_cost_their_points(session: Session) -> None:
    taught = Class(session)
    taught.hands_in(5.0)
    for level, cost in (("hint", 0.5), ("rule", 1.0)):
        taken = TakenHint(assignment_id=taught.assignment.id, user_id=taught.anna.id, step="dh1", level=level,
                          cost=cost, at=NOON)  # fmt: skip
        session.add(taken)

    assert (taught.standing.final, taught.standing.raw, taught.standing.hints) == (3.5, 5.0, 1.5)


def test_points_of_a_step_given_by_hand_replace_those_of_grading(session: Session) -> None:
    taught = Class(session)
    taught.hands_in(5.0)
    making.override(session, taught.last, "dh1", 0.5)
    making.override(session, taught.last, "dh1", 0.75)

    assert (taught.standing.final, taught.standing.raw) == (5.75, 5.0)
    assert not taught.standing.stale_override


def test_a_withdrawn_override_counts_no_more(session: Session) -> None:
    taught = Class(session)
    taught.hands_in(5.0)
    for step in ("dh1", None):
        making.override(session, taught.last, step, 1.0)
        making.override(session, taught.last, step, None)

    assert (taught.standing.final, taught.standing.overridden) == (5.0, False)


def test_a_whole_score_given_by_hand_counts_as_it_is(session: Session) -> None:
    taught = Class(session, due_at=NOON - DAY, late_penalty=10.0)
    taught.hands_in(None)
    making.override(session, taught.last, None, 14.0)

    assert (taught.standing.final, taught.standing.overridden, taught.standing.lost) == (14.0, True, 0.0)


def test_an_override_is_stale_after_a_later_attempt(session: Session) -> None:
    taught = Class(session)
    taught.hands_in(5.0)
    making.override(session, taught.last, None, 14.0)
    making.attempt(session, taught.assignment, taught.anna, 2, submitted_at=NOON + 2 * DAY)

    assert (taught.standing.final, taught.standing.stale_override) == (14.0, True)


@pytest.mark.slow
def test_a_class_of_2000_takes_a_bounded_number_of_queries_and_little_time(session: Session) -> None:
    taught = Class(session, due_at=NOON, late_penalty=10.0)
    making.enrolled(session, taught.course, role="test")
    session.execute(Base.metadata.tables["users"].insert(), [
        {"id": 1000 + n, "subject": str(n), "name": "", "email": "", "created_at": NOON} for n in range(1999)
    ])  # fmt: skip
    session.execute(Base.metadata.tables["enrolments"].insert(), [
        {"course_id": taught.course.id, "user_id": 1000 + n, "role": "student", "pseudonym": str(n), "created_at": NOON}
        for n in range(1999)
    ])  # fmt: skip
    session.execute(Base.metadata.tables["attempts"].insert(), [
        {"id": n, "assignment_id": taught.assignment.id, "user_id": 1000 + n // 2, "number": 1 + n % 2, "file": "m.py",
         "content": b"", "submitted_at": NOON + MINUTE} for n in range(2 * 1999)
    ])  # fmt: skip
    session.execute(Base.metadata.tables["outcomes"].insert(), [
        {"attempt_id": n, "current": True, "status": "graded", "score": n % 17, "complete": False, "version": "0",
         "steps": "[]", "graded_at": NOON} for n in range(2 * 1999)
    ])  # fmt: skip
    queries = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *arguments: queries.append(arguments[2]))

    began = time.process_time()
    told = standings(session, taught.assignment)
    took = time.process_time() - began

    assert (len(told), len(queries)) == (2000, 5)
    assert (told[2].raw, told[2].final) == (3.0, 1.4)
    assert took < 0.3
