"""Conversion between a student's objects and raw numbers, in both directions, trusting neither side.

NumPy, torch and JAX are never imported here: a student cannot hold an object of a library that is not in `sys.modules`.
"""

from __future__ import annotations

import contextlib
import math
import sys
from collections import deque
from struct import pack, unpack  # by name: a submission may put other functions into the module
from typing import Any

from grader.runner.child.limits import TimeLimit
from grader.runner.wire import MAX_DIMENSIONS, NUMBERS, OBJECT, PLACEHOLDER, TEXT, TOO_LARGE, Wired

MAX_NUMBERS = 1_000_000

_TEXTS = (str, bytes)

_DTYPES = {
    "float64": "float64",
    "float32": "float32",
    "float16": "float16",
    "bfloat16": "bfloat16",
    "bool": "bool",
}


def encode(value: Any) -> Wired:
    """Encode the value of a name, as numbers where possible. Exceptions of the value's own methods are caught."""
    try:
        wired = _encode(value)
        return wired if wired.form != NUMBERS or not wired.shape or _fits(wired) else _other(TOO_LARGE, value)
    except TimeLimit:
        raise
    except BaseException:
        return _other(OBJECT, value)


def _fits(wired: Wired) -> bool:
    """Whether the value is within the limits of the protocol. An object may report any shape."""
    size = 8 * math.prod(wired.shape)
    if size != len(wired.data):
        raise ValueError("an object that lies about its size")
    return len(wired.shape) <= MAX_DIMENSIONS and math.prod(max(1, n) for n in wired.shape) <= MAX_NUMBERS


def _encode(value: Any) -> Wired:
    kind = type(value)
    if kind is float:
        return Wired(NUMBERS, "float", (), pack("<d", value))
    if kind is bool or kind is int:
        return Wired(NUMBERS, "bool" if kind is bool else "int", (), pack("<d", value))
    if value is None or value is Ellipsis:
        return _other(PLACEHOLDER, value)
    if isinstance(value, _TEXTS):
        return _other(TEXT, value)
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    if torch is not None and isinstance(value, torch.Tensor):
        if kind is torch.Tensor and value.dtype is torch.float64 and not value.dim():  # the most frequent case
            return Wired(NUMBERS, "float64", (), pack("<d", value.item()))
        with unseen_by_its_class():
            return _tensor(torch, value)
    if numpy is not None and isinstance(value, numpy.ndarray | numpy.generic):
        return _array(numpy, value)
    if isinstance(value, list | tuple | deque):
        return _nested(value)
    if isinstance(value, dict | set | frozenset | type) or callable(value):
        return _other(OBJECT, value)
    if hasattr(value, "__array__") and numpy is not None:
        return _array(numpy, numpy.asarray(value))
    inner = getattr(value, "data", None)  # an autograd teaching class: Value(data, grad)
    if isinstance(inner, float | int) or (numpy is not None and isinstance(inner, numpy.ndarray | numpy.generic)):
        return _encode(inner)
    if hasattr(kind, "__float__"):
        return Wired(NUMBERS, "float", (), pack("<d", float(value)))
    return _other(OBJECT, value)


def unseen_by_its_class() -> contextlib.AbstractContextManager[object]:
    """Context in which torch calls no `__torch_function__` of a tensor's class: the submission may have written it, and
    it would run for each of our own operations. Results are plain tensors there."""
    torch = sys.modules.get("torch")
    return contextlib.nullcontext() if torch is None else torch._C.DisableTorchFunctionSubclass()


def as_kind_of(old: Any, made: Any) -> Any:
    """A plain tensor in the class of `old`, where that is a class of its own."""
    torch = sys.modules.get("torch")
    if torch is None or type(made) is not torch.Tensor or type(old) in (torch.Tensor, torch.nn.Parameter):
        return made
    return made.as_subclass(type(old)) if isinstance(old, torch.Tensor) else made


def _other(form: int, value: Any) -> Wired:
    # Not type(value).__name__, which a metaclass can override.
    name = str(type.__dict__["__name__"].__get__(type(value)))
    return Wired(form, "float64", (), name.encode("utf-8", "replace")[:100])


