"""What is held as a whole: the state digest (law 5) and the lines of the manifest. Streamed; memory does not grow with the archive.

The state digest is the SHA-256 over canonical lines, each ended by one line feed: first one per evidence in order of SHA-256, then
one per decision in force, sorted. An evidence's line holds ``sha256``, ``size``, ``sources`` as sorted [unit, path] and
``placements`` as sorted [unit, item, kind, method, status]. No run, time or score is in it. Placements that the machine made
from a volatile reading (OCR, a time limit) are left out: the same inbox may read differently on a slower machine. So
two archives that hold the same have one digest, in whatever order and however often interrupted they were filled.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator

import msgspec
from sqlalchemy import Connection

from archive_schema import canonical
from archive_schema.decisions import in_force
from archive_schema.evidence import Evidence, Proposal, Source
from archive_schema.outputs import ManifestFinding, ManifestLine, ManifestPlacement, ManifestSource, ManifestWithdrawal
from archive_schema.records import FindingRecord
from archive_schema.words import EvidenceKind, Outcome, PlacementMethod
from storage import keys, queries


def state_digest(c: Connection) -> str:
    h = hashlib.sha256()
    for line in state_lines(c):
        h.update(line)
        h.update(b"\n")
    return h.hexdigest()


def state_lines(c: Connection) -> Iterator[bytes]:
    """The lines that the state digest is made of."""
    for evidence, sources, proposals in _held(c):
        placements = sorted(
            [p.unit, p.item, p.kind.value, p.method.value, p.status.value]
            for proposal in proposals
            for p in proposal.placements
            if not evidence.volatile or p.method is PlacementMethod.DECISION
        )
        yield canonical.encode(
            {
                "sha256": evidence.sha256,
                "size": evidence.size,
                "sources": sorted([s.unit, s.path] for s in sources),
                "placements": placements,
            }
        )
    decisions = []
    for d in in_force(queries.decisions(c)):
        fields = msgspec.to_builtins(d)
        decisions.append(canonical.encode({k: v for k, v in fields.items() if k not in ("id", "at")}))
    yield from sorted(decisions)


def manifest_lines(c: Connection) -> Iterator[ManifestLine]:
    """A line per evidence, in order of SHA-256. Waived findings are left out; destroyed evidence has no object key."""
    superseded = queries.superseded(c)
    withdrawn: dict[str, list[ManifestWithdrawal]] = defaultdict(list)
    for w in queries.withdrawals(c):
        withdrawn[w.sha256].append(ManifestWithdrawal(w.unit, w.destroyed, w.decision))
    for chunk in queries.chunked(_held(c), queries.CHUNK):
        findings: dict[str, list[FindingRecord]] = defaultdict(list)
        for f in queries.findings(c, [evidence.sha256 for evidence, _, _ in chunk]):
            findings[f.sha256].append(f)
        for evidence, sources, proposals in chunk:
            sha = evidence.sha256
            yield _line(evidence, sources, proposals, findings[sha], superseded.get(sha), withdrawn.get(sha, []))


def _line(
    e: Evidence,
    sources: list[Source],
    proposals: list[Proposal],
    findings: list[FindingRecord],
    by: str | None,
    withdrawn: list[ManifestWithdrawal],
) -> ManifestLine:
    outcomes = [o for f in findings for o in f.outcomes if not o.waived]
    tombstones = [w for w in withdrawn if w.destroyed]  # for every unit, whoever withdrew it before
    failed = {(o.code, o.severity) for o in outcomes if o.outcome is Outcome.FAIL}
    return ManifestLine(
        sha256=e.sha256,
        size=e.size,
        media_type=e.media_type,
        sources=[
            ManifestSource(s.unit, s.path, s.submitted_at, s.first_seen_at, s.present)
            for s in sorted(sources, key=lambda s: (s.unit, s.path, s.folder))
        ],
        kind=_kind(proposals),
        facts=e.facts,
        placements=[
            ManifestPlacement(p.item, p.kind, p.method, p.score, p.status)
            for proposal in proposals
            for p in proposal.placements
        ],
        findings=[ManifestFinding(code, severity) for code, severity in sorted(failed)],
        unchecked=sorted({o.code for o in outcomes if o.outcome is Outcome.UNCHECKED}),
        superseded_by=by,
        object_key=None if tombstones else e.object_key or keys.object_key(e.sha256),
        run=e.run,
        withdrawn=tombstones or withdrawn or msgspec.UNSET,
    )


def _kind(proposals: list[Proposal]) -> EvidenceKind | None:
    """The kind that the first unit's proposal guessed; None when nobody did."""
    return next((p.kind.name for p in proposals if p.kind), None)


def _held(c: Connection) -> Iterator[tuple[Evidence, list[Source], list[Proposal]]]:
    """Every evidence with its sources and proposals, in order of SHA-256."""
    for chunk in queries.chunked(queries.evidence(c), queries.CHUNK):
        shas = [e.sha256 for e in chunk]
        sources: dict[str, list[Source]] = defaultdict(list)
        for s in queries.sources(c, shas):
            sources[s.sha256].append(s)
        proposals: dict[str, list[Proposal]] = defaultdict(list)
        for p in queries.proposals(c, shas):
            proposals[p.sha256].append(p)
        for e in chunk:
            yield e, sources[e.sha256], proposals[e.sha256]
