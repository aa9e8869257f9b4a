"""Random programs: derivatives by autograd, by central differences and by dual numbers are the same numbers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch.autograd import forward_ad

from grader.exercise.types import Exercise
from grader.formula.check import unrolled
from grader.formula.evaluate import Environment, execute
from grader.model import Value
from grader.reference.autograd import values_at
from grader.reference.operations import TorchMeaning
from grader.reference.points import draw_points

from .making import at_given, exercise, point, tensor

# torch's own tables of dual numbers use a part of torch that it has since given up.
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")

SCALAR, VECTOR, MATRIX = "s", "v", "m"

TEMPLATES: dict[str, list[tuple[str, str]]] = {
    SCALAR: [
        ("tanh({})", "s"),
        ("sin({})", "s"),
        ("sigmoid({})", "s"),
        ("softplus({})", "s"),
        ("exp(-{}**2)", "s"),
        ("1 / (1 + {}**2)", "s"),
        ("{} + {}", "ss"),
        ("{} - 2 * {}", "ss"),
        ("{} * {}", "ss"),
        ("{} / (2 + cos({}))", "ss"),
        ("sum({} * {})", "vv"),
        ("mean({})", "v"),
        ("dot({}, {})", "vv"),
        ("logsumexp({})", "v"),
        ("{}[0] * {}[1]", "vv"),
        ("{} @ {} @ {}", "vmv"),
        ("trace({} @ {})", "mm"),
        ("sum({}, axis=0)[1]", "m"),
    ],
    VECTOR: [
        ("tanh({})", "v"),
        ("{} * {}", "sv"),
        ("{} + {}", "vv"),
        ("{} - {}", "sv"),
        ("{} @ {}", "mv"),
        ("{} @ {}", "vm"),
        ("softmax({})", "v"),
        ("stack([{}, {}])", "ss"),
        ("flip({}, 0) * {}", "vv"),
        ("diag({})", "m"),
        ("mean({}, axis=1)", "m"),
        ("cumsum({})", "v"),
    ],
    MATRIX: [
        ("outer({}, {})", "vv"),
        ("tanh({} @ {})", "mm"),
        ("{}.T", "m"),
        ("{} * {}", "mv"),
        ("einsum('ij,kj->ik', {}, {})", "mm"),
        ("log_softmax({}, 1)", "m"),
        ("tril({}) + {}", "ms"),
    ],
}
TO_SCALAR = {SCALAR: "{}", VECTOR: "sum(sin({}))", MATRIX: "mean(tanh({}))"}
SHAPES: dict[str, tuple[int, ...]] = {SCALAR: (), VECTOR: (2,), MATRIX: (2, 2)}

NUMBERS = st.floats(0.2, 1.5).map(lambda number: round(number, 3)) | st.floats(-1.5, -0.2).map(lambda n: round(n, 3))
PAIRS = st.lists(NUMBERS, min_size=2, max_size=2)
INPUTS = st.fixed_dictionaries(
    {"s0": NUMBERS, "s1": NUMBERS, "v0": PAIRS, "m0": st.lists(PAIRS, min_size=2, max_size=2)}
)
GIVEN = ("s0", "s1", "v0", "m0")


def statement(draw: st.DrawFn, name: str, readable: list[str]) -> str:
    """A statement that assigns `name`, whose first letter is its kind, from quantities of `readable`."""
    kinds = {one[0] for one in readable}
    fitting = [entry for entry in TEMPLATES[name[0]] if set(entry[1]) <= kinds]
    if not fitting:
        # Nothing of the right kind to start from: spread a scalar.
        some = draw(st.sampled_from(readable))
        return f"{name} = tanh(broadcast_to({TO_SCALAR[some[0]].format(some)}, {SHAPES[name[0]] or '(1,)'}))"
    template, needed = draw(st.sampled_from(fitting))
    read = [draw(st.sampled_from([one for one in readable if one[0] == kind])) for kind in needed]
    return f"{name} = {template.format(*read)}"


def closing(readable: list[str]) -> str:
    """Everything added up: what nobody else reads still reaches the output."""
    return "out = " + " + ".join(TO_SCALAR[name[0]].format(name) for name in readable)


@st.composite
def programs(draw: st.DrawFn) -> Exercise:
    names = [
        f"{kind}{number}"
        for number, kind in enumerate(draw(st.lists(st.sampled_from("ssvm"), min_size=2, max_size=7)), 2)
    ]
    lines, readable = [], list(GIVEN)
    for name in names:
        lines.append(statement(draw, name, readable))
        readable.append(name)
    last = names[-draw(st.integers(1, len(names))) :]
    steps = {f"d_{name}": f"d(out)/d({name})" for name in (*GIVEN, names[0])}
    return exercise(draw(INPUTS), "\n".join((*lines, closing(last))), steps)


@st.composite
def layered(draw: st.DrawFn) -> tuple[Exercise, list[str]]:
    """A program in which every path from `s0` to `out` runs through exactly one of the quantities of the cut."""
    kinds = st.lists(st.sampled_from("ssvm"), min_size=1, max_size=3)
    before = [f"{kind}{number}" for number, kind in enumerate(draw(kinds), 2)]
    cut = [f"{kind}{number}" for number, kind in enumerate(draw(kinds), 10)]
    after = [f"{kind}{number}" for number, kind in enumerate(draw(kinds), 20)]
    lines: list[str] = []
    readable = list(GIVEN)
    for name in before:
        lines.append(statement(draw, name, readable))
        readable.append(name)
    # The members of the cut read nothing of each other, and what comes after reads nothing of what was before.
    lines += [statement(draw, name, readable) for name in cut]
    later = [*cut, "s1", "v0", "m0"]
    for name in after:
        lines.append(statement(draw, name, later))
        later.append(name)
    steps = {f"via_{name}": f"d(out, via={name})/d(s0)" for name in cut} | {"total": "d(out)/d(s0)"}
    lines.append(closing([*after, *cut]))
    return exercise(draw(INPUTS), "\n".join(lines), steps), cut


def entries(value: torch.Tensor) -> Iterator[tuple[torch.Tensor, tuple[int, ...]]]:
    """A unit tensor for each entry, and where its one stands."""
    for number in range(value.numel()):
        unit = torch.zeros(value.numel(), dtype=torch.float64)
        unit[number] = 1.0
        yield unit.reshape(value.shape), tuple(int(i) for i in torch.unravel_index(torch.tensor(number), value.shape))


def output(one: Exercise, name: str, value: torch.Tensor) -> float:
    changed = Value.of(value.reshape(-1).tolist(), tuple(value.shape))
    return values_at(one, point(one, **{name: changed}))["out"].numbers()[0]


@pytest.mark.slow
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(programs())
def test_derivatives_are_the_limits_of_difference_quotients(one: Exercise) -> None:
    found, width = at_given(one), 1e-5
    for name in GIVEN:
        at = tensor(draw_points(one)[0].inputs[name])
        scale = 1.0 + float(found[f"d_{name}"].abs().max()) + abs(float(found["out"]))
        for unit, where in entries(at):
            slope = (output(one, name, at + width * unit) - output(one, name, at - width * unit)) / (2 * width)
            assert abs(slope - float(found[f"d_{name}"][where])) < 1e-6 * scale, (one.program_text, name, where)


def forward_derivative(one: Exercise, name: str, unit: torch.Tensor) -> torch.Tensor:
    """The derivative of `out` along `unit` by dual numbers: no graph, no going backwards."""
    values = {n: tensor(value) for n, value in draw_points(one)[0].inputs.items()}
    with forward_ad.dual_level():
        values[name] = forward_ad.make_dual(values[name], unit)  # type: ignore[no-untyped-call]
        environment = Environment(dict(values))
        for line in unrolled(one.program, {}):
            execute(line, environment, TorchMeaning())
        tangent = forward_ad.unpack_dual(environment.values["out"]).tangent
    return torch.zeros((), dtype=torch.float64) if tangent is None else tangent


@pytest.mark.slow
@settings(max_examples=75, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(programs())
def test_derivatives_are_those_of_dual_numbers(one: Exercise) -> None:
    found = at_given(one)
    for name in GIVEN:
        for unit, where in entries(found[f"d_{name}"]):
            expected = forward_derivative(one, name, unit)
            torch.testing.assert_close(found[f"d_{name}"][where], expected.reshape(()), rtol=1e-9, atol=1e-11)


@settings(max_examples=75, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(layered())
def test_the_parts_through_a_cut_add_up_to_the_total(drawn: tuple[Exercise, list[str]]) -> None:
    one, cut = drawn

    found = at_given(one)

    parts = sum((found[f"via_{name}"] for name in cut), torch.zeros((), dtype=torch.float64))
    torch.testing.assert_close(parts, found["total"], rtol=1e-9, atol=1e-11)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(programs())
def test_the_chain_rule_through_the_first_quantity(one: Exercise) -> None:
    """d(out)/d(q) is what a small change of q alone does: the program run from q on, with q in its place."""
    first, *rest = unrolled(one.program, {})
    values = {name: tensor(value) for name, value in draw_points(one)[0].inputs.items()}
    environment = Environment(dict(values))
    execute(first, environment, TorchMeaning())
    begun = environment.values[first.name].detach()

    found = at_given(one)[f"d_{first.name}"]
    for unit, where in entries(begun):
        with forward_ad.dual_level():
            environment = Environment({**values, first.name: forward_ad.make_dual(begun, unit)})  # type: ignore[no-untyped-call]
            for line in rest:
                execute(line, environment, TorchMeaning())
            tangent = forward_ad.unpack_dual(environment.values["out"]).tangent
        expected = torch.zeros((), dtype=torch.float64) if tangent is None else tangent.reshape(())
        torch.testing.assert_close(found[where], expected, rtol=1e-9, atol=1e-11)
