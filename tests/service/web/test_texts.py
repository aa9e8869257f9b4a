"""Markdown of exercises, names of files, how often something may be done."""

from __future__ import annotations

import pytest

from grader.service.attempts import LONGEST_NAME, file_name
from grader.service.web.context import RateLimits
from grader.service.web.pages import as_html


@pytest.mark.parametrize(
    ("text", "shown", "hidden"),
    [
        ("**What** to `do`", "<strong>What</strong> to <code>do</code>", "**"),
        ("- a\n- b", "<li>a</li>", "- a"),
        ("so $x^2$", "<math", "$"),
        ("$$x = 1$$", 'class="displayed"', "$$"),
        ("`$HOME` stays", "<code>$HOME</code>", "<math"),
        ("costs $5 and $6", "costs $5 and $6", "<math"),
        ("<script>alert(1)</script>", "&lt;script&gt;", "<script>"),
        ("[here](javascript:alert)", "[here]", "href"),
        ("![p](https://evil.example/x.png)", "!", "<img"),
        ("$<b>$", "", "<b>"),
        ("\ue0000\ue001", "0", "\ue000"),
    ],
)
def test_markdown_is_shown_and_no_markup_of_its_author_takes_effect(text: str, shown: str, hidden: str) -> None:
    made = str(as_html(text))

    assert shown in made
    assert hidden not in made


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("mine.py", "mine.py"),
        ("C:\\Users\\ada\\mine.py", "mine.py"),
        ("../../etc/passwd", "passwd"),
        ("a\nb\x00.py", "a_b_.py"),
        ("\u202eyp.exe", "_yp.exe"),
        ("", "submission.py"),
        ("übung 1 李.ipynb", "übung 1 李.ipynb"),
    ],
)
def test_a_file_keeps_its_name_without_folders(given: str, kept: str) -> None:
    assert file_name(given) == kept


def test_a_long_name_keeps_its_ending() -> None:
    name = file_name("x" * 500 + ".py")

    assert len(name) == LONGEST_NAME
    assert name.endswith("x.py")


def test_something_may_be_done_so_often_within_a_time() -> None:
    now = 0.0
    limits = RateLimits(lambda: now)

    assert [limits.allows(("a",), 2) for _ in range(3)] == [True, True, False]
    assert limits.allows(("b",), 2)
    now = 61.0
    assert limits.allows(("a",), 2)
