"""交办单 drawn: opened again with the libraries and read; the same sheet gives the same bytes; hostile names do no harm."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import docx
import msgspec
import openpyxl
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm
from hypothesis import given, settings
from hypothesis import strategies as st

from archive_schema.assignment import (
    Ahead,
    Assignment,
    Assignments,
    ByWhen,
    Doubt,
    Fault,
    KeptOut,
    Mend,
    Returned,
    Role,
    Unread,
    Unresolved,
    Wanted,
)
from archive_schema.outputs import AssignmentsOutput
from archive_schema.report import FormProblem
from archive_schema.words import CellState, EvidenceKind, Severity
from dangan.commands import assignments
from reports import assignment_docx, assignment_view, assignment_xlsx, paper
from tests.reports import hostile, workbooks

LATE = ByWhen(date(2026, 10, 31), own=True, overdue=22)
EMPTY = Assignment(
    unit="市教育局", cycle="2026", day=date(2026, 11, 22), head="7:" + "a" * 64, edition="参考目录", city="示例市"
)
FULL = msgspec.structs.replace(
    EMPTY,
    leader="周局长",
    liaison="吴联络",
    lead_of=2,
    help_of=1,
    cells=3,
    usable=1,
    sent=4,
    late=1,
    wanted=(
        Wanted(
            "III58-1", "文明校园创建", EvidenceKind.DOCUMENT, CellState.MISSING, Role.LEAD, "市教育局", 2, 0, LATE, "王专人"
        ),
        Wanted(
            "III59-1",
            "少年宫",
            EvidenceKind.PHOTO,
            CellState.UNUSABLE,
            Role.HELP,
            "市文明办",
            1,
            0,
            ByWhen(),
            reasons=("数量不足 0/1",),
            others=3,
        ),
    ),
    mend=(
        Mend(
            "三月/方案(稿).docx",
            ("III58-1 规范文件",),
            (
                Fault("DRAFT", Severity.BLOCKING, "带有草稿标记“征求意见稿”", "请报送正式印发的定稿"),
                Fault("LONG", Severity.NOTICE, "有 900 字", "写清即可"),
            ),
            LATE,
        ),
        Mend(
            "只是提示.docx", (), (Fault("SAME", Severity.NOTICE, "完全相同的文件还用于别处", "照片应各用各的"),), ByWhen(), True
        ),
    ),
    returned=(Returned("退.pdf", ("III58-1 规范文件",), "没有公章", date(2026, 11, 1), ByWhen(date(2026, 11, 30), own=True)),),
    doubts=(Doubt("DSC1.jpg", (), ("可能是 III58-1",), "请在文件名前写明编号", ByWhen()),),
    unread=(
        Unread("扫描.pdf", ("III58-1 规范文件",), "印章", "印章未检,没有找到", "请报送盖章的原件", False),
        Unread("扫描2.pdf", ("III58-1 规范文件",), "印章", "印章未检,没有找到", "请报送盖章的原件", False),
        Unread("扫描.pdf", ("III58-1 规范文件",), "日期", "日期未检,没有读到", "请补上日期", True),
    ),
    kept_out=(KeptOut("内部.pdf", True, "疑似涉密: 首页读到密级,请立即联系保密办"),),
    forms=(FormProblem("市教育局", "提交表.xlsx", "第 3 行: 找不到文件“没有.docx”,请核对文件名或补交"),),
    ahead=(Ahead("III58-1", "文明校园创建", EvidenceKind.REPORT, "如 2026-12-22 检查,1 件已不在时段内"),),
)


def text_of(data: bytes) -> str:
    """Paragraph by paragraph; python-docx's own cells are slow to walk."""
    body = docx.Document(io.BytesIO(data)).element.body
    return "\n".join("".join(t.text or "" for t in p.iter(qn("w:t"))) for p in body.iter(qn("w:p")))


