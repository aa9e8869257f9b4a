"""What the builders and the renderers of all packages share."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from types import ModuleType

from grader.exercise.types import Exercise
from grader.model import Isolation, Result, Reveal


@dataclass(frozen=True, slots=True)
class File:
    """A file of a package: its path inside, with `/`, its content, and whether it is a program."""

    path: str
    data: bytes
    executable: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """How a package grades; it travels in the package as `settings.json`.

    `target`: the name of the system. `reveal`: how much the reports give away. `isolation`: how submissions are kept
    from the grader's files; None: as strictly as the machine allows, and not at all below `portable`. `lowest` and
    `highest`: the grades for nothing and for everything, where the system says so; None: 0 and the points."""

    target: str
    reveal: Reveal
    isolation: Isolation | None = None
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A package that is asked for. `secret`: what its points are drawn from; "" for the public ones. `torch`: the lines
    of a requirements file that install torch, for submissions that import it; "" for none."""

    exercise: Exercise
    settings: Settings
    secret: str = ""
    torch: str = ""


@dataclass(frozen=True, slots=True)
class Ungraded:
    """A submission that could not be graded, which is no score of 0. `student`: what a student reads; `reason`: one
    sentence more for the instructor."""

    student: str
    reason: str = ""


Outcome = Result | Ungraded
"""What grading one submission gave."""


@dataclass(frozen=True, slots=True)
class Target:
    """A system that takes packages.

    `needs`: what it must have. `shows`: what students see of a result; `lacks`: what it cannot do. `module`: the module
    of this package that has its `files` and `render`. `kept`: whether the package is kept from students, so that it may
    hold values at secret points. `single`: the package is one file and no archive."""

    name: str
    title: str
    needs: str
    shows: str
    lacks: str
    module: str
    kept: bool = True
    single: bool = False

    def files(self, request: Request) -> tuple[File, ...]:
        """The files of a package. Raises `EnvironmentProblem` and `UsageError`."""
        made: tuple[File, ...] = self._module().files(request)
        return made

    def render(self, outcome: Outcome, settings: Settings) -> str:
        """An outcome in the system's format."""
        return str(self._module().render(outcome, settings))

    def _module(self) -> ModuleType:
        return importlib.import_module(f"grader.packages.{self.module}")
