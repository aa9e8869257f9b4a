"""A site: a place in the source where a submission binds names, as grader and child know it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

NAME = "__grader__"
"""The only name added to a student's namespace."""

Position = tuple[int, int, int, int]
"""Line, column, end line, end column, as in `ast`: columns in UTF-8 bytes from 0."""

Kind = Literal[
    "assign", "again", "unpack", "item", "whole", "touched", "settled", "appended", "argument", "parameter", "returned",
    "entry", "keyword", "loop", "typed", "swept",
]  # fmt: skip
"""What binds at a site.

    assign      the whole of an expression: `x = e`, `(x := e)`, `def f`
    unpack      a part of one: `a, b = f()`
    again       a name that changes its own value: `x += e`
    item        an element, field or key: `h[t] = e`, `o.w = e`
    whole       the container of such an item, after the change
    touched     an object that a call may have changed: `np.add.at(dC, ix, g)`, `hs.append(e)`
    settled     an object changed under another name, at the end of the statement or loop: `row = dz[k]; row[:] = e`
    appended    what a call adds to a list: `hs.append(e)`
    argument    what a call gets that may keep it: `put(d, "x", e)`
    parameter   a parameter, when its function is called
    returned    what a function returns or yields
    entry       an entry of a dict that is written out: `{"w": e}`
    keyword     a keyword argument: `f(w=e)`
    loop        the target of a loop or comprehension
    typed       a number typed into an expression
    swept       names that are only found by a search of the namespace, after `exec`
"""

CHANGES: frozenset[Kind] = frozenset({"again", "whole", "touched", "settled"})
"""Kinds of sites that bind an existing value again, as a whole, after it was changed."""

BUILDS: frozenset[Kind] = CHANGES | {"item"}
"""`CHANGES`, and those that bind the changed element."""

ADDS: frozenset[Kind] = BUILDS | {"appended"}
"""`BUILDS`, and those that bind what is appended to a list."""


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
