"""Gradients kept in containers, in the ways that people keep them: a name in there is a name like any other.

`GATHERED`: everything is computed under names of the student's own, and put into a container at the end. `BUILT`: each
gradient is put into the container as it is computed, and the next is computed from there. Both as they should be, and
with one mistake: it is named at its line, and costs one step.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import grader
from grader.model import Result
from tests import warm

LIBRARIES = {
    "floats": "import math\ntanh = math.tanh\nh0 = 0.5\nw_h = 2.0\nw_y = 40.0\n",
    "numpy": "import numpy as np\ntanh = np.tanh\nh0 = np.array(0.5)\nw_h = np.array(2.0)\nw_y = np.array(40.0)\n",
    "torch": "import torch\ntanh = torch.tanh\n"
    "h0 = torch.tensor(0.5)\nw_h = torch.tensor(2.0)\nw_y = torch.tensor(40.0)\n",
}

FORWARD = """
h1_raw = w_h * h0
h1 = tanh(h1_raw)
h2_raw = w_h * h1
h2 = tanh(h2_raw)
y2 = w_y * h2
dh0_dwh = 0.0
dh1raw_dwh = h0
dh1_dwh = (1 - h1**2) * dh1raw_dwh
dh2raw_dwh = h1 + w_h * dh1_dwh
dh2_dwh = (1 - h2**2) * dh2raw_dwh
dwy_dwh = 0.0
dy2_dwh = w_y * dh2_dwh
dh2_dwy = 0.0
dy2_dwy = h2
"""

OWN_NAMES = """
aa = 1.0
bb = aa * h2
cc = aa * w_y
dd = cc * (1 - h2**2)
ee = dd * w_h
ff = ee * (1 - h1**2)
hh = ff * h0 + dd * h1
names = ("y2", "w_y", "h2", "h2_raw", "h1", "h1_raw", "w_h")
values = [aa, bb, cc, dd, ee, ff, hh]
pairs = [("d" + k, v) for k, v in zip(names, values)]
"""

PUT_ALL = "for k, v in zip(names, values):\n    "
FIELDS = ("dy2", "dw_y", "dh2", "dh2_raw", "dh1", "dh1_raw", "dw_h")
KEYWORDS = "dy2=aa, dw_y=bb, dh2=cc, dh2_raw=dd, dh1=ee, dh1_raw=ff, dw_h=hh"
TYPED = "".join(f"    {name}: object\n" for name in FIELDS)
NAMED_TUPLE = f"from collections import namedtuple\nGrads = namedtuple('Grads', {' '.join(FIELDS)!r})\n"
BY_LAYER = "grads = {}\nfor l, h, r in ((2, cc, dd), (1, ee, ff)):\n    "
REST = "\ngrads['y2'], grads['w_y'], grads['w_h'] = aa, bb, hh"

GATHERED = {
    "an f-string": f"grads = {{}}\n{PUT_ALL}grads[f'd{{k}}'] = v",
    "a percent sign": f"grads = {{}}\n{PUT_ALL}grads['d%s' % k] = v",
    "format": f"grads = {{}}\n{PUT_ALL}grads['d{{}}'.format(k)] = v",
    "a sum": f"found = {{}}\n{PUT_ALL}found['d' + k] = v",
    "a key with a name": f"found = {{}}\n{PUT_ALL}key = 'd' + k\n    found[key] = v",
    "variables as keys of gradients": f"grads = {{}}\n{PUT_ALL}grads[k] = v",
    "added to what is there": "from collections import defaultdict\ngrads = defaultdict(float)\n"
    f"{PUT_ALL}grads[f'd{{k}}'] += v",
    "setattr": f"class Box: pass\nbox = Box()\n{PUT_ALL}setattr(box, f'd{{k}}', v)",
    "setattr in a comprehension": "class Box: pass\nbox = Box()\n[setattr(box, k, v) for k, v in pairs]",
    "a comprehension": "grads = {f'd{k}': v for k, v in zip(names, values)}",
    "dict and zip": "grads = dict(zip(names, values))",
    "two dictionaries in one": "a, b = dict(pairs[:3]), dict(pairs[3:])\ngrads = {**a, **b}",
    "keywords out of a dictionary": "a = dict(pairs)\ngrads = dict(**a)",
    "update by a dictionary": "grads = {}\ngrads.update({f'd{k}': v for k, v in zip(names, values)})",
    "update by keywords": f"grads = {{}}\ngrads.update({KEYWORDS})",
    "update by pairs": "grads = {}\ngrads.update(pairs)",
    "update one by one": f"grads = {{}}\n{PUT_ALL}grads.update({{f'd{{k}}': v}})",
    "or in place": "grads = {}\ngrads |= dict(pairs)",
    "or": "grads = dict(pairs[:3]) | dict(pairs[3:])",
    "setdefault": f"grads = {{}}\n{PUT_ALL}grads.setdefault(f'd{{k}}', v)",
    "a namespace": f"from types import SimpleNamespace\nfound = SimpleNamespace({KEYWORDS})",
    "a namespace of pairs": "import types\nfound = types.SimpleNamespace(**dict(pairs))",
    "a named tuple": f"{NAMED_TUPLE}found = Grads(*values)",
    "a named tuple by keywords": f"{NAMED_TUPLE}found = Grads({KEYWORDS})",
    "a typed named tuple": f"from typing import NamedTuple\nclass Grads(NamedTuple):\n{TYPED}found = Grads(*values)",
    "a dataclass": f"from dataclasses import dataclass\n@dataclass\nclass Back:\n{TYPED}back = Back({KEYWORDS})",
    "a frozen dataclass with slots": "from dataclasses import dataclass\n@dataclass(frozen=True, slots=True)\n"
    f"class Back:\n{TYPED}back = Back(*values)",
    "a class that takes any keywords": "class Back:\n    def __init__(self, **all):\n"
    "        self.__dict__.update(all)\n"
    f"back = Back({KEYWORDS})",
    "vars": f"class Box: pass\nbox = Box()\n{PUT_ALL}vars(box)['d' + k] = v",
    "vars and update": "class Box: pass\nbox = Box()\nvars(box).update(pairs)",
    "the dictionary of an object": f"class Box: pass\nbox = Box()\n{PUT_ALL}box.__dict__[f'd{{k}}'] = v",
    "a dictionary in each entry": "grads = {'layer1': dict(dh1=ee, dh1_raw=ff, w_h=hh)}\n"
    "grads['layer2'] = dict(w_y=bb, dh2=cc, dh2_raw=dd)\ngrads['out'] = {'dy2': aa}",
    "dictionaries by computed names": f"{BY_LAYER}grads[f'l{{l}}'] = {{'h': h, f'dh{{l}}_raw': r}}{REST}",
    "dictionaries by number": f"{BY_LAYER}grads[l] = {{}}\n    grads[l]['h'] = h\n"
    f"    grads[l][f'dh{{l}}_raw'] = r{REST}",
    "an ordered dictionary": "from collections import OrderedDict\ngrads = OrderedDict(pairs)",
    "a dictionary that a function gives": "def back():\n    return dict(pairs)\nfound = back()",
    "an object that a function gives": "from types import SimpleNamespace\ndef back():\n"
    "    return SimpleNamespace(**dict(pairs))\nloss, found = 0.0, back()",
    "a function that puts": "def put(store, key, value):\n    store['d' + key] = value\nfound = {}\n"
    f"{PUT_ALL}put(found, k, v)",
    "the columns of a table": "from tables import DataFrame\ntable = DataFrame(dict(pairs))",
}

TABLES = """
class DataFrame:
    def __init__(self, data):
        self.data = dict(data)
    columns = property(lambda self: list(self.data))
    def __getitem__(self, name):
        return self.data[name]
    def __setitem__(self, name, values):
        self.data[name] = values
