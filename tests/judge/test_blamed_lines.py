"""Which line is meant where a quantity has no value: by the text of a submission and what raised."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from grader.exercise.types import Step
from grader.instrument.sites import instrument
from grader.judge.matching.naming import names_of
from grader.judge.missing_bindings import (
    _is_empty,
    binds_another_step,
    binds_quantity,
    blank_of,
    blank_read_at,
    cause_of,
    own_blank_behind,
    unreached_site,
    when_reached,
)
from grader.judge.runs.guarded import BLANK
from grader.judge.verdicts import _are_same, _asked, _constant, _why_unjudged
from grader.model import Observed, Opaque, Value
from grader.runner.types import Event, Raised, Sites
from tests.judge.runs import prepared
from tests.judge.test_alignment import CHAIN

EXERCISE = prepared(CHAIN).exercise
NAMES = names_of(EXERCISE)
STEP = {step.name: step for step in EXERCISE.steps}
DB = STEP["db"]


def evidence(*cells: str, raised: tuple[Raised, ...] = (), left: Raised | None = None, bound: str = "") -> Any:
    """What is known of a submission of these cells. The names in `bound` were bound in this order."""
    sites: list[Any] = []
    for number, cell in enumerate(cells):
        sites.extend(instrument(cell, number, len(sites)).sites)
    number_of = {site.names[0]: site.number for site in sites if site.names}
    events = [
        Event(n + 1, number_of[name], 0, None, "", Value.scalar(1.0)) for n, name in enumerate(bound.split())
    ]  # fmt: skip
    trace = SimpleNamespace(raised=raised, left=left, events=events)
    scene = SimpleNamespace(
        sites=Sites(tuple(sites), tuple(cells)), names=NAMES, traces=[trace], exercise=EXERCISE, stopped=()
    )
    return SimpleNamespace(scene=scene)


def error(line: int, statement: int, cell: int = 0, text: str = "ValueError") -> Raised:
    return Raised(cell, statement, cell, line, text)


def line(site: Any) -> int | None:
    return None if site is None else site.statement[0]


# names


@pytest.mark.parametrize(
    ("source", "kind", "stands"),
    [
        ("db = 1\n", "assign", True),
        ("dB = 1\n", "assign", True),
        ("x, db = f()\n", "unpack", True),
        ("da = 1\n", "assign", False),
        ("db[0] = 1\n", "item", True),
        ("db[0] = 1\n", "whole", True),
        ("g.db = 1\n", "assign", True),
        ("db.shape = 1\n", "assign", False),
        ("q = 1\n", "assign", False),
    ],
)
def test_a_line_binds_a_quantity_by_its_name(source: str, kind: str, stands: bool) -> None:
    sites = [one for one in instrument(source, 0).sites if one.kind == kind]

    assert any(binds_quantity(NAMES, one, "db") for one in sites) is stands


# what raised


@pytest.mark.parametrize(
    ("source", "raised", "expected"),
    [
        ("x = 1\ndb = 1 / 0\n", [(2, 1)], 2),
        ("db = 1 / 0\n", [], None),
        ("x = 1 / 0\ndb = 2\n", [(1, 0)], None),  # another line
        ("if x:\n    db = 1 / 0\n", [(2, 0)], 2),
        ("for db in y:\n    pass\n", [(1, 0)], None),  # a loop's variable is no step
        ("f(db=1)\n", [(1, 0)], None),  # nor is a keyword
        ("db = 1 / 0\ndb = 2 / 0\n", [(1, 0), (2, 1)], 1),  # the first
    ],
)
def test_the_line_that_would_have_bound_a_step_and_raised(
    source: str, raised: list[tuple[int, int]], expected: int | None
) -> None:
    known = evidence(source, raised=tuple(error(*one) for one in raised))
    found = cause_of(known, DB, None)

    assert (found and line(found[1])) == expected


def bound_at(source: str, at: int, raised: tuple[int, int], value: Observed, kind: str = "assign") -> int | None:
    """The line that kept `db` from being bound completely, where it was bound at a line already."""
    known = evidence(source, raised=(error(*raised),))
    site = next(one for one in known.scene.sites.all if one.statement[0] == at and one.kind == kind)
    match: Any = SimpleNamespace(events=(Event(1, site.number, 0, None, "", value),))
    found = cause_of(known, DB, match)
    return found and line(found[1])


ONE, ZEROS = Value.scalar(1.0), Value.of([0.0, 0.0], (2,))


def test_an_error_before_a_step_was_bound_anew_does_not_matter() -> None:
    assert bound_at("db = 1 / 0\ndb = 2\n", 2, (1, 0), ONE) is None
    assert bound_at("db = 2\ndb = 1 / 0\n", 1, (2, 1), ONE) == 2
    assert bound_at("db = 1 / 0\ndb += 2\n", 2, (1, 0), ONE, "again") == 1  # it adds to what is not there


def test_a_call_may_only_have_read_a_step_unless_that_is_to_be_filled() -> None:
    assert bound_at("db = f()\ncompare(db, 1)\n", 1, (2, 1), Value.of([1.0, 0.0], (2,))) is None
    assert bound_at("db = f()\nfill(db, 1)\n", 1, (2, 1), ZEROS) == 2


@pytest.mark.parametrize(
    ("value", "empty"),
    [
        (ZEROS, True),
        (Value.of([0.0, 1.0], (2,)), False),
        (Value.scalar(0.0), False),  # a number is not filled
        (Opaque("text", "str"), False),
    ],
)
def test_an_array_of_zeros_may_be_meant_to_be_filled(value: Observed, empty: bool) -> None:
    assert _is_empty(value) is empty


@pytest.mark.parametrize(
    ("source", "at", "others"),
    [
        ("if x:\n    da = 1 / 0\n    db = 2\n", 2, True),  # `db` is not bound by the line that raised
        ("if x:\n    db = 1 / 0\n    da = 2\n", 2, False),
        ("if x:\n    t = 1 / 0\n    db = 2\n", 2, False),
        ("db, da = 1 / 0\n", 1, False),
        ("if x:\n    b = 1 / 0\n    db = 2\n", 2, False),  # a forward name is no other step
    ],
)
def test_whose_line_raised(source: str, at: int, others: bool) -> None:
    assert binds_another_step(evidence(source), DB, error(at, 0)) is others


def test_a_line_of_another_cell_is_not_meant() -> None:
    known = evidence("da = 1\n", "t = 1 / 0\n")

    assert not binds_another_step(known, DB, error(1, 0, cell=1))


# where the program ended, and blanks


@pytest.mark.parametrize(
    ("left", "expected"),
    [(None, None), (error(1, 0), 3), (error(3, 2), 3), (error(4, 3), None)],
)
def test_where_a_step_would_have_been_bound_if_the_program_had_not_ended(
    left: Raised | None, expected: int | None
) -> None:
    assert line(unreached_site(evidence("x = 1\nda = 2\ndb = 3\ny = 4\n", left=left), DB)) == expected


def test_a_blank_that_was_not_reached_is_none() -> None:
    assert unreached_site(evidence("exit()\ndb = ...\n", left=error(1, 0)), DB) is None
    assert line(blank_of(evidence("exit()\ndb = ...\n"), DB)) == 2
    assert blank_of(evidence("db = 1\nda = ...\n"), DB) is None


def test_a_statement_was_reached_after_the_last_binding_before_it() -> None:
    known = evidence("x = 1\ny = 2\ndb = 1 / 0\nz = 3\n", bound="x y z")
    at = {site.names[0]: site for site in known.scene.sites.all if site.names}

    assert when_reached(known, at["db"]) == 2
    assert when_reached(known, at["x"]) == 0


def test_what_a_function_bound_before_is_not_a_line_before() -> None:
    known = evidence("def f():\n    u = 1\ndb = 1 / 0\n", bound="u")
    site = next(one for one in known.scene.sites.all if "db" in one.names)

    assert when_reached(known, site) == 0


@pytest.mark.parametrize(
    ("source", "at", "blank"),
    [
        ("t = ...\ndb = t\n", 2, 1),
        ("t = ...\ns = ...\ndb = s\n", 3, 2),
        ("t = ...\nt = ...\ndb = t\n", 3, 2),  # the last one
        ("db = t\nt = ...\n", 1, None),
        ("for i in y:\n    db = t\n    t = ...\n", 2, 3),  # in a loop, perhaps one further down
        ("t = ...\nfor i in y:\n    db = t\n", 3, 1),
        ("def f():\n    t = ...\ndb = t\n", 3, None),  # a local of a function
        ("t = ...\ndb = s\n", 2, None),
    ],
)
def test_the_blank_that_a_line_reads(source: str, at: int, blank: int | None) -> None:
    known = evidence(source)
    site = next(one for one in known.scene.sites.all if one.statement[0] == at and "db" in one.names)

    assert line(blank_read_at(known, site)) == blank


@pytest.mark.parametrize(
    ("source", "raised", "blank"),
    [
        ("t = ...\ndb = 2 * t\n", [], 1),
        ("t = ...\nt = 3\ndb = 2 * t\n", [], None),  # filled in
        ("b = ...\ndb = 2 * b\n", [], None),  # a blank of the exercise's own
        ("t = ...\ns = 2 * t\ndb = 2 * s\n", [(2, 1)], 1),  # through a line that raised for it
        ("t = ...\ns = 2 * q\ndb = 2 * s\n", [(2, 1)], None),
        ("t = ...\ns[0] = 2 * t\ndb = 2 * s\n", [(2, 1)], 1),
        ("db = 2 * t\nt = ...\n", [], None),
        ("t = ...\ndef f():\n    db = 2 * t\n", [], None),
    ],
)
def test_the_blank_of_ones_own_for_lack_of_which_a_line_does_not_run(
    source: str, raised: list[tuple[int, int]], blank: int | None
) -> None:
    text = f"TypeError: unsupported operand for {BLANK}"
    known = evidence(source, raised=tuple(error(*one, text=text) for one in raised))
    site = next(one for one in known.scene.sites.all if "db" in one.names)

    assert line(own_blank_behind(known, site)) == blank


# why not


@pytest.mark.parametrize(
    ("ends", "forced", "why"),
    [
        ("finished", "finished", "not_reached"),
        ("timeout", "finished", "timeout"),
        ("finished", "timeout", "timeout"),
        ("killed", "timeout", "timeout"),
        ("killed", "finished", "killed"),
        ("finished", "output", "killed"),
        ("processes", "enough", "killed"),
        ("protocol", "enough", "killed"),
        ("enough", "enough", "not_reached"),
    ],
)
def test_why_a_step_was_not_judged(ends: str, forced: str, why: str) -> None:
    known: Any = SimpleNamespace(
        scene=SimpleNamespace(traces=[SimpleNamespace(ended=ends)]), forced=[SimpleNamespace(ended=forced)]
    )

    assert _why_unjudged(known) == why


PLACE, TEXT = Opaque("placeholder", ""), Opaque("text", "str")


@pytest.mark.parametrize(
    ("values", "constant"),
    [
        ([ONE, ONE], True),
        ([ONE], True),
        ([ONE, Value.scalar(2.0)], False),
        ([ONE, None], False),
        ([None, ONE], False),
        ([PLACE, PLACE], False),
    ],
)
def test_a_value_is_constant_if_it_is_the_same_at_all_points(values: list[Observed | None], constant: bool) -> None:
    assert _constant(values) is constant


@pytest.mark.parametrize(
    ("values", "others", "same"),
    [
        ([ONE, ONE], [ONE, ONE], True),
        ([ONE, ONE], [ONE, ZEROS], False),
        ([PLACE], [PLACE], True),  # two blanks
        ([TEXT], [TEXT], False),
        ([None], [None], False),
        ([ONE], [None], False),
        ([ONE, ONE], [ONE], False),
    ],
)
def test_two_steps_hold_the_same(values: list[Observed | None], others: list[Observed | None], same: bool) -> None:
    assert _are_same(values, others) is same


def test_a_step_is_known_by_its_text_whatever_its_spaces() -> None:
    one, other = (Step("s", DB.quantity, text) for text in ("d(y)/d(b)", "d(y) / d(b)"))

    assert _asked(one) == _asked(other)
