"""Every numbered attack has a program, or a test that names it, or a place elsewhere."""

from __future__ import annotations

import re

from tests.hostile.attacks import ATTACKS, HERE

ELSEWHERE = {
    10: "test_residue.py: memory of the submission before",
    17: "tests/batch: links in folders and archives",
    41: "runner/zygote.py: children are killed by handle, requests are numbered; test_zygotes.py",
    59: "grader batch: a student's further attempts wait",
    66: "tests/reference/test_cache.py: what the cache is keyed by",
    **dict.fromkeys((85, 86, 87, 88, 89, 97, 99), "tests/batch: archives, tables, names of students"),
    98: "nothing reads XML",
    **dict.fromkeys((102, 103, 104, 109), "tests/report/test_sinks.py, tests/batch: pages and tables"),
    111: "tests/report/test_sinks.py: XML",
}


def named_in_tests() -> set[int]:
    found: set[int] = set()
    for path in HERE.glob("test_*.py"):
        for numbers in re.findall(r'^    """Attacks? ([\d, ]+)\.', path.read_text(encoding="utf-8"), re.M):
            found |= {int(number) for number in numbers.split(", ")}
    return found


def test_every_attack_of_groups_a_to_g_is_made() -> None:
    made = {attack.number for attack in ATTACKS} | named_in_tests() | ELSEWHERE.keys()

    assert set(range(1, 112)) - made == set()


def test_no_file_and_no_title_is_twice_there() -> None:
    titles = [(attack.number, attack.name) for attack in ATTACKS]

    assert len(set(titles)) == len(titles)
    assert all(attack.name.startswith(f"{attack.number:03}_") for attack in ATTACKS)
