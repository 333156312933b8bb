"""Files handed in, read and judged: what a folder of ``fixtures`` says of its check is said with these.

``fixtures/CODE/case.py`` has ``FAILS`` and ``PASSES``: files (made by ``samples``, the same on every run) that raise exactly the
check CODE, and files that pass it. ``look`` writes them, reads them as ingest does, judges each, compares them with each
other; the frames of all fixtures are validated together, since that takes seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec

from archive_schema.canonical import sha256
from archive_schema.catalogue import Catalogue, CatalogueHead
from archive_schema.cycle import Cycle, Limits, Settings, Window
from archive_schema.declared import DeclaredTable
from archive_schema.evidence import CheckOutcome, Evidence, FormRow, Placement, Source
from archive_schema.grid import Grid, decode
from archive_schema.words import DecisionAction, EvidenceKind, Outcome, PlacementMethod, PlacementStatus
from intake.caption import caption
from intake.elements import elements
from intake.read import read_file
from samples import hostile, layout
from samples import photo as drawing
from tests.validators.build import DOCUMENT, OTHER, PHOTO, REPORT, TABLE, UNIT, act, item
from validators import crosswise
from validators.judge import judge
from validators.timing import timing_outcomes

SEEN = datetime(2017, 7, 20, 1, 0, tzinfo=UTC)
WINDOW = Window(date(2016, 8, 1), date(2017, 7, 31))
YEARS = Window(date(2015, 1, 1), date(2016, 12, 31))
CATALOGUE = Catalogue(
    CatalogueHead("fixtures", "fixtures"),
    (
        item("F1-1", content="志愿服务", standard="志愿服务制度健全,活动经常", indicator="志愿服务", project="社会风尚"),
        item("F1-2", content="志愿服务站点", standard="社区有志愿服务站点", indicator="志愿服务", project="社会风尚"),
        item("F1-3", content="工作部署", standard="市委或市文明委印发培育践行的文件", indicator="志愿服务", project="社会风尚"),
        item("F1-4", content="市民公约", standard="修订市民公约,附修订前后文本", indicator="公约", project="社会风尚"),
        item("F1-5", content="志愿者培训", standard="每年培训志愿者", units=(OTHER,)),
    ),
)
Make = Callable[[Path], object]


class Sent(msgspec.Struct, frozen=True):
    """One file. ``kind`` None = not placed; ``media_type`` and ``path`` instead of the true ones, where the point is the record."""

    name: str
    make: Make
    kind: EvidenceKind | None
    item: str = "F1-1"
    unit: str = UNIT
    known: bool = True
    form: FormRow | None = None
    submitted_at: datetime | None = None
    media_type: str = ""
    path: str = ""
    more_items: tuple[str, ...] = ()


class Handed(msgspec.Struct, frozen=True):
    """Files handed in together. ``acts``: of a person on the first of them, as is what is ``attested`` (fact → value); ``newer``: it was
    replaced."""

    sent: tuple[Sent, ...]
    acts: tuple[DecisionAction, ...] = ()
    newer: bool = False
    deadline: date | None = None
    settings: dict[str, dict[str, Any]] = {}
    declared: DeclaredTable | None = None
    attested: dict[str, str] = {}


class Looked(msgspec.Struct, frozen=True):
    """What became of them; frames are validated later."""

    evidence: tuple[Evidence, ...]
    placements: dict[str, list[Placement]]
    sources: dict[str, list[Source]]
    outcomes: dict[str, list[CheckOutcome]]
    passed: frozenset[str]
    grids: dict[str, Grid] = {}

    def failed(self) -> set[str]:
        return {o.code for of in self.outcomes.values() for o in of if o.outcome is Outcome.FAIL}

    def unchecked(self) -> set[str]:
        return {o.code for of in self.outcomes.values() for o in of if o.outcome is Outcome.UNCHECKED}


def look(handed: Handed, folder: Path) -> Looked:
    """Write, read, judge and compare ``handed`` in the empty ``folder``."""
    cycle = Cycle("f", "fixtures", dict.fromkeys(EvidenceKind, WINDOW) | {TABLE: YEARS}, deadline=handed.deadline)
    settings = Settings(checks=handed.settings)
    evidence: dict[str, Evidence] = {}
    grids: dict[str, Grid] = {}
    placements: dict[str, list[Placement]] = {}
    sources: dict[str, list[Source]] = {}
    for n, s in enumerate(handed.sent):
        path = folder / str(n) / s.name
        path.parent.mkdir(parents=True)
        s.make(path)
        data = path.read_bytes()
        sha = sha256(data)
        r = read_file(path, s.name, Limits(ocr="off"))
        evidence[sha] = Evidence(sha, len(data), s.media_type or r.media_type, r.reader, r.state, r.facts, r.detail)
        if r.grid:
            grids[sha] = decode(r.grid)
        said = caption(s.name, s.form, None) if r.media_type.startswith("image/") else None
        source = Source(
            folder=s.unit if s.known else "某处",
            path=s.path or s.name,
            unit=s.unit,
            unit_known=s.known,
            sha256=sha,
            size=len(data),
            mtime_ns=0,
            first_seen_at=SEEN,
            submitted_at=s.submitted_at,
            form=s.form,
            caption=said,
            caption_facts=elements(said) if said else {},
        )
        sources.setdefault(sha, []).append(source)
        if s.kind is not None:
            placements.setdefault(sha, []).extend(
                Placement(sha, s.unit, i, s.kind, PlacementMethod.NUMBER, None, PlacementStatus.AUTO)
                for i in (s.item, *s.more_items)
            )
    outcomes: dict[str, list[CheckOutcome]] = {}
    passed: set[str] = set()
    first = next(iter(evidence))
    for sha, e in evidence.items():
        acts = tuple(act(a, sha256=first) for a in handed.acts)
        acts += tuple(act(DecisionAction.ATTEST, f"a{k}", sha256=first, fact=k, value=v) for k, v in handed.attested.items())
        j = judge(
            e,
            sources[sha],
            placements.get(sha, []),
            catalogue=CATALOGUE,
            cycle=cycle,
            settings=settings,
            decisions=acts,
            superseded_by="f" * 64 if handed.newer and sha == first else None,
        )
        outcomes[sha] = list(j.outcomes)
        passed |= set(j.passed)
        for p in placements.get(sha, []):
            if p.item in CATALOGUE.by_id:
                outcomes[sha] += timing_outcomes(
                    sources[sha], p.unit, p.item, p.kind, catalogue=CATALOGUE, cycle=cycle, zone=UTC
                )
    held = list(evidence.values())
    across = crosswise.compare(
        crosswise.pieces(held, placements, sources),
        crosswise.delivered(held, sources),
        numbers=crosswise.numbered(held, sources),
        catalogue=CATALOGUE,
        settings=settings,
    )
    for sha, of in across.items():
        outcomes[sha] += of
    return Looked(tuple(held), placements, sources, outcomes, frozenset(passed), grids)


# ---- good files, of which a fixture changes what its check is about

TEXT = (
    "按照“志愿服务”的测评要求,现将志愿服务工作的有关情况说明如下。本标准要求志愿服务制度健全、活动经常。",
    "一、工作措施。市教育局成立专班,制定年度计划,把任务分解到7个区(县)和有关学校,明确完成时限和责任人。全年组织培训24期,"
    "开展检查12次,检查结果当月通报,问题由专人跟踪到底。志愿服务记录统一登记在册,学校、社区各留一份备查。",
    "二、制度机制。建立月登记、季通报、年考核的工作机制,有关数据由专人汇总、两人核对,原始台账保存三年以上。对发现的31个问题逐一登记,"
    "已整改29个,其余2个明确了整改时限,到期没有完成的约谈负责人并在系统内通报。",
    "三、工作成效。全市共有任务3109项,已完成2778项,完成率89.4%。参加志愿服务的师生比上一年增长12.5%,群众满意度达到96%。",
    "四、工作保障。所需人员和经费已经落实,联络员变动及时报备,材料随工作进展同步归档,确保连续完整。",
)


def document(name: str = "志愿服务通知.pdf", *, sent: dict[str, Any] | None = None, **changes: Any) -> Sent:
    given: dict[str, Any] = {
        "issuer": "示例市教育局",
        "title": "关于加强志愿服务工作的通知",
        "paragraphs": (
            "为做好志愿服务工作,现就有关事项通知如下。",
            "一、健全志愿服务制度,每月登记一次,每季通报一次,年底统一考核,考核结果与评优挂钩。",
            "二、经常开展活动,各区(县)每季度不少于两次,活动记录及时归档,专人保管,定期核对。",
        ),
        "mark": "示例市教育局文件",
        "number": "示教发〔2017〕3号",
        "issued_on": date(2017, 3, 1),
        "addressee": "各区(县)教育局",
        "seal": True,
    }
    spec = layout.OfficialDocument(**(given | changes))
    return Sent(name, lambda path: layout.official_document(spec, path), DOCUMENT, **(sent or {}))


def report(name: str = "志愿服务说明.docx", *, sent: dict[str, Any] | None = None, **changes: Any) -> Sent:
    given: dict[str, Any] = {
        "title": "志愿服务情况说明",
        "paragraphs": TEXT,
        "unit": "示例市教育局",
        "issued_on": date(2017, 3, 1),
    }
    spec = layout.Report(**(given | changes))
    return Sent(name, lambda path: layout.report(spec, path), REPORT, **(sent or {}))


def photo(name: str = "人民广场志愿者清扫街道.jpg", *, sent: dict[str, Any] | None = None, **changes: Any) -> Sent:
    given: dict[str, Any] = {"seed": "fixture", "taken_at": datetime(2017, 3, 1, 9, 30)}  # noqa: DTZ001 - cameras know no zone
    spec = layout.Photo(**(given | changes))
    return Sent(name, lambda path: layout.photo(spec, path), PHOTO, **(sent or {}))


def drawn(make: Callable[[], Any], name: str = "人民广场志愿者清扫街道.jpg", *, sent: dict[str, Any] | None = None) -> Sent:
    """A photograph whose pixels ``make`` draws (a Pillow picture), with what a camera writes beside them."""
    spec = layout.Photo(seed="", taken_at=datetime(2017, 3, 1, 9, 30))  # noqa: DTZ001

    def write(path: Path) -> object:
        return path.write_bytes(drawing.save(make(), "JPEG", quality=80, exif=drawing.exif(spec)))

    return Sent(name, write, PHOTO, **(sent or {}))


def table(name: str = "志愿服务统计.xlsx", *, sent: dict[str, Any] | None = None, **changes: Any) -> Sent:
    given: dict[str, Any] = {
        "title": "示例市志愿服务情况统计表",
        "header": ("序号", "区(县)", "任务数(项)", "完成数(项)", "完成率(%)"),
        "rows": (
            (1, "东示区", 200, 180, 90.0),
            (2, "西示区", 400, 300, 75.0),
            (3, "南示区", 500, 450, 90.0),
            (4, "示水县", 300, 294, 98.0),
        ),
        "measure": "项、%",
        "scope": "全市范围,按属地统计",
        "period": "2015年1月至2016年12月",
        "source": "示例市教育局业务台账",
        "totals": ("合计", "", 1400, 1224, 87.4),
        "unit": "示例市教育局",
    }
    spec = layout.Table(**(given | changes))
    write = layout.table_csv if name.endswith(".csv") else layout.table_xlsx
    return Sent(name, lambda path: write(spec, path), TABLE, **(sent or {}))


def bad(sort: str, name: str, kind: EvidenceKind | None = None, **sent: Any) -> Sent:
    """A file of one of the bad sorts of ``samples.hostile``."""
    return Sent(name, lambda path: hostile.produce(sort, path.parent).rename(path), kind, **sent)


def raw(name: str, data: bytes, kind: EvidenceKind | None, **sent: Any) -> Sent:
    return Sent(name, lambda path: path.write_bytes(data), kind, **sent)


def handed(*sent: Sent, **more: Any) -> Handed:
    return Handed(sent, **more)


def unplaced(sent: Sent) -> Sent:
    """The file as nobody placed it."""
    return msgspec.structs.replace(sent, kind=None)
