"""Cells in the order in which a reactive notebook runs them: after those that bind the names they read."""

from __future__ import annotations

import heapq
import symtable
import warnings
from collections.abc import Sequence

from grader.model import Cell


def in_order(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """The cells, each behind all that it needs and else as they stand. Where they need one another, as they stand."""
    names = [_names(cell.source) for cell in cells]
    makers: dict[str, list[int]] = {}
    for number, (bound, _) in enumerate(names):
        for name in bound:
            makers.setdefault(name, []).append(number)
    needs = [{maker for name in read for maker in makers.get(name, ())} - {own} for own, (_, read) in enumerate(names)]
    return tuple(cells[number] for number in _sorted(needs))


def _sorted(needs: list[set[int]]) -> list[int]:
    """The numbers of all cells, each behind those it needs; of several that could come next, the first."""
    readers: list[list[int]] = [[] for _ in needs]
    for number, needed in enumerate(needs):
        for maker in needed:
            readers[maker].append(number)
    waiting = [len(needed) for needed in needs]
    ready = [number for number, count in enumerate(waiting) if not count]
    done: list[int] = []
    while ready:
        number = heapq.heappop(ready)
        done.append(number)
        for reader in readers[number]:
            waiting[reader] -= 1
            if not waiting[reader]:
                heapq.heappush(ready, reader)
    return [*done, *sorted(set(range(len(needs))) - set(done))]


def _names(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names a cell binds for the others, and those it reads of them. One that begins with `_` is its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        top = symtable.symtable(source, "<cell>", "exec")
    symbols = top.get_symbols()
    bound = frozenset(one.get_name() for one in symbols if one.is_assigned() or one.is_imported())
    read = {one.get_name() for one in symbols if one.is_referenced()}
    inner = list(top.get_children())
    while inner:
        table = inner.pop()
        inner += table.get_children()
        read |= {one.get_name() for one in table.get_symbols() if one.is_global() and one.is_referenced()}
    return frozenset(name for name in bound if not name.startswith("_")), frozenset(read - bound)
