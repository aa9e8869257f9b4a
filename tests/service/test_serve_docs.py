"""The pages for operators name only what there is: options, variables, commands, metrics; their files can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from grader.cli.serve_command import serve
from grader.service.monitoring import Metrics

DOCS = Path(__file__).parents[2] / "grader" / "docs"
PAGES = ("serve", "compose")


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text("utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_every_variable_and_command_is_one(name: str) -> None:
    variables = {option.envvar for option in serve.params} | {"GRADER_SERVE_SECRET_FILE"}  # type: ignore[attr-defined]
    commands = set(serve.commands)  # type: ignore[attr-defined]

    assert set(re.findall(r"GRADER_[A-Z_]+", page(name))) <= variables
    assert set(re.findall(r"grader serve(?: --[\w-]+ [^- ]\S*)* ([a-z]+)\b(?! [a-z])", page(name))) <= commands
    for option in re.findall(r"(?<=grader serve )(--[\w-]+)", page(name)):
        assert any(option in one.opts for one in serve.params)  # type: ignore[attr-defined]


def test_every_metric_is_described_and_no_other() -> None:
    exposed = {name.partition("{")[0] for name, _ in Metrics().values()}
    exposed |= {"grader_graded_total", "grader_scores_sent_total", "grader_jobs", "grader_pushes"}
    known = {re.sub("_(bucket|sum|count|created)$", "", name) for name in exposed}
    known = {name for name in known if name + "_total" not in exposed}

    assert set(re.findall(r"^\| `(grader_\w+)", page("serve"), re.M)) == known


def test_the_compose_file_names_only_what_it_declares() -> None:
    [text] = re.findall(r"## compose.yaml\n\n(.*?)\n## ", page("compose"), re.S)
    read = yaml.safe_load(re.sub("(?m)^    ", "", text))

    for service in read["services"].values():
        assert set(service.get("secrets", [])) <= set(read["secrets"])
        named = {volume.partition(":")[0] for volume in service.get("volumes", [])}
        assert {one for one in named if not one.startswith(".")} <= set(read["volumes"])
