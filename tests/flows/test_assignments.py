"""交办单 from real files: what is missing, wrong, returned, in doubt, unchecked; each unit's own things and nobody else's."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from datetime import date, timedelta
from pathlib import Path

import docx
import msgspec
import openpyxl
import pytest
from docx.oxml.ns import qn

from archive_schema.assignment import Assignment, Assignments, Role
from archive_schema.errors import UsageError
from archive_schema.evidence import Source
from archive_schema.words import CellState, EvidenceKind, RemarkCode
from flows import told
from flows.assignments import assignments
from flows.coverage import coverage_report
from flows.handout import INDEX, counted, hand_out
from reports import assignment_view, coverage_xlsx
from samples import hostile
from tests.dangan.line import Answer, dangan
from tests.flows.acting import act
from tests.flows.house import NOW, House, document, photo
from tests.shapes import conforms

OFFICE, COURT, SCHOOLS = "市文明办", "市中级法院", "市教育局"
GOOD = "Ⅲ18-1 红黑榜发布制度.docx"
UNNUMBERED = "III18-2 联合惩戒备忘录 李雷.docx"
OLD = "Ⅲ18-1 旧办法.docx"
SENT_BACK = "Ⅲ18-1 诚信建设实施意见.docx"
PICTURE = "DSC00001.jpg"
#: no date anywhere, and a text may hold it where nobody looked: 未检
UNDATED = "III18-2 联合惩戒情况说明报告.txt"
#: the same bytes, sent by two units under names of their own
TWIN_HERE, TWIN_THERE = "III18-2 备忘录(本院).docx", "转来 韩梅梅 III18-2.docx"

CYCLE = """
[[requirement]]
item = "III18-1"
kind = "统计表格"
deadline = 2026-10-31
person = "王专人"

[[requirement]]
item = "III18-2"
kind = "规范文件"
deadline = 2026-12-31
person = "赵专人"
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    built = House.build(tmp_path_factory.mktemp("assigned") / "ws")
    inbox = built.inbox
    (built.root / "cycle.toml").open("a", encoding="utf-8").write(CYCLE)
    units = built.root / "units.csv"
    rows = units.read_text("utf-8-sig").splitlines()
    rows = [f"{OFFICE},,,,孙主任,钱联络" if r.startswith(f"{OFFICE},") else r for r in rows]
    rows = [f"{COURT},,,,周院长,吴联络" if r.startswith(f"{COURT},") else r for r in rows]
    rows = [r for r in rows if not r.startswith("各区,")] + ["东区,,,,,", "西区,,,,,郑联络", "各区,,,东区;西区,,"]
    units.write_text("\ufeff" + "\n".join(rows) + "\n", "utf-8")
    document(inbox / OFFICE / GOOD)
    document(inbox / OFFICE / OLD, number="示文明办发〔2020〕3号", issued_on=date(2020, 3, 5), title="示例市诚信红黑榜旧办法")
    document(inbox / OFFICE / SENT_BACK, number="示文明办发〔2026〕31号", title="示例市诚信红黑榜发布意见")
    document(inbox / COURT / UNNUMBERED, number="", mark="", title="失信被执行人联合惩戒备忘录")
    document(inbox / COURT / TWIN_HERE, number="", mark="", title="联合惩戒合作备忘录")
    shutil.copy(inbox / COURT / TWIN_HERE, _made(inbox / SCHOOLS / TWIN_THERE))
    (inbox / COURT / UNDATED).write_text("关于失信被执行人联合惩戒工作的情况说明。" * 12, "utf-8")
    photo(_made(inbox / SCHOOLS / PICTURE), seed="nowhere")
    hostile.produce("secret_pdf", inbox / SCHOOLS)
    document(inbox / "没有的单位" / "某文件.docx", title="示例市无主文件", number="示无发〔2026〕1号")
    built.ingest()
    sha = built.manifest()[f"{OFFICE}/{SENT_BACK}"].sha256
    act(built, "return", sha256=sha, unit=OFFICE, due=date(2026, 11, 15), at=NOW - timedelta(days=10))
    return built


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


@pytest.fixture(scope="module")
def made(house: House) -> Assignments:
    with house.open() as o:
        return assignments(o)


