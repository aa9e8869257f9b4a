"""Suggest known names for an unknown one: only the similar names, never the whole list."""

from __future__ import annotations

import difflib
import os
import re
import unicodedata
from collections.abc import Iterable

MOST = 12
"""Maximum number of suggested names."""

_LIKE, _EQUALLY = 0.75, 0.06
"""Minimum similarity of two words, from 0 to 1, and how far below the most similar name a suggestion may be."""

_EXCHANGED = 0.8
"""Minimum similarity of two words that differ by two exchanged letters: of short ones few letters are the same."""

_LONGEST = 80
_FILES = 1000
"""Maximum number of files of a folder that are considered."""


def near(name: str, known: Iterable[str]) -> list[str]:
    """The names in `known` that `name` may stand for; empty if none is similar.

    Names that differ only by case and punctuation; otherwise all names that contain every typed word (`softmax` for
    `softmax-jacobian`); otherwise names with a similar spelling."""
    name, names = name[:_LONGEST], list(dict.fromkeys(known))
    words = _words(name)
    if not words:
        return []
    joined = "".join(words)
    if same := [one for one in names if "".join(_words(one)) == joined]:
        return same[:MOST]
    if len(joined) > 1 and (holding := [one for one in names if _holds(_words(one), words)]):
        return sorted(holding, key=lambda one: not one.lower().startswith(name.lower()))[:MOST]
    like = {one: _likeness(words, one) for one in names}
    least = max(_LIKE, max(like.values(), default=0.0) - _EQUALLY)
    return [one for one in names if like[one] >= least][:MOST]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean a, b or c?", to append to an error about an unknown `name`; "" if none is similar."""
    found = near(name, known)
    return f" Did you mean {' or '.join([', '.join(found[:-1]), found[-1]] if found[1:] else found)}?" if found else ""


def near_files(path: str, endings: tuple[str, ...] = ()) -> str:
    """Return the same suggestion for the path of a missing file, from the files in its folder with one of these
    `endings`; from all files there if `endings` is empty."""
    folder, name = os.path.split(path)
    return did_you_mean(name, (os.path.join(folder, one) for one in _files(folder, endings))) if name else ""


def _files(folder: str, endings: tuple[str, ...]) -> list[str]:
    try:
        with os.scandir(folder or ".") as entries:
            found = [one for one, _ in zip(entries, range(_FILES), strict=False)]
        return sorted(
            one.name for one in found if not endings or (one.is_file() and one.name.lower().endswith(endings))
        )
    except (OSError, ValueError):
        return []


def without_accents(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))


def _words(name: str) -> list[str]:
    return re.findall(r"[^\W_]+", without_accents(os.path.basename(name).lower()))


def _holds(words: list[str], typed: list[str]) -> bool:
    """Whether every typed word begins a word of the name or, if longer than two letters, occurs in the name."""
    whole = "".join(words)
    return all((len(one) > 2 and one in whole) or any(word.startswith(one) for word in words) for one in typed)


def _likeness(typed: list[str], name: str) -> float:
    """Similarity of the typed words and a name, as a whole, or word by word if fewer words were typed."""
    words = _words(name)
    whole = _ratio("".join(typed), "".join(words))
    if not words or len(typed) >= len(words):
        return whole
    by_word = min(max(_ratio(one, word) for word in words) for one in typed)
    return max(whole, by_word)


def _ratio(one: str, other: str) -> float:
    ratio = difflib.SequenceMatcher(None, one, other).ratio()
    return max(ratio, _EXCHANGED) if ratio >= 0.5 and _are_exchanged(one, other) else ratio


def _are_exchanged(one: str, other: str) -> bool:
    """Whether two words differ by two letters next to each other that change places: `bne` for `ben`."""
    if len(one) != len(other):
        return False
    apart = [place for place, (left, right) in enumerate(zip(one, other, strict=True)) if left != right]
    first = apart[0] if apart else 0
    return apart == [first, first + 1] and one[first : first + 2] == other[first + 1] + other[first]
