"""Assignments in functions that raised: later runs continue after them, with right values in their place."""

from __future__ import annotations

from collections.abc import Iterator

from grader.instrument.site import Site
from grader.judge.matching.align import Scene
from grader.runner.types import Raised


def guarded_sites(scene: Scene) -> dict[str, Site]:
    """Per quantity, the assignment in a function that raised before it bound it at the given numbers."""
    return {quantity: site for quantity, site, _ in _raising(scene)}


def raised_at(scene: Scene, quantity: str) -> Raised:
    """The error that the guarded assignment of a quantity raised."""
    return next(raised for name, _, raised in _raising(scene) if name == quantity)


def _raising(scene: Scene) -> Iterator[tuple[str, Site, Raised]]:
    quantities = {step.name for step in scene.quantities}
    for raised in scene.traces[0].raised:
        for site in scene.sites.all:
            if not site.scope or site.kind != "assign" or site.cell != raised.at_cell:
                continue
            if site.statement[0] <= raised.line <= site.statement[2]:
                meanings = (scene.names.means(name) for name in site.names)
                yield from ((one.quantity, site, raised) for one in meanings if one and one.quantity in quantities)
