"""The scripts the figures are taken over, and the exercises they are for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from grader.exercise.load import find, load
from grader.exercise.types import Exercise
from tests.quality.oracle import Watched, complete, exercise_named

HERE = Path(__file__).parent
CASES = HERE.parent / "cases"
ROOT = HERE.parents[1]


@dataclass(frozen=True)
class Script:
    """A submission; `exercise` is the path of what it is handed in for."""

    path: Path

    @property
    def id(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"

    @cached_property
    def source(self) -> str:
        return self.path.read_text()

    @cached_property
    def derivation(self) -> str:
        """The script up to its own checks of itself."""
        return re.split(r"(?m)^# %% Check", self.source)[0]

    @cached_property
    def exercise(self) -> Path:
        name = self.path.stem if self.path.parent.name == "solutions" else exercise_named(self.source)
        own = (HERE / "exercises" / f"{name}.yaml", CASES / "exercises" / f"{name}.yaml")
        return next((path for path in own if path.exists()), None) or Path(find(name))

    @cached_property
    def loaded(self) -> Exercise:
        return load(self.exercise)

    @cached_property
    def watched(self) -> Watched:
        return Watched(self.derivation, self.loaded)

    @property
    def is_about_tensors(self) -> bool:
        return any(one.shape for one in self.loaded.inputs)

    @property
    def uses_torch(self) -> bool:
        return "import torch" in self.source


def scripts(folder: Path) -> list[Script]:
    return [Script(path) for path in sorted(folder.glob("*.py")) if path.stem != "__init__"]


RETOLD = scripts(HERE / "retold")
CORRECT = [*scripts(HERE / "right"), *scripts(CASES / "correct"), *scripts(ROOT / "solutions")]


@cache
def changeable() -> tuple[Script, ...]:
    """The correct scripts that can be run here, step by step: those that mistakes are put into."""
    return tuple(script for script in CORRECT if complete(script.watched, script.exercise))
