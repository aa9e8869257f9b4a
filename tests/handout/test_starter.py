"""Starters: what stands in them, and that they are graded as not filled in yet.

GRADER_UPDATE_GOLDEN=1 writes the golden files anew; review the difference."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import torch

from grader.errors import UsageError
from grader.exercise.load import load, loads
from grader.exercise.types import Exercise
from grader.formula.spelling import LIBRARIES, Library
from grader.handout.blanks import groups
from grader.handout.render import notebook, script
from grader.handout.starter import StarterPart, starter
from grader.model import Value
from grader.reference.cache import reference_for
from grader.reference.points import draw_points
from tests import warm

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
FILES = sorted([*ROOT.glob("exercises/*.yaml"), *ROOT.glob("tests/**/exercises/*.yaml")])
IDS = [str(path.relative_to(ROOT)) for path in FILES]


def parts_of(exercise: Exercise, library: Library | None = None, hints: bool = False) -> tuple[StarterPart, ...]:
    return starter(exercise, draw_points(exercise)[0].inputs, library, hints)


def script_of(exercise: Exercise, library: Library | None = None, hints: bool = False) -> str:
    return script(parts_of(exercise, library, hints), f"grader check {exercise.id} {exercise.id}.py")


def notebook_of(exercise: Exercise) -> str:
    return notebook(parts_of(exercise), ["check", exercise.id, f"{exercise.id}.ipynb"])


def exercise(body: str) -> Exercise:
    return loads(f"exercise: made-up\ntitle: Made up\n{body}")


def numbers(found: Any) -> Any:
    return np.asarray(found.detach() if isinstance(found, torch.Tensor) else found, dtype=float)


def equal(found: Any, value: Value) -> bool:
    right = np.array(value.numbers()).reshape(value.shape)
    return numbers(found).shape == right.shape and np.allclose(numbers(found), right, rtol=1e-9, atol=1e-12)


def names_after(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    before = torch.get_default_dtype()
    try:
        exec(text, names)
    finally:
        torch.set_default_dtype(before)
    return names


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_given_numbers_and_forward_pass_are_those_of_the_reference(path: Path, library: Library) -> None:
    made = load(path)
    if library == "python" and any(one.shape for one in made.inputs):
        with pytest.raises(UsageError, match="NumPy or torch"):
            parts_of(made, library)
        return
    reference = reference_for(made)
    pointed = {step.name for step in made.forward_steps if step.points}
    try:
        parts = parts_of(made, library)
    except UsageError:
        assert library == "python"
        return
    # Up to the blanks: a function's own results take the forward quantities' names.
    names = names_after("\n".join("\n".join(part.code) for part in parts if not part.steps))

    for one in made.inputs:
        assert np.array_equal(numbers(names[one.name]), _array(reference, one.name))
    for step in made.forward_steps:
        if not pointed and made.answer is None:
            name, value = step.name, reference.values[0][step.name]
            found = names[step.family][step.index] if step.family else names[name]
            assert equal(found, value), name


def _array(reference: Any, name: str) -> Any:
    value = reference.points[0].inputs[name]
    return np.array(value.numbers()).reshape(value.shape)


@pytest.mark.parametrize("form", ["script", "notebook"])
@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_handed_in_unchanged_every_step_is_not_filled_in_yet(path: Path, form: str, tmp_path: Path) -> None:
    made = load(path)
    file = tmp_path / ("starter.py" if form == "script" else "starter.ipynb")
    file.write_text(script_of(made) if form == "script" else notebook_of(made), "utf-8")

    result = warm.check(made, file)

    assert {step.name: (step.outcome, step.reason) for step in result.steps} == dict.fromkeys(
        (step.name for step in made.steps), ("missing", "placeholder")
    )
    assert result.score == 0.0
    assert [problem.message for problem in result.problems] == []


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_there_is_one_blank_per_step_or_family_in_the_order_of_the_exercise(path: Path) -> None:
    made = load(path)
    asked = list(dict.fromkeys(step.family or step.name for step in made.steps))
    code = [line.strip() for part in parts_of(made) if part.steps for line in part.code]

    found = [match[1] for line in code if (match := re.match(r"(\w+)(?:\[\w+\])? = \.\.\.", line))]
    blanks = [name for name in found if name in asked]

    assert sorted(blanks) == sorted(asked)
    assert made.answer is not None or blanks == asked


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_notebook_is_valid_and_its_cells_are_those_of_the_script(path: Path) -> None:
    made = load(path)
    read = nbformat.reads(notebook_of(made), as_version=4)  # type: ignore[no-untyped-call]

    nbformat.validate(read)
    code = "\n".join(cell.source for cell in read.cells[:-1] if cell.cell_type == "code")
    statements = [line for line in script_of(made).split("\n") if line.strip() and not line.lstrip().startswith("#")]
    assert statements == [line for line in code.split("\n") if line.strip() and not line.lstrip().startswith("#")]


def test_the_last_cell_of_a_notebook_checks_the_saved_file() -> None:
    source = "".join(
        json.loads(notebook_of(load(FILES[IDS.index("exercises/tanh-chain.yaml")])))["cells"][-1]["source"]
    )

    assert source.endswith('!"{sys.executable}" -m grader check tanh-chain tanh-chain.ipynb')


@pytest.mark.parametrize("form", ["py", "ipynb"])
def test_the_starter_is_the_one_that_was_reviewed(form: str) -> None:
    name = "tanh-chain-reverse.yaml" if form == "py" else "tanh-chain-forward.yaml"
    made = load(ROOT / "exercises" / name)
    text = script_of(made) if form == "py" else notebook_of(made)
    file = GOLDEN / f"starter.{form}"
    if os.environ.get("GRADER_UPDATE_GOLDEN"):
        file.write_text(text, "utf-8")

    assert file.read_text("utf-8") == text


def test_hints_are_only_given_away_when_asked_for() -> None:
    made = load(ROOT / "exercises" / "tanh-chain.yaml")

    assert "# Hint: Ask what $h_0$ is computed from." in script_of(made, hints=True)
    assert "Hint" not in script_of(made)


def test_the_author_chooses_the_library_and_the_call_may_choose_another() -> None:
    made = exercise("given: {x: 0.5}\nforward: y = tanh(x)\nsteps: {dx: d(y)/d(x)}\nstarter: torch\n")

    assert "y = torch.tanh(x)" in script_of(made)
    assert "y = np.tanh(x)" in script_of(made, "numpy")


def test_what_needs_arrays_is_written_for_numpy_even_where_all_given_numbers_are_single() -> None:
    made = exercise("given: {x: 0.5}\nforward: y = sum(stack([x, x]))\nsteps: {dx: d(y)/d(x)}\n")

    assert "y = np.sum(np.stack([x, x]))" in script_of(made)


def test_a_large_array_is_drawn_by_the_starter_just_as_the_reference_draws_it() -> None:
    made = exercise(
        "given:\n  x: {shape: [30, 10], draw: normal}\n  k: {shape: [300], draw: 'integers(0, 9)'}\n"
        "  u: {shape: [300], draw: 'uniform(-1, 3)'}\n"
        "forward: y = sum(x) + sum(k * u)\nsteps: {dx: d(y)/d(x)}\n"
    )
    given = draw_points(made)[0].inputs

    for library in ("numpy", "torch"):
        names = names_after(script_of(made, library))
        for name, value in given.items():
            assert numbers(names[name]).ravel().tolist() == list(value.numbers())


def test_the_comments_of_the_program_stay_where_they_stood() -> None:
    made = exercise(
        "given: {x: 0.5}\nforward: |\n  # inside\n  a = 2 * x  # twice\n\n  y = tanh(a)\nsteps: {dx: d(y)/d(x)}\n"
    )

    assert "# inside\na = 2 * x  # twice\n\ny = math.tanh(a)\n" in script_of(made)


def test_a_forward_quantity_with_points_is_a_blank_too() -> None:
    made = exercise(
        "given: {x: 0.5}\nforward: |\n  a = 2 * x\n  y = tanh(a)\nforward_points: {a: 1}\nsteps: {dx: d(y)/d(x)}\n"
    )

    assert "a = ...\ny = math.tanh(a)" in script_of(made)


def test_families_over_the_same_indices_share_a_loop() -> None:
    made = load(ROOT / "tests" / "cases" / "exercises" / "small-rnn.yaml")

    assert (
        "for t in reversed(range(1, T + 1)):\n"
        "    # d(loss)/d(h[t])  (3 points)\n"
        "    dh[t] = ...\n"
        "    # d(loss)/d(a[t])  (3 points)\n"
        "    da[t] = ...\n"
    ) in script_of(made)
    assert [group.families for group in groups(made.steps)][:2] == [("dh", "da"), ()]


def test_functions_that_the_answer_calls_have_their_blanks_inside() -> None:
    made = load(ROOT / "tests" / "cases" / "exercises" / "small-affine.yaml")

    text = script_of(made)

    assert (
        "def affine_forward(x, w, b):\n"
        "    out = x @ w + b\n"
        "    cache = ...  # what `affine_backward` is to know\n"
        "    return out, cache\n"
    ) in text
    assert "    # d(L)/d(b)\n    db = ...\n    return dx, dw, db\n" in text


def test_forward_quantities_that_functions_are_called_with_are_computed_and_no_others() -> None:
    made = exercise(
        "given: {x: 0.5, w: 0.7}\nforward: |\n  a = w * x\n  y = tanh(a)\nsteps: {dx: d(y)/d(x)}\n"
        "answer: 'dx = backward(a)'\n"
    )

    text = script_of(made)

    assert "# %% The program, forwards\na = w * x\n\n" in text
    assert "# The program\n#\n#     a = w * x\n#     y = tanh(a)\n" in text


def test_what_the_answer_reads_and_nothing_computes_is_a_blank() -> None:
    made = exercise(
        "given: {x: 0.5, w: 0.7}\nforward: y = tanh(w * x)\nsteps: {dx: d(y)/d(x)}\n"
        "answer: {call: 'dx = backward(1.0, cache)'}\n"
    )

    text = script_of(made)

    assert "def backward(argument1, cache):\n    # d(y)/d(x)\n    dx = ...\n    return dx\n" in text
    assert "\ncache = ..." in text
