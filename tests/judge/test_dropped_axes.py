"""Which quantity lost an axis that a later line needs: only that one goes on in its right shape."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from grader.judge.matching.types import Alignment
from grader.judge.runs.dropped_axes import with_whole_shapes
from grader.judge.runs.forced import Forced
from grader.model import Value

FLAT, COLUMN = Value.of([1.0, 2.0], (2,)), Value.of([1.0, 2.0], (2, 1))


def match(value: Value) -> Any:
    return SimpleNamespace(slot=None, events=[SimpleNamespace(value=value)], values=lambda: ())


def whole(lost: tuple[str, ...], spoils: str) -> frozenset[str]:
    """What goes on in its right shape, where `lost` were bound without an axis, and that of `spoils` spoils `last`."""
    alignment: Any = Alignment({"last": match(COLUMN), **{name: match(FLAT) for name in lost}})
    steps = [SimpleNamespace(name=name) for name in alignment.matches]
    scene = SimpleNamespace(
        quantities=steps, exercise=SimpleNamespace(steps=steps), right=lambda *_: True,
        is_right=lambda name, values: values == [FLAT],
        reference=SimpleNamespace(values=[dict.fromkeys(alignment.matches, COLUMN)]),
    )  # fmt: skip

    def of(alignment: Any, whole: frozenset[str] = frozenset()) -> Forced:
        last = {} if spoils not in whole else {"last": FLAT}
        return Forced(alignment, (), (dict.fromkeys(lost, FLAT) | last,), whole)

    runs: Any = SimpleNamespace(scene=scene, of=of, anew=of)
    return with_whole_shapes(runs, of(alignment)).whole


def test_of_several_lost_axes_only_the_one_that_spoils_a_later_line_is_to_blame() -> None:
    assert whole(("first", "second"), "first") == {"first"}
    assert whole(("first", "second"), "second") == {"second"}


def test_lost_axes_that_spoil_nothing_are_left_as_they_are() -> None:
    assert whole(("first",), "elsewhere") == frozenset()
