"""A site: a place in the source where a submission binds names, as grader and child know it."""

from __future__ import annotations

from dataclasses import dataclass

NAME = "__grader__"
"""The only name added to a student's namespace."""

Position = tuple[int, int, int, int]
"""Line, column, end line, end column, as in `ast`: columns in UTF-8 bytes from 0."""

Kind = str
"""assign, again, unpack, item, whole, touched, settled, appended, argument, parameter, returned, entry, keyword, loop,
typed, swept"""


@dataclass(frozen=True, slots=True)
class Site:
    """One place that binds. `names` are the bound names (`("dh2",)` for `self.dh2 = ...`), `owner` the object they
    belong to ("self", "grads"), and `within` the container of the owner (in `grads["h"][t] = ...` the owner is "h" and
    `within` is "grads"); `scope` is the qualified name of the enclosing function, "" at the top level.

    `value` is the range of the bound expression, `statement` that of the whole statement; `reads` the names that the
    expression reads, `literal` whether it consists of constants alone, `blank` whether it is `...`, `copy` whether it
    only names an existing value (`t`, `cache.h`, `dh[0]`). `cell` and `top` number the cell and, within it, the
    top-level statement, from 0."""

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
