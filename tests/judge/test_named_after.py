"""Further names for a step of which it is not shown where it comes from."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from grader.instrument.sites import instrument
from grader.judge.borrowed.borrowing import _named_after
from grader.runner.types import Sites


def named_after(source: str) -> frozenset[str]:
    """The steps b, c and d that are named after the step a, which is not shown."""
    sites = instrument(source, 0).sites
    last = {name: site for site in sites for name in site.names}
    matches = {
        name: SimpleNamespace(value_at=lambda _, site=site: SimpleNamespace(site=site.number))
        for name, site in last.items()
    }
    alignment: Any = SimpleNamespace(matches=matches)
    scene: Any = SimpleNamespace(sites=Sites(tuple(sites)))
    return _named_after(alignment, scene, frozenset("bcd"), {"a"})


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("a = f(x)\nb = a\n", "b"),
        ("a = f(x)\nb = a\nc = b\nd = w * a\n", "bc"),
        ("a = f(x)\nb = 2 * x\n", ""),
        ("a = f(x)\nb = x\nc = b\n", ""),
        ("b = 1\n", ""),
    ],
)
def test_a_line_that_only_names_it_anew_is_not_shown_either(source: str, named: str) -> None:
    assert named_after(source) == frozenset(named)
