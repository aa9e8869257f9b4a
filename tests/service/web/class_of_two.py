"""A course with an assignment, two students and an instructor; results as grading would have given them."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from functools import cache

from grader.exercise.load import find
from grader.model import Cell, Diagnosis, Outcome, Result, Span, StepResult
from grader.serialize import encode
from grader.service.store import tables
from grader.service.store.tables import Assignment, Attempt
from grader.service.web import account_routes, student_routes
from grader.service.web.serve import application
from tests.service.web import site

COSTS = "\nhint_costs: {rule: 0.5, fix: 1}\n"
WRONG_LINE = "dh1_dwh = (1 - h1_raw**2) * dh1raw_dwh"
SOURCE = f"h0 = 0.5\n{WRONG_LINE}\n".encode()
FIX = "dh1_dwh = (1 - h1**2) * dh1raw_dwh"


@cache
def exercise_text() -> str:
    return find("tanh-chain").read_text("utf-8")


class ClassOfTwo:
    """The application over it; `of` gives the browser of somebody."""

    def __init__(self, **settings: object) -> None:
        self.engine = site.engine()
        self.woken = 0
        parts = [account_routes.routes(), student_routes.routes()]
        self.app = application(site.settings(**settings), self.engine, parts, self._wake)
        with self.begin() as session:
            self.course = site.course(session)
            self.other_course = site.course(session, "Another")
            self.ada = site.user(session, self.course, name="Ada")
            self.bob = site.user(session, self.course, name="Bob")
            self.teacher = site.user(session, self.course, "instructor", "Ines")
            self.stranger = site.user(session, self.other_course, name="Mallory")
            self.assignment = Assignment(
                course_id=self.course.id, name="tanh-chain", title="Two tanh steps", exercise=exercise_text() + COSTS,
                secret="s", max_score=16.0, reveal="fix", created_at=site.NOW, late_grace=0.0, late_penalty=0.0,
            )  # fmt: skip
            session.add(self.assignment)
            session.flush()
        self.path = f"/courses/{self.course.id}/assignments/{self.assignment.id}"

    def _wake(self) -> None:
        self.woken += 1

    def begin(self):  # type: ignore[no-untyped-def]
        return site.maker(self.engine).begin()

    def of(self, who: tables.User | None) -> site.Client:
        return site.client(self.app, self.engine, who)

    def change(self, **values: object) -> None:
        """Change settings of the assignment."""
        with self.begin() as session:
            found = session.get_one(Assignment, self.assignment.id)
            for name, value in values.items():
                setattr(found, name, value)

    def hand_in(self, who: tables.User, content: bytes = SOURCE, name: str = "mine.py") -> str:
        """Hand in a file; the address of its page."""
        answer = self.of(who).send_form(f"{self.path}/attempts", files={"file": (name, content)})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def grade(self, result: Result, number: int = 1, who: tables.User | None = None) -> None:
        """Store the result of an attempt of Ada's, or somebody else's."""
        whose = (who or self.ada).id
        with self.begin() as session:
            attempt = session.query(Attempt).filter_by(user_id=whose, number=number).one()
            steps = [["step", one.name, one.outcome, one.points, one.max_points, None] for one in result.steps]
            session.add(
                tables.Outcome(
                    attempt_id=attempt.id,
                    current=True,
                    status="ungradable" if result.score is None else "graded",
                    score=result.score,
                    max_score=result.max_score,
                    complete=result.complete,
                    result=zlib.compress(encode(replace(result, sources=())).encode()),
                    steps=json.dumps(steps),
                    version="0",
                    graded_at=site.NOW,
                )
            )


def result(outcome: Outcome = "wrong", message: str = "the square is on the wrong quantity", **more: object) -> Result:
    """A result with two steps, of which the first has this outcome."""
    right = outcome == "correct"
    told = Diagnosis(
        message, "certain", "tanh-derivative-on-pre-activation", "RULE-OF-TANH", "h1", FIX
    )  # fmt: skip
    first = StepResult(
        "dh1_dwh", "d(h1)/d(w_h)", outcome, None if right else "value", 1.0 if right else 0.0, 1.0, "dh1_dwh",
        Span("mine.py", None, 2, 16, 2, 22), WRONG_LINE, diagnosis=None if right else told, points_checked=4,
    )  # fmt: skip
    second = StepResult("dh0_dwh", "d(h0)/d(w_h)", "correct", None, 1.0, 1.0, "dh0_dwh")
    made = Result(
        "tanh-chain", "Two tanh steps", "mine.py", None, 16.0 if right else 15.0, 16.0, right,
        None if right else "dh1_dwh", (first, second), (), (), (), "strict", "values", 0.1, (),
        (Cell(SOURCE.decode(), SOURCE.decode()),), "y2",
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]
