"""The doubtful files out to a spreadsheet, filled in by an archivist, and in again."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.dangan import town
from tests.dangan.line import Line

MEMBER = f"{town.ARCHIVE}!/诚信红黑榜/关于做好诚信红黑榜发布工作的通知.docx"
REPORT = f"{town.ARCHIVE}!/诚信红黑榜/关于诚信红黑榜发布情况的说明.pdf"


def export(line: Line, tmp_path: Path) -> Path:
    file = tmp_path / "复核.xlsx"
    answer = line("review", "export", "-o", str(file))
    assert f"已写 {file}: " in answer.out
    return file


def fill_in(file: Path, place: str, **cells: str) -> None:
    """Fill in the row of the file at ``unit/path``; keys are headings, with _ for what a name cannot hold."""
    book = load_workbook(file)
    sheet = book["待处理"]
    heads = {str(c.value): c.column for c in sheet[1]}
    unit, path = heads["责任单位"] - 1, heads["文件"] - 1
    [row] = [r for r in sheet.iter_rows(min_row=2) if f"{r[unit].value or ''}/{r[path].value}" == place]
    for name, value in cells.items():
        column = next(n for h, n in heads.items() if h.startswith(name))
        sheet.cell(row[0].row, column).value = value
    book.save(file)


def shape(line: Line) -> dict[str, object]:
    return {k: v for k, v in line.coverage().items() if k not in ("generated_at", "head")}


def test_the_sheet_lists_what_the_list_lists(settled: Line, tmp_path: Path) -> None:
    rows = load_workbook(export(settled, tmp_path))["待处理"].iter_rows(min_row=2, values_only=True)
    listed = settled("review", "list", "--format", "json").json
    assert [(r[0], r[1], r[2], r[3]) for r in rows] == [(e["number"], e["sha256"], e["unit"], e["path"]) for e in listed]
    assert {f"{e['unit']}/{e['path']}" for e in listed} == {MEMBER, REPORT, town.DOUBTFUL, town.UNDATED, town.NOWHERE}


def test_what_nobody_could_check_is_settled_in_the_sheet(ws: Line, tmp_path: Path) -> None:
    assert ws.cell("III18-1", "统计表格")["state"] == "in_review"
    file = export(ws, tmp_path)
    [row] = [
        r for r in load_workbook(file)["待处理"].iter_rows(min_row=2, values_only=True) if f"{r[2]}/{r[3]}" == town.UNDATED
    ]
    assert "DATE " in row[10] and "未检" in row[10]
    fill_in(file, town.UNDATED, 处理="认定要素", 认定="统计时段=2026年1—6月", 理由="原件封面有", 经办人="张三")
    ws("review", "import", str(file))
    assert ws.cell("III18-1", "统计表格")["state"] == "usable"
    assert town.UNDATED not in {f"{e['unit']}/{e['path']}" for e in ws("review", "list", "--format", "json").json}


def test_what_is_filled_in_is_what_the_command_line_would_have_done(ws: Line, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(ws.root, tmp_path / "other")
    other = Line(tmp_path / "other")
    file = export(ws, tmp_path)
    fill_in(file, MEMBER, 处理="确认", 理由="内容相符", 经办人="张三")
    fill_in(file, town.NOWHERE, 处理="改归", 改归编号="Ⅲ18-1", 改归类型="实景图片", 理由="红黑榜公示栏", 经办人="李四")
    fill_in(file, town.DOUBTFUL, 处理="退回", 理由="是草稿", 期限="2099-12-01")
    fill_in(file, REPORT, 处理="豁免问题", 问题代码="NUMBER", 理由="说明不编号", 经办人="李四")
    answer = ws("review", "import", str(file), "--by", "王五")
    assert "读到 4 条意见,新记录 4 条,早已如此 0 条" in answer.out

    def one(*words: str, by: str, reason: str) -> None:
        other("review", *words, "--by", by, "--reason", reason)

    one("accept", MEMBER, by="张三", reason="内容相符")
    one("move", town.NOWHERE, "--item", "III18-1", "--kind", "实景图片", by="李四", reason="红黑榜公示栏")
    one("return", town.DOUBTFUL, "--due", "2099-12-01", by="王五", reason="是草稿")
    one("waive", REPORT, "NUMBER", by="李四", reason="说明不编号")
    assert shape(ws) == shape(other)
    assert {d["by"] for d in ws("review", "log", "--format", "json").json} == {"张三", "李四", "王五"}

    before = ws.digest(), ws.segments()
    again = ws("review", "import", str(file), "--by", "王五")
    assert "新记录 0 条,早已如此 4 条" in again.out
    assert (ws.digest(), ws.segments()) == before


def test_an_untouched_sheet_records_nothing(settled: Line, tmp_path: Path) -> None:
    before = settled.digest()
    assert "读到 0 条意见" in settled("review", "import", str(export(settled, tmp_path))).out
    assert settled.digest() == before


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"处理": "确认", "经办人": "张三"}, "“理由（必填）”: 必填"),
        ({"处理": "确认", "理由": "相符"}, "“经办人”: 必填"),
        ({"处理": "焚毁", "理由": "相符", "经办人": "张三"}, "“处理”: 不认识“焚毁”"),
        ({"处理": "改归", "改归编号": "III999-9", "改归类型": "规范文件", "理由": "相符", "经办人": "张三"}, "III999-9"),
        ({"处理": "改归", "改归编号": "III18-1", "改归类型": "录像", "理由": "相符", "经办人": "张三"}, "不认识“录像”"),
        ({"处理": "豁免问题", "问题代码": "ENCRYPTED", "理由": "相符", "经办人": "张三"}, "不能豁免"),
        ({"处理": "退回", "期限": "年底", "理由": "相符", "经办人": "张三"}, "“期限”: “年底”不是日期"),
        ({"处理": "认定要素", "认定": "天气=晴", "理由": "相符", "经办人": "张三"}, "“天气”"),
        ({"SHA-256": "0" * 64, "处理": "确认", "理由": "相符", "经办人": "张三"}, "存档里没有"),
    ],
)
def test_one_wrong_row_records_none_and_is_named(cells: dict[str, str], said: str, settled: Line, tmp_path: Path) -> None:
    file = export(settled, tmp_path)
    fill_in(file, town.NOWHERE, 处理="改归", 改归编号="III18-1", 改归类型="实景图片", 理由="相符", 经办人="张三")
    fill_in(file, MEMBER, **cells)
    rows = [e["path"] for e in settled("review", "list", "--format", "json").json]
    before = settled.digest(), settled.segments()
    answer = settled("review", "import", str(file), code=2)
    assert f"第 {rows.index(MEMBER.partition('/')[2]) + 2} 行" in answer.err and said in answer.err, answer.err
    assert (settled.digest(), settled.segments()) == before


def test_all_faults_of_a_sheet_are_named_at_once_by_row_and_column(settled: Line, tmp_path: Path) -> None:
    file = export(settled, tmp_path)
    fill_in(file, town.NOWHERE, 处理="改归", 改归编号="III999-9", 改归类型="实景图片", 经办人="张三")
    fill_in(file, MEMBER, 处理="豁免问题", 问题代码="ENCRYPTED", 理由="相符", 经办人="张三")
    fill_in(file, REPORT, 处理="豁免问题", 问题代码="NOCODE", 经办人="张三")
    fill_in(file, town.DOUBTFUL, 处理="改归", 改归编号="III18-1", 改归类型="录像", 理由="相符", 经办人="张三")
    fill_in(file, town.UNDATED, 处理="认定要素", 认定="统计时段=不详", 理由="相符", 经办人="张三")
    said = settled("review", "import", str(file), code=2).err
    row = {f"{e['unit']}/{e['path']}": n for n, e in enumerate(settled("review", "list", "--format", "json").json, 2)}
    for place, column in (
        (town.NOWHERE, "改归编号"),
        (town.NOWHERE, "理由（必填）"),
        (MEMBER, "问题代码"),
        (REPORT, "问题代码"),
        (REPORT, "理由（必填）"),
        (town.DOUBTFUL, "改归类型"),
        (town.UNDATED, "认定（要素=值）"),
    ):
        assert f"第 {row[place]} 行“{column}”: " in said, said
    assert "审核表有 7 处错误" in said


def test_another_spreadsheet_is_refused(settled: Line, tmp_path: Path) -> None:
    file = tmp_path / "单位.xlsx"
    settled("units", "export", "-o", str(file))
    assert "没有名为“待处理”的工作表" in settled("review", "import", str(file), code=2).err


def test_what_belongs_nowhere_is_dismissed_in_the_sheet(ws: Line, tmp_path: Path) -> None:
    file = export(ws, tmp_path)
    fill_in(file, town.NOWHERE, 处理="否定归类", 理由="与测评无关", 经办人="张三")
    assert "新记录 1 条" in ws("review", "import", str(file)).out
    assert town.NOWHERE not in {f"{e['unit']}/{e['path']}" for e in ws("review", "list", "--format", "json").json}
    assert ws.coverage()["unplaced"] == []
    left = ws("export", str(tmp_path / "迎检材料"), "--format", "json").json["left_out"]
    assert [x["reason"] for x in left if f"{x['unit']}/{x['path']}" == town.NOWHERE] == ["rejected"]
    ws.ingest()
    ws("reassess", "--all")
    assert ws.coverage()["unplaced"] == [], "what a person said stays"


def test_a_row_without_a_unit_takes_away_from_none_of_several(ws: Line, tmp_path: Path) -> None:
    (ws.inbox / "散件.jpg").write_bytes((ws.inbox / town.NOWHERE).read_bytes())
    ws.ingest()
    file = export(ws, tmp_path)
    sent = f"收件箱里直接放的、{town.NOWHERE.partition('/')[0]}"
    row = {f"{e['unit']}/{e['path']}": n for n, e in enumerate(ws("review", "list", "--format", "json").json, 2)}["/散件.jpg"]
    fill_in(file, REPORT, 处理="退回", 理由="内容不全", 经办人="张三")
    before = ws.digest()
    for verb in ("撤回", "退回", "否定归类"):
        fill_in(file, "/散件.jpg", 处理=verb, 理由="看不出内容", 经办人="张三")
        refused = ws("review", "import", str(file), code=2).err
        assert f"第 {row} 行“责任单位”: " in refused and sent in refused and f"“{verb}”的是哪个单位的" in refused, refused
        assert "一行写一个单位,或写“各单位”" in refused
    assert ws.digest() == before
    fill_in(file, "/散件.jpg", 责任单位="各单位")
    said = ws("review", "import", str(file)).out
    assert "新记录 2 条" in said and said.count("注意: ") == 1
    assert f"不分单位,{sent}送来的都照此办理" in said
    fill_in(file, "各单位/散件.jpg", 责任单位=None)
    assert "早已如此 2 条" in ws("review", "import", str(file)).out, "what holds is safe to repeat"


def test_a_row_without_a_unit_decides_what_one_alone_sent(ws: Line, tmp_path: Path) -> None:
    file = export(ws, tmp_path)
    fill_in(file, town.NOWHERE, 责任单位=None, 处理="撤回", 理由="误报", 经办人="张三")
    said = ws("review", "import", str(file)).out
    assert "新记录 1 条" in said and "注意: " not in said


def test_what_an_act_in_the_sheet_leaves_to_be_done_is_told(ws: Line, tmp_path: Path) -> None:
    file = export(ws, tmp_path)
    fill_in(file, MEMBER, 处理="认定要素", 认定="密级=机密", 理由="原件首页有", 经办人="张三")
    assert "注意: 疑似涉密: 不再计入" in ws("review", "import", str(file)).out
