"""Modules beside a submission, run as its cells: what is run, and where that stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.model import CompanionFile, Submission
from grader.submission.companion_files import with_modules_as_cells
from grader.submission.load import load


def read(folder: Path, source: str, **modules: str) -> Submission | None:
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text)
    (folder / "mine.py").write_text(source)
    submission = load(folder / "mine.py")
    beside = tuple(CompanionFile(f"{name}.py", str(folder / f"{name}.py")) for name in modules)
    return with_modules_as_cells(Submission(submission.file, submission.cells, beside=beside))


def run(submission: Submission | None) -> dict[str, object]:
    assert submission is not None
    space: dict[str, object] = {"__name__": "__main__"}
    for cell in submission.cells:
        exec(cell.source, space)
    return space


@pytest.mark.parametrize(
    "importing",
    [
        "from data import *",
        "from data import x, w  # given",
        "from data import (\n    x,\n    w,\n)",
        "from data import x as x, w as v\nw = v",
        'exec(open("data.py").read())',
        "%run data.py",
        "%run -i data",
        'exec(compile(open("data.py").read(), "data.py", "exec"), globals())',
    ],
)
def test_what_a_module_binds_is_bound_in_the_submission(importing: str, tmp_path: Path) -> None:
    made = read(tmp_path, f"{importing}\ny = w * x\n", data="x = 2\nw = 3\n")

    assert run(made)["y"] == 6


def test_a_module_stands_before_the_cell_that_imports_it_under_its_own_file(tmp_path: Path) -> None:
    made = read(tmp_path, "a = 1\n# %%\nfrom data import x\ny = x\n", data="x = 2\n")

    assert made is not None
    assert [(cell.file, cell.text.strip()) for cell in made.cells] == [
        ("", "a = 1"),
        ("data.py", "x = 2"),
        ("", "# %%\nfrom data import x\ny = x"),
    ]


def test_the_lines_of_the_submission_keep_their_numbers(tmp_path: Path) -> None:
    made = read(tmp_path, "from data import (\n    x,\n    w,\n)\ny = w * x\n", data="x = 2\nw = 3\n")

    assert made is not None
    assert made.cells[-1].source.split("\n")[4] == "y = w * x"


def test_an_imported_module_that_imports_another_gets_it_first_and_each_runs_once(tmp_path: Path) -> None:
    made = read(
        tmp_path,
        "from forward import *\nfrom data import x\nz = y + x\n",
        data="x = 2\n",
        forward="from data import x\ny = 5 * x\n",
    )

    assert made is not None
    assert [cell.file for cell in made.cells] == ["data.py", "forward.py", ""]
    assert run(made)["z"] == 12


def test_modules_that_import_each_other_come_to_an_end(tmp_path: Path) -> None:
    made = read(tmp_path, "import a\n", a="import b\n", b="import a\n")

    assert made is not None
    assert [cell.file for cell in made.cells] == ["b.py", "a.py", ""]


@pytest.mark.parametrize("main", ['__name__ == "__main__"', "'__main__' == __name__"])
def test_what_a_module_does_only_when_it_is_run_itself_is_not_done(main: str, tmp_path: Path) -> None:
    made = read(tmp_path, "from data import x\n", data=f"x = 2\nif {main}: x = 3\n")

    assert run(made)["x"] == 2


def test_a_module_under_a_name_is_the_submission_itself(tmp_path: Path) -> None:
    made = read(tmp_path, "import math, data as d\ny = 1\n", data="x = 2\n")

    assert made is not None
    assert made.cells[-1].source.split("\n")[0] == 'import math; d = __import__("__main__")'


@pytest.mark.parametrize(
    "source",
    [
        "import math\ny = 1\n",
        "def f():\n    from data import x\n    return x\n",
        "from .data import x\n",
        "try: from data import x\nexcept ImportError: x = 2\n",
        "import math; from data import x\n",
    ],
)
def test_any_other_import_is_left_as_it_is(source: str, tmp_path: Path) -> None:
    assert read(tmp_path, source, data="x = 2\n") is None
