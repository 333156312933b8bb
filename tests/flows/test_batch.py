"""What of a batch takes the place of what is held: other bytes at a place, a better reading of the same bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from archive_schema.evidence import Reading, Source
from archive_schema.records import SourceRecord
from archive_schema.words import ReadState
from flows.batch import Pass, _notices, _reads_better, _replaced
from flows.ingest import ingest
from flows.parcels import Arrival, Parcel
from intake.discover import Found
from storage.apply import apply
from storage.factory import index_url
from storage.index import Index
from tests.flows.house import NOW, House

UNIT = "市文明办"


def source(path: str, digest: str, of: str | None = None, folder: str = UNIT) -> Source:
    return Source(folder, path, UNIT, True, digest * 64, 10, 1_000, NOW, member_of=of and of * 64)


def came(path: str) -> Parcel:
    return Parcel(Found(UNIT, path, Path(path), 10, 1_000, UNIT, unit_known=True))


def test_what_stood_at_a_place_of_the_batch_and_no_longer_does_is_there_no_more() -> None:
    held = [
        source("同.pdf", "a"),
        source("改.pdf", "b"),
        source("拒.pdf", "c"),
        source("别.pdf", "d"),
        source("改.pdf", "e", folder="市妇联"),
        source("包.zip", "f"),
        source("包.zip!/留.pdf", "1", of="f"),
        source("包.zip!/删.pdf", "2", of="f"),
    ]
    parcels = [came(p) for p in ("同.pdf", "改.pdf", "拒.pdf", "包.zip")]
    now = [source("同.pdf", "a"), source("改.pdf", "3"), source("包.zip", "4"), source("包.zip!/留.pdf", "1", of="4")]
    gone = _replaced({(s.folder, s.path): s for s in held}, parcels, now)
    assert [(s.folder, s.path, s.sha256[0]) for s in gone] == [
        (UNIT, "改.pdf", "b"),
        (UNIT, "拒.pdf", "c"),
        (UNIT, "包.zip", "f"),
        (UNIT, "包.zip!/删.pdf", "2"),
    ]
    assert not any(s.present for s in gone) and all(s.present for s in held)


@pytest.mark.parametrize(
    ("before", "now", "better"),
    [
        (("pdf@1", ReadState.READ), ("pdf@2", ReadState.READ), True),
        (("pdf@1", ReadState.READ), ("pdf@1", ReadState.READ), False),
        (("pdf@1", ReadState.GAVE_UP), ("pdf@1", ReadState.READ), True),
        (("pdf@1", ReadState.GAVE_UP), ("pdf@1", ReadState.GAVE_UP), False),
        (("pdf@1", ReadState.READ), ("pdf@1", ReadState.GAVE_UP), False),
    ],
)
def test_known_bytes_are_read_anew_by_another_reader_or_after_one_that_gave_up(
    before: tuple[str, ReadState], now: tuple[str, ReadState], better: bool
) -> None:
    reading = msgspec.convert(
        {"media_type": "application/pdf", "reader": now[0], "state": now[1].value, "facts": {}, "text": ""}, Reading
    )
    assert _reads_better(Arrival("a.pdf", Path("a.pdf"), 1, "a" * 64, 1, reading), *before) is better


def test_bytes_that_were_saved_again_have_come_when_they_first_came(archived: tuple[House, str]) -> None:
    """Late is judged by that day."""
    house, sha = archived
    [file] = (house.inbox / UNIT).iterdir()

    def later(days: int) -> tuple[int, int, int]:
        with house.open(NOW + timedelta(days=days)) as o:
            result = ingest(o, validation=False)
            [s] = o.archive.index.sources([sha])
            assert s.first_seen_at == NOW and s.present == file.exists()
            return result.output.new, result.output.known, s.mtime_ns

    os.utime(file, ns=(1, 1_780_000_000_000_000_000))
    assert later(1) == (0, 1, 1_780_000_000_000_000_000)
    file.rename(house.root / "aside")
    assert later(2)[:2] == (0, 0)
    (house.root / "aside").rename(file)
    assert later(3)[:2] == (0, 1)
    head = house.head()
    assert later(4)[:2] == (0, 1) and house.head() == head


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    made = Index(index_url("index.sqlite", base=tmp_path))
    yield made
    made.close()


def test_a_notice_is_written_again_when_the_file_is_another_and_lifted_when_it_is_taken_in(index: Index) -> None:
    view: Any = SimpleNamespace(run="r", o=SimpleNamespace(now=lambda: NOW, archive=SimpleNamespace(index=index)))

    def written(accepted: list[Parcel], refused: list[Parcel]) -> list[tuple[str, str]]:
        events = _notices(view, accepted, refused)
        with index.database.write() as c:
            apply(c, events, first=1)
        return [(e.subject, e.outcome) for e in events]

    def refused(name: str, digest: str) -> Parcel:
        return replace(came(name), reason="超过上限", sha256=digest * 64)

    assert written([came("好.pdf")], [refused("坏.zip", "a"), refused("也坏.zip", "b")]) == [
        (f"{UNIT}/坏.zip", "quarantined"),
        (f"{UNIT}/也坏.zip", "quarantined"),
    ]
    assert written([], [refused("坏.zip", "a"), refused("也坏.zip", "c")]) == [(f"{UNIT}/也坏.zip", "quarantined")]
    assert index.quarantined()[UNIT, "也坏.zip"].detail["sha256"] == "c" * 64, "and the later one is told"
    assert written([came("坏.zip"), came("好.pdf")], []) == [(f"{UNIT}/坏.zip", "lifted")]
    assert set(index.quarantined()) == {(UNIT, "也坏.zip")}


def test_what_another_wrote_meanwhile_is_seen_as_it_stands_now(index: Index) -> None:
    old = msgspec.structs.replace(source("一.pdf", "f"), present=False)
    with index.database.write() as c:
        apply(c, [SourceRecord(s, "r") for s in (source("一.pdf", "b"), old, source("二.pdf", "c"))], first=1)
    heads: list[Any] = ["first"]
    archive = SimpleNamespace(index=index, head=lambda: heads[-1])
    view: Any = SimpleNamespace(o=SimpleNamespace(archive=archive), head="first", held={})
    assert Pass.keep_up(view) == "first" and view.held == {}, "nobody wrote: what is held is still so"
    heads.append("second")
    assert Pass.keep_up(view) == view.head == "second"
    assert {place: s.sha256[0] for place, s in view.held.items()} == {(UNIT, "一.pdf"): "b", (UNIT, "二.pdf"): "c"}
