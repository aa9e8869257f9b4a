"""The program of an exercise as a graph, with the local derivative on each edge."""

from __future__ import annotations

from grader.diagnosis.chain_rule.chain import Derivation
from grader.diagnosis.chain_rule.rule import target_of
from grader.exercise.types import Exercise
from grader.formula.build import ONE
from grader.formula.syntax import Assign, Expression, text
from grader.formula.vjp import jvp
from grader.html.drawing import Drawing, drawn
from grader.html.graph import Edge, laid_out
from grader.model import Result

LONGEST_LABEL = 18
"""Maximum number of characters of a local derivative that is written on its edge."""

MOST_NODES = 120
"""Maximum number of quantities that are drawn; a larger graph could not be read."""


def drawings_of(
    exercise: Exercise, derivation: Derivation | None, result: Result
) -> tuple[tuple[Drawing, dict[Edge, str]], ...]:
    """The graph in both directions, and the local derivative on each edge."""
    if derivation is None:
        return ()
    statements = derivation.statements
    edges: dict[Edge, str] = {}
    whole = {one.name for one in statements if not one.keys}

    def node(statement: Assign) -> str:
        # An array that is filled entry by entry is one quantity.
        return statement.name if statement.name in whole else text(target_of(statement))

    for statement in statements:
        for source in derivation.sources(statement):
            edge = Edge(text(source), node(statement))
            if edge.source != edge.target:
                told = result.shows("diagnosis.rule") and not (statement.keys and statement.name in whole)
                edges[edge] = _local(statement, source, derivation) if told else ""
    read = {edge.source for edge in edges}
    names = [one.name for one in exercise.inputs if one.name in read]
    names += dict.fromkeys(map(node, statements))
    known = set(names)
    edges = {edge: label for edge, label in edges.items() if edge.source in known}
    if not names or len(names) > MOST_NODES or len(known) < len(names):
        return ()
    layout = laid_out(names, list(edges))
    labels = {name: len(name) for name in names}
    sizes = {edge: len(label) for edge, label in edges.items()}
    return tuple((drawn(layout, labels, sizes, direction), edges) for direction in ("across", "down"))


def _local(statement: Assign, source: Expression, derivation: Derivation) -> str:
    """The local derivative as short text; "" for arrays, where it is no single factor."""
    if derivation.shape(target_of(statement)) or derivation.shape(source):
        return ""
    found = jvp(statement.value, target_of(statement), source, ONE)
    if found is None:
        return ""
    written = text(found)
    return written if len(written) <= LONGEST_LABEL else ""
