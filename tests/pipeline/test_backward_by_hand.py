"""Derivations in the form of a backward that something else calls: functions of torch, hooks, tapes, dual numbers.

What they compute is by hand, whoever calls them; only what comes out of torch's own formulas is borrowed, and that
only where it is right.
"""

from __future__ import annotations

import pytest

from grader.exercise.load import loads
from grader.model import Result
from grader.submission.load import load_bytes
from tests import warm

pytestmark = pytest.mark.sampled(3)

DIVISION = loads(
    """
exercise: division
title: A division
given:
  a: {shape: [3], draw: normal}
  b: {shape: [3], draw: "uniform(0.5, 2)"}
  dy: {shape: [3], draw: normal}
forward: |
  y = a / b
  L = sum(dy * y)
steps: {da: d(L)/d(a), db: d(L)/d(b)}
"""
)

LAYER = loads(
    """
exercise: layer
title: A layer
given:
  x: {shape: [4, 3], draw: normal}
  w: {shape: [3, 5], draw: normal}
  b: {shape: [5], draw: normal}
  dh: {shape: [4, 5], draw: normal}
forward: |
  z = x @ w + b
  h = tanh(z)
  L = sum(dh * h)
steps:
  dz: d(L)/d(z)
  dx: d(L)/d(x)
  dw: d(L)/d(w)
  db: d(L)/d(b)
"""
)

TENSORS = """import torch
from torch.autograd.function import once_differentiable
a = torch.randn(3, requires_grad=True)
b = (torch.rand(3) + 0.5).requires_grad_()
dy = torch.randn(3)
"""
FUNCTION = """
class Div(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a / b

    @staticmethod
    def backward(ctx, grad):
        a, b = ctx.saved_tensors
        return grad / b, -grad * a / b**2

"""
READ = "da, db = a.grad, b.grad\n"
IDENTITY = """
class Same(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, grad):
        return grad

"""
AUTOGRAD_INSIDE = """
class Div(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a / b

    @staticmethod
    def backward(ctx, grad):
        with torch.enable_grad():
            a, b = (one.detach().requires_grad_() for one in ctx.saved_tensors)
            return torch.autograd.grad(a / b, (a, b), grad)

"""
SET_UP = """
class Div(torch.autograd.Function):
    @staticmethod
    def forward(a, b):
        return a / b

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, grad):
        a, b = ctx.saved_tensors
        return grad / b, -grad * a / b**2

"""


def told(result: Result) -> dict[str, str]:
    return {step.name: step.outcome for step in result.steps if step.outcome != "correct"}


def divided(source: str) -> Result:
    return warm.check(DIVISION, load_bytes(source.encode(), "mine.py"))


def layered(source: str) -> Result:
    return warm.check(LAYER, load_bytes(source.encode(), "mine.py"))


def place_of(result: Result, name: str, source: str) -> str:
    """The line that is pointed at."""
    (step,) = (step for step in result.steps if step.name == name)
    assert step.where is not None
    return source.splitlines()[step.where.line - 1].strip()


# torch.autograd.Function


def test_a_function_of_torch_may_have_its_context_set_up_apart() -> None:
    assert told(divided(f"{TENSORS}{SET_UP}y = Div.apply(a, b)\ny.backward(dy)\n{READ}")) == {}


