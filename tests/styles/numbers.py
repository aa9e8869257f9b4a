"""Styles of number: the given ones in another precision, or kept by another library."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace

from tests.styles.derivations import (
    Body,
    Derivation,
    DoesNotFit,
    expression,
    fresh,
    names_bound,
    parsed,
    renamed,
    written,
)
from tests.styles.in_place import held, library


def _given(one: Derivation, change: Callable[[str], str], kinds: str) -> Derivation:
    """The given numbers of a kind ("array" or "number") in another form, where the program binds them."""
    before: Body = []
    for statement in fresh(one.before):
        match statement:
            case ast.Assign(targets=[target], value=value) if names_bound(target) & _floats(one, kinds):
                statement = parsed(f"{ast.unparse(target)} = {change(ast.unparse(value))}")[0]
        before.append(statement)
    if written(before) == written(one.before):
        raise DoesNotFit
    return replace(one, before=before)


def _floats(one: Derivation, kinds: str) -> set[str]:
    """Inputs that are no whole numbers."""
    found = set()
    for name in one.inputs:
        value = held(one.exercise).get(name)
        is_array = hasattr(value, "dtype") and len(value.shape) > 0
        whole = isinstance(value, int) or (is_array and "int" in str(value.dtype))
        if not whole and kinds == ("array" if is_array else "number"):
            found.add(name)
    return found


def _closed(text: str) -> str:
    return text if isinstance(expression(text), ast.Call | ast.Name) else f"({text})"


def single_precision(one: Derivation) -> Derivation:
    """`.astype(np.float32)` and `.float()`: arrays of 32 bits."""
    own = library(one)
    if own == "torch":
        return _given(one, lambda text: f"{_closed(text)}.float()", "array")
    return _given(one, lambda text: f"{_closed(text)}.astype(np.float32)", "array")


def double_precision(one: Derivation) -> Derivation:
    """`.astype(np.float64)` and `.double()`."""
    if library(one) == "torch":
        return _given(one, lambda text: f"{_closed(text)}.double()", "array")
    return _given(one, lambda text: f"{_closed(text)}.astype(np.float64)", "array")


def _numbers(one: Derivation, module: str, made: str) -> Derivation:
    """A program on Python's numbers with those of another library; its functions instead of those of `math`."""
    if library(one):
        raise DoesNotFit
    changed = _given(one, made.format, "number")
    name = module.rpartition(" ")[2]
    return replace(
        changed,
        before=[*parsed(f"import {module}"), *renamed(changed.before, {"math": name})],
        forward=renamed(one.forward, {"math": name}),
        backward=renamed(one.backward, {"math": name}),
    )


def numbers_of_numpy(one: Derivation) -> Derivation:
    """`np.float64(0.5)` and `np.tanh`."""
    return _numbers(one, "numpy as np", "np.float64({})")


def numbers_of_32_bits(one: Derivation) -> Derivation:
    """`np.float32(0.5)`."""
    return _numbers(one, "numpy as np", "np.float32({})")


def arrays_without_axes(one: Derivation) -> Derivation:
    """`np.array(0.5)`."""
    return _numbers(one, "numpy as np", "np.array({})")


def arrays_of_one(one: Derivation) -> Derivation:
    """`np.array([0.5])`."""
    return _numbers(one, "numpy as np", "np.array([{}])")


def tensors(one: Derivation) -> Derivation:
    """`torch.tensor(0.5)`."""
    return _numbers(one, "torch", "torch.tensor({})")


def double_tensors(one: Derivation) -> Derivation:
    """`torch.tensor(0.5).double()`."""
    return _numbers(one, "torch", "torch.tensor({}).double()")


