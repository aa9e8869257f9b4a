"""Small exercises as their files would have them, and what is said of their fitness."""

from __future__ import annotations

import textwrap

from grader.exercise.load import loads
from grader.exercise.yaml_reader import parse
from grader.lint import LintReport, examine
from grader.reference.autograd import build


def text_of(given: str, forward: str, steps: str, rest: str = "") -> str:
    """An exercise file. `given` starts at line 4, `forward` is a program, `steps` and `given` have a line for each."""
    parts = [textwrap.indent(textwrap.dedent(part).strip("\n"), "  ") for part in (given, forward, steps)]
    return (
        f"exercise: made\ntitle: Made\ngiven:\n{parts[0]}\nforward: |\n{parts[1]}\nsteps:\n{parts[2]}\n"
        f"{textwrap.dedent(rest)}"
    )


def fitness(given: str, forward: str, steps: str = "", rest: str = "") -> LintReport:
    """What is said of an exercise; without `steps` it asks for d(y)/d(y)."""
    text = text_of(given, forward, steps or "dy: d(y)/d(y)", rest)
    exercise = loads(text, "made.yaml")
    return examine(exercise, build(exercise), parse(text, "made.yaml"))


def refused(given: str, forward: str, steps: str = "", rest: str = "") -> list[str]:
    return [fault.found for fault in fitness(given, forward, steps, rest).refused]


def warned(given: str, forward: str, steps: str = "", rest: str = "") -> list[str]:
    return [fault.found for fault in fitness(given, forward, steps, rest).warned]
