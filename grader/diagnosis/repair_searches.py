"""Searches repairs in the time of one submission, and remembers them: another step at the same place reuses them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

from grader.diagnosis.repair_search.edit import Edit, moved
from grader.diagnosis.repair_search.search import Repair, search
from grader.diagnosis.repair_search.task import Task
from grader.diagnosis.step.inlining import Inlined
from grader.formula.syntax import text, walk
from grader.instrument.site import Site

ALTOGETHER = 10.0
"""Seconds allowed for searching repairs in one submission; afterwards findings contain only the facts."""

AT_LEAST = 0.05
"""Minimum search time of a step in seconds, even if no time is left: enough to find the smallest repairs."""


@dataclass
class RepairSearches:
    """The searches in one submission. `left`: the seconds left for it. `until`: when the search for the current step
    ends, in CPU time. `_repairs`: those found at each place."""

    left: float = ALTOGETHER
    until: float = 0.0
    _repairs: dict[tuple[int, tuple[str, int] | None], tuple[Repair, ...]] = field(default_factory=dict)
    _edits: dict[int, list[Edit]] = field(default_factory=dict)
    """The edits found in the line of each site, or of a helper's."""

    _searched: dict[int, set[int]] = field(default_factory=dict)
    """For each site of a helper, the lines for which it was searched in vain: one mistake in it would be found."""

    def smallest(
        self, task: Task, site: Site, key: tuple[str, int] | None = None, formula: Inlined | None = None
    ) -> tuple[Repair, ...]:
        """Return the smallest repairs; cached ones of another step at this place, if they repair this step too."""
        known = self._repairs.get((site.number, key), ())
        if known and all(task.mends(repair.result) for repair in known):
            return known
        if formula is not None and (again := self._mended_before(task, formula)) is not None:
            return (again,)
        left = min(self.until - time.thread_time(), self.left)
        helpers = {} if formula is None else {piece.site.number: piece for piece in formula.pieces[1:]}
        known_right = {number for number in helpers if self._searched.get(number, set()) - {site.number}}
        if formula is not None and known_right:
            task = replace(task, trusted=task.trusted.union(node for node, _ in formula.within(known_right)))
        found = search(task, max(left, AT_LEAST))
        for number in () if found else helpers:
            self._searched.setdefault(number, set()).add(site.number)
        self._repairs[site.number, key] = found
        if formula is not None and len(found) == 1 and len(found[0].edits) == 1:
            edit = found[0].edits[0]
            self._edits.setdefault(formula.home(edit.before).site.number, []).append(edit)
        return found

    def _mended_before(self, task: Task, formula: Inlined) -> Repair | None:
        """Return a repair of another step, in this line or one of its helpers, that also repairs this step."""
        for piece in formula.pieces:
            for edit in self._edits.get(piece.site.number, ()):
                for node in walk(piece.root):
                    if node.place == edit.before.place and text(node) == text(edit.before):
                        again = moved(edit, formula.whole, node)
                        if task.mends(again.whole_after):
                            return Repair((again,), again.cost)
        return None
