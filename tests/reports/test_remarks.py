"""提醒 and forecasts as they are shown: grouped, in few lines, safe, and the same bytes for the same content."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import msgspec
import openpyxl

from archive_schema.coverage import Remark
from archive_schema.forecast import ForecastCell, ForecastOutput, ForecastPiece, ForecastUnit, ForecastWindow
from archive_schema.words import CellState, EvidenceKind, RemarkCode
from reports import (
    coverage_html,
    coverage_text,
    coverage_view,
    coverage_xlsx,
    forecast_html,
    forecast_tables,
    forecast_text,
    remarks,
)
from tests.reports import example

EVIL = '<script>alert(1)</script>=1+1"\u202e'


def marked(codes: dict[str, list[Remark]]):
    report = example.report()
    return msgspec.structs.replace(
        report, remarks={k: tuple(v) for k, v in codes.items()}, persons=dict.fromkeys(codes, f"李四{EVIL}")
    )


def cells(n: int) -> list[str]:
    """Of those that apply: the others, of which the example has some, bear no remark."""
    every = coverage_view.arrange(example.report()).cells.values()
    return [f"{c.item.id}|{c.kind}" for c in every if c.state is not CellState.NOT_APPLICABLE][:n]


def overdue(days: int) -> Remark:
    return Remark(RemarkCode.OVERDUE, f"逾期 {days} 天", date(2026, 9, 30), days)


def test_groups_stand_in_order_and_the_most_pressing_first() -> None:
    a, b, c = cells(3)
    leaving = Remark(RemarkCode.LEAVING, "如 2026-12-21 检查", date(2026, 12, 21), 30, 1)
    view = coverage_view.arrange(marked({a: [overdue(3)], b: [overdue(40), leaving], c: []}))
    told = remarks.Remarks(view)
    found = told.groups()
    assert [(g.code, [m.remark.days for m in g.marked]) for g in found] == [
        (RemarkCode.OVERDUE, [40, 3]),
        (RemarkCode.LEAVING, [30]),
    ]
    lead = view.items[0].lead
    assert told.of_unit(lead)[0][0] is RemarkCode.OVERDUE
    assert sum(n for g in found for _, n in g.by_unit) == 3


def test_what_is_due_soonest_stands_first_and_the_first_of_many_are_named_with_how_many_units() -> None:
    days = [30, 2, 9, 4, 25, 6, 40, 8, 50, 60, 70, 80, 90]
    every = coverage_view.arrange(example.report()).cells.values()
    one_each = {c.item.lead: c.key for c in every if c.state is not CellState.NOT_APPLICABLE}
    due = {k: [Remark(RemarkCode.DUE, f"还有 {n} 天", None, n)] for k, n in zip(one_each.values(), days, strict=False)}
    report = marked(due)
    [group] = remarks.Remarks(coverage_view.arrange(report)).groups()
    assert [m.remark.days for m in group.marked] == sorted(days)
    first, *named = coverage_text.render(report).partition("【提醒】")[2].split("\n\n")[0].splitlines()[1:]
    assert first.startswith(f"  {RemarkCode.DUE.zh} {len(days)} 格：") and first.endswith(" 等") and first.count("、") == 5
    assert [x.partition("还有 ")[2].split(" ")[0] for x in named] == ["2", "4", "6", "8", "9"]
    few = coverage_text.render(marked(dict(list(due.items())[:6]))).partition("【提醒】")[2].splitlines()[1]
    assert few.count("、") == 5 and not few.endswith(" 等")


def test_of_fewer_than_ten_cells_each_is_told_that_it_has_no_person() -> None:
    report = example.report()
    [item, *_] = report.coverage.items
    small = msgspec.structs.replace(report.coverage, items=[item])
    nobody = (Remark(RemarkCode.NO_PERSON, "没有责任人"),)
    keys = [f"{item.id}|{r.kind}" for r in item.requirements if r.state is not CellState.NOT_APPLICABLE]
    told = remarks.Remarks(
        coverage_view.arrange(msgspec.structs.replace(report, coverage=small, remarks=dict.fromkeys(keys, nobody)))
    )
    assert keys and told.nobody == "" and [len(g.marked) for g in told.groups()] == [len(keys)]


def test_a_report_without_remarks_says_nothing_of_them() -> None:
    report = example.report()
    assert "【提醒】" not in coverage_text.render(report) and 'id="remarks"' not in coverage_html.render(report)
    assert "提醒" not in openpyxl.load_workbook(io.BytesIO(coverage_xlsx.render(report))).sheetnames


def test_remarks_are_shown_in_few_lines_and_in_every_format() -> None:
    nobody = Remark(RemarkCode.NO_PERSON, "没有责任人")
    report = marked({k: [overdue(3), nobody] for k in cells(60)})
    text = coverage_text.render(report)
    block = text[text.index("【提醒】") :].split("\n\n")[0].splitlines()
    assert len(block) == 3 and block[1].startswith("  逾期 60 格：") and block[2].startswith("  无责任人 60 格：")
    page = coverage_html.render(report)
    assert page.count("逾期 3 天") >= 60 and "<script>alert" not in page and "责任人 李四" in page
    book = openpyxl.load_workbook(io.BytesIO(coverage_xlsx.render(report)))
    assert book["提醒"].max_row == 121
    [first] = list(book["提醒"].iter_rows(min_row=2, max_row=2, values_only=True))
    assert first[0] == "逾期" and first[7] == "逾期 3 天"


def test_where_most_cells_have_no_person_it_is_one_sentence_that_says_what_to_do() -> None:
    nobody = Remark(RemarkCode.NO_PERSON, "没有责任人")
    every = cells(1000)
    assert len(every) < len(coverage_view.arrange(example.report()).cells), "some do not apply"
    report = marked({k: [nobody] for k in every})
    said = f"{len(every)} 格应交材料都还没有定责任人：用 dangan units export"
    text, page = coverage_text.render(report), coverage_html.render(report)
    assert said in text and "没有责任人" not in text
    assert said in page and "没有责任人" not in page
    book = openpyxl.load_workbook(io.BytesIO(coverage_xlsx.render(report)))
    assert "提醒" not in book.sheetnames
    assert any(said in str(c.value) for row in book["总览"].iter_rows() for c in row)
    assert not any("没有责任人" in str(c.value) for sheet in book for row in sheet.iter_rows() for c in row)


def test_above_half_it_says_how_many_and_other_remarks_stay_and_up_to_half_each_cell_is_told() -> None:
    nobody = Remark(RemarkCode.NO_PERSON, "没有责任人")
    half = len(cells(1000)) // 2
    many = coverage_view.arrange(marked({k: [overdue(3), nobody] for k in cells(half + 1)}))
    told = remarks.Remarks(many)
    assert told.nobody.startswith(f"{len(cells(1000))} 格应交材料中有 {half + 1} 格还没有定责任人")
    assert [(g.code, len(g.marked)) for g in told.groups()] == [(RemarkCode.OVERDUE, half + 1)]
    assert [m.remark.code for m in told.of_cell(next(iter(many.cells.values())))] == [RemarkCode.OVERDUE]
    few = remarks.Remarks(coverage_view.arrange(marked({k: [nobody] for k in cells(half)})))
    assert few.nobody == "" and [(g.code, len(g.marked)) for g in few.groups()] == [(RemarkCode.NO_PERSON, half)]


def forecast(rolls: bool = True) -> ForecastOutput:
    piece = ForecastPiece("a" * 64, "市文明办", f"{EVIL}.pdf", None, "2025-11-12", "成文日期", date(2026, 12, 1), False)
    undated = msgspec.structs.replace(piece, path="无日期.jpg", period=None, fact="", leaves_on=None, counts=True)
    cell = ForecastCell(
        "III18-1",
        "标准",
        EvidenceKind.DOCUMENT,
        ["市文明办"],
        "李四",
        1,
        1,
        0,
        CellState.USABLE,
        CellState.UNUSABLE,
        [piece],
        [],
        [undated],
    )
    counts = dict.fromkeys(CellState, 1)
    window = ForecastWindow(date(2026, 1, 1), date(2026, 12, 31), "12个月" if rolls else None)
    return ForecastOutput(
        "c1",
        datetime(2026, 11, 21, tzinfo=UTC),
        None,
        date(2027, 1, 5),
        date(2026, 11, 21),
        rolls,
        dict.fromkeys(EvidenceKind, window),
        counts,
        counts,
        counts,
        counts,
        [cell],
        [ForecastUnit("市文明办", 1, 1, 0, 1, counts)],
    )


def test_a_forecast_names_what_leaves_and_what_nobody_can_date() -> None:
    text = forecast_text.render(forecast())
    assert "届时空出 1 格" in text and "2026-12-01 起不计" in text and "\u202e" not in text
    assert "1 件，不能预测（其中 1 件现计为可用）" in text
    page = forecast_html.render(forecast(), zone="Asia/Shanghai")
    assert "起不计" in page and "<script>alert" not in page and "无日期.jpg" in page
    [row] = forecast_tables.csv(forecast()).splitlines()[1:]
    assert "空出" in row and "无日期.jpg" in row
    made = [forecast_tables.xlsx(forecast(), zone="Asia/Shanghai") for _ in range(2)]
    assert made[0] == made[1]
    book = openpyxl.load_workbook(io.BytesIO(made[0]))
    assert book["空出的格"].max_row == 2


def test_a_forecast_with_fixed_windows_says_so() -> None:
    assert "[rolling]" in forecast_text.render(forecast(rolls=False)) and "[rolling]" not in forecast_text.render(forecast())
    assert "固定" in forecast_html.render(forecast(rolls=False), zone="Asia/Shanghai")
