"""What to do about an outcome: a failure is mended; an 未检 is looked at by a person, or settled with what stands for it."""

from __future__ import annotations

from collections.abc import Iterable

from archive_schema.evidence import CheckOutcome
from archive_schema.words import Outcome, Severity
from validators.checks import Check, CheckCatalogue


def remedy(outcome: CheckOutcome, of_file: Iterable[CheckOutcome], rules: CheckCatalogue) -> str:
    """In Chinese; "" = no check of the catalogue.

    :param of_file: every outcome of the same bytes.
    """
    check = rules.get(outcome.code)
    if check is None or outcome.outcome is not Outcome.UNCHECKED:
        return check.remedy if check else ""
    first = dict.fromkeys(rules.by_code[o.code].name for o in of_file if _stands_for(check, outcome, o, rules))
    return f"随“{'”“'.join(first)}”一并解决,不需另行处理" if first else check.unchecked


def _stands_for(check: Check, outcome: CheckOutcome, other: CheckOutcome, rules: CheckCatalogue) -> bool:
    """Is the 未检 settled with this other outcome, as ``judge`` has it of those that cannot matter?"""
    of = rules.get(other.code)
    if of is None or other.waived or other.code == outcome.code:
        return False
    here = other.about(outcome.unit, outcome.item, outcome.kind)
    decides = of.decides and other.outcome is Outcome.FAIL and other.severity is Severity.BLOCKING
    holds_up = outcome.severity is Severity.BLOCKING and other.severity is not Severity.BLOCKING
    follows = other.code in check.follows and not holds_up
    return here and (decides or follows)
