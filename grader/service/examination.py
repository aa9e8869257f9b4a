"""The process in which an exercise is examined: its text on standard input, findings as JSON on standard output."""

from __future__ import annotations

import json
import sys

from grader.errors import ExerciseError, Fault
from grader.exercise.load import loads
from grader.exercise.yaml_reader import parse
from grader.lint import examine
from grader.reference.cache import reference_for
from grader.reference.variants import with_variant


def main() -> None:
    """Examine one exercise."""
    text = sys.stdin.buffer.read().decode()
    try:
        exercise = loads(text, "exercise")
        found = examine(exercise, reference_for(exercise), parse(text, "exercise"))
        with_variant(exercise, "lint")
        refused, warned = found.refused, found.warned
    except ExerciseError as error:
        refused, warned = error.faults, ()
    json.dump({"refused": [_told(one) for one in refused], "warned": [_told(one) for one in warned]}, sys.stdout)


def _told(fault: Fault) -> tuple[int, int, str]:
    return fault.line, fault.column, fault.sentence


if __name__ == "__main__":
    main()
