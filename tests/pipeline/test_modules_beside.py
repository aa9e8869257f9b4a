"""Given numbers and forward values in a module beside the submission: other numbers reach them, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.model import Result
from grader.report.terminal import render
from tests import warm

DATA = "h0 = 0.5\nw_h = 2.0\nw_y = 40.0\n"
FORWARD = """\
import math
from data import h0, w_h, w_y

h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2

if __name__ == "__main__":
    h1 = y2 = 0.0
"""
BACKWARD = """
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = (1 - h2**2) * dh2
dh1 = w_h * dh2_raw
dh1_raw = (1 - h1**2) * dh1
dw_h = h0 * dh1_raw + h1 * dh2_raw
"""
THROUGH_THE_MODULE = BACKWARD.replace("h2 *", "f.h2 *").replace("h2**2", "f.h2**2").replace("h1**2", "f.h1**2")
THROUGH_THE_MODULE = THROUGH_THE_MODULE.replace("w_y *", "f.w_y *").replace("= w_h *", "= f.w_h *")
THROUGH_THE_MODULE = THROUGH_THE_MODULE.replace("h0 *", "f.h0 *").replace("h1 *", "f.h1 *")


def graded(folder: Path, source: str, forward: str = FORWARD) -> Result:
    (folder / "data.py").write_text(DATA)
    (folder / "forward.py").write_text(forward)
    (folder / "mine.py").write_text(source)
    return warm.check("tanh-chain-reverse", folder / "mine.py")


@pytest.mark.parametrize(
    "source",
    [
        "from forward import *\n" + BACKWARD,
        "from forward import h0, h1, h2, w_h, w_y\n" + BACKWARD,
        "import forward as f\n" + THROUGH_THE_MODULE,
        'exec(open("forward.py").read())\n' + BACKWARD,
        "%run forward.py\n" + BACKWARD,
        FORWARD.partition("if __name__")[0] + BACKWARD,
    ],
    ids=["star", "names", "module", "exec", "run", "data-only"],
)
def test_a_right_derivation_is_right(source: str, tmp_path: Path) -> None:
    result = graded(tmp_path, source)

    assert [one.name for one in (*result.forward, *result.steps) if one.outcome != "correct"] == []


def test_a_mistake_in_the_module_is_shown_there(tmp_path: Path) -> None:
    source = "from forward import *\n" + BACKWARD
    result = graded(tmp_path, source, FORWARD.replace("h2 = math.tanh(h2_raw)", "h2 = math.tanh(h1_raw)"))

    (wrong,) = (one for one in (*result.forward, *result.steps) if one.outcome == "wrong")
    assert (wrong.name, wrong.where and (wrong.where.file, wrong.where.line)) == ("h2", ("forward.py", 7))
    assert wrong.diagnosis is not None
    assert wrong.diagnosis.replace_with == "h2_raw"
    assert "--> forward.py:7" in render(result, 80).plain


def test_a_mistake_in_the_submission_keeps_its_line(tmp_path: Path) -> None:
    source = "from forward import *\n" + BACKWARD.replace("1 - h2**2", "1 - h2_raw**2")
    result = graded(tmp_path, source)

    (wrong,) = (one for one in result.steps if one.outcome == "wrong")
    assert (wrong.name, wrong.where and (wrong.where.file, wrong.where.line)) == ("dh2_raw", ("mine.py", 6))
