"""SVG drawings of a report: the computational graph, the picture of a derivative (a quantity as a function of another
one, with its true and its claimed tangent), the entries of an array.

The graph is laid out in layers, as Sugiyama, Tagawa and Toda ("Methods for visual understanding of hierarchical system
structures", 1981) do it: the layer of a quantity is its longest path from an input; edges over several layers get a
virtual node in each layer between; the order within the layers is improved by barycentres, up and down in turns.

Coordinates are CSS pixels. Colours come from the style sheet, so that drawings follow light, dark and print."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Literal

from grader.diagnosis.chain_rule.meaning import ScalarMeaning, StudentMeaning
from grader.diagnosis.chain_rule.numbers import as_number
from grader.diagnosis.chain_rule.rule import target_of
from grader.formula.evaluate import Environment, EvaluationError, execute
from grader.formula.syntax import Assign, Derivative, Expression, text
from grader.model import StepResult, Value
from grader.report.numbers import number

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
        for index, virtual in enumerate(chain[1:-1], layer[chain[0]] + 1):
            rows[index].append(virtual)
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
    return (edge.source, *(f"{edge.source} > {edge.target} {index}" for index in between), edge.target)


def _ordered(
    rows: list[list[str]], above: Mapping[str, Sequence[str]], below: Mapping[str, Sequence[str]]
) -> list[list[str]]:
    """The rows in the order with the fewest crossings that the sweeps came by."""
    best, fewest = [list(row) for row in rows], _crossings(rows, below)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        neighbours = above if down else below
        for index in range(1, len(rows)) if down else range(len(rows) - 2, -1, -1):
            fixed = {name: place for place, name in enumerate(rows[index - 1 if down else index + 1])}
            rows[index] = _by_barycentre(rows[index], neighbours, fixed)
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
        for index, left in enumerate(ends):
            for right in ends[index + 1 :]:
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


Direction = Literal["across", "down"]

NAMED, LINE, GAP = 34, 14, 26
"""Height of a node with its name, of each further line in it, and the least distance between nodes, in pixels."""

CHARACTER, SMALL = 8.2, 6.8
"""Width of a character of a node's name, and of one of its further lines, in pixels."""


SHORT = 5
"""Maximum number of characters of a label that stands on its edge; a longer one stands above it."""


Centre = Callable[[int, float], tuple[float, float]]


PLOT_WIDTH, PLOT_HEIGHT = 360.0, 220.0


MAX_ENTRIES = 400
"""Maximum number of entries that are drawn."""

SAMPLES = 161
"""Number of points of a curve, over the whole width."""

STEP = 1e-5
"""Half the distance of the two values whose quotient is the numerical slope, relative to the scale."""


@dataclass(frozen=True, slots=True)
class Box:
    """A node as drawn: its centre, its size, and where its name and the lines below that stand."""

    name: str
    x: float
    y: float
    width: float
    height: float
    baseline: float
    below: tuple[tuple[float, str], ...]

    @property
    def left(self) -> float:
        return self.x - self.width / 2

    @property
    def top(self) -> float:
        return self.y - self.height / 2


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


def drawn(
    layout: GraphLayout, below: Mapping[str, Sequence[str]], edges: Mapping[Edge, int], direction: Direction
) -> Drawing:
    """Place a layout. `below` are the lines below each name, `edges` the lengths of the edges' labels in characters."""
    widths = {name: _width(name, below[name]) for name in layout.layer}
    broadest = max(widths.values(), default=0.0)
    # All nodes are of one height, so that edges between layers of scalars and arrays stay level.
    height = NAMED + LINE * max(map(len, below.values()), default=0)
    if direction == "across":
        starts = _starts(layout, widths, edges)
        step = height + GAP

        def centre(layer: int, slot: float) -> tuple[float, float]:
            return starts[layer] + _widest(layout, widths, layer) / 2, slot * step + height / 2 + 8

        whole = starts[-1] + 4, layout.breadth * step + height + 16
    else:
        pitch = _narrowest(layout, widths)

        def centre(layer: int, slot: float) -> tuple[float, float]:
            return slot * pitch + broadest / 2 + 4, layer * (height + 46) + height / 2 + 8

        whole = layout.breadth * pitch + broadest + 8, (layout.layers - 1) * (height + 46) + height + 16
    boxes = {
        name: _box(name, centre(layer, layout.slot[name]), (widths[name], height), below[name])
        for name, layer in layout.layer.items()
    }
    lines = tuple(_line(edge, boxes, layout, centre, (direction, size)) for edge, size in edges.items())
    return Drawing(direction, *whole, tuple(boxes.values()), lines)


