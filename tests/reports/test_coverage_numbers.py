"""Every number and mark that the coverage report says of a cell and of a file is that cell's and that file's, in every format."""

from __future__ import annotations

import csv
import io
import re

import msgspec
import openpyxl
import pytest
from openpyxl import Workbook

from archive_schema.coverage import Reason
from archive_schema.evidence import Candidate
from archive_schema.outputs import (
    CoverageCatalogue,
    CoverageElsewhere,
    CoverageEvidence,
    CoverageItem,
    CoverageOutput,
    CoverageRequirement,
    CoverageUnit,
    CoverageUnplaced,
)
from archive_schema.report import CellChange, Changes, CoverageReport, FormProblem, InboxNote, ShownFinding, piece_key
from archive_schema.words import CellState, EvidenceKind, PlacementStatus, Provenance, Severity
from reports import coverage_csv, coverage_html, coverage_text, coverage_view, coverage_xlsx
from tests.reports import example

LEAD, HELP = "市文明办", "市教育局"
PHOTO, DOCUMENT, TABLE = EvidenceKind.PHOTO, EvidenceKind.DOCUMENT, EvidenceKind.TABLE
UNUSABLE, REVIEW, MISSING, USABLE = CellState.UNUSABLE, CellState.IN_REVIEW, CellState.MISSING, CellState.USABLE
SHORT = Reason("SHORT", "数量不足 1/3")
PIX = Reason("PIX", "长边小于 1024(2 件)", 2)


def piece(name: str, status: PlacementStatus = PlacementStatus.AUTO, unit: str = LEAD) -> CoverageEvidence:
    return CoverageEvidence(example.sha(name), unit, name, name, status)


def fault(code: str, severity: Severity = Severity.WARNING, outcome: str = "fail", *, waived: bool = False) -> ShownFinding:
    return ShownFinding(code, severity, outcome, f"{code} 不合", f"请改 {code}", waived)


A, B, C = piece("甲.jpg"), piece("乙.jpg"), piece("丙.jpg", PlacementStatus.IN_REVIEW)
FINDINGS = (fault("PIX"), fault("GREY", waived=True), fault("SEAL", outcome="unchecked"), fault("BLOCK", Severity.BLOCKING))


@pytest.fixture(scope="module")
def report() -> CoverageReport:
    """Two items of one lead: four cells in four states, one of them with three files, of which the first has every sort of finding."""
    cells = [
        CoverageRequirement(DOCUMENT, MISSING, 1, 0, [], []),
        CoverageRequirement(PHOTO, UNUSABLE, 3, 1, [SHORT.text], [A, B, C]),
    ]
    one = CoverageItem("III1-1", "甲项", "confirmed", [HELP, LEAD], MISSING, cells)
    others = [CoverageRequirement(DOCUMENT, REVIEW, 1, 0, [], []), CoverageRequirement(TABLE, USABLE, 1, 2, [], [])]
    two = CoverageItem("III1-2", "乙项", "partial", [LEAD], REVIEW, others)
    totals = dict.fromkeys((MISSING, UNUSABLE, REVIEW, USABLE), 1) | {CellState.NOT_APPLICABLE: 0}
    output = CoverageOutput(
        cycle="c1",
        generated_at=example.GENERATED,
        head=None,
        catalogue=CoverageCatalogue("e", 2, 4),
        totals=totals,
        item_totals={MISSING: 1, REVIEW: 1},
        items=[one, two],
        units=[CoverageUnit(LEAD, ["III1-1", "III1-2"], totals)],
        unplaced=[],
    )
    return CoverageReport(
        coverage=output,
        zone="Asia/Shanghai",
        run=None,
        places={},
        reasons={"III1-1|实景图片": (PIX, PIX, SHORT)},
        findings={piece_key(A.sha256, LEAD, "III1-1", PHOTO): FINDINGS},
        late=frozenset({piece_key(B.sha256, LEAD, "III1-1", PHOTO)}),
        persons={"III1-1|实景图片": "李四"},
        provenance_counts={"confirmed": 1, "partial": 1},
    )


def opened(report: CoverageReport) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(coverage_xlsx.render(report)))


def sheet(book: Workbook, name: str) -> list[dict[str, object]]:
    rows = book[name].iter_rows(values_only=True)
    head = next(rows)
    return [dict(zip(head, row, strict=True)) for row in rows]  # type: ignore[arg-type]


def test_a_row_of_the_csv_says_what_the_cell_has_needs_and_fails(report: CoverageReport) -> None:
    rows = list(csv.DictReader(io.StringIO(coverage_csv.render(report)[1:], newline="")))
    [row] = [r for r in rows if (r["编号"], r["材料类型"]) == ("III1-1", "实景图片")]
    assert (row["可用"], row["应交"], row["文件数"]) == ("1", "3", "3")
    assert row["原因"] == f"{PIX.text};{PIX.text};{SHORT.text}"
    assert row["未通过的检查"] == "BLOCK;PIX", "neither what was waived nor 未检"
    assert (row["牵头单位"], row["责任单位"]) == (LEAD, HELP), "the lead first, though the item names another before it"


