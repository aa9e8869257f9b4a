"""What the lines of a submission say: their formulas, and what they change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.diagnosis.step.tasks import Sources
from grader.formula.syntax import Place, text
from grader.instrument.site import Site
from grader.instrument.sites import instrument
from grader.submission.load import load_bytes

SOURCE = """\
x = a * b
x += c
g[t] += d
g[t, 1] = e + 1
p, q = a, b
def f(r):
    s = r * u
    return s
é = f(s) * 2
"""


def read(line: int, kind: str) -> tuple[Sources, Site]:
    """The sources, and the site of a line."""
    site = next(one for one in instrument(SOURCE, 0).sites if one.statement[0] == line and one.kind == kind)
    return Sources(load_bytes(SOURCE.encode(), "mine.py")), site


@pytest.mark.parametrize(
    ("line", "kind", "formula", "changed", "built", "keys"),
    [
        (1, "assign", "a * b", "x", None, []),
        (2, "again", "again_add(c)", "x", "x", []),
        (3, "whole", "again_add(d)", "g", "g", ["t"]),
        (4, "whole", "e + 1", "g", "g", ["t", "1"]),
        (5, "assign", "a", None, None, []),
        (7, "assign", "r * u", "s", None, []),
    ],
)
def test_a_line_says_what_is_computed_and_what_it_changes(
    line: int, kind: str, formula: str, changed: str | None, built: str | None, keys: list[str]
) -> None:
    sources, site = read(line, kind)
    formulas, name = sources.read(site), sources.built(site)

    assert formulas is not None
    assert text(formulas) == formula
    assert sources.changed(site) == changed
    assert (name and name[0]) == built
    assert [text(one) for one in sources.keys(site)] == keys


@pytest.mark.parametrize(("line", "around"), [(1, set()), (7, {"r", "s", "u"})])
def test_names_around_a_line_are_those_of_its_function(line: int, around: set[str]) -> None:
    sources, site = read(line, "assign")

    assert sources.around(site) == around


def test_a_place_is_counted_in_characters() -> None:
    sources, site = read(9, "assign")

    assert sources.place(site) == Place(9, 5, 9, 13)


def test_code_of_the_exercise_has_no_source() -> None:
    _, site = read(1, "assign")
    nothing = Sources(load_bytes(b"", "mine.py"))
    elsewhere = replace(site, cell=5)

    assert nothing.read(elsewhere) is None
    assert nothing.built(elsewhere) is None
    assert nothing.changed(elsewhere) is None
    assert nothing.keys(elsewhere) == ()
    assert nothing.around(elsewhere) == frozenset()


def test_names_that_nothing_reads_are_known() -> None:
    sources, _ = read(1, "assign")

    assert {"p", "q", "é"} <= sources.unread
    assert not {"a", "b", "s", "u"} & sources.unread
