"""Decide whether a statement that raised is to blame itself, or something else stood in its way."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.judge.evidence import Evidence
from grader.judge.failures.answer_errors import gap_of
from grader.judge.runs.guarded import NOT_ITS_OWN
from grader.runner.types import Raised, Sites

_UNBOUND = re.compile(r"(?:NameError|UnboundLocalError): .*?'(\w+)'")


def raised_by_itself(evidence: Evidence, raised: Raised) -> bool:
    """Whether a statement that raised in the natural run also raises with everything before it right, and nothing but
    itself is to blame."""
    again = _same_statement(evidence.forced[0].raised, raised)
    return again is not None and gap_of(evidence, again) is None and is_to_blame(evidence, again)


def is_to_blame(evidence: Evidence, raised: Raised) -> bool:
    """Whether an error is the fault of the statement that raised it."""
    return not evidence.unbound and _is_own(raised, evidence.scene.sites)


def _same_statement(found: Sequence[Raised], raised: Raised) -> Raised | None:
    here = (raised.cell, raised.statement)
    return next((one for one in found if (one.cell, one.statement) == here), None)


def missing_name(raised: Raised) -> str | None:
    """The name for lack of which a statement raised; None if it raised for another reason."""
    unbound = _UNBOUND.match(raised.error)
    return None if unbound is None else unbound[1]


def _is_own(raised: Raised, sites: Sites) -> bool:
    if NOT_ITS_OWN.match(raised.error):
        return False
    lacked = missing_name(raised)
    # A name bound elsewhere is missing because of what happened there; a name bound nowhere is a slip here.
    return lacked is None or not any(lacked in (*site.names, site.scope) for site in sites.all)
