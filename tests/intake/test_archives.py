"""7z, RAR and TAR come out as ZIP does, and are refused for the same reasons."""

from __future__ import annotations

import gzip
import random
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from archive_schema.cycle import Limits
from archive_schema.words import Disposition, ReadState
from intake.filetype import true_type
from intake.pool import Job, ReaderPool
from intake.read import read_file
from intake.unpack import Unpacked, unpack
from tests import needs
from tests.intake import make, make_archives

Make = Callable[[Path, dict[str, bytes]], Path]
MEMBERS = {"目录/通知.txt": "通知全文".encode() * 500, "b.bin": bytes(range(256)) * 40}
EVERY: dict[str, Make] = {
    "a.tar": make_archives.tar,
    "a.tar.gz": make_archives.tar,
    "a.tar.bz2": make_archives.tar,
    "a.tar.xz": make_archives.tar,
    "a.7z": make_archives.sevenzip,
    "a.rar": make_archives.rar,
}
TYPES = {
    "a.tar": "application/x-tar",
    "a.tar.gz": "application/gzip",
    "a.tar.bz2": "application/x-bzip2",
    "a.tar.xz": "application/x-xz",
    "a.7z": "application/x-7z-compressed",
    "a.rar": "application/vnd.rar",
}


@pytest.fixture(params=EVERY)
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[dict[str, bytes]], Path]:
    name: str = request.param
    if name == "a.rar":
        need_bsdtar()
    return lambda members: EVERY[name](tmp_path / name, members)


def need_bsdtar() -> None:
    if shutil.which("bsdtar") is None:
        needs.missing("rar", "no bsdtar (Debian: libarchive-tools)")


def out(path: Path, **limits: int) -> Unpacked:
    return unpack(path, path.parent / "into", Limits(**limits))


def contents(unpacked: Unpacked) -> dict[str, bytes]:
    return {m.path: m.file.read_bytes() for m in unpacked.members}


def test_members_come_out_whole_with_their_names(archive: Callable[[dict[str, bytes]], Path]) -> None:
    path = archive(MEMBERS)
    assert true_type(path, "x.bin") == TYPES[path.name]
    reading = read_file(path, path.name, Limits())
    assert reading.state is ReadState.READ and reading.facts["members"].value == 2
    unpacked = out(path)
    assert contents(unpacked) == MEMBERS and unpacked.refused == "" and unpacked.damaged == ()


@pytest.mark.parametrize("name", ["/etc/passwd", "../up.txt", "a/../../up.txt", "C:\\x.txt", "目录/nul.txt"])
def test_a_member_that_would_lead_elsewhere_refuses_the_whole(archive: Callable[[dict[str, bytes]], Path], name: str) -> None:
    path = archive({"first.txt": b"1", name: b"2"})
    unpacked = out(path)
    assert unpacked.members == () and name.replace("\\", "/") in unpacked.refused
    assert not (path.parent / "into").exists() and not (path.parent.parent / "up.txt").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_a_tar_refuse_it(tmp_path: Path, kind: bytes) -> None:
    assert "link" in out(make_archives.tar(tmp_path / "a.tar", [make_archives.special("link", kind)])).refused


def test_a_link_in_a_rar_refuses_it(tmp_path: Path) -> None:
    need_bsdtar()
    path = make_archives.rar(tmp_path / "a.rar", {"a.txt": b"1"}, links={"link": "/etc/passwd"})
    assert "是链接或设备" in out(path).refused


def test_a_member_that_a_rar_keeps_as_a_reference_to_an_identical_one_comes_out_with_its_bytes(tmp_path: Path) -> None:
    need_bsdtar()
    path = make_archives.rar(tmp_path / "a.rar", {"a.txt": b"same", "b.txt": b"other"}, copies={"副本/c.txt": "a.txt"})
    unpacked = out(path)
    assert contents(unpacked) == {"a.txt": b"same", "b.txt": b"other", "副本/c.txt": b"same"} and unpacked.damaged == ()


def test_a_reference_to_a_member_that_is_not_there_is_named_and_no_empty_file(tmp_path: Path) -> None:
    need_bsdtar()
    unpacked = out(make_archives.rar(tmp_path / "a.rar", {"a.txt": b"1"}, copies={"c.txt": "gone.txt"}))
    assert contents(unpacked) == {"a.txt": b"1"} and unpacked.damaged == ("c.txt",)


OLD_OR_SOLID = {
    "solid": ({"main": 8, "flags": 0x10, "method": 0x33}, "固实压缩"),
    "solid by its files": ({"flags": 0x10, "method": 0x33}, "固实压缩"),
    "RAR 2": ({"version": 20, "method": 0x33}, "旧版格式"),
    "RAR 1.5 with a comment": ({"main": 2, "version": 15}, "旧版格式"),
}


