"""Searches in a submission's text for what few submissions contain, fast where it is not there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextPattern:
    """A regular expression, and parts of which every text that it matches contains at least one.

    Looking for the parts takes a tenth of the time that the expression takes."""

    expression: re.Pattern[str]
    parts: tuple[str, ...]

    def is_in(self, text: str) -> bool:
        """Whether the expression matches somewhere in a text."""
        return any(part in text for part in self.parts) and self.expression.search(text) is not None

    def is_in_any(self, texts: Iterable[str]) -> bool:
        """Whether it matches in one of the texts."""
        return self.is_in("\n".join(texts))


def words(*them: str) -> TextPattern:
    """The pattern of one of these words, which is not a part of another word."""
    return TextPattern(re.compile(rf"\b(?:{'|'.join(map(re.escape, them))})\b"), them)
