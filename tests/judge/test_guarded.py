"""Statements after which a run can go on, each with the error that keeps it from its value."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from grader.instrument.sites import instrument
from grader.judge.runs.guarded import _at
from grader.runner.types import Raised

SOURCE = """\
def back(w):
    lost = 1 / 0
    a = lost * w; b = w / 0
    return a, b
"""


def test_a_statement_does_not_get_the_error_of_the_one_before_it_in_its_line() -> None:
    sites = instrument(SOURCE, 0).sites
    (lost,) = (one for one in sites if one.names == ("lost",))
    local, own = Raised(0, 0, 0, 2, "ZeroDivisionError"), Raised(0, 0, 0, 3, "ZeroDivisionError")
    scene = SimpleNamespace(
        stopped=(SimpleNamespace(site=lost, raised=local),),
        sites=SimpleNamespace(all=sites),
        names=SimpleNamespace(means=lambda _: None, indices={}),
    )

    found = [(one.site.names, one.raised) for one, _ in _at(cast(Any, scene), SOURCE, 0, 3, own)]

    assert found == [(("a",), local), (("b",), own)]
