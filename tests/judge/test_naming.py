"""Which quantity a student's name means."""

from __future__ import annotations

from struct import pack

import pytest

from grader.exercise import load
from grader.instrument.sites import instrument
from grader.judge.matching.naming import EXACT, Meaning, names_of, names_of_binding
from grader.model import Value
from grader.runner.types import Event

CHAIN = load.load(load.find("tanh-chain"))
NAMES = names_of(CHAIN)


@pytest.mark.parametrize(
    ("spelled", "quantity"),
    [
        ("dh1_dwh", "dh1_dwh"),
        ("dH1_dWh", "dh1_dwh"),
        ("dh1dwh", "dh1_dwh"),
        ("dh1_dw_h", "dh1_dwh"),
        ("H1_raw", "h1_raw"),
        ("grad_h2", "dh2"),
        ("h2_grad", "dh2"),
        ("h2_bar", "dh2"),
        ("delta_h2", "dh2"),
        ("\N{GREEK SMALL LETTER DELTA}h2", "dh2"),
        ("dL_dh1_raw", "dh1_raw"),
        ("dy2_dh1", "dh1"),
        ("dw_h", "dw_h"),
        ("dy2_dwh", "dy2_dwh"),
    ],
)
def test_a_name_means_a_quantity(spelled: str, quantity: str) -> None:
    meaning = NAMES.means(spelled)

    assert meaning is not None
    assert meaning.quantity == quantity


@pytest.mark.parametrize("name", ["t", "tmp", "grad", "d", "h", "loss", "dtanh"])
def test_a_name_of_the_students_own_means_nothing(name: str) -> None:
    assert NAMES.means(name) is None


def test_an_exact_name_is_surer_than_any_spelling() -> None:
    exact, spelled = NAMES.means("dh2"), NAMES.means("grad_h2")

    assert exact is not None
    assert spelled is not None
    assert exact.rank < spelled.rank


def test_a_name_that_could_be_two_quantities_is_neither() -> None:
    exercise = load.loads(
        "exercise: two\ntitle: T\ntext: t\ngiven: {x: 0.5}\nforward: |\n  a_b = x**2\n  ab = x**3\n  y = a_b * ab\n"
        "steps:\n  dx: d(y)/d(x)\n"
    )
    names = names_of(exercise)

    assert names.means("AB") is None
    assert names.means("ab") == Meaning("ab", "ab", EXACT)


def test_steps_that_are_one_quantity_keep_their_own_names() -> None:
    # dw_h and dy2_dwh are both d(y2)/d(w_h): the answer is complete only when both are bound.
    asked = dict(zip((step.name for step in CHAIN.steps), NAMES.labels.asked, strict=True))

    assert "dwh" not in asked["dy2_dwh"]
    assert "dy2dwh" not in asked["dw_h"]


@pytest.mark.parametrize(("label", "names"), [("", ("dh1",)), ("dw_h", ("dw_h",))])
def test_a_name_made_at_run_time_stands_before_those_in_the_code(label: str, names: tuple[str, ...]) -> None:
    (site,) = instrument("dh1 = 2 * y\n", 0).sites

    assert names_of_binding(Event(1, site.number, 0, None, label, Value((), pack("<d", 0.5))), site) == names
