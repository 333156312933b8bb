"""For every check that judges one evidence: what fails it, what passes it, and what leaves it 未检."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from archive_schema.words import DecisionAction, EvidenceKind, PlacementStatus, ReadState
from tests.validators.build import (
    DOCUMENT,
    PHOTO,
    REPORT,
    TABLE,
    act,
    evidence,
    form,
    judged,
    placement,
    source,
    unread,
)
from validators.judge import Judgement

Make = Callable[[], Judgement]
ENCRYPTED, DAMAGED = ReadState.ENCRYPTED, ReadState.DAMAGED


@dataclass(frozen=True)
class Case:
    """``fails`` gives exactly this code as a failure; ``unchecked`` None = the check can always be decided, ``why`` says how."""

    fails: Make
    passes: Make
    unchecked: Make | None
    why: str = ""


def _unread(kind: EvidenceKind = DOCUMENT) -> Make:
    return lambda: judged(kind, unread(kind))


CASES: dict[str, Case] = {
    "EMPTY": Case(lambda: judged(of=unread(size=0)), judged, None, "the size is always known"),
    "ENCRYPTED": Case(lambda: judged(of=unread(state=ENCRYPTED)), judged, None, "what nobody could read is FORMAT's"),
    "OPEN": Case(lambda: judged(of=unread(state=DAMAGED)), judged, None, "what nobody could read is FORMAT's"),
    "TYPE": Case(
        lambda: judged(sources=(source("通知.pdf"),)),
        judged,
        lambda: judged(of=unread(media_type="application/x-ole-storage", state=ENCRYPTED)),
    ),
    "MACRO": Case(lambda: judged(of=evidence(macros=True)), judged, _unread()),
    "GARBLED": Case(lambda: judged(of=evidence(garbled=0.4)), lambda: judged(of=evidence(garbled=0.01)), _unread()),
    "UNIT": Case(
        lambda: judged(sources=(source(unit_known=False),)), judged, None, "whether a folder is in the table is always known"
    ),
    "BLANK": Case(lambda: judged(REPORT, evidence(REPORT, text_chars=0)), lambda: judged(REPORT), _unread(REPORT)),
    "DATE": Case(
        lambda: judged(of=evidence(without=("issued_on",))),
        judged,
        lambda: judged(PHOTO, evidence(PHOTO, without=("taken_on",))),
    ),
    "WINDOW": Case(lambda: judged(of=evidence(issued_on="2015-03-01")), judged, _unread()),
    "FORMDATE": Case(
        lambda: judged(sources=(source(form=form(date="2017-04-09")),)),
        lambda: judged(sources=(source(form=form(date="2017年3月")),)),
        None,
        "without a date in the file or in the form there is nothing to compare",
    ),
    "NUMBER": Case(lambda: judged(of=evidence(without=("document_number",))), judged, _unread()),
    "DRAFT": Case(lambda: judged(of=evidence(draft_mark="征求意见稿")), judged, _unread()),
    "TEXT": Case(lambda: judged(REPORT, evidence(REPORT, text_chars=120)), lambda: judged(REPORT), _unread(REPORT)),
    "PIXELS": Case(lambda: judged(PHOTO, evidence(PHOTO, width=800, height=600)), lambda: judged(PHOTO), _unread(PHOTO)),
    "TABLE": Case(lambda: judged(TABLE, evidence(TABLE, table_rows=0)), lambda: judged(TABLE), _unread(TABLE)),
    "FORMULA": Case(lambda: judged(TABLE, evidence(TABLE, formula_errors=["B3 #REF!"])), lambda: judged(TABLE), _unread(TABLE)),
    "SAME": Case(
        lambda: judged(placements=(placement("X1-1"), placement("X1-2"))),
        lambda: judged(placements=(placement("X1-1"), placement("X1-2", status=PlacementStatus.REJECTED))),
        None,
        "the placements of the same bytes are always known",
    ),
    "RETURNED": Case(lambda: judged(decisions=(act(DecisionAction.RETURN),)), judged, None, "a person's act is always known"),
    "SUPERSEDED": Case(lambda: judged(superseded_by="f" * 64), judged, None, "a person's act is always known"),
}

#: checks that cannot fail: only a reader or a person settles them
UNREADABLE: dict[str, Case] = {
    "FORMAT": Case(_unread(), judged, _unread()),
}
