"""What a student's object is worth in numbers, and how a number is dressed to take its place."""

from __future__ import annotations

import collections
import decimal
import fractions
import math
import struct
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.runner import wire
from grader.runner.child import values
from grader.runner.child.limits import TimeLimit
from grader.runner.child.values import encode, fit, held_as, kept_or_fit, put_in_place, tape_or_fit
from grader.runner.wire import NUMBERS, OBJECT, PLACEHOLDER, TEXT, TOO_LARGE, Wired


def wired(*numbers: float, shape: tuple[int, ...] = (), dtype: str = "float64") -> Wired:
    return Wired(NUMBERS, dtype, shape, struct.pack(f"<{len(numbers)}d", *numbers))


def numbers(value: Any) -> tuple[float, ...]:
    return values.numbers_of(encode(value))


class Value:
    """As in micrograd: a number with its gradient beside it."""

    def __init__(self, data: Any) -> None:
        self.data = data
        self.grad = 0.0


# encode: numbers


@pytest.mark.parametrize(
    ("value", "dtype", "shape", "expected"),
    [
        (0.5, "float", (), (0.5,)),
        (-0.0, "float", (), (-0.0,)),
        (math.inf, "float", (), (math.inf,)),
        (3, "int", (), (3.0,)),
        (2**70, "int", (), (float(2**70),)),
        (True, "bool", (), (1.0,)),
        (np.float64(0.5), "float64", (), (0.5,)),
        (np.float32(0.1), "float32", (), (0.10000000149011612,)),
        (np.float16(0.5), "float16", (), (0.5,)),
        (np.longdouble(0.5), "float64", (), (0.5,)),
        (np.int64(-3), "int", (), (-3.0,)),
        (np.uint8(255), "int", (), (255.0,)),
        (np.bool_(True), "bool", (), (1.0,)),
        (np.array(0.5), "float64", (), (0.5,)),
        (np.array([[0.5]]), "float64", (1, 1), (0.5,)),
        (np.array([[1, 2], [3, 4]]), "int", (2, 2), (1.0, 2.0, 3.0, 4.0)),
        (np.array([[1.0, 2.0], [3.0, 4.0]]).T, "float64", (2, 2), (1.0, 3.0, 2.0, 4.0)),
        (np.arange(6.0)[::2], "float64", (3,), (0.0, 2.0, 4.0)),
        (np.array([1.5, 2], dtype=">f8"), "float64", (2,), (1.5, 2.0)),
        (np.array([1, 2.5], dtype=object), "float64", (2,), (1.0, 2.5)),
        (np.ma.array([[1.0, 2.0]]), "float64", (1, 2), (1.0, 2.0)),
        (np.zeros((0, 3)), "float64", (0, 3), ()),
        (torch.tensor(0.5, dtype=torch.float64), "float64", (), (0.5,)),
        (torch.tensor([0.5], dtype=torch.float32), "float32", (1,), (0.5,)),
        (torch.tensor([0.5], dtype=torch.bfloat16), "bfloat16", (1,), (0.5,)),
        (torch.tensor([1, 2]), "int", (2,), (1.0, 2.0)),
        (torch.tensor([True]), "bool", (1,), (1.0,)),
        (torch.arange(6.0).reshape(2, 3).T, "float32", (3, 2), (0.0, 3.0, 1.0, 4.0, 2.0, 5.0)),
        (torch.tensor([2.0], requires_grad=True), "float32", (1,), (2.0,)),
        (torch.tensor([2.0], requires_grad=True) * 3, "float32", (1,), (6.0,)),
        (torch.nn.Parameter(torch.tensor(2.0)), "float32", (), (2.0,)),
        ([1.0, 2.0], "float", (2,), (1.0, 2.0)),
        ((1, 2), "int", (2,), (1.0, 2.0)),
        ([[1.0, 2.0], [3.0, 4.0]], "float", (2, 2), (1.0, 2.0, 3.0, 4.0)),
        ([np.array([1.0, 2.0]), np.array([3.0, 4.0])], "float64", (2, 2), (1.0, 2.0, 3.0, 4.0)),
        ([torch.tensor(1.0), torch.tensor(2.0)], "float32", (2,), (1.0, 2.0)),
        (Value(0.5), "float", (), (0.5,)),
        (Value(np.array([0.5, 1.5])), "float64", (2,), (0.5, 1.5)),
        ([Value(0.5), Value(1.5)], "float", (2,), (0.5, 1.5)),
        (fractions.Fraction(1, 2), "float", (), (0.5,)),
        (decimal.Decimal("0.5"), "float", (), (0.5,)),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_number_is_encoded_with_its_dtype_and_shape(
    value: Any, dtype: str, shape: tuple[int, ...], expected: tuple[float, ...]
) -> None:
    made = encode(value)

    assert (made.form, made.dtype, made.shape, values.numbers_of(made)) == (NUMBERS, dtype, shape, expected)


@pytest.mark.parametrize("value", [math.nan, np.nan, np.array(np.nan), torch.tensor(math.nan), Value(math.nan)])
def test_not_a_number_is_encoded_as_such(value: Any) -> None:
    assert math.isnan(numbers(value)[0])


def test_what_a_list_has_not_filled_in_yet_is_not_a_number() -> None:
    blank, *rest = numbers([None, 1.0, 2.0])

    assert math.isnan(blank)
    assert rest == [1.0, 2.0]


def test_a_large_array_is_encoded_whole() -> None:
    array = np.arange(100_000.0).reshape(1000, 100)

    assert encode(array).data == array.tobytes()
    assert encode(torch.from_numpy(array)).data == array.tobytes()


# encode: what is no number


@pytest.mark.parametrize(
    ("value", "form", "name"),
    [
        (None, PLACEHOLDER, b"NoneType"),
        (..., PLACEHOLDER, b"ellipsis"),
        ("0.5", TEXT, b"str"),
        (b"0.5", TEXT, b"bytes"),
        (10**400, OBJECT, b"int"),
        ([10**400], OBJECT, b"list"),
        (1 + 2j, OBJECT, b"complex"),
        (np.array([1j]), OBJECT, b"ndarray"),
        (np.array(["1.0"]), OBJECT, b"ndarray"),
        (np.array([object()]), OBJECT, b"ndarray"),
        (np.array(["2020-01-01"], dtype="M8[D]"), OBJECT, b"ndarray"),
        (torch.tensor([1j]), OBJECT, b"Tensor"),
        ({1, 2}, OBJECT, b"set"),
        ({"h0": 0.5}, OBJECT, b"dict"),
        ([], OBJECT, b"list"),
        ([1.0, [2.0]], OBJECT, b"list"),
        ([1.0, "2.0"], OBJECT, b"list"),
        ([None, None], OBJECT, b"list"),
        (range(3), OBJECT, b"range"),
        (math.tanh, OBJECT, b"builtin_function_or_method"),
        (float, OBJECT, b"type"),
        (torch.nn.Linear(1, 1), OBJECT, b"Linear"),
        (np.zeros(1_000_001), TOO_LARGE, b"ndarray"),
        (torch.zeros(1_000_001), TOO_LARGE, b"Tensor"),
        (np.broadcast_to(1.0, (10**6, 10**6)), TOO_LARGE, b"ndarray"),
        (np.zeros((2**33, 0)), TOO_LARGE, b"ndarray"),
        (np.zeros((1,) * 17), TOO_LARGE, b"ndarray"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, bytes | int) else str(value)[:20],
)
def test_what_is_no_number_is_said_to_be_of_its_type(value: Any, form: int, name: bytes) -> None:
    made = encode(value)

    assert (made.form, made.data, made.shape) == (form, name, ())


def test_a_list_that_holds_itself_is_an_object() -> None:
    endless: list[Any] = []
    endless.append(endless)

    assert encode(endless).form in (OBJECT, TOO_LARGE)


def test_a_list_that_is_longer_than_it_looks_is_too_large_at_once() -> None:
    nest: list[Any] = [1.0]
    for _ in range(60):
        nest = [nest, nest]

    assert encode(nest).form == TOO_LARGE


def test_a_ragged_list_that_is_longer_than_it_looks_is_no_number_at_once() -> None:
    nest: list[Any] = [1.0]
    for _ in range(60):
        nest = [1.0, nest, nest]

    assert encode(nest).form == OBJECT


# encode: objects that lie


def raising(*_: object) -> Any:
    raise RuntimeError("no")


def exiting(*_: object) -> Any:
    raise SystemExit


def hostile() -> dict[str, Any]:
    class Floats:
        __float__ = raising

    class Exits:
        __float__ = exiting

    class Interrupts:
        def __float__(self) -> float:
            raise KeyboardInterrupt

    class FloatsText:
        def __float__(self) -> Any:
            return "0.5"

    class Arrays:
        __array__ = raising

    class ArraysItself:
        def __array__(self, *_: object, **__: object) -> Any:
            return self

    class Equals:
        __eq__ = raising
        __hash__ = raising  # type: ignore[assignment]
        __bool__ = raising

    class SaysArray:
        __class__ = np.ndarray  # type: ignore[assignment]
        dtype, size, shape = np.dtype("f8"), 1, (2, 3)

        def __array__(self, *_: object, **__: object) -> Any:
            return np.zeros(7)

    class SaysTensor:
        __class__ = torch.Tensor  # type: ignore[assignment]
        __getattr__ = raising

    class SaysFloat:
        __class__ = float  # type: ignore[assignment]

    class RaisesClass:
        __class__ = property(exiting)  # type: ignore[assignment]

    class RaisesAll:
        __getattribute__ = exiting  # type: ignore[assignment]

    class Data:
        data = property(raising)

    class Long(list):  # type: ignore[type-arg]
        def __len__(self) -> int:
            return 10**12

    class Endless(list):  # type: ignore[type-arg]
        __iter__ = exiting

    class Array(np.ndarray):  # type: ignore[type-arg]
        shape = property(lambda self: (5, 5))  # type: ignore[assignment]

    class Meta(type):
        __name__ = property(exiting)  # type: ignore[assignment]

    class Nameless(metaclass=Meta):
        pass

    class Object:
        def __new__(cls) -> Any:
            return np.array([Floats()], dtype=object)

    kinds = [Floats, Exits, Interrupts, FloatsText, Arrays, ArraysItself, Equals, SaysArray, SaysTensor, SaysFloat]
    kinds += [RaisesClass, RaisesAll, Data, Nameless, Object]
    made = {type.__dict__["__name__"].__get__(kind): kind() for kind in kinds}
    return {**made, "Long": Long([1.0]), "Endless": Endless([1.0]), "Array": np.zeros(3).view(Array)}


@pytest.mark.parametrize("name", hostile())
def test_an_object_that_lies_or_raises_is_no_number(name: str) -> None:
    made = encode(hostile()[name])

    assert made.form in (OBJECT, TOO_LARGE)
    assert wire.unpack_value(wire.pack_value(made)) == made


@pytest.mark.parametrize("name", hostile())
def test_an_object_that_lies_or_raises_among_numbers_makes_the_list_no_number(name: str) -> None:
    assert encode([1.0, hostile()[name]]).form in (OBJECT, TOO_LARGE)


@pytest.mark.parametrize("name", [name for name in hostile() if name != "Array"])
def test_an_object_that_lies_or_raises_is_replaced_by_something_worth_the_number(name: str) -> None:
    assert numbers(fit(hostile()[name], wired(0.25)))[0] == 0.25


def test_running_out_of_time_inside_an_object_is_not_kept_back() -> None:
    class Slow:
        def __float__(self) -> float:
            raise TimeLimit

    with pytest.raises(TimeLimit):
        encode(Slow())


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.complex_numbers() | st.just(...),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=2), inner, max_size=2)
        | inner.map(Value)
    ),
    max_leaves=8,
)

