"""Build an `Exercise` from the text of its file: validate and check it, and report all faults with their places.

What pydantic reports against the schema is converted to faults in the author's terms and places.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from dataclasses import replace
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from grader.errors import ExerciseError, Fault
from grader.exercise.findings import Findings
from grader.exercise.given import read_inputs, read_sizes
from grader.exercise.load import MAX_BYTES
from grader.exercise.policy import Aliases, read_answers, read_output, read_policy, read_variants
from grader.exercise.program import forward_steps, read_program
from grader.exercise.schema import FORMS, ExerciseFile, ProbeForm
from grader.exercise.steps import read_steps
from grader.exercise.types import Exercise
from grader.exercise.yaml_nodes import Mapping, Route, Scalar, plain, shortened, split_lines
from grader.exercise.yaml_reader import parse

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
    if len(data) > MAX_BYTES:
        size = f"{MAX_BYTES // 1024} KiB"
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
