"""Reports for CI: annotations of GitHub, its summary, JUnit XML and SARIF, whatever the submission holds."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from grader.model import REVEAL_LEVELS, Problem, Reveal, Span
from grader.report import ci
from grader.report.account import blocks
from grader.report.block_text import step_text

from .cases import CASES, diagnosed_case, forum_case, hostile_case, notebook_case, unreadable_case

ANNOTATION = re.compile(r"::(error|warning|notice) ((?:[a-zA-Z]+=[^,:]*)(?:,[a-zA-Z]+=[^,:]*)*)::(.*)")


def annotations(text: str) -> list[tuple[str, dict[str, str], str]]:
    found = [ANNOTATION.fullmatch(line) for line in text.splitlines()[:-1]]
    return [
        (one[1], dict(part.split("=", 1) for part in one[2].split(",")), one[3]) for one in found if one is not None
    ]


@pytest.mark.parametrize("reveal", REVEAL_LEVELS)
@pytest.mark.parametrize("case", CASES)
def test_each_block_is_one_annotation_and_nothing_ends_it_early(case: str, reveal: Reveal) -> None:
    result = replace(CASES[case](), reveal=reveal)

    made = annotations(ci.github_annotations(result, "mine.py"))

    assert len(made) == len(blocks(result)) == len(ci.github_annotations(result, "mine.py").splitlines()) - 1


def test_an_annotation_is_at_the_marked_range() -> None:
    level, where, message = annotations(ci.github_annotations(forum_case(), "week1/mine.py"))[0]

    assert level == "error"
    assert where["file"] == "week1/mine.py"
    assert (where["line"], where["endLine"], where["col"], where["endColumn"]) == ("16", "16", "11", "38")
    assert where["title"] == "1. `dh1_dwh` = d(h1)/d(w_h) is the first wrong step"
    assert message.startswith(where["title"] + "%0A")


def test_a_line_of_a_notebook_is_in_the_text_only() -> None:
    made = annotations(ci.github_annotations(notebook_case(), "mine.ipynb"))

    assert all("line" not in where for _, where, _ in made)
    assert "cell 7" in made[0][2]


def test_a_percent_sign_a_colon_and_a_comma_are_escaped() -> None:
    problem = Problem("raised", "100%: a, b\n::error::forged", Span("mine.py", None, 1, 1, 1, 2))

    lines = ci.github_annotations(replace(forum_case(), problems=(problem,)), "a,b:c.py").splitlines()

    forged = next(line for line in lines if "forged" in line)
    assert forged.startswith("::warning file=a%2Cb%3Ac.py,line=1,")
    assert "100%25: a, b" in forged
    assert not any(line.startswith("::error::") for line in lines)


def test_the_last_line_is_the_score_and_a_submission_that_could_not_be_graded_has_none() -> None:
    assert ci.github_annotations(forum_case(), "mine.py").splitlines()[-1] == "mine.py: 7 / 10 points"
    assert ci.github_annotations(unreadable_case(), "mine.py").splitlines()[-1].endswith(": could not be graded")


def test_the_name_of_a_file_is_no_command_of_github() -> None:
    named = replace(forum_case(), submission="::error::mine.py")

    assert ci.github_annotations(named, "::error::mine.py").splitlines()[-1] == "./::error::mine.py: 7 / 10 points"


@pytest.mark.parametrize("case", CASES)
def test_the_summary_has_a_row_for_each_step(case: str) -> None:
    result = CASES[case]()

    table = [line for line in ci.markdown_summary(result).splitlines() if line.startswith("| ")]

    assert len(table) == 2 + len(result.steps)
    assert {re.sub(r"\\\|", "", line).count("|") for line in table} == {6}


def test_markup_in_a_summary_has_no_effect() -> None:
    titled = replace(forum_case(), title="<img src=x> [a](b) **bold** | cell\n# heading")

    said = ci.markdown_summary(titled).splitlines()[0]

    assert r"\<img src=x\> \[a\]\(b\) \*\*bold\*\* \| cell" in said
    assert "\n# heading" not in ci.markdown_summary(titled)


@pytest.mark.parametrize("reveal", REVEAL_LEVELS)
@pytest.mark.parametrize("case", CASES)
def test_junit_has_a_case_for_each_step(case: str, reveal: Reveal) -> None:
    result = replace(CASES[case](), reveal=reveal)

    root = ElementTree.fromstring(ci.junit_xml(result, "mine.py"))

    suite = root[0]
    cases = suite.findall("testcase")
    assert [one.get("name") for one in cases] == [step.name for step in result.steps]
    for kind, total in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert int(suite.get(total, "")) == int(root.get(total, "")) == len(suite.findall(f"testcase/{kind}"))


def test_in_junit_a_wrong_step_fails_and_a_step_fed_by_it_is_skipped_with_its_cause() -> None:
    suite = ElementTree.fromstring(ci.junit_xml(forum_case(), "mine.py"))[0]
    cases = {one.get("name"): one for one in suite.findall("testcase")}

    failure, fed = cases["dh1_dwh"].find("failure"), cases["dh2raw_dwh"].find("skipped")

    assert failure is not None
    assert failure.get("type") == "wrong"
    assert "dh1_dwh = (1 - h1_raw**2) * dh1raw_dwh" in (failure.text or "")
    assert fed is not None
    assert fed.get("message") == "`dh2raw_dwh` on line 17 is fed by `dh1_dwh`; its own formula is right"
    assert cases["dh0_dwh"].find("properties/property[@name='points']").get("value") == "1 / 1"  # type: ignore[union-attr]


def test_in_junit_what_could_not_be_graded_is_an_error_and_no_failure() -> None:
    suite = ElementTree.fromstring(ci.junit_xml(unreadable_case(), "mine.py"))[0]

    assert suite.get("failures") == "0"
    assert int(suite.get("errors", "")) == len(unreadable_case().steps)


@pytest.mark.parametrize("reveal", REVEAL_LEVELS)
@pytest.mark.parametrize("case", CASES)
def test_sarif_has_a_result_with_a_rule_for_each_block(case: str, reveal: Reveal) -> None:
    result = replace(CASES[case](), reveal=reveal)

    made = json.loads(ci.sarif_log(result, "mine.py"))

    run = made["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert made["version"] == "2.1.0"
    assert len(run["results"]) == len(blocks(result))
    assert all(one["ruleId"] in rules and one["message"]["text"] for one in run["results"])
    assert len(set(rules)) == len(rules)


def test_sarif_offers_the_repair_where_the_reveal_level_shows_it() -> None:
    shown = json.loads(ci.sarif_log(diagnosed_case(), "mine.py"))["runs"][0]["results"][0]
    hidden = json.loads(ci.sarif_log(replace(diagnosed_case(), reveal="hint"), "mine.py"))["runs"][0]["results"][0]

    change = shown["fixes"][0]["artifactChanges"][0]
    assert change["replacements"][0]["insertedContent"] == {"text": "h1"}
    assert change["replacements"][0]["deletedRegion"] == shown["locations"][0]["physicalLocation"]["region"]
    assert "fixes" not in hidden


def test_sarif_names_a_file_by_a_uri() -> None:
    made = json.loads(ci.sarif_log(hostile_case(), "my work/100%.py"))["runs"][0]["results"][0]

    assert made["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "my%20work/100%25.py"


def test_a_carried_step_without_a_known_cause_names_an_earlier_mistake() -> None:
    result = forum_case()
    carried = replace(next(step for step in result.steps if step.outcome == "carried"), caused_by=())
    alone = replace(result, steps=(carried,))

    assert "is fed by an earlier mistake; its own formula is right" in step_text(alone, carried)
