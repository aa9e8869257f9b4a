"""Order cells as a reactive notebook runs them: after the cells that bind the names they read."""

from __future__ import annotations

import heapq
import symtable
import warnings
from collections.abc import Sequence

from grader.model import Cell


def in_order(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Sort the cells topologically, otherwise in their given order. Cells in cycles keep that order, at the end."""
    names = [_names(cell.source) for cell in cells]
    makers: dict[str, list[int]] = {}
    for number, (bound, _) in enumerate(names):
        for name in bound:
            makers.setdefault(name, []).append(number)
    needs = [{maker for name in read for maker in makers.get(name, ())} - {own} for own, (_, read) in enumerate(names)]
    return tuple(cells[number] for number in _sorted(needs))


def _sorted(needs: list[set[int]]) -> list[int]:
    """The numbers of all cells in topological order; of several possible next ones, the lowest."""
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
    """The names a cell binds for other cells, and those it reads from them. A name that begins with `_` is local."""
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
