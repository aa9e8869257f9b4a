"""Styles of cutting: notebooks and `# %%` scripts, with what else stands in their cells."""

from __future__ import annotations

import ast

from tests.styles.derivations import (
    Body,
    Derivation,
    DoesNotFit,
    Program,
    fresh,
    is_step,
    names_bound,
    names_read,
    parsed,
)
from tests.styles.in_place import zero
from tests.styles.layouts import Layout
from tests.styles.programs import functions


def _apart(one: Derivation) -> tuple[Body, ...]:
    """Given numbers, lines forwards, lines backwards, and the rest; functions asked for are a part each."""
    if not one.functions:
        return tuple(part for part in (one.before, one.forward, one.backward, one.after) if part)
    return tuple(
        part for part in ([*one.before], *([each] for each in functions(one)[len(one.before) :]), one.after) if part
    )


def _plain(one: Derivation) -> None:
    if one.functions:
        raise DoesNotFit


def three_cells(one: Derivation) -> Program:
    """A notebook of a few cells."""
    return Program(_apart(one), notebook=True)


def percent_script(one: Derivation) -> Program:
    """A script cut by `# %%`."""
    return Program(_apart(one))


def cell_for_each_line(one: Derivation) -> Program:
    """A notebook with a cell for every statement."""
    return Program(tuple([statement] for part in _apart(one) for statement in part), notebook=True)


def percent_for_each_line(one: Derivation) -> Program:
    """A script with `# %%` before every statement of the way back."""
    _plain(one)
    return Program((one.before, one.forward, *([statement] for statement in one.backward), *_some(one.after)))


def _some(body: Body) -> tuple[Body, ...]:
    return (body,) if body else ()


def zeros_in_a_cell(one: Derivation) -> Program:
    """Every step bound to zeros in one cell, and filled in later ones."""
    _plain(one)
    zeros = parsed(
        "\n".join(f"{name} = {zero(one, name)}" for name in one.asked if name == one.spelled(name)) or "pass"
    )
    return Program(
        (one.before, one.forward, zeros, *([part] for part in one.backward), *_some(one.after)), notebook=True
    )


def nothing_in_a_cell(one: Derivation) -> Program:
    """Every step bound to None in one cell, and filled in later ones."""
    _plain(one)
    empty = parsed("\n".join(f"{name} = None" for name in one.asked if name == one.spelled(name)) or "pass")
    return Program(
        (one.before, one.forward, empty, *([part] for part in one.backward), *_some(one.after)), notebook=True
    )


def _training(one: Derivation, more: str = "") -> Body:
    """A loop that goes forwards and backwards again and changes what there are gradients of."""
    _plain(one)
    given = {name for name in one.inputs if f"d{name}" in one.asked}
    changed = sorted(given - names_bound([*one.forward, *one.backward]))
    if not changed:
        raise DoesNotFit
    updates = "\n".join(f"    {name} = {name} - 0.01 * {one.spelled(f'd{name}')}" for name in changed)
    (loop,) = parsed(f"for turn in range(3):\n{updates}\n{more or '    pass'}")
    assert isinstance(loop, ast.For)
    loop.body = [*fresh(one.forward), *fresh(one.backward), *loop.body]
    return [loop]


def training_cell_afterwards(one: Derivation) -> Program:
    """A later cell that trains: it binds everything again."""
    return Program((one.before, one.forward, one.backward, _training(one)), notebook=True)


def training_at_the_end_of_a_script(one: Derivation) -> Program:
    """The same in a script without cells."""
    return Program(([*one.before, *one.forward, *one.backward, *_training(one)],))


def training_cell_that_raises(one: Derivation) -> Program:
    """A later cell that trains and ends with an error."""
    return Program((one.before, one.forward, one.backward, _training(one, "    history.append(turn)")), notebook=True)


def experiments_between(one: Derivation) -> Program:
    """Cells that try something and print it, between those of the steps."""
    _plain(one)
    cells: list[Body] = [one.before, one.forward]
    for place, statement in enumerate(one.backward):
        name = is_step(statement, one.asked)
        cells.append([statement])
        if name and place % 2:
            cells.append(parsed(f"tried = 2 * {name}\nprint({name!r}, tried)\ntried * 0"))
    return Program((*cells, *_some(one.after)), notebook=True)


def plots_afterwards(one: Derivation) -> Program:
    """Cells with a plot behind the derivation."""
    plot = "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3], [3, 1, 2])\nplt.title('loss')\nplt.show()"
    return Program((*_apart(one), parsed(plot)), notebook=True)


def repeated_in_one_cell(one: Derivation) -> Program:
    """Step by step first; then, in one cell, the whole way back once more."""
    _plain(one)
    return Program((one.before, one.forward, *([part] for part in one.backward), fresh(one.backward)), notebook=True)


def forward_repeated(one: Derivation) -> Program:
    """The lines forwards run once more in the cell of the way back."""
    _plain(one)
    again = fresh(one.forward)
    if names_bound(one.forward) & names_bound(one.backward):
        raise DoesNotFit
    return Program((one.before, one.forward, [*again, *one.backward], *_some(one.after)), notebook=True)


def looked_at(one: Derivation) -> Program:
    """Every line followed by the name alone, as in a console, or by its shape."""
    _plain(one)
    cells: list[Body] = [one.before, one.forward]
    for statement in one.backward:
        seen = sorted(names_bound(statement) & names_read(one.backward))
        cells.append([statement, *parsed("\n".join(f"{name}" for name in seen[:1]))])
    return Program((*cells, *_some(one.after)), notebook=True)


LAYOUTS: tuple[Layout, ...] = (
    three_cells,
    percent_script,
    cell_for_each_line,
    percent_for_each_line,
    zeros_in_a_cell,
    nothing_in_a_cell,
    training_cell_afterwards,
    training_at_the_end_of_a_script,
    training_cell_that_raises,
    experiments_between,
    plots_afterwards,
    repeated_in_one_cell,
    forward_repeated,
    looked_at,
)
