"""Every spelling of an operation is one call: NumPy's, torch's, math's; function and method; options by one name."""

from __future__ import annotations

import pytest

from grader.formula.operations import OPERATIONS, PARAMETER_SPELLINGS, by_spelling
from grader.formula.parse import parse_expression
from grader.formula.rare_operations import RARE_OPERATIONS
from grader.formula.syntax import FormulaError, FormulaFault, text


def read(source: str) -> str:
    return text(parse_expression(source))


def fault_of(source: str) -> FormulaFault:
    with pytest.raises(FormulaError) as caught:
        parse_expression(source)
    return caught.value.faults[0]


@pytest.mark.parametrize(
    "spelling",
    ["tanh(x)", "np.tanh(x)", "numpy.tanh(x)", "torch.tanh(x)", "math.tanh(x)", "F.tanh(x)", "x.tanh()",
     "torch.nn.functional.tanh(x)", "nn.functional.tanh(x)", "jax.numpy.tanh(x)"],
)  # fmt: skip
def test_one_operation_under_every_prefix(spelling: str) -> None:
    assert read(spelling) == "tanh(x)"


@pytest.mark.parametrize(
    ("spelling", "canonical"),
    [
        ("np.arctan(x)", "atan(x)"),
        ("np.absolute(x)", "abs(x)"),
        ("math.fabs(x)", "abs(x)"),
        ("scipy.special.expit(x)", "sigmoid(x)"),
        ("np.subtract(a, b)", "a - b"),
        ("np.add(a, b)", "a + b"),
        ("torch.mul(a, b)", "a * b"),
        ("np.true_divide(a, b)", "a / b"),
        ("np.power(a, 2)", "a**2"),
        ("math.pow(a, 2)", "a**2"),
        ("x.pow(2)", "x**2"),
        ("np.negative(x)", "-x"),
        ("torch.mm(A, B)", "A @ B"),
        ("A.matmul(B)", "A @ B"),
        ("np.dot(a, b)", "dot(a, b)"),
        ("np.inner(a, b)", "inner(a, b)"),
        ("np.greater(a, b)", "a > b"),
        ("(a > b).float()", "same(a > b)"),
        ("x.clone()", "same(x)"),
        ("np.array([1.0, 2.0])", "same([1.0, 2.0])"),
        ("x.amax(1)", "max(x, dim=1)"),
        ("np.fmax(a, b)", "maximum(a, b)"),
        ("np.concatenate((a, b), axis=1)", "concat([a, b], dim=1)"),
        ("torch.cat([a, b], 1)", "concat([a, b], dim=1)"),
        ("np.expand_dims(x, axis=0)", "unsqueeze(x, dim=0)"),
        ("x.data", "x"),
        ("x.shape[0]", "shape_of(x)[0]"),
        ("len(x)", "length(x)"),
    ],
)
def test_other_names_of_an_operation(spelling: str, canonical: str) -> None:
    assert read(spelling) == canonical


@pytest.mark.parametrize(
    ("spelling", "canonical"),
    [
        ("np.sum(x, axis=0, keepdims=True)", "sum(x, dim=0, keepdim=True)"),
        ("x.sum(0, keepdim=True)", "sum(x, dim=0, keepdim=True)"),
        ("torch.sum(x, 0, True)", "sum(x, dim=0, keepdim=True)"),
        ("x.sum(dim=(0, 1))", "sum(x, dim=[0, 1])"),
        ("x.var(0, unbiased=False)", "var(x, correction=0, dim=0)"),
        ("x.var(0, unbiased=True)", "var(x, correction=1, dim=0)"),
        ("x.std(axis=0, ddof=1)", "std(x, correction=1, dim=0)"),
        ("x.reshape(4, 3)", "reshape(x, shape=[4, 3])"),
        ("x.reshape((4, 3))", "reshape(x, shape=[4, 3])"),
        ("x.view(-1)", "reshape(x, shape=[-1])"),
        ("np.reshape(x, newshape=(4, 3))", "reshape(x, shape=[4, 3])"),
        ("np.zeros((4, 3))", "zeros(shape=[4, 3])"),
        ("torch.zeros(4, 3, dtype=torch.float64)", "zeros(shape=[4, 3])"),
        ("np.zeros(shape=(4, 3))", "zeros(shape=[4, 3])"),
        ("torch.clamp(x, min=0)", "clip(x, min=0)"),
        ("np.clip(x, 0, 1)", "clip(x, max=1, min=0)"),
        ("np.clip(x, a_min=0, a_max=1)", "clip(x, max=1, min=0)"),
        ("F.one_hot(y, num_classes=3)", "one_hot(y, classes=3)"),
        ("np.flip(x, axis=0)", "flip(x, dims=0)"),
        ("np.arange(5)", "arange(stop=5)"),
        ("np.arange(1, 5)", "arange(start=1, stop=5)"),
        ("range(5)", "arange(stop=5)"),
        ("torch.tensor(2.0, requires_grad=True)", "same(2.0)"),
        ("F.cross_entropy(logits, y, reduction='sum')", "cross_entropy(logits, y, reduction='sum')"),
    ],
)
def test_options_have_one_name(spelling: str, canonical: str) -> None:
    assert read(spelling) == canonical


