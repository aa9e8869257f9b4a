"""What the grader packs is what the child unpacks."""

from __future__ import annotations

import ast
import base64
import json
import subprocess
import sys
from types import CodeType, SimpleNamespace
from typing import Any

import pytest

from grader.instrument.site import NAME
from grader.runner.bytecode import instrumented, places, program
from grader.runner.child.code import Code, cells_of, sites_of
from grader.runner.preloader_pool import warm_up_texts
from grader.runner.wire import CALL, ENOUGH, OPERATOR

CELLS = ("import math\nw = 2.0\nfor t in range(3):\n    h = math.tanh(w)\n", "dh = 1 - h**2\n")


def unpacked(*cells: str, noisy: bool = False) -> tuple[Code, ...]:
    made = instrumented(cells)
    names = [f"mine.py#{number}" for number in range(len(cells))]
    usual = program(cells, names, made)
    packed = usual.noisy() if noisy else usual.packed()
    sites = sites_of(base64.b64encode(places(made)).decode())
    return cells_of(base64.b64encode(packed).decode(), sites)


def run(code: Code, **methods: Any) -> dict[str, Any]:
    """What the cell's names hold once it has run, with `methods` called by it."""
    kept = {"bound": lambda number, value: value, "imported": lambda: None, "passed": lambda number, value: None}
    names: dict[str, Any] = {NAME: SimpleNamespace(**{**kept, **methods})}
    for statement in code.statements:
        assert isinstance(statement, CodeType)
        exec(statement, names)
    return names


def test_every_cell_comes_with_its_name_and_a_piece_of_code_per_statement() -> None:
    assert [(cell.name, len(cell.statements)) for cell in unpacked(*CELLS)] == [("mine.py#0", 3), ("mine.py#1", 1)]


def test_sites_are_those_of_the_grader_each_at_its_statement() -> None:
    first, second = instrumented(CELLS)

    cells = unpacked(*CELLS)

    assert [site for cell in cells for statement in cell.sites for site in statement] == [*first.sites, *second.sites]
    assert [[site.names for site in statement] for statement in cells[0].sites] == [[], [("w",)], [("t",), ("h",)]]


def test_bindings_say_their_number_in_the_whole_submission() -> None:
    said: list[int] = []

    def bound(number: int, value: Any) -> Any:
        said.append(number)
        return value

    assert run(unpacked("w = 2.0", "h = 3.0\ndh = h\n")[1], bound=bound)["dh"] == 3.0
    assert said == [1, 2]


def test_code_is_of_the_students_file_and_line() -> None:
    (cell,) = unpacked("w = 1\n\nh = w / 0\n")

    with pytest.raises(ZeroDivisionError) as error:
        run(cell)

    innermost = error.traceback[-1]
    assert (str(innermost.path), innermost.lineno + 1) == ("mine.py#0", 3)


def test_a_future_holds_for_all_that_follows_it() -> None:
    first, second = unpacked("from __future__ import annotations\n", "def f(x: undefined): ...\n")

    assert run(second)["f"].__annotations__ == {"x": "undefined"}
    assert len(first.statements) == 1


def test_a_statement_that_cannot_be_compiled_is_its_error_and_the_rest_is_code() -> None:
    source = "w = 1\nh = w\ndh = 2\n"
    made = instrumented([source])[0]
    deep = made.statements[1].body[0]
    assert isinstance(deep, ast.Assign)
    for _ in range(50_000):  # Python 3.13 compiles what is a tenth as deep
        deep.value = ast.copy_location(ast.UnaryOp(ast.USub(), deep.value), deep)
    sites = sites_of(base64.b64encode(places([made])).decode())

    (cell,) = cells_of(base64.b64encode(program([source], ["mine.py#0"], [made]).packed()).decode(), sites)

    assert [type(one) for one in cell.statements] == [CodeType, RecursionError, CodeType]