@pytest.mark.parametrize(
    "call",
    [
        f"y = Div.apply(a, b)\ny.backward(dy)\n{READ}",
        f"y = Div.apply(a, b)\ny.backward(gradient=dy, retain_graph=True)\n{READ}",
        f"y = Div.apply(a, b)\ntorch.autograd.backward([y], [dy])\n{READ}",
        "y = Div.apply(a, b)\nda, db = torch.autograd.grad(y, (a, b), dy)\n",
        "y = Div.apply(a, b)\nda, db = torch.autograd.grad(y, (a, b), grad_outputs=dy, create_graph=True)\n",
        f"L = (Div.apply(a, b) * dy).sum()\nL.backward()\n{READ}",
        f"y = Div.apply(a, b)\nL = torch.sum(dy * y)\nL.backward()\n{READ}",
        f"torch.dot(Div.apply(a, b), dy).backward()\n{READ}",
        "divide = Div.apply\ny = divide(a, b)\ny.backward(dy)\nda = a.grad.clone()\ndb = b.grad.clone()\n",
        "def divide(a, b):\n    return Div.apply(a, b)\ny = divide(a, b)\ny.backward(dy)\ngrads = dict(da=a.grad)\n"
        "db = b.grad.detach().numpy()\nda = grads['da']\n",
        f"class Net(torch.nn.Module):\n    def forward(self, a, b):\n        return Div.apply(a, b)\n"
        f"y = Net()(a, b)\ny.backward(dy)\n{READ}",
    ],
)
def test_a_function_of_torch_is_work_by_hand_however_it_is_called(call: str) -> None:
    assert told(divided(TENSORS + FUNCTION + call)) == {}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def backward(ctx, grad):", "def backward(ctx, *grads):\n        (grad,) = grads"),
        ("    @staticmethod\n    def backward", "    @staticmethod\n    @once_differentiable\n    def backward"),
        ("return grad / b, -grad * a / b**2", "da = grad / b\n        db = -da * a / b\n        return da, db"),
        (
            "return grad / b, -grad * a / b**2",
            "da = db = None\n        if ctx.needs_input_grad[0]:\n            da = grad / b\n"
            "        if ctx.needs_input_grad[1]:\n            db = -grad * a / b**2\n        return da, db",
        ),
        ("ctx.save_for_backward(a, b)\n        return a / b", "ctx.a, ctx.b = a, b\n        return a / b"),
    ],
)
def test_a_function_of_torch_may_be_written_in_any_manner(old: str, new: str) -> None:
    function = FUNCTION.replace(old, new)
    if "ctx.a, ctx.b" in new:
        function = function.replace("a, b = ctx.saved_tensors", "a, b = ctx.a, ctx.b")

    assert old in FUNCTION
    assert told(divided(f"{TENSORS}{function}y = Div.apply(a, b)\ny.backward(dy)\n{READ}")) == {}


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("-grad * a / b**2", "grad * a / b**2", "return grad / b, grad * a / b**2"),
        ("-grad * a / b**2", "-grad / b**2", "return grad / b, -grad / b**2"),
        ("-grad * a / b**2", "-grad * a / b", "return grad / b, -grad * a / b"),
        (
            "return grad / b, -grad * a / b**2",
            "da = grad / b\n        db = grad * a / b**2\n        return da, db",
            "db = grad * a / b**2",
        ),
    ],
)
@pytest.mark.parametrize(
    "call",
    [
        f"y = Div.apply(a, b)\ny.backward(dy)\n{READ}",
        "da, db = torch.autograd.grad(Div.apply(a, b), (a, b), dy)\n",
        f"(Div.apply(a, b) * dy).sum().backward()\n{READ}",
    ],
)
def test_a_mistake_in_a_backward_is_shown_at_its_line(old: str, new: str, line: str, call: str) -> None:
    source = TENSORS + FUNCTION.replace(old, new) + call
    result = divided(source)

    assert told(result) == {"db": "wrong"}
    assert place_of(result, "db", source) == line


@pytest.mark.parametrize(
    "call",
    [
        f"y = a / b\ny.backward(dy)\n{READ}",
        f"y = Div.apply(a, b)\nL = ((y * dy) ** 1).sum()\nL.backward()\n{READ}",
        f"{IDENTITY}y = Same.apply(a) / Same.apply(b)\ny.backward(dy)\n{READ}",
        f"{AUTOGRAD_INSIDE}y = Div.apply(a, b)\ny.backward(dy)\n{READ}",
    ],
    ids=["all", "above", "below", "inside"],
)
def test_what_comes_out_of_formulas_of_torch_on_the_way_is_borrowed(call: str) -> None:
    assert told(divided(TENSORS + FUNCTION + call)) == {"da": "borrowed", "db": "borrowed"}