@pytest.mark.parametrize(
    ("spelling", "canonical"),
    [
        ("mask.astype(float)", "same(mask)"),
        ("(x > 0).astype(np.float64)", "same(x > 0)"),
        ("(x > 0).astype(int)", "same(x > 0)"),
        ("(x > 0).to(x.dtype)", "same(x > 0)"),
        ("(x > 0).type(torch.float32)", "same(x > 0)"),
        ("x.to(device)", "same(x)"),
        ("x.to('cpu').type_as(y)", "same(same(x))"),
        ("x.long()", "trunc(x)"),
        ("x.astype('int64')", "trunc(x)"),
        ("int(x)", "trunc(x)"),
        ("x.bool()", "x != 0"),
        ("x.size(0)", "shape_of(x)[0]"),
        ("x.size()[-1]", "shape_of(x)[-1]"),
        ("np.shape(x)[1]", "shape_of(x)[1]"),
        ("x.numel()", "length(flatten(x))"),
        ("x.size", "length(flatten(x))"),
        ("np.size(x)", "length(flatten(x))"),
        ("x.ndim", "length(shape_of(x))"),
        ("x.expand_as(y)", "broadcast_to(x, shape=shape_of(y))"),
        ("np.add.reduce(x, axis=0)", "sum(x, dim=0)"),
        ("np.add.reduce(x)", "sum(x, dim=0)"),
        ("np.logaddexp.reduce(x, axis=1)", "logsumexp(x, dim=1)"),
        ("np.add.accumulate(x)", "cumsum(x, dim=0)"),
        ("np.multiply.accumulate(x, 1)", "cumprod(x, dim=1)"),
        ("np.logaddexp.accumulate(x, axis=0)", "logcumsumexp(x, dim=0)"),
        ("np.vectorize(math.lgamma)(x + 1)", "lgamma(x + 1)"),
        ("np.vectorize(erf)(x)", "erf(x)"),
        ("np.pad(x, ((1, 2), (0, 3)))", "pad(x, pad=[0, 3, 1, 2])"),
        ("np.take(x, i, axis=1)", "index_select(x, dim=1, index=i)"),
        ("np.triu(x, k=1)", "triu(x, diagonal=1)"),
        ("torch.eye(3, 3)", "eye(n=3)"),
    ],
)
def test_types_and_sizes_are_read_in_every_spelling(spelling: str, canonical: str) -> None:
    assert read(spelling) == canonical


@pytest.mark.parametrize(
    ("spelling", "canonical"),
    [
        ("x.max(dim=1)[0]", "max(x, dim=1)"),
        ("torch.max(x, 1)[0]", "max(x, dim=1)"),
        ("x.max(1, keepdim=True)[1]", "argmax(x, dim=1, keepdim=True)"),
        ("x.sort(0)[0]", "sort(x, dim=0)"),
        ("x.topk(2)[1]", "topk_indices(x, k=2)"),
        ("torch.median(x, dim=0)[0]", "median(x, dim=0)"),
        ("np.max(x, 1)[0]", "max(x, dim=1)[0]"),
        ("x.max(axis=1)[0]", "max(x, dim=1)[0]"),
        ("np.sort(x)[0]", "sort(x)[0]"),
        ("torch.sort(x)[0]", "sort(x)"),
        ("x.max(dim=1)[2]", "max(x, dim=1)[2]"),
    ],
)
def test_the_first_of_what_torch_returns_together_are_the_values(spelling: str, canonical: str) -> None:
    assert read(spelling) == canonical


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("x.max(1)[0]", "`x.max(1).values`, or `axis=` in it for its entry 0"),
        ("F.dropout(x, 0.5)", "`dropout(x, mask, p=...)` with a mask that is given"),
        ("x.scatter(1, i, 0.0)", "`scatter(x, dim, index, src)` with an array `src`, as `ones_like(x)`"),
        ("np.take(x, i)", "`take(x, places, axis=...)` with an axis"),
    ],
)
def test_what_may_mean_two_things_is_refused(spelling: str, expected: str) -> None:
    assert fault_of(spelling).expected == expected


def test_numpy_divides_a_variance_by_n_and_torch_by_n_minus_1() -> None:
    assert read("np.var(x, axis=0)") == "var(x, correction=0, dim=0)"
    assert read("np.std(x, ddof=1)") == "std(x, correction=1)"
    assert read("torch.var(x, 0)") == "var(x, dim=0)"


