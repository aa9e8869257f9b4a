"""Run code written for an accelerator on the CPU where there is none: `.cuda()`, `.to("mps")`, `device="cuda:0"`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

KINDS = frozenset({"cuda", "mps", "xpu"})

Note = Callable[[str], None]


@contextlib.contextmanager
def on_cpu(note: Note) -> Iterator[None]:
    """Context in which torch uses the CPU in place of any accelerator; `note` gets the kind that was asked for."""
    torch = sys.modules.get("torch")
    if torch is None or torch.cuda.is_available():
        yield
        return
    with contextlib.ExitStack() as stack:
        for module, name, made in _replaced(torch, note):
            stack.callback(setattr, module, name, getattr(module, name))
            setattr(module, name, made)
        stack.enter_context(_mode(torch, note))
        yield


def _mode(torch: Any, note: Note) -> Any:
    """A mode that intercepts every torch call and replaces the devices among its arguments."""
    move = {torch.Tensor.cuda, torch.Tensor.xpu}

    class OnCpu(torch.overrides.TorchFunctionMode):  # type: ignore[misc]  # torch is no module the child may import
        def __torch_function__(
            self,
            function: Any,
            types: object,
            arguments: tuple[Any, ...] = (),
            options: Mapping[str, Any] | None = None,
        ) -> Any:
            if function in move:
                note("cuda")
                return arguments[0]
            named = dict(options or {})
            if "device" in named:
                named["device"] = _cpu(torch, named["device"], note)
            if any(_kind(torch, one) for one in arguments[1:]):
                arguments = (arguments[0], *(_cpu(torch, one, note) for one in arguments[1:]))
            return function(*arguments, **named)

    return OnCpu()


def _kind(torch: Any, device: object) -> str | None:
    """The accelerator that a value names; None for anything else."""
    if type(device) is not str and not isinstance(device, torch.device):
        return None
    kind = str(device).partition(":")[0]
    return kind if kind in KINDS else None


def _cpu(torch: Any, device: Any, note: Note) -> Any:
    kind = _kind(torch, device)
    if kind is None:
        return device
    note(kind)
    return "cpu"


def _replaced(torch: Any, note: Note) -> Iterator[tuple[Any, str, Any]]:
    """Replacements for functions the mode does not see, since they are not tensor operations."""
    set_device, set_type, generator = torch.set_default_device, torch.set_default_tensor_type, torch.Generator
    yield torch, "set_default_device", lambda device: set_device(_cpu(torch, device, note))
    yield torch, "Generator", lambda device="cpu": generator(_cpu(torch, device, note))
    yield (
        torch,
        "set_default_tensor_type",
        lambda kind: set_type(kind.replace("cuda.", "") if isinstance(kind, str) else kind),
    )
    for kind in ("cuda", "mps"):
        module = getattr(torch, kind, None)
        for name in ("synchronize", "empty_cache", "manual_seed", "manual_seed_all", "seed", "set_device"):
            if hasattr(module, name):
                yield module, name, _nothing  # no note: `torch.manual_seed` calls these too, and nothing is lost


def _nothing(*_: object, **__: object) -> None:
    """Do nothing, in place of a function that acts on an accelerator alone."""
