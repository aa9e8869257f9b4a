"""Guessing earns nothing: a step is no value among many that were bound in the hope of hitting it.

Each program makes every product and sum of what is given and binds them in another way. Beside them stand people's
derivations that bind as many things, or under no name of the exercise's, and lose nothing.
"""

from __future__ import annotations

import pytest

from grader.model import Result
from grader.submission.load import load_bytes
from tests import warm

FORWARD = """import itertools, math
from math import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = tanh(h1_raw)
h2_raw = w_h * h1
h2 = tanh(h2_raw)
y2 = w_y * h2
"""
GUESSES = """base = [w_h, 1 - h2**2, w_y, h1, h2, 1 - h1**2, h0]
V = [math.prod(kept) for n in range(1, 8) for kept in itertools.combinations(base, n)]
V += [a + b for a, b in itertools.combinations(V[7:60], 2)]
"""
"""Some fifteen hundred."""
FACTORS = ("h0", "w_h", "w_y", "h1", "h2", "(1 - h1**2)", "(1 - h2**2)")
STEPS = ("dh1raw_dwh", "dh1_dwh", "dh2raw_dwh", "dh2_dwh", "dy2_dwh", "dy2_dwy", "dw_y", "dh2", "dh2_raw", "dh1",
         "dh1_raw", "dw_h")  # fmt: skip
"""The steps whose value is another one at every point."""


OWN_WORDS = """
first_slope = h0
sq1 = h1 * h1
s1 = 1 - sq1
first_h = s1 * first_slope
inside = w_h * first_h
second_slope = h1 + inside
sq2 = h2 * h2
s2 = 1 - sq2
second_h = s2 * second_slope
whole = w_y * second_h
by_readout = h2
seed = 1.0
from_above = h2 * seed
arriving = w_y * seed
through_second = s2 * arriving
at_first = w_h * through_second
through_first = s1 * at_first
part_one = h1 * through_second
part_two = h0 * through_first
both = part_one + part_two
"""
UNDER_STEPS_NAMES = """
dh0_dwh = dwy_dwh = dh2_dwy = 0.0
dh1raw_dwh = h0
dh1_dwh = (1 - h1**2) * dh1raw_dwh
dh2raw_dwh = h1 + w_h * dh1_dwh
dh2_dwh = (1 - h2**2) * dh2raw_dwh
dy2_dwh = w_y * dh2_dwh
dy2_dwy = h2
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = (1 - h2**2) * dh2
dh1 = w_h * dh2_raw
dh1_raw = (1 - h1**2) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
"""
CURVE = """
def curve(w):
    a = tanh(w * h0)
    slope = 1 - a * a
    b = tanh(w * a)
    return w_y * b * slope
"""


def own_words(pattern: str) -> str:
    """The derivation in own words with something done to what each line binds."""
    lines = OWN_WORDS.strip().splitlines()
    return "".join(pattern.format(line=line, name=line.split(" = ")[0]) for line in lines)


def in_function(body: str, name: str = "derive") -> str:
    inner = "".join(f"    {line}\n" for line in (FORWARD + body).splitlines()[5:] if line)
    return f"def {name}(h0, w_h, w_y):\n{inner}    return y2, dw_h\n"


