"""What the grader tells a child, as bodies of frames: the setup, and the order for each run."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Mapping, Sequence

from grader.instrument.sites import Instrumented
from grader.model import Value
from grader.runner.budget import Allowance
from grader.runner.bytecode import Program, places
from grader.runner.floats import Floats, asks_for_half
from grader.runner.program_ends import Endings
from grader.runner.types import Order, Setup, SlopePerturbation
from grader.submission.reevaluation import NONLINEAR


def setup(told: Setup, cells: Sequence[Instrumented], program: Program) -> bytes:
    """Body of the SETUP frame: everything that stays the same in all runs."""
    labels = told.labels
    return json.dumps(
        {
            "file": told.file,
            "program": _text(program.packed()),
            "sites": _text(places(cells)),
            "inputs": dict(labels.inputs),
            "quantities": sorted(labels.quantities),
            "tracked": sorted(labels.tracked),
            "asked": [sorted(names) for names in labels.asked],
            "families": sorted(labels.families),
            "given": _values(told.given),
            "filled": dict(told.filled),
            "rebound": dict(told.rebound),
            "ends_when_asked": told.ends_when_asked,
            "memory": told.limits.memory,
            "packages": told.packages,
            "beside": bool(told.beside),
            "accelerators": told.accelerators,
            "halves": asks_for_half(told.sources),
            "unknown": [
                [site, {label: None} if value is None else _values({label: value})]
                for site, (label, value) in told.unknown.items()
            ],
        }
    ).encode()


def order(
    told: Order,
    allowed: Allowance,
    left_out: frozenset[tuple[int, int]],
    endings: Endings,
    noisy: bytes | None = None,
    floats: Floats = "double",
) -> bytes:
    """Body of a RUN frame: one run. `noisy` is the program to run in place of the one from the setup; None for the
    latter."""
    decisions = told.decisions
    return json.dumps(
        {
            "point": _values(told.inputs),
            "decisions": None if decisions is None else [[*place, name] for place, name in decisions.items()],
            "stops": sorted(told.stops),
            "supplied": [[cell, top, _values(names)] for (cell, top), names in told.supplied.items()],
            "whole": sorted(told.whole),
            "until": told.until,
            "scales": dict(told.scales),
            "floats": floats,
            "noise": told.noise,
            "noise_dtype": told.noise_dtype,
            "smooth": told.smooth,
            "perturbation": None if told.perturbation is None else _perturbation(told.perturbation),
            "program": None if noisy is None else _text(noisy),
            "observe": told.observe,
            "prompt": told.prompt,
            "seconds": allowed.cpu,
            "wall": allowed.wall,
            "left_out": sorted(left_out),
            "ends": None if endings.known is None else sorted(endings.known),
            "stopped": sorted(endings.stopped),
        }
    ).encode()


def _perturbation(told: SlopePerturbation) -> dict[str, object]:
    known = [(one.shape, struct.unpack(f"<{one.size}d", one.data)) for one in told.known]
    drawn = {"seed": told.seed, "apart": told.apart, "around": told.around, "functions": sorted(NONLINEAR)}
    return {"power": told.power, "near": told.near, "known": known, "scale": told.scale, "texts": told.texts, **drawn}


def _values(values: Mapping[str, Value]) -> dict[str, tuple[str, tuple[int, ...], str]]:
    return {
        name: ("int" if value.dtype == "int" else "float64", value.shape, _text(value.data))
        for name, value in values.items()
    }


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
