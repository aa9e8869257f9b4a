"""A call that is refused changes nothing, and says which names are near."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.batch.file_choice import ANY
from grader.batch.gradebooks.fill import GradebookOptions, fill
from grader.batch.intake import BatchOptions
from grader.batch.isolation import isolation_for, risk
from grader.batch.run import run
from grader.batch.store import FILE, Store, key_of
from grader.errors import UsageError
from tests.batch.making import write
from tests.batch.making_results import RIGHT, filled, handed

CLASS = [
    (handed("101", name="Anna Bell"), RIGHT),
    (handed("102", name="Ben Carr"), RIGHT),
    (handed("103", name="Ben Carr"), RIGHT),
    (handed("104", name="Siobhán O’Brien"), RIGHT),
    (handed("105", name="Jose Ek"), RIGHT),
    (handed("106", name="José Ek"), RIGHT),
]


@pytest.mark.parametrize(
    ("called", "key"),
    [
        ("101", "101"),
        ("Anna Bell", "101"),
        ("anna bell", "101"),
        ("Bell, Anna", "101"),
        ("siobhan o'brien", "104"),
        ("O'Brien, Siobha\u0301n", "104"),
        ("jose ek", "105"),
        ("jose\u0301 ek", "106"),
    ],
)
def test_a_student_is_found_by_key_and_by_name(tmp_path: Path, called: str, key: str) -> None:
    with Store(filled(tmp_path, CLASS)) as store:
        assert key_of(store, called) == key


@pytest.mark.parametrize(
    ("called", "said"),
    [
        ("Ana Bell", "no student 'Ana Bell' in these results. Did you mean Anna Bell?"),
        ("Ben Carr", "Several students are called 'Ben Carr': 102, 103. Name one of these."),
        ("Siobhan O'Brian", 'no student "Siobhan O\'Brian" in these results. Did you mean Siobhán O’Brien?'),
        ("Zoe", "no student 'Zoe' in these results."),
    ],
)
def test_a_name_that_means_nobody_or_several_is_refused(tmp_path: Path, called: str, said: str) -> None:
    with Store(filled(tmp_path, CLASS)) as store, pytest.raises(UsageError) as refused:
        key_of(store, called)

    assert str(refused.value).endswith(said)


def known(folder: Path) -> list[tuple[object, ...]]:
    with Store(folder) as store:
        return store.query("SELECT student, work, again, digest FROM submissions") + store.query("SELECT * FROM about")


@pytest.mark.parametrize("fresh", [False, True])
def test_a_batch_with_an_unknown_student_leaves_the_class_as_it_was(tmp_path: Path, fresh: bool) -> None:
    out = filled(tmp_path / "out", CLASS)
    with Store(out, writing=True) as store:
        store.tell(exercise="tanh-chain")
    (tmp_path / "download").mkdir()
    (tmp_path / "download" / "101.py").write_text("x = 1\n")
    before = known(out)

    with pytest.raises(UsageError, match="There is no student 'Ana'"):
        run(BatchOptions("tanh-chain", (str(tmp_path / "download"),), str(out), student="Ana", fresh=fresh))

    assert known(out) == before


def test_a_pattern_that_names_no_file_takes_nobodys_result_away(tmp_path: Path) -> None:
    out = filled(tmp_path / "out", [(handed("anna"), RIGHT), (handed("ben"), RIGHT)])
    with Store(out, writing=True) as store:
        store.tell(exercise="tanh-chain")
    write(tmp_path / "download", {"anna.py": b"x = 1\n", "ben.py": b"x = 1\n"})
    before = known(out)

    with pytest.raises(UsageError, match=r"No student's file is named like 'hw\*\.py' \(--file\)"):
        run(BatchOptions("tanh-chain", (str(tmp_path / "download"),), str(out), rule=replace(ANY, pattern="hw*.py")))

    assert known(out) == before


def test_a_table_that_is_no_roster_is_refused_with_its_columns(tmp_path: Path) -> None:
    write(tmp_path, {"download/anna.py": b"x = 1\n", "r.csv": b"x;y\n1;2\n"})

    with pytest.raises(
        UsageError, match=r"The roster '.*r\.csv' has the columns 'x', 'y'\. No column says who is meant"
    ):
        run(
            BatchOptions(
                "tanh-chain", (str(tmp_path / "download"),), str(tmp_path / "out"), roster=str(tmp_path / "r.csv")
            )
        )


def test_the_gradebook_of_another_system_is_refused_by_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "book.csv").write_text("Identifier,Full name,Grade\nParticipant 1,Bo Ek,\n")

    with Store(filled(tmp_path / "out", CLASS)) as store, pytest.raises(UsageError, match="no columns Student and ID"):
        fill(store, GradebookOptions("canvas", str(tmp_path / "book.csv")))


@pytest.mark.parametrize("path", ["nowhere", "empty"])
def test_a_refused_batch_makes_no_folder(tmp_path: Path, path: str) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(UsageError):
        run(BatchOptions("tanh-chain", (str(tmp_path / path),), str(tmp_path / "out")))

    assert not (tmp_path / "out").exists()


def test_a_download_in_which_nobody_handed_in_anything_is_refused_with_the_reason(tmp_path: Path) -> None:
    notice = tmp_path / "submitted" / "anna" / "other" / "hw.py"
    other = tmp_path / "submitted" / "ben" / "another" / "hw.py"
    for path in (notice, other):
        path.parent.mkdir(parents=True)
        path.write_text("x = 1\n")

    with pytest.raises(UsageError, match=r"No student's submission .* 'nbgrader'.* none is named like the exercise"):
        run(BatchOptions("tanh-chain", (str(tmp_path),), str(tmp_path / "out")))


def test_a_refused_batch_leaves_other_files_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")

    with pytest.raises(UsageError):
        run(replace(BatchOptions("tanh-chain", (str(tmp_path / "nowhere"),), str(tmp_path / "out"))))

    assert [one.name for one in (tmp_path / "out").iterdir()] == ["notes.txt"]
    assert not (tmp_path / "out" / FILE).exists()


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_outside_linux_the_default_is_process_for_those_who_allow_it(
    monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    monkeypatch.setattr("sys.platform", system)

    with pytest.raises(UsageError, match=r"This system can keep .* no other mode than `process`.*--i-trust-these"):
        isolation_for(None, trusted=False)
    assert isolation_for(None, trusted=True).mode == "process"
    assert "process" in isolation_for(None, trusted=True).told


def test_a_limit_that_is_missing_is_part_of_the_risk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")

    assert "This system does not let us limit memory or the number of processes." in risk()
