"""The exercise file: Pydantic models of its short and long forms, also the source of the JSON Schema; and the text of a
new one, a small exercise that can be graded as it is, with a comment on every field.

Each leaf states in plain words which value is allowed (`said`); `build` uses these words in the faults.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from grader.exercise.types import Allowance

NUMBER, LIST, TEXT, MAPPING = "<number>", "<list>", "<text>", "<mapping>"

FORMS = frozenset({NUMBER, LIST, TEXT, MAPPING})
"""Tags of the short and long forms of a field; they occur only in the locations of pydantic's errors."""


_END = r"[^,()]*[^,()\s][^,()]*"

_DRAW = rf"^\s*(normal|like|(normal|uniform|integers)\({_END},{_END}\))\s*$"

DRAWS = "`normal`, `normal(mean, deviation)`, `uniform(low, high)` or `integers(low, high)`"

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]

Axis = Annotated[int, Field(strict=True, ge=1)] | str


_GIVEN_WORDS = "a number, a list of numbers, or a mapping with `value` or with `shape` and `draw`"


_PROBE_WORDS = "a whole number from 1 to 10, or a mapping with `points` and `inputs`"


_STEP_WORDS = "a quantity such as `d(y)/d(x)`, or a mapping with `is`"


_ANSWER_WORDS = "lines of Python, `call: dx = backward(dout, cache)`, or a list of these"

TEMPLATE = """\
# An exercise for `grader`. Change it into your own; `grader lint {id}.yaml` names every fault with its place,
# `grader show {id}.yaml --values` shows it with the right values, `grader handout {id}.yaml -o .` writes the starter.

exercise: {id}                # its id: lower-case letters, digits and `-`
title: A product inside a square    # one line

# What students read: Markdown, with formulas between $...$.
text: |
  Let $p = w\\,x + b$ and $y = p^2$. How fast does $y$ change with each of $w$, $x$ and $b$?
  Go backwards from $y$: what arrives from above, times the slope of the line you are passing.

# What the code starts from, with the numbers students see. At the further points a submission is judged at, each is
# drawn anew: of the same sign, and of a size near 1. Whole numbers (written without a point) are never redrawn.
# An array is a nested list, or drawn: `{{shape: [4, 3], draw: normal}}`, `uniform(-2, 2)`, `integers(0, 10)`.
given:
  x: 0.7
  w: 1.3
  b: -0.4

# The program: assignments, `h[t] = ...`, `for t in range(...)`, and torch's operations under torch's or NumPy's names.
forward: |
  p = w * x + b
  y = p**2

# What is asked for, in order: the name students bind, and the quantity it is to be.
#   d(a)/d(b)            the total derivative, through every path
#   d(a, via=c)/d(b)     the part of it that goes through c
#   partial(a)/partial(b)  the slope of the one line that computes a
# Any formula over these and the quantities above will do too.
steps:
  dp: d(y)/d(p)
  dw:
    is: d(y)/d(w)
    points: 2                 # 1 if left out
    hint: The slope of the first line with respect to $w$ is the other factor, $x$.
  dx: d(y)/d(x)
  db:
    is: d(y)/d(b)
    # optional: true          # may be merged into the next step
    # aliases: [grad_b]       # other names students may use

# Everything below may be left out; what stands there is what holds then.

# derive: {{of: y, by: [w, x], mode: reverse}}      # steps the grader writes itself
# variants: {{x: "uniform(0.2, 0.9)"}}              # given numbers of each student's own
# starter: numpy                                  # what the starter is written for: python, numpy or torch
# answer: "dx, dw = backward(dout, cache)"        # run after the submission, where functions are handed in
# probe: 3                                        # further points a submission is judged at
# tolerance: {{rtol: 1e-6}}
# shapes: lenient                                 # strict: axes of length 1 count
# credit: {{carried: 1.0, compensated: 0.0}}
# reveal: values                                  # or location, hint, rule, fix: how much a report gives away
# hint_costs: {{rule: 1, fix: 2}}                   # points that `grader hint` takes for a level of a step; free: 0
# by_hand: true                                   # values that come from autograd do not count
# limits: {{seconds: 10, memory: 1024, output: 64}}
# chapter: 2. Neurons                             # where `grader list` shows it, in a course of your own
# prerequisites: [{id}-first]
"""


