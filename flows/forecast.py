"""What an inspection on a given day would find of what is held today: which material has left its window, and what is then uncovered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from archive_schema.coverage import Cell
from archive_schema.decisions import in_force
from archive_schema.errors import UsageError
from archive_schema.evidence import Placement
from archive_schema.forecast import ForecastCell, ForecastOutput, ForecastPiece, ForecastUnit, ForecastWindow
from archive_schema.text import natural_key
from archive_schema.words import CellState, EvidenceKind
from flows import watching
from flows.coverage import item_units
from flows.view import View, title_of
from flows.workspace import Opened
from validators import ahead, checks, periods
from validators.ahead import Standing
from validators.assess import PlacedEvidence, assess_slowly, not_applicable_cells
from validators.judge import with_attested

Key = tuple[str, EvidenceKind, str, str]  # item, kind, SHA-256, unit


def forecast(o: Opened, on: date, *, unit: str | None = None) -> ForecastOutput:
    """Judge every piece again under the windows of ``on``, and assess with what then counts.

    What has not arrived yet is not guessed at, nor what people will decide. Deadlines and persons are those of coverage.

    :param unit: only items that this unit answers for.
    :raises UsageError: no such unit; a day out of reach.
    """
    if not 2000 <= on.year <= 2199:
        raise UsageError(
            f"{on} is out of reach", zh=f"检查日期 {on} 不合理", code="forecast.date", hint="应在 2000 至 2199 年间"
        )
    decisions = in_force(o.archive.index.decisions())
    units_of = item_units(o, decisions)
    name = o.units.called(unit) if unit is not None else None
    shown = {i.id for i in o.catalogue.material if name is None or o.units.answers_for(name, units_of[i.id]) is not None}
    held = watching.standings(o, decisions, View(o, decisions))
    rules, cycle = checks.load().under(o.settings), o.cycle.on(on)
    now: list[PlacedEvidence] = []
    then: list[PlacedEvidence] = []
    for s in held:
        now += ahead.placed(s)
        then += ahead.placed(s, ahead.outcomes_on(s, catalogue=o.catalogue, cycle=cycle, rules=rules))
    exempt = not_applicable_cells(decisions)
    before = assess_slowly(o.catalogue, o.cycle, now, not_applicable=exempt, today=o.today)
    after = assess_slowly(o.catalogue, cycle, then, not_applicable=exempt, today=on)
    pieces = _Pieces(o, held, _counting(now), _counting(then))
    persons = {item: watching.person_of(o.units, units[0]) for item, units in units_of.items() if units}
    cells = [
        _cell(o, was, will, pieces, units_of, was.person or persons.get(was.item, ""))
        for was, will in zip(before.cells, after.cells, strict=True)
        if was.item in shown
    ]
    head = o.archive.head()
    return ForecastOutput(
        cycle=o.cycle.name,
        generated_at=o.now(),
        head=head.anchor if head else None,
        on=on,
        today=o.today,
        rolls=o.cycle.rolls,
        windows={
            k: ForecastWindow(w.start, w.end, str(r) if (r := o.cycle.rolling.get(k)) else None)
            for k, w in cycle.windows.items()
        },
        totals_now=_count([c.state_now for c in cells]),
        totals_then=_count([c.state_then for c in cells]),
        item_totals_now=_count([s for i, s in before.item_states.items() if i in shown]),
        item_totals_then=_count([s for i, s in after.item_states.items() if i in shown]),
        cells=cells,
        units=_units(cells),
        records=head.total if head else 0,
    )


def _counting(placed: Sequence[PlacedEvidence]) -> set[Key]:
    return {(p.item, p.kind, p.sha256, p.unit) for p in placed if p.counts}


class _Pieces:
    """Pieces per cell, told apart by whether they count now and then: the same bytes are one, of the unit by whose delivery they do."""

    def __init__(self, o: Opened, held: Sequence[Standing], now: set[Key], then: set[Key]) -> None:
        self._o, self._now, self._then = o, now, then
        self._by_cell: dict[tuple[str, EvidenceKind], list[tuple[Standing, list[Placement]]]] = defaultdict(list)
        for s in held:
            of: dict[tuple[str, EvidenceKind], list[Placement]] = defaultdict(list)
            for p in sorted(s.placements, key=lambda p: p.unit):
                if s.counts(p):
                    of[p.item, p.kind].append(p)
            for cell, placements in of.items():
                if s.superseded_by is None:
                    self._by_cell[cell].append((s, placements))

    def of(self, item: str, kind: EvidenceKind) -> tuple[list[ForecastPiece], list[ForecastPiece], list[ForecastPiece]]:
        """Those that leave, that enter, and the deliveries without a date."""
        leaves, enters, undated = [], [], []
        for s, placements in self._by_cell[item, kind]:
            was = next((p for p in placements if _key(p) in self._now), None)
            will = next((p for p in placements if _key(p) in self._then), None)
            if was and not will:
                leaves.append(self._told(s, was))
            elif will and not was:
                enters.append(self._told(s, will))
            undated += [piece for p in placements if (piece := self._told(s, p)).period is None]
        return sorted(leaves, key=_order), sorted(enters, key=_order), sorted(undated, key=_order)

    def _told(self, s: Standing, p: Placement) -> ForecastPiece:
        sources = sorted((x for x in s.sources if x.unit == p.unit), key=lambda x: (not x.present, natural_key(x.path)))
        source = sources[0] if sources else None
        dated = ahead.speaks_for(s, p, self._o.catalogue)
        moves = self._o.cycle.moves(p.item, p.kind)
        return ForecastPiece(
            sha256=p.sha256,
            unit=p.unit,
            path=source.path if source else "",
            title=title_of(with_attested(s.evidence.facts, s.decisions, p.unit), source),
            period=periods.show(dated.period) if dated else None,
            fact=dated.name if dated else "",
            leaves_on=moves.leaves(dated.period.end) if dated and moves else None,
            counts=_key(p) in self._then,
        )


def _key(p: Placement) -> Key:
    return p.item, p.kind, p.sha256, p.unit


def _order(p: ForecastPiece) -> tuple[object, ...]:
    return p.unit, natural_key(p.path), p.sha256


def _cell(o: Opened, was: Cell, will: Cell, pieces: _Pieces, units_of: Mapping[str, list[str]], person: str) -> ForecastCell:
    leaves, enters, undated = pieces.of(was.item, was.kind)
    return ForecastCell(
        item=was.item,
        title=o.catalogue.by_id[was.item].standard,
        kind=was.kind,
        units=units_of[was.item],
        person=person,
        needed=was.needed,
        usable_now=was.usable,
        usable_then=will.usable,
        state_now=was.state,
        state_then=will.state,
        leaves=leaves,
        enters=enters,
        undated=undated,
    )


def _units(cells: Sequence[ForecastCell]) -> list[ForecastUnit]:
    """By lead unit, those that lose most first."""
    led: dict[str, list[ForecastCell]] = defaultdict(list)
    for c in cells:
        led[c.units[0] if c.units else ""].append(c)
    found = [
        ForecastUnit(
            name=name,
            lost=sum(c.lost for c in of),
            leaves=sum(len(c.leaves) for c in of),
            enters=sum(len(c.enters) for c in of),
            undated=sum(len(c.undated) for c in of),
            totals_then=_count([c.state_then for c in of]),
        )
        for name, of in led.items()
    ]
    return sorted(found, key=lambda u: (-u.lost, -u.leaves, u.name))


def _count(states: Sequence[CellState]) -> dict[CellState, int]:
    return {s: sum(x is s for x in states) for s in CellState}