def _width(name: str, below: Sequence[str]) -> float:
    return max(max(3, len(name)) * CHARACTER, *(len(line) * SMALL for line in below), 0.0) + 22


def _box(name: str, centre: tuple[float, float], size: tuple[float, float], below: Sequence[str]) -> Box:
    """A node; its name and the lines below it stand in its middle."""
    x, y = centre
    width, height = size
    free = height - NAMED - LINE * len(below)
    lines = tuple((y - height / 2 + free / 2 + NAMED + LINE * number + 3, line) for number, line in enumerate(below))
    return Box(name, x, y, width, height, y - height / 2 + free / 2 + NAMED / 2 + 4.5, lines)


def _widest(layout: GraphLayout, widths: Mapping[str, float], layer: int) -> float:
    return max((widths[name] for name, one in layout.layer.items() if one == layer), default=0.0)


def _narrowest(layout: GraphLayout, widths: Mapping[str, float]) -> float:
    """The width of a slot with which neighbours in a layer, nodes and edges that pass, keep their distance."""
    rows: dict[int, list[tuple[float, float]]] = {}
    for name, layer in layout.layer.items():
        rows.setdefault(layer, []).append((layout.slot[name], widths[name]))
    for edge, bends in layout.bends.items():
        for layer, slot in enumerate(bends, layout.layer[edge.source] + 1):
            rows.setdefault(layer, []).append((slot, 0.0))
    pairs = (pair for row in rows.values() for pair in pairwise(sorted(row)))
    return max((((one + other) / 2 + GAP) / (right - left) for (left, one), (right, other) in pairs), default=1.0)


def _starts(layout: GraphLayout, widths: Mapping[str, float], edges: Mapping[Edge, int]) -> list[float]:
    """Where each layer begins, and where the last one ends: between layers there is room for the edges' labels."""
    starts = [4.0]
    for layer in range(layout.layers):
        room = max((size for edge, size in edges.items() if layout.layer[edge.target] == layer + 1), default=0)
        starts.append(starts[-1] + _widest(layout, widths, layer) + max(44.0, room * 6.6 + 22))
    starts[-1] = starts[-2] + _widest(layout, widths, layout.layers - 1)
    return starts


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
        points = [(source.x, source.top + source.height), *between, (target.x, target.top - 7)]
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