"""
"""What a table of pandas has of what counts here."""

STEPS = {
    "dy2": "1.0",
    "dw_y": "<dy2> * h2",
    "dh2": "<dy2> * w_y",
    "dh2_raw": "<dh2> * (1 - h2**2)",
    "dh1": "<dh2_raw> * w_h",
    "dh1_raw": "<dh1> * (1 - h1**2)",
    "dw_h": "<dh1_raw> * h0 + <dh2_raw> * h1",
}

BUILT = {
    "an f-string": ("grads, d = {}, 'd'", "grads[f'{d}NAME'] = VALUE", "grads['dNAME']"),
    "variables as keys of gradients": ("grads = {}", "grads[str('NAME')] = VALUE", "grads['NAME']"),
    "chained": ("grads = {}", "last = grads[str('NAME')] = VALUE", "grads['NAME']"),
    "one of two": ("grads = {}", "grads[str('NAME')], other = VALUE, 0", "grads['NAME']"),
    "added": (
        "from collections import defaultdict\ngrads = defaultdict(float)",
        "grads[str('NAME')] += VALUE",
        "grads['NAME']",
    ),
    "update by keywords": ("grads = {}", "grads.update(NAME=VALUE)", "grads['NAME']"),
    "update by a dictionary": ("store = {}", "store.update({'dNAME': VALUE})", "store['dNAME']"),
    "update by pairs": ("store = {}", "store.update([('dNAME', VALUE)])", "store['dNAME']"),
    "or in place": ("store = {}", "store |= {'dNAME': VALUE}", "store['dNAME']"),
    "two dictionaries in one": ("store = {}", "store = {**store, 'dNAME': VALUE}", "store['dNAME']"),
    "setdefault": ("store = {}", "store.setdefault('dNAME', VALUE)", "store['dNAME']"),
    "setattr": ("class Box: pass\ngrads = Box()", "setattr(grads, 'NAME', VALUE)", "grads.NAME"),
    "vars": ("class Box: pass\nbox = Box()", "vars(box)['dNAME'] = VALUE", "box.dNAME"),
    "attributes": ("class Box: pass\nd = Box()", "d.NAME = VALUE", "d.NAME"),
    "slots": (f"class Box:\n    __slots__ = {FIELDS}\nbox = Box()", "setattr(box, 'd' + 'NAME', VALUE)", "box.dNAME"),
    "a dictionary in an entry": ("grads = {'back': {}}", "grads['back']['NAME'] = VALUE", "grads['back']['NAME']"),
    "update in an entry": ("grads = {'back': {}}", "grads['back'].update(NAME=VALUE)", "grads['back']['NAME']"),
    "an entry by a computed name": (
        "grads = {'back': {}}",
        "grads[str('back')]['NAME'] = VALUE",
        "grads['back']['NAME']",
    ),
    "a named tuple": (f"{NAMED_TUPLE}t = Grads(*[None] * 7)", "t = t._replace(dNAME=VALUE)", "t.dNAME"),
    "a frozen dataclass": (
        "import dataclasses\n@dataclasses.dataclass(frozen=True)\nclass Back:\n"
        + TYPED.replace("\n", " = None\n")
        + "back = Back()",
        "back = dataclasses.replace(back, dNAME=VALUE)",
        "back.dNAME",
    ),
    "a function that puts": (
        "def put(d, k, v):\n    d[k] = v\nstore = {}",
        "put(store, 'dNAME', VALUE)",
        "store['dNAME']",
    ),
    "the columns of a table": (
        "from tables import DataFrame\ntable = DataFrame({})",
        "table['dNAME'] = VALUE",
        "table['dNAME']",
    ),
}
"""How a container begins, what puts a gradient into it, and what reads it from there."""

RIGHT, WRONG = "(1 - h2**2)", "(1 - h2)"


def gathered(way: str, library: str) -> str:
    return LIBRARIES[library] + FORWARD + OWN_NAMES + GATHERED[way] + "\n"


def built(way: str, library: str) -> str:
    begins, puts, reads = BUILT[way]
    lines = [
        puts.replace("NAME", name[1:]).replace(
            "VALUE", re.sub(r"<d(\w+)>", lambda m: reads.replace("NAME", m[1]), value)
        )
        for name, value in STEPS.items()
    ]
    return "\n".join((LIBRARIES[library] + FORWARD + begins, *lines, ""))


def graded(source: str, folder: Path) -> Result:
    (folder / "mine.py").write_text(source)
    (folder / "tables.py").write_text(TABLES)
    check = grader.check if "tables" in source else warm.check
    return check("tanh-chain", str(folder / "mine.py"))


def mistaken(source: str) -> tuple[str, int]:
    """The source with the mistake in the gradient of h2_raw, and the line it is on."""
    before, _, after = source.rpartition(RIGHT)
    return before + WRONG + after, before.count("\n") + 1


def not_right(result: Result) -> dict[str, str]:
    return {one.name: one.outcome for one in (*result.forward, *result.steps) if one.outcome != "correct"}


def line_of(result: Result, name: str) -> int | None:
    where = next(step.where for step in result.steps if step.name == name)
    return None if where is None else where.line


slow = pytest.mark.slow
libraries = pytest.mark.parametrize(
    "library", ["floats", *(pytest.param(one, marks=slow) for one in ("numpy", "torch"))]
)


@pytest.mark.sampled(2)
@libraries
@pytest.mark.parametrize("way", GATHERED)
def test_what_is_put_into_a_container_is_found_there(way: str, library: str, tmp_path: Path) -> None:
    result = graded(gathered(way, library), tmp_path)

    assert not_right(result) == {}
    assert result.first_error is None


@pytest.mark.sampled(2)
@libraries
@pytest.mark.parametrize("way", GATHERED)
def test_a_mistake_is_named_where_it_was_computed(way: str, library: str, tmp_path: Path) -> None:
    source, line = mistaken(gathered(way, library))
    result = graded(source, tmp_path)

    assert not_right(result) == {"dh2_raw": "wrong", "dh1": "carried", "dh1_raw": "carried", "dw_h": "carried"}
    assert line_of(result, "dh2_raw") == line


@pytest.mark.sampled(2)
@libraries
@pytest.mark.parametrize("way", BUILT)
def test_what_is_computed_from_a_container_is_judged(way: str, library: str, tmp_path: Path) -> None:
    result = graded(built(way, library), tmp_path)

    assert not_right(result) == {}
    assert result.first_error is None


@pytest.mark.sampled(2)
@libraries
@pytest.mark.parametrize("way", BUILT)
def test_the_right_value_is_put_into_the_container(way: str, library: str, tmp_path: Path) -> None:
    source, line = mistaken(built(way, library))
    result = graded(source, tmp_path)

    assert not_right(result) == {"dh2_raw": "wrong", "dh1": "carried", "dh1_raw": "carried", "dw_h": "carried"}
    assert line_of(result, "dh2_raw") == line
