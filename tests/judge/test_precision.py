"""Which floats a value was made in, followed from binding to binding."""

from __future__ import annotations

from grader.instrument.sites import instrument
from grader.judge.matching.precision import _Flow, _parameters
from grader.model import Value
from grader.runner.types import Event, Sites

SOURCE = "x = given()\nz = 1.0\ndef double(a):\n    b = 2 * a\n    return b\n"


def made_in(call: str) -> frozenset[str]:
    """The floats that `b` is made in, if `x` is a float32 and all else is float64."""
    sites = Sites(instrument(f"{SOURCE}y = {call}\n", 0).sites)
    number = {site.names[0]: site.number for site in sites.all if site.names and site.kind != "parameter"}
    events = {
        name: Event(sequence, number[name], 0, None, "", Value.scalar(1.0, "float32" if name == "x" else "float64"))
        for sequence, name in enumerate(["x", "z", "b", "y"])
    }
    flow = _Flow(sites, frozenset(), _parameters(sites))
    flow.made_in(events["x"], None)
    flow.made_in(events["z"], None)
    return flow.made_in(events["b"], events["y"])


def test_what_reads_a_parameter_is_made_in_the_floats_that_the_call_reads() -> None:
    assert made_in("double(x)") == {"float32"}
    assert made_in("double(z)") == frozenset()
