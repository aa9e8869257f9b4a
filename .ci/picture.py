"""Makes the picture of a report that the README shows, from the report of the forum case as it is now.

    .venv/bin/python .ci/picture.py

The beginning of the report is shown, up to the end of its first mistake, and its last line.
"""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

import grader
from grader.report.terminal import render

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "grader" / "docs" / "report.svg"
SUBMISSION = ROOT / "tests" / "cases" / "wrong" / "forum_torch.py"
COMMAND = f"grader check tanh-chain {SUBMISSION.name}"


def shown() -> Text:
    """What the picture shows, with the colours of a terminal."""
    lines = render(grader.check("tanh-chain", SUBMISSION), 100).split("\n")
    first = next(number for number, line in enumerate(lines) if line.plain.startswith("2. "))
    last = next(line for line in reversed(lines) if line.plain)
    return Text("\n").join([*lines[:first], Text("[...]", "dim"), Text(), last])


def svg(text: Text) -> str:
    """The text as a picture that loads nothing from anywhere."""
    console = Console(record=True, width=100, file=StringIO(), highlight=False, force_terminal=True)
    console.print(text)
    drawn = console.export_svg(title=COMMAND, unique_id="report")
    return re.sub(r"\s*@font-face\s*\{.*?\}", "", drawn, flags=re.S)


if __name__ == "__main__":
    PICTURE.write_text(svg(shown()), "utf-8")
    print(f"wrote {PICTURE.relative_to(ROOT)}")
