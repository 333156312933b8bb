"""Every file under the inbox appears exactly once, and nothing is followed out of it."""

from __future__ import annotations

import errno
import os
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive_schema.cycle import Limits
from archive_schema.errors import UnavailableError, UsageError
from archive_schema.units import Unit, UnitTable
from archive_schema.words import Disposition
from intake.digest import StillChanging, Unreadable, digest_file, unreadable
from intake.discover import Found, discover

NOW = 2_000_000_000_000_000_000


def walk(inbox: Path, units: UnitTable = UnitTable(units=()), limits: Limits = Limits(), **more: object) -> list[Found]:  # noqa: B008
    return list(discover(inbox, units, limits, now_ns=NOW, **more))  # type: ignore[arg-type]


def put(path: Path, data: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


NAMES = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="/\0"), min_size=1, max_size=12).filter(
    lambda n: n not in (".", "..") and len(n.encode()) < 200
)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.lists(NAMES, min_size=1, max_size=4).map(tuple), st.sampled_from([b"", b"x", b"long" * 9]), max_size=12)
)
def test_every_file_appears_exactly_once(tmp_path_factory: pytest.TempPathFactory, tree: dict[tuple[str, ...], bytes]) -> None:
    inbox = tmp_path_factory.mktemp("inbox")
    for parts, data in tree.items():
        try:
            put(inbox.joinpath(*parts), data)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            continue  # a file stands where this one needs a folder
    real = {p for p in inbox.rglob("*") if p.is_file()}
    found = walk(inbox, limits=Limits(file_bytes=20))
    assert sorted(f.file for f in found) == sorted(real)
    assert len({(f.folder, f.path) for f in found}) == len(found)
    for f in found:
        assert "/".join(p for p in (f.folder, f.path) if p) == f.file.relative_to(inbox).as_posix()
        assert (f.disposition is None) == (f.reason == "")
        if f.size > 20 and f.disposition not in (Disposition.IGNORED, Disposition.WAITING):
            assert f.disposition is Disposition.QUARANTINED
        if f.size == 0:
            assert f.disposition in (Disposition.WAITING, Disposition.IGNORED)


def test_files_come_in_natural_order_with_their_unit(tmp_path: Path, units: UnitTable) -> None:
    for name in ("教育局/Ⅲ10.pdf", "教育局/Ⅲ2.pdf", "某街道/a.pdf", "散件.pdf", "03-公安局/b.pdf"):
        put(tmp_path / name)
    found = walk(tmp_path, units)
    by_path = {(f.folder, f.path): (f.unit, f.unit_known) for f in found}
    assert by_path == {
        ("教育局", "Ⅲ2.pdf"): ("市教育局", True),
        ("教育局", "Ⅲ10.pdf"): ("市教育局", True),
        ("某街道", "a.pdf"): ("某街道", False),
        ("", "散件.pdf"): ("", False),
        ("03-公安局", "b.pdf"): ("市公安局", True),
    }
    paths = [f.path for f in found]
    assert paths.index("Ⅲ2.pdf") < paths.index("Ⅲ10.pdf")
    assert walk(tmp_path, units) == found


@pytest.mark.parametrize(
    "name",
    ["Thumbs.db", "desktop.ini", ".DS_Store", "__MACOSX/x/._a.pdf", "照片/._a.jpg", "$RECYCLE.BIN/a.pdf", "@eaDir/a.jpg"],
)
def test_system_litter_is_ignored(tmp_path: Path, name: str) -> None:
    put(tmp_path / "教育局" / name)
    (found,) = walk(tmp_path)
    assert found.disposition is Disposition.IGNORED and found.reason


@pytest.mark.parametrize(
    "name",
    [
        "~$方案.docx",
        ".~lock.方案.odt#",
        "a.pdf.part",
        "a.crdownload",
        "a.TMP",
        "a.filepart",
        "b.pdf.xltd",
        ".goutputstream-X1Y2Z3",
        ".通知.pdf.Ab12Cd",
        "a.pdf.baiduyun.p.downloading",
    ],
)
def test_lock_files_and_unfinished_uploads_wait(tmp_path: Path, name: str) -> None:
    put(tmp_path / "教育局" / name)
    (found,) = walk(tmp_path)
    assert found.disposition is Disposition.WAITING and found.reason


