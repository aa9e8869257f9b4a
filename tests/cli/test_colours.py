"""Colours and links: for whom, and whether they can be read."""

from __future__ import annotations

import io
import re

import pytest

from grader.cli import output
from grader.report.terminal import render

from ..report.cases import CASES


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


VARIABLES = ("NO_COLOR", "FORCE_COLOR", "FORCE_HYPERLINK", "TERM", "TERM_PROGRAM", "VTE_VERSION", "TMUX", "WT_SESSION",
             "KONSOLE_VERSION", "KITTY_WINDOW_ID", "DOMTERM", "COLORTERM")  # fmt: skip


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    return monkeypatch


@pytest.mark.parametrize(
    ("set_to", "terminal", "pipe"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "0"}, False, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"TERM": "dumb"}, False, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True, True),
        ({"NO_COLOR": "", "FORCE_COLOR": ""}, True, False),
    ],
)
def test_who_gets_colours(environment: pytest.MonkeyPatch, set_to: dict[str, str], terminal: bool, pipe: bool) -> None:
    for name, value in set_to.items():
        environment.setenv(name, value)

    assert output.wants_colours(_Terminal()) is terminal
    assert output.wants_colours(io.StringIO()) is pipe


@pytest.mark.parametrize(
    ("set_to", "linked"),
    [
        ({}, False),
        ({"VTE_VERSION": "6003"}, True),
        ({"VTE_VERSION": "4602"}, False),
        ({"TERM_PROGRAM": "iTerm.app"}, True),
        ({"TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"WT_SESSION": "x"}, True),
        ({"WT_SESSION": "x", "NO_COLOR": "1"}, False),
        ({"TERM_PROGRAM": "vscode", "TMUX": "/tmp/x"}, False),
        ({"FORCE_HYPERLINK": "1"}, True),
        ({"VTE_VERSION": "6003", "FORCE_HYPERLINK": "0"}, False),
    ],
)
def test_who_gets_links(environment: pytest.MonkeyPatch, set_to: dict[str, str], linked: bool) -> None:
    environment.setattr("sys.stdout", _Terminal())
    for name, value in set_to.items():
        environment.setenv(name, value)

    assert output.shows_links() is linked


def test_a_file_gets_no_links(environment: pytest.MonkeyPatch) -> None:
    environment.setattr("sys.stdout", io.StringIO())
    environment.setenv("FORCE_HYPERLINK", "1")

    assert not output.shows_links()


def luminance(colour: str) -> float:
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", output.PALETTE.values())
def test_every_colour_stands_out_against_white_and_against_black(colour: str) -> None:
    light = luminance(colour)

    assert 1.05 / (light + 0.05) >= 3
    assert (light + 0.05) / 0.05 >= 3


@pytest.mark.parametrize("case", CASES)
def test_a_report_uses_no_other_colours(environment: pytest.MonkeyPatch, case: str) -> None:
    stream = io.StringIO()
    output.console(stream).print(render(CASES[case](), 100, "first"), end="")

    used = {int(number) for number in re.findall(r"\x1b\[(?:\d;)?38;5;(\d+)m", stream.getvalue())}
    codes = {code for codes in re.findall(r"\x1b\[([\d;]*)m", stream.getvalue()) for code in [codes] if code}
    assert all(re.fullmatch(r"0|1|(1;)?38;5;\d+", code) for code in codes)
    assert used <= {161, 28, 130, 31, 133, 30, 243}


def test_a_place_leads_to_the_file(environment: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    text = render(CASES["forum"](), 100, "first", "file:///home/a%20b/mine.py")
    output.console(stream).print(text, end="")

    assert "file:///home/a%20b/mine.py\x1b\\mine.py:16\x1b]8;;\x1b\\" in stream.getvalue().replace("\x1b[0m", "")
    assert "file:" not in text.plain


@pytest.mark.parametrize("case", ["forum", "coincidence", "tensors"])
@pytest.mark.parametrize("term", ["xterm", "xterm-256color", "vt100", "linux"])
def test_a_terminal_of_few_colours_gets_the_same_words(environment: pytest.MonkeyPatch, case: str, term: str) -> None:
    environment.setenv("TERM", term)
    stream = io.StringIO()
    text = render(CASES[case](), 80)
    output.console(stream).print(text, end="")

    assert re.sub(r"\x1b\[[\d;]*m", "", stream.getvalue()) == text.plain
