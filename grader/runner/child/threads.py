"""A submission's threads run in the one that starts them, before it goes on.

The isolation modes let no process start a thread, and where threads are possible, another one would be watched by
nothing: what a run disturbs is set for one thread (`formulas`), and the grader is asked about one binding at a time.
A daemon thread, which may never end by itself, runs once it is joined.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from threading import Thread, get_ident  # by name: a fork gives the module new locks (`fault.IntegritySnapshot`)
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import Future

_STARTING_FOR_IT = frozenset({"asyncio.base_events", "multiprocessing.dummy"})
"""Modules that start threads in place of the submission."""

_STARTS: Callable[[Thread], None] = Thread.start


def run_threads_at_once(is_own: Callable[[FrameType], bool]) -> None:
    """Make it so for threads that the submission's own code starts; `is_own` tells whether a frame is of that. A second
    call does nothing."""
    if Thread.start is not _STARTS:
        return
    low_level: Any = sys.modules["_thread"]
    starts_low = low_level.start_new_thread

    def start(thread: Thread) -> None:
        caller = sys._getframe(1)
        if not is_own(caller) and caller.f_globals.get("__name__") not in _STARTING_FOR_IT:
            _STARTS(thread)
        elif thread.ident is not None:
            raise RuntimeError("threads can only be started once")
        elif thread.daemon:
            _started(thread)
            vars(thread).update(is_alive=lambda: True, join=lambda timeout=None: _run(thread))
        else:
            _run(thread)

    def start_new_thread(function: Callable[..., Any], args: Any = (), kwargs: Any = None) -> int:
        if not is_own(sys._getframe(1)):
            return int(starts_low(function, args, kwargs or {}))
        thread = Thread(target=function, args=args, kwargs=kwargs)
        _run(thread)
        return thread.ident or 0

    patched: Any = Thread
    patched.start = start
    vars(low_level).update(start_new_thread=start_new_thread, start_new=start_new_thread)


def _started(thread: Any) -> None:
    thread._ident = get_ident()
    thread._started.set()


def _run(thread: Any) -> None:
    _started(thread)
    vars(thread).update(is_alive=lambda: False, join=lambda timeout=None: None)
    active: dict[int, Thread] = vars(sys.modules["threading"])["_active"]
    before = active.get(thread.ident)
    active[thread.ident] = thread
    try:
        thread.run()
    except SystemExit:
        return
    except Exception:
        thread._invoke_excepthook(thread)
    finally:
        if before is not None:
            active[thread.ident] = before


def submit_at_once(executors: Any) -> None:
    """The same for the executors of `concurrent.futures.thread`."""

    def submit(executor: Any, function: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        if executor._shutdown:
            raise RuntimeError("cannot schedule new futures after shutdown")
        prepare = vars(executor).pop("_initializer", None)
        if prepare is not None:
            prepare(*executor._initargs)
        return _done(function, args, options)

    executors.ThreadPoolExecutor.submit = submit


def _done(function: Callable[..., Any], args: Iterable[Any], options: Mapping[str, Any]) -> Future[Any]:
    from concurrent.futures import Future  # imported here: it takes longer than everything else a child begins with

    future = Future[Any]()
    future.set_running_or_notify_cancel()
    try:
        future.set_result(function(*args, **options))
    except Exception as error:
        future.set_exception(error)
    return future


def map_at_once(pools: Any) -> None:
    """The same for the thread pools of `multiprocessing.pool`."""
    for name, method in vars(_Pool).items():
        if name not in ("__dict__", "__weakref__", "__module__", "__doc__"):
            setattr(pools.ThreadPool, name, method)


class _Pool:
    """The methods of such a pool."""

    _state = "CLOSE"

    def __init__(self, processes: Any = None, initializer: Any = None, initargs: Iterable[Any] = ()) -> None:
        if initializer is not None:
            initializer(*initargs)

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, *_: object) -> None: ...

    def close(self) -> None: ...

    terminate = join = close

    def apply(self, function: Any, args: Iterable[Any] = (), options: Mapping[str, Any] | None = None) -> Any:
        return function(*args, **(options or {}))

    def map(self, function: Any, given: Iterable[Any], chunksize: Any = None) -> list[Any]:
        return list(map(function, given))

    def imap(self, function: Any, given: Iterable[Any], chunksize: Any = None) -> Iterator[Any]:
        return map(function, given)

    imap_unordered = imap

    def starmap(self, function: Any, given: Iterable[Any], chunksize: Any = None) -> list[Any]:
        return [function(*one) for one in given]

    def apply_async(
        self,
        function: Any,
        args: Iterable[Any] = (),
        options: Mapping[str, Any] | None = None,
        callback: Any = None,
        error_callback: Any = None,
    ) -> _Result:
        done = _done(function, args, options or {})
        error = done.exception()
        if error is None and callback is not None:
            callback(done.result())
        if error is not None and error_callback is not None:
            error_callback(error)
        return _Result(done)

    def map_async(self, function: Any, given: Iterable[Any], chunksize: Any = None) -> _Result:
        return _Result(_done(self.map, (function, given), {}))

    def starmap_async(self, function: Any, given: Iterable[Any], chunksize: Any = None) -> _Result:
        return _Result(_done(self.starmap, (function, given), {}))


class _Result:
    """What the methods of a pool return that do not wait."""

    def __init__(self, done: Future[Any]) -> None:
        self._done = done

    def get(self, timeout: float | None = None) -> Any:
        return self._done.result()

    def wait(self, timeout: float | None = None) -> None: ...

    def ready(self) -> bool:
        return True

    def successful(self) -> bool:
        return self._done.exception() is None
