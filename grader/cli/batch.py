"""Implementation of the commands for a whole class, after their arguments are parsed."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import click

from grader.cli import exits
from grader.cli.arguments import refuse_swapped
from grader.cli.commands import read_secret
from grader.cli.exits import EndedBySignal
from grader.cli.output import complain, width, write, write_lines
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.batch.export import Wanted
    from grader.batch.gradebooks.fill import GradebookOptions
    from grader.batch.intake import BatchOptions
    from grader.batch.isolation import IsolationChoice
    from grader.batch.pseudonyms import Pseudonyms
    from grader.batch.run import BatchOutcome
    from grader.batch.store import Store
    from grader.model import Isolation


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchCall:
    """The arguments and options of `grader batch`; None where one was not given."""

    exercise: str
    paths: tuple[str, ...]
    output: str | None
    dry_run: bool
    layout: str | None
    pattern: str | None
    which: Literal["last", "first"]
    student: str | None
    fresh: bool
    workers: int | None
    add: bool
    roster: str | None
    diff: bool
    cluster: str | None
    isolation: str | None
    trusted: bool
    due: str | None
    late_penalty: float | None
    late_cap: float | None
    grace: float | None
    free_days: int | None
    extensions: str | None
    times: str | None
    file_times: bool
    secret_file: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsCall:
    """The arguments and options of `grader results`; None where one was not given."""

    folder: str
    form: str
    output: str | None = None
    students: tuple[str, ...] = ()
    misconception: str | None = None
    step: str | None = None
    ungraded: bool = False
    anonymous: str | None = None
    feedback: str | None = None
    overrides: str | None = None
    by: str | None = None
    history: bool = False


def run_batch(given: BatchCall) -> int:
    """Grade a class, or show what would be graded; return the exit status."""
    refuse_swapped(given.exercise, given.paths, "batch")
    trusted = _trusts(given)
    with ThreadPoolExecutor(1) as beside:
        choosing = beside.submit(_choice, given, trusted)  # during the imports below: each takes a fifth of a second
        from grader.batch.run import look, run

        choice = choosing.result()
        options = _options(given, choice.mode)
    if given.dry_run:
        from grader.batch.run import check_policy
        from grader.batch.student_row import LatePolicy
        from grader.batch.terminal import preview

        check_policy(options)
        if not options.paths:
            raise UsageError("Name what is to be looked at: a folder, an archive or a download.")
        intake, chosen, rule = look(options)
        policy = LatePolicy(**cast(Any, options.late))
        write(preview(intake, chosen, rule, policy, width()))
        return exits.ALL_RIGHT
    if given.output is None:
        raise UsageError("Say where the results are to be kept: -o DIR.")
    try:
        outcome = run(options)
    except KeyboardInterrupt:
        _interrupted(options.folder)
        raise
    except EndedBySignal as ended:
        _interrupted(options.folder)
        raise click.exceptions.Exit(ended.status) from None
    return _told(options, outcome, choice.told, given.diff)


def _interrupted(folder: str) -> None:
    """Report how much of an interrupted batch is kept."""
    from grader.batch.store import Store

    with contextlib.suppress(UsageError), Store(Path(folder)) as store:
        works = store.count_works()
        complain(f"stopped: {works - len(store.pending())} of {works} results are kept in {folder}; the same command "
                 "goes on from there")  # fmt: skip


def _choice(given: BatchCall, trusted: bool) -> IsolationChoice:
    from grader.batch.isolation import IsolationChoice, isolation_for

    if given.dry_run:
        return IsolationChoice("process")
    return isolation_for(given.isolation, trusted)


def _trusts(given: BatchCall) -> bool:
    """Whether submissions may run with the caller's rights: by option, as allowed before for these results, or as
    answered now, if somebody can be asked."""
    from grader.batch.isolation import needs_trust, risk

    if given.trusted or given.dry_run or not needs_trust(given.isolation):
        return given.trusted
    if given.output is not None and _allowed_before(Path(given.output)):
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    complain(risk())
    if not click.confirm("Do you trust all who wrote these submissions?", err=True):
        raise UsageError("Nothing was run.")
    return True


def _allowed_before(folder: Path) -> bool:
    from grader.batch.store import Store

    with contextlib.suppress(UsageError), Store(folder) as store:
        return store.about("isolation") == "process"
    return False


def _options(given: BatchCall, mode: Isolation) -> BatchOptions:
    from grader.batch.file_choice import ChoiceRule
    from grader.batch.intake import BatchOptions

    secret = given.secret_file
    return BatchOptions(
        exercise=given.exercise,
        paths=given.paths,
        folder=given.output or "",
        layout=given.layout,
        rule=ChoiceRule(
            frozenset(),
            given.which,
            given.pattern,
            "file" if given.file_times else "platform",
        ),
        secret="" if secret is None else read_secret(secret),
        fresh=given.fresh,
        student=given.student,
        workers=given.workers or 0,
        mode=mode,
        cluster=given.cluster,
        late=_late(given),
        times=given.times,
        extensions=given.extensions,
        roster=given.roster,
        join="add" if given.add else "replace",
    )


def _late(given: BatchCall) -> dict[str, object]:
    """The fields of the late policy that the command names."""
    from grader.batch.student_row import parse_due

    due = None if given.due is None else parse_due(given.due)
    fields = {
        "due": due,
        "penalty": given.late_penalty,
        "grace": given.grace,
        "free": given.free_days,
        "cap": given.late_cap,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _told(options: BatchOptions, outcome: BatchOutcome, isolation: str, diff: bool) -> int:
    """Print what was done, in which isolation, and the state of the class; return the exit status of the batch."""
    from grader.batch.class_statistics import class_statistics
    from grader.batch.disputes import disputed
    from grader.batch.run import policy_of
    from grader.batch.store import Store
    from grader.batch.terminal import disputes, outcome_lines, summary
    from grader.report.page import Page

    with Store(Path(options.folder)) as store:
        page = Page(width())
        outcome_lines(page, outcome)
        if isolation and outcome.graded:
            page.prose(isolation)
        page.blank()
        if diff:
            from grader.batch.run import difference, difference_lines

            difference_lines(page, difference(store))
            page.blank()
        summary(page, class_statistics(store), policy_of(store))
        disputes(page, disputed(store))
        write(page.text())
        counts = Counter(one.status for one in store.standings())
    if counts["fault"]:
        return exits.FAULT
    return exits.ALL_RIGHT if set(counts) <= {"graded"} else exits.NOT_ALL_RIGHT


def show_results(given: ResultsCall) -> None:
    """Print the results of a class, or of some students, in the requested format."""
    from grader.batch import export
    from grader.batch.store import Store, key_of
    from grader.cli.arguments import refuse_unknown

    folder = Path(given.folder)
    if _has_course(folder):
        from grader.cli.course import show_course

        show_course(folder, given)
        return
    if given.overrides is not None:
        from grader.batch.instructor_tables import take_overrides

        with Store(folder, writing=True) as store:
            complain(take_overrides(store, Path(given.overrides), given.by))
    if given.feedback is not None:
        _linked_pages(folder, Path(given.feedback), given)
        return
    with Store(folder) as store:
        if given.history:
            from grader.batch.terminal import history_lines

            students = [key_of(store, one) for one in given.students]
            write(history_lines(store, students, width()), given.output)
            return
        wanted = export.Wanted(
            frozenset(key_of(store, one) for one in given.students),
            given.misconception,
            given.step,
            given.ungraded,
        )
        refuse_unknown(store, wanted)
        form, output = given.form, given.output
        _shown(store, wanted, form, output, _hidden(store, form, given.anonymous))


def _has_course(folder: Path) -> bool:
    from grader.batch.course_class import has_course

    return has_course(folder)


def _hidden(store: Store, form: str, keys: str | None) -> Pseudonyms | None:
    """The pseudonyms to export under, if the names are to be left out."""
    from grader.batch.pseudonyms import Pseudonyms

    if keys is None:
        return None
    if form not in ("jsonl", "csv", "markdown"):
        raise UsageError("--anonymous is for exports: --format jsonl, csv or markdown.")
    return Pseudonyms(Path(keys), store.standings())


def _shown(store: Store, wanted: Wanted, form: str, output: str | None, hidden: Pseudonyms | None) -> None:
    from grader.batch import export

    match form:
        case "jsonl":
            write_lines(export.json_lines(store, wanted, hidden), output)
        case "csv":
            write_lines(export.csv_lines(store, wanted, hidden), output)
        case "markdown":
            write(export.markdown(store, wanted, hidden), output)
        case "html":
            from grader.batch.page import render

            write(render(store), output)
        case _:
            write(export.text(store, wanted, width(to_file=output is not None)), output)


def _linked_pages(folder: Path, feedback: Path, given: ResultsCall) -> None:
    """Write the class page and, into a folder, the feedback pages that its names lead to."""
    from grader.batch.feedback import links, pages
    from grader.batch.page import render
    from grader.batch.store import Store

    if given.form != "html":
        raise UsageError("--feedback goes with --format html: the class page leads to the feedback pages.")
    output = given.output
    with Store(folder) as store:
        pages(store, feedback)
        write(render(store, links(store, feedback, Path(output or "class.html"))), output)


def fill_gradebook(home: str, options: GradebookOptions) -> int:
    """Match scores with a gradebook, show the matches, and write the gradebook if an output was named."""
    from grader.batch.gradebooks.fill import fill
    from grader.batch.store import Store

    folder = Path(home)
    if _has_course(folder):
        from grader.cli.course import fill_course

        filled = fill_course(folder, options)
    else:
        with Store(folder) as store:
            filled = fill(store, options)
    write(filled.preview(width()))
    return exits.ALL_RIGHT if filled.whole else exits.NOT_ALL_RIGHT
