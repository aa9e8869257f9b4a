"""The modes that can be had here, each with fork servers that all attacks share."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.errors import IsolationMissing
from grader.runner.fork_servers import ForkServers
from grader.runner.preloader_pool import PreloaderPool
from grader.runner.process import Processes
from grader.runner.protocols import Children
from tests.hostile.attacks import TOKEN

EVERY_MODE = "GRADER_TEST_EVERY_MODE"
"""Environment variable of the CI: a mode that cannot be had is a failure there, and no reason to skip."""


SLOWER = [pytest.param(mode, marks=pytest.mark.slow) for mode in ("portable", "process")]
"""What the README's command leaves to the CI."""


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """Where temporary files are made: not below pytest's own folder, into which only its user may go."""
    made = Path(tempfile.mkdtemp(prefix="hostile-"))
    made.chmod(0o711)
    before, tempfile.tempdir = tempfile.tempdir, str(made)
    yield made
    tempfile.tempdir = before
    shutil.rmtree(made)


@pytest.fixture(scope="session", params=["strict", *SLOWER])
def children(request: pytest.FixtureRequest, folder: Path) -> Iterator[Children]:
    os.environ["AWS_SECRET_ACCESS_KEY"] = TOKEN
    if request.param == "process":
        yield Processes()
        return
    try:
        fork_servers = ForkServers(PreloaderPool(request.param))
    except IsolationMissing as error:
        if os.environ.get(EVERY_MODE):
            raise
        pytest.skip(f"mode {request.param} is not available here: {error}")
    with fork_servers:
        yield fork_servers


@pytest.fixture(scope="session")
def isolated(children: Children) -> ForkServers:
    if not isinstance(children, ForkServers):
        pytest.skip("the mode `process` makes no promise of this")
    return children
