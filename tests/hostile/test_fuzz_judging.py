"""Whatever a child sends in the place of what it should: no step comes out right that was not, and nothing breaks."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import pytest

import grader
from grader.errors import GraderError
from grader.model import Isolation
from grader.runner import wire
from grader.runner.process import ChildProcess
from grader.runner.protocols import Child, ChildEnded, Frame
from grader.runner.types import Limits
from grader.submission.load import load_bytes
from tests.hostile.test_attacks import EXERCISE

WRONG = load_bytes(
    b"x = 0.7\nw = 1.2\nh = 3 * x\ny = h * w\ndh = 0.3 * h\ndw = dh * x\ndx = dh + w\nopen('')\n", "mine.py"
)

Tape = list[list[Frame]]
"""Per run the frames a child sent."""


class Taping(ChildProcess):
    """A child whose frames are kept."""

    def __init__(self, tape: Tape) -> None:
        super().__init__()
        self._tape = tape

    def begin(self, seconds: float) -> None:
        super().begin(seconds)
        self._tape.append([])

    def receive(self, deadline: float) -> Frame:
        frame = super().receive(deadline)
        if self._tape:
            self._tape[-1].append(frame)
        return frame


class Replaying:
    """Sends the frames of a tape, run by run, changed at random; says READY where it is set up."""

    output = ""

    def __init__(self, tape: Tape, chance: random.Random) -> None:
        self._tape, self._chance, self._frames, self._run = tape, chance, list[Frame](), 0

    def provide(self, files: Sequence[str], limits: Limits) -> None: ...

    def begin(self, seconds: float) -> None:
        self._frames = changed(self._tape[self._run % len(self._tape)], self._chance)
        self._run += 1

    def send(self, kind: int, body: bytes = b"", deadline: float = math.inf) -> None:
        if kind == wire.SETUP:
            self._frames = [(wire.READY, 0, b"")]

    def receive(self, deadline: float) -> Frame:
        if not self._frames:
            raise ChildEnded(self._chance.choice(("killed", "timeout", "output", "protocol")))
        return self._frames.pop(0)

    def settle(self) -> None: ...

    def close(self) -> None: ...


KINDS = (wire.BINDING, wire.ASK, wire.RAISED, wire.END, wire.READY, wire.SLOW, wire.FAULT, 99)


def changed(frames: Sequence[Frame], chance: random.Random) -> list[Frame]:
    made = list(frames)
    for _ in range(chance.choice((0, 1, 1, 2, 5))):
        at = chance.randrange(len(made)) if made else 0
        match chance.randint(0, 4):
            case 0:
                del made[at : at + 1]
            case 1:
                made[at:at] = made[at : at + 1]
            case 2:
                made[at : at + 2] = reversed(made[at : at + 2])
            case 3:
                made[at : at + 1] = [
                    (chance.choice(KINDS), chance.randint(0, 255), body) for *_, body in made[at : at + 1]
                ]
            case _:
                made[at : at + 1] = [(kind, flags, scratched(body, chance)) for kind, flags, body in made[at : at + 1]]
    return made


def scratched(body: bytes, chance: random.Random) -> bytes:
    data = bytearray(body)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        data[at : at + chance.randint(0, 3)] = bytes(chance.choices((0, 1, 2, 127, 255), k=chance.randint(0, 3)))
    return bytes(data)


class Given:
    """Children that are made by a function."""

    isolation: Isolation = "process"

    def __init__(self, make: Callable[[], Child]) -> None:
        self._make = make

    def child(self, libraries: Sequence[str]) -> Child:
        return self._make()


@pytest.mark.filterwarnings("ignore::grader.errors.ExplanationFailed")  # a fault while repairs are tried: verdicts hold
@pytest.mark.parametrize("many", [100, pytest.param(1_000, marks=pytest.mark.slow)])
def test_no_step_is_right_that_was_not(many: int) -> None:
    tape: Tape = []
    plain = grader.check(EXERCISE, WRONG, children=Given(lambda: Taping(tape)))
    assert [step.outcome for step in plain.steps] == ["wrong", "wrong", "wrong"]

    judged = 0
    for number in range(many):
        chance = random.Random(number)
        try:
            result = grader.check(EXERCISE, WRONG, children=Given(lambda chance=chance: Replaying(tape, chance)))  # type: ignore[misc]
        except GraderError:
            continue  # a sentence for the operator, and no score
        judged += 1
        assert not result.score, number
        assert not [step.name for step in result.steps if step.outcome in ("correct", "carried")], number
    assert judged > many / 2
