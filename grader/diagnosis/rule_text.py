"""Writes the chain rule of a step in the student's own names and spelling."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property

from grader.diagnosis.chain_rule.chain import Derivation, expanded
from grader.diagnosis.chain_rule.numbers import shape_of
from grader.diagnosis.chain_rule.rule import Rule, Term, counted_from_the_end, with_counts
from grader.diagnosis.finding import Finding
from grader.diagnosis.repair_text import Writer
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Derivative, Name, Place, text
from grader.model import Submission

LONGEST = 200
"""Characters of a derivative that is written out in a rule, at most: a longer one helps nobody."""

_DIVISOR = re.compile(r"(?:/ *\(?|\bsqrt\()(?:len\(([^\W\d]\w*)\)|([^\W\d]\w*)(?:\.shape\[(\d)\])?)(?! *[\w.(\[])")
"""What a line divides by, or takes the root of: a name, or a length of an array."""


class RuleText:
    """Writes the chain rules of the steps of one submission."""

    def __init__(self, submission: Submission, derivation: Derivation) -> None:
        self._submission, self._derivation = submission, derivation

    def added_to(self, facts: Finding, context: Context) -> Finding:
        """Return the facts with the rule of the step; as they are if there is none."""
        rule = context.rule
        if rule is None:
            return facts
        # `d(L)/d(cache)` and `d(self.loss)/d(self.E)` would be read twice: the exercise's names say more where the
        # student knows them, or where the student's own are no plain names.
        known = set(re.findall(r"\w+", self._writer.source))
        within = {name: own for name, own in context.called.items() if own.isidentifier() and name not in known}
        if (terms := self._spelled_out(rule)) is None:
            return facts
        counts = self._counts(context)
        written = (counted_from_the_end(self._derivation.plainly(one.value), self._derivation.shape) for one in terms)
        values = (with_counts(one, counts) for one in written)
        plain = replace(rule, terms=tuple(replace(one, value=value) for one, value in zip(terms, values, strict=True)))
        told = plain.as_text(context.called, self._writer.write, within)
        return replace(facts, diagnosis=replace(facts.diagnosis, rule=told))

    def _spelled_out(self, rule: Rule) -> tuple[Term, ...] | None:
        """Return the terms of a rule. One that only names another derivative which nobody asks for, `d(loss)/d(z) =
        d(nll)/d(z)`, says nothing: that derivative is written out, and None returned if it has no formula."""
        match rule.terms:
            case [Term(value=Derivative(of=of, by=by) as value) as term] if not self._derivation.is_asked(of, by):
                written = expanded(self._derivation, value)
                return None if written is None or len(text(written)) > LONGEST else (replace(term, value=written),)
            case terms:
                return terms

    def _counts(self, context: Context) -> dict[int, str]:
        """Return what the student writes for whole numbers that are divided by, `n` or `len(y)`, if it is the only such
        name or length in the source with that value."""
        held, found = context.names[0], dict[int, set[str]]()
        for measured, name, axis in _DIVISOR.findall(self._writer.source):
            read = measured or name
            if read in held and context.called.get(read, read) == read:
                written = f"len({read})" if measured else f"{read}.shape[{axis}]" if axis else read
                sizes = shape_of(held[read])[int(axis or 0) :][:1] if written != read else (held[read],)
                for size in (one for one in sizes if isinstance(one, int) and one > 2):
                    found.setdefault(size, set()).add(written)
        return {size: texts.pop() for size, texts in found.items() if len(texts) == 1}

    @cached_property
    def _writer(self) -> Writer:
        """Writes formulas in the student's library."""
        return Writer("\n".join(cell.source for cell in self._submission.cells), Name("", Place(0, 0, 0, 0)))