def test_the_sheet_of_a_unit_says_the_same_of_the_cell_and_whose_it_is(report: CoverageReport) -> None:
    book = opened(report)
    [row] = [r for r in sheet(book, LEAD) if (r["编号"], r["材料类型"]) == ("III1-1", "实景图片")]
    assert (row["可用"], row["应交"], row["责任人"]) == (1, 3, "李四")
    assert set(str(row["文件"]).splitlines()) == {f"{n}（{LEAD}）" for n in ("甲.jpg", "乙.jpg", "丙.jpg")}
    assert SHORT.text in str(row["原因"])
    fills = {s: c.fill.fgColor.rgb for s, c in zip((MISSING, UNUSABLE, REVIEW, USABLE), book[LEAD]["D"][1:], strict=True)}
    assert len(set(fills.values())) == 4, "every state has its colour"
    matrix = book["覆盖矩阵"]
    head = [c.value for c in matrix[1]]
    shown = {matrix.cell(2, head.index(k) + 1).fill.fgColor.rgb: s for k, s in ((DOCUMENT, MISSING), (PHOTO, UNUSABLE))}
    assert shown == {fills[MISSING]: MISSING, fills[UNUSABLE]: UNUSABLE}
    assert matrix.cell(2, head.index("状态") + 1).fill.fgColor.rgb == fills[MISSING]
    front = book["总览"]
    painted = {str(r[0].value): r[0].fill.fgColor.rgb for r in front.iter_rows() if r[0].value}
    assert {s: painted[f"{s.sign} {s.zh}"] for s in fills} == fills


def test_the_list_of_problems_holds_placed_unplaced_and_returned_files_and_asks_for_nothing_that_was_waived(
    report: CoverageReport,
) -> None:
    guesses = [Candidate("III1-1", 0.614, ("文中有",), PHOTO), Candidate("III1-2", None)]
    lost, back = (CoverageUnplaced(example.sha(n), HELP, n, guesses) for n in ("散.pdf", "退.pdf"))
    findings = {piece_key(u.sha256, u.unit): (fault("OPEN"),) for u in (lost, back)}
    full = msgspec.structs.replace(
        report,
        coverage=msgspec.structs.replace(report.coverage, unplaced=[lost], sent_back=[back]),
        findings=report.findings | findings,
    )
    book = opened(full)
    [unplaced] = sheet(book, "未归类")
    assert unplaced["文件"] == "散.pdf" and unplaced["可能的归类"] == "III1-1 实景图片（0.61）文中有\nIII1-2（未评分）"
    assert [r["责任单位"] for r in sheet(book, "覆盖矩阵")] == [HELP, None], "besides the lead"
    rows = [(r["编号"], r["文件"], r["程度"], r["问题代码"], r["处理"]) for r in sheet(book, "问题清单")]
    assert rows == [
        ("III1-1", "甲.jpg", "阻断", "BLOCK", "请改 BLOCK"),
        ("III1-1", "甲.jpg", "警告", "PIX", "请改 PIX"),
        ("III1-1", "甲.jpg", "未检", "SEAL", "请改 SEAL"),
        ("III1-1", "甲.jpg", "已豁免", "GREY", None),
        ("未归类", "散.pdf", "警告", "OPEN", "请改 OPEN"),
        ("已退回", "退.pdf", "警告", "OPEN", "请改 OPEN"),
    ]


def test_a_file_has_nothing_to_say_about_only_where_it_counts_is_in_time_and_every_finding_is_waived(
    report: CoverageReport,
) -> None:
    waived = msgspec.structs.replace(report, findings=dict.fromkeys(report.findings, (FINDINGS[1],)))
    for of, clean, opened in ((report, [], 3), (waived, ["甲.jpg"], 0)):
        files = {f.evidence.path: f for f in coverage_view.arrange(of).cells["III1-1", PHOTO].files}
        assert [n for n, f in files.items() if f.clean] == clean, "one is late, one waits for a person"
        assert files["甲.jpg"].open == opened


