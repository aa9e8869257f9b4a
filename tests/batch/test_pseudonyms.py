"""Exports without names."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from grader.batch.export import Wanted, csv_lines, json_lines, markdown
from grader.batch.pseudonyms import Pseudonyms
from grader.batch.store import Store
from grader.errors import UsageError
from tests.batch.making_results import HALF, RIGHT, filled, handed, result, step


def klass(folder: Path) -> Path:
    named = result(step("da", "wrong", None, 'da = max(note, "by Anna Bell, Bell_A")'), step("db"))
    told = replace(named, steps=tuple(replace(one, remark="annabell.py of bell@uni.edu") for one in named.steps))
    anna = handed("bell@uni.edu", name="Anna Bell", identities=(("email", "bell@uni.edu"),), file="annabell.py")
    return filled(folder, [(anna, told), (handed("s2", name="Max Note"), HALF), (handed("s3", None, "Cy Lee"), None)])


def test_no_format_names_a_student(tmp_path: Path) -> None:
    with Store(klass(tmp_path / "r")) as store:
        hidden = Pseudonyms(tmp_path / "keys.csv", store.standings())
        told = [
            *json_lines(store, Wanted(), hidden), *csv_lines(store, Wanted(), hidden),
            markdown(store, Wanted(), hidden),
        ]  # fmt: skip

    text = "".join(told)
    assert not any(name in text for name in ("Anna", "Bell,", "annabell", "bell@", "Max", "Note", "Cy", "Lee"))
    assert "da = max(note" in text  # a word of the code that is also a name stays


def test_the_reason_of_a_missing_score_has_no_name_of_a_file(tmp_path: Path) -> None:
    filled(tmp_path / "r", [(handed("s1"), None)])
    with Store(tmp_path / "r") as store:
        hidden = keys(tmp_path, store)
        one = replace(next(store.standings()), reason="`cy_lee_hw.txt`: it is empty")
        pseudonym = hidden.of(one)

        assert hidden.row(one).reason == f"`{pseudonym}.txt`: it is empty"


def test_the_key_file_says_who_is_who_and_is_used_again(tmp_path: Path) -> None:
    with Store(klass(tmp_path / "r")) as store:
        first = [json.loads(line)["student"] for line in json_lines(store, Wanted(), keys(tmp_path, store))]
        again = [json.loads(line)["student"] for line in json_lines(store, Wanted(), keys(tmp_path, store))]

    rows = list(csv.DictReader((tmp_path / "keys.csv").open(encoding="utf-8")))
    assert first == again == sorted(first)
    assert sorted(row["student"] for row in rows) == ["bell@uni.edu", "s2", "s3"]
    assert {row["pseudonym"] for row in rows} == set(first)


def keys(folder: Path, store: Store) -> Pseudonyms:
    return Pseudonyms(folder / "keys.csv", store.standings())


def test_a_student_who_comes_later_gets_a_pseudonym_too(tmp_path: Path) -> None:
    filled(tmp_path / "one", [(handed("a"), RIGHT)])
    filled(tmp_path / "two", [(handed("a"), RIGHT), (handed("b"), HALF)])

    with Store(tmp_path / "one") as store:
        before = keys(tmp_path, store).of(next(store.standings()))
    with Store(tmp_path / "two") as store:
        after = [keys(tmp_path, store).of(one) for one in store.standings()]

    assert after[0] == before != after[1]


def test_a_key_file_with_two_students_of_one_pseudonym_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys.csv").write_text("pseudonym,student,name\ns-1,a,A\ns-1,b,B\n")

    with pytest.raises(UsageError, match="every student needs a pseudonym"), Store(klass(tmp_path / "r")) as store:
        keys(tmp_path, store)
