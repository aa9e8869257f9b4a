"""Find what gives a name the value of another quantity: `backward(w_y, w_h)` for `def backward(w_h, w_y)`, names that
are unpacked in the wrong order, `h1 = cache[1]`.

The lines that read such a name are right, and a repair of them would be wrong. Where another argument, order or entry
makes wrong steps right and no right step wrong, that is one mistake. As this affects points, it has to hold at every
point in a fresh process that has not seen any right value.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from textwrap import dedent

from grader.diagnosis.diagnose import Rerun, right_after
from grader.diagnosis.finding import Change, Finding, state, with_carried
from grader.diagnosis.messages import span_of
from grader.diagnosis.repair_text import spliced
from grader.diagnosis.source_writer import SourceWriter
from grader.formula.syntax import Place
from grader.instrument.name_matching import normal
from grader.instrument.nodes import label_of, parts_of, position_of, records_of
from grader.instrument.site import Kind, Position, Site
from grader.judge.evidence import Evidence
from grader.judge.matching.compare import same
from grader.judge.matching.types import Scene
from grader.judge.verdicts import Verdict, right_steps
from grader.model import Diagnosis, Observed, Submission, Value
from grader.runner.types import Event
from grader.runner.wire import FIRST_ENTRY
from grader.submission.spans import lines_of
from grader.syntax_trees import shared_tree

MOST_TRIED = 12
"""How many changes are tried, each in a run at the given numbers."""

LONGEST = 6
"""How many arguments a call may have of which two are exchanged only because several steps are wrong."""


@dataclass(frozen=True, slots=True)
class Rebinding:
    """A change of what names get, the statements with it, and what is wrong without it. `called`: the function
    whose arguments are changed only because of the steps that this makes right; "" where names that hold the values of
    others show it. `code`: the misconception that it repairs, None if it has no name."""

    change: Change
    fix: str
    message: str
    called: str = ""
    code: str | None = None


def with_misnaming_charged(
    changes: Sequence[Rebinding],
    submission: Submission,
    known: tuple[Sequence[Verdict], Mapping[str, Finding]],
    at_given_numbers: Rerun,
    at_every_point: Rerun,
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Return verdicts and findings. The first wrong step that one of the `changes` makes right stays wrong, at the
    place of the change; the others that it makes right become carried. `at_given_numbers` gives the verdicts of a
    changed submission there, `at_every_point` those at every point, in a process that has seen no right value."""
    verdicts, findings = tuple(known[0]), dict(known[1])
    mended: set[str] = set()
    for one in changes:
        left = [v for v in verdicts if v.step.name not in mended]
        # A glimpse at the given numbers takes no other readings: what was right need not be right in it.
        made_right = _among(left, right_after({one.change}, submission, at_given_numbers))
        if _is_enough(one, made_right):
            right = right_after({one.change}, submission, at_every_point)
            made_right = _among(left, right) if right_steps(left) <= right else []
        if any(one.called in v.site.reads for v in left if v.site and v.outcome == "wrong" and v not in made_right):
            continue  # the function itself may be what is wrong
        if _is_enough(one, made_right):
            made_right = sorted(made_right, key=lambda v: (v.outcome != "wrong", v.order))
            lead = made_right[0].step.name
            mended.add(lead)
            findings[lead] = _finding(one, submission, made_right[0])
            others = {v.step.name: lead for v in made_right if v.step.name != lead}
            verdicts, findings = with_carried(others, verdicts, findings)
            verdicts = tuple(replace(v, located=True) if v.step.name == lead else v for v in verdicts)
    return verdicts, findings


def rebindings(evidence: Evidence, submission: Submission, verdicts: Sequence[Verdict]) -> list[Rebinding]:
    """Return the changes to try, those that names show first."""
    found = list(_by_name(evidence.scene, submission))
    if sum(one.outcome == "wrong" for one in verdicts) > 1:
        right = [evidence.scene.sites[one.event.site] for one in verdicts if one.outcome == "correct" and one.event]
        found += _of_arguments(submission, {(site.cell, site.statement) for site in right})
    return list({one.change: one for one in reversed(found)}.values())[::-1][:MOST_TRIED]