PEOPLE = {
    "own words": OWN_WORDS,
    "own words, then a training loop": OWN_WORDS
    + """
u, v = w_h, w_y
for _ in range(300):
    p = tanh(u * h0)
    q = tanh(u * p)
    g = 2 * (v * q - 1)
    r = (1 - q * q) * v * g
    t = (1 - p * p) * u * r
    u = u - 0.01 * (p * r + h0 * t)
    v = v - 0.01 * q * g
""",
    "own words after a curve was drawn": CURVE + "ys = [curve(w_h + k / 50) for k in range(100)]\n" + OWN_WORDS,
    "own words after a sweep": "best = 0.0\nfor k in range(200):\n    there = tanh(w_h * h0 * k / 100)\n"
    "    slope = 1 - there * there\n    best = best + slope\n" + OWN_WORDS,
    "own words, each checked by a difference": OWN_WORDS
    + "f = lambda w: w_y * tanh(w * tanh(w * h0))\nfor k in range(2, 12):\n    e = 10.0**-k\n"
    "    slope = (f(w_h + e) - f(w_h - e)) / (2 * e)\n    off = slope - both\n",
    "own words in a dict": "g = {}\n"
    + own_words("{line}\ng['{name}'] = {name}\n"),
    "own words in a list": "kept = []\n"
    + own_words("{line}\nkept.append({name})\n"),
    "own words in a function": "def derive():\n"
    + "".join(f"    {line}\n" for line in OWN_WORDS.split("\n")[1:-1]) + "    return both\nanswer = derive()\n",
    "own words by a helper": "def times(a, b):\n    product = a * b\n    return product\n"
    "def slope(a):\n    square = times(a, a)\n    flat = 1 - square\n    return flat\n"
    "a = times(slope(h1), h0)\nb = times(w_h, a)\nc = h1 + b\nd = times(slope(h2), c)\ne = times(w_y, d)\n"
    "f = times(w_y, 1.0)\ng = times(slope(h2), f)\nh = times(w_h, g)\ni = times(slope(h1), h)\n"
    "j = times(h1, g)\nk = times(h0, i)\nl = j + k\nm = h0\nn = h2\no = times(h2, 1.0)\n",
    "the steps, then hundreds of products": UNDER_STEPS_NAMES + GUESSES + "for v in V:\n    z = v\n",
    "the steps, tried out in a loop afterwards": UNDER_STEPS_NAMES
    + "answer = [dw_h]\nx = w_h\nfor k in range(100):\n    x = x + 0.01\n    h1 = tanh(x * h0)\n    h2 = tanh(x * h1)\n"
    "    y2 = w_y * h2\n    dh2 = w_y + k\n    dh2_raw = (1 - h2**2) * dh2\n    dh1 = x * dh2_raw\n"
    "    dh1_raw = (1 - h1**2) * dh1\n    dw_h = h1 * dh2_raw + h0 * dh1_raw\n",
    "a step added up in many parts": UNDER_STEPS_NAMES.replace(
        "dw_h = h1", "dw_h = 0.0\nfor k in range(40):\n    dw_h = dw_h + h1 * dh2_raw / 40\nfor k in range(40):\n"
        "    dw_h = dw_h + h0 * dh1_raw / 40\nshown = [dw_h]\ndw_h = min(dw_h, 1.0) #"),
    "a function called first, then to draw": in_function(UNDER_STEPS_NAMES)
    + "answer = derive(h0, w_h, w_y)\nys = [derive(h0, w_h + k / 40, w_y) for k in range(1, 60)]\n",
    "a function called last, after drawing": in_function(UNDER_STEPS_NAMES)
    + "ys = [derive(h0, w_h + k / 40, w_y) for k in range(1, 60)]\nanswer = derive(h0, w_h, w_y)\n",
    "a cell for each step, then all again elsewhere": "".join(
        f"# %%\n{line}\n" for line in UNDER_STEPS_NAMES.split("\n")[1:-1])
    + "# %%\nh0, h1, h2 = 0.1, 0.2, 0.3\n"
    + "".join(f"# %%\n{line}\n" for line in UNDER_STEPS_NAMES.split("\n")[1:-1]),
}  # fmt: skip
LEFT_OUT = {"dh0_dwh", "dwy_dwh", "dh2_dwy", "dy2"}
"""What no value tells: of own words, nobody knows which 0 or 1 is meant."""


def few(start: int, size: int) -> str:
    """A loop over some of the guesses."""
    return f"for i in range({start}, {start + size}):\n    z{start} = V[i]\n"


def lines(pattern: str, most: int = 3) -> str:
    """A statement for each product of some factors: generated source."""
    products = [
        " * ".join(FACTORS[i] for i in range(7) if mask >> i & 1)
        for mask in range(3, 128)
        if 1 < mask.bit_count() <= most
    ]
    return "".join(pattern.format(n=n, product=product) for n, product in enumerate(products))


def named(body: str) -> str:
    return "".join(body.format(name=name) for name in STEPS)


