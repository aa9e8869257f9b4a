"""Which of the files beside a submission it asks for, and which packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.submission.companion_files import followed, is_plain, picked, with_files
from grader.submission.imports import unguarded
from grader.submission.load import load

PATHS = ("helper.py", "deeper.py", "pkg/__init__.py", "pkg/one.py", "names.txt", "data/x.npy", "data/y.npy", "other.py")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1", ()),
        ("from helper import f", ("helper.py",)),
        ("import math, helper as h", ("helper.py",)),
        ("def f():\n    import pkg.one", ("pkg/__init__.py", "pkg/one.py")),
        ("open('names.txt')", ("names.txt",)),
        ("np.load(f'data/{k}.npy')", ("data/x.npy", "data/y.npy")),
        ("helpers = 1  # import nothing", ()),
        ("import helpers", ()),
    ],
)
def test_what_is_imported_or_named_is_asked_for(text: str, expected: tuple[str, ...]) -> None:
    assert picked(text, PATHS, lambda path: "") == expected


def test_modules_that_are_not_there_are_followed_where_they_would_be(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("import deeper")
    (tmp_path / "mine.py").write_text("from helper import f\nimport later")
    submission = with_files(load(tmp_path / "mine.py"), ())

    assert followed(submission) == tuple(str(tmp_path / f"{name}.py") for name in ("helper", "deeper", "later"))


def test_what_a_helper_asks_for_is_too() -> None:
    texts = {"helper.py": "import deeper", "deeper.py": "open('names.txt')"}

    assert set(picked("import helper", PATHS, lambda path: texts[path])) == {"helper.py", "deeper.py", "names.txt"}


@pytest.mark.parametrize("path", ["../x.py", "/etc/passwd", "a//b", "a/./b", "C:x", "a\\b", "a\0b", "", "x" * 201])
def test_a_path_that_may_lead_elsewhere_is_not_plain(path: str) -> None:
    assert not is_plain(path)
    assert is_plain("data/x.npy")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import tqdm", ("tqdm",)),
        ("def f():\n    from tqdm.auto import tqdm", ("tqdm",)),
        ("from google import colab", ("google.colab",)),
        ("try:\n    import tqdm\nexcept ImportError:\n    tqdm = None", ()),
        ("try:\n    x\nexcept ValueError:\n    import tqdm", ("tqdm",)),
        ("try:\n    import tqdm\nfinally:\n    pass", ("tqdm",)),
        ("tqdm = 1", ()),
    ],
)
def test_a_package_is_asked_for_where_nothing_is_said_of_its_absence(source: str, expected: tuple[str, ...]) -> None:
    assert unguarded([source], {"tqdm", "google.colab"}) == expected
