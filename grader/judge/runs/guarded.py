"""Assignments in functions that raised: later runs continue after them, with right values in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader.instrument.name_matching import spelled_in
from grader.instrument.site import Site
from grader.judge.matching.align import Scene
from grader.runner.types import Raised
from grader.submission.spans import lines_of


def guarded_sites(scene: Scene, sources: Sequence[str]) -> dict[str, Site]:
    """Per quantity, the assignment in a function that raised before it bound it at the given numbers. `sources` are the
    texts of the cells."""
    return dict(_raising(scene, sources))


def raised_at(scene: Scene, quantity: str) -> Raised:
    """The error that the guarded assignment of a quantity raised."""
    site = scene.guarded[quantity]
    return next(raised for raised in scene.traces[0].raised if _is_at(site, raised))


def _raising(scene: Scene, sources: Sequence[str]) -> Iterator[tuple[str, Site]]:
    quantities = {step.name for step in scene.quantities}
    for raised in scene.traces[0].raised:
        for site in scene.sites.all:
            if site.scope and site.kind in ("assign", "item") and _is_at(site, raised):
                names = _keys_of(site, sources) if site.kind == "item" else site.names
                meanings = [one for name in names if (one := scene.names.means(name)) is not None]
                # A key is read in one way: `grads["W1"]` is dW1.
                meant = meanings[:1] if site.kind == "item" else meanings
                yield from ((one.quantity, site) for one in meant if one.quantity in quantities)


def _is_at(site: Site, raised: Raised) -> bool:
    return site.cell == raised.at_cell and site.statement[0] <= raised.line <= site.statement[2]


_KEY = re.compile(r"""\[\s*["'](\w+)["']\s*\]\s*=""")


def _keys_of(site: Site, sources: Sequence[str]) -> tuple[str, ...]:
    """The ways to read the key that an entry is assigned to, `grads["W1"] = ...`."""
    if site.cell >= len(sources):
        return ()
    key = _KEY.search(lines_of(sources[site.cell])[site.statement[0] - 1])
    return () if key is None else spelled_in(site.owner, key[1])
