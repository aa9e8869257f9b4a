"""Commit, then reveal: the states of a quantity at one point, and the only way through them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import InternalError
from grader.judge.runs.teacher_forcing import Commitments
from grader.model import Observed, Opaque, Value

NAMES = ("h", "dh", "dw")
RIGHT = {name: Value.scalar(number) for number, name in enumerate(NAMES, 1)}
EXCEPTION = Opaque("exception", "")

handed_over = st.sampled_from([Value.scalar(7.0), *RIGHT.values(), Opaque("object", "error"), EXCEPTION])
steps = st.lists(
    st.tuples(st.just("commit"), st.sampled_from(NAMES), handed_over)
    | st.tuples(st.sampled_from(["reveal", "forgo"]), st.sampled_from(NAMES), st.none()),
    max_size=20,
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # on a busy machine drawing arrays takes long
@given(steps)
def test_nothing_leaves_before_a_commit_and_nothing_later_counts(told: list[tuple[str, str, Observed | None]]) -> None:
    commitments, first = Commitments(RIGHT), dict[str, Observed | None]()
    for what, name, value in told:
        if what == "commit" and value is not None:
            commitments.commit(name, value)
            first.setdefault(name, value)
        elif what == "forgo":
            commitments.forgo([name])
            first.setdefault(name, None)
        elif name in first:
            assert commitments.reveal(name) == RIGHT[name]
        else:
            with pytest.raises(InternalError):
                commitments.reveal(name)

        assert commitments.committed == first.keys()
        assert commitments.values == {name: one for name, one in first.items() if one not in (None, EXCEPTION)}


def test_an_exception_is_a_commit_and_no_value() -> None:
    commitments = Commitments(RIGHT)

    commitments.commit("dw", EXCEPTION)
    commitments.commit("dw", commitments.reveal("dw"))

    assert commitments.values == {}


def test_an_object_is_what_counts() -> None:
    commitments = Commitments(RIGHT)

    commitments.commit("dw", Opaque("object", "error"))
    commitments.commit("dw", commitments.reveal("dw"))

    assert commitments.values == {"dw": Opaque("object", "error")}
