"""Build an `Exercise` from the text of its file: validate and check it, and report all faults with their places; among
it how the exercise is graded and shown: tolerance, credit, limits, misconceptions, variants, aliases, the answer.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from grader.errors import ExerciseError, Fault
from grader.exercise.findings import Findings
from grader.exercise.given import constants, read_draw, read_inputs, read_sizes
from grader.exercise.load import MAX_FILE_BYTES
from grader.exercise.names import is_alias, one_of
from grader.exercise.program import CheckedProgram, forward_steps, read_program
from grader.exercise.schema import DRAWS, FORMS, AnswerForm, ExerciseFile, ProbeForm
from grader.exercise.steps import read_steps
from grader.exercise.types import CourseMisconception, Credit, Draw, Exercise, Input, Limits, Policy, Step, Tolerance
from grader.exercise.yaml_nodes import Mapping, Route, Scalar, plain, shortened, split_lines
from grader.exercise.yaml_reader import parse
from grader.formula.syntax import Call, Derivative, Expression, Index, Name, Sequence
from grader.model import REVEAL_LEVELS, Reveal
from grader.syntax_trees import tree_of

_ROUNDS = 8
_STAND_INS: dict[str, object] = {"exercise": "x", "title": "x", "given": {}, "forward": ""}
"""Placeholders for required fields that cannot be read, so that the remaining fields can be."""

_MOST_NAMED = 8
"""How many exercises of a course are named."""

_KINDS = {
    "model_type": "a mapping (`name: value` lines)",
    "dict_type": "a mapping (`name: value` lines)",
    "list_type": "a list (`[a, b]`)",
    "too_short": "at least one entry",
    "too_long": "fewer entries",
}
_MISSING = {
    "exercise": "`exercise:` with the id of the exercise",
    "title": "`title:` with one line of text",
    "given": "`given:` with the inputs and their numbers",
    "forward": "`forward: |` with the program",
    "of": "`of:` with the quantity to differentiate",
    "call": "`call:` with a line of Python",
}


def validated(findings: Findings) -> ExerciseFile | None:
    """The validated file. Faulty parts are recorded in `findings` and removed; None if too little is left."""
    data: Any = plain(findings.document.root)
    if isinstance(data, dict) and "exercises" in data and "forward" not in data:
        findings.at(*findings.document.mark(("exercises",)), ("exercises",), "a course", _one_of(data["exercises"]))
        return None
    for attempt in range(_ROUNDS):
        try:
            return ExerciseFile.model_validate(data)
        except ValidationError as error:
            errors = [
                (one, _route(findings, one["loc"])) for one in error.errors(include_url=False, include_input=False)
            ]
            mistyped = _mistyped([route for one, route in errors if one["type"] == "extra_forbidden"])
            for one, route in errors:
                # A required field with a typo is one fault: that of the field that stands there.
                if attempt == 0 and not (one["type"] == "missing" and route in mistyped):
                    _note(findings, route, one["type"], one["msg"])
                findings.broken.add(str(route[0]) if route else "")
                _leave_out(data, route, one["type"])
    return None


def _one_of(entries: Any) -> str:
    """What to name in place of a course: one of its exercises."""
    listed = entries if isinstance(entries, list) else []
    named = [one.get("exercise") if isinstance(one, dict) else one for one in listed[:_MOST_NAMED]]
    quoted = ", ".join(f"`{one}`" for one in named if isinstance(one, str))
    return f"one of its exercises ({quoted})" if quoted else "an exercise"


def _mistyped(unknown: list[Route]) -> set[Route]:
    """The fields that unknown ones are likely meant to be."""
    return {(*route[:-1], near) for route in unknown for near in _near(str(route[-1]), _fields(route[:-1]))}


def _near(name: str, known: list[str]) -> list[str]:
    return difflib.get_close_matches(name[:60], known, n=1)


def _route(findings: Findings, location: tuple[int | str, ...]) -> Route:
    """Pydantic's location without the tags of forms, which are not keys of the file."""
    route: Route = ()
    for part in location:
        here = findings.document.at(route)
        if part in FORMS and not (isinstance(here, Mapping) and part in here.entries):
            continue
        route = (*route, part)
    return route


