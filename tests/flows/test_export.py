"""An export holds what is usable under readable names, unaltered, verified by the reference implementation, and lists the rest."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import unicodedata
from datetime import date, timedelta
from pathlib import Path

import bagit
import jsonschema
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_schema.copies import ExportOutput
from archive_schema.decisions import Decision
from archive_schema.errors import UsageError
from archive_schema.schemas import FOLDER
from archive_schema.words import DecisionAction, EvidenceKind
from flows.coverage import coverage_report
from flows.decide import decide, new_id
from flows.export import INDEX, export, upload_number
from flows.ingest import new_run
from reports import filenames
from tests.dangan.line import dangan
from tests.flows.house import NOW, House, document, photo, small_inbox


def act(house: House, action: str, **fields: object) -> None:
    with house.open() as o:
        d = Decision(id=new_id(NOW), action=DecisionAction(action), by="张三", at=NOW, reason="试", **fields)  # type: ignore[arg-type]
        decide(o, [d], new_run(NOW))


def exported(house: House, to: Path, *, now=NOW, **options: object) -> ExportOutput:
    with house.open(now) as o:
        return export(o, to, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The small inbox and a report under a second item by decision. Read only."""
    house = House.build(tmp_path_factory.mktemp("export") / "ws")
    small_inbox(house.inbox)
    document(house.inbox / "市文明办" / "Ⅲ18-1 草稿.txt", title="没有文号的办法", number="")
    doubtful = house.inbox / "市教育局" / "Ⅲ48-1 与 文件夹" / "Ⅲ58-1 方案.txt"
    document(doubtful, title="某项方案", number="示教发〔2026〕2号")
    house.ingest()
    sha = house.manifest()["市文明办/Ⅲ18-1) 红黑榜发布制度.txt"].sha256
    act(house, "accept", sha256=sha, item="III11-2", kind=EvidenceKind.DOCUMENT)
    return house


@pytest.fixture(scope="module")
def out(town: House, tmp_path_factory: pytest.TempPathFactory) -> tuple[ExportOutput, Path]:
    folder = tmp_path_factory.mktemp("out") / "迎检材料"
    return exported(town, folder), folder


def test_the_reference_implementation_validates_the_bag(out) -> None:
    _, folder = out
    bag = bagit.Bag(str(folder))
    bag.validate()
    assert bag.version_info == (1, 0) and bag.algorithms == ["sha256"]


def test_the_reference_implementation_notices_an_altered_file(out, tmp_path: Path) -> None:
    result, folder = out
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    file = copy / result.files[0].path
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(bagit.BagValidationError):
        bagit.Bag(str(copy)).validate()


def test_every_exported_file_is_byte_for_byte_what_was_sent(town: House, out) -> None:
    result, folder = out
    assert len(result.files) >= 4
    sent = {hashlib.sha256(p.read_bytes()).hexdigest() for p in town.inbox.rglob("*") if p.is_file()}
    for f in result.files:
        data = (folder / f.path).read_bytes()
        assert hashlib.sha256(data).hexdigest() == f.sha256 and len(data) == f.size
        assert f.sha256 in sent or "!/" in f.sources[0]
    assert {p.relative_to(folder).as_posix() for p in (folder / "data").rglob("*") if p.is_file()} == {
        f"data/{INDEX}",
        *(f.path for f in result.files),
    }


def test_as_many_are_exported_for_a_cell_as_coverage_counts_usable(town: House, out) -> None:
    result, _ = out
    with town.open() as o:
        report = coverage_report(o).coverage
    for item in report.items:
        for cell in item.requirements:
            mine = [f for f in result.files if (f.item, f.kind) == (item.id, cell.kind)]
            assert len(mine) == cell.usable, (item.id, cell.kind)
            assert [f.number for f in mine] == list(range(1, cell.usable + 1))


def test_every_piece_of_every_unit_is_exported_or_listed_with_its_reason(town: House, out) -> None:
    result, _ = out
    held = {(m.sha256, s.unit) for m in town.manifest().values() for s in m.sources}
    there = {(f.sha256, s.partition("/")[0]) for f in result.files for s in f.sources}
    listed = {(x.sha256, x.unit) for x in result.left_out}
    assert there | listed == held
    reasons = {x.reason for x in result.left_out}
    assert {"unusable", "in_review", "unplaced", "auxiliary"} <= reasons
    assert all(x.text for x in result.left_out)