@pytest.fixture(scope="module")
def out(house: House, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answer]:
    """The folder that the command made for all units, and what it printed."""
    folder = tmp_path_factory.mktemp("out") / "交办单"
    return folder, dangan("-C", str(house.root), "assignments", str(folder), "--due", "2026-12-10")


def sheet(made: Assignments, unit: str) -> Assignment:
    [found] = [a for a in made.sheets if a.unit == unit]
    return found


def words_of(a: bytes) -> str:
    """All text of a DOCX or XLSX."""
    if zipfile.ZipFile(io.BytesIO(a)).namelist().count("word/document.xml"):
        body = docx.Document(io.BytesIO(a)).element.body
        return "\n".join("".join(t.text or "" for t in p.iter(qn("w:t"))) for p in body.iter(qn("w:p")))
    book = openpyxl.load_workbook(io.BytesIO(a))
    return "\n".join(str(c.value) for s in book.worksheets for r in s.iter_rows() for c in r if c.value is not None)


def test_what_is_missing_stands_with_kind_need_person_deadline_and_how_long_it_is_overdue(made: Assignments) -> None:
    [report] = [w for w in sheet(made, OFFICE).wanted if (w.item, w.kind) == ("III18-1", EvidenceKind.TABLE)]
    assert (report.state, report.role, report.usable, report.needed) == (CellState.MISSING, Role.LEAD, 0, 1)
    assert report.person == "王专人"
    assert (report.when.day, report.when.own, report.when.overdue) == (date(2026, 10, 31), True, 21)
    assert sheet(made, OFFICE).overdue >= 1


def test_the_sheets_and_the_coverage_say_the_same(house: House, made: Assignments) -> None:
    with house.open() as o:
        coverage = coverage_report(o).coverage
    open_ = {
        (i.id, r.kind)
        for i in coverage.items
        for r in i.requirements
        if r.state not in (CellState.USABLE, CellState.NOT_APPLICABLE)
    }
    assert {(w.item, w.kind) for a in made.sheets for w in a.leading} == open_
    for unit in coverage.units:
        if unit.lead_of and unit.name in {a.unit for a in made.sheets}:
            a = sheet(made, unit.name)
            assert a.cells == sum(n for s, n in unit.totals.items() if s is not CellState.NOT_APPLICABLE)
            assert a.usable == unit.totals[CellState.USABLE]


def test_what_is_wrong_names_the_file_as_it_was_sent_once_and_how_to_mend_it(made: Assignments) -> None:
    wrong = {m.path: m for m in sheet(made, COURT).mend}
    [fault] = [f for f in wrong[UNNUMBERED].faults if f.code == "NUMBER"]
    assert fault.text.startswith("读遍全文没有找到发文字号") and "请报送正式印发的文件" in fault.remedy
    assert wrong[UNNUMBERED].uses == ("III18-2 规范文件",) and wrong[UNNUMBERED].when.day == date(2026, 12, 31)
    assert UNNUMBERED not in fault.text, "the row names it"
    old = {m.path: m for m in sheet(made, OFFICE).mend}[OLD]
    assert "WINDOW" in {f.code for f in old.faults} and old.enough, "III18-1 has a good one already"


def test_what_reviewers_and_operators_are_told_is_not_told_to_units(made: Assignments) -> None:
    remedies = [f.remedy for a in made.sheets for m in a.mend for f in m.faults]
    remedies += [u.remedy for a in made.sheets for u in a.unread]
    assert len(remedies) > 3
    assert not [r for r in remedies if any(w in r for w in ("审核人", "cycle.toml", "dangan", "issued_on", "document_number"))]


def test_a_returned_piece_stands_with_its_reason_and_its_own_day(made: Assignments) -> None:
    [back] = sheet(made, OFFICE).returned
    assert (back.path, back.reason, back.when.day, back.when.overdue) == (SENT_BACK, "试", date(2026, 11, 15), 6)
    assert not any(f.code == "RETURNED" for m in sheet(made, OFFICE).mend for f in m.faults), "said once"