@pytest.mark.parametrize("case", OLD_OR_SOLID)
def test_a_rar_packed_in_a_way_that_nothing_here_unpacks_is_unchecked_and_not_called_damaged(tmp_path: Path, case: str) -> None:
    need_bsdtar()
    claims, said = OLD_OR_SOLID[case]
    path = make_archives.rar4(tmp_path / "a.rar", {"a.txt": b"1", "b.txt": b"2"}, **claims)
    reading = read_file(path, "a.rar", Limits())
    assert reading.state is ReadState.UNSUPPORTED and said in reading.detail and "ZIP" in reading.detail
    unpacked = out(path)
    assert (unpacked.members, unpacked.damaged) == ((), ())


@pytest.mark.parametrize("claims", [{}, {"main": 8}, {"version": 20}], ids=["RAR 4", "solid of one file", "stored by RAR 2"])
def test_a_rar4_that_can_be_unpacked_is(tmp_path: Path, claims: dict[str, int]) -> None:
    need_bsdtar()
    path = make_archives.rar4(tmp_path / "a.rar", {"a.txt": b"1"}, **claims)
    assert read_file(path, "a.rar", Limits()).state is ReadState.READ
    assert contents(out(path)) == {"a.txt": b"1"}


def test_an_old_rar_that_would_lead_elsewhere_is_refused_whether_or_not_it_can_be_unpacked(tmp_path: Path) -> None:
    need_bsdtar()
    path = make_archives.rar4(tmp_path / "a.rar", {"../up.txt": b"1"}, version=20, method=0x33)
    assert "../up.txt" in out(path).refused


VOLUMES = {
    "later of RAR 5": lambda path: make_archives.rar(path, {"small.txt": b"1"}, volume=2),
    "later of RAR 4": lambda path: make_archives.rar4(path, {"small.txt": b"1"}, main=1),
    "split of RAR 4": lambda path: make_archives.rar4(path, {"a.txt": b"1", "b.txt": b"2"}, main=0x101, flags=2),
}


@pytest.mark.parametrize("case", VOLUMES)
def test_one_of_several_volumes_is_told_as_such_though_it_holds_whole_members(tmp_path: Path, case: str) -> None:
    need_bsdtar()
    path = VOLUMES[case](tmp_path / "材料.part3.rar")
    reading = read_file(path, path.name, Limits())
    assert reading.state is ReadState.DAMAGED and "分卷" in reading.detail and "一个文件" in reading.detail
    assert out(path).members == ()


def test_a_first_volume_that_holds_everything_is_an_archive(tmp_path: Path) -> None:
    need_bsdtar()
    assert contents(out(make_archives.rar(tmp_path / "a.part1.rar", {"a.txt": b"1"}, volume=0))) == {"a.txt": b"1"}
    assert contents(out(make_archives.rar4(tmp_path / "b.part1.rar", {"a.txt": b"1"}, main=0x101))) == {"a.txt": b"1"}


def test_every_limit_holds(archive: Callable[[dict[str, bytes]], Path]) -> None:
    path = archive({f"{n}.txt": b"x" * 50 for n in range(11)})
    assert "超过 10 个" in out(path, archive_members=10).refused
    assert out(path, archive_members=11).refused == ""
    assert "单个文件上限" in out(path, file_bytes=49).refused
    assert "总量" in out(path, archive_bytes=400).refused


def test_a_bomb_is_refused_before_it_is_large(tmp_path: Path) -> None:
    path = make_archives.bomb(tmp_path / "a.tar.xz")
    assert "压缩炸弹" in out(path).refused
    reading = read_file(path, "a.tar.xz", Limits())
    assert reading.state is ReadState.GAVE_UP and "压缩炸弹" in reading.detail
    seven = make_archives.sevenzip(tmp_path / "a.7z", {"zeros": bytes(70 * 1024**2)})
    assert "压缩炸弹" in out(seven).refused


def test_nested_archives_of_different_sorts_are_opened_to_the_same_depth(tmp_path: Path) -> None:
    data = b"bottom"
    for n, (name, write) in enumerate(
        (("x.7z", make_archives.sevenzip), ("y.zip", make.zipped), ("z.tar.gz", make_archives.tar))
    ):
        data = write(tmp_path / name, {("c.txt", "x.7z", "y.zip")[n]: data}).read_bytes()
    assert set(contents(out(tmp_path / "z.tar.gz"))) == {"y.zip", "y.zip!/x.7z", "y.zip!/x.7z!/c.txt"}
    make_archives.tar(tmp_path / "deep.tar", {"z.tar.gz": data})
    assert "嵌套超过 3 层" in out(tmp_path / "deep.tar").refused