@pytest.mark.parametrize("name", [".gitkeep", "part", "tmp.pdf", "thumbs.db.pdf", "a.partly"])
def test_a_name_that_only_resembles_litter_is_read(tmp_path: Path, name: str) -> None:
    put(tmp_path / name)
    assert walk(tmp_path)[0].disposition is None


def test_links_pipes_and_sockets_are_quarantined_and_never_followed(tmp_path: Path) -> None:
    outside = put(tmp_path / "outside" / "secret.pdf")
    inbox = tmp_path / "inbox"
    unit = inbox / "市公安局"
    unit.mkdir(parents=True)
    (unit / "file.pdf").symlink_to(outside)
    (unit / "folder").symlink_to(outside.parent)
    (inbox / "unit").symlink_to(outside.parent)
    (unit / "dangling").symlink_to(tmp_path / "nothing")
    os.mkfifo(unit / "pipe")
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(str(unit / "sock"))
        found = walk(inbox)
    assert sorted(f.file.name for f in found) == ["dangling", "file.pdf", "folder", "pipe", "sock", "unit"]
    assert {f.disposition for f in found} == {Disposition.QUARANTINED}
    assert "链接" in found[0].reason
    assert {f.size for f in found} == {0}, "the length of what a link names is no size of a file"
    assert [f.file.name for f in walk(inbox, only=[unit / "dangling"])] == ["dangling"], "named, it is there and is told"


