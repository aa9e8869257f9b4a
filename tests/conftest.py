"""Where there is no torch, tests that need it are skipped, and all others must pass.

A test needs torch where it imports torch, itself or through our own code: that is noticed when it happens. A test that
starts a thread or another process which imports torch is marked `torch`, as nothing of that is seen here.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Generator, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

import pytest
from hypothesis import HealthCheck, settings

PRETEND = "GRADER_TEST_WITHOUT_TORCH"
"""Environment variable: the tests run as if there were no torch, in this process at least."""

REASON = "needs torch"

MISSING = bool(os.environ.get(PRETEND)) or find_spec("torch") is None


class SkipsWhatImportsTorch(MetaPathFinder, Loader):
    """Skips the test, or the module of tests, during which torch is imported.

    What it raises is no `Exception`, so that code which goes on without torch does not hide that the test needs it."""

    reporting = False
    """Whether a report is being made: Python looks into modules for names that may have been meant."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return ModuleSpec(fullname, self) if fullname == "torch" else None

    def exec_module(self, module: ModuleType) -> None:
        if self.reporting:
            raise ModuleNotFoundError(REASON, name="torch")
        pytest.skip(REASON, allow_module_level=True)


# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("grader", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("grader")

_finder = SkipsWhatImportsTorch()
if MISSING:
    sys.meta_path.insert(0, _finder)


@pytest.hookimpl(tryfirst=True)  # before the slow tests are left out
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow all but each n-th of the parameter sets of a test that is `sampled(n)`."""
    seen: Counter[str] = Counter()
    for item in items:
        if (marker := item.get_closest_marker("sampled")) is not None:
            test = item.nodeid.partition("[")[0]
            if seen[test] % marker.args[0]:
                item.add_marker(pytest.mark.slow)
            seen[test] += 1


def pytest_addoption(parser: pytest.Parser) -> None:
    if find_spec("pytest_asyncio") is None:
        parser.addini("asyncio_default_fixture_loop_scope", "Of pytest-asyncio, which comes with pytest-lsp.")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    _finder.reporting = True
    try:
        return (yield)
    finally:
        _finder.reporting = False


def pytest_runtest_setup(item: pytest.Item) -> None:
    if MISSING and item.get_closest_marker("torch"):
        pytest.skip(REASON)