def test_a_faulty_piece_is_asked_for_until_other_material_lies_in_its_place(tmp_path: Path) -> None:
    house = House.build(tmp_path / "ws")
    here, there = house.inbox / OFFICE / SENT_BACK, house.inbox / SCHOOLS / TWIN_THERE
    document(here, title="示例市诚信红黑榜发布意见", issued_on=date(2020, 3, 5))
    shutil.copy(here, _made(there))

    def asked() -> list[set[str]]:
        house.ingest()
        with house.open() as o:
            made = assignments(o)
        return [{m.path for m in sheet(made, unit).mend} for unit in (OFFICE, SCHOOLS)]

    assert asked() == [{SENT_BACK}, {TWIN_THERE}]
    old = here.rename(tmp_path / "old.docx")
    assert asked() == [{SENT_BACK}, {TWIN_THERE}], "taken away is not corrected"
    document(here, title="示例市诚信红黑榜发布意见(盖章)")
    assert asked() == [set(), {TWIN_THERE}], "the other unit's is still as it was"
    shutil.copy(old, here)
    assert asked() == [{SENT_BACK}, {TWIN_THERE}], "the old one once more"


def test_of_what_does_not_apply_nothing_is_asked(tmp_path: Path) -> None:
    house = House.build(tmp_path / "ws")
    house.set_cycle("[windows]", "deadline = 2026-12-31\n\n[windows]")
    (house.root / "cycle.toml").open("a", encoding="utf-8").write(
        '\n[[requirement]]\nitem = "III18-2"\nkind = "规范文件"\ndeadline = 2026-10-01\n'
    )
    document(house.inbox / OFFICE / SENT_BACK, title="示例市诚信红黑榜发布意见", number="", mark="", issued_on=date(2020, 3, 5))
    (house.inbox / OFFICE / UNDATED).write_text("关于失信被执行人联合惩戒工作的情况说明。" * 12, "utf-8")
    house.ingest()
    shas = {path: line.sha256 for path, line in house.manifest().items()}
    sha = shas[f"{OFFICE}/{SENT_BACK}"]
    act(house, "move", sha256=sha, item="III18-1", kind=EvidenceKind.DOCUMENT)
    act(house, "accept", sha256=sha, item="III18-2", kind=EvidenceKind.DOCUMENT)
    act(house, "return", sha256=sha)

    def asked() -> tuple[Assignment, dict[str, set[str]]]:
        with house.open() as o:
            a, report = sheet(assignments(o), OFFICE), coverage_report(o)
        assert [len(a.returned)] == [u.returned for u in report.board if u.name == OFFICE]
        assert (a.sent, len(a.doubts)) == (2, len({d.path for d in a.doubts}))
        return a, {part: {x.path for x in getattr(a, part)} for part in ("mend", "returned", "doubts", "unread")}

    whole, before = asked()
    assert SENT_BACK in before["mend"] & before["returned"] and UNDATED in before["unread"] | before["doubts"]
    [back] = whole.returned
    assert set(back.uses) == {"III18-1 规范文件", "III18-2 规范文件"} and back.when.day == date(2026, 10, 1)
    act(house, "not_applicable", item="III18-2")
    part, of = asked()
    [back], [mend] = part.returned, part.mend
    assert back.uses == mend.uses == ("III18-1 规范文件",) and back.when.day == date(2026, 12, 31) and not mend.enough
    assert not any(UNDATED in paths for paths in of.values()), "it was for nothing else"
    act(house, "not_applicable", item="III18-1")
    _, of = asked()
    assert not any(of.values())


def test_what_nobody_can_place_says_what_the_unit_can_do(made: Assignments) -> None:
    [doubt] = [d for d in sheet(made, SCHOOLS).doubts if d.path == PICTURE]
    assert doubt.uses == () and "请在文件名前写明编号" in doubt.todo


def test_unchecked_is_shown_as_unchecked_and_never_left_out(house: House, made: Assignments) -> None:
    with house.open() as o:
        held = {(s.unit, s.path) for s in o.archive.index.sources() if _unchecked(o, s.sha256)}
    known = {a.unit for a in made.sheets}
    told = {(a.unit, u.path) for a in made.sheets for u in a.unread}
    assert {h for h in held if h[0] in known} == told and (COURT, UNDATED) in told
    dated = [u for u in sheet(made, COURT).unread if u.path == UNDATED and u.name == "日期"]
    assert dated and dated[0].holds_up and "请在文件、图片说明或提交表里写明日期" in dated[0].remedy