def cells_of(data: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return "\n".join(str(c.value) for s in book.worksheets for r in s.iter_rows() for c in r if c.value is not None)


@pytest.mark.parametrize(
    "text", [text_of(assignment_docx.render(FULL)), cells_of(assignment_xlsx.render(FULL))], ids=["docx", "xlsx"]
)
def test_everything_that_is_asked_of_the_unit_is_read_again(text: str) -> None:
    for said in (
        *("示例市 2026 材料交办单", "责任单位：市教育局", "分管领导：周局长", "联络员：吴联络", "2026年11月22日"),
        *("III58-1", "文明校园创建", "规范文件", "未提交", "王专人", "2026-10-31\n已逾期 22 天"),
        *("市文明办", "数量不足 0/1", "其他单位报送了 3 件"),
        *("三月/方案(稿).docx", "带有草稿标记“征求意见稿”", "请报送正式印发的定稿"),
        *("没有公章", "2026-11-01", "2026-11-30"),
        *("DSC1.jpg", "可能是 III58-1", "请在文件名前写明编号"),
        *("印章", "扫描2.pdf", "请报送盖章的原件", "请补上日期"),
        *("提交表的问题 1 处", "第 3 行: 找不到文件“没有.docx”,请核对文件名或补交"),
        *("内部.pdf", "请立即联系保密办", "如 2026-12-22 检查", assignment_view.NO_DAY),
        *("反馈", "签收", assignment_view.NATURE, "7:" + "a" * 64),
    ):
        assert said in text, said
    assert assignment_view.ALL_DONE not in text


@pytest.mark.parametrize(
    "text", [text_of(assignment_docx.render(EMPTY)), cells_of(assignment_xlsx.render(EMPTY))], ids=["docx", "xlsx"]
)
def test_a_sheet_that_asks_for_nothing_says_so(text: str) -> None:
    assert "全部齐备" in text and "签收" in text


def test_notices_alone_ask_for_nothing_and_stand_in_the_workbook() -> None:
    sheet = msgspec.structs.replace(EMPTY, mend=FULL.mend[1:])
    assert sheet.done and "全部齐备" in text_of(assignment_docx.render(sheet))
    assert "只是提示.docx" in cells_of(assignment_xlsx.render(sheet))


def test_unchecked_that_keeps_nothing_from_counting_asks_for_nothing() -> None:
    sheet = msgspec.structs.replace(EMPTY, unread=FULL.unread[:2])
    text = text_of(assignment_docx.render(sheet))
    assert sheet.done and "全部齐备" in text and "另有未检 2 条" in text and "扫描2.pdf" in text


def test_unchecked_is_never_called_passed_nor_left_out() -> None:
    sheet = msgspec.structs.replace(EMPTY, unread=FULL.unread)
    assert not sheet.done
    for text in (text_of(assignment_docx.render(sheet)), cells_of(assignment_xlsx.render(sheet))):
        assert "未检" in text and "全部齐备" not in text and all(u.path in text for u in FULL.unread)
    assert assignment_view.UNCHECKED in text_of(assignment_docx.render(sheet))


def test_a_page_is_a4_its_tables_repeat_their_heads_and_break_no_row() -> None:
    document = docx.Document(io.BytesIO(assignment_docx.render(FULL)))
    [section] = document.sections
    assert (round(section.page_width / Mm(1)), round(section.page_height / Mm(1))) == (210, 297)
    assert len(document.tables) == 10
    for table in document.tables:
        widths = [int(c.get(qn("w:w"))) for c in table._tbl.iter(qn("w:gridCol"))]
        assert abs(sum(widths) / 1440 * 25.4 - paper.WIDTH) < 1, "as wide as the text"
        for n, row in enumerate(table.rows):
            marks = {c.tag for c in row._tr.trPr}
            assert qn("w:cantSplit") in marks and (qn("w:tblHeader") in marks) is (n == 0)


def test_every_piece_of_text_names_a_font_for_chinese() -> None:
    data = assignment_docx.render(FULL)
    runs = [r for r in docx.Document(io.BytesIO(data)).element.body.iter(qn("w:r")) if r.find(qn("w:t")) is not None]
    fonts = {r.find(qn("w:rPr")).find(qn("w:rFonts")).get(qn("w:eastAsia")) for r in runs}
    assert fonts == {paper.TITLE, paper.HEAD, paper.BODY}
    table = zipfile.ZipFile(io.BytesIO(data)).read("word/fontTable.xml").decode()
    assert all(f'w:name="{font}"' in table for font in fonts), "each with what stands in for it"


def test_what_is_too_long_for_paper_is_in_the_workbook_and_paper_says_so() -> None:
    many = tuple(msgspec.structs.replace(FULL.returned[0], path=f"第{n}件.pdf") for n in range(assignment_docx.ROWS + 7))
    sheet = msgspec.structs.replace(EMPTY, returned=many)
    paper_text = text_of(assignment_docx.render(sheet))
    assert "另有 7 行，见同名的电子表格" in paper_text and many[-1].path not in paper_text
    whole = cells_of(assignment_xlsx.render(sheet))
    assert all(r.path in whole for r in many)


words = hostile.text
days = st.builds(ByWhen, st.none() | st.dates(), st.booleans(), st.integers(0, 400))
sheets = st.builds(
    Assignment,
    unit=words,
    cycle=words,
    day=st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    head=st.none() | st.just("1:" + "0" * 64),
    edition=words,
    city=words,
    leader=words,
    liaison=words,
    wanted=st.tuples(
        st.builds(
            Wanted,
            item=words,
            title=words,
            kind=st.sampled_from(EvidenceKind),
            state=st.sampled_from(CellState),
            role=st.sampled_from(Role),
            lead=words,
            needed=st.integers(1, 5),
            usable=st.integers(0, 5),
            when=days,
            person=words,
            reasons=st.tuples(words),
        )
    ),
    mend=st.tuples(
        st.builds(
            Mend,
            path=words,
            uses=st.tuples(words),
            faults=st.tuples(st.builds(Fault, words, st.sampled_from(Severity), words, words)),
            when=days,
            enough=st.booleans(),
        )
    ),
    doubts=st.tuples(st.builds(Doubt, words, st.tuples(words), st.tuples(words), words, days)),
    unread=st.tuples(st.builds(Unread, words, st.tuples(words), words, words, words, st.booleans())),
    kept_out=st.tuples(st.builds(KeptOut, words, st.booleans(), words)),
    forms=st.tuples(st.builds(FormProblem, words, words, words)),
)


@settings(max_examples=6, deadline=None)
@given(sheets)
def test_whatever_the_names_the_files_open_and_the_same_sheet_gives_the_same_bytes(sheet: Assignment) -> None:
    again = msgspec.json.decode(msgspec.json.encode(_plain(sheet)), type=Assignment)
    for render in (assignment_docx.render, assignment_xlsx.render):
        data = render(sheet)
        assert render(sheet) == data
        assert render(_plain(sheet)) == render(again)
    assert len(docx.Document(io.BytesIO(assignment_docx.render(sheet))).tables) >= 2
    workbooks.assert_no_formula(assignment_xlsx.render(sheet))


def _plain(sheet: Assignment) -> Assignment:
    """Without lone surrogates, which JSON cannot carry."""
    return msgspec.convert(_clean(msgspec.to_builtins(sheet)), Assignment)


def _clean(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {k: _clean(v) for k, v in value.items()}
    return [_clean(v) for v in value] if isinstance(value, list | tuple) else value


def test_the_clock_of_the_machine_stands_nowhere_in_the_files() -> None:
    for data in (assignment_docx.render(FULL), assignment_xlsx.render(FULL)):
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            assert {i.date_time for i in z.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    properties = docx.Document(io.BytesIO(assignment_docx.render(FULL))).core_properties
    assert properties.created == properties.modified and properties.created.date() == FULL.day
    assert properties.author == "dangan" and properties.comments == ""


def test_the_index_has_a_row_for_every_unit_and_names_what_nobody_was_told() -> None:
    unknown = msgspec.structs.replace(EMPTY, unit="市仙境局", registered=False)
    made = Assignments(
        sheets=(FULL, msgspec.structs.replace(EMPTY, unit="市司法局"), unknown),
        unresolved=(Unresolved("新建文件夹", 4, "市文明办"),),
    )
    names = {a.unit: f"交办单 {a.unit}" for a in made.sheets}
    data = assignment_xlsx.index(made, names, title="总表")
    assert data == assignment_xlsx.index(made, names, title="总表")
    book = openpyxl.load_workbook(io.BytesIO(data))
    lines = [r for r in book["总表"].iter_rows(values_only=True) if r[1] is not None or r[2] is not None]
    head, rows = lines[0], [dict(zip(lines[0], r, strict=True)) for r in lines[1:]]
    assert head[0] == "单位" and [r["情况"] for r in rows] == ["有待办", "全部齐备", "单位表中未登记"]
    assert {k: rows[0][k] for k in ("待补齐", "配合补齐", "逾期", "退回", "待改正", "未检", "没有收进", "提交表", "迟交")} == {
        "待补齐": 1,
        "配合补齐": 1,
        "逾期": 1,
        "退回": 1,
        "待改正": 1,
        "未检": 1,
        "没有收进": 1,
        "提交表": 1,
        "迟交": 1,
    }
    assert [r["交办单"] for r in rows] == list(names.values())
    assert [c.value for c in book["未能交办"][3]] == ["新建文件夹", 4, "市文明办"]


def test_what_one_cause_keeps_unchecked_of_a_file_is_one_row_on_paper() -> None:
    broken = tuple(Unread("坏.pdf", (), n, f"{n}未检,打不开", "由档案人员查看", False) for n in ("公式", "合计", "表头"))
    dated = Unread("坏.pdf", (), "日期", "日期未检,打不开", "请补上日期", True)
    text = text_of(assignment_docx.render(msgspec.structs.replace(EMPTY, unread=(*broken, dated))))
    assert "公式、合计、表头" in text and text.count("坏.pdf") == 2


def test_files_of_no_folder_are_sent_to_a_folder_and_not_to_the_units_table() -> None:
    made = AssignmentsOutput(folder="交办单", cycle="2026", head=None, index="", units=[], unresolved={"": 2, "文广": 1})
    loose, strange = (line for line in assignments.text(made).splitlines() if line.startswith("没有交办"))
    assert "2 个文件" in loose and "别名" not in loose and "“”" not in loose
    assert "“文广”" in strange and "别名" in strange
