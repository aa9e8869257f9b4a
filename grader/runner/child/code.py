"""A submission in the child: code objects per statement, and its sites."""

from __future__ import annotations

import base64
import builtins
import marshal
from collections.abc import Mapping
from types import CodeType
from typing import NamedTuple

from grader.instrument.site import Site


class Code(NamedTuple):
    """One cell; `sites` are those of each statement. A statement that could not be compiled is the error it will
    raise."""

    name: str
    statements: tuple[CodeType | Exception, ...]
    sites: tuple[tuple[Site, ...], ...]


def sites_of(packed: str) -> dict[int, Site]:
    """All sites by number."""
    return {site.number: site for site in (Site(*fields) for fields in marshal.loads(base64.b64decode(packed)))}


def cells_of(packed: str, sites: Mapping[int, Site]) -> tuple[Code, ...]:
    """The cells of a program."""
    made = []
    for number, (name, statements) in enumerate(marshal.loads(base64.b64decode(packed))):
        by_statement: list[list[Site]] = [[] for _ in statements]
        for site in sites.values():
            if site.cell == number:
                by_statement[site.top].append(site)
        ready = (one if isinstance(one, CodeType) else getattr(builtins, one[0])(one[1]) for one in statements)
        made.append(Code(name, tuple(ready), tuple(map(tuple, by_statement))))
    return tuple(made)
