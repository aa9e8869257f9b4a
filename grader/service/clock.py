"""The time, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The current time; aware."""
    return datetime.now(UTC)
