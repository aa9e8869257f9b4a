"""A search for repairs ends in its time, however many there are to try and however few of them pass the first look."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from grader.diagnosis import search


def test_the_time_is_looked_at_while_candidates_are_sifted(monkeypatch: pytest.MonkeyPatch) -> None:
    def many(*_: object) -> Iterator[object]:
        while True:
            yield edit

    class Edit:
        before = after = None

    class Probe:
        @staticmethod
        def passes(*_: object) -> bool:
            return False

    class Task:
        expression = swaps = counts = trusted = constants = terms = ()
        has_arrays = False

    edit = Edit()
    for name in ("single_edits", "scalings", "missing_products", "subtrees"):
        monkeypatch.setattr(search, name, many if name != "subtrees" else lambda _: ())
    began = time.thread_time()

    assert list(search._candidates(Task(), Probe(), began + 0.05)) == []  # type: ignore[arg-type]  # all it looks at
    assert time.thread_time() - began < 1