def tensors_that_record(one: Derivation) -> Derivation:
    """`torch.tensor(0.5, requires_grad=True)`, and a comparison with autograd behind the derivation."""
    changed = _numbers(one, "torch", "torch.tensor({}, requires_grad=True)")
    loss = one.loss
    given = sorted(_floats(one, "number"))
    compared = "\n".join(
        f"print({name!r}, {name}.grad, {one.spelled(f'd{name}') if f'd{name}' in one.asked else 0})" for name in given
    )
    return replace(changed, after=[*parsed(f"{loss}.backward()\n{compared}"), *one.after])


FUNCTIONS = {
    "tanh": "tanh",
    "exp": "exp",
    "log": "log",
    "sqrt": "sqrt",
    "sum": "sum",
    "outer": "outer",
    "arange": "arange",
    "eye": "eye",
    "zeros_like": "zeros_like",
    "ones_like": "ones_like",
    "concatenate": "cat",
    "maximum": "maximum",
    "zeros": "zeros",
}
"""numpy's functions, and torch's of the same meaning."""


class _Torch(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        for word in node.keywords:
            word.arg = {"axis": "dim", "keepdims": "keepdim", "ddof": "correction"}.get(word.arg or "", word.arg)
        match node.func:
            case ast.Attribute(value=ast.Name(id="np"), attr="maximum"):
                inner = next(part for part in node.args if not isinstance(part, ast.Constant))
                return ast.Call(expression("torch.relu"), [inner], [])
            case ast.Attribute(value=ast.Name(id="np"), attr=name) if name in FUNCTIONS:
                node.func = expression(f"torch.{FUNCTIONS[name]}")
            case ast.Attribute(value=ast.Name(id="np")):
                raise DoesNotFit
            case ast.Attribute(value=inner, attr="max"):
                node.func = ast.Attribute(inner, "amax", ast.Load())
            case ast.Attribute(value=inner, attr="copy"):
                node.func = ast.Attribute(inner, "clone", ast.Load())
        return node


def torch_for_numpy(one: Derivation) -> Derivation:
    """The whole derivation in torch tensors instead of arrays."""
    if library(one) != "np" or one.functions:
        raise DoesNotFit
    before = [part if isinstance(part, ast.Assign | ast.Import) else _Torch().visit(part) for part in fresh(one.before)]
    for place, statement in enumerate(before):
        match statement:
            case ast.Assign(targets=[target], value=value) if names_bound(target) & _arrays(one):
                before[place] = parsed(f"{ast.unparse(target)} = torch.tensor({ast.unparse(value)})")[0]
    forward = [_Torch().visit(part) for part in fresh(one.forward)]
    backward = [_Torch().visit(part) for part in fresh(one.backward)]
    start = parsed("import torch\ntorch.set_default_dtype(torch.float64)")
    return replace(one, before=[*start, *before], forward=forward, backward=backward)


def _arrays(one: Derivation) -> set[str]:
    return {name for name in one.inputs if len(getattr(held(one.exercise).get(name), "shape", ())) > 0}


def compared_with_autograd(one: Derivation) -> Derivation:
    """A torch program whose inputs record, and a comparison behind the derivation."""
    changed = one if library(one) == "torch" else torch_for_numpy(one)
    given = [name for name in one.inputs if f"d{name}" in one.asked and name in _floats(one, "array")]
    if not given or one.exercise == "makemore-backprop":
        raise DoesNotFit
    loss = one.loss
    start = "\n".join(f"{name} = {name}.requires_grad_()" for name in given)
    check = "\n".join(f"print(torch.allclose({one.spelled(f'd{name}')}, {name}.grad))" for name in given)
    return replace(
        changed,
        before=[*changed.before, *parsed(start)],
        after=[*parsed(f"{loss}.backward()\n{check}"), *one.after],
    )


STYLES = (
    single_precision,
    double_precision,
    numbers_of_numpy,
    numbers_of_32_bits,
    arrays_without_axes,
    arrays_of_one,
    tensors,
    double_tensors,
    tensors_that_record,
    torch_for_numpy,
    compared_with_autograd,
)
