"""The exercises that come with the grader, and names on the command line."""

from __future__ import annotations

import os
import pathlib

import pytest

from grader.errors import UsageError
from grader.exercise import load as place
from grader.exercise.load import collection, find, load


def test_every_shipped_exercise_loads_and_is_named_like_its_file() -> None:
    assert [load(path).id for path in collection()] == [path.stem for path in collection()]


def test_every_shipped_step_has_a_hint_and_every_exercise_a_text() -> None:
    for path in collection():
        exercise = load(path)
        assert len(exercise.text) > 500, exercise.id
        said = [part for part in ("**What to do.**", "**Why.**", "**Further reading.**") if part not in exercise.text]
        assert said == [], exercise.id
        assert [step.name for step in exercise.steps if not step.hint] == [], exercise.id


def test_prerequisites_come_first(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, needs in {"a": "[c]", "b": "[]", "c": "[d, b]", "d": "[c]"}.items():
        (tmp_path / f"{name}.yaml").write_text(f"exercise: {name}\nprerequisites: {needs}\n")
    (tmp_path / "e.yaml").write_text("not: [an exercise")
    monkeypatch.setattr(place, "folder", lambda: tmp_path)

    assert [path.stem for path in collection()] == ["d", "b", "c", "a", "e"]


def test_chapters_come_in_their_order_and_what_has_none_last(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, chapter in {"a": "", "b": "chapter: 10. Late", "c": "chapter: 2. Early", "d": "chapter: [no]"}.items():
        (tmp_path / f"{name}.yaml").write_text(f"exercise: {name}\n{chapter}\n")
    monkeypatch.setattr(place, "folder", lambda: tmp_path)

    assert [path.stem for path in collection()] == ["c", "b", "a", "d"]


def test_the_shipped_course_never_looks_ahead() -> None:
    course = [load(path) for path in collection()]
    numbers = [int((exercise.chapter or "").partition(".")[0]) for exercise in course]

    assert numbers == sorted(numbers)
    for place_in_course, exercise in enumerate(course):
        assert set(exercise.prerequisites) <= {one.id for one in course[:place_in_course]}, exercise.id
        assert exercise.prerequisites or place_in_course == 0, exercise.id


def test_an_id_is_found_in_the_collection() -> None:
    assert find("tanh-chain").name == "tanh-chain.yaml"


def test_a_path_is_a_path(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "mine.yaml"
    path.touch()

    assert find(path) == path
    assert find(str(path)) == path


def test_an_unknown_id_offers_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"There is no exercise 'tan-chain'\. Did you mean tanh-chain"):
        find("tan-chain")


@pytest.mark.parametrize("name", ["nothing.yaml", f"no{os.sep}thing", "x" * 5000 + ".yaml", "a\0b/c"])
def test_an_unknown_path(name: str) -> None:
    with pytest.raises(UsageError, match="There is no exercise file"):
        find(name)


def test_the_forum_case_asks_for_its_sixteen_steps() -> None:
    names = [step.name for step in load(find("tanh-chain")).steps]

    assert names == [
        "dh0_dwh",
        "dh1raw_dwh",
        "dh1_dwh",
        "dh2raw_dwh",
        "dh2_dwh",
        "dwy_dwh",
        "dy2_dwh",
        "dh2_dwy",
        "dy2_dwy",
        "dy2",
        "dw_y",
        "dh2",
        "dh2_raw",
        "dh1",
        "dh1_raw",
        "dw_h",
    ]
    assert names[:9] == [step.name for step in load(find("tanh-chain-forward")).steps]
    assert names[9:] == [step.name for step in load(find("tanh-chain-reverse")).steps]
