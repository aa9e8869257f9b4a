"""Submissions in real child processes: what is seen, what is replaced, and how everything ends."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader.instrument.name_matching import normal
from grader.instrument.site import Site
from grader.instrument.sites import instrument
from grader.model import Opaque, Value
from grader.runner.session import Session
from grader.runner.types import Event, Key, Labels, Limits, Order, Setup, Trace

GIVEN = {"w_h": 2.0, "h0": 0.5}
POINT = {"w_h": 7.25, "h0": -3.5}
QUANTITIES = ("h1", "h2", "dh1", "dh2", "dw_h")

linux = pytest.mark.skipif(sys.platform != "linux", reason="only on Linux is there a subreaper that ends what was left")


def scalars(numbers: Mapping[str, float | Value]) -> dict[str, Value]:
    return {name: one if isinstance(one, Value) else Value.scalar(one) for name, one in numbers.items()}


@dataclass
class Running:
    """A session, with what a test wants to say in one line."""

    session: Session
    sites: tuple[Site, ...]

    def run(self, point: dict[str, float] = GIVEN, **order: Any) -> Trace:
        return self.session.run(Order(scalars(point), **order))

    def forced(self, right: dict[str, float | Value], point: dict[str, float] = GIVEN, **order: Any) -> Trace:
        """Every binding of a name in `right` is handed over and replaced; `self.asked` has what was handed over."""
        self.asked: list[tuple[str, Any]] = []

        def decide(event: Event) -> Value | None:
            name = self.name(event)
            self.asked.append((name, plain(event.value)))
            new = right[name]
            return new if isinstance(new, Value) else Value.scalar(new)

        natural = self.run(point)
        stops = {event.place for event in natural.events if self.name(event) in right}
        stops |= {(s.number, 0) for s in self.sites if set(s.names) & set(right) and natural.raised}
        return self.session.run(Order(scalars(point), stops=frozenset(stops), **order), decide)

    def name(self, event: Event) -> str:
        site = self.sites[event.site]
        return event.label or (site.names or (site.owner or site.kind,))[0]

    def seen(self, trace: Trace) -> list[tuple[str, Any]]:
        return [(self.name(event), plain(event.value)) for event in trace.events]

    def last(self, trace: Trace) -> dict[str, Any]:
        return dict(self.seen(trace))

    def roles(self, trace: Trace, name: str) -> list[str]:
        return [event.role for event in trace.events if self.name(event) == name]

    def place(self, name: str, occurrence: int = 0) -> Key:
        return next(site.number for site in self.sites if name in site.names), occurrence


def plain(value: Value | Opaque) -> Any:
    if isinstance(value, Opaque):
        return value.kind
    return value.numbers()[0] if not value.shape else list(value.numbers())


@contextlib.contextmanager
def running(
    *cells: str,
    given: Mapping[str, float | Value] = GIVEN,
    asked: tuple[str, ...] = (),
    limits: Limits = Limits(10.0),  # noqa: B008  # frozen
    libraries: tuple[str, ...] = (),
    directory: Path | None = None,
    files: tuple[str, ...] = (),
) -> Iterator[Running]:
    labels = Labels(
        {spelling: name for name in given for spelling in (normal(name), name)},
        frozenset(QUANTITIES),
        frozenset(map(normal, QUANTITIES)),
        tuple(frozenset([normal(name)]) for name in asked),
        frozenset(map(normal, QUANTITIES)),
    )
    sites: list[Site] = []
    for number, cell in enumerate(cells):
        sites.extend(instrument(cell, number, len(sites)).sites)
    names = tuple(f"mine.py#{number}" for number in range(len(cells)))
    setup = Setup("mine.py", cells, names, labels, scalars(given), bool(asked), limits, files)
    with Session(setup, libraries, str(directory) if directory else None) as session:
        yield Running(session, tuple(sites))


def once(*cells: str, point: dict[str, float] = GIVEN, **options: Any) -> list[tuple[str, Any]]:
    """Everything seen in one run."""
    with running(*cells, **options) as it:
        return it.seen(it.run(point))


# a natural run sees everything


def test_every_binding_is_seen_in_order() -> None:
    cell = (
        "h1 = 1\nh2, x = h1 + 1, 9\nh2 *= 10\nfor k in range(2):\n    dh1 = k\ng = {}\ng['a'] = 4\ns = 'text'\nn = None"
    )

    assert once(cell, "dh2 = h1 + h2") == [
        ("h1", 1.0),
        ("h2", 2.0),
        ("x", 9.0),
        ("h2", 20.0),
        ("dh1", 0.0),
        ("dh1", 1.0),
        ("g", "object"),
        ("a", 4.0),
        ("s", "text"),
        ("n", "placeholder"),
        ("dh2", 21.0),
    ]


def test_bindings_inside_functions_are_seen_when_they_are_made() -> None:
    assert once("def f(x):\n    dh1 = x * 2\n    return dh1 + 1\nh1 = f(3)") == [
        ("dh1", 6.0),
        ("returned", 7.0),
        ("h1", 7.0),
    ]


def test_in_a_long_loop_the_last_binding_of_a_quantity_is_seen() -> None:
    with running("for k in range(1000):\n    dh1 = k\nh1 = 5") as it:
        seen = it.seen(it.run())

    assert ("dh1", 999.0) in seen
    assert ("h1", 5.0) in seen
    assert len(seen) < 300


def test_an_array_changed_by_a_call_is_seen() -> None:
    assert once("import numpy as np\ndh1 = np.zeros(2)\nnp.add.at(dh1, [0, 0], 1.5)") == [
        ("dh1", [0.0, 0.0]),
        ("dh1", [3.0, 0.0]),
    ]


def test_every_run_begins_with_fresh_names() -> None:
    with running(
        "import os\nh1 = 1 if 'old' in globals() else 0\nold = 1\nos.chdir('/')\nh2 = os.getcwd() == 'x'"
    ) as it:
        assert it.run().events == it.run().events


def test_every_run_begins_in_the_same_folder() -> None:
    with running("import os\nos.mkdir('d') if not os.path.exists('d') else None\nos.chdir('d')") as it:
        assert [it.run().raised, it.run().raised] == [(), ()]


def test_random_numbers_are_the_same_in_every_run() -> None:
    cell = "import random\nimport numpy as np\nh1 = random.random()\nh2 = np.random.randn()"
    with running(cell) as it:
        assert it.run().events == it.run().events


@pytest.mark.parametrize("asked", [("dh1",), ("dh1", "dh2")])
def test_cells_after_the_one_that_completes_the_answer_are_not_run(asked: tuple[str, ...]) -> None:
    with running("dh1 = 1\ndh2 = 2\nx = 3", "dh1 = 9", asked=asked) as it:
        trace = it.run()

    assert (it.seen(trace), trace.ended) == ([("dh1", 1.0), ("dh2", 2.0), ("x", 3.0)], "enough")


def test_annotations_are_not_evaluated_where_the_first_cell_says_so() -> None:
    with running("from __future__ import annotations\ndef f(x: Missing): return x", "y: Missing = f(3)") as it:
        assert it.run().raised == ()


# inputs


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("h0 = 0.5", -3.5),
        ("H_0 = .5\nh0 = H_0", -3.5),
        ("h0: float = 0.5", -3.5),
        ("h0, w_h = 0.5, 2.0", -3.5),
        ("h0, w_h = [0.5, 2.0]", -3.5),
        ("print(h0 := 0.5)", -3.5),
        ("p = {'h0': 0.5}", -3.5),
        ("p = {}\np['h0'] = 0.5", -3.5),
        ("p = dict(h0=0.5)", -3.5),
        ("class P:\n    h0 = 0.5", -3.5),
        ("class P:\n    def __init__(self): self.h0 = 0.5\nP()", -3.5),
        ("def f(h0, w_h): return w_h\nf(0.5, 2.0)", -3.5),
        ("def f(h0=0.5): return h0\nf()", -3.5),
        ("def f(**k): return k\nf(h0=0.5)", -3.5),
        ("from dataclasses import dataclass\n@dataclass\nclass P:\n    h0: float = 0.5\nP()", -3.5),
        ("import numpy as np\nh0 = np.float64(0.5)", -3.5),
        ("import numpy as np\nh0 = np.array([[0.5]])", -3.5),
        ("h0 = [0.5]", -3.5),
    ],
)
def test_an_input_is_replaced_wherever_it_is_bound(cell: str, expected: float) -> None:
    assert ("h0", expected) in [(normal(name), value) for name, value in once(cell, point=POINT)]


@pytest.mark.parametrize(
    ("cell", "use"),
    [
        ("x = h0 = 0.5", "h0"),
        ("p = {'h0': 0.5}", "p['h0']"),
        ("p = {}\np['h0'] = 0.5", "p['h0']"),
        ("p = dict(h0=0.5)", "p['h0']"),
        ("class P:\n    h0 = 0.5", "P.h0"),
        ("def f(h0): return h0", "f(0.5)"),
        ("def f(h0=0.5): return h0", "f()"),
        ("def f(**k): return k['h0']", "f(h0=0.5)"),
        ("from dataclasses import dataclass\n@dataclass\nclass P:\n    h0: float = 0.5", "P().h0"),
        ("h0 = [0.5]", "h0[0]"),
        ("", "h0"),
    ],
)
def test_what_follows_computes_with_the_replaced_input(cell: str, use: str) -> None:
    assert once(cell, f"h1 = {use} * 2", point=POINT)[-1] == ("h1", -7.0)


@pytest.mark.parametrize(
    ("bound", "kept"),
    [
        ("0.5", "type(h0) is float"),
        ("np.float32(0.5)", "h0.dtype == 'float32'"),
        ("np.array([[0.5]], dtype='f4')", "h0.dtype == 'float32' and h0.shape == (1, 1)"),
        ("[0.5]", "type(h0) is list"),
    ],
)
def test_a_replaced_input_keeps_its_type(bound: str, kept: str) -> None:
    assert once("import numpy as np", f"h0 = {bound}\nx = {kept}", point=POINT)[-1] == ("x", 1.0)


def test_an_input_typed_in_again_is_replaced_again() -> None:
    with running("h0 = 0.5", "h1 = h0\nh0 = 0.5\nh2 = h0") as it:
        trace = it.run(POINT)

    assert it.seen(trace) == [("h0", -3.5), ("h1", -3.5), ("h0", -3.5), ("h2", -3.5)]
    assert it.roles(trace, "h0") == ["input", "input"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("w_h = 2.0\nw_h -= 0.25", 7.0),
        ("w_h = 2.0\ndw_h = 0.25\nw_h = w_h - dw_h", 7.0),
        ("w_h = 2.0\nh1 = 3\nw_h = h1 * 4", 12.0),
        ("w_h = 2.0\nw_h = 99.0", 99.0),
        ("w_h = 2.0\nw_h = w_h", 7.25),
    ],
    ids=["in place", "by its gradient", "from a quantity", "scratch", "itself"],
)
def test_what_changes_an_input_is_left_alone(cell: str, expected: float) -> None:
    with running(cell) as it:
        trace = it.run(POINT)

    assert it.last(trace)["w_h"] == expected
    assert it.roles(trace, "w_h")[0] == "input"


def test_a_loop_variable_of_an_inputs_name_is_left_alone() -> None:
    assert once("h0 = 0.5\nfor h0 in range(3):\n    h1 = h0\nh2 = [h0 for h0 in (8, 9)]", point=POINT) == [
        ("h0", -3.5),
        ("h1", 0.0),
        ("h1", 1.0),
        ("h1", 2.0),
        ("h2", [8.0, 9.0]),
    ]


def test_a_gradient_kept_under_an_inputs_name_is_left_alone() -> None:
    assert once("grads = {}\ngrads['w_h'] = 2.0", point=POINT)[-1] == ("w_h", 2.0)


def test_a_whole_input_the_submission_could_not_bind_counts_and_indexes() -> None:
    whole = {"h0": Value.scalar(2.0, "int"), "w_h": Value.scalar(7.25)}
    with running("import numpy as np\nh0 = undefined\nh1 = np.arange(5.0)[h0]\nfor t in range(h0): h2 = t") as it:
        trace = it.session.run(Order(whole))

    assert it.last(trace)["h1"] == 2.0
    assert it.last(trace)["h2"] == 1.0


def test_of_an_array_a_loop_fills_the_state_after_the_loop_is_reported_with_the_last_occurrence() -> None:
    with running("total = [0.0, 0.0]\nfor t in range(2):\n    total[t] = t + 1.0\nh1 = 3.0") as it:
        events = it.run().events
    whole = [event for event in events if event.key is None and it.name(event) == "total"]

    assert [(event.occurrence, plain(event.value)) for event in whole] == [(0, [0.0, 0.0]), (1, [1.0, 2.0])]
    assert [it.name(event) for event in events][-1] == "h1"


def test_an_input_drawn_in_a_size_that_is_an_input_is_still_an_input() -> None:
    whole = {"h0": Value.scalar(2.0, "int"), "w_h": Value.scalar(7.25)}
    with running("h0 = 2\nw_h = sum([0.25] * h0)", given=whole) as it:
        trace = it.session.run(Order(whole))

    assert it.last(trace)["w_h"] == 7.25


def test_an_assignment_at_places_a_call_gives_is_seen_and_the_call_is_made_once() -> None:
    cell = "h1 = [0.0, 0.0]\ndef f():\n    h1[0] += 1\n    return 1\nh1[f()] = 5.0"

    assert once(cell)[-1] == ("h1", [1.0, 5.0])


def test_a_parameter_handed_another_number_than_the_given_one_is_left_alone() -> None:
    assert once("def f(h0): return h0 + 1\nh1 = f(0.75)", point=POINT)[-1] == ("h1", 1.75)


def test_with_decisions_exactly_those_bindings_are_replaced() -> None:
    with running("a = 0.5\nh0 = 0.5\nh1 = a, h0") as it:
        trace = it.run(POINT, decisions={it.place("a"): "h0"})

    assert it.last(trace)["h1"] == [-3.5, 0.5]


# errors


def test_a_statement_that_raises_is_reported_and_running_goes_on() -> None:
    with running("h1 = 1\n", "x = 2\ndef f():\n    return missing\n\ny = [1,\n  f()]\nh2 = 3") as it:
        trace = it.run()

    (raised,) = trace.raised
    assert (raised.cell, raised.statement, raised.at_cell, raised.line) == (1, 2, 1, 3)
    assert raised.error == "NameError: name 'missing' is not defined"
    assert it.seen(trace)[-1] == ("h2", 3.0)


APPENDING = "hs = [1.0]\nfor k in range(3):\n    hs.append(hs[-1] * 2.0)\n"


def test_what_is_appended_is_seen_where_it_is_computed() -> None:
    assert once(APPENDING)[1:] == [("hs", 2.0), ("hs", 4.0), ("hs", 8.0)]


def test_where_everything_is_observed_a_list_is_seen_to_grow_whatever_its_name() -> None:
    with running(APPENDING) as it:
        seen = it.seen(it.run(observe=True))

    assert [value for name, value in seen if name == "hs" and isinstance(value, list)] == [
        [1.0], [1.0, 2.0], [1.0, 2.0, 4.0], [1.0, 2.0, 4.0, 8.0]
    ]  # fmt: skip


def test_of_what_is_appended_thousands_of_times_the_beginning_is_seen() -> None:
    with running("rows = []\nfor k in range(5000):\n    rows.append(k * 1.0)\nh1 = rows[-1]") as it:
        seen = it.seen(it.run())

    assert [value for name, value in seen if name == "rows"][1:] == [float(k) for k in range(256)]
    assert seen[-1] == ("h1", 4999.0)


def test_a_dictionary_by_number_is_seen_with_what_it_begins_with() -> None:
    with running("h1 = {0: 5.0, 1: 6.0}") as it:
        events = it.run().events

    assert [(event.key, plain(event.value)) for event in events if event.key is not None] == [(0, 5.0), (1, 6.0)]


def test_a_dictionary_made_at_once_is_seen_with_its_members() -> None:
    with running("h1 = {k: 5.0 + k for k in range(2)}") as it:
        events = it.run().events

    assert [(event.key, plain(event.value)) for event in events if event.key is not None] == [(0, 5.0), (1, 6.0)]


def test_an_error_inside_a_library_is_placed_at_the_students_own_line() -> None:
    with running("import json\n\njson.loads('{')") as it:
        assert it.run().raised[0].line == 3


def test_an_error_in_a_function_of_another_cell_is_placed_there() -> None:
    with running("def f():\n    1 / 0", "f()") as it:
        (raised,) = it.run().raised

    assert (raised.cell, raised.at_cell, raised.line) == (1, 0, 2)


def test_an_error_that_cannot_be_put_in_words_is_named() -> None:
    with running("class E(Exception):\n    def __str__(self): raise SystemExit\nraise E") as it:
        assert it.run().raised[0].error == "E"


def test_an_input_a_statement_should_have_bound_is_bound() -> None:
    assert once("h0 = open('no such file').read()\nh1 = h0 * 2", point=POINT) == [("h1", -7.0)]


def test_a_keyboard_interrupt_is_an_error_like_any_other() -> None:
    with running("raise KeyboardInterrupt\n", "h1 = 1") as it:
        trace = it.run()

    assert (trace.raised[0].error, it.last(trace)) == ("KeyboardInterrupt", {"h1": 1.0})


def test_input_raises_at_once() -> None:
    with running("x = input('your name: ')\nh1 = 1") as it:
        trace = it.run()

    assert trace.raised[0].error.startswith("EOFError")
    assert it.last(trace) == {"h1": 1.0}


def test_a_statement_that_cannot_be_compiled_is_an_error_like_any_other() -> None:
    with running("x = 1\nreturn x\nh1 = 1") as it:
        trace = it.run()

    assert [(raised.statement, raised.error.split(" (")[0]) for raised in trace.raised] == [
        (1, "SyntaxError: 'return' outside function")
    ]
    assert it.last(trace)["h1"] == 1.0


@pytest.mark.parametrize(
    "statement",
    [
        "h = {}; h[10 ** 30] = 1",
        "import numpy as np; h = np.zeros(3); h[h < 1] = 5; h[np.array([0, 1])] += 1; h[1:] = 2; h[:, None][0, :] = 3",
        "import numpy as np; h = np.zeros((1,) * 20); g = np.zeros((2 ** 33, 0))",
        "d = [1.0]\nfor k in range(60): d = [d, d]",
        "class L:\n    def __setitem__(self, k, v): pass\nl = L(); l['h0'] = 1; l[0] = 2",
        "class M(type):\n    __name__ = property(lambda s: 1 / 0)\nclass C(metaclass=M): pass\nc = C()",
        "class E:\n    def __float__(self): raise SystemExit\ne = E()",
    ],
    ids=["huge key", "masks", "many axes", "long list", "write only", "nameless", "exits when asked"],
)
def test_what_the_student_may_do_is_not_disturbed_by_being_watched(statement: str) -> None:
    with running(statement, "h1 = 1") as it:
        trace = it.run()

    assert (trace.raised, trace.ended, it.last(trace)["h1"]) == ((), "finished", 1.0)


# forced runs


def test_a_value_is_handed_over_before_it_is_replaced() -> None:
    with running("h1 = 3\nh2 = h1 * 2\ndh1 = h2 + 1") as it:
        it.forced({"h1": 10.0, "h2": 50.0, "dh1": 0.0})

    assert it.asked == [("h1", 3.0), ("h2", 20.0), ("dh1", 51.0)]


def test_a_value_that_is_kept_is_the_students_own() -> None:
    asked: list[float] = []

    def keep(event: Event) -> None:
        asked.append(plain(event.value))

    with running("h1 = 3\nh2 = h1 * 2") as it:
        it.session.run(Order(scalars(GIVEN), stops=frozenset({it.place("h1"), it.place("h2")})), keep)

    assert asked == [3.0, 6.0]


def test_only_the_occurrence_stopped_at_is_replaced() -> None:
    with running("h1 = 0\nfor k in range(3):\n    h1 += 1\nh2 = h1") as it:
        asked = []

        def decide(event: Event) -> Value:
            asked.append(plain(event.value))
            return Value.scalar(100.0)

        again = next(site.number for site in it.sites if site.kind == "again")
        it.session.run(Order(scalars(GIVEN), stops=frozenset({(again, 1), it.place("h2")})), decide)

    assert asked == [2.0, 101.0]


LOOKS = """
import gc, sys

