"""The list of operations that authors read is the list that formulas may use. GRADER_UPDATE_GOLDEN=1 writes it anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.cli.listing import markdown
from grader.cli.main import run

PAGE = Path(__file__).parents[2] / "exercises" / "OPERATIONS.md"


def test_the_page_of_operations_is_current() -> None:
    if os.environ.get("GRADER_UPDATE_GOLDEN"):
        PAGE.write_text(markdown(), "utf-8")

    assert PAGE.read_text("utf-8") == markdown()


def test_every_operation_is_printed_with_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--operations"]) == 0

    printed = capsys.readouterr().out
    assert "softplus(input, beta=, threshold=)  log(1 + exp(beta x)) / beta" in printed
    assert "Linear algebra" in printed
