"""What of a batch takes the place of what is held: other bytes at a place, a better reading of the same bytes."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from archive_schema.evidence import Reading, Source
from archive_schema.words import ReadState
from flows.batch import _reads_better, _replaced
from flows.ingest import ingest
from flows.parcels import Arrival, Parcel
from intake.discover import Found
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
