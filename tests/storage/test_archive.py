"""Committing in the order of law 4: killed anywhere, the next run completes it and nothing is doubled (laws 3 to 6)."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive_schema import canonical
from archive_schema.decisions import Decision
from archive_schema.errors import ConflictError, IntegrityError, UsageError
from archive_schema.records import DecisionRecord, EvidenceRecord, Record, SupersedeRecord, WithdrawalRecord
from archive_schema.words import DecisionAction, PlacementMethod
from storage import index as rows
from storage import keys, series
from storage.archive import STEPS, Archive, PutBytes
from storage.factory import index_url
from storage.folder import FolderStore
from storage.index import Index
from storage.objects import ObjectStore, SourceChanged
from tests.storage import make
from tests.storage.make import CYCLE, arrival, commit_batch, files, open_archive, sha

REPOSITORY = Path(keys.__file__).parent.parent


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours catches it."""


def kill_after(step: str) -> Callable[[str], None]:
    def failpoint(done: str) -> None:
        if done == step:
            raise Killed(step)

    return failpoint


def segments(store: ObjectStore) -> int:
    return len(series.segment_keys(store, CYCLE))


def assert_complete(archive: Archive, uninterrupted: str, *, objects: int) -> None:
    assert archive.state_digest() == uninterrupted
    assert archive.inspect_series() == []
    assert archive.index.staged() == 0
    assert archive.head() == series.read_head(archive.store, CYCLE)
    assert len(list(archive.store.list("objects/"))) == objects
    recorded = [
        canonical.encode(msgspec.structs.replace(record, run=""))
        for segment in series.walk(archive.store, CYCLE, upto=archive.head())
        for record in segment.records()
    ]
    assert len(recorded) == len(set(recorded)), "recorded twice"


@pytest.fixture
def uninterrupted(tmp_path: Path) -> str:
    """State digest of an archive that took a, b and then c, d in peace."""
    archive = open_archive(FolderStore(tmp_path / "peace"), tmp_path / "peace.sqlite")
    commit_batch(archive, tmp_path / "files", ["a", "b"])
    commit_batch(archive, tmp_path / "files", ["c", "d"])
    archive.index.close()
    return archive.state_digest()


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("batch", [0, 1])
def test_killed_after_any_step_the_next_run_completes_it(
    store: ObjectStore, tmp_path: Path, uninterrupted: str, step: str, batch: int
) -> None:
    batches = [["a", "b"], ["c", "d"]]
    first = open_archive(store, tmp_path / "index.sqlite")
    for names in batches[:batch]:
        commit_batch(first, tmp_path / "files", names)
    dying = open_archive(store, tmp_path / "index.sqlite", failpoint=kill_after(step))
    with pytest.raises(Killed):
        commit_batch(dying, tmp_path / "files", batches[batch])
    dying.index.close()

    again = open_archive(store, tmp_path / "index.sqlite", create=False)
    known_before = set(again.index.known())
    again.catch_up()
    assert again.catch_up() == 0
    assert len(known_before) == 2 * batch + (2 if step == "held" else 0), "what is staged is not known"
    for names in batches:
        commit_batch(again, tmp_path / "files", names, run="r2")
    assert segments(store) == 2
    assert_complete(again, uninterrupted, objects=4)


CHILD = """
import os, signal, sys
from pathlib import Path
from storage.folder import FolderStore
from tests.storage.make import commit_batch, open_archive
root, step = Path(sys.argv[1]), sys.argv[2]
def failpoint(done):
    if done == step:
        os.kill(os.getpid(), signal.SIGKILL)
archive = open_archive(FolderStore(root / "store"), root / "index.sqlite", failpoint=failpoint)
commit_batch(archive, root / "files", ["a", "b"])
"""


@pytest.mark.parametrize("step", STEPS)
def test_a_process_killed_for_real_leaves_nothing_half_done(tmp_path: Path, uninterrupted: str, step: str) -> None:
    child = subprocess.run([sys.executable, "-c", CHILD, str(tmp_path), step], cwd=REPOSITORY, check=False, capture_output=True)
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    archive = open_archive(FolderStore(tmp_path / "store"), tmp_path / "index.sqlite", create=step == "bytes")
    archive.catch_up()
    for names in (["a", "b"], ["c", "d"]):
        commit_batch(archive, tmp_path / "files", names)
    assert segments(archive.store) == 2
    assert_complete(archive, uninterrupted, objects=4)


