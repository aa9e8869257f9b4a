"""Settings of an editor, and which exercise a document answers."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("lsprotocol")

from grader.editor.documents import OpenDocument, file, notebook
from grader.editor.settings import ChosenExercise, EditorSettings, ExerciseRule, answers, chosen, rules_in, settings
from grader.handout.render import Marker

from . import cells_of

MARKER = "# grader check tanh-chain mine.py --variant 0123456789"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (None, EditorSettings()),
        ({}, EditorSettings()),
        ({"exercise": "tanh-chain"}, EditorSettings((ExerciseRule(None, Marker("tanh-chain")),))),
        (
            {"grader": {"exercise": {"a*.py": "x --variant k"}}},
            EditorSettings((ExerciseRule("a*.py", Marker("x", "k")),)),
        ),
        ({"grader.reveal": "hint", "grader.delay": 1}, EditorSettings(reveal="hint", delay=1.0)),
        ({"isolation": "strict", "exercise": None}, EditorSettings(isolation="strict")),
    ],
)
def test_options_of_an_editor(told: object, expected: EditorSettings) -> None:
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

    assert made == EditorSettings()
    assert name in sentence


def test_a_file_of_settings_has_a_line_for_each_pattern() -> None:
    text = "# mine\nweek1/*.py: tanh-chain  # the first\n\nfinal.ipynb : own.yaml --variant k\nno rule\n: x\n"

    assert rules_in(text) == (
        ExerciseRule("week1/*.py", Marker("tanh-chain")),
        ExerciseRule("final.ipynb", Marker("own.yaml", "k")),
    )


def at(folder: Path, text: str, name: str = "mine.py") -> OpenDocument:
    return file((folder / name).as_uri(), text, 1)


def test_a_document_that_names_its_exercise(tmp_path: Path) -> None:
    assert chosen(at(tmp_path, MARKER), EditorSettings(), ()) == ChosenExercise("tanh-chain", "0123456789")


def test_a_notebook_that_names_its_exercise_in_a_cell() -> None:
    document = notebook("file:///mine.ipynb", *cells_of("a = 1", "!python -m grader check tanh-chain mine.ipynb"))

    assert chosen(document, EditorSettings(), ()) == ChosenExercise("tanh-chain")


def test_a_notebook_that_jupyter_shows_as_one_text_is_looked_up_on_disk(tmp_path: Path) -> None:
    cells = '{"cells": [{"source": "!python -m grader check tanh-chain mine.ipynb"}]}'
    (tmp_path / "mine.ipynb").write_text(cells)

    assert chosen(at(tmp_path, "a = 1", "mine.ipynb"), EditorSettings(), ()) == ChosenExercise("tanh-chain")


def test_one_that_names_two_exercises_or_none_is_no_submission(tmp_path: Path) -> None:
    two = f"{MARKER}\n# grader check softmax mine.py"

    assert [chosen(at(tmp_path, text), EditorSettings(), ()) for text in (two, "a = 1")] == [None, None]


def test_an_exercise_in_a_file_is_found_beside_the_document(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("exercise: own")

    found = chosen(at(tmp_path, "# grader check own.yaml mine.py"), EditorSettings(), ())

    assert found == ChosenExercise(str(tmp_path / "own.yaml"))


def test_the_nearest_file_of_settings_within_the_workspace_counts(tmp_path: Path) -> None:
    inner = tmp_path / "course" / "week"
    inner.mkdir(parents=True)
    (tmp_path / ".grader").write_text("*.py: outside")
    (tmp_path / "course" / ".grader").write_text("week/*.py: softmax")
    document = at(inner, "a = 1")

    assert chosen(document, EditorSettings(), (str(tmp_path / "course"),)) == ChosenExercise("softmax")
    assert chosen(document, EditorSettings(), ()) is None


def test_the_editors_own_option_comes_last_and_for_every_file_it_is_doubtful(tmp_path: Path) -> None:
    everything, some = (
        EditorSettings((ExerciseRule(None, Marker("a")),)),
        EditorSettings((ExerciseRule("m*.py", Marker("b")),)),
    )

    assert chosen(at(tmp_path, ""), everything, ()) == ChosenExercise("a", doubtful=True)
    assert chosen(at(tmp_path, ""), some, ()) == ChosenExercise("b")
    assert chosen(at(tmp_path, "", "other.py"), some, ()) is None
    assert chosen(at(tmp_path, MARKER), some, ()) == ChosenExercise("tanh-chain", "0123456789")


def test_a_page_that_quotes_a_command_is_doubtful(tmp_path: Path) -> None:
    found = chosen(at(tmp_path, "    grader check tanh-chain mine.py\n", "README.md"), EditorSettings(), ())

    assert found == ChosenExercise("tanh-chain", doubtful=True)


@pytest.mark.parametrize(("text", "expected"), [("Dh1 = 2", True), ("dh = 1  # no dh11", False), ("dh1 = (", False)])
def test_code_answers_an_exercise_if_it_has_one_of_its_names(text: str, expected: bool, tmp_path: Path) -> None:
    assert answers(at(tmp_path, text).submission(), frozenset({"dh1", "dh2"})) == expected
