"""The computational graph of an exercise: its inputs and forward quantities, and which is computed from which.

It is laid out in layers, as Sugiyama, Tagawa and Toda ("Methods for visual understanding of hierarchical system
structures", 1981) do it: the layer of a quantity is its longest path from an input; edges over several layers get a
virtual node in each layer between; the order within the layers is improved by barycentres, up and down in turns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 24
"""How many times the layers are reordered; graphs of forty nodes no longer change after six."""


@dataclass(frozen=True, slots=True)
class Edge:
    """`source` is read by the formula of `target`."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class GraphLayout:
    """Layers of names from the inputs on. Slots within a layer are multiples of one node's breadth, from 0; `bends` are
    the slots at which an edge crosses the layers between its ends."""

    layer: Mapping[str, int]
    slot: Mapping[str, float]
    bends: Mapping[Edge, tuple[float, ...]]
    layers: int
    breadth: float


def laid_out(names: Sequence[str], edges: Sequence[Edge]) -> GraphLayout:
    """Lay out an acyclic graph; `names` are in an order in which sources come before targets."""
    layer = _layers(names, edges)
    chains = {edge: _chain(edge, layer) for edge in edges}
    rows: list[list[str]] = [[] for _ in range(max(layer.values(), default=0) + 1)]
    for name in names:
        rows[layer[name]].append(name)
    for chain in chains.values():
        for number, virtual in enumerate(chain[1:-1], layer[chain[0]] + 1):
            rows[number].append(virtual)
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for chain in chains.values():
        for one, other in pairwise(chain):
            below.setdefault(one, []).append(other)
            above.setdefault(other, []).append(one)
    rows = _ordered(rows, above, below)
    slot = _slots(rows, above, below)
    bends = {edge: tuple(slot[virtual] for virtual in chain[1:-1]) for edge, chain in chains.items()}
    breadth = max((slot[name] for row in rows for name in row), default=0.0)
    return GraphLayout(layer, {name: slot[name] for name in names}, bends, len(rows), breadth)


def _layers(names: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """The longest path from an input; an input stands right before the first quantity that reads it."""
    sources: dict[str, list[str]] = {}
    targets: dict[str, list[str]] = {}
    for edge in edges:
        sources.setdefault(edge.target, []).append(edge.source)
        targets.setdefault(edge.source, []).append(edge.target)
    found: dict[str, int] = {}
    for name in names:
        found[name] = max((found[source] + 1 for source in sources.get(name, ())), default=0)
    for name in names:
        if name not in sources and name in targets:
            found[name] = min(found[target] for target in targets[name]) - 1
    return found


def _chain(edge: Edge, layer: Mapping[str, int]) -> tuple[str, ...]:
    between = range(layer[edge.source] + 1, layer[edge.target])
    return (edge.source, *(f"{edge.source} > {edge.target} {number}" for number in between), edge.target)


def _ordered(
    rows: list[list[str]], above: Mapping[str, Sequence[str]], below: Mapping[str, Sequence[str]]
) -> list[list[str]]:
    """The rows in the order with the fewest crossings that the sweeps came by."""
    best, fewest = [list(row) for row in rows], _crossings(rows, below)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        neighbours = above if down else below
        for number in range(1, len(rows)) if down else range(len(rows) - 2, -1, -1):
            fixed = {name: place for place, name in enumerate(rows[number - 1 if down else number + 1])}
            rows[number] = _by_barycentre(rows[number], neighbours, fixed)
        crossed = _crossings(rows, below)
        if crossed < fewest:
            best, fewest = [list(row) for row in rows], crossed
    return best


def _by_barycentre(row: Sequence[str], neighbours: Mapping[str, Sequence[str]], fixed: Mapping[str, int]) -> list[str]:
    """The row sorted by the mean place of each one's neighbours; one without neighbours keeps its place."""

    def key(place: int) -> tuple[float, int]:
        places = [fixed[one] for one in neighbours.get(row[place], ()) if one in fixed]
        return (sum(places) / len(places) if places else float(place), place)

    return [row[place] for place in sorted(range(len(row)), key=key)]


def _crossings(rows: Sequence[Sequence[str]], below: Mapping[str, Sequence[str]]) -> int:
    total = 0
    for row, following in pairwise(rows):
        places = {name: place for place, name in enumerate(following)}
        ends = [sorted(places[one] for one in below.get(name, ()) if one in places) for name in row]
        for number, left in enumerate(ends):
            for right in ends[number + 1 :]:
                total += sum(one > other for one in left for other in right)
    return total


def _slots(
    rows: Sequence[Sequence[str]], above: Mapping[str, Sequence[str]], below: Mapping[str, Sequence[str]]
) -> dict[str, float]:
    """Slots that keep the order and pull each node towards the middle of its neighbours, one apart at least."""
    slot = {name: float(place) for row in rows for place, name in enumerate(row)}
    for sweep in range(SWEEPS):
        for row in rows if sweep % 2 == 0 else list(reversed(rows)):
            wanted = [_middle(name, slot, above, below) for name in row]
            for name, place in zip(row, _apart(wanted), strict=True):
                slot[name] = place
    least = min(slot.values(), default=0.0)
    return {name: place - least for name, place in slot.items()}


def _middle(
    name: str, slot: Mapping[str, float], above: Mapping[str, Sequence[str]], below: Mapping[str, Sequence[str]]
) -> float:
    near = [slot[one] for one in (*above.get(name, ()), *below.get(name, ()))]
    return sum(near) / len(near) if near else slot[name]


def _apart(wanted: Sequence[float]) -> list[float]:
    """The places nearest to `wanted` in the sense of least squares that are at least 1 apart, in the same order.

    Pool adjacent violators: shifted by their rank, the places must not decrease."""
    groups: list[tuple[float, int]] = []
    for rank, place in enumerate(wanted):
        total, size = place - rank, 1
        while groups and groups[-1][0] / groups[-1][1] > total / size:
            before, count = groups.pop()
            total, size = total + before, size + count
        groups.append((total, size))
    means = [total / size for total, size in groups for _ in range(size)]
    return [mean + rank for rank, mean in enumerate(means)]
