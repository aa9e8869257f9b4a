"""The cache of reference values: right or not there, and never a reason to fail."""

from __future__ import annotations

import hashlib
import json
import math
import os
import stat
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable
from dataclasses import replace
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest

from grader import disk_cache
from grader.errors import EnvironmentProblem
from grader.exercise.types import Exercise
from grader.reference import autograd
from grader.reference.cache import cache_path, reference_for
from grader.reference.points import Reference

from .making import exercise

ONE = exercise({"x": 0.5, "v": [1.0, 2.0]}, "z = x * v\ny = sum(tanh(z))\n", {"dx": "d(y)/d(x)", "dv": "d(y)/d(v)"})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path))
    return tmp_path / "reference"


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The secrets of all references built with torch since the test began."""
    made: list[str] = []
    build = autograd.build

    def counted(one: Exercise, secret: str = "") -> Reference:
        made.append(secret)
        return build(one, secret)

    monkeypatch.setattr(autograd, "build", counted)
    return made


def file_of(folder: Path) -> Path:
    (path,) = folder.glob("*.values")
    return path


def signed(path: Path, body: bytes) -> bytes:
    """A file with a right key and a right checksum around any body."""
    return f"{path.stem} {hashlib.sha256(body).hexdigest()}\n".encode() + body


# reading back


def test_the_second_call_reads_what_the_first_one_kept(folder: Path, builds: list[str]) -> None:
    first, second = reference_for(ONE), reference_for(ONE)

    assert second == first
    assert builds == [""]


def test_numbers_come_back_bit_by_bit(folder: Path) -> None:
    reference_for(ONE)

    again = reference_for(ONE)

    slope = sum(v * (1 - math.tanh(0.5 * v) ** 2) for v in (1.0, 2.0))
    assert math.isclose(again.values[0]["dx"].numbers()[0], slope, rel_tol=1e-15)
    assert again.values == autograd.build(ONE).values


def test_a_file_of_ours_is_readable_by_us_alone(folder: Path) -> None:
    reference_for(ONE)

    assert stat.S_IMODE(file_of(folder).stat().st_mode) == 0o600
    assert list(folder.iterdir()) == [file_of(folder)]


def test_where_the_cache_is_full_torch_is_never_imported(folder: Path) -> None:
    code = (
        "import sys; from grader.exercise.load import loads; from grader.reference.cache import reference_for\n"
        "one = loads('exercise: made\\ntitle: M\\ngiven: {x: 0.5}\\nforward: y = x * 2\\nsteps: {dx: d(y)/d(x)}\\n')\n"
        "print(reference_for(one).values[0]['dx'].numbers(), 'torch' in sys.modules)"
    )

    printed = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
        ).stdout.strip()
        for _ in range(2)
    ]

    assert printed == ["(2.0,) True", "(2.0,) False"]


# the key


def test_the_digest_of_the_text_the_id_the_inputs_and_the_secret_are_in_the_key(
    folder: Path, builds: list[str]
) -> None:
    inputs = (replace(ONE.inputs[0], given=replace(ONE.inputs[0].given)), *ONE.inputs[1:])  # type: ignore[type-var]
    variant = exercise({"x": 0.75, "v": [1.0, 2.0]}, "y = x\n", {"dx": "d(y)/d(x)"}).inputs
    for one, secret in (
        (ONE, ""),
        (ONE, "secret"),
        (ONE, "Secret"),
        (replace(ONE, digest="another text"), ""),
        (replace(ONE, id="another-id"), ""),
        (replace(ONE, inputs=variant), ""),
        (replace(ONE, probe_points=1), ""),
    ):
        reference_for(one, secret)
    assert len(builds) == 7

    reference_for(replace(ONE, inputs=inputs, path="/moved.yaml"))
    assert len(builds) == 7


def test_the_secret_is_not_to_be_read_in_the_cache(folder: Path) -> None:
    reference_for(ONE, "a-secret-of-the-course")

    assert b"a-secret-of-the-course" not in file_of(folder).read_bytes()
    assert "a-secret-of-the-course" not in file_of(folder).name


def rebuilt_after(change: Callable[[], None], builds: list[str]) -> bool:
    reference_for(ONE)
    disk_cache.code_digest.cache_clear()
    change()
    reference_for(ONE)
    disk_cache.code_digest.cache_clear()
    return len(builds) == 2


def test_another_version_of_torch_is_another_key(
    folder: Path, builds: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "version.py").write_text("__version__ = '99.0'\n", "utf-8")
    there = ModuleSpec("torch", None, origin=str(tmp_path / "__init__.py"))

    assert rebuilt_after(lambda: monkeypatch.setattr("grader.reference.cache.find_spec", lambda name: there), builds)


@pytest.mark.parametrize("torch", [None, "", "torch.py"], ids=["there is none", "a folder", "a file of that name"])
def test_a_torch_that_does_not_say_its_version_has_a_key_too(
    torch: str | None, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    there = None if torch is None else ModuleSpec("torch", None, origin=str(tmp_path / torch) if torch else None)
    monkeypatch.setattr("grader.reference.cache.find_spec", lambda name: there)

    assert cache_path(ONE) is not None


def test_another_version_of_python_is_another_key(
    folder: Path, builds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rebuilt_after(lambda: monkeypatch.setattr(sys, "version", "9.9"), builds)


def test_other_code_is_another_key(folder: Path, builds: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Attack 66."""
    read = Path.read_bytes

    def edited(path: Path) -> bytes:
        return read(path) + (b"# edited" if path.name == "operations.py" else b"")

    assert rebuilt_after(lambda: monkeypatch.setattr(Path, "read_bytes", edited), builds)


