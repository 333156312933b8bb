"""What to do about an outcome: a failure is mended; an 未检 is looked at by a person, or settled with what stands for it."""

from __future__ import annotations

from collections.abc import Iterable

from archive_schema.evidence import CheckOutcome
from archive_schema.words import Outcome, Severity
from validators.checks import CheckCatalogue


def remedy(outcome: CheckOutcome, of_file: Iterable[CheckOutcome], rules: CheckCatalogue) -> str:
    """In Chinese; "" = no check of the catalogue.

    :param of_file: every outcome of the same bytes.
    """
    check = rules.get(outcome.code)
    if check is None or outcome.outcome is not Outcome.UNCHECKED:
        return check.remedy if check else ""
    here = [o for o in of_file if o.code != check.code and not o.waived and o.about(outcome.unit, outcome.item, outcome.kind)]
    if outcome.severity is Severity.BLOCKING:  # what holds a cell up is not settled with what only warns
        here = [o for o in here if o.severity is Severity.BLOCKING]
    first = dict.fromkeys(rules.by_code[o.code].name for o in here if rules.stands_for(o, check))
    return f"随“{'”“'.join(first)}”一并解决,不需另行处理" if first else check.unchecked
