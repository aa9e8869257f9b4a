"""Turns proven repairs into findings: the place to change, the new text, and the message."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace

from grader.diagnosis.expressions import target_end, typed_in
from grader.diagnosis.finding import Finding
from grader.diagnosis.recognition.catalogue import Misconception, by_code, catalogue
from grader.diagnosis.repair_search.augmented_assignments import ADDED, AGAIN, is_built
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.repair_search.search import Repair
from grader.diagnosis.repair_search.subtrees import replaced
from grader.diagnosis.repair_text import ATOM, PRODUCT, SIGN, SUM, Writer, spliced, strength
from grader.diagnosis.repair_words import CUT, REWRITTEN, lacking, moves_brackets, needed, of_brackets, puts_behind
from grader.diagnosis.step.context import Context
from grader.diagnosis.step.inlining import Inlined, Piece
from grader.formula.build import cancelled
from grader.formula.syntax import SIGNS, Call, Expression, Number, Place, Text, children, text, walk
from grader.instrument.site import Site
from grader.judge.locations import code_of
from grader.model import Cell, Confidence, Span, Submission
from grader.submission.spans import character_column, lines_of
from grader.submission.spans import place as span_at

FITTED = frozenset({"summand-constant-wrong"})
"""Misconceptions that any wrong number fits: another name that fits says more."""


@dataclass(frozen=True, slots=True)
class TextChange:
    """`place` in the source of a cell becomes `text`. `whole` is the changed statement, "" if it is deleted."""

    place: Place
    text: str
    whole: str


def finding_of(
    submission: Submission,
    formula: Inlined,
    context: Context,
    repairs: Sequence[Repair],
    facts: Finding,
    known: Misconception | None = None,
) -> Finding:
    """Return the finding of these repairs, written in the student's own style, with the misconception that explains
    them: `known`, or the one that recognises them."""
    homes = [formula.home(repair.edits[0].before) for repair in repairs]
    numbers = context.numbers | typed_in([cell.source for cell in submission.cells])
    cells = [cell.source for cell in submission.cells]
    writers = [
        Writer(cells[home.site.cell], formula.whole, formula.folded(home), numbers, "\n".join(cells)) for home in homes
    ]
    changes = [
        _change(repair, writer, submission, home) for repair, writer, home in zip(repairs, writers, homes, strict=True)
    ]
    site, writer = homes[0].site, writers[0]
    cell = submission.cells[site.cell]
    rule = known or (_named(repairs[0], context) if len(repairs) == 1 else None)
    if rule is None and _are_told_by(facts.diagnosis.code, repairs):
        rule = by_code(facts.diagnosis.code or "")  # no rule recognises the change, but one predicts the value
    certain = rule is not None and known is None
    confidence: Confidence = "one_of" if len(repairs) > 1 else "certain" if certain else "likely"
    first = changes[0]
    message = rule.what if rule is not None else _plain_words(repairs[0], writer, first, homes[0].root)
    diagnosis = replace(
        facts.diagnosis,
        message=message,
        confidence=confidence,
        code=None if rule is None else rule.code,
        replace_with=first.text,
        fix=first.whole,
        alternatives=tuple(one.whole for one in changes[1:]),
    )
    where = span_of(cell, submission.file, first.place)
    # Replace a deleted statement with `pass`: it may be the only one in its block.
    new = first.text if first.whole else "pass"
    return Finding(diagnosis, where, site.cell, first.place, new, facts.diagnosis)


def _are_told_by(code: str | None, repairs: Sequence[Repair]) -> bool:
    """Whether the kind of change fits the misconception `code` that predicts the value: it adds what that leaves out,
    replaces what that inserts, or flips a sign."""
    if code is None or any(len(repair.edits) > 1 or _cuts(repair.edits[0]) for repair in repairs):
        return False
    if len(repairs) > 1:
        return code == "sign-flipped" and all(_turns_round(repair.edits[0]) for repair in repairs)
    kind = repairs[0].edits[0].kind
    return kind.startswith("missing") or (kind in ("operand", "function") and not code.endswith("missing"))


def _cuts(edit: Edit) -> bool:
    """Whether the edit puts `/` for `//`."""
    return [one.operation for one in (edit.before, edit.after) if isinstance(one, Call)] == ["floordiv", "div"]


def _turns_round(edit: Edit) -> bool:
    signs = {one.operation for one in (edit.before, edit.after) if isinstance(one, Call)}
    return edit.kind == "sign" or (edit.kind == "operator" and signs == {"add", "sub"})


def _named(repair: Repair, context: Context) -> Misconception | None:
    """Return the misconception that explains every edit of a repair; None unless there is exactly one."""
    fitting = [{rule.code: rule for rule in catalogue() if rule.recognises(edit, context)} for edit in repair.edits]
    common = set.intersection(*(set(rules) for rules in fitting))
    common = common - FITTED or common
    return fitting[0][next(iter(common))] if len(common) == 1 else None


def _change(repair: Repair, writer: Writer, submission: Submission, home: Piece) -> TextChange:
    """Return the smallest range to change and its new text; for two edits the smallest part that contains both. A
    statement that would then do nothing is deleted."""
    site = home.site
    change = _change_in(repair, writer, submission, home)
    if not does_nothing(change.whole):
        return change
    return TextChange(_statement(submission.cells[site.cell].source, site), "", "")


def _change_in(repair: Repair, writer: Writer, submission: Submission, home: Piece) -> TextChange:
    site = home.site
    edit = tidied(repair.edits[0], home.root) if len(repair.edits) == 1 else _joined(repair.edits, home.root)
    if len(repair.edits) > 1 and is_built(edit.after):
        place, new = home.root.place, writer.write(_inner(edit.after))
        return TextChange(place, new, fixed(submission, site, place, new))
    if edit.kind == "statement":
        return TextChange(_statement(submission.cells[site.cell].source, site), "", "")
    if edit.kind == "accumulation":
        place, new = _sign(edit, submission.cells[site.cell].source, site)
        value = writer.text_at(home.root.place)
        if new == "+=" and value.startswith("-") and strength(_inner(home.root)) == SIGN:  # `-= 1` for `+= -1`
            end = home.root.place
            place, new = replace(place, end_line=end.end_line, end_column=end.end_column), f"-= {value[1:]}"
        return TextChange(place, new, fixed(submission, site, place, new))
    new, place = writer.write(edit.after), edit.before.place
    loose = (edit.before is not home.root and _needs_brackets(edit)) or (
        strength(edit.after) < ATOM and writer.is_attached(place)
    )
    if loose and not writer.stands_in_brackets(place):
        new = f"({new})"
    elif not loose:
        wider = writer.with_brackets(place)
        # `(r**2 + x).sum()`: keep the brackets if the new text needs them before the attached `.sum()`.
        place = place if strength(edit.after) < ATOM and writer.is_attached(wider) else wider
    return TextChange(place, new, fixed(submission, site, place, new))


def does_nothing(statement: str) -> bool:
    """Whether a statement leaves every value as it is: `x = x`, `x *= 1`, `x += 0`."""
    try:
        tree = ast.parse(statement.strip()).body
    except SyntaxError:
        return False
    match tree:
        case [ast.Assign(targets=[target], value=value)]:
            return ast.unparse(target) == ast.unparse(value)
        case [ast.AugAssign(op=ast.Mult() | ast.Div(), value=ast.Constant(value=number))]:
            return bool(number == 1)
        case [ast.AugAssign(op=ast.Add() | ast.Sub(), value=ast.Constant(value=number))]:
            return bool(number == 0)
        case _:
            return False


def _joined(edits: Sequence[Edit], root: Expression) -> Edit:
    """Return several edits as one, of the smallest part of the expression that contains them all."""
    part = whole = root
    while inner := [one for one in children(part) if all(_contains(one, edit.before) for edit in edits)]:
        part = inner[0]
    changed = part
    for edit in edits:
        changed = replaced(changed, edit.before, edit.after)
    return replace(edits[0], kind="rewritten", before=part, after=changed, whole_before=whole)


def _contains(whole: Expression, part: Expression) -> bool:
    return any(one is part for one in walk(whole))


def _inner(expression: Expression) -> Expression:
    """Return the right-hand side of an augmented assignment; other expressions unchanged."""
    return expression.arguments[0] if isinstance(expression, Call) and is_built(expression) else expression


def _sign(edit: Edit, source: str, site: Site) -> tuple[Place, str]:
    """Return the place of the assignment operator (`=`, `+=`), and its replacement."""
    new = AGAIN[edit.after.operation] if isinstance(edit.after, Call) and edit.after.operation in AGAIN else ""
    line, column = target_end(source, site)
    after = lines_of(source)[line - 1][column - 1 :]
    start = column + len(after) - len(after.lstrip())
    return Place(line, start, line, start + after.lstrip().index("=") + 1), f"{new}="


def _statement(source: str, site: Site) -> Place:
    line, column, end_line, end_column = site.statement
    lines = lines_of(source)
    start, end = character_column(lines[line - 1], column), character_column(lines[end_line - 1], end_column)
    return Place(line, start, end_line, end)


def _needs_brackets(edit: Edit) -> bool:
    """Whether the new text needs brackets at the old node's place because of precedence."""
    powers = (one for one in walk(edit.whole_before) if isinstance(one, Call) and one.operation == "pow")
    exponent = edit.after.arguments[0] if isinstance(edit.after, Call) and edit.after.operation == "neg" else edit.after
    if isinstance(exponent, Number) and any(one.arguments[1] is edit.before for one in powers):
        return False  # `x ** -1.5`
    if isinstance(edit.after, Call) and edit.after.operation == "mul" and _is_factor(edit.whole_before, edit.before):
        return False  # `lam * 2 * W`
    return _is_weaker(edit.whole_before, edit.before, strength(edit.after))


