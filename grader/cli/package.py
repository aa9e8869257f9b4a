"""Implementation of `grader package`."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import cast

from grader.cli.commands import read_secret
from grader.cli.output import complain, width, write
from grader.errors import UsageError
from grader.exercise.load import find, load
from grader.model import Isolation, Reveal
from grader.packages.build import built
from grader.packages.targets import TARGETS, target
from grader.packages.types import Request, Settings
from grader.report.page import Page


def list_targets() -> None:
    """Print each target with what it needs, what it shows and what it cannot do."""
    page = Page(width())
    for one in TARGETS:
        page.blank()
        page.pieces((one.name, "bold"), (f"  {one.title}", ""))
        for word, said in (("needs", one.needs), ("shows", one.shows), ("lacks", one.lacks)):
            page.prose(said, lead=f"{word}  ", lead_style="dim", indent=2)
    write(page.text())


def build_package(
    name: str, exercise: str, output: str | None, settings: tuple[str | None, str | None], secret_file: str | None,
    torch: str,
) -> None:  # fmt: skip
    """Write the package for a target. `settings` are the reveal level and the isolation, None for the defaults."""
    wanted = target(name)
    loaded = load(find(exercise))
    if secret_file is not None and not wanted.kept:
        raise UsageError(f"A package for {name} is read by students, so it holds no values at secret points.")
    secret = read_secret(secret_file) if secret_file is not None else secrets.token_hex(16) if wanted.kept else ""
    reveal, isolation = settings
    how = Settings(
        name, cast("Reveal | None", reveal) or loaded.policy.shown, cast("Isolation | None", isolation)
    )  # fmt: skip
    file, data = built(wanted, Request(loaded, how, secret, torch))
    place = Path(output if output is not None else file)
    beside = place.with_name(f"{place.name}.new")
    try:
        beside.write_bytes(data)
        os.replace(beside, place)
    except OSError as error:
        raise UsageError(f"The package cannot be written to {str(place)!r}: {error.strerror}.") from error
    complain(f"{place}: {loaded.title or loaded.id} for {wanted.title}, {len(data) / 1e6:.1f} MB")
