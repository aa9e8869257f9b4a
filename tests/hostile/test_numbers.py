"""Every numbered attack has a program, or a test that names it, or a place elsewhere."""

from __future__ import annotations

import re

from tests.hostile.attacks import ATTACKS, HERE

TESTS = HERE.parent
UNNUMBERED = {
    130: "an exercise hands out data, never a function of its own",
    131: "attacks 9 and 10: there is no reference to copy where submissions run",
    133: "no language model reads submissions",
}
"""What of the circumvention of exercises (127 to 133) there is nothing to try against."""


def named_in_tests() -> dict[int, list[str]]:
    """Per number the tests that say they are that attack."""
    found: dict[int, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for numbers in re.findall(r'^    """Attacks? ([\d, ]+)\.', path.read_text(encoding="utf-8"), re.M):
            for number in numbers.split(", "):
                found.setdefault(int(number), []).append(path.name)
    return found


def test_every_attack_of_groups_a_to_g_is_made() -> None:
    made = {attack.number for attack in ATTACKS} | named_in_tests().keys()

    assert set(range(1, 112)) - made == set()


def test_every_way_around_an_exercise_is_tried() -> None:
    made = {attack.number for attack in ATTACKS} | UNNUMBERED.keys()

    assert set(range(127, 134)) - made == set()


def test_no_file_and_no_title_is_twice_there() -> None:
    titles = [(attack.number, attack.name) for attack in ATTACKS]

    assert len(set(titles)) == len(titles)
    assert all(attack.name.startswith(f"{attack.number:03}_") for attack in ATTACKS)


def test_every_channel_between_submissions_is_tried() -> None:
    """Page cache, shared memory, keyrings, watches, times of files, shared pages, clocks."""
    made = {attack.number for attack in ATTACKS}

    assert set(range(134, 141)) - made == set()
