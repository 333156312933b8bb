"""An inbox over days: files touched, replaced, refused, put back and taken away, forms and texts that come and go."""

from __future__ import annotations

import os
import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from archive_schema.errors import UnavailableError
from archive_schema.records import EventRecord
from archive_schema.words import EventType, RemarkCode
from flows import last_run
from flows.coverage import coverage_report
from reports import coverage_text
from reports.coverage_view import suspected_secret
from storage import passes
from tests.flows.acting import act
from tests.flows.house import House, document, photo

NewHouse = Callable[..., House]
FORM = "文件名,编号,材料类型,报送日期\n意见.docx,Ⅲ15-1,规范文件,2026-08-01\n"


def noted(house: House) -> dict[str, str]:
    """Reasons of the notices in force, by path."""
    with house.open() as o:
        return {path: str(n.detail["reason"]) for (_, path), n in o.archive.index.quarantined().items()}


def present(house: House) -> dict[str, bool]:
    with house.open() as o:
        return {s.path: s.present for s in o.archive.index.sources()}


def told(house: House) -> dict[str, tuple[object, ...]]:
    """What forms and texts say of each file that stands in the inbox, and where it was placed."""
    with house.open() as o:
        lines = {line.sha256: line.placements for line in o.archive.manifest_lines()}
        return {s.path: (s.form, s.caption, lines[s.sha256]) for s in o.archive.index.sources() if s.present}


def later(path: Path) -> None:
    """Touch it: the same bytes with another time."""
    then = path.stat().st_mtime_ns + 86_400 * 10**9
    os.utime(path, ns=(then, then))


def with_form(house: House) -> Path:
    folder = house.inbox / "市教育局"
    document(folder / "意见.docx")
    (folder / "提交表.csv").write_text(FORM, "utf-8")
    return folder


def with_caption(house: House) -> Path:
    folder = house.inbox / "市教育局"
    photo(folder / "意见.jpg")
    (folder / "意见.txt").write_text("2026年4月5日示例市第一小学文明校园创建现场", "utf-8")
    return folder


@pytest.mark.parametrize(("make", "name"), [(with_form, "意见.docx"), (with_caption, "意见.jpg")])
def test_a_file_taken_in_by_itself_keeps_what_is_said_of_it(
    make: Callable[[House], Path], name: str, new_workspace: NewHouse
) -> None:
    house = new_workspace()
    folder = make(house)
    house.ingest()
    before = told(house)
    assert any(said is not None for said in before[name][:2])
    later(folder / name)
    assert house.ingest(paths=[folder / name]).output.known == 1
    assert told(house) == before
    house.ingest()
    assert told(house) == before


@pytest.mark.parametrize(("make", "what"), [(with_form, "提交表.csv"), (with_caption, "意见.txt")])
def test_what_is_said_of_a_file_ends_when_the_saying_is_taken_away_and_not_only_with_the_next_arrival(
    make: Callable[[House], Path], what: str, new_workspace: NewHouse
) -> None:
    house, never = new_workspace(), new_workspace("never")
    make(never)
    (never.inbox / "市教育局" / what).unlink()
    never.ingest()
    folder = make(house)
    house.ingest()
    assert told(house) != told(never)
    (folder / what).unlink()
    house.ingest()
    assert told(house) == told(never)
    document(house.inbox / "市文明办" / "别的.txt")
    house.ingest()
    assert {path: said for path, said in told(house).items() if path != "别的.txt"} == told(never)


@pytest.mark.parametrize(("make", "what"), [(with_form, "提交表.csv"), (with_caption, "意见.txt")])
def test_a_form_or_text_taken_in_by_itself_is_heard_by_the_next_whole_pass(
    make: Callable[[House], Path], what: str, new_workspace: NewHouse
) -> None:
    house, at_once = new_workspace(), new_workspace("at-once")
    folder = make(house)
    shutil.copytree(house.inbox, at_once.inbox, dirs_exist_ok=True)
    at_once.ingest()
    words = (folder / what).read_bytes()
    (folder / what).unlink()
    house.ingest()
    (folder / what).write_bytes(words)
    house.ingest(paths=[folder / what])
    house.ingest()
    assert told(house) == told(at_once)


