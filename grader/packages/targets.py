"""The systems that packages are made for, and what the builders and the renderers of all of them share, such as what a
report says where one text per submission is shown, or HTML without style and script per step."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Literal

from grader.errors import UsageError
from grader.exercise.types import Exercise
from grader.model import Isolation, Result, Reveal, StepResult
from grader.nearest import did_you_mean
from grader.report import terminal
from grader.report.account import Block, blocks
from grader.report.block_text import block_of, headline, step_text
from grader.report.numbers import count
from grader.report.text import safe_html

WIDTH = 80
"""Columns; the narrow columns in which these systems show text break longer lines."""


@dataclass(frozen=True, slots=True)
class PackageFile:
    """A file of a package: its path inside, with `/`, its content, and whether it is a program."""

    path: str
    data: bytes
    executable: bool = False


@dataclass(frozen=True, slots=True)
class PackageSettings:
    """How a package grades; it travels in the package as `settings.json`.

    `target`: the name of the system. `reveal`: how much the reports give away. `isolation`: how submissions are kept
    from the grader's files; None: as strictly as the machine allows, and not at all below `portable`. `lowest` and
    `highest`: the grades for nothing and for everything, where the system says so; None: 0 and the points. `after_due`
    and `after_published`: how much is given away from then on, where the system can wait; None: no more."""

    target: str
    reveal: Reveal
    isolation: Isolation | None = None
    lowest: float | None = None
    highest: float | None = None
    after_due: Reveal | None = None
    after_published: Reveal | None = None


@dataclass(frozen=True, slots=True)
class PackagePart:
    """An exercise of a package, what a right solution of it is worth there, and the id or path it is found by."""

    exercise: Exercise
    points: float
    name: str


@dataclass(frozen=True, slots=True)
class PackageRequest:
    """A package that is asked for: for one exercise, or for the exercises of a course, whose name and title are then
    `id` and `title`. `secret`: what its points are drawn from; "" for the public ones. `torch`: the lines of a
    requirements file that install torch, for submissions that import it; "" for none."""

    parts: tuple[PackagePart, ...]
    settings: PackageSettings
    secret: str = ""
    torch: str = ""
    id: str = ""
    title: str = ""

    @property
    def exercise(self) -> Exercise:
        """The exercise of a package for one."""
        (only,) = self.parts
        return only.exercise

    def alone(self, part: PackagePart) -> PackageRequest:
        """The package for one exercise of a course, worth there what it is worth in the course."""
        return replace(self, parts=(part,), id=part.exercise.id, title=part.exercise.title or part.exercise.id)


def single(exercise: Exercise, settings: PackageSettings, secret: str = "", torch: str = "") -> PackageRequest:
    """The package for one exercise, with the exercise's own points."""
    name = exercise.id
    return PackageRequest(
        (PackagePart(exercise, exercise.points, name),), settings, secret, torch, name, exercise.title or name
    )


@dataclass(frozen=True, slots=True)
class Ungraded:
    """A submission that could not be graded, which is no score of 0. `student`: what a student reads; `reason`: one
    sentence more for the instructor."""

    student: str
    reason: str = ""


Outcome = Result | Ungraded

"""What grading one submission gave."""


def judged(outcomes: Sequence[Outcome]) -> tuple[Result, ...] | None:
    """The results of all exercises; None if one of them has no score."""
    found = tuple(one for one in outcomes if not isinstance(one, Ungraded) and one.score is not None)
    return found if len(found) == len(outcomes) else None


@dataclass(frozen=True, slots=True)
class Target:
    """A system that takes packages.

    `needs`: what it must have. `shows`: what students see of a result; `lacks`: what it cannot do. `partial`: which
    parts of the points it records, and `html`: how explanations are formatted. `module`: the module of this package
    that has its `files` and `render`. `kept`: whether the package is kept from students, so that it may
    hold values at secret points. `single`: the package is one file and no archive. `course`: how a package holds a
    course: as `one` submission for all exercises, for which the module has `render_course`; with a submission for
    `each`; or not at all. `later`: whether it can show more after the due date."""

    name: str
    title: str
    needs: str
    shows: str
    lacks: str
    partial: str
    html: str
    module: str
    kept: bool = True
    single: bool = False
    course: Literal["one", "each"] | None = None
    later: bool = False

    def files(self, request: PackageRequest) -> tuple[PackageFile, ...]:
        """The files of a package. Raises `EnvironmentProblem` and `UsageError`."""
        made: tuple[PackageFile, ...] = self._module().files(request)
        return made

    def render(self, outcome: Outcome, settings: PackageSettings) -> str:
        """An outcome in the system's format."""
        return str(self._module().render(outcome, settings))

    def render_course(self, outcomes: Sequence[Outcome], settings: PackageSettings) -> str:
        """The outcomes of one submission for each exercise of a course, in the system's format."""
        return str(self._module().render_course(tuple(outcomes), settings))

    def _module(self) -> ModuleType:
        return importlib.import_module(f"grader.packages.{self.module}")


