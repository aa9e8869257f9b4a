"""Find a right value that was changed before a wrong step read it: with the change undone, the step comes out right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.blame.known import Known
from grader.blame.step_trace import Change, Events, StepTrace, changes
from grader.instrument.site import Site
from grader.judge.evidence import Evidence
from grader.judge.matching.compare import compare
from grader.judge.runs.teacher_forcing import Teacher
from grader.judge.verdicts import Verdict
from grader.model import Value
from grader.runner.session import Session
from grader.runner.types import Event, Key, Order

MOST = 4
"""Changes tried for one step, at most."""


@dataclass(frozen=True, slots=True)
class Spoilt:
    """The line that changed a right value, the name it was changed by, and the line that had made it."""

    site: Site
    name: str
    made: Site


@dataclass(frozen=True, slots=True)
class Restoring:
    """Runs in which the change that a line makes is undone."""

    session: Session
    evidence: Evidence
    known: Known

    def spoilt(self, verdict: Verdict, seen: Sequence[StepTrace]) -> Spoilt | None:
        """Return the last change that makes the step right at every point if it is undone; None if there is none."""
        for change in self._suspects(verdict, seen[verdict.point].events, verdict.point):
            if all(self._mends(verdict, seen, change, k) for k in dict.fromkeys((verdict.point, *range(len(seen))))):
                sites = self.evidence.scene.sites
                return Spoilt(sites[change.event.site], change.name, sites[change.earlier.site])
        return None

    def _suspects(self, verdict: Verdict, events: Events, point: int) -> list[Change]:
        """The changes of an input or a quantity to something that is neither: the first change of each line, the last
        line first."""
        matches = self.evidence.alignment.matches.items()
        judged = {event.place for name, match in matches if (event := match.events[point]) is not None}
        judged |= {place for _, match in matches for place in match.origins}
        found: dict[int, Change] = {}
        for change in changes(self.evidence, events):
            fresh = change.event.place not in judged and change.event.site not in found
            was, became = (self.known.quantity(point, value) for value in (change.before, change.after))
            if fresh and was not in (None, verdict.step.name) and became is None:
                found[change.event.site] = change
        return list(found.values())[: -MOST - 1 : -1]

    def _mends(self, verdict: Verdict, seen: Sequence[StepTrace], change: Change, point: int) -> bool:
        events = [event for event in seen[point].events if event.site == change.event.site]
        first = next((one for one in changes(self.evidence, seen[point].events) if one.event in events[:1]), None)
        if first is None:
            return verdict.point != point and compare_right(self.evidence, verdict, point, seen[point].own)
        back = {event.place: first.before for event in events}
        return compare_right(self.evidence, verdict, point, self._with(back, point, verdict.step.name))

    def _with(self, back: dict[Key, Value], point: int, step: str) -> Value | None:
        """The value of a step when these bindings are undone."""
        evidence = self.evidence
        teacher = Teacher(evidence.scene, evidence.alignment, point, whole=evidence.misshapen, disturbed=True)

        def decide(event: Event) -> Value | None:
            return back[event.place] if event.place in back else teacher.decide(event)

        inputs = evidence.scene.reference.points[point].inputs
        stops = teacher.stops | back.keys()
        self.session.run(Order(inputs, evidence.decisions, stops, teacher.reshaped, teacher.supplied), decide)
        value = teacher.commits.get(step)
        return value if isinstance(value, Value) else None


def compare_right(evidence: Evidence, verdict: Verdict, point: int, value: Value | None) -> bool:
    """Whether a value is the step's right one at a point."""
    name, scene = verdict.step.name, evidence.scene
    right = scene.reference.values[point][name]
    return value is not None and compare(value, right, scene.measure(point, name)).right
