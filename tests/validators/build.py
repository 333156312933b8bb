"""Evidence, sources and placements as the other rooms hand them over; nothing random, nothing real."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from archive_schema.canonical import sha256
from archive_schema.catalogue import Catalogue, CatalogueHead, Item
from archive_schema.cycle import Cycle, RequirementRule, Settings, Window
from archive_schema.decisions import Decision
from archive_schema.evidence import Evidence, Fact, FormRow, Placement, Source
from archive_schema.words import (
    DecisionAction,
    EvidenceKind,
    Outcome,
    PlacementMethod,
    PlacementStatus,
    Provenance,
    ReadState,
    ReviewMethod,
    Severity,
)
from validators.judge import Judgement, judge

DOCUMENT, REPORT, PHOTO, TABLE = EvidenceKind
WINDOW = Window(date(2016, 8, 1), date(2017, 7, 31))
TABLE_WINDOW = Window(date(2015, 1, 1), date(2016, 12, 31))
SHA = sha256(b"material")
UNIT, OTHER = "市教育局", "市体育局"
SEEN = datetime(2017, 7, 20, 1, 0, tzinfo=UTC)

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
USUAL: dict[EvidenceKind, tuple[str, str, dict[str, Any]]] = {
    DOCUMENT: (
        "通知.docx",
        DOCX,
        {
            "issued_on": "2017-03-01",
            "document_number": "示教发〔2017〕3号",
            "title": "关于内容1的通知",
            "issuer": "示例市教育局",
            "seal": True,
            "text_chars": 900,
            "macros": False,
            "pages_absent": [],
            "persons": [],
        },
    ),
    REPORT: (
        "说明.docx",
        DOCX,
        {
            "issued_on": "2017-03-01",
            "title": "内容1情况说明",
            "text_chars": 600,
            "macros": False,
            "figures_count": 6,
            "measures": ["制定"],
            "results": ["完成"],
            "summary_style": [],
            "explains": ["说明如下"],
            "period": "2016-09-01 至 2017-06-30",
            "pages_absent": [],
            "persons": [],
        },
    ),
    PHOTO: (
        "现场.jpg",
        "image/jpeg",
        {"taken_on": "2017-03-01", "width": 4000, "height": 3000, "sharpness": 400.0, "collage": []},
    ),
    TABLE: (
        "统计.xlsx",
        XLSX,
        {
            "table_date": "2015—2016年",
            "table_rows": 12,
            "table_columns": ["区", "任务数(项)", "完成数(项)", "完成率(%)"],
            "table_units": ["项", "%"],
            "table_scope": "全市,按属地统计",
            "table_source": "统计年鉴",
            "table_numeric": ["任务数(项)", "完成数(项)"],
            "numbers_unread": [],
            "totals_differ": [],
            "ratios_odd": [],
            "ratios_differ": [],
            "table_years": ["2015", "2016"],
            "text_chars": 300,
            "macros": False,
            "persons": [],
        },
    ),
}


#: what a picture's source says of it
CAPTIONED: dict[str, Any] = {
    "caption": Fact("人民广场升旗", method="name"),
    "caption_facts": {
        key: Fact([value], method="name/elements")
        for key, value in {"caption_place": "人民广场", "caption_theme": "升旗"}.items()
    },
}


def item(ident: str, kinds: tuple[EvidenceKind, ...] = tuple(EvidenceKind), **changes: Any) -> Item:
    number = int(ident.rpartition("-")[2])
    given: dict[str, Any] = {
        "id": ident,
        "section": "一",
        "project_no": 1,
        "project": "项目",
        "indicator_no": 1,
        "indicator": "指标",
        "content_no": 1,
        "content": f"内容{number}",
        "standard_no": number,
        "standard": f"标准{number}",
        "methods": (ReviewMethod.MATERIAL,),
        "kinds": kinds,
        "threshold": "",
        "units": (UNIT,),
        "provenance": Provenance.CONFIRMED,
        "source": "",
    }
    return Item(**(given | changes))


CATALOGUE = Catalogue(
    CatalogueHead("test", "test"),
    (
        item("X1-1"),
        item("X1-2"),
        item("X1-3", (DOCUMENT, REPORT)),
        item("X1-4", (DOCUMENT,), content="工作部署", standard="市委或市文明委印发文件"),
        item("X1-5", units=(OTHER,)),
    ),
)


def cycle(*rules: RequirementRule, deadline: date | None = None) -> Cycle:
    windows = dict.fromkeys(EvidenceKind, WINDOW) | {TABLE: TABLE_WINDOW}
    return Cycle(name="2017", catalogue="test", windows=windows, deadline=deadline, rules=rules)


def evidence(
    kind: EvidenceKind = DOCUMENT,
    *,
    without: tuple[str, ...] = (),
    state: ReadState = ReadState.READ,
    size: int = 2_000_000,
    media_type: str = "",
    detail: str = "",
    reader: str = "test@1+ocr@1f",
    **facts: Any,
) -> Evidence:
    """As usual for the kind, with facts changed or left out; by default all that can be recognised was."""
    _, usual_type, usual = USUAL[kind]
    values = {k: v for k, v in (usual | facts).items() if k not in without}
    read = {k: v if isinstance(v, Fact) else Fact(value=v, method="test@1") for k, v in values.items()}
    return Evidence(SHA, size, media_type or usual_type, reader, state, read, detail=detail)


def unread(kind: EvidenceKind = DOCUMENT, state: ReadState = ReadState.UNSUPPORTED, **changes: Any) -> Evidence:
    return evidence(kind, without=tuple(USUAL[kind][2]), state=state, **changes)


def source(path: str = "通知.docx", unit: str = UNIT, **changes: Any) -> Source:
    given: dict[str, Any] = {
        "folder": unit,
        "path": path,
        "unit": unit,
        "unit_known": True,
        "sha256": SHA,
        "size": 1000,
        "mtime_ns": 0,
        "first_seen_at": SEEN,
    }
    return Source(**(given | changes))


def form(**columns: str) -> FormRow:
    return FormRow(file="通知.docx", **columns)


def placement(
    item: str = "X1-1",
    kind: EvidenceKind = DOCUMENT,
    unit: str = UNIT,
    status: PlacementStatus = PlacementStatus.AUTO,
) -> Placement:
    return Placement(SHA, unit, item, kind, PlacementMethod.NUMBER, None, status)


def act(action: DecisionAction, ident: str = "d1", **fields: Any) -> Decision:
    given: dict[str, Any] = {"by": "王审核", "at": SEEN, "reason": "看过原件", "sha256": SHA}
    return Decision(id=ident, action=action, **(given | fields))


def judged(
    kind: EvidenceKind = DOCUMENT,
    of: Evidence | None = None,
    *,
    sources: tuple[Source, ...] | None = None,
    placements: tuple[Placement, ...] | None = None,
    decisions: tuple[Decision, ...] = (),
    settings: dict[str, dict[str, Any]] | None = None,
    superseded_by: str | None = None,
    cycle_: Cycle | None = None,
    answering: dict[str, tuple[str, ...]] | None = None,
) -> Judgement:
    return judge(
        of or evidence(kind),
        sources if sources is not None else (source(USUAL[kind][0], **(CAPTIONED if kind is PHOTO else {})),),
        placements if placements is not None else (placement(kind=kind),),
        catalogue=CATALOGUE,
        cycle=cycle_ or cycle(),
        settings=Settings(checks=settings or {}),
        decisions=decisions,
        superseded_by=superseded_by,
        answering=answering,
    )


def of(judgement, code):
    return [o for o in judgement.outcomes if o.code == code]


def failed(judgement):
    return {o.code for o in judgement.outcomes if o.outcome is Outcome.FAIL}


def blocking(judgement):
    return {(o.code, o.outcome) for o in judgement.outcomes if o.severity is Severity.BLOCKING and not o.waived}