def test_in_a_noisy_program_operators_and_calls_hand_over_what_they_give() -> None:
    seen: list[tuple[int, float]] = []

    def noisy(kind: int, value: float) -> float:
        seen.append((kind, value))
        return value

    names = run(unpacked("x = 2.0\ny = abs(x - 5.0)\n", noisy=True)[0], noisy=noisy)

    assert names["y"] == 3.0
    assert seen == [(OPERATOR, -3.0), (CALL, 3.0)]


NONLINEAR = "w = 2.0\n@print\n@exp\ndef f(x):\n    return x\nassert w > 1\nh = exp(w)\nv = 3.0\ndh = exp(h) * 2\n"


def test_in_a_changed_program_only_what_is_meant_is_changed_and_sites_keep_their_numbers() -> None:
    made = instrumented([NONLINEAR])
    usual = program([NONLINEAR], ["mine.py#0"], made)
    sites = sites_of(base64.b64encode(places(made)).decode())
    said: list[tuple[str, int]] = []

    def bindings(packed: bytes) -> list[tuple[int, float]]:
        found: list[tuple[int, float]] = []

        def bound(number: int, value: float) -> float:
            found.append((number, value))
            return value

        def perturbed(function: object, name: str) -> object:
            said.append((name, len(found)))
            return lambda value: value

        methods = {"bound": bound, "perturbed": perturbed, "ends_if": lambda *_: True}
        space: dict[str, Any] = {NAME: SimpleNamespace(**methods), "exp": lambda value: value, "print": lambda f: f}
        for statement in cells_of(base64.b64encode(packed).decode(), sites)[0].statements:
            assert isinstance(statement, CodeType)
            exec(statement, space)
        return found

    expected = bindings(usual.packed())

    assert said == []
    assert bindings(usual.nonlinear([(0, 3, 4), (0, 9, 8)])) == expected
    assert said == [("exp", 1), ("exp", 3)]


WARMED_UP = """
import json, sys
from grader.runner import wire
from grader.runner.child import preloaders
from grader.runner.child.libraries import Libraries
from grader.runner.child.main import standing

sent = []
class Heard(preloaders._StandInGrader):
    def send(self, kind, body=b"", flags=0):
        super().send(kind, body, flags)
        sent.append((kind, body))

preloaders._StandInGrader, preloaders.WARM_UP_RUNS = Heard, 1
libraries = Libraries()
libraries.imported()
preloaders.warm_up([json.loads(sys.argv[1])], libraries, standing())
names = {wire.BINDING: "binding", wire.ASK: "ask", wire.END: "end"}
print(" ".join(names.get(kind, str(kind)) for kind, _ in sent))
print([body[0] for kind, body in sent if kind == wire.END])
"""


@pytest.mark.parametrize("library", ["", "numpy", pytest.param("torch", marks=[pytest.mark.slow, pytest.mark.torch])])
def test_a_warm_up_goes_through_what_a_submission_goes_through(library: str) -> None:
    """Two natural runs and a forced one: six quantities, which are asked for in the last."""
    script = dict(warm_up_texts())[library]
    command = [sys.executable, "-c", WARMED_UP, json.dumps(script)]
    told, ended = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()

    natural, again, forced, _ = told.split("end")
    assert natural.split().count("binding") == 8
    assert again.split().count("binding") == 8
    assert forced.split() == ["binding", "binding", *["ask"] * 6]
    assert ended == str([ENOUGH] * 3)


def test_only_cells_that_a_change_concerns_differ_from_the_usual_program() -> None:
    cells = ("w = 2.0\n", "from math import tanh, pi\nh = tanh(pi)\n", "assert h < 1\ndh = 1 - h**2\n")
    names = ["mine.py#0", "mine.py#1", "mine.py#2"]
    usual = program(cells, names, instrumented(cells))
    called: list[str] = []

    def over(function: Any, name: str) -> Any:
        called.append(name)
        return lambda x: 0.5

    sites = sites_of(base64.b64encode(places(instrumented(cells))).decode())
    first, second, third = cells_of(base64.b64encode(usual.nonlinear([(1, 2, 8)])).decode(), sites)

    assert first.statements == usual.cells[0]
    assert third.statements != usual.cells[2]
    assert run(second, perturbed=over)["h"] == 0.5
    assert called == ["tanh"]