def found():
    everything = [*globals().values(), *gc.get_objects()]
    frame = sys._getframe()
    while frame:
        everything += [*frame.f_locals.values()]
        frame = frame.f_back
    numbers = [n for one in everything if isinstance(one, (list, tuple)) for n in one if type(n) is float]
    numbers += [n for one in everything if isinstance(one, dict) for n in list(one.values()) if type(n) is float]
    numbers += [one for one in everything if type(one) is float]
    import struct
    raw = [one for box in everything if isinstance(box, (list, tuple)) for one in box if isinstance(one, bytes)]
    raw += [one for one in everything if isinstance(one, (bytes, bytearray))]
    answer = int("12345") + 0.0625 * len("eleven long")
    return answer in numbers or any(struct.pack("<d", answer) in one for one in raw)
"""


def test_the_answer_is_not_in_the_childs_memory_before_the_value_was_handed_over() -> None:
    with running(LOOKS, "h1 = 1.0 if found() else 0.0\nh2 = 1.0 if found() else 0.0") as it:
        it.forced({"h1": 12345.6875, "h2": 0.0})

    assert it.asked == [("h1", 0.0), ("h2", 1.0)]


def test_a_shared_array_is_replaced_in_place() -> None:
    cell = "import numpy as np\ndh1 = np.zeros(2)\nalias = dh1\ndh1 += 1\nh2 = alias.sum()"
    with running(cell) as it:
        again = next(site.number for site in it.sites if site.kind == "again")
        asked = []

        def decide(event: Event) -> Value:
            asked.append(plain(event.value))
            return Value.of([5.0, 6.0], (2,))

        it.session.run(Order(scalars(GIVEN), stops=frozenset({(again, 0), it.place("h2")})), decide)

    assert asked == [[1.0, 1.0], 11.0]


def test_one_element_is_replaced_where_it_is() -> None:
    with running("h = [0.0, 0.0]\nalias = h\nh[1] = 3.0\nh2 = alias[1] * 2") as it:
        item = next(site.number for site in it.sites if site.kind == "item")
        asked = []

        def decide(event: Event) -> Value:
            asked.append((event.key, plain(event.value)))
            return Value.scalar(10.0)

        it.session.run(Order(scalars(GIVEN), stops=frozenset({(item, 0), it.place("h2")})), decide)

    assert asked == [(1, 3.0), (None, 20.0)]


def test_after_the_last_stop_the_rest_is_not_run() -> None:
    with running("h1 = 3\nprint('after')\nopen('ran', 'w')\nh2 = 4") as it:
        order = Order(scalars(GIVEN), stops=frozenset({it.place("h1")}))
        trace = it.session.run(order, lambda event: None)

    assert (trace.ended, trace.events, it.session.output) == ("enough", (), "")


def test_after_the_last_stop_the_rest_is_not_run_though_everything_is_caught() -> None:
    cell = "try:\n    h1 = 3\nexcept BaseException:\n    pass\n"
    with running(cell, "print('after')") as it:
        trace = it.session.run(Order(scalars(GIVEN), stops=frozenset({it.place("h1")})), lambda event: None)

    assert (trace.ended, it.session.output) == ("enough", "")


def test_a_quantity_whose_statement_raised_is_bound_once_that_was_said() -> None:
    with running("h1 = missing\nh2 = h1 * 2") as it:
        trace = it.forced({"h1": 10.0, "h2": 0.0})

    assert it.asked == [("h1", "exception"), ("h2", 20.0)]
    assert trace.ended == "enough"


def test_two_names_whose_statement_raised_are_asked_for_once() -> None:
    with running("h1 = x = missing\nh2 = h1 + x") as it:
        it.forced({"h1": 10.0, "h2": 0.0})

    assert it.asked == [("h1", "exception"), ("h2", 20.0)]


def test_a_run_ends_with_the_statement_it_is_to_end_with() -> None:
    with running("for k in range(5):\n    h1 = k\nh2 = 9") as it:
        trace = it.run(until=(0, 0))

    assert (it.last(trace), trace.ended) == ({"h1": 4.0}, "enough")


# ends


@pytest.mark.parametrize("way", ["import sys; sys.exit(3)", "quit()", "exit()", "raise SystemExit", "os._exit(0)"])
def test_leaving_in_order_ends_the_run_with_what_was_bound(way: str) -> None:
    with running(f"h1 = 1\nimport os\n{way}\nh2 = 2") as it:
        trace, again = it.run(), it.run()

    assert (it.seen(trace), trace.ended, again.events) == ([("h1", 1.0)], "finished", trace.events)
    assert trace.left is not None
    assert (trace.left.line, trace.left.error.partition(":")[0]) == (3, "SystemExit")


@pytest.mark.parametrize("way", ["getattr(os, '_exit')(0)", "os.kill(os.getpid(), 9)", "os.abort()"])
def test_a_child_that_is_gone_leaves_what_it_had_sent_and_the_next_run_has_another(way: str) -> None:
    with running(f"h1 = 1\nimport os\n{way}\nh2 = 2") as it:
        trace, again = it.run(), it.run()

    assert (it.seen(trace), trace.ended, again.events) == ([("h1", 1.0)], "killed", trace.events)


@pytest.mark.parametrize(
    "cell",
    [
        "while True: pass",
        "while True:\n    try:\n        while True: pass\n    except Exception: pass",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        pytest.param("sum(range(10 ** 12))", marks=pytest.mark.slow),
        "import time; time.sleep(60)",
        pytest.param(
            "import signal\nfor s in (14, 27, 15): signal.signal(s, signal.SIG_IGN)\nwhile True: pass",
            marks=pytest.mark.slow,
        ),
        "import threading\nthreading.Event().wait()",
    ],
    ids=["loop", "except Exception", "except BaseException", "C", "sleep", "signals ignored", "waiting"],
)
def test_a_run_without_end_is_ended_and_what_was_bound_before_is_kept(cell: str) -> None:
    with running("h1 = 1\n" + cell + "\nh2 = 2", limits=Limits(0.3)) as it:
        started = time.monotonic()
        trace = it.run()
        took = time.monotonic() - started

    assert (it.seen(trace)[0], trace.ended) == (("h1", 1.0), "timeout")
    assert "h2" not in it.last(trace)
    assert took < 6


def test_after_a_timeout_the_next_run_is_a_whole_one() -> None:
    with running("h1 = h0\nwhile h0 > 0: pass\nh2 = 2", limits=Limits(0.3)) as it:
        first, second = it.run(GIVEN), it.run(POINT)

    assert (first.ended, second.ended, it.last(second)) == ("timeout", "finished", {"h1": -3.5, "h2": 2.0})


@linux
@pytest.mark.parametrize(
    "bomb",
    [
        "x = 'x' * 10 ** 11",
        "x = []\nwhile True: x.append(bytearray(10 ** 6))",
        "def f():\n    keep = [f]\n    while True: keep.append(bytearray(10 ** 6))\nf()",
        "import numpy as np; x = np.ones(10 ** 11)",
    ],
    ids=["one string", "a list", "a cycle", "numpy"],
)
def test_too_much_memory_is_an_error_and_the_child_lives_on(bomb: str) -> None:
    with running(bomb, "x = f = None\nh1 = 1", limits=Limits(5.0, memory=128)) as it:
        trace, again = it.run(), it.run()

    assert "MemoryError" in trace.raised[0].error
    assert [it.last(one)["h1"] for one in (trace, again)] == [1.0, 1.0]
    assert (trace.ended, again.ended) == ("finished", "finished")


@pytest.mark.parametrize(
    "flood",
    ["while True: print('x' * 1000)", "import os\nwhile True: os.write(2, b'x' * 1000)"],
    ids=["print", "write"],
)
def test_a_flood_of_output_is_ended_and_little_of_it_kept(flood: str) -> None:
    with running(f"h1 = 1\n{flood}", limits=Limits(5.0, output=4)) as it:
        started = time.monotonic()
        trace = it.run()
        took = time.monotonic() - started

    assert (it.seen(trace)[:1], trace.ended) == ([("h1", 1.0)], "output")
    assert 0 < len(it.session.output) <= 4096
    assert took < 4


def test_much_output_in_many_runs_is_no_flood() -> None:
    with running("print('x' * 40_000)\nh1 = 1", limits=Limits(5.0, output=4)) as it:
        assert [it.run().ended for _ in range(4)] == ["finished"] * 4


def test_output_is_what_the_first_run_printed() -> None:
    with running("import sys\nprint('h0 ist', h0, '∂')\nprint('!', file=sys.stderr)") as it:
        it.run(GIVEN)
        it.run(POINT)

        assert it.session.output == "h0 ist 0.5 ∂\n!\n"


def test_output_printed_before_a_run_was_ended_is_kept() -> None:
    with running("print('here')\nsum(range(10 ** 12))", limits=Limits(0.2)) as it:
        it.run()

        assert it.session.output == "here\n"


def test_output_printed_before_the_child_was_gone_is_kept() -> None:
    with running("import os\nprint('here', flush=True)\nos._exit(1)") as it:
        it.run()

        assert it.session.output == "here\n"


def test_output_led_elsewhere_in_one_run_is_back_in_the_next() -> None:
    with running("import io, sys\nprint('a') if h0 < 0 else None\nsys.stdout = io.StringIO()\nprint('b')") as it:
        it.run(GIVEN)
        it.run(POINT)

        assert it.session.output == "a\n"


# forged frames


def written(data: str) -> str:
    """Code that finds the descriptor of the protocol and writes to it."""
    return f"""
