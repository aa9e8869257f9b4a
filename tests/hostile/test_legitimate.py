"""Honest work comes out the same in every mode."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

import grader
from grader.runner.fork_servers import ForkServers
from grader.runner.isolation.readable_paths import places
from grader.runner.preloader_pool import PreloaderPool
from grader.runner.protocols import Children
from grader.submission.load import load_bytes
from tests.cases.marks import expectations
from tests.cases.test_cases import exercise_of
from tests.hostile.attacks import DERIVATION, HERE
from tests.hostile.conftest import EVERY_MODE
from tests.solutions.styles import STYLES
from tests.solutions.test_styles import FREE, UNFIT, derivation

ROOT = HERE.parents[1]
CASES = ROOT / "tests" / "cases"
FAST = ("forum_torch", "tanh-chain", "rnn_appended_lists", "makemore_numpy", "numpy_one_element", "exec_string")
WORK = sorted([*(CASES / "correct").glob("*.py"), *(CASES / "wrong").glob("*.py"), *(ROOT / "solutions").glob("*.*")])
WORK = [path for path in WORK if path.suffix in (".py", ".ipynb")]
ISOLATED = ("strict", "portable")
PARAMETERS = [
    pytest.param(
        path, mode, id=f"{mode}-{path.name}", marks=() if path.stem in FAST and mode == "strict" else pytest.mark.slow
    )
    for number, path in enumerate(WORK)
    for mode in (ISOLATED if path.stem in FAST else ISOLATED[number % 6 // 3 :][:1] if number % 3 == 0 else ())
]
"""A few works in each of the modes, and every third of the others in one: how they are judged, `tests/cases` and
`tests/solutions` test."""


def exercise_for(path: Path) -> str:
    return path.stem if path.parent.name == "solutions" else exercise_of(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("path", "children"), PARAMETERS, indirect=["children"])
def test_the_verdict_is_the_one_it_has_in_a_plain_process(path: Path, isolated: ForkServers) -> None:
    result = grader.check(exercise_for(path), path, children=isolated)

    assert result.isolation == isolated.isolation
    if path.parent.name == "wrong":
        expected, first = expectations(path.read_text(encoding="utf-8"))
        outcomes = {step.name: step.outcome for step in (*result.forward, *result.steps)}
        assert outcomes == {name: expected[name].outcome if name in expected else "correct" for name in outcomes}
        assert result.first_error == first
    else:
        assert (result.score, result.complete) == (result.max_score, True)


MANNERS = sorted(STYLES)
MIXED = [
    (name, MANNERS[n % len(MANNERS)], mode)
    for n, name in enumerate(FREE)
    for mode in (*ISOLATED[n // len(MANNERS) % 2 :][:1], *(("process",) if n < len(MANNERS) else ()))
]
"""Every exercise in one manner of handing in and one of the isolated modes, which changes after each round of manners,
and every manner in a plain process."""


@pytest.mark.slow
@pytest.mark.parametrize(("name", "style", "children"), [one for one in MIXED if one[:2] not in UNFIT],
                         indirect=["children"])  # fmt: skip
def test_every_manner_of_handing_in_is_right_in_every_mode(
    name: str, style: str, children: Children, tmp_path: Path
) -> None:
    file = tmp_path / f"{style}.py"
    file.write_text("\n".join(STYLES[style](derivation(name))))
    result = grader.check(name, file, children=children)

    assert (result.score, result.problems, result.isolation) == (result.max_score, (), children.isolation)


LAZY = {
    "numpy": "import numpy as np\nassert abs(np.linalg.svd(np.eye(3) * 2)[1].sum() - 6) < 1e-9\nnp.fft.fft(np.ones(8))",
    "torch": "import torch\ntorch.nn.Linear(3, 2)(torch.ones(1, 3)).sum().backward()\ntorch.linalg.inv(torch.eye(3))",
    "torch.func": "import torch\nassert float(torch.func.grad(lambda t: t**2)(torch.tensor(3.0))) == 6",
    "not seen": "torch = __import__('tor' + 'ch')\ntorch.ones(2).sum()",
    "standard library": "import csv, decimal, statistics, unittest, sqlite3, html, zipfile, ssl, asyncio, uuid, ctypes",
    "time zones": "import datetime, zoneinfo\nprint(datetime.datetime.now().astimezone())",
    "matplotlib": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('$x^2$')\nplt.gcf().canvas.draw()\n",
    "sympy": "import sympy\nassert sympy.diff(sympy.Symbol('x')**2).subs('x', 3) == 6",
}
TAIL = DERIVATION


@pytest.mark.parametrize(
    "library", [pytest.param(one, marks=() if one == "numpy" else pytest.mark.slow) for one in LAZY]
)
def test_libraries_can_be_used(library: str, children: Children) -> None:
    if library == "matplotlib" and not os.environ.get(EVERY_MODE):
        pytest.importorskip("matplotlib")

    result = grader.check(
        str(HERE / "patient.yaml"), load_bytes((LAZY[library] + TAIL).encode(), "m.py"), children=children
    )

    assert (result.score, result.problems) == (3.0, ())


def test_libraries_may_be_installed_below_where_temporary_files_are(
    isolated: ForkServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "found_there.py").write_text("ONE = 1\n")
    known = places()
    lib = (str(tmp_path / "below"),)
    there = dataclasses.replace(
        known, wanted=known.wanted + lib, readable=known.readable + lib, search=known.search + lib
    )
    monkeypatch.setattr("grader.runner.preloader_pool.places", lambda: there)
    source = "import found_there\nassert found_there.ONE == 1\n" + DERIVATION

    with ForkServers(PreloaderPool(isolated.isolation)) as children:
        result = grader.check(str(HERE / "exercise.yaml"), load_bytes(source.encode(), "m.py"), children=children)

    assert (result.score, result.problems) == (3.0, ())


def test_files_of_the_exercise_can_be_read_and_only_read(children: Children, tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("emma\nolivia\n")
    text = (HERE / "exercise.yaml").read_text() + "files: [names.txt]\n"
    (tmp_path / "hostile.yaml").write_text(text)
    code = "print(open('names.txt').read().split())\n" + TAIL
    result = grader.check(tmp_path / "hostile.yaml", load_bytes(code.encode(), "m.py"), children=children)

    assert (result.score, result.output) == (3.0, "['emma', 'olivia']\n")