def test_names_in_gbk_are_shown_in_chinese_and_stay_usable(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + "/教育局".encode("gbk")
    os.mkdir(raw)
    for name in ("通知.pdf".encode("gbk"), "通知.pdf".encode(), b"\xff\xfe.pdf"):
        with open(raw + b"/" + name, "wb") as f:
            f.write(name)
    found = walk(tmp_path)
    assert {f.folder for f in found} == {"教育局"}
    assert len({f.path for f in found}) == 3 and "通知.pdf" in {f.path for f in found}
    for f in found:
        f.path.encode("utf-8")  # can be stored and shown
        assert f.file.read_bytes() == os.fsencode(f.file.name)
    # the name that was valid keeps its text; the other is told apart
    assert next(f for f in found if f.path == "通知.pdf").file.name == "通知.pdf"
    for place in ("教育局", "教育局/后到"):  # in whichever order the disk lists them
        folder = os.fsencode(tmp_path) + b"/" + place.encode()
        os.makedirs(folder)
        for name in ("甲.pdf".encode(), "甲.pdf".encode("gbk"))[:: -1 if place.endswith("后到") else 1]:
            Path(os.fsdecode(folder + b"/" + name)).write_bytes(name)
        kept = next(f for f in walk(tmp_path, only=[tmp_path / place]) if f.path.endswith("甲.pdf"))
        assert kept.file.name == "甲.pdf"


def test_the_same_name_composed_and_decomposed_is_two_files(tmp_path: Path) -> None:
    for name in ("é.pdf", "e\u0301.pdf"):
        put(tmp_path / name)
    assert {f.path for f in walk(tmp_path)} == {"é.pdf", "e\u0301.pdf"}


def test_a_young_file_waits_only_when_asked_to_settle(tmp_path: Path) -> None:
    file = put(tmp_path / "a.pdf")
    os.utime(file, ns=(NOW, NOW - 5_000_000_000))
    assert walk(tmp_path, limits=Limits(settle_seconds=10))[0].disposition is Disposition.WAITING
    assert walk(tmp_path)[0].mtime_ns == NOW - 5_000_000_000
    assert walk(tmp_path, limits=Limits(settle_seconds=5))[0].disposition is None
    assert walk(tmp_path, limits=Limits(settle_seconds=0))[0].disposition is None
    os.utime(file, ns=(NOW, NOW))
    assert walk(tmp_path, limits=Limits(settle_seconds=1))[0].disposition is Disposition.WAITING
    os.utime(file, ns=(NOW, NOW + 10**15))  # a clock ahead of ours must not wait for ever
    assert walk(tmp_path, limits=Limits(settle_seconds=10))[0].disposition is None


def test_a_file_of_just_the_limit_is_read(tmp_path: Path) -> None:
    put(tmp_path / "a.pdf", b"x" * 20)
    assert [walk(tmp_path, limits=Limits(file_bytes=n))[0].disposition for n in (20, 19)] == [None, Disposition.QUARANTINED]


def test_a_file_taken_away_while_its_folder_is_walked_hides_none_of_its_neighbours(tmp_path: Path) -> None:
    first, second, third = (put(tmp_path / "市公安局" / name) for name in ("1.pdf", "2.pdf", "3.pdf"))
    walking = discover(tmp_path, UnitTable(units=()), Limits(), now_ns=NOW)
    assert next(walking).file == first
    second.unlink()
    assert [f.file for f in walking] == [third]


def test_only_a_folder_beside_a_file_of_its_name_is_told_apart(tmp_path: Path) -> None:
    for name in ("包/a.pdf", "包!/b.pdf", "袋", "袋!/c.pdf"):
        put(tmp_path / "市公安局" / name)
    assert sorted(f.path for f in walk(tmp_path)) == ["包!/b.pdf", "包/a.pdf", "袋", "袋%21/c.pdf"]


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root reads everything; the tests of permissions need somebody else."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_what_permissions_hide_is_quarantined_not_lost(tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents):
        if folder.name == "tmp" or folder == folder.parent:
            break
        folder.chmod(0o755)
    closed = put(tmp_path / "市公安局" / "closed" / "a.pdf").parent
    shut = put(tmp_path / "市公安局" / "b.pdf")
    fine = put(tmp_path / "市公安局" / "c.pdf")
    (tmp_path / "市公安局").chmod(0o755)
    fine.chmod(0o644)
    shut.chmod(0)
    closed.chmod(0)
    with as_nobody():
        found = {f.file.name: f for f in walk(tmp_path)}
        with pytest.raises(Unreadable) as refused:  # a file is opened once, for its digest
            digest_file(shut)
        assert "b.pdf" in refused.value.zh and "权限" in refused.value.zh
    closed.chmod(0o755)
    assert set(found) == {"closed", "b.pdf", "c.pdf"}
    assert found["closed"].disposition is Disposition.QUARANTINED and "权限" in found["closed"].reason
    assert found["c.pdf"].disposition is None


@pytest.mark.parametrize("make", [Path.mkdir, lambda p: p.symlink_to("/etc/hostname"), os.mkfifo], ids=["dir", "link", "pipe"])
def test_what_is_no_file_any_more_when_it_is_read_is_looked_at_again(tmp_path: Path, make: Callable[[Path], object]) -> None:
    """A pipe would keep the reader waiting for ever."""
    make(tmp_path / "a.pdf")
    with pytest.raises(StillChanging) as e:
        digest_file(tmp_path / "a.pdf")
    assert e.value.zh == "a.pdf: 读取时已不是普通文件(换成了文件夹、链接或管道),下次再看"


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.EHOSTDOWN, 12345])
def test_what_the_system_says_of_a_disk_is_told_in_chinese(tmp_path: Path, number: int) -> None:
    told = unreadable(tmp_path / "a.pdf", OSError(number, os.strerror(number))).zh
    assert told.isascii() is False and not re.search("[A-Za-z]{2}", told.replace("a.pdf", "")), told


@pytest.mark.parametrize("mode", [0, 0o444])  # cannot be listed; can be listed and not entered
def test_a_closed_folder_stands_once_as_its_units_and_a_closed_inbox_is_no_departments(tmp_path: Path, mode: int) -> None:
    for folder in (tmp_path, *tmp_path.parents):
        if folder.name == "tmp" or folder == folder.parent:
            break
        folder.chmod(0o755)
    unit = put(tmp_path / "市公安局" / "a.pdf").parent
    put(unit / "b.pdf")
    below = put(tmp_path / "市教育局" / "下" / "c.pdf").parent
    below.parent.chmod(0o755)
    for folder in (unit, below):
        folder.chmod(mode)
    try:
        with as_nobody():
            found = walk(tmp_path)
        tmp_path.chmod(mode)
        with as_nobody(), pytest.raises(UnavailableError):
            walk(tmp_path)
    finally:
        for folder in (tmp_path, unit, below):
            folder.chmod(0o755)
    assert sorted((f.folder, f.path, f.unit) for f in found) == [("市公安局", "", "市公安局"), ("市教育局", "下/", "市教育局")]
    assert {(f.disposition, f.size) for f in found} == {(Disposition.QUARANTINED, 0)}