anything_numeric = st.recursive(
    st.booleans() | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner) | inner.map(Value),
    max_leaves=8,
)


@given(anything)
def test_whatever_is_encoded_arrives(value: Any) -> None:
    made = encode(value)

    assert wire.unpack_value(wire.pack_value(made)) == made


@given(anything, st.sampled_from([wired(0.25), wired(1.0, 2.0, shape=(2,)), wired(1.0, 2.0, shape=(2, 1))]))
def test_whatever_is_replaced_by_a_number_nothing_is_raised(value: Any, new: Wired) -> None:
    made = encode(fit(value, new))

    assert wire.unpack_value(wire.pack_value(made)) == made


@given(anything_numeric, st.sampled_from([wired(0.25), wired(1.0, 2.0, shape=(2,)), wired(1.0, 2.0, shape=(2, 1))]))
def test_whatever_number_is_replaced_is_worth_the_new_numbers(value: Any, new: Wired) -> None:
    old = value if encode(value).form == NUMBERS else None

    assert numbers(fit(old, new)) == values.numbers_of(new)


# fit


def test_what_a_list_has_not_filled_in_yet_stays_so() -> None:
    assert fit([None, ..., 2.0], wired(0.0, 0.0, 0.25, shape=(3,))) == [None, ..., 0.25]


