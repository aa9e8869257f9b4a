"""Where a submission binds names, and that watching it changes nothing of what it computes."""

from __future__ import annotations

import ast
import asyncio
import types
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.instrument.nodes import names_read
from grader.instrument.site import NAME, Site
from grader.instrument.sites import instrument
from grader.runner.child.fault import CALLED

CORPUS = {
    "assign": "x = 1 + 2",
    "chained": "a = b = c = [1]\nsame = a is b is c",
    "chained with tuple": "p = (a, b) = (1, 2)",
    "chained with subscript": "h = [0, 0]\nx = h[1] = 5",
    "tuple": "a, b = 1, 2\na, b = b, a",
    "tuple from a call": "a, b = divmod(7, 2)",
    "list target": "[a, b] = range(2)",
    "starred": "a, *b, c = range(5)",
    "starred only": "*a, = 'xy'",
    "starred display": "a, b = *(1, 2), *()",
    "nested tuples": "(a, (b, *c)), d = (1, (2, 3, 4)), 5",
    "tuple of targets": "h = [0, 0]\nh[0], (h[1], x) = 1, (2, 3)",
    "index and its own target": "i = 0\nh = [5, 6]\ni, h[i] = 1, 7",
    "annotated": "x: int = 3\ny: 'nothing'",
    "annotated subscript": "h = {}\nh['x']: int = 3",
    "annotations are kept": "class C:\n    x: int = 1\n    y: str\nfound = dict(C.__annotations__)",
    "augmented": "x = 1\nx += 2\nx **= 3",
    "augmented in place": "a = b = [1]\na += [2]",
    "augmented subscript": "h = [1, 2]\nh[-1] *= 5",
    "augmented slice": "h = [1, 2, 3]\nh[1:] += [4]",
    "augmented with a call": "h = [1, 2]\ncalls = []\ndef i():\n    calls.append(1)\n    return 0\nh[i()] += 1",
    "walrus in text": "y = f'{(x := 3)} {x + 1:>4}'",
    "lambda that returns parts": "f = lambda g: (g, -g)\na, b = f(2)",
    "function that returns a name": "x = 2\ndef f(): return x\ndef g(): return 0\ny = f() + g()",
    "walrus": "y = (x := 3) + 1\nif (n := len('ab')) > 1: z = n",
    "walrus in a comprehension": "found = [last := n for n in range(3)]",
    "attribute": "import types\no = types.SimpleNamespace()\no.x = 1\no.x += 1\no.x, o.y = 5, 6\nd = vars(o)",
    "attribute of attribute": "class N: pass\nn = N()\nn.m = N()\nn.m.x = 1\nx = n.m.x",
    "property": "class C:\n    @property\n    def x(self): return self._x\n    @x.setter\n"
    "    def x(self, v): self._x = v\nc = C()\nc.x = 3\nc.x += 1\nv = c._x",
    "private name": "class C:\n    def __init__(self):\n        self.__x = 1\n        self.__x += 1\nd = vars(C())",
    "slots": "class C:\n    __slots__ = ('x',)\n    def __init__(self): self.x = 1\nx = C().x",
    "subscript with int": "h = [0] * 3\nh[1] = 5\nh[-1] = 6",
    "subscript with str": "d = {}\nd['dh2'] = 1\nd['dh2'] += 1",
    "subscript with slice": "h = [0] * 4\nh[1:3] = [1, 2]\nh[::2] = 'ab'",
    "subscript with tuple": "d = {}\nd[1, 2] = 3",
    "subscript with dynamic key": "d = {}\nfor k in 'ab':\n    d['d' + k] = k\n    d[f'e{k}'] = k",
    "subscript with a call": "h = [0, 0]\nit = iter(range(2))\nh[next(it)] = 1\nh[next(it)] = 2",
    "subscript of a call": "log = []\nclass C: pass\nc = C()\ndef own():\n    log.append('own')\n    return vars(c)\n"
    "def key():\n    log.append('key')\n    return 'x'\nown()[key()] = log.append('value')\nown()['y'] = 2\n"
    "own()[key()] = 3\nown()[key()] += 4\nx = c.x, c.y",
    "subscript with a call in another": "d = {}\ndef name(k):\n    d[f'{k}{k}'] = k\n    return f'd{k}'\n"
    "d[name(1)] = 1\nd[name(2)] = d[name(3)] = name(4)\nd['%s' % name(5)], d['{}'.format(6)] = 5, 6",
    "subscript with a huge key": "d = {}\nd[10 ** 30] = 1\nd[-1] = 2\nd[True] = 3\nd[None] = 4\nd[2.5] = 5",
    "subscript that cannot be read": "log = []\nclass L:\n    def __setitem__(self, k, v): log.append((k, v))\n"
    "l = L()\nl['x'] = 1\nl[0] = 2",
    "subscript of subscript": "h = [[0], [1]]\nh[1][0] = 5",
    "subscript by mask": "import numpy as np\nh = np.array([-1.0, 2.0])\nh[h < 0] = 0.0\nh = h.tolist()",
    "subscript by places": "import numpy as np\nh = np.zeros(4)\nix = np.array([1, 2])\nh[ix] = 3.0\nh[ix] += 1\n"
    "h[np.array([3])] = 9.0\nh = h.tolist()",
    "subscript of torch by places": "import torch\nh = torch.zeros(4)\nix = torch.tensor([1, 2])\nh[ix] = 3.0\n"
    "h[torch.tensor(3)] = 1.0\nh[h > 2] = 0.0\nh = h.tolist()",
    "dict display": "d = {'dh1': 1, 'dh2': 2, 3: 4, **{'x': 5}}",
    "dict()": "d = dict(dh1=1, dh2=2, **{'x': 5})",
    "keywords": "def f(*, w_h=1.0, **kw): return w_h, kw\nx = f(w_h=2.0, other=[1, 2])",
    "return of an expression": "def f(x): return x * 2\ny = f(3)",
    "return of a tuple": "def f(x):\n    return x, x + 1, *[2]\ny = f(3)",
    "return of nothing": "def f():\n    return\ny = f()",
    "lambda": "f = lambda x, y=2: x * y\nz = f(3)\ng = lambda: (1, 2)\nw = g()",
    "function parameters": "def f(a, /, b, *args, c=3, **kw): return a, b, args, c, kw\nx = f(1, 2, 9, c=4, d=5)",
    "parameter defaults": "def f(a, seen=[]):\n    seen.append(a)\n    return seen\nf(1)\nx = f(2)",
    "recursion": "def fact(n):\n    if n == 0: return 1\n    return n * fact(n - 1)\nx = fact(20)",
    "generator": "def g(n):\n    for i in range(n):\n        got = yield i\n    return n\nx = list(g(3))",
    "closure": "def outer():\n    n = 0\n    def inner():\n        nonlocal n\n        n += 1\n        return n\n"
    "    return inner\nf = outer()\nf()\nx = f()",
    "global": "def f():\n    global w\n    w = 3\nf()",
    "docstring of a function": "def f(x):\n    'what f does'\n    return x\nd = f.__doc__",
    "docstring of a class": "class C:\n    'what C is'\n    x = 1\nd = C.__doc__",
    "docstring of an async function": "async def f(x):\n    'what f does'\nd = f.__doc__",
    "class body": "class P:\n    w = 0.5\n    def __init__(self, b=1): self.b = b\nx = P.w, P().b",
    "class inheritance": "class A:\n    def f(self): return 1\nclass B(A):\n"
    "    def f(self): return super().f() + 1\nx = B().f()",
    "dataclass": "import sys, types\nsys.modules.setdefault(__name__, types.ModuleType(__name__))\n"
    "from dataclasses import dataclass, field\n@dataclass\nclass P:\n    w: float = 0.5\n"
    "    xs: list = field(default_factory=list)\n"
    "x = repr(P()), P.__dataclass_fields__['w'].default",
    "enum": "import enum\nclass E(enum.Enum):\n    A = 1\n    B = 2\nx = E.B.value, len(E)",
    "named tuple": "import typing\nclass N(typing.NamedTuple):\n    x: int\n    y: int = 2\nz = tuple(N(1))",
    "for": "t = 0\nfor i, (a, b) in enumerate([(1, 2), (3, 4)]):\n    t += a * b\nelse:\n    done = True",
    "for into a subscript": "h = [0]\nfor h[0] in range(3): pass",
    "while": "n = 3\nwhile n:\n    n -= 1\n    if n == 1: break\nelse:\n    n = 99",
    "list comprehension": "x = [i * j for i in range(3) for j in range(i) if j]",
    "dict and set comprehension": "d = {k: k * 2 for k in 'ab'}\ns = {n % 2 for n in range(5)}",
    "try": "try:\n    x = 1 / 0\nexcept ZeroDivisionError as e:\n    x = str(e)\nelse:\n    x = 5\nfinally:\n    y = 6",
    "except star": "try:\n    raise ExceptionGroup('g', [ValueError()])\nexcept* ValueError:\n    x = 1",
    "with": "import io\nwith io.StringIO('ab') as f, io.StringIO('c') as g:\n    x = f.read() + g.read()\ndel f, g, io",
    "with into a tuple": "import contextlib\nwith contextlib.nullcontext((1, 2)) as (a, b):\n    c = a + b",
    "match": "def f(v):\n    match v:\n        case [a, *rest]: r = a, rest\n        case {'k': k, **o}: r = k, o\n"
    "        case int(n) if (m := n) > 3: r = m\n        case -1 | None: r = 'none'\n"
    "        case _: r = 0\n    return r\n"
    "x = [f(v) for v in ([1, 2], {'k': 3, 'j': 4}, 5, -1, 2)]",
    "async": "import asyncio\nasync def f(x):\n    await asyncio.sleep(0)\n    return x + 1\n"
    "async def g():\n    out = [await f(i) for i in range(2)]\n    async for y in h(): out.append(y)\n    return out\n"
    "async def h():\n    yield 7\nx = asyncio.run(g())",
    "decorators": "def twice(f):\n    return lambda *a: f(*a) * 2\n@twice\ndef f(x): return x\ny = f(3)",
    "decorator with keywords": "import functools\n@functools.lru_cache(maxsize=4)\ndef f(x): return x\ny = f(3), f(3)\n"
    "z = f.cache_info().hits",
    "import": "import math as m\nfrom os import path\nx = m.pi",
    "future annotations": "from __future__ import annotations\n"
    "def f(x: Missing) -> Missing: return x\ny = f(1)\nz: Missing = 2",
    "f-string": "x = 3\ns = f'{x = } {(y := 4):>{x}} {x!r:5}' f\"{'a' if x else 'b'}\"",
    "call changing in place": "h = [3, 1]\nh.append(2)\nh.sort()\nclass C: h = [1]\nC.h.append(2)\ny = C.h",
    "delete": "x = 1\ny = x\ndel x",
    "conditional": "x = 1 if True else 2\nif x: y = 1\nelif x > 2: y = 2\nelse: y = 3",
    "unpacked strings": "a, b = 'xy'",
    "semicolons": "a = 1; b = a + 1; c = (a, b)",
    "line continuation": "x = (1 +\n     2) \\\n    * 3",
    "star import": "from math import *\nx = sqrt(4)",
    "assert and raise": "try:\n    assert False, 'no'\nexcept AssertionError as e: x = e.args",
    "conditional expression in a default": "def f(x=(y := 3)): return x\nz = f()",
    "computed and appended": "h = [3]\nfor k in range(3): h.append(h[-1] * 2)\nh.append(-h[0])\nh.append(abs(-1))",
    "dictionaries by number": "h = {0: 5, 1: 6}\na, b = {}, {0: h[1]}\nh[2] = b[0] + 1",
    "numbers": "h = 1_000\nz = 1j\nb = 0x10\ne = ...",
}