def _note(findings: Findings, route: Route, kind: str, message: str) -> None:
    name = str(route[-1]) if route else ""
    if kind == "missing":
        line, column = findings.document.mark(route[:-1])
        findings.at(line, column, route, "nothing", _MISSING.get(name, f"`{name}: ...`"))
    elif kind == "extra_forbidden":
        known = _fields(route[:-1])
        near = _near(name, known) or known
        found = f"the unknown field {shortened(name)}"
        fields = ", ".join(f"`{field}`" for field in near)
        findings.add(route, _elsewhere(name, route) or fields, found, at_key=True)
    elif route == ("forward",) and isinstance(findings.document.at(route), Mapping):
        findings.add(route, "`forward: |` and lines such as `y = w * x`", at_key=True)
    elif (number := _with_a_point(findings, route)) is not None:
        findings.add(route, f"`{number}`, with a decimal point")
    elif kind == "expected":
        quotes = ", in quotes if it starts with `#`" if findings.stood(route) == "a comment" else ""
        findings.add(route, message + quotes)
    else:
        findings.add(route, _KINDS.get(kind, message))


def _elsewhere(name: str, route: Route) -> str | None:
    """What to write for a field that stands at the wrong place; None if no part of an exercise has such a field."""
    if name == "<<":
        return "the fields written out, without `<<`"
    if name.isdecimal():
        return "a point in place of a decimal comma"
    if len(route) > 1 and name in _fields(()):
        return f"`{name}` at the beginning of a line, outside `{route[0]}`"
    if len(route) == 1:
        for parent, entry in (("steps", "dx"), ("given", "x")):
            if name in _fields((parent, entry)):
                return f"`{name}` within one of `{parent}`: `{entry}: {{{_SHOWN[parent]}, {name}: ...}}`"
        for parent in ("tolerance", "credit", "limits", "derive"):
            if name in _fields((parent,)):
                return f"`{name}` within `{parent}`: `{parent}: {{{name}: ...}}`"
    return None


_SHOWN = {"steps": "is: d(y)/d(x)", "given": "value: 0.5"}
_COMMA = re.compile(r"[-+]?\d+,\d+")


def _with_a_point(findings: Findings, route: Route) -> str | None:
    """The number that a decimal comma was typed in, with a point."""
    node = findings.document.at(route)
    is_one = isinstance(node, Scalar) and not node.style and _COMMA.fullmatch(node.text)
    return node.text.replace(",", ".") if is_one and isinstance(node, Scalar) else None


def _fields(route: Route) -> list[str]:
    """The fields allowed in the mapping at `route`."""
    model: type[BaseModel] | None = ExerciseFile
    for part in route:
        fields = {} if model is None else model.model_fields
        named = [field for name, field in fields.items() if (field.alias or name) == part]
        if named:
            inner = _models(named[0].annotation)
            model = inner[0] if inner else None
    return [] if model is None else [field.alias or name for name, field in model.model_fields.items()]


