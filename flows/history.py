"""What happened to one evidence, one file or one item: PREMIS events derived from the series and the kept audits.

Nothing is stored for it: each record of the series, with the time and program of its segment, already says what was done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from archive_schema.audit import AuditReport
from archive_schema.catalogue import Item
from archive_schema.decisions import Decision
from archive_schema.errors import UsageError
from archive_schema.evidence import FACT_NAMES, Evidence, Placement
from archive_schema.outputs import HistoryEvent, HistoryOutput
from archive_schema.records import (
    DecisionRecord,
    EventRecord,
    EvidenceRecord,
    FindingRecord,
    PlacementRecord,
    Record,
    SegmentHeader,
    SourceRecord,
    SupersedeRecord,
    WithdrawalRecord,
)
from archive_schema.text import nfc, place
from archive_schema.words import CellState, DecisionAction, EventType, Outcome, PlacementStatus, ReadState, Severity
from flows import audit_reports, cycle_reports, kept_reports
from flows.coverage import Snapshot
from flows.decide import find_file, written
from flows.workspace import PROGRAM, Opened
from storage import keys, series

SUCCESS, FAIL, UNCHECKED = "success", "fail", "unchecked"
#: how far a reader got → outcome of the format identification
_READ = {ReadState.READ: SUCCESS, ReadState.PARTIAL: SUCCESS, ReadState.ENCRYPTED: FAIL, ReadState.DAMAGED: FAIL}
#: state of a cell → outcome
_STATES = {
    CellState.MISSING: FAIL,
    CellState.UNUSABLE: FAIL,
    CellState.IN_REVIEW: UNCHECKED,
    CellState.USABLE: SUCCESS,
    CellState.NOT_APPLICABLE: SUCCESS,
}


def history(o: Opened, subject: str) -> HistoryOutput:
    """:param subject: an item's id, a SHA-256 or its beginning, ``unit/path``, or the path of a file that was kept out.

    :raises UsageError: nothing or more than one thing fits.
    """
    item = o.catalogue.resolve(subject)
    if item is not None:
        return HistoryOutput(subject=item.id, sha256=None, item=item.id, events=_of_item(o, item))
    try:
        sha, _ = find_file(o, subject)
    except UsageError as e:
        notices = [] if e.code != "review.unknown-file" else _of_refused(o, subject)
        if not notices:
            raise
        known = next((n.detail["sha256"] for n in reversed(notices) if n.detail.get("sha256")), None)
        return HistoryOutput(subject=subject, sha256=known, item=None, events=notices)
    return HistoryOutput(subject=subject, sha256=sha, item=None, events=_of_evidence(o, sha))


def _walk(o: Opened, *marks: str) -> Iterator[tuple[SegmentHeader, Record]]:
    """Records in order with the header of their segment; only those whose line holds one of ``marks``: the others need no decoding."""
    wanted = [m.encode() for m in marks]
    for segment in series.walk(o.archive.store, o.archive.cycle, upto=o.archive.head()):
        lines = tuple(line for line in segment.lines if not wanted or any(m in line for m in wanted))
        for record in msgspec.structs.replace(segment, lines=lines).records():
            yield segment.header, record


class _Told:
    """Makes events of one segment."""

    def __init__(self, header: SegmentHeader) -> None:
        self._header = header

    def __call__(
        self, event: EventType, outcome: str, text: str, *, at: datetime | None = None, agent: str = "", **detail: Any
    ) -> HistoryEvent:
        h = self._header
        return HistoryEvent(
            at=at or h.written_at,
            event=event,
            outcome=outcome,
            text=text,
            agent=agent or h.program,
            run=h.run,
            seq=h.seq,
            detail={k: v for k, v in detail.items() if v not in (None, "", [], ())},
        )


# -- one evidence ------------------------------------------------------------------------------------------------------


def _of_evidence(o: Opened, sha: str) -> list[HistoryEvent]:
    view = _Evidence(sha)
    for header, record in _walk(o, sha, f'"{DecisionAction.UNDO.value}"'):
        view.add(_Told(header), record)
    first = next((e.seq for e in view.events if e.seq is not None), None)
    events = [*view.events, *_fixity(o, sha, first or 0)]
    return sorted(events, key=lambda e: (e.at, e.event is not EventType.INGESTION))


class _Evidence:
    """The events of one SHA-256, told by what each record changes."""

    def __init__(self, sha: str) -> None:
        self.sha = sha
        self.events: list[HistoryEvent] = []
        self._read = ""
        self._sm3 = ""
        self._evidence: Evidence | None = None
        self._places: dict[tuple[str, str], SourceRecord] = {}
        self._decisions: dict[str, Decision] = {}
        self._placed: dict[tuple[str, str, str], PlacementStatus] = {}

    def add(self, told: _Told, record: Record) -> None:
        match record:
            case EvidenceRecord(evidence=e) if e.sha256 == self.sha:
                if not self._read:
                    text = f"SHA-256 {e.sha256},{e.size} 字节"
                    self._tell(told(EventType.DIGEST, SUCCESS, text, algorithm="SHA-256", digest=e.sha256, size=e.size))
                if isinstance(e.sm3, str) and e.sm3 != self._sm3:
                    self._tell(told(EventType.DIGEST, SUCCESS, f"SM3 {e.sm3}", algorithm="SM3", digest=e.sm3, size=e.size))
                    self._sm3 = e.sm3
                    if self._evidence == msgspec.structs.replace(e, sm3=msgspec.UNSET):
                        return  # nothing was read again
                self._evidence = msgspec.structs.replace(e, sm3=msgspec.UNSET)
                how = "认定为" if not self._read else "重新读取,认定为"
                text = f"{how} {e.media_type}" + (f";{e.detail}" if e.detail else "")
                outcome = _READ.get(e.state, UNCHECKED)
                self._tell(told(EventType.FORMAT, outcome, text, media_type=e.media_type, reader=e.reader, state=e.state.value))
                self._read = e.reader or "-"
            case SourceRecord(source=s) if s.sha256 == self.sha:
                self._source(told, record)
            case PlacementRecord(sha256=self.sha):
                self._placements(told, record)
            case FindingRecord(sha256=self.sha):
                self._tell(_validated(told, record))
            case DecisionRecord(decision=d):
                self._decision(told, d)
            case SupersedeRecord(sha256=self.sha, by_sha256=by):
                text = f"由 {by[:12]} 取代" if by else "不再被取代"
                self._tell(told(EventType.METADATA_MODIFICATION, SUCCESS, text, by_sha256=by, decision=record.decision))
            case WithdrawalRecord(sha256=self.sha):
                self._withdrawal(told, record)
            case EventRecord() if self.sha in (record.subject, record.detail.get("sha256")):
                self._tell(_noticed(told, record))

    def _tell(self, event: HistoryEvent) -> None:
        self.events.append(event)

    def _source(self, told: _Told, record: SourceRecord) -> None:
        s = record.source
        before = self._places.get((s.folder, s.path))
        self._places[s.folder, s.path] = record
        where = place(s.unit, s.path)
        if before is None:
            text = f"收到 {where}" + ("(取自压缩包或文档)" if s.member_of else "")
            more: dict[str, Any] = {"submitted_at": s.submitted_at, "member_of": s.member_of}
            self._tell(told(EventType.INGESTION, SUCCESS, text, at=s.first_seen_at, unit=s.unit, path=s.path, **more))
            return
        if before.source.present != s.present:
            text = f"{where} {'又在' if s.present else '已不在'}收件箱"
        else:
            changed = [f for f in s.__struct_fields__ if getattr(s, f) != getattr(before.source, f)]
            text = f"{where} 的登记有变: {'、'.join(_SOURCE_WORDS.get(f, f) for f in changed)}"
        self._tell(told(EventType.METADATA_MODIFICATION, SUCCESS, text, unit=s.unit, path=s.path))

    def _placements(self, told: _Told, record: PlacementRecord) -> None:
        now = {(p.unit, p.item, p.kind.value): p for p in record.placements}
        held = {k: v for k, v in self._placed.items() if k[0] == record.unit}
        for key, p in now.items():
            if held.get(key) is not p.status:
                self._tell(_placed(told, p, held.get(key), record.classifier))
                self._placed[key] = p.status
        for key in held.keys() - now.keys():
            unit, item, kind = key
            self._tell(told(EventType.METADATA_MODIFICATION, SUCCESS, f"不再归入 {item} {kind}({unit})", item=item, kind=kind))
            del self._placed[key]
        if not record.placements and not held and record.unit not in {u for u, _, _ in self._placed}:
            text = f"未能归类({record.unit})"
            guesses = [c.item for c in record.candidates]
            self._tell(told(EventType.METADATA_MODIFICATION, UNCHECKED, text, candidates=guesses, classifier=record.classifier))

    def _decision(self, told: _Told, d: Decision) -> None:
        self._decisions[d.id] = d
        target = _meant(d, self._decisions)
        if self.sha in (target.sha256, target.by_sha256):
            self._tell(_decided(told, d))

    def _withdrawal(self, told: _Told, r: WithdrawalRecord) -> None:
        whose = r.unit or "全部来件单位"
        if not r.in_force:
            self._tell(told(EventType.RECOVERY, SUCCESS, f"撤回已取消({whose})", unit=r.unit))
        elif r.destroyed:
            text = f"依决定销毁字节和读出的文字,依据: {r.basis}"
            self._tell(told(EventType.DELETION, SUCCESS, text, decision=r.decision, basis=r.basis))
        else:
            text = f"撤回,不再计入({whose})"
            self._tell(told(EventType.DEACCESSION, SUCCESS, text, unit=r.unit, decision=r.decision, basis=r.basis))


_SOURCE_WORDS = {
    "unit": "责任单位",
    "unit_known": "责任单位",
    "form": "提交表",
    "submitted_at": "报送日期",
    "caption": "图片说明",
    "caption_facts": "图片说明要素",
    "mtime_ns": "文件时间",
    "auxiliary": "是否附属文件",
    "member_of": "所在的压缩包或文档",
}


def _placed(told: _Told, p: Placement, before: PlacementStatus | None, classifier: str) -> HistoryEvent:
    event = EventType.ACCESSION if p.status.holds and not (before and before.holds) else EventType.METADATA_MODIFICATION
    text = f"{p.status.zh}: {p.item} {p.kind}({p.unit},凭{p.method.zh})"
    return told(
        event,
        SUCCESS,
        text,
        unit=p.unit,
        item=p.item,
        kind=p.kind.value,
        status=p.status.value,
        method=p.method.value,
        score=p.score,
        classifier=classifier,
        decision=p.decision,
    )


def _validated(told: _Told, r: FindingRecord) -> HistoryEvent:
    blocking = [c for c in r.outcomes if c.severity is Severity.BLOCKING and not c.waived]
    failed = any(c.outcome is Outcome.FAIL for c in blocking)
    outcome = FAIL if failed else UNCHECKED if any(c.outcome is Outcome.UNCHECKED for c in blocking) else SUCCESS
    lists: dict[str, Any] = {
        "failed": sorted({c.code for c in r.outcomes if c.outcome is Outcome.FAIL and not c.waived}),
        "unchecked": sorted({c.code for c in r.outcomes if c.outcome is Outcome.UNCHECKED and not c.waived}),
        "waived": sorted({c.code for c in r.outcomes if c.waived}),
    }
    said = [
        f"{zh} {'、'.join(lists[k])}" for k, zh in (("failed", "问题"), ("unchecked", "未检"), ("waived", "已豁免")) if lists[k]
    ]
    text = f"通过 {len(r.passed)} 项" + "".join(f";{s}" for s in said)
    return told(
        EventType.VALIDATION, outcome, text, origin=r.origin, rules=r.rules, settings=r.settings, passed=list(r.passed), **lists
    )


def _meant(d: Decision, known: Mapping[str, Decision]) -> Decision:
    """The act that a decision is about in the end: itself, or what it undoes."""
    while d.action is DecisionAction.UNDO and d.decision in known:
        d = known[d.decision]
    return d


def _decided(told: _Told, d: Decision) -> HistoryEvent:
    about = " ".join(
        x
        for x in (
            d.item,
            d.kind or "",
            d.code,
            FACT_NAMES.get(d.fact, d.fact),
            d.value,
            d.by_sha256[:12],
            d.to_unit,
            d.entry,
            d.sanction,
            d.text,
            d.decision,
        )
        if x
    )
    text = f"{d.action.zh}{' ' + about if about else ''}: {d.reason}"
    return told(EventType.METADATA_MODIFICATION, SUCCESS, text, at=d.at, agent=d.by, decision=d.id, action=d.action.value)


def _noticed(told: _Told, r: EventRecord) -> HistoryEvent:
    lifted = r.outcome == "lifted"
    ended = "隔离结束,文件已不在收件箱" if r.detail.get("gone") else "解除隔离,已收存"
    text = ended if lifted else f"隔离: {r.detail.get('reason', '')}"
    quarantine = r.event is EventType.QUARANTINE
    agent = str(r.detail.get("by", "")) if r.event is EventType.RECOVERY else ""  # a person's act, no decision
    outcome = SUCCESS if lifted or not quarantine else FAIL
    return told(r.event, outcome, text if quarantine else r.outcome, at=r.at, agent=agent, **r.detail)


def _fixity(o: Opened, sha: str, since: int) -> Iterator[HistoryEvent]:
    """Audits that name the object, and those that compared its bytes and found nothing wrong with it, as long as there were any."""
    key, index = keys.object_key(sha), o.archive.index
    acts = {w.decision for w in index.withdrawals() if w.sha256 == sha and w.destroyed}
    gone = min((d.at for d in index.decisions() if d.id in acts), default=None)
    for _, report in kept_reports.read(o, kept_reports.listed(o, audit_reports.PREFIX), AuditReport):
        audit = report.output
        if audit.integrity is None or report.cycle != o.archive.cycle:
            continue
        codes = [p.code for p in audit.integrity.problems if p.key == key]
        compared = audit.depth == "full" if report.share is None else sha[:2] in report.share
        held = audit.head is not None and int(audit.head.partition(":")[0]) >= since
        there = gone is None or report.at < gone
        if codes or (compared and held and there):
            text = f"审计发现 {'、'.join(codes)}" if codes else "逐字节核对,与摘要一致"
            detail = {"depth": audit.depth, "codes": codes}
            yield HistoryEvent(report.at, EventType.FIXITY, FAIL if codes else SUCCESS, text, PROGRAM, "", None, detail)


# -- a file that was kept out ------------------------------------------------------------------------------------------


def _of_refused(o: Opened, path: str) -> list[HistoryEvent]:
    events: dict[str, list[HistoryEvent]] = {wanted: [] for wanted in written(path)}
    for header, r in _walk(o, EventType.QUARANTINE.value):
        if isinstance(r, EventRecord) and r.event is EventType.QUARANTINE:
            names = (r.subject, str(r.detail.get("path", "")), f"{r.detail.get('unit', '')}/{r.detail.get('path', '')}")
            for wanted in events.keys() & set(map(nfc, names)):
                events[wanted].append(_noticed(_Told(header), r))
    return next((found for found in events.values() if found), [])


# -- one item ----------------------------------------------------------------------------------------------------------


def _of_item(o: Opened, item: Item) -> list[HistoryEvent]:
    """Pieces coming and going, decisions on it or on them, and what its cells came to after every run."""
    events: list[HistoryEvent] = []
    placed: dict[tuple[str, str], dict[str, PlacementStatus]] = {}
    names: dict[tuple[str, str], str] = {}
    pieces: set[str] = set()
    decisions: dict[str, Decision] = {}
    for header, r in _walk(o):
        told = _Told(header)
        match r:
            case SourceRecord(source=s):
                names.setdefault((s.sha256, s.unit), place(s.unit, s.path))
            case PlacementRecord():
                now = {p.kind.value: p for p in r.placements if p.item == item.id}
                held = placed.get((r.sha256, r.unit), {})
                name = names.get((r.sha256, r.unit), r.sha256[:12])
                for p in now.values():
                    if held.get(p.kind.value) is not p.status:
                        events.append(_renamed(_placed(told, p, held.get(p.kind.value), r.classifier), name, r.sha256))
                for kind in held.keys() - now.keys():
                    events.append(
                        told(EventType.METADATA_MODIFICATION, SUCCESS, f"{name}: 不再归入 {item.id} {kind}", sha256=r.sha256)
                    )
                if now or held:
                    placed[r.sha256, r.unit] = {k: p.status for k, p in now.items()}
                    pieces |= {r.sha256} if now else set()
            case WithdrawalRecord() if r.sha256 in pieces:
                view = _Evidence(r.sha256)
                view.add(told, r)
                name = next((n for (sha, _), n in names.items() if sha == r.sha256), r.sha256[:12])
                events += [_renamed(e, name, r.sha256) for e in view.events]
            case DecisionRecord(decision=d):
                decisions[d.id] = d
                target = _meant(d, decisions)
                if target.item == item.id or (not target.item and target.sha256 in pieces):
                    events.append(_decided(told, d))
    return sorted([*events, *_states(o, item)], key=lambda e: e.at)


def _renamed(e: HistoryEvent, name: str, sha: str) -> HistoryEvent:
    return msgspec.structs.replace(e, text=f"{name}: {e.text}", detail={**e.detail, "sha256": sha})


def _states(o: Opened, item: Item) -> Iterator[HistoryEvent]:
    before: dict[str, CellState] = {}
    for _, s in kept_reports.read(o, cycle_reports.of_runs(o, cycle_reports.COVERAGE), Snapshot):
        for kind in item.kinds:
            state, was = s.cells.get(f"{item.id}|{kind}"), before.get(kind.value)
            if state is None or state is was:
                continue
            before[kind.value] = state
            text = f"{kind}: {was.zh} → {state.zh}" if was else f"{kind}: {state.zh}"
            detail = {"item": item.id, "kind": kind.value, "state": state.value}
            seq = int(s.head.partition(":")[0])
            yield HistoryEvent(s.at, EventType.VALIDATION, _STATES[state], text, PROGRAM, s.run, seq, detail)
