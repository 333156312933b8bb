"""Law 1: the state of every requirement, said by one pure function for nightly, report and audit.

A cell's state is the first that holds: a not-applicable decision in force → not_applicable; usable ≥ needed → usable; some
evidence in review, or with a blocking check unchecked → in_review; something placed → unusable; else missing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date

import msgspec

from archive_schema.catalogue import Catalogue
from archive_schema.coverage import Adrift, Assessment, Awaited, Cell, CellCount, Piece, Reason, Watched
from archive_schema.cycle import Cycle
from archive_schema.decisions import Decision, in_force
from archive_schema.evidence import CheckOutcome
from archive_schema.words import WORST_FIRST, CellState, DecisionAction, EvidenceKind, Outcome, PlacementStatus, Severity
from validators import checks, timing
from validators.remarks import Asked, remarks

#: reasons that are no check
SHORT, REVIEW, OVERDUE = "SHORT", "REVIEW", "OVERDUE"
#: the check that a person's return fails
RETURNED = "RETURNED"

CellKey = tuple[str, EvidenceKind]
NotApplicable = Collection[tuple[str, EvidenceKind | None]]


class _Tally(msgspec.Struct, frozen=True):
    """What a cell holds. ``blocked``: (code, outcome) → evidences; ``review`` counts at least so many."""

    usable: int = 0
    review: int = 0
    exact: bool = True
    blocked: dict[tuple[str, Outcome], int] = {}

    @property
    def unchecked(self) -> bool:
        return any(outcome is Outcome.UNCHECKED for _, outcome in self.blocked)


def assess(
    catalogue: Catalogue,
    cycle: Cycle,
    counts: Iterable[CellCount],
    *,
    not_applicable: Iterable[tuple[str, EvidenceKind | None]],
    today: date,
    watched: Watched | None = None,
) -> Assessment:
    """The state of every cell and item of the catalogue.

    :param counts: the index's grouped query; rows of cells that the catalogue does not ask for are passed over.
    :param not_applicable: (item, kind), or (item, None) for every cell of the item.
    :param today: in the configured zone; only for reasons and remarks, never for a state.
    :param watched: for the remarks; None = only those that a deadline gives.
    """
    rows: dict[CellKey, list[CellCount]] = defaultdict(list)
    for row in counts:
        if row.count and row.status is not PlacementStatus.REJECTED:
            rows[row.item, row.kind].append(row)
    tallies = {key: _tally(r) for key, r in rows.items()}
    return _assemble(catalogue, cycle, tallies, set(not_applicable), today, watched)


def _tally(rows: Sequence[CellCount]) -> _Tally:
    """An evidence that several codes block stands in several rows, so of those in review only a least number is known."""
    blocked: Counter[tuple[str, Outcome]] = Counter()
    review: list[int] = []
    free = 0
    for row in rows:
        if row.code:
            blocked[row.code, row.outcome or Outcome.FAIL] += row.count
        if row.status is PlacementStatus.IN_REVIEW:
            if row.code:
                review.append(row.count)
            else:
                free += row.count
    return _Tally(
        usable=sum(r.count for r in rows if r.status.holds and not r.code),
        review=free + max(review, default=0),
        exact=len(review) < 2,
        blocked=dict(blocked),
    )


class PlacedEvidence(msgspec.Struct, frozen=True):
    """One evidence in one cell, for the slow reference. ``outcomes``: those that hold for this placement, of every severity.

    ``arrived``, ``looked``, ``ahead`` and ``replaced`` are those of ``Piece``, as far as this placement goes. ``unit``: whose delivery; nothing is
    assessed by it.
    """

    item: str
    kind: EvidenceKind
    sha256: str
    status: PlacementStatus
    outcomes: tuple[CheckOutcome, ...] = ()
    superseded: bool = False
    withdrawn: bool = False
    arrived: date | None = None
    looked: date | None = None
    ahead: bool | None = None
    replaced: bool = False
    unit: str = ""

    @property
    def counts(self) -> bool:
        return self.status.holds and not self.blocking()

    def blocking(self) -> set[tuple[str, Outcome]]:
        """What keeps it from being usable: (code, outcome). A superseded one has that code alone."""
        if self.superseded:
            return {("SUPERSEDED", Outcome.FAIL)}
        return {
            (o.code, o.outcome)
            for o in self.outcomes
            if o.severity is Severity.BLOCKING and o.outcome is not Outcome.PASS and not o.waived
        }


def assess_slowly(
    catalogue: Catalogue,
    cycle: Cycle,
    placements: Iterable[PlacedEvidence],
    *,
    not_applicable: Iterable[tuple[str, EvidenceKind | None]],
    today: date,
    watched: Watched | None = None,
) -> Assessment:
    """The reference that ``assess`` must agree with: law 1 read over single placements, one at a time.

    The same bytes placed in one cell by several units are one piece: usable when one of the placements is, and then
    nothing that holds up the others counts; else in review when one of them is, and held up by whatever holds up any.

    :param watched: its ``pieces`` are passed over: they are made from the placements.
    """
    cells: dict[CellKey, dict[str, list[PlacedEvidence]]] = defaultdict(lambda: defaultdict(list))
    for p in placements:
        if not p.withdrawn and p.status is not PlacementStatus.REJECTED:
            cells[p.item, p.kind][p.sha256].append(p)
    tallies = {}
    for key, pieces in cells.items():
        usable = review = 0
        blocked: Counter[tuple[str, Outcome]] = Counter()
        for placed in pieces.values():
            if any(p.counts for p in placed):
                usable += 1
                continue
            review += any(p.status is PlacementStatus.IN_REVIEW for p in placed)
            blocked.update(set().union(*(p.blocking() for p in placed)))
        tallies[key] = _Tally(usable=usable, review=review, blocked=dict(blocked))
    if watched is not None:
        single = (_piece(key, sha, placed) for key, of in cells.items() for sha, placed in of.items())
        watched = msgspec.structs.replace(watched, pieces=tuple(single))
    return _assemble(catalogue, cycle, tallies, set(not_applicable), today, watched)


def _piece(key: CellKey, sha256: str, placed: Sequence[PlacedEvidence]) -> Piece:
    """The same bytes placed in one cell by several units as one piece."""
    ahead = [p.ahead for p in placed if p.ahead is not None]
    stand = [p for p in placed if not p.replaced]
    return Piece(
        *key,
        sha256,
        usable=any(p.counts for p in placed),
        arrived=min((p.arrived for p in stand or placed if p.arrived), default=None),
        replaced=not stand,
        looked=max((p.looked for p in placed if p.looked), default=None),
        ahead=any(ahead) if ahead else None,
    )


def needed(item: str, kind: EvidenceKind, catalogue: Catalogue, cycle: Cycle) -> int:
    """How many pieces a cell asks for: the cycle's rule, else the catalogue's 最少件数, else 1 (本项目默认)."""
    rule: int | None = cycle.rule(item, kind, "needed")
    return rule if rule is not None else catalogue.by_id[item].min_count.get(kind, 1)


def _assemble(
    catalogue: Catalogue,
    cycle: Cycle,
    tallies: dict[CellKey, _Tally],
    not_applicable: NotApplicable,
    today: date,
    watched: Watched | None,
) -> Assessment:
    pieces: dict[CellKey, list[Piece]] = defaultdict(list)
    for p in watched.pieces if watched else ():
        pieces[p.item, p.kind].append(p)
    adrift: dict[tuple[str, EvidenceKind | None], list[Adrift]] = defaultdict(list)
    for a in watched.adrift if watched else ():
        if a.standing:
            adrift[a.decision.item, a.decision.kind].append(a)
    cells = tuple(
        _watch(
            _cell(item, kind, catalogue, cycle, tallies.get((item, kind)), not_applicable, today),
            catalogue,
            cycle,
            today,
            watched,
            pieces[item, kind],
            (*adrift[item, None], *adrift[item, kind]),
        )
        for item, kind in catalogue.cells
    )
    states: dict[str, list[CellState]] = {i.id: [] for i in catalogue.material}
    for cell in cells:
        states[cell.item].append(cell.state)
    item_states = {item: worst(of) for item, of in states.items()}
    return Assessment(
        cells=cells,
        item_states=item_states,
        totals=_totals(c.state for c in cells),
        item_totals=_totals(item_states.values()),
    )


def worst(states: Iterable[CellState]) -> CellState:
    """Of the applicable ones; not_applicable when none is."""
    have = set(states)
    return next((s for s in WORST_FIRST if s in have), CellState.NOT_APPLICABLE)


def _totals(states: Iterable[CellState]) -> dict[str, int]:
    counted = Counter(states)
    return {s.value: counted.get(s, 0) for s in CellState}


def _cell(
    item: str,
    kind: EvidenceKind,
    catalogue: Catalogue,
    cycle: Cycle,
    tally: _Tally | None,
    not_applicable: NotApplicable,
    today: date,
) -> Cell:
    want = needed(item, kind, catalogue, cycle)
    deadline = timing.effective_deadline(item, kind, catalogue, cycle)
    rule_person: str | None = cycle.rule(item, kind, "person")
    state = _state(tally, want, applicable=(item, kind) not in not_applicable and (item, None) not in not_applicable)
    if state is CellState.MISSING:
        due = timing.overdue(deadline, today)
        reasons: tuple[Reason, ...] = (Reason(OVERDUE, f"逾期未交(期限 {deadline})"),) if due else ()
    elif state in (CellState.IN_REVIEW, CellState.UNUSABLE) and tally is not None:
        reasons = _reasons(tally, want)
    else:
        reasons = ()
    return Cell(
        item=item,
        kind=kind,
        state=state,
        needed=want,
        usable=tally.usable if tally else 0,
        reasons=reasons,
        deadline=deadline,
        person=rule_person if rule_person is not None else catalogue.by_id[item].person,
    )


def _watch(
    cell: Cell,
    catalogue: Catalogue,
    cycle: Cycle,
    today: date,
    watched: Watched | None,
    pieces: Sequence[Piece],
    adrift: tuple[Adrift, ...],
) -> Cell:
    """The cell with whose it is and what is to be remarked of it."""
    person = cell.person or (watched.persons.get(cell.item, "") if watched else "")
    reviews = [r for k in (cell.kind, None) if (r := watched.reviewed.get((cell.item, k)))] if watched else []
    asked = Asked(
        state=cell.state,
        needed=cell.needed,
        today=today,
        deadline=cell.deadline,
        due_days=cycle.reminders.due_days,
        person=person if watched else None,
        interval=timing.review_interval(cell.item, cell.kind, catalogue, cycle),
        reviewed=max(reviews, default=None),
        horizon=watched.horizon if watched else None,
        pieces=pieces,
        adrift=adrift,
    )
    away = watched.awaited.get((cell.item, cell.kind)) if watched and cell.state is CellState.IN_REVIEW else None
    reasons = _told_of(away, cell.reasons) if away else cell.reasons
    return msgspec.structs.replace(
        cell, person=person, remarks=remarks(asked), reviewed=asked.reviewed, adrift=adrift, reasons=reasons
    )


def _told_of(away: Awaited, reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """Whom the pieces wait for: nobody in the archive decides of what was sent back."""
    told = []
    for r in reasons:
        if r.code == REVIEW and away.replaced and not away.waiting:
            r = Reason(REVIEW, f"待复核的旧件在原处已换成新材料,等新材料合格({away.replaced} 件)", away.replaced)
        elif r.code == REVIEW:
            r = _review(away.waiting)
        elif r.code == RETURNED:
            last = f",{'期限' if len(away.dues) == 1 else '最迟'} {away.dues[-1]}" if away.dues else ""
            out = r.count - away.mended
            said = [f"已退回,等责任单位补正({out} 件{last})"] if out > 0 else []
            said += [f"已退回,责任单位已在原处换成新材料({away.mended} 件)"] if away.mended else []
            r = Reason(RETURNED, ";".join(said), r.count)
        told.append(r)
    return tuple(r for r in told if r.count)


def _review(count: int, *, exact: bool = True) -> Reason:
    return Reason(REVIEW, f"归类待复核({'' if exact else '至少 '}{count} 件)", count)


def _state(tally: _Tally | None, want: int, *, applicable: bool) -> CellState:
    if not applicable:
        return CellState.NOT_APPLICABLE
    if (tally.usable if tally else 0) >= want:
        return CellState.USABLE
    if tally is None:
        return CellState.MISSING
    if tally.review or tally.unchecked:
        return CellState.IN_REVIEW
    return CellState.UNUSABLE


def _reasons(tally: _Tally, want: int) -> tuple[Reason, ...]:
    """SHORT, REVIEW, then the check codes in the catalogue's order, failures before 未检."""
    reasons = []
    if want > 1:
        reasons.append(Reason(SHORT, f"数量不足 {tally.usable}/{want}", want - tally.usable))
    if tally.review:
        reasons.append(_review(tally.review, exact=tally.exact))
    known, order = checks.load().by_code, checks.load().order
    for (code, outcome), count in sorted(tally.blocked.items(), key=lambda b: (b[0][1], order.get(b[0][0], 999), b[0][0])):
        check = known.get(code)
        if outcome is Outcome.UNCHECKED:
            name = f"{check.name if check else code}未检"
        else:
            name = check.short if check else code
        reasons.append(Reason(code, f"{name}({count} 件)", count))
    return tuple(reasons)


def not_applicable_cells(decisions: Iterable[Decision]) -> set[tuple[str, EvidenceKind | None]]:
    """(item, kind) of every not-applicable decision in force; kind None = every cell of the item."""
    return {(d.item, d.kind) for d in in_force(list(decisions)) if d.action is DecisionAction.NOT_APPLICABLE}


def reassigned(decisions: Iterable[Decision]) -> dict[str, str]:
    """item → the unit that leads it by the last reassign decision in force, as it was called then."""
    return {d.item: d.to_unit for d in in_force(list(decisions)) if d.action is DecisionAction.REASSIGN}