def test_what_a_unit_has_to_do_and_why_cells_are_unusable_is_counted_in_cells(report: CoverageReport) -> None:
    view = coverage_view.arrange(report)
    assert view.top_reasons == [("数量不足", 1), ("长边小于 1024", 1)], "one cell, however often a check failed in it"
    assert view.catalogue_sentence == f"本目录 2 项中 1 项为{Provenance.PARTIAL.zh}，以本市收到的手册为准。"
    states = dict(zip(EvidenceKind, (REVIEW, UNUSABLE, MISSING, UNUSABLE), strict=True))
    cells = [CoverageRequirement(k, s, 1, 0, [], []) for k, s in states.items()]
    more = [CoverageRequirement(k, REVIEW, 1, 0, [], []) for k in (DOCUMENT, PHOTO)]
    items = [
        CoverageItem("1", "甲", "confirmed", [LEAD], MISSING, cells),
        CoverageItem("2", "乙", "confirmed", [LEAD], REVIEW, more),
    ]
    pixels, short = Reason("PIX", "小图(1 件)"), Reason("SHORT", "0/1")
    faulty = [k for k, s in states.items() if s is UNUSABLE]
    reasons = {f"1|{faulty[0]}": (pixels, short), f"1|{faulty[1]}": (pixels,), f"2|{PHOTO}": (short,)}
    coverage = msgspec.structs.replace(report.coverage, items=items, units=[])
    other = msgspec.structs.replace(report, coverage=coverage, reasons=reasons)
    view = coverage_view.arrange(other)
    assert view.top_reasons == [("小图", 2), ("数量不足", 1)], "what waits for a person is not faulty"
    [unit] = view.units
    assert [c.state for c in unit.wanting] == [MISSING, UNUSABLE, UNUSABLE, REVIEW, REVIEW, REVIEW]
    text = coverage_text.render(other)
    [row] = [x.split() for x in text.partition("【各单位还缺什么】")[2].splitlines() if x.startswith(LEAD)]
    missing = next(k for k, s in states.items() if s is MISSING)
    assert row == [LEAD, "1", "2", "3", "1", missing.value], "what is only faulty is not named as missing"


def test_of_findings_the_blocking_stand_first_and_of_these_the_failures() -> None:
    unchecked, warned = fault("A", Severity.BLOCKING, "unchecked"), fault("B")
    failed, waived = fault("C", Severity.BLOCKING), fault("D", Severity.BLOCKING, waived=True)
    found = coverage_view.sort_findings((waived, warned, unchecked, failed))
    assert found == (failed, unchecked, warned, waived)
    assert [coverage_view.finding_mark(f) for f in found] == ["阻断", "未检", "警告", "已豁免"]


def test_units_with_the_most_missing_stand_first_and_then_with_the_most_faulty(report: CoverageReport) -> None:
    def led(ident: str, unit: str, *states: CellState) -> CoverageItem:
        cells = [CoverageRequirement(k, s, 1, 0, [], []) for k, s in zip(EvidenceKind, states, strict=False)]
        return CoverageItem(ident, ident, "confirmed", [unit], states[0], cells)

    items = [
        led("1", "甲", UNUSABLE, UNUSABLE),
        led("2", "乙", MISSING),
        led("3", "丙", MISSING, UNUSABLE),
        led("4", "丁", REVIEW),
    ]
    many = msgspec.structs.replace(report, coverage=msgspec.structs.replace(report.coverage, items=items, units=[]))
    assert [u.name for u in coverage_view.arrange(many).units] == ["丙", "乙", "甲", "丁"]
    table = coverage_text.render(many).partition("【各单位还缺什么】")[2]
    assert "甲" in table and "丁" not in table, "what is faulty is wanting, too"


def test_the_share_of_usable_cells_is_of_those_that_apply_and_never_rounded_up(report: CoverageReport) -> None:
    def share(usable: int, missing: int, idle: int) -> str:
        totals = dict.fromkeys(CellState, 0) | {USABLE: usable, MISSING: missing, CellState.NOT_APPLICABLE: idle}
        coverage = msgspec.structs.replace(report.coverage, totals=totals, items=[])
        view = coverage_view.arrange(CoverageReport(coverage=coverage, zone="UTC", run=None, places={}))
        return coverage_html._share(view)

    assert [share(1999, 1, 0), share(1, 1, 8), share(0, 0, 9), share(3, 0, 1)] == ["99.9%", "50.0%", "—", "100.0%"]


def test_a_change_of_the_catalogue_alone_is_a_change(report: CoverageReport) -> None:
    gone = Changes(example.GENERATED, "1:ab", dropped={USABLE: 2, MISSING: 3})
    other = Changes(example.GENERATED, "1:ab", moved=(CellChange("III1-1", DOCUMENT, REVIEW, MISSING),))
    for changes, said in ((gone, "目录换版，不再要求 5 格，原来可用 2 格"), (other, "其他变动")):
        of = msgspec.structs.replace(report, changes=changes)
        for shown in (coverage_text.render(of), coverage_html.render(of)):
            assert said in shown and "本次无变化" not in shown
    first = msgspec.structs.replace(report, changes=Changes(None, None, new=(("a" * 64, LEAD, "甲.jpg"),)))
    assert "首次运行" in coverage_text.render(first)