def _tensor(torch: Any, value: Any) -> Wired:
    if value.is_complex() or value.numel() > MAX_NUMBERS:
        return _other(OBJECT if value.is_complex() else TOO_LARGE, value)
    dtype = str(value.dtype).removeprefix("torch.")
    dense = value.detach().to(device="cpu", dtype=torch.float64).contiguous().reshape(-1)
    data = pack(f"<{dense.numel()}d", *dense.tolist()) if dense.numel() < 64 else _bytes_of(dense)
    other = "float64" if value.is_floating_point() else "int"
    return Wired(NUMBERS, _DTYPES.get(dtype, other), tuple(value.shape), data)


def _bytes_of(dense: Any) -> bytes:
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return pack(f"<{dense.numel()}d", *dense.tolist())
    return bytes(dense.numpy().astype("<f8", copy=False).tobytes())


def _array(numpy: Any, value: Any) -> Wired:
    if value.dtype.kind not in "fiub" or value.size > MAX_NUMBERS:
        if value.dtype == object and value.size <= MAX_NUMBERS:
            return _array(numpy, value.astype("f8"))
        return _other(TOO_LARGE if value.size > MAX_NUMBERS else OBJECT, value)
    dtype = _DTYPES.get(value.dtype.name, "float64" if value.dtype.kind == "f" else "int")
    return Wired(NUMBERS, dtype, tuple(value.shape), numpy.asarray(value, dtype="<f8").tobytes())


def _nested(value: Any) -> Wired:
    """Encode a list of numbers, or of arrays of one shape, as one array."""
    if not value or len(value) > MAX_NUMBERS:
        return _other(OBJECT, value)
    if _extent(value) > MAX_NUMBERS:
        return _other(TOO_LARGE, value)
    parts: list[Wired] = []
    shape: tuple[int, ...] | None = None
    for one in value:
        part = _encode(one)
        if part.form == NUMBERS and shape is None:
            shape = part.shape
        # Stop at the first mismatch: a list of lists of lists may be far longer than it looks.
        if part.form not in (NUMBERS, PLACEHOLDER) or (part.form == NUMBERS and part.shape != shape):
            return _other(OBJECT, value)
        parts.append(part)
    if shape is None:
        return _other(OBJECT, value)
    parts = _without_blanks(parts)
    if sum(len(part.data) for part in parts) > 8 * MAX_NUMBERS:
        return _other(TOO_LARGE, value)
    dtype = "tuple" if type(value) is tuple and len(parts) == 1 else parts[0].dtype
    return Wired(NUMBERS, dtype, (len(parts), *parts[0].shape), b"".join(part.data for part in parts))


def _extent(value: Any) -> int:
    """Count of numbers in a nested list, estimated from the first element of each list."""
    size, depth = 1, 0
    while isinstance(value, list | tuple | deque) and value:
        size, depth = size * len(value), depth + 1
        if size > MAX_NUMBERS or depth > MAX_DIMENSIONS:
            return MAX_NUMBERS + 1
        value = next((one for one in value if one is not None), None)
    return size


