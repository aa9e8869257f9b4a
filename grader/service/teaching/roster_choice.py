"""Which lines of a roster a page shows: searched, filtered, sorted, a page at a time, on the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from grader.batch.roster import Key, Roster, RosterLine

PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: words to `search` for, a `group`, a `step` and the `mistake` made there, the column to `sort`
    by ("" for names), whether `descending`, and the `page`, from 1 on."""

    search: str = ""
    group: str = ""
    step: str = ""
    mistake: str = ""
    sort: str = ""
    descending: bool = False
    page: int = 1

    @classmethod
    def of(cls, query: dict[str, str]) -> Wish:
        """From the query of an address; what makes no sense is ignored."""
        page = query.get("page", "1")
        return cls(
            query.get("q", "")[:200].strip(),
            query.get("group", ""),
            query.get("step", ""),
            query.get("mistake", ""),
            query.get("sort", ""),
            query.get("down", "") == "1",
            max(1, int(page)) if page.isdecimal() and len(page) < 7 else 1,
        )

    def query(self, **changes: object) -> str:
        """The query of the address for this wish with some changes; unless the page is one of them, of the first."""
        wish = replace(self, **{"page": 1, **changes})  # type: ignore[arg-type]  # by name
        told = {"q": wish.search, "group": wish.group, "step": wish.step, "mistake": wish.mistake, "sort": wish.sort,
                "down": "1" if wish.descending else "", "page": str(wish.page) if wish.page > 1 else ""}  # fmt: skip
        return urlencode({key: value for key, value in told.items() if value})


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of lines: how many lines there are on all pages, and how many pages."""

    lines: tuple[RosterLine, ...]
    found: int
    page: int
    pages: int


def shown(roster: Roster, wish: Wish, among: Sequence[bool] | None = None) -> Shown:
    """The lines to show. `among` says for each line whether it may be shown at all; None: each may."""
    words = wish.search.casefold().split()
    lines = [
        line
        for line in roster.lines
        if (among is None or among[line.number])
        and (not wish.group or wish.group in line.tags)
        and (not words or _has(line, words))
    ]
    column = next((at for at, one in enumerate(roster.columns) if one.title == wish.sort), None)
    if column is not None:
        filled = [line for line in lines if line.entries[column].key != ""]
        empty = [line for line in lines if line.entries[column].key == ""]
        lines = sorted(filled, key=lambda line: _key(line.entries[column].key), reverse=wish.descending) + empty
    elif wish.descending:
        lines.reverse()
    pages = max(1, -(-len(lines) // PER_PAGE))
    page = min(wish.page, pages)
    return Shown(tuple(lines[PER_PAGE * (page - 1) : PER_PAGE * page]), len(lines), page, pages)


def _has(line: RosterLine, words: list[str]) -> bool:
    text = " ".join((line.name, line.student, line.file, *(one.text for one in line.entries))).casefold()
    return all(word in text for word in words)


def _key(key: Key) -> tuple[int, float, str]:
    return (0, key, "") if isinstance(key, int | float) else (1, 0.0, key.casefold())
