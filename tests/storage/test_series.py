"""What is wrong with a series is found, named, and never read as right (law 3)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from archive_schema import canonical
from archive_schema.errors import ConflictError, IntegrityError
from archive_schema.records import Head, SegmentHeader
from storage import keys, series
from storage.folder import FolderStore
from storage.objects import ObjectStore
from tests.storage.make import CYCLE, NOW, arrival


def build(store: ObjectStore, count: int = 4, *, index_id: str = "one") -> list[Head]:
    """A series of ``count`` segments; the heads it had."""
    heads: list[Head] = []
    for n in range(1, count + 1):
        lines = [canonical.encode(r) for r in arrival(f"file{n}")]
        header = series.new_header(
            cycle=CYCLE,
            run=f"r{n}",
            after=heads[-1] if heads else None,
            records=len(lines),
            written_at=NOW,
            program="p",
            index_id=index_id,
        )
        key, digest = series.write_segment(store, header, lines)
        heads.append(Head(n, header.total, digest, key, index_id))
    series.write_head(store, CYCLE, heads[-1])
    return heads


Tamper = Callable[[FolderStore, list[Head]], None]


def edit(store: FolderStore, key: str, change: Callable[[bytes], bytes]) -> None:
    data = store.get(key)
    assert change(data) != data
    store.put_bytes(key, change(data), replace=True)


def change_header(data: bytes, **values: object) -> bytes:
    first, _, rest = data.partition(b"\n")
    return json.dumps({**json.loads(first), **values}).encode() + b"\n" + rest


def edited_line(n: int) -> Tamper:
    return lambda s, h: edit(s, h[n].key, lambda d: d.replace(b'"DATE"', b'"NONE"'))


def garbled_line(s: FolderStore, h: list[Head]) -> None:
    edit(s, h[1].key, lambda d: d.replace(b'"type":"source"', b'"type":"sauce"'))


def second_with_one_seq(s: FolderStore, h: list[Head]) -> None:
    header = SegmentHeader(2, CYCLE, "stranger", h[0].digest, 0, h[0].total, NOW, "p", "two")
    series.write_segment(s, header, [])


def after_the_head(s: FolderStore, h: list[Head]) -> None:
    series.write_head(s, CYCLE, h[2])


def head_elsewhere(s: FolderStore, h: list[Head]) -> None:
    series.write_head(s, CYCLE, Head(4, 999, h[3].digest, h[3].key, "one"))


def stray(s: FolderStore, h: list[Head]) -> None:
    s.put_bytes(keys.manifest_prefix(CYCLE) + "notes.txt", b"x")


#: name → (what is done, the codes that must be found, which key the first names by its position)
DAMAGE: dict[str, tuple[Tamper, list[str], int | None]] = {
    "edited line": (edited_line(1), ["series.chain"], 1),
    "edited line at the end": (edited_line(3), ["series.chain"], 3),
    "line that is no record": (garbled_line, ["series.line", "series.chain"], 1),
    "line removed": (lambda s, h: edit(s, h[1].key, lambda d: b"\n".join(d.split(b"\n")[:-2]) + b"\n"), ["series.count"], 1),
    "end cut off": (lambda s, h: edit(s, h[1].key, lambda d: d[:-10]), ["series.count"], 1),
    "emptied": (lambda s, h: edit(s, h[1].key, lambda d: b""), ["series.header"], 1),
    "header of another": (lambda s, h: edit(s, h[1].key, lambda d: change_header(d, seq=3)), ["series.header"], 1),
    "chain rewritten": (
        lambda s, h: edit(s, h[1].key, lambda d: change_header(d, previous="0" * 64)),
        ["series.chain", "series.chain"],
        0,
    ),
    "total rewritten": (
        lambda s, h: edit(s, h[1].key, lambda d: change_header(d, total=999)),
        ["series.total", "series.chain"],
        1,
    ),
    "segment removed": (lambda s, h: s.delete(h[1].key), ["series.gap"], None),
    "last segment removed": (lambda s, h: s.delete(h[3].key), ["series.gap"], 3),
    "two with one seq": (second_with_one_seq, ["series.two-segments"], 1),
    "head behind": (after_the_head, ["series.beyond-head"], 3),
    "head removed": (lambda s, h: s.delete(keys.head_key(CYCLE)), ["series.gone"], None),
    "head garbled": (lambda s, h: edit(s, keys.head_key(CYCLE), lambda d: d[:-2]), ["series.head"], None),
    "head with another total": (head_elsewhere, ["series.head"], None),
    "stray object": (stray, ["series.stray"], None),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_found_with_exactly_these_codes(folder_store: FolderStore, damage: str) -> None:
    tamper, codes, position = DAMAGE[damage]
    heads = build(folder_store)
    assert series.inspect_series(folder_store, CYCLE, seen=heads) == []
    tamper(folder_store, heads)
    problems = series.inspect_series(folder_store, CYCLE)
    assert [p.code for p in problems] == codes
    if position is not None:
        assert problems[0].key == heads[position].key


READABLE = {"head behind", "head removed", "head garbled", "head with another total", "stray object"}


@pytest.mark.parametrize("damage", [d for d in DAMAGE if d not in READABLE])
def test_a_damaged_series_is_never_walked_to_its_end(folder_store: FolderStore, damage: str) -> None:
    heads = build(folder_store)
    DAMAGE[damage][0](folder_store, heads)
    read = []
    with pytest.raises((IntegrityError, ConflictError)) as e:
        for segment in series.walk(folder_store, CYCLE, upto=heads[-1]):
            list(segment.records())
            read.append(segment.digest)
    assert e.value.code in DAMAGE[damage][1]
    assert read == [h.digest for h in heads[: len(read)]], "only what was written is handed out"


def test_a_walk_gives_every_segment_once_and_may_begin_anywhere(store: ObjectStore) -> None:
    heads = build(store)
    assert [s.head for s in series.walk(store, CYCLE, upto=heads[-1])] == heads
    assert [s.head for s in series.walk(store, CYCLE, after=heads[1], upto=heads[-1])] == heads[2:]
    assert [s.head for s in series.walk(store, CYCLE)] == heads
    assert list(series.walk(store, CYCLE, after=heads[-1], upto=heads[-1])) == []


def test_a_segment_gives_back_its_records(store: ObjectStore) -> None:
    heads = build(store, 1)
    segment = series.read_segment(store, heads[0].key)
    assert list(segment.records()) == arrival("file1")


def test_a_series_that_went_back_behind_a_head_that_was_seen_is_found(folder_store: FolderStore) -> None:
    heads = build(folder_store)
    folder_store.delete(heads[3].key)
    series.write_head(folder_store, CYCLE, heads[2])
    assert series.inspect_series(folder_store, CYCLE) == [], "by itself it is whole"
    assert [p.code for p in series.inspect_series(folder_store, CYCLE, seen=[heads[1], heads[3]])] == ["series.rolled-back"]


def test_a_series_written_anew_is_found_by_a_head_that_was_seen(tmp_path: Path) -> None:
    seen = build(FolderStore(tmp_path / "one"))
    forged = FolderStore(tmp_path / "two")
    build(forged, index_id="two")
    assert [p.code for p in series.inspect_series(forged, CYCLE, seen=[seen[2]])] == ["series.rolled-back"]
    assert series.digest_at(forged, CYCLE, 3) != seen[2].digest
    assert series.digest_at(forged, CYCLE, 9) is None


def test_no_series_has_no_problems(store: ObjectStore) -> None:
    assert series.inspect_series(store, CYCLE) == []
    assert series.read_head(store, CYCLE) is None
    assert list(series.walk(store, CYCLE)) == []


def test_inspecting_changes_nothing(folder_store: FolderStore) -> None:
    heads = build(folder_store)
    edited_line(1)(folder_store, heads)
    before = {i.key: (i, folder_store.get(i.key)) for i in folder_store.list("")}
    series.inspect_series(folder_store, CYCLE, seen=heads)
    assert {i.key: (i, folder_store.get(i.key)) for i in folder_store.list("")} == before


def test_a_head_of_the_same_number_and_another_digest_is_not_the_one_that_was_seen() -> None:
    seen = Head(2, 5, "a" * 64, "k", "i")
    series.check_seen(seen, seen, CYCLE)
    series.check_seen(Head(3, 6, "b" * 64, "l", "i"), seen, CYCLE)
    for other in (Head(2, 5, "b" * 64, "k", "i"), Head(1, 4, "a" * 64, "k", "i")):
        with pytest.raises(series.SeriesError) as e:
            series.check_seen(other, seen, CYCLE)
        assert e.value.code == "series.rolled-back"
