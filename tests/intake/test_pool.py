"""A crash, a loop or a flood of memory loses one file, and only that one."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive_schema.cycle import Limits
from archive_schema.errors import InternalError
from archive_schema.words import Disposition, ReadState
from intake import child
from intake.pool import Job, ReaderPool
from tests.intake import hostile, make

HOSTILE = {hostile.MEDIA_TYPE: "tests.intake.hostile"}


def hostile_pool(tmp_path: Path, **changes: int) -> ReaderPool:
    return ReaderPool(Limits(**{"reader_seconds": 20, **changes}), workers=2, scratch=tmp_path / "scratch", readers=HOSTILE)


def text_files(folder: Path, count: int) -> Iterator[Path]:
    for n in range(count):
        path = folder / f"{n:03d}.txt"
        path.write_text(f"第{n}个文件", "utf-8")
        yield path


def test_results_come_in_the_order_of_the_jobs_with_digest_and_text(pool: ReaderPool, tmp_path: Path) -> None:
    files = list(text_files(tmp_path, 30))
    results = list(pool.read(Job(f) for f in files))
    assert [r.job.path for r in results] == files
    for n, r in enumerate(results):
        assert r.reading is not None and r.reading.text == f"第{n}个文件"
        assert r.digested is not None and r.digested.sha256 == hashlib.sha256(files[n].read_bytes()).hexdigest()


def test_only_a_reader_of_someone_else_has_its_child_started_with_the_packages_of_the_machine(
    pool: ReaderPool, tmp_path: Path
) -> None:
    with hostile_pool(tmp_path) as theirs:
        [result] = theirs.read([Job(hostile.order(tmp_path / "a.caj", "site"))])
    assert result.reading is not None and result.reading.text == "with"
    flags = Path(f"/proc/{pool._workers[0].process.pid}/cmdline").read_bytes().split(b"\0")
    assert b"-S" in flags[: flags.index(b"-m")]


@pytest.mark.parametrize("what", ["kill", "recurse", "raise"])
def test_a_death_or_a_fault_of_the_reader_loses_that_file_alone(tmp_path: Path, what: str) -> None:
    files = [*text_files(tmp_path, 6)]
    files.insert(3, hostile.order(tmp_path / "bad.caj", what))
    with hostile_pool(tmp_path) as pool:
        results = list(pool.read(Job(f) for f in files))
    states = [r.reading.state for r in results if r.reading]
    assert states == [ReadState.READ] * 3 + [ReadState.GAVE_UP] + [ReadState.READ] * 3
    lost = results[3]
    assert lost.digested is not None and lost.disposition is None
    assert lost.reading is not None and lost.reading.media_type == hostile.MEDIA_TYPE
    assert lost.reading.reader == "hostile@1" and "未检" in lost.reading.detail
    assert lost.reading.volatile is (what != "raise")


def test_a_reader_that_eats_memory_gives_up_on_one_file(tmp_path: Path) -> None:
    files = [hostile.order(tmp_path / "eat.caj", "eat"), *text_files(tmp_path, 2)]
    with hostile_pool(tmp_path, reader_memory=128 * 1024**2) as pool:
        results = list(pool.read(Job(f) for f in files))
    assert [r.reading.state for r in results if r.reading] == [ReadState.GAVE_UP, ReadState.READ, ReadState.READ]


def test_a_reader_that_never_ends_is_stopped_at_the_time_limit(tmp_path: Path) -> None:
    files = [hostile.order(tmp_path / "loop.caj", "loop"), *text_files(tmp_path, 4)]
    with hostile_pool(tmp_path, reader_seconds=1) as pool:
        results = list(pool.read(Job(f) for f in files))
    assert [r.reading.state for r in results if r.reading] == [ReadState.GAVE_UP] + [ReadState.READ] * 4
    assert results[0].reading is not None and results[0].reading.volatile and "1 秒" in results[0].reading.detail


def test_a_child_killed_from_outside_loses_the_file_it_had(tmp_path: Path) -> None:
    loop = hostile.order(tmp_path / "loop.caj", "loop")
    after = list(text_files(tmp_path, 2))
    with hostile_pool(tmp_path) as pool:

        def jobs() -> Iterator[Job]:
            yield Job(loop)
            yield Job(after[0])
            busy = next(w for w in pool._workers if w.job and w.job.path == loop)
            os.kill(busy.process.pid, signal.SIGKILL)
            yield Job(after[1])

        results = list(pool.read(jobs()))
    assert [r.reading.state for r in results if r.reading] == [ReadState.GAVE_UP, ReadState.READ, ReadState.READ]
    assert results[0].digested is not None


def test_a_broken_library_is_our_error_and_no_finding(tmp_path: Path) -> None:
    with hostile_pool(tmp_path) as pool, pytest.raises(InternalError):
        list(pool.read([Job(hostile.order(tmp_path / "x.caj", "import"))]))


def test_a_child_that_cannot_start_is_our_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(InternalError), ReaderPool(Limits(), scratch=tmp_path):
        raise AssertionError("the pool must not open")
    assert not list(tmp_path.iterdir())


def test_a_missing_library_fails_the_self_test(monkeypatch: pytest.MonkeyPatch) -> None:
    child.self_test()
    monkeypatch.setattr("intake.readers.LIBRARIES", ("no_such_library",))
    with pytest.raises(ImportError, match="no_such_library"):
        child.self_test()


def test_a_file_that_changes_while_it_is_read_is_waiting(tmp_path: Path) -> None:
    with hostile_pool(tmp_path) as pool:
        (result,) = pool.read([Job(hostile.order(tmp_path / "x.caj", "change"))])
    assert result.disposition is Disposition.WAITING and result.digested is None and result.reading is None


def test_a_file_that_is_gone_or_a_folder_by_now_is_waiting(pool: ReaderPool, tmp_path: Path) -> None:
    gone, folder = pool.read([Job(tmp_path / "gone.txt"), Job(tmp_path)])
    assert gone.disposition is Disposition.WAITING
    assert folder.disposition is Disposition.WAITING and "换成了文件夹" in folder.reason


def test_an_abandoned_batch_leaves_the_pool_usable(tmp_path: Path) -> None:
    files = list(text_files(tmp_path, 8))
    with hostile_pool(tmp_path) as pool:
        batch = pool.read(Job(f) for f in files)
        next(batch)
        batch.close()  # type: ignore[attr-defined]
        assert len(list(pool.read(Job(f) for f in files))) == 8


def test_jobs_are_drawn_only_as_far_as_children_can_take_them(tmp_path: Path) -> None:
    drawn = 0
    file = next(text_files(tmp_path, 1))

    def endless() -> Iterator[Job]:
        nonlocal drawn
        while True:
            drawn += 1
            yield Job(file)

    with hostile_pool(tmp_path) as pool:
        batch = pool.read(endless())
        for _ in range(5):
            next(batch)
        batch.close()  # type: ignore[attr-defined]
    assert drawn <= 5 + 2 * 4 + 1


def test_no_network_is_reached_where_the_system_allows_isolation(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, hostile_pool(tmp_path) as pool:
        (tmp_path / "port").write_text(str(server.getsockname()[1]))
        (result,) = pool.read([Job(hostile.order(tmp_path / "x.caj", "network"))])
        expected = "unreachable" if pool.isolated else "reached"
    assert result.reading is not None and result.reading.text == expected


def test_a_name_that_is_no_utf8_is_read_by_its_real_path(pool: ReaderPool, tmp_path: Path) -> None:
    real = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + "国办发.txt".encode("gbk")))
    real.write_text("内容", "utf-8")
    (result,) = pool.read([Job(real)])
    assert result.reading is not None and result.reading.text == "内容"


def test_a_document_under_secrecy_yields_no_text_and_is_quarantined(pool: ReaderPool, tmp_path: Path) -> None:
    body = ["000001", "机密★1年", "××市人民政府文件", "关于有关工作的通知", "各区人民政府:", "不得外传的内容。"]
    results = list(pool.read([Job(make.pdf(tmp_path / "a.pdf", [body])), Job(make.docx(tmp_path / "a.docx", body))]))
    assert len(results) == 2
    for r in results:
        assert r.disposition is Disposition.QUARANTINED and "疑似涉密" in r.reason and "保密办" in r.reason
        assert r.digested is not None and r.reading is not None
        assert r.reading.text == "" and set(r.reading.facts) == {"secrecy", "secrecy_period"}
        assert r.reading.facts["secrecy"].value == "机密"


def test_a_secrecy_mark_in_the_name_is_enough(pool: ReaderPool, tmp_path: Path) -> None:
    (result,) = pool.read([Job(make.scan(tmp_path / "a.pdf"), name="【机密】某方案.pdf")])
    assert result.disposition is Disposition.QUARANTINED and "疑似涉密" in result.reason


def test_members_lie_in_scratch_until_discarded_and_nothing_stays_behind(tmp_path: Path) -> None:
    archive = make.zipped(tmp_path / "a.zip", {"目录/b.txt": b"bytes", "c.txt": b"more"})
    with hostile_pool(tmp_path) as pool:
        (result,) = pool.read([Job(archive, unpack=True)])
        assert result.unpacked is not None
        assert {m.path: m.file.read_bytes() for m in result.unpacked.members} == {"目录/b.txt": b"bytes", "c.txt": b"more"}
        pool.discard(result.unpacked)
        assert not any(m.file.exists() for m in result.unpacked.members)
    assert not list((tmp_path / "scratch").iterdir())


def test_an_archive_with_one_damaged_member_is_partial_and_names_it(pool: ReaderPool, tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as z:
        z.writestr("good.txt", b"good")
        z.writestr("bad.txt", b"bytes to spoil")
    archive.write_bytes(archive.read_bytes().replace(b"to spoil", b"tospoil!"))
    (result,) = pool.read([Job(archive, unpack=True)])
    assert result.unpacked is not None and [m.path for m in result.unpacked.members] == ["good.txt"]
    assert result.reading is not None and result.reading.state is ReadState.PARTIAL and "bad.txt" in result.reading.detail
    pool.discard(result.unpacked)


def test_a_bomb_and_an_escape_are_quarantined_with_the_reason(pool: ReaderPool, tmp_path: Path) -> None:
    bomb = make.zipped(tmp_path / "bomb.zip", {"zeros": bytes(100 * 1024**2)})
    escape = make.zipped(tmp_path / "escape.zip", {"ok.txt": b"1", "../../etc/passwd": b"2"})
    picture = tmp_path / "bomb.png"
    picture.write_bytes(make.bomb_png(60_000, 60_000))
    word = make.zipped(tmp_path / "bomb.docx", {"[Content_Types].xml": b"", "word/document.xml": bytes(100 * 1024**2)})
    results = list(pool.read(Job(p, unpack=True) for p in (bomb, escape, picture, word)))
    assert [r.disposition for r in results] == [Disposition.QUARANTINED] * 4
    assert "压缩炸弹" in results[0].reason and "../../etc/passwd" in results[1].reason
    assert "图片炸弹" in results[2].reason and "压缩炸弹" in results[3].reason
    assert all(r.digested is not None and not (r.unpacked and r.unpacked.members) for r in results)


def test_a_path_may_be_relative(pool: ReaderPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("关于印发办法的通知", "utf-8")
    monkeypatch.chdir(tmp_path)
    [result] = pool.read([Job(Path("a.txt"))])
    assert result.reading is not None and result.reading.text == "关于印发办法的通知"
