"""Readable student work, each with what is expected written on the line it is about.

A wrong or carried step must be placed on the very line of its mark (`tests.cases.marks`). Whatever is not named must
be correct. Each file is handed in as a script; those with `# %%` lines, split there, as a notebook too.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from grader.model import Result, StepResult
from grader.report.terminal import render
from tests import warm
from tests.cases.degenerate import FORMULAE
from tests.cases.marks import expectations

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "golden" / "cases"
CORRECT = [path for folder in ("correct", "manners") for path in sorted((HERE / folder).glob("*.py"))]
"""`correct` is what mistakes are put into (`tests/quality`), `manners` is not: its lines are not read one by one."""


def hand_in(path: Path, form: str, folder: Path) -> Path:
    if form == "script":
        return path
    cells, current = [], []
    for line in path.read_text().splitlines():
        if line.startswith("# %%") and current:
            cells.append(current)
            current = []
        current.append(line)
    cells.append(current)
    notebook = nbformat.v4.new_notebook()
    for cell in cells:
        notebook.cells += [nbformat.v4.new_markdown_cell("Next part."), nbformat.v4.new_code_cell("\n".join(cell))]
    made = folder / f"{path.stem}.ipynb"
    nbformat.write(notebook, made)
    return made


def line_in_file(path: Path, form: str, step: StepResult) -> int | None:
    """The line of the original script a place in either form stands for."""
    if step.where is None or form == "script":
        return None if step.where is None else step.where.line
    starts = [n for n, line in enumerate(path.read_text().splitlines()) if line.startswith("# %%") and n]
    assert step.where.cell is not None
    return [0, *starts][step.where.cell // 2 - 1] + step.where.line


def exercise_of(text: str) -> str:
    named = re.search(r"^# exercise: (\S+)$", text, re.M)
    exercise = named[1] if named else "tanh-chain"
    local = HERE / "exercises" / f"{exercise}.yaml"
    return str(local) if local.exists() else exercise


def grade(path: Path, form: str, folder: Path) -> Result:
    return warm.check(exercise_of(path.read_text()), hand_in(path, form, folder))


LONG = {
    "attention_scale_forgotten",
    "attention_softmax_diagonal",
    "bn_fused_without_bessel",
    "conv2d_bias_over_the_images_alone",
    "conv2d_bias_over_the_kernels",
    "conv2d_pooling_to_all_four",
    "conv2d_relu_forgotten_and_a_mean",
    "cs231n_batch_norm_path_overwritten",
    "cs231n_batch_norm_two_slips_around_a_right_line",
    "cs231n_batch_norm_unbiased",
    "cs231n_layer_norm_gamma_too_late",
    "cs231n_lstm_step_gates_exchanged",
    "cs231n_lstm_step_slope_of_tanh",
    "cs231n_softmax_scores_for_probabilities",
    "fused_diagonal_only",
    "gaussian_determinant_counted_once",
    "gaussian_determinant_forgotten",
    "gelu_one_path_to_the_input",
    "gelu_slope_at_the_pre_activation",
    "hinge_loop_without_the_right_class",
    "hinge_right_class_counted_once",
    "jacobian_diagonal_only",
    "kalman_covariance_read_by_the_gain_alone",
    "kalman_inverse_without_minus",
    "kalman_sign_of_the_comparison",
    "logistic_hessian_sums_for_means",
    "logistic_hessian_without_the_penalty",
    "lstm_cell_carry_lost",
    "lstm_cell_subtracted_from_the_cell",
    "lstm_cell_wrong_gate",
    "makemore_gradient_for_weight",
    "makemore_letters_overwritten",
    "makemore_lost_index",
    "makemore_plus_for_product",
    "makemore_plus_for_times",
    "makemore_pre_activation",
    "makemore_square_branch_missing",
    "mlp_decay_forgotten",
    "mlp_divided_again",
    "number_typed_in",
    "relu_mlp_one_column_per_example",
    "returned_expression",
    "rmsnorm_scale_of_the_input",
    "rmsnorm_statistic_held_still",
    "rnn_carry_lost",
    "rnn_only_the_first_moment_counts",
    "softmax_names_of_letters",
    "transformer_residual_forgotten",
    "transformer_upstream_of_the_wrong_half",
    "triplet_hinge_itself_for_its_slope",
    "vae_without_the_divergence",
}
WRONG = sorted((HERE / "wrong").glob("*.py"))


def in_both_forms(paths: list[Path]) -> list[object]:
    """Every file as a script. As a notebook those of several cells, and every eighth of the others: of one cell, it is
    the same code again."""
    notebooks = [path for number, path in enumerate(paths) if number % 8 == 0 or "\n# %%" in path.read_text()]
    return [
        *(pytest.param(path, "script", id=f"{path.stem}-script", marks=[pytest.mark.slow] * (path.stem in LONG))
          for path in paths),
        *(pytest.param(path, "notebook", id=f"{path.stem}-notebook", marks=pytest.mark.slow) for path in notebooks),
    ]  # fmt: skip


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("path", "form"), in_both_forms(WRONG))
def test_a_wrong_submission_gets_the_verdicts_written_on_its_lines(path: Path, form: str, tmp_path: Path) -> None:
    expected, first = expectations(path.read_text())
    result = grade(path, form, tmp_path)
    steps = {step.name: step for step in (*result.forward, *result.steps)}
    outcomes = {name: step.outcome for name, step in steps.items()}

    assert outcomes == {name: expected[name].outcome if name in expected else "correct" for name in steps}
    assert result.first_error == first
    for one in expected.values():
        step = steps[one.name]
        assert one.reason in (None, step.reason)
        assert set(one.by) <= set(step.caused_by) if one.by else True
        if one.line is not None:
            assert line_in_file(path, form, step) == one.line
        if one.code is not None:
            assert (step.diagnosis and step.diagnosis.code) == (one.code or None)
        if one.put is not None:
            assert (step.diagnosis and step.diagnosis.replace_with) == one.put
    if form == "script":
        assert_reviewed(replace(result, reveal="values"), GOLDEN / f"{path.stem}.txt")


def assert_reviewed(result: Result, file: Path) -> None:
    """Everything that is said of a submission is what was reviewed. GRADER_UPDATE_GOLDEN=1 writes it anew."""
    text = render(result, 100).plain
    if os.environ.get("GRADER_UPDATE_GOLDEN"):
        file.write_text(text, "utf-8")

    assert file.read_text("utf-8") == text


@pytest.mark.parametrize(("path", "form"), in_both_forms(CORRECT))
def test_a_correct_submission_gets_full_marks_in_whatever_manner_it_is_written(
    path: Path, form: str, tmp_path: Path
) -> None:
    result = grade(path, form, tmp_path)
    accused = {step.name: step.outcome for step in result.steps if step.outcome not in ("correct", "carried")}

    assert accused == {}
    assert (result.score, result.complete) == (result.max_score, True)


def test_forward_values_typed_in_as_numbers_cost_nothing_and_are_said_to_be_so() -> None:
    result = warm.check("tanh-chain", HERE / "correct" / "hard_coded_forward.py")

    assert {step.name: step.reason for step in result.forward if step.outcome == "wrong"} == {
        "h1": "constant",
        "h2": "constant",
    }
    assert result.score == 16.0


@pytest.mark.parametrize(("step", "formula"), FORMULAE, ids=[f"{step}={formula}" for step, formula in FORMULAE])
def test_a_formula_right_only_at_the_given_numbers_is_found_wrong(step: str, formula: str, tmp_path: Path) -> None:
    lines = (HERE / "correct" / "plain.py").read_text().splitlines()
    changed = [f"{step} = {formula}" if line.startswith(f"{step} =") else line for line in lines]
    (tmp_path / "mine.py").write_text("\n".join(changed))
    result = warm.check("tanh-chain", tmp_path / "mine.py")

    assert {one.name: one.reason for one in result.steps if one.outcome == "wrong"} == {step: "given_point_only"}
    assert result.score == 15.0