def test_a_notice_ends_when_the_archived_bytes_are_put_back(new_workspace: NewHouse, tmp_path: Path) -> None:
    house = new_workspace()
    file = document(house.inbox / "市文明办" / "Ⅲ18-1) 红黑榜发布制度.docx")
    kept = shutil.copy2(file, tmp_path / "kept.docx")
    house.ingest()
    as_it_was = house.manifest()
    document(file, secrecy="机密★1年")
    assert house.ingest().output.quarantined == 1
    assert present(house) == {file.name: False}, "what stands there is refused, so the archived bytes stand there no more"
    assert list(noted(house)) == [file.name]
    shutil.copy2(kept, file)
    assert house.ingest().output.known == 1
    assert noted(house) == {} and house.manifest() == as_it_was


def test_a_notice_ends_with_the_file_but_a_suspected_secret_is_still_told_as_gone(new_workspace: NewHouse) -> None:
    house = new_workspace()
    folder = house.inbox / "市文明办"
    secret = document(folder / "机要.docx", secrecy="机密★1年")
    link = folder / "链接.docx"
    link.symlink_to(secret)
    assert house.ingest().output.quarantined == 2
    secret.unlink()
    link.unlink()
    house.ingest()
    assert list(noted(house)) == ["机要.docx"] and noted(house)["机要.docx"].endswith("文件已不在收件箱")
    head = house.head()
    house.ingest()
    assert house.head() == head, "said once"
    with house.open() as o:
        assert [suspected_secret(n) for n in coverage_report(o).notes] == [True]
    document(folder / "机要.docx", secrecy="机密★1年")
    assert house.ingest().output.quarantined == 1
    assert not noted(house)["机要.docx"].endswith("文件已不在收件箱")


def test_a_secret_that_only_a_newer_reader_saw_stays_told_though_its_bytes_stand_there(new_workspace: NewHouse) -> None:
    house = new_workspace()
    file = document(house.inbox / "市文明办" / "Ⅲ18-1) 红黑榜发布制度.docx")
    house.ingest()
    [line] = house.manifest().values()
    detail = {
        "folder": "市文明办",
        "path": file.name,
        "unit": "市文明办",
        "size": file.stat().st_size,
        "mtime_ns": file.stat().st_mtime_ns,
        "sha256": line.sha256,
        "reason": "疑似涉密(密级标志“机密”)",
    }
    with house.open() as o, o.archive.lease("试"):
        o.archive.commit("r", [EventRecord(EventType.QUARANTINE, f"市文明办/{file.name}", o.now(), "quarantined", "r", detail)])
    house.ingest()
    assert list(noted(house)) == [file.name]


def test_an_inbox_that_is_empty_all_at_once_is_told_and_files_that_come_back_are_known(
    new_workspace: NewHouse, tmp_path: Path
) -> None:
    house = new_workspace()
    for n in range(3):
        document(house.inbox / "市文明办" / f"文件{n}.txt", number=f"示文明办发〔2026〕{n + 1}号")
    assert house.ingest().cautions == ()
    away = tmp_path / "away"
    away.mkdir()
    for folder in list(house.inbox.iterdir()):
        folder.rename(away / folder.name)
    [caution] = house.ingest().cautions
    assert "一个文件也没有,此前有 3 个" in caution and "是否已连接" in caution
    assert house.ingest().cautions == (), "told once"
    for folder in list(away.iterdir()):
        folder.rename(house.inbox / folder.name)
    out = house.ingest().output
    assert (out.new, out.known) == (0, 3)


