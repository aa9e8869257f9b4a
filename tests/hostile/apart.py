"""Work done in a fork, so that what it takes can be told from what was taken before."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable


def apart(work: Callable[[], object]) -> tuple[str, float, float]:
    """What `work` gives, in a process of its own; its seconds of CPU, and its most MiB beyond what it began with."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        try:
            with open("/proc/self/statm", encoding="ascii") as file:
                before = int(file.read().split()[1]) * resource.getpagesize()
            began = time.process_time()
            told = repr(work())
            took = time.process_time() - began
            most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before / 1024 / 1024
        except BaseException as error:
            told, took, most = f"{type(error).__name__}: {error}", 0.0, 0.0
        os.write(writing, f"{took} {most} {told[:4000]}".encode("utf-8", "backslashreplace"))
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as file:
        seconds, mebibytes, told = file.read().decode().split(" ", 2)
    os.waitpid(child, 0)
    return told, float(seconds), float(mebibytes)
