"""Where lines are after an edit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("lsprotocol")

from grader.editor.view import line_map

LINES = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=8)


@given(LINES, LINES)
@settings(max_examples=100)
def test_a_line_is_found_where_it_stands_unchanged_and_leads_back(before: list[str], after: list[str]) -> None:
    lines = line_map(before, after)

    for row, line in enumerate(before):
        new = lines.new(row)
        assert new is None or (after[new] == line and lines.old(new) == row)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (["a", "b", "c"], [0, 1, 2]),
        (["new", "a", "b", "c"], [1, 2, 3]),
        (["a", "changed", "c"], [0, None, 2]),
        (["a", "c"], [0, None, 1]),
        (["a", "b", "c", "new"], [0, 1, 2]),
    ],
)
def test_an_edit_moves_what_follows_it(after: list[str], expected: list[int | None]) -> None:
    lines = line_map(["a", "b", "c"], after)

    assert [lines.new(row) for row in range(3)] == expected