def _is_factor(whole: Expression, part: Expression) -> bool:
    products = (one for one in walk(whole) if isinstance(one, Call) and one.operation == "mul")
    return any(one is part for product in products for one in product.arguments)


def _is_weaker(whole: Expression, part: Expression, binds: int) -> bool:
    """Whether what has the precedence `binds` needs brackets in place of a part of the whole."""
    for parent in walk(whole):
        inner = children(parent)
        if any(child is part for child in inner):
            if isinstance(parent, Call) and parent.operation == "neg" and binds == PRODUCT:
                return _is_weaker(whole, parent, binds)  # `-a @ b`
            # A left operand of the same precedence needs no brackets: `2 * e / n`.
            first = inner[0] is part and len(inner) == 2 and strength(parent) in (SUM, PRODUCT)
            if binds < strength(parent) + (not first) <= ATOM:
                return True
    return False


def fixed(submission: Submission, site: Site, place: Place, new: str) -> str:
    """Return the student's whole statement with the change applied."""
    cell = submission.cells[site.cell]
    line, column, end_line, end_column = site.statement
    mended = spliced(cell.source, place, new)
    changed = replace(cell, text=mended, source=mended)
    before, after = cell.source.split("\n"), mended.split("\n")
    grown = len(after) - len(before)
    # Statement positions are in bytes, as in `ast`. The last line grows before the statement's end, so shift the end.
    wider = len(after[end_line - 1 + grown].encode()) - len(before[end_line - 1].encode())
    moved = replace(site, statement=(line, column, end_line + grown, end_column + wider))
    cells = tuple(changed if one is cell else one for one in submission.cells)
    return code_of(replace(submission, cells=cells), moved) or ""


