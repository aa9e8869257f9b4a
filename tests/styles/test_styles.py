"""Nobody is accused for a style, and in every style a planted mistake is found on its line and costs one step.

Correct submissions are made of the worked solutions by rewrites that are shown here to keep the numbers; each rewrite
is then applied to solutions with one planted mistake, which is followed to the line it ends up on. `by_hand` has
submissions nobody generated. Run with `-s` to see the table.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.exercise.load import collection
from tests import warm
from tests.quality.corpus import ROOT, Script, scripts
from tests.quality.oracle import exercise_named
from tests.styles import figures
from tests.styles.endings import endless_loop_behind_functions
from tests.styles.measure import is_accused, measured, missing_by_hand, missing_values, shown, told, total
from tests.styles.submissions import GROUPS, right, wrong

LOCATED, ONE_LOST = {"two or three": 0.95}, 0.97
"""The least shares of planted mistakes that are found on their line, and that cost one step, in each group. A debt: of
the styles that are combined, 96 % are located; of each style alone, 98 % or more."""

EACH = {"two or three": 4}
ENDLESS = endless_loop_behind_functions
BY_HAND = scripts(Path(__file__).parent / "by_hand")


def each(group: str) -> int:
    """Submissions for each style; of those together, for each exercise."""
    return EACH.get(group, 5)


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS)
def test_no_correct_submission_is_accused(group: str, tmp_path: Path) -> None:
    table = measured(right(group, each(group)), tmp_path)
    print(f"\n{shown(group, table)}")
    row = total(table.values())

    assert row.accused == 0, "\n".join(row.failed)


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS)
def test_a_planted_mistake_is_found_on_its_line_and_costs_one_step(group: str, tmp_path: Path) -> None:
    table = measured(wrong(group, each(group)), tmp_path)
    print(f"\n{shown(group, table)}")
    row = total(table.values())
    figures.keep(group, row)

    assert row.located >= LOCATED.get(group, 0.98) * row.wrong, "\n".join(row.failed)
    assert row.one_lost >= ONE_LOST * row.wrong, "\n".join(row.failed)


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS)
def test_rewriting_keeps_the_numbers(group: str) -> None:
    lost = {one.name: missing for one in right(group, each(group)) if (missing := missing_values(one))}

    assert lost == {}


@pytest.mark.slow
def test_there_are_more_than_three_hundred_over_all_exercises() -> None:
    made = [one for group in GROUPS for one in right(group, each(group))]

    assert len(made) > 300
    assert {one.exercise for one in made} == {path.stem for path in collection()}


@pytest.mark.slow
@pytest.mark.parametrize("script", BY_HAND, ids=lambda script: script.path.stem)
def test_a_submission_written_by_hand_is_right_and_not_accused(script: Script) -> None:
    assert missing_by_hand(script.source, exercise_named(script.source)) == []

    result = warm.check(exercise_named(script.source), script.path)

    assert not is_accused(result), told(result)


def test_the_documentation_shows_the_figures() -> None:
    assert figures.in_markdown() in (ROOT / "grader" / "docs" / "quality.md").read_text()
