"""Logs as lines of JSON, without secrets: what looks like a token is blanked wherever it stands."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import TextIO

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
"""What every record has; anything else was given as `extra`."""

_SECRETS = re.compile(
    r"eyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*)?"  # a JSON Web Token
    r"|(?<=/enter/)[\w-]+"
    r"|(?i:bearer)\s+[\w.~+/=-]+"
    r"|(?i:(?<=[?&\s\"'])(?:csrf|password|secret|token|id_token|access_token|client_assertion|code|state|nonce)"
    r"[\"']?\s*[=:]\s*[\"']?)[^\s&\"',;)}]+"
    r"|(?<=://)[^\s/@:]+:[^\s/@]+(?=@)"  # the password of a database URL
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    re.S,
)


def without_secrets(text: str) -> str:
    """The text with everything blanked that looks like a token, a password or a private key."""
    return _SECRETS.sub("[removed]", text)


class JsonLines(logging.Formatter):
    """A record as one line of JSON: time, level, logger, message, what was added, and the traceback of a fault."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
        }
        for name, value in vars(record).items():
            if name not in _PLAIN and not name.startswith("_"):
                line[name] = value if isinstance(value, int | float | None) else without_secrets(str(value))
        if record.exc_info:
            line["traceback"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


def begin_logs(level: str, stream: TextIO | None = None) -> None:
    """Write logs of this level and above, of all libraries, to a stream (standard error)."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # They tell at `info` what our own lines tell: each request, and each statement.
    for name in ("httpx", "httpcore", "multipart", "alembic"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
