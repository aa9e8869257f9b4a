"""Given numbers in containers, arguments, defaults and classes, and functions that are called again at other numbers:
what is right stays right however its inputs are kept."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import numpy as np
import pytest

from grader.exercise.load import loads
from grader.model import Result
from tests import warm

FORWARD = """\
h1_raw = {w_h} * {h0}
h1 = np.tanh(h1_raw)
h2_raw = {w_h} * h1
h2 = np.tanh(h2_raw)
y2 = {w_y} * h2
"""
BACKWARD = """\
dy2 = 1.0
dw_y = h2 * dy2
dh2 = {w_y} * dy2
dh2_raw = (1 - h2**2) * dh2
dh1 = {w_h} * dh2_raw
dh1_raw = (1 - h1**2) * dh1
dw_h = h1 * dh2_raw + {h0} * dh1_raw
"""

KEPT = {
    "a list": ("p = [0.5, 2.0, 40.0]", "p[0]", "p[1]", "p[2]"),
    "a list of whole numbers": ("p = [0.5, 2, 40]", "p[0]", "p[1]", "p[2]"),
    "an array": ("p = np.array([0.5, 2.0, 40.0])", "p[0]", "p[1]", "p[2]"),
    "an array with a number more": ("p = np.array([[0.5, 2.0], [40.0, 0.0]])", "p[0, 0]", "p[0, 1]", "p[1, 0]"),
    "the list of all states": ("w_h, w_y = 2.0, 40.0\nh = [0.5]\nh0 = h[0]", "h[-1]", "w_h", "w_y"),
    "an array of all states": ("w_h, w_y = 2.0, 40.0\nh = np.zeros(3)\nh[0] = 0.5", "h[0]", "w_h", "w_y"),
    "a name of their own first": ("start = 0.5\nh0 = start\nw_h, w_y = 2.0, 40.0", "start", "w_h", "w_y"),
    "a dict": ("g = {'h0': 0.5, 'w_h': 2.0, 'w_y': 40.0}", "g['h0']", "g['w_h']", "g['w_y']"),
    "a dict with other keys": ("g = {'x': 0.5, 'a': 2.0, 'b': 40.0}", "g['x']", "g['a']", "g['b']"),
    "a dict with numbers for keys": ("g = {0: 0.5, 1: 2.0, 2: 40.0}", "g[0]", "g[1]", "g[2]"),
    "a dict made of two lists": (
        "g = dict(zip(['h0', 'w_h', 'w_y'], [0.5, 2.0, 40.0]))",
        "g['h0']",
        "g['w_h']",
        "g['w_y']",
    ),
    "a dict of lists": ("g = {'x': [0.5], 'w': (2.0, 40.0)}", "g['x'][0]", "g['w'][0]", "g['w'][1]"),
    "entry by entry": ("g = {}\ng[0] = 0.5\ng[1] = 2.0\ng[2] = 40.0", "g[0]", "g[1]", "g[2]"),
    "a named tuple": (
        "from collections import namedtuple\nP = namedtuple('P', 'h0 w_h w_y')\np = P(0.5, 2.0, 40.0)",
        "p.h0",
        "p.w_h",
        "p.w_y",
    ),
    "a data class": (
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: float\n    a: float = 2.0\n"
        "    b: float = 40.0\np = P(0.5)",
        "p.x",
        "p.a",
        "p.b",
    ),
    "attributes": (
        "class P:\n    def __init__(self):\n        self.x = 0.5\n        self.a, self.b = 2.0, 40.0\np = P()",
        "p.x",
        "p.a",
        "p.b",
    ),
    "objects of their own": (
        "class Value:\n    def __init__(self, data):\n        self.data = data\n"
        "a, b, c = Value(0.5), Value(2.0), Value(40.0)",
        "a.data",
        "b.data",
        "c.data",
    ),
    "what a function gives": ("def setup():\n    return [0.5, 2.0], 40.0\n(x, b) = setup()", "x[0]", "x[1]", "b"),
    "numbers of the formulas beside them": (
        "p = [0.5, 2.0, 40.0]\npowers = [1.0, 2.0]",
        "p[0]**powers[0]",
        "p[1]",
        "p[2]",
    ),
}


def check(text: str, folder: Path) -> Result:
    (folder / "mine.py").write_text(f"import numpy as np\n{text}")
    return warm.check("tanh-chain-reverse", folder / "mine.py")


def wrong(result: Result) -> dict[str, tuple[str, str | None]]:
    return {
        step.name: (step.outcome, step.reason)
        for step in (*result.forward, *result.steps)
        if step.outcome not in ("correct", "carried")
    }


def formulas(h0: str, w_h: str, w_y: str) -> str:
    return (FORWARD + BACKWARD).format(h0=h0, w_h=w_h, w_y=w_y)


@pytest.mark.parametrize("kept", KEPT)
def test_given_numbers_may_be_kept_in(kept: str, tmp_path: Path) -> None:
    start, *names = KEPT[kept]
    result = check(f"{start}\n{formulas(*names)}", tmp_path)

    assert (wrong(result), result.score) == ({}, 7.0)


@pytest.mark.parametrize("kept", ["a list", "a dict with numbers for keys", "a named tuple", "attributes"])
def test_a_mistake_is_found_however_the_given_numbers_are_kept(kept: str, tmp_path: Path) -> None:
    start, *names = KEPT[kept]
    mistaken = formulas(*names).replace("(1 - h1**2)", "(1 - h1_raw**2)")

    assert wrong(check(f"{start}\n{mistaken}", tmp_path)) == {"dh1_raw": ("wrong", "value")}


def test_a_formula_of_which_a_number_is_typed_in_where_the_input_has_a_name_is_wrong(tmp_path: Path) -> None:
    mistaken = formulas("h0", "w_h", "w_y").replace("dh1 = w_h", "dh1 = 2.0")
    result = check(f"h0, w_h, w_y = 0.5, 2.0, 40.0\n{mistaken}", tmp_path)

    assert wrong(result) == {"dh1": ("wrong", "given_point_only")}


def test_where_no_name_stands_for_an_input_the_formulas_that_use_its_number_are_not_accused(tmp_path: Path) -> None:
    result = check(f"h0, w_h = 0.5, 2.0\n{formulas('h0', 'w_h', '40.0')}", tmp_path)

    assert wrong(result) == {"y2": ("unjudged", "nameless"), "dh2": ("unjudged", "nameless")}
    told = next(step.remark for step in result.steps if step.name == "dh2")
    assert told == "your code has no variable for the given `w_y`, so it could not be run with other numbers"


@pytest.mark.parametrize(
    "start",
    [
        'import json\nglobals().update(json.loads(\'{"h0": 0.5, "w_h": 2.0, "w_y": 40.0}\'))',
        'import configparser\nc = configparser.ConfigParser()\nc.read_string("[a]\\nh0=0.5\\nw_h=2.0\\nw_y=40.0")',
    ],
    ids=["bound unseen", "kept as text"],
)
def test_a_formula_is_not_accused_where_its_numbers_come_from_what_cannot_be_replaced(
    start: str, tmp_path: Path
) -> None:
    names = ("h0", "w_h", "w_y")
    read = [f'c["a"].getfloat("{name}")' for name in names] if "config" in start else names
    result = check(f"{start}\n{formulas(*read)}", tmp_path)

    assert {reason for outcome, reason in wrong(result).values() if outcome != "carried"} == {"nameless"}
    assert {outcome for outcome, _ in wrong(result).values()} <= {"unjudged", "carried"}


CALLED = {
    "with names": "chain(h0=0.5, w_h=2.0, w_y=40.0)",
    "with numbers": "chain(0.5, 2.0, 40.0)",
    "through names": "h0, w_h, w_y = 0.5, 2.0, 40.0\nchain(h0, w_h, w_y)",
    "with a tuple": "args = (0.5, 2.0, 40.0)\nchain(*args)",
    "in a loop": "for h0, w_h, w_y in [(0.5, 2.0, 40.0)]:\n    chain(h0, w_h, w_y)",
}


@pytest.mark.parametrize("names", ["h0, w_h, w_y", "x, a, b", "x=0.5, a=2.0, b=40.0"])
@pytest.mark.parametrize("called", [name for name in CALLED if name != "with names"])
def test_a_function_may_be_called(called: str, names: str, tmp_path: Path) -> None:
    plain = [name.split("=")[0] for name in names.split(", ")]
    function = f"def chain({names}):\n{indent(formulas(*plain), '    ')}    return dw_h\n"

    assert wrong(check(function + CALLED[called], tmp_path)) == {}


AGAIN = {
    "to compare": "e = 1e-6\nprint((chain(0.5, 2.0 + e, 40.0) - chain(0.5, 2.0 - e, 40.0)) / (2 * e))",
    "far away": "chain(0.1, 0.2, 0.3)",
    "to draw": "curve = [chain(0.5, w, 40.0) for w in np.linspace(1, 3, 9)]",
}


@pytest.mark.parametrize("again", AGAIN)
@pytest.mark.parametrize("mistake", [False, True])
def test_a_function_may_be_called_again_at_other_numbers(mistake: bool, again: str, tmp_path: Path) -> None:
    body = formulas("h0", "w_h", "w_y")
    if mistake:
        body = body.replace("(1 - h1**2)", "(1 - h1_raw**2)")
    function = f"def chain(h0, w_h, w_y):\n{indent(body, '    ')}    return dw_h\n"
    result = check(f"{function}{CALLED['with numbers']}\n{AGAIN[again]}", tmp_path)

    assert wrong(result) == ({"dh1_raw": ("wrong", "value")} if mistake else {})


def test_methods_may_be_called_again_at_other_numbers(tmp_path: Path) -> None:
    forward, backward = (part.format(h0="h0", w_h="w_h", w_y="w_y") for part in (FORWARD, BACKWARD))
    net = (
        "class Net:\n"
        "    def forward(self, h0, w_h, w_y):\n"
        f"{indent(forward, ' ' * 8)}"
        "        self.kept = h0, w_h, w_y, h1, h2\n"
        "        return y2\n"
        "    def backward(self):\n"
        "        h0, w_h, w_y, h1, h2 = self.kept\n"
        f"{indent(backward, ' ' * 8)}"
        "        return dw_h\n"
        "net = Net()\n"
        "net.forward(0.5, 2.0, 40.0)\n"
        "net.backward()\n"
        "for w in (0.3, 0.6):\n"
        "    net.forward(0.5, w, 40.0)\n"
        "    net.backward()\n"
    )

    assert wrong(check(net, tmp_path)) == {}


EXAMPLES = """\
from math import exp, log
w = [0.8, -0.6, 0.3]
b = 0.2
{start}
z = [sum(a * c for a, c in zip(d.x, w)) + b for d in rows]
p = [1 / (1 + exp(-a)) for a in z]
nll = [-log(q if d.y else 1 - q) for d, q in zip(rows, p)]
loss = sum(nll) / 5
dnll = [1 / 5 for _ in p]
dp = [g * (-1 / q if d.y else 1 / (1 - q)) for d, q, g in zip(rows, p, dnll)]
dz = [g * q * (1 - q) for g, q in zip(dp, p)]
dw = [sum(g * d.x[j] for g, d in zip(dz, rows)) for j in range(3)]
db = sum(dz)
"""
X = [[0.5, -1.2, 0.8], [1.5, 0.3, -0.7], [-0.6, 0.9, 1.1], [-1.4, -0.5, 0.4], [0.7, 1.3, -0.9]]
Y = [1, 0, 1, 0, 0]
CLASS = "class Row:\n    def __init__(self, x, y):\n        self.x, self.y = x, y\n"
TUPLE = "from collections import namedtuple\nRow = namedtuple('Row', 'x y')\n"
ROWS = {
    "objects": f"{CLASS}rows = [Row(x, y) for x, y in zip({X}, {Y})]",
    "named tuples": f"{TUPLE}rows = [Row(x, y) for x, y in zip({X}, {Y})]",
    "objects, of named arrays": f"{CLASS}X, y = {X}, {Y}\nrows = [Row(X[i], y[i]) for i in range(5)]",
    "objects of a loop": f"{CLASS}rows = []\nfor x, y in zip({X}, {Y}):\n    rows.append(Row(x, y))",
}


@pytest.mark.parametrize("rows", ROWS)
def test_each_example_may_be_a_record_with_fields_named_like_inputs(rows: str, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(EXAMPLES.format(start=ROWS[rows]))
    result = warm.check("logistic-regression", tmp_path / "mine.py")

    assert (wrong(result), result.score) == ({}, 8.0)


def test_rows_that_are_typed_in_one_by_one_are_no_input_and_no_formula_is_accused(tmp_path: Path) -> None:
    typed = ", ".join(f"Row({x}, {y})" for x, y in zip(X, Y, strict=True))
    (tmp_path / "mine.py").write_text(EXAMPLES.format(start=f"{TUPLE}rows = [{typed}]"))
    result = warm.check("logistic-regression", tmp_path / "mine.py")

    assert {outcome for outcome, _ in wrong(result).values()} == {"unjudged"}


DUALS = """\
class Dual:
    def __init__(self, value, slopes):
        self.value, self.slopes = value, slopes