TWO = """import torch
x = torch.randn(4, 3, requires_grad=True)
w = torch.randn(3, 5, requires_grad=True)
b = torch.randn(5, requires_grad=True)
dh = torch.randn(4, 5)

class Affine(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w, b):
        ctx.save_for_backward(x, w)
        return x @ w + b

    @staticmethod
    def backward(ctx, grad):
        x, w = ctx.saved_tensors
        grad_x = grad @ w.t()
        grad_w = x.t() @ grad
        return grad_x, grad_w, grad.sum(0)

class Tanh(torch.autograd.Function):
    @staticmethod
    def forward(ctx, z):
        h = torch.tanh(z)
        ctx.save_for_backward(h)
        return h

    @staticmethod
    def backward(ctx, grad):
        h, = ctx.saved_tensors
        return grad * (1 - h**2)

z = Affine.apply(x, w, b)
z.retain_grad()
h = Tanh.apply(z)
h.backward(dh)
dz, dx, dw, db = z.grad, x.grad, w.grad, b.grad
"""


@pytest.mark.parametrize(
    ("old", "new", "name", "carried"),
    [
        ("", "", "", ()),
        ("return grad * (1 - h**2)", "return grad * (1 + h**2)", "dz", ("dx", "dw", "db")),
        ("grad_w = x.t() @ grad", "grad_w = x.t() @ (2 * grad)", "dw", ()),
        ("return grad_x, grad_w, grad.sum(0)", "return grad_x, grad_w, grad.mean(0)", "db", ()),
    ],
)
def test_of_functions_in_a_chain_the_one_with_the_mistake_is_wrong(
    old: str, new: str, name: str, carried: tuple[str, ...]
) -> None:
    source = TWO.replace(old, new) if old else TWO
    result = layered(source)

    assert told(result) == {**({name: "wrong"} if name else {}), **dict.fromkeys(carried, "carried")}
    if name:
        assert place_of(result, name, source) == new


# torch's own graph, and hooks in it

GRAPH = """import torch
x = torch.randn(4, 3, requires_grad=True)
w = torch.randn(3, 5, requires_grad=True)
b = torch.randn(5, requires_grad=True)
dh = torch.randn(4, 5)
z = x @ w + b
h = torch.tanh(z)
seen = {}
"""
REST = "dx = dz @ w.T\ndw = x.T @ dz\ndb = dz.sum(0)\n"
BY_HAND = f"dz = dh * (1 - h**2)\n{REST}"


@pytest.mark.parametrize(
    "steps",
    [
        f"z.register_hook(lambda g: seen.update(z=g))\nh.backward(dh)\n{BY_HAND}assert torch.allclose(seen['z'], dz)\n",
        f"z.register_hook(lambda g: print(g.shape))\nh.backward(dh)\n{BY_HAND}",
        "def slope(g):\n    seen['dz'] = dh * (1 - h.detach()**2)\nh.register_hook(slope)\nh.backward(dh)\n"
        f"dz = seen['dz']\n{REST}",
        f"z.retain_grad()\nh.backward(dh)\n{BY_HAND}print((z.grad - dz).abs().max(), (w.grad - dw).abs().max())\n",
    ],
)
def test_a_hook_that_only_reads_or_computes_by_itself_borrows_nothing(steps: str) -> None:
    assert told(layered(GRAPH + steps)) == {}


@pytest.mark.parametrize(
    "steps",
    [
        f"z.register_hook(lambda g: seen.update(z=g))\nh.backward(dh)\ndz = seen['z']\n{REST}",
        f"z.retain_grad()\nh.backward(dh)\ndz = z.grad\n{REST}",
    ],
)
def test_what_a_hook_read_is_borrowed_where_it_is_the_step(steps: str) -> None:
    assert told(layered(GRAPH + steps)) == {"dz": "borrowed"}


