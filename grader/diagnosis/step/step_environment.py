"""The values of all names when a step was computed, from one observed forced run per point.

In a forced run (teacher forcing) all earlier steps have their right values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from grader.diagnosis.chain_rule.numbers import as_number, shape_of
from grader.diagnosis.expressions import parts_read
from grader.instrument.site import Site
from grader.judge.evidence import Evidence
from grader.judge.runs.teacher_forcing import Teacher
from grader.judge.verdicts import Verdict
from grader.model import Submission, Value
from grader.runner.session import Session
from grader.runner.types import Event, Order, Sites
from grader.runner.wire import FIRST_ENTRY

LABELS = frozenset({"entry", "keyword"})
"""Kinds of bindings whose name is not a variable: `{"h1": h1}`, `Cache(h1=h1)`, `sum(axis=0)`."""


@dataclass(frozen=True)
class StepEnvironment:
    """The bindings of one observed forced run per point, in order.

    `parts` maps names like `cache['h1']` to their keys (`h1`): a dictionary returned by a function has another name
    inside that function."""

    sites: Sites
    runs: tuple[tuple[Event, ...], ...]
    parts: Mapping[str, str] = field(default_factory=dict)

    def at(self, point: int, site: Site, occurrence: int) -> dict[str, Any] | None:
        """Return every name's value just before a binding; None if the run did not reach it. Names are spelled as by
        `expressions.name_of`."""
        end = next((e for e in self.runs[point] if e.site == site.number and e.occurrence == occurrence), None)
        if end is None:
            return None
        names: dict[str, Any] = {}
        labels: dict[str, Any] = {}
        passed: dict[str, Any] = {}
        for event in self.runs[point]:
            if event.sequence >= end.sequence:
                break
            if isinstance(event.value, Value):
                bound = self.sites[event.site]
                _hold(labels if bound.kind in LABELS else names, event, bound, site.scope)
                if bound.kind == "parameter":
                    _hold(passed, event, bound, bound.scope)
        for name in [one for one in names if self._is_unwritten(one)]:
            del names[name]
        for part, label in self.parts.items():
            # `{"x": x}` in a function keeps what was passed to it.
            held = next((one for one in (names, labels) if label in one), passed)
            if part not in names and label in held:
                names[part] = held[label]
        return names

    def _is_unwritten(self, name: str) -> bool:
        """Whether this is `cache.h1` although the source reads `cache['h1']`, or the other way round."""
        if name.isidentifier():
            return False
        owner, style = (name.split("[")[0], "[") if "[" in name else (name.split(".")[0], ".")
        styles = self._styles.get(owner)
        return styles is not None and style not in styles

    @cached_property
    def _styles(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for part in self.parts:
            owner, style = (part.split("[")[0], "[") if "[" in part else (part.split(".")[0], ".")
            found.setdefault(owner, set()).add(style)
        return found


def _hold(names: dict[str, Any], event: Event, site: Site, scope: str) -> None:
    """Record the value of a binding's names in `names`, as seen from `scope`."""
    value = as_number(event.value) if isinstance(event.value, Value) else None
    if site.kind == "item" and event.key is not None and not shape_of(names.get(site.owner)):
        _hold_member(names, site.owner, event.key, value)
        return
    if event.key is not None and event.occurrence >= FIRST_ENTRY:  # a dictionary that was made at once
        for name in site.names:  # as the owner of an item is spelled
            _hold_member(names, name, event.key, value)
        return
    seen = not site.scope or site.owner or scope == site.scope or scope.startswith(f"{site.scope}.")
    for name in spelled(event, site):
        if seen:
            names[name] = value
        elif site.kind != "parameter":
            # A name of another function: used only if no visible binding has the same name (`global`).
            names.setdefault(name, value)


def _hold_member(names: dict[str, Any], owner: str, key: int, value: Any) -> None:
    known = names.get(owner)
    names[owner] = {**(known if isinstance(known, dict) else {}), key: value}


def step_environment(session: Session, evidence: Evidence, submission: Submission) -> StepEnvironment:
    """Collect the events of the forced runs. For a point where the natural run was used instead, run a forced one."""
    scene = evidence.scene
    runs = []
    for k, point in enumerate(scene.reference.points):
        if evidence.forced[k] is not scene.traces[k]:
            runs.append(evidence.forced[k].events)
            continue
        teacher = Teacher(scene, evidence.alignment, k, whole=evidence.misshapen)
        order = Order(point.inputs, evidence.decisions, teacher.stops, teacher.reshaped, observe=True)
        runs.append(session.run(order, teacher.decide).events)
    parts = parts_read([cell.source for cell in submission.cells])
    return StepEnvironment(scene.sites, tuple(runs), parts)


def occurrence_of(verdict: Verdict, site: Site) -> int | None:
    """Return which occurrence of `site` a verdict is about; 0 for a statement outside loops that raised. None if
    unknown."""
    if verdict.match is None and verdict.cause is not None:
        return None if site.in_loop else 0
    if verdict.match is None or verdict.event is None:
        return None
    if verdict.event.site == site.number:
        return verdict.event.occurrence
    return next((occurrence for number, occurrence in verdict.match.origins if number == site.number), None)


def spelled(event: Event, site: Site) -> list[str]:
    """Return the names a binding binds, spelled as by `expressions.name_of`."""
    labels = (event.label,) if event.label else site.names
    if site.kind == "item" and event.key is not None:
        return []
    if not site.owner:
        return list(labels)
    owner, *within = site.owner.split(".")
    nested = owner + "".join(f"[{one!r}]" for one in within)
    return [spelled for label in labels for spelled in (f"{site.owner}.{label}", f"{nested}[{label!r}]")]
