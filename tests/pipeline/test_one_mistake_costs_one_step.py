"""The promise to a student, as a property: whatever set of steps is wrong, exactly those lose their points."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.submission.load import load_bytes
from tests import warm

PLAIN = (Path(__file__).parents[1] / "cases" / "correct" / "plain.py").read_text()
STEPS = [line.split(" = ")[0] for line in PLAIN.splitlines() if line.startswith("d") and " = " in line]


def with_mistakes(mistakes: dict[str, str]) -> bytes:
    lines = []
    for line in PLAIN.splitlines():
        name, _, expression = line.partition(" = ")
        lines.append(f"{name} = ({expression}) {mistakes[name]}" if name in mistakes else line)
    return "\n".join(lines).encode()


def test_all_sixteen_steps_are_in_the_solution_this_builds_on() -> None:
    assert len(STEPS) == 16


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.sampled_from(STEPS), st.sampled_from(["+ 0.7", "- 2.5 * w_h", "+ h1 * h2", "+ h0"])))
@pytest.mark.slow
def test_exactly_the_steps_with_a_mistake_of_their_own_are_wrong(mistakes: dict[str, str]) -> None:
    result = warm.check("tanh-chain", load_bytes(with_mistakes(mistakes), "mine.py"))

    assert {step.name for step in result.steps if step.outcome == "wrong"} == mistakes.keys()
    assert {step.outcome for step in result.steps} <= {"correct", "carried", "wrong"}
    assert result.score == 16 - len(mistakes)
    assert result.first_error == next((name for name in STEPS if name in mistakes), None)


CONVOLUTION = (Path(__file__).parents[2] / "solutions" / "conv1d.py").read_text()
WHOLE = "dxpad[i, :, t : t + K] += dout[i, f, t] * w[f]"
EACH = """\
for k in range(K):
                dxpad[i, :, PLACE] += dout[i, f, t] * w[f, :, k]"""


def test_a_line_that_raises_in_a_loop_costs_the_step_that_it_adds_to() -> None:
    assert WHOLE in CONVOLUTION
    source = CONVOLUTION.replace(WHOLE, EACH.replace("PLACE", "t + k + 1"))
    result = warm.check("conv1d", load_bytes(source.encode(), "mine.py"))

    outcomes = {step.name: step.outcome for step in result.steps}
    assert outcomes == {"db": "correct", "dw": "correct", "dxpad": "wrong", "dx": "carried"}