def _models(annotation: object) -> list[type[BaseModel]]:
    """The pydantic models inside an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]


def _leave_out(data: Any, route: Route, kind: str) -> None:
    """Remove the faulty part from `data`. A list is removed as a whole, as is a mapping that lacks a required field."""
    names = [part for part in route if isinstance(part, str)]
    if any(isinstance(part, int) for part in route):
        names = [str(part) for part in route[: next(i for i, part in enumerate(route) if isinstance(part, int))]]
    elif kind == "missing" and len(names) > 1:
        names = names[:-1]
    if not names:
        return
    holder = data
    for name in names[:-1]:
        holder = holder.get(name, {}) if isinstance(holder, dict) else {}
    if isinstance(holder, dict):
        holder.pop(names[-1], None)
    if len(names) == 1 and names[0] in _STAND_INS:
        data[names[0]] = _STAND_INS[names[0]]


def build(path: str, data: bytes, sizes: dict[str, int] | None = None) -> Exercise:
    """Build the exercise from the bytes of the file at `path`; `sizes` stand for numbers of the file. Raises
    `ExerciseError`."""
    text = _decoded(path, data)
    findings = Findings(parse(text, path), sizes)
    model = validated(findings)
    exercise = None
    try:
        if model is not None:
            exercise = _built(model, findings, hashlib.sha256(data + _spelled(sizes)).hexdigest())
            if exercise.sizes:
                exercise = replace(exercise, source=text)
    except RecursionError:
        findings.add((), "shorter expressions", "an expression nested too deeply")
    findings.finish()
    assert exercise is not None
    return exercise


def _spelled(sizes: dict[str, int] | None) -> bytes:
    return repr(sorted(sizes.items())).encode() if sizes else b""


def _decoded(path: str, data: bytes) -> str:
    if len(data) > MAX_FILE_BYTES:
        size = f"{MAX_FILE_BYTES // 1024} KiB"
        raise ExerciseError((Fault(path, 0, 0, "file", f"more than {size}", f"at most {size}"),))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = split_lines(data[: error.start].decode("utf-8", "replace"))
        wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
        found = "text in UTF-16" if wide else f"the byte 0x{data[error.start]:02x}"
        fault = Fault(path, len(before), len(before[-1]) + 1, "file", found, "text in UTF-8")
        raise ExerciseError((fault,)) from None
    return text


def _built(model: ExerciseFile, findings: Findings, digest: str) -> Exercise:
    """Build the exercise from the validated file. If there were findings, parts of it are missing or placeholders."""
    inputs = read_inputs(model, findings)
    checked = read_program(model, inputs, findings)
    forward, steps = forward_steps(model, checked), read_steps(model, checked)
    answers = read_answers(model, findings)
    aliases = Aliases(model, checked, forward, steps)
    if model.exercise in model.prerequisites:
        route = ("prerequisites", model.prerequisites.index(model.exercise))
        findings.add(route, "exercises that come before this one", f"`{model.exercise}`, which is this exercise")
    return Exercise(
        id=model.exercise,
        title=model.title,
        text=model.text,
        inputs=tuple(aliases.of_input(one) for one in inputs),
        program=checked.program,
        forward_steps=tuple(aliases.of_step(step, "forward") for step in forward),
        steps=tuple(aliases.of_step(step, "steps") for step in steps),
        output=read_output(model, checked),
        policy=read_policy(model, checked, steps),
        path=findings.document.path,
        digest=digest,
        probe_points=_points(model),
        answer=answers[0] if answers else None,
        answers=answers[1:] and answers,
        sizes=read_sizes(model, inputs, findings),
        variants=read_variants(model, inputs, findings),
        chapter=model.chapter,
        prerequisites=tuple(model.prerequisites),
        allow=tuple(model.allow),
        program_text=model.forward,
        starter=model.starter,
    )


def _points(model: ExerciseFile) -> int:
    """The number of probe points."""
    probe = model.probe if model.probe is not None else ProbeForm()
    return probe.points if isinstance(probe, ProbeForm) else probe


def read_policy(model: ExerciseFile, checked: CheckedProgram, steps: tuple[Step, ...]) -> Policy:
    """Read the policy fields of the file."""
    return Policy(
        tolerance=Tolerance(model.tolerance.rtol, model.tolerance.atol),
        shapes=model.shapes,
        credit=Credit(model.credit.carried, model.credit.compensated),
        reveal=model.reveal,
        hint_costs=_hint_costs(model, checked.findings),
        by_hand=model.by_hand,
        limits=_limits(model),
        files=tuple(model.files),
        misconceptions=tuple(_misconceptions(model, checked, steps)),
    )


def _hint_costs(model: ExerciseFile, findings: Findings) -> tuple[tuple[Reveal, float], ...]:
    """What hints cost. A level that is never shown costs nothing."""
    told = model.hint_costs
    costs: dict[Reveal, float] = {"hint": told.hint, "rule": told.rule, "fix": told.fix}
    for level, cost in costs.items():
        if cost and REVEAL_LEVELS.index(level) > REVEAL_LEVELS.index(model.reveal):
            findings.add(
                ("hint_costs", level), f"0, or `reveal: {level}`: the exercise reveals no more than `{model.reveal}`"
            )
    return tuple((level, cost) for level, cost in costs.items() if cost)


def _limits(model: ExerciseFile) -> Limits:
    """The limits. Totals that the file does not set allow for three runs."""
    told = model.limits
    usual = Limits()
    total = max(usual.total, 3 * told.seconds) if told.total is None else told.total
    wall = max(usual.wall, 2 * total) if told.wall is None else told.wall
    return Limits(told.seconds, told.memory, told.output, total, wall)


def _misconceptions(
    model: ExerciseFile, checked: CheckedProgram, steps: tuple[Step, ...]
) -> Iterator[CourseMisconception]:
    quantities = {step.name: step.quantity for step in steps}
    known = (*quantities, *(name for name in checked.findings.document.keys("steps") if name not in quantities))
    codes: set[str] = set()
    for number, one in enumerate(model.misconceptions):
        route: Route = ("misconceptions", number)
        if one.code in codes:
            checked.findings.add((*route, "code"), "each code once", f"`{one.code}` a second time")
        codes.add(one.code)
        if not checked.findings.broken & {"steps", "derive"}:
            checked.require((*route, "step"), one.step, known)
        wrong = checked.findings.expression((*route, "wrong"), one.wrong)
        if wrong is None:
            continue
        wrong = _written_out(wrong, quantities)
        if checked.check((*route, "wrong"), wrong):
            yield CourseMisconception(one.code, one.step, wrong, one.message)


def _written_out(node: Expression, steps: dict[str, Expression]) -> Expression:
    """Replace the names of steps in `node` by their quantities: authors write `(1 - h1_raw**2) * dh1raw_dwh`."""
    match node:
        case Name(id=name):
            return steps.get(name, node)
        case Index(base=Name(id=name), keys=keys) if all(
            f"{name}[{getattr(key, 'value', None)}]" in steps for key in keys
        ):
            return steps[f"{name}[{getattr(keys[0], 'value', None)}]"]
        case Index(base=base):
            return replace(node, base=_written_out(base, steps))
        case Call(arguments=arguments):
            return replace(node, arguments=tuple(_written_out(part, steps) for part in arguments))
        case Sequence(items=items):
            return replace(node, items=tuple(_written_out(part, steps) for part in items))
        case Derivative():
            return node
        case _:
            return node


def read_answers(model: ExerciseFile, findings: Findings) -> tuple[str, ...]:
    """The Python lines run after a submission, in each of the ways that are accepted."""
    if model.answer is None:
        return ()
    if isinstance(model.answer, list):
        return tuple(_answer(one, ("answer", number), findings) for number, one in enumerate(model.answer))
    return (_answer(model.answer, ("answer",), findings),)


def _answer(entry: str | AnswerForm, route: Route, findings: Findings) -> str:
    source = entry.call if isinstance(entry, AnswerForm) else entry
    if isinstance(entry, AnswerForm):
        route = (*route, "call")
    to = findings.where(route)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = tree_of(source)
        if not tree.body:
            findings.add(route, "at least one line of Python", "no statement")
        elif all(isinstance(one, ast.Expr) and not isinstance(one.value, ast.Call) for one in tree.body):
            findings.add(route, "lines that call what is handed in, such as `dx = backward(dout, x)`")
    except SyntaxError as error:
        line, column = to(error.lineno or 1, error.offset or 1)
        lines = source.splitlines() or [""]
        stood = lines[min(error.lineno or 1, len(lines)) - 1]
        findings.at(line, column, route, shortened(stood.strip()), f"Python ({error.msg})")
    except (ValueError, RecursionError, MemoryError) as error:
        findings.add(route, f"Python ({error})")
    return source


def read_variants(model: ExerciseFile, inputs: tuple[Input, ...], findings: Findings) -> tuple[tuple[str, Draw], ...]:
    """The ranges of inputs whose given numbers differ between students."""
    known = {one.name: one for one in inputs}
    there = findings.document.keys("given")
    made = []
    for name, text in model.variants.items():
        route: Route = ("variants", name)
        draw = read_draw(text, route, findings, constants(inputs))
        if name not in there:
            findings.add(route, one_of(name, there), f"the unknown input `{name}`", at_key=True)
        elif draw is not None and name in known:
            if known[name].whole and draw.kind != "integers":
                findings.add(route, f"`integers(low, high)`, as `{name}` is a whole number")
            elif draw.kind == "like":
                findings.add(route, DRAWS)
            elif name in constants((known[name],)):
                # Shapes, loops and the steps of families have already been expanded with this number.
                findings.add(route, "an input that is not a fixed whole number", f"`{name}`", at_key=True)
            made.append((name, draw))
    return tuple(made)


def read_output(model: ExerciseFile, checked: CheckedProgram) -> str:
    """The quantity from which reverse mode starts: that of `derive`, `output`, or the last one of the program."""
    forward = tuple(step for step, _ in ((name, index) for name, index in checked.elements if index is None))
    elements = (*forward, *(f"{name}[{index}]" for name, index in checked.elements if index is not None))
    if model.output is not None:
        checked.require(("output",), model.output, elements)
        if model.derive is not None and model.derive.of != model.output:
            checked.findings.add(("output",), f"`{model.derive.of}`, as in `derive.of`, or no `output`")
        return model.output
    if model.derive is not None:
        return model.derive.of
    if not checked.elements:
        return ""
    name, index = checked.elements[-1]
    return name if index is None else f"{name}[{index}]"


class Aliases:
    """Collects the aliases of inputs, forward quantities and steps, from `aliases` and from the entries themselves."""

    def __init__(
        self, model: ExerciseFile, checked: CheckedProgram, forward: Iterable[Step], steps: Iterable[Step]
    ) -> None:
        self.findings = checked.findings
        self.extra = model.aliases
        named = [*forward, *steps]
        self.names = dict.fromkeys((*checked.given, *(step.name for step in named)))
        self.names |= dict.fromkeys(step.family for step in named if step.family)
        self.owners: dict[str, str] = {}
        steps_written = self.findings.document.keys("steps")
        for name in self.extra:
            if name not in self.names and name not in steps_written and not self.findings.broken:
                found = f"the unknown name `{name}`"
                self.findings.add(("aliases", name), one_of(name, tuple(self.names)), found, at_key=True)

    def of_input(self, one: Input) -> Input:
        return replace(one, aliases=self._all(one.name, one.aliases, ("given", one.name, "aliases")))

    def of_step(self, step: Step, field: str) -> Step:
        """`step` with all its aliases; a family's aliases apply to each member with its index."""
        aliases = self._all(step.name, step.aliases, (field, step.name, "aliases"))
        if step.family is not None:
            of_family = self._all(step.family, (), ("aliases", step.family))
            aliases += tuple(f"{alias}[{step.index}]" for alias in of_family)
        return replace(step, aliases=tuple(dict.fromkeys(aliases)))

    def _all(self, name: str, own: tuple[str, ...], route: Route) -> tuple[str, ...]:
        listed = [(alias, (*route, number)) for number, alias in enumerate(own)]
        listed += [(alias, ("aliases", name, number)) for number, alias in enumerate(self.extra.get(name, ()))]
        for alias, place in listed:
            owner = self.owners.setdefault(alias, name)
            if not is_alias(alias):
                self.findings.add(place, "a name students can bind, such as `dx` or `self.dx`")
            elif alias in self.names and alias != name:
                self.findings.add(place, "a name of its own", f"`{alias}`, which is a quantity itself")
            elif owner != name:
                self.findings.add(place, "a name of its own", f"`{alias}`, which is an alias of `{owner}` too")
        return tuple(dict.fromkeys(alias for alias, _ in listed))
