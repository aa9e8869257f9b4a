"""What is put in at a stop: the right value in a forced run, the wrong one moved a little in a nudged run."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest

from grader.judge.evidence import Evidence
from grader.judge.matching.families import Slot
from grader.judge.runs.forced import NUDGE, _Nudging, differing_when_nudged, nudged_point
from grader.judge.runs.teacher_forcing import Teacher
from grader.model import Observed, Opaque, Value
from grader.runner.types import Event, Order
from tests.judge.runs import observed
from tests.judge.test_alignment import CHAIN, FORWARD
from tests.judge.test_judged import DA, DB, DW

TEXT = Opaque("text", "str")


@cache
def wrong() -> Evidence:
    """A submission with a wrong `db`; all is looked at where its second run is made."""
    return observed(CHAIN, f"{FORWARD}db = 3 * b\n{DA}{DW}")


def right(name: str) -> Value:
    return wrong().scene.reference.values[1][name]


def event(name: str, value: Observed, key: int | None = None) -> Event:
    """A binding at the stop of a quantity."""
    own = wrong().alignment.matches[name].events[1]
    assert own is not None
    return Event(99, own.site, own.occurrence, key, "", value)


def teacher(**options: Any) -> Teacher:
    return Teacher(wrong().scene, wrong().alignment, 1, differs_from_start=True, **options)


# forced runs


def test_a_right_value_is_kept_and_a_wrong_one_replaced() -> None:
    answers = teacher()
    near = Value.scalar(right("db").numbers()[0] * (1 + 1e-9))

    assert answers.decide(event("db", near)) is None
    assert answers.decide(event("da", Value.scalar(5.0))) == right("da")
    assert answers.decide(event("dw", TEXT)) == right("dw")
    assert answers.commits == {"db": near, "da": Value.scalar(5.0), "dw": TEXT}


def test_only_the_first_hand_over_counts() -> None:
    answers = teacher()
    answers.decide(event("db", Value.scalar(5.0)))

    assert answers.decide(event("db", right("db"))) is None
    assert answers.commits["db"] == Value.scalar(5.0)


def test_in_an_exact_run_the_right_value_is_put_in_to_the_last_bit() -> None:
    near = Value.scalar(right("db").numbers()[0] * (1 + 1e-9))

    assert teacher(exact=True).decide(event("db", near)) == right("db")
    assert teacher(whole=frozenset({"db"})).decide(event("db", near)) == right("db")
    assert teacher(whole=frozenset({"da"})).decide(event("db", near)) is None


def test_what_is_no_stop_is_kept() -> None:
    assert teacher().decide(Event(1, 0, 7, None, "", TEXT)) is None


def test_a_run_stops_where_quantities_are_bound_from_the_first_wrong_one_on() -> None:
    everywhere = teacher().stops
    from_there = Teacher(wrong().scene, wrong().alignment, 1)
    places = {name: event(name, TEXT).place for name in ("a", "b", "y", "db", "da", "dw")}

    assert everywhere == set(places.values())
    assert from_there.stops == {places["db"], places["da"], places["dw"]}
    assert from_there.commits.keys() == {"a", "b", "y"}  # known from the natural run
    assert teacher(whole=frozenset({"da"})).reshaped == {places["da"]}


# nudged runs


def nudged(*bound: tuple[str, Observed]) -> list[Value | None]:
    answers = _Nudging(teacher())
    return [answers.decide(event(name, value)) for name, value in bound]


def test_a_wrong_step_is_moved_a_little_and_all_else_is_kept() -> None:
    values = {name: match.events[1].value for name, match in wrong().alignment.matches.items() if match.events[1]}
    moved = {name: Value.scalar(values[name].numbers()[0] * (1 + NUDGE)) for name in ("db", "da")}  # type: ignore[union-attr]

    assert nudged(("b", values["b"]), ("db", values["db"]), ("da", values["da"])) == [None, moved["db"], moved["da"]]
    assert nudged(("db", Value.scalar(5.0))) == [moved["db"]]  # also where it differs from run to run
    assert nudged(("db", TEXT)) == [None]
    assert nudged(("db", Value.of([1.0, 2.0], (2,)))) == [None]
    assert nudged(("b", Value.scalar(7.0))) == [None]  # it was right


def test_a_value_of_zero_is_moved_by_a_share_of_the_largest() -> None:
    answers = _Nudging(teacher())
    answers.natural["db"] = Value.scalar(0.0)

    made = answers.decide(event("db", Value.scalar(0.0)))

    assert made == Value.scalar(NUDGE * 1e-2 * wrong().scene.largest[1])


def ran(values: dict[str, float], ended: str = "finished") -> frozenset[str]:
    """What is different in a nudged run with these values; the natural one has 3 b for db."""
    own = teacher()

    def run(order: Order, decide: Any) -> Any:
        for name, value in values.items():
            decide(event(name, Value.scalar(value)))
        return SimpleNamespace(ended=ended)

    session: Any = SimpleNamespace(run=run)
    return differing_when_nudged(session, Order({}), own)


def natural(name: str) -> float:
    value = wrong().alignment.matches[name].events[1]
    assert value is not None
    assert isinstance(value.value, Value)
    return value.value.numbers()[0]


def test_a_step_that_jumps_is_otherwise() -> None:
    same = {name: natural(name) for name in ("db", "da", "dw")}

    assert ran(same) == set()
    assert ran({**same, "da": 1.005 * same["da"]}) == set()
    assert ran({**same, "da": 1.1 * same["da"]}) == {"da"}
    assert ran({"db": same["db"]}) == {"da", "dw"}  # not bound at all
    assert ran({"db": same["db"]}, "timeout") == set()


def test_a_nudged_run_is_made_if_a_step_is_wrong_and_code_may_tell_runs_apart() -> None:
    good = observed(CHAIN, FORWARD + DB + DA + DW)
    plain, other = (FORWARD,), ("import sys\nprint(sys.argv)\n",)

    assert nudged_point(wrong().scene, wrong().alignment, plain) is None
    assert nudged_point(good.scene, good.alignment, other) is None
    assert {nudged_point(wrong().scene, wrong().alignment, other) for _ in range(60)} == {1, 2, 3}


# members that are put in together


@pytest.mark.parametrize(
    ("bound", "expected"),
    [((1.0, 2.0, 3.0), None), ((1.0, 5.0, 3.0), (1.0, 2.0, 3.0)), ((7.0, 5.0, 3.0), (1.0, 2.0, 3.0))],
)
def test_wrong_members_of_an_array_are_put_right_and_the_others_stay(
    bound: tuple[float, ...], expected: tuple[float, ...] | None
) -> None:
    own = Event(1, 0, 0, None, "", Value.of(list(bound), (3,)))
    names = [f"h[{one}]" for one in range(3)]
    answers = teacher()
    answers.places = {own.place: [(name, Slot(place)) for place, name in enumerate(names)]}
    values = {name: Value.scalar(float(place + 1)) for place, name in enumerate(names)}
    scene: Any = SimpleNamespace(
        reference=SimpleNamespace(values=[{}, values]), measure=lambda point, name: wrong().scene.measures[1]
    )
    answers.scene = scene
    object.__setattr__(answers.commitments, "_right", values)

    found = answers.decide(own)

    assert (found and found.numbers()) == expected
