"""Derivatives that somebody else took: no step of them is right, by whatever route they came. Beside them honest work
that has the same libraries and the same functions in it: every step is right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import grader
from grader.model import Result
from grader.runner.protocols import Children
from grader.submission.load import load_bytes
from tests import warm
from tests.hostile.attacks import HERE

DISGUISED = sorted((HERE / "disguise").glob("*.py"))
HONEST = sorted((HERE / "honest").glob("*.py"))
EVERYWHERE = ("next_functions", "raw_c_engine", "cauchy_numpy", "decimal_quot", "numerical_check", "dual_numbers",
              "cauchy_written_out", "replay_autograd_from_a_file", "replay_a_quotient_from_a_file",
              "by_a_module_it_writes", "command_before", "powers_of_e", "solved_back",
              "derivative_of_a_polynomial", "solved_from_what_was_derived", "replay_from_a_module",
              "replay_from_a_list", "replay_from_the_environment", "text_circle", "text_of_a_made_up_file",
              "text_as_a_tree", "code_of_bytes", "mpmath_polyval", "sympy_dense_polynomial",
              "object_named_as_a_step", "truth_kept_at_a_point", "other_values_later",
              "layer_in_a_variable")  # fmt: skip
"""Those that are tried in every mode: the judging is one and the same."""


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """What some of them keep from run to run, where they can, is for one check only."""
    yield
    for kind in ("json", "py"):
        Path(f"/tmp/left-by-a-disguise.{kind}").unlink(missing_ok=True)


def header(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^# ([a-z]+): (.*)$", path.read_text(encoding="utf-8"), re.M))


def exercise_of(path: Path) -> str:
    usual = "tanh-chain" if path.parent.name == "disguise" else "tanh-chain-reverse"
    return header(path).get("exercise", usual)


def imported(path: Path) -> None:
    """Skips where a library is not there that the program asks for."""
    for library in ("sympy", "mpmath", "autograd", "numdifftools", "jax"):
        if re.search(rf"^\s*(import|from) {library}\b|[,;] *import {library}\b", path.read_text(), re.M):
            pytest.importorskip(library)


def right(result: Result) -> set[str]:
    return {step.name for step in result.steps if step.outcome in ("correct", "carried")}


def assert_earned(path: Path, result: Result) -> None:
    told = header(path)
    assert re.match(r"# \d+\. \S", path.read_text(encoding="utf-8")), path
    assert {"earns", "why"} <= told.keys()
    assert right(result) <= set(told["earns"].split()) | _SAME_AS_A_FORWARD_VALUE


_SAME_AS_A_FORWARD_VALUE = frozenset({"dy2_dwy", "dw_y"})
"""h2, which every program here computes."""


LONG = {"322_sleep_when_scaled", "394_by_a_forked_process", "411_formulas_in_python", "formula_in_python_beside"}
LONG |= {"451_func_functional_call", "459_median_of_libraries", "498_thread_dual", "513_make_fx_text"}
"""Those that wait until their time is up, where others of their kind raise at once, or import much."""


def every_fourth(paths: list[Path]) -> list[object]:
    """All of them: every fourth one among the fast tests, without those that take the longest."""
    return [
        pytest.param(path, id=path.stem, marks=[pytest.mark.slow] * (number % 4 > 0 or path.stem in LONG))
        for number, path in enumerate(paths)
    ]


@pytest.mark.parametrize("path", every_fourth(DISGUISED))
def test_a_derivative_in_disguise_earns_nothing(path: Path) -> None:
    imported(path)

    assert_earned(path, warm.check(exercise_of(path), path))


@pytest.mark.parametrize("path", every_fourth(HONEST))
def test_honest_work_with_the_same_tools_is_right(path: Path) -> None:
    imported(path)
    result = warm.check(exercise_of(path), path)

    assert {step.name: step.outcome for step in result.steps if step.outcome != "correct"} == {}


@pytest.mark.parametrize("path", [p for p in (*DISGUISED, *HONEST) if p.stem.lstrip("0123456789_") in EVERYWHERE])
def test_so_it_is_in_every_mode(path: Path, children: Children) -> None:
    result = grader.check(exercise_of(path), path, children=children)

    if path.parent.name == "disguise":
        assert_earned(path, result)
    else:
        assert result.score == result.max_score


@pytest.mark.parametrize(
    "name",
    [
        "394_by_a_forked_process",
        pytest.param("395_by_a_command", marks=pytest.mark.slow),
        pytest.param("590_by_an_event_loop", marks=pytest.mark.slow),
    ],
)
def test_what_another_process_computes_is_not_judged(name: str) -> None:
    """In the other modes there is no other process."""
    result = grader.check("tanh-chain", HERE / "disguise" / f"{name}.py", isolation="process")

    (step,) = [step for step in result.steps if step.name == "dw_h"]
    assert step.outcome == "unjudged"


SHORTER = """
import math
x = 0.7
w = 1.2
"""
ROUTES = {
    "autograd": "import autograd\nimport autograd.numpy as np\nf = lambda w, x: np.tanh(w * x)**2\n"
    "dw = autograd.grad(f)(w, x) / autograd.grad(lambda t: t)(1.0)\ndx = autograd.grad(f, 1)(w, x)\n",
    "numdifftools": "import numdifftools as nd\ndw = float(nd.Derivative(lambda w: math.tanh(w * x)**2)(w))\n"
    "dx = float(nd.Derivative(lambda x: math.tanh(w * x)**2)(x))\n",
    "jax": "import jax\nf = lambda w, x: jax.numpy.tanh(w * x)**2\ndw, dx = jax.grad(f, (0, 1))(w, x)\n"
    "_, (a, b) = jax.jvp(lambda w: (f(w, x), w), (w,), (1.0,))\ndw = a / b\n",
}


@pytest.mark.parametrize("library", ROUTES)
def test_other_libraries_are_told_as_well(library: str) -> None:
    pytest.importorskip(library)
    result = grader.check(str(HERE / "patient.yaml"), load_bytes((SHORTER + ROUTES[library]).encode(), "mine.py"))

    assert {step.name: step.outcome for step in result.steps if step.name != "dh"} == {
        "dw": "borrowed",
        "dx": "borrowed",
    }