def said(words: str) -> WrapValidator:
    """Replace any validation error of a value by `words`, which say what was expected."""

    def check(value: object, handler: ValidatorFunctionWrapHandler) -> object:
        try:
            return handler(value)
        except ValidationError:
            raise PydanticCustomError("expected", "{words}", {"words": words}) from None

    return WrapValidator(check)


def _form(value: object) -> str | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, dict):
        return MAPPING
    return LIST if isinstance(value, list) else TEXT if isinstance(value, str) else NUMBER


def _text_or_mapping(value: object) -> str | None:
    form = _form(value)
    return TEXT if form == NUMBER else form


def _forms(words: str, numbers_are_text: bool = False) -> Discriminator:
    return Discriminator(
        _text_or_mapping if numbers_are_text else _form,
        custom_error_type="expected",
        custom_error_message=words,
    )


Text = Annotated[str, said("text")]

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$"), said("lower-case letters, digits and `-`")]

Drawn = Annotated[str, Field(pattern=_DRAW), said(DRAWS)]

Flag = Annotated[bool, said("`true` or `false`")]

Points = Annotated[Number, Field(ge=0, le=1e6), said("a number from 0 up")]

Share = Annotated[Number, Field(ge=0, le=1), said("a number from 0 to 1")]

Count = Annotated[int, Field(strict=True, ge=1, le=10), said("a whole number from 1 to 10")]

Chapter = Annotated[
    str, Field(pattern=r"^[1-9][0-9]?\. \S[^\n]*$", max_length=60), said("a number and a title, such as `2. Neurons`")
]

RelativeName = Annotated[
    str,
    Field(pattern=r"^[^/\\:.][^/\\:]*(/[^/\\:.][^/\\:]*)*$", max_length=200),
    said("the name of a file beside the exercise, without `..`"),
]


class _Part(BaseModel):
    # Built once, inside the model of the whole file: building each part's own validator too would double the start-up
    # time.
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, defer_build=True)


class GivenForm(_Part):
    """An input in its long form: `value`, or `shape` and `draw`."""

    value: Annotated[
        float | list[Any] | None,
        said("a number, or a list of numbers"),
        Field(description="The number, or the nested list of numbers"),
    ] = None
    shape: Annotated[
        list[Annotated[Axis, said("a whole number from 1 up, or a formula of whole inputs, such as `4 * H`")]] | None,
        Field(max_length=8, description="Length of each axis: a number, or a formula of whole inputs: `H`, `4 * H`"),
    ] = None
    draw: Annotated[Drawn | None, Field(description="How the given numbers are drawn; `normal` if left out")] = None
    fixed: Annotated[Flag | None, Field(description="Never redrawn; so by default for whole numbers")] = None
    aliases: Annotated[list[Text], Field(description="Other names students use for it")] = []
    probe: Annotated[Drawn | None, Field(description="How it is drawn at the probe points")] = None


GivenEntry = Annotated[
    Annotated[Number, said(_GIVEN_WORDS), Tag(NUMBER)]
    | Annotated[list[Any], Tag(LIST)]
    | Annotated[GivenForm, Tag(MAPPING)],
    _forms(_GIVEN_WORDS),
]


class ProbeForm(_Part):
    """How many further points a submission is judged at, and how their inputs are drawn."""

    points: Annotated[Count, Field(description="Further points beside the given numbers")] = 3
    inputs: Annotated[dict[str, Drawn], Field(description="Input to draw, such as `h0: uniform(-2, 2)`")] = {}


ProbeEntry = Annotated[
    Annotated[Count, Tag(NUMBER)] | Annotated[ProbeForm, Tag(MAPPING)],
    _forms(_PROBE_WORDS),
]