@pytest.mark.parametrize("broken", ["write_head", "hold"])
def test_what_breaks_while_a_killed_commit_is_completed_is_completed_by_the_next(
    folder_store: FolderStore, tmp_path: Path, uninterrupted: str, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dying = open_archive(folder_store, tmp_path / "index.sqlite", failpoint=kill_after("segment"))
    with pytest.raises(Killed):
        commit_batch(dying, tmp_path / "files", ["a", "b"])

    def killed(*_: object, **__: object) -> None:
        raise Killed(broken)

    with monkeypatch.context() as m, pytest.raises(Killed):
        m.setattr(series if broken == "write_head" else rows, broken, killed)
        open_archive(folder_store, tmp_path / "index.sqlite").catch_up()
    again = open_archive(folder_store, tmp_path / "index.sqlite")
    assert again.catch_up() == 2 * 4
    commit_batch(again, tmp_path / "files", ["c", "d"])
    assert_complete(again, uninterrupted, objects=4)


@pytest.mark.parametrize("step", STEPS)
def test_repeating_the_very_same_commit_doubles_nothing(folder_store: FolderStore, tmp_path: Path, step: str) -> None:
    records = arrival("a")
    dying = open_archive(folder_store, tmp_path / "index.sqlite", failpoint=kill_after(step))
    with pytest.raises(Killed):
        dying.commit("r1", records, files=files(tmp_path / "files", ["a"]))
    again = open_archive(folder_store, tmp_path / "index.sqlite")
    again.commit("r1", records, files=files(tmp_path / "files", ["a"]))
    counts = again.index.counts()
    assert {counts[t] for t in ("evidence", "source", "proposal", "placement", "finding", "outcome")} == {1}
    assert again.inspect_series() == []


def test_a_run_without_records_appends_nothing(store: ObjectStore, tmp_path: Path) -> None:
    archive = open_archive(store, tmp_path / "index.sqlite")
    assert archive.commit("r1", []) is None
    assert list(store.list("")) == []
    head = archive.commit("r1", arrival("a"))
    before = list(store.list(""))
    assert archive.commit("r2", []) == head
    assert list(store.list("")) == before


def test_nothing_is_recorded_when_a_file_changed(folder_store: FolderStore, tmp_path: Path) -> None:
    archive = open_archive(folder_store, tmp_path / "index.sqlite")
    puts = files(tmp_path / "files", ["a", "b"])
    puts[1].path.write_bytes(b"?")
    with pytest.raises(SourceChanged):
        archive.commit("r1", arrival("a") + arrival("b"), files=puts)
    assert archive.head() is None
    assert segments(folder_store) == 0
    assert archive.index.known() == {}


def test_derived_bytes_may_change_and_recorded_bytes_may_not(folder_store: FolderStore, tmp_path: Path) -> None:
    archive = open_archive(folder_store, tmp_path / "index.sqlite")
    text, config = keys.derived_key(sha("a"), "pdf@1"), keys.config_key(sha("cycle"))
    archive.commit("r1", [], blobs=[PutBytes(text, b"one"), PutBytes(config, b"cycle")])
    archive.commit("r1", [], blobs=[PutBytes(text, b"two"), PutBytes(config, b"cycle")])
    assert folder_store.get(text) == b"two"
    with pytest.raises(IntegrityError):
        archive.commit("r1", [], blobs=[PutBytes(config, b"other")])


def fill(archive: Archive, tmp_path: Path) -> None:
    """Something of everything."""
    commit_batch(archive, tmp_path / "files", ["a", "b", "c"])
    accept = Decision("d1", DecisionAction.ACCEPT, "王五", make.NOW, "看过", sha256=sha("a"))
    more: list[Record] = [
        DecisionRecord(accept, "r2"),
        make.placed("a", make.placement("a", method=PlacementMethod.DECISION), run="r2"),
        SupersedeRecord(sha("b"), sha("c"), "d2", "r2"),
        WithdrawalRecord(sha("c"), "市教育局", in_force=True, destroyed=False, basis="", decision="d3", run="r2"),
        make.judged("a", make.outcome("GX"), origin="validation", run="r2"),
    ]
    archive.commit("r2", more)


def test_a_fresh_index_replayed_from_the_store_holds_the_same(
    store: ObjectStore, tmp_path: Path, new_index: Callable[[], Index]
) -> None:
    archive = open_archive(store, new_index())
    fill(archive, tmp_path)
    replayed = open_archive(store, new_index())
    assert replayed.catch_up() == 3 * 4 + 5
    assert replayed.state_digest() == archive.state_digest()
    assert list(replayed.manifest_lines()) == list(archive.manifest_lines())
    assert replayed.index.cell_counts() == archive.index.cell_counts() != []
    assert replayed.index.counts() == archive.index.counts()
    assert replayed.index.known() == archive.index.known()
    assert replayed.head() == archive.head()


def test_another_index_may_read_but_not_write_until_it_takes_over(store: ObjectStore, tmp_path: Path) -> None:
    ours = open_archive(store, tmp_path / "ours.sqlite")
    commit_batch(ours, tmp_path / "files", ["a"])
    other = open_archive(store, tmp_path / "other.sqlite")
    other.catch_up()
    assert other.state_digest() == ours.state_digest()
    before = list(store.list(""))
    with pytest.raises(ConflictError) as e:
        commit_batch(other, tmp_path / "files", ["b"])
    assert e.value.code == "archive.other-index"
    assert list(store.list("")) == before, "not even bytes were stored"
    with pytest.raises(ConflictError) as e:
        other.commit("r2", arrival("b"))  # a decision comes without bytes
    assert e.value.code == "archive.other-index"
    assert list(store.list("")) == before

    head = other.take_over()
    assert head is not None
    assert head.index_id == other.index.id
    assert head == series.read_head(store, CYCLE) == other.head()
    commit_batch(other, tmp_path / "files", ["b"])
    with pytest.raises(ConflictError):
        commit_batch(ours, tmp_path / "files", ["c"])
    ours.catch_up()
    assert ours.state_digest() == other.state_digest()
    assert other.inspect_series() == []


def test_taking_over_adopts_what_the_lost_index_left_unfinished(
    folder_store: FolderStore, tmp_path: Path, uninterrupted: str
) -> None:
    lost = open_archive(folder_store, tmp_path / "lost.sqlite")
    commit_batch(lost, tmp_path / "files", ["a", "b"])
    dying = open_archive(folder_store, lost.index, failpoint=kill_after("segment"))
    with pytest.raises(Killed):
        commit_batch(dying, tmp_path / "files", ["c", "d"])
    other = open_archive(folder_store, tmp_path / "other.sqlite")
    assert other.catch_up() == 2 * 4, "a reader leaves it alone"
    other.take_over()
    assert_complete(other, uninterrupted, objects=4)


def test_taking_over_rebuilds_a_lost_head_from_the_chain(folder_store: FolderStore, tmp_path: Path, uninterrupted: str) -> None:
    lost = open_archive(folder_store, tmp_path / "lost.sqlite")
    commit_batch(lost, tmp_path / "files", ["a", "b"])
    commit_batch(lost, tmp_path / "files", ["c", "d"])
    folder_store.delete(keys.head_key(CYCLE))
    other = open_archive(folder_store, tmp_path / "other.sqlite")
    other.take_over()
    assert_complete(other, uninterrupted, objects=4)


def test_taking_over_nothing_is_nothing(folder_store: FolderStore, tmp_path: Path) -> None:
    assert open_archive(folder_store, tmp_path / "index.sqlite").take_over() is None
    assert list(folder_store.list("")) == []


def test_two_segments_with_one_seq_stop_all_writing(store: ObjectStore, tmp_path: Path) -> None:
    one, two = open_archive(store, tmp_path / "one.sqlite"), None

    def meanwhile(step: str) -> None:
        if step == "staged":  # another workspace begins the same archive at the very same time
            commit_batch(open_archive(store, tmp_path / "two.sqlite"), tmp_path / "files", ["b"], run="other")

    one = open_archive(store, one.index, failpoint=meanwhile)
    with pytest.raises(ConflictError) as e:
        commit_batch(one, tmp_path / "files", ["a"])
    assert e.value.code == "series.two-segments"
    two = open_archive(store, tmp_path / "two.sqlite")
    with pytest.raises(ConflictError) as e:
        commit_batch(two, tmp_path / "files", ["c"])
    assert e.value.code == "series.two-segments"
    problems = two.inspect_series()
    assert [p.code for p in problems] == ["series.two-segments"]
    assert "-other.jsonl" in problems[0].found
    assert "-r1.jsonl" in problems[0].found


def test_a_store_rolled_back_is_noticed(folder_store: FolderStore, tmp_path: Path) -> None:
    archive = open_archive(folder_store, tmp_path / "index.sqlite")
    commit_batch(archive, tmp_path / "files", ["a"])
    old = folder_store.get(keys.head_key(CYCLE))
    commit_batch(archive, tmp_path / "files", ["b"])
    folder_store.put_bytes(keys.head_key(CYCLE), old, replace=True)
    folder_store.delete(series.segment_keys(folder_store, CYCLE)[-1])
    for act in (archive.catch_up, lambda: archive.commit("r2", arrival("c"))):
        with pytest.raises(IntegrityError) as e:
            act()
        assert e.value.code == "series.rolled-back"
    assert {p.code for p in archive.inspect_series()} == {"series.rolled-back"}


def test_an_emptied_store_is_noticed_and_not_begun_anew(folder_store: FolderStore, tmp_path: Path) -> None:
    archive = open_archive(folder_store, tmp_path / "index.sqlite")
    commit_batch(archive, tmp_path / "files", ["a"])
    for info in list(folder_store.list("")):
        folder_store.delete(info.key)
    for act in (archive.catch_up, lambda: archive.commit("r2", arrival("b")), archive.take_over):
        with pytest.raises(IntegrityError) as e:
            act()
        assert e.value.code == "series.gone"
    assert list(folder_store.list("")) == []


def test_an_edited_segment_is_never_applied(folder_store: FolderStore, tmp_path: Path) -> None:
    archive = open_archive(folder_store, tmp_path / "index.sqlite")
    commit_batch(archive, tmp_path / "files", ["a"])
    commit_batch(archive, tmp_path / "files", ["b"])
    for key in series.segment_keys(folder_store, CYCLE):
        whole = folder_store.get(key)
        folder_store.put_bytes(key, whole.replace(b'"auto"', b'"confirmed"'), replace=True)
        fresh = open_archive(folder_store, tmp_path / f"{key[-20:]}.sqlite")
        with pytest.raises(IntegrityError) as e:
            fresh.catch_up()
        assert (e.value.code, e.value.path) == ("series.chain", key)
        assert b"confirmed" not in b"".join(p.status.encode() for p in fresh.index.placements())
        folder_store.put_bytes(key, whole, replace=True)


def test_an_index_from_a_backup_catches_up(folder_store: FolderStore, tmp_path: Path, uninterrupted: str) -> None:
    archive = open_archive(folder_store, tmp_path / "index.sqlite")
    commit_batch(archive, tmp_path / "files", ["a", "b"])
    archive.index.close()
    (tmp_path / "backup.sqlite").write_bytes((tmp_path / "index.sqlite").read_bytes())
    commit_batch(archive, tmp_path / "files", ["c", "d"])
    backup = open_archive(folder_store, tmp_path / "backup.sqlite", create=False)
    assert backup.catch_up() == 2 * 4
    assert_complete(backup, uninterrupted, objects=4)


def test_an_index_is_of_one_cycle_and_is_begun_on_purpose(folder_store: FolderStore, index: Index) -> None:
    with pytest.raises(UsageError) as e:
        open_archive(folder_store, index, create=False)
    assert e.value.code == "index.new"
    open_archive(folder_store, index)
    open_archive(folder_store, index, create=False)
    with pytest.raises(UsageError) as e:
        Archive.open(folder_store, index, cycle="2027", clock=lambda: make.NOW, program="x")
    assert e.value.code == "index.other-cycle"


def test_the_segment_says_who_wrote_what_when(folder_store: FolderStore, tmp_path: Path) -> None:
    archive = open_archive(folder_store, tmp_path / "index.sqlite")
    commit_batch(archive, tmp_path / "files", ["a"])
    head = archive.commit("夜间-7", arrival("b"))
    assert head is not None
    header = series.read_segment(folder_store, head.key).header
    assert head.key == "cycles/2026/manifest/00000002-夜间-7.jsonl"
    assert (header.seq, header.records, header.total, header.run) == (2, 4, 8, "夜间-7")
    assert (header.written_at, header.program, header.index_id) == (make.NOW, "dangan test", archive.index.id)
    assert header.previous == series.digest_at(folder_store, CYCLE, 1)
    assert head.digest == series.digest_at(folder_store, CYCLE, 2)


# The state digest


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_order_of_batches_does_not_change_the_state_digest(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("order")
    names = data.draw(st.lists(st.text("abcdef", min_size=1, max_size=3), min_size=1, max_size=8, unique=True))
    per_name = {
        n: arrival(n, unit=data.draw(st.sampled_from(["甲", "乙"])), item=data.draw(st.sampled_from(["I1", "I2"])))
        for n in names
    }
    digests = set()
    for attempt in range(2):
        archive = open_archive(FolderStore(folder / f"store{attempt}"), folder / f"{attempt}.sqlite")
        order = data.draw(st.permutations(names))
        while order:
            size = data.draw(st.integers(1, len(order)))
            archive.commit("r1", [r for n in order[:size] for r in per_name[n]])
            order = order[size:]
        digests.add(archive.state_digest())
        archive.index.close()
    assert len(digests) == 1


def digest_of(tmp_path: Path, name: str, records: list[Record]) -> str:
    archive = open_archive(FolderStore(tmp_path / name), tmp_path / f"{name}.sqlite")
    archive.commit("r1", records)
    archive.index.close()
    return archive.state_digest()


def test_the_state_digest_tells_what_is_held_and_not_when_or_how(tmp_path: Path) -> None:
    base = arrival("a")
    accept = Decision("d1", DecisionAction.ACCEPT, "王五", make.NOW, "看过", sha256=sha("a"))
    later = msgspec.structs.replace(accept, id="d9", at=make.NOW.replace(hour=5))
    undo = Decision("d2", DecisionAction.UNDO, "王五", make.NOW, "看错", decision="d1")
    plain = digest_of(tmp_path, "plain", base)
    accepted = digest_of(tmp_path, "accepted", [*base, DecisionRecord(accept, "r1")])

    assert digest_of(tmp_path, "run", arrival("a", run="another")) == plain
    assert digest_of(tmp_path, "judged", [*base, make.judged("a", make.outcome("NEW"))]) == plain
    assert digest_of(tmp_path, "later", [*base, DecisionRecord(later, "r1")]) == accepted
    assert digest_of(tmp_path, "undone", [*base, DecisionRecord(accept, "r1"), DecisionRecord(undo, "r1")]) == plain
    others = [
        accepted,
        digest_of(tmp_path, "unit", arrival("a", unit="市公安局")),
        digest_of(tmp_path, "item", arrival("a", item="III1-2")),
        digest_of(tmp_path, "more", base + arrival("b")),
    ]
    assert len({plain, *others}) == 5


def test_what_a_machine_placed_by_a_volatile_reading_stays_out_of_the_state_digest(tmp_path: Path) -> None:
    def archive(name: str, item: str, method: PlacementMethod) -> str:
        volatile: Record = EvidenceRecord(make.evidence("a", volatile=True), "r1")
        return digest_of(tmp_path, name, [volatile, make.placed("a", make.placement("a", item, method=method))])

    assert archive("ocr1", "I1", PlacementMethod.TEXT) == archive("ocr2", "I2", PlacementMethod.TEXT)
    assert archive("man1", "I1", PlacementMethod.DECISION) != archive("man2", "I2", PlacementMethod.DECISION)


def test_a_tombstone_stays_in_the_manifest_without_an_object(folder_store: FolderStore, tmp_path: Path) -> None:
    archive = open_archive(folder_store, tmp_path / "index.sqlite")
    commit_batch(archive, tmp_path / "files", ["a", "b"])
    archive.commit("r2", [WithdrawalRecord(sha("a"), "", in_force=True, destroyed=True, basis="误送", decision="d1", run="r2")])
    lines = {line.sha256: line for line in archive.manifest_lines()}
    assert lines[sha("a")].object_key is None
    assert lines[sha("b")].object_key == keys.object_key(sha("b"))
    assert lines[sha("a")].unchecked == ["DATE"]
    assert [s.path for s in lines[sha("a")].sources] == ["a.txt"]
    assert archive.index.destroyed() == {sha("a")}


def test_the_index_url_of_a_path_is_a_file_beside_the_settings(tmp_path: Path) -> None:
    assert index_url("index.sqlite", base=tmp_path) == f"sqlite:///{tmp_path}/index.sqlite"
    assert index_url("postgresql://host/db", base=tmp_path) == "postgresql+psycopg://host/db"