def test_a_pass_over_a_part_says_nothing_of_the_rest(new_workspace: NewHouse) -> None:
    house = new_workspace()
    for unit in ("市文明办", "市教育局"):
        document(house.inbox / unit / f"{unit}.txt", number=f"示发〔2026〕{len(unit)}号")
    (house.inbox / "市教育局" / "空.txt").touch()
    house.ingest()
    with house.open() as o:
        before = last_run.load(o)
        assert before is not None and [n.path for n in before.waiting] == ["空.txt"]
    (house.inbox / "市文明办" / "市文明办.txt").unlink()
    result = house.ingest(paths=[house.inbox / "市文明办"])
    assert result.output.found == 0 and result.cautions == (), "the inbox is not empty"
    assert all(present(house).values()), "only a whole pass looks for what is gone"
    with house.open() as o:
        assert last_run.load(o) == before
    house.ingest()
    assert present(house)["市文明办.txt"] is False


def test_a_pass_that_was_killed_is_brought_to_its_end_once_and_by_a_whole_one(new_workspace: NewHouse) -> None:
    house = new_workspace()
    document(house.inbox / "市文明办" / "文件.txt")
    house.ingest()

    def left() -> dict[str, bool]:
        with house.open() as o:
            return passes.left(o.archive.index)

    head = house.head()
    with house.open() as o:
        passes.begin(o.archive.index, "r1")  # and it wrote nothing
    house.ingest()
    assert house.head() == head and left() == {}
    with house.open() as o:
        passes.begin(o.archive.index, "r2")
        o.archive.commit("r2", [EventRecord(EventType.INGESTION, "r2", o.now(), "success", "r2", {})])
    house.ingest(paths=[house.inbox / "市文明办"])
    assert left() == {"r2": True}
    head = house.head()
    house.ingest()
    assert house.head() != head and left() == {}
    head = house.head()
    house.ingest()
    assert house.head() == head


def test_members_that_are_stored_take_no_room_while_the_pass_goes_on(new_workspace: NewHouse) -> None:
    house = new_workspace()
    with zipfile.ZipFile(house.inbox / "市文明办" / "打包.zip", "w") as z:
        z.writestr("a.txt", "关于红黑榜的说明")
    seen: list[int] = []

    def look(done: int, todo: int) -> None:
        seen.append(sum(p.is_file() and p.suffix != ".log" for p in (house.root / ".scratch").rglob("*")))

    assert house.ingest(progress=look).output.members == 1
    assert seen == [0]


def test_a_folder_whose_name_ends_as_an_archive_is_shown_is_a_folder(new_workspace: NewHouse, tmp_path: Path) -> None:
    house = new_workspace()
    urgent = house.inbox / "市教育局" / "急件!"
    document(urgent / "意见.txt")
    inner = document(tmp_path / "通知.txt", number="示教发〔2026〕4号")
    packed = urgent / "打包.zip"
    with zipfile.ZipFile(packed, "w") as z:
        z.write(inner, "通知.txt")
    house.ingest()
    segments = house.segments()
    again = house.ingest().output
    assert (again.known, again.members, house.segments()) == (2, 1, segments)
    assert present(house) == {"急件!/意见.txt": True, "急件!/打包.zip": True, "急件!/打包.zip!/通知.txt": True}
    document(urgent / "意见.txt", number="示教发〔2026〕5号")
    packed.unlink()
    house.ingest()
    with house.open() as o:
        standing = {s.path for s in o.archive.index.sources() if s.present}
    assert standing == {"急件!/意见.txt"}


