"""A course with a class that was graded, for tests of instructors' pages."""

from __future__ import annotations

import json
import random
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from sqlalchemy import Engine, insert
from sqlalchemy.orm import Session

from grader.exercise.load import folder, loads
from grader.exercise.types import Exercise
from grader.service.store.tables import Assignment, Attempt, Base, Course, Enrolment, Outcome, Push, User
from grader.service.teaching.audit import Actor

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
DUE = datetime(2026, 11, 23, 23, 59, tzinfo=UTC)
FIRST = ("Ana", "Ben", "Cleo", "Dora", "Emil", "Fatima", "Goran", "Hana", "Ida", "Jonas")
LAST = ("Abel", "Bell", "Carrasco", "Dent", "Eriksen", "Fox", "Guzmán", "Hoang", "Ivanova", "Jansen")
CODES = ("tanh-derivative-on-pre-activation", "sign-flipped", None)


@cache
def text(name: str = "tanh-chain") -> str:
    return (folder() / f"{name}.yaml").read_text("utf-8")


@cache
def exercise(name: str = "tanh-chain") -> Exercise:
    return loads(text(name))


@dataclass(frozen=True)
class Room:
    """Ids of what was made; `students` by place."""

    course: int
    instructor: int
    assistant: int
    assignment: int
    students: tuple[int, ...]

    def actor(self) -> Actor:
        return Actor(self.course, self.instructor, NOW)


def user(session: Session, name: str, **more: object) -> User:
    made = User(subject=uuid.uuid4().hex, name=name, created_at=NOW, **{"email": "", **more})
    session.add(made)
    session.flush()
    return made


def enrol(session: Session, course: Course, who: User, role: str = "student") -> None:
    session.add(Enrolment(course_id=course.id, user_id=who.id, role=role, pseudonym=f"student-{who.id:06x}",
                          active=True, created_at=NOW))  # fmt: skip
    session.flush()


def room(session: Session, students: int = 3, attempts: int = 1) -> Room:
    """A course with an assignment; student 0 has everything right, student 1 one mistake, student 2 nothing; further
    ones are drawn."""
    course = Course(context_id=uuid.uuid4().hex, title="Backpropagation", created_at=NOW)
    session.add(course)
    session.flush()
    teacher, helper = user(session, "Prof. Iris Berg"), user(session, "Tom Assist")
    enrol(session, course, teacher, "instructor")
    enrol(session, course, helper, "assistant")
    made = assignment(session, course)
    drawn = random.Random(1)
    ids = []
    for number in range(students):
        first, last = drawn.choice(FIRST), drawn.choice(LAST)
        who = user(session, f"{first} {last}{'' if number < 60 else number}",
                   email=f"{first}.{last}{number}@example.org".lower())  # fmt: skip
        enrol(session, course, who)
        ids.append(who.id)
    _graded(session, made, [one for place, one in enumerate(ids) if place != 2], attempts)
    return Room(course.id, teacher.id, helper.id, made.id, tuple(ids))


def assignment(session: Session, course: Course, **more: object) -> Assignment:
    values: dict[str, object] = {
        "name": "tanh-chain", "title": exercise().title, "exercise": text(), "secret": "0" * 32,
        "max_score": exercise().points, "due_at": DUE, "reveal": "hint", "created_at": NOW, "late_penalty": 10.0,
    }  # fmt: skip
    made = Assignment(course_id=course.id, **(values | more))
    session.add(made)
    session.flush()
    return made


def steps(wrong: dict[str, str | None]) -> list[list[object]]:
    """The steps of an outcome in which some are wrong, by a mistake each."""
    return [
        ["step", one.name, "wrong" if one.name in wrong else "correct", 0.0 if one.name in wrong else one.points,
         one.points, wrong.get(one.name)]
        for one in exercise().steps
    ]  # fmt: skip


def _graded(session: Session, of: Assignment, users: list[int], attempts: int) -> None:
    """Attempts with outcomes for some users, in few statements."""
    drawn = random.Random(2)
    names = [one.name for one in exercise().steps]
    tries: list[dict[str, object]] = []
    for place, who in enumerate(users):
        for number in range(1, attempts + 1):
            at = DUE - timedelta(hours=drawn.choice((50, 9, 2, -20)) if place > 1 else 9, minutes=-number)
            tries.append({"assignment_id": of.id, "user_id": who, "number": number, "file": "mine.py",
                          "content": f"# {who}\nx = 1\n".encode(), "submitted_at": at})  # fmt: skip
    session.execute(insert(Attempt), tries)
    outcomes: list[dict[str, object]] = []
    for one in session.query(Attempt).where(Attempt.assignment_id == of.id).order_by(Attempt.id):
        place = users.index(one.user_id) if len(users) < 100 else one.user_id
        wrong = {} if place == 0 else {"dh1_dwh": CODES[0]} if place == 1 else {
            name: drawn.choice(CODES) for name in drawn.sample(names, drawn.choice((0, 0, 1, 1, 2, 3)))
        }  # fmt: skip
        found = steps(wrong)
        outcomes.append({
            "attempt_id": one.id, "current": True, "status": "graded",
            "score": sum(float(str(row[3])) for row in found),
            "max_score": of.max_score, "complete": not wrong, "steps": json.dumps(found), "version": "0",
            "graded_at": one.submitted_at, "seconds": 0.1,
        })  # fmt: skip
    session.execute(insert(Outcome), outcomes)


def push(session: Session, made: Room, student: int, state: str, answer: str = "") -> Push:
    one = Push(assignment_id=made.assignment, user_id=student, score=12.0, max_score=16.0, comment="12 of 16",
               state=state, next_try_at=NOW, created_at=NOW, lease=0, tries=1, answer=answer)  # fmt: skip
    session.add(one)
    session.flush()
    return one


def tables(engine: Engine) -> None:

    Base.metadata.create_all(engine)
