"""Great Expectations over the frames, from the outside: rows in, results and findings out.

The work is done by ``validators.expectations`` in a process that ends, with a limit of memory and time. When that process
fails, it is our failure: every result is 未检 (``success`` None), there are no findings, and ``Validation.error`` says why. A
caller then keeps the findings of the last validation that worked.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from archive_schema import media
from archive_schema.cycle import Settings
from archive_schema.errors import InternalError
from archive_schema.evidence import CheckOutcome
from archive_schema.grid import TableFamily
from archive_schema.report import ExpectationResult
from archive_schema.text import display
from archive_schema.words import EvidenceKind, Outcome, PlacementStatus
from validators import cells, checks, suites
from validators.checks import CheckCatalogue
from validators.expectations import Answer, Job
from validators.frames import ManifestRow, SourceRow, form_item_key
from validators.process import MEMORY, SECONDS, Validator, failed
from validators.tablewise import Looked, looked

EXAMPLES = 5


class Validation(msgspec.Struct, frozen=True):
    """``findings`` by SHA-256, only of evidence that has some; ``raw``: the answers of Great Expectations as JSON, b"" without;
    ``tables``: what the suites of tables saw, by SHA-256."""

    results: tuple[ExpectationResult, ...]
    findings: dict[str, tuple[CheckOutcome, ...]]
    raw: bytes
    error: InternalError | None = None
    tables: dict[str, tuple[Looked, ...]] = {}


def run_validation(
    manifest_rows: Iterable[ManifestRow | Mapping[str, Any]],
    source_rows: Iterable[SourceRow | Mapping[str, Any]],
    *,
    catalogue_ids: Iterable[str],
    unit_names: Iterable[str],
    workdir: Path,
    settings: Settings | None = None,
    tables: Mapping[TableFamily, Sequence[cells.Row]] | None = None,
    validator: Validator | None = None,
    seconds: float = SECONDS,
    memory: int = MEMORY,
    python: Sequence[str] = (sys.executable,),
) -> Validation:
    """Run every suite once.

    :param manifest_rows: as ``frames.manifest_rows`` makes them, or as plain dicts.
    :param workdir: an empty folder of the caller's; everything the process writes is below it.
    :param tables: rows of statistical tables by their family; suites of families without any are left out.
    :param validator: a process started before, which has no job yet; its own folder is used and ``workdir`` is not.
    :raises DataError: ``settings.checks`` names an unknown code or parameter.
    """
    catalogue = checks.load().under(settings or Settings())
    frames = {"manifest": _plain(manifest_rows), "sources": _plain(source_rows)}
    frames |= {suites.FRAME_OF[family]: _plain(rows) for family, rows in (tables or {}).items() if rows}
    try:
        if validator is not None:
            result = validator.run(_job(frames, catalogue_ids, unit_names, catalogue, validator.workdir), seconds=seconds)
        else:
            with Validator(workdir, memory=memory, python=python) as own:
                result = own.run(_job(frames, catalogue_ids, unit_names, catalogue, workdir), seconds=seconds)
    except InternalError as e:
        results = tuple(
            ExpectationResult(suite.title, x.code, x.text, None, 0, 0) for suite in suites.load() for x in suite.expectation
        )
        return Validation(results, {}, b"", e)
    answers = {(a.suite, a.id): a for a in result.answers}
    found: dict[str, dict[tuple[str, str, str, str], CheckOutcome]] = defaultdict(dict)
    results_list = []
    for suite in suites.load():
        rows = frames[suite.frame]
        for x in suite.expectation:
            answer = answers[suite.name, x.id]
            results_list.append(_result(suite, x, answer, rows))
            if answer.success is False and not x.judged:
                for n in answer.rows:
                    _add(found[rows[n]["sha256"]], _finding(catalogue.by_code[x.code], x, rows[n]))
    order = catalogue.order
    findings = {
        sha: tuple(sorted(of.values(), key=lambda o: (order[o.code], o.unit, o.item, o.kind))) for sha, of in found.items()
    }
    error = _unevaluated(result.answers)
    seen = looked(frames, answers) if error is None else {}
    return Validation(tuple(results_list), findings, msgspec.json.encode(result.raw), error, seen)


def _job(
    frames: Mapping[str, list[dict[str, Any]]],
    catalogue_ids: Iterable[str],
    unit_names: Iterable[str],
    catalogue: CheckCatalogue,
    workdir: Path,
) -> Job:
    ids = sorted(set(catalogue_ids))
    numbers = {
        f"${c.code}.{k}": float(v)
        for c in catalogue.checks
        for k, v in c.params.items()
        if isinstance(v, int | float) and not isinstance(v, bool)
    }
    return Job(
        frames={name: str(_write(workdir / f"{name}.jsonl", rows)) for name, rows in frames.items()},
        sets={
            "$item_ids": ids,
            "$form_items": sorted({form_item_key(i) for i in ids}),
            "$unit_names": sorted(set(unit_names)),
            "$media_types": sorted(media.BY_TYPE),
            "$kinds": [k.value for k in EvidenceKind],
            "$statuses": [s.value for s in PlacementStatus],
        },
        result=str(workdir / "result.json"),
        parameters=numbers,
    )


def _plain(rows: Iterable[msgspec.Struct | Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [dict(r) if isinstance(r, Mapping) else msgspec.structs.asdict(r) for r in rows]


def _write(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    with path.open("wb") as out:
        for row in rows:
            out.write(msgspec.json.encode(row) + b"\n")
    return path


def _unevaluated(answers: Iterable[Answer]) -> InternalError | None:
    broken = [f"{a.suite}.{a.id}: {a.error}" for a in answers if a.success is None]
    return failed("; ".join(broken)) if broken else None


def _result(suite: suites.Suite, x: suites.Expectation, answer: Answer, rows: Sequence[Mapping[str, Any]]) -> ExpectationResult:
    examples = tuple(f"{_where(suite, rows[n])}: {_shown(rows[n], x.show)}" for n in answer.rows[:EXAMPLES])
    return ExpectationResult(suite.title, x.code, x.text, answer.success, answer.checked, len(answer.rows), examples)


def _where(suite: suites.Suite, row: Mapping[str, Any]) -> str:
    if suite.frame == "sources":
        return display(f"{row.get('folder') or ''}/{row.get('path') or ''}", 120)
    return f"{row['sha256'][:12]}…"


def _shown(row: Mapping[str, Any], column: str) -> str:
    return display(str(row[column]), 80) if row.get(column) is not None else ""


def _finding(check: checks.Check, x: suites.Expectation, row: Mapping[str, Any]) -> CheckOutcome:
    text = check.text.format(file="", found=_shown(row, x.show), wanted=_shown(row, x.against), why=x.why, by="", due="")
    unit = item = kind = ""
    if x.about is suites.About.PLACEMENT:
        unit, item, kind = (row.get(k) or "" for k in ("placed_by", "item", "kind"))
    elif x.about is suites.About.SOURCE:
        unit = row.get("unit") or ""
        text = f"{display(row.get('path') or '', 120)}: {text}"
    return CheckOutcome(check.code, Outcome.FAIL, check.severity, text, unit, item, kind)


def _add(to: dict[tuple[str, str, str, str], CheckOutcome], o: CheckOutcome) -> None:
    """One outcome per code and scope; what several expectations say under one code is said together."""
    key = (o.code, o.unit, o.item, o.kind)
    before = to.get(key)
    if before is None:
        to[key] = o
    elif o.text not in before.text.split("\n"):
        to[key] = msgspec.structs.replace(before, text=f"{before.text}\n{o.text}")
