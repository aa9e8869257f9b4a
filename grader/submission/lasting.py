"""Whether a submission's code might keep state beyond its process: in a file, another process, a socket."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.submission.plain import is_plain

_WAYS = re.compile(
    r"\bopen\([^()]*,|\.open\(\s*[\"'][wax]|\bos\.(open|mkdir|makedirs|utime|symlink|link|rename|replace|setxattr|mkfifo)\b"
    r"|\b(write_text|write_bytes|touch|mkdir|copyfile|save|savez\w*|savetxt|dump|dumps|tofile|memmap|mkstemp"
    r"|NamedTemporaryFile|shelve|dbm|sqlite3|mmap|shared_memory|multiprocessing|subprocess|socket|ctypes|h5py|joblib"
    r"|FileHandler|exec|eval|__import__|import_module|__builtins__)\b"
)


def may_last(sources: Sequence[str]) -> bool:
    """Whether code in these sources might keep such state."""
    return any(map(_WAYS.search, sources)) and not is_plain(sources)