class StepForm(_Part):
    """A step in its long form."""

    is_: Annotated[
        Text | None,
        Field(alias="is", description="The quantity, such as `d(h1)/d(w_h)`; may be left out for a derived step"),
    ] = None
    points: Annotated[Points, Field(description="Points for the step, or for a whole family")] = 1.0
    aliases: Annotated[list[Text], Field(description="Other names students use for it")] = []
    hint: Annotated[Text | None, Field(description="The next thought, shown from reveal level `hint` on")] = None
    optional: Annotated[
        Flag,
        Field(description="May be left out, or merged into the next step"),
    ] = False
    for_: Annotated[
        Text | None,
        Field(alias="for", description="For a family `dh[t]`: `t in reversed(range(1, T+1))`"),
    ] = None


StepEntry = Annotated[
    Annotated[Text, Tag(TEXT)] | Annotated[StepForm, Tag(MAPPING)],
    _forms(_STEP_WORDS, numbers_are_text=True),
]


class DeriveForm(_Part):
    """Steps written by the grader itself."""

    of: Annotated[Text, Field(description="The quantity that is differentiated, usually the loss")]
    by: Annotated[list[Text] | None, Field(min_length=1, description="By what; all free inputs if left out")] = None
    mode: Annotated[
        Literal["reverse", "forward", "both"],
        said("`reverse`, `forward` or `both`"),
        Field(description="reverse: `dy2`, `dh2`, ...; forward: `dh1_dw_h`, ...; both: forward, then reverse"),
    ] = "reverse"
    points: Annotated[Points, Field(description="Points for each of these steps")] = 1.0


class AnswerForm(_Part):
    """How code is handed in that is not top-level names."""

    call: Annotated[Text, Field(description="Python run after the submission: `dx = backward(dout, cache)`")]


OneAnswer = Annotated[
    Annotated[Text, Tag(TEXT)] | Annotated[AnswerForm, Tag(MAPPING)],
    _forms(_ANSWER_WORDS, numbers_are_text=True),
]

AnswerEntry = Annotated[
    Annotated[Text, Tag(TEXT)]
    | Annotated[AnswerForm, Tag(MAPPING)]
    | Annotated[list[OneAnswer], Field(min_length=1, max_length=8), Tag(LIST)],
    _forms(_ANSWER_WORDS, numbers_are_text=True),
]


class ToleranceForm(_Part):
    """How far a value may be off."""

    rtol: Annotated[
        Number,
        Field(gt=0, lt=1, description="Relative to the largest entry of the right value"),
        said("a number above 0 and below 1"),
    ] = 1e-6
    atol: Annotated[
        Annotated[Number, Field(ge=0), said("a number from 0 up")] | None,
        Field(description="Absolute; by the precision of the student's numbers if left out"),
    ] = None


class CreditForm(_Part):
    """The share of its points a step still earns."""

    carried: Annotated[Share, Field(description="Right in itself, fed by an earlier error")] = 1.0
    compensated: Annotated[Share, Field(description="Right number from a wrong derivation")] = 0.0


class HintCostsForm(_Part):
    """What `grader hint` takes for a level of a step, in points; reports show only what comes before."""

    hint: Annotated[Points, Field(description="What kind of mistake it is, or the author's hint")] = 0.0
    rule: Annotated[Points, Field(description="The chain rule of the step")] = 0.0
    fix: Annotated[Points, Field(description="The line as it has to be")] = 0.0


class LimitsForm(_Part):
    """What one run of a submission may use, and all its runs together."""

    seconds: Annotated[
        Number, Field(ge=0.1, le=600, description="CPU seconds"), said("a number of seconds from 0.1 to 600")
    ] = 10.0
    memory: Annotated[
        int,
        Field(strict=True, ge=16, le=65536, description="MiB beyond what its imports take"),
        said("a whole number of MiB from 16 to 65536"),
    ] = 1024
    output: Annotated[
        int,
        Field(strict=True, ge=1, le=10240, description="KiB of printed text kept"),
        said("a whole number of KiB from 1 to 10240"),
    ] = 64
    total: Annotated[
        Number | None,
        Field(ge=0.1, le=3600, description="CPU seconds of all runs of a submission; 30 or three times `seconds`"),
        said("a number of seconds from 0.1 to 3600"),
    ] = None
    wall: Annotated[
        Number | None,
        Field(ge=1, le=7200, description="Seconds by the clock of all its runs; 60 or twice `total`"),
        said("a number of seconds from 1 to 7200"),
    ] = None


