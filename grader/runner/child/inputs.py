"""Which bindings give an input its starting value, so that the point's is put in its place."""

from __future__ import annotations

from grader.runner.child.plan import Plan, Vocabulary, held_by, names_of
from grader.runner.child.values import close
from grader.runner.site import Site
from grader.runner.spelling import holds_gradients, normal
from grader.runner.wire import ENTRIES, NUMBERS, PLACEHOLDER, Wired


class Inputs:
    """One run's inputs; those in `bound` have been bound."""

    def __init__(self, words: Vocabulary, plan: Plan) -> None:
        self._words, self._plan = words, plan
        self.bound: set[str] = set()
        self._held: set[tuple[str, str]] = set()

    def hold(self, site: Site, label: str) -> None:
        """A container holds an input under this name."""
        self._held.update((held_by(site, label), name) for name in names_of(site, label))

    def changes(self, site: Site, label: str) -> bool:
        """Whether a binding that is no input's starting value changes one. `partials["w_h"] = ...` does not."""
        if not self._words.changes_input(site, label):
            return False
        owner = held_by(site, label)
        plain = not owner and site.kind != "entry"
        return plain or any((owner, name) in self._held for name in names_of(site, label))

    def given_by(self, site: Site, label: str, occurrence: int, wired: Wired) -> str | None:
        """The input this binding gives its starting value, if it does."""
        if self._plan.decisions is not None:
            return self._plan.decisions.get((site.number, occurrence))
        if wired.form == PLACEHOLDER and site.blank and not site.scope:
            return self._left_blank(site)
        if wired.form != NUMBERS or not self._may_give(site, label, occurrence):
            return None
        for read in self._words.goes_by(site, label).surest:
            name = self._words.input_of(read)
            if name is None:
                continue
            equal = close(wired, self._plan.given[name])
            first = name not in self.bound and not self._is_handed(site, name, wired)
            if occurrence >= ENTRIES:  # a key of a table (`{"x": 24}` of letters) may be anything
                first &= wired.shape == self._plan.given[name].shape != ()
            if (first or equal) and not self._reads_others(site, name):
                self.bound.add(name)
                return name
        return None

    def _left_blank(self, site: Site) -> str | None:
        """The input whose number is still to be written, or stood on a line that could not be read."""
        name = next((name for label in site.names if (name := self._words.input_of(label)) is not None), None)
        if name is None or name in self.bound:
            return None
        self.bound.add(name)
        return name

    def _may_give(self, site: Site, label: str, occurrence: int) -> bool:
        if holds_gradients(held_by(site, label)):
            return False
        return occurrence >= ENTRIES or site.kind not in ("returned", "appended", "argument")

    def _is_handed(self, site: Site, name: str, wired: Wired) -> bool:
        """Whether what is bound cannot be an input's starting value, because inputs are handed to functions and this
        stands inside one, or is of another shape: then it belongs to something the student tried out."""
        return not self._plan.ends_when_asked and bool(site.scope or wired.shape != self._plan.given[name].shape)

    def _reads_others(self, site: Site, name: str) -> bool:
        """Whether a value is computed from quantities: then it is the student's own. `data["h0"]` is only a place,
        and the whole number `n` of `randn(n, 3)` only a size."""
        return any(
            found != name and not self._is_whole_number(found)
            if (found := self._words.input_of(read))
            else normal(read) in self._words.tracked
            for read in site.reads
        )

    def _is_whole_number(self, name: str) -> bool:
        given = self._plan.given[name]
        return given.dtype == "int" and not given.shape
