"""The systems that packages are made for."""

from __future__ import annotations

from grader.errors import UsageError
from grader.nearest import did_you_mean
from grader.packages.types import Target

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
