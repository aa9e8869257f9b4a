"""The members of a family over time, `h[t]`, among the bindings of the family's name."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from grader.exercise.types import Step
from grader.formula.build import NOWHERE
from grader.formula.syntax import Name
from grader.instrument.sites import instrument
from grader.judge.matching.families import Slot, members_of
from grader.model import Observed, Opaque, Value
from grader.runner.types import Event, Sites


def vector(*numbers: float) -> Value:
    return Value.of(list(numbers), (len(numbers),))


def step(index: int) -> Step:
    return Step(f"h[{index}]", Name("h", NOWHERE), "h[t]", family="h", index=index)


def members(
    source: str,
    bound: Sequence[tuple[int, str, Observed]],
    indices: Sequence[int] = (1, 2, 3),
    right: Value | None = None,
    keys: Sequence[int | None] | None = None,
) -> list[tuple[int, int | None] | None]:
    """Which of the bindings, and which part of it, is each member; `bound` has line, kind of site and value of each."""
    sites = Sites(instrument(source, 0).sites)
    events: list[Event] = []
    for number, (line, kind, value) in enumerate(bound):
        site = next(one for one in sites.all if one.statement[0] == line and one.kind == kind)
        key = None if keys is None else keys[number]
        events.append(Event(number, site.number, sum(e.site == site.number for e in events), key, "", value))
    shape = right or Value.scalar(0.0)
    found = members_of([step(one) for one in indices], [shape for _ in indices], events, sites)
    return [None if one is None else (one[0].sequence, None if one[1] is None else one[1].index) for one in found]


A, B, C, D = (Value.scalar(number) for number in (1.0, 2.0, 3.0, 4.0))
REBOUND = "h = 0\nfor t in ts:\n    h = f(h)\n"


def test_one_name_bound_in_each_pass() -> None:
    passes = [(1, "assign", D), (3, "assign", A), (3, "assign", B), (3, "assign", C)]

    assert members(REBOUND, passes) == [(1, None), (2, None), (3, None)]


def test_a_family_may_begin_before_the_loop() -> None:
    assert members(REBOUND, [(3, "assign", A), (3, "assign", B)]) == [None, (0, None), (1, None)]


def test_passes_of_another_number_are_no_members() -> None:
    assert members(REBOUND, [(3, "assign", A)]) == [None, None, None]
    assert members(REBOUND, [(3, "assign", A)] * 4) == [None, None, None]


def test_what_no_loop_binds_is_no_pass() -> None:
    assert members("h = 1\n", [(1, "assign", A)] * 3) == [None, None, None]


def test_of_several_sites_that_fit_the_last_in_the_text_counts() -> None:
    source = "for t in ts:\n    h = f(t)\n    h = g(h)\n"
    passes = [(line, "assign", A) for _ in range(3) for line in (2, 3)]

    assert members(source, passes) == [(1, None), (3, None), (5, None)]


def test_a_site_with_all_members_counts_before_one_that_lacks_the_first() -> None:
    source = "for t in ts:\n    h = f(t)\n    h = g(h)\n"

    passes = [(2, "assign", A), (2, "assign", B), (2, "assign", C), (3, "assign", A), (3, "assign", B)]

    assert members(source, passes) == [(0, None), (1, None), (2, None)]


def test_an_object_changed_in_each_pass_is_a_member_if_it_has_a_members_shape() -> None:
    source = "for t in ts:\n    h[y] -= 1\n"
    alike = [(2, "whole", vector(1.0, 2.0))] * 3
    filled = [(2, "whole", Value.of([0.0] * 6, (3, 2)))] * 3

    assert members(source, alike, right=vector(0.0, 0.0)) == [(0, None), (1, None), (2, None)]
    assert members(source, filled, right=vector(0.0, 0.0)) == [(2, 0), (2, 1), (2, 2)]
    assert members(source, [*filled[:2], alike[0]], right=vector(0.0, 0.0)) == [(1, 0), (1, 1), (1, 2)]


def test_elements_are_members_by_their_index() -> None:
    source = "for t in ts:\n    h[t] = f(t)\n"
    bound = [(2, "item", A), (2, "item", B), (2, "item", C)]

    assert members(source, bound, keys=[3, 2, 1]) == [(2, None), (1, None), (0, None)]
    assert members(source, bound, keys=[3, 2, 0], indices=[2, 3]) == [(1, None), (0, None)]
    assert members(source, bound, keys=[3, 2, 0]) == [None, (1, None), (0, None)]
    assert members(source, bound, keys=[2, 1, 0], indices=[0, 1, 2]) == [(2, None), (1, None), (0, None)]


APPENDED = "h = []\nfor t in ts:\n    h.append(f(t))\n"
GROWN = [vector(1.0), vector(1.0, 2.0), vector(1.0, 2.0, 3.0)]


def grown(*lists: Observed) -> list[tuple[int, int | None] | None]:
    return members(APPENDED, [(3, "touched", one) for one in lists])


def test_a_list_may_grow_at_its_end() -> None:
    assert grown(*GROWN) == [(0, 0), (1, 1), (2, 2)]


def test_a_list_may_grow_at_its_start() -> None:
    assert grown(vector(1.0), vector(2.0, 1.0), vector(3.0, 2.0, 1.0)) == [(0, 0), (1, 0), (2, 0)]


def test_a_list_may_grow_behind_what_it_started_with() -> None:
    assert grown(vector(9.0, 1.0), vector(9.0, 1.0, 2.0), vector(9.0, 1.0, 2.0, 3.0)) == [(0, 1), (1, 2), (2, 3)]


def test_a_list_may_grow_before_what_it_started_with() -> None:
    assert grown(vector(1.0, 9.0), vector(2.0, 1.0, 9.0), vector(3.0, 2.0, 1.0, 9.0)) == [(0, 0), (1, 0), (2, 0)]


def test_none_is_not_the_first_entry_of_a_list() -> None:
    none = math.nan

    assert grown(vector(1.0, none), vector(2.0, 1.0, none), vector(3.0, 2.0, 1.0, none)) == [(0, 0), (1, 0), (2, 0)]
    assert grown(vector(none, 1.0), vector(none, 1.0, 2.0), vector(none, 1.0, 2.0, 3.0)) == [(0, 1), (1, 2), (2, 3)]
    assert grown(vector(none, 1.0, 9.0), vector(none, 2.0, 1.0, 9.0), vector(none, 3.0, 2.0, 1.0, 9.0)) == [
        (0, 1),
        (1, 1),
        (2, 1),
    ]


def test_an_array_that_is_filled_does_not_grow() -> None:
    filled = [vector(1.0, 0.0, 0.0), vector(1.0, 2.0, 0.0), vector(1.0, 2.0, 3.0)]

    assert members(APPENDED, [(3, "touched", one) for one in filled], indices=[0, 1, 2]) == [(2, 0), (2, 1), (2, 2)]


def test_a_list_that_cannot_be_read_in_each_pass_has_its_members_at_the_end() -> None:
    assert grown(Opaque("object", "list"), *GROWN[1:]) == [(2, 0), (2, 1), (2, 2)]


def test_a_list_of_one_entry_has_it_in_the_last_place() -> None:
    assert members(APPENDED, [(3, "touched", vector(5.0, 1.0))], indices=[1]) == [(0, 1)]


WHOLE = "h = f()\n"


@pytest.mark.parametrize(
    ("length", "indices", "places"),
    [
        (4, [1, 2, 3], [1, 2, 3]),
        (4, [3, 2, 1], [3, 2, 1]),
        (3, [1, 2, 3], [0, 1, 2]),  # too short for the indices
        (3, [3, 2, 1], [2, 1, 0]),
        (2, [1, 2, 3], [0, 1, None]),
    ],
)
def test_members_may_be_parts_of_one_array(length: int, indices: list[int], places: list[int | None]) -> None:
    found = members(WHOLE, [(1, "assign", vector(*[0.5] * length))], indices=indices)

    assert found == [None if place is None else (0, place) for place in places]


def test_of_several_arrays_the_last_has_the_members() -> None:
    assert members(WHOLE, [(1, "assign", vector(1.0, 2.0, 3.0))] * 2) == [(1, 0), (1, 1), (1, 2)]


def test_an_array_of_parts_of_another_shape_has_no_members() -> None:
    pair = vector(0.0, 0.0)

    assert members(WHOLE, [(1, "assign", vector(1.0, 2.0, 3.0))], right=pair) == [None, None, None]
    assert members(WHOLE, [(1, "assign", Value.of([0.0] * 6, (3, 2)))], right=pair) == [(0, 0), (0, 1), (0, 2)]
    assert members(WHOLE, [(1, "assign", A)]) == [None, None, None]


def test_a_slot_is_one_row() -> None:
    rows = Value.of([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], (3, 2), "float32")

    assert Slot(1).take(rows) == Value.of([3.0, 4.0], (2,), "float32")
    assert Slot(2).take(rows) == Value.of([5.0, 6.0], (2,), "float32")
    assert Slot(3).take(rows) is None
    assert Slot(0).take(A) is None
    assert Slot(1).put(rows, vector(8.0, 9.0)) == Value.of([1.0, 2.0, 8.0, 9.0, 5.0, 6.0], (3, 2), "float32")


def test_a_binding_that_has_no_such_row_stays_as_it_is() -> None:
    text = Event(1, 0, 0, None, "", Opaque("text", "str"))
    short = Event(1, 0, 0, None, "", vector(1.0))

    assert Slot(0).of(text) is text
    assert Slot(1).of(short) is short
    assert Slot(0).of(short).value == A