def test_a_folder_beside_the_archive_it_is_named_after_keeps_its_files_apart(new_workspace: NewHouse, tmp_path: Path) -> None:
    house = new_workspace()
    folder = house.inbox / "市教育局"
    document(folder / "包.zip!" / "通知.txt")
    with zipfile.ZipFile(folder / "包.zip", "w") as z:
        z.write(document(tmp_path / "通知.txt", number="示教发〔2026〕4号"), "通知.txt")
    house.ingest()
    segments = house.segments()
    assert house.ingest().output.known == 2 and house.segments() == segments
    assert present(house) == {"包.zip": True, "包.zip!/通知.txt": True, "包.zip%21/通知.txt": True}
    (folder / "包.zip").unlink()
    house.ingest()
    assert {path for path, there in present(house).items() if there} == {"包.zip!/通知.txt"}, (
        "with nothing beside it, as it is named"
    )


def test_a_store_folder_that_is_gone_is_said_and_no_empty_one_takes_its_place(new_workspace: NewHouse) -> None:
    house = new_workspace()
    document(house.inbox / "市文明办" / "文件.txt")
    house.ingest()
    (house.root / "store").rename(house.root / "elsewhere")
    with pytest.raises(UnavailableError) as e, house.open():
        pass
    assert e.value.exit_code == 3 and "存储不在" in e.value.zh
    assert not (house.root / "store").exists()
    (house.root / "elsewhere").rename(house.root / "store")
    assert house.ingest().output.known == 1


def test_a_path_longer_than_an_index_takes_is_kept_shortened_and_known_again(new_workspace: NewHouse) -> None:
    house, some = new_workspace(), random.Random(1)
    deep = "/".join("".join(chr(some.randrange(0x4E00, 0x9FA5)) for _ in range(80)) for _ in range(12))
    folder = house.inbox / "市教育局" / deep
    document(folder / "Ⅲ18-1 甲.docx")
    with zipfile.ZipFile(folder / "来件.zip", "w") as z:
        z.write(folder / "Ⅲ18-1 甲.docx", "里面/" + deep.replace("/", "") + ".docx")
    first = house.ingest().output
    assert (first.found, first.new, first.members) == (2, 2, 1)
    at = present(house)
    assert len(at) == 3 and all(at.values()) and max(len(f"市教育局{p}".encode()) for p in at) <= 2_400
    assert {p.rpartition("/")[2] for p in at} >= {"Ⅲ18-1 甲.docx", "来件.zip"}, "names are kept"
    again = house.ingest().output
    assert (again.known, again.new, again.state_digest) == (2, 0, first.state_digest)
    shutil.rmtree(folder)
    house.ingest()
    assert not any(present(house).values())


def test_a_cell_that_is_enough_only_with_what_was_replaced_in_its_place_says_so(new_workspace: NewHouse) -> None:
    """Both versions count until a person says that one replaces the other: that is no second piece."""
    house = new_workspace()
    with (house.root / "cycle.toml").open("a", encoding="utf-8") as f:
        f.write('\n[[requirement]]\nitem = "III18-1"\nkind = "规范文件"\nneeded = 2\n')
    at = document(house.inbox / "市文明办" / "Ⅲ18-1 红黑榜发布制度.txt")
    house.ingest()
    old = house.manifest()[f"市文明办/{at.name}"].sha256
    document(at, title="示例市诚信红黑榜发布制度(修订)", number="示文明办发〔2026〕18号")
    house.ingest()

    def cell() -> tuple[str, int, list[str]]:
        with house.open() as o:
            report = coverage_report(o)
        [c] = [c for i in report.coverage.items for c in i.requirements if c.evidence]
        told = report.remarks.get("III18-1|规范文件", ())
        return c.state.value, c.usable, [r.text for r in told if r.code is RemarkCode.REPLACED]

    said = "其中 1 件在原处已换成新材料,不算它们则为 1/2 件;取代与否由审核人定"
    assert cell() == ("usable", 2, [said])
    with house.open() as o:
        assert "原处已换 1 格" in coverage_text.render(coverage_report(o))
        [new] = [line.sha256 for line in o.archive.manifest_lines() if line.sha256 != old]
    act(house, "supersede", sha256=old, by_sha256=new)
    assert cell() == ("unusable", 1, [])
