"""Libraries a submission imports, set up for judging: float64, one thread, and autograd that can be scaled.

Scaling is how a step that was taken from autograd is told from one that was derived: multiply every gradient
autograd hands out, and see which steps move. Comparing against autograd moves nothing.
"""

from __future__ import annotations

import contextlib
import random
import sys
from typing import Any


class Libraries:
    """What has been set up so far, and whether autograd was used since the start of the run."""

    def __init__(self) -> None:
        self.ready: set[str] = set()
        self.scale = 1.0
        self.autograd_used = False

    def imported(self) -> None:
        """Called after every import of the student's."""
        if "numpy" in sys.modules and "numpy" not in self.ready and hasattr(sys.modules["numpy"], "random"):
            self.ready.add("numpy")
            with contextlib.suppress(Exception):
                sys.modules["numpy"].random.seed(0)
        if "torch" in sys.modules and "torch" not in self.ready and hasattr(sys.modules["torch"], "autograd"):
            self.ready.add("torch")
            self._torch(sys.modules["torch"])
        if "jax" in sys.modules and "jax" not in self.ready:
            self.ready.add("jax")
            with contextlib.suppress(Exception):
                sys.modules["jax"].config.update("jax_enable_x64", True)

    def start(self, scale: float) -> None:
        """The same start for every run: random numbers, default dtype, use of autograd."""
        self.scale, self.autograd_used = scale, False
        random.seed(0)
        with contextlib.suppress(Exception):
            if "numpy" in sys.modules:
                sys.modules["numpy"].random.seed(0)
            if "torch" in self.ready:
                torch = sys.modules["torch"]
                torch.manual_seed(0)
                torch.set_default_dtype(torch.float64)
                torch.set_grad_enabled(True)

    def _torch(self, torch: Any) -> None:
        with contextlib.suppress(Exception):
            torch.set_default_dtype(torch.float64)
            torch.set_num_threads(1)
        with contextlib.suppress(AttributeError):
            self._scaled_engine(torch.autograd)
            self._scaled_duals(torch.autograd.forward_ad)

    def _scaled_engine(self, autograd: Any) -> None:
        # Every reverse-mode route (backward, grad, jacobian, torch.func) ends in this one call.
        engine = autograd._engine_run_backward

        def run(outputs: Any, grads: Any, *rest: Any, **options: Any) -> Any:
            self.autograd_used = True
            if self.scale != 1.0:
                grads = tuple(None if grad is None else grad * self.scale for grad in grads)
            return engine(outputs, grads, *rest, **options)

        autograd._engine_run_backward = run

    def _scaled_duals(self, forward_ad: Any) -> None:
        make = forward_ad.make_dual

        def make_dual(tensor: Any, tangent: Any, **options: Any) -> Any:
            self.autograd_used = True
            return make(tensor, tangent * self.scale if self.scale != 1.0 else tangent, **options)

        forward_ad.make_dual = make_dual