@pytest.mark.parametrize(
    ("wrong", "outcome"),
    [
        ("w.grad.T", "wrong"),
        ("2 * w.grad", "wrong"),
        ("-w.grad", "wrong"),
        ("w.grad.sum(0)", "wrong"),
        ("w.grad", "borrowed"),
        ("0.5 * (w.grad + w.grad)", "borrowed"),
    ],
)
def test_only_what_is_right_is_borrowed(wrong: str, outcome: str) -> None:
    source = f"{GRAPH}h.backward(dh)\n{BY_HAND.replace('x.T @ dz', wrong)}"

    assert told(layered(source)) == {"dw": outcome}


def test_what_was_borrowed_before_a_mistake_is_found_as_well() -> None:
    source = f"{GRAPH}h.backward(dh)\ndb = b.grad\ndz = dh * (1 - z**2)\ndx = dz @ w.T\ndw = x.T @ dz\n"

    assert told(layered(source)) == {"db": "borrowed", "dz": "wrong", "dx": "carried", "dw": "carried"}


# tapes and dual numbers of one's own

TAPE = """import numpy as np

class Tensor:
    def __init__(self, value, back=lambda grad: None):
        self.value, self.grad, self.back = value, 0, back

    def backward(self, grad):
        self.grad = self.grad + grad
        self.back(grad)

def affine(x, w, b):
    def back(grad):
        x.backward(grad @ w.value.T)
        w.backward(x.value.T @ grad)
        b.backward(grad.sum(axis=0))
    return Tensor(x.value @ w.value + b.value, back)

def tanh(z):
    h = np.tanh(z.value)
    def back(grad):
        dz = grad * (1 - h**2)
        z.backward(dz)
    return Tensor(h, back)

x = np.random.randn(4, 3)
w = np.random.randn(3, 5)
b = np.random.randn(5)
dh = np.random.randn(4, 5)
X, W, B = Tensor(x), Tensor(w), Tensor(b)
Z = affine(X, W, B)
H = tanh(Z)
H.backward(dh)
dz, dx, dw, db = Z.grad, X.grad, W.grad, B.grad
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", {}),
        (
            "dz = grad * (1 - h**2)",
            "dz = grad * (1 - h)",
            {"dz": "wrong", "dx": "carried", "dw": "carried", "db": "carried"},
        ),
        ("w.backward(x.value.T @ grad)", "w.backward(2 * x.value.T @ grad)", {"dw": "wrong"}),
    ],
)
def test_a_tape_of_ones_own_is_work_by_hand(old: str, new: str, expected: dict[str, str]) -> None:
    source = TAPE.replace(old, new) if old else TAPE
    result = layered(source)

    assert told(result) == expected
    if "dz" in expected:
        assert place_of(result, "dz", source) == new


CELL = """import torch
class Cell(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, c):
        o, s = torch.sigmoid(a), torch.tanh(c)
        ctx.save_for_backward(o, s)
        return o * s, c.clone()
    @staticmethod
    def backward(ctx, arriving, more):
        o, s = ctx.saved_tensors
        ds = arriving * o
        do = arriving * s
        dc = more + (1 - s**2) * ds
        da = o * (1 - o) * do
        return da, dc
a, c = torch.randn(3, requires_grad=True), torch.randn(3, requires_grad=True)
u, v = torch.randn(3), torch.randn(3)
h, on = Cell.apply(a, c)
((u * h).sum() + (v * on).sum()).backward()
"""
GATED = loads(
    """
exercise: gated
title: A gate
given:
  a: {shape: [3], draw: normal}
  c: {shape: [3], draw: normal}
  u: {shape: [3], draw: normal}
  v: {shape: [3], draw: normal}
forward: |
  o = sigmoid(a)
  s = tanh(c)
  h = o * s
  L = sum(u * h) + sum(v * c)
steps: {ds: d(L)/d(s), do: d(L)/d(o), dc: d(L)/d(c), da: d(L)/d(a)}
"""
)


@pytest.mark.slow
def test_upstream_derivatives_that_a_sum_of_terms_passes_on_to_a_function_are_not_borrowed() -> None:
    result = warm.check(GATED, load_bytes(CELL.encode(), "mine.py"))

    assert [step.outcome for step in result.steps] == ["correct"] * 4
