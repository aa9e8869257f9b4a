"""Answer a forced run (teacher forcing): keep each right value, and replace each wrong one by the right value.

Commit, then reveal: at one point every quantity is in one of three states, and goes through them in this order only:

    open       nothing was handed over for it: its right value stays in the grader
    committed  something was handed over: a value, an object, an exception; only this counts
    revealed   its right value has left

Nothing a child sends can bypass this: right values leave from here alone, and only after a commit of that quantity is
recorded. What is handed over later, of the quantity itself or of an origin of it, is not kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from grader.errors import InternalError
from grader.formula.syntax import Derivative, Expression, Name
from grader.instrument.name_matching import input_of
from grader.instrument.site import Site
from grader.judge.matching.compare import compare
from grader.judge.matching.families import Slot
from grader.judge.matching.types import Alignment, Match, Scene, Statement
from grader.model import Observed, Opaque, Value
from grader.runner.types import Event, Key, Raised
from grader.runner.wire import AFTER_STATEMENT, IN_PLACE_OF_ERROR


class Commitments:
    """The commitments of one run. `right` are the right values at its point, in the quantities' own units and
    shapes."""

    def __init__(self, right: Mapping[str, Value]) -> None:
        self._right = right
        self._first: dict[str, Observed | None] = {}

    @property
    def values(self) -> dict[str, Observed]:
        """The value of each quantity when it was first handed over; none where an exception was handed over."""
        return {name: value for name, value in self._first.items() if value is not None}

    @property
    def committed(self) -> frozenset[str]:
        """The quantities for which later hand-overs do not count."""
        return frozenset(self._first)

    def commit(self, name: str, handed_over: Observed) -> None:
        """Record what was handed over for a quantity, if it is the first hand-over."""
        nothing = isinstance(handed_over, Opaque) and handed_over.kind == "exception"
        self._first.setdefault(name, None if nothing else handed_over)

    def forgo(self, names: Iterable[str]) -> None:
        """Commit quantities without a value: they are bound nowhere, so nothing can be handed over for them."""
        for name in names:
            self._first.setdefault(name, None)

    def reveal(self, name: str) -> Value:
        """Return the right value of a quantity, to leave the grader. Raise `InternalError` if it is still open."""
        if name not in self._first:
            raise InternalError(f"the right value of {name} was to leave before a value was handed over")
        return self._right[name]


@dataclass(slots=True)
class Teacher:
    """Answers one forced run: decides which values to keep, and records each quantity's own value before deciding.

    If `exact`, no value is kept: one that is right to rounding is replaced by the right value to the last bit. The
    quantities in `whole` go on in their right shape.

    Up to the first value to be replaced, the run is the natural one: what was bound there is known, and is not asked
    for again, unless the run `differs_from_start` from the natural one."""

    scene: Scene
    alignment: Alignment
    point: int
    exact: bool = False
    whole: frozenset[str] = frozenset()
    differs_from_start: bool = False
    places: dict[Key, list[tuple[str, Slot | None]]] = field(default_factory=dict)
    supplied: dict[Statement, dict[str, Value]] = field(default_factory=dict)
    commitments: Commitments = field(init=False)

    def __post_init__(self) -> None:
        unreached = lost(self.scene, self.alignment, self.point)
        self.commitments = Commitments(self.scene.reference.values[self.point])
        self.supplied = supplied(self.scene, self.alignment, self.point, self.commitments)
        for name, match in self.alignment.matches.items():
            # What a name held when a later statement was to continue building it is only a partial value.
            if name in unreached and not _bound_after_raising(self.scene, match, self.point):
                continue
            for place in match.origins:
                self.places.setdefault(place, []).append((name, None))
            if (event := match.events[self.point]) is not None:
                self.places.setdefault(event.place, []).append((name, match.slot))
        for name, place in unreached.items():
            self.places.setdefault(place, []).append((name, None))
            if (guarded := self.scene.guarded.get(name)) is not None:
                # Where it does not raise with right values.
                bound = (guarded.site.number, AFTER_STATEMENT if guarded.continues else 0)
                self.places.setdefault(bound, []).append((name, None))
        if not unreached and not self.supplied and not self.exact and not self.differs_from_start:
            self._pass_over(self._first_replaced())

    def _first_replaced(self) -> int:
        """When, in the natural run, the first binding to be replaced was made; 0 if that is not known."""
        scene, k = self.scene, self.point
        when = {event.place: event.sequence for event in scene.traces[k].events}
        kept = {
            name
            for name, value in values_at(self.alignment, k).items()
            if name not in self.whole and compare(value, scene.reference.values[k][name], scene.measure(k, name)).right
        }
        replaced = [place for place, named in self.places.items() if any(name not in kept for name, _ in named)]
        return min((when.get(place, 0) for place in replaced), default=0)

    def _pass_over(self, first: int) -> None:
        before = {event.place for event in self.scene.traces[self.point].events if event.sequence < first}
        values = values_at(self.alignment, self.point)
        for place in before & self.places.keys():
            for name, _ in self.places.pop(place):
                self.commitments.commit(name, values[name])

    @property
    def commits(self) -> dict[str, Observed]:
        """The value of each quantity when it was first handed over."""
        return self.commitments.values

    @property
    def stops(self) -> frozenset[Key]:
        return frozenset(self.places)

    @property
    def reshaped(self) -> frozenset[Key]:
        """The stops at which the right shape is put in too."""
        return frozenset(place for place, named in self.places.items() if self.whole & {name for name, _ in named})

    def decide(self, event: Event) -> Value | None:
        """Return the right value where the student's is wrong, None where the student's is kept."""
        replacement: Value | None = None
        meant = [(name, slot, (slot.of(event) if slot else event).value) for name, slot in self._named(event)]
        for name, _, own in meant:
            self.commitments.commit(name, own)
        for name, slot, own in meant:
            if self._is_kept(name, own):
                continue
            if slot is None:
                replacement = self._as_held(name, own, self.commitments.reveal(name))
            elif isinstance(event.value, Value):
                before = event.value if replacement is None else replacement
                replacement = slot.put(before, self.commitments.reveal(name))
        return replacement

    def _as_held(self, name: str, own: Observed, right: Value) -> Value:
        """The right value of a derivative; where the student's has another size, which says nothing of how it is held,
        in the shape in which the student holds what it is the derivative by: a list of numbers for a column."""
        if not isinstance(own, Value) or own.size == right.size:
            return right
        by = next((_by(step.quantity) for step in self.scene.exercise.steps if step.name == name), "")
        match = self.alignment.matches.get(by)
        held = None if match is None or (event := match.events[self.point]) is None else event.value
        alike = isinstance(held, Value) and _bare(held.shape) == _bare(right.shape)
        return replace(right, shape=held.shape) if alike and isinstance(held, Value) else right

    def _named(self, event: Event) -> Sequence[tuple[str, Slot | None]]:
        return self.places.get(event.place, ())

    def _is_kept(self, name: str, own: Observed) -> bool:
        right = self.scene.reference.values[self.point][name]
        kept = not self.exact and name not in self.whole
        return kept and compare(own, right, self.scene.measure(self.point, name)).right


def _by(quantity: Expression) -> str:
    """The name of what a quantity is the derivative by; "" for none."""
    return quantity.by.id if isinstance(quantity, Derivative) and isinstance(quantity.by, Name) else ""


def _bare(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size for size in shape if size != 1)


def _bound_after_raising(scene: Scene, match: Match, point: int) -> bool:
    """Whether a quantity was last bound after its guarded statement had raised."""
    event, guarded = match.events[point], scene.guarded.get(match.quantity)
    if event is None or guarded is None:
        return False
    place = guarded.site.number, IN_PLACE_OF_ERROR
    raised = next((one.sequence for one in scene.traces[point].events if one.place == place), None)
    return raised is not None and event.sequence >= raised


_UNBOUND = re.compile(r"NameError: name '(\w+)' is not defined")


def nothing_to_replace(scene: Scene, alignment: Alignment, point: int) -> bool:
    """Whether the natural run was right in all it bound: the forced run is the same."""
    if scene.guarded or scene.traces[0].raised or scene.traces[point].raised:
        commitments = Commitments(scene.reference.values[point])
        if lost(scene, alignment, point) or supplied(scene, alignment, point, commitments):
            return False
    right = scene.reference.values[point]
    return all(
        compare(value, right[name], scene.measure(point, name)).right
        for name, value in values_at(alignment, point).items()
    )


def supplied(
    scene: Scene, alignment: Alignment, point: int, commitments: Commitments
) -> dict[Statement, dict[str, Value]]:
    """Return, per statement that raised because it read a quantity or an input that was not bound before, that name and
    its right value. The missing quantity is the mistake; the statement can be judged with the value supplied."""
    found: dict[Statement, dict[str, Value]] = {}
    bound = alignment.matches.keys() | lost(scene, alignment, point).keys()
    for raised in (*scene.traces[0].raised, *scene.traces[point].raised):
        if (unbound := _UNBOUND.match(raised.error)) is None:
            continue
        # The error message has the first unbound name only.
        for name in {unbound[1], *_read_in(scene, raised)}:
            if (right := _right(scene, name, point, bound, commitments)) is not None:
                found.setdefault((raised.cell, raised.statement), {})[name] = right
    return found


def _read_in(scene: Scene, raised: Raised) -> frozenset[str]:
    """The names that a statement's expressions read."""
    here = (site.reads for site in scene.sites.all if (site.cell, site.top) == (raised.cell, raised.statement))
    return frozenset[str]().union(*here)


