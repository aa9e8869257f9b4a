"""Implementation of the commands for a whole class, after their arguments are parsed."""

from __future__ import annotations

import contextlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from grader.cli import status
from grader.cli.commands import read_secret
from grader.cli.meant import refuse_swapped
from grader.cli.output import complain, width, write
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.batch.late import Policy
    from grader.batch.run import Options, Outcome
    from grader.batch.store import Store
    from grader.model import Isolation

Given = dict[str, object]


def run_batch(given: Given) -> int:
    """Grade a class, or show what would be graded; return the exit status."""
    refuse_swapped(cast(str, given["exercise"]), cast("tuple[str, ...]", given["paths"]), "batch")
    with ThreadPoolExecutor(1) as beside:
        mode = beside.submit(_mode, given)  # runs during the imports below: each takes a fifth of a second
        from grader.batch.run import look, run

        options = _options(given, mode.result())
    if given["dry_run"]:
        from grader.batch.late import Policy
        from grader.batch.preview import preview

        if not options.paths:
            raise UsageError("Name what is to be looked at: a folder, an archive or a download.")
        intake, chosen, rule = look(options)
        policy = options.policy or Policy()
        write(preview(intake.layout, chosen, intake.ignored, rule, policy, width()))
        return status.ALL_RIGHT
    if given["output"] is None:
        raise UsageError("Say where the results are to be kept: -o DIR.")
    try:
        outcome = run(options)
    except KeyboardInterrupt:
        _interrupted(options.folder)
        raise
    return _told(options, outcome)


def _interrupted(folder: str) -> None:
    """Report how much of an interrupted batch is kept."""
    from grader.batch.store import Store

    with contextlib.suppress(UsageError), Store(Path(folder)) as store:
        works = store.count_works()
        complain(f"stopped: {works - len(store.pending())} of {works} results are kept in {folder}; the same command "
                 "goes on from there")  # fmt: skip


def _mode(given: Given) -> Isolation:
    from grader.batch.isolation import isolation_for

    if given["dry_run"]:
        return "process"
    return isolation_for(cast("str | None", given["isolation"]), bool(given["trusted"]))


def _options(given: Given, mode: Isolation) -> Options:
    from grader.batch.file_choice import Rule
    from grader.batch.run import Options

    secret = cast("str | None", given["secret_file"])
    return Options(
        exercise=cast(str, given["exercise"]),
        paths=cast("tuple[str, ...]", given["paths"]),
        folder=cast("str | None", given["output"]) or "",
        layout=cast("str | None", given["layout"]),
        rule=Rule(frozenset(), cast(Any, given["which"]), cast("str | None", given["pattern"])),
        secret="" if secret is None else read_secret(secret),
        fresh=bool(given["fresh"]),
        student=cast("str | None", given["student"]),
        workers=cast("int | None", given["workers"]) or 0,
        mode=mode,
        cluster=cast("str | None", given["cluster"]),
        policy=_policy(given),
    )


def _policy(given: Given) -> Policy | None:
    from grader.batch.late import Policy, parse_due

    due, penalty, grace = given["due"], given["late_penalty"], given["grace"]
    if due is None and penalty is None and grace is None:
        return None
    when = None if due is None else parse_due(cast(str, due))
    return Policy(when, cast("float | None", penalty) or 0.0, cast("float | None", grace) or 0.0)


def _told(options: Options, outcome: Outcome) -> int:
    """Print what was done and the state of the class; return the exit status of the batch."""
    from grader.batch.class_statistics import class_statistics
    from grader.batch.store import Store
    from grader.batch.summary import outcome_lines, summary
    from grader.report.page import Page

    with Store(Path(options.folder)) as store:
        page = Page(width())
        outcome_lines(page, outcome)
        page.blank()
        summary(page, class_statistics(store))
        write(page.text())
        counts = Counter(one.status for one in store.standings())
    if counts["fault"]:
        return status.FAULT
    return status.ALL_RIGHT if set(counts) <= {"graded"} else status.NOT_ALL_RIGHT


def show_results(given: Given) -> None:
    """Print the results of a class, or of some students, in the requested format."""
    from grader.batch import export
    from grader.batch.store import Store
    from grader.cli.meant import refuse_unknown

    folder = Path(cast(str, given["folder"]))
    if given["overrides"] is not None:
        from grader.batch.overrides import take_overrides

        with Store(folder, writing=True) as store:
            complain(take_overrides(store, Path(cast(str, given["overrides"]))))
    if given["feedback"] is not None:
        _linked_pages(folder, given)
        return
    with Store(folder) as store:
        wanted = export.Wanted(
            frozenset(cast("tuple[str, ...]", given["students"])),
            cast("str | None", given["misconception"]),
            cast("str | None", given["step"]),
            bool(given["ungraded"]),
        )
        refuse_unknown(store, wanted)
        _shown(store, wanted, cast(str, given["form"]), cast("str | None", given["output"]))


def _shown(store: Store, wanted: Any, form: str, output: str | None) -> None:
    from grader.batch import export

    match form:
        case "jsonl":
            write("".join(export.json_lines(store, wanted)), output)
        case "csv":
            write(export.csv_table(store, wanted), output)
        case "markdown":
            write(export.markdown(store, wanted), output)
        case "html":
            from grader.batch.page import render

            write(render(store), output)
        case _:
            write(export.text(store, wanted, width(to_file=output is not None)), output)


def _linked_pages(folder: Path, given: Given) -> None:
    """Write the class page and, into a folder, the feedback pages that its names lead to."""
    from grader.batch.feedback import links, pages
    from grader.batch.page import render
    from grader.batch.store import Store

    if given["form"] != "html":
        raise UsageError("--feedback goes with --format html: the class page leads to the feedback pages.")
    output, feedback = cast("str | None", given["output"]), Path(cast(str, given["feedback"]))
    with Store(folder) as store:
        pages(store, feedback)
        write(render(store, links(store, feedback, Path(output or "class.html"))), output)


def fill_gradebook(given: Given) -> int:
    """Match scores with a gradebook, show the matches, and write the gradebook if an output was named."""
    from grader.batch.gradebooks.fill import Call, fill
    from grader.batch.store import Store

    with Store(Path(cast(str, given["folder"]))) as store:
        filled = fill(
            store,
            Call(
                cast(str, given["book"]),
                cast("str | None", given["fill"]),
                cast("str | None", given["column"]),
                cast("str | None", given["matches"]),
                cast("str | None", given["output"]),
            ),
        )
        write(filled.preview(width()))
    return status.ALL_RIGHT if filled.whole else status.NOT_ALL_RIGHT
