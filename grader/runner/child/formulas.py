"""Scaling of torch's derivative formulas where they are used without any of its functions for differentiating.

`y.grad_fn(g)` evaluates one formula; an engine may be created beside the usual one, or run from inside TorchScript; the
formulas exist as operations (`torch.ops.aten.tanh_backward`), some of them also in Python (`torch._decomp`); dual
tensors carry a tangent through every operation.
While `Formulas` is active, each of these returns its derivatives multiplied, as in `child.tape`.

The results of operations that are called from Python stay unscaled, also during a run of the engine: those in hooks,
and in `backward` and `jvp` of the student's functions.
"""

from __future__ import annotations

import contextlib
import sys
from typing import Any

from grader.runner.child.tape import Factors, is_written

_BACKWARD = "_backward"
_OF_TORCH = ("aten", "prims")
"""The packages of torch's own operations."""

_ALL_KNOWN = 1 << 62
"""Placeholder for the number of an engine run. No run has a higher number, so none inside it counts as unknown."""

_DERIVING = ("aten::grad(", "aten::backward(")


class Formulas:
    """The two torch modes that see every operation: one as it is called from Python, one as it is executed."""

    def __init__(self, torch: Any, factors: Factors) -> None:
        self._torch, self._factors = torch, factors
        self._tasks = [-1]  # the engine run in which the innermost operation was called from Python
        self._home = str(torch.__file__).rpartition("__init__")[0]
        self._called, self._carried_out = self._calls(), self._operations()
        self._undo = contextlib.ExitStack()

    def __enter__(self) -> Formulas:
        self._undo = contextlib.ExitStack()
        with contextlib.suppress(Exception):
            self._script()
        with contextlib.suppress(Exception):
            self._called_past_the_modes()
        self._undo.enter_context(self._called)
        self._undo.enter_context(self._carried_out)
        return self

    def __exit__(self, *_: object) -> None:
        self._undo.close()

    @contextlib.contextmanager
    def engine_runs(self) -> Any:
        """Context for an engine run started by a patched function of torch's: hooks in it count as called from
        Python."""
        self._tasks.append(_ALL_KNOWN)
        try:
            with self._called:
                yield
        finally:
            self._tasks.pop()

    def given(self, value: Any) -> Any:
        """The result of a formula, multiplied."""
        with self._torch._C.DisableTorchFunction():
            if isinstance(value, tuple | list):
                return type(value)(map(self.given, value))
            return self._factors.times(self._torch, value)

    def node(self, node: Any) -> Any:
        """A node whose formula gives multiplied results, if it is torch's own; the student's nodes stay as they are."""
        return node if node is None or is_written(self._torch, node) else Node(node, self)

    def _current(self) -> int:
        return int(self._torch._C._current_graph_task_id())

    def _calls(self) -> Any:
        mine = self

        class Calls(self._torch.overrides.TorchFunctionMode):  # type: ignore[misc, name-defined]
            def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
                mine._tasks.append(mine._current())
                try:
                    made = function(*args, **(kwargs or {}))
                finally:
                    mine._tasks.pop()
                return mine._handed_out(function, args, made)

        return Calls()

    def _operations(self) -> Any:
        mine = self

        class Operations(self._torch.utils._python_dispatch.TorchDispatchMode):  # type: ignore[misc, name-defined]
            @classmethod
            def _should_skip_dynamo(cls) -> bool:
                return False  # skipping it would import dynamo, which takes seconds

            def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
                with mine._torch._C.DisableTorchFunction():
                    made = function(*args, **(kwargs or {}))
                    schema = function._schema
                    of_torch = _is_formula(schema.name)
                    if not of_torch and not mine._is_the_engines():
                        return made
                    if any(one.alias_info is not None for one in (*schema.arguments, *schema.returns)):
                        return mine._written(made) if of_torch else made
                    return mine.given(made)

        return Operations()

    def _written(self, made: Any) -> Any:
        """The result of a formula that was written into a tensor of the student's (`grad_input=buffer`), multiplied."""
        for one in made if isinstance(made, tuple | list) else (made,):
            if isinstance(one, self._torch.Tensor):
                one.copy_(self.given(one))
        return made

    def _is_the_engines(self) -> bool:
        """Whether an engine executes the current operation that was not started by a patched function."""
        return self._current() > self._tasks[-1]

    def _handed_out(self, function: Any, args: Any, made: Any) -> Any:
        name = getattr(function, "__name__", "")
        if self._is_in_a_formula():
            return self.given(made)
        if name == "__get__" and args and type(made).__name__.endswith("Backward0"):
            return made if self._is_asked_by_torch() else self.node(made)
        if name not in ("_make_dual", "_unpack_dual", "__get__") and self._has_duals(args):
            with contextlib.suppress(Exception):
                return self._tangents(made)
        return made

    def _is_in_a_formula(self) -> bool:
        """Whether one of torch's formulas that are written in Python calls the operation."""
        code = sys._getframe(3).f_code
        return _BACKWARD in code.co_name and code.co_filename.startswith(f"{self._home}_decomp")

    def _is_asked_by_torch(self) -> bool:
        return sys._getframe(3).f_code.co_filename.startswith(self._home)

    def _has_duals(self, args: Any) -> bool:
        level = self._torch.autograd.forward_ad._current_level
        if level < 0:
            return False
        return any(self._tangent(one) is not None for one in _flat(args))

    def _tangent(self, value: Any) -> Any:
        if not isinstance(value, self._torch.Tensor):
            return None
        with self._torch._C.DisableTorchFunction(), contextlib.suppress(Exception):
            return self._torch.autograd.forward_ad.unpack_dual(value).tangent
        return None

    def _tangents(self, made: Any) -> Any:
        if isinstance(made, tuple | list):
            return type(made)(map(self._tangents, made))
        tangent = self._tangent(made)
        if tangent is None:
            return made
        with self._torch._C.DisableTorchFunction():
            ad = self._torch.autograd.forward_ad
            primal = ad.unpack_dual(made).primal
            tangent = self._factors.times(self._torch, tangent)
            return self._torch._VF._make_dual(primal, tangent, level=ad._current_level)

    def _called_past_the_modes(self) -> None:
        """Patch calls of operations: no mode sees those in the implementation of another one, and those that are
        redispatched."""
        ops = self._torch._ops
        for kind, name in (
            (ops.OpOverload, "__call__"),
            (ops.OpOverload, "redispatch"),
            (ops.OpOverloadPacket, "__call__"),
        ):
            called = getattr(kind, name)

            def derives(operation: Any, /, *args: Any, _called: Any = called, **kwargs: Any) -> Any:
                made = _called(operation, *args, **kwargs)
                if not _is_formula(str(operation)):
                    return made
                return self._written(made) if any(made is one for one in kwargs.values()) else self.given(made)

            setattr(kind, name, derives)
            self._undo.callback(setattr, kind, name, called)

    def _script(self) -> None:
        """Patch calls of TorchScript functions, which return derivatives if their graph differentiates."""
        for kind in (self._torch._C.ScriptFunction, self._torch._C.ScriptMethod):
            called = kind.__call__

            def derives(script: Any, *args: Any, _called: Any = called, **kwargs: Any) -> Any:
                made = _called(script, *args, **kwargs)
                graph = str(getattr(script, "inlined_graph", None) or script.graph)
                return self.given(made) if any(one in graph for one in _DERIVING) else made

            kind.__call__ = derives
            self._undo.callback(setattr, kind, "__call__", called)


def _is_formula(operation: str) -> bool:
    """Whether an operation is one of torch's formulas; a student may register one of that name."""
    return _BACKWARD in operation and operation.startswith(_OF_TORCH)


class Node:
    """A graph node with a formula of torch's own, for the student to call."""

    def __init__(self, node: Any, formulas: Formulas) -> None:
        self._node, self._formulas = node, formulas

    def __call__(self, *args: Any) -> Any:
        return self._formulas.given(self._node(*args))

    @property
    def next_functions(self) -> Any:
        return tuple((self._formulas.node(one), place) for one, place in self._node.next_functions)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._node, name)

    def __eq__(self, other: object) -> bool:
        return bool(self._node == (other._node if isinstance(other, Node) else other))

    def __hash__(self) -> int:
        return hash(self._node)


def _flat(args: Any) -> Any:
    for one in args:
        if isinstance(one, tuple | list):
            yield from _flat(one)
        else:
            yield one