def _without_blanks(parts: list[Wired]) -> list[Wired]:
    """In `[None, a1, a2]`, replace elements that are not filled in yet by NaN, and keep the others."""
    model = next((part for part in parts if part.form == NUMBERS), None)
    if model is None:
        return parts
    blank = model._replace(data=pack("<d", float("nan")) * (len(model.data) // 8))
    return [blank if part.form == PLACEHOLDER else part for part in parts]


def numbers_of(value: Wired) -> tuple[float, ...]:
    return unpack(f"<{len(value.data) // 8}d", value.data)


def fit(old: Any, new: Wired, whole: bool = False) -> Any:
    """Convert `new` to the type, dtype and requires_grad of `old`, and to its shape where the two differ only in axes
    of size 1, unless `whole`: then it keeps its own shape.

    Without a model (None), a number becomes a float, and an array one of the loaded library; both of integers where
    `new` is. The same where the type of `old` cannot be constructed."""
    try:
        made = _fit(old, new)
        return made.reshape(new.shape) if whole and hasattr(made, "reshape") else made
    except TimeLimit:
        raise
    except BaseException:
        return _fit(None, new)


def laid_out(own: Wired, given: Wired, new: Wired) -> Wired:
    """`new`, transposed where `own` is laid out as the transpose of `given`: by its shape, or where that is square, by
    its numbers."""
    if own.form != NUMBERS or len(new.shape) != 2 or len(own.shape) != 2 or own.shape != new.shape[::-1]:
        return new
    if 1 in new.shape:
        return new
    if own.shape == new.shape and (close(own, given) or not close(own, _transposed(given))):
        return new
    return _transposed(new)


def _transposed(matrix: Wired) -> Wired:
    rows, columns = matrix.shape
    numbers = numbers_of(matrix)
    turned = [numbers[row * columns + column] for column in range(columns) for row in range(rows)]
    return matrix._replace(shape=(columns, rows), data=pack(f"<{len(turned)}d", *turned))


def kept_or_fit(old: Any, new: Wired) -> Any:
    """`old` itself where it has the value of `new`, since other names may share it, and torch's graph may go through
    it; otherwise `new`, converted like `old`."""
    own = encode(old)
    return old if own.shape == new.shape and close(own, new) else fit(old, new)


def tape_or_fit(old: Any, new: Wired) -> Any:
    """`old` itself where it is an object of an autograd teaching class with the value of `new`, as its derivative may
    be asked for; otherwise `new`."""
    return old if _is_on_tape(old) and close(encode(old), new) else fit(None, new)


def _is_on_tape(value: Any) -> bool:
    try:
        return type(value).__module__ == "__main__" and hasattr(value, "data") and hasattr(value, "grad")
    except TimeLimit:
        raise
    except BaseException:
        return False


def held_as(old: Wired, new: Wired) -> Wired:
    """`new`, labelled with the dtype of `old` where that is a smaller float."""
    return new._replace(dtype=old.dtype) if old.dtype in ("float32", "float16", "bfloat16") else new


def _fit(old: Any, new: Wired) -> Any:
    numbers: tuple[float, ...] = numbers_of(new)
    if new.dtype == "int" and all(number.is_integer() for number in numbers):
        numbers = tuple(map(int, numbers))
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    if torch is not None and isinstance(old, torch.Tensor):
        with unseen_by_its_class():
            return _fit_tensor(torch, old, numbers, new.shape)
    if numpy is not None and isinstance(old, numpy.ndarray | numpy.generic):
        return _fit_array(numpy, old, numbers, new.shape)
    if isinstance(old, list | tuple | deque) and (new.shape or (len(old) == 1 and not isinstance(old, tuple))):
        made = _listed(list(numbers), _shape(_nested(old).shape, new.shape) or (1,))
        return _like_items(old, made) if len(old) == len(made) else _listed_as(old, made)
    jax = sys.modules.get("jax")
    if jax is not None and isinstance(old, jax.Array):
        return jax.numpy.asarray(numbers, dtype=old.dtype).reshape(_shape(tuple(old.shape), new.shape))
    inner = getattr(old, "data", None)
    if isinstance(inner, float | int) or (numpy is not None and isinstance(inner, numpy.ndarray | numpy.generic)):
        old.data = _fit(inner, new)
        return old
    if not new.shape:
        return _fit_number(old, numbers[0])
    return _plain(torch, numpy, numbers, new.shape)


def _plain(torch: Any, numpy: Any, numbers: tuple[float, ...], shape: tuple[int, ...]) -> Any:
    whole = all(isinstance(number, int) for number in numbers)
    if torch is not None and "torch" in (_spoken or _asked):
        return torch.tensor(numbers, dtype=torch.int64 if whole else torch.get_default_dtype()).reshape(shape)
    if numpy is not None:
        return numpy.array(numbers, dtype="i8" if whole else "f8").reshape(shape)
    return _listed(list(numbers), shape)


_asked: set[str] = set()
"""Libraries that the submission itself imports; torch may be loaded without the submission asking for it."""


_spoken: set[str] = set()
"""Libraries that the code called next is written for; where known, these take precedence over the imports."""


def prefer(libraries: set[str]) -> None:
    _asked.update(libraries)


def speak(libraries: set[str]) -> None:
    """From now on, new arrays are made with one of `libraries`; if there are none, with one of the imported ones."""
    _spoken.clear()
    _spoken.update(libraries)


def _fit_number(old: Any, number: float) -> Any:
    if isinstance(old, int) and not isinstance(old, bool) and number.is_integer():
        return int(number)
    if old is None and isinstance(number, int):
        return number
    if old is None and "torch" in (_spoken or _asked) and "torch" in sys.modules:
        return sys.modules["torch"].tensor(number, dtype=sys.modules["torch"].get_default_dtype())
    kind = type(old)
    if kind not in (float, int, bool) and hasattr(kind, "__float__"):  # a Fraction, a Decimal, a number of sympy's
        made = kind(number)
        return made if float(made) == number else number
    return number


def _shape(old: tuple[int, ...], new: tuple[int, ...]) -> tuple[int, ...]:
    def without_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(size for size in shape if size != 1)

    return old if without_ones(old) == without_ones(new) else new


def _fit_tensor(torch: Any, old: Any, numbers: tuple[float, ...], shape: tuple[int, ...]) -> Any:
    exact = torch.tensor(numbers, dtype=torch.float64)
    made = exact.to(old.dtype)
    if not (made.is_floating_point() or made.is_complex()) and made.tolist() != list(numbers):
        made = exact.to(torch.get_default_dtype())
    made = as_kind_of(old, made.reshape(_shape(tuple(old.shape), shape)))
    if isinstance(old, torch.nn.Parameter):
        return torch.nn.Parameter(made, requires_grad=old.requires_grad)
    if old.requires_grad and not old.is_leaf and made.shape == old.shape:
        # The right number, still connected to the student's graph; where the difference is not finite, add 0.
        nothing = old - old.detach()
        return as_kind_of(old, made + torch.where(nothing.isnan(), 0.0, nothing))
    return made.requires_grad_() if old.requires_grad else made


def _fit_array(numpy: Any, old: Any, numbers: tuple[float, ...], shape: tuple[int, ...]) -> Any:
    made = exact = numpy.array(numbers, dtype="f8")
    if old.dtype.kind in "fciubO":
        with numpy.errstate(all="ignore"):
            made = exact.astype(old.dtype)
        if old.dtype.kind in "iub" and made.tolist() != list(numbers):
            made = exact
    made = made.reshape(_shape(old.shape, shape))
    if isinstance(old, numpy.generic):
        return made.reshape(())[()] if made.size == 1 else made
    return made.view(type(old)) if type(old) is not numpy.ndarray else made


def _listed(flat: list[float], shape: tuple[int, ...]) -> Any:
    if not shape:
        return flat[0]
    step = len(flat) // shape[0] if shape[0] else 0
    return [_listed(flat[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])]


def _like_items(old: Any, made: list[Any]) -> Any:
    """A list of arrays stays a list of arrays."""
    items = []
    for before, after in zip(old, made, strict=True):
        wired = _nested(after) if isinstance(after, list) else _encode(after)
        items.append(before if before is None or before is Ellipsis else fit(before, wired))
    return _listed_as(old, items)


def _listed_as(old: Any, items: list[Any]) -> Any:
    kind = type(old)
    if kind is list:
        return items
    return kind._make(items) if hasattr(kind, "_make") else kind(items)


def put_in_place(old: Any, new: Wired) -> bool:
    """Write `new` into `old`, where that is an array that other names may share. False where that is impossible."""
    try:
        with unseen_by_its_class():
            return _put_in_place(old, fit(old, new))
    except TimeLimit:
        raise
    except BaseException:  # an array that is read-only
        return False


def _put_in_place(old: Any, made: Any) -> bool:
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    if numpy is not None and isinstance(old, numpy.ndarray) and old.shape == made.shape and old.dtype == made.dtype:
        old[...] = made
        return True
    if torch is not None and isinstance(old, torch.Tensor) and old.shape == made.shape and old.dtype == made.dtype:
        with torch.no_grad():
            old.copy_(made)
        return True
    if isinstance(old, list) and isinstance(made, list):
        old[:] = made
        return True
    if isinstance(old, deque) and isinstance(made, deque):
        old.clear()
        old.extend(made)
        return True
    return False


def close(left: Wired, right: Wired) -> bool:
    """Whether `left` equals `right`, perhaps rounded to float32, regardless of shape.

    Compared exactly: a student's `w + 1e-6` in a difference quotient is not w."""
    if left.form != NUMBERS or right.form != NUMBERS or len(left.data) != len(right.data):
        return False
    pairs = zip(numbers_of(left), numbers_of(right), strict=True)
    return all(a == b or (abs(b) < 3e38 and a == unpack("<f", pack("<f", b))[0]) for a, b in pairs)
