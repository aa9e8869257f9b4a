"""Find the student that a name on the command line means: by key, or by the displayed name."""

from __future__ import annotations

from grader.batch.store import Store
from grader.errors import UsageError
from grader.nearest import did_you_mean


def key_of(store: Store, called: str) -> str:
    """The key of the student with this key or, ignoring case and the order of its words, this name.

    Raises `UsageError`, with the nearest keys and names, if there is none, and with the keys if there are several."""
    known = [(str(student), str(name)) for student, name in store.query("SELECT student, name FROM submissions")]
    if any(student == called for student, _ in known):
        return called
    found = [student for student, name in known if _plain(called) in (_plain(student), _plain(name))]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"Several students are called {called!r}: {', '.join(found)}. Name one of these.")
    meant = did_you_mean(called, (one for pair in known for one in pair))
    raise UsageError(f"There is no student {called!r} in these results.{meant}")


def _plain(name: str) -> list[str]:
    return sorted(name.casefold().replace(",", " ").split())
