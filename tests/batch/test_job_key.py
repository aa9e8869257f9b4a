"""The key of a job changes with everything a result depends on."""

from __future__ import annotations

import ast
from pathlib import Path

from grader.batch.jobs import _JUDGING
from grader.disk_cache import code_files

HOUSE = Path(__file__).parents[2] / "grader"
INDIFFERENT = {"__init__", "errors", "nearest", "disk_cache", "syntax_trees", "temp_folders"}
"""Modules that grading imports, and that decide nothing of a result."""


def imported_by(start: Path) -> set[Path]:
    """The grader's own modules that a module imports, directly or not, inside functions too."""
    seen: set[Path] = set()
    left = [start]
    while left:
        file = left.pop()
        if file in seen:
            continue
        seen.add(file)
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("grader"):
                package = HOUSE.parent / (node.module or "").replace(".", "/")
                named = [package / f"{alias.name}.py" for alias in node.names]
                left += [one for one in (package.with_suffix(".py"), *named) if one.exists()]
    return seen


def test_all_code_that_decides_a_result_is_in_it() -> None:
    covered = {file.resolve() for file in code_files(*_JUDGING)}

    decides = {file for file in imported_by(HOUSE / "grading.py") if file.stem not in INDIFFERENT}

    assert len(decides) > 150
    assert {str(file.relative_to(HOUSE)) for file in decides - covered} == set()
