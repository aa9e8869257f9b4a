"""The text of an exercise as HTML: Markdown without raw HTML and pictures, formulas typeset."""

from __future__ import annotations

import re
from functools import lru_cache

from markdown_it import MarkdownIt
from markupsafe import Markup

from grader.html import mathml

_FORMULA = re.compile(r"`+[^`]*`+|\$\$.+?\$\$|(?<![\\$])\$(?! )(?:[^$\n]|\n(?!\n))+?(?<![ \\])\$(?!\d)", re.S)
_PLACE = re.compile(r"\ue000(\d+)\ue001")
"""Where a formula was: two characters of private use around its number."""

_DISPLAYED = Markup('<span class="displayed" tabindex="0" role="group" aria-label="formula">{}</span>')
"""A formula on a line of its own, which is scrolled where the page is narrow."""


@lru_cache(64)
def as_html(text: str) -> Markup:
    """The text; what its author wrote as HTML is shown as it was written."""
    formulas: list[Markup] = []

    def kept(found: re.Match[str]) -> str:
        if found[0].startswith("`"):
            return found[0]
        shown = mathml.typeset(found[0])
        formulas.append(_DISPLAYED.format(shown) if found[0].startswith("$$") else shown)
        return f"\ue000{len(formulas) - 1}\ue001"

    text = re.sub("[\ue000\ue001]", "", text)
    made = MarkdownIt("commonmark", {"html": False}).disable("image").enable("table").render(_FORMULA.sub(kept, text))
    return Markup(_PLACE.sub(lambda found: str(formulas[int(found[1])]), made))  # escaped by the parser and `typeset`
