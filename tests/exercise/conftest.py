"""Small exercises to build on, and the faults of a text as tuples that can be read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grader.errors import ExerciseError
from grader.exercise.load import loads

HEAD = """\
exercise: small
title: Small
given:
  x: 0.5
  w: 2.0
forward: |
  z = w * x
  y = tanh(z)
"""

STEPS = """\
steps:
  dz: d(y)/d(z)
"""

LOOP = """\
exercise: loop
title: Loop
given:
  T: 3
  w: 0.5
  h_0: 0.1
forward: |
  h[0] = h_0
  for t in range(1, T+1):
    h[t] = tanh(w * h[t-1])
  loss = h[T]**2
"""

Faults = Callable[[str], list[tuple[int, int, str, str, str]]]


@pytest.fixture
def faults() -> Faults:
    """The faults of an exercise text: (line, column, field, found, expected)."""

    def of(text: str) -> list[tuple[int, int, str, str, str]]:
        with pytest.raises(ExerciseError) as caught:
            loads(text, "x.yaml")
        return [(one.line, one.column, one.field, one.found, one.expected) for one in caught.value.faults]

    return of