def test_the_terminal_names_what_is_lost_and_gained_and_what_only_came_or_was_set_is_a_change(report: CoverageReport) -> None:
    lost, gained = CellChange("III1-1", PHOTO, USABLE, MISSING), CellChange("III1-2", TABLE, MISSING, USABLE)

    def told(**what: object) -> str:
        return coverage_text.render(msgspec.structs.replace(report, changes=Changes(example.GENERATED, "1:ab", **what)))

    both = told(lost=(lost,), gained=(gained,)).splitlines()
    assert "  不再可用：III1-1 实景图片" in both and "  转为可用：III1-2 统计表格" in both
    assert "新材料 1 件，转为可用 0 格" in told(new=(("a" * 64, LEAD, "甲.jpg"),))
    assert "其间改过单位表" in told(reset=("units",))
    assert "本次无变化" in told()


def test_lists_that_are_cut_off_say_how_much_is_left_and_no_list_does_that_is_whole(report: CoverageReport) -> None:
    def cut(n: int) -> str:
        far = tuple(
            CoverageElsewhere("III9-1", "丙项", [HELP], PHOTO, piece(f"别{k}.jpg", PlacementStatus.CONFIRMED)) for k in range(n)
        )
        out = CoverageUnplaced
        return coverage_text.render(
            msgspec.structs.replace(
                report,
                unit=LEAD,
                coverage=msgspec.structs.replace(
                    report.coverage,
                    elsewhere=list(far),
                    unplaced=[out(example.sha(f"u{k}"), LEAD, f"{k}", []) for k in range(n)],
                    sent_back=[out(example.sha(f"s{k}"), LEAD, f"{k}", []) for k in range(n)],
                ),
                forms=tuple(FormProblem(LEAD, "提交表.csv", f"第 {k} 行") for k in range(n)),
                changes=Changes(
                    example.GENERATED, "", lost=tuple(CellChange(f"III1-{k}", PHOTO, USABLE, MISSING) for k in range(n))
                ),
                findings={piece_key(far[0].evidence.sha256, LEAD, "III9-1", PHOTO): FINDINGS},
            )
        )

    whole, more = cut(10), cut(12)
    assert "另有" not in whole and " 等 " not in whole.partition("【有何变化】")[2]
    assert more.count("另有 2 件") == 3 and "另有 2 处" in more and "等 12 格" in more
    assert "3 条" in whole, "of four findings one is waived"


def test_a_page_that_is_cut_off_says_how_much_is_left(report: CoverageReport, monkeypatch: pytest.MonkeyPatch) -> None:
    out = [CoverageUnplaced(example.sha(f"u{k}"), LEAD, f"{k}", []) for k in range(4)]
    far = [CoverageElsewhere("III9-1", "丙项", [HELP], PHOTO, piece(f"别{k}.jpg")) for k in range(5)]
    full = msgspec.structs.replace(
        report,
        unit=LEAD,
        coverage=msgspec.structs.replace(report.coverage, unplaced=out, elsewhere=far),
        forms=tuple(FormProblem(LEAD, "提交表.csv", f"第 {k} 行") for k in range(6)),
    )
    assert not re.findall("另有 [0-9]+", coverage_html.render(full))
    for name in ("UNPLACED", "FORMS", "FILES"):
        monkeypatch.setattr(coverage_html, name, 1)
    left = re.findall("另有 ([0-9]+) ([件条处])", coverage_html.render(full))
    assert {int(n) for n, _ in left} == {2, 3, 4, 5}, left


def test_a_file_that_was_kept_out_waits_or_is_quarantined_and_a_secret_comes_first(report: CoverageReport) -> None:
    notes = tuple(
        InboxNote(LEAD, f"{n}.pdf", of, why, 1)
        for n, (of, why) in enumerate((("waiting", "还在变化"), ("quarantined", "超过上限"), ("quarantined", "疑似涉密: 秘密")))
    )
    out = coverage_text.render(msgspec.structs.replace(report, notes=notes))
    lines = [x.strip() for x in out.partition("【隔离与等待 3 件】")[2].splitlines() if x.strip()]
    assert [x.split("  ")[0] for x in lines] == ["！疑似涉密", "隔离", "等待"]
    front = sheet_text(msgspec.structs.replace(report, notes=notes, forms=(FormProblem(LEAD, "提交表.csv", "第 3 行"),)))
    for wanted in ("2.pdf", "1.pdf", "0.pdf", "隔离与等待", "提交表的问题", "第 3 行"):
        assert wanted in front, wanted
    for state in (MISSING, UNUSABLE, REVIEW, USABLE, CellState.NOT_APPLICABLE):
        assert f"{state.sign} {state.zh}" in front, "the notes stand below the table"


def sheet_text(report: CoverageReport) -> str:
    book = opened(report)
    return "\n".join(str(c.value) for row in book["总览"].iter_rows() for c in row if c.value is not None)