class Keeps:
    """A recorder that keeps everything as it is, and remembers what it saw."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, Any]] = []
        self.parts: dict[int, Any] = {}

    def bound(self, number: int, value: Any) -> Any:
        self.seen.append((number, value))
        return value

    parameter = again = bound

    def typed(self, number: int, value: Any) -> Any:
        return value

    def item(self, number: int, container: Any, key: Any) -> None:
        self.seen.append((number, key))

    def keep(self, number: int, part: Any) -> Any:
        self.parts[number] = part
        return part

    def within(self, number: int, container: Any) -> None:
        pass

    def kept(self, number: int) -> Any:
        return self.parts.pop(number)

    def touched(self, number: int, *objects: Any) -> None:
        self.seen.extend((number, one) for one in objects)

    def settled(self, number: int, through: str, names: dict[str, Any]) -> None:
        pass

    def passed(self, number: int, value: Any) -> None:
        pass

    def imported(self) -> None:
        pass


def originally(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "submission"}
    exec(compile(source, "original", "exec", dont_inherit=True), names)
    return names


def watched(source: str) -> tuple[dict[str, Any], Keeps]:
    recorder = Keeps()
    names: dict[str, Any] = {"__name__": "submission", NAME: recorder}
    futures = 0
    for tree in instrument(source, 0).statements:
        code = compile(tree, "watched", "exec", futures, dont_inherit=True)
        futures |= code.co_flags & 0x1000000
        exec(code, names)
    return names, recorder


def comparable(names: dict[str, Any]) -> dict[str, Any]:
    """A namespace without what is bound to differ: functions, classes and instances are told by their names."""

    def plain(value: Any) -> Any:
        if isinstance(value, types.FunctionType | type | types.ModuleType):
            return value.__name__
        if isinstance(value, list | tuple | set):
            return [type(value).__name__, *map(plain, value)]
        if isinstance(value, dict):
            return {key: plain(one) for key, one in value.items()}
        if hasattr(value, "tolist"):
            return value.tolist()
        return value if type(value).__eq__ is not object.__eq__ else type(value).__name__

    return {name: plain(value) for name, value in names.items() if not name.startswith("__")}


def sites(source: str) -> tuple[Site, ...]:
    """All but those that only look at what has changed, which have tests of their own."""
    return tuple(site for site in instrument(source, 0).sites if site.kind != "settled")


def kinds(source: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(site.kind, site.names) for site in sites(source) if site.kind != "typed"]


# nothing is changed


@pytest.mark.parametrize("name", CORPUS)
def test_watching_changes_nothing_of_what_is_computed(name: str) -> None:
    names, _ = watched(CORPUS[name])

    assert comparable(names) == comparable(originally(CORPUS[name]))


@given(st.lists(st.sampled_from(sorted(set(CORPUS) - {"future annotations", "star import"})), min_size=1, max_size=4))
def test_watching_changes_nothing_inside_a_function_or_a_block(chosen: list[str]) -> None:
    body = "\n".join("if True:\n" + "".join(f"    {line}\n" for line in CORPUS[name].split("\n")) for name in chosen)

    assert comparable(watched(body)[0]) == comparable(originally(body))


@pytest.mark.parametrize("name", CORPUS)
def test_grader_and_child_number_the_sites_alike(name: str) -> None:
    here, there = instrument(CORPUS[name], 3, 10), instrument(CORPUS[name], 3, 10)

    assert here.sites == there.sites
    assert [site.number for site in here.sites] == list(range(10, 10 + len(here.sites)))
    assert {site.cell for site in here.sites} <= {3}


@pytest.mark.parametrize("name", CORPUS)
def test_every_site_the_running_code_names_is_one(name: str) -> None:
    made = instrument(CORPUS[name], 0, 100)
    named = [
        node.args[0].value
        for tree in made.statements
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == NAME
        and node.func.attr not in ("keep", "kept")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]

    assert set(named) <= {site.number for site in made.sites}
    assert len(named) == len(set(named))


def test_whatever_the_running_code_calls_it_can_call() -> None:
    called = {
        node.attr
        for source in CORPUS.values()
        for tree in instrument(source, 0).statements
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == NAME
    }

    assert "typed" in called
    assert called <= set(CALLED)


@pytest.mark.parametrize("name", CORPUS)
def test_every_line_stays_the_students(name: str) -> None:
    lines = len(CORPUS[name].split("\n"))
    made = instrument(CORPUS[name], 0)

    found = [
        node.lineno for tree in made.statements for node in ast.walk(tree) if isinstance(node, ast.expr | ast.stmt)
    ]
    assert all(1 <= line <= lines for line in found)


# what is a site


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1", [("assign", ("x",))]),
        ("x = dh = 1", [("assign", ("x", "dh"))]),
        ("a, b = 1, 2", [("assign", ("a",)), ("assign", ("b",))]),
        ("a, (b, *c) = f()", [("unpack", ("a",)), ("unpack", ("b",)), ("unpack", ("c",))]),
        ("x: int = 1", [("assign", ("x",))]),
        ("x: int", []),
        ("x += 1", [("again", ("x",))]),
        ("print(x := 1)", [("assign", ("x",))]),
        ("self.dh2 = 1", [("assign", ("dh2",))]),
        ("grads['dh2'] = e", [("item", ()), ("whole", ("grads",))]),
        ("h[t] = e", [("item", ()), ("whole", ("h",))]),
        ("h[f()] = e", [("item", ()), ("whole", ("h",))]),
        ("f()[t] = e", [("item", ()), ("whole", ("f",))]),
        ("d = {'w': 1, 2: 3}", [("assign", ("d",)), ("entry", ("w",))]),
        ("d = dict(w=1)", [("assign", ("d",)), ("entry", ("w",))]),
        (
            "P = namedtuple('P', 'w h0')\np = P(2.0, h0=a)",
            [("assign", ("P",)), ("assign", ("p",)), ("entry", ("w",)), ("entry", ("h0",))],
        ),
        (
            "@dataclass\nclass P:\n    w: float\n    b: float = 0.5\np = P(e)",
            [("assign", ("b",)), ("assign", ("p",)), ("entry", ("w",))],
        ),
        ("f(w=1.0, x=y)", [("keyword", ("w",))]),
        ("def f(h0, *a, b=1, **k): return h0 * 2", [("parameter", ("h0",)), ("parameter", ("b",)), ("returned", ())]),
        ("def f(): return a, g()", [("returned", ())]),
        ("f = lambda: x * 2", [("assign", ("f",)), ("returned", ())]),
        ("for i in range(3): pass", [("loop", ("i",))]),
        ("[i for i in range(3)]", []),
        ("np.add.at(dC, ix, g)", [("touched", ("add", "dC", "ix", "g"))]),
        ("h.append(1)", [("touched", ("h",))]),
        ("h.append(e)", [("touched", ("h",))]),
        ("h.append(w * x)", [("touched", ("h",)), ("appended", ())]),
        ("h.append(f(x))", [("touched", ("h",)), ("appended", ())]),
        ("h.append(torch.tensor(1.0))", [("touched", ("h",))]),
        ("h.append(('dh1', w * x))", [("touched", ("h",)), ("appended", ())]),
        ("h.append(a if k else w * x)", [("touched", ("h",)), ("appended", ())]),
        ("def f(): yield 'dh1', w * x", [("returned", ())]),
        ("put(h, 'x', w * x)", [("touched", ("h",)), ("argument", ())]),
        ("setattr(o, f'd{k}', f(x))", [("touched", ("o",)), ("argument", ()), ("swept", ())]),
        ("put(h, w * x)", [("touched", ("h",))]),
        ("h['a'].update(x=e)", [("touched", ("h",)), ("entry", ("x",))]),
        ("vars(o).update(x=e)", [("touched", ("o",)), ("entry", ("x",)), ("swept", ())]),
        ("[setattr(o, k, v) for k, v in pairs]", [("touched", ("o",)), ("swept", ())]),
        ("h[k]['a'] = e", [("item", ()), ("whole", ("h",)), ("touched", ("h",))]),
        ("vars(o)[k] = e", [("item", ()), ("whole", ("o",)), ("swept", ())]),
        ("h = {0: e}", [("assign", ("h",)), ("item", ()), ("whole", ("h",))]),
        ("a, h = {}, {0: e}", [("assign", ("a",)), ("assign", ("h",)), ("item", ()), ("whole", ("h",))]),
        ("h = {0: e, 'a': 1}", [("assign", ("h",)), ("entry", ("a",))]),
        ("print(h)", []),
        ("import numpy", []),
        ("f'{(x := 1)}'", [("assign", ("x",))]),
    ],
)
def test_what_binds_is_a_site(source: str, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    assert kinds(source) == expected


@pytest.mark.parametrize(
    ("source", "changed"),
    [
        ("row[:] = e", ["e"]),
        ("row += e", ["e"]),
        ("dz.T[0] = e", ["e"]),
        ("for k in r:\n    row = dz[k]\n    row[:] = e\n    row += f", ["f"]),
        ("for k in r:\n    a[k] = e\n    b[k] = f", ["e", "f"]),
        ("x = np.multiply(a, b, out=c)", ["np.multiply(a, b, out=c)"]),
        ("if x:\n    row[:] = e", ["e"]),
        ("x = e", []),
        ("print(row)", []),
    ],
)
def test_what_may_change_something_under_another_name_is_a_site_behind_it(source: str, changed: list[str]) -> None:
    found = [site for site in instrument(source, 0).sites if site.kind == "settled"]

    assert [cut(source, site.value) for site in found] == changed


def test_a_site_says_what_its_name_belongs_to() -> None:
    assert [site.owner for site in sites("self.dh2 = 1\ngrads = {'w': 2}\no.grads['w'] = e")] == [
        "self",
        "",
        "grads",
        "grads",
        "o",
    ]


def test_a_site_says_which_function_it_stands_in() -> None:
    source = "x = 1\nclass C:\n    w = 2\n    def f(self):\n        def g(): y = 3\n        z = 4"

    assert [(site.names, site.scope) for site in sites(source) if site.kind == "assign"] == [
        (("x",), ""),
        (("w",), "C"),
        (("y",), "C.f.g"),
        (("z",), "C.f"),
    ]


def test_a_site_says_whether_it_stands_in_a_loop() -> None:
    source = "for i in x:\n    a = 1\n    def f(): b = 2\nelse:\n    c = 3\nwhile x: d = 4"

    assert [site.names[0] for site in sites(source) if site.in_loop] == ["a", "d"]


def test_a_site_says_which_top_level_statement_it_belongs_to() -> None:
    assert [site.top for site in sites("a = 1\nif a:\n    b = 2\n    c = 3\nd = 4")] == [0, 1, 1, 2]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 2", True),
        ("x = -2.5", True),
        ("x = [1, [2, 3]]", True),
        ("x = torch.tensor(2.0, requires_grad=True)", True),
        ("x = np.float64(2)", True),
        ("x = h", False),
        ("x = 'a'", False),
        ("x = 1 + 1", False),
        ("x = f(2)", False),
        ("x = [1, h]", False),
        ("x = []", False),
    ],
)
def test_a_number_typed_in_is_a_literal(source: str, expected: bool) -> None:
    assert sites(source)[0].literal is expected


def test_a_site_says_what_its_expression_reads() -> None:
    assert sites("dx = dh * c.w['b'] + 1")[0].reads == {"dh", "c", "w", "b"}


def test_a_chain_that_ends_in_a_tuple_reads_what_the_student_wrote() -> None:
    assert {site.reads for site in sites("p = (a, b) = f(h)")} == {frozenset({"f", "h"})}


# places


def cut(source: str, position: tuple[int, int, int, int]) -> str:
    """The text at a place: lines from 1, columns in UTF-8 bytes from 0."""
    line, column, end, end_column = position
    lines = [text.encode() for text in source.split("\n")]
    if line == end:
        return lines[line - 1][column:end_column].decode()
    inner = lines[line : end - 1]
    return b"\n".join([lines[line - 1][column:], *inner, lines[end - 1][:end_column]]).decode()


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("dh = 1 - h", ["1 - h"]),
        ("s = 'é𝜕'; dh = h * 2", ["'é𝜕'", "h * 2"]),
        ("δ, ü = 'é' + a, b * 2", ["'é' + a", "b * 2"]),
        ("δ, ü = f('é', a)", ["f('é', a)", "f('é', a)"]),
        ("ü += 'é' + a", ["'é' + a"]),
        ("ü['é'] = a", ["a", "a"]),
        ("d = {'é': 1 + 2, 'b': 3}", ["{'é': 1 + 2, 'b': 3}", "1 + 2", "3"]),
        ("x = (1 +\n  'é' + 2)", ["1 +\n  'é' + 2"]),
        ("def f(ü): return 'é' + ü", ["ü", "'é' + ü"]),
        ("print('é', y := a * 2)", ["a * 2"]),
    ],
)
def test_a_site_is_placed_at_its_expression_in_bytes(source: str, values: list[str]) -> None:
    assert [cut(source, site.value) for site in sites(source)] == values


@pytest.mark.parametrize(
    ("source", "numbers"),
    [
        ("p = [0.5, -2]", ["0.5", "-2"]),
        ("p = np.array([[1, 2.5]])", ["[1, 2.5]", "1", "2.5"]),
        ("p = [np.array([1.0]), h]", ["np.array([1.0])", "1.0"]),
        ("p = {0: 0.5, 'w': (2.0,)}", ["0.5", "2.0"]),
        ("p[0] = 0.5", ["0.5"]),
        ("p = P(0.5, w=2.0)", ["0.5"]),
        ("def f(x=0.5, *, w=2): return 3", ["0.5", "2", "3"]),
        ("f = lambda: 0.5", ["0.5"]),
        ("for x, w in [(0.5, 2.0)]: pass", ["(0.5, 2.0)", "0.5", "2.0"]),
        ("a, b = 0.5, 2.0", []),
        ("x = 0.5", []),
        ("y = 2 * h ** 2", []),
        ("y = np.power(h, 2)", []),
        ("y = range(2)", []),
        ("y = x[1, 2]", []),
        ("y = [True, 'a', None]", []),
        (f"data = {list(range(40))}", []),
    ],
)
def test_a_number_typed_in_without_a_name_is_a_site(source: str, numbers: list[str]) -> None:
    assert [cut(source, site.value) for site in sites(source) if site.kind == "typed"] == numbers


def test_a_site_is_placed_in_its_statement() -> None:
    source = "if x:\n    é = 1; dh = [f(a=2)]"

    assert [cut(source, site.statement) for site in sites(source)] == ["é = 1", "dh = [f(a=2)]", "dh = [f(a=2)]"]


def test_an_error_in_watched_code_is_at_the_students_line() -> None:
    (tree,) = instrument("def f(x):\n\n    y = [\n        x,\n        1 / 0,\n    ]\n    return y", 0).statements
    names: dict[str, Any] = {NAME: Keeps()}
    exec(compile(tree, "cell", "exec"), names)

    with pytest.raises(ZeroDivisionError) as caught:
        names["f"](1)
    assert caught.traceback[-1].lineno + 1 == 5


# what is seen


def test_values_are_seen_in_the_order_of_the_code() -> None:
    _, recorder = watched("a = 1\na += 1\nb, c = a * 2, a * 3\nfor i in range(2):\n    d = i\nh = [0]\nh[0] = 9")

    assert recorder.seen == [(0, 1), (2, 2), (3, 4), (4, 6), (6, 0), (6, 1), (7, [9]), (10, 0)]


def test_a_coroutine_is_seen_as_well() -> None:
    names, recorder = watched("async def f(h0):\n    dh = h0 * 2\n    return dh + 1")

    assert asyncio.run(names["f"](3)) == 7
    assert recorder.seen == [(0, 3), (1, 6), (2, 7)]


def test_source_that_is_no_python_is_a_syntax_error() -> None:
    with pytest.raises(SyntaxError):
        instrument("x = (", 0)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('make(f"U_{g}", u)', {"make", "g", "u"}),
        ('p["W_" + g]', {"p", "g"}),
        ('{k: draw(s) for k, s in (("z", 1), ("r", 2))}', {"draw", "k", "s"}),
        ('{k: p[k] for k in ("z", "r")}', {"p", "k", "z", "r"}),
        ('p["h"] * q.get("z")', {"p", "h", "q", "get", "z"}),
    ],
)
def test_text_that_keys_are_made_of_is_not_read(text: str, read: set[str]) -> None:
    assert names_read(ast.parse(text, mode="eval").body) == read
