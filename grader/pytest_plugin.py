"""A plugin for pytest: `pytest --grade tanh-chain=mine.py` grades a submission, one test per step.

A wrong or missing step fails with the text of the report; one fed by an earlier mistake is an expected failure with its
cause as the reason; one that could not be graded is an error, never a failure. Points are properties of the test, as in
JUnit XML. The setting `grade` in pytest's configuration takes the same pairs, one per line.

Only pytest itself is imported here, since every run of pytest loads this module.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from _pytest._code import ExceptionInfo

    from grader.model import Result, StepResult

LEVELS = ("location", "hint", "rule", "fix", "values")
"""The reveal levels, as in `grader.model.REVEAL_LEVELS`."""

_FILES = pytest.StashKey[dict[Path, list[str]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("grader", "grading of derivations")
    group.addoption(
        "--grade",
        action="append",
        default=[],
        metavar="EXERCISE=FILE",
        help="Grade FILE with EXERCISE, one test per step. May be given several times; without paths, nothing else "
        "is collected.",
    )
    group.addoption(
        "--grade-reveal",
        choices=LEVELS,
        help="How much the messages give away. [default: what the exercise says]",
    )
    parser.addini("grade", "Submissions to grade, one EXERCISE=FILE per line.", type="linelist", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Add the graded files to what pytest collects."""
    typed: list[str] = config.getoption("--grade")
    folder = config.rootpath if config.inipath is None else config.inipath.parent
    files: dict[Path, list[str]] = {}
    for pairs, base in ((typed, config.invocation_params.dir), (config.getini("grade"), folder)):
        for pair in pairs:
            exercise, path = _parsed(pair, base)
            files.setdefault(path, []).append(exercise)
    config.stash[_FILES] = files
    if typed and config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args = []
    named = {(config.invocation_params.dir / argument.split("::", 1)[0]).resolve() for argument in config.args}
    config.args += [str(path) for path in files if path not in named]


def _parsed(pair: str, base: Path) -> tuple[str, Path]:
    exercise, equals, file = pair.partition("=")
    if not (equals and exercise.strip() and file.strip()):
        raise pytest.UsageError(f"--grade takes EXERCISE=FILE, as in tanh-chain=mine.py; this is {pair!r}")
    path = (base / file.strip()).resolve()
    if not path.is_file():
        raise pytest.UsageError(f"--grade {pair}: there is no file {file.strip()}")
    return exercise.strip(), path


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Collect a graded file as nothing but a submission: other collectors would import and run it."""
    collected = yield
    exercises = parent.config.stash[_FILES].get(file_path.resolve())
    if exercises is None:
        return collected
    return [GradedFile.from_parent(parent, path=file_path, exercises=exercises)]


class GradedFile(pytest.File):
    """A submission, with one collector per exercise it is graded with."""

    def __init__(self, *, exercises: list[str], **parent: Any) -> None:
        super().__init__(**parent)
        self.exercises = exercises

    def collect(self) -> Iterator[Graded]:
        for exercise in self.exercises:
            yield Graded.from_parent(self, name=exercise)


class Graded(pytest.Collector):
    """One submission graded with one exercise, whose id or path is the `name`."""

    def collect(self) -> Iterator[StepItem]:
        from grader.report.block_text import scored

        result = self._result()
        for step in scored(result):
            item = StepItem.from_parent(self, name=step.name, result=result, step=step)
            if step.outcome == "carried":
                causes = ", ".join(step.caused_by) or "an earlier mistake"
                how = "same mistake as" if step.reason == "same_mistake" else "fed by"
                item.add_marker(pytest.mark.xfail(reason=f"{how} {causes}", strict=False))
            yield item

    def _result(self) -> Result:
        from grader.errors import GraderError
        from grader.pipeline import check

        try:
            return check(self._exercise(), self.path, reveal=self.config.getoption("--grade-reveal"))
        except GraderError as error:
            raise self.CollectError(f"{self.name}: {error}") from None

    def _exercise(self) -> str:
        """The exercise; the path of a YAML file is relative to the folder in which pytest was called."""
        path = self.config.invocation_params.dir / self.name
        return str(path) if path.is_file() else self.name


class StepFailed(Exception):
    """A step is not right. The message is the text of the report; its first line can be read alone."""


class StepItem(pytest.Item):
    """The verdict on one step."""

    # Plugins for functions of tests read it of any item; pytest-lsp 1.0 fails where it is absent.
    funcargs: Mapping[str, object] = MappingProxyType({})

    def __init__(self, *, result: Result, step: StepResult, **parent: Any) -> None:
        super().__init__(**parent)
        self.result = result
        self.step = step
        properties: Mapping[str, object] = {
            "points": self.step.points,
            "max_points": self.step.max_points,
            "outcome": self.step.outcome,
        }
        self.user_properties.extend(properties.items())

    def setup(self) -> None:
        if self.step.outcome == "unjudged":
            raise self._failed()

    def runtest(self) -> None:
        if self.step.outcome == "missing" and self.step.reason == "optional":
            pytest.skip("optional and left out")
        if self.step.outcome != "correct":
            raise self._failed()

    def _failed(self) -> StepFailed:
        from grader.report.block_text import step_text
        from grader.report.text import safe_text

        said = step_text(self.result, self.step)
        return StepFailed("\n".join(safe_text(line) for line in said.split("\n")))

    def repr_failure(self, excinfo: ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The text of the report instead of a traceback."""
        if isinstance(excinfo.value, StepFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        where = self.step.where
        line = None if where is None or where.cell is not None else where.line - 1
        return self.path, line, f"{self.result.exercise}: {self.step.name}"
