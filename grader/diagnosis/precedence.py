"""How tightly Python's operators bind, for all that is written in a student's hand."""

from __future__ import annotations

STRENGTH = {
    "": 0, "<": 2, "|": 3, "^": 4, "&": 5, "<<": 6, ">>": 6, "+": 7, "-": 7, "*": 8, "/": 8, "//": 8, "%": 8, "@": 8,
    "-x": 9, "**": 10, "x": 12,
}  # fmt: skip
"""By sign: `<` is any comparison, `-x` a sign, `x` what needs no brackets anywhere."""

SUM, PRODUCT, SIGN, POWER, ATOM = (STRENGTH[sign] for sign in ("+", "*", "-x", "**", "x"))


def bracketed(text: str, strength: int, least: int) -> str:
    """A text that binds as tightly as `strength`, in brackets where it is to bind more tightly."""
    return text if strength >= least else f"({text})"
