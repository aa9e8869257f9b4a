"""Worked solutions made starters: only the steps' right-hand sides go, and can be put back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.exercise.load import load, loads
from grader.exercise.types import Exercise
from grader.handout.blanks import Blanked, blank_out
from grader.submission.load import load_bytes
from tests import warm

ROOT = Path(__file__).parents[2]
FAST = frozenset({"tanh-chain", "rnn", "relu-mlp", "cs231n-affine"})
"""Solutions that are looked at in the README's command; all others are by the CI."""

SOLUTIONS = sorted(path for path in (ROOT / "solutions").iterdir() if path.suffix in (".py", ".ipynb"))
AFFINE = ROOT / "tests" / "cases" / "exercises" / "small-affine.yaml"
RNN = ROOT / "tests" / "cases" / "exercises" / "small-rnn.yaml"


def punched(exercise: Exercise, data: bytes, name: str) -> Blanked:
    submission = load_bytes(data, name)
    result = warm.check(exercise, submission)
    assert result.complete
    return blank_out(exercise, submission, data, [step.where for step in result.steps if step.where is not None])


def filled(made: Blanked) -> bytes:
    """The blanks filled with what stood there."""
    text = made.content.decode()
    content = json.loads(text) if made.blanks[0].cell is not None else None
    for blank in reversed(made.blanks):
        if content is None:
            text = text[: blank.start] + blank.text + text[blank.end :]
        else:
            assert blank.cell is not None
            cell = content["cells"][blank.cell - 1]
            source = "".join(cell["source"])
            source = source[: blank.start] + blank.text + source[blank.end :]
            cell["source"] = source.splitlines(keepends=True)
    return (text if content is None else json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, id=path.name, marks=[] if path.stem in FAST else pytest.mark.slow) for path in SOLUTIONS],
)
def test_a_shipped_solution_is_a_starter_with_its_blanks_filled(path: Path) -> None:
    exercise = load(ROOT / "exercises" / f"{path.stem}.yaml")

    made = punched(exercise, path.read_bytes(), path.name)
    result = warm.check(exercise, load_bytes(made.content, path.name))

    assert filled(made) == path.read_bytes()
    assert {step.name: (step.outcome, step.reason) for step in result.steps} == dict.fromkeys(
        (step.name for step in exercise.steps), ("missing", "placeholder")
    )
    assert [problem.message for problem in result.problems] == []
    assert [step.name for step in result.forward if step.outcome != "correct"] == []


def after(exercise: Exercise, source: str) -> str:
    made = punched(exercise, source.encode(), "mine.py")
    assert filled(made).decode() == source
    result = warm.check(exercise, load_bytes(made.content, "mine.py"))
    assert {step.outcome for step in result.steps} == {"missing"}
    return made.content.decode()


def test_every_statement_of_a_sum_that_is_built_up_becomes_a_blank() -> None:
    exercise = loads(
        "exercise: one\ntitle: One\ngiven: {x: 0.5, w: 0.7}\nforward: y = w * x + x\n"
        "steps: {dw: d(y)/d(w), dx: d(y)/d(x)}\n"
    )
    source = "x = 0.5\nw = 0.7\ny = w * x + x\ndw = x\ndx = w\ndx += 1.0\nprint(f'{dx:.2f}')\n"

    assert after(exercise, source) == source.replace("dw = x", "dw = ...").replace("dx = w", "dx = ...").replace(
        "+= 1.0", "+= ..."
    )


def test_results_without_a_name_and_unpacked_ones_become_blanks() -> None:
    source = (
        "import numpy as np\nx, w, b, dout = np.ones((4, 3)), np.ones((3, 5)), np.ones(5), np.ones((4, 5))\n\n"
        "def affine_forward(x, w, b):\n    return x @ w + b, (x, w)\n\n"
        "def affine_backward(dout, cache):\n    x, w = cache\n    return dout @ w.T, x.T @ dout, dout.sum(0)\n"
    )
    unpacked = "x0 = 1\ndx, dw = w * 1.0, x * 1.0\n"
    exercise = loads(
        "exercise: one\ntitle: One\ngiven: {x: 0.5, w: 0.7}\nforward: y = w * x\n"
        "steps: {dx: d(y)/d(x), dw: d(y)/d(w)}\n"
    )
    called = "x = 0.5\nw = 0.7\ny = w * x\ndef f(x, w):\n    dx = w\n    dw = x\n    return dx, dw\ndx, dw = f(x, w)\n"

    assert "    return ..., ..., ...\n" in after(load(AFFINE), source)
    assert after(exercise, "x = 0.5\nw = 0.7\ny = w * x\n" + unpacked).endswith("dx, dw = ..., ...\n")
    assert after(exercise, called).endswith("    dx = ...\n    dw = ...\n    return dx, dw\ndx, dw = ..., ...\n")


@pytest.mark.parametrize("room", ["{}", "np.zeros((4, 4))", "[None] * 4"])
def test_what_makes_room_for_a_family_stays(room: str) -> None:
    source = f"""import numpy as np

h = np.zeros((4, 4))
a = np.zeros((4, 4))
h[0] = h0
for t in range(1, 4):
    a[t] = W @ h[t - 1] + U @ x[t]
    h[t] = np.tanh(a[t])
loss = np.sum(v * h[3])
dh = {room}
da = {room}
dW = np.zeros((4, 4))
dU = np.zeros((4, 2))
dh[3] = v
for t in (3, 2, 1):
    if t < 3:
        dh[t] = W.T @ da[t + 1]
    da[t] = (1 - h[t] ** 2) * dh[t]
    dW += np.outer(da[t], h[t - 1])
    dU += np.outer(da[t], x[t])
dh0 = W.T @ da[1]
"""
    text = after(load(RNN), source)

    assert f"dh = {room}\nda = {room}\ndW = ...\ndU = ...\ndh[3] = ...\n" in text
    assert "        dh[t] = ...\n    da[t] = ...\n    dW += ...\n    dU += ...\ndh0 = ...\n" in text


def test_a_notebook_loses_its_outputs() -> None:
    path = ROOT / "solutions" / "tanh-chain.ipynb"
    content = json.loads(path.read_text())
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell["execution_count"] = 3
            cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": ["8.1888\n"]}]

    made = punched(load(ROOT / "exercises" / "tanh-chain.yaml"), json.dumps(content).encode(), path.name)

    assert b"8.1888" not in made.content
    assert filled(made) == path.read_bytes()


def test_letters_of_several_bytes_and_a_byte_order_mark_stay_where_they_were() -> None:
    exercise = loads("exercise: one\ntitle: One\ngiven: {x: 0.5}\nforward: y = tanh(x)\nsteps: {dx: d(y)/d(x)}\n")
    source = "\ufeffimport math\nx = 0.5\ny = math.tanh(x)\nprint('äöü'); dx = 1 - y**2  # Ableitung, größer als 0\r\n"

    assert after(exercise, source).endswith("print('äöü'); dx = ...  # Ableitung, größer als 0\r\n")