def times(p, q):
    slopes = {}
    for name in ("w_h", "w_y"):
        slopes[name] = p.slopes.get(name, 0.0) * q.value + p.value * q.slopes.get(name, 0.0)
    return Dual(p.value * q.value, slopes)
def tanh(p):
    t = np.tanh(p.value)
    return Dual(t, {name: (1 - t * t) * slope for name, slope in p.slopes.items()})
h0, w_h, w_y = Dual(0.5, {}), Dual(2.0, {"w_h": 1.0}), Dual(40.0, {"w_y": 1.0})
h1_raw = times(w_h, h0)
h1 = tanh(h1_raw)
h2_raw = times(w_h, h1)
h2 = tanh(h2_raw)
y2 = times(w_y, h2)
dh0_dwh = dwy_dwh = 0.0
dh1raw_dwh, dh1_dwh, dh2raw_dwh = h1_raw.slopes["w_h"], h1.slopes["w_h"], h2_raw.slopes["w_h"]
dh2_dwh, dy2_dwh, dh2_dwy, dy2_dwy = h2.slopes["w_h"], y2.slopes["w_h"], h2.slopes["w_y"], y2.slopes["w_y"]
"""


def test_a_slope_kept_under_the_name_of_an_input_is_not_the_input(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(f"import numpy as np\n{DUALS}")
    result = warm.check("tanh-chain-forward", tmp_path / "mine.py")

    assert {step.outcome for step in result.steps} == {"correct"}


LAYER = loads(
    """
