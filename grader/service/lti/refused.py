"""What is raised when a platform's message is not accepted."""

from __future__ import annotations

from grader.errors import GraderError


class Refused(GraderError):
    """A launch, or another message of a platform, that is not accepted: nothing was stored.

    `reason` is a short name for logs and tests, the message is for the person in front of it, `status` is of HTTP."""

    def __init__(self, reason: str, message: str, status: int = 401) -> None:
        super().__init__(message)
        self.reason = reason
        self.status = status