TARGETS: tuple[Target, ...] = (
    Target(
        name="gradescope",
        title="Gradescope; Codio, through its wrapper for Gradescope's autograders",
        needs="a programming assignment; building the image takes 40 packages from pip, grading needs no network",
        shows="points and a formatted explanation per step",
        lacks="the page with the graph: Gradescope removes pictures; with explanations for later, the total until then",
        partial="any part of a point",
        html="HTML",
        module="gradescope",
        course="one",
        later=True,
    ),
    Target(
        name="github",
        title="GitHub Actions, and Classroom 50",
        needs="a repository per student; Actions installs from pip on each run",
        shows="annotations on the lines, a summary, points per step; Classroom 50: whole points",
        lacks="protection: students can change what is in their repository. Classroom 50 keeps its autograder apart",
        partial="any part of a point; Classroom 50 whole numbers, so hundredths",
        html="Markdown in the summary, plain text on the lines",
        module="github",
        course="one",
        kept=False,
    ),
    Target(
        name="vpl",
        title="Moodle VPL",
        needs="a jail server with Python 3.11 or newer and the packages of requirements.txt",
        shows="a grade, and comments per step",
        lacks="network: the packages are installed on the jail server",
        partial="any part of a point, on the scale of the activity",
        html="none",
        module="vpl",
    ),
    Target(
        name="coderunner",
        title="Moodle CodeRunner",
        needs="a Jobe server with Python 3.11 or newer and the packages of requirements.txt",
        shows="partial marks, a table of the steps with formatted explanations",
        lacks="a mark of its own for what could not be graded: such an answer shows a message and stays ungraded",
        partial="any part of a point",
        html="HTML",
        module="coderunner",
        single=True,
    ),
    Target(
        name="prairielearn",
        title="PrairieLearn",
        needs="an image, which the Dockerfile builds; grading needs no network",
        shows="points and a message per step",
        lacks="a due date of its own for explanations: its assessments decide what is shown when",
        partial="any part of a point",
        html="none",
        module="prairielearn",
    ),
    Target(
        name="xqueue",
        title="Open edX, through xqueue-watcher",
        needs="a machine with xqueue-watcher and the packages of requirements.txt",
        shows="a partial score, and a text per step",
        lacks="a future: edX has deprecated xqueue",
        partial="any part of a point",
        html="none",
        module="xqueue",
    ),
    Target(
        name="nbgrader",
        title="nbgrader",
        needs="the packages of requirements.txt in the environment that nbgrader runs in",
        shows="marks per step in the gradebook, a formatted explanation per step in the feedback",
        lacks="outputs of the student's own cells: such notebooks are graded in a sandbox and not run in a kernel",
        partial="any part of a point",
        html="HTML, in the feedback",
        module="nbgrader",
        course="each",
    ),
    Target(
        name="otter",
        title="otter-grader",
        needs="otter-grader, and the packages of requirements.txt",
        shows="points and a text per step, in the notebook and on Gradescope",
        lacks="outputs of the student's own cells in the graded notebook",
        partial="any part of a point",
        html="none",
        module="otter",
    ),
    Target(
        name="notebook",
        title="a notebook for JupyterHub, JupyterLab, Colab and Kaggle",
        needs="a runtime with Python 3.11 or newer that may use pip once",
        shows="the report as a page, in the notebook",
        lacks="marks: students check themselves; take the notebooks in with `grader batch`",
        partial="no points are recorded",
        html="HTML, the whole report",
        module="notebooks",
        kept=False,
        single=True,
    ),
)


def target(name: str) -> Target:
    """The target of this name. Raises `UsageError`."""
    for one in TARGETS:
        if one.name == name:
            return one
    known = [one.name for one in TARGETS]
    raise UsageError(
        f"There are no packages for {name!r}.{did_you_mean(name, known)} `grader package --list` names all."
    )


def whole_text(outcome: Outcome) -> str:
    """The report as the terminal shows it, without colours."""
    if isinstance(outcome, Ungraded):
        return "\n".join(one for one in (outcome.student, outcome.reason) if one) + "\n"
    return terminal.render(outcome, WIDTH).plain


def score_line(result: Result) -> str:
    """`12 / 15 points`."""
    if result.score is None:
        return "could not be graded"
    return f"{count(result.score)} / {count(result.max_score)} points"


def fraction(result: Result) -> float | None:
    """The score as a share of the points; None if there is no score."""
    return None if result.score is None else result.score / result.max_score


def step_html(result: Result, step: StepResult) -> str:
    """The block that reports a step, or one sentence if it has none of its own."""
    block = block_of(result, step)
    if block is not None and step.outcome != "missing":
        return block_html(block)
    return "".join(f"<p>{_inline(line)}</p>" for line in step_text(result, step).split("\n"))


def general_html(result: Result) -> str:
    """The blocks that belong to no step: lines that cannot be read, what ended the program."""
    return "".join(block_html(block) for block in blocks(result) if not block.steps)


def block_html(block: Block) -> str:
    """A block: headline, the student's line, facts, the next step."""
    made = [f"<p><strong>{_inline(headline(block))}</strong></p>"]
    if block.quote is not None:
        at = f"{block.place}: " if block.place is not None else ""
        made.append(f"<pre>{safe_html(at + block.quote.text.strip())}</pre>")
    made += [f"<p>{_inline(fact)}</p>" for fact in block.facts]
    if block.help is not None:
        made.append(f"<p>{_inline(block.help)}</p>")
    if block.code:
        made.append(f"<pre>{safe_html(chr(10).join(block.code))}</pre>")
    return "".join(made)


def _inline(words: str) -> str:
    """Text in which what is between backticks becomes code."""
    pieces = words.split("`")
    if len(pieces) % 2 == 0:
        return safe_html(words)
    return "".join(f"<code>{safe_html(one)}</code>" if odd % 2 else safe_html(one) for odd, one in enumerate(pieces))
