"""Every check that looks at a file, on a real file that fails it and on one that passes, through the whole of intake."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from archive_schema.decisions import Decision
from archive_schema.words import DecisionAction
from flows.assignments import assignments
from flows.decide import decide, new_id
from flows.ingest import new_run
from flows.manifest import manifest_lines
from samples import hostile, layout
from tests.flows.house import NOW, House, document, photo
from validators import checks

FIXTURES = Path(__file__).parent.parent / "validators" / "fixtures"
Maker = Callable[[Path], None]
DOC, REPORT, PHOTO, TABLE = "Ⅲ18-1 制度", "Ⅲ17-2 情况说明", "Ⅲ13-3 好人榜", "Ⅲ69-1 失业率统计表"


def bad(name: str, place: str) -> Maker:
    def make(folder: Path) -> None:
        made = hostile.produce(name, folder)
        made.rename(folder / (place + made.suffix))

    return make


def doc(**more: object) -> Maker:
    return lambda folder: document(folder / f"{DOC}.docx", **more) and None


def report(text: str) -> Maker:
    def make(folder: Path) -> None:
        spec = layout.Report(title="信用信息平台情况说明", paragraphs=(text,), unit="市发改委", issued_on=date(2026, 3, 5))
        layout.report(spec, folder / f"{REPORT}.docx")

    return make


def picture(**more: object) -> Maker:
    return lambda folder: photo(folder / f"{PHOTO}.jpg", **more) and None


def table(rows: tuple[tuple[str | int | float, ...], ...] = (("东示区", 3.1), ("西示区", 3.2))) -> Maker:
    def make(folder: Path) -> None:
        spec = layout.Table(
            title="城镇登记失业率统计表",
            header=("区", "失业率(%)"),
            rows=rows,
            period="2026年",
            unit="%",
            scope="城镇户籍人口",
            source="市人社局",
        )
        layout.table_xlsx(spec, folder / f"{TABLE}.xlsx")

    return make


def put(name: str, data: bytes) -> Maker:
    return lambda folder: (folder / name).write_bytes(data) and None


def macro(folder: Path) -> None:
    document(folder / f"{DOC}.docx")
    with zipfile.ZipFile(folder / f"{DOC}.docx", "a") as z:
        z.writestr("word/vbaProject.bin", b"macro")


GOOD_TEXT = "建成公共信用信息平台,归集数据120万条,覆盖单位56家,查询8.3万次。" * 12

#: code → (a file that fails it, a file that passes it)
CASES: dict[str, tuple[Maker, Maker]] = {
    "OPEN": (bad("truncated_pdf", DOC), doc()),
    "ENCRYPTED": (bad("encrypted_pdf", DOC), doc()),
    "TYPE": (bad("pdf_that_is_jpeg", PHOTO), picture()),
    "MACRO": (macro, doc()),
    "GARBLED": (bad("garbled_txt", REPORT), report(GOOD_TEXT)),
    "DATE": (doc(issued_on=None), doc()),
    "WINDOW": (doc(issued_on=date(2019, 3, 5)), doc()),
    "NUMBER": (doc(number=""), doc()),
    "DRAFT": (doc(draft_mark="征求意见稿"), doc()),
    "TEXT": (report("情况良好。"), report(GOOD_TEXT)),
    "PIXELS": (picture(width=320, height=240), picture()),
    "TABLE": (put(f"{TABLE}.csv", "失业率,统计时段:2026年\n".encode()), table()),
    "FORMULA": (bad("broken_xlsx", TABLE), table()),
    "BLANK": (put(f"{DOC}.txt", b" \n\n \n"), doc()),
}


def found(house: House) -> dict[str, tuple[set[str], set[str]]]:
    """path → (codes of findings, codes 未检)."""
    with house.open() as o:
        return {
            s.path: ({f.code for f in line.findings}, set(line.unchecked)) for line in manifest_lines(o) for s in line.sources
        }


@pytest.fixture(scope="module")
def judged(tmp_path_factory) -> dict[str, dict[str, tuple[set[str], set[str]]]]:
    """Every bad and every good file in one inbox, a folder each."""
    house = House.build(tmp_path_factory.mktemp("checks") / "ws")
    for code, (fails, passes) in CASES.items():
        for which, make in (("bad", fails), ("good", passes)):
            folder = house.inbox / "市文明办" / f"{code}-{which}"
            folder.mkdir(parents=True)
            make(folder)
    house.ingest()
    out: dict[str, dict[str, tuple[set[str], set[str]]]] = {}
    for path, codes in found(house).items():
        folder, _, _ = path.partition("/")
        code, _, which = folder.partition("-")
        out.setdefault(code, {})[which] = codes
    return out


@pytest.mark.parametrize("code", CASES)
def test_the_bad_file_fails_it_and_the_good_file_passes(judged, code: str) -> None:
    fails, _ = judged[code]["bad"]
    good, unchecked = judged[code]["good"]
    assert code in fails
    assert code not in good and code not in unchecked, "未检 is no pass"


@pytest.mark.parametrize("code", sorted({"DATE", "NUMBER", "TEXT", "TABLE"}))
def test_what_could_not_be_read_is_unchecked_and_never_passed(tmp_path: Path, code: str) -> None:
    house = House.build(tmp_path / "ws")
    name = {"TEXT": REPORT, "TABLE": TABLE}.get(code, DOC)
    (house.inbox / "市文明办").mkdir(exist_ok=True)
    bad("caj", name)(house.inbox / "市文明办")
    house.ingest()
    [(fails, unchecked)] = found(house).values()
    assert code not in fails
    assert "FORMAT" in unchecked


def test_an_empty_file_waits_and_is_never_archived(new_workspace) -> None:
    house = new_workspace()
    put(f"{DOC}.docx", b"")
    (house.inbox / "市文明办" / f"{DOC}.docx").write_bytes(b"")
    out = house.ingest().output
    assert (out.waiting, out.new) == (1, 0)


def packed(path: Path, members: dict[str, bytes]) -> None:
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as z:
        for name, data in members.items():
            z.writestr(name, data)
    path.write_bytes(path.read_bytes().replace(b"to spoil", b"tospoil!"))


def test_members_that_are_empty_or_damaged_are_named_until_the_archive_comes_whole(new_workspace) -> None:
    house = new_workspace()
    folder = house.inbox / "市民政局"
    good, table, bad = "III15-3 星级认定办法.txt", "III15-3 志愿者;统计表.xlsx", "III15-3 说明.txt"
    packed(folder / "打包.zip", {good: GOOD_TEXT.encode(), table: b""})
    packed(folder / "坏.zip", {"制度.txt": GOOD_TEXT.encode() + b"1", bad: b"bytes to spoil", "空.txt": b""})
    packed(folder / "全空.zip", {"空表.csv": b""})
    packed(folder / "好.zip", {"制度.txt": GOOD_TEXT.encode() + b"2", "空文件夹/": b"", "Thumbs.db": b""})
    assert house.ingest().output.members == 3
    with house.open() as o:
        sheet = assignments(o, unit="市民政局").sheets[0]
        placed = {
            s.path for r in o.archive.index.placement_records() if r.placements for s in o.archive.index.sources([r.sha256])
        }
    assert not placed & {"打包.zip", "坏.zip", "全空.zip"}, "what came out is material, the archive is none"
    assert not {d.path for d in sheet.doubts} & {"打包.zip", "坏.zip", "全空.zip"}, "nobody is asked where it belongs"
    told = {m.path: f.text for m in sheet.mend for f in m.faults if f.code == "OPEN"}
    assert set(told) == {"打包.zip", "坏.zip", "全空.zip"}
    assert "志愿者；统计表.xlsx" in told["打包.zip"] and "为空" in told["打包.zip"] and "没有收" in told["打包.zip"]
    assert bad in told["坏.zip"] and "空.txt" in told["坏.zip"] and "空表.csv" in told["全空.zip"]
    packed(folder / "打包.zip", {good: GOOD_TEXT.encode(), table: "甲,乙".encode()})
    house.ingest()
    with house.open() as o:
        assert "打包.zip" not in {m.path for m in assignments(o, unit="市民政局").sheets[0].mend}


def test_same_bytes_elsewhere_are_a_notice_that_names_the_other_place(new_workspace) -> None:
    house = new_workspace()
    one = photo(house.inbox / "市文明办" / "Ⅲ13-3 好人榜.jpg")
    other = house.inbox / "市文明办" / "Ⅲ8-2 实践活动.jpg"
    other.write_bytes(one.read_bytes())
    photo(house.inbox / "市文明办" / "Ⅲ9-2 孝敬活动.jpg", seed="other")
    house.ingest()
    codes = found(house)
    assert "SAME" in codes["Ⅲ13-3 好人榜.jpg"][0]
    assert "SAME" not in codes["Ⅲ9-2 孝敬活动.jpg"][0]
    with house.open() as o:
        texts = [x.text for _, x in o.archive.index.outcomes() if x.code == "SAME"]
    assert any("III8-2" in t for t in texts) and any("III13-3" in t for t in texts)


def test_late_is_judged_by_the_form_and_else_by_arrival(new_workspace) -> None:
    house = new_workspace()
    house.set_cycle("# deadline = 2026-09-30 ", "deadline = 2026-09-30 ")
    document(house.inbox / "市文明办" / f"{DOC}.docx")
    document(house.inbox / "市教育局" / "Ⅲ58-1 方案.docx", number="示教发〔2026〕2号")
    (house.inbox / "市教育局" / "提交表.csv").write_text("文件,编号,报送日期\nⅢ58-1 方案.docx,Ⅲ58-1,2026-09-01\n", "utf-8")
    house.ingest()
    codes = found(house)
    assert "LATE" in codes[f"{DOC}.docx"][0]
    assert "LATE" not in codes["Ⅲ58-1 方案.docx"][0]


def test_what_a_person_returned_or_replaced_is_a_finding_with_its_code(new_workspace) -> None:
    house = new_workspace()
    for n in (1, 2, 3):
        document(house.inbox / "市文明办" / f"Ⅲ18-1 制度{n}.docx", number=f"示文明办发〔2026〕{n}号")
    house.ingest()
    sha = {s.path: line.sha256 for line in house.manifest().values() for s in line.sources}
    one, two, three = (sha[f"Ⅲ18-1 制度{n}.docx"] for n in (1, 2, 3))
    with house.open() as o:
        for fields in (
            {"action": DecisionAction.RETURN, "sha256": one},
            {"action": DecisionAction.SUPERSEDE, "sha256": two, "by_sha256": three},
        ):
            decide(o, [Decision(id=new_id(NOW), by="张三", at=NOW, reason="没有公章", **fields)], new_run(NOW))  # type: ignore[arg-type]
    codes = found(house)
    assert "RETURNED" in codes["Ⅲ18-1 制度1.docx"][0]
    assert "SUPERSEDED" in codes["Ⅲ18-1 制度2.docx"][0]
    assert codes["Ⅲ18-1 制度3.docx"][0] == set()


def test_every_check_of_the_catalogue_is_shown_on_files_or_in_a_test_of_its_own() -> None:
    shown = {
        *CASES,
        *("SAME", "LATE", "RETURNED", "SUPERSEDED", "FORMAT"),  # above
        *(p.parent.name for p in FIXTURES.glob("*/case.py")),  # read and judged there, file by file
        "UNIT",  # test_main_job: an unknown folder
        "EMPTY",  # zero length waits; validators' own tests judge an empty evidence
        "FORMDATE",  # validators' own tests
        *(c.code for c in checks.load().checks if c.scope == "frame"),  # validators' own tests, one row each
    }
    assert {c.code for c in checks.load().checks} <= shown


def test_a_good_photo_with_a_date_raises_nothing(new_workspace) -> None:
    house = new_workspace()
    photo(house.inbox / "市文明办" / "Ⅲ13-3 2026年4月5日人民广场好人榜揭幕.jpg", taken_at=datetime(2026, 4, 5, 9, 30))  # noqa: DTZ001
    house.ingest()
    [(fails, unchecked)] = found(house).values()
    assert fails == set() and unchecked == {"WATERMARK"}, "without all of its lettering read nobody knows that there is none"
