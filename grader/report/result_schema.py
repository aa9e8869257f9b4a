"""The JSON object of a graded submission, field by field: type, meaning, and what absence or null means.

This is the contract with programs that read `grader check --format json`: fields may be added under the same `schema`;
none is removed or changes its meaning. "Hidden by the reveal level" means that the field is absent, not null.
"""

from __future__ import annotations

from typing import Any, get_args

from grader.model import OUTCOMES, ProblemKind


def json_schema() -> dict[str, Any]:
    """The JSON Schema of `Result.to_dict()`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:grader:result:1",
        "title": "One graded submission",
        **_object(RESULT),
        "$defs": {name: _object(fields, optional) for name, (fields, optional) in _DEFINITIONS.items()},
    }


def _object(fields: dict[str, dict[str, Any]], optional: frozenset[str] = frozenset()) -> dict[str, Any]:
    required = [name for name in fields if name not in optional]
    return {"type": "object", "properties": fields, "required": required}


def _field(kind: Any, description: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "description": description, **more}


def _array(items: dict[str, Any], description: str) -> dict[str, Any]:
    return {"type": "array", "items": items, "description": description}


def _reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def _or_null(name: str, description: str) -> dict[str, Any]:
    return {"anyOf": [_reference(name), {"type": "null"}], "description": description}


_TEXT = {"type": "string"}
_TEXT_OR_NULL = ["string", "null"]
_NUMBERS = ["number", "string", "array", "null"]
_AS_NUMBERS = 'a number or nested lists; "nan", "inf" and "-inf" by name'

RESULT: dict[str, dict[str, Any]] = {
    "schema": {"const": "grader.result/1", "description": "Which object this is, and its version."},
    "exercise": _field("string", "The id of the exercise."),
    "submission": _field("string", "The file that was graded, as it was named."),
    "student": _field(_TEXT_OR_NULL, "Whose it is, as told by the caller; null where nobody said."),
    "score": _field(
        ["number", "null"],
        "The sum of the steps' points. Null: nothing could be judged, see `problems`; this is not a zero.",
        minimum=0,
    ),
    "max_score": _field("number", "The points that could be earned.", minimum=0),
    "complete": _field("boolean", "Whether every step earned all its points."),
    "first_error": _field(
        _TEXT_OR_NULL, "The earliest `wrong` step or forward quantity in the order the code ran; null where none is."
    ),
    "steps": _array(_reference("step"), "All that carries points: scored forward quantities, then what was asked for."),
    "forward": _array(_reference("step"), "The other forward quantities, in the order of the program, judged alike."),
    "misconceptions": _array(
        _reference("misconception"), "What the wrong steps have in common; empty where hidden by the reveal level."
    ),
    "problems": _array(_reference("problem"), "What else the student should know; no verdicts."),
    "isolation": {
        "enum": ["strict", "portable", "process"],
        "description": "How the code was kept apart: a sandbox, a portable one, or a plain process with limits.",
    },
    "seconds": _field("number", "How long grading took.", minimum=0),
    "versions": _field(
        "object", "Versions of what graded; `torch` is absent where it was not needed.", additionalProperties=_TEXT
    ),
}

STEP: dict[str, dict[str, Any]] = {
    "name": _field("string", "What the student was to bind."),
    "quantity": _field("string", "What it stands for, as the exercise says it: `d(h1)/d(w_h)`."),
    "outcome": {
        "enum": list(OUTCOMES),
        "description": "`correct`; `wrong` with everything before it right; `carried`: right in itself, fed by an "
        "error; "
        "`compensated`: right only because errors cancel; `missing`; `borrowed`: taken, not derived; `unjudged`.",
    },
    "reason": _field(
        _TEXT_OR_NULL,
        "Why. wrong: value, shape, tuple (a comma at the end of the line), raised, not_finite, given_point_only, "
        "constant, cancelled (right only because terms cancel), switched_off (under a condition that is never true). "
        "missing: not_bound, placeholder, optional. unjudged: "
        "raised, timeout, killed, not_finite, type, not_reached, nameless, unreadable, not_shown (whether it is "
        "borrowed). borrowed: autograd, sympy, jax, mpmath, numdifftools, numerical (a difference quotient), "
        "complex_step. carried: "
        "raised, same_mistake (one behind several steps), or null. correct: squeezed, merged, or null. "
        "Null: the outcome says it all.",
    ),
    "points": _field("number", "The points earned.", minimum=0),
    "max_points": _field("number", "The points it is worth; 0 for most forward quantities.", minimum=0),
    "bound_as": _field(_TEXT_OR_NULL, "The name in the student's code; null: none was found."),
    "where": _or_null("span", "The smallest range to look at; null: no place can be named."),
    "code": _field(_TEXT_OR_NULL, "The student's whole statement as typed; null: none was found."),
    "got": _field(_NUMBERS, f"The student's value: {_AS_NUMBERS}. Null: none, or no number. May be hidden."),
    "expected": _field(_NUMBERS, f"autograd's value: {_AS_NUMBERS}. Null: none was taken. May be hidden."),
    "at": _field(
        ["object", "null"],
        "The inputs at which `got` and `expected` were taken; null: the numbers the student was given. May be hidden.",
        additionalProperties={"type": _NUMBERS},
    ),
    "points_checked": _field("integer", "At how many sets of inputs the step was compared.", minimum=0),
    "caused_by": _array(_TEXT, "carried: the wrong quantities that feed it; else empty."),
    "hint": _field(_TEXT_OR_NULL, "The author's hint; null: there is none. May be hidden."),
    "remark": _field(_TEXT_OR_NULL, "One further fact; null: there is none."),
    "diagnosis": _or_null("diagnosis", "Why it is wrong and how to mend it; null: nothing is known beyond the facts."),
}

DIAGNOSIS: dict[str, dict[str, Any]] = {
    "code": _field(_TEXT_OR_NULL, "The misconception; null: none fits. May be hidden."),
    "confidence": {
        "enum": ["certain", "likely", "one_of", "unexplained"],
        "description": "How sure the rest is; `unexplained`: facts only.",
    },
    "message": _field("string", "What is wrong, in a sentence. May be hidden."),
    "rule": _field(_TEXT_OR_NULL, "The rule of calculus to apply; null: none. May be hidden."),
    "replace_with": _field(_TEXT_OR_NULL, "What to put in the range `where`; null: no repair. May be hidden."),
    "fix": _field(_TEXT_OR_NULL, "The whole statement, mended; null: no repair. May be hidden."),
    "alternatives": _array(_TEXT, "one_of: the repairs that do equally well; else empty. May be hidden."),
}

SPAN: dict[str, dict[str, Any]] = {
    "file": _field("string", "The file, as it was named."),
    "cell": _field(["integer", "null"], "The 1-based number among all cells of a notebook; null: a script.", minimum=1),
    "line": _field("integer", "1-based, of the cell or script.", minimum=1),
    "column": _field("integer", "1-based, in characters.", minimum=1),
    "end_line": _field("integer", "The line it ends on, inclusive.", minimum=1),
    "end_column": _field("integer", "The column it ends before, exclusive.", minimum=1),
}

PROBLEM: dict[str, dict[str, Any]] = {
    "kind": {"enum": list(get_args(ProblemKind)), "description": "What kind of thing it is; `note` costs nothing."},
    "where": _or_null("span", "Where; null: the whole submission."),
    "message": _field("string", "What happened, in a sentence."),
}

MISCONCEPTION: dict[str, dict[str, Any]] = {
    "code": _field("string", "The misconception."),
    "steps": _array(_TEXT, "The steps it was found at, in the order of the exercise."),
}

_DEFINITIONS: dict[str, tuple[dict[str, dict[str, Any]], frozenset[str]]] = {
    "step": (STEP, frozenset({"hint", "got", "expected", "at"})),
    "diagnosis": (DIAGNOSIS, frozenset({"code", "message", "rule", "replace_with", "fix", "alternatives"})),
    "span": (SPAN, frozenset()),
    "problem": (PROBLEM, frozenset()),
    "misconception": (MISCONCEPTION, frozenset()),
}
