"""What a child may send, and that nothing it sends is ever more than bytes."""

from __future__ import annotations

import ast
import io
import math
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import grader
from grader.runner import wire
from grader.runner.wire import Binding, Raise, Wired, WireError

shapes = st.lists(st.integers(0, 4), max_size=3).map(tuple)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@st.composite
def values(draw: st.DrawFn) -> Wired:
    if draw(st.booleans()):
        name = draw(words).encode()
        return Wired(draw(st.sampled_from([wire.PLACEHOLDER, wire.TEXT, wire.OBJECT, wire.TOO_LARGE])), "int", (), name)
    shape = draw(shapes)
    size = math.prod(shape)
    numbers = draw(st.lists(st.floats(allow_nan=False), min_size=size, max_size=size))
    return Wired(wire.NUMBERS, draw(st.sampled_from(wire.DTYPES)), shape, struct.pack(f"<{size}d", *numbers))


@st.composite
def bindings(draw: st.DrawFn) -> Binding:
    count = st.integers(0, 2**32 - 1)
    key = draw(st.none() | st.integers(-(2**63) + 1, 2**63 - 1))
    return Binding(draw(count), draw(count), draw(count), key, draw(words), draw(values()))


@st.composite
def mutated(draw: st.DrawFn, originals: st.SearchStrategy[bytes]) -> bytes:
    """Bytes that once were right: some changed, the end cut off or continued."""
    body = bytearray(draw(originals))
    for _ in range(draw(st.integers(0, 4))):
        if body:
            body[draw(st.integers(0, len(body) - 1))] = draw(st.integers(0, 255))
    return bytes(body[: draw(st.integers(0, len(body)))] + draw(st.binary(max_size=12)))


def parsed(parse: Callable[[bytes], Any], body: bytes) -> Any:
    """The result, or None for a `WireError`; any other exception fails the test."""
    try:
        return parse(body)
    except WireError:
        return None


def read_all(data: bytes) -> list[tuple[int, int, bytes]]:
    stream = io.BytesIO(data)
    found = []
    while (frame := wire.read_frame(stream.read)) is not None:
        found.append(frame)
    return found


def is_sound(value: Wired) -> bool:
    size = math.prod(value.shape)
    return len(value.data) == 8 * size if value.form == wire.NUMBERS else len(value.data) <= 200 and value.shape == ()


def test_where_there_was_an_exception_there_is_no_value() -> None:
    nothing = Wired(wire.EXCEPTION, "float64", (), b"")

    assert wire.unpack_value(wire.pack_value(nothing)) == nothing
    for other in (nothing._replace(data=b"ZeroDivisionError"), nothing._replace(data=bytes(8))):
        with pytest.raises(WireError):
            wire.unpack_value(wire.pack_value(other))


# round trips


@given(values())
def test_a_value_arrives_as_it_was_sent(value: Wired) -> None:
    assert wire.unpack_value(wire.pack_value(value)) == value


@given(bindings())
def test_a_binding_arrives_as_it_was_sent_but_for_a_label_too_long(binding: Binding) -> None:
    arrived = wire.unpack_binding(wire.pack_binding(binding))

    label = binding.label.encode()[: wire.MAX_LABEL_BYTES].decode("utf-8", "replace")
    assert arrived == binding._replace(label=label)


def test_an_error_arrives_as_it_was_sent() -> None:
    raised = Raise(1, 2, 3, 44, "ZeroDivisionError: ∂ by zero")

    assert wire.unpack_raise(wire.pack_raise(raised)) == raised


def test_a_label_that_is_no_unicode_is_sent_all_the_same() -> None:
    binding = Binding(1, 2, 3, None, "d\ud800", Wired(wire.NUMBERS, "float", (), struct.pack("<d", 1.0)))

    assert wire.unpack_binding(wire.pack_binding(binding)).label == "d?"


