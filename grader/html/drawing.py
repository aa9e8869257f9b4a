"""SVG drawings of a report: the computational graph, the picture of a derivative, the entries of an array.

Coordinates are CSS pixels. Colours come from the style sheet, so that drawings follow light, dark and print.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from grader.html.graph import Edge, GraphLayout
from grader.html.tangent import Tangent
from grader.model import Value
from grader.report.numbers import number

Direction = Literal["across", "down"]
HEIGHT, GAP = 34, 26
"""Height of a node and the least distance between nodes, in pixels."""

CHARACTER = 8.2
"""Width of a character of a node's label, in pixels."""


SHORT = 5
"""Maximum number of characters of a label that stands on its edge; a longer one stands above it."""


@dataclass(frozen=True, slots=True)
class Box:
    """A node as drawn: its centre, its width, and its class."""

    name: str
    x: float
    y: float
    width: float

    @property
    def left(self) -> float:
        return self.x - self.width / 2

    @property
    def top(self) -> float:
        return self.y - HEIGHT / 2


@dataclass(frozen=True, slots=True)
class DrawnEdge:
    """An edge as drawn: its path, and where its label stands."""

    edge: Edge
    path: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """A graph as drawn, in one direction."""

    direction: Direction
    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[DrawnEdge, ...]


def drawn(layout: GraphLayout, labels: Mapping[str, int], edges: Mapping[Edge, int], direction: Direction) -> Drawing:
    """Place a layout. `labels` are the lengths of the nodes' labels in characters, `edges` those of the edges'."""
    widths = {name: max(3, size) * CHARACTER + 22 for name, size in labels.items()}
    broadest = max(widths.values(), default=0.0)
    if direction == "across":
        starts = _starts(layout, widths, edges)
        step = HEIGHT + GAP

        def centre(layer: int, slot: float) -> tuple[float, float]:
            return starts[layer] + _widest(layout, widths, layer) / 2, slot * step + HEIGHT / 2 + 8

        whole = starts[-1] + 4, layout.breadth * step + HEIGHT + 16
    else:

        def centre(layer: int, slot: float) -> tuple[float, float]:
            return slot * (broadest + GAP) + broadest / 2 + 4, layer * (HEIGHT + 46) + HEIGHT / 2 + 8

        whole = layout.breadth * (broadest + GAP) + broadest + 8, (layout.layers - 1) * (HEIGHT + 46) + HEIGHT + 16
    boxes = {name: Box(name, *centre(layout.layer[name], layout.slot[name]), widths[name]) for name in layout.layer}
    lines = tuple(_line(edge, boxes, layout, centre, (direction, size)) for edge, size in edges.items())
    return Drawing(direction, *whole, tuple(boxes.values()), lines)


def _widest(layout: GraphLayout, widths: Mapping[str, float], layer: int) -> float:
    return max((widths[name] for name, one in layout.layer.items() if one == layer), default=0.0)


def _starts(layout: GraphLayout, widths: Mapping[str, float], edges: Mapping[Edge, int]) -> list[float]:
    """Where each layer begins, and where the last one ends: between layers there is room for the edges' labels."""
    starts = [4.0]
    for layer in range(layout.layers):
        room = max((size for edge, size in edges.items() if layout.layer[edge.target] == layer + 1), default=0)
        starts.append(starts[-1] + _widest(layout, widths, layer) + max(44.0, room * 6.6 + 22))
    starts[-1] = starts[-2] + _widest(layout, widths, layout.layers - 1)
    return starts


Centre = Callable[[int, float], tuple[float, float]]


def _line(
    edge: Edge, boxes: Mapping[str, Box], layout: GraphLayout, centre: Centre, drawn_as: tuple[Direction, int]
) -> DrawnEdge:
    direction, size = drawn_as
    source, target = boxes[edge.source], boxes[edge.target]
    layers = range(layout.layer[edge.source] + 1, layout.layer[edge.target])
    between = [centre(layer, slot) for layer, slot in zip(layers, layout.bends[edge], strict=True)]
    if direction == "across":
        points = [(source.left + source.width, source.y), *between, (target.left - 7, target.y)]
    else:
        points = [(source.x, source.y + HEIGHT / 2), *between, (target.x, target.top - 7)]
    path = f"M{_pair(points[0])}"
    for (x0, y0), (x1, y1) in pairwise(points):
        if direction == "across":
            middle = (x0 + x1) / 2
            path += f"C{_pair((middle, y0))} {_pair((middle, y1))} {_pair((x1, y1))}"
        else:
            middle = (y0 + y1) / 2
            path += f"C{_pair((x0, middle))} {_pair((x1, middle))} {_pair((x1, y1))}"
    (x0, y0), (x1, y1) = points[-2:]
    # A long label along an edge would be crossed by it where it bends.
    above = direction == "across" and size > SHORT
    return DrawnEdge(edge, path, (x0 + x1) / 2, min(y0, y1) - 6 if above else (y0 + y1) / 2 - 1)


