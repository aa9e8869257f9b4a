"""`dC[ix] += d` where an index occurs several times in `ix`."""

from __future__ import annotations

from typing import Any

from grader.diagnosis.chain_rule.numbers import shape_of
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.recognition.step_values import StepValues
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import ONE
from grader.formula.syntax import Index, Name, text


def recognises(edit: Edit, context: Context) -> bool:
    """Always False here; `repair_trials.named_changes` recognises it in repairs that were found by running."""
    return False


def fits_values(step_values: StepValues) -> bool:
    """Whether each row of a table, which the program reads by an array of indices, has only what its last reader sends
    back."""
    terms = () if step_values.rule is None else step_values.rule.terms
    match [(term.statement.value, term.upstream or ONE) for term in terms]:
        case [(Index(base=Name(id=table), keys=(Name() as places,)), upstream)] if (
            step_values.pair is not None and table == text(step_values.pair[1])
        ):
            return step_values.everywhere(
                lambda own, right, k: _last_of_each(
                    right, step_values.derivation.value(places, k), step_values.derivation.value(upstream, k)
                )
            )
        case _:
            return False


def _last_of_each(right: Any, places: Any, sent: Any) -> Any:
    """Return an array like `right` with what is sent back at `places`, each row over what was there."""
    if not shape_of(right) or not shape_of(places) or sent is None:
        return None
    made = 0.0 * right
    made[places.astype(int)] = sent
    return made


RULE = Misconception(
    code="repeated-index-counted-once",
    title="A row that is read several times gets one contribution",
    what="Some indices occur more than once here; each of them keeps only one of its terms.",
    why=(
        "A row that is read several times collects a term from each reader. `dC[ix] += d` reads all rows first and "
        "then writes them, so of the terms of one row only one remains."
    ),
    instead="Add with np.add.at(dC, ix, d), in torch with dC.index_put_((ix,), d, accumulate=True), or in a loop.",
    instructor=(
        "It looks like a sum, and is one as long as no index is repeated. Let the student try it with ix = [0, 0]."
    ),
    recognises=recognises,
    hit=Example("lookup", "dC", "zeros((3, 2)); np.add.at(dC, ix, de)", "zeros((3, 2)); dC[ix] += de"),
    miss=Example("lookup", "dC", "zeros((3, 2)); np.add.at(dC, ix, de)", "zeros((3, 2)); np.add.at(dC, ix, e)"),
    fits_values=fits_values,
)
