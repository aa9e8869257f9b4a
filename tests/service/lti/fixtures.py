"""Fixtures for tests of LTI: one key pair for all, as making them takes time."""

from __future__ import annotations

import pytest

from grader.service.lti import tool
from tests.service.lti.site import Both
from tests.service.platform_simulator.platform import SHARED_KEY


@pytest.fixture(autouse=True)
def _one_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool, "generate_private_key", lambda **_: SHARED_KEY)


@pytest.fixture
def both() -> Both:
    """A registered platform with one link, which has a column, for a shipped exercise."""
    made = Both()
    made.register()
    made.platform.add_link("Two tanh steps", exercise="tanh-chain")
    return made


@pytest.fixture(scope="module")
def refusing() -> Both:
    """The same for all tests of a module, in which nothing is ever stored."""
    made = Both()
    made.register()
    made.platform.add_link("Two tanh steps", exercise="tanh-chain")
    return made
