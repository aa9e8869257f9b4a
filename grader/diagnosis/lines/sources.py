"""Reads the sites of a submission: the formula of each, what it changes, and its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from grader.diagnosis.lines.expressions import (
    Function,
    Ran,
    entries,
    functions,
    names_around,
    read,
    runs_too_often,
    target,
    unread,
)
from grader.formula.syntax import Expression, Place
from grader.instrument.site import Site
from grader.model import Submission
from grader.submission.spans import character_column, lines_of


@dataclass
class Sources:
    """The sites of one submission, each parsed once. Sites of the exercise's own code, which calls the submission, have
    no source here. `ran` are the statements that have bound something."""

    submission: Submission
    ran: Ran = frozenset()
    _read: dict[int, Expression | None] = field(default_factory=dict)

    @cached_property
    def functions(self) -> dict[str, Function]:
        """The student's own functions that consist of formulas."""
        return functions([cell.source for cell in self.submission.cells], self.ran)

    @cached_property
    def unread(self) -> frozenset[str]:
        """The names that are bound and never read."""
        return unread([cell.source for cell in self.submission.cells])

    def _of(self, site: Site) -> str | None:
        return self.submission.cells[site.cell].source if site.cell < len(self.submission.cells) else None

    def read(self, site: Site) -> Expression | None:
        """Return the formula of a site; None if it cannot be read as one."""
        source = self._of(site)
        if source is not None and site.number not in self._read:
            self._read[site.number] = read(source, site, frozenset(self.functions))
        return self._read.get(site.number)

    def built(self, site: Site) -> tuple[str, tuple[Expression, ...]] | None:
        """Return the name whose old value a statement builds on, and the entries it changes; None if it uses none."""
        source = self._of(site)
        if source is None:
            return None
        if site.kind == "whole":
            return entries(source, site, frozenset(self.functions))
        name = target(source, site) if site.kind == "again" else None
        return None if name is None else (name, ())

    def changed(self, site: Site) -> str | None:
        """Return the name that a statement binds or changes entries of; None if there are several or none."""
        source = self._of(site)
        if source is None or site.kind != "whole":
            return None if source is None else target(source, site)
        found = entries(source, site, frozenset(self.functions))
        return None if found is None else found[0]

    def keys(self, site: Site) -> tuple[Expression, ...]:
        """Return the entries that a line changes; empty if it binds a whole name."""
        found = self.built(site) if site.kind == "whole" else None
        return () if found is None else found[1]

    def runs_too_often(self, site: Site) -> bool:
        """Whether a line adds to something in a loop of which it reads nothing."""
        source = self._of(site)
        return source is not None and site.in_loop and runs_too_often(source, site)

    def around(self, site: Site) -> frozenset[str]:
        """Return the names that occur in the function around a site; empty at the top level."""
        source = self._of(site)
        return names_around(source, site) if source is not None and site.scope else frozenset()

    def place(self, site: Site) -> Place:
        """Return the place of a site's formula, in characters."""
        lines = lines_of(self._of(site) or "")
        line, column, end_line, end_column = site.value
        start, end = character_column(lines[line - 1], column), character_column(lines[end_line - 1], end_column)
        return Place(line, start, end_line, end)
