"""A place where a submission binds names: what grader and child know of it."""

from __future__ import annotations

from dataclasses import dataclass

NAME = "__grader__"
"""The one name added to a student's namespace."""

Position = tuple[int, int, int, int]
"""Line, column, end line, end column, as `ast` counts: columns in UTF-8 bytes from 0."""

Kind = str
"""assign, again, unpack, item, whole, touched, settled, appended, argument, parameter, returned, entry, keyword,
loop, typed, swept"""


@dataclass(frozen=True, slots=True)
class Site:
    """One place that binds. `names` are the bound names (`("dh2",)` of `self.dh2 = ...`), `owner` what they belong to
    ("self", "grads"), and `within` what that lies in (of `grads["h"][t] = ...` the owner is "h"); `scope` the qualified
    name of the function it stands in, "" at the top level.

    `value` is the range of the bound expression, `statement` that of the whole statement; `reads` the names the
    expression reads, `literal` whether it is made of constants alone, `blank` whether it is `...`, `copy` whether it
    only names what is there already (`t`, `cache.h`, `dh[0]`).
    `cell` and `top` number the cell and, within it, the top-level statement, from 0."""

    number: int
    kind: Kind
    names: tuple[str, ...]
    owner: str
    scope: str
    cell: int
    top: int
    value: Position
    statement: Position
    reads: frozenset[str]
    literal: bool
    copy: bool
    in_loop: bool
    blank: bool = False
    within: str = ""
