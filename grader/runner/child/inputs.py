"""Which bindings give an input its starting value, so that the value of the point replaces it."""

from __future__ import annotations

from grader.instrument.name_matching import holds_gradients, may_hold_data, normal, spelled_in
from grader.instrument.site import Site
from grader.runner.child.package_stubs import StandIn
from grader.runner.child.plan import Plan, Vocabulary, held_by, names_of
from grader.runner.child.values import close
from grader.runner.wire import FIRST_ENTRY, NUMBERS, OBJECT, PLACEHOLDER, Wired

_DRAWING = frozenset(
    {b"Generator", b"RandomState", b"Random", b"module", b"function", b"method", b"builtin_function_or_method"}
)
"""Types of objects that numbers are drawn with: `rng`, `np.random`, `rng.normal`."""


_STAND_IN = StandIn.__name__.encode()
"""The result of a stubbed package: not a number, but in the student's environment the right number would be there."""


def _holds_gradients(site: Site, label: str) -> bool:
    return holds_gradients(held_by(site, label))


def _is_tool(wired: Wired) -> bool:
    """Whether this is a size, or something that numbers are drawn with."""
    if wired.form == NUMBERS:
        return wired.dtype == "int" and not wired.shape
    return wired.form == OBJECT and wired.data in _DRAWING


class Inputs:
    """The inputs of one run; those in `bound` have been bound."""

    def __init__(self, words: Vocabulary, plan: Plan) -> None:
        self._words, self._plan = words, plan
        self.bound: set[str] = set()
        self._held: set[tuple[str, str]] = set()
        self._tools: set[str] = set()
        self._drawn: set[str] = set()
        """Names whose last value was made from no quantity: `q` for `params = {"q": rng.normal(size=3)}`."""
        self._computing = False
        """Whether a quantity has been bound outside containers of gradients: from then on, they are just that."""

    def hold(self, site: Site, label: str) -> None:
        """Record that a container holds an input under this name."""
        self._held.update((held_by(site, label), name) for name in names_of(site, label))

    def changes(self, site: Site, label: str) -> bool:
        """Whether a binding that does not give a starting value changes an input. `partials["w_h"] = ...` does not."""
        if not self._words.changes_input(site, label):
            return False
        owner = held_by(site, label)
        plain = not owner and site.kind != "entry"
        return plain or any((owner, name) in self._held for name in names_of(site, label))

    def given_by(self, site: Site, label: str, occurrence: int, wired: Wired) -> str | None:
        """The input to which this binding gives its starting value; None if there is none."""
        if self._plan.decisions is not None:
            return self._plan.decisions.get((site.number, occurrence))
        if _is_tool(wired) or (site.literal and wired.form == NUMBERS and not wired.shape):
            self._tools.update(site.names)
        else:
            self._tools.difference_update(site.names)
        apart = wired.form == NUMBERS and not self._reads_others(site, "")
        (self._drawn.update if apart else self._drawn.difference_update)(names_of(site, label))
        unknown = wired.form == PLACEHOLDER and site.blank
        if (unknown or (wired.form == OBJECT and wired.data == _STAND_IN)) and not site.scope:
            return self._left_blank(site)
        if wired.form != NUMBERS or not self._may_give(site, label, occurrence, wired):
            return None
        for read in self._ways(site, label):
            name = self._words.input_of(read)
            if name is None:
                continue
            handed = self._is_handed(site, name, wired)
            equal = close(wired, self._plan.given[name]) and not (handed and self._is_reshaped(name, wired))
            first = name not in self.bound and not handed
            if occurrence >= FIRST_ENTRY or (site.kind == "item" and site.scope):
                # A key of a table (`{"x": 24}` of letters), or one that a function fills, may be anything.
                first &= wired.shape == self._plan.given[name].shape != ()
            elif site.kind == "entry" or ((site.owner or site.scope) and not site.literal):
                # A field `x` of a record for each example holds a row of `X`; the key of `w = Node(2.0, {"w": 1.0})` is
                # of something that belongs to the input, as one without an owner may be.
                first &= len(wired.shape) >= len(self._plan.given[name].shape)
                first &= not self._belongs_to_an_input(held_by(site, label))
                first &= bool(wired.shape or site.owner or site.kind != "entry")
            if (first or equal) and not self._reads_others(site, name):
                self.bound.add(name)
                if equal:
                    self._tools.difference_update(site.names)
                return name
        return None

    def _ways(self, site: Site, label: str) -> tuple[str, ...]:
        """The names by which a starting value may be called, the most certain first."""
        if not _holds_gradients(site, label):
            return self._words.goes_by(site, label).surest
        owner = held_by(site, label)
        return tuple(way for name in names_of(site, label) for way in spelled_in(owner, name))

    def _belongs_to_an_input(self, path: str) -> bool:
        """Whether a container is itself held by something with the name of an input."""
        base, inside, _ = path.partition(".")
        return bool(inside) and self._words.input_of(base) is not None

    def _left_blank(self, site: Site) -> str | None:
        """The input whose number is still to be filled in, was on a line that could not be parsed, or came from a
        package that is not installed."""
        name = next((name for label in site.names if (name := self._words.input_of(label)) is not None), None)
        if name is None or name in self.bound:
            return None
        self.bound.add(name)
        return name

    def _may_give(self, site: Site, label: str, occurrence: int, wired: Wired) -> bool:
        """Whether a binding is of a kind that may give a starting value. What is called `d` or `g` holds data before
        anything was computed (`d = {"x": rng.normal(size=3)}`), unless that is 0."""
        if _holds_gradients(site, label):
            if self._computing or not any(wired.data) or not may_hold_data(held_by(site, label)):
                return False
        elif self._words.goes_by(site, label).tracked:
            self._computing = True
        return occurrence >= FIRST_ENTRY or site.kind not in ("returned", "appended", "argument")

    def _is_handed(self, site: Site, name: str, wired: Wired) -> bool:
        """Whether the value cannot be an input's starting value, because inputs are passed to functions and this
        binding is inside one, or because its shape differs: then it belongs to something the student tried out."""
        return not self._plan.ends_when_asked and bool(site.scope or wired.shape != self._plan.given[name].shape)

    def _is_reshaped(self, name: str, wired: Wired) -> bool:
        """Whether a value has the numbers of an input on other axes: then it was made from the value passed in."""
        given = self._plan.given[name].shape
        return [size for size in wired.shape if size != 1] != [size for size in given if size != 1]

    def _reads_others(self, site: Site, name: str) -> bool:
        """Whether a value is computed from quantities: then it is the student's own. `data["h0"]` only reads a
        container, and `n`, `H` and `g` of `randn(n, H, generator=g)`, or a typed-in `mean`, are not quantities,
        whatever else has such a name; nor is an entry that is called as a quantity is, but was made from none."""
        entry = site.copy and len(site.reads) > 1
        return any(
            found != name and not self._is_whole_number(found)
            if (found := self._words.input_of(read))
            else normal(read) in self._words.tracked
            for read in site.reads.difference(self._tools, self._drawn if entry else ())
        )

    def _is_whole_number(self, name: str) -> bool:
        given = self._plan.given[name]
        return given.dtype == "int" and not given.shape
