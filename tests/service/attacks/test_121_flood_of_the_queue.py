"""Attack 121: one user hands in without end, to keep everyone else from being graded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from grader.service.store.database import opened, sessions
from grader.service.store.tables import Base
from grader.service.work import queue
from tests.service import making
from tests.service.making import NOON


@pytest.fixture
def session() -> Iterator[Session]:
    engine = opened("sqlite://")
    Base.metadata.create_all(engine)
    with sessions(engine).begin() as session:
        yield session
    engine.dispose()


def test_a_flood_is_capped_and_everyone_else_goes_before_it(session: Session) -> None:
    taught = making.course(session)
    asked = making.assignment(session, taught)
    mallory, others = making.enrolled(session, taught), [making.enrolled(session, taught) for _ in range(5)]
    for number in range(1, queue.MAX_WAITING + 1):
        queue.queued(session, making.attempt(session, asked, mallory, number), NOON)
    more = making.attempt(session, asked, mallory, queue.MAX_WAITING + 1)

    with pytest.raises(queue.TooManyWaiting, match="still waiting"):
        queue.queued(session, more, NOON)

    for other in others:
        queue.queued(session, making.attempt(session, asked, other), NOON)
    order = [job.user_id for _ in range(7) if (job := queue.leased(session, "w", 10, NOON)) is not None]
    assert order == [mallory.id, *(other.id for other in others), mallory.id]
