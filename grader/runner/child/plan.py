"""What a run is told: the names that matter, and what is to become of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from grader.runner.spelling import input_of
from grader.runner.wire import Wired


class Vocabulary(NamedTuple):
    """The names that matter. `inputs` leads to the input's name, `quantities` are the exact names of quantities;
    `tracked` are all a quantity may go by, `asked`, per step, those any of which binds it, `families` those of what is
    indexed by time (all in normal spelling)."""

    inputs: Mapping[str, str]
    quantities: frozenset[str]
    tracked: frozenset[str]
    asked: tuple[frozenset[str], ...]
    families: frozenset[str]

    def input_of(self, name: str) -> str | None:
        return input_of(name, self.inputs, self.quantities)


class Plan(NamedTuple):
    """One run: the inputs of its point and of the given point; where inputs are bound (None: still to be found out);
    the bindings to stop at, and those of them where the shape counts too; the binding after which nothing counts;
    whether to report parameters and loop variables, and all bindings of a forced run."""

    point: Mapping[str, Wired]
    given: Mapping[str, Wired]
    decisions: Mapping[tuple[int, int], str] | None
    stops: frozenset[tuple[int, int]]
    whole: frozenset[tuple[int, int]]
    until: tuple[int, int] | None
    ends_when_asked: bool
    observe: bool
