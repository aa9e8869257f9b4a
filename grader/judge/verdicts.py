"""Turn what was observed into a verdict per quantity: a table of two questions, asked at every point.

                 forced: right                 forced: wrong
natural: right   correct                       compensated (two errors cancel)
natural: wrong   carried (fed by an error)     wrong (the place to look)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Literal, TypeVar

from grader.exercise.types import Step
from grader.formula.syntax import Derivative
from grader.instrument.site import CHANGES, Site
from grader.judge.borrowed.borrowing import NOT_SHOWN
from grader.judge.evidence import Evidence
from grader.judge.failures import gap_of, is_to_blame, is_unwritten, raised_by_itself
from grader.judge.locations import computed_at
from grader.judge.matching.compare import Comparison, Measure, compare, same
from grader.judge.matching.literal_inputs import inputs_mentioned
from grader.judge.matching.types import Guarded, Match
from grader.judge.missing_bindings import (
    binds_another_step,
    blank_of,
    blank_read_at,
    cause_of,
    own_blank_behind,
    ran_when_fed,
    unreached_site,
    when_reached,
)
from grader.judge.runs.guarded import BLANK, is_unknown
from grader.model import RIGHT, Observed, Opaque, Outcome, Value
from grader.runner.types import CUT_SHORT, Event, Raised
from grader.runner.wire import IN_PLACE_OF_ERROR


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome for one quantity and the facts behind it.

    `reason`: why not correct (the reason of the row in `RULES`). `event`: its binding at the given numbers. `site`: the
    place to point at; `located`: it is where the mistake was made, not only where it was seen, and nothing moves it any
    more. `point`: where `got` and `expected` were taken, the given point (0) unless the values agree there;
    `points_checked`: at how many points it was compared. `squeezed`: it is right but for axes of length 1. `cause`: the
    error that kept the quantity from being judged. `caused_by`: the wrong steps that feed a carried one. `order`: when,
    in the run at the given numbers, the binding at `site` was made. `note`: a further fact about the place."""

    step: Step
    outcome: Outcome
    reason: str | None = None
    match: Match | None = None
    event: Event | None = None
    site: Site | None = None
    got: Observed | None = None
    expected: Value | None = None
    point: int = 0
    points_checked: int = 0
    squeezed: bool = False
    cause: Raised | None = None
    caused_by: tuple[str, ...] = ()
    order: int = 0
    located: bool = False
    note: str | None = None


def right_steps(verdicts: Iterable[Verdict]) -> frozenset[str]:
    """The names of the steps that are right in themselves."""
    return frozenset(one.step.name for one in verdicts if one.outcome in RIGHT)


def judge(evidence: Evidence) -> tuple[Verdict, ...]:
    """Return a verdict for every forward quantity and every step, in that order."""
    verdicts = tuple(_earned(evidence, _verdict(evidence, step)) for step in evidence.scene.quantities)
    return _with_merged(tuple(_derived(evidence, verdict, verdicts) for verdict in verdicts))


