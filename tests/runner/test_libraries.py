"""What is done around the libraries of a submission."""

from __future__ import annotations

import gc

from grader.runner.child.libraries import importing


def test_nothing_is_looked_through_for_garbage_while_libraries_are_imported_nor_what_they_made_afterwards() -> None:
    before = gc.get_freeze_count()
    try:
        with importing():
            during, made = gc.isenabled(), [[] for _ in range(1000)]
        frozen = gc.get_freeze_count() - before
    finally:
        gc.unfreeze()

    assert (during, gc.isenabled()) == (False, True)
    assert frozen > len(made)
