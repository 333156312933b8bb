"""Great Expectations over the frames: what it costs with no rows, and with 100,000 rows in each frame.

Floor: a process that reads the same rows and evaluates the same expectations with nothing but pandas. Both must find the
same number of unexpected rows for every expectation, or the floor would be another job. One row in a hundred is wrong.
"""

from __future__ import annotations

import time
from datetime import date, timedelta
from pathlib import Path

import msgspec

from archive_schema import catalogue as catalogues
from archive_schema import units as unit_tables
from archive_schema.catalogue import Catalogue
from archive_schema.units import base_name
from benchmarks import spent
from benchmarks.ground import Ground
from benchmarks.results import Row
from benchmarks.spent import Spent
from validators.frames import ManifestRow, SourceRow
from validators.suites import PATTERNS
from validators.validation import run_validation

ROWS = 100_000
_WRONG = 100  # one in


def run(ground: Ground) -> list[Row]:
    out = []
    for rows in (0, ROWS):
        workdir = ground.work / f"validation-{rows}"
        workdir.mkdir()
        took, found = _product(workdir, rows)
        patterns = workdir / "patterns.json"
        patterns.write_bytes(msgspec.json.encode(PATTERNS))
        least = spent.floor("checking", str(workdir / "job.json"), str(patterns))
        if msgspec.json.decode(least.output) != found:
            raise RuntimeError(f"unexpected rows per expectation: Great Expectations {found}, pandas {least.output.strip()}")
        figures = {"CPU ratio": took.cpu / least.cpu, "unexpected rows": float(sum(found))}
        what = f"{rows:,} rows in each frame" if rows else "no rows: the fixed cost"
        out.append(Row("validation", what, took.seconds, least.seconds, figures=figures))
    return out


def _product(workdir: Path, rows: int) -> tuple[Spent, list[int]]:
    catalogue = catalogues.load("national-2017")
    units = sorted(unit_tables.from_references(r for i in catalogue.items for r in i.units).by_name)
    manifest, sources = _manifest(rows, catalogue, units), _sources(rows, catalogue, units)
    before, began = spent.own_cpu(), time.perf_counter()
    done = run_validation(manifest, sources, catalogue_ids=catalogue.by_id, unit_names=units, workdir=workdir)
    took = Spent(time.perf_counter() - began, spent.own_cpu() - before)
    if done.error is not None:
        raise RuntimeError(str(done.error))
    return took, [r.unexpected for r in done.results]


def _manifest(rows: int, catalogue: Catalogue, units: list[str]) -> list[ManifestRow]:
    cells, seen = catalogue.cells, date(2026, 11, 1)
    made = []
    for n in range(rows):
        item, kind = cells[n % len(cells)]
        unit, day = units[n % len(units)], date(2025, 1, 1) + timedelta(days=n % 600)
        wrong = n % _WRONG == 0
        number = f"示{'[' if wrong else '〔'}{day.year}〕{n + 1}号"
        made.append(
            ManifestRow(
                sha256=f"{n:064x}",
                size=n % 100_000 + 1,
                media_type="application/pdf",
                item="ZZ9-9" if wrong else item,
                kind=kind.value,
                status="auto",
                unit="已撤销的单位" if wrong else unit,
                placed_by=unit,
                issued_on=day.isoformat(),
                issued_day=seen.toordinal() + 9 if wrong else day.toordinal(),
                document_number=number,
                number_written=number,
                number_key="示2025-1" if wrong else number,
                issuer=base_name(unit) if not wrong else "示例市",
                first_seen_limit=seen.toordinal(),
            )
        )
    return made


def _sources(rows: int, catalogue: Catalogue, units: list[str]) -> list[SourceRow]:
    items, seen = [i.id.casefold() for i in catalogue.items], date(2026, 11, 1)
    made = []
    for n in range(rows):
        wrong = n % _WRONG == 0
        path = f"{n // 1000:03}/{items[n % len(items)]} 关于进一步做好有关工作的通知({n}).pdf"
        made.append(
            SourceRow(
                sha256=f"{n:064x}",
                folder=units[n % len(units)],
                path=path,
                unit=units[n % len(units)],
                unit_known=not wrong,
                path_length=300 if wrong else len(path),
                first_seen_on=seen.isoformat(),
                first_seen_limit=seen.toordinal() + 1,
                submitted_on=seen.isoformat(),
                submitted_day=seen.toordinal() + (30 if wrong else 0),
                form_item="zz9-9" if wrong else items[n % len(items)],
                form_item_typed=items[n % len(items)],
            )
        )
    return made
