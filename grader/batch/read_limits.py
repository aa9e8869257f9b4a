"""Limits on reading untrusted archives: they count the bytes actually read, never sizes stated in headers."""

from __future__ import annotations

from dataclasses import dataclass

LARGEST_FILE = 20 * 1024 * 1024
"""Maximum bytes of one file; a notebook full of pictures fits."""

LARGEST_INNER = 64 * 1024 * 1024
"""Maximum bytes of an archive within an archive."""

MOST_ENTRIES = 100_000
"""Maximum number of entries of a whole download."""

MOST_INNER_ENTRIES = 2_000
"""Maximum number of entries of an archive within an archive: one student's submission."""

LARGEST_RATIO = 200
"""Maximum expansion of a member relative to its compressed size: text rarely exceeds 20, zeros reach 1000."""

LARGEST_SIP = 1024 * 1024
"""Maximum bytes of a single read from a tar: longer than any member name."""

UNSUSPICIOUS = 1024 * 1024
"""Bytes up to which the expansion ratio is not checked."""

DEEPEST = 3
"""Maximum nesting of archives: the download (1), a student's archive in it (2), and an archive in that (3)."""

MOST_NESTED = 8
"""Maximum number of archives that are opened in one student's archive."""


class Refused(Exception):
    """Part of a download that is not read; the message gives one fact why."""


@dataclass(slots=True)
class Budget:
    """The remaining budget for one archive."""

    entries: int = MOST_ENTRIES
    total: int = 8 * 1024 * 1024 * 1024

    def entry(self) -> None:
        """Count one entry. Raises `Refused` if the budget is exceeded."""
        self.entries -= 1
        if self.entries < 0:
            raise Refused("it has more entries than anybody hands in")

    def spend(self, count: int) -> None:
        """Count bytes read. Raises `Refused` if the budget is exceeded."""
        self.total -= count
        if self.total < 0:
            raise Refused("it unpacks to more than is looked at")


def inner_budget() -> Budget:
    """The budget of an archive found inside another one."""
    return Budget(MOST_INNER_ENTRIES, 256 * 1024 * 1024)