exercise: layer
title: A layer
given:
  x: {shape: [4, 3], draw: normal}
  w: {shape: [3, 5], draw: normal}
  dh: {shape: [4, 5], draw: normal}
forward: |
  z = x @ w
  h = tanh(z)
  L = sum(dh * h)
steps:
  dz: d(L)/d(z)
  dx: d(L)/d(x)
  dw: d(L)/d(w)
"""
)
LAYER_LINES = """\
z = {x} @ {w}
h = np.tanh(z)
L = np.sum({dh} * h)
dz = {dh} * (1 - h**2)
dx = dz @ {w}.T
dw = {x}.T @ dz
"""
DRAWN = "import numpy as np\nrng = np.random.default_rng(0)\n"
SHAPES = {"x": (4, 3), "w": (3, 5), "dh": (4, 5)}


def of_layer(source: str, folder: Path) -> Result:
    (folder / "mine.py").write_text(DRAWN + source)
    return warm.check(LAYER, folder / "mine.py")


def in_function(parameters: str) -> str:
    lines = indent(LAYER_LINES.format(x="x", w="w", dh="dh"), "    ")
    return f"def backward({parameters}):\n{lines}    return dict(dz=dz, dx=dx, dw=dw)\n"


@pytest.mark.parametrize(
    "source",
    [
        "x, w = rng.normal(size=(4, 3)), rng.normal(size=(3, 5))\n"
        + in_function("x, w, dh")
        + "grads = backward(x, w, rng.normal(size=(4, 5)))\n",
        in_function("x, w, dh") + "grads = backward(*(rng.normal(size=s) for s in ((4, 3), (3, 5), (4, 5))))\n",
    ],
    ids=["one of them", "all"],
)
def test_arrays_that_are_made_where_a_function_is_called_are_its_inputs(source: str, tmp_path: Path) -> None:
    assert wrong(of_layer(source, tmp_path)) == {}


def test_a_mistake_in_such_a_function_is_found(tmp_path: Path) -> None:
    source = in_function("x, w, dh").replace("1 - h**2", "1 - z**2")
    result = of_layer(f"{source}grads = backward(*(rng.normal(size=s) for s in {[*SHAPES.values()]}))\n", tmp_path)

    assert {name for name, (outcome, _) in wrong(result).items() if outcome == "wrong"} == {"dz"}


def test_a_parameter_of_a_helper_that_goes_by_the_name_of_an_input_is_its_own(tmp_path: Path) -> None:
    # `x` is first handed an array of the shape of the input x that is not the input.
    source = "def double(x):\n    return 2 * x\ndata, w, dh = (rng.normal(size=s) for s in ((4, 3), (3, 5), (4, 5)))\n"
    source += "half = double(data - 1) / 2\n" + LAYER_LINES.format(x="data", w="w", dh="dh")

    assert "wrong" not in {outcome for outcome, _ in wrong(of_layer(source, tmp_path)).values()}


def test_the_arrays_of_an_archive_are_inputs(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "data.npz", **{name: rng.normal(size=shape) for name, shape in SHAPES.items()})
    lines = LAYER_LINES.format(**{name: f'data["{name}"]' for name in SHAPES})

    assert wrong(of_layer(f'data = np.load("data.npz")\n{lines}', tmp_path)) == {}


def test_arrays_that_are_bound_unseen_accuse_nothing(tmp_path: Path) -> None:
    source = f'for name, shape in {SHAPES}.items():\n    exec(f"{{name}} = rng.normal(size=shape)")\n'
    result = of_layer(source + LAYER_LINES.format(x="x", w="w", dh="dh"), tmp_path)

    assert {outcome for outcome, _ in wrong(result).values()} <= {"unjudged", "carried"}


D = {
    "a dict": "{name} = dict(x=rng.normal(size=(4, 3)), w=rng.normal(size=(3, 5)), dh=rng.normal(size=(4, 5)))",
    "a dict, entry by entry": "{name} = {{}}\n"
    + "\n".join(f'{{name}}["{one}"] = rng.normal(size={shape})' for one, shape in SHAPES.items()),
    "a dict that a function fills": "def drawn():\n    {name} = {{}}\n"
    + "\n".join(f'    {{name}}["{one}"] = rng.normal(size={shape})' for one, shape in SHAPES.items())
    + "\n    return {name}\n{name} = drawn()",
}


@pytest.mark.parametrize("name", ["d", "g"])
@pytest.mark.parametrize("data", D)
def test_what_has_the_name_of_a_container_of_gradients_may_hold_data(data: str, name: str, tmp_path: Path) -> None:
    lines = LAYER_LINES.format(**{one: f'{name}["{one}"]' for one in SHAPES})
    result = of_layer(f"{D[data].format(name=name)}\n{lines}", tmp_path)
    mistaken = of_layer(f"{D[data].format(name=name)}\n{lines.replace('1 - h**2', '1 - z**2')}", tmp_path)

    assert (wrong(result), wrong(mistaken)) == ({}, {"dz": ("wrong", "value")})


@pytest.mark.parametrize("empty", ["np.zeros_like({0})", "0 * {0}", "None", "np.zeros({0}.shape)"])
@pytest.mark.parametrize("inputs", ["x, w, dh", "data, weights, up"])
def test_a_container_of_gradients_made_before_the_forward_pass_holds_no_data(
    inputs: str, empty: str, tmp_path: Path
) -> None:
    names = dict(zip(SHAPES, inputs.split(", "), strict=True))
    drawn = "".join(f"{names[one]} = rng.normal(size={shape})\n" for one, shape in SHAPES.items())
    made = ", ".join(f'"{one}": {empty.format(names[one])}' for one in ("x", "w"))
    lines = LAYER_LINES.format(**names).replace("dx =", 'g["x"] =').replace("dw =", 'g["w"] =')
    result = of_layer(f"{drawn}g = {{{made}}}\n{lines}", tmp_path)

    assert "wrong" not in {outcome for outcome, _ in wrong(result).values()}
    assert inputs != "x, w, dh" or not wrong(result)