def _among(verdicts: Sequence[Verdict], right: Collection[str]) -> list[Verdict]:
    """The wrong steps that are now right, in their order."""
    wrong = (v for v in verdicts if v.outcome in ("wrong", "compensated") and v.reason != "cancelled")
    return sorted((v for v in wrong if v.step.name in right), key=lambda v: v.order)


def _is_enough(one: Rebinding, made_right: Sequence[Verdict]) -> bool:
    """Whether these steps, which a change makes right, show that it was meant."""
    return sum(v.outcome == "wrong" for v in made_right) > (1 if one.called else 0)


def _finding(one: Rebinding, submission: Submission, verdict: Verdict) -> Finding:
    cell, place, text = one.change
    told = Diagnosis(one.message, "likely" if one.called else "certain", one.code, replace_with=text, fix=one.fix)
    return Finding(told, span_of(submission.cells[cell], submission.file, place), cell, place, text, state(verdict))


@dataclass(frozen=True, slots=True)
class Misnamed:
    """A binding, in cell `cell`, whose name means one quantity and holds the value of another at every point. `part` is
    what stands for it in the source: the target of an unpacking, else the value that is named."""

    name: str
    meant: str
    held: str
    cell: int
    part: ast.expr
    unpacked: bool


def _by_name(scene: Scene, submission: Submission) -> Iterator[Rebinding]:
    """Yield the exchanges after which misnamed names hold their own values, in the order of the program."""
    groups: dict[tuple[object, ...], dict[str, Misnamed]] = {}
    for site, one in _misnamed(scene, submission):
        together = site.scope if site.kind == "assign" else site.statement
        groups.setdefault((site.cell, site.kind, together), {}).setdefault(one.meant, one)
    for group in groups.values():
        exchanged = list(_cycles(group))
        yield from (_exchange_of(submission, circle) for circle in exchanged)
        alone = [one for one in group.values() if not any(one in circle for circle in exchanged)]
        yield from (found for one in alone for found in _replaced(scene, submission, one))
    yield from _of_calls(scene, submission)
    yield from _of_kept(submission)
    yield from _of_keyed(scene, submission)


def _cycles(group: Mapping[str, Misnamed]) -> Iterator[list[Misnamed]]:
    """Yield the names that hold one another's values, all around a circle."""
    for circle in cycles({meant: one.held for meant, one in group.items()}):
        yield [group[meant] for meant in circle]


def cycles(held: Mapping[str, str]) -> Iterator[list[str]]:
    """Yield the keys that lead to one another, all around a circle."""
    seen: set[str] = set()
    for start in held:
        circle, at = [], start
        while at in held and at not in seen:
            seen.add(at)
            circle.append(at)
            at = held[at]
        if circle and at == start:
            yield circle


def _exchange_of(submission: Submission, circle: Sequence[Misnamed]) -> Rebinding:
    by_meaning = {one.meant: one for one in circle}
    instead = {one.part: by_meaning[one.held].part for one in circle}
    if not circle[0].unpacked:
        instead = {other: one for one, other in instead.items()}
    names = [one.name for one in sorted(circle, key=lambda one: position_of(one.part))]
    message = f"{_listed(names)} are exchanged here: each gets the value of the other."
    if len(names) > 2:
        message = f"{_listed(names)} stand in another order here than their values."
    return _exchange(submission, circle[0].cell, instead, message)


def _replaced(scene: Scene, submission: Submission, one: Misnamed) -> Iterator[Rebinding]:
    """Yield changes of one misnamed binding: another index, or a key or name that means what it is called by."""
    message = f"`{one.name}` gets the value of `{one.held}` here."
    for new in () if one.unpacked else _instead(scene, one):
        yield _change(submission, one.cell, {one.part: new}, message)


def _instead(scene: Scene, one: Misnamed) -> Iterator[str]:
    names = {name for site in scene.sites.all for name in site.names if _meant(scene, name) == one.meant}
    match one.part:
        case ast.Subscript(value=value, slice=ast.Constant(value=int() as at)):
            near = sorted(range(MOST_INDEX), key=lambda index: abs(index - at))
            yield from (f"{ast.unparse(value)}[{index}]" for index in near if index != at)
        case ast.Subscript(value=value, slice=ast.Constant(value=str() as key)):
            yield from (f'{ast.unparse(value)}["{name}"]' for name in sorted(names - {key}))
        case ast.Attribute(value=value, attr=own):
            yield from (f"{ast.unparse(value)}.{name}" for name in sorted(names - {own}))
        case ast.Name(id=own):
            yield from sorted(names - {own})


