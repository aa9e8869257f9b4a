"""The history of overrides for the terminal."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from rich.text import Text

from grader.batch.overrides import history
from grader.batch.store import Store
from grader.report.numbers import count
from grader.report.page import Page
from grader.report.text import cut


def history_lines(store: Store, students: Collection[str], width: int) -> Text:
    """A table of everything given by hand and taken back, oldest first."""
    page = Page(width)
    rows = [[(word, "dim") for word in ("when", "who", "student", "step", "score", "comment")]]
    for one in history(store, students):
        score = "taken back" if one.taken_back else "no score" if one.score is None else count(one.score)
        at = f"{datetime.fromisoformat(one.at).astimezone():%Y-%m-%d %H:%M}"
        rows.append([(at, "dim"), (cut(one.who, 20), ""), (cut(one.student, 28), "bold"),
                     (cut(one.step or "whole", 28), ""), (score, ""), (one.comment, "")])  # fmt: skip
    if len(rows) > 1:
        page.table(rows, indent=0)
    else:
        page.prose("nothing was given by hand")
    return page.text()
