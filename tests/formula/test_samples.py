"""Every operation means what torch means by it: its value, its derivative, and what starters write for it."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from grader.errors import UsageError
from grader.formula.build import NOWHERE
from grader.formula.catalogue import entries
from grader.formula.evaluate import Environment, evaluate
from grader.formula.operations import OPERATIONS, by_spelling
from grader.formula.parse import parse_expression
from grader.formula.rare_operations import RARE_OPERATIONS
from grader.formula.spelling import Library
from grader.formula.syntax import Call, Expression, FormulaError, Name, names, text, walk
from grader.formula.vjp import vjp
from grader.handout.writing import CodeWriter
from grader.reference.autograd import MEANING
from tests.formula.operation_samples import GROUPS, NAMES, SAMPLES, VALUES
from tests.handout.test_writing import run

groups = pytest.mark.parametrize("group", GROUPS)


@pytest.fixture(autouse=True)
def doubles() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    torch.set_num_threads(threads)
    torch.set_default_dtype(torch.float32)


def of_torch(source: str, **others: Any) -> torch.Tensor:
    """The sample run as it stands, as torch code."""
    made = eval(source, {**NAMES, **VALUES, **others})
    return torch.as_tensor(made, dtype=torch.float64)


def of_formula(formula: Expression, **others: Any) -> torch.Tensor:
    value = evaluate(formula, Environment({**VALUES, **others}), MEANING)
    return torch.as_tensor(value, dtype=torch.float64)


def differs(found: torch.Tensor, right: torch.Tensor, tolerance: float = 1e-9) -> bool:
    return found.shape != right.shape or not torch.allclose(found, right, rtol=tolerance, atol=tolerance)


def backwards(result: torch.Tensor, leaf: torch.Tensor, upstream: torch.Tensor) -> torch.Tensor:
    (found,) = torch.autograd.grad(result, leaf, upstream, allow_unused=True) if result.requires_grad else (None,)
    return torch.zeros_like(leaf) if found is None else found


def variables(formula: Expression) -> list[str]:
    return [name for name in sorted(names(formula)) if getattr(VALUES.get(name), "dtype", None) == torch.float64]


def formula_of(source: str) -> Expression:
    return parse_expression(source)


@groups
def test_the_value_is_torchs(group: str) -> None:
    assert [one for one in GROUPS[group] if differs(of_formula(formula_of(one)), of_torch(one), 1e-12)] == []


@groups
def test_the_derivative_is_autograds(group: str) -> None:
    wrong = []
    for source in GROUPS[group]:
        formula = formula_of(source)
        for name in variables(formula):
            leaf, own = (VALUES[name].clone().requires_grad_() for _ in range(2))
            try:
                expected = of_torch(source, **{name: leaf})
                upstream = torch.rand(expected.shape) + 0.5
                right = backwards(expected, leaf, upstream)
            except (RuntimeError, NotImplementedError):
                continue  # torch has no derivative by this operand
            if differs(backwards(of_formula(formula, **{name: own}), own, upstream), right):
                wrong.append((source, name))
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("F.binary_cross_entropy(p, q, weight=u, reduction='sum')", "u"),
        ("F.binary_cross_entropy_with_logits(x, q, pos_weight=u)", "u"),
        ("F.nll_loss(x, c, weight=u)", "u"),
        ("F.cross_entropy(x, c, weight=u)", "u"),
        ("F.soft_margin_loss(v, r)", "r"),
        ("F.batch_norm(x, v, u)", "u"),
    ],
)
def test_a_derivative_that_torch_does_not_have_is_that_of_the_definition(source: str, name: str) -> None:
    formula, leaf, step = formula_of(source), VALUES[name].clone().requires_grad_(), 1e-6
    found = backwards(of_formula(formula, **{name: leaf}).sum(), leaf, torch.tensor(1.0))
    towards = torch.arange(1.0, len(leaf) + 1)

    ends = [of_torch(source, **{name: VALUES[name] + sign * step * towards}).sum() for sign in (1, -1)]

    assert float(found @ towards) == pytest.approx(float(ends[0] - ends[1]) / (2 * step), rel=1e-5)


def contributions(source: str, name: str) -> tuple[tuple[Expression, ...] | None, dict[str, Any], torch.Tensor]:
    """The formula of the derivative, what it reads, and the right value."""
    formula, leaf = formula_of(source), VALUES[name].clone().requires_grad_()
    result = of_formula(formula, **{name: leaf})
    upstream = torch.rand(result.shape) + 0.5
    held = {"out": result.detach(), "up": upstream}
    parts = vjp(
        formula,
        Name("out", NOWHERE),
        Name(name, NOWHERE),
        Name("up", NOWHERE),
        tuple(upstream.shape),
        lambda node: tuple(of_formula(node, **held).shape),
    )
    return parts, held, backwards(result, leaf, upstream)


WITHOUT_A_FORMULA = frozenset(
    [
        "torch.i0(v)", "F.multilabel_margin_loss(x, h)", "F.pdist(x)", "F.local_response_norm(m, 2)",
        "F.conv2d(m, f[:2, :2], groups=2)", "F.max_pool3d(m, 2)", "F.avg_pool3d(m, 2)", "t.unfold(2, 3, 2)",
        "t.unfold(dimension=2, size=3, step=2)", "torch.quantile(x, 0.3)", "torch.quantile(x, 0.5, dim=0)",
        "torch.diagonal(m, dim1=2, dim2=3)", "torch.vander(v)",
        "torch.linalg.vander(v)", "torch.linalg.vander(v, N=4)", "torch.linalg.norm(v, torch.inf)",
        "torch.linalg.norm(x, 2, dim=(0, 1))", "torch.linalg.norm(m, 'nuc', (2, 3))", "torch.linalg.norm(x, 1)",
        "torch.linalg.matrix_norm(m)", "torch.linalg.matrix_norm(m, 2, (1, 2))", "torch.linalg.vector_norm(x, ord=0)",
        "torch.matrix_exp(torch.stack([A / 3, Q]))", "torch.linalg.qr(A).R",
        "torch.linalg.tensorinv(torch.reshape(m[0, :, 0, :4], (4, 2, 2)), ind=1)",
        "torch.linalg.tensorsolve(torch.reshape(m[0, :, 0, :4], (4, 2, 2)), g)", "torch.linalg.cond(A)",
    ]
)  # fmt: skip
"""Samples whose derivative has no formula, beside those with complex numbers: they are explained by their value."""


@groups
def test_the_formula_of_a_derivative_has_its_value(group: str) -> None:
    wrong, known, without = [], 0, set()
    for source in GROUPS[group]:
        for name in variables(formula_of(source)):
            parts, held, right = contributions(source, name)
            if parts is None:
                if "complex" not in source and "fft" not in source and "polar" not in source:
                    without.add(source)
                continue
            known += 1
            found = sum((of_formula(part, **held) for part in parts), torch.zeros(right.shape))
            if differs(found, right, 1e-6):
                wrong.append((source, name, [text(part) for part in parts]))
    assert wrong == []
    assert known >= 5
    assert without == WITHOUT_A_FORMULA.intersection(GROUPS[group])


@groups
@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_what_starters_write_has_its_value(group: str, library: Library) -> None:
    wrong = []
    for source in GROUPS[group]:
        writer = CodeWriter(library, taken={"W"}, plain={"n"}, whole=frozenset("cij"))
        try:
            line = writer.expression(formula_of(source))
        except UsageError:
            continue
        found = run(library, [f"result = {line}"], writer, VALUES)["result"]
        torch.set_default_dtype(torch.float64)
        made = torch.as_tensor(found.tolist() if hasattr(found, "tolist") else found, dtype=torch.float64)
        if differs(made, of_torch(source)):
            wrong.append((source, line))
    assert wrong == []


def test_every_operation_can_be_written_in_both_libraries() -> None:
    missing: dict[Library, set[str]] = {"numpy": set(), "torch": set()}
    for source in SAMPLES:
        formula = formula_of(source)
        for library, operations in missing.items():
            try:
                CodeWriter(library, whole=frozenset("cij")).expression(formula)
            except UsageError:
                operations |= used_in(formula)

    assert missing == {"numpy": set(), "torch": set()}


@groups
def test_the_text_of_a_formula_is_read_as_the_same_formula(group: str) -> None:
    written = [text(formula_of(source)) for source in GROUPS[group]]

    assert [text(parse_expression(one)) for one in written] == written


def used_in(formula: Expression) -> set[str]:
    return {node.operation for node in walk(formula) if isinstance(node, Call)}


UNTRIED = {
    "conv_transpose3d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool3d",
    "lp_pool2d",
    "lp_pool3d",
    "svd",
}
"""Operations that differ from one that is tried only in the count of axes, or whose sign is arbitrary."""

NOT_IN_TORCH = {
    "cbrt(v)": "torch.sign(v) * torch.abs(v) ** (1 / 3)",
    "dropout(x, k, p=0.25)": "x * k / 0.75",
    "norm.pdf(v)": "torch.exp(torch.distributions.Normal(0.0, 1.0).log_prob(v))",
    "norm.pdf(v, s, scale=2.0)": "torch.exp(torch.distributions.Normal(s, 2.0).log_prob(v))",
    "norm.logpdf(v, u, s)": "torch.distributions.Normal(u, s).log_prob(v)",
    "scipy.stats.norm.cdf(v)": "torch.special.ndtr(v)",
    "norm.cdf(v, scale=2.0)": "torch.distributions.Normal(0.0, 2.0).cdf(v)",
    "np.convolve(g, v)": "F.conv1d(F.pad(g, (2, 2))[None, None], v.flip(0)[None, None])[0, 0]",
    "np.convolve(g, v, mode='valid')": "F.conv1d(g[None, None], v.flip(0)[None, None])[0, 0]",
    "np.correlate(g, v)": "F.conv1d(g[None, None], v[None, None])[0, 0]",
}


@pytest.mark.parametrize("source", NOT_IN_TORCH)
def test_an_operation_that_torch_does_not_have(source: str) -> None:
    assert not differs(of_formula(formula_of(source)), of_torch(NOT_IN_TORCH[source]))


def test_every_rarer_operation_has_a_sample() -> None:
    tried = set().union(*(used_in(formula_of(source)) for source in (*SAMPLES, *NOT_IN_TORCH)))

    assert RARE_OPERATIONS.keys() - tried - UNTRIED == set()


def test_every_operation_is_described() -> None:
    assert entries().keys() == {**OPERATIONS, **RARE_OPERATIONS}.keys()


def share_of(module: Any) -> tuple[list[str], list[str]]:
    """The public functions of a module of torch that are known, and those that are not."""
    public = [
        name
        for name in dir(module)
        if not name.startswith("_") and callable(getattr(module, name)) and name.islower() and not name.endswith("_")
    ]
    foreign = {"boolean_dispatch", "handle_torch_function", "has_torch_function", "assert_int_or_pair", "grad"}
    foreign |= {name for name in public if name.startswith("has_torch_function")}
    public = [name for name in public if name not in foreign]
    return [name for name in public if by_spelling(name)], [name for name in public if not by_spelling(name)]


@pytest.mark.parametrize(
    ("module", "least"), [(torch.nn.functional, 0.7), (torch.linalg, 0.6)], ids=["torch.nn.functional", "torch.linalg"]
)
def test_most_of_torch_is_known(module: Any, least: float, capsys: pytest.CaptureFixture[str]) -> None:
    known, unknown = share_of(module)
    share = len(known) / (len(known) + len(unknown))

    with capsys.disabled(), contextlib.suppress(UnicodeError):
        print(f"{module.__name__}: {len(known)} of {len(known) + len(unknown)} known; not {', '.join(unknown)}")
    assert share >= least


@pytest.mark.parametrize("module", [torch.nn.functional, torch.linalg], ids=["torch.nn.functional", "torch.linalg"])
def test_what_is_not_known_of_torch_is_refused_by_its_name(module: Any) -> None:
    for name in share_of(module)[1]:
        with pytest.raises(FormulaError) as caught:
            parse_expression(f"{module.__name__}.{name}(x)")

        assert caught.value.faults[0].found == f"the unknown operation `{name}`"
        assert caught.value.faults[0].expected


@pytest.mark.parametrize(
    ("unknown", "instead"),
    [
        ("F.gumbel_softmax(x)", "softmax((x + noise) / tau, dim=1)"),
        ("F.rrelu(x)", "leaky_relu(x, slope)"),
        ("F.upsample(x)", "interpolate(x, scale_factor=2)"),
        ("torch.linalg.lu(A)", "solve(A, b)"),
        ("F.dropout3d(x)", "dropout(x, mask, p)"),
    ],
)
def test_what_is_suggested_for_an_unknown_operation_can_be_read(unknown: str, instead: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse_expression(unknown)

    assert f"`{instead}`" in caught.value.faults[0].expected
    assert parse_expression(instead)


@pytest.mark.parametrize("pool", ["F.max_pool2d", "F.avg_pool2d"])
def test_windows_side_by_side_have_one_derivative_however_their_stride_is_written(pool: str) -> None:
    written = {stride: contributions(f"{pool}(m, 2{stride})", "m") for stride in ("", ", stride=2", ", stride=(2, 2)")}

    assert len({tuple(map(text, parts or ())) for parts, _, _ in written.values()}) == 1