def test_an_error_message_is_cut_at_2000_bytes() -> None:
    assert len(wire.unpack_raise(wire.pack_raise(Raise(0, 0, 0, 1, "x" * 9999))).error) == 2000


@given(st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=50)), max_size=4))
def test_frames_arrive_one_by_one_in_order(frames: list[tuple[int, int, bytes]]) -> None:
    sent = b"".join(wire.frame(kind, body, flags) for kind, flags, body in frames)

    assert read_all(sent) == frames


def test_a_frame_that_arrives_byte_by_byte_is_put_together() -> None:
    stream = io.BytesIO(wire.frame(wire.BINDING, b"body", wire.INPUT))

    assert wire.read_frame(lambda size: stream.read(min(size, 1))) == (wire.BINDING, wire.INPUT, b"body")


# what is refused


@pytest.mark.parametrize(
    "data",
    [
        b"g",
        b"GR" + bytes(6),
        b'{"score": 100, "passed": true}',
        wire.frame(wire.END, b"\0")[:-1],
        struct.pack("<2sBBI", b"gr", wire.BINDING, 0, wire.MAX_BODY_BYTES + 1),
    ],
    ids=["half a header", "another magic", "JSON", "cut short", "longer than allowed"],
)
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        read_all(data)


def test_a_frame_longer_than_allowed_is_refused_before_it_is_read() -> None:
    asked: list[int] = []
    stream = io.BytesIO(struct.pack("<2sBBI", b"gr", wire.BINDING, 0, 2**32 - 1))

    def read(size: int) -> bytes:
        asked.append(size)
        return stream.read(size)

    with pytest.raises(WireError):
        wire.read_frame(read)
    assert asked == [8]


def number(form: int = wire.NUMBERS, dtype: int = 0, shape: tuple[int, ...] = (), data: bytes = bytes(8)) -> bytes:
    return struct.pack(f"<BBBx{len(shape)}I", form, dtype, len(shape), *shape) + data


@pytest.mark.parametrize(
    "body",
    [
        b"",
        number(data=bytes(7)),
        number(data=bytes(16)),
        number(form=5),
        number(dtype=len(wire.DTYPES)),
        number(shape=(2,)),
        number(shape=(1,) * 17),
        number(shape=(2**32 - 1,) * 16),
        number(shape=(0, 2**32 - 1), data=b""),
        number(shape=(2**32 - 1, 2**32 - 1, 0), data=b""),
        number(form=wire.OBJECT, data=b"x" * 201),
        number(form=wire.OBJECT, shape=(3,), data=b"list"),
    ],
    ids=[
        "nothing",
        "too short",
        "too long",
        "an unknown form",
        "an unknown dtype",
        "one number for two",
        "17 axes",
        "astronomical",
        "astronomical but empty",
        "astronomical in two axes but empty",
        "a name too long",
        "a name with a shape",
    ],
)
def test_what_is_no_value_is_refused(body: bytes) -> None:
    with pytest.raises(WireError):
        wire.unpack_value(body)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_an_empty_array_is_a_value(shape: tuple[int, ...]) -> None:
    assert wire.unpack_value(number(shape=shape, data=b"")).shape == shape


@pytest.mark.parametrize("shape", [(1,) * 16, (2, 3), (1,)])
def test_a_value_has_up_to_sixteen_axes(shape: tuple[int, ...]) -> None:
    data = bytes(8 * math.prod(shape))

    assert wire.unpack_value(number(shape=shape, data=data)) == Wired(wire.NUMBERS, "float64", shape, data)


def test_the_name_of_a_type_has_up_to_200_bytes() -> None:
    assert wire.unpack_value(number(form=wire.TEXT, data=b"x" * 200)).data == b"x" * 200


def test_the_longest_frame_is_read() -> None:
    head = struct.pack("<2sBBI", b"gr", wire.BINDING, 3, wire.MAX_BODY_BYTES)

    assert wire.header(head) == (wire.BINDING, 3, 8 + wire.MAX_BODY_BYTES)


