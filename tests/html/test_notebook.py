"""Grading the notebook one works in: which text is graded, and what its output holds."""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path
from typing import Any

import html5lib
import pytest

import grader
from grader import notebook
from grader.errors import UsageError
from grader.exercise.load import named
from grader.model import Submission

from ..report.cases import forum_case

CELLS = ["%load_ext grader", "h0 = 0.5", "dy2 = 1.0", "%grade tanh-chain"]


class Shell:
    """What this module uses of IPython."""

    def __init__(self, run: list[str], **names: object) -> None:
        self.user_ns = names
        self.history_manager = types.SimpleNamespace(input_hist_raw=["", *run])


@pytest.fixture
def graded(monkeypatch: pytest.MonkeyPatch) -> list[Submission]:
    """Keeps what is graded, and grades nothing."""
    seen: list[Submission] = []

    def check(exercise: str, submission: Submission, reveal: str | None = None) -> Any:
        seen.append(submission)
        return forum_case()

    monkeypatch.setattr(notebook, "check", check)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    return seen


def in_shell(monkeypatch: pytest.MonkeyPatch, shell: Shell | None) -> None:
    monkeypatch.setattr(notebook, "_shell", lambda: shell)


def saved(path: Path, sources: list[str]) -> Path:
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": [one]} for one in sources]
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}))
    return path


def test_the_session_is_graded_with_the_numbers_of_its_prompts(
    graded: list[Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_shell(monkeypatch, Shell(CELLS))

    shown = notebook.check_here("tanh-chain")

    assert [(cell.number, cell.text) for cell in graded[0].cells] == [(2, "h0 = 0.5"), (3, "dy2 = 1.0")]
    assert shown.graded == "graded as run in this session; cell 3 is In [3]"


def test_the_saved_file_is_graded_where_it_was_run_as_it_stands(
    graded: list[Submission], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = saved(tmp_path / "mine.ipynb", CELLS)
    in_shell(monkeypatch, Shell(CELLS, __vsc_ipynb_file__=str(path)))

    shown = notebook.check_here("tanh-chain")

    assert graded[0].file == "mine.ipynb"
    assert shown.graded == "graded as saved in mine.ipynb"


def test_a_file_with_a_cell_that_was_not_run_so_is_not_graded(
    graded: list[Submission], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = saved(tmp_path / "mine.ipynb", [CELLS[0], "h0 = 0.7", *CELLS[2:]])
    in_shell(monkeypatch, Shell(CELLS))
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))

    notebook.check_here("tanh-chain")

    assert graded[0].file == notebook.SESSION


def test_the_body_of_a_graded_cell_counts(graded: list[Submission], monkeypatch: pytest.MonkeyPatch) -> None:
    in_shell(monkeypatch, Shell(["%%grade tanh-chain\ndy2 = 1.0"]))

    notebook.check_here("tanh-chain")

    assert graded[0].cells[0].text == "\ndy2 = 1.0"


def test_outside_a_notebook_it_says_what_to_use(monkeypatch: pytest.MonkeyPatch) -> None:
    in_shell(monkeypatch, None)
    monkeypatch.delitem(sys.modules, "marimo", raising=False)

    with pytest.raises(UsageError, match=r"for a file there is `grader\.check`"):
        notebook.check_here("tanh-chain")


def test_in_a_process_that_grades_a_notebook_it_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "grader.runner.child.main", types.ModuleType("main"))

    assert grader.check_here("tanh-chain") is None
    assert grader.load_ipython_extension(object()) is None  # type: ignore[func-returns-value]


def test_the_output_is_a_part_of_a_page_without_script() -> None:
    shown = notebook.ShownResult(forum_case(), named("tanh-chain"), "graded as saved in mine.ipynb")

    bundle = shown._repr_mimebundle_()

    assert set(bundle) == {"text/plain", "text/html", "text/markdown"}
    assert "<script" not in bundle["text/html"]
    assert "graded as saved in mine.ipynb" in bundle["text/html"]
    html5lib.HTMLParser(strict=True).parseFragment(bundle["text/html"])


def test_a_fault_of_the_grader_is_a_sentence_in_place_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.html.report.render_fragment", lambda *_: 1 / 0)

    bundle = notebook.ShownResult(forum_case(), named("tanh-chain"), "")._repr_mimebundle_()

    assert set(bundle) == {"text/plain"}
    assert bundle["text/plain"].startswith("grader: this is a fault of the grader, not of the submission")


def test_a_fault_of_the_grader_is_a_sentence_below_the_magic(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(notebook, "check_here", lambda *_, **__: 1 / 0)

    assert notebook._grade("tanh-chain") is None
    assert capsys.readouterr().err.startswith("grader: this is a fault of the grader, not of the submission")


def test_two_outputs_of_one_page_have_anchors_of_their_own() -> None:
    shown = notebook.ShownResult(forum_case(), named("tanh-chain"), "graded as saved in mine.ipynb")

    first, second = (shown._repr_mimebundle_()["text/html"] for _ in range(2))

    assert {part.split('"')[1] for part in first.split(" id=")[1:]}.isdisjoint(
        part.split('"')[1] for part in second.split(" id=")[1:]
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [("", "write `%grade EXERCISE`"), ("tanh-chain --reveal all", "--reveal is one of location, hint")],
)
def test_a_mistyped_magic_is_told_in_a_sentence(
    line: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    in_shell(monkeypatch, Shell([]))

    assert notebook._grade(line) is None
    assert said in capsys.readouterr().err


def test_its_drawings_have_no_links_as_jupyterlab_fails_at_them() -> None:
    html = notebook.ShownResult(forum_case(), named("tanh-chain"), "graded as saved in mine.ipynb")._repr_mimebundle_()[
        "text/html"
    ]

    drawings = [part.partition("</svg>")[0] for part in html.split("<svg")[1:]]
    assert any('class="node' in one for one in drawings)
    assert not any("<a " in one or "</a>" in one for one in drawings)


@pytest.mark.parametrize("theme", ['[data-jp-theme-light="false"]', ".vscode-dark", 'html[theme="dark"]'])
def test_it_follows_the_theme_of_the_front_end(theme: str) -> None:
    html = notebook.ShownResult(forum_case(), named("tanh-chain"), "graded as saved in mine.ipynb")._repr_mimebundle_()[
        "text/html"
    ]

    rules = html.partition("<style>")[2].partition("</style>")[0]
    (dark,) = [rule for rule in rules.split("}") if theme in rule]
    assert "--paper: #16171a" in dark
    assert dark.rstrip().endswith("color-scheme: dark;")
