"""The plugin for pytest, driven through pytest itself: one test per step, with the report's text. Grading is faked."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from grader.errors import UsageError
from grader.model import REVEAL_LEVELS, Result
from grader.pytest_plugin import LEVELS

from .report.cases import correct_case, forum_case, unreadable_case

pytest_plugins = ("pytester",)

Fake = Callable[[Result | Exception], list[dict[str, Any]]]


@pytest.fixture
def graded(monkeypatch: pytest.MonkeyPatch, pytester: pytest.Pytester) -> Fake:
    """Makes grading return a result or raise an error, and returns the calls."""
    pytester.makepyfile(mine="raise SystemExit('imported')")

    def set_(outcome: Result | Exception) -> list[dict[str, Any]]:
        calls: list[dict[str, Any]] = []

        def check(exercise: str, submission: Path, **options: Any) -> Result:
            calls.append({"exercise": exercise, "submission": submission, **options})
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        fake: Any = types.ModuleType("grader.pipeline")
        fake.check = check
        monkeypatch.setitem(sys.modules, "grader.pipeline", fake)
        return calls

    return set_


def test_the_levels_are_those_of_results() -> None:
    assert LEVELS == REVEAL_LEVELS


def test_each_step_is_a_test(graded: Fake, pytester: pytest.Pytester) -> None:
    graded(forum_case())

    done = pytester.runpytest_inprocess("--grade", "tanh-chain=mine.py")

    outcomes = [step.outcome for step in forum_case().steps]
    done.assert_outcomes(
        passed=outcomes.count("correct"), failed=outcomes.count("wrong"), xfailed=outcomes.count("carried")
    )


def test_a_failure_is_the_text_of_the_report_without_a_traceback(graded: Fake, pytester: pytest.Pytester) -> None:
    graded(forum_case())

    done = pytester.runpytest_inprocess("--grade", "tanh-chain=mine.py")

    done.stdout.fnmatch_lines(
        ["1. `dh1_dwh` = d(h1)/d(w_h) is the first wrong step", "*dh1_dwh = (1 - h1_raw[*][*]2) * dh1raw_dwh"]
    )
    assert "Traceback" not in done.stdout.str()
    assert "pytest_plugin.py" not in done.stdout.str()


def test_a_step_fed_by_a_mistake_is_an_expected_failure_with_its_cause(graded: Fake, pytester: pytest.Pytester) -> None:
    graded(forum_case())

    done = pytester.runpytest_inprocess("--grade", "tanh-chain=mine.py", "-rx")

    done.stdout.fnmatch_lines(["XFAIL mine.py::tanh-chain::dh2raw_dwh - fed by dh1_dwh*"])


def test_one_step_can_be_chosen(graded: Fake, pytester: pytest.Pytester) -> None:
    graded(forum_case())

    pytester.runpytest_inprocess("--grade", "tanh-chain=mine.py", "-k", "dh0_dwh").assert_outcomes(
        passed=1, deselected=len(forum_case().steps) - 1
    )
    pytester.runpytest_inprocess("--grade", "tanh-chain=mine.py", "mine.py::tanh-chain::dh0_dwh").assert_outcomes(
        passed=1
    )


def test_what_could_not_be_graded_is_an_error_and_no_failure(graded: Fake, pytester: pytest.Pytester) -> None:
    graded(unreadable_case())

    done = pytester.runpytest_inprocess("--grade", "tanh-chain=mine.py")

    done.assert_outcomes(errors=len(unreadable_case().steps))


def test_an_optional_step_left_out_is_skipped(graded: Fake, pytester: pytest.Pytester) -> None:
    first, *others = correct_case().steps
    graded(replace(correct_case(), steps=(replace(first, outcome="missing", reason="optional"), *others)))

    done = pytester.runpytest_inprocess("--grade", "tanh-chain=mine.py")

    done.assert_outcomes(passed=len(others), skipped=1)


def test_the_setting_grades_beside_the_other_tests(graded: Fake, pytester: pytest.Pytester) -> None:
    graded(correct_case())
    pytester.makeini("[pytest]\ngrade =\n    tanh-chain=mine.py\n")
    pytester.makepyfile(test_other="def test_one():\n    pass")

    pytester.runpytest_inprocess().assert_outcomes(passed=1 + len(correct_case().steps))


def test_the_option_alone_collects_nothing_else(graded: Fake, pytester: pytest.Pytester) -> None:
    graded(correct_case())
    pytester.makepyfile(test_other="def test_one():\n    pass")

    pytester.runpytest_inprocess("--grade", "tanh-chain=mine.py").assert_outcomes(passed=len(correct_case().steps))


def test_no_other_collector_imports_a_graded_file(graded: Fake, pytester: pytest.Pytester) -> None:
    graded(correct_case())

    done = pytester.runpytest_inprocess("--grade", "tanh-chain=mine.py", "mine.py", "--doctest-modules")

    done.assert_outcomes(passed=len(correct_case().steps))


def test_a_notebook_is_collected_too(graded: Fake, pytester: pytest.Pytester) -> None:
    calls = graded(correct_case())
    pytester.makefile(".ipynb", mine="{}")

    done = pytester.runpytest_inprocess("--grade", "tanh-chain=mine.ipynb")

    done.assert_outcomes(passed=len(correct_case().steps))
    assert calls[0]["submission"] == pytester.path / "mine.ipynb"


@pytest.mark.parametrize("level", LEVELS)
def test_the_reveal_level_is_passed_on(level: str, graded: Fake, pytester: pytest.Pytester) -> None:
    calls = graded(correct_case())

    pytester.runpytest_inprocess("--grade", "tanh-chain=mine.py", "--grade-reveal", level)

    assert calls[0]["reveal"] == level


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("tanh-chain", "*--grade takes EXERCISE=FILE, as in tanh-chain=mine.py; this is 'tanh-chain'"),
        ("tanh-chain=nobody.py", "*--grade tanh-chain=nobody.py: there is no file nobody.py"),
    ],
)
def test_a_mistyped_option_is_a_usage_error(pair: str, said: str, graded: Fake, pytester: pytest.Pytester) -> None:
    graded(correct_case())

    done = pytester.runpytest_inprocess("--grade", pair)

    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines([said])


def test_an_unknown_exercise_is_an_error_in_one_sentence(graded: Fake, pytester: pytest.Pytester) -> None:
    graded(UsageError("There is no exercise 'tanh-chan'. Did you mean tanh-chain?"))

    done = pytester.runpytest_inprocess("--grade", "tanh-chan=mine.py")

    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["tanh-chan: There is no exercise 'tanh-chan'. Did you mean tanh-chain?"])


def test_points_are_properties_in_junit(graded: Fake, pytester: pytest.Pytester) -> None:
    graded(forum_case())

    pytester.runpytest_inprocess("--grade", "tanh-chain=mine.py", "--junitxml=out.xml")

    cases = ElementTree.parse(pytester.path / "out.xml").iter("testcase")
    points = {case.get("name"): case.find("properties/property[@name='points']") for case in cases}
    assert points["dh0_dwh"] is not None
    assert points["dh0_dwh"].get("value") == "1.0"


@pytest.mark.slow
def test_workers_of_xdist_grade_a_real_submission(pytester: pytest.Pytester) -> None:
    wrong = Path(__file__).parent / "cases" / "wrong" / "forum_torch.py"
    pytester.makefile(".py", mine=wrong.read_text())

    done = pytester.runpytest_subprocess("--grade", "tanh-chain=mine.py", "-n", "2")

    done.assert_outcomes(passed=8, failed=4, xfailed=4)
