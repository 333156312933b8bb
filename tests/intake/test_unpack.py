from __future__ import annotations

import stat
import time
import zipfile
from pathlib import Path

import pytest

from archive_schema.cycle import Limits
from archive_schema.words import ReadState
from intake.filetype import DOCX, ZIP, true_type
from intake.read import examine, read_file
from intake.unpack import Unpacked, unpack
from tests.intake import make


def out(path: Path, **limits: int) -> Unpacked:
    return unpack(path, path.parent / "into", Limits(**limits))


def contents(unpacked: Unpacked) -> dict[str, bytes]:
    return {m.path: m.file.read_bytes() for m in unpacked.members}


def test_members_come_out_under_numbers_with_their_own_paths(tmp_path: Path) -> None:
    unpacked = out(make.zipped(tmp_path / "a.zip", {"目录/通知.pdf": b"1", "b.txt": b"22", "空/": b""}))
    assert contents(unpacked) == {"目录/通知.pdf": b"1", "b.txt": b"22"}
    assert [m.size for m in unpacked.members] == [1, 2]
    assert all(m.file.parent == tmp_path / "into" and m.file.name.isdigit() for m in unpacked.members)


def test_names_written_in_gbk_are_read_in_chinese(tmp_path: Path) -> None:
    unpacked = out(make.gbk_zipped(tmp_path / "a.zip", {"测评材料/国办发通知.pdf": b"1", "plain.txt": b"2"}))
    assert contents(unpacked) == {"测评材料/国办发通知.pdf": b"1", "plain.txt": b"2"}


def test_nested_archives_are_members_and_opened(tmp_path: Path) -> None:
    inner = make.zipped(tmp_path / "inner.zip", {"c.txt": b"deep"}).read_bytes()
    word = make.docx(tmp_path / "w.docx", ["字"]).read_bytes()
    unpacked = out(make.zipped(tmp_path / "a.zip", {"下/inner.zip": inner, "w.docx": word}))
    assert contents(unpacked) == {"下/inner.zip": inner, "下/inner.zip!/c.txt": b"deep", "w.docx": word}
    assert {m.path: m.inside for m in unpacked.members}["下/inner.zip!/c.txt"] == "下/inner.zip"


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../up.txt",
        "a/../../up.txt",
        "..\\up.txt",
        "C:\\windows\\x.txt",
        "c:x",
        "\\\\server\\share\\x",
        "CON",
        "目录/nul.txt",
        "COM1.pdf",
    ],
)
def test_a_member_that_would_lead_elsewhere_refuses_the_container(tmp_path: Path, name: str) -> None:
    unpacked = out(make.zipped(tmp_path / "a.zip", {"first.txt": b"1", name: b"2"}))
    assert unpacked.members == () and name.replace("\\", "/") in unpacked.refused
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip"]


def test_an_escape_within_a_nested_archive_refuses_the_outermost(tmp_path: Path) -> None:
    inner = make.zipped(tmp_path / "inner.zip", {"../x": b"1"}).read_bytes()
    unpacked = out(make.zipped(tmp_path / "a.zip", {"ok.txt": b"1", "inner.zip": inner}))
    assert unpacked.members == () and "inner.zip!/../x" in unpacked.refused and not (tmp_path / "into").exists()


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_refuse_the_container(tmp_path: Path, kind: int) -> None:
    info = zipfile.ZipInfo("link")
    info.create_system = 3
    info.external_attr = (kind | 0o777) << 16
    assert "link" in out(make.zipped(tmp_path / "a.zip", [(info, b"/etc/passwd")])).refused


def test_back_slashes_of_old_programs_are_separators(tmp_path: Path) -> None:
    assert set(contents(out(make.zipped(tmp_path / "a.zip", {"目录\\b.txt": b"1"})))) == {"目录/b.txt"}


@pytest.mark.parametrize("ending", ["", "/"])
def test_an_archive_of_very_many_entries_is_refused_before_they_are_listed(tmp_path: Path, ending: str) -> None:
    path, said = make.crowded_zip(tmp_path / "a.zip", 110_000, ending), "所含文件超过 5000 个;请解压"
    started = time.process_time()
    assert true_type(path, path.name) == ZIP and out(path).refused.startswith(f"压缩包{said}")
    assert examine(path, ZIP, path.name, Limits()).refused.startswith(said)
    assert true_type(path, "通知.docx") == DOCX
    assert "所含部分超过 100000 个" in examine(path, DOCX, "通知.docx", Limits()).refused
    assert time.process_time() - started < 1.5, "the standard library lists them in six"


def test_folders_are_no_files_of_an_archive(tmp_path: Path) -> None:
    make.crowded_zip(tmp_path / "a.zip", 6_000, "/")
    assert out(tmp_path / "a.zip").refused == ""


