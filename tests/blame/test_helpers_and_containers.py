"""One planted mistake in a submission that keeps its steps in containers, or computes them in helpers, costs one step,
and is shown at its line: that which ends with `#> guilty`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import warm

pytestmark = pytest.mark.sampled(4)

FILES = sorted((Path(__file__).parent / "helpers_and_containers").glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_one_step_is_lost_and_the_line_is_shown(path: Path) -> None:
    lines = path.read_text().splitlines()
    guilty = next(number for number, line in enumerate(lines, 1) if line.endswith("#> guilty"))

    result = warm.check(lines[0].removeprefix("# exercise: "), path)

    steps = (*result.forward, *result.steps)
    shown = next(step.where for step in steps if step.name == result.first_error)
    assert [step.outcome for step in steps if step.outcome not in ("correct", "carried")] == ["wrong"]
    assert shown is not None
    assert shown.line <= guilty <= shown.end_line
