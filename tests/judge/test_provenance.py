"""What a binding was made from, by the names that its expression reads."""

from __future__ import annotations

import pytest

from grader.instrument.sites import instrument
from grader.judge.matching.provenance import Provenance
from grader.model import Value
from grader.runner.types import Event, Sites


def run(source: str, lines: str) -> tuple[Provenance, list[Event]]:
    """The bindings of a run that comes to these lines in this order, as the runner would report them."""
    sites = Sites(instrument(source, 0).sites)
    by_line: dict[int, list[int]] = {}
    for site in sites.all:
        if (site.names or site.kind == "returned") and site.kind not in ("settled", "touched"):
            by_line.setdefault(site.statement[0], []).append(site.number)
    events: list[Event] = []
    for line in map(int, lines.split()):
        for number in by_line[line]:
            occurrence = sum(one.site == number for one in events)
            events.append(Event(len(events) + 1, number, occurrence, None, "", Value.scalar(1.0)))
    return Provenance(sites, events), events


def line_of(provenance: Provenance, event: Event) -> int:
    return provenance.sites[event.site].statement[0]


def read_at(source: str, lines: str) -> list[int]:
    """The lines of the bindings that the last line reads."""
    provenance, events = run(source, lines)
    return sorted(line_of(provenance, one) for one in provenance.read_by(events[-1]))


@pytest.mark.parametrize(
    ("source", "lines", "read"),
    [
        ("a = 1\nb = 2\nc = a + b\n", "1 2 3", [1, 2]),
        ("a = 1\nb = 2\nc = a + a\n", "1 2 3", [1]),
        ("a = 1\na = 2\nc = a\n", "1 2 3", [2]),  # the last one before
        ("a = 1\nc = a\na = 2\n", "1 3 2", [3]),
        ("a = 1\nb = 2\na += b\n", "1 2 3", [1, 2]),  # what is added to is read too
        ("a = 1\nb = 2\na = b\n", "1 2 3", [2]),
        ("a = 1\nc = d\n", "1 2", []),
    ],
)
def test_a_name_stands_for_its_last_binding(source: str, lines: str, read: list[int]) -> None:
    assert read_at(source, lines) == read


def test_everything_a_value_was_made_from_is_found_back_to_what_is_known() -> None:
    source = "a = 1\nb = a + 1\nc = b + 1\nd = 5\ne = c + 1\n"
    provenance, events = run(source, "1 2 3 4 5")

    def made_from(*known: int) -> list[int]:
        found = provenance.locals_of(events[-1:], {events[line - 1].place for line in known})
        return sorted(line_of(provenance, one) for one in found.values())

    assert made_from() == [1, 2, 3]
    assert made_from(2) == [3]
    assert made_from(3) == []


def test_a_value_was_made_from_what_the_called_function_returned() -> None:
    source = "def f(r):\n    s = r * 2\n    return s + 1\na = 1\nb = f(a)\n"
    provenance, events = run(source, "4 1 2 3 5")

    found = provenance.locals_of(events[-1:], set())

    assert {line_of(provenance, one) for one in found.values()} >= {2, 3, 4}


@pytest.mark.parametrize(
    ("source", "lines", "kept"),
    [
        ("a = z\nfor t in y:\n    a += t\nb = a\n", "1 3 3 3 4", [2]),  # read when it is complete
        ("a = z\nfor t in y:\n    a += t\n    b = a\n", "1 3 4 3 4", [0, 1]),
        ("a = z\nfor t in y:\n    a = 0\n    a += t\n", "1 3 4 3 4", [0, 1]),  # begun anew in each pass
        ("a = z\nfor t in y:\n    a = t\n", "1 3 3", [0, 1]),
    ],
)
def test_of_passes_that_build_one_value_the_last_counts(source: str, lines: str, kept: list[int]) -> None:
    provenance, events = run(source, lines)
    adding = source.split("\n").index("    a += t") + 1 if "a += t" in source else 3
    passes = [one for one in events if line_of(provenance, one) == adding]

    assert [passes.index(one) for one in provenance.read_states(passes)] == kept