def test_the_attempt_and_its_points_are_kept(folder: Path, builds: list[str]) -> None:
    one = exercise({"x": {"value": 1.0, "probe": "uniform(-1, 1)"}}, "y = log(x)\n", {"dx": "d(y)/d(x)"})

    first, second = reference_for(one), reference_for(one)

    assert first.attempt > 0
    assert (second.attempt, second.points) == (first.attempt, first.points)
    assert len(builds) == 1


# files that are not to be believed


def stored(path: Path) -> dict[str, Any]:
    head: dict[str, Any] = json.loads(path.read_bytes().split(b"\n", 2)[1])
    return head


def spoil(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    """The file with another line of JSON, key and checksum being right."""

    def write(path: Path) -> None:
        head = stored(path)
        changed = change(head)
        numbers = path.read_bytes().split(b"\n", 2)[2]
        path.write_bytes(signed(path, json.dumps(head if changed is None else changed).encode() + b"\n" + numbers))

    return write


def holding(content: bytes) -> Callable[[Path], None]:
    return lambda path: void(path.write_bytes(signed(path, content + b"\n" + path.read_bytes().split(b"\n", 2)[2])))


def numbers(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """The file with other numbers, compressed as they should be."""

    def write(path: Path) -> None:
        _, head, packed = path.read_bytes().split(b"\n", 2)
        path.write_bytes(signed(path, head + b"\n" + zlib.compress(change(zlib.decompress(packed)))))

    return write


def void(_: object) -> None:
    return None


def set_shape(shape: object) -> Callable[[Path], None]:
    return spoil(lambda stored: void(stored["arrays"].__setitem__(stored["values"][1][-1], shape)))


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.write_bytes(bytes(data))


def linked(path: Path) -> None:
    target = path.with_name("target")
    path.rename(target)
    path.symlink_to(target)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def of_another_exercise(path: Path) -> None:
    other = path.stem[::-1]
    path.write_bytes(path.read_bytes().replace(path.stem.encode(), other.encode()))


SPOILT: dict[str, Callable[[Path], None]] = {
    "empty": lambda path: void(path.write_bytes(b"")),
    "one line": lambda path: void(path.write_bytes(path.read_bytes().split(b"\n")[0])),
    "cut short": lambda path: void(path.write_bytes(path.read_bytes()[:-10])),
    "a flipped bit": flipped,
    "no text": lambda path: void(path.write_bytes(b"\xff\xfe\n\xff")),
    "more than the body": lambda path: void(path.write_bytes(path.read_bytes() + b" ")),
    "of another key": of_another_exercise,
    "no JSON": holding(b"import os"),
    "a pickle": holding(b"\x80\x04\x95"),
    "not UTF-8": holding(b'{"attempt": "\xff"}'),
    "JSON nested deeply": holding(b"[" * 200_000),
    "a list": holding(b"[]"),
    "a number": holding(b"1"),
    "a number of too many digits": holding(b"1" * 10_000),
    "of another exercise": spoil(lambda stored: void(stored.update({"for": "another"}))),
    "no attempt": spoil(lambda stored: void(stored.pop("attempt"))),
    "an attempt that is text": spoil(lambda stored: stored.update(attempt="0")),
    "an attempt between two": spoil(lambda stored: stored.update(attempt=0.5)),
    "no values": spoil(lambda stored: stored.update(values=[])),
    "values that are none": spoil(lambda stored: stored.update(values=None)),
    "values at fewer points": spoil(lambda stored: void(stored["values"].pop())),
    "values at more points": spoil(lambda stored: stored["values"].append(stored["values"][0])),
    "fewer points": spoil(lambda stored: void(stored["points"].pop())),
    "fewer points and values": spoil(lambda stored: void((stored["points"].pop(), stored["values"].pop()))),
    "points that are text": spoil(lambda stored: stored.update(values=["dx", "dv", "z", "y"])),
    "a quantity missing": spoil(lambda stored: void(stored["values"][1].pop())),
    "a quantity too many": spoil(lambda stored: stored["values"][1].append(0)),
    "an input missing": spoil(lambda stored: void(stored["points"][0].pop())),
    "an input of another shape": spoil(lambda stored: stored["points"][0].reverse()),
    "an array that is not there": spoil(lambda stored: void(stored["values"][1].__setitem__(0, 10_000))),
    "an array from the end": spoil(lambda stored: void(stored["values"][1].__setitem__(0, -1))),
    "an array that is text": spoil(lambda stored: void(stored["values"][1].__setitem__(0, "0"))),
    "no version of torch": spoil(lambda stored: void(stored.pop("torch"))),
    "another shape at one point": spoil(lambda stored: stored["values"][1].insert(0, stored["values"][1].pop())),
    "a shape larger than its numbers": set_shape([3]),
    "a shape of negative sizes": set_shape([-1, -2]),
    "a shape of fractions": set_shape([2.0]),
    "a shape without end": set_shape([math.inf]),
    "a shape without measure": set_shape([2**62, 2**62]),
    "a shape that is none": set_shape(None),
    "numbers that are not compressed": lambda path: void(
        path.write_bytes(signed(path, json.dumps(stored(path)).encode() + b"\n" + b"\0" * 800))
    ),
    "no numbers": numbers(lambda _: b""),
    "numbers cut short": numbers(lambda some: some[:-1]),
    "numbers without end": numbers(lambda some: some + b"\0" * 10_000_000),
    "a link": linked,
    "a link to nothing": lambda path: (path.unlink(), void(path.symlink_to("/nowhere")))[1],
    "a folder": a_folder,
    "a pipe": a_pipe,
    "writable by the group": lambda path: path.chmod(0o620),
    "writable by the world": lambda path: path.chmod(0o602),
}


@pytest.mark.parametrize("spoiling", SPOILT.values(), ids=SPOILT.keys())
def test_what_is_not_to_be_believed_is_as_good_as_no_file(
    spoiling: Callable[[Path], None], folder: Path, builds: list[str]
) -> None:
    first = reference_for(ONE)
    path = file_of(folder)
    spoiling(path)

    assert reference_for(ONE) == first
    assert len(builds) == 2


@pytest.mark.parametrize("name", ["cut short", "a link", "a pipe", "writable by the world", "JSON nested deeply"])
def test_it_is_replaced_by_a_file_that_is(name: str, folder: Path, builds: list[str]) -> None:
    reference_for(ONE)
    SPOILT[name](folder / next(folder.iterdir()).name)

    reference_for(ONE)
    reference_for(ONE)

    assert len(builds) == 2


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give files away")
def test_a_file_of_someone_else_is_not_believed(folder: Path, builds: list[str]) -> None:
    reference_for(ONE)
    os.chown(file_of(folder), 12345, 12345)

    reference_for(ONE)
    assert len(builds) == 2
    # And it was replaced by one of ours.
    reference_for(ONE)
    assert len(builds) == 2


def test_a_file_that_is_too_large_is_not_read(folder: Path, builds: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    reference_for(ONE)
    os.truncate(file_of(folder), 2**40)

    reference_for(ONE)

    assert len(builds) == 2


# folders


def test_an_empty_name_switches_the_cache_off(
    builds: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADER_CACHE", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    reference_for(ONE)
    reference_for(ONE)

    assert len(builds) == 2
    assert list(tmp_path.iterdir()) == []


def test_without_a_name_the_cache_is_in_the_folder_for_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRADER_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    reference_for(ONE)

    if sys.platform == "linux":
        assert len(list((tmp_path / "grader" / "reference").glob("*.values"))) == 1


@pytest.mark.parametrize("place", ["/proc/nowhere", "/dev/null", "/dev/null/deeper", "x" * 5000])
def test_a_folder_that_cannot_be_written_only_costs_time(
    place: str, builds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADER_CACHE", place)

    assert reference_for(ONE) == reference_for(ONE)
    assert len(builds) == 2


def test_a_full_disk_leaves_nothing_behind(folder: Path, builds: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)

    assert reference_for(ONE) == reference_for(ONE)
    assert len(builds) == 2
    assert list(folder.iterdir()) == []


def test_the_folder_is_made_where_it_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path / "not" / "there"))

    reference_for(ONE)

    assert len(list((tmp_path / "not" / "there" / "reference").iterdir())) == 1


# together


def test_threads_that_write_at_once_leave_one_readable_file(folder: Path, builds: list[str]) -> None:
    path, body = cache_path(ONE), b"x" * 100_000
    assert path is not None
    seen: list[bytes | None] = []

    def work() -> None:
        for _ in range(50):
            disk_cache.write(path, body)
            seen.append(disk_cache.read(path))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == [body] * 200
    assert list(folder.iterdir()) == [path]


WRITER = """
import pathlib, sys
from grader.disk_cache import read, write
path = pathlib.Path(sys.argv[1])
body = read(path)
for _ in range(200):
    write(path, body)
"""


def test_processes_that_write_at_once_never_leave_half_a_file(folder: Path, builds: list[str]) -> None:
    made = reference_for(ONE)
    path = file_of(folder)

    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path)]) for _ in range(2)]
    while any(writer.poll() is None for writer in writers):
        assert reference_for(ONE) == made

    assert [writer.returncode for writer in writers] == [0, 0]
    assert builds == [""]
    assert list(folder.iterdir()) == [path]


# without torch


@pytest.mark.parametrize("error", [ImportError("No module named 'torch'"), OSError("libtorch_cpu.so: cannot open")])
def test_a_torch_that_cannot_be_imported_is_a_problem_of_the_environment(
    error: Exception, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = __import__

    def without(name: str, *rest: Any, **options: Any) -> Any:
        if name == "grader.reference.autograd":
            raise error
        return real(name, *rest, **options)

    monkeypatch.setattr("builtins.__import__", without)

    with pytest.raises(EnvironmentProblem) as caught:
        reference_for(ONE)
    assert "pip install" in str(caught.value)
    assert str(error) in str(caught.value)