@pytest.mark.parametrize("size", [7, 9])
def test_a_place_is_a_cell_and_a_statement(size: int) -> None:
    assert wire.unpack_place(wire.pack_place(3, 70_000)) == (3, 70_000)
    with pytest.raises(WireError):
        wire.unpack_place(bytes(size))


@pytest.mark.parametrize("how", [wire.FINISHED, wire.ENOUGH, wire.TIMEOUT])
@pytest.mark.parametrize("cpu", [0.0, 1.25, 1e9])
def test_an_end_arrives_as_it_was_sent(how: int, cpu: float) -> None:
    assert wire.unpack_end(wire.pack_end(how, cpu)) == (how, cpu)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        wire.pack_end(wire.FINISHED, 1.0)[:-1],
        wire.pack_end(wire.FINISHED, 1.0) + b"x",
        wire.pack_end(wire.TIMEOUT + 1, 1.0),
        wire.pack_end(wire.FINISHED, -1e-9),
        wire.pack_end(wire.FINISHED, math.inf),
        wire.pack_end(wire.FINISHED, math.nan),
    ],
)
def test_what_is_no_end_is_refused(body: bytes) -> None:
    with pytest.raises(WireError):
        wire.unpack_end(body)


@pytest.mark.parametrize("name", ["x", "x" * 100])
def test_a_note_arrives_as_it_was_sent(name: str) -> None:
    assert wire.unpack_noted(wire.pack_noted(wire.DEVICE, 2, 70_000, name)) == (wire.DEVICE, 2, 70_000, name)


def test_the_name_in_a_note_is_cut() -> None:
    assert wire.unpack_noted(wire.pack_noted(wire.PACKAGE, 0, 1, "é" + "x" * 100))[3] == "é" + "x" * 98


@pytest.mark.parametrize(
    "body",
    [
        b"",
        wire.pack_noted(wire.PACKAGE, 0, 1, ""),
        wire.pack_noted(wire.PACKAGE, 0, 1, "x" * 100) + b"x",
        wire.pack_noted(wire.DEVICE + 1, 0, 1, "x"),
    ],
)
def test_what_is_no_note_is_refused(body: bytes) -> None:
    with pytest.raises(WireError):
        wire.unpack_noted(body)


@pytest.mark.parametrize("body", [bytes(15), bytes(16 + 2001)])
def test_what_is_no_report_of_an_error_is_refused(body: bytes) -> None:
    with pytest.raises(WireError):
        wire.unpack_raise(body)


@pytest.mark.parametrize("error", ["", "x" * 2000])
def test_an_error_has_up_to_2000_bytes(error: str) -> None:
    assert wire.unpack_raise(wire.pack_raise(Raise(0, 0, 0, 1, error))).error == error


@pytest.mark.parametrize("size", [0, 20])
def test_what_is_too_short_for_a_binding_is_refused(size: int) -> None:
    with pytest.raises(WireError):
        wire.unpack_binding(bytes(size))


def test_the_least_key_says_that_there_is_none() -> None:
    value = Wired(wire.NUMBERS, "float", (), bytes(8))
    body = wire.pack_binding(Binding(1, 2, 3, None, "", value))

    assert struct.unpack_from("<IIIq", body) == (1, 2, 3, -(2**63))
    assert wire.unpack_binding(body).key is None
    assert wire.unpack_binding(wire.pack_binding(Binding(1, 2, 3, 0, "", value))).key == 0


@pytest.mark.parametrize("used", [set(), {"torch"}, {"numpy", "jax"}, {wire.PROCESSES}, {*wire.DIFFERENTIATORS}])
def test_flags_say_which_libraries_were_used(used: set[str]) -> None:
    assert wire.used_libraries(wire.used_flags(used)) == used


