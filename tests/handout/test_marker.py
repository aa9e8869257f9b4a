"""A starter names its exercise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.handout.render import Marker, markers_in, markers_of, notebook, script, with_check
from grader.handout.starter import StarterPart

PARTS = (StarterPart(text="# A title"), StarterPart("Your derivation", code=("a = ...",), steps=True))


def test_of_a_script(tmp_path: Path) -> None:
    file = tmp_path / "tanh-chain.py"
    file.write_text(script(PARTS, "grader check tanh-chain tanh-chain.py"))

    assert markers_of(str(file)) == (Marker("tanh-chain"),)


def test_of_a_notebook(tmp_path: Path) -> None:
    file = tmp_path / "tanh-chain.ipynb"
    file.write_text(notebook(PARTS, ["check", "tanh-chain", "tanh-chain.ipynb"]))

    assert markers_of(str(file)) == (Marker("tanh-chain"),)


def test_a_renamed_file_keeps_it_with_its_variant(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(script(PARTS, "grader check 'my exercise.yaml' tanh-chain-s1.py --variant 0123456789"))

    assert markers_of(str(file)) == (Marker("my exercise.yaml", "0123456789"),)


@pytest.mark.parametrize(
    "text",
    [
        "a = 1",
        "# run grader check tanh-chain mine.py when you are done",
        "# grader check mine.py",
        "# grader check --format json mine.py",
        "# grader check 'tanh-chain mine.py",
    ],
)
def test_a_file_without_one(text: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(text)

    assert markers_of(str(file)) == ()


def test_two_starters_in_one_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    lines = ["grader check a a.py", "grader check b b.py", "grader check a mine.py"]
    file.write_text("\n".join(f"#     {line}" for line in lines))

    assert markers_of(str(file)) == (Marker("a"), Marker("b"))


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"cells": [1]}), json.dumps({"cells": [{"source": 5}]})])
def test_what_is_no_notebook_has_none(text: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.ipynb"
    file.write_text(text)

    assert markers_of(str(file)) == ()


def test_a_file_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert markers_of(str(tmp_path / "nothing.py")) == ()


CHECK = ["check", "tanh-chain", "mine"]


@pytest.mark.parametrize(
    ("content", "file"),
    [(b"a = ...\n", "mine.py"), (json.dumps({"cells": [{"source": ["a = ..."]}]}).encode(), "mine.ipynb")],
)
def test_a_starter_made_of_a_solution_gets_one_and_only_one(content: bytes, file: str) -> None:
    made = with_check(content, file, CHECK)

    assert markers_in(made, file) == (Marker("tanh-chain"),)
    assert with_check(made, file, CHECK) == made


def test_a_cell_gets_an_id_only_where_the_others_have_one() -> None:
    with_ids, without = ({"cells": [{"source": "", **more}]} for more in ({"id": "a"}, {}))
    made = [json.loads(with_check(json.dumps(one).encode(), "m.ipynb", CHECK)) for one in (with_ids, without)]

    assert ["id" in one["cells"][-1] for one in made] == [True, False]