def test_every_limit_refuses_with_its_reason(tmp_path: Path) -> None:
    many = make.zipped(tmp_path / "many.zip", {f"{n}.txt": b"x" for n in range(11)})
    assert "超过 10 个" in out(many, archive_members=10).refused
    assert out(many, archive_members=11).refused == ""
    assert "总量" in out(many, archive_bytes=10).refused or "超过上限 10" in out(many, archive_bytes=10).refused
    assert "单个文件上限" in out(make.zipped(tmp_path / "big.zip", {"big": b"x" * 100}), file_bytes=99).refused
    bomb = make.zipped(tmp_path / "bomb.zip", {"zeros": bytes(70 * 1024**2)})
    assert "压缩炸弹" in out(bomb).refused and out(bomb, archive_ratio=2000).refused == ""
    deep = b"bottom"
    for n in range(4):
        deep = make.zipped(tmp_path / f"{n}.zip", {"next.zip" if n else "x.txt": deep}).read_bytes()
    assert "嵌套超过 3 层" in out(tmp_path / "3.zip").refused
    assert "next.zip!/next.zip!/x.txt" in contents(out(tmp_path / "2.zip"))


def test_a_bomb_spread_over_nested_archives_is_counted_as_a_whole(tmp_path: Path) -> None:
    inner = make.zipped(tmp_path / "inner.zip", {"zeros": bytes(40 * 1024**2)}).read_bytes()
    assert out(make.zipped(tmp_path / "one.zip", {"1.zip": inner})).refused == ""
    refused = out(make.zipped(tmp_path / "a.zip", {f"{n}.zip": inner for n in range(3)})).refused
    assert "压缩炸弹" in refused


def test_litter_inside_is_left_out_and_counted(tmp_path: Path) -> None:
    members = {"__MACOSX/._a.pdf": b"1", "目录/Thumbs.db": b"2", "~$a.docx": b"3", "a.pdf": b"4", "b.tmp": b"5"}
    unpacked = out(make.zipped(tmp_path / "a.zip", members))
    assert set(contents(unpacked)) == {"a.pdf", "b.tmp"}
    assert set(unpacked.ignored) == {"__MACOSX/._a.pdf", "目录/Thumbs.db", "~$a.docx"}


def test_two_members_of_one_name_are_two_files(tmp_path: Path) -> None:
    with pytest.warns(UserWarning):
        archive = make.zipped(tmp_path / "a.zip", [("a.txt", b"1"), ("a.txt", b"2")])
    assert contents(out(archive)) == {"a.txt": b"1", "a.txt#2": b"2"}


def test_many_members_of_one_name_are_as_many_files_at_once(tmp_path: Path) -> None:
    path, name = tmp_path / "a.zip", "甲" * 60
    with zipfile.ZipFile(path, "w") as z:
        for n in range(2_000):
            z.writestr(zipfile.ZipInfo(name), b"%d" % n)
    started = time.process_time()
    members = out(path).members
    assert time.process_time() - started < 5, "nothing is tried again from the first"
    assert len({m.path for m in members}) == 2_000 and members[2].path == f"{name}#3"


def test_names_longer_than_a_database_can_index_are_shortened_and_stay_apart(tmp_path: Path) -> None:
    path, inner, long = tmp_path / "a.zip", tmp_path / "inner.zip", "目录/" + "很长的名字" * 1_000
    with zipfile.ZipFile(inner, "w") as z:
        z.writestr(f"{long}甲.txt", b"1")
    with zipfile.ZipFile(path, "w") as z:
        for n, name in enumerate((f"{long}甲.txt", f"{long}乙{long}甲.txt", "短" * 300 + ".txt")):
            z.writestr(name, b"%d" % n)
        z.write(inner, f"{long}.zip")
    members = out(path).members
    assert len(members) == len({m.path for m in members}) == 5
    assert max(len(m.path.encode()) for m in members) <= 1_502 and members[2].path == "短" * 300 + ".txt"
    assert all(m.path.startswith("目录/很长的名字") and m.path.endswith("甲.txt") for m in members[:2])
    assert members[4].path.startswith(f"{members[3].path}!/目录/") and members[4].inside == members[3].path


def test_a_member_without_a_name_is_a_file_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as z:
        z.writestr(zipfile.ZipInfo(""), b"1")
        z.writestr(zipfile.ZipInfo("a.txt"), b"2")
    assert contents(out(path)) == {"无名文件": b"1", "a.txt": b"2"}
    assert read_file(path, "a.zip", Limits()).facts["members"].value == 2


def test_a_member_with_a_password_is_named_and_the_archive_is_encrypted(tmp_path: Path) -> None:
    locked = make.locked_zip(tmp_path / "a.zip", "方案.pdf")
    assert out(locked).locked == ("方案.pdf",) and out(locked).members == ()
    reading = read_file(locked, "a.zip", Limits())
    assert reading.state is ReadState.ENCRYPTED and reading.facts["members"].value == 1


def test_a_damaged_member_is_named_and_the_others_come_out(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as z:
        z.writestr("good.txt", b"good")
        z.writestr("bad.txt", b"bytes to spoil")
    archive.write_bytes(archive.read_bytes().replace(b"to spoil", b"tospoil!"))
    unpacked = out(archive)
    assert contents(unpacked) == {"good.txt": b"good"} and unpacked.damaged == ("bad.txt",)


def test_an_archive_cut_off_is_damaged(tmp_path: Path) -> None:
    archive = make.zipped(tmp_path / "a.zip", {"a.txt": b"1" * 1000})
    archive.write_bytes(archive.read_bytes()[:-30])
    assert out(archive) == Unpacked() and read_file(archive, "a.zip", Limits()).state is ReadState.DAMAGED