class MisconceptionForm(_Part):
    """A mistake this course knows of."""

    code: Annotated[Id, Field(description="Its short name")]
    step: Annotated[Text, Field(description="The step it is made at")]
    wrong: Annotated[Text, Field(description="The wrong expression, over quantities, derivatives and steps")]
    message: Annotated[Text, Field(description="What to tell the student")]


class ExerciseFile(BaseModel):
    """An exercise for `grader`: a small program, and the derivatives of it that students derive by hand."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, title="grader exercise")

    exercise: Annotated[Id, Field(description="The id of the exercise")]
    title: Annotated[Text, Field(description="One line")]
    text: Annotated[Text, Field(description="What students read: Markdown with $math$")] = ""
    given: Annotated[dict[str, GivenEntry], Field(description="What the code starts from")]
    forward: Annotated[Text, Field(description="The program: assignments, loops of fixed length, `if`, functions")]
    probe: Annotated[ProbeEntry | None, Field(description="The further points a submission is judged at")] = None
    forward_points: Annotated[dict[str, Points], Field(description="Points for forward quantities")] = {}
    aliases: Annotated[
        dict[str, list[Text]], Field(description="Other names for inputs, forward quantities and steps")
    ] = {}
    steps: Annotated[dict[str, StepEntry], Field(description="What is asked for, in order of derivation")] = {}
    derive: Annotated[DeriveForm | None, Field(description="Steps the grader writes itself")] = None
    output: Annotated[Text | None, Field(description="The quantity reverse mode starts from")] = None
    answer: Annotated[
        AnswerEntry | None,
        Field(description="Run after the submission, in its names; of a list, the one with which most steps are right"),
    ] = None
    tolerance: ToleranceForm = ToleranceForm()
    shapes: Annotated[
        Literal["lenient", "strict"],
        said("`lenient` or `strict`"),
        Field(description="Whether axes of length 1 may be missing or too many"),
    ] = "lenient"
    credit: CreditForm = CreditForm()
    reveal: Annotated[
        Literal["location", "hint", "rule", "fix", "values"],
        said("`location`, `hint`, `rule`, `fix` or `values`"),
        Field(description="How much of a diagnosis students see"),
    ] = "values"
    hint_costs: Annotated[HintCostsForm, Field(description="Points that `grader hint` takes for a level of a step")] = (
        HintCostsForm()
    )
    by_hand: Annotated[Flag, Field(description="Values that come from autograd do not count")] = True
    limits: LimitsForm = LimitsForm()
    files: Annotated[list[RelativeName], Field(description="Data beside the exercise that the code may read")] = []
    sizes: Annotated[
        Literal["given", "from submission"],
        said("`given` or `from submission`"),
        Field(description="Whether lengths of axes are those of the file, or those that a submission fixes by name"),
    ] = "given"
    variants: Annotated[
        dict[str, Drawn], Field(description="Ranges the given numbers are drawn from for each student")
    ] = {}
    starter: Annotated[
        Literal["python", "numpy", "torch"] | None,
        said("`python`, `numpy` or `torch`"),
        Field(description="What `grader handout` writes for; the plainest that will do if left out"),
    ] = None
    misconceptions: list[MisconceptionForm] = []
    allow: Annotated[
        list[Annotated[Allowance, said("`size-one`, `square`, `one-sided` or `unseen`")]],
        Field(description="What `grader lint` is to let pass, though it hides mistakes"),
    ] = []
    chapter: Annotated[Chapter | None, Field(description="Where in a course it stands: `2. Neurons`")] = None
    prerequisites: Annotated[list[Id], Field(description="Exercises that come before this one")] = []


def json_schema() -> dict[str, Any]:
    """The JSON Schema of an exercise file, for editors."""
    made = ExerciseFile.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:grader:exercise:1",
        **made,
    }


def template(name: str) -> str:
    """The text of a new exercise file for the id `name`."""
    return TEMPLATE.format(id=name)
