"""The tables. Times are aware and in UTC; points are floats; ids are integers, except where a text is said.

Students' files and results live in `attempts` and `outcomes`; whoever is removed leaves no row that names them.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, ForeignKey, Index, LargeBinary, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class Moment(TypeDecorator[datetime]):
    """A time in UTC. SQLite keeps no time zone: it is taken off when written and put back when read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Raises `ValueError` for a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now() -> datetime:
    """The current time, as it is stored: aware, in UTC."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """What all tables share: constraints have names, so that migrations can change them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Moment, bytes: LargeBinary}  # noqa: RUF012  (SQLAlchemy reads it from the class)


class Platform(Base):
    """An LMS that may launch us. The same issuer may have several client ids (one per registration)."""

    __tablename__ = "platforms"
    __table_args__ = (UniqueConstraint("issuer", "client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(500))
    client_id: Mapped[str] = mapped_column(String(500))
    name: Mapped[str] = mapped_column(String(200))
    product: Mapped[str] = mapped_column(String(50), default="")
    """`canvas`, `moodle`, `blackboard`, `brightspace`, `sakai` or what the platform calls itself; "" unknown."""
    auth_url: Mapped[str] = mapped_column(Text)
    token_url: Mapped[str] = mapped_column(Text)
    token_audience: Mapped[str | None] = mapped_column(Text)
    """The audience of token requests, where it is not `token_url`."""
    jwks_url: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    origins: Mapped[str] = mapped_column(Text, default="")
    """Further origins of its pages and services, separated by spaces, where not all are at the addresses above."""
    algorithms: Mapped[str] = mapped_column(String(100), default="", server_default="")
    """With which its id_tokens may be signed besides RS256, separated by spaces: of ES256 and PS256."""


class Deployment(Base):
    """A deployment of a platform that may launch us."""

    __tablename__ = "deployments"
    __table_args__ = (UniqueConstraint("platform_id", "deployment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platforms.id", ondelete="CASCADE"))
    deployment_id: Mapped[str] = mapped_column(String(500))


class ToolKey(Base):
    """A key pair of ours. The newest that has been published for a day signs; the public halves of all that are not
    retired are published."""

    __tablename__ = "tool_keys"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    private_pem: Mapped[str] = mapped_column(Text)
    """Encrypted with a key derived from the operator's secret: a copy of the database signs nothing."""
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class LoginState(Base):
    """A login that has begun: what its launch must bring back, once."""

    __tablename__ = "login_states"

    state: Mapped[str] = mapped_column(String(64), primary_key=True)
    nonce: Mapped[str] = mapped_column(String(64))
    platform_id: Mapped[int] = mapped_column(ForeignKey("platforms.id", ondelete="CASCADE"))
    browser: Mapped[str] = mapped_column(String(64))
    """Digest of the value that binds the state to the browser (its cookie, or the platform's storage)."""
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class User(Base):
    """A person: of a platform (`subject` is its user id), or of this server (`platform_id` None)."""

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("platform_id", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int | None] = mapped_column(ForeignKey("platforms.id", ondelete="CASCADE"))
    subject: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(300), default="")
    email: Mapped[str] = mapped_column(String(300), default="")
    login: Mapped[str | None] = mapped_column(String(100), unique=True)
    """The login name of a local account."""
    password: Mapped[str | None] = mapped_column(String(300))
    """The password's salted scrypt digest."""
    created_at: Mapped[datetime]


class Course(Base):
    """A course: a context of a platform, or one of this server (`platform_id` None)."""

    __tablename__ = "courses"
    __table_args__ = (UniqueConstraint("platform_id", "context_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int | None] = mapped_column(ForeignKey("platforms.id", ondelete="CASCADE"))
    deployment_id: Mapped[int | None] = mapped_column(ForeignKey("deployments.id", ondelete="SET NULL"))
    context_id: Mapped[str] = mapped_column(String(255))
    label: Mapped[str] = mapped_column(String(200), default="")
    title: Mapped[str] = mapped_column(String(500))
    memberships_url: Mapped[str | None] = mapped_column(Text)
    """The platform's roster (NRPS)."""
    lineitems_url: Mapped[str | None] = mapped_column(Text)
    anonymous: Mapped[bool] = mapped_column(default=False)
    """Whether instructors see pseudonyms instead of names."""
    retention_days: Mapped[int | None]
    """After how many days files and results are deleted; None: when an instructor does."""
    created_at: Mapped[datetime]


class Enrolment(Base):
    """Who is what in a course."""

    __tablename__ = "enrolments"
    __table_args__ = (UniqueConstraint("course_id", "pseudonym"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    """`student`, `instructor`, `assistant` or `test` (the test student of an instructor, in no statistics)."""
    pseudonym: Mapped[str] = mapped_column(String(40))
    """What stands for the name under anonymous marking, such as `student-7f3a`; random."""
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class Assignment(Base):
    """An exercise in a course, with its dates and policies. `exercise` is the YAML as it is graded."""

    __tablename__ = "assignments"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    """The exercise's id, such as `tanh-chain`."""
    title: Mapped[str] = mapped_column(String(500))
    exercise: Mapped[str] = mapped_column(Text)
    secret: Mapped[str] = mapped_column(String(64))
    """What probe points and numbers per student are drawn from."""
    max_score: Mapped[float]
    opens_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    """After this nothing is accepted, however late."""
    attempts: Mapped[int | None]
    """How many attempts each student has; None: any number."""
    counts: Mapped[str] = mapped_column(String(10), default="best")
    """Which attempt counts: `best` or `last`."""
    reveal: Mapped[str] = mapped_column(String(20))
    """The reveal level of reports (see `grader.reveal`)."""
    reveal_after_due: Mapped[str | None] = mapped_column(String(20))
    late_penalty: Mapped[float] = mapped_column(default=0.0)
    """Percent of the maximum per day begun."""
    late_grace: Mapped[float] = mapped_column(default=0.0)
    """Minutes without penalty."""
    late_free: Mapped[int] = mapped_column(default=0)
    """Days without penalty."""
    late_cap: Mapped[float] = mapped_column(default=100.0)
    """At most this many percent are taken off."""
    resource_link: Mapped[str | None] = mapped_column(String(255), index=True)
    """The platform's id of the link that launches this assignment."""
    lineitem_url: Mapped[str | None] = mapped_column(Text)
    archived_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Extension(Base):
    """A later due date for one student."""

    __tablename__ = "extensions"

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    until: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text, default="")


class Attempt(Base):
    """A file as it was handed in. `number` counts from 1 for each student and assignment, without gaps."""

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("assignment_id", "user_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    file: Mapped[str] = mapped_column(String(255))
    content: Mapped[bytes]
    submitted_at: Mapped[datetime]


class Outcome(Base):
    """What grading an attempt gave. One outcome per attempt is `current`; earlier ones and previews of a regrade are
    kept beside it."""

    __tablename__ = "outcomes"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), index=True)
    current: Mapped[bool]
    regrade_id: Mapped[int | None] = mapped_column(ForeignKey("regrades.id", ondelete="SET NULL"), index=True)
    status: Mapped[str] = mapped_column(String(20))
    """`graded`, `ungradable` (nothing in the file could be judged) or `fault` (ours; never a 0)."""
    score: Mapped[float | None]
    max_score: Mapped[float | None]
    complete: Mapped[bool] = mapped_column(default=False)
    message: Mapped[str | None] = mapped_column(Text)
    """Why there is no score."""
    result: Mapped[bytes | None]
    """The packed `grader.model.Result` at level `values`: reports show what the assignment's level allows."""
    steps: Mapped[str] = mapped_column(Text, default="[]")
    """JSON: a list of [part, name, outcome, points, max points, code of the mistake or null] per step; at a wrong one
    the line follows, where it is known."""
    seconds: Mapped[float | None]
    version: Mapped[str] = mapped_column(String(40))
    """The grader's version."""
    graded_at: Mapped[datetime]


class Job(Base):
    """An attempt to be graded. A worker leases it: it changes `lease` by compare-and-swap, and whose lease has run out
    loses it to the next."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_todo", "state", "leased_until", "rank"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    regrade_id: Mapped[int | None] = mapped_column(ForeignKey("regrades.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(10), default="queued")
    """`queued`, `leased`, `done` or `failed` (a worker died at it each time it was tried)."""
    rank: Mapped[int] = mapped_column(default=0)
    """How many jobs this user had waiting when it was queued: lower ranks go first, so one user delays nobody."""
    lease: Mapped[int] = mapped_column(default=0)
    """Counts leases; a result counts only from the holder of the latest."""
    worker: Mapped[str | None] = mapped_column(String(100))
    """The process that holds the lease (`service/work/host_process.py`)."""
    leased_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    deaths: Mapped[int] = mapped_column(default=0)
    """At how many of the tries the grading process ended, or could not grade, and the worker lived on."""


class Regrade(Base):
    """Grading again, previewed before it counts."""

    __tablename__ = "regrades"

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"))
    exercise: Mapped[str] = mapped_column(Text)
    """The YAML it was graded with."""
    state: Mapped[str] = mapped_column(String(10), default="running")
    """`running`, `ready` (a preview), `applied` or `dropped`."""
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]


class Override(Base):
    """Points given by hand, with the reason. Nothing is changed or removed: the latest row per step counts."""

    __tablename__ = "overrides"

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempts.id", ondelete="SET NULL"))
    """The attempt that had been looked at: a later one is shown as handed in after the override."""
    step: Mapped[str | None] = mapped_column(String(200))
    """None: the whole score."""
    points: Mapped[float | None]
    """None: the override is withdrawn."""
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    at: Mapped[datetime]


class TakenHint(Base):
    """A hint that a student took, and what it cost."""

    __tablename__ = "taken_hints"
    __table_args__ = (UniqueConstraint("assignment_id", "user_id", "step", "level"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    step: Mapped[str] = mapped_column(String(200))
    level: Mapped[str] = mapped_column(String(20))
    cost: Mapped[float]
    at: Mapped[datetime]


class Push(Base):
    """A score on its way to the platform, or what became of it. The newest row of a student and assignment is the only
    one that is still sent."""

    __tablename__ = "pushes"
    __table_args__ = (Index("ix_pushes_todo", "state", "next_try_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    score: Mapped[float]
    max_score: Mapped[float]
    comment: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12), default="queued")
    """`queued`, `leased`, `sent`, `replaced` (by a newer one), `overridden` (the platform kept a teacher's grade) or
    `failed` (it will not be tried again by itself)."""
    lease: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None] = mapped_column(String(100))
    """The process that holds the lease."""
    leased_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    sent_timestamp: Mapped[datetime | None]
    """The timestamp in the score that was sent: later ones must be later."""
    answer: Mapped[str | None] = mapped_column(Text)
    """What the platform answered, in words for an instructor."""
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class WebSession(Base):
    """A browser that has been let in. The cookie holds a random token; only its digest is stored."""

    __tablename__ = "sessions"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    """The course it was launched into; None: all courses of a local user."""
    platform_id: Mapped[int | None] = mapped_column(ForeignKey("platforms.id", ondelete="CASCADE"))
    """Which platform may frame its pages."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    viewing_as: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    """The test student as whom an instructor sees the pages for now; None: it is the user's own view."""


class LoginLink(Base):
    """A link that lets one person in, once."""

    __tablename__ = "login_links"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AuditEntry(Base):
    """What somebody changed: settings, overrides, regrades, exports, deletions."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    action: Mapped[str] = mapped_column(String(50))
    detail: Mapped[str] = mapped_column(Text, default="{}")
    """JSON."""
    at: Mapped[datetime]
