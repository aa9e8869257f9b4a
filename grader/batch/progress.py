"""Progress of a batch: a bar with rate, estimate and tally on a terminal, no output elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from grader.batch.record import Record


class Tally:
    """Counts records as they arrive and shows the counts. Use as a context manager."""

    def __init__(self, total: int) -> None:
        self.counts: Counter[str] = Counter()
        console = Console(file=sys.stderr)
        self._progress = Progress(
            TextColumn("grading"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[tally]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("grading", total=total, rate="", tally="")

    def __enter__(self) -> Tally:
        with contextlib.suppress(OSError):  # here and below: a terminal that was closed ends no batch
            self._progress.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        with contextlib.suppress(OSError):
            self._progress.stop()

    def add(self, record: Record) -> None:
        """Count one more finished record."""
        status, complete = record.facts[0], record.facts[3]
        self.counts["right" if complete else "with errors" if status == "graded" else str(status)] += 1
        task = self._progress.tasks[0]
        rate = f"{task.speed:.0f}/s" if task.speed else ""
        told = ", ".join(f"{count} {what}" for what, count in sorted(self.counts.items(), reverse=True))
        with contextlib.suppress(OSError):
            self._progress.update(self._task, advance=1, rate=rate, tally=told)
