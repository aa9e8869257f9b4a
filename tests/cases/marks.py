"""What is expected of a submission, written on its lines after `#>`.

    dh1 = w_h * dh2raw                     #> dh1 unjudged raised
    dh2_raw = (1 - h2_raw**2) * dh2        #> dh2_raw wrong, first; code tanh-derivative-on-pre-activation; put h2
    dw_h = h1 * dh2_raw + h0 * dh1_raw     #> dw_h carried by dh2_raw

A mark is `NAME OUTCOME [REASON] [by NAME, ...][, first]`, and may go on with `; code CODE` (the misconception that is
to be named) or `; unnamed` (none is), and with `; put TEXT` (what is to be put where the diagnosis points).
`first` says that this is the first error; `#> first NAME` says it alone. Several marks may stand on one line. On a line
of its own (`# #> da[3] wrong`) a mark says nothing of the place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MARK = re.compile(
    r"(?P<name>[\w\[\]]+)\s+(?P<outcome>\w+)(?:\s+(?P<reason>(?!by\b)\w+))?"
    r"(?:\s+by\s+(?P<by>[\w ,\[\]]+?))?(?P<first>,\s*first)?"
    r"(?:;\s*(?:code\s+(?P<code>[\w-]+)|(?P<unnamed>unnamed)))?(?:;\s*put\s+(?P<put>.+))?"
)


@dataclass(frozen=True)
class Expected:
    """`code` is None where nothing is said of the name, "" where there must be none."""

    name: str
    outcome: str
    reason: str | None
    by: tuple[str, ...]
    line: int | None
    code: str | None = None
    put: str | None = None


def expectations(text: str) -> tuple[dict[str, Expected], str | None]:
    """The marks of a submission by name, and the name of the first error."""
    found, first = {}, None
    for number, line in enumerate(text.splitlines(), 1):
        code, *marks = line.split("#>")
        for written in map(str.strip, marks):
            if named := re.fullmatch(r"first (\S+)", written):
                first = named[1]
                continue
            mark = MARK.fullmatch(written)
            assert mark, f"cannot read the expectation in {line!r}"
            by = tuple(name.strip() for name in (mark["by"] or "").split(",") if name.strip())
            place = None if code.strip() in ("", "#") else number
            named_as = "" if mark["unnamed"] else mark["code"]
            name = mark["name"]
            found[name] = Expected(name, mark["outcome"], mark["reason"], by, place, named_as, mark["put"])
            if mark["first"]:
                first = name
    return found, first
