"""Derivatives as books write them, in the notation of `steps`."""

from __future__ import annotations

import re

_FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_D = re.compile(r"∂|\\partial\b|\\mathrm\s*\{d\}")
_LEIBNIZ = re.compile(r"\s*d\s*([A-Za-z]\w*)\s*/\s*\(?\s*d\s*([A-Za-z]\w*)\s*\)?\s*")
_GRADIENT = re.compile(r"grad\w*\s*\(\s*([A-Za-z]\w*)\s*,\s*([A-Za-z]\w*)\s*\)")


def as_steps_write_it(text: str) -> str | None:
    r"""`d(y)/d(h)` for `∂y/∂h`, `\frac{dy}{dh}` or `grad(y, h)`; None if the text is no such derivative."""
    if found := _GRADIENT.fullmatch(text.strip()):
        return f"d({found[1]})/d({found[2]})"
    plain = _FRACTION.sub(r"\1/\2", _D.sub("d", text.replace("$", "")))
    found = _LEIBNIZ.fullmatch(plain)
    return f"d({found[1]})/d({found[2]})" if found and plain.strip() != text.strip() else None
