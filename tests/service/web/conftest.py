"""Pages of students need no right values in these tests: drawings are tried in the browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.service.web import student_routes
from tests.service.web.class_of_two import ClassOfTwo


@pytest.fixture(autouse=True)
def _without_right_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(student_routes, "reference_of", lambda exercise, of: None)


@pytest.fixture
def two() -> Iterator[ClassOfTwo]:
    made = ClassOfTwo()
    yield made
    made.engine.dispose()
