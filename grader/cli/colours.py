"""Colours and links of a stream: whether it gets them, and a palette readable on light and dark backgrounds."""

from __future__ import annotations

import os
import sys
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

PALETTE = {
    "red": "#d7005f",
    "green": "#008700",
    "yellow": "#af5f00",
    "blue": "#0087af",
    "magenta": "#af5faf",
    "cyan": "#008787",
    "dim": "#767676",
}
"""The colour names renderers use, with their RGB values, all from the 256 colours on which terminals agree. They
contrast with white and with black. The 16 theme colours do not: yellow is unreadable on white, blue on black."""

_LINKING = frozenset({"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "mintty", "rio", "Tabby", "zed"})
_LINKING_TERMS = ("xterm-kitty", "foot", "alacritty", "wezterm", "xterm-ghostty", "contour")
_OLDEST_VTE = 5000


def wanted(stream: IO[str]) -> bool:
    """Whether a stream gets colours: NO_COLOR forbids them, FORCE_COLOR forces them, terminals get them by default."""
    if os.environ.get("NO_COLOR"):
        return False
    if forced := os.environ.get("FORCE_COLOR"):
        return forced not in ("0", "false")
    return stream.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")


def links() -> bool:
    """Whether the terminal at standard output supports links (OSC 8), judged by its environment variables. Other
    terminals would ignore links or print them as text."""
    if not (sys.stdout.isatty() and wanted(sys.stdout)):
        return False
    if (forced := os.environ.get("FORCE_HYPERLINK")) is not None:
        return forced not in ("", "0", "false")
    term = os.environ.get("TERM", "")
    if "TMUX" in os.environ or term.startswith(("screen", "tmux", "linux")):
        return False
    if os.environ.get("TERM_PROGRAM") in _LINKING or term.startswith(_LINKING_TERMS):
        return True
    vte = os.environ.get("VTE_VERSION", "")
    known = any(name in os.environ for name in ("WT_SESSION", "KONSOLE_VERSION", "KITTY_WINDOW_ID", "DOMTERM"))
    return known or (vte.isdigit() and int(vte) >= _OLDEST_VTE)


def console(stream: IO[str]) -> Console:
    """A console that writes colours to a stream, as many as the terminal supports."""
    from rich.console import Console
    from rich.style import Style
    from rich.theme import Theme

    styles = {name: Style(color=shown) for name, shown in PALETTE.items()}
    styles |= {f"bold {name}": Style(color=shown, bold=True) for name, shown in PALETTE.items()}
    many = "256" in os.environ.get("TERM", "") or bool(os.environ.get("COLORTERM")) or os.name == "nt"
    return Console(
        file=stream,
        theme=Theme(styles),
        color_system="256" if many else "standard",
        force_terminal=True,
        highlight=False,
        soft_wrap=True,
        legacy_windows=False,
    )