def test_what_is_unchecked_and_keeps_nothing_from_counting_asks_for_nothing(made: Assignments) -> None:
    idle = [u for a in made.sheets for u in a.unread if not u.holds_up]
    assert idle and {u.remedy for u in idle} == {"由档案人员查看，本单位不需处理"}
    a = sheet(made, COURT)
    assert len(a.to_settle) < len(a.unread)
    [asked] = [s for s in assignment_view.sentences(a) if s.startswith("请办理：")]
    assert f"未检 {len({u.path for u in a.to_settle})} 件" in asked


def _unchecked(o, sha256: str) -> bool:  # type: ignore[no-untyped-def]
    return any(c.outcome == "unchecked" and not c.waived for _, c in o.archive.index.outcomes([sha256]))


def test_a_suspected_secret_tells_its_unit_whom_to_call(made: Assignments) -> None:
    [stopped] = [k for k in sheet(made, SCHOOLS).kept_out if k.secret]
    assert "请立即联系保密办" in stopped.reason
    assert not any(k.secret for a in made.sheets if a.unit != SCHOOLS for k in a.kept_out)


def test_members_of_a_group_get_sheets_and_the_group_itself_none(made: Assignments) -> None:
    names = [a.unit for a in made.sheets]
    assert {"东区", "西区"} <= set(names) and "各区" not in names
    assert sheet(made, "西区").groups == ("各区",)
    assert len(names) == len(set(names)) and names == sorted(names)


def test_a_unit_that_the_table_does_not_know_gets_a_sheet_that_says_so(tmp_path: Path) -> None:
    house = House.build(tmp_path / "ws")
    units = house.root / "units.csv"
    units.write_text("\ufeff单位名称,别名,曾用名,成员单位,分管领导,联络员\n市教育局,,,,,\n", "utf-8")
    with house.open() as o:
        made = assignments(o)
    assert not sheet(made, COURT).registered and sheet(made, SCHOOLS).registered
    assert {a.unit for a in made.sheets if not a.registered} >= {COURT, OFFICE}


def test_a_group_that_sent_something_itself_is_told_of_that_and_asked_for_nothing_else(tmp_path: Path) -> None:
    house = House.build(tmp_path / "ws")
    units = house.root / "units.csv"
    rows = [r for r in units.read_text("utf-8-sig").splitlines() if not r.startswith("各区,")]
    units.write_text("\ufeff" + "\n".join([*rows, "东区,,,,,", "各区,,,东区,,"]) + "\n", "utf-8")
    photo(_made(house.inbox / "各区" / PICTURE), seed="nowhere")
    house.ingest()
    with house.open() as o:
        made = assignments(o)
    group = sheet(made, "各区")
    assert (group.wanted, group.sent, len(group.doubts)) == ((), 1, 1) and not group.done
    assert sheet(made, "东区").doubts == () and sheet(made, "东区").help_of > 0


def source(unit: str, path: str) -> Source:
    return Source(unit, path, unit, True, "0" * 64, 1, 0, NOW)


@pytest.mark.parametrize(
    ("text", "sources", "said"),
    [
        ("a/b.pdf: 没有标题", (("甲", "a/b.pdf"),), "没有标题"),
        ("a: b.pdf: 没有标题", (("甲", "a: b.pdf"),), "没有标题"),
        ("b.pdf、c.pdf: 没有标题", (("甲", "a/b.pdf"), ("乙", "x/c.pdf")), "没有标题"),
        ("a.pdf 等 2 处: 没有标题", (("甲", "a.pdf"), ("甲", "b.pdf")), "没有标题"),
        ("没有标题", (("甲", "a.pdf"),), "没有标题"),
        ("与 张三.pdf 相同", (("甲", "a.pdf"), ("乙", "x/张三.pdf")), ""),
        ("别名.pdf、张三.pdf 等 5 处: 没有标题", (("甲", "a.pdf"), ("乙", "x/张三.pdf")), ""),
    ],
)
def test_a_finding_is_told_without_its_file_and_not_at_all_where_it_names_anothers(
    text: str, sources: tuple[tuple[str, str], ...], said: str
) -> None:
    assert told.without_file(text, "甲", [source(*s) for s in sources]) == said


def test_files_of_a_folder_that_is_no_units_are_on_no_sheet_and_are_named(made: Assignments) -> None:
    assert [(u.folder, u.files) for u in made.unresolved] == [("没有的单位", 1)]
    assert "没有的单位" not in {a.unit for a in made.sheets}


