"""Playing the inspector: items drawn at random, and the evidence of each laid out with what is known of it."""

from __future__ import annotations

import random
from collections.abc import Iterable

from archive_schema.audit import Draw, DrawnEvidence, DrawnItem, DrawnRequirement
from archive_schema.decisions import Decision, in_force, speaks_of
from archive_schema.evidence import ATTESTED, FACT_NAMES, Evidence, Fact
from archive_schema.outputs import CoverageEvidence, CoverageItem
from archive_schema.report import CoverageReport, piece_key
from archive_schema.units import UnitTable
from flows import destroy
from flows.attested import Attested
from flows.coverage import coverage_report
from flows.workspace import Opened
from storage import keys
from storage.objects import ObjectMissing
from storage.sweep import digest_of


def drawn(o: Opened, number: int, seed: int) -> Draw:
    """``number`` of the items under material review (all, when there are fewer), in the order in which they were drawn.

    The bytes of every piece shown are read now and compared with its name, whatever the audit's depth.
    """
    report = coverage_report(o)
    ids = [i.id for i in o.catalogue.material]
    chosen = random.Random(seed).sample(ids, min(number, len(ids)))
    by_id = {i.id: i for i in report.coverage.items}
    return Draw(seed, len(ids), tuple(_Layout(o, report).item(by_id[i]) for i in chosen))


class _Layout:
    def __init__(self, o: Opened, report: CoverageReport) -> None:
        self._o, self._report = o, report
        self._decisions = in_force(o.archive.index.decisions())
        self._attested = Attested(o.units, self._decisions)
        self._destroyed = destroy.gone(o)

    def item(self, item: CoverageItem) -> DrawnItem:
        return DrawnItem(
            id=item.id,
            title=item.title,
            state=item.state,
            provenance=item.provenance,
            units=tuple(item.units),
            requirements=tuple(
                DrawnRequirement(
                    kind=r.kind,
                    state=r.state,
                    needed=r.needed,
                    usable=r.usable,
                    reasons=tuple(r.reasons),
                    evidence=tuple(self._evidence(item.id, r.kind.value, e) for e in r.evidence),
                )
                for r in item.requirements
            ),
        )

    def _evidence(self, item: str, kind: str, e: CoverageEvidence) -> DrawnEvidence:
        [held] = self._o.archive.index.evidence([e.sha256])
        said, intact = self._bytes(held)
        facts = self._attested.facts(held, e.unit)
        findings = self._report.findings.get(piece_key(e.sha256, e.unit, item, kind), ())
        return DrawnEvidence(
            sha256=e.sha256,
            size=held.size,
            unit=e.unit,
            path=e.path,
            title=e.title,
            media_type=held.media_type,
            status=e.status.zh,
            bytes=said,
            intact=intact,
            facts=tuple((zh, _fact(facts[k])) for k, zh in FACT_NAMES.items() if k in facts),
            findings=tuple(f"{f.severity.zh} {f.code} {f.text}{'(已豁免)' if f.waived else ''}" for f in findings),
            decisions=tuple(_told(self._decisions, e, self._o.units)),
        )

    def _bytes(self, e: Evidence) -> tuple[str, bool]:
        if e.sha256 in self._destroyed:
            return "依决定销毁", True
        try:
            digest = digest_of(self._o.archive.store, e.object_key or keys.object_key(e.sha256))
        except ObjectMissing:
            return "存储中没有这个文件", False
        return ("刚才逐字节核对,与归档时一致", True) if digest == e.sha256 else (f"字节与归档时不同,现为 {digest}", False)


def _fact(fact: Fact) -> str:
    if fact.method != ATTESTED:
        return _value(fact.value)
    read = f",读出 {'、'.join(fact.others)}" if fact.others else ""
    return f"{'无' if fact.value is None else _value(fact.value)}(由人认定{read})"


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return "、".join(map(str, value))
    return {True: "有", False: "无", None: "未读出"}[value] if value is None or isinstance(value, bool) else str(value)


def _told(decisions: Iterable[Decision], e: CoverageEvidence, units: UnitTable) -> Iterable[str]:
    for d in decisions:
        if e.sha256 in (d.sha256, d.by_sha256) and speaks_of(d, e.unit, units):
            what = f" {FACT_NAMES.get(d.fact, d.fact)}={d.value}" if d.fact else ""
            yield f"{d.at:%Y-%m-%d} {d.by} {d.action.zh}{what}: {d.reason}"