def _pair(point: tuple[float, float]) -> str:
    return f"{point[0]:.1f},{point[1]:.1f}"


@dataclass(frozen=True, slots=True)
class Plot:
    """The picture of a derivative as drawn: paths in a box of `width` by `height`, and what the script needs to move
    the point: the curve's samples."""

    width: float
    height: float
    curve: str
    true: str
    claimed: str
    x: float
    y: float
    ticks: tuple[tuple[float, str], ...]
    levels: tuple[tuple[float, str], ...]


def plotted(picture: Tangent, width: float = 360.0, height: float = 220.0) -> Plot:
    """Scale a picture so that the curve fills it; a tangent that leaves it is cut at its edge."""
    xs = [x for x, _ in picture.curve]
    ys = [y for _, y in picture.curve]
    low, high = min(ys), max(ys)
    margin = 0.12 * (high - low) or max(abs(high), 1.0) * 0.5
    low, high = low - margin, high + margin
    left, right = xs[0], xs[-1]

    def place(x: float, y: float) -> tuple[float, float]:
        return (x - left) / (right - left) * width, (high - y) / (high - low) * height

    def line(slope: float) -> str:
        ends = _clipped(picture, slope, (left, right), (low, high))
        return "M" + "L".join(_pair(place(*end)) for end in ends)

    at = place(picture.x, picture.y)
    return Plot(
        width,
        height,
        "M" + "L".join(_pair(place(x, y)) for x, y in picture.curve),
        line(picture.true),
        line(picture.claimed),
        *at,
        tuple((place(x, 0)[0], number(x, 3)) for x in (left, picture.x, right)),
        tuple((place(0, y)[1], number(y, 3)) for y in (min(ys), max(ys))) if max(ys) > min(ys) else (),
    )


def _clipped(
    picture: Tangent, slope: float, across: tuple[float, float], up: tuple[float, float]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """The part of the line through the point with this slope that lies in the box."""
    ends = []
    for x in across:
        y = picture.y + slope * (x - picture.x)
        if slope and not up[0] <= y <= up[1]:
            y = min(max(y, up[0]), up[1])
            x = picture.x + (y - picture.y) / slope
        ends.append((x, y))
    return ends[0], ends[1]


@dataclass(frozen=True, slots=True)
class DrawnEntry:
    """An entry of an array as drawn: its place, how large it is (-1 to 1), whether it is wrong, and what it says."""

    x: int
    y: int
    level: float
    wrong: bool
    title: str


LARGEST = 400
"""Maximum number of entries that are drawn."""


def entries(got: Value, expected: Value | None) -> tuple[DrawnEntry, ...] | None:
    """The entries of an array of one or two axes; None for others, and for large ones."""
    if not 1 <= len(got.shape) <= 2 or not 0 < got.size <= LARGEST:
        return None
    columns = got.shape[-1]
    values = got.numbers()
    right = expected.numbers() if expected is not None and expected.shape == got.shape else None
    largest = max((abs(one) for one in values if math.isfinite(one)), default=0.0) or 1.0
    close = 1e-5 * max(map(abs, right), default=0.0) if right is not None else 0.0
    made = []
    for place, one in enumerate(values):
        wrong = right is not None and not abs(one - right[place]) <= close
        index = f"[{place}]" if len(got.shape) == 1 else f"[{place // columns}, {place % columns}]"
        said = f"{index}: {number(one)}"
        if wrong and right is not None:
            said += f", where autograd gives {number(right[place])}"
        level = one / largest if math.isfinite(one) else 0.0
        made.append(DrawnEntry(place % columns, place // columns, level, wrong, said))
    return tuple(made)


def shade(level: float) -> str:
    """The class of an entry by its size and sign: `p0` to `p4`, `n1` to `n4`."""
    size = min(4, math.ceil(abs(level) * 4 - 1e-9))
    return f"{'n' if level < 0 and size else 'p'}{size}"


def extent(cells: Sequence[DrawnEntry]) -> tuple[int, int]:
    """Columns and rows."""
    return max(one.x for one in cells) + 1, max(one.y for one in cells) + 1
