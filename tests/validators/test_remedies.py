"""What to do about an outcome: never is somebody told to mend what nobody looked at."""

from __future__ import annotations

import msgspec
import pytest

from archive_schema.evidence import CheckOutcome
from archive_schema.words import Outcome, Severity
from tests.validators.build import PHOTO, evidence, judged
from tests.validators.cases import CASES, UNREADABLE
from validators import checks
from validators.remedies import remedy

RULES = checks.load()
PLACE = ("市教育局", "I1-1", "规范文件")


def outcome(code: str, said: Outcome, *place: str, waived: bool = False) -> CheckOutcome:
    return CheckOutcome(code, said, RULES.by_code[code].severity, "", *(place or ("", "", "")), waived=waived)


@pytest.mark.parametrize("code", [c for c, case in (CASES | UNREADABLE).items() if case.unchecked is not None])
def test_an_unchecked_check_is_looked_at_and_not_mended(code: str) -> None:
    found = (CASES | UNREADABLE)[code].unchecked().outcomes  # type: ignore[misc]
    said = {remedy(o, found, RULES) for o in found if o.code == code}
    assert said and all("审核人" in s or "一并解决" in s for s in said), said
    assert code == "FORMAT" or RULES.by_code[code].remedy not in said, "FORMAT is never anything but 未检"


def test_what_stands_for_an_unchecked_check_is_named() -> None:
    window, date = outcome("WINDOW", Outcome.UNCHECKED, *PLACE), outcome("DATE", Outcome.UNCHECKED, *PLACE)
    assert remedy(window, [window, date], RULES) == "随“日期”一并解决,不需另行处理"
    garbled, locked = outcome("GARBLED", Outcome.UNCHECKED), outcome("ENCRYPTED", Outcome.FAIL)
    assert remedy(garbled, [garbled, locked], RULES) == "随“是否加密”一并解决,不需另行处理"


def test_what_does_not_stand_for_it_is_not_named() -> None:
    window = outcome("WINDOW", Outcome.UNCHECKED, *PLACE)
    own = RULES.by_code["WINDOW"].unchecked
    elsewhere = outcome("DATE", Outcome.UNCHECKED, "市教育局", "I1-2", "规范文件")
    waived = outcome("DATE", Outcome.UNCHECKED, *PLACE, waived=True)
    assert remedy(window, [window, elsewhere, waived], RULES) == own


def test_nothing_is_settled_with_what_decides_until_it_has_failed_and_blocks() -> None:
    figures = outcome("FIGURES", Outcome.UNCHECKED, *PLACE)
    own = RULES.by_code["FIGURES"].unchecked
    open_, failed = outcome("BLANK", Outcome.UNCHECKED, *PLACE), outcome("BLANK", Outcome.FAIL, *PLACE)
    lowered = msgspec.structs.replace(failed, severity=Severity.WARNING)
    assert [remedy(figures, [figures, other], RULES) for other in (open_, lowered)] == [own, own]
    assert remedy(figures, [figures, failed], RULES) != own


def test_what_holds_a_cell_up_is_not_settled_with_what_only_warns() -> None:
    """A city lets an unknown date only warn: the window waits for a person all the same, and its remedy says so."""
    settings = {"DATE": {"severity": "warning"}}
    found = judged(PHOTO, evidence(PHOTO, without=("taken_on",)), settings=settings).outcomes
    said = {o.code: remedy(o, found, RULES) for o in found if o.severity is Severity.BLOCKING}
    assert said == {"WINDOW": RULES.by_code["WINDOW"].unchecked}


def test_a_failure_is_mended() -> None:
    late = outcome("WINDOW", Outcome.FAIL, *PLACE)
    assert remedy(late, [late], RULES) == RULES.by_code["WINDOW"].remedy
