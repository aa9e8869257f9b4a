"""Results as text and back, nothing lost: those of real submissions, right, wrong, broken, of numbers and arrays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.model import Opaque, Result, StepResult, Value
from grader.pipeline import check
from grader.serialize import decode, encode
from tests.batch.making_results import RIGHT, result

CASES = Path(__file__).parents[1] / "cases"


@pytest.mark.parametrize("case", ["wrong/forum_plain.py", "correct/numpy_one_element.py"])
def test_the_result_of_a_submission(case: str) -> None:
    made = check("tanh-chain", CASES / case)

    assert decode(encode(made), Result) == made


def test_what_is_no_number_stays_what_it_was() -> None:
    odd = result(
        StepResult("da", "d(y)/d(a)", "wrong", got=Opaque("text", "str"), expected=Value.of([1.0, float("inf")], (2,)),
                   at=(("x", Value.scalar(float("-inf"), "int64")),), caused_by=("db", "dc"))
    )  # fmt: skip

    assert decode(encode(odd), Result) == odd


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"exercise": 1}', encode(RIGHT)[:-5]])
def test_what_is_no_result_is_refused(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        decode(text, Result)


def test_a_field_that_is_newer_than_the_text_has_its_default() -> None:
    told = json.loads(encode(RIGHT))
    del told["output"], told["steps"][0]["remark"]

    assert decode(json.dumps(told), Result) == RIGHT
    assert (RIGHT.output, RIGHT.steps[0].remark) == ("", None)


def test_a_field_without_a_default_must_be_in_the_text() -> None:
    told = json.loads(encode(RIGHT))
    del told["score"]

    with pytest.raises(KeyError):
        decode(json.dumps(told), Result)


def test_a_nested_thing_in_the_place_of_a_text_is_refused() -> None:
    with pytest.raises(TypeError):
        decode(encode(RIGHT).replace('"exercise":"chain"', '"exercise":["chain"]'), Result)


def test_it_is_a_result() -> None:
    assert isinstance(decode(encode(RIGHT), Result), Result)
