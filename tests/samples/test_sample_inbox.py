"""The sample inbox holds what it promises, is the same on every run, and knows what should become of each file."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections import Counter
from datetime import date
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from PIL import Image

from archive_schema import catalogue, units
from archive_schema.cycle import Window
from archive_schema.errors import UsageError
from archive_schema.text import squeeze
from archive_schema.words import Disposition, EvidenceKind
from samples import __main__ as command
from samples import hostile, wording
from samples.inbox import FORM_HEADER, SampleSummary, make_inbox
from samples.layout import typeset
from samples.plan import plan

WINDOW = Window(date(2025, 11, 1), date(2026, 10, 31))
NATIONAL = catalogue.load("national-2017")
TABLE = units.from_references(r for i in NATIONAL.items for r in i.units)
COUNTY = catalogue.load("fujian-county")


def snapshot(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        str(p.relative_to(folder)): (hashlib.sha256(p.read_bytes()).hexdigest(), p.stat().st_mtime_ns)
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SampleSummary]:
    folder = tmp_path_factory.mktemp("around") / "inbox"
    return folder, make_inbox(folder, NATIONAL, TABLE, window=WINDOW)


Made = tuple[Path, SampleSummary]


def test_there_are_three_hundred_files_each_with_one_expectation(inbox: Made) -> None:
    folder, summary = inbox
    expected = [e.path for e in summary.expectations if e.sort != "member"]
    assert sorted(expected) == sorted(snapshot(folder))
    assert summary.files == len(expected) == 300


def test_nothing_lies_outside_the_inbox(inbox: Made) -> None:
    folder, _ = inbox
    assert list(folder.parent.iterdir()) == [folder]
    assert not [p for p in folder.rglob("*") if p.is_symlink()]


def test_the_same_arguments_give_the_same_bytes_names_and_times(inbox: Made, tmp_path: Path) -> None:
    folder, summary = inbox
    again = make_inbox(tmp_path / "again", NATIONAL, TABLE, window=WINDOW)
    assert again == summary
    assert snapshot(tmp_path / "again") == snapshot(folder)


def test_another_seed_gives_another_inbox() -> None:
    first, second = (plan(NATIONAL, TABLE, window=WINDOW, files=300, unit_count=20, seed=s) for s in (1, 2))
    assert {p.name for p in first.pieces} != {p.name for p in second.pieces}


def test_twenty_units_one_by_an_alias_one_numbered_and_one_folder_that_is_nobodys(inbox: Made) -> None:
    _, summary = inbox
    assert len(summary.units) == 20
    how = {f: TABLE.match(f) for f in summary.folders}
    assert Counter(m.how for m in how.values()) == {"name": 18, "alias": 1, "simplified": 1, "": 1}
    unknown = next(m for m in how.values() if m.unit is None)
    assert unknown.suggestion in summary.units
    for e in summary.expectations:
        match = how[e.path.split("/")[0]]
        assert e.unit_known == (match.unit is not None)
        assert e.unit == (match.unit.name if match.unit else match.suggestion)


def test_all_four_kinds_come_well_named_and_badly_named(inbox: Made) -> None:
    _, summary = inbox
    pairs = Counter((e.kind, e.sort) for e in summary.expectations)
    for kind in EvidenceKind:
        for sort in ("well_named", "titled", "poorly_named"):
            assert pairs[kind, sort] > 0, (kind, sort)


def test_every_expected_cell_is_asked_for_by_the_catalogue_and_its_unit_answers_for_it(inbox: Made) -> None:
    _, summary = inbox
    cells = set(NATIONAL.cells)
    for e in summary.expectations:
        if e.item:
            assert (e.item, e.kind) in cells or e.sort == "bad", e.path
            if e.sort in ("well_named", "titled", "poorly_named", "bad"):
                assert TABLE.answers_for(e.unit, NATIONAL.by_id[e.item].units) is not None, e.path
    assert len({(e.item, e.kind) for e in summary.expectations if e.item}) > 180


def test_a_well_named_file_carries_its_number_and_a_titled_one_does_not(inbox: Made) -> None:
    _, summary = inbox
    for e in summary.expectations:
        if e.sort == "well_named":
            assert any(squeeze(s) in squeeze(e.path) for s in wording.spellings(e.item)), e.path
        if e.sort in ("titled", "poorly_named"):
            assert "Ⅲ" not in e.path
            assert "III" not in e.path


def test_numbers_are_spelled_in_several_ways(inbox: Made) -> None:
    _, summary = inbox
    names = [e.path for e in summary.expectations if e.sort == "well_named"]
    forms = {
        n for n in range(6) for e in summary.expectations if e.sort == "well_named" and wording.spellings(e.item)[n] in e.path
    }
    assert forms == set(range(6))
    assert len(names) > 100


def test_every_fault_and_at_least_fifteen_bad_sorts_are_there(inbox: Made) -> None:
    _, summary = inbox
    for fault in ("out_of_window", "no_date", "no_number", "late"):
        assert summary.counts[f"fault:{fault}"] >= 3
    assert len({e.bad for e in summary.expectations if e.bad}) >= 15
    assert summary.counts["form"] >= 3
    assert summary.counts["sidecar"] >= 2
    assert summary.members == 3


def test_a_bad_file_is_expected_to_end_as_its_sort_says(inbox: Made) -> None:
    _, summary = inbox
    for e in summary.expectations:
        assert e.disposition is (hostile.SORTS[e.bad].disposition if e.bad else Disposition.NEW)
    assert summary.counts["new"] + summary.counts["quarantined"] + summary.counts["waiting"] + summary.counts["ignored"] == 300


def test_only_the_announced_files_have_the_same_bytes(inbox: Made) -> None:
    folder, summary = inbox
    digests = snapshot(folder)
    twice = {e.path: e.same_as for e in summary.expectations if e.same_as}
    assert len(twice) >= 4
    for path, original in twice.items():
        assert digests[path][0] == digests[original][0]
    assert {p.split("/")[0] == o.split("/")[0] for p, o in twice.items()} == {True, False}
    others = [d for p, (d, _) in digests.items() if p not in twice]
    assert len(set(others)) == len(others)


def document_text(path: Path) -> str:
    opened = pypdfium2.PdfDocument(path)
    return "".join("".join(opened[n].get_textpage().get_text_range().split()) for n in range(len(opened)))


def test_documents_say_what_is_expected_of_them(inbox: Made) -> None:
    folder, summary = inbox
    seen = Counter[str]()
    for e in summary.expectations:
        good = e.sort in ("well_named", "titled", "poorly_named")
        if not good or e.kind is not EvidenceKind.DOCUMENT or not e.path.endswith(".pdf"):
            continue
        text = document_text(folder / e.path)
        assert ("号关于" in text or "号示例市" in text or "号中共" in text or "号共青团" in text) == (e.fault != "no_number"), (
            e.path
        )
        assert wording.subject(NATIONAL.by_id[e.item]).replace(" ", "") in text, e.path
        seen[e.fault] += 1
    assert seen[""] > 20
    assert seen["no_number"] > 0


def test_photos_are_large_and_their_dates_lie_in_the_window_or_expressly_before_it(inbox: Made) -> None:
    folder, summary = inbox
    photos = [
        e for e in summary.expectations if e.kind is EvidenceKind.PHOTO and not e.bad and e.sort not in ("member", "duplicate")
    ]
    assert len(photos) > 30
    for e in photos:
        with Image.open(folder / e.path) as picture:
            assert max(picture.size) >= 1280
            taken = picture.getexif().get_ifd(0x8769)[0x9003]
        day = date(int(taken[:4]), int(taken[5:7]), int(taken[8:10]))
        assert (day in WINDOW) == (e.fault != "out_of_window"), e.path
        assert day <= WINDOW.end


def form_rows(path: Path) -> list[list[str]]:
    if path.suffix == ".csv":
        return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    return [["" if c is None else str(c) for c in row] for row in sheet.iter_rows(values_only=True)]


def test_forms_name_files_that_lie_beside_them_and_tell_who_was_late(inbox: Made) -> None:
    folder, summary = inbox
    by_path = {e.path: e for e in summary.expectations}
    spoken_for = set()
    for e in (e for e in summary.expectations if e.sort == "form"):
        rows = form_rows(folder / e.path)
        assert rows[2][: len(FORM_HEADER)] == [typeset(h) for h in FORM_HEADER]
        for _, ident, kind, title, name, day, _, sent_on in (r[:8] for r in rows[3:]):
            path = f"{e.path.split('/')[0]}/{name}"
            told = by_path[path]
            spoken_for.add(path)
            assert (told.item, told.kind, told.by) == (ident.replace("Ⅲ", "III"), kind, "form")
            assert title
            assert (date.fromisoformat(sent_on) > summary.deadline) == (told.fault == "late")
            assert (day == "") == (told.fault == "no_date")
    assert spoken_for == {p for p, e in by_path.items() if e.by == "form"}
    assert {Path(e.path).suffix for e in summary.expectations if e.sort == "form"} == {".xlsx", ".csv"}


def test_a_caption_beside_a_photo_has_its_name(inbox: Made) -> None:
    folder, summary = inbox
    by_path = {e.path for e in summary.expectations}
    for e in (e for e in summary.expectations if e.sort == "sidecar"):
        stem = e.path.removesuffix(".txt")
        assert {f"{stem}.jpg", f"{stem}.png"} & by_path
        assert "活动现场" in (folder / e.path).read_text("utf-8")


def test_the_members_of_the_old_zip_are_the_announced_ones(inbox: Made) -> None:
    folder, summary = inbox
    members = [e for e in summary.expectations if e.sort == "member"]
    archive = members[0].path.split("!/")[0]
    with zipfile.ZipFile(folder / archive) as z:
        assert z.testzip() is None
        names = {i.orig_filename.encode("cp437").decode("gbk") for i in z.infolist()}
    assert {f"{archive}!/{n}" for n in names} == {e.path for e in members}


def test_names_can_be_made_on_every_common_system(inbox: Made) -> None:
    _, summary = inbox
    folded = Counter(e.path.lower() for e in summary.expectations)
    assert max(folded.values()) == 1
    for e in summary.expectations:
        for part in e.path.replace("!/", "/").split("/"):
            assert len(part.encode()) <= 255
            assert not set(part) & set('<>:"\\|?*'), e.path
            assert part == part.rstrip(" ."), e.path


def test_a_small_catalogue_with_few_units_gives_an_inbox_too(tmp_path: Path) -> None:
    table = units.from_references(r for i in COUNTY.items for r in i.units)
    summary = make_inbox(tmp_path / "in", COUNTY, table, window=WINDOW, files=100, seed=5)
    assert summary.files == 100 == len(snapshot(tmp_path / "in"))
    assert {e.item for e in summary.expectations if e.item and e.kind} == set(COUNTY.by_id)
    digests = Counter(d for d, _ in snapshot(tmp_path / "in").values())
    assert sum(n - 1 for n in digests.values()) == summary.counts["duplicate"]


def test_too_few_files_or_a_table_of_strangers_is_refused() -> None:
    with pytest.raises(UsageError, match="too few"):
        plan(NATIONAL, TABLE, window=WINDOW, files=20, unit_count=20, seed=1)
    strangers = units.from_references(["某公司"])
    with pytest.raises(UsageError, match="no unit"):
        plan(NATIONAL, strangers, window=WINDOW, files=300, unit_count=20, seed=1)


@pytest.mark.parametrize("seed", range(2, 8))
@pytest.mark.parametrize("files", [100, 250, 600])
def test_any_seed_and_size_keeps_the_promises(seed: int, files: int) -> None:
    made = plan(NATIONAL, TABLE, window=WINDOW, files=files, unit_count=20, seed=seed)
    sidecars, forms = sum(p.sidecar for p in made.pieces), sum(bool(f.form) for f in made.folders)
    assert len(made.pieces) + sidecars + len(made.bad) + len(made.copies) + forms + 1 == files
    assert {p.fault for p in made.pieces} == {"", "late", "no_number", "no_date", "out_of_window"}
    assert len({b.sort.name for b in made.bad}) >= 15
    assert [f.known for f in made.folders] == [True] * 20 + [False]


def test_the_command_writes_an_inbox_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [
        "inbox",
        str(tmp_path / "in"),
        "--files",
        "100",
        "--window",
        "2025-11-01..2026-10-31",
        "--catalogue",
        "fujian-county",
    ]
    assert command.main(arguments) == 0
    said = capsys.readouterr().out
    assert said.startswith("已生成 100 个文件")
    assert "2025-11-01 至 2026-10-31" in said
    assert len(snapshot(tmp_path / "in")) == 100


def test_the_command_tells_in_chinese_what_was_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["inbox", str(tmp_path), "--files", "20"]) == 2
    assert "样例收件箱至少要 100 个文件" in capsys.readouterr().err
