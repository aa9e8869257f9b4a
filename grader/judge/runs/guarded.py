"""Statements in functions and loops that raised: later runs continue after them, with other values in their place. A
blank, `...`, is such a statement too where what follows it raised.

First the natural runs are made again with values that are not numbers there, so that everything after them is bound;
forced runs put the right values there."""

from __future__ import annotations

import ast
import re
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from grader.instrument.name_matching import spelled_in
from grader.instrument.nodes import built_by, names_of, position_of
from grader.instrument.site import Site
from grader.judge.matching.types import Guarded, Scene
from grader.model import Observed, Value
from grader.runner.types import Raised, Sites, Trace, Unknown
from grader.runner.wire import IN_PLACE_OF_ERROR
from grader.syntax_trees import nodes_of, shared_tree

NOT_ITS_OWN = re.compile(
    r"(ModuleNotFoundError|ImportError|MemoryError|RecursionError|TimeoutError|EOFError|KeyboardInterrupt"
    r"|\w*OSError|FileNotFoundError|PermissionError|ConnectionError|URLError|HTTPError"
    r"|AttributeError: module )"
)
"""Errors for which the machine, another file or another version of a library is to blame."""

_OF_NO_VALUE = re.compile("NameError|UnboundLocalError")
"""Errors that the line has whatever the values are that it reads."""

BLANK = "ellipsis"
"""Python's name of the type of `...`, a blank that is not filled in, which its error messages use too."""


def guarded_in(scene: Scene, sources: Sequence[str]) -> dict[str, Guarded]:
    """Per quantity, the statement that raised before it bound the quantity, or built it completely, at the given
    numbers, or the blank that was bound to it. `sources` are the texts of the cells."""
    found: dict[str, Guarded] = {}
    for raised in _own(scene):
        # The first that raised stopped the function; what raised later may only lack what it returns.
        found = (
            _meant(scene, _blanks(scene, sources, raised)) or _meant(scene, _raising(scene, sources, raised))
        ) | found
    return found


def stopped_in(scene: Scene, sources: Sequence[str]) -> tuple[Guarded, ...]:
    """The statements that raised before they bound a local of the student's own, at the given numbers: it is a blank
    from there on, and what reads it raises in its turn."""
    found = (one for raised in _own(scene) for one in _raising(scene, sources, raised))
    known = {one.site.number for one in scene.stopped}
    return tuple(
        one
        for one, names in found
        if one.site.number not in known and not any(scene.names.means(name) for name in names)
    )


def _own(scene: Scene) -> Iterator[Raised]:
    """What raised at the given numbers, but for what mending the line would not help."""
    return (one for one in scene.traces[0].raised if not NOT_ITS_OWN.match(one.error))


def _meant(scene: Scene, statements: Iterable[tuple[Guarded, tuple[str, ...]]]) -> dict[str, Guarded]:
    """The statements by the quantities that they bind, but for those that go on with a value already."""
    found: dict[str, Guarded] = {}
    quantities = {step.name for step in scene.quantities} - scene.guarded.keys()
    for one, names in statements:
        meant = [meaning.quantity for name in names if (meaning := scene.names.means(name)) is not None]
        # A key is read in one way: `grads["W1"]` is dW1.
        found.update((name, one) for name in meant[:1] if name in quantities)
        if one.site.in_loop:
            members = (step.name for step in scene.quantities if step.family in meant[:1])
            found.update((name, one) for name in members if name in quantities)
    return found


def unknown(guarded: Mapping[str, Guarded], stopped: Iterable[Guarded], values: Mapping[str, Value]) -> Unknown:
    """What guarded statements bind in natural runs: no numbers, in the shapes of the right `values`; and a blank for
    each local in `stopped`."""
    blanks: dict[int, tuple[str, Value | None]] = {one.site.number: ("", None) for one in stopped}
    return blanks | {
        one.site.number: (one.label, replace(values[name], data=_NO_NUMBER * values[name].size))
        for name, one in guarded.items()
    }


_NO_NUMBER = struct.pack("<d", float("nan"))