def test_only_keeps_to_the_named_files_and_folders(tmp_path: Path) -> None:
    one, two, three = put(tmp_path / "甲/1.pdf"), put(tmp_path / "甲/下/2.pdf"), put(tmp_path / "乙/3.pdf")
    assert [f.file for f in walk(tmp_path, only=[one])] == [one]
    assert {f.file for f in walk(tmp_path, only=[tmp_path / "甲"])} == {one, two}
    assert {f.file for f in walk(tmp_path, only=[two, three.parent])} == {two, three}
    assert {f.file for f in walk(tmp_path, only=[tmp_path])} == {one, two, three}
    assert walk(tmp_path, only=[two])[0].path == "下/2.pdf"
    outside = (tmp_path.parent, tmp_path / "甲" / ".." / "..", tmp_path.parent / "nothing")
    for wrong, code in (*((p, "inbox.outside") for p in outside), (tmp_path / "nothing", "inbox.absent")):
        with pytest.raises(UsageError) as e:
            walk(tmp_path, only=[wrong])
        assert e.value.code == code


def test_a_missing_inbox_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        walk(tmp_path / "none")


def test_a_file_written_to_while_it_is_digested_is_still_changing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = put(tmp_path / "a.pdf", b"x" * 3_000_000)
    monkeypatch.setattr("intake.digest._CHUNK", 1_000_000)
    real_fstat = os.fstat

    def and_grow(fd: int) -> os.stat_result:  # somebody writes just after the first look
        before = real_fstat(fd)
        with file.open("ab") as f:
            f.write(b"more")
        return before

    monkeypatch.setattr(os, "fstat", and_grow)
    with pytest.raises(StillChanging):
        digest_file(file)


def test_a_link_is_never_digested(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(put(tmp_path / "a.pdf"))
    with pytest.raises(StillChanging):
        digest_file(link)


def test_an_inbox_that_cannot_be_reached_is_said_and_is_no_error_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "市教育局" / "a.pdf")

    def away(*_: object, **__: object) -> None:
        raise OSError(errno.ENOTCONN, "Transport endpoint is not connected")

    with monkeypatch.context() as m:
        m.setattr(Path, "stat", away)
        with pytest.raises(UnavailableError) as e:
            walk(tmp_path)
    assert e.value.exit_code == 3 and "收件箱打不开" in e.value.zh and "是否已连接" in e.value.hint
    with monkeypatch.context() as m:
        m.setattr(os, "scandir", away)
        with pytest.raises(UnavailableError):
            walk(tmp_path)
    with pytest.raises(UsageError) as missing:
        walk(tmp_path / "away")
    assert "是否已连接" in missing.value.hint


def test_a_folder_of_a_unit_named_in_gbk_beside_the_one_in_utf_8_is_that_units(tmp_path: Path) -> None:
    education = UnitTable(units=(Unit(name="市教育局"),))
    put(tmp_path / "市教育局" / "甲.pdf")
    gbk = os.fsencode(tmp_path) + b"/" + "市教育局".encode("gbk")
    Path(os.fsdecode(gbk)).mkdir()
    put(Path(os.fsdecode(gbk + b"/" + "甲.pdf".encode("gbk"))))
    found = walk(tmp_path, education)
    assert {(f.unit, f.unit_known) for f in found} == {("市教育局", True)}
    assert len({(f.folder, f.path) for f in found}) == 2, "two places all the same"
    put(tmp_path / "100%FF" / "a.pdf")
    assert {f.unit for f in walk(tmp_path, education)} == {"市教育局", "100%FF"}