def test_a_float_is_replaced_by_a_float() -> None:
    made = fit(0.5, wired(0.25))

    assert (type(made), made) == (float, 0.25)


@pytest.mark.parametrize(("number", "kind"), [(3.0, int), (2.5, float), (math.inf, float), (math.nan, float)])
def test_an_int_is_replaced_by_an_int_where_the_number_is_one(number: float, kind: type) -> None:
    assert type(fit(2, wired(number))) is kind


@pytest.mark.parametrize("asked", [set(), {"torch"}], ids=["numpy", "torch"])
def test_with_nothing_to_go_by_a_whole_number_can_count_and_whole_numbers_can_index(
    asked: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(values, "_asked", asked)

    assert list(range(fit(None, wired(3.0, dtype="int")))) == [0, 1, 2]
    assert (np.eye(3)[fit(None, wired(2.0, 0.0, shape=(2,), dtype="int"))] == np.eye(3)[[2, 0]]).all()
    assert type(fit(None, wired(2.0, 0.0, shape=(2,), dtype="int"))) is (torch.Tensor if asked else np.ndarray)


def test_a_list_of_ints_stays_one() -> None:
    assert repr(fit([1, 2], wired(3.0, 0.0, shape=(2,), dtype="int"))) == "[3, 0]"


@pytest.mark.parametrize(("old", "shape"), [([0.0, 0.0], (1, 2)), ([[0.0, 0.0]], (2,)), ([[0.0], [0.0]], (2,))])
def test_a_list_keeps_its_axes_of_size_one(old: list[Any], shape: tuple[int, ...]) -> None:
    assert encode(fit(old, wired(0.25, 0.5, shape=shape))).shape == encode(old).shape


@pytest.mark.parametrize(
    ("old", "expected"),
    [
        (fractions.Fraction(2), fractions.Fraction(1, 4)),
        (decimal.Decimal(2), decimal.Decimal("0.25")),
        (np.float64(2.0), np.float64(0.25)),
        (np.float32(2.0), np.float32(0.25)),
    ],
)
def test_a_number_of_another_type_keeps_its_type(old: Any, expected: Any) -> None:
    made = fit(old, wired(0.25))

    assert (type(made), made) == (type(expected), expected)


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_a_numpy_array_keeps_its_dtype(dtype: str) -> None:
    made = fit(np.zeros(2, dtype=dtype), wired(0.25, 0.5, shape=(2,)))

    assert (made.dtype, made.tolist()) == (np.dtype(dtype), [0.25, 0.5])


@pytest.mark.parametrize(
    ("dtype", "number", "expected"),
    [
        ("int64", 3.0, "int64"),
        ("int64", 2.5, "float64"),
        ("int8", 300.0, "float64"),
        ("uint8", -1.0, "float64"),
        ("bool", 1.0, "bool"),
        ("bool", 2.0, "float64"),
        ("int64", math.nan, "float64"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_an_array_of_integers_becomes_one_of_floats_only_where_the_number_needs_it(
    dtype: str, number: float, expected: str
) -> None:
    made = fit(np.zeros(1, dtype=dtype), wired(number, shape=(1,)))

    assert (made.dtype, repr(float(made[0]))) == (np.dtype(expected), repr(number))


def test_numpy_told_to_raise_does_not_raise_at_a_number_too_large_for_float32() -> None:
    with np.errstate(all="raise"):
        assert fit(np.float32(1.0), wired(1e300)) == np.inf


@pytest.mark.parametrize("shape", [(1,), (1, 1), ()])
def test_axes_of_length_1_are_kept_as_the_student_has_them(shape: tuple[int, ...]) -> None:
    assert fit(np.zeros(shape), wired(0.25)).shape == shape
    assert tuple(fit(torch.zeros(shape), wired(0.25)).shape) == shape


def test_an_array_of_another_shape_is_replaced_by_one_of_the_right_shape() -> None:
    assert fit(np.zeros((3, 2)), wired(1.0, 2.0, shape=(2,))).tolist() == [1.0, 2.0]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
def test_a_tensor_keeps_its_dtype(dtype: torch.dtype) -> None:
    made = fit(torch.zeros(1, dtype=dtype), wired(0.25, shape=(1,)))

    assert (made.dtype, made.tolist(), made.requires_grad) == (dtype, [0.25], False)


@pytest.mark.parametrize(("number", "expected"), [(3.0, torch.uint8), (300.0, torch.float32), (0.5, torch.float32)])
def test_a_tensor_of_integers_becomes_one_of_floats_only_where_the_number_needs_it(
    number: float, expected: torch.dtype
) -> None:
    made = fit(torch.zeros((), dtype=torch.uint8), wired(number))

    assert (made.dtype, made.item()) == (expected, number)


def test_a_leaf_stays_a_leaf_that_requires_grad() -> None:
    made = fit(torch.tensor(2.0, requires_grad=True), wired(0.25))

    assert (made.item(), made.is_leaf, made.requires_grad) == (0.25, True, True)


def test_a_parameter_stays_a_parameter() -> None:
    made = fit(torch.nn.Parameter(torch.tensor(2.0)), wired(0.25))

    assert (type(made), made.item()) == (torch.nn.Parameter, 0.25)


def test_a_tensor_on_the_graph_stays_on_it() -> None:
    x = torch.tensor(3.0, requires_grad=True)

    made = fit(x * x, wired(0.25))
    made.backward()

    assert (made.item(), x.grad) == (0.25, torch.tensor(6.0))


@pytest.mark.parametrize("own", [math.inf, math.nan, 1e30])
def test_a_tensor_on_the_graph_is_replaced_exactly_whatever_stood_there(own: float) -> None:
    made = fit(torch.tensor(own, requires_grad=True) * 1, wired(0.25))

    assert (made.item(), made.requires_grad) == (0.25, True)


def test_lists_and_tuples_keep_their_type() -> None:
    assert fit([1.0, 2.0], wired(0.25, 0.5, shape=(2,))) == [0.25, 0.5]
    assert fit((1.0, 2.0), wired(0.25, 0.5, shape=(2,))) == (0.25, 0.5)
    assert fit([[1.0], [2.0]], wired(0.25, 0.5, shape=(2, 1))) == [[0.25], [0.5]]


def test_a_named_tuple_keeps_its_names() -> None:
    pair = collections.namedtuple("Pair", "x y")

    assert fit(pair(1.0, 2.0), wired(0.25, 0.5, shape=(2,))) == pair(x=0.25, y=0.5)


def test_a_list_of_arrays_stays_a_list_of_arrays() -> None:
    made = fit([np.zeros(1, dtype="f4"), np.zeros(1)], wired(0.25, 0.5, shape=(2, 1)))

    assert [(one.dtype.name, one.tolist()) for one in made] == [("float32", [0.25]), ("float64", [0.5])]


@pytest.mark.parametrize(
    ("data", "new", "expected"),
    [(2.0, wired(0.25), 0.25), (np.zeros(2), wired(0.25, 0.5, shape=(2,)), [0.25, 0.5])],
    ids=["a number", "an array"],
)
def test_an_object_with_data_is_kept_and_its_data_replaced(data: Any, new: Wired, expected: Any) -> None:
    old = Value(data)

    assert fit(old, new) is old
    assert (old.data if isinstance(old.data, float) else old.data.tolist()) == expected


def test_an_object_whose_data_cannot_be_set_is_replaced_by_a_number() -> None:
    frozen = collections.namedtuple("frozen", "data")

    class Fixed:
        data = property(lambda self: 2.0)

    assert fit(Fixed(), wired(0.25)) == 0.25
    assert fit(SimpleNamespace(data=frozen(2.0)), wired(0.25)) == 0.25


# put_in_place


def test_an_array_is_changed_in_place_so_that_other_names_see_it() -> None:
    array = np.zeros(2)
    alias = array[:]

    assert put_in_place(array, wired(0.25, 0.5, shape=(2,)))
    assert alias.tolist() == [0.25, 0.5]


def test_a_tensor_is_changed_in_place_also_where_it_requires_grad() -> None:
    leaf = torch.zeros(2, requires_grad=True)
    alias = leaf.detach()

    assert put_in_place(leaf, wired(0.25, 0.5, shape=(2,)))
    assert alias.tolist() == [0.25, 0.5]


def test_a_list_is_changed_in_place() -> None:
    items = alias = [1.0, 2.0]

    assert put_in_place(items, wired(0.25, 0.5, shape=(2,)))
    assert alias == [0.25, 0.5]


@pytest.mark.parametrize(
    "old",
    [0.5, (1.0, 2.0), np.zeros(3), np.zeros(2, dtype=int), np.broadcast_to(0.0, (2,)), torch.zeros(1).expand(2)],
    ids=["float", "tuple", "another shape", "another dtype", "read-only", "one number seen twice"],
)
def test_what_cannot_be_changed_in_place_is_left_to_be_bound_anew(old: Any) -> None:
    before = encode(old)

    assert not put_in_place(old, wired(0.25, 0.5, shape=(2,)))
    assert encode(old) == before


def test_what_holds_a_number_already_is_kept_so_that_torchs_graph_goes_through_it() -> None:
    leaf = torch.tensor([0.5, 0.25], dtype=torch.float64, requires_grad=True)
    single = np.float32(0.1)

    assert kept_or_fit(leaf, wired(0.5, 0.25, shape=(2,))) is leaf
    assert kept_or_fit(single, wired(0.1)) is single


def test_what_holds_another_number_or_has_another_shape_is_fitted() -> None:
    leaf = torch.tensor([0.5], dtype=torch.float64, requires_grad=True)
    other = kept_or_fit(leaf, wired(0.75, shape=(1,)))

    assert (other.tolist(), other.requires_grad) == ([0.75], True)
    assert kept_or_fit(leaf, wired(0.5)) is not leaf


@pytest.mark.parametrize(
    ("dtype", "expected"), [("float32", "float32"), ("bfloat16", "bfloat16"), ("float", "float64"), ("int", "float64")]
)
def test_an_input_is_said_to_be_held_in_the_float_it_was_bound_in(dtype: str, expected: str) -> None:
    held = held_as(wired(0.5, dtype=dtype), wired(0.75))

    assert (held.dtype, held.data) == (expected, wired(0.75).data)


class Logged(torch.Tensor):
    """Writes down every function that torch calls with it."""

    seen: ClassVar[list[str]] = []

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        cls.seen.append(func.__name__)
        return super().__torch_function__(func, types, args, kwargs or {})


def test_a_class_of_tensors_does_not_see_that_it_is_looked_at() -> None:
    tensor = torch.tensor([1.0, 2.0]).as_subclass(Logged)
    Logged.seen.clear()

    assert encode(tensor).data == struct.pack("<2d", 1.0, 2.0)
    assert put_in_place(tensor, wired(3.0, 4.0, shape=(2,)))
    assert Logged.seen == []


def test_what_replaces_such_a_tensor_has_its_class_and_is_a_leaf_as_well() -> None:
    tensor = torch.tensor([1.0, 2.0]).as_subclass(Logged).requires_grad_()
    made = fit(tensor, wired(3.0, 4.0, shape=(2,)))

    assert type(made) is Logged
    assert made.requires_grad
    assert made.is_leaf


# tape_or_fit


def test_a_number_on_a_tape_is_kept_where_it_has_the_given_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Value, "__module__", "__main__")
    own = Value(2.0)

    assert tape_or_fit(own, wired(2.0)) is own
    assert tape_or_fit(own, wired(3.0)) == 3.0
    assert tape_or_fit(None, wired(2.0)) == 2.0
