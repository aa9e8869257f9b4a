"""What the operator sets: by options of `grader serve`, or `GRADER_*` variables (secrets only there or in files)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from grader.model import Isolation


@dataclass(frozen=True, slots=True)
class Settings:
    """`url` is where browsers and platforms reach us, without a slash at its end; `database` a SQLAlchemy URL;
    `secret` at least 32 characters, from which keys for cookies and stored key pairs are derived; `data` a folder of
    ours (caches, backups)."""

    url: str
    database: str
    secret: str = field(repr=False)
    data: Path
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    isolation: Isolation = "strict"
    upload_limit: int = 2 * 2**20
    """Bytes of a file that is handed in."""
    demo: bool = False
    registration: str | None = field(default=None, repr=False)
    """The token in the URL for dynamic registration; None: nobody may register by it."""
    allow_private: bool = False
    """Whether platforms may be at private addresses, as on a campus network (`GRADER_ALLOW_PRIVATE=1`)."""