MOST_INDEX = 8
"""How many indices of a container are tried."""


def _misnamed(scene: Scene, submission: Submission) -> Iterator[tuple[Site, Misnamed]]:
    """Yield the misnamed bindings of values that have been computed before, in the order in which they ran."""
    copies = {
        site.number: site
        for site in scene.sites.all
        if site.kind in _NAMED and len(site.names) == 1 and site.cell < len(submission.cells)
    }
    events: dict[int, list[list[Event]]] = {}
    for point, trace in enumerate(scene.traces):
        for event in trace.events:
            if event.site in copies:
                events.setdefault(event.site, [[] for _ in scene.traces])[point].append(event)
    for number in events:
        site = copies[number]
        other = _other_held(scene, site.names[0], events[number])
        part = None if other is None else _part_of(submission, site)
        name, meant = site.names[0], _meant(scene, site.names[0])
        if other is None or part is None or meant is None:
            continue
        # `self.h = h` only passes on what is misnamed.
        if site.kind == "unpack" or _meant(scene, _called(part)) != meant:
            yield site, Misnamed(name, meant, other, site.cell, part, site.kind == "unpack")


_NAMED: tuple[Kind, ...] = ("assign", "unpack", "item", "entry", "keyword")
"""Kinds of sites that name a value."""


def _other_held(scene: Scene, name: str, events: Sequence[Sequence[Event]]) -> str | None:
    """Return the quantity whose value a name holds at every point, if the name means another. What is bound several
    times is a name that the student uses for more than one thing."""
    meant = _meant(scene, name)
    if meant is None or any(len(each) != 1 for each in events):
        return None
    values = [each[0].value for each in events]
    if not all(isinstance(one, Value) for one in values) or _holds(scene, meant, values):
        return None
    if meant in {step.name for step in scene.exercise.steps}:
        return None  # results in each other's places: `judge.shared_mistakes.exchanged`
    known = (*scene.reference.points[0].inputs, *scene.reference.values[0])
    return next((one for one in known if _holds(scene, one, values)), None)


def _called(part: ast.expr) -> str:
    """What a plain part is called by: its name, attribute or key; "" for an index."""
    match part:
        case ast.Subscript(slice=ast.Constant(value=str() as key)):
            return key
        case ast.Subscript():
            return ""
        case _:
            return label_of(part)


_PLAIN = (ast.Name, ast.Attribute, ast.Subscript)
"""What names a value that has been computed before."""


def _part_of(submission: Submission, site: Site) -> ast.expr | None:
    nodes = parts_of(shared_tree(submission.cells[site.cell].source))
    if site.kind != "unpack":
        return next((one for one in nodes if isinstance(one, _PLAIN) and position_of(one) == site.value), None)
    for node in nodes:
        if isinstance(node, ast.Assign) and position_of(node) == site.statement:
            match node.targets:
                case [ast.Tuple(elts=targets)]:
                    return next((one for one in targets if label_of(one) == site.names[0]), None)
    return None


def _meant(scene: Scene, name: str) -> str | None:
    """The input or quantity that a name means."""
    inputs = [one for one in scene.reference.points[0].inputs if normal(one) == normal(name)]
    if inputs:
        return name if name in inputs else inputs[0]
    meaning = scene.names.means(name)
    return None if meaning is None or meaning.quantity not in scene.reference.values[0] else meaning.quantity


def _holds(scene: Scene, name: str, values: Sequence[Observed]) -> bool:
    points = zip(scene.reference.points, scene.reference.values, strict=True)
    right = [{**point.inputs, **at}[name] for point, at in points]
    return all(same(value, one) for value, one in zip(values, right, strict=True))


def _owners(scene: Scene, held: Mapping[str, str]) -> dict[str, str] | None:
    """Return, for each name that holds (or gets) another quantity, the one of these names that means it; None if they
    are no exchange among one another."""
    meaning = {_meant(scene, name): name for name in held}
    if not held or set(held.values()) != set(meaning):
        return None
    return {name: meaning[other] for name, other in held.items()}


