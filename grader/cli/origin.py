"""Guess from a file's path and attributes whether somebody else wrote it: such code must not be run unawares."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

_DOWNLOADS = frozenset({"downloads", "download"})
"""Download folders of browsers: on disk, macOS and Windows use these names in every language."""

_HANDED_IN = re.compile(
    r"_assignsubmission_|^submission_\d+$|^\d+-\d+ - .* - |_attempt_\d{4}-\d\d-\d\d|_\d{4,}_\d{5,}_.+\.\w+$"
)
"""File names that Moodle, Gradescope, Brightspace, Blackboard and Canvas give to submissions."""

_MARKS = ("user.xdg.origin.url", "user.xdg.referrer.url")
"""Extended attributes that browsers on Linux set on downloaded files."""


def not_own(path: str) -> str:
    """Why a file may be somebody else's, as the rest of a sentence that begins with its name; "" if nothing suggests
    it. The file need not exist."""
    full = Path(os.path.abspath(path))
    if any(map(_HANDED_IN.search, full.parts)):
        return "has the name of something handed in"
    if _is_marked(str(full)):
        return "was downloaded"
    folders = {folder.name.lower() for folder in full.parents} | {full.name.lower()}
    if folders & _DOWNLOADS or _chosen() in (full, *full.parents):
        return "lies in a folder of downloads"
    if any(folder.suffix.lower() == ".zip" for folder in full.parents):
        return "comes out of an archive"  # the temporary folder in which a file manager shows an archive
    return "belongs to another user" if _is_of_another(full) else ""


def _is_marked(full: str) -> bool:
    if os.name == "nt":
        return os.path.exists(f"{full}:Zone.Identifier")
    with contextlib.suppress(OSError, AttributeError):
        return not set(_MARKS).isdisjoint(os.listxattr(full))
    return False


def _chosen() -> Path | None:
    """The download folder configured on a Linux desktop."""
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        home = Path.home()
        settings = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "user-dirs.dirs"
        if found := re.search(r'^XDG_DOWNLOAD_DIR="(.+)"', settings.read_text("utf-8"), re.M):
            folder = Path(found[1].replace("$HOME", str(home)))
            return None if folder == home else folder
    return None


def _is_of_another(full: Path) -> bool:
    """Whether another user owns the file, except if we are root (often on others' files) or the owner is root."""
    with contextlib.suppress(OSError, AttributeError):
        return os.getuid() != 0 and full.stat().st_uid not in (0, os.getuid())
    return False
