"""Choosing exercises from within the platform."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from grader.service.lti import claims as names
from grader.service.store.tables import Assignment
from tests.service.lti.site import PLATFORM, TOOL, Both
from tests.service.platform_simulator.visitor import forms

pytestmark = pytest.mark.slow

OWN = {"origin": TOOL}


def choose(both: Both, *chosen: str, **more: str) -> Any:
    page = both.launch(user="2", link="")
    form = next(one for one in forms(page.text) if one.action.endswith("/choose"))
    return both.tool_client.post(form.action, data=dict(form.fields) | {"chosen": list(chosen)} | more, headers=OWN)


def items(both: Both, page: Any) -> list[dict[str, Any]]:
    form = next(one for one in forms(page.text) if one.sends_itself)
    assert form.action == f"{PLATFORM}/content-items"
    found = both.platform.verified(dict(form.fields)["JWT"], both.platform.issuer)
    return found[f"{names.DEEP_LINKING}content_items"]


def test_chosen_exercises_become_links_with_a_column_each(both: Both) -> None:
    found = items(both, choose(both, "exercise:tanh-chain", "exercise:rnn"))

    assert [one["title"] for one in found] == [
        "Two tanh steps that share one weight", "A recurrent network through T steps",
    ]  # fmt: skip
    assert [one["url"] for one in found] == [f"{TOOL}/lti/launch"] * 2
    assert found[0]["lineItem"] == {
        "scoreMaximum": 16.0, "label": "Two tanh steps that share one weight", "resourceId": "assignment-1",
        "tag": "grade", "submissionReview": {"reviewableStatus": ["Completed"]},
    }  # fmt: skip


def test_the_page_may_send_its_form_to_the_platform_and_to_nobody_else(both: Both) -> None:
    policy = choose(both, "exercise:rnn").headers["content-security-policy"]

    assert f"form-action 'self' {PLATFORM};" in policy
    assert "script-src 'self';" in policy


def test_the_link_launches_the_assignment_that_was_chosen(both: Both) -> None:
    visitor = both.visitor()
    page = visitor.open(f"{PLATFORM}/open/2/")
    form = next(one for one in forms(page.text) if one.action.endswith("/choose"))
    visitor.send(page, form.with_field("chosen", "exercise:rnn"))

    assert both.launch(link="2").headers["location"].endswith("/assignments/1")
    with both.sessions() as session:
        made = session.scalars(select(Assignment)).one()
    assert (made.name, made.resource_link, made.lineitem_url) == ("rnn", "2", both.platform.item_url(2))


def test_choosing_again_what_was_never_put_into_the_course_makes_nothing_new(both: Both) -> None:
    choose(both, "exercise:rnn")
    choose(both, "exercise:rnn")

    with both.sessions() as session:
        assert len(session.scalars(select(Assignment)).all()) == 1


def test_where_the_platform_takes_one_only_one_is_sent(both: Both) -> None:
    settings = both.platform.launch_claims("2", "", "n")[f"{names.DEEP_LINKING}deep_linking_settings"]
    both.platform.claims = {
        f"{names.DEEP_LINKING}deep_linking_settings": settings | {"accept_multiple": False, "accept_lineitem": False}
    }
    found = items(both, choose(both, "exercise:tanh-chain", "exercise:rnn"))

    assert len(found) == 1
    assert "lineItem" not in found[0]


def test_cancelling_sends_nothing_back(both: Both) -> None:
    assert items(both, choose(both, "exercise:rnn", cancel="1")) == []


def test_choosing_nothing_is_told(both: Both) -> None:
    assert "Nothing was chosen" in choose(both).text


def test_a_platform_that_takes_no_links_here_is_refused(both: Both) -> None:
    settings = both.platform.launch_claims("2", "", "n")[f"{names.DEEP_LINKING}deep_linking_settings"]
    both.platform.claims = {f"{names.DEEP_LINKING}deep_linking_settings": settings | {"accept_types": ["file"]}}

    assert both.launch(user="2", link="").status_code == 401


def test_a_student_cannot_choose(both: Both) -> None:
    assert both.launch(user="3", link="").status_code == 403


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", ""])
def test_a_return_address_that_is_no_page_is_refused(both: Both, url: str) -> None:
    settings = both.platform.launch_claims("2", "", "n")[f"{names.DEEP_LINKING}deep_linking_settings"]
    both.platform.claims = {f"{names.DEEP_LINKING}deep_linking_settings": settings | {"deep_link_return_url": url}}

    assert both.launch(user="2", link="").status_code == 401
