"""Where destroyed material is still mentioned besides its records: results of validation in the store, reports on disk (law 9).

In the store its cells, values and examples are removed. Of the reports under ``reports/`` of the workspace the coverage report is written
anew; others of ours that still name it are removed, since their commands make them again; files that are not ours are only told.
What was written elsewhere (``-o``, an export, a mail) nobody can know.
"""

from __future__ import annotations

import logging
import re
import shlex
import zipfile
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import msgspec

from archive_schema.decisions import in_force
from archive_schema.report import ExpectationResult
from archive_schema.text import display
from flows import cycle_reports, digest, kept_reports, tables
from flows.attested import Attested
from flows.coverage import coverage_report
from flows.nightly import NAME, write_coverage
from flows.view import title_of
from flows.workspace import Opened
from storage import keys
from storage.protection import erase, remains

log = logging.getLogger(__name__)

#: name of a report that our commands write under ``reports/`` when no other place is named → the words that make it again, of which
#: the name fills in format, day and unit
OURS: dict[str, str] = {
    rf"{NAME}(?:-(?P<unit>.+))?\.(?P<format>html|xlsx|json|csv)": "coverage --format {format}",
    r"表格检查\.(?P<format>html)": "checks results --format {format}",
    r"等级(?:-(?P<unit>.+))?\.(?P<format>xlsx)": "grades --format {format}",
    r"预测-(?P<day>\d{4}-\d\d-\d\d)(?:-(?P<unit>.+))?\.(?P<format>html|xlsx)": "forecast --date {day} --format {format}",
    r"档案审计\.(?P<format>html|xlsx)": "audit --format {format}",
    re.escape(digest.FILE): "digest",
}
#: shortest title or name that is looked for (ours): a shorter one stands in every second report
_LEAST = 4


class Reports(msgspec.Struct, frozen=True):
    """Paths: ``rewritten`` now; ``removed`` with the command that makes each again; ``naming`` it still, and not ours."""

    rewritten: tuple[str, ...] = ()
    removed: tuple[tuple[str, str], ...] = ()
    naming: tuple[str, ...] = ()


def names(o: Opened, shas: Collection[str]) -> frozenset[str]:
    """What reports call these: title, file name, the beginning of the digest. Ask before they are destroyed: titles are forgotten then."""
    index = o.archive.index
    held = {e.sha256: e for e in index.evidence(shas)}
    attested = Attested(o.units, in_force(index.decisions()))
    found = {sha[:12] for sha in shas}
    for s in index.sources(shas):
        e = held.get(s.sha256)
        titles = [title_of(facts, s) for facts in ((e.facts, attested.facts(e, s.unit)) if e else ({},))]
        found |= {s.path.rsplit("/", 1)[-1], *(t for t in titles if t)}
    return frozenset(n for n in found if len(n) >= _LEAST)


def in_store(o: Opened, shas: Collection[str]) -> None:
    """Remove from the results of validation, of every cycle of the store, what was seen in these. May be repeated.

    :raises UnavailableError: the store does not answer.
    """
    store = o.archive.store
    tables.forget(o, shas)
    for key in remains(store, keys.report_key(cycle_reports.RAW) + "/"):  # quotes values, and is only there to be looked at
        erase(store, key)
    index = o.archive.index
    marks = tuple({f"{sha[:12]}…" for sha in shas} | {display(f"{s.folder}/{s.path}", 120) for s in index.sources(shas)})
    listed = kept_reports.listed(o, keys.report_key(cycle_reports.VALIDATION) + "/")
    for key, results in kept_reports.read(o, listed, tuple[ExpectationResult, ...]):
        left = tuple(
            msgspec.structs.replace(r, examples=tuple(x for x in r.examples if not x.startswith(marks))) for r in results
        )
        if left != results:
            erase(store, key)
            store.put_bytes(key, msgspec.json.encode(left), replace=True)


def made_by(name: str) -> str | None:
    """The command line that makes a report of that name again; None = it is none of ours."""
    for ours, words in OURS.items():
        if m := re.fullmatch(ours, name):
            told = m.groupdict()
            unit = told.get("unit") or ""
            between = "=" if unit.startswith("-") else " "  # a folder called --help is a name, not an option
            whose = f" --unit{between}{shlex.quote(unit)}" if unit else ""
            return f"dangan {words.format(**told)}{whose}"
    return None


def on_disk(o: Opened, names: Collection[str]) -> Reports:
    """Write the coverage report anew where there is one, and see to the other reports that hold one of these names.

    :param names: see ``names``.
    """
    folder = o.workspace.path / "reports"
    if not folder.is_dir():
        return Reports()
    rewritten: list[str] = []
    if any((folder / f"{NAME}.{suffix}").is_file() for suffix in ("html", "xlsx", "json")):
        written = write_coverage(o, coverage_report(o), folder)
        rewritten = [written.html, written.xlsx, written.json]
    removed, naming = [], []
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and str(p) not in rewritten):
        if not _holds(path, names):
            continue
        again = made_by(path.name) if path.parent == folder else None
        if again is None:
            naming.append(str(path))
            continue
        try:
            path.unlink()
        except OSError as e:
            log.warning("cannot remove %s: %s", path, e)
            naming.append(str(path))
        else:
            removed.append((str(path), again))
    return Reports(tuple(rewritten), tuple(removed), tuple(naming))


def _holds(path: Path, names: Iterable[str]) -> bool:
    wanted = [form.encode("utf-8") for n in names for form in {n, escape(n), escape(n, {'"': "&#34;", "'": "&#39;"})}]
    try:
        return any(w in part for part in _parts(path) for w in wanted)
    except (OSError, zipfile.BadZipFile) as e:
        log.warning("cannot look into %s: %s", path, e)
        return True


def _parts(path: Path) -> Iterator[bytes]:
    """Its bytes, and those of what an Office file or a ZIP holds."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as z:
            for name in z.namelist():
                yield name.encode("utf-8")
                yield z.read(name)
    else:
        yield path.read_bytes()
