"""Files that were handed in with the one that is graded: found, kept with it, and read where it runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.batch.file_choice import ChoiceRule, choose
from grader.batch.intake import BatchOptions, take_in
from grader.batch.jobs import Bundle, laid_down, unpacked
from grader.batch.run import run
from grader.batch.store import Store
from grader.model import Isolation
from grader.temp_folders import TempFolder
from tests.batch.classes import RIGHT
from tests.batch.making import Files, write, zip_bytes
from tests.batch.test_choose import attempt, only

HELPED = b"from helper import one\nassert open('names.txt').read() == 'ann'\n" + RIGHT.encode()
HELPER, NAMES = b"one = 1\n", b"ann"


@pytest.mark.parametrize("above", ["", "hw/", "deep/er/"])
def test_what_a_file_asks_for_comes_with_it(above: str) -> None:
    files = {"hw.py": HELPED, "helper.py": HELPER, "names.txt": NAMES, "other.pdf": b"%PDF", "more.py": b"x = 1"}
    chosen = only(
        [attempt({above + name: data for name, data in files.items()})], ChoiceRule(frozenset({"dh1", "dw_h"}))
    )

    assert chosen.file == f"{above}hw.py"
    assert chosen.beside == (("helper.py", HELPER), ("names.txt", NAMES))
    assert {one.path for one in chosen.ignored} == {f"{above}other.pdf", f"{above}more.py"}


def test_it_is_found_in_the_same_archive_and_in_no_other() -> None:
    mine, other = zip_bytes({"a/hw.py": HELPED, "a/helper.py": HELPER}), zip_bytes({"names.txt": NAMES})
    chosen = only([attempt({"mine.zip": mine, "other.zip": other})], ChoiceRule(frozenset({"dh1", "dw_h"})))

    assert (chosen.file, chosen.beside) == ("mine.zip/a/hw.py", (("helper.py", HELPER),))


def test_in_a_flat_folder_no_students_file_comes_with_anothers(tmp_path: Path) -> None:
    write(tmp_path, {"anna.py": HELPED, "helper.py": HELPER, "names.txt": NAMES})
    chosen = {
        one.attempt.student: one
        for one in choose(take_in((str(tmp_path),), "tanh-chain").attempts, ChoiceRule(frozenset()))
    }

    assert chosen["anna"].beside == ()


@pytest.mark.parametrize("beside", [(), (("a.txt", b"\n\n"),), (("a/b.csv", b""), ("c.py", b"x"))])
@pytest.mark.parametrize("content", [b"x = 1\n", b"", b"grader: several files\n[]\n"])
def test_a_bundle_is_unpacked_as_it_was_packed(content: bytes, beside: tuple[tuple[str, bytes], ...]) -> None:
    bundle = Bundle(content, beside)

    assert unpacked(bundle.packed()) == bundle


def test_a_file_alone_is_kept_as_it_is() -> None:
    assert Bundle(b"x = 1\n").packed() == b"x = 1\n"


def test_names_from_strangers_open_nothing() -> None:
    scratch = TempFolder()
    (laid,) = laid_down((("../../evil.py", b"x"),), scratch)

    assert (laid.name, Path(laid.path).parent) == ("../../evil.py", Path(scratch.path))
    scratch.close()


@pytest.mark.parametrize("mode", ["process", "portable", "strict"])
def test_a_class_in_folders_is_graded_with_each_students_own_files(mode: Isolation, tmp_path: Path) -> None:
    download: Files = {
        "anna/hw.py": HELPED,
        "anna/helper.py": HELPER,
        "anna/names.txt": NAMES,
        "ben/hw.py": HELPED,
        "ben/helper.py": HELPER,
        "ben/names.txt": b"ben",
        "cleo/hw.py": RIGHT.encode(),
    }
    write(tmp_path / "in", download)
    run(BatchOptions("tanh-chain", (str(tmp_path / "in"),), str(tmp_path / "out"), mode=mode, workers=1))

    with Store(tmp_path / "out") as store:
        found = {one.student: store.result(one) for one in store.standings()}
    problems = {student: [one.kind for one in result.problems] for student, result in found.items() if result}
    assert problems == {"anna": [], "ben": ["raised"], "cleo": []}
    assert {result.score for result in found.values() if result} == {16.0}
