"""A store is not trusted with paths: whatever names its manifest holds, nothing is written outside of the workspace or the export."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from archive_schema import canonical
from archive_schema.errors import DanganError
from archive_schema.evidence import Fact
from archive_schema.records import EvidenceRecord, Head, Record, SourceRecord, decode_record
from flows.export import export
from flows.ingest import new_run
from flows.restore import restore
from flows.upkeep import upkeep
from storage import keys, series
from storage.folder import FolderStore
from tests.flows.house import NOW, House, document

CYCLE = "c1"
BAD = [
    "../../../../escaped",
    "/tmp/dangan-escaped",
    "..\\..\\escaped.txt",
    "a/../../../escaped",
    "\x00escaped",
    "..",
    "C:\\escaped",
]


def rewritten(house: House, change: Callable[[Record], Record]) -> House:
    """Another workspace over a copy of the store whose whole series was written anew, by somebody who knows how."""
    other = House(house.root.parent / "other" / "deep" / "ws")
    shutil.copytree(house.root, other.root)
    for p in other.root.glob("index.sqlite*"):
        p.unlink()
    store = FolderStore(other.root / "store")
    after: Head | None = None
    for key in series.segment_keys(store, CYCLE):
        segment = series.read_segment(store, key)
        lines = [canonical.encode(change(r)) for r in segment.records()]
        header = series.new_header(
            cycle=CYCLE,
            run=segment.header.run,
            after=after,
            records=len(lines),
            written_at=segment.header.written_at,
            program=segment.header.program,
            index_id=segment.header.index_id,
        )
        store.delete(key)
        _, digest = series.write_segment(store, header, lines)
        after = Head(header.seq, header.total, digest, key, header.index_id)
    assert after is not None
    series.write_head(store, CYCLE, after)
    return other


def places(root: Path, *, but: Path) -> set[Path]:
    return {p for p in root.rglob("*") if not p.is_relative_to(but)}


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> House:
    house = House.build(tmp_path_factory.mktemp("archive") / "ws")
    document(house.inbox / "市文明办" / "Ⅲ18-1) 红黑榜发布制度.txt")
    house.ingest()
    return house


@pytest.fixture
def archived(ingested: House, tmp_path: Path) -> House:
    """A copy of one's own."""
    shutil.copytree(ingested.root, tmp_path / "ws")
    return House(tmp_path / "ws")


@pytest.mark.parametrize("bad", [*BAD, "", "AB" * 32, "ab" * 32 + "\n"])
def test_a_digest_that_is_a_path_is_no_record(archived: House, bad: str) -> None:
    [record] = [r for r in records_of(archived) if isinstance(r, EvidenceRecord)]
    assert decode_record(canonical.encode(record)) == record
    with pytest.raises(msgspec.ValidationError, match="digest"):
        decode_record(canonical.encode(of_digest(record, bad)))


def records_of(house: House) -> list[Record]:
    store = FolderStore(house.root / "store")
    return [r for key in series.segment_keys(store, CYCLE) for r in series.read_segment(store, key).records()]


def of_digest(r: EvidenceRecord, sha256: str) -> EvidenceRecord:
    """The record under another digest, its bytes where they are, read by a reader that is no more: so they are read again."""
    e = r.evidence
    return EvidenceRecord(
        msgspec.structs.replace(e, sha256=sha256, object_key=keys.object_key(e.sha256), reader="old@0"), r.run
    )


def test_reading_again_writes_under_no_name_of_the_manifest(archived: House, tmp_path: Path) -> None:
    bad = BAD[0]

    def change(r: Record) -> Record:
        return of_digest(r, bad) if isinstance(r, EvidenceRecord) else r

    other = rewritten(archived, change)
    before = places(tmp_path, but=other.root)
    with pytest.raises(DanganError) as e, other.open() as o:
        upkeep(o, new_run(NOW), everything=True)
    assert e.value.code == "series.line"
    with pytest.raises(DanganError):
        restore(_place(other), take_over=True)
    assert places(tmp_path, but=other.root) == before and not Path("/tmp/dangan-escaped").exists()


@pytest.mark.parametrize("bad", BAD[:3])
def test_names_in_the_manifest_lead_an_export_nowhere_else(archived: House, tmp_path: Path, bad: str) -> None:
    def change(r: Record) -> Record:
        if isinstance(r, SourceRecord):
            return SourceRecord(msgspec.structs.replace(r.source, path=f"{bad}/{bad}.{bad}", folder=bad), r.run)
        if isinstance(r, EvidenceRecord):
            facts = r.evidence.facts | {k: Fact(bad) for k in ("title", "document_number", "issuer", "caption")}
            return EvidenceRecord(msgspec.structs.replace(r.evidence, facts=facts), r.run)
        return r

    other = rewritten(archived, change)
    assert restore(_place(other), take_over=True).evidence == 1
    before = places(tmp_path, but=other.root)
    out = other.root / "out"
    for n, layout in enumerate((False, True)):
        with other.open() as o:
            result = export(o, out / str(n), everything=True, upload_layout=layout)
        assert len(result.files) == 1
        for f in result.files:
            path = out / str(n) / f.path
            assert path.resolve().is_relative_to((out / str(n) / "data").resolve()) and path.is_file()
            assert not set(f.path.split("/")) & {"..", ".", ""}
    assert places(tmp_path, but=other.root) == before and not Path("/tmp/dangan-escaped").exists()


def _place(house: House):  # type: ignore[no-untyped-def]
    from dangan import settings

    return settings.load(house.root, env={})
