"""What is concluded from how steps move when functions get another slope: runs that answer by a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from grader.judge.borrowed.around_known_values import MAX_ESTIMATES, _PerturbedAround
from grader.judge.borrowed.difference_quotients import _inside, _is, _PerturbedFunction, _unexplained_scopes, depending
from grader.judge.borrowed.evaluations import MOVE_TOLERANCE, SMALL_SLOPE, _Slopes
from grader.model import Observed, Opaque, Value
from grader.runner.child.nonlinear import CURVATURE
from grader.runner.types import Event, SlopePerturbation
from grader.submission.reevaluation import Evaluated

STEPS = frozenset({"da", "dw"})
TEXT = Opaque("text", "str")


def named(**numbers: float | None) -> dict[str, Observed]:
    """Values by name; None for a step that was not bound."""
    return {name: Value.scalar(one) for name, one in numbers.items() if one is not None}


BEFORE = named(da=2.0, dw=3.0)


def scene() -> Any:
    steps = [SimpleNamespace(name="da", text="d(y)/d(a)"), SimpleNamespace(name="dw", text="d(y)/d(w)")]
    point = SimpleNamespace(inputs={})
    return SimpleNamespace(
        exercise=SimpleNamespace(steps=steps, forward_steps=()),
        reference=SimpleNamespace(points=[point], values=[{}], unnamed=()),
        measure=lambda point, name: SimpleNamespace(rtol=1e-6),
    )


# from values at other inputs


@pytest.mark.parametrize(
    ("straight", "curved", "found", "hidden"),
    [
        (named(da=2.5, dw=3.0), named(da=2.5, dw=3.0), {"da"}, set()),
        (named(da=2.5, dw=3.0), named(da=2.8, dw=3.0), set(), set()),  # no slope moves otherwise by a curve
        (named(da=2.5, dw=3.0), named(da=2.0, dw=3.0), set(), set()),
        (named(da=2.5, dw=3.5), named(da=2.5, dw=3.5), {"da", "dw"}, set()),
        (BEFORE, named(da=2.5, dw=3.5), set(), set()),
        (named(da=2.5), named(da=2.5), {"da"}, {"dw"}),
        (named(dw=3.0), named(da=2.5), set(), {"da"}),
        (named(da=2.5, dw=3.0), named(dw=3.0), set(), {"da"}),
    ],
)
def test_a_step_is_a_slope_if_it_moves_alike_by_a_straight_and_a_curved_term(
    straight: Mapping[str, Observed], curved: Mapping[str, Observed], found: set[str], hidden: set[str]
) -> None:
    slopes = _Slopes(SimpleNamespace(), STEPS, (), 7)
    asked: list[SlopePerturbation] = []

    def run(perturbation: SlopePerturbation) -> Mapping[str, Observed]:
        asked.append(perturbation)
        return straight if perturbation.power == 1 else curved

    assert [set(one) for one in slopes.found_by(run, BEFORE)] == [found, hidden]
    assert [(one.power, one.scale, one.seed, one.near) for one in asked][:1] == [(1, SMALL_SLOPE, 7, True)]
    assert len(asked) == (2 if any(straight.get(name, one) != one for name, one in BEFORE.items()) else 1)


# around known values


def moving(**by_power: Mapping[str, Sequence[float]]) -> Any:
    """The moves by a straight, a curved and an otherwise curved term."""
    powers = {1: by_power.get("straight", {}), 2: by_power.get("curved", {}), 3: by_power.get("cubic", {})}
    return SimpleNamespace(
        runs=SimpleNamespace(scene=scene(), before=lambda point: BEFORE, natural=by_power.get("natural")),
        right=STEPS, scale=1.0, hidden=set(),
        _perturbation=lambda power, around: SimpleNamespace(power=power, around=around),
        _moved=lambda power, around, asked=None: powers[power],
    )  # fmt: skip


ONE, OTHER = {"da": (1.0,)}, {"da": (1.5,)}
BOTH = {"da": (1.0,), "dw": (2.0,)}


@pytest.mark.parametrize(
    ("straight", "curved", "own", "moved", "taken"),
    [
        (ONE, ONE, named(da=3.0, dw=3.0), {"da"}, {"da"}),
        (ONE, OTHER, named(da=3.0, dw=3.0), {"da"}, set()),
        (ONE, {}, named(da=3.0, dw=3.0), {"da"}, set()),
        ({}, ONE, named(da=3.0, dw=3.0), set(), set()),
        (ONE, ONE, BEFORE, {"da"}, set()),  # its own last binding stays
        (BOTH, BOTH, named(da=2.0, dw=4.0), {"da", "dw"}, {"dw"}),
    ],
)
def test_a_step_is_taken_if_its_own_last_binding_moves_too(
    straight: Any, curved: Any, own: Mapping[str, Observed], moved: set[str], taken: set[str]
) -> None:
    perturbed = moving(straight=straight, curved=curved)
    perturbed.runs.natural = lambda point, perturbation: own

    assert [set(one) for one in _PerturbedAround.taken(perturbed)] == [moved, taken]
    assert perturbed.hidden == set()


def test_a_step_whose_own_binding_is_gone_is_hidden() -> None:
    perturbed = moving(straight=ONE, curved=ONE)
    perturbed.runs.natural = lambda point, perturbation: named(dw=3.0)

    assert [*_PerturbedAround.taken(perturbed)] == [{"da"}, set()]
    assert perturbed.hidden == {"da"}


@pytest.mark.parametrize(
    ("taken", "straight", "cubic", "confirmed"),
    [
        ({"da"}, ONE, ONE, {"da"}),
        ({"da"}, ONE, OTHER, set()),
        ({"da"}, ONE, {}, set()),
        ({"da", "dw"}, ONE, ONE, {"da", "dw"}),  # a copy does not move by itself
        ({"dw"}, ONE, ONE, set()),
        ({"da", "dw"}, BOTH, ONE, {"da"}),
        (set(), ONE, ONE, set()),
    ],
)
def test_what_is_taken_has_to_move_alike_by_a_term_that_is_curved_otherwise(
    taken: set[str], straight: Any, cubic: Any, confirmed: set[str]
) -> None:
    assert _PerturbedAround.confirmed(moving(straight=straight, cubic=cubic), frozenset(taken)) == confirmed


def near(distances: Sequence[Sequence[float]], cubic: Any = ONE) -> tuple[list[str], list[float]]:
    """The steps found, and the numbers around which they were tried, where each distance is found in turn."""
    tried: list[float] = []
    left = iter(distances)
    perturbed = moving(straight=ONE, cubic=cubic)

    def off(name: str, place: int, by_value: float, around: float) -> Sequence[float]:
        tried.append(around)
        return next(left)

    def taken(around: tuple[float, ...]) -> tuple[frozenset[str], frozenset[str]]:
        tried.extend(around)
        return frozenset({"da"}), frozenset({"da"})

    perturbed._distances, perturbed.taken, perturbed._is_taken_at = off, taken, lambda *_: False
    return sorted(_PerturbedAround._around_near(perturbed, "da", 0, 0.0, 0.0)), tried


def test_the_number_around_which_a_function_is_perturbed_is_estimated_until_it_is_near() -> None:
    close = 0.5 * MOVE_TOLERANCE / CURVATURE

    assert near([(1.0,), (close,)]) == (["da"], [0.0, 1.0, 1.0 + close])
    assert near([(close, 5.0)]) == (["da"], [0.0, close])
    assert near([(1.0,)] * MAX_ESTIMATES) == (["da"], [0.0, 1.0, 2.0, 3.0])
    assert near([(1.0,), ()]) == ([], [0.0, 1.0])
    assert near([()]) == ([], [0.0])


def test_around_an_estimated_number_too_the_moves_have_to_agree() -> None:
    assert near([(0.0,)], cubic=OTHER)[0] == []
    assert near([(0.0,)], cubic={})[0] == []


TWO = {"da": (1.0, 4.0)}


@pytest.mark.parametrize(
    ("curved", "cubic", "place", "own", "taken"),
    [
        (TWO, TWO, 1, named(da=3.0), True),
        ({"da": (9.0, 4.0)}, {"da": (7.0, 4.0)}, 1, named(da=3.0), True),  # the other entry, around another number
        ({"da": (9.0, 4.0)}, {"da": (7.0, 5.0)}, 1, named(da=3.0), False),
        ({"da": (9.0, 5.0)}, TWO, 1, named(da=3.0), False),
        ({}, TWO, 1, named(da=3.0), False),
        (TWO, TWO, 1, BEFORE, False),  # its own last binding stays
    ],
)
def test_one_entry_of_a_step_shows_that_it_was_differentiated(
    curved: Any, cubic: Any, place: int, own: Any, taken: bool
) -> None:
    perturbed = moving(straight=TWO, curved=curved, cubic=cubic, natural=lambda point, perturbation: own)

    assert _PerturbedAround._is_taken_at(perturbed, "da", place, 0.5) == taken


def test_an_entry_that_hardly_moves_shows_nothing() -> None:
    small = {"da": (0.1, 4.0)}
    perturbed = moving(straight=small, curved=small, cubic=small, natural=lambda point, perturbation: named(da=3.0))

    assert not _PerturbedAround._is_taken_at(perturbed, "da", 0, 0.5)


# by a function that is perturbed


class Runs:
    """Forced and natural runs that answer by the power of the perturbation and its scale."""

    def __init__(self, answers: Mapping[tuple[int, bool], Mapping[str, Observed]], own: Mapping[str, Observed]) -> None:
        self.scene, self.answers, self.own = scene(), answers, own
        self.asked: list[SlopePerturbation | None] = []

    def forced(self, point: int, *, exact: bool = False, unchecked: bool = False, perturbation: Any = None) -> Any:
        self.asked.append(perturbation)
        return (
            BEFORE
            if perturbation is None
            else self.answers.get((perturbation.power, perturbation.scale == 1.0), BEFORE)
        )

    def natural(self, point: int, *, unchecked: bool = False, perturbation: Any = None) -> Any:
        return self.own

    def before(self, point: int) -> Any:
        return BEFORE


def depends(least: Mapping[str, Observed]) -> frozenset[str]:
    runs: Any = Runs({(1, False): least}, BEFORE)
    return depending(runs, STEPS, SlopePerturbation((), 1, True, 7, (), 2.0**-36))


def test_a_step_depends_on_a_function_unless_it_stays_the_same_to_the_last_digit() -> None:
    assert depends(BEFORE) == set()
    assert depends(named(da=2.0000000000000004, dw=3.0)) == {"da"}
    assert depends(named(da=2.0)) == {"dw"}


def perturbed_function(runs: Any, unshown: set[str] | None = None) -> _PerturbedFunction:
    return _PerturbedFunction(
        runs, Evaluated("f", ((0, 1, 0),)), STEPS, BEFORE, set() if unshown is None else unshown, (7, 8)
    )


def test_whether_anything_moves() -> None:
    assert perturbed_function(Runs({(1, True): named(da=2.5, dw=3.0)}, BEFORE)).moves_anything(near=True)
    assert not perturbed_function(Runs({}, BEFORE)).moves_anything(near=True)
    gone = {(1, True): named(da=2.0)}
    assert not perturbed_function(Runs(gone, BEFORE)).moves_anything(near=True)  # it is gone, and does not depend on it
    assert perturbed_function(Runs({**gone, (1, False): named(da=2.0, dw=3.1)}, BEFORE)).moves_anything(near=True)


def test_a_value_is_explained_if_it_is_one_of_the_exercises() -> None:
    pair = Value.of([1.0, 100.0], (2,))

    assert _is(pair, pair)
    assert _is(Value.of([1.0 + 9e-12, 100.0], (2,)), pair)  # relative to the largest entry
    assert not _is(Value.of([1.0 + 2e-11, 100.0], (2,)), pair)
    assert not _is(Value.scalar(1.0), pair)
    assert _is(Value.scalar(0.0), Value.scalar(0.0))


def test_a_function_is_unexplained_if_it_binds_any_other_value() -> None:
    kinds = ["assign", "assign", "assign", "parameter", "assign"]
    scopes = ["f", "g.h", "", "k", "m"]
    sites = [SimpleNamespace(scope=scope, kind=kind) for scope, kind in zip(scopes, kinds, strict=True)]
    values: list[Observed] = [Value.scalar(2.0), Value.scalar(9.0), Value.scalar(9.0), Value.scalar(9.0), TEXT]
    events = [Event(n, n, 0, None, "", value) for n, value in enumerate(values)]
    known: Any = SimpleNamespace(
        reference=SimpleNamespace(
            points=[SimpleNamespace(inputs={"x": Value.scalar(1.0)})], values=[{"a": Value.scalar(2.0)}]
        ),
        traces=[SimpleNamespace(events=events)],
        sites=sites,
    )

    assert _unexplained_scopes(known) == {"h", "m"}


def test_a_step_found_by_value_within_a_function_that_is_evaluated_is_taken_with_it() -> None:
    def match(how: str, site: int | None) -> Any:
        return SimpleNamespace(how=how, events=[None if site is None else Event(1, site, 0, None, "", TEXT)])

    sites = [SimpleNamespace(scope="L"), SimpleNamespace(scope="outer.inner"), SimpleNamespace(scope="")]
    matches = {
        "in": match("value", 0),
        "deep": match("value", 1),
        "out": match("value", 2),
        "own": match("name", 0),
        "no": match("value", None),
    }
    runs: Any = SimpleNamespace(scene=SimpleNamespace(sites=sites), alignment=SimpleNamespace(matches=matches))
    one: Any = SimpleNamespace(within={"L", "inner"})

    assert _inside(runs, one, frozenset({*matches, "absent"})) == {"in", "deep"}
    assert _inside(runs, one, frozenset({"out"})) == set()