def _of_calls(scene: Scene, submission: Submission) -> Iterator[Rebinding]:
    """Yield changes of calls of functions and classes: each parameter that means a quantity gets what is called by its
    name."""
    nodes = [(cell, node) for cell, one in enumerate(submission.cells) for node in parts_of(shared_tree(one.source))]
    calls: dict[str, list[tuple[int, ast.Call]]] = {}
    for cell, node in nodes:
        if isinstance(node, ast.Call) and not any(isinstance(one, ast.Starred) for one in node.args):
            calls.setdefault(label_of(node.func), []).append((cell, node))
    for name, taken in _parameters(node for _, node in nodes):
        for cell, call in calls.get(name, ()):
            yield from _in_order_of(scene, submission, (cell, call), taken)


def _in_order_of(
    scene: Scene, submission: Submission, place: tuple[int, ast.Call], taken: Sequence[str]
) -> Iterator[Rebinding]:
    """Yield the change of one call after which parameters that mean quantities get what is called by their names."""
    cell, call = place
    parts = dict(zip(taken, call.args, strict=False))
    parts |= {one.arg: one.value for one in call.keywords if one.arg is not None}
    gets = {
        one: got
        for one, part in parts.items()
        if isinstance(part, _PLAIN)
        and (got := _meant(scene, _called(part))) is not None
        and _meant(scene, one) not in (None, got)
    }
    if (owners := _owners(scene, gets)) is not None:
        names = sorted(gets, key=lambda name: position_of(parts[name]))
        called = f"`{ast.unparse(call.func)}`"
        message = f"Two arguments are exchanged in this call: {called} takes {_listed(names)} in this order."
        if len(names) > 2:
            message = f"The arguments are in another order than in {called}, which takes {_listed(names)}."
        yield _exchange(submission, cell, {parts[owner]: parts[one] for one, owner in owners.items()}, message)