def test_other_libraries_have_no_flag() -> None:
    assert wire.used_flags({"pandas"}) == 0
    assert wire.used_flags({"torch", "jax"}) == 0b11


# whatever is sent


@given(st.binary(max_size=80) | mutated(st.binary(max_size=40).map(lambda body: wire.frame(wire.BINDING, body))))
def test_any_bytes_are_frames_or_refused(data: bytes) -> None:
    parsed(read_all, data)


@given(st.binary(max_size=80) | mutated(values().map(wire.pack_value)))
def test_any_bytes_are_a_value_of_the_size_it_says_or_refused(body: bytes) -> None:
    value = parsed(wire.unpack_value, body)

    assert value is None or is_sound(value)


@given(st.binary(max_size=80) | mutated(bindings().map(wire.pack_binding)))
def test_any_bytes_are_a_binding_of_a_sound_value_or_refused(body: bytes) -> None:
    binding = parsed(wire.unpack_binding, body)

    assert binding is None or (is_sound(binding.value) and len(binding.label) <= 255)


@given(st.binary(max_size=80) | st.binary(min_size=1990, max_size=2040))
def test_any_bytes_are_an_error_or_refused(body: bytes) -> None:
    raised = parsed(wire.unpack_raise, body)

    assert raised is None or len(raised.error) <= 2000


@given(st.binary(min_size=4, max_size=60))
def test_reading_takes_no_more_memory_than_was_sent(body: bytes) -> None:
    tracemalloc.start()
    try:
        parsed(wire.unpack_value, body)
        parsed(wire.unpack_binding, body)
        parsed(read_all, b"gr\x10\x00" + body)
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


# nothing is ever executed

HOUSE = Path(grader.__file__).parent
CHILD = HOUSE / "runner" / "child"
ALLOWED = {
    CHILD / "worker.py": {"exec"},
    CHILD / "torchscript_text.py": {"exec"},  # of the submission's own text, in its own process
    CHILD / "code.py": {"marshal"},  # reads what only the grader has written
    HOUSE / "runner" / "bytecode.py": {"marshal"},  # writes it, and reads none: see the next test
}
FORBIDDEN_MODULES = {"pickle", "_pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "jsonpickle"}
FORBIDDEN_CALLS = {"eval", "exec", "__import__"}


def uses(path: Path) -> set[str]:
    """What a file imports or calls that could turn bytes into code."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        match node:
            case ast.Import(names=names):
                found |= {alias.name.split(".")[0] for alias in names} & FORBIDDEN_MODULES
            case ast.ImportFrom(module=str(module), names=names):
                found |= {module.split(".")[0]} & FORBIDDEN_MODULES
                found |= {alias.name for alias in names} & {"load"} if module in ("numpy", "torch") else set()
            case ast.Name(id=name) if name in FORBIDDEN_CALLS:
                found.add(name)
            case ast.Attribute(value=ast.Name(id="numpy" | "np" | "torch" as owner), attr="load"):
                found.add(f"{owner}.load")
            case _:
                pass
    return found


@pytest.mark.parametrize("path", sorted(HOUSE.rglob("*.py")), ids=lambda path: str(path.relative_to(HOUSE)))
def test_no_module_turns_bytes_into_code_but_the_one_that_runs_submissions(path: Path) -> None:
    assert uses(path) == ALLOWED.get(path, set())


def test_the_grader_packs_code_and_unpacks_none() -> None:
    tree = ast.parse((HOUSE / "runner" / "bytecode.py").read_bytes())
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and _is_marshal(node.value)}

    assert called == {"dumps"}


def _is_marshal(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "marshal"


def test_the_search_for_such_modules_finds_them(tmp_path: Path) -> None:
    file = tmp_path / "bad.py"
    file.write_text("import pickle\nfrom torch import load\nimport numpy as np\nnp.load(x)\neval('1')\n")

    assert uses(file) == {"pickle", "load", "np.load", "eval"}