def test_folders_follow_the_catalogue_and_names_are_readable(town: House, out) -> None:
    result, _ = out
    [f] = [f for f in result.files if f.item == "III18-1"]
    with town.open() as o:
        item = o.catalogue.by_id["III18-1"]
    parts = f.path.split("/")
    assert parts[0] == "data" and len(parts) == 6
    for part, name in zip(parts[1:5], (item.project, item.indicator, item.content, item.standard), strict=True):
        assert part.partition(" ")[2][:8] == filenames.safe(name, 60)[:8]
    assert parts[4].startswith("III18-1 ")
    assert parts[5].startswith("规范文件_01_") and "红黑榜" in parts[5] and parts[5].endswith(".txt")


def test_one_evidence_under_two_items_is_exported_twice(out) -> None:
    result, folder = out
    twice = [f for f in result.files if f.item in ("III18-1", "III11-2") and f.kind == "规范文件"]
    assert len({f.sha256 for f in twice}) == 1 and len({f.path for f in twice}) == 2
    assert all((folder / f.path).is_file() for f in twice)


def test_the_index_lists_files_with_pages_and_digests_and_what_was_left_out(out) -> None:
    result, folder = out
    book = openpyxl.load_workbook(io.BytesIO((folder / "data" / INDEX).read_bytes()))
    rows = list(book["卷内目录"].iter_rows(min_row=3, values_only=True))
    header, body = rows[0], rows[1:]
    assert len(body) == len(result.files)
    table = [dict(zip(header, row, strict=True)) for row in body]
    assert [t["SHA-256"] for t in table] == [f.sha256 for f in result.files]
    assert [t["页数"] for t in table] == [f.pages for f in result.files]
    assert any(isinstance(t["页数"], int) for t in table)
    assert {"文号", "责任者", "题名", "日期"} <= set(header)
    left = list(book["未列入"].iter_rows(min_row=4, values_only=True))
    assert [row[-1] for row in left] == [x.text for x in result.left_out]