def _right(scene: Scene, name: str, point: int, bound: AbstractSet[str], commitments: Commitments) -> Value | None:
    """The value to supply for a name at a point; None if the name is no quantity's or input's, or that quantity will be
    bound."""
    if (given := input_of(name, scene.names.labels.inputs, scene.names.exact)) is not None:
        # `Y` where `y` is bound is a slip of this line.
        return None if _is_bound_otherwise(scene, name, given) else scene.reference.points[point].inputs[given]
    meaning = scene.names.means(name)
    if meaning is None or meaning.quantity in bound:
        return None
    if meaning.quantity not in scene.reference.values[point]:
        return None
    commitments.forgo([meaning.quantity])
    return commitments.reveal(meaning.quantity)


def _is_bound_otherwise(scene: Scene, name: str, given: str) -> bool:
    """Whether an input is bound, and always under other names than this."""
    inputs, exact = scene.names.labels.inputs, scene.names.exact
    bound = {one for site in scene.sites.all for one in site.names if input_of(one, inputs, exact) == given}
    return bool(bound) and name not in bound


def lost(scene: Scene, alignment: Alignment, point: int) -> dict[str, Key]:
    """Per quantity, the place where it would have got its value if its statement had not raised: the first that raised,
    or the last of those that build on its result.

    What raised at the given numbers counts at every point: later runs end with the last binding that was seen."""
    members = {step.name for step in scene.quantities if step.family is not None}
    found: dict[str, Key] = {
        name: (one.site.number, IN_PLACE_OF_ERROR) for name, one in scene.guarded.items() if name not in members
    }
    closed: set[str] = set()
    raised = {(one.cell, one.statement) for k in {0, point} for one in scene.traces[k].raised}
    quantities = {step.name for step in scene.quantities}
    for site in scene.sites.all:
        if (site.cell, site.top) not in raised or site.scope or site.kind not in _BUILDING:
            continue
        for label in site.names:
            meaning = scene.names.means(label)
            if meaning is None or meaning.quantity not in quantities or meaning.quantity in scene.guarded:
                continue
            match = alignment.matches.get(meaning.quantity)
            if match is not None and scene.right(meaning.quantity, match.values()):
                continue  # right before the error
            event = None if match is None else match.events[point]
            if event is not None and not _later(site, scene.sites[event.site]):
                continue
            anew = site.kind in ("assign", "unpack")
            if meaning.quantity in closed or (anew and meaning.quantity in found):
                # The name is reused for something else: a training loop, a shorter formula.
                closed.add(meaning.quantity)
                continue
            # In a loop, or for an update, it is not known beforehand which occurrence is the last.
            found[meaning.quantity] = (site.number, 0 if anew and not site.in_loop else AFTER_STATEMENT)
    return found


_BUILDING = ("assign", "unpack", "again", "whole")
"""Kinds of sites that give a name a value, or build on it. A call that raised (`compare(dh, h)`) may only have read
it."""


def _later(site: Site, other: Site) -> bool:
    return (site.cell, site.top) > (other.cell, other.top)


def values_at(alignment: Alignment, point: int) -> dict[str, Observed]:
    """The value of each quantity in the natural run at a point."""
    found = {name: match.value_at(point) for name, match in alignment.matches.items()}
    return {name: event.value for name, event in found.items() if event is not None}