def tidied(edit: Edit, root: Expression) -> Edit:
    """Return an edit of an expression in the part `root` of it as its author would write it: of the smallest part that
    changes, and simplified (`cancelled`) with what is around it."""
    while (inner := _only_change(edit.before, edit.after)) is not None:
        edit = _of_part(edit, *inner)
    after = cancelled(edit.after)
    edit = edit if text(after) == text(edit.after) else _of_part(edit, edit.before, after)
    while edit.before is not root:
        around = next((part for part in walk(root) if any(one is edit.before for one in children(part))), None)
        if around is None:
            break  # it stands in a helper, which the line calls
        made = replaced(around, edit.before, edit.after)
        after = cancelled(made)
        if text(after) == text(made):
            break
        edit = _of_part(edit, around, after)
    return edit


def _of_part(edit: Edit, before: Expression, after: Expression) -> Edit:
    whole = edit.whole_before
    return Edit(edit.kind, before, after, whole, lambda new: replaced(whole, before, new), edit.roles)


def _only_change(before: Expression, after: Expression) -> tuple[Expression, Expression] | None:
    """Return the only argument in which two calls of the same function differ, before and after; None if they differ
    in more, or one is the other with something put around it."""
    match before, after:
        case Call("einsum", had, ((_, Text() as old),)), Call("einsum", has, ((_, Text() as new),)) if (
            had == has and old != new
        ):
            return old, new
        case Call(one, had, options), Call(other, has, others) if (one, options) == (other, others):
            if len(had) != len(has) or any(part is before for part in walk(after)):
                return None
            pairs = [(old, new) for old, new in zip(had, has, strict=True) if text(old) != text(new)]
            # The formula of a helper that is read here stands elsewhere.
            return pairs[0] if len(pairs) == 1 and _is_within(pairs[0][0].place, before.place) else None
        case _:
            return None


