"""Given numbers that a submission has typed in otherwise: those of another variant, or more or fewer of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from grader.instrument.sites import instrument
from grader.judge.locations import code_of, drawn_at_random, foreign_numbers, other_sizes, span_of
from grader.model import Span, Value
from grader.runner.types import Sites
from grader.submission.load import load_bytes

SCALAR, PAIR = Value.scalar(0.5), Value.of([0.5, 2.0], (2,))


def found(source: str, value: Value, of_variant: bool = True, cells: int = 1) -> tuple[list[str], list[str]]:
    """The notes on numbers, and those on sizes, where the last name bound stands for the input `x`."""
    submission = load_bytes(source.encode(), "mine.py")
    sites = instrument(source, cells - 1).sites
    number = next(one.number for one in reversed(sites) if "x" in one.names)
    evidence: Any = SimpleNamespace(
        decisions={(number, 0): "x"},
        scene=SimpleNamespace(
            sites=Sites(sites),
            exercise=SimpleNamespace(variant=(("x", value),) if of_variant else ()),
            reference=SimpleNamespace(points=[SimpleNamespace(inputs={"x": value})]),
        ),
    )
    notes = (foreign_numbers(evidence, submission), other_sizes(evidence, submission))
    numbers, sizes = ([one.message for one in some] for some in notes)
    return numbers, sizes


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("x = 0.5\n", []),
        ("x = 0.5000001\n", []),
        ("x = 0.501\n", ["`x` is 0.501 here and 0.5 in this variant of the exercise"]),
        ("x = 3\n", ["`x` is 3 here and 0.5 in this variant of the exercise"]),
        ("x = torch.tensor(0.7)\n", ["`x` is 0.7 here and 0.5 in this variant of the exercise"]),
        ("x = f(y)\n", []),  # not typed in
        ("x = True\n", []),
        ("x = 'half'\n", []),
    ],
)
def test_a_number_of_another_variant_is_told(source: str, told: list[str]) -> None:
    assert found(source, SCALAR)[0] == [f"{one}; it was judged with the latter" for one in told]


@pytest.mark.parametrize(
    ("source", "differs"),
    [
        ("x = [0.5, 2.0]\n", False),
        ("x = np.array([0.5, 2.0])\n", False),
        ("x = (0.5, 2.5)\n", True),
        ("x = [[0.7], [2.0]]\n", True),
        ("x = [0.7, 2.0, 3.0]\n", False),  # of another size, which is told otherwise
        ("x = [0.7, None]\n", False),
        ("x = np.array([0.7, 2.0], dtype=float)\n", True),
        ("x = np.full([0.7, 2.0], 1.0)\n", False),
    ],
)
def test_the_numbers_of_another_variant_are_told(source: str, differs: bool) -> None:
    told = "the numbers of `x` are not those of this variant of the exercise; it was judged with its own"

    assert found(source, PAIR)[0] == [told] * differs


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("x = [0.5, 2.0]\n", None),
        ("x = [0.5]\n", "1 number"),
        ("x = [1.0, 2.0, 3.0]\n", "3 numbers"),
        ("x = [[1.0, 2.0], [3.0, 4.0]]\n", "4 numbers"),
        ("x = f(3)\n", None),
        ("x = ['a']\n", None),
    ],
)
def test_another_number_of_numbers_is_told(source: str, count: str | None) -> None:
    told = f"`x` has {count} here and 2 in the exercise, with which the code is run"

    assert found(source, PAIR)[1] == ([] if count is None else [told])


def test_a_single_number_has_no_size() -> None:
    assert found("x = [0.5, 2.0]\n", SCALAR)[1] == []


def test_without_variants_no_number_is_foreign() -> None:
    assert found("x = 0.7\n", SCALAR, of_variant=False) == ([], [])


def test_the_lines_of_the_exercise_are_not_the_students() -> None:
    assert found("x = 0.7\n", SCALAR, cells=2) == ([], [])
    assert found("x = [0.7]\n", PAIR, cells=2) == ([], [])


# where things are


SOURCE = "a = 1\nif a:\n    b = (a +\n         2); c = 3\n"


def site_of(name: str, source: str = SOURCE) -> Any:
    return next(one for one in instrument(source, 0).sites if name in one.names)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a", "a = 1"),
        ("b", "b = (a +\n         2)"),
        ("c", "c = 3"),
        ("p", "def f(p):"),
    ],
)
def test_a_statement_is_shown_as_it_was_typed(name: str, code: str) -> None:
    source = SOURCE + "def f(p):\n    return p\n"

    assert code_of(load_bytes(source.encode(), "mine.py"), site_of(name, source)) == code


def test_columns_count_characters() -> None:
    source = "é = 'ü'; x = 5\n"
    submission = load_bytes(source.encode(), "mine.py")
    site = site_of("x", source)

    assert code_of(submission, site) == "x = 5"
    assert span_of(submission, 0, site.statement) == Span("mine.py", None, 1, 10, 1, 15)
    assert span_of(submission, 0, site.value) == Span("mine.py", None, 1, 14, 1, 15)


def test_what_is_in_no_cell_of_the_student_is_nowhere() -> None:
    submission = load_bytes(b"x = 5\n", "mine.py")
    (site,) = instrument("x = 5\n", 1).sites

    assert span_of(submission, 1, site.value) is None
    assert code_of(submission, site) is None
    assert span_of(submission, 0, site.value) == Span("mine.py", None, 1, 5, 1, 6)


def test_a_line_that_is_not_there_is_the_end_of_the_text() -> None:
    assert span_of(load_bytes(b"x = 5\n", "mine.py"), 0, (5, 2, 5, 3)) == Span("mine.py", None, 2, 1, 2, 1)


@pytest.mark.parametrize(
    ("source", "is_drawn"),
    [
        ("x = rng.standard_normal((4, 3))\n", True),
        ("x = np.random.randn(4)\n", True),
        ("x = torch.rand(2, 3, requires_grad=True)\n", True),
        ("x = torch.empty(3).uniform_(0, 1)\n", True),
        ("x = rng.uniform(-1, 1, 3)\n", True),
        ("x = [0.5, 2.0]\n", False),
        ("x = operand(3)\n", False),
        ("x = load('x.npy')\n", False),
    ],
)
def test_values_drawn_at_random_are_said_to_be_replaced(source: str, is_drawn: bool) -> None:
    sites = instrument(source, 0).sites
    number = next(one.number for one in sites if "x" in one.names)
    evidence: Any = SimpleNamespace(decisions={(number, 0): "x"}, scene=SimpleNamespace(sites=Sites(sites)))

    notes = list(drawn_at_random(evidence, load_bytes(source.encode(), "mine.py")))

    told = "`x` is drawn at random here; the values in this report are those with the exercise's numbers"
    assert [(one.kind, one.message) for one in notes] == ([("note", told)] if is_drawn else [])