def _parameters(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, list[str]]]:
    """Yield what functions, classes and records are called by, with the names of their parameters or fields."""
    nodes = list(nodes)
    yield from ((name, list(fields)) for name, fields in records_of(nodes).items())
    for node in nodes:
        if isinstance(node, ast.ClassDef):
            made = (one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__")
            yield from ((node.name, _names(one)[1:]) for one in made)
        elif isinstance(node, ast.FunctionDef):
            names = _names(node)
            yield node.name, names[1:] if names[:1] == ["self"] else names


def _names(function: ast.FunctionDef) -> list[str]:
    return [one.arg for one in (*function.args.posonlyargs, *function.args.args)]


def _listed(names: Sequence[str]) -> str:
    *first, last = (f"`{name}`" for name in names)
    return f"{', '.join(first)} and {last}" if first else last


def _of_kept(submission: Submission) -> Iterator[Rebinding]:
    """Yield changes of an unpacking of names that were kept under the same names in another order: `y, x =
    ctx.saved_tensors` after `ctx.save_for_backward(x, y)`."""
    for cell, one in enumerate(submission.cells):
        nodes = parts_of(shared_tree(one.source))
        kept = [names for node in nodes if len(names := _kept(node)) > 1]
        for node in nodes:
            match node:
                case ast.Assign([ast.Tuple(targets)], ast.Name() | ast.Attribute()):
                    named = {one.id: one for one in targets if isinstance(one, ast.Name)}
                    same = [names for names in kept if len(named) == len(targets) and {*names} == {*named}]
                    if len(same) == 1 and same[0] != [*named]:
                        pairs = [(old, new) for old, new in zip(named, same[0], strict=True) if old != new]
                        order: dict[ast.expr, ast.expr] = {named[old]: named[new] for old, new in pairs}
                        moved = _listed([old for old, _ in pairs])
                        message = f"{moved} are exchanged here: each gets the value of the other."
                        if len(pairs) > 2:
                            message = f"{moved} stand in another order here than they were kept in."
                        yield _exchange(submission, cell, order, message)


def _of_keyed(scene: Scene, submission: Submission) -> Iterator[Rebinding]:
    """Yield changes of the order in which values, or their keys, are listed, where the entries of a container have one
    another's values: `dict(zip(("h1", "h2"), (h2, h1)))`."""
    entries: dict[tuple[int, str], list[list[Event]]] = {}
    for point, trace in enumerate(scene.traces):
        for event in trace.events:
            if event.label and event.occurrence >= FIRST_ENTRY:
                at = entries.setdefault((event.site, event.label), [[] for _ in scene.traces])
                at[point].append(event)
    held: dict[int, dict[str, str]] = {}
    for (site, label), events in entries.items():
        meant, other = _meant(scene, label), _other_held(scene, label, events)
        if meant is not None and other is not None:
            held.setdefault(site, {})[meant] = other
    for circle in (one for of_site in held.values() for one in _turns(of_site)):
        found = (_listed_otherwise(scene, submission, cell, parts, circle) for cell, parts in _lists(submission))
        # Of the keys and the values, those are meant that are not in the order of the program.
        yield from (one for _, one in sorted(filter(None, found), key=lambda one: not one[0]))


def _listed_otherwise(
    scene: Scene, submission: Submission, cell: int, parts: Sequence[ast.expr], circle: Mapping[str, str]
) -> tuple[bool, Rebinding] | None:
    """Return the change of a list after which each key of a circle has its own value, and whether the list then is in
    the order of the program; None if it does not name them all."""
    named = {meant: part for part in parts if (meant := _meant(scene, _listed_as(part))) is not None}
    if not circle.keys() <= named.keys():
        return None
    is_key = isinstance(named[next(iter(circle))], ast.Constant)
    turned = {other: meant for meant, other in circle.items()} if is_key else circle
    instead = {named[other]: named[meant] for meant, other in turned.items()}
    nodes = sorted(instead, key=position_of)
    names = [_listed_as(part) for part in nodes]
    message = f"{_listed(names)} are exchanged here: each stands in the place of the other."
    if len(names) > 2:
        message = f"{_listed(names)} stand in another order here than their {'values' if is_key else 'keys'}."
    order = list(scene.reference.values[0])
    after = [order.index(meant) for part in nodes if (meant := _meant(scene, _listed_as(instead[part]))) in order]
    return after == sorted(after), _exchange(submission, cell, instead, message)


def _turns(held: Mapping[str, str]) -> Iterator[dict[str, str]]:
    return ({meant: held[meant] for meant in circle} for circle in cycles(held))


def _lists(submission: Submission) -> Iterator[tuple[int, list[ast.expr]]]:
    """Yield the parts of tuples and lists, those of values before those of keys."""
    found = [
        (cell, node.elts)
        for cell, one in enumerate(submission.cells)
        for node in parts_of(shared_tree(one.source))
        if isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load)
    ]
    return iter(sorted(found, key=lambda one: any(isinstance(part, ast.Constant) for part in one[1])))


def _listed_as(part: ast.expr) -> str:
    """What a part of a list is called by: its name, or the key that it is; "" for any other expression."""
    match part:
        case ast.Constant(value=str() as key):
            return key
        case ast.Name() | ast.Attribute() | ast.Subscript():
            return _called(part)
        case _:
            return ""


def _kept(node: ast.AST) -> list[str]:
    """The names that a statement keeps together: those of a tuple, or handed to `save_for_backward`."""
    match node:
        case ast.Tuple(elts=parts, ctx=ast.Load()) | ast.Call(func=ast.Attribute(attr="save_for_backward"), args=parts):
            return [one.id for one in parts if isinstance(one, ast.Name)]
        case _:
            return []