def entry_run(*entries: tuple[str, str, str]) -> list[str]:
    """What the last line reads. Each line of the run has text, the label that its binding has, and its kind."""
    source = "".join(f"{text}\n" for text, _, _ in entries)
    sites = Sites(instrument(source, 0).sites)
    events = []
    for line, (_, label, kind) in enumerate(entries, 1):
        site = next(one for one in sites.all if one.statement[0] == line and one.kind == kind)
        events.append(Event(line, site.number, 0, None, label, Value.scalar(1.0)))
    found = Provenance(sites, events).read_by(events[-1])
    return sorted(entries[one.sequence - 1][0] for one in found)


def test_an_entry_is_read_and_not_the_others_of_its_container() -> None:
    first, second = ("g['z'] = 1", "z", "item"), ("g['h'] = 2", "h", "item")

    assert entry_run(first, second, ("x = g['z']", "", "assign")) == ["g['z'] = 1"]
    assert entry_run(first, second, ("x = g", "", "assign")) == ["g['h'] = 2"]
    assert entry_run(first, second, ("x = g['k']", "", "assign")) == ["g['h'] = 2"]


def test_of_several_names_that_a_call_may_have_changed_the_one_it_did_change_counts() -> None:
    touched = "np.add.at(u, i, v)"
    before = [("u = 1", "", "assign"), ("v = 2", "", "assign")]

    assert entry_run(*before, (touched, "u", "touched"), ("x = u + v", "", "assign")) == [touched, "v = 2"]


def test_a_step_that_changes_its_own_value_reads_it() -> None:
    start = ("a = 1", "", "assign")

    assert entry_run(start, ("a += 2", "", "again")) == ["a = 1"]
    assert entry_run(start, ("a = 2", "", "assign")) == []
    assert entry_run(("h = []", "", "assign"), ("h.append(x + 1)", "", "appended")) == ["h = []"]
    assert entry_run(("h = []", "", "assign"), ("h[0] = 3", "0", "item")) == []
    assert entry_run(("h = []", "", "assign"), ("h[0] = 3", "", "item")) == ["h = []"]


def test_a_call_that_reads_nothing_known_was_made_of_what_its_function_bound() -> None:
    source = "def f():\n    s = 1\n    t = 2\nz = 3\nb = f()\n"

    provenance, events = run(source, "4 2 3 5")
    found = provenance.read_by(events[-1])

    assert sorted(line_of(provenance, one) for one in found) == [2, 3]
    provenance, events = run(source, "2 4 3 5")
    assert [line_of(provenance, one) for one in provenance.read_by(events[-1])] == [3]  # since the last line outside


def test_each_of_several_results_was_made_of_what_the_function_bound() -> None:
    source = "def f():\n    s = 1\n    t = 2\nfor i in z:\n    a, b = f()\n"

    provenance, events = run(source, "2 3 5 2 3 5")
    a, b = events[-2:]

    for one in (a, b):  # and not of what it bound in the pass before
        assert sorted(e.sequence for e in provenance.read_by(one)) == [5, 6]


def test_a_result_belongs_to_the_line_that_calls_the_function() -> None:
    source = (
        "def f(r):\n    return r + 1\ndef g(r):\n    return r + 2\na = 1\nb = f(a)\nc = f(a) + b\nd = lambda r: r\n"
    )

    def behind_c(lines: str) -> list[int]:
        provenance, events = run(source, lines)
        return sorted(line_of(provenance, one) for one in provenance.locals_of(events[-1:], set()).values())

    assert behind_c("5 2 7") == [2, 5]
    assert behind_c("5 2 8 7") == [5]  # another line was run in between
    assert behind_c("5 4 7") == [5]  # the result of another function
    assert behind_c("5 2 6 2 7") == [2, 2, 5, 6]
    assert behind_c("5 2 6 7") == [2, 5, 6]
