"""Archives of strangers: read within bounds, and what is refused is refused by name."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.batch.archive import open_archive, open_inner
from grader.batch.entries import DownloadEntry, DownloadRefused, ReadBudget, Tree, folder, tidy, unsafe
from tests.batch.making import write, zip_bytes


def opened(path: Path, data: bytes) -> Tree:
    path.write_bytes(data)
    return open_archive(path)


def refused(tree: Tree) -> dict[str, str]:
    """The files of a tree that are not read, and why."""
    found = {entry.path: entry for entry in tree.entries if entry.refused}
    for entry in found.values():
        with pytest.raises(DownloadRefused, match=re.escape(entry.refused)):
            entry.read()
    return {path: entry.refused for path, entry in found.items()}


def one_member(info: zipfile.ZipInfo, data: bytes = b"x = 1\n") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(info, data)
    return made.getvalue()


def test_members_are_read_with_their_folders_in_order(tmp_path: Path) -> None:
    found = opened(tmp_path / "a.zip", zip_bytes({"b/two.py": b"2", "a.py": b"1"}))

    assert [(entry.path, entry.read()) for entry in found.entries] == [("a.py", b"1"), ("b/two.py", b"2")]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../../key.py", "its name leads out of the archive"),
        ("a/../../key.py", "its name leads out of the archive"),
        ("/etc/passwd", "its name is an absolute path"),
        ("C:/key.py", "its name is an absolute path"),
        ("a\\..\\key.py", "its name has a backslash in it"),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str, reason: str, tmp_path: Path) -> None:
    found = opened(tmp_path / "a.zip", one_member(zipfile.ZipInfo(name)))

    assert (found.entries, [one.reason for one in found.ignored]) == ((), [reason])


def test_a_null_character_in_a_name_is_refused(tmp_path: Path) -> None:
    data = one_member(zipfile.ZipInfo("hw_.py")).replace(b"hw_.py", b"hw\0.py")

    assert [one.reason for one in opened(tmp_path / "a.zip", data).ignored] == ["its name has a null character in it"]


@pytest.mark.parametrize(
    ("mode", "reason"),
    [(0o120777, "it is a link; links are not followed"), (0o020666, "it is no regular file"),
     (0o010644, "it is no regular file")],
    ids=["link", "device", "pipe"],
)  # fmt: skip
def test_a_member_that_is_no_file_is_refused(mode: int, reason: str, tmp_path: Path) -> None:
    info = zipfile.ZipInfo("hw1.py")
    info.external_attr = mode << 16

    assert refused(opened(tmp_path / "a.zip", one_member(info, b"../key.py"))) == {"hw1.py": reason}


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    data = bytearray(one_member(zipfile.ZipInfo("hw1.py")))
    data[data.index(b"PK\x01\x02") + 8] |= 1

    assert refused(opened(tmp_path / "a.zip", bytes(data))) == {"hw1.py": "it is encrypted"}


def test_of_two_members_of_one_name_neither_is_taken(tmp_path: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("hw1.py", b"mine")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("hw1.py", b"not mine")

    found = opened(tmp_path / "a.zip", made.getvalue())

    assert len(found.entries) == 1
    assert refused(found) == {"hw1.py": "the archive has 2 files of this name"}


def test_a_bomb_is_refused_when_it_grows(tmp_path: Path) -> None:
    (entry,) = opened(tmp_path / "a.zip", zip_bytes({"bomb.py": bytes(64 << 20)})).entries

    with pytest.raises(DownloadRefused, match="grows to more than 200 times its size"):
        entry.read(512 << 20)


def test_a_large_file_is_refused_before_it_is_all_read(tmp_path: Path) -> None:
    budget = ReadBudget()
    (entry,) = opened(tmp_path / "a.zip", zip_bytes({"large.py": bytes(range(256)) * 8192})).entries

    with pytest.raises(DownloadRefused, match="larger than 64 KiB"):
        entry.read(64 << 10)
    assert budget.total > 0


def test_a_header_that_says_less_than_there_is_is_not_believed(tmp_path: Path) -> None:
    data = bytearray(zip_bytes({"liar.py": bytes(16 << 20)}))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<L", data, data.index(mark) + at, 10)
    (entry,) = opened(tmp_path / "a.zip", bytes(data)).entries

    with pytest.raises(DownloadRefused, match="damaged"):
        entry.read()


def test_a_listing_of_very_many_entries_is_refused_before_it_is_read(tmp_path: Path) -> None:
    data = bytearray(zip_bytes({"a.py": b"1"}))
    struct.pack_into("<L", data, data.index(b"PK\x05\x06") + 12, 1 << 30)

    with pytest.raises(DownloadRefused, match="more entries than anybody hands in"):
        opened(tmp_path / "a.zip", bytes(data))


def test_an_archive_of_a_student_may_have_two_thousand_entries() -> None:
    data = zip_bytes({f"{number}.py": b"" for number in range(2001)})
    entry = DownloadEntry("handed.zip", lambda limit: data)

    with pytest.raises(DownloadRefused, match="more entries than anybody hands in"):
        open_inner(entry)


def test_an_archive_in_an_archive_in_an_archive_is_refused() -> None:
    entry = DownloadEntry("deep.zip", lambda limit: zip_bytes({"a.py": b"1"}))

    with pytest.raises(DownloadRefused, match="archive in an archive in an archive"):
        open_inner(entry, depth=4)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no zip at all", b"PK\x05\x06" + bytes(18) + b"x"])
@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz"])
def test_what_is_no_archive_is_refused_or_empty(name: str, data: bytes, tmp_path: Path) -> None:
    found: tuple[DownloadEntry, ...] = ()
    with contextlib.suppress(DownloadRefused):  # an empty tar is a tar
        found = opened(tmp_path / name, data).entries

    assert found == ()


def tar_bytes(members: list[tuple[tarfile.TarInfo, bytes]], mode: str = "w:gz") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as archive:  # type: ignore[call-overload]
        for info, data in members:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return made.getvalue()


def test_a_tar_is_read_like_a_zip(tmp_path: Path) -> None:
    data = tar_bytes([(tarfile.TarInfo("a/b.py"), b"x = 1")])

    assert [(e.path, e.read()) for e in opened(tmp_path / "a.tar.gz", data).entries] == [("a/b.py", b"x = 1")]


def test_links_and_devices_in_a_tar_are_refused(tmp_path: Path) -> None:
    members = []
    for name, kind in (("soft.py", tarfile.SYMTYPE), ("hard.py", tarfile.LNKTYPE), ("dev.py", tarfile.CHRTYPE)):
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, "/etc/passwd"
        members.append((info, b""))

    found = opened(tmp_path / "a.tar", tar_bytes(members, "w"))

    assert refused(found) == {
        "dev.py": "it is no regular file",
        "hard.py": "it is a link; links are not followed",
        "soft.py": "it is a link; links are not followed",
    }


def test_a_compressed_tar_that_grows_too_much_is_refused(tmp_path: Path) -> None:
    data = tar_bytes([(tarfile.TarInfo("zeros.py"), bytes(64 << 20))])

    with pytest.raises(DownloadRefused, match="200 times"):
        opened(tmp_path / "a.tgz", data)


@settings(deadline=None, max_examples=40)
@given(st.binary(max_size=400))
def test_bytes_of_any_kind_are_a_tree_or_are_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    start = zip_bytes({"a.py": b"x = 1", "b.py": zlib.compress(b"y")})
    broken = start[: len(data) % len(start)] + data
    for name in ("handed.zip", "handed.tar.gz"):
        entry = DownloadEntry(name, lambda limit: broken)
        with contextlib.suppress(DownloadRefused):  # anything else is a failure
            for inner in open_inner(entry).entries:
                inner.read()


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=40))
def test_a_tidy_name_never_leads_anywhere(name: str) -> None:
    if unsafe(name) is None:
        shown = tidy(name)
        assert shown.encode()
        assert ".." not in shown.split("/")
        assert not shown.startswith("/")


def test_links_and_pipes_in_a_folder_are_not_read(tmp_path: Path) -> None:
    """Attack 17."""
    (tmp_path / "anna.py").write_text("x = 1")
    (tmp_path / "ben.py").symlink_to("/etc/passwd")
    (tmp_path / "elsewhere").symlink_to("/etc")
    os.mkfifo(tmp_path / "cleo.py")

    found = folder(tmp_path)

    assert refused(found) == {
        "ben.py": "it is a link; links are not followed",
        "elsewhere": "it is a link; links are not followed",
        "cleo.py": "it is no regular file",
    }


def test_a_folder_of_a_student_that_cannot_be_read_is_no_reason_not_to_read_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"anna/hw.py": b"x = 1", "ben/hw.py": b"x = 1"})
    there = os.scandir

    def scandir(place: Path) -> object:
        if Path(place).name == "ben":
            raise PermissionError(errno.EACCES, "Permission denied")
        return there(place)

    monkeypatch.setattr(os, "scandir", scandir)

    found = folder(tmp_path)

    assert [entry.path for entry in found.entries] == ["anna/hw.py", "ben/*"]
    assert refused(found) == {"ben/*": "the folder cannot be read: Permission denied"}


def test_a_file_that_became_a_link_after_the_listing_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "anna.py").write_text("x = 1")
    (entry,) = folder(tmp_path).entries
    (tmp_path / "anna.py").unlink()
    (tmp_path / "anna.py").symlink_to("/etc/passwd")

    with pytest.raises(DownloadRefused, match="cannot be read"):
        entry.read()
