"""Trees made by several threads at once."""

from __future__ import annotations

import gc
import threading
import time

from grader.trees import tree_of

SOURCE = "x = " + "+".join(["(a*b*b*b)"] * 60) + "\n"


def test_several_threads_may_make_trees_at_once() -> None:
    """What Python does when it looks for garbage, in the midst of a tree, lets other threads have their turn."""
    failed: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(20):
                tree_of(SOURCE)
        except BaseException as error:
            failed.append(error)

    def give_way(*_: object) -> None:
        time.sleep(0.0001)

    threads = [threading.Thread(target=work) for _ in range(4)]
    before = gc.get_threshold()
    gc.callbacks.append(give_way)
    gc.set_threshold(50)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(give_way)

    assert failed == []
