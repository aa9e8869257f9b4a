"""Convert a result to blocks: what to report, in which order, with which of the student's lines. Renderers do the
layout.

Order: first unreadable lines and whatever ended the program or was missing on this machine, since steps may be missing
because of them; then every independent error in the order the code ran, since the first is where to begin; then what is
missing or could not be judged; then everything else, notes last. Consequences of an error are reported at that error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from grader.model import RIGHT, Problem, ProblemKind, Result, Span, StepResult
from grader.report import facts
from grader.report.crashes import compared, crashes, is_bound_somewhere
from grader.report.mathematics import plain
from grader.report.numbers import counted
from grader.report.places import Quote, lines_of, order, place, quote, quote_step, short_place
from grader.report.text import one_line
from grader.submission.wording import CRASHED, WITHOUT, taken_from
from grader.submission.wording import quote as in_backticks

FOLLOWING = 5
"""Maximum number of later errors that are listed."""

ROOTS: tuple[ProblemKind, ...] = ("syntax", "package", "ended", "timeout", "killed", "output")
"""Kinds of problems listed first, because other problems follow from them."""

_IN_A_HELPER = re.compile(r"\((\w+\.py), line (\d+)\)$")
"""How Python ends the message on a module that cannot be read."""

_ENDING = frozenset({"ended", "timeout", "killed", "output"})
_STOPPING = _ENDING | {"raised", "memory", "syntax"}
"""Kinds of problems that may prevent steps from being bound."""

Tone = Literal["wrong", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Block:
    """One item of a report. `headline` can be read alone; advice is only in `help`, with `code` as part of it. `brief`
    is a one-line version for use when an earlier block is shown in full, `steps` the names of the steps it is about."""

    tone: Tone
    headline: str
    number: int | None = None
    where: Span | None = None
    quote: Quote | None = None
    facts: tuple[str, ...] = ()
    help: str | None = None
    code: tuple[str, ...] = ()
    brief: str | None = None
    steps: tuple[str, ...] = ()

    @property
    def place(self) -> str | None:
        return None if self.where is None else place(self.where)


def blocks(result: Result) -> tuple[Block, ...]:
    """All blocks for the steps and problems of a result, except notes."""
    groups = wrong_groups(result)
    told_at = numbered_misconceptions(result)
    follows = crashes(result).follows
    roots = _roots(result)
    spared = [one for one in roots if one.kind == "package" and one.message.endswith(WITHOUT)]
    together = [_without(spared)] if len(spared) > 1 else []
    made = together + [_problem(result, one) for one in roots if not together or one not in spared]
    made += [_wrong(result, group, number, told_at) for number, group in enumerate(groups, 1)]
    late = [one for one in (stopping(result),) if one is not None and one not in roots]
    made += [_problem(result, one) for one in late]
    made += _costless(result)
    made += [_compensated(result, step) for step in _all(result) if step.outcome == "compensated"]
    made += _borrowed(result)
    made += _missing(result)
    unjudged = _unjudged_groups(result)
    made += [_unjudged(result, group) for group in unjudged]
    made += _carried_by_others(result, groups)
    raised = [group for group in (*unjudged, *groups) if group[0].reason == "raised"]
    told = {_line(group[0]) for group in (*unjudged, *raised) if group[0].where is not None}
    told |= {_line(step) for step in _all(result) if step.outcome == "carried" and step.where is not None}
    known = {*roots, *late, *follows}
    left = [one for one in result.problems if one.kind != "note" and one not in known and not _told(one, told)]
    made += _problems(result, left, [group[0].where for group in raised])
    return tuple(made)


def _without(problems: Sequence[Problem]) -> Block:
    """One block for packages that were done without."""
    lines = lines_of([one.where for one in problems if one.where is not None])
    packages = facts.names([_package(one) for one in problems])
    return Block("warning", f"{packages} are not installed here; {lines} were run without them")


def _roots(result: Result) -> list[Problem]:
    """The problems to report first, since others follow from them."""
    stops = None if _may_follow(result) else stopping(result)
    return [
        one
        for one in result.problems
        if one.kind in ROOTS
        or one is stops
        or compared(result, one) is not None
        or _crashed_above(result, one)
        or _is_import(result, one)
    ]


def _is_import(result: Result, problem: Problem) -> bool:
    """Whether an import crashed: what it was to bring is missing everywhere below."""
    line = quote(result, problem.where) if problem.kind == "raised" else None
    return line is not None and line.text.lstrip().startswith(("import ", "from "))


def _crashed_above(result: Result, problem: Problem) -> bool:
    """Whether a line that is no step's was the first to crash, above the first wrong step, and no step is right: they
    may all have no value because of it."""
    first = next((one for one in result.problems if one.kind == "raised" and one not in crashes(result).follows), None)
    if problem is not first or problem.where is None or any(step.outcome == "correct" for step in result.steps):
        return False
    own = {_line(step) for step in _all(result) if step.where is not None}
    wrong = wrong_groups(result)
    return bool(wrong) and _at(problem.where) not in own and order(problem.where) < order(wrong[0][0].where)


def _may_follow(result: Result) -> bool:
    """Whether the crash that kept steps from being computed has a wrong step above it, and may follow from that."""
    stops = stopping(result)
    above = (group for group in wrong_groups(result) if stops and order(group[0].where) < order(stops.where))
    return stops is not None and stops.kind == "raised" and any(above)


def wrong_groups(result: Result) -> list[list[StepResult]]:
    """The independent errors in code order; steps bound by the same text (a loop) count as one error."""
    wrong = [step for step in _all(result) if step.outcome == "wrong" and not _costs_nothing(result, step)]
    groups: dict[object, list[StepResult]] = {}
    for step in wrong:
        groups.setdefault(step.name if step.where is None else step.where, []).append(step)

    def position(group: list[StepResult]) -> tuple[bool, tuple[int, int, int]]:
        return all(step.name != result.first_error for step in group), order(group[0].where)

    return sorted(groups.values(), key=position)


def stopping(result: Result) -> Problem | None:
    """The problem that kept steps from being bound: the first line that raised, was unreadable or ended the run."""
    lost = [(step.outcome, step.reason) for step in result.steps]
    kinds: frozenset[str] = frozenset()
    found = crashes(result)
    if any(("unjudged", reason) in lost for reason in _NOT_RUN):
        kinds = _ENDING
    elif ("missing", "not_bound") in lost:
        kinds = _STOPPING
    elif found.unread.keys() & {step.name for step in result.steps if step.outcome == "missing"}:
        kinds = frozenset({"syntax"})
    elif any(step.reason == "placeholder" and "..." not in (step.code or "...") for step in result.steps):
        kinds = frozenset({"syntax"})  # the blank is what stands for a line that cannot be read
    packages = {_package(problem): problem for problem in result.problems if problem.kind == "package"}
    stops = [packages.get(found.follows.get(one, ""), one) for one in result.problems if one.kind in kinds]
    return min((one for one in stops if one not in found.follows), key=lambda one: order(one.where), default=None)


def _package(problem: Problem) -> str:
    """The name of the package that a problem is about."""
    return problem.message.split("`")[1] if problem.message.count("`") > 1 else ""


def numbered_misconceptions(result: Result) -> dict[str, list[int]]:
    """Each misconception that the reveal level shows, with the numbers of the errors it caused."""
    found: dict[str, list[int]] = {}
    for number, group in enumerate(wrong_groups(result), 1):
        code = facts.misconception(result, group[0])
        if code is not None:
            found.setdefault(code, []).append(number)
    return found


def _all(result: Result) -> tuple[StepResult, ...]:
    return (*result.forward, *result.steps)


def _is_forward(result: Result, step: StepResult) -> bool:
    return any(step is other for other in result.forward)


def _costs_nothing(result: Result, step: StepResult) -> bool:
    """Whether the step is a forward value typed in as a number, which costs no points."""
    return step.reason == "constant" and _is_forward(result, step) and not step.max_points


def _wrong(result: Result, group: list[StepResult], number: int, told_at: Mapping[str, Sequence[int]]) -> Block:
    lead = group[0]
    forward, first = _is_forward(result, lead), number == 1
    said = [fact for step in group[:1] for fact in _named(step, facts.wrong(result, step, forward, first), group)]
    code = facts.misconception(result, lead) or ""
    told = number if code in facts.SWAPPED else told_at.get(code, [number])[0]
    message = facts.explained(result, lead) if told == number else f"the same kind of mistake as in {told}"
    advice, lines = facts.next_step(result, lead, forward)
    rule = facts.rule(result, lead)
    if (absent := _absent(result, lead)) is not None:
        message, advice, lines, rule = absent, "hand that file in as well, or do without it on this line", (), None
    return Block(
        "wrong",
        _headline(result, group, first),
        number,
        lead.where,
        quote_step(result, lead),
        (
            *([message] if message else []),
            *said,
            *([f"by the chain rule, {rule}"] if rule and rule not in (advice or "") else []),
            *_follows(result, group),
            *_cost(group, forward),
        ),
        advice,
        lines,
        _brief(result, group, message or (said[0] if said else "it is wrong")),
        _names(group),
    )


def _names(steps: Sequence[StepResult]) -> tuple[str, ...]:
    return tuple(step.name for step in steps)


def _brief(result: Result, group: Sequence[StepResult], said: str) -> str:
    where = short_place(group[0].where, result.submission)
    return f"{facts.names(group, 2)}{f', {where}' if where else ''}: {said}"


_UNKNOWN = re.compile(r"name '(\w+)' is not defined")


def _absent(result: Result, step: StepResult) -> str | None:
    """For a crash by an undefined name: a sentence if a failed import of that name is the root cause."""
    found = _UNKNOWN.search(step.remark or "") if step.reason == "raised" else None
    for problem in result.problems:
        line = quote(result, problem.where) if found is not None and problem.kind == "package" else None
        if found is not None and line is not None and re.search(rf"\b{found[1]}\b", line.text):
            return f"`{found[1]}` comes from {short_place(problem.where, result.submission)}, and could not be imported"
    return None


def _named(step: StepResult, said: Iterator[str], group: Sequence[StepResult]) -> Iterator[str]:
    yield from (f"`{step.name}`: {fact}" for fact in said) if len(group) > 1 else said


NOUNS = {"value": "values", "step": "steps"}


def _headline(result: Result, group: list[StepResult], first: bool) -> str:
    lead = group[0]
    noun = "value" if _is_forward(result, lead) else "step"
    shared = any(facts.shares_mistake(step) for step in result.steps)
    which = "only" if len(wrong_groups(result)) == 1 and not shared else "first"
    if len(group) > 1:
        return f"{facts.names(group)} are {f'the {which} wrong {NOUNS[noun]}' if first else 'wrong'}"
    what = f"`{lead.name}`" if lead.name == lead.quantity else f"`{lead.name}` = {lead.quantity}"
    return f"{what} is {f'the {which} wrong {noun}' if first else 'wrong'}"


def _cost(group: list[StepResult], forward: bool) -> Iterator[str]:
    if forward and not any(step.max_points for step in group):
        yield "this costs nothing: your steps were graded with the right value"


def _follows(result: Result, group: Sequence[StepResult]) -> Iterator[str]:
    """Facts about steps that are wrong only because of this error, and about lines that crash because of it."""
    culprits = {step.name for step in group}
    fed = [step for step in _all(result) if step.outcome == "carried" and culprits.intersection(step.caused_by)]
    if not fed:
        return
    this = "this" if len(group) == 1 else "these"
    if sharing := [step for step in fed if facts.shares_mistake(step)]:
        yield _sharing(sharing, "the same mistake")
    if others := [step for step in fed if not facts.shares_mistake(step)]:
        one = len(others) == 1
        verb, whose = ("is", "its own formula is") if one else ("are", "their own formulas are")
        after = f", so {'it is' if one else 'they are'} not counted again" if _is_free(others) else ""
        yield f"{facts.names(others)} {verb} fed by {this}; {whose} right{after}"
    yield from _crashed(result, fed, this)


def _sharing(steps: Sequence[StepResult], mistake: str) -> str:
    """Say that steps have the mistake of another one."""
    counted_once = ", which is counted once" if _is_free(steps) else ""
    return f"{facts.names(steps)} {'is' if len(steps) == 1 else 'are'} wrong by {mistake}{counted_once}"


def _is_free(steps: Sequence[StepResult]) -> bool:
    return all(step.points >= step.max_points for step in steps)


def _crashed(result: Result, fed: Sequence[StepResult], cause: str) -> Iterator[str]:
    """The crashed lines among steps whose own formula is right."""
    lines = {_line(step) for step in fed if step.where is not None}
    places = [one.where for one in result.problems if one.kind == "raised" and _told(one, lines)]
    if places:
        crash = "crashes" if len(places) == 1 else "crash"
        yield f"{lines_of([one for one in places if one is not None])} {crash} because of {cause}"


def _costless(result: Result) -> Iterator[Block]:
    typed = [step for step in result.forward if step.outcome == "wrong" and _costs_nothing(result, step)]
    if not typed:
        return
    one = len(typed) == 1
    what = "is a typed number: it has" if one else "are typed numbers: they have"
    # Measured only if the difference shows at the given numbers: then the number was also typed in wrongly.
    found = [(step, facts.measured(result, step, "the program")) for step in typed if step.at is None]
    said = [f"`{step.name}`: {measured}" for step, measured in found if measured is not None]
    yield Block(
        "note",
        f"{facts.names(typed)} {what} to change when the given numbers do",
        where=typed[0].where,
        quote=quote_step(result, typed[0]),
        facts=(*said, "this costs nothing: your steps were graded with the right value"),
        help="write the formula, not the number",
    )


def _compensated(result: Result, step: StepResult) -> Block:
    forward = _is_forward(result, step)
    found = facts.measured(result, step, "the program" if forward else "autograd")
    said = [f"with everything before it right, {found}"] if found else []
    said += [step.remark] if step.remark else []
    earlier = [group[0] for group in wrong_groups(result) if order(group[0].where) < order(step.where)]
    places = [one.where for one in (*earlier, step) if one.where is not None]
    kind = "sign " if any(facts.misconception(result, one) == "sign-flipped" for one in earlier) else ""
    cancel = f"two {kind}errors cancel" if len(earlier) < 2 else "errors cancel"
    where = f"on {lines_of(places)}" if len(places) > 1 else "on this line and in what feeds it"
    both = "fix both" if len(earlier) < 2 else "fix all of them"
    return Block(
        "wrong",
        f"`{step.name}` comes out right only because {cancel}, {where}",
        where=step.where,
        quote=quote_step(result, step),
        facts=tuple(said),
        help=both,
        brief=f"{facts.names([step])} comes out right only because {cancel}, {where}: {both}",
        steps=(step.name,),
    )


def _borrowed(result: Result) -> Iterator[Block]:
    """One block per differentiation tool for the steps taken from it."""
    by_source: dict[str, list[StepResult]] = {}
    for step in _all(result):
        if step.outcome == "borrowed":
            by_source.setdefault(taken_from(step.reason), []).append(step)
    for source, taken in by_source.items():
        yield _taken(result, source, taken)


def _taken(result: Result, source: str, taken: list[StepResult]) -> Block:
    one = len(taken) == 1
    if source == "autograd":
        headline = f"{facts.names(taken)} {'comes' if one else 'come'} from autograd, not from a derivation by hand"
    else:
        headline = f"{facts.names(taken)} {'is' if one else 'are'} computed by {source}, not derived"
    return Block(
        "wrong",
        headline,
        where=taken[0].where,
        quote=quote_step(result, taken[0]),
        facts=(f"comparing with {source} is welcome; only an answer that depends on it does not count",),
        help=f"write {taken[0].quantity} as a formula of the values before it",
        brief=_brief(result, taken, f"{'from' if source == 'autograd' else 'computed by'} {source}, not derived"),
        steps=_names(taken),
    )


def _carried_by_others(result: Result, groups: list[list[StepResult]]) -> Iterator[Block]:
    """A block for carried steps whose cause appears in no other block."""
    told = {step.name for group in groups for step in group}
    left = [step for step in result.steps if step.outcome == "carried" and not told.intersection(step.caused_by)]
    if not left:
        return
    sharing = [step for step in left if facts.shares_mistake(step)]
    for cause in dict.fromkeys(step.caused_by for step in sharing):
        of_one = [step for step in sharing if step.caused_by == cause]
        yield Block("note", _sharing(of_one, f"the mistake in {facts.names(cause)}"))
    left = [step for step in left if step not in sharing]
    if not left:
        return
    verb, whose = ("is", "its own formula is") if len(left) == 1 else ("are", "their own formulas are")
    causes = [name for step in left for name in step.caused_by]
    causes = list(dict.fromkeys(causes)) or _missing_causes(result, left)
    by = facts.names(causes) if causes else _lost_in_words(result)
    free = ", so this costs nothing" if _is_free(left) else ""
    crashed = tuple(_crashed(result, left, "that"))
    yield Block("note", f"{facts.names(left)} {verb} fed by {by}; {whose} right{free}", facts=crashed)


def _lost_in_words(result: Result) -> str:
    lost = {step.outcome for step in result.steps} & {"missing", "unjudged"}
    words = {"missing": "are not there yet", "unjudged": "could not be graded"}
    return f"steps that {' or '.join(words[one] for one in sorted(lost))}" if lost else "an earlier mistake"


def _missing_causes(result: Result, steps: Sequence[StepResult]) -> list[str]:
    """What the lines of these steps lack, if that is known of all of them."""
    root = {_at(one.where): cause for one, cause in crashes(result).follows.items()}
    causes = [root.get(_line(step)) for step in steps]
    if None not in causes:
        return list(dict.fromkeys(cause for cause in causes if cause is not None))
    lost = [step.name for step in result.steps if step.outcome in ("missing", "unjudged")]
    return lost if len(lost) == 1 else []


def _missing(result: Result) -> Iterator[Block]:
    missing = [step for step in result.steps if step.outcome == "missing"]
    optional = [step for step in missing if step.reason == "optional"]
    bad = crashes(result).unread
    unread = [
        step for step in missing if step not in optional and bad.keys() & {step.name, step.name.partition("[")[0]}
    ]
    blank = [step for step in missing if step.reason == "placeholder" and step not in unread]
    rest = [step for step in missing if step not in (*blank, *optional, *unread)]
    stops = stopping(result)
    unrun = [step for step in rest if stops is not None and is_bound_somewhere(result, step.name)]
    unbound = [step for step in rest if step not in unrun]
    if blank or rest or unread:
        wanted = len(blank) + len(rest) + len(unread)
        worth = sum(step.max_points for step in (*blank, *rest, *unread))
        said = []
        if unread:
            said.append(f"on lines that cannot be read: {facts.names(unread, 30)}")
        if unrun:
            said.append(f"in your code, but not computed: {facts.names(unrun, 30)}")
        if blank:
            said.append(f"not filled in yet: {facts.names(blank, 30)}")
        if unbound:
            said.append(f"not found in your code: {facts.names(unbound, 30)}")
        start = (unread or unrun or blank or unbound)[0]
        advice: str | None = f"go on with `{start.name}` = {start.quantity}"
        if start.hint and result.shows("hint"):
            advice = f"{advice}: {plain(one_line(start.hint))}"
        if unread or unrun or (stops is not None and stops.kind == "syntax"):
            advice = None  # it is told with the line that could not be read or run
        are = "is" if wanted == 1 else "are"
        headline = f"{counted(wanted, 'step')} {are} not there yet, worth {counted(worth, 'point')}"
        yield Block(
            "warning",
            headline,
            where=start.where,
            facts=tuple(said),
            help=advice,
            steps=_names((*unread, *unrun, *blank, *unbound)),
        )
    if optional:
        yield Block("note", f"optional and left out: {facts.names(optional, 30)}", steps=_names(optional))


def _unjudged_groups(result: Result) -> list[list[StepResult]]:
    """Groups of steps that could not be judged for the same reason at the same place."""
    groups: dict[object, list[StepResult]] = {}
    for step in result.steps:
        if step.outcome == "unjudged" and step.reason != "unreadable":
            # Unnamed given numbers, or code that ended early, need one repair, however many lines are concerned.
            place = None if step.reason in ("nameless", *_NOT_RUN) else step.where
            groups.setdefault((step.reason, step.remark, place), []).append(step)
    return list(groups.values())


def _unjudged(result: Result, group: list[StepResult]) -> Block:
    lead = group[0]
    message, rule = facts.explained(result, lead), facts.rule(result, lead)
    advice: str = "fix this line, then run again"
    if lead.reason == "nameless":
        advice = "give each of these numbers its name, as in `x = 0.5`, and use the name from there on"
    code: tuple[str, ...] = ()
    if message is not None:
        advice, code = facts.next_step(result, lead, forward=_is_forward(result, lead))
    late = lead.reason in _NOT_RUN and stopping(result) is not None
    return Block(
        "warning",
        f"{facts.names(group, 12)} could not be graded{': your code did not get that far' if late else ''}",
        where=None if lead.reason in _NOT_RUN else lead.where,
        quote=None if lead.reason in _NOT_RUN else quote_step(result, lead),
        facts=(
            *(() if late else facts.unjudged(result, lead)),
            *([message] if message else []),
            *([f"by the chain rule, {rule}"] if rule and rule not in (advice or "") else []),
        ),
        help=advice if message is not None or (lead.where and lead.reason in _MENDABLE) else None,
        code=code,
        steps=_names(group),
    )


_MENDABLE = ("raised", "nameless", "type", "not_finite")
_NOT_RUN = ("not_reached", "timeout", "killed", "package")
"""Reasons reported once, at the place where the code ended, and not at each line that was not run."""


def _line(step: StepResult) -> tuple[int | None, int]:
    return _at(step.where)


def _at(where: Span | None) -> tuple[int | None, int]:
    return (None, 0) if where is None else (where.cell, where.line)


def _told(problem: Problem, told: set[tuple[int | None, int]]) -> bool:
    """Whether a step that could not be judged already reports this error at this line."""
    where = problem.where
    return problem.kind in ("raised", "memory") and where is not None and (where.cell, where.line) in told


def _problems(result: Result, problems: list[Problem], told: list[Span | None]) -> Iterator[Block]:
    """One block per problem; of raised errors only the first gets its own, since the others mostly follow from it.
    `told` are the places of errors already reported at a step."""
    raised = [one for one in problems if one.kind == "raised"]
    first = min((*told, *(one.where for one in raised)), key=order, default=None)
    follow = [one for one in raised if one.where is not None and order(one.where) > order(first)]
    for problem in problems:
        if problem.kind != "raised" or problem not in follow:
            yield _problem(result, problem)
    if follow:
        what = "1 more line crashed" if len(follow) == 1 else f"{len(follow)} more lines crashed"
        said = [
            f"{short_place(one.where, result.submission)}: {one.message.removeprefix(CRASHED)}"
            for one in follow[:FOLLOWING]
        ]
        more = [f"and {len(follow) - FOLLOWING} more"] if len(follow) > FOLLOWING else []
        yield Block(
            "warning", f"{what}, perhaps only because of {short_place(first, result.submission)}", facts=(*said, *more)
        )


def _problem(result: Result, problem: Problem) -> Block:
    # A syntax problem quotes its line in the message, since its cell is in no list of cells.
    shown = _quoted(result, problem)
    message = without_quote(result, problem)
    if (name := compared(result, problem)) is not None:
        message = f"this line gives `{name}` no value: `==` only compares"
    tone: Tone = "note" if problem.kind == "device" else "warning"
    lost = any(step.outcome not in RIGHT for step in result.steps)
    free = () if lost or problem.kind != "package" else ("this costs nothing",)
    advice = _advice(result, problem) if lost else None
    return Block(tone, message, where=problem.where, quote=shown, facts=free, help=advice)


def _quoted(result: Result, problem: Problem) -> Quote | None:
    return quote(result, problem.where) if problem.kind in ("raised", "memory", "device", *ROOTS) else None


def without_quote(result: Result, problem: Problem) -> str:
    """The message of a problem without the line that its block quotes."""
    shown = _quoted(result, problem)
    return problem.message if shown is None else problem.message.replace(f": {in_backticks(shown.text)}", "", 1)


def _advice(result: Result, problem: Problem) -> str | None:
    """The next step after a problem that kept steps from being graded; None if it kept none, or none is known."""
    if compared(result, problem) is not None:
        return "write `=` in place of `==`"
    match problem.kind:
        case "package" if _package(problem) in crashes(result).follows.values():
            return "hand that file in as well, or do without it"
        case "ended" if problem.where is not None:
            return f"leave {short_place(problem.where, result.submission)} out, then run again"
        case "timeout" if problem.where is not None:
            return f"change {short_place(problem.where, result.submission)} so that it comes to an end, then run again"
        case "output" if problem.where is not None:
            return f"print less on {short_place(problem.where, result.submission)}, then run again"
        case "raised" if "FileNotFoundError: " in problem.message:
            return "hand that file in as well, or do without it"
        case "raised" if (elsewhere := _IN_A_HELPER.search(problem.message)) is not None:
            return f"fix line {elsewhere[2]} of {elsewhere[1]}, then run again"
        case "raised" if _may_follow(result):
            return "fix 1 first, then run again"
        case "raised" | "syntax" if problem.where is not None:
            return f"fix {short_place(problem.where, result.submission)}, then run again"
        case _:
            return None
