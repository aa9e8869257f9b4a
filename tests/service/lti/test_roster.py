"""Who is in a course, from the platform."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from grader.service.lti import claims as names
from grader.service.platform_calls import Member, NoRoster, members
from tests.service.lti.site import PLATFORM, Both
from tests.service.platform_simulator.platform import Account, Answer


def read(both: Both) -> tuple[Member, ...]:
    return members(both.tool, both.client(), f"{PLATFORM}/nrps/2", datetime.now(UTC))


def test_all_pages_are_read(both: Both) -> None:
    found = read(both)

    assert [one.name for one in found] == ["Tom Teacher", "Anna Bell", "María-José O'Brien Núñez"]
    assert [one.role for one in found] == ["instructor", "student", "student"]
    assert sum(path.startswith("/nrps/") for _, path, _, _ in both.platform.requests) == 2


def test_who_is_not_active_is_told(both: Both) -> None:
    both.platform.accounts["5"] = Account("5", "Left", ["Learner"], enrolled=False)

    assert [one.active for one in read(both)] == [True, True, True, False]


def test_roles_may_be_a_text_as_in_lti_1_1(both: Both) -> None:
    page = {"members": [{"user_id": 7, "roles": "Learner, Instructor", "status": "Active"}]}
    both.platform._members = lambda _: Answer.json(page, kind=names.ROSTER_TYPE)  # type: ignore[method-assign]

    assert [(one.subject, one.role) for one in read(both)] == [("7", "instructor")]


def test_a_list_without_end_is_left(both: Both) -> None:
    both.platform._paged = lambda *_: type(both.platform)._paged(  # type: ignore[method-assign]
        both.platform, [{"user_id": "3"}] * 3, {"page": "0"}, "nrps/2", names.ROSTER_TYPE, "members"
    )

    assert len(read(both)) == 1


def test_a_service_that_is_switched_off_is_told(both: Both) -> None:
    both.platform.scopes.discard(names.ROSTER)

    with pytest.raises(NoRoster, match="switched off"):
        read(both)


def test_a_list_of_nobody_is_no_roster(both: Both) -> None:
    both.platform.accounts.clear()

    with pytest.raises(NoRoster, match="nobody"):
        read(both)


def test_a_page_that_is_missing_is_no_roster(both: Both) -> None:
    both.client()
    token = both.tool.access.token(both.client(), names.ROSTER, datetime.now(UTC))
    del token
    original = both.platform._members
    both.platform._members = lambda query: original(query) if "page" not in query else _gone()  # type: ignore[method-assign]

    with pytest.raises(NoRoster, match="status 500"):
        read(both)


def _gone():  # type: ignore[no-untyped-def]
    from tests.service.platform_simulator.platform import Answer

    return Answer(500)