def test_due_is_the_day_of_what_has_no_day_of_its_own(house: House) -> None:
    with house.open() as o:
        a = sheet(assignments(o, due=date(2026, 11, 30)), OFFICE)
        none = sheet(assignments(o), OFFICE)
    with_own = [w for w in a.wanted if w.when.own]
    without = [w for w in a.wanted if not w.when.own]
    assert with_own and all(w.when.day != date(2026, 11, 30) for w in with_own)
    assert without and all(w.when.day == date(2026, 11, 30) and not w.when.overdue for w in without)
    assert {w.when.day for w in none.wanted if not w.when.own} == {None}


def test_another_units_files_and_persons_are_never_in_a_units_sheets(
    house: House, made: Assignments, out: tuple[Path, Answer]
) -> None:
    with house.open() as o:
        paths = {(s.unit, s.path) for s in o.archive.index.sources()}
    persons = {OFFICE: ("王专人", "孙主任", "钱联络"), COURT: ("赵专人", "周院长", "吴联络"), "西区": ("郑联络",)}
    assert len(paths) >= 8
    for a in made.sheets:
        text = "\n".join(words_of(f.read_bytes()) for f in out[0].glob(f"交办单 {a.unit}.*"))
        assert a.unit in text
        assert all(m.path in text for m in a.mend) and all(n in text for n in persons.get(a.unit, ())[1:])
        for unit, path in paths:
            if unit != a.unit:
                assert path not in text and path.rsplit("/")[-1] not in text, (a.unit, path)
        for unit, names in persons.items():
            assert unit == a.unit or not any(n in text for n in names), a.unit


def test_the_same_bytes_sent_by_two_units_name_to_each_its_own_file(made: Assignments) -> None:
    here = [m for m in sheet(made, COURT).mend if m.path == TWIN_HERE]
    there = [m for m in sheet(made, SCHOOLS).mend if m.path == TWIN_THERE]
    assert here and there
    said = [f.text for m in (*here, *there) for f in m.faults]
    assert said and not [t for t in said if TWIN_HERE in t or TWIN_THERE in t or "韩梅梅" in t]


def test_a_unit_whose_cells_are_usable_and_whose_files_are_good_reads_all_done(house: House, made: Assignments) -> None:
    done = [a for a in made.sheets if a.done]
    with house.open() as o:
        coverage = coverage_report(o).coverage
    lacking = {u for i in coverage.items for r in i.requirements if r.state is CellState.MISSING for u in i.units}
    assert not {a.unit for a in done} & lacking


def test_the_folder_holds_two_files_a_unit_and_the_index(made: Assignments, out: tuple[Path, Answer]) -> None:
    folder, answer = out
    assert answer.code == 0 and f"{len(made.sheets)} 个单位" in answer.out and "“没有的单位”" in answer.out
    names = {p.name for p in folder.iterdir()}
    assert names == {INDEX, *(f"交办单 {a.unit}.{ending}" for a in made.sheets for ending in ("docx", "xlsx"))}
    book = openpyxl.load_workbook(folder / INDEX)
    assert {r[0].value for r in book["总表"].iter_rows()} >= {a.unit for a in made.sheets}
    assert [c.value for c in book["未能交办"][3]][:2] == ["没有的单位", 1]


