"""What the parts of the service ask of platforms: sending a score, fetching a roster."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from grader.errors import UsageError
from grader.service.lti.claims import Refused
from grader.service.lti.gradebook import Score, send
from grader.service.lti.roster import NoRoster, members
from grader.service.lti.tool import Tool, client
from grader.service.store.tables import Attempt, Course, Push
from grader.service.teaching.enrolment import ListedMember
from grader.service.work.pushes import PushAnswer, Sending


def sender(tool: Tool, sessions: sessionmaker[Session]) -> Callable[[Sending], PushAnswer]:
    """What the threads that send scores call."""

    def sent(sending: Sending) -> PushAnswer:
        now = datetime.now(UTC)
        with sessions.begin() as session:
            try:
                of = client(session, tool, sending.platform.id, now)
            except Refused as refused:
                return PushAnswer("failed", str(refused))
            submitted = _handed_in_since(session, sending.push_id)
        score = Score(
            sending.subject, sending.score, sending.max_score, sending.comment, sending.timestamp, submitted
        )  # fmt: skip
        found = send(tool, of, sending.lineitem_url, score, now)
        return PushAnswer(found.state, found.words, found.wait, found.timestamp)

    return sent


def _handed_in_since(session: Session, push_id: int) -> datetime | None:
    """When the newest attempt was handed in, if no score has been sent since."""
    push = session.get_one(Push, push_id)
    newest = session.scalar(
        select(func.max(Attempt.submitted_at)).where(
            Attempt.assignment_id == push.assignment_id, Attempt.user_id == push.user_id
        )
    )
    before = session.scalar(
        select(func.max(Push.created_at)).where(
            Push.assignment_id == push.assignment_id,
            Push.user_id == push.user_id,
            Push.state.in_(("sent", "overridden")),
            Push.id < push_id,
        )
    )
    return newest if newest is not None and (before is None or newest > before) else None


def roster_of(tool: Tool, sessions: sessionmaker[Session]) -> Callable[[Session, Course], list[ListedMember]]:
    """What fetches the roster of a course. Raises `UsageError`, in words for instructors."""

    def fetched(_: Session, course: Course) -> list[ListedMember]:
        if course.platform_id is None or course.memberships_url is None:
            raise UsageError("The platform has not said where it lists this course: its roster service is off.")
        now = datetime.now(UTC)
        try:
            with sessions.begin() as session:
                of = client(session, tool, course.platform_id, now)
            found = members(tool, of, course.memberships_url, now)
        except (Refused, NoRoster) as error:
            raise UsageError(str(error)) from None
        return [
            ListedMember(one.subject, one.role, one.name, one.email, one.active) for one in found if one.role != "test"
        ]

    return fetched
