"""What a run is told: the names that matter, and what is to become of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from grader.runner.site import Site
from grader.runner.spelling import holds_gradients, input_of, normal
from grader.runner.wire import Wired


class Vocabulary:
    """The names that matter, and what they say of each site: the same in all runs of a submission."""

    def __init__(
        self,
        inputs: Mapping[str, str],
        quantities: frozenset[str],
        tracked: frozenset[str],
        asked: tuple[frozenset[str], ...],
        families: frozenset[str],
        filled: Mapping[str, int],
    ) -> None:
        """`inputs` leads to the input's name, `quantities` are the exact names of quantities; `tracked` are all a
        quantity may go by, `asked`, per step, those any of which binds it, `families` those of what is indexed by time
        (all in normal spelling). `filled` says of a name in which cell what it is bound to is filled last."""
        self.tracked, self.asked, self.families, self.filled = tracked, asked, families, filled
        self._inputs, self._quantities = inputs, quantities
        self._goes_by: dict[tuple[int, str], tuple[bool, frozenset[str]]] = {}
        self._changes: dict[tuple[int, str], bool] = {}

    def input_of(self, name: str) -> str | None:
        return input_of(name, self._inputs, self._quantities)

    def goes_by(self, site: Site, label: str) -> tuple[bool, frozenset[str]]:
        """Whether a binding may be a quantity's, and all the names it may go by; with a `label` by that."""
        known = self._goes_by.get((site.number, label))
        if known is None:
            names = {normal(name) for name in ((label,) if label else site.names)}
            if holds_gradients(site.owner):
                names |= {"d" + name for name in names}
            names.add(normal(site.owner))
            tracked = bool(names & self.tracked) and site.kind not in ("loop", "parameter")
            known = self._goes_by[site.number, label] = (tracked, frozenset(names))
        return known

    def changes_input(self, site: Site, label: str) -> bool:
        """Whether a binding that is no input's starting value changes one."""
        known = self._changes.get((site.number, label))
        if known is None:
            names = (label,) if label else site.names
            outer = not site.scope and not holds_gradients(site.owner)
            known = self._changes[site.number, label] = outer and any(map(self.input_of, names))
        return known


class Plan(NamedTuple):
    """One run: the inputs of its point and of the given point; where inputs are bound (None: still to be found out);
    the bindings to stop at, and those of them where the shape counts too; the top-level statement to end with;
    whether to report parameters and loop variables, and all bindings of a forced run; by top-level statement, what
    names hold from there on that nothing has bound."""

    point: Mapping[str, Wired]
    given: Mapping[str, Wired]
    decisions: Mapping[tuple[int, int], str] | None
    stops: frozenset[tuple[int, int]]
    whole: frozenset[tuple[int, int]]
    until: tuple[int, int] | None
    ends_when_asked: bool
    observe: bool
    supplied: Mapping[tuple[int, int], Mapping[str, Wired]]
