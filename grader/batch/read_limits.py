"""How much of a stranger's archive is looked at: counted on what really arrives, never on what a header says."""

from __future__ import annotations

from dataclasses import dataclass

LARGEST_FILE = 20 * 1024 * 1024
"""Bytes of one file, as of a notebook full of pictures."""

LARGEST_INNER = 64 * 1024 * 1024
"""Bytes of an archive within an archive."""

MOST_ENTRIES = 100_000
"""Entries of a whole download."""

MOST_INNER_ENTRIES = 2_000
"""Entries of an archive within an archive: what one student hands in."""

LARGEST_RATIO = 200
"""How many times its size in the archive a member may grow: text rarely exceeds 20, zeros reach 1000."""

LARGEST_SIP = 1024 * 1024
"""Bytes of a tar read at once: longer than any name of a member."""

UNSUSPICIOUS = 1024 * 1024
"""Bytes up to which nobody asks for the ratio."""

DEEPEST = 2
"""Archives within archives: a download (1), what a student packed (2), and no more."""


class Refused(Exception):
    """Something of a download that is not looked at; the message says why, as one fact."""


@dataclass(slots=True)
class Budget:
    """What is left to be spent on one archive."""

    entries: int = MOST_ENTRIES
    total: int = 8 * 1024 * 1024 * 1024

    def entry(self) -> None:
        """Counts an entry. Raises `Refused`."""
        self.entries -= 1
        if self.entries < 0:
            raise Refused("it has more entries than anybody hands in")

    def spend(self, count: int) -> None:
        """Counts bytes that arrived. Raises `Refused`."""
        self.total -= count
        if self.total < 0:
            raise Refused("it unpacks to more than is looked at")


def inner_budget() -> Budget:
    """For an archive that was found in another."""
    return Budget(MOST_INNER_ENTRIES, 256 * 1024 * 1024)
