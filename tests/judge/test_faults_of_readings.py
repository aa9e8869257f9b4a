"""How much a reading leaves wrong, by its forced runs."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from grader.judge.matching.types import Alignment, Match
from grader.judge.runs.forced import Faults, Forced, faults, is_wrong
from grader.model import Value
from grader.runner.types import Event

RIGHT, WRONG = Value.scalar(1.0), Value.scalar(2.0)


def scene() -> Any:
    """One forward quantity, `h`, and one step, `dh`; the right value of both is 1."""

    def is_right(name: str, values: Any) -> bool:
        return all(one == RIGHT for one in values)

    def right(name: str, events: Any) -> bool:
        return is_right(name, [one and one.value for one in events])

    steps = [SimpleNamespace(name="dh")]
    return SimpleNamespace(exercise=SimpleNamespace(steps=steps), is_right=is_right, right=right)


def forced(name: str, natural: list[Value | None], handed_over: list[Value | None]) -> Forced:
    events = tuple(None if one is None else Event(1, 0, 0, None, "", one) for one in natural)
    commits: tuple[Mapping[str, Value], ...] = tuple({} if one is None else {name: one} for one in handed_over)
    return Forced(Alignment({name: Match(name, name, "name", events)}), (), commits)


@pytest.mark.parametrize(
    ("name", "natural", "handed_over", "expected"),
    [
        ("dh", [RIGHT, RIGHT], [RIGHT, RIGHT], Faults(0, 0, 0)),
        ("dh", [WRONG, WRONG], [RIGHT, RIGHT], Faults(0, 0, 0)),  # carried
        ("dh", [WRONG, WRONG], [WRONG, WRONG], Faults(0, 1, 0)),
        ("dh", [WRONG, WRONG], [RIGHT, WRONG], Faults(0, 1, 0)),
        ("h", [WRONG, WRONG], [WRONG, WRONG], Faults(0, 0, 1)),
        ("dh", [RIGHT, RIGHT], [WRONG, WRONG], Faults(1, 0, 0)),  # right until right values were fed in
        ("h", [RIGHT, RIGHT], [RIGHT, None], Faults(1, 0, 0)),
        ("dh", [WRONG, WRONG], [WRONG, None], Faults(1, 0, 0)),  # bound until then
        ("dh", [WRONG, None], [WRONG, None], Faults(0, 1, 0)),  # it was not bound before either
    ],
)
def test_what_a_reading_leaves_wrong(
    name: str, natural: list[Value | None], handed_over: list[Value | None], expected: Faults
) -> None:
    found = faults(scene(), forced(name, natural, handed_over))

    assert found == expected
    assert found.any is (expected != Faults(0, 0, 0))


@pytest.mark.parametrize(
    ("handed_over", "wrong"),
    [([WRONG, WRONG], True), ([RIGHT, WRONG], True), ([RIGHT, RIGHT], False), ([WRONG, None], False)],
)
def test_a_quantity_is_wrong_if_it_was_handed_over_everywhere_and_is_not_right(
    handed_over: list[Value | None], wrong: bool
) -> None:
    assert is_wrong(forced("dh", [WRONG, WRONG], handed_over), scene(), "dh") is wrong


def test_what_is_spoilt_counts_before_wrong_steps_and_those_before_forward_values() -> None:
    assert Faults(0, 5, 5) < Faults(1, 0, 0)
    assert Faults(0, 0, 5) < Faults(0, 1, 0)
