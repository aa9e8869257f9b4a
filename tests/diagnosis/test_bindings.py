"""Which quantity each name of a submission holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

import numpy
import pytest

from grader.diagnosis.step.bindings import Bindings
from grader.exercise.types import Step
from grader.formula.build import NOWHERE
from grader.formula.syntax import Name, text
from grader.judge.evidence import Evidence
from grader.judge.matching.compare import Measure
from grader.model import Value

INPUTS = [{"x": 0.5}, {"x": -1.25}]
RIGHT: list[dict[str, Any]] = [
    {"h[1]": [1.0, 2.0], "h[2]": [3.0, 4.0], "dw": 7.0},
    {"h[1]": [5.0, 6.0], "h[2]": [8.0, 9.0], "dw": -7.0},
]


def value(given: Any) -> Value:
    array = numpy.asarray(given, dtype=float)
    return Value.of(array.ravel().tolist(), array.shape)


def step(name: str) -> Step:
    family, _, index = name.rstrip("]").partition("[")
    member = {"family": family, "index": int(index)} if index else {}
    return Step(name, Name(name, NOWHERE), name, **cast(Any, member))


def bindings(
    names: Sequence[Mapping[str, Any]],
    matched: Mapping[str, str] | None = None,
    loops: tuple[str, ...] = (),
    bound: Sequence[tuple[str, Value]] = (),
) -> Bindings:
    """What the names hold at two points. `matched` are names that alignment found, by quantity."""
    exercise = SimpleNamespace(
        inputs=[SimpleNamespace(name="x")], forward_steps=[step("h[1]"), step("h[2]")], steps=[step("dw")]
    )
    reference = SimpleNamespace(
        points=[SimpleNamespace(inputs={name: value(one) for name, one in at.items()}) for at in INPUTS],
        values=[{name: value(one) for name, one in at.items()} for at in RIGHT],
    )
    sites = [SimpleNamespace(names=(name,), kind="assign") for name, _ in bound]
    events = [SimpleNamespace(site=number, value=one) for number, (_, one) in enumerate(bound)]
    all_sites = _Sites([*sites, *(SimpleNamespace(names=(name,), kind="loop") for name in loops)])
    scene = SimpleNamespace(exercise=exercise, reference=reference, measures=(Measure(1e-6, 1e-9),) * 2,
                            sites=all_sites, traces=[SimpleNamespace(events=events)])  # fmt: skip
    matches = {one: SimpleNamespace(bound_as=name, slot=None) for one, name in (matched or {}).items()}
    evidence = SimpleNamespace(scene=scene, alignment=SimpleNamespace(matches=matches))
    return Bindings(cast(Evidence, evidence), tuple(map(dict, names)))


class _Sites:
    def __init__(self, sites: list[SimpleNamespace]) -> None:
        self.all = sites

    def __getitem__(self, number: int) -> SimpleNamespace:
        return self.all[number]


def rows(k: int) -> Any:
    return numpy.array([[0.0, 0.0], RIGHT[k]["h[1]"], RIGHT[k]["h[2]"]])


def test_a_name_is_the_quantity_whose_value_it_has_at_every_point() -> None:
    found = bindings([{"u": 0.5, "v": 7.0, "w": 0.5, "z": 3.0}, {"u": -1.25, "v": -7.0, "w": 0.5, "z": 3.0}])

    assert found.quantities == {"u": "x", "v": "dw"}


def test_a_name_that_alignment_found_is_its_quantity_whatever_it_holds() -> None:
    found = bindings([{"v": 70.0}, {"v": 7.0}], {"dw": "v"})

    assert found.quantities == {"v": "dw"}


def test_a_name_of_a_quantity_that_holds_other_entries_is_misleading() -> None:
    found = bindings([{"x": 0.5, "dw": 7.0, "z": 3.0}, {"x": -1.25, "dw": 8.0, "z": 3.0}])

    assert [found.is_misleading(name) for name in ("x", "dw", "z")] == [False, True, False]


def test_a_name_that_holds_all_members_of_a_family_holds_the_family() -> None:
    found = bindings([{"hs": rows(k), "t": 2} for k in range(2)])

    assert found.quantities == {"hs": "h[2]"}
    assert {name: text(one) for name, one in found.members.items()} == {"h[1]": "hs[1]", "h[2]": "hs[t]"}


@pytest.mark.parametrize(
    "held",
    [
        {"hs": [rows(0), rows(0)]},  # wrong at the second point
        {"hs": [{2: numpy.array(RIGHT[k]["h[2]"])} for k in range(2)]},  # one member is missing
        {"hs": [{}, {}]},
        {"hs": [rows(k)[:, :, None] for k in range(2)]},  # another shape
    ],
    ids=["values", "members", "none", "shapes"],
)
def test_a_name_that_was_not_found_has_to_hold_all_right_members(held: dict[str, list[Any]]) -> None:
    found = bindings([{name: each[k] for name, each in held.items()} for k in range(2)])

    assert found.members == {}


def test_a_name_that_was_found_may_hold_some_wrong_members() -> None:
    names = [{"hs": {2: numpy.ones(2)}} for _ in range(2)]

    assert list(bindings(names, {"h[2]": "hs"}).members) == ["h[2]"]


def test_a_name_that_was_found_with_another_shape_holds_no_family() -> None:
    names = [{"hs": {2: numpy.ones(3)}} for _ in range(2)]

    assert bindings(names, {"h[2]": "hs"}).members == {}


@pytest.mark.parametrize(
    ("names", "loops", "expected"),
    [
        ({"t": 3}, (), "t"),
        ({"t": 4}, ("t",), "t - 1"),
        ({"t": 2}, ("t",), "t + 1"),
        ({"t": 4}, (), "3"),  # what is no counter stays out
        ({"t": 3.0}, ("t",), "3"),
        ({"n": 3, "t": 3}, ("t",), "t"),  # the one bound last
        ({"t": 4, "n": 3}, ("t",), "n"),
    ],
)
def test_a_count_is_written_with_a_counter_that_has_it(
    names: dict[str, Any], loops: tuple[str, ...], expected: str
) -> None:
    assert text(bindings([names, names], loops=loops).count(3)) == expected


def test_numbers_of_python_are_told_from_those_of_libraries() -> None:
    bound = [
        ("a", Value.scalar(1.0, "float")),
        ("b", Value.scalar(1.0, "int")),
        ("c", Value.scalar(1.0, "float64")),
        ("d", Value.scalar(1.0, "float")),
        ("d", Value.scalar(1.0, "float32")),
        ("e", Value.of([1.0], (1,), "int")),
    ]

    assert bindings([{}, {}], bound=bound).numbers == {"a", "b"}