def test_repeating_on_the_same_day_changes_nothing(house: House, tmp_path: Path) -> None:
    with house.open() as o:
        first = hand_out(o, tmp_path, unit=COURT)
        before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with house.open(NOW + timedelta(hours=3)) as o:
        assert hand_out(o, tmp_path, unit=COURT) == first
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_the_sheet_the_board_the_remarks_and_the_list_of_problems_count_the_same_late(tmp_path: Path) -> None:
    """What a newer version has replaced, by decision or where it lay, and what is for no cell that applies is not late."""
    house = House.build(tmp_path / "ws")
    house.set_cycle("[windows]", "deadline = 2026-10-01\n\n[windows]")
    folder = house.inbox / OFFICE
    document(folder / GOOD)
    document(folder / SENT_BACK, number="示文明办发〔2026〕31号", title="示例市诚信红黑榜发布意见")
    document(folder / "III13-1 评选.docx", title="示例市道德模范评选办法", number="示文明办发〔2026〕13号")
    document(folder / "III8-1 宣传.docx", title="示例市核心价值观宣传方案", number="示文明办发〔2026〕9号")

    def counted() -> tuple[int, int, int, int]:
        with house.open() as o:
            a, report = sheet(assignments(o), OFFICE), coverage_report(o)
        [board] = [u for u in report.board if u.name == OFFICE]
        remarked = sum(r.count for of in report.remarks.values() for r in of if r.code is RemarkCode.LATE)
        assert (board.on_time == 0.0) == (board.arrived == board.late)
        return a.late, board.arrived, board.late, remarked

    house.ingest()
    assert counted() == (4, 4, 4, 4)
    with house.open() as o:
        book = openpyxl.load_workbook(io.BytesIO(coverage_xlsx.render(coverage_report(o))))
    rows = [r for r in book["问题清单"].iter_rows(min_row=2, values_only=True) if r[9] == "LATE"]
    assert len(rows) == 4 and {r[6] for r in rows} == {"警告"}
    shas = {path: line.sha256 for path, line in house.manifest().items()}
    act(house, "supersede", sha256=shas[f"{OFFICE}/{GOOD}"], by_sha256=shas[f"{OFFICE}/{SENT_BACK}"])
    assert counted() == (3, 3, 3, 3)
    act(house, "not_applicable", item="III8-1")
    assert counted() == (2, 2, 2, 2)
    document(folder / "III13-1 评选.docx", title="示例市道德模范评选办法(修订)", number="示文明办发〔2026〕14号")
    house.ingest()
    assert counted() == (2, 2, 2, 2), "the new one in its place, not both"


def test_what_a_unit_may_have_filled_in_is_not_overwritten(house: House, tmp_path: Path) -> None:
    with house.open() as o:
        made = hand_out(o, tmp_path, unit="文明办")
        filled = tmp_path / made.units[0].files[1]
        filled.write_bytes(b"what the unit wrote")
        with pytest.raises(UsageError, match="other sheets") as refused:
            hand_out(o, tmp_path, unit="文明办", due=date(2026, 12, 1))
        assert "--replace" in refused.value.hint and filled.read_bytes() == b"what the unit wrote"
        hand_out(o, tmp_path, unit="文明办", replace=True)
    assert filled.read_bytes() != b"what the unit wrote"
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(made.units[0].files), "no index of one unit, nothing temporary"


def test_a_group_may_be_asked_for_by_name(house: House) -> None:
    with house.open() as o:
        assert [a.unit for a in assignments(o, unit="各区").sheets] == ["东区", "西区"]


def test_the_command_answers_in_json_and_refuses_what_it_does_not_understand(house: House, tmp_path: Path) -> None:
    answer = dangan("-C", str(house.root), "assignments", str(tmp_path / "y"), "--unit", COURT, "--format", "json")
    conforms(answer.json, "assignments")
    [unit] = answer.json["units"]
    assert unit["unit"] == COURT and unit["done"] is False and unit["mend"] >= 1
    for wrong in (("--due", "下周"), ("--unit", "市仙境局")):
        assert dangan("-C", str(house.root), "assignments", str(tmp_path / "z"), *wrong).code == 2
    assert not (tmp_path / "z").exists()


def test_the_numbers_answered_are_those_on_the_sheet(made: Assignments) -> None:
    [a] = [a for a in made.sheets if a.unit == COURT]
    [settled, *_] = a.to_settle
    idle = msgspec.structs.replace(settled, path="只由档案人员看.pdf", holds_up=False)
    a = msgspec.structs.replace(a, unread=(*a.unread, idle))
    said = dict(re.findall(r"[：，](待改正|待复核|未检) (\d+) 件", "".join(assignment_view.sentences(a))))
    unit = counted(a, "交办单")
    numbers = {"待改正": unit.mend, "待复核": unit.doubts, "未检": unit.unchecked}
    assert said == {k: str(n) for k, n in numbers.items() if n} and unit.unchecked


def test_a_day_that_is_past_is_remarked_on(house: House, tmp_path: Path) -> None:
    at = ("-C", str(house.root), "assignments")
    answer = dangan(*at, str(tmp_path / "y"), "--unit", COURT, "--due", "2020-01-01")
    assert answer.code == 0 and "2020-01-01 在今天之前" in answer.err and "--replace" in answer.err
