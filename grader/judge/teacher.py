"""The answers a forced run is given: which values to keep, and the right one in the place of each that is not."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.judge.align import Alignment, Scene
from grader.judge.compare import compare
from grader.judge.families import Slot
from grader.model import Observed, Opaque, Value
from grader.runner.types import Event, Key

RAISED = "error"
"""What the child hands over in the place of a value whose statement raised."""


@dataclass(slots=True)
class Teacher:
    """Answers one forced run: says which values to keep, and remembers what each quantity's was before it said so.

    An `exact` one keeps none: what is right to rounding goes on as right to the last bit."""

    scene: Scene
    alignment: Alignment
    point: int
    exact: bool = False
    commits: dict[str, Observed] = field(default_factory=dict)
    places: dict[Key, list[tuple[str, Slot | None]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, match in self.alignment.matches.items():
            for place in match.origins:
                self.places.setdefault(place, []).append((name, None))
            if (event := match.events[self.point]) is not None:
                self.places.setdefault(event.place, []).append((name, match.slot))
        for place, name in lost(self.scene, self.alignment, self.point).items():
            self.places.setdefault(place, []).append((name, None))

    @property
    def stops(self) -> frozenset[Key]:
        return frozenset(self.places)

    def decide(self, event: Event) -> Value | None:
        """The right value where the student's is wrong, None where it is to be kept."""
        replacement: Value | None = None
        raised = isinstance(event.value, Opaque) and event.value.type_name == RAISED
        for name, slot in self.places.get(event.place, ()):
            right = self.scene.reference.values[self.point][name]
            own = event.value if slot is None else slot.of(event).value
            if not raised:
                self.commits.setdefault(name, own)
            if not self.exact and compare(own, right, self.scene.measures[self.point]).right:
                continue
            if slot is None:
                replacement = right
            elif isinstance(event.value, Value):
                replacement = slot.put(event.value if replacement is None else replacement, right)
        return replacement


def lost(scene: Scene, alignment: Alignment, point: int) -> dict[Key, str]:
    """Places where a quantity would have been bound had its statement not raised.

    What raised at the given numbers counts at every point: later runs end with the last binding that was seen."""
    found: dict[Key, str] = {}
    raised = {(one.cell, one.statement) for k in {0, point} for one in scene.traces[k].raised}
    for site in scene.sites.all:
        if (site.cell, site.top) not in raised or site.scope or site.kind not in ("assign", "unpack"):
            continue
        for label in site.names:
            meaning = scene.names.means(label)
            if meaning is None:
                continue
            match = alignment.matches.get(meaning[0])
            if match is None or match.events[point] is None:
                found[site.number, 0] = meaning[0]
    quantities = {step.name for step in scene.quantities}
    return {place: name for place, name in found.items() if name in quantities}
