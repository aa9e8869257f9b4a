"""Where in a student's source to point: the statement that computed a value, not the names it passed through; the one
that changes a right value in place after the next step has read it; and given numbers that are typed in but are not
those of the exercise: of another variant, or more or fewer than it has.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from grader.instrument.nodes import position_of
from grader.instrument.site import BUILDS, CHANGES, Position, Site
from grader.judge.evidence import Evidence
from grader.judge.matching.compare import compare, same
from grader.judge.matching.naming import meanings
from grader.judge.matching.types import Match, Scene
from grader.model import Cell, Problem, Span, Submission, Value
from grader.runner.types import Event, Key
from grader.runner.wire import FIRST_ENTRY
from grader.submission.spans import character_column, lines_of, place
from grader.submission.wording import listed
from grader.syntax_trees import tree_of

SAME_NUMBER_RTOL = 1e-6


def foreign_numbers(evidence: Evidence, submission: Submission) -> Iterator[Problem]:
    """Yield a note for each given number that is typed in and differs; numbers that are not typed in get none.

    No verdict changes: every run replaces the typed-in numbers by the point's."""
    own = dict(evidence.scene.exercise.variant)
    for (number, _), name in evidence.decisions.items():
        site = evidence.scene.sites[number]
        value = own.get(name)
        if value is None or not site.literal or site.cell >= len(submission.cells):
            continue
        typed = _typed(submission, site)
        if typed is not None and len(typed) == value.size and not _equal(typed, value):
            yield Problem("note", _message(name, typed, value), span_of(submission, site.cell, site.value))


def other_sizes(evidence: Evidence, submission: Submission) -> Iterator[Problem]:
    """Yield a note for each given array that is typed in with more or fewer numbers than the exercise has: code that
    counts on their number may crash with those of the exercise."""
    given = evidence.scene.reference.points[0].inputs
    for (number, _), name in evidence.decisions.items():
        site = evidence.scene.sites[number]
        if site.literal and site.cell < len(submission.cells) and given[name].shape:
            typed = _typed(submission, site)
            if typed is not None and len(typed) != given[name].size:
                count = f"{len(typed)} number{'s' * (len(typed) != 1)}"
                told = f"`{name}` has {count} here and {given[name].size} in the exercise, with which the code is run"
                yield Problem("note", told, span_of(submission, site.cell, site.value))


_DRAWS = re.compile(r"\b(?:default_rng|rand\w*|\w*normal_?|uniform_?|choice|permutation|kaiming_\w+|xavier_\w+)\(")
"""What a line calls that draws numbers at random."""


def drawn_at_random(evidence: Evidence, submission: Submission) -> Iterator[Problem]:
    """Yield a note if given values are drawn at random: the values of a report are not those that the code prints."""
    drawn: dict[str, Site] = {}
    for (number, _), name in evidence.decisions.items():
        site = evidence.scene.sites[number]
        if not site.literal and _DRAWS.search(code_of(submission, site) or ""):
            drawn.setdefault(name, site)
    if drawn:
        first = min(drawn.values(), key=lambda site: site.number)
        names, verb = listed([f"`{name}`" for name in drawn]), "is" if len(drawn) == 1 else "are"
        told = f"{names} {verb} drawn at random here; the values in this report are those with the exercise's numbers"
        yield Problem("note", told, span_of(submission, first.cell, first.value))


def _message(name: str, typed: list[float], value: Value) -> str:
    if value.shape:
        return f"the numbers of `{name}` are not those of this variant of the exercise; it was judged with its own"
    mine = f"`{name}` is {typed[0]:g} here and {value.numbers()[0]:g} in this variant of the exercise"
    return f"{mine}; it was judged with the latter"


def _typed(submission: Submission, site: Site) -> list[float] | None:
    """The numbers of `0.5`, `[1, 2]` or `torch.tensor([1.0, 2.0], requires_grad=True)`."""
    tree = tree_of(submission.cells[site.cell].source)
    for node in ast.walk(tree):
        if isinstance(node, ast.expr) and position_of(node) == site.value:
            literal = node.args[0] if isinstance(node, ast.Call) and len(node.args) == 1 else node
            try:
                return list(_flat(ast.literal_eval(literal)))
            except (ValueError, TypeError):
                return None
    return None


def _flat(value: object) -> Iterator[float]:
    if isinstance(value, list | tuple):
        for one in value:
            yield from _flat(one)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)
    else:
        raise TypeError("no number")


def _equal(typed: list[float], value: Value) -> bool:
    return all(
        abs(one - other) <= SAME_NUMBER_RTOL * max(abs(one), abs(other))
        for one, other in zip(typed, value.numbers(), strict=True)
    )


def span_of(submission: Submission, cell_number: int, position: Position) -> Span | None:
    """The span of a position in the cell numbered from 0; None for code that is not the student's (`answer`)."""
    if cell_number >= len(submission.cells):
        return None
    cell = submission.cells[cell_number]
    line, column, end_line, end_column = position
    return place(
        cell, submission.file, line, _column(cell, line, column), end_line, _column(cell, end_line, end_column)
    )


def code_of(submission: Submission, site: Site) -> str | None:
    """The whole statement of a site, as typed."""
    if site.cell >= len(submission.cells):
        return None
    cell = submission.cells[site.cell]
    line, column, end_line, end_column = site.statement
    lines = list(lines_of(cell.text)[line - 1 : end_line])
    if not lines:
        return None
    if site.kind == "parameter":
        return lines[0].strip()
    lines[-1] = lines[-1][: _column(cell, end_line, end_column) - 1]
    lines[0] = lines[0][_column(cell, line, column) - 1 :]
    return "\n".join(lines)


