"""What the reports say in one word: audit, grades and forecast arranged for people."""

from __future__ import annotations

from datetime import UTC, date, datetime

from archive_schema.audit import AuditReport, Difference
from archive_schema.forecast import ForecastCell, ForecastPiece
from archive_schema.graded import GradeFigure, GradeItem, GradeLadder, GradeScore, GradesOutput
from archive_schema.ladders import Basis, Grade
from archive_schema.outputs import AuditCompleteness, AuditIntegrity, AuditOutput, AuditProblem
from archive_schema.words import CellState, EvidenceKind
from reports import audit_html, audit_text, audit_view, forecast_view, grades_view

AT = datetime(2026, 3, 1, tzinfo=UTC)


def problem(key: str) -> AuditProblem:
    return AuditProblem("object.unexpected", "安全性", key, None, "3 字节")


def test_what_does_not_block_is_a_problem_all_the_same():
    found = AuditOutput(None, "fast", AuditIntegrity(ok=True, problems=[problem("a")]), None, [])
    assert audit_view.integrity_sentence(found) == "发现 1 个问题"


def test_what_is_new_gone_and_not_seen_again_are_told_apart():
    d = Difference(AT, "fast", new=(problem("new"),), gone=(problem("gone"),), unseen=(problem("unseen"),))
    said = {name: [p.key for p in of] for name, of in audit_view.difference_parts(d)}
    assert said == {"新出现": ["new"], "已消除": ["gone"], "这次没有再看": ["unseen"]}


def test_that_nothing_differs_is_said_of_what_was_compared() -> None:
    was = {CellState.USABLE: 10, CellState.IN_REVIEW: 8, CellState.MISSING: 3}
    now = {CellState.USABLE: 11, CellState.IN_REVIEW: 5, CellState.UNUSABLE: 2, CellState.MISSING: 3}
    sound = AuditIntegrity(True, [])

    def said(cells: dict[CellState, int] | None, integrity: AuditIntegrity | None, totals: dict[CellState, int] | None) -> str:
        d = Difference(AT, "fast", (), (), (), cells)
        output = AuditOutput(None, "fast", integrity, AuditCompleteness(False, totals) if totals else None, [])
        report = AuditReport("c1", AT, output, difference=d)
        lines = audit_view.compared(d, output)
        text = audit_text.render(output, report=report, zone="Asia/Shanghai")
        page = audit_html.render(output, report=report, generated_at=AT, zone="Asia/Shanghai")
        assert all(line in text and line in page for line in lines)
        return "\n".join(lines)

    assert said(was, sound, was) == "完整可信：没有不同\n齐全可用：各种状态的格数没有不同"
    assert said(was, sound, now).endswith("齐全可用（格）：可用 10 → 11、待复核 8 → 5、不可用 0 → 2")
    assert said(None, sound, now).endswith("齐全可用：两次中有一次没有审，没有比较")
    assert said(was, None, was).startswith("完整可信：这次没有审，没有比较")


def ladder(**changes: object) -> GradeLadder:
    figure = GradeFigure(2.0, "%", None, "a" * 64, "市教育局", "统计.xlsx", "C7")
    given: dict[str, object] = {
        "indicator": "完成率",
        "grade": Grade.A,
        "why": "",
        "steps": ["≥ 85 % → A"],
        "statistic": "平均",
        "basis": next(iter(Basis)),
        "source": "",
        "value": 90.0,
        "measure": "%",
        "figures": [figure, figure],
        "better": None,
        "gap": "",
    }
    return GradeLadder(**(given | changes))  # type: ignore[arg-type]


def graded(*items: GradeItem, score: GradeScore | None = None) -> GradesOutput:
    return GradesOutput("2017", AT, None, "test", {}, list(items), score)


def test_an_item_that_does_not_apply_is_not_unchecked():
    item = GradeItem("1-1", "标准", ["市教育局"], None, True, [], [])
    assert grades_view.grade(item) == "未检"
    assert grades_view.grade(GradeItem("1-1", "标准", [], None, False, [], [])) == "不适用"


def test_a_presence_is_there_or_not_and_one_figure_is_no_mean():
    there = ladder(steps=["有 → A", "无 → C"], value=1.0)
    assert [grades_view.value(x) for x in (ladder(), ladder(figures=ladder().figures[:1]))] == ["平均 90 %", "90 %"]
    present = ["有 → A", "无 → C"]
    assert grades_view.value(there) == "有" and grades_view.value(ladder(steps=present, value=0.0)) == "无"


def test_why_there_is_no_grade_and_what_a_grade_rests_on_stand_apart():
    none, some = ladder(grade=None, why="没有找到数", value=None), ladder(why="照现有材料计")
    rows = grades_view.rows(graded(GradeItem("1-1", "标准", ["市教育局"], None, True, [], [none, some])))
    said, why = grades_view.HEADERS.index("计入的数"), grades_view.HEADERS.index("未检原因")
    assert [(r[said], r[why]) for r in rows] == [("", "没有找到数"), ("平均 90 %；照现有材料计", "")]


def test_points_of_a_part_say_how_much_is_open_and_nothing_graded_is_no_nought():
    def said(points, n):
        return grades_view.score(graded(score=GradeScore(points, 4.0, 10.0, n, 5, next(iter(Basis)), "")))

    assert "未检" in said(None, 0) and "得 " not in said(None, 0)
    assert "其余 3 项未定，占权重 6" in said(3.0, 2)
    assert "未定" not in said(3.0, 5)


def test_a_cell_is_lost_that_was_usable_and_thinner_that_stays_so():
    piece = ForecastPiece("a" * 64, "市教育局", "通知.docx", None, None, "", None, True)

    def cell(now: CellState, then: CellState) -> ForecastCell:
        return ForecastCell("1-1", "", EvidenceKind.DOCUMENT, [], "", 1, 1, 1, now, then, [piece], [], [])

    usable, wanting = CellState.USABLE, CellState.UNUSABLE
    assert cell(usable, wanting).lost
    assert not cell(wanting, wanting).lost and not cell(usable, usable).lost
    assert "现计为可用" in forecast_view.piece(piece)


def test_a_piece_says_from_when_it_does_not_count():
    piece = ForecastPiece("a" * 64, "市教育局", "通知.docx", None, "2016-03", "成文日期", date(2026, 4, 1), False)
    assert forecast_view.piece(piece) == "市教育局/通知.docx（成文日期 2016-03，2026-04-01 起不计）"
