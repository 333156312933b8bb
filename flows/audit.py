"""Is everything there, unaltered, complete? Changes no object, segment, head or decision; writes only its own report.

========  ==============================================================================================================
depth     what is looked at
========  ==============================================================================================================
fast      index, manifest series, head and count, object listing agree; the state of every requirement by the index
complete  + every object's size and metadata, every row of the index against the series, every decision traceable, every
          requirement assessed anew from the series alone
full      + every byte compared with its name, every file opened again, virus scan when ClamAV is there
========  ==============================================================================================================

A nightly audit is a fast one that also looks at a share of the objects as a full one would (轮查).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from archive_schema.audit import AuditReport, AuditStep, Draw, Verified
from archive_schema.errors import DanganError, UsageError
from archive_schema.outputs import AuditCompleteness, AuditOutput, AuditProblem
from archive_schema.signature import PublicKey
from archive_schema.words import CellState
from flows import audit_reports, audit_signatures, audit_versions, destroy, second_digest, signing
from flows.adrift import adrift
from flows.adrift import shown as adrift_shown
from flows.audit_series import Inspected, inspect
from flows.coverage import assess_now
from flows.grades import grades_now, item_totals
from flows.scratch import scratch
from flows.workspace import Opened
from storage import sweep
from validators import audit as checks
from validators import rounds
from validators.assess import assess, not_applicable_cells
from validators.audit import Step

#: what ``only`` leaves out
LEFT_OUT = {"integrity": "齐全性这次没有审", "completeness": "完整性这次没有审: 清单、签名和字节都没有核对"}
NO_ANCHOR = "无外部锚点: 整个清单连同清单之首和索引一起被换回旧版时,这里查不出;请用 --expect 段号:摘要 核对"
ROWS = "快速审计: 没有逐行核对索引与清单,没有逐件核对元数据,没有追溯审核意见"
BYTES = "没有逐个重算字节的摘要值"
OPENING = "没有重新打开文件,没有查毒"
DERIVED = "读出的文字和表格(derived/)没有与由原件重新读出的比对: 夜间轮查逐批进行"
UNREPLAYED = "清单有误,无法由清单重演: 索引没有与清单逐行核对"
BY_INDEX = "清单有误,无法由清单重演: 齐全情况按索引所记"


@dataclass(kw_only=True)
class _Audit:
    """One audit under way."""

    o: Opened
    depth: str
    opening: bool
    share: tuple[str, ...] | None  # None = by depth
    trusted: tuple[PublicKey, ...]
    before: AuditReport | None
    at: datetime
    problems: list[AuditProblem] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    steps: list[AuditStep] = field(default_factory=list)
    did: set[Step] = field(default_factory=set)
    grades: dict[str, int] = field(default_factory=dict)

    @property
    def deep(self) -> bool:
        return self.depth != "fast"

    @property
    def groups(self) -> Collection[str] | None:
        """Groups whose bytes are compared; None = all."""
        return None if self.depth == "full" else self.share or ()

    @property
    def keys(self) -> frozenset[str]:
        """Objects that an audit before found fault with: looked at whatever the groups, and by their readers."""
        return rounds.suspects(self.before) if self.share is not None or self.depth == "full" else frozenset()


def audit(
    o: Opened,
    *,
    depth: str = "fast",
    opening: bool = True,
    only: str | None = None,
    expect: str | None = None,
    draw: int = 0,
    seed: int | None = None,
    share: tuple[str, ...] | None = None,
    trusted: tuple[PublicKey, ...] | None = None,
    unkept: Callable[[DanganError], None] | None = None,
) -> AuditReport:
    """Audit; the report is also kept as ``reports/audit/<time>.json``.

    :param depth: ``fast``, ``complete`` or ``full``.
    :param opening: False: at depth full, and of a share, only the bytes are compared.
    :param only: ``integrity`` or ``completeness``; None = both.
    :param expect: ``SEQ:DIGEST`` noted down outside, the anchor against a rolled-back series; the digest may be cut short.
    :param draw: items to draw at random. :param seed: None = by chance; it is in the report.
    :param share: groups of objects to look at as depth full would, at a lower depth.
    :param trusted: whose signatures count; None = as ``dangan.toml`` says.
    :param unkept: told why the store would not take the report, which then is only given back; None = that is raised.
    :raises UsageError: ``expect`` is no anchor, or would not be looked at. :raises UnavailableError: store or index stopped answering.
    """
    if expect is not None and not checks.ANCHOR.fullmatch(expect):
        raise UsageError(
            f"not an anchor: {expect}",
            zh=f"“{expect}”不是清单之首",
            code="audit.expect",
            hint=f"应为 段号:摘要(数字、冒号、64 位摘要值,至少抄前 {checks.LEAST_DIGITS} 位),见报告页首或 dangan manifest --digest",
        )
    if only == "completeness" and expect is not None:
        raise UsageError(
            "an anchor is compared by integrity only",
            zh="只审齐全性时不核对清单之首",
            code="audit.expect",
            hint="去掉 --only completeness,或不写 --expect",
        )
    trusted = signing.trusted(o.workspace) if trusted is None else trusted
    before = audit_reports.last(o)
    a = _Audit(o=o, depth=depth, opening=opening, share=share, before=before, at=o.now(), trusted=trusted)
    with ExitStack() as stack:
        folder = stack.enter_context(scratch(o.workspace))
        series = None
        if only != "completeness" or a.deep:
            series = stack.enter_context(inspect(o, replay_in=folder if a.deep else None, expect=expect))
        integrity = None
        if only != "completeness":
            assert series is not None
            _integrity(a, series, folder, expect)
            integrity = checks.integrity(a.problems)
        completeness = _completeness(a, series) if only != "integrity" else None
        a.unchecked += [LEFT_OUT[only]] if only else []
        head = series.head if series else o.archive.head()
    report = AuditReport(
        cycle=o.archive.cycle,
        at=a.at,
        output=AuditOutput(
            head=head.anchor if head else None,
            depth=depth,
            integrity=integrity,
            completeness=completeness,
            unchecked=a.unchecked,
        ),
        steps=tuple(a.steps),
        difference=rounds.difference(before, a.problems, _looked(a), complete=completeness is not None),
        draw=_draw(o, draw, seed) if draw else None,
        verified=_verified(a),
        grades=a.grades,
        share=share,
        records=head.total if head else 0,
    )
    report = _with_unseen(report)
    try:
        audit_reports.keep(o, report)
    except DanganError as e:
        if unkept is None:
            raise
        unkept(e)  # hours of reading are not lost for the last write
    return report


def nightly(o: Opened) -> AuditReport:
    """The fast audit with tonight's share: every object's bytes are compared within ``[audit] verify_days`` of ``cycle.toml``."""
    report = audit_reports.last(o)
    began = audit_reports.began(o) or o.now()
    share = rounds.due(
        sweep.GROUPS,
        rounds.when_verified(report),
        began=began,
        now=o.now(),
        days=o.settings.audit.verify_days,
    )
    return audit(o, share=share)


def _integrity(a: _Audit, series: Inspected, folder: Path, expect: str | None) -> None:
    o = a.o
    a.did.add(Step.FAST)
    a.problems += series.problems
    if expect is None:
        a.unchecked.append(NO_ANCHOR)
    else:
        a.did.add(Step.ANCHOR)
        a.unchecked += checks.beyond_anchor(expect, series.problems)
    if not a.deep:
        a.unchecked.append(ROWS)
    elif series.replay is None:
        a.unchecked.append(UNREPLAYED)
    else:
        a.did.add(Step.COMPLETE)
    signed = audit_signatures.check(o, series.head, series.signed, series.segments, trusted=a.trusted, deep=a.deep)
    a.problems += signed.problems
    a.unchecked += signed.unchecked
    a.steps += signed.steps
    _objects(a, folder)
    if a.deep:
        unlocked, unlooked = audit_versions.locks(o)
        a.problems += unlocked
        a.unchecked += [unlooked] if unlooked else []
    destroyed = destroy.gone(o)
    if destroyed:
        a.steps.append(AuditStep("依决定销毁,字节不再存在", len(destroyed), 0, 0.0))
        cut_off, unlisted = audit_versions.uploads(o, destroyed)
        a.problems += cut_off + audit_versions.beside(o, destroyed)
        a.unchecked += [unlisted] if unlisted else []


def _objects(a: _Audit, folder: Path) -> None:
    """Metadata, bytes, opening: as far as the depth and the share go."""
    o, bytes_of = a.o, a.groups
    wrong: set[str] = set()
    if a.deep or bytes_of or a.keys:
        whole = bytes_of is None
        sm3s, unattested = second_digest.expected(o)
        a.unchecked += unattested
        swept = sweep.sweep(
            o.archive.store,
            groups=None if a.deep else sorted(bytes_of or ()),
            also=a.keys,
            digests=whole or not a.deep,
            sm3s=sm3s,
        )
        if whole or not a.deep:
            a.did.add(Step.BYTES)
        a.steps.append(
            AuditStep("逐字节核对" if Step.BYTES in a.did else "逐件核对元数据", swept.objects, swept.size, swept.seconds)
        )
        for w in swept.wrong:
            wrong.add(w.key)
            if w.what in ("digest", "sm3"):
                a.problems.append(checks.problem(f"object.{w.what}", w.key, w.expected, w.found))
            else:
                found = f"{w.found} 字节" if w.found is not None else None
                a.problems.append(checks.problem("object.stat", w.key, f"{w.expected} 字节", found))
    if Step.BYTES not in a.did:
        a.unchecked += [f"{BYTES};{OPENING}", DERIVED]
        return
    if bytes_of is not None:
        a.unchecked.append(_rest(a))
    if not a.opening:
        a.unchecked += [OPENING, DERIVED]
        return
    from flows import reopening

    again = reopening.reopen(
        o,
        sweep.GROUPS if bytes_of is None else bytes_of,
        a.keys,
        facts=a.share is not None,
        leave_out=wrong,
        scratch=folder,
    )
    a.problems += again.problems
    a.unchecked += again.unchecked
    a.steps += again.steps
    a.did.add(Step.OPENING)
    if a.share is not None:
        a.did.add(Step.FACTS)
    if again.scanned:
        a.did.add(Step.VIRUS)


def _draw(o: Opened, number: int, seed: int | None) -> Draw:
    from flows import drawing

    return drawing.drawn(o, number, random.SystemRandom().randrange(10**6) if seed is None else seed)


def _rest(a: _Audit) -> str:
    n = len(a.share or ())
    oldest = min(rounds.when_verified(a.before).values(), default=None)
    since = f",最久的一组核对于 {oldest.astimezone(a.o.zone):%Y-%m-%d}" if oldest else ",其余各组还没有轮到"
    days = a.o.settings.audit.verify_days
    return f"轮查: 这次逐字节核对了 {len(sweep.GROUPS)} 组中的 {n} 组{since};{days} 天内全部轮到一遍"


def _completeness(a: _Audit, series: Inspected | None) -> AuditCompleteness:
    """The state of every requirement: by the index, at depth complete by the series alone."""
    o = a.o
    index = o.archive.index
    if series is not None and series.replay is not None:
        index = series.replay.index
        now = assess(
            o.catalogue,
            o.cycle,
            index.cell_counts(),
            not_applicable=not_applicable_cells(index.decisions()),
            today=o.today,
        )
    else:
        now = assess_now(o)
        if a.deep:
            a.unchecked.append(BY_INDEX)
    a.grades = item_totals(grades_now(o, now, index=index).items)
    done = (CellState.USABLE, CellState.NOT_APPLICABLE)
    totals = {CellState(k): v for k, v in now.totals.items()}
    unsettled = adrift_shown(adrift(o, o.catalogue, index))
    return AuditCompleteness(ok=all(c.state in done for c in now.cells), totals=totals, adrift=unsettled or msgspec.UNSET)


def _looked(a: _Audit) -> rounds.Looked:
    groups = a.groups
    return rounds.Looked(frozenset(a.did), None if groups is None else frozenset(groups), a.keys)


def _verified(a: _Audit) -> tuple[Verified, ...]:
    when = rounds.when_verified(a.before)
    if Step.BYTES in a.did:
        when |= dict.fromkeys(sweep.GROUPS if a.groups is None else a.groups, a.at)
    return rounds.remembered(when)


def _with_unseen(report: AuditReport) -> AuditReport:
    """What the audit before found and this one did not look at is said among the unchecked."""
    unseen = report.difference.unseen if report.difference else ()
    if not unseen:
        return report
    named = "、".join(f"“{p.code} {p.key}”" for p in unseen[:5]) + ("等" if len(unseen) > 5 else "")
    line = f"先前审计发现的 {len(unseen)} 个问题这次没有再看: {named}"
    output = msgspec.structs.replace(report.output, unchecked=[*report.output.unchecked, line])
    return msgspec.structs.replace(report, output=output)
