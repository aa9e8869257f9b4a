"""The JSON report follows its published schema, whatever the submission holds."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator

from grader.model import REVEAL_LEVELS, Reveal, Value
from grader.report.json import json_schema, render

from .cases import CASES, forum_case


@pytest.mark.parametrize("reveal", REVEAL_LEVELS)
@pytest.mark.parametrize("case", CASES)
def test_every_result_follows_the_schema(case: str, reveal: Reveal) -> None:
    result = replace(CASES[case](), reveal=reveal)
    schema = json_schema()
    Draft202012Validator.check_schema(schema)

    Draft202012Validator(schema).validate(json.loads(render(result)))


def test_the_schema_names_every_field_and_describes_it() -> None:
    schema, given = json_schema(), json.loads(render(CASES["diagnosed"]()))
    definitions = schema["$defs"]

    assert set(given) == set(schema["properties"])
    assert set(given["steps"][2]) == set(definitions["step"]["properties"])
    assert set(given["steps"][2]["diagnosis"]) == set(definitions["diagnosis"]["properties"])
    for entry in (schema, *definitions.values()):
        assert all("description" in field for field in entry["properties"].values())


@pytest.mark.parametrize("case", CASES)
def test_it_is_the_object_of_the_result_and_can_be_printed(case: str) -> None:
    result = CASES[case]()
    text = render(result)

    assert json.loads(json.dumps(result.to_dict())) == json.loads(text)
    assert text.replace("\n", "").isprintable()
    assert text.encode("utf-8").endswith(b"}\n")


def test_what_is_no_number_is_named() -> None:
    made = forum_case()
    steps = tuple(replace(one, got=Value.scalar(float("nan"))) for one in made.steps)

    assert json.loads(render(replace(made, steps=steps)))["steps"][0]["got"] == "nan"