def plotted(picture: Tangent) -> Plot:
    """Scale a picture so that the curve fills it; a tangent that leaves it is cut at its edge."""
    xs = [x for x, _ in picture.curve]
    ys = [y for _, y in picture.curve]
    low, high = min(ys), max(ys)
    margin = 0.12 * (high - low) or max(abs(high), 1.0) * 0.5
    low, high = low - margin, high + margin
    left, right = xs[0], xs[-1]

    def place(x: float, y: float) -> tuple[float, float]:
        return (x - left) / (right - left) * PLOT_WIDTH, (high - y) / (high - low) * PLOT_HEIGHT

    def line(slope: float) -> str:
        ends = _clipped(picture, slope, (left, right), (low, high))
        return "M" + "L".join(_pair(place(*end)) for end in ends)

    at = place(picture.x, picture.y)
    return Plot(
        PLOT_WIDTH,
        PLOT_HEIGHT,
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


def entries(got: Value, expected: Value | None) -> tuple[DrawnEntry, ...] | None:
    """The entries of an array; None for a number, and for a large array. The last two axes are rows and columns; of
    more, the blocks of the third last stand side by side, and those of the others below each other."""
    if not got.shape or not 0 < got.size <= MAX_ENTRIES:
        return None
    values = got.numbers()
    right = expected.numbers() if expected is not None and expected.shape == got.shape else None
    largest = max((abs(one) for one in values if math.isfinite(one)), default=0.0) or 1.0
    close = 1e-5 * max(map(abs, right), default=0.0) if right is not None else 0.0
    made = []
    for place, (index, one) in enumerate(zip(product(*map(range, got.shape)), values, strict=True)):
        wrong = right is not None and not abs(one - right[place]) <= close
        said = f"{list(index)}: {number(one)}"
        if wrong and right is not None:
            said += f", where autograd gives {number(right[place])}"
        level = one / largest if math.isfinite(one) else 0.0
        made.append(DrawnEntry(*_position(index, got.shape), level, wrong, said))
    return tuple(made)


def _position(index: Sequence[int], shape: Sequence[int]) -> tuple[int, int]:
    """The column and the row of an entry; between two blocks one of each is left empty."""
    *outer, rows, columns = (1, 1, *shape)
    *blocks, row, column = (0, 0, *index)
    below = 0
    for place, size in zip(blocks[:-1], outer[:-1], strict=True):
        below = below * size + place
    return blocks[-1] * (columns + 1) + column, below * (rows + 1) + row


def shade(level: float) -> str:
    """The class of an entry by its size and sign: `p0` to `p4`, `n1` to `n4`."""
    size = min(4, math.ceil(abs(level) * 4 - 1e-9))
    return f"{'n' if level < 0 and size else 'p'}{size}"


def extent(cells: Sequence[DrawnEntry]) -> tuple[int, int]:
    """Columns and rows."""
    return max(one.x for one in cells) + 1, max(one.y for one in cells) + 1


@dataclass(frozen=True, slots=True)
class Tangent:
    """`curve` are the points (x, f(x)) around `x`; slopes are at `x`: of autograd, of the student, and numerical."""

    of: Expression
    by: Expression
    x: float
    y: float
    curve: tuple[tuple[float, float], ...]
    true: float
    claimed: float
    numerical: float


def tangent(
    step: StepResult, quantity: Expression, program: Sequence[Assign], inputs: Mapping[str, Value]
) -> Tangent | None:
    """The picture of a step d(of)/d(by) between single numbers, at `inputs`; None if it is no such step, or a value is
    missing. `program` has loops unrolled."""
    if not isinstance(quantity, Derivative) or quantity.via is not None or quantity.partial:
        return None
    claimed, true = _number(step.got), _number(step.expected)
    if claimed is None or true is None or not math.isfinite(claimed) or any(value.shape for value in inputs.values()):
        return None
    start = _at(quantity.by, None, quantity.by, program, inputs)
    here = None if start is None else _at(quantity.of, None, quantity.by, program, inputs)
    if start is None or here is None:
        return None
    scale = max(abs(start), 0.5)
    apart = STEP * scale
    ends = [_at(quantity.of, start + side * apart, quantity.by, program, inputs) for side in (1, -1)]
    points = [start + 1.6 * scale * (2 * k / (SAMPLES - 1) - 1) for k in range(SAMPLES)]
    values = [(x, _at(quantity.of, x, quantity.by, program, inputs)) for x in points]
    curve = tuple((x, y) for x, y in values if y is not None and math.isfinite(y))
    if ends[0] is None or ends[1] is None or len(curve) < SAMPLES // 2:
        return None
    numerical = (ends[0] - ends[1]) / (2 * apart)
    return Tangent(quantity.of, quantity.by, start, here, curve, true, claimed, numerical)


def _number(value: object) -> float | None:
    return float(as_number(value)) if isinstance(value, Value) and value.shape == () else None


def _at(
    wanted: Expression, put: float | None, by: Expression, program: Sequence[Assign], inputs: Mapping[str, Value]
) -> float | None:
    """The value of `wanted` if `by` has the value `put`, None: its own; None if the program has no value there."""
    environment = Environment({name: as_number(value) for name, value in inputs.items()})
    meaning: StudentMeaning = ScalarMeaning()
    if put is not None and text(by) in environment.values:
        environment.values[text(by)] = put
    try:
        for statement in program:
            execute(statement, environment, meaning)
            if put is not None and text(target_of(statement)) == text(by):
                _set(statement, put, environment)
        return float(_get(wanted, environment))
    except (EvaluationError, ArithmeticError, ValueError, TypeError, KeyError, IndexError):
        return None


def _set(statement: Assign, put: float, environment: Environment) -> None:
    match statement.keys:
        case ():
            environment.values[statement.name] = put
        case _:
            elements = environment.elements[statement.name]
            elements[next(index for index in elements if text(target_of(statement)).endswith(f"[{index}]"))] = put


def _get(wanted: Expression, environment: Environment) -> float:
    name, bracket, rest = text(wanted).partition("[")
    if not bracket:
        return float(environment.values[name])
    return float(environment.elements[name][int(rest.removesuffix("]"))])
