"""Settings of an editor, and which exercise a document answers."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("lsprotocol")

from grader.editor.documents import Document, file, notebook
from grader.editor.settings import Chosen, Rule, Settings, answers, chosen, rules_in, settings
from grader.handout.marker import Marker

from . import cells_of

MARKER = "# grader check tanh-chain mine.py --variant 0123456789"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (None, Settings()),
        ({}, Settings()),
        ({"exercise": "tanh-chain"}, Settings((Rule(None, Marker("tanh-chain")),))),
        ({"grader": {"exercise": {"a*.py": "x --variant k"}}}, Settings((Rule("a*.py", Marker("x", "k")),))),
        ({"grader.reveal": "hint", "grader.delay": 1}, Settings(reveal="hint", delay=1.0)),
        ({"isolation": "strict", "exercise": None}, Settings(isolation="strict")),
    ],
)
def test_options_of_an_editor(told: object, expected: Settings) -> None:
    assert settings(told) == (expected, ())


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({"reveal": "all"}, "`reveal` is one of location, hint"),
        ({"isolation": 1}, "`isolation` is one of"),
        ({"delay": "soon"}, "`delay` is a number of seconds up to 60"),
        ({"exercise": ["a"]}, "`exercise` is the name of an exercise, or an object"),
        ("tanh-chain", "an object, not 'tanh-chain'"),
    ],
)
def test_an_option_that_cannot_be_used_is_named_and_the_default_holds(told: object, name: str) -> None:
    made, (sentence,) = settings(told)

    assert made == Settings()
    assert name in sentence


def test_a_file_of_settings_has_a_line_for_each_pattern() -> None:
    text = "# mine\nweek1/*.py: tanh-chain  # the first\n\nfinal.ipynb : own.yaml --variant k\nno rule\n: x\n"

    assert rules_in(text) == (
        Rule("week1/*.py", Marker("tanh-chain")),
        Rule("final.ipynb", Marker("own.yaml", "k")),
    )


def at(folder: Path, text: str, name: str = "mine.py") -> Document:
    return file((folder / name).as_uri(), text, 1)


def test_a_document_that_names_its_exercise(tmp_path: Path) -> None:
    assert chosen(at(tmp_path, MARKER), Settings(), ()) == Chosen("tanh-chain", "0123456789")


def test_a_notebook_that_names_its_exercise_in_a_cell() -> None:
    document = notebook("file:///mine.ipynb", *cells_of("a = 1", "!python -m grader check tanh-chain mine.ipynb"))

    assert chosen(document, Settings(), ()) == Chosen("tanh-chain")


def test_a_notebook_that_jupyter_shows_as_one_text_is_looked_up_on_disk(tmp_path: Path) -> None:
    cells = '{"cells": [{"source": "!python -m grader check tanh-chain mine.ipynb"}]}'
    (tmp_path / "mine.ipynb").write_text(cells)

    assert chosen(at(tmp_path, "a = 1", "mine.ipynb"), Settings(), ()) == Chosen("tanh-chain")


def test_one_that_names_two_exercises_or_none_is_no_submission(tmp_path: Path) -> None:
    two = f"{MARKER}\n# grader check softmax mine.py"

    assert [chosen(at(tmp_path, text), Settings(), ()) for text in (two, "a = 1")] == [None, None]


def test_an_exercise_in_a_file_is_found_beside_the_document(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("exercise: own")

    found = chosen(at(tmp_path, "# grader check own.yaml mine.py"), Settings(), ())

    assert found == Chosen(str(tmp_path / "own.yaml"))


def test_the_nearest_file_of_settings_within_the_workspace_counts(tmp_path: Path) -> None:
    inner = tmp_path / "course" / "week"
    inner.mkdir(parents=True)
    (tmp_path / ".grader").write_text("*.py: outside")
    (tmp_path / "course" / ".grader").write_text("week/*.py: softmax")
    document = at(inner, "a = 1")

    assert chosen(document, Settings(), (str(tmp_path / "course"),)) == Chosen("softmax")
    assert chosen(document, Settings(), ()) is None


def test_the_editors_own_option_comes_last_and_for_every_file_it_is_doubtful(tmp_path: Path) -> None:
    everything, some = Settings((Rule(None, Marker("a")),)), Settings((Rule("m*.py", Marker("b")),))

    assert chosen(at(tmp_path, ""), everything, ()) == Chosen("a", doubtful=True)
    assert chosen(at(tmp_path, ""), some, ()) == Chosen("b")
    assert chosen(at(tmp_path, "", "other.py"), some, ()) is None
    assert chosen(at(tmp_path, MARKER), some, ()) == Chosen("tanh-chain", "0123456789")


def test_a_page_that_quotes_a_command_is_doubtful(tmp_path: Path) -> None:
    found = chosen(at(tmp_path, "    grader check tanh-chain mine.py\n", "README.md"), Settings(), ())

    assert found == Chosen("tanh-chain", doubtful=True)


@pytest.mark.parametrize(("text", "expected"), [("Dh1 = 2", True), ("dh = 1  # no dh11", False), ("dh1 = (", False)])
def test_code_answers_an_exercise_if_it_has_one_of_its_names(text: str, expected: bool, tmp_path: Path) -> None:
    assert answers(at(tmp_path, text).submission(), frozenset({"dh1", "dh2"})) == expected
