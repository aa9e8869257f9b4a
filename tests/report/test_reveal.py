"""A field of a result is hidden unless its declaration says from which reveal level on it is shown."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import pairwise
from typing import Annotated, Any, get_args, get_type_hints

import pytest

from grader.exercise.load import find, load
from grader.html import report as html
from grader.model import Cell, Diagnosis, MisconceptionUse, Opaque, Result, StepResult, Value
from grader.report import ci, json, terminal
from grader.reveal import REVEAL_LEVELS, Reveal, Revealed, Shown, fields_of

from .cases import CASES

LEAVES = (Value, Opaque, Cell)
"""Types that are shown whole, where the field that holds them is shown."""


def travelling(kind: Any, found: set[type]) -> set[type]:
    """All dataclasses that a value of this type may hold, and that have parts of their own to show."""
    if is_dataclass(kind) and isinstance(kind, type) and kind not in (*LEAVES, *found):
        found.add(kind)
        for hint in get_type_hints(kind).values():
            travelling(hint, found)
    for inside in get_args(kind):
        travelling(inside, found)
    return found


KINDS = sorted(travelling(Result, set()), key=lambda kind: kind.__name__)
FIELDS = [(kind, one.name) for kind in KINDS for one in fields(kind)]


@pytest.mark.parametrize(("kind", "name"), FIELDS, ids=[f"{kind.__name__}.{name}" for kind, name in FIELDS])
def test_every_field_of_a_result_says_from_which_level_it_is_shown(kind: type, name: str) -> None:
    assert issubclass(kind, Revealed)
    assert name in fields_of(kind), f"declare {kind.__name__}.{name} as Annotated[..., Shown(level, description)]"


@dataclass(frozen=True, slots=True)
class Extended(Revealed):
    """A result to which somebody has added a field, and forgotten its level."""

    score: Annotated[float, Shown("location", "The points.")]
    solution: str


@pytest.mark.parametrize("level", REVEAL_LEVELS)
def test_a_field_without_a_level_is_hidden_at_every_level(level: Reveal) -> None:
    assert Extended(1.0, "dx = 2 * x").visible(level) == {"score": 1.0}


MARKED = "marked987"
NUMBER = 0.98712345
CODE = "extra-minus-sign"
PARTS: dict[str, Any] = {
    "hint": MARKED,
    "diagnosis.code": CODE,
    "diagnosis.message": MARKED,
    "diagnosis.rule": MARKED,
    "diagnosis.replace_with": MARKED,
    "diagnosis.fix": MARKED,
    "diagnosis.alternatives": (MARKED,),
    "got": Value.scalar(NUMBER),
    "expected": Value.scalar(NUMBER),
    "at": (("h0", Value.scalar(NUMBER)),),
    "result.misconceptions": (MisconceptionUse(CODE, ("dh1",)),),
}


def test_the_marked_parts_are_all_that_some_level_hides() -> None:
    hidden = {name for name, one in fields_of(StepResult).items() if one.shown.level != "location"}
    hidden |= {f"diagnosis.{name}" for name, one in fields_of(Diagnosis).items() if one.shown.level != "location"}
    hidden |= {f"result.{name}" for name, one in fields_of(Result).items() if one.shown.level != "location"}

    assert hidden == set(PARTS)


def with_marked(result: Result, part: str) -> Result:
    """The result with a mark in one part of its own, or of its first wrong step."""
    inside, _, name = part.rpartition(".")
    if inside == "result":
        return replace(result, **{name: PARTS[part]})
    steps = list(result.steps)
    place = next(n for n, one in enumerate(steps) if one.outcome == "wrong")
    step = steps[place]
    if inside:
        assert step.diagnosis is not None
        step = replace(step, diagnosis=replace(step.diagnosis, **{name: PARTS[part]}))
    else:
        step = replace(step, **{name: PARTS[part]})
    steps[place] = step
    return replace(result, steps=tuple(steps))


@pytest.mark.parametrize("level", REVEAL_LEVELS)
@pytest.mark.parametrize("part", PARTS)
def test_no_rendering_shows_a_part_below_its_level(part: str, level: Reveal) -> None:
    made = with_marked(replace(CASES["diagnosed"](), reveal=level, misconceptions=()), part)
    codes = dict.fromkeys(("diagnosis.code", "result.misconceptions"), CODE)
    mark = codes.get(part, MARKED if "diagnosis" in part or part == "hint" else "0.987")

    texts = [
        json.render(made),
        terminal.render(made, 100).plain,
        terminal.render(made, 100, "first").plain,
        ci.github_annotations(made, "mine.py"),
        ci.junit_xml(made, "mine.py"),
        ci.sarif_log(made, "mine.py"),
        html.render(made, load(find("tanh-chain")), None),
    ]

    if not made.shows(part):
        assert not any(mark in text for text in texts)
    else:
        assert mark in texts[0]


def test_a_message_that_quotes_the_repair_is_shown_from_where_the_repair_is() -> None:
    plain = Diagnosis("A factor is missing.", fix="dx = 2 * x", replace_with="2 * x")
    quoting = replace(plain, message="`2 * x` is needed here.")

    assert [plain.shown_from("message"), quoting.shown_from("message")] == ["hint", "fix"]
    assert [level for level in REVEAL_LEVELS if "message" in quoting.visible(level)] == ["fix", "values"]


def test_a_level_shows_what_the_levels_below_it_show() -> None:
    shown = [
        {name for name in PARTS if replace(CASES["diagnosed"](), reveal=level).shows(name)} for level in REVEAL_LEVELS
    ]

    assert all(lower <= higher for lower, higher in pairwise(shown))
    assert (shown[0], shown[-1]) == (set(), set(PARTS))


def test_an_unknown_part_is_not_shown() -> None:
    with pytest.raises(KeyError):
        CASES["diagnosed"]().shows("solution")
