"""`grader docs`: every page is listed, printed and opened, and refers to nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from grader.cli.listing import pages
from grader.cli.main import run

ROOT = Path(__file__).parents[2]
PAPERS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / ".github").glob("*.md")), *pages().values()]
"""Everything written for people, in Markdown."""

LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)|src=\"([^\"]+)\"")


def test_without_a_page_every_page_is_listed_with_its_title(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["docs"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[: len(pages())]] == list(pages())
    assert any(re.fullmatch(r"security +Security: .+", line) for line in lines)


def test_a_page_is_printed_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["docs", "security"]) == 0

    assert capsys.readouterr().out == (ROOT / "grader" / "docs" / "security.md").read_text("utf-8")


def test_the_page_on_exercises_and_the_one_on_the_architecture_are_pages_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert (run(["docs", "exercises"]), run(["docs", "architecture"])) == (0, 0)

    printed = capsys.readouterr().out
    assert "# Writing an exercise" in printed
    assert "# Architecture" in printed


def test_a_page_that_is_not_there_is_refused_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["docs", "securty"]) == 2

    assert "Did you mean security?" in capsys.readouterr().err


def test_a_page_is_opened_with_what_the_system_has(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def launch(path: str) -> int:
        opened.append(path)
        return 0

    monkeypatch.setattr(click, "launch", launch)

    assert run(["docs", "--open", "security"]) == 0
    assert opened == [str(pages()["security"])]


def test_where_nothing_opens_a_page_its_file_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(click, "launch", lambda path: 1)

    assert run(["docs", "--open", "security"]) != 0
    assert str(pages()["security"]) in capsys.readouterr().err


def test_open_needs_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["docs", "--open"]) == 2
    assert "PAGE" in capsys.readouterr().err


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.name)
def test_what_a_page_links_to_is_there(path: Path) -> None:
    text = re.sub(r"```.*?```|`[^`]*`", "", path.read_text("utf-8"), flags=re.S)
    targets = ["".join(found) for found in LINK.findall(text)]

    assert [one for one in targets if "://" not in one and not (path.parent / one).exists()] == []


@pytest.mark.parametrize("path", pages().values(), ids=lambda path: path.name)
def test_a_page_begins_with_its_title(path: Path) -> None:
    assert re.match(r"# \S.*\n\n", path.read_text("utf-8"))