def _derived(evidence: Evidence, verdict: Verdict, verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict, lowered where a carried step only repeats another step for the same quantity (`dy2_dwh = dw_h`) that
    is missing, or a typed-in number: neither was derived, so both get the same outcome."""
    if verdict.outcome != "carried":
        return verdict
    values = _natural(evidence, verdict)
    for other in verdicts:
        if other.step.name == verdict.step.name or _asked(other.step) != _asked(verdict.step):
            continue
        underived = other.outcome == "missing" or (other.outcome == "wrong" and _constant(_natural(evidence, other)))
        if underived and _are_same(values, _natural(evidence, other)):
            return replace(other, step=verdict.step, match=verdict.match, event=verdict.event, site=verdict.site)
    return verdict


def _asked(step: Step) -> str:
    return "".join(step.text.split())


def _natural(evidence: Evidence, verdict: Verdict) -> list[Observed | None]:
    if verdict.match is None:
        return [None]
    events = [verdict.match.value_at(k) for k in range(len(evidence.scene.traces))]
    return [None if event is None else event.value for event in events]


def _are_same(values: Sequence[Observed | None], others: Sequence[Observed | None]) -> bool:
    pairs = list(zip(values, others, strict=False))
    return len(values) == len(others) and all(
        left is not None
        and right is not None
        and (same(left, right) or (isinstance(left, Opaque) and left == right and left.kind == "placeholder"))
        for left, right in pairs
    )


def _earned(evidence: Evidence, verdict: Verdict) -> Verdict:
    """The verdict, lowered where a right step was taken from a differentiator, or where this could not be ruled out."""
    reason = evidence.borrowed.get(verdict.step.name)
    if reason is None or verdict.outcome not in ("correct", "carried", "compensated"):
        return verdict
    outcome: Outcome = "unjudged" if reason == NOT_SHOWN else "borrowed"
    return replace(verdict, outcome=outcome, reason=reason, got=None, expected=None, squeezed=False)


def first_error(verdicts: Sequence[Verdict]) -> Verdict | None:
    """The earliest wrong binding, in the order the student's code ran.

    A forward value typed in as a number is left out: it is right at the given numbers, and it costs nothing."""
    wrong = [one for one in verdicts if one.outcome == "wrong" and one.site is not None and not is_costless(one)]
    return min(wrong, key=lambda one: one.order, default=None)


def is_costless(verdict: Verdict) -> bool:
    """Whether this is a forward value without points that was typed in as the number it has."""
    return verdict.reason == "constant" and not verdict.step.points and _is_forward(verdict.step)


def _is_forward(step: Step) -> bool:
    return not isinstance(step.quantity, Derivative)


Facts = TypeVar("Facts")


@dataclass(frozen=True, slots=True)
class VerdictRule(Generic[Facts]):
    """A condition, and the verdict where it is the first that holds.

    `shows`: the values that the verdict shows. `place`: whether it points at the binding, or at the line that stopped
    it."""

    condition: str
    holds: Callable[[Facts], bool]
    outcome: Outcome
    reason: str | None = None
    shows: Literal["natural", "forced", "none"] = "none"
    place: Literal["binding", "error"] = "binding"


@dataclass(frozen=True, slots=True)
class GapFacts:
    """What decides the verdict on a quantity where an error of the kind `gap_of` names kept code from running.

    `ended`: whether the program ended before its last line. `empty`: whether the quantity was not bound, or to a
    placeholder. `forward`: whether it is a forward quantity."""

    kind: str
    ended: bool = False
    empty: bool = False
    forward: bool = False


GAP_RULES: tuple[VerdictRule[GapFacts], ...] = (
    VerdictRule("the program ended first", lambda one: one.kind == "absent" and one.ended, "unjudged", "not_reached"),
    VerdictRule("a name is absent", lambda one: one.kind == "absent" and one.empty, "missing", "not_bound"),
    VerdictRule("a value is not written", lambda one: one.kind in ("nothing", "unwritten") and one.empty, "missing",
         "placeholder"),
    VerdictRule("a blank came before it", lambda one: one.kind == "held_up" and one.forward, "missing", "not_bound"),
)  # fmt: skip
"""The verdicts on a quantity that a gap kept from being computed: the first row whose condition holds. Where none does,
it is judged by what was bound (`RULES`)."""


def _verdict(evidence: Evidence, step: Step) -> Verdict:
    match = evidence.alignment.matches.get(step.name)
    if (guarded := evidence.scene.guarded.get(step.name)) is not None:
        return _guarded(evidence, step, guarded, match)
    cause = cause_of(evidence, step, match)
    gap = None if cause is None else gap_of(evidence, cause[0])
    if gap is not None:
        ended = evidence.scene.traces[0].left is not None
        facts = GapFacts(gap.kind, ended, match is None or _is_blank(match), _is_forward(step))
        if (rule := next((one for one in GAP_RULES if one.holds(facts)), None)) is not None:
            return Verdict(step, rule.outcome, rule.reason)
    if match is None:
        return _unbound(evidence, step, cause)
    if _is_blank(match) and (held_up := _held_up(evidence, step, match)) is not None:
        return held_up
    return _bound(evidence, step, match, cause)


def _guarded(evidence: Evidence, step: Step, guarded: Guarded, match: Match | None) -> Verdict:
    """The verdict on a statement in a function or loop that raised, as far as it can be judged with right values for
    what it reads."""
    commits = [at.get(step.name) for at in evidence.commits]
    events = evidence.scene.traces[0].events
    member = None if match is None or step.family is None else match.events[0]
    place = (guarded.site.number, IN_PLACE_OF_ERROR) if member is None else member.place
    reached = next((one.sequence for one in events if one.place == place), max((e.sequence for e in events), default=0))
    base = Verdict(step, "unjudged", "raised", site=guarded.site, cause=guarded.raised, order=reached)
    unmade = any(value is None or (member is not None and is_unknown(value)) for value in commits)
    if unmade or guarded.site.blank:
        if guarded.site.blank or is_unwritten(guarded.raised):
            site = guarded.site if guarded.site.blank else blank_read_at(evidence, guarded.site) or guarded.site
            return Verdict(step, "missing", "placeholder", site=site, order=reached)
        again = evidence.forced[0].events
        ran = again and all(event.place != place for event in again) if member is None else not is_unknown(commits[0])
        return (
            base
            if ran or not guarded.is_own or not is_to_blame(evidence, guarded.raised)
            else _replaced(base, "wrong", "raised")
        )
    compared = _compared(evidence, step, commits)
    if all(one.right for one in compared):
        return _replaced(base, "carried", "raised")
    return _judged_wrong(evidence, base, commits, commits, compared)


def _held_up(evidence: Evidence, step: Step, match: Match) -> Verdict | None:
    """The verdict on a step that is a blank only because its line takes a local whose own line raised."""
    event = match.events[0]
    if event is None:
        return None
    own = evidence.scene.sites[event.site]
    lacking = (one for one in evidence.scene.stopped if not own.reads.isdisjoint(one.site.names))
    raised = next((one.raised for one in lacking if not is_unwritten(one.raised)), None)
    if own.blank or raised is None:
        return None
    return Verdict(step, "unjudged", "raised", site=own, cause=raised, order=event.sequence)


def _is_blank(match: Match) -> bool:
    event = match.events[0]
    return event is None or (isinstance(event.value, Opaque) and event.value.kind == "placeholder")


def _unbound(evidence: Evidence, step: Step, cause: tuple[Raised, Site] | None) -> Verdict:
    ended = evidence.scene.traces[0].ended
    if cause is not None:
        raised, site = cause
        commits = [at.get(step.name) for at in evidence.commits]
        # If the statement raised on the student's own values only, forced runs show whether it is right.
        carried = all(isinstance(value, Value) for value in commits) and all(
            one.right for one in _compared(evidence, step, commits)
        )
        if site.blank or (is_unwritten(raised) and not carried):
            behind = None if site.blank else own_blank_behind(evidence, site)
            return Verdict(step, "missing", "placeholder", site=behind or site)
        checked = len(commits) if all(isinstance(value, Value) for value in commits) else 0
        base = Verdict(step, "unjudged", "raised", site=site, points_checked=checked, cause=raised)
        if carried:
            return _replaced(base, "carried", "raised")
        if not checked and (lacking := own_blank_behind(evidence, site)) is not None:
            return Verdict(step, "missing", "placeholder", site=lacking)
        if ran_when_fed(evidence, step, site):
            # With right values for what it lacked the statement ran, and was still wrong. Of several lines that build
            # up one value, it is unknown which one is to blame.
            base = replace(base, order=when_reached(evidence, site))
            return _judged_wrong(evidence, base, commits, commits, _compared(evidence, step, commits))
        if raised_by_itself(evidence, raised) and not binds_another_step(evidence, step, raised):
            return replace(base, outcome="wrong", order=when_reached(evidence, site))
        return base
    if ended in CUT_SHORT:
        return Verdict(step, "unjudged", "timeout" if ended == "timeout" else "killed")
    if (unreached := unreached_site(evidence, step)) is not None:
        return Verdict(step, "unjudged", "not_reached", site=unreached)
    blank = blank_of(evidence, step)
    return Verdict(step, "missing", "not_bound" if blank is None else "placeholder", site=blank)


@dataclass(frozen=True, slots=True)
class BoundFacts:
    """What decides the verdict on a quantity that was bound.

    `natural`, `forced`: whether its value is right at every point in the natural and in the forced runs. `committed`:
    whether it was handed over at every point. `error`: what kept it from being bound again or completely, unless it was
    right by then: nothing, a blank, its own line although everything before it was right, or something earlier.
    `blank`: whether it is still a placeholder, and not one that it got from an earlier blank. `cancelled`: whether it
    is right only because terms cancel. `misshapen`: whether it spoils later lines by its shape alone."""

    natural: bool
    forced: bool
    committed: bool = True
    error: Literal["none", "blank", "own", "earlier"] = "none"
    blank: bool = False
    cancelled: bool = False
    misshapen: bool = False


RULES: tuple[VerdictRule[BoundFacts], ...] = (
    VerdictRule("is a blank", lambda one: one.blank and one.error == "none", "missing", "placeholder"),
    VerdictRule("is right because terms cancel", lambda one: one.cancelled and one.forced, "wrong", "cancelled"),
    VerdictRule("stopped at a blank", lambda one: one.error == "blank" and not one.forced, "missing", "placeholder",
                place="error"),
    VerdictRule("its line raises", lambda one: one.error == "own" and not one.forced, "wrong", "raised", place="error"),
    VerdictRule("an error came first", lambda one: one.error == "earlier" and not one.forced, "unjudged", "raised",
                place="error"),
    VerdictRule("has a shape that spoils", lambda one: one.misshapen, "wrong", "shape", "natural"),
    VerdictRule("is right", lambda one: one.natural and (one.forced or not one.committed), "correct", None, "natural"),
    VerdictRule("is right as errors cancel", lambda one: one.natural, "compensated", "value", "forced"),
    VerdictRule("is right once nothing raises", lambda one: one.forced and one.error != "none", "carried", "raised",
                "natural", place="error"),
    VerdictRule("is right with right values", lambda one: one.forced, "carried", None, "natural"),
    VerdictRule("was not handed over", lambda one: not one.committed, "unjudged", "not_reached"),
    VerdictRule("is wrong", lambda one: True, "wrong", "value", "forced"),
)  # fmt: skip
"""The verdicts on a quantity that was bound: the first row whose condition holds. The order is the specification: what
was never written, or could not be run, comes before what values show, and what is right before what is wrong. Why a
quantity is wrong or was not handed over is told more closely by `_judged_wrong` and `_why_unjudged`."""


def rule_for(bound: BoundFacts) -> VerdictRule[BoundFacts]:
    """The rule that decides the verdict."""
    return next(rule for rule in RULES if rule.holds(bound))


def _bound(evidence: Evidence, step: Step, match: Match, cause: tuple[Raised, Site] | None) -> Verdict:
    scene = evidence.scene
    events = [match.value_at(k) for k in range(len(scene.traces))]
    values = [None if event is None else event.value for event in events]
    event = next((one for one in events if one is not None), None)
    site, order = computed_at(evidence, match)
    base = Verdict(step, "unjudged", None, match, event, site, points_checked=len(values), order=order)
    commits = [at.get(step.name) for at in evidence.commits]
    natural = _compared(evidence, step, values)
    unchanged = all(one is other for one, other in zip(values, commits, strict=True))
    forced = natural if unchanged else _compared(evidence, step, commits)
    was_right, is_right = all(one.right for one in natural), all(one.right for one in forced)
    committed = not _unknown(commits)
    if was_right and (is_right or not committed):
        cause = None  # the value was right before the error
    # A step that only passes on an earlier blank is no blank: with that one filled in, it is right.
    passed_on = is_right and event is not None and not scene.sites[event.site].blank
    is_blank = isinstance(values[0], Opaque) and values[0].kind == "placeholder" and not passed_on
    rule = rule_for(
        BoundFacts(
            was_right,
            is_right,
            committed,
            _error(evidence, step, cause, is_right),
            is_blank,
            step.name in evidence.cancelled,
            step.name in evidence.misshapen,
        )
    )
    if rule is RULES[-1]:
        return _judged_wrong(evidence, base, commits, values, forced)
    if cause is not None and rule.place == "error":
        if rule.outcome == "missing":
            return Verdict(step, rule.outcome, rule.reason, match, event, cause[1])
        if rule.shows == "none":
            return Verdict(step, rule.outcome, rule.reason, match, event, cause[1], cause=cause[0], order=base.order)
        base = replace(base, cause=cause[0], site=cause[1])
    if rule.reason == "cancelled" and event is not None and scene.sites[event.site].kind in CHANGES:
        # The value is the same before and after the change that it was not derived with.
        base = replace(base, site=scene.sites[event.site])
    if rule.reason == "placeholder" and base.site is not None and not base.site.blank:
        base = replace(base, site=blank_of(evidence, step) or base.site)  # a function returned it
    if rule.shows == "none":
        reason = _why_unjudged(evidence) if rule.outcome == "unjudged" else rule.reason
        return replace(base, outcome=rule.outcome, reason=reason)
    shown, compared = (commits, forced) if rule.shows == "forced" else (values, natural)
    verdict = _with_values(evidence, base, rule.outcome, rule.reason, shown, compared)
    return replace(verdict, squeezed=False) if rule.reason == "shape" else verdict


def _error(
    evidence: Evidence, step: Step, cause: tuple[Raised, Site] | None, is_right: bool
) -> Literal["none", "blank", "own", "earlier"]:
    if cause is None:
        return "none"
    if cause[1].blank or BLANK in cause[0].error:
        return "blank"
    # Where forced runs got past the error, it does not matter whose it was: they show whether the line is right.
    if not is_right and ran_when_fed(evidence, step, cause[1]):
        return "none"
    own = not is_right and raised_by_itself(evidence, cause[0]) and not binds_another_step(evidence, step, cause[0])
    return "own" if own else "earlier"


def _judged_wrong(
    evidence: Evidence,
    base: Verdict,
    commits: Sequence[Observed | None],
    values: Sequence[Observed | None],
    forced: Sequence[Comparison],
) -> Verdict:
    reasons = {one.why for one in forced if one.why is not None}
    if reasons <= {"not_finite"}:
        return _with_values(evidence, base, "wrong", "not_finite", commits, forced)
    if "type" in reasons:
        return _replaced(base, "unjudged", "type")
    reason = next((one for one in ("tuple", "shape") if one in reasons), "value")
    if _constant(values) and _constant(commits) and evidence.scene.varies(base.step.name):
        reason = "constant" if _typed_in(evidence, base.step, values[0]) else reason
    elif forced[0].right:
        reason = "given_point_only"
    typed_forward = reason == "constant" and forced[0].right and _is_forward(base.step)
    if typed_forward and base.match is not None:  # `h1 = w * x` is not typed, wherever `w` comes from
        typed_forward = evidence.unbound.isdisjoint(inputs_mentioned(evidence.scene, base.match))
    if evidence.unbound and not typed_forward and (forced[0].right or _is_elsewhere(evidence)):
        # If no name stands for an input, its number, or another one instead, was typed into the formula: a wrong value
        # that results is no evidence against the formula.
        return _replaced(base, "unjudged", "nameless")
    return _with_values(evidence, base, "wrong", reason, commits, forced)


def _is_elsewhere(evidence: Evidence) -> bool:
    """Whether the code computes forward quantities from other numbers than the given ones, even at the given point."""
    scene = evidence.scene
    for step in scene.exercise.forward_steps:
        match = evidence.alignment.matches.get(step.name)
        event = None if match is None else match.value_at(0)
        if event is None or not isinstance(event.value, Value):
            continue
        if not compare(event.value, scene.reference.values[0][step.name], scene.measure(0, step.name)).right:
            return True
    return False


def _compared(evidence: Evidence, step: Step, values: Sequence[Observed | None]) -> list[Comparison]:
    scene = evidence.scene
    return [
        Comparison("value")
        if value is None
        else compare(value, scene.reference.values[k][step.name], scene.measure(k, step.name))
        for k, value in enumerate(values)
    ]


def _replaced(base: Verdict, outcome: Outcome, reason: str) -> Verdict:
    return replace(base, outcome=outcome, reason=reason)


def _with_values(
    evidence: Evidence,
    base: Verdict,
    outcome: Outcome,
    reason: str | None,
    values: Sequence[Observed | None],
    compared: Sequence[Comparison],
) -> Verdict:
    """The verdict with the values of the first point at which they are wrong; of the given point if there is none."""
    point = next((k for k, one in enumerate(compared) if not one.right), 0)
    squeezed = any(one.squeezed for one in compared)
    return replace(
        base,
        outcome=outcome,
        reason="squeezed" if reason is None and squeezed else reason,
        got=values[point],
        expected=evidence.scene.reference.values[point][base.step.name],
        point=point,
        squeezed=squeezed,
    )


def _unknown(commits: Sequence[Observed | None]) -> bool:
    return any(value is None for value in commits)


def _why_unjudged(evidence: Evidence) -> str:
    ends = {trace.ended for trace in (*evidence.scene.traces, *evidence.forced)}
    if "timeout" in ends:
        return "timeout"
    return "killed" if ends & {"killed", "output", "processes", "protocol"} else "not_reached"


ROUNDED = Measure(rtol=5e-3, atol=0.0)
"""Tolerance for a right number that was copied down, perhaps rounded."""


def _typed_in(evidence: Evidence, step: Step, value: Observed | None) -> bool:
    """Whether a value that never changes is the right one at the given numbers, perhaps rounded."""
    return value is not None and compare(value, evidence.scene.reference.values[0][step.name], ROUNDED).right


def _constant(values: Sequence[Observed | None]) -> bool:
    first = values[0]
    return first is not None and all(value is not None and same(first, value) for value in values)


def _with_merged(verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    """Judge each optional step that was left out by the step it was merged into: the next one that is present."""
    result = list(verdicts)
    following: Verdict | None = None
    for place in range(len(result) - 1, -1, -1):
        verdict = result[place]
        if verdict.outcome == "missing" and verdict.step.optional and verdict.reason == "not_bound":
            merged = following is not None and following.outcome in RIGHT
            outcome: Outcome = "correct" if merged else "missing"
            result[place] = Verdict(verdict.step, outcome, "merged" if merged else "optional")
        else:
            following = verdict
    return tuple(result)