def _column(cell: Cell, line: int, offset: int) -> int:
    lines = lines_of(cell.source)
    return character_column(lines[line - 1], offset) if 1 <= line <= len(lines) else 1


def computed_at(evidence: Evidence, match: Match) -> tuple[Site | None, int]:
    """Return the site, and when it was reached in the run at the given numbers.

    The search goes back from the step's own binding: past plain copies, and from a call to the statement inside the
    function, unless that runs more than once: a helper's line is not to blame for one of its calls. (A loop's line is
    to blame for its pass, where a family is put together from what each pass has left.)"""
    scene = evidence.scene
    event = next((event for event in match.events if event is not None), None)
    if event is None:
        return None, 0
    own = scene.sites[event.site]
    asked_for = scene.exercise.answer is not None and own.cell == max(site.cell for site in scene.sites.all)
    if not match.held_at:  # the common case
        inner = _bound_inside(evidence, match, event) if asked_for else None
        return (own, event.sequence) if inner is None else (scene.sites[inner.site], inner.sequence)
    ran = _called(evidence, event) if asked_for else scene.traces[0].events
    counts: dict[int, int] = {}
    for one in ran:
        # The entries of a container are bound together.
        counts[one.site] = counts.get(one.site, 0) + (one.occurrence < FIRST_ENTRY)
    when = {one.place: one.sequence for one in scene.traces[0].events}
    held_at = [
        place
        for place in reversed(match.held_at)
        if own.copy or counts.get(place[0], 2) <= 1 or (match.slot is not None and scene.sites[place[0]].in_loop)
    ]
    if own.copy and _is_another(evidence, match, event):
        return own, event.sequence
    made = [place for place in held_at if not _is_copy(scene.sites[place[0]])]
    if made:
        # A line that adds the value to its own name has added it to 0: prefer a line that does not add.
        place = next((place for place in made if not _adds(scene.sites[place[0]])), made[0])
        return scene.sites[place[0]], when[place]
    if held_at and not asked_for:
        if (caller := handed_in_at(scene, held_at[-1])) is not None:
            return scene.sites[caller.site], caller.sequence
        # All are copies: the first of them took another value for this quantity.
        return scene.sites[held_at[-1][0]], when[held_at[-1]]
    if asked_for and held_at:
        return scene.sites[held_at[0][0]], when[held_at[0]]
    return own, event.sequence


def _bound_inside(evidence: Evidence, match: Match, event: Event) -> Event | None:
    """Where a function that is asked for bound this very value under the same name. A value that never changes has no
    known origins, so values are compared in one run only."""
    sites = evidence.scene.sites
    for one in reversed(_called(evidence, event)):
        site = sites[one.site]
        if site.scope and site.kind == "assign" and match.bound_as in site.names and same(one.value, event.value):
            return one
    return None


def _is_another(evidence: Evidence, match: Match, event: Event) -> bool:
    """Whether a wrong value is the right one of another quantity: then it was not made wrong, but taken for this."""
    scene = evidence.scene
    right = [
        name
        for name, value in scene.reference.values[0].items()
        if compare(event.value, value, scene.measure(0, name)).right
    ]
    return bool(right) and match.quantity not in right


def _is_copy(site: Site) -> bool:
    """Whether a site only names an existing value; `dx /= n` reads only `n`, and yet it is no copy."""
    return site.copy and site.kind not in BUILDS


def _adds(site: Site) -> bool:
    """Whether a value is added to what its own name held: `self.grad = self.grad + grad`."""
    return site.kind == "again" or not site.reads.isdisjoint(site.names)


def _called(evidence: Evidence, event: Event) -> list[Event]:
    """What was bound on the way to `event`, since the previous top-level statement: earlier calls that tried out a
    function handed in do not count."""
    scene = evidence.scene
    own = scene.sites[event.site]
    before = [one for one in scene.traces[0].events if one.sequence <= event.sequence]
    start = 0
    for index, one in enumerate(before):
        site = scene.sites[one.site]
        if not site.scope and (site.cell, site.top) != (own.cell, own.top):
            start = index
    return before[start:]


def handed_in_at(scene: Scene, place: Key) -> Event | None:
    """The binding at which a value was passed to a function that only stores it: `Dual(t, (1 - t) * d.eps)` for
    `self.eps = eps` inside. It is the next binding outside the function; None if what is stored is no parameter."""
    site = scene.sites[place[0]]
    if not _takes_down(scene, site):
        return None
    events = scene.traces[0].events
    at = next((number for number, event in enumerate(events) if event.place == place), len(events))
    return next((event for event in events[at:] if not _is_within(scene.sites[event.site], site.scope)), None)


def _takes_down(scene: Scene, site: Site) -> bool:
    parameters = (one for one in scene.sites.all if one.kind == "parameter" and one.scope == site.scope)
    return bool(site.scope) and any(site.reads.intersection(one.names) for one in parameters)


def _is_within(site: Site, scope: str) -> bool:
    return site.scope == scope or site.scope.startswith(f"{scope}.")


def changed_at(scene: Scene, match: Match) -> Site | None:
    """The first site after a quantity's binding that changes its name's value; None if the value stays right there."""
    event = match.events[0]
    family = match.quantity not in scene.names.exact
    if event is None or family or match.slot is not None or match.how != "name":
        return None
    own = scene.sites[event.site]
    for later in scene.traces[0].events:
        site = scene.sites[later.site]
        if later.sequence <= event.sequence or site.kind not in CHANGES or site.scope != own.scope:
            continue
        if any(one.name == match.bound_as for one in meanings(scene.names, later, site)):
            right = scene.reference.values[0][match.quantity]
            return None if compare(later.value, right, scene.measure(0, match.quantity)).right else site
    return None