def manifests(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


def test_the_same_archive_gives_the_same_bag_byte_for_byte_on_any_day(town: House, out, tmp_path: Path) -> None:
    _, folder = out
    exported(town, tmp_path / "later", now=NOW + timedelta(days=400))
    assert manifests(tmp_path / "later") == manifests(folder)
    assert set(manifests(folder)) == {"bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"}
    info = bagit.Bag(str(folder)).info
    with town.open() as o:
        assert o.archive.head().anchor in info["External-Identifier"]


def test_the_upload_layout_names_files_as_the_upload_system_wants_them(town: House, tmp_path: Path) -> None:
    result = exported(town, tmp_path / "up", upload_layout=True)
    bagit.Bag(str(tmp_path / "up")).validate()
    [f] = [f for f in result.files if f.item == "III18-1"]
    assert f.path.startswith("data/Ⅲ18-1)_规范文件_01_")
    assert all(x.path.count("/") == 1 for x in result.files)
    assert [upload_number(i) for i in ("III2-10", "I1-1", "XII3", "XIII3", "A1-1")] == [
        "Ⅲ2-10)",
        "Ⅰ1-1)",
        "Ⅻ3)",
        "XIII3)",
        "A1-1)",
    ]


def test_only_the_wanted_items_or_unit(town: House, tmp_path: Path) -> None:
    of_item = exported(town, tmp_path / "item", items={"III18-1"})
    assert {f.item for f in of_item.files} == {"III18-1"} == {x.item for x in of_item.left_out}
    of_unit = exported(town, tmp_path / "unit", unit="市教育局")
    assert of_unit.files and all(s.startswith("市教育局/") for f in of_unit.files for s in f.sources)
    assert {x.unit for x in of_unit.left_out} == {"市教育局"}


def test_with_all_what_is_placed_is_exported_and_marked(town: House, out, tmp_path: Path) -> None:
    result = exported(town, tmp_path / "all", everything=True)
    assert {f.sha256 for f in result.files} > {f.sha256 for f in out[0].files}
    assert not all(f.usable for f in result.files)
    assert {x.reason for x in result.left_out} <= {"unplaced", "auxiliary"}


def test_too_large_files_are_listed_and_never_shrunk(town: House, out, tmp_path: Path) -> None:
    whole, _ = out
    limit = sorted(f.size for f in whole.files)[-1] - 1
    result = exported(town, tmp_path / "small", max_bytes=limit)
    large = {f.sha256 for f in whole.files if f.size > limit}
    assert large and {f.sha256 for f in result.files} == {f.sha256 for f in whole.files} - large
    assert {x.sha256 for x in result.left_out if x.reason == "too_large"} == large


def test_superseded_withdrawn_and_rejected_material_is_left_out(new_workspace, tmp_path: Path) -> None:
    house = new_workspace()
    for n in range(4):
        document(
            house.inbox / "市文明办" / f"Ⅲ18-1 第{n}版.txt", title=f"红黑榜发布制度{n}", number=f"示文明办发〔2026〕{n + 1}号"
        )
    house.ingest()
    sha = [house.manifest()[f"市文明办/Ⅲ18-1 第{n}版.txt"].sha256 for n in range(4)]
    act(house, "supersede", sha256=sha[0], by_sha256=sha[1])
    act(house, "withdraw", sha256=sha[2])
    act(house, "reject", sha256=sha[3])
    result = exported(house, tmp_path / "out")
    assert [f.sha256 for f in result.files] == [sha[1]]
    assert {x.sha256: x.reason for x in result.left_out} == {sha[0]: "superseded", sha[2]: "withdrawn", sha[3]: "rejected"}


def test_the_same_bytes_of_two_units_for_one_cell_are_one_file_with_both_sources(new_workspace, tmp_path: Path) -> None:
    house = new_workspace()
    one = document(house.inbox / "市文明办" / "Ⅲ18-1 制度.txt")
    other = house.inbox / "市教育局" / "Ⅲ18-1 制度.txt"
    other.parent.mkdir(exist_ok=True)
    other.write_bytes(one.read_bytes())
    house.ingest()
    [f] = [f for f in exported(house, tmp_path / "out", everything=True).files if f.item == "III18-1"]
    assert [s.partition("/")[0] for s in f.sources] == ["市教育局", "市文明办"]


def test_lost_or_altered_bytes_are_named_and_the_rest_is_exported(new_workspace, tmp_path: Path) -> None:
    house = new_workspace()
    document(house.inbox / "市文明办" / "Ⅲ18-1 制度.txt")
    document(house.inbox / "市文明办" / "Ⅲ11-2 办法.txt", title="某办法", number="示文明办发〔2026〕9号")
    house.ingest()
    line = house.manifest()["市文明办/Ⅲ18-1 制度.txt"]
    file = house.root / "store" / line.object_key
    file.write_bytes(file.read_bytes().replace("红".encode(), "黑".encode(), 1))
    answer = dangan("-C", str(house.root), "export", str(tmp_path / "out"), "--all", "--format", "json")
    assert answer.code == 1
    assert answer.json["damaged"] == [line.object_key]
    assert line.sha256 not in {f["sha256"] for f in answer.json["files"]} and answer.json["files"]
    bagit.Bag(str(tmp_path / "out")).validate()


def test_a_folder_with_something_in_it_is_never_touched(town: House, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        exported(town, tmp_path / "full")
    assert [p.name for p in tmp_path.rglob("*")] == ["full", "x"]
    with pytest.raises(UsageError, match="not empty"):
        exported(town, tmp_path / "full" / "x")
    assert (tmp_path / "full" / "x").read_text() == "mine"


def test_an_export_that_breaks_off_leaves_nothing(town: House, tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        exported(town, tmp_path / "out", progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_the_command_line(town: House, tmp_path: Path) -> None:
    at = ("-C", str(town.root), "export")
    answer = dangan(*at, str(tmp_path / "a"), "--items", "Ⅲ18-1，III11-2", "--max-bytes", "2M")
    assert answer.code == 0 and "已导出 2 件" in answer.out and "未列入" in answer.out
    shown = dangan(*at, str(tmp_path / "b"), "--format", "json").json
    jsonschema.validate(shown, json.loads((FOLDER / "export.schema.json").read_text("utf-8")))
    assert shown["left_out"] and shown["files"]
    for wrong in (("--items", "III99-9"), ("--items", ""), ("--unit", "没有的单位"), ("--max-bytes", "big")):
        assert dangan(*at, str(tmp_path / "c"), *wrong).code == 2
    assert not (tmp_path / "c").exists()


# -- names -------------------------------------------------------------------------------------------------------------


@given(st.text(max_size=120))
def test_any_text_becomes_a_name_that_windows_takes(text: str) -> None:
    name = filenames.safe(text, 60)
    assert name and len(name) <= 61 and len(name.encode()) <= 250
    assert not set(name) & set('<>:"/\\|?*%\r\n\t') and name == name.strip(" .")
    assert unicodedata.is_normalized("NFC", name)
    stem = name.split(".")[0].strip().lower()
    assert stem not in {"con", "prn", "aux", "nul", "com1", "lpt9"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("a/b\\c:d*e?f", "a／b＼c：d＊e？f"),
        ("  关于 \u3000印发… . ", "关于 印发…"),
        ("\u202e倒着", "倒着"),
        ("...", "未命名"),
        ("100%", "100％"),
    ],
)
def test_names_keep_what_can_be_read(text: str, name: str) -> None:
    assert filenames.safe(text, 60) == name


def test_names_that_some_system_takes_for_the_same_are_numbered() -> None:
    taken: set[str] = set()
    names = [filenames.unique(s, ".pdf", taken) for s in ("A", "a", "Ａ", "B")]
    assert names == ["A.pdf", "a(2).pdf", "Ａ(3).pdf", "B.pdf"]


def test_a_file_is_named_by_what_it_is(new_workspace, tmp_path: Path) -> None:
    house = new_workspace()
    shot = photo(house.inbox / "市文明办" / "Ⅲ13-3 好人榜 2026年4月5日人民广场揭幕.jpg")
    shot.rename(shot.with_suffix(".JPEG"))
    document(house.inbox / "市文明办" / "Ⅲ18-1 制度.docx").rename(house.inbox / "市文明办" / "Ⅲ18-1 制度.pdf")
    house.ingest()
    endings = {f.path.rpartition(".")[2] for f in exported(house, tmp_path / "out", everything=True).files}
    assert endings == {"jpeg", "docx"}


def test_the_index_says_what_a_person_attested_of_the_delivery_that_counts(tmp_path: Path) -> None:
    house = House.build(tmp_path / "ws")
    name = "Ⅲ18-1 制度.docx"
    sent = document(house.inbox / "市文明办" / name, number="", issued_on=date(2024, 12, 18))
    twin = house.inbox / "市教育局" / name
    twin.parent.mkdir(exist_ok=True)
    shutil.copy(sent, twin)
    house.ingest()
    sha = house.manifest()[f"市文明办/{name}"].sha256
    said = {"issued_on": "2026-02-03", "document_number": "示文明办发〔2026〕3号", "title": "诚信红黑榜发布制度(试行)"}
    for fact, value in said.items():
        act(house, "attest", sha256=sha, unit="市文明办", fact=fact, value=value)
    for everything, folder in ((False, tmp_path / "a"), (True, tmp_path / "b")):
        [f] = exported(house, folder, everything=everything).files
        assert (f.dated, f.document_number, f.title, f.usable) == (*said.values(), True)
        assert f.attested == ["title", "document_number", "issued_on"] and said["title"] in f.path
        rows = openpyxl.load_workbook(folder / "data" / INDEX)["卷内目录"].iter_rows(values_only=True)
        [row] = [r for r in rows if sha in r]
        assert set(said.values()) <= set(row) and row[-1] == "由人认定: 标题、发文字号、成文日期"
    with house.open() as o:
        files = [e for i in coverage_report(o).coverage.items for c in i.requirements for e in c.evidence]
    assert {e.unit: e.title == said["title"] for e in files} == {"市文明办": True, "市教育局": False}
