"""For every check that judges one evidence: what fails it, what passes it, and what leaves it 未检."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from archive_schema.evidence import Fact, Source
from archive_schema.words import DecisionAction, EvidenceKind, PlacementStatus, ReadState
from tests.validators.build import (
    CAPTIONED,
    DOCUMENT,
    OTHER,
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


def dated_caption(day: str) -> Source:
    facts = CAPTIONED["caption_facts"] | {"caption_time": Fact([day], method="name/elements")}
    return source("现场.jpg", caption=CAPTIONED["caption"], caption_facts=facts)


#: south, west, north, east
BOUNDARY = {"GPS": {"boundary": [25.2, 118.0, 26.7, 120.2]}}

CASES: dict[str, Case] = {
    "SECRET": Case(
        lambda: judged(decisions=(act(DecisionAction.ATTEST, fact="secrecy", value="机密★1年"),)),
        lambda: judged(decisions=(act(DecisionAction.ATTEST, fact="secrecy", value="无"),)),
        None,
        "what a reader sees keeps the file out; this is a person's word",
    ),
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
    "DEPARTMENT": Case(
        lambda: judged(sources=(source(unit=OTHER),), placements=(placement("X1-1", unit=OTHER),)),
        judged,
        None,
        "which unit sent it is always known",
    ),
    "PERSONS": Case(lambda: judged(of=evidence(persons=["手机号 1 个(如 138******01)"])), judged, _unread()),
    "NUMBERFORM": Case(
        lambda: judged(of=evidence(document_number=Fact("示教发〔2017〕3号", raw="示教发[2017]第03号", method="pdf@1/head"))),
        judged,
        lambda: judged(of=evidence(document_number=Fact("示教发〔2017〕3号", raw="示教发[2017]3号", method="ocr@1/head"))),
    ),
    "TITLE": Case(lambda: judged(of=evidence(without=("title",))), judged, _unread()),
    "ISSUER": Case(
        lambda: judged(placements=(placement("X1-4"),)),
        lambda: judged(of=evidence(issuer="中共示例市委员会"), placements=(placement("X1-4"),)),
        lambda: judged(of=unread(), placements=(placement("X1-4"),)),
    ),
    "SUPERIOR": Case(
        lambda: judged(of=evidence(title="国务院办公厅关于进一步加强无偿献血工作的通知", without=("issuer",))),
        judged,
        _unread(),
    ),
    "SEAL": Case(lambda: judged(of=evidence(seal=False)), judged, _unread()),
    "PAGES": Case(lambda: judged(of=evidence(pages_absent=["3"])), judged, _unread()),
    "LONG": Case(lambda: judged(REPORT, evidence(REPORT, text_chars=2000)), lambda: judged(REPORT), _unread(REPORT)),
    "FIGURES": Case(lambda: judged(REPORT, evidence(REPORT, figures_count=2)), lambda: judged(REPORT), _unread(REPORT)),
    "MEASURES": Case(lambda: judged(REPORT, evidence(REPORT, measures=[])), lambda: judged(REPORT), _unread(REPORT)),
    "RESULTS": Case(lambda: judged(REPORT, evidence(REPORT, results=[])), lambda: judged(REPORT), _unread(REPORT)),
    "SUMMARY": Case(
        lambda: judged(REPORT, evidence(REPORT, title="内容1工作总结", summary_style=["标题“总结”"])),
        lambda: judged(REPORT, evidence(REPORT, summary_style=["圆满完成"])),
        _unread(REPORT),
    ),
    "PERIOD": Case(
        lambda: judged(REPORT, evidence(REPORT, period="2014-01-01 至 2015-12-31")), lambda: judged(REPORT), _unread(REPORT)
    ),
    "SINGLE": Case(
        lambda: judged(REPORT, placements=(placement("X1-1", REPORT), placement("X1-2", REPORT))),
        lambda: judged(REPORT),
        None,
        "the placements of the same bytes are always known",
    ),
    "ANSWERS": Case(
        lambda: judged(REPORT, evidence(REPORT, title="养老院消防演练情况说明")), lambda: judged(REPORT), _unread(REPORT)
    ),
    "BLUR": Case(lambda: judged(PHOTO, evidence(PHOTO, sharpness=5.0)), lambda: judged(PHOTO), _unread(PHOTO)),
    "COMPRESSED": Case(lambda: judged(PHOTO, evidence(PHOTO, size=200_000)), lambda: judged(PHOTO), _unread(PHOTO)),
    "CAPTION": Case(
        lambda: judged(PHOTO, sources=(source("现场.jpg"),)),
        lambda: judged(PHOTO),
        None,
        "what the sources say of it is always known",
    ),
    "ELEMENTS": Case(
        lambda: judged(PHOTO, sources=(source("现场.jpg", caption=Fact("升旗", method="name")),)),
        lambda: judged(PHOTO),
        None,
        "an element is recognised or not",
    ),
    "CAPDATE": Case(
        lambda: judged(PHOTO, sources=(dated_caption("2017-05-01"),)),
        lambda: judged(PHOTO, sources=(dated_caption("2017-03"),)),
        None,
        "without both dates there is nothing to compare",
    ),
    "EDITED": Case(lambda: judged(PHOTO, evidence(PHOTO, edited_by="GIMP 2.4.5")), lambda: judged(PHOTO), _unread(PHOTO)),
    "WATERMARK": Case(
        lambda: judged(PHOTO, evidence(PHOTO, watermark=["重复铺满画面的水印"])),
        lambda: judged(PHOTO),
        lambda: judged(PHOTO, evidence(PHOTO, reader="test@1")),
    ),
    "STAMP": Case(
        lambda: judged(PHOTO, evidence(PHOTO, imprint=["右下角彩色印字"], date_stamp="2017-05-09")),
        lambda: judged(PHOTO, evidence(PHOTO, imprint=["右下角彩色印字"], date_stamp="2017-03-01")),
        lambda: judged(PHOTO, evidence(PHOTO, imprint=["右下角彩色印字"])),
    ),
    "COLLAGE": Case(
        lambda: judged(PHOTO, evidence(PHOTO, collage=["竖缝 50%"])),
        lambda: judged(PHOTO, evidence(PHOTO, collage=[])),
        _unread(PHOTO),
    ),
    "CLOCK": Case(
        lambda: judged(PHOTO, evidence(PHOTO, taken_on="2017-07-28")),
        lambda: judged(PHOTO),
        _unread(PHOTO),
    ),
    "GPS": Case(
        lambda: judged(PHOTO, evidence(PHOTO, gps="39.9,116.4"), settings=BOUNDARY),
        lambda: judged(PHOTO, evidence(PHOTO, gps="26.1,119.3"), settings=BOUNDARY),
        lambda: judged(PHOTO, settings=BOUNDARY),
    ),
    "HEADER": Case(lambda: judged(TABLE, evidence(TABLE, without=("table_columns",))), lambda: judged(TABLE), _unread(TABLE)),
    "MEASURE": Case(lambda: judged(TABLE, evidence(TABLE, without=("table_units",))), lambda: judged(TABLE), _unread(TABLE)),
    "SCOPE": Case(lambda: judged(TABLE, evidence(TABLE, without=("table_scope",))), lambda: judged(TABLE), _unread(TABLE)),
    "SOURCE": Case(lambda: judged(TABLE, evidence(TABLE, without=("table_source",))), lambda: judged(TABLE), _unread(TABLE)),
    "CELLS": Case(lambda: judged(TABLE, evidence(TABLE, numbers_unread=["C5 若干"])), lambda: judged(TABLE), _unread(TABLE)),
    "TOTALS": Case(
        lambda: judged(TABLE, evidence(TABLE, totals_differ=["任务数: 合计 10,各行相加 12"])),
        lambda: judged(TABLE),
        _unread(TABLE),
    ),
    "RATIO": Case(lambda: judged(TABLE, evidence(TABLE, ratios_odd=["D5 完成率 135%"])), lambda: judged(TABLE), _unread(TABLE)),
    "YEARS": Case(lambda: judged(TABLE, evidence(TABLE, table_years=["2014", "2015"])), lambda: judged(TABLE), _unread(TABLE)),
    "POPULATION": Case(
        lambda: judged(TABLE, evidence(TABLE, table_columns=["区", "人均面积(平方米)"], table_scope="按常住人口")),
        lambda: judged(TABLE, evidence(TABLE, table_columns=["区", "人均面积(平方米)"], table_scope="按户籍人口")),
        _unread(TABLE),
    ),
    "AREA": Case(
        lambda: judged(TABLE, evidence(TABLE, title="全县完成情况统计表", table_scope="全县")),
        lambda: judged(TABLE),
        _unread(TABLE),
    ),
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