@pytest.mark.parametrize(
    ("spelling", "canonical"),
    [
        ("np.max(x, 0)", "max(x, dim=0)"),
        ("x.max(0)", "max(x, dim=0)"),
        ("torch.max(x, y)", "max(x, y)"),
        ("max(0, x)", "max(0, x)"),
        ("max(x, 0)", "max(x, 0)"),
        ("x.max(1, keepdim=True).values", "max(x, dim=1, keepdim=True)"),
        ("x.max(1).indices", "argmax(x, dim=1)"),
    ],
)
def test_a_maximum_is_along_an_axis_or_of_two(spelling: str, canonical: str) -> None:
    assert read(spelling) == canonical


@pytest.mark.parametrize("source", ["x.max().values", "x.sum(0).values", "x.mean(0).indices", "x.values"])
def test_values_and_indices_are_those_of_a_maximum_along_an_axis(source: str) -> None:
    assert fault_of(source).place.line == 1


@pytest.mark.parametrize(
    ("spelling", "canonical"),
    [
        ("x.T", "transpose_all(x)"),
        ("x.mT", "matrix_transpose(x)"),
        ("x.t()", "matrix_transpose(x)"),
        ("np.transpose(x)", "transpose_all(x)"),
        ("torch.transpose(x, 0, 1)", "transpose(x, dim0=0, dim1=1)"),
        ("np.transpose(x, (1, 0, 2))", "permute(x, dims=[1, 0, 2])"),
        ("np.transpose(x, axes=(1, 0))", "permute(x, dims=[1, 0])"),
        ("x.transpose(2, 0, 1)", "permute(x, dims=[2, 0, 1])"),
        ("x.permute(2, 0, 1)", "permute(x, dims=[2, 0, 1])"),
    ],
)
def test_transpositions_of_numpy_and_of_torch(spelling: str, canonical: str) -> None:
    assert read(spelling) == canonical


@pytest.mark.parametrize(
    "spelling",
    ["torch.einsum('ij,jk->ik', A, B)", "np.einsum('ij,jk->ik', A, B)", "torch.einsum('ij,jk->ik', [A, B])"],
)
def test_an_einsum_keeps_its_equation_apart_from_its_operands(spelling: str) -> None:
    tree = parse_expression(spelling)

    assert text(tree) == "einsum('ij,jk->ik', A, B)"


@pytest.mark.parametrize(
    ("source", "found", "expected"),
    [
        ("tanhh(x)", "the unknown operation `tanhh`", "`tanh`, `atanh`, `tan`"),
        ("tnah(x)", "the unknown operation `tnah`", "`tanh`"),
        ("os.system(x)", "the unknown operation `system`", None),
        ("sum(x, axs=0)", "the option `axs` of `sum`", "`dim`, `keepdim`"),
        ("tanh(x, dim=0)", "the option `dim` of `tanh`", "no options"),
        ("sum(x, 0, dim=1)", "the option `dim` of `sum` twice", "each option once"),
        ("sum(x, axis=0, dim=1)", "the option `dim` of `sum` twice", "each option once"),
        ("zeros(3, dtype=f(x))", "the unknown operation `f`", None),
        ("sum(x, **y)", "the option `**` of `sum`", "`dim`, `keepdim`"),
        ("tanh()", "'tanh()'", "`tanh` of 1 operand"),
        ("maximum(x)", "'maximum(x)'", "`maximum` of 2 operands"),
        ("tanh(x, y)", "'tanh(x, y)'", "`tanh` with 1 operand"),
        ("hstack(a)", "'hstack(a)'", "`hstack` of a list that is written out: `hstack([a, b])`"),
        ("stack()", "'stack()'", "`stack` of 1 operand"),
        ("stack([])", "'stack([])'", "`stack` of 1 operand"),
        ("einsum(A, B)", "'einsum(A, B)'", "`einsum` with its equation first: `einsum('ij,jk->ik', a, b)`"),
    ],
)
def test_faults_of_calls(source: str, found: str, expected: str | None) -> None:
    fault = fault_of(source)

    assert fault.found == found
    assert expected is None or fault.expected == expected
    assert fault.place.line == 1


def test_no_spelling_belongs_to_two_operations() -> None:
    every = {**OPERATIONS, **RARE_OPERATIONS}
    spelled = [spelling for one in every.values() for spelling in (one.name, *one.spellings)]

    assert [one for one in set(spelled) if spelled.count(one) > 1] == []
    assert all(by_spelling(one) is not None for one in spelled)


def test_the_spelling_of_an_option_leads_to_an_option_there_is() -> None:
    parameters = {parameter for one in {**OPERATIONS, **RARE_OPERATIONS}.values() for parameter in one.parameters}

    assert set(PARAMETER_SPELLINGS.values()) <= parameters
