"""A coverage report of the size of a city: every item of national-2017, some thousand files, every section of the page filled."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime

from archive_schema import catalogue
from archive_schema.coverage import Reason
from archive_schema.evidence import Candidate
from archive_schema.outputs import (
    CoverageCatalogue,
    CoverageEvidence,
    CoverageItem,
    CoverageOutput,
    CoverageRequirement,
    CoverageUnit,
    CoverageUnplaced,
)
from archive_schema.report import (
    CellChange,
    Changes,
    CoverageReport,
    ExpectationResult,
    FormProblem,
    InboxNote,
    Place,
    ShownFinding,
    piece_key,
)
from archive_schema.words import CellState, EvidenceKind, PlacementStatus, Severity

GENERATED = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)
HEAD = "37:" + hashlib.sha256(b"head").hexdigest()

_FAULTS = {
    EvidenceKind.DOCUMENT: [
        ("WINDOW", Severity.BLOCKING, "成文日期 2024-03-15 不在测评时段内", "请提交时段内的文件"),
        ("DRAFT", Severity.BLOCKING, "标题带“征求意见稿”,不是正式发文", "请提交正式印发的文件"),
        ("ATTACHMENT", Severity.WARNING, "正文提到附件 2 个,未见附件 2《任务分工表》", "请补交附件"),
        ("NO_NUMBER", Severity.BLOCKING, "没有读到发文字号", "请核对红头文件是否完整"),
    ],
    EvidenceKind.REPORT: [
        ("LENGTH", Severity.WARNING, "正文 1,842 字,多于 800 字", "请压缩到 300–800 字"),
        ("FIGURES", Severity.BLOCKING, "全文没有数据", "请写入至少三个反映效果的数据"),
    ],
    EvidenceKind.PHOTO: [
        ("PIX", Severity.BLOCKING, "长边 640 像素,小于 1024", "请提交原图"),
        ("CAPTION", Severity.WARNING, "图片说明缺少时间、地点", "请在说明中写明时间、地点、人物、事由"),
        ("REUSED", Severity.BLOCKING, "与 III12-3 的图片相同", "请换一张反映本项工作的图片"),
    ],
    EvidenceKind.TABLE: [
        ("TOTAL", Severity.BLOCKING, "“合计”一行与各行之和相差 120", "请核对后重新提交"),
        ("UNIT", Severity.WARNING, "没有写计量单位", "请在表头写明单位和口径"),
    ],
}
_EXTENSION = {
    EvidenceKind.DOCUMENT: "pdf",
    EvidenceKind.REPORT: "docx",
    EvidenceKind.PHOTO: "jpg",
    EvidenceKind.TABLE: "xlsx",
}


def sha(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def report(seed: int = 1, files: int = 6) -> CoverageReport:
    """``files``: the most files of a cell."""
    dice = random.Random(seed)
    book = catalogue.load("national-2017")
    items, reasons, findings, late = [], {}, {}, set()
    totals = dict.fromkeys(CellState, 0)
    item_totals = dict.fromkeys(CellState, 0)
    by_unit: dict[str, tuple[list[str], dict[CellState, int]]] = {}
    for item in book.material:
        requirements = []
        for kind in item.kinds:
            state = dice.choices(list(CellState), [24, 14, 14, 46, 2])[0]
            needed = dice.choice([2, 3, 4]) if kind is EvidenceKind.PHOTO else 1
            evidence, seen = [], {}
            count = 0 if state in (CellState.MISSING, CellState.NOT_APPLICABLE) else dice.randint(needed, max(needed, files))
            for n in range(count):
                unit = dice.choice(item.units)
                path = f"{item.id} {item.content}/{kind}{n + 1}-{item.standard[:14]}.{_EXTENSION[kind]}"
                digest = sha(f"{path}{unit}")
                key = piece_key(digest, unit, item.id, kind)
                status = (
                    PlacementStatus.IN_REVIEW
                    if state is CellState.IN_REVIEW
                    else dice.choice([PlacementStatus.AUTO, PlacementStatus.AUTO, PlacementStatus.CONFIRMED])
                )
                evidence.append(CoverageEvidence(digest, unit, path, f"关于{item.standard[:18]}的{kind}", status))
                faults = []
                if state is CellState.UNUSABLE or dice.random() < 0.12:
                    code, severity, text, remedy = dice.choice(_FAULTS[kind])
                    if state is CellState.USABLE:
                        severity = Severity.WARNING
                    faults.append(ShownFinding(code, severity, "fail", f"{path.rsplit('/')[-1]}: {text}", remedy))
                    seen[code] = text
                if dice.random() < 0.06:
                    faults.append(ShownFinding("SEAL", Severity.NOTICE, "unchecked", "印章未能检出", "请人工核对并认定"))
                if faults:
                    findings[key] = tuple(faults)
                if dice.random() < 0.05:
                    late.add(key)
            why = {
                CellState.UNUSABLE: [Reason(c, f"{t}({n} 件)", n) for c, t in seen.items() for n in (dice.randint(1, 3),)]
                + [Reason("SHORT", f"数量不足 0/{needed}")],
                CellState.IN_REVIEW: [Reason("REVIEW", "待复核", count)],
                CellState.MISSING: [Reason("OVERDUE", "逾期未交,期限 2026-10-31")] if dice.random() < 0.3 else [],
            }.get(state, [])
            if why:
                reasons[f"{item.id}|{kind}"] = tuple(why)
            usable = needed if state is CellState.USABLE else 0
            requirements.append(CoverageRequirement(kind, state, needed, usable, [r.text for r in why], evidence))
            totals[state] += 1
        states = [r.state for r in requirements]
        worst = next(s for s in CellState if s in states)
        item_totals[worst] += 1
        led, sums = by_unit.setdefault(item.units[0], ([], dict.fromkeys(CellState, 0)))
        led.append(item.id)
        for s in states:
            sums[s] += 1
        items.append(CoverageItem(item.id, item.standard, item.provenance, list(item.units), worst, requirements))
    unplaced = [
        CoverageUnplaced(
            sha(f"unplaced{n}"),
            dice.choice(["市教育局", "市文明办", "市城管局"]),
            f"补充材料/扫描件{n + 1}.pdf",
            [
                Candidate(i.id, round(0.6 - 0.1 * k, 2), (f"文中有“{i.content[:6]}”", "单位是责任单位"), dice.choice(i.kinds))
                for k, i in enumerate(dice.sample(book.material, 2))
            ]
            if n % 4
            else [],
        )
        for n in range(14)
    ]
    findings[piece_key(unplaced[0].sha256, unplaced[0].unit)] = (
        ShownFinding("UNREADABLE", Severity.BLOCKING, "fail", "扫描件1.pdf: 文件有密码,打不开", "请提交没有密码的文件"),
    )
    cells = [(i.id, r.kind, r.state) for i in items for r in i.requirements]
    usable_cells = [c for c in cells if c[2] is CellState.USABLE]
    return CoverageReport(
        coverage=CoverageOutput(
            cycle="2026 年度测评",
            generated_at=GENERATED,
            head=HEAD,
            catalogue=CoverageCatalogue(book.head.edition, len(book.material), len(book.cells)),
            totals=totals,
            item_totals=item_totals,
            items=items,
            units=[CoverageUnit(n, led, sums) for n, (led, sums) in sorted(by_unit.items())],
            unplaced=unplaced,
        ),
        zone="Asia/Shanghai",
        run="20261120T180000Z-7f3a",
        places={i.id: Place(i.section, i.project, i.indicator, i.content, i.threshold, i.source) for i in book.material},
        reasons=reasons,
        findings=findings,
        late=frozenset(late),
        changes=Changes(
            since=datetime(2026, 11, 19, 22, 30, tzinfo=UTC),
            since_head="36:" + sha("before")[:12],
            new=tuple((sha(f"new{n}"), "市教育局", f"III5-1/新交材料{n + 1}.pdf") for n in range(23)),
            gained=tuple(CellChange(i, k, CellState.MISSING, s) for i, k, s in usable_cells[:7]),
            lost=(CellChange(cells[40][0], cells[40][1], CellState.USABLE, CellState.UNUSABLE),),
            moved=tuple(CellChange(i, k, CellState.MISSING, s) for i, k, s in cells[60:63]),
        ),
        notes=(
            InboxNote("市卫生局", "报送/采集表.xlsx", "waiting", "文件还在变化,下次再收", 20_480),
            InboxNote("市公安局", "上报/内部通报.pdf", "quarantined", "疑似涉密: 首页读到密级“机密”", 913_221, sha("secret")),
            InboxNote("市交通局", "打包.zip", "quarantined", "压缩包展开后超过上限", 88_000_000, sha("bomb")),
        ),
        forms=(
            FormProblem("市教育局", "三月/提交表.xlsx", "第 12 行: 找不到文件“没有.docx”,请核对文件名或补交"),
            FormProblem("市教育局", "三月/提交表.xlsx", "第 3 行的日期“昨天”看不懂,应写成 2017-08-01 或 2017年8月1日"),
        ),
        unknown_folders={"文明办材料": "市文明办", "新建文件夹(2)": ""},
        validation=(
            ExpectationResult("规范文件", "GX_NUMBER", "发文字号形如 某发〔2026〕12号", True, 412, 0),
            ExpectationResult(
                "统计表格", "GX_TOTALS", "合计等于各行之和", False, 96, 4, ("垃圾分类统计.xlsx", "绿地统计.xlsx")
            ),
            ExpectationResult("实景图片", "GX_DUP", "同一图片不用于两项", None, 0, 0),
        ),
        catalogue_note=book.head.note,
        provenance_counts={p: sum(i.provenance == p for i in book.material) for p in ("confirmed", "partial", "inferred")},
        windows=dict.fromkeys(EvidenceKind, "2025-11-01 至 2026-10-31") | {EvidenceKind.TABLE: "2024-01-01 至 2025-12-31"},
        deadline="2026-10-31",
        city="某市",
    )
