"""What would be read, placed and found of a file, as an ingest would do it; nothing is stored and no archive is opened."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path

import msgspec

from archive_schema import media, outputs
from archive_schema.catalogue import Catalogue
from archive_schema.cycle import Cycle, Settings
from archive_schema.errors import UsageError
from archive_schema.evidence import CheckOutcome, Source
from archive_schema.units import UnitTable
from archive_schema.words import Disposition, Outcome, Severity
from classification.classifier import Classifier
from classification.numbers import as_typed
from classification.semantics import Semantics
from flows.accounting import Place
from flows.lessons import Lessons
from flows.parcels import Arrival, Parcel, View, evidence_of, read, source_of, with_members
from flows.proposing import propose
from intake.discover import Found, discover
from intake.forms import forms_for
from intake.pool import ReaderPool
from validators import checks
from validators.judge import judge

#: what would become of a file that would not be archived: severity, what is said before the reason
_KEPT_OUT: dict[Disposition, tuple[Severity, str]] = {
    Disposition.QUARANTINED: (Severity.BLOCKING, "将被隔离,不存档"),
    Disposition.WAITING: (Severity.WARNING, "暂不收"),
    Disposition.IGNORED: (Severity.NOTICE, "将被忽略"),
}


@dataclass(frozen=True)
class Basis:
    """What a file is read and judged under. ``inbox`` None = outside of a workspace: no file has a unit."""

    catalogue: Catalogue
    units: UnitTable
    cycle: Cycle
    settings: Settings
    inbox: Path | None = None
    semantics: Semantics | None = None

    @cached_property
    def classifier(self) -> Classifier:
        return Classifier(self.catalogue, self.units, self.settings.margins, semantics=self.semantics)

    @property
    def lessons(self) -> Lessons:
        """None: no archive is opened."""
        return Lessons()

    @property
    def tutored(self) -> Classifier:
        return self.classifier


def inspect(files: Sequence[Path], basis: Basis) -> list[outputs.InspectOutput]:
    """One output per file in the order given, each followed by its members when it is an archive.

    A file of the inbox is read with its unit, the forms and the caption texts beside it; any other by itself.

    :raises UsageError: a file is gone.
    """
    now = datetime.now(UTC)
    founds: dict[Place, Found] = {}
    todo = [_find(f, basis, founds) for f in files]
    out = []
    with tempfile.TemporaryDirectory(prefix="dangan-inspect-") as scratch:
        with ReaderPool(basis.settings.limits, workers=min(2, len(todo)), scratch=Path(scratch)) as pool:
            forms = forms_for(list(founds.values()), pool, partial(as_typed, catalogue=basis.catalogue))
            view = View(pool=pool, forms=forms, founds=founds)
            parcels = read(view, todo)
        for file, parcel in zip(files, parcels, strict=True):
            if parcel.disposition is not None:
                out.append(_kept_out(file, parcel, parcel.disposition))
                continue
            known = with_members(forms, [(parcel.found, a) for a in parcel.arrivals])
            for a in parcel.arrivals:
                source = source_of(view, known, parcel.found, a, first_seen_at=now, zone=UTC)
                out.append(_accepted(f"{file}{a.path.removeprefix(parcel.found.path)}", a, source, basis))
    return out


def _find(file: Path, basis: Basis, founds: dict[Place, Found]) -> Found:
    """The file as a walk of the inbox finds it; it and what may say something about it are added to ``founds``."""
    at = file.parent.resolve() / file.name  # a link stays a link and is reported as one
    known = next((f for f in founds.values() if f.file == at), None)
    if known is not None:
        return known
    inside = basis.inbox is not None and at.is_relative_to(basis.inbox)
    root = basis.inbox if basis.inbox is not None and inside else at.parent
    limits = msgspec.structs.replace(basis.settings.limits, settle_seconds=0)  # asked about now, however young it is
    for f in discover(root, basis.units, limits, only=[root / at.relative_to(root).parts[0]], now_ns=0):
        # outside of the inbox no folder is a unit's: the whole path only tells files of one name apart
        one = f if inside else msgspec.structs.replace(f, folder=str(at.parent))
        founds[one.folder, one.path] = one
    found = next((f for f in founds.values() if f.file == at), None)
    if found is None:
        raise UsageError(f"{file} is gone", zh=f"“{file}”不见了", code="inspect.gone", path=str(file), hint="请核对路径再试")
    return found


def _accepted(path: str, a: Arrival, source: Source, basis: Basis) -> outputs.InspectOutput:
    inside = not source.folder.startswith("/")  # see _find
    evidence = evidence_of(a, "", "")
    if not inside:
        source = msgspec.structs.replace(source, folder="", unit="", unit_known=False)
    facts = evidence.facts
    if source.caption is not None and "caption" not in facts:
        facts = facts | {"caption": source.caption} | source.caption_facts
    proposal = None
    outcomes: tuple[CheckOutcome, ...] = ()
    if not evidence.auxiliary and not source.auxiliary:
        proposal = propose(basis, evidence, source.unit, [source], a.reading.text)
        # nobody sent a file that lies elsewhere: its unit is not unknown, there is none to know
        judged = source if inside else msgspec.structs.replace(source, unit_known=True)
        outcomes = judge(
            evidence,
            [judged],
            proposal.placements,
            catalogue=basis.catalogue,
            cycle=basis.cycle,
            settings=basis.settings,
        ).outcomes
    rules = checks.load()
    failed = dict.fromkeys((o.code, o.severity, o.text) for o in outcomes if o.outcome is Outcome.FAIL)
    return outputs.InspectOutput(
        path=path,
        media_type=evidence.media_type,
        facts=facts,
        kind=outputs.ClassifyKind(proposal.kind.name, proposal.kind.score) if proposal and proposal.kind else None,
        placements=[
            outputs.InspectPlacement(p.item, p.kind, p.method, p.score, p.status, list(p.reasons))
            for p in (proposal.placements if proposal else ())
        ],
        findings=[outputs.InspectFinding(code, severity, text, rules.by_code[code].remedy) for code, severity, text in failed],
        unchecked=sorted({o.code for o in outcomes if o.outcome is Outcome.UNCHECKED}),
    )


def _kept_out(file: Path, parcel: Parcel, disposition: Disposition) -> outputs.InspectOutput:
    """A file that an ingest would not archive: why, and nothing of what stands in it."""
    severity, said = _KEPT_OUT[disposition]
    return outputs.InspectOutput(
        path=str(file),
        media_type=parcel.media_type or media.UNKNOWN.media_type,
        facts={},
        kind=None,
        placements=[],
        findings=[outputs.InspectFinding(disposition.value.upper(), severity, f"{file.name}: {said}: {parcel.reason}", "")],
        unchecked=[],
    )