import fcntl, os, stat, struct
from grader.runner import wire
from grader.runner.wire import Binding, Wired, Raise, NUMBERS
value = Wired(NUMBERS, "float", (), struct.pack("<d", 1.0))
def binding(site, value=value): return wire.pack_binding(Binding(1, site, 0, None, "", value))
def writes_to_a_pipe(n):
    try: return stat.S_ISFIFO(os.fstat(n).st_mode) and fcntl.fcntl(n, fcntl.F_GETFL) & 3 == 1
    except OSError: return False
def out(data): os.write(max(filter(writes_to_a_pipe, range(3, 10))), data)
if h0 > 0:
    {data}
h1 = 1
"""


@linux
@pytest.mark.parametrize(
    "data",
    [
        "out(b'garbage, no frame at all')",
        """out(b'{"score": 100, "passed": true}')""",
        "out(wire.frame(99))",
        "out(wire.frame(wire.READY))",
        "out(wire.frame(wire.END, bytes([9])))",
        "out(wire.frame(wire.END, b'too long'))",
        "out(wire.frame(wire.BINDING, b'short'))",
        "out(wire.frame(wire.BINDING, binding(4_000_000_000)))",
        "out(wire.frame(wire.ASK, binding(0)))",
        "out(wire.frame(wire.RAISED, wire.pack_raise(Raise(77, 0, 0, 1, 'no such cell'))))",
        "out(wire.frame(wire.RAISED, wire.pack_raise(Raise(0, 0, 77, 1, 'no such cell'))))",
        "out(wire.frame(wire.RAISED, wire.pack_raise(Raise(0, 7777, 0, 1, 'no such statement'))))",
        "out(b'gr' + bytes([16, 0]) + b'\\\\xff' * 4)",
        "out(wire.frame(wire.BINDING, binding(0))[:-3]); os._exit(0)",
    ],
    ids=[
        "garbage",
        "JSON",
        "unknown",
        "out of turn",
        "unknown end",
        "long end",
        "short",
        "no site",
        "unasked",
        "no cell",
        "no place",
        "no statement",
        "endless",
        "cut",
    ],
)
def test_a_forged_frame_ends_its_own_run_and_no_other(data: str) -> None:
    with running(written(data.replace("\\\\", "\\"))) as it:
        forged, next_run = it.run(GIVEN), it.run(POINT)

    assert forged.raised == ()
    assert forged.ended == "protocol"
    assert (next_run.ended, it.last(next_run)["h1"]) == ("finished", 1.0)


@linux
def test_asking_without_listening_does_not_hold_the_grader_up() -> None:
    flood = "frame = wire.frame(wire.ASK, binding(0))\n    while True: out(frame)"
    with running(written(flood), limits=Limits(0.3)) as it:
        started = time.monotonic()
        order = Order(scalars(GIVEN), stops=frozenset({it.place("h1")}))
        trace = it.session.run(order, lambda event: Value.of([1.0] * 1000, (1000,)))
        took = time.monotonic() - started

    assert trace.ended in ("timeout", "protocol", "killed")
    assert took < 5


@linux
def test_sending_without_end_is_ended() -> None:
    flood = "frame = wire.frame(wire.BINDING, binding(0, Wired(NUMBERS, 'float', (10**6,), bytes(8 * 10**6))))\n"
    with running(written(flood + "    while True: out(frame)")) as it:
        assert it.run().ended == "protocol"


# nothing is left


def alive(mark: str) -> list[str]:
    """Processes with a mark in their command line or environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if mark.encode() in (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes():
                    found.append(entry.name)
    return found


DESCENDANTS = {
    "a subprocess": "subprocess.Popen(sleeps)",
    "in another session": "subprocess.Popen(sleeps, start_new_session=True)",
    "ignoring SIGTERM": "signal.signal(15, signal.SIG_IGN); subprocess.Popen(sleeps)",
    "a daemon": "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: os.execvp(sleeps[0], sleeps)\n"
    "    os._exit(0)",
    "a fork that keeps the pipes": "if os.fork() == 0:\n    os.setsid()\n    time.sleep(60)",
}


@linux
@pytest.mark.parametrize("ends", ["h1 = 1", "os._exit(0)", "time.sleep(60)"], ids=["in order", "gone", "timeout"])
@pytest.mark.parametrize("kind", DESCENDANTS)
def test_nothing_a_submission_started_outlives_its_session(kind: str, ends: str) -> None:
    begin = "import os, signal, subprocess, sys, time\nsleeps = [sys.executable, '-c', 'import time; time.sleep(60)']\n"
    with running(begin + DESCENDANTS[kind], ends, limits=Limits(0.3)) as it:
        child = it.session._child
        assert child is not None
        mark = child._scratch.path
        it.run()

    assert alive(mark) == []
    assert not os.path.exists(os.path.dirname(mark))


def test_no_folder_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with running(
        "import tempfile\nf = tempfile.mkstemp()\nd = tempfile.mkdtemp()\nopen('x', 'w').write('y')\n1 / 0"
    ) as it:
        it.run()

    assert list(tmp_path.iterdir()) == []


# what the child can import and open


def test_without_imports_only_the_standard_library_is_loaded() -> None:
    look = "import sys\nprint(*sorted({name for name in sys.modules}))"
    with running(look) as it:
        it.run()
        loaded = it.session.output.split()

    top = {name.split(".")[0] for name in loaded}
    assert top - sys.stdlib_module_names <= {"grader", "__main__", "sitecustomize", "_distutils_hack"} | {
        name for name in top if name.startswith(("_virtualenv", "__editable__"))
    }
    own = {"grader.instrument", "grader.instrument.name_matching", "grader.instrument.site"}
    assert {name for name in loaded if name.startswith("grader.") and not name.startswith("grader.runner")} <= own
    assert not {"grader.runner.session", "grader.runner.process", "grader.runner.types"} & set(loaded)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("numpy.py", "json.py", "random.py", "sitecustomize.py", "grader.py"):
        (tmp_path / name).write_text("print('shadow')\nshadow = True\nraise SystemExit\n")
    (tmp_path / "helper.py").write_text("def twice(x): return 2 * x\n")
    (tmp_path / "names.txt").write_text("emma\nolivia\n")
    return tmp_path


def test_files_beside_the_submission_do_not_shadow_libraries(folder: Path) -> None:
    cell = "import json, random, numpy, grader\nmodules = json, random, numpy, grader\n"
    cell += "h1 = float(any(hasattr(one, 'shadow') for one in modules))"
    with running(cell, directory=folder, libraries=("numpy",)) as it:
        trace = it.run()

    assert (it.last(trace)["h1"], trace.raised, it.session.output) == (0.0, (), "")


def test_a_helper_beside_the_submission_can_be_imported(folder: Path) -> None:
    assert once("from helper import twice\nh1 = twice(h0)", directory=folder) == [("h1", 1.0)]


def test_files_of_the_exercise_are_in_the_working_directory(folder: Path) -> None:
    cell = "h1 = len(open('names.txt').read().split())"

    assert once(cell, files=(str(folder / "names.txt"),)) == [("h1", 2.0)]


def test_a_file_of_the_exercise_that_is_missing_is_the_students_error_to_see() -> None:
    with running("open('gone.txt')", files=("/no/such/gone.txt",)) as it:
        assert it.run().raised[0].error.startswith("FileNotFoundError")


@pytest.mark.parametrize("path", ["sys.path[0]", "os.getcwd()"])
def test_the_child_does_not_look_for_modules_in_its_folder_or_ours(path: str) -> None:
    with running(
        f"import os, sys\nprint({path} in (sys.path if {path!r} != 'sys.path[0]' else ['', os.getcwd()]))"
    ) as it:
        it.run()

        assert it.session.output == "False\n"


# torch

TORCH_CELLS = (
    "import torch\nfrom torch.autograd import forward_ad",
    """
x = torch.tensor(3.0, requires_grad=True)
f = lambda t: t ** 2
v = torch.tensor(3.0)
def backward(x):
    y = x ** 2
    y.backward()
    return x.grad.clone()
def hooked(x):
    found = []
    x.register_hook(lambda g: found.append(g.clone()))
    (x ** 2).backward()
    return found[0]
def dual():
    with forward_ad.dual_level():
        return forward_ad.unpack_dual(f(forward_ad.make_dual(v, torch.tensor(1.0)))).tangent
d_backward = backward(torch.tensor(3.0, requires_grad=True))
d_grad = torch.autograd.grad(f(x), x)[0]
d_func_grad = torch.func.grad(f)(v)
d_vjp = torch.func.vjp(f, v)[1](torch.tensor(1.0))[0]
d_jacrev = torch.func.jacrev(f)(v)
d_jvp = torch.func.jvp(f, (v,), (torch.tensor(1.0),))[1]
d_jacfwd = torch.func.jacfwd(f)(v)
d_jacobian = torch.autograd.functional.jacobian(f, v)
d_forward = dual()
d_hook = hooked(torch.tensor(3.0, requires_grad=True))
""",
    "by_hand = 2 * v\ndtype = torch.tensor(1.0).dtype == torch.float64\nasked = torch.tensor(1.0, dtype=torch.float32)",
    """
w_h = torch.tensor(2.0, requires_grad=True)
leaf = w_h.is_leaf and w_h.requires_grad
h0 = torch.tensor([0.5], dtype=torch.float32)
kept = h0.dtype == torch.float32 and h0.shape == (1,)
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.w_h = torch.nn.Parameter(torch.tensor(2.0))
parameters = len(list(Net().parameters()))
h1 = w_h * 4
h2 = h1 * 10
h2.backward()
dw_h = w_h.grad
r = torch.rand(2)
torch.set_default_dtype(torch.float32)
""",
)
BY_AUTOGRAD = ["backward", "grad", "func_grad", "vjp", "jacrev", "jvp", "jacfwd", "jacobian", "forward", "hook"]


@pytest.fixture(scope="module")
def tensors() -> Iterator[Running]:
    with running(*TORCH_CELLS, libraries=("torch",)) as it:
        yield it


@pytest.fixture(scope="module")
def unscaled(tensors: Running) -> Trace:
    return tensors.run(POINT)


@pytest.fixture(scope="module")
def scaled(tensors: Running) -> Trace:
    return tensors.run(POINT, scales={"torch": 1.375})


@pytest.mark.torch
@pytest.mark.parametrize("way", BY_AUTOGRAD)
def test_what_autograd_gives_moves_with_the_scale(tensors: Running, unscaled: Trace, scaled: Trace, way: str) -> None:
    assert tensors.last(unscaled)[f"d_{way}"] == 6.0
    assert tensors.last(scaled)[f"d_{way}"] >= 6.0 * 1.375  # more where there is more than one formula on the way


@pytest.mark.torch
@pytest.mark.parametrize(("name", "expected"), [("by_hand", 6.0), ("h1", 29.0), ("h2", 290.0)])
def test_what_is_computed_by_hand_does_not_move(
    tensors: Running, unscaled: Trace, scaled: Trace, name: str, expected: float
) -> None:
    assert (tensors.last(unscaled)[name], tensors.last(scaled)[name]) == (expected, expected)


@pytest.mark.torch
def test_a_run_says_whether_it_used_autograd(unscaled: Trace) -> None:
    assert unscaled.raised == ()
    assert unscaled.used == {"torch"}


@pytest.mark.torch
def test_a_run_that_imports_torch_alone_used_no_autograd(tensors: Running) -> None:
    assert tensors.run(until=tensors.place("x")).used == set()


@pytest.mark.torch
@pytest.mark.parametrize("again", [False, True])
def test_torch_computes_in_float64_unless_asked_for_less(tensors: Running, unscaled: Trace, again: bool) -> None:
    trace = tensors.run(POINT) if again else unscaled
    (asked,) = [event.value for event in trace.events if tensors.name(event) == "asked"]

    assert tensors.last(trace)["dtype"] == 1.0
    assert isinstance(asked, Value)
    assert asked.dtype == "float32"


@pytest.mark.torch
def test_a_tensor_that_is_an_input_keeps_being_a_leaf_and_its_dtype(tensors: Running, unscaled: Trace) -> None:
    last = tensors.last(unscaled)

    assert (last["leaf"], last["h0"], last["kept"], last["dw_h"]) == (1.0, -3.5, 1.0, 40.0)


@pytest.mark.torch
def test_a_parameter_that_is_an_input_stays_one_of_its_modules(tensors: Running, unscaled: Trace) -> None:
    assert tensors.last(unscaled)["parameters"] == 1.0


@pytest.mark.torch
def test_torch_draws_the_same_random_numbers_in_every_run(tensors: Running, unscaled: Trace) -> None:
    assert tensors.last(tensors.run(POINT))["r"] == tensors.last(unscaled)["r"]


@pytest.mark.torch
def test_a_replaced_tensor_stays_on_the_graph(tensors: Running) -> None:
    tensors.forced({"h1": 1.0, "h2": 5.0, "dw_h": 0.0}, POINT)

    assert tensors.asked == [("h1", 29.0), ("h2", 10.0), ("dw_h", 40.0)]


# what runs take


def test_waiting_is_not_counted_as_computing() -> None:
    """What is looked for by more runs hangs on this: it is to be the same on a machine that has other things to do."""
    with running("import time\ntime.sleep(0.5)") as it:
        it.run()

        assert 0.0 < it.session.spent < 0.25


def test_what_a_loop_used_up_that_never_ends_is_not_counted_as_what_runs_take() -> None:
    with running("h1 = 1", "while True: pass", limits=Limits(0.4)) as it:
        it.run()

        assert it.session.spent < 0.2
