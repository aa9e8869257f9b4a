"""What is seen in a student's containers, and how a value in there is replaced."""

from __future__ import annotations

import argparse
from collections import OrderedDict, defaultdict, namedtuple
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from grader.instrument.site import NAME
from grader.runner.child.container_entries import MAX_ENTRIES, changed, entries, kind_of


def everything(owner: str, label: str) -> bool:
    return True


def held(container: Any) -> dict[str, Any]:
    """The entries by their paths."""
    return {f"{one.owner}.{one.label}": one.value for one in entries("c", container, everything)}


Pair = namedtuple("Pair", "a b")


@dataclass
class Plain:
    a: Any
    b: Any


@dataclass(frozen=True, slots=True)
class Frozen:
    a: Any
    b: Any


class Asked:
    """An object that notes what runs of its own."""

    ran = 0

    def __init__(self) -> None:
        self.__dict__.update(a=1, b=2)

    @property
    def c(self) -> int:
        Asked.ran += 1
        return 3

    def __getattr__(self, name: str) -> int:
        Asked.ran += 1
        return 4


for one in (Plain, Frozen, Asked):
    one.__module__ = "__main__"

CONTAINERS = {
    "dict": lambda: {"a": 1, "b": 2},
    "defaultdict": lambda: defaultdict(int, a=1, b=2),
    "OrderedDict": lambda: OrderedDict(a=1, b=2),
    "SimpleNamespace": lambda: SimpleNamespace(a=1, b=2),
    "argparse": lambda: argparse.Namespace(a=1, b=2),
    "named tuple": lambda: Pair(1, 2),
    "dataclass": lambda: Plain(1, 2),
    "frozen with slots": lambda: Frozen(1, 2),
    "object": Asked,
}


@pytest.mark.parametrize("kind", CONTAINERS)
def test_entries_are_seen(kind: str) -> None:
    assert held(CONTAINERS[kind]()) == {"c.a": 1, "c.b": 2}


@pytest.mark.parametrize("kind", CONTAINERS)
def test_an_entry_is_replaced(kind: str) -> None:
    assert held(changed(CONTAINERS[kind](), ("b",), 7)) == {"c.a": 1, "c.b": 7}


@pytest.mark.parametrize("kind", CONTAINERS)
def test_an_entry_in_an_entry_is_replaced(kind: str) -> None:
    outer = changed({"in": CONTAINERS[kind]()}, ("in", "b"), 7)

    assert held(outer["in"]) == {"c.a": 1, "c.b": 7}


def test_what_lies_in_a_container_has_its_path() -> None:
    assert [(one.owner, one.label) for one in entries("g", {"l1": {"W": 1}, 2: {"b": 2}}, everything)] == [
        ("g", "l1"),
        ("g", "2"),
        ("g.l1", "W"),
        ("g.2", "b"),
    ]


def test_nothing_is_looked_for_deeper() -> None:
    assert list(held({"a": {"b": {"c": 1}}})) == ["c.a", "c.a.b"]


def test_only_so_many_entries_are_looked_at() -> None:
    inner = {str(k): k for k in range(200)}

    assert len(held({"a": inner, "b": dict(inner)})) == MAX_ENTRIES


def test_the_names_of_the_program_are_no_entries() -> None:
    assert held({NAME: object(), "__builtins__": {}, "a": 1.0}) == {}
    assert held({"__builtins__": {}, "a": 1.0}) == {"c.__builtins__": {}, "c.a": 1.0}  # `exec(text, c)`


def test_a_container_may_hold_itself() -> None:
    own: dict[str, Any] = {"a": 1}
    own["own"] = own

    assert held(own)["c.own.a"] == 1


def test_no_code_of_the_students_is_run() -> None:
    held(Asked())

    assert Asked.ran == 0


@pytest.mark.parametrize("value", [1.0, "a", [1], (1, 2), {1}, None, ..., len, pytest, dict], ids=repr)
def test_what_is_no_container_of_names_is_left_alone(value: Any) -> None:
    assert kind_of(value) is None


@pytest.mark.torch
def test_the_weights_of_torch_modules_are_entries_and_are_replaced_in_place() -> None:
    torch = pytest.importorskip("torch")
    net = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.Tanh())
    weight = net[0].weight

    assert held(net)["c.0.weight"] is weight
    assert changed(net, ("0", "weight"), torch.ones(1, 2)) is net
    assert net[0].weight is weight
    assert weight.tolist() == [[1.0, 1.0]]


@pytest.mark.torch
def test_what_a_student_keeps_in_a_torch_module_is_an_entry_too() -> None:
    torch = pytest.importorskip("torch")
    net = torch.nn.Linear(2, 1)
    net.h1 = 3.0

    assert held(net)["c.h1"] == 3.0
    assert changed(net, ("h1",), 4.0).h1 == 4.0
