"""The options of a batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from grader.batch.file_choice import ANY, Rule
from grader.model import Isolation

Join = Literal["replace", "add"]
"""Whether a download replaces the one before, or is added to it."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a batch. `paths` may be empty if the folder already holds submissions. `late` are the fields of
    the late policy that change; `times`, `extensions` and `roster` name files. With `join` of "add" a download of
    another class is added to the one in the folder."""

    exercise: str
    paths: tuple[str, ...]
    folder: str
    layout: str | None = None
    rule: Rule = ANY
    secret: str = ""
    fresh: bool = False
    student: str | None = None
    workers: int = 0
    mode: Isolation = "process"
    cluster: str | None = None
    late: Mapping[str, object] = field(default_factory=dict)
    times: str | None = None
    extensions: str | None = None
    roster: str | None = None
    join: Join = "replace"