def _of_arguments(submission: Submission, right: Collection[tuple[int, Position]]) -> Iterator[Rebinding]:
    """Yield exchanges of two plain arguments in calls of the student's own functions, but for those that are called as
    their parameters are, of two names that get the results of a call, and of two results that a function returns; none
    in statements that bind what is `right`."""
    nodes = [(cell, node) for cell, one in enumerate(submission.cells) for node in parts_of(shared_tree(one.source))]
    parameters = dict(_parameters(node for _, node in nodes))
    for cell, call in nodes:
        if not isinstance(call, ast.Call) or (taken := parameters.get(label_of(call.func))) is None:
            continue
        if any(there == cell and _is_in(call, statement) for there, statement in right):
            continue
        pairs = zip(call.args[:LONGEST], taken, strict=False)
        plain = [one for one, name in pairs if isinstance(one, _PLAIN) and normal(label_of(one)) != normal(name)]
        for one, other in combinations(plain, 2):
            if ast.dump(one) != ast.dump(other):
                message = f"Two arguments of `{ast.unparse(call.func)}` are exchanged in this call."
                found = _exchange(submission, cell, {one: other, other: one}, message)
                yield replace(found, called=label_of(call.func))
    for cell, node in nodes:
        match node:
            case ast.Assign([ast.Tuple(targets)], ast.Call() as value) if 1 < len(targets) <= LONGEST:
                if all(isinstance(one, ast.Name) for one in targets) and (cell, position_of(node)) not in right:
                    yield from _of_parts(submission, cell, targets, label_of(value.func))
            case ast.FunctionDef(name=name, body=[*_, ast.Return(ast.Tuple(results))]) if 1 < len(results) <= LONGEST:
                returned = _of_parts(submission, cell, results, name)
                yield from (replace(one, code="outputs-swapped") for one in returned)
                yield from _without_what_arrives(submission, cell, node, results)


def _without_what_arrives(
    submission: Submission, cell: int, function: ast.FunctionDef, results: Sequence[ast.expr]
) -> Iterator[Rebinding]:
    """Yield the results of a function times what it is handed and does not read: `return dout * b, dout * a` for
    `return b, a`."""
    read = {one.id for one in ast.walk(function) if isinstance(one, ast.Name)}
    writer = _writer(submission, cell)
    for name in (one for one in _names(function) if one not in read and one != "self"):
        texts = {one: f"{name} * {writer.operand(one, '*', True)}" for one in results}
        message = f"`{name}` is handed to `{function.name}` and not used: each result lacks it as a factor."
        yield replace(_change(submission, cell, texts, message), called=function.name)


def _of_parts(submission: Submission, cell: int, parts: Sequence[ast.expr], called: str) -> Iterator[Rebinding]:
    for one, other in combinations(parts, 2):
        names = f"`{ast.unparse(one)}` and `{ast.unparse(other)}`"
        message = f"{names} are exchanged here: each stands in the place of the other."
        yield replace(_exchange(submission, cell, {one: other, other: one}, message), called=called)


def _exchange(submission: Submission, cell: int, instead: Mapping[ast.expr, ast.expr], message: str) -> Rebinding:
    """The change that puts, in place of each node, another one."""
    writer = _writer(submission, cell)
    return _change(submission, cell, {node: writer.text(other) for node, other in instead.items()}, message)


def _change(submission: Submission, cell: int, instead: Mapping[ast.expr, str], message: str) -> Rebinding:
    """The change that puts, in place of each node, a text."""
    writer, source = _writer(submission, cell), submission.cells[cell].source
    nodes = sorted(instead, key=position_of)
    between = ["", *(writer.between(one, other) for one, other in pairwise(nodes))]
    text = "".join(before + instead[node] for before, node in zip(between, nodes, strict=True))
    first, last = writer.place(nodes[0]), writer.place(nodes[-1])
    whole = Place(first.line, first.column, last.end_line, last.end_column)
    mended = lines_of(spliced(source, whole, text))
    statements = [node for node in parts_of(shared_tree(source)) if isinstance(node, ast.stmt)]
    # A function begins below its decorators.
    inner = (
        max((one for one in statements if _is_in(node, position_of(one))), key=position_of, default=None)
        for node in nodes
    )
    around = [one for one in dict.fromkeys(inner) if one is not None]
    fix = "\n".join(dedent("\n".join(mended[one.lineno - 1 : one.end_lineno])) for one in around)
    return Rebinding((cell, whole, text), fix, message)


def _writer(submission: Submission, cell: int) -> SourceWriter:
    source = submission.cells[cell].source
    return SourceWriter(source, shared_tree(source))


def _is_in(node: ast.expr, statement: Position) -> bool:
    line, column, end_line, end_column = statement
    return (line, column) <= position_of(node)[:2] <= (end_line, end_column)
