"""A course with a class, in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.service.instructor.rooms import Rooms


@pytest.fixture
def rooms() -> Iterator[Rooms]:
    made = Rooms()
    yield made
    made.close()
