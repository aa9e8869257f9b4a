"""Whose a file is, as far as its place and its marks tell: what somebody else wrote is not to be run unawares."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

_DOWNLOADS = frozenset({"downloads", "download"})
"""Folders that browsers save to: on disk, macOS and Windows call them so in every language."""

_HANDED_IN = re.compile(
    r"_assignsubmission_|^submission_\d+$|^\d+-\d+ - .* - |_attempt_\d{4}-\d\d-\d\d|_\d{4,}_\d{5,}_.+\.\w+$"
)
"""Names that Moodle, Gradescope, Brightspace, Blackboard and Canvas give to what is handed in."""

_MARKS = ("user.xdg.origin.url", "user.xdg.referrer.url")
"""What browsers on Linux note of a file they have saved."""


def not_own(path: str) -> str:
    """Why a file may be somebody else's, in the words of a sentence that begins with its name; "" where nothing says
    so. The file need not be there."""
    full = Path(os.path.abspath(path))
    if any(map(_HANDED_IN.search, full.parts)):
        return "has the name of something handed in"
    if _is_marked(str(full)):
        return "was downloaded"
    folders = {folder.name.lower() for folder in full.parents} | {full.name.lower()}
    if folders & _DOWNLOADS or _chosen() in (full, *full.parents):
        return "lies in a folder of downloads"
    if any(folder.suffix.lower() == ".zip" for folder in full.parents):
        return "comes out of an archive"  # the folder that a file manager shows one as
    return "belongs to another user" if _is_of_another(full) else ""


def _is_marked(full: str) -> bool:
    if os.name == "nt":
        return os.path.exists(f"{full}:Zone.Identifier")
    with contextlib.suppress(OSError, AttributeError):
        return not set(_MARKS).isdisjoint(os.listxattr(full))
    return False


def _chosen() -> Path | None:
    """The folder of downloads that a Linux desktop was told of."""
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        home = Path.home()
        settings = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "user-dirs.dirs"
        if found := re.search(r'^XDG_DOWNLOAD_DIR="(.+)"', settings.read_text("utf-8"), re.M):
            folder = Path(found[1].replace("$HOME", str(home)))
            return None if folder == home else folder
    return None


def _is_of_another(full: Path) -> bool:
    """Root works on files of others all the time, and everybody on those that root has installed."""
    with contextlib.suppress(OSError, AttributeError):
        return os.getuid() != 0 and full.stat().st_uid not in (0, os.getuid())
    return False
