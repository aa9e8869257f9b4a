"""Build an `Exercise` from the text of its file: validate and check it, and report all faults with their places."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from grader.errors import ExerciseError, Fault
from grader.exercise.collection import MAX_BYTES
from grader.exercise.findings import Findings
from grader.exercise.given import read_inputs, read_sizes
from grader.exercise.policy import Aliases, read_answers, read_output, read_policy, read_variants
from grader.exercise.program import forward_steps, read_program
from grader.exercise.schema import ExerciseFile, ProbeForm
from grader.exercise.schema_faults import validated
from grader.exercise.steps import read_steps
from grader.exercise.types import Exercise
from grader.exercise.yaml_nodes import split_lines
from grader.exercise.yaml_reader import parse


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
        found = f"the byte 0x{data[error.start]:02x}"
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
