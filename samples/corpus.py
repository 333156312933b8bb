"""Thousands of ordinary files for benchmarks: mostly text PDFs, then DOCX, JPEG and XLSX, of ordinary sizes, quick to make."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from archive_schema.catalogue import Catalogue, Item, load
from archive_schema.cycle import Window
from archive_schema.units import base_name
from archive_schema.words import EvidenceKind
from samples import layout, photo, wording

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

#: share of each form, of the count of files
SHARES: Mapping[str, float] = {".pdf": 0.55, ".docx": 0.2, ".jpg": 0.17, ".xlsx": 0.08}
_KINDS = {
    ".pdf": (EvidenceKind.DOCUMENT, EvidenceKind.REPORT),
    ".docx": (EvidenceKind.DOCUMENT, EvidenceKind.REPORT),
    ".jpg": (EvidenceKind.PHOTO,),
    ".xlsx": (EvidenceKind.TABLE,),
}
_SCENES = 16
_PER_FOLDER = 1_000


class CorpusSummary(msgspec.Struct, frozen=True):
    """``by_form``: count by suffix; ``size`` in bytes."""

    files: int
    size: int
    by_form: dict[str, int]


def make_corpus(
    into: Path, *, files: int, seed: int = 1, shares: Mapping[str, float] = SHARES, catalogue: Catalogue | None = None
) -> CorpusSummary:
    """Write ``files`` files as ``into/<unit>/<nnn>/<id> <title>``, each of its own bytes; the same on every run.

    :param shares: of .pdf, .docx, .jpg and .xlsx, as parts of their sum.
    :param catalogue: whose items the files are for; national-2017 when None.
    """
    items = (catalogue or load("national-2017")).material
    # one file in a hundred or in a million: the shares hold for every beginning of the corpus
    total, made = sum(shares.values()), Counter[str]()
    cells = {s: [(i, k) for i in items for k in _KINDS[s] if k in i.kinds] for s in shares}
    size = 0
    for n in range(files):
        suffix = max((s for s in shares if cells[s]), key=lambda s: shares[s] / total * (n + 1) - made[s])
        item, kind = cells[suffix][made[suffix] % len(cells[suffix])]
        made[suffix] += 1
        folder = into / base_name(item.units[0]) / f"{n // _PER_FOLDER:03}"
        folder.mkdir(parents=True, exist_ok=True)
        size += _write(folder, item, kind, suffix, n, seed)
    return CorpusSummary(files, size, dict(made))


def _write(folder: Path, item: Item, kind: EvidenceKind, suffix: str, n: int, seed: int) -> int:
    rng = random.Random(f"corpus {seed} {n}")
    unit, day = base_name(item.units[0]), date(2025, 1, 1) + timedelta(days=rng.randrange(600))
    match kind:
        case EvidenceKind.DOCUMENT:
            title = wording.document_title(item, unit, rng)
            number = wording.document_number(unit, day.year, n + 1)
            document = wording.document(item, unit, day, seed=n, number=number, rng=rng, title=title)
            spec = msgspec.structs.replace(document, paragraphs=_longer(document.paragraphs, rng))
            target = layout.official_document(spec, folder / _name(item, n, title, suffix))
        case EvidenceKind.REPORT:
            title = wording.report_title(item, unit, rng)
            report = wording.report(item, unit, day, seed=n, rng=rng, title=title)
            pictures = (_jpeg(rng, day, n),) if rng.random() < 0.25 else ()
            told = msgspec.structs.replace(report, paragraphs=_longer(report.paragraphs, rng), pictures=pictures)
            target = layout.report(told, folder / _name(item, n, title, suffix))
        case EvidenceKind.PHOTO:
            target = folder / _name(item, n, wording.caption(item, unit, day, rng), suffix)
            target.write_bytes(_jpeg(rng, day, n))
        case EvidenceKind.TABLE:
            window = Window(day - timedelta(days=364), day)
            table = wording.table(item, unit, window, seed=n, day=day)
            target = layout.table_xlsx(table, folder / _name(item, n, table.title, suffix))
    return target.stat().st_size


def _name(item: Item, n: int, title: str, suffix: str) -> str:
    return f"{item.id} {title[:50]}({n}){suffix}"


def _longer(paragraphs: tuple[str, ...], rng: random.Random) -> tuple[str, ...]:
    """The text again and again, every time with other figures, until it fills three to six pages."""
    wanted, out = rng.randint(950, 1_750), list(paragraphs)
    while sum(map(len, out)) < wanted:
        for text in paragraphs[1:]:
            out.append(text[:2] + "".join(str(rng.randrange(10)) if c in "3456789" else c for c in text[2:]))
    return tuple(out)


@cache
def _scene(n: int) -> Picture:
    return photo.draw(f"corpus {n}", 1600, 1200, ("street", "meeting")[n % 2])


def _jpeg(rng: random.Random, day: date, n: int) -> bytes:
    """One of a few scenes, seen from a little elsewhere: a new picture for the price of a crop."""
    x, y = rng.randrange(160), rng.randrange(120)
    view = _scene(rng.randrange(_SCENES)).crop((x, y, x + 1440, y + 1080))
    taken = datetime(day.year, day.month, day.day, 8 + n % 10, n % 60, n // 60 % 60)  # noqa: DTZ001 - cameras know no zone
    spec = layout.Photo(seed="", taken_at=taken, camera=("Shili", f"SL-{n}"))
    return photo.save(view, "JPEG", quality=rng.randint(75, 90), exif=photo.exif(spec))