def test_a_single_compressed_file_is_one_member_named_after_it(tmp_path: Path) -> None:
    path = tmp_path / "统计表.csv.gz"
    path.write_bytes(gzip.compress("甲,乙\n1,2\n".encode()))
    unpacked = unpack(path, tmp_path / "into", Limits(), name="报送/统计表.csv.gz")
    assert contents(unpacked) == {"统计表.csv": "甲,乙\n1,2\n".encode()}


def test_names_in_gbk_are_read_in_chinese(tmp_path: Path) -> None:
    path = make_archives.tar(tmp_path / "a.tar", {"测评材料/国办发通知.txt": b"1"}, encoding="gbk")
    assert set(contents(out(path))) == {"测评材料/国办发通知.txt"}


def test_a_password_makes_an_archive_encrypted(tmp_path: Path) -> None:
    seven = make_archives.sevenzip(tmp_path / "a.7z", {"方案.txt": b"1" * 50}, password="secret")
    hidden = make_archives.sevenzip(tmp_path / "b.7z", {"方案.txt": b"1" * 50}, password="secret", hide_names=True)
    paths = [seven, hidden]
    if shutil.which("bsdtar"):
        paths.append(make_archives.rar(tmp_path / "c.rar", {"方案.txt": b"1" * 50}, locked=True))
    for path in paths:
        reading = read_file(path, path.name, Limits())
        assert reading.state is ReadState.ENCRYPTED and "密码" in reading.detail, path
        assert out(path).members == ()
    assert out(seven).locked == ("方案.txt",)


def test_an_archive_cut_off_is_damaged(archive: Callable[[dict[str, bytes]], Path]) -> None:
    members = {f"{n}.bin": random.Random(n).randbytes(20_000) for n in range(4)}
    path = archive(members)
    whole = path.read_bytes()
    for share in (0.3, 0.7, 0.85):
        path.write_bytes(whole[: int(len(whole) * share)])
        unpacked = out(path)
        reading = read_file(path, path.name, Limits())
        # the list of names of a RAR stands between its members: a cut in the last one shows when it is unpacked
        assert reading.state is ReadState.DAMAGED or unpacked.damaged, share
        assert all(members[name] == data for name, data in contents(unpacked).items())


def test_a_spoiled_member_of_a_7z_is_named(tmp_path: Path) -> None:
    path = make_archives.sevenzip(tmp_path / "a.7z", {"good.txt": b"good" * 100})
    data = bytearray(path.read_bytes())
    data[40] ^= 0xFF
    path.write_bytes(bytes(data))
    unpacked = out(path)
    assert unpacked.members == () and unpacked.damaged == ("good.txt",)


def test_an_archive_by_another_name_is_read_as_what_it_is(tmp_path: Path) -> None:
    path = make_archives.tar(tmp_path / "材料.zip", {"a.txt": b"1"})
    assert read_file(path, "材料.zip", Limits()).media_type == "application/x-tar"
    assert set(contents(out(path))) == {"a.txt"}


def test_without_its_component_a_format_is_unchecked_and_the_remedy_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_archives.rar(tmp_path / "a.rar", {"a.txt": b"1"})
    monkeypatch.setattr("shutil.which", lambda name: None)
    reading = read_file(path, "a.rar", Limits())
    assert reading.state is ReadState.UNSUPPORTED and reading.reader == ""
    assert "未检" in reading.detail and "bsdtar" in reading.detail and "libarchive-tools" in reading.detail


def test_a_child_unpacks_them_too_and_quarantines_an_escape(pool: ReaderPool, tmp_path: Path) -> None:
    good = make_archives.tar(tmp_path / "a.tgz", MEMBERS)
    bad = make_archives.sevenzip(tmp_path / "b.7z", {"../x": b"1"})
    first, second = pool.read([Job(good, unpack=True), Job(bad, unpack=True)])
    assert first.unpacked is not None and contents(first.unpacked) == MEMBERS
    assert second.disposition is Disposition.QUARANTINED and "../x" in second.reason
    pool.discard(first.unpacked)


@pytest.mark.parametrize("name", EVERY)
def test_bytes_spoiled_anywhere_never_raise(tmp_path: Path, name: str) -> None:
    if name == "a.rar":
        need_bsdtar()
    whole = EVERY[name](tmp_path / name, MEMBERS).read_bytes()
    rnd = random.Random(name)
    for n in range(30):
        data = bytearray(whole)
        for _ in range(1 + n % 5):
            data[rnd.randrange(7, len(data))] = rnd.randrange(256)
        if n % 3 == 0:
            del data[rnd.randrange(8, len(data)) :]
        path = tmp_path / f"{n}-{name}"
        path.write_bytes(bytes(data))
        reading = read_file(path, path.name, Limits())
        assert (reading.state is ReadState.READ) == (reading.detail == "")
        shutil.rmtree(tmp_path / "into", ignore_errors=True)
        if true_type(path, name) == TYPES[name]:
            out(path)
