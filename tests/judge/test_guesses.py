"""Which of many values may be meant: what hits by chance, or by trying, is no derivation."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from grader.instrument.sites import instrument
from grader.judge.matching.compare import Measure
from grader.judge.matching.guesses import (
    MAX_OTHER_VALUES,
    MAX_SITES_PER_NAME,
    MAX_VALUES_PER_NAME,
    Crowd,
    crowd,
    likely,
    shape_of,
)
from grader.model import Observed, Opaque, Value
from grader.runner.types import Event, Role, Sites

BY = Measure(1e-6, 0.0)
SITES = Sites(instrument("\n".join(f"v{number} = f()" for number in range(20)) + "\n", 0).sites)
LOOP = Sites(instrument("for t in ts:\n    v = f(t)\nv = g()\n", 0).sites)


def event(sequence: int, site: int, value: Observed | float, occurrence: int = 0, role: Role = "own") -> Event:
    own = Value.scalar(value) if isinstance(value, float) else value
    return Event(sequence, site, occurrence, None, "", own, role)


def crowd_of(
    pairs: Sequence[tuple[int, float, float]],
    known: Sequence[float] = (),
    sites: Sites = SITES,
    role: Role = "own",
) -> Crowd:
    """What is counted of bindings with a site, the value at the given numbers, and the one at others."""
    here = [event(number, site, one, number, role) for number, (site, one, _) in enumerate(pairs)]
    there = [event(number, site, other, number, role) for number, (site, _, other) in enumerate(pairs)]
    return crowd(here, {one.place: one for one in there}, [Value.scalar(one) for one in known], sites, BY)


def values(site: int, number: int, start: float = 10.0) -> list[tuple[int, float, float]]:
    return [(site, start + one, start + one + 0.5) for one in range(number)]


def test_a_site_that_binds_many_values_is_crowded() -> None:
    assert crowd_of(values(0, MAX_OTHER_VALUES), [1.0]).crowded == frozenset()
    assert crowd_of(values(0, MAX_OTHER_VALUES + 1), [1.0]).crowded == {((), 0)}


def test_each_quantity_that_a_site_binds_allows_one_value_more() -> None:
    both = [(0, 0.5, 1.0), *values(0, MAX_OTHER_VALUES + 1)]

    assert crowd_of(both, [1.0, 2.0]).crowded == frozenset()
    assert crowd_of([*both, *values(0, 1, 90.0)], [1.0, 2.0]).crowded == {((), 0)}
    assert crowd_of([(0, 0.5, 1.0), *values(0, MAX_OTHER_VALUES + 2)], [1.0]).crowded == {((), 0)}
    twice = [(0, 0.5, 1.0), (0, 0.75, 1.0), *values(0, MAX_OTHER_VALUES + 2)]  # one quantity, bound twice
    assert crowd_of(twice, [1.0, 2.0]).crowded == {((), 0)}


def test_a_value_that_does_not_follow_the_inputs_is_not_counted() -> None:
    same = [(0, 10.0 + one, 10.0 + one) for one in range(50)]

    assert crowd_of(same, [1.0]) == Crowd(frozenset(), {})


def test_a_value_that_is_bound_often_is_counted_once() -> None:
    assert crowd_of([(0, 10.0, 11.0)] * 50, [1.0]).first == {(): [0]}


@pytest.mark.parametrize("role", ["input", "update"])
def test_what_sets_or_changes_an_input_is_not_counted(role: Role) -> None:
    assert crowd_of(values(0, 3), [1.0], role=role).first == {}


def test_loop_variables_are_not_counted() -> None:
    target = next(site.number for site in LOOP.all if site.kind == "loop")

    assert crowd_of(values(target, 3), [1.0], LOOP).first == {}


def test_what_is_bound_in_one_of_the_runs_alone_is_not_counted() -> None:
    assert crowd([event(0, 0, 10.0)], {}, [Value.scalar(1.0)], SITES, BY).first == {}


def test_only_values_of_a_quantitys_shape_are_counted() -> None:
    pair, other = Value.of([1.0, 2.0], (2,)), Value.of([3.0, 4.0], (2,))
    text = Opaque("text", "str")

    def counted(here: Observed, there: Observed, known: Value) -> Crowd:
        return crowd([event(0, 0, here)], {(0, 0): event(0, 0, there)}, [known], SITES, BY)

    assert counted(pair, other, Value.scalar(1.0)).first == {}
    assert counted(pair, other, Value.of([9.0, 9.0], (1, 2))).first == {(2,): [0]}
    assert counted(text, other, other).first == {}
    assert counted(pair, text, other).first == {}


def test_the_values_of_crowded_sites_do_not_make_others_unlikely() -> None:
    found = crowd_of([*values(0, MAX_OTHER_VALUES + 1), *values(1, 2, 70.0)], [1.0])

    assert found.first == {(): [MAX_OTHER_VALUES + 1, MAX_OTHER_VALUES + 2]}
    assert found.is_guess(event(99, 0, 1.0))
    assert not found.is_guess(event(99, 1, 1.0))
    assert not found.is_guess(event(99, 0, Opaque("text", "str")))
    assert not found.is_guess(event(99, 0, Value.of([1.0, 2.0], (2,))))


@pytest.mark.parametrize(
    ("before", "hits", "named", "is_likely"),
    [
        (MAX_OTHER_VALUES + 1, 1, 0, True),
        (MAX_OTHER_VALUES + 2, 1, 0, False),
        (MAX_OTHER_VALUES + 2, 2, 0, True),
        (MAX_OTHER_VALUES + 2, 1, 1, True),
        (0, 0, 0, True),
    ],
)
def test_each_hit_and_each_right_name_justifies_one_value_more(
    before: int, hits: int, named: int, is_likely: bool
) -> None:
    found = Crowd(frozenset(), {(): list(range(before))})

    assert found.is_likely((), [event(100, 0, 1.0)] * hits, named) is is_likely


def test_values_bound_after_the_hits_say_nothing_of_them() -> None:
    found = Crowd(frozenset(), {(): list(range(50, 100))})

    assert found.is_likely((), [event(50, 0, 1.0)], 0)
    assert found.is_likely((2,), [event(99, 0, 1.0)], 0)
    assert not found.is_likely((), [event(99, 0, 1.0)], 0)


def test_axes_of_size_one_do_not_count() -> None:
    assert shape_of(Value.of([0.0] * 6, (1, 3, 2, 1))) == (3, 2)


def test_of_a_name_with_few_values_each_may_be_meant() -> None:
    events = [event(number, number, float(number)) for number in range(MAX_VALUES_PER_NAME)]

    assert likely(events, SITES) == {(number, 0) for number in range(MAX_VALUES_PER_NAME)}


def test_of_a_name_with_many_values_those_at_the_first_places_may_be_meant() -> None:
    events = [event(number, number, float(number)) for number in range(MAX_VALUES_PER_NAME + 1)]

    assert likely(events, SITES) == {(number, 0) for number in range(MAX_SITES_PER_NAME)}


def test_of_many_values_at_one_place_the_first_and_the_last_may_be_meant_but_in_a_loop_the_last() -> None:
    inner, outer = (next(site.number for site in LOOP.all if site.statement[0] == line) for line in (2, 3))
    many = [float(number) for number in range(MAX_VALUES_PER_NAME + 1)]

    assert likely([event(n, inner, one, n) for n, one in enumerate(many)], LOOP) == {(inner, MAX_VALUES_PER_NAME)}
    assert likely([event(n, outer, one, n) for n, one in enumerate(many)], LOOP) == {
        (outer, 0),
        (outer, MAX_VALUES_PER_NAME),
    }


def test_the_same_value_bound_often_is_one() -> None:
    assert len(likely([event(number, 0, 1.0, number) for number in range(50)], SITES)) == 50


def test_each_entry_of_a_list_may_have_as_many_values() -> None:
    events = [
        Event(number, 0, number, number % 2, "", Value.scalar(float(number)))
        for number in range(2 * MAX_VALUES_PER_NAME)
    ]

    assert len(likely(events, SITES)) == 2 * MAX_VALUES_PER_NAME
