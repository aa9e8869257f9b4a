"""The layout of a graph: sources before targets, nothing on top of something else, few crossings."""

from __future__ import annotations

from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from grader.html.drawing import Edge, GraphLayout, laid_out

NAMES = [f"q{number}" for number in range(14)]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[str], list[Edge]]:
    names = NAMES[: draw(st.integers(1, len(NAMES)))]
    pairs = list(combinations(names, 2))
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=25)) if pairs else []
    return names, [Edge(*pair) for pair in chosen]


@given(graphs())
def test_every_edge_leads_to_a_later_layer(graph: tuple[list[str], list[Edge]]) -> None:
    layout = laid_out(*graph)

    assert all(layout.layer[edge.source] < layout.layer[edge.target] for edge in graph[1])
    assert set(layout.layer) == set(layout.slot) == set(graph[0])


@given(graphs())
def test_nodes_and_bends_of_a_layer_are_one_apart_at_least(graph: tuple[list[str], list[Edge]]) -> None:
    layout = laid_out(*graph)

    for layer in range(layout.layers):
        places = sorted(places_in(layout, layer))
        assert all(other - one > 1 - 1e-9 for one, other in pairwise(places))
        assert all(-1e-9 <= place <= layout.breadth + 1e-9 for place in places)


def places_in(layout: GraphLayout, layer: int) -> list[float]:
    nodes = [layout.slot[name] for name, one in layout.layer.items() if one == layer]
    bends = [
        bend
        for edge, places in layout.bends.items()
        for number, bend in enumerate(places, layout.layer[edge.source] + 1)
        if number == layer
    ]
    return nodes + bends


def test_an_input_stands_right_before_its_first_reader() -> None:
    edges = [Edge("x", "a"), Edge("a", "b"), Edge("b", "y"), Edge("w", "y")]

    layout = laid_out(["x", "w", "a", "b", "y"], edges)

    assert layout.layer == {"x": 0, "a": 1, "b": 2, "w": 2, "y": 3}


def test_a_chain_is_a_straight_line() -> None:
    names = NAMES[:6]

    layout = laid_out(names, [Edge(*pair) for pair in pairwise(names)])

    assert [layout.layer[name] for name in names] == [0, 1, 2, 3, 4, 5]
    assert set(layout.slot.values()) == {0.0}


def test_two_parallel_chains_do_not_cross() -> None:
    edges = [Edge("a", "d"), Edge("b", "c"), Edge("c", "y"), Edge("d", "y")]

    layout = laid_out(["a", "b", "c", "d", "y"], edges)

    assert (layout.slot["a"] < layout.slot["b"]) == (layout.slot["d"] < layout.slot["c"])