FLOODS = {
    "one name in one loop": GUESSES + "for v in V:\n    z = v\n",
    "a name for each of many loops": GUESSES + "".join(few(start, 100) for start in range(0, 1500, 100)),
    "many loops of a few passes": GUESSES + "".join(few(start, 6) for start in range(0, 900, 6)),
    "a comprehension into a dict": GUESSES + "d = {f'z{i}': v for i, v in enumerate(V)}\n",
    "a dict filled entry by entry": GUESSES + "d = {}\nfor i, v in enumerate(V):\n    d[f'z{i}'] = v\n",
    "a list of all": GUESSES + "grads = list(V)\n",
    "an array of all": GUESSES + "import numpy as np\ngrads = np.array(V)\n",
    "a list that grows": GUESSES + "grads = []\nfor v in V:\n    grads.append(v)\n",
    "a local of a function called many times": GUESSES + "def f(v):\n    z = v\n    return z\nfor v in V:\n    f(v)\n",
    "what a function returns": GUESSES + "def f(v):\n    return v * 1.0\nfor v in V:\n    f(v)\n",
    "locals of many functions": GUESSES
    + "".join(f"def f{n}():\n    a = V[{n}] * 1.0\n    return a\nf{n}()\n" for n in range(300)),
    "attributes set by name": GUESSES
    + "class C: pass\nc = C()\nfor i, v in enumerate(V):\n    setattr(c, f'z{i}', v)\n",
    "attributes of many objects": GUESSES + "class C: pass\nfor v in V:\n    c = C()\n    c.value = v\n",
    "globals set by name": GUESSES + "for i, v in enumerate(V):\n    globals()[f'z{i}'] = v\n",
    "code made and run": GUESSES + "for i, v in enumerate(V):\n    exec(f'z{i} = V[{i}]')\n",
    "a line for each product": lines("z{n} = {product}\n", 7),
    "a line for each product of two or three": lines("z{n} = {product}\n"),
    "a line for each product of two": lines("z{n} = {product}\n", 2),
    "products as names that look like derivatives": lines("d{n}_dw = {product}\n"),
    "a tuple unpacked": "(" + ", ".join(f"z{n}" for n in range(63)) + ") = (" + lines("{product}, ") + ")\n",
    "walrus by walrus": "use = [" + lines("(z{n} := {product}), ") + "]\n",
    "a step's name bound to all in a comprehension": "base = [h0, w_h, w_y, h1, h2, 1 - h1**2, 1 - h2**2]\n"
    "V = [math.prod(c) for n in range(1, 6) for c in itertools.combinations_with_replacement(base, n)][:700]\n"
    "b = [(dw_h := v) for v in V]\n",
    "a line, read by the next": "s = 0.0\n" + lines("z{n} = {product}\ns = s + z{n}\n"),
    "a local for each product": "def f():\n" + lines("    z{n} = {product}\n") + "f()\n",
    "a keyword for each product": "g = dict(" + lines("z{n}={product}, ") + ")\n",
    "each step's name bound to all": GUESSES + named("for v in V:\n    {name} = v\n    q = {name}\n"),
    "all steps' names in one loop": GUESSES
    + "for v in V:\n" + named("    {name} = v\n    q = {name} * 2\n"),
    "each step's name, emptied in between": GUESSES
    + named("for v in V:\n    {name} = v\n    q = {name} + 1\n    {name} = 0.0\n"),
    "each step's name in generated lines": named(
        lines("{{name}} = {product}\nq = {{name}} * 2\n").replace("{{", "{").replace("}}", "}")
    ),
    "each step's name, added to": GUESSES
    + named("{name} = 0.0\nfor v in V:\n    {name} += v - {name}\n    q = {name} * 2\n"),
    "a function that binds the steps, called with all": GUESSES
    + "def f(v):\n" + named("    {name} = v\n") + "    return dw_h\nfor v in V:\n    f(v)\n",
    "a function for each step, called with all": GUESSES
    + "".join(f"def f{n}(v):\n    {name} = v\n    return {name}\nfor v in V:\n    f{n}(v)\n"
              for n, name in enumerate(STEPS)),
    "a cell for each guess": "".join(
        "# %%\n" + "".join(f"{name} = {product}\n" for name in STEPS) for product in lines("{product}\n").splitlines()
    ),
    "a dict whose keys are the products": "grads = {}\n"
    "factors = {name: globals()[name] for name in ('h0', 'w_h', 'w_y', 'h1', 'h2')}\n"
    "for n in range(1, 6):\n    for kept in itertools.combinations_with_replacement(factors, n):\n"
    "        grads['*'.join(kept)] = math.prod(factors[one] for one in kept)\n",
    "a dict for each step's name": GUESSES
    + "g = {}\nfor v in V:\n" + named("    g['{name}'] = v\n    q = g['{name}']\n"),
}  # fmt: skip


LONG = {
    "each step's name bound to all",
    "each step's name in generated lines",
    "a function for each step, called with all",
}
"""Those that take the longest; shorter ones of their kinds stand beside them."""


def check(code: str, exercise: str = "tanh-chain") -> Result:
    return warm.check(exercise, load_bytes((FORWARD + code).encode(), "mine.py"))


def earned(result: Result) -> list[str]:
    """The steps that came out right, but for those whose line is there and right."""
    return [step.name for step in result.steps if step.outcome in ("correct", "carried")]


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(how, marks=[pytest.mark.slow] * (number % 3 != 0 or how in LONG))
        for number, how in enumerate(FLOODS)
    ],
)
def test_a_flood_of_guesses_hits_no_step(how: str) -> None:
    assert earned(check(FLOODS[how])) == []


@pytest.mark.parametrize("how", PEOPLE)
def test_a_persons_derivation_loses_nothing_by_what_stands_beside_it(how: str) -> None:
    lost = {step.name: step.outcome for step in check(PEOPLE[how]).steps if step.outcome != "correct"}

    assert {name: lost[name] for name in lost.keys() - LEFT_OUT} == {}
    assert set(lost.values()) <= {"missing"}