def is_unknown(value: Observed | None) -> bool:
    """Whether a value is what a guarded statement binds in a natural run, or what was made of it."""
    return isinstance(value, Value) and bool(value.size) and value.data == _NO_NUMBER * value.size


def raised_for_want_of(raised: Sequence[Raised], replaced: Sequence[Site], sites: Sites) -> bool:
    """Whether an error may be due to what stands in the place of values. It is not if the line has it whatever it
    reads, or stands in the function of the `replaced` sites, binds something there, and reads nothing that they bind,
    be it through other names."""
    open_ = [one for one in raised if BLANK not in one.error and not _OF_NO_VALUE.match(one.error)]
    if not open_:
        return False
    unknown_names = {name for site in replaced for name in (*site.names, site.owner, site.within) if name}
    grew = True
    while grew:
        bound = {name for site in sites.all if site.reads & unknown_names for name in (*site.names, site.owner) if name}
        grew = not bound <= unknown_names
        unknown_names |= bound
    scopes = {(site.cell, site.scope) for site in replaced if site.scope}
    return not all(_is_read_apart(one, unknown_names, scopes, sites) for one in open_)


def _is_read_apart(raised: Raised, names: set[str], scopes: set[tuple[int, str]], sites: Sites) -> bool:
    """Whether a statement that raised binds something in one of these functions, and reads none of these names."""
    here = [
        site
        for site in sites.all
        if (site.cell, site.scope) in scopes
        and site.cell == raised.at_cell
        and site.statement[0] <= raised.line <= site.statement[2]
        and site.reads
    ]
    return bool(here) and all(names.isdisjoint(site.reads) for site in here)


def reached_by(trace: Trace) -> frozenset[int]:
    """The sites of the guarded statements that raised in a run."""
    return frozenset(one.site for one in trace.events if one.occurrence == IN_PLACE_OF_ERROR or is_unknown(one.value))


def _blanks(scene: Scene, sources: Sequence[str], raised: Raised) -> Iterator[tuple[Guarded, tuple[str, ...]]]:
    """The blanks in functions and loops that were reached, and the ways to read the names of what they bind."""
    reached = dict.fromkeys(scene.sites[event.site] for event in scene.traces[0].events)
    for site in reached:
        if site.blank and site.cell < len(sources):
            yield from _at(scene, sources[site.cell], site.cell, site.statement[0], raised)


def _raising(scene: Scene, sources: Sequence[str], raised: Raised) -> Iterator[tuple[Guarded, tuple[str, ...]]]:
    """The statements at the line that raised, and the ways to read the name of what they bind."""
    if raised.at_cell < len(sources):
        yield from _at(scene, sources[raised.at_cell], raised.at_cell, raised.line, raised)


def _at(scene: Scene, source: str, cell: int, line: int, raised: Raised) -> Iterator[tuple[Guarded, tuple[str, ...]]]:
    """The statements at a line that can be gone on after, and the ways to read the name of what they bind."""
    before = {name: one.raised for one in scene.stopped if one.site.cell == cell for name in one.site.names}
    for node in nodes_of(shared_tree(source)):
        if not isinstance(node, ast.stmt) or not node.lineno <= line <= (node.end_lineno or node.lineno):
            continue
        if (built := built_by(node)) is None:
            continue
        place = cell, position_of(node)
        here = [one for one in scene.sites.all if (one.cell, one.statement) == place and one.kind != "settled"]
        if len(here) <= built.element:
            continue
        label, owner = names_of(built.holder)
        meant = [meaning.quantity for name in spelled_in(owner, label) if (meaning := scene.names.means(name))]
        family = not scene.names.indices.keys().isdisjoint(meant[:1])
        site = here[0 if family else built.element]
        # A quantity that a loop binds anew in each pass is a number for each row, say.
        whole = built.continues or family or not meant
        if site.scope or (site.in_loop and whole):
            cause = next((before[name] for name in before if name in site.reads), raised)
            yield Guarded(site, cause, "" if site.names else label, built.continues), spelled_in(owner, label)