def _is_within(inner: Place, outer: Place) -> bool:
    starts = (outer.line, outer.column) <= (inner.line, inner.column)
    return starts and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)


def _plain_words(repair: Repair, writer: Writer, change: TextChange, root: Expression) -> str:
    """Return the message for a repair that no misconception explains; `root` is the formula of the line it changes."""
    if moves_brackets(writer.text_at(change.place), change.text):
        return of_brackets(writer.text_at(change.place), change.text)
    if len(repair.edits) > 1:
        pairs = {(writer.write(edit.before), writer.write(edit.after)) for edit in repair.edits}
        if len(pairs) == 1:
            (before, after) = pairs.pop()
            return f"{needed(before, after)[:-1]}, in both places."
        return "Two changes are needed in this line."
    edit = repair.edits[0]
    if not change.whole:
        adds = isinstance(edit.before, Call) and edit.before.operation == ADDED
        return (
            "What this line adds is in the sum already." if adds else "The value is right before this line changes it."
        )
    match edit.kind:
        case "accumulation":
            return _said_of_sign(edit)
    if _cuts(edit):
        return CUT
    tidy = tidied(edit, root)
    if _gains_a_factor(edit) and tidy.before is edit.before:
        return lacking("factor", writer.write(edit.before))
    edit = edit if isinstance(tidy.before, Number) else tidy  # a number alone says little
    before, after = writer.write(edit.before), writer.write(edit.after)
    match edit.kind:
        case "operator" if (signs := _operators(edit)) is not None:
            return needed(*signs)
        case "sign":
            return f"The sign of `{writer.write(_term(edit.before, root))}` is wrong."
        case "rewritten":
            typed = writer.text_at(change.place)
            return needed(typed, change.text) if puts_behind(typed, change.text) else REWRITTEN
        case "missing_term" | "missing_product" | "missing_one":
            return lacking("term", before)
        case "extra_factor":
            return f"There is one factor too many in `{before}`."
        case "extra_term":
            return f"There is one term too many in `{before}`."
        case _:
            return needed(before, after)


def _term(part: Expression, root: Expression) -> Expression:
    """Return the largest product in `root` that begins with a part of it: its sign is that of the part."""
    for around in walk(root):
        if isinstance(around, Call) and around.operation in ("mul", "div", "matmul"):
            first: Expression = around
            while isinstance(first, Call) and first.operation in ("mul", "div", "matmul") and first is not part:
                first = first.arguments[0]
            if first is part:
                return around
    return part


def _gains_a_factor(edit: Edit) -> bool:
    """Whether what stands there stays, as a factor of what has to stand there."""
    waiting = [edit.after] if edit.kind in ("missing_factor", "part") else []
    while waiting:
        one = waiting.pop()
        if text(one) == text(edit.before):
            return one is not edit.after and not isinstance(one, Number)
        waiting += one.arguments if isinstance(one, Call) and one.operation in ("mul", "div", "matmul") else ()
    return False


def _operators(edit: Edit) -> tuple[str, str] | None:
    """Return the operator that stands in a line, and the one that is needed."""
    match edit.before, edit.after:
        case Call(old, had), Call(new, has) if old != new and {old, new} <= SIGNS.keys() and had == has:
            return SIGNS[old], SIGNS[new]
        case _:
            return None


def _said_of_sign(edit: Edit) -> str:
    """Return the message for a wrong assignment operator (`=`, `+=`, ...)."""
    old = AGAIN.get(edit.before.operation, "") if isinstance(edit.before, Call) else ""
    new = AGAIN.get(edit.after.operation, "") if isinstance(edit.after, Call) else ""
    if old and new:
        return f"`{old}=` stands where `{new}=` is needed."
    if new:
        return "This line replaces what was in the variable; it has to add to it."
    return "This line adds to what was in the variable; it has to replace it."


def span_of(cell: Cell, file: str, place: Place) -> Span:
    return span_at(cell, file, place.line, place.column, place.end_line, place.end_column)
