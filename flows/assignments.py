"""What goes back to every unit, read from the one assessed coverage: missing, to mend, returned, in doubt, unchecked, kept out.

A sheet holds the unit's own things. Of other units it names at most who leads a joint item: no file, no person. Document text
stands nowhere, as in every report.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TypeVar

from archive_schema.assignment import (
    Ahead,
    Assignment,
    Assignments,
    ByWhen,
    Doubt,
    Fault,
    KeptOut,
    Mend,
    Returned,
    Role,
    Unread,
    Unresolved,
    Wanted,
)
from archive_schema.coverage import Cell
from archive_schema.decisions import in_force
from archive_schema.evidence import CheckOutcome, Placement
from archive_schema.report import FormProblem, InboxNote
from archive_schema.text import display, natural_key
from archive_schema.words import CellState, EvidenceKind, Outcome, PlacementStatus, RemarkCode, Severity
from flows import last_run, returns, told
from flows.arrivals import arrivals
from flows.coverage import assess_watched, item_units
from flows.parcels import came_in_part
from flows.view import View
from flows.workspace import Opened
from reports import coverage_view

CellKey = tuple[str, EvidenceKind]
_Listed = TypeVar("_Listed", Mend, Returned, Doubt, Unread)
DONE = (CellState.USABLE, CellState.NOT_APPLICABLE)
#: findings that a department can do nothing about (the archive's own business), or that stand elsewhere on the sheet
NOT_THEIRS = frozenset({"RECORD", "ITEM", "UNITGONE", "UNIT", "SUPERSEDED", "RETURNED", "LATE"})
#: what a unit can do about a piece in doubt (本项目默认)
SETTLE = "请核对归类：归对了的不需处理；归错了的，请在文件名前写明编号，或附提交表写明编号和材料类型，重新报送"
PLACE = "看不出用于哪一项。请在文件名前写明编号（如 {example}），或附提交表写明编号和材料类型，重新报送；不是材料的请告知"
#: an 未检 that keeps nothing from counting
NOT_ASKED = "由档案人员查看，本单位不需处理"
_CANDIDATES = 3
#: reasons of a placement that tell of the program's scores: nothing a department could answer
_SCORES = re.compile("得分|比其次的")


def assignments(o: Opened, *, unit: str | None = None, due: date | None = None) -> Assignments:
    """One sheet per unit that answers for an item or sent anything; of ``unit`` alone when it is named.

    Members of a group (各区 …) answer for what the catalogue asks of the group and get a sheet each; a group has one of its own
    only where the units table names no members. A unit that the catalogue names and the table does not know has one, too.

    :param due: by when, where neither the requirement nor the cycle sets a day.
    :raises UsageError: no such unit.
    """
    work = _Work(o, due)
    names = work.names()
    if unit is not None:
        found = o.units.match(unit).unit
        wanted = found.name if found else unit if unit in names else o.units.called(unit)
        members = found.members if found else ()
        names = [wanted] if wanted in names or not members else sorted(members)
    return Assignments(
        sheets=tuple(work.sheet(n) for n in names),
        unresolved=tuple(work.unresolved()) if unit is None else (),
    )


class _Work:
    """What all sheets are made from, gathered once."""

    def __init__(self, o: Opened, due: date | None) -> None:
        self.o, self.due = o, due
        index = o.archive.index
        self.decisions = in_force(index.decisions())
        self.view = View(o, self.decisions)
        self.units_of = item_units(o, self.decisions)
        self.cells: dict[CellKey, Cell] = {(c.item, c.kind): c for c in assess_watched(o, self.view).cells}
        self.unasked = returns.unasked(self.view, self.cells.values())
        self.arrivals = arrivals(o, self.view, self.cells.values())
        self.notes: dict[str, list[InboxNote]] = defaultdict(list)
        self.forms: dict[str, list[FormProblem]] = defaultdict(list)
        last = last_run.load(o)
        for note in last_run.notes(o, last):
            self.notes[note.unit].append(note)
        for form in last_run.to_mend(o, last.forms if last else ()):
            self.forms[form.unit].append(form)
        self.placed: dict[str, list[Placement]] = defaultdict(list)
        self.of_cell: dict[CellKey, set[tuple[str, str]]] = defaultdict(set)
        for p in self.view.placements:
            if self.view.stands(p.sha256, p.unit):
                self.placed[p.unit].append(p)
                self.of_cell[p.item, p.kind].add((p.sha256, p.unit))
        self.homeless = self.view.unplaced()
        aside = [u for u in self.view.unplaced(aside=True) if self.view.stands(u.sha256, u.unit)]
        self.unplaced = [*self.homeless, *aside]
        head = o.archive.head()
        self.head = head.anchor if head else None
        self.records = head.total if head else 0

    # -- whose ---------------------------------------------------------------------------------------------------------

    def names(self) -> list[str]:
        known = self.o.units.by_name
        senders = {*self.placed, *(u.unit for u in self.unplaced), *self.notes, *self.forms} & set(known)
        named = {r for i in self.o.catalogue.material for r in self.units_of[i.id]}
        single = {u.name for u in self.o.units.units if not u.members and self._roles(u.name)}
        return sorted(senders | single | {n for n in named if n not in known})

    def unresolved(self) -> Iterator[Unresolved]:
        folders: dict[str, int] = defaultdict(int)
        for s in self.o.archive.index.sources():
            if s.present and not s.unit_known:
                folders[s.folder] += 1
        for folder in sorted(folders):
            yield Unresolved(folder, folders[folder], self.o.units.match(folder).suggestion)

    def _roles(self, name: str) -> dict[str, Role]:
        """Item → what the unit is for it, of the items under material review; none for a group whose members answer."""
        unit = self.o.units.by_name.get(name)
        if unit is not None and unit.members:
            return {}
        places = ((i.id, self.o.units.answers_for(name, self.units_of[i.id])) for i in self.o.catalogue.material)
        return {item: Role.LEAD if place == 0 else Role.HELP for item, place in places if place is not None}

    # -- one sheet -----------------------------------------------------------------------------------------------------

    def sheet(self, name: str) -> Assignment:
        o = self.o
        unit = o.units.by_name.get(name)
        roles = self._roles(name)
        mine = [c for c in self.cells.values() if roles.get(c.item) is Role.LEAD and c.state is not CellState.NOT_APPLICABLE]
        files = self._files(name)
        return Assignment(
            unit=name,
            cycle=o.cycle.name,
            day=o.today,
            head=self.head,
            records=self.records,
            edition=o.catalogue.head.edition,
            city=o.cycle.city,
            leader=unit.leader if unit else "",
            liaison=unit.liaison if unit else "",
            registered=unit is not None,
            groups=o.units.groups_of(name),
            due=self.due,
            lead_of=sum(r is Role.LEAD for r in roles.values()),
            help_of=sum(r is Role.HELP for r in roles.values()),
            cells=len(mine),
            usable=sum(c.state is CellState.USABLE for c in mine),
            sent=len({p.sha256 for p in self.placed.get(name, ())}) + sum(u.unit == name for u in self.unplaced),
            late=sum(self.arrivals.get(name, {}).values()),
            wanted=tuple(self._wanted(name, roles)),
            mend=tuple(_by_path(self._mend(name, files))),
            returned=tuple(_by_path(self._returned(name, files))),
            doubts=tuple(_by_path(self._doubts(name, files))),
            unread=tuple(_by_path(self._unread(name, files))),
            ahead=tuple(self._ahead(roles)),
            kept_out=tuple(_kept_out(n) for n in self.notes.get(name, ())),
            forms=tuple(self.forms.get(name, ())),
        )

    def _files(self, name: str) -> dict[str, list[Placement]]:
        """Placed evidence of the unit that was not replaced by a newer version, by decision or in its place, where it is asked for."""
        out: dict[str, list[Placement]] = defaultdict(list)
        for p in self.placed.get(name, ()):
            cell = self.cells.get((p.item, p.kind))
            if cell is None or cell.state is not CellState.NOT_APPLICABLE:
                out[p.sha256].append(p)
        return out

    def _wanted(self, name: str, roles: dict[str, Role]) -> Iterator[Wanted]:
        for key, cell in sorted(self.cells.items(), key=lambda c: (natural_key(c[0][0]), list(EvidenceKind).index(c[0][1]))):
            role = roles.get(cell.item)
            if role is None or cell.state in DONE:
                continue
            leads = role is Role.LEAD
            yield Wanted(
                item=cell.item,
                title=self.o.catalogue.by_id[cell.item].standard,
                kind=cell.kind,
                state=cell.state,
                role=role,
                lead=self.units_of[cell.item][0],
                needed=cell.needed,
                usable=cell.usable,
                when=self._when(cell.deadline),
                person=cell.person if leads else "",
                reasons=tuple(r.text for r in cell.reasons if r.code != "OVERDUE"),
                others=sum(unit != name for _, unit in self.of_cell.get(key, ())),
            )

    def _ahead(self, roles: dict[str, Role]) -> Iterator[Ahead]:
        for cell in self.cells.values():
            if roles.get(cell.item) is Role.LEAD:
                title = self.o.catalogue.by_id[cell.item].standard
                for r in cell.remarks:
                    if r.code in (RemarkCode.LEAVING, RemarkCode.REVIEW_DUE):
                        yield Ahead(cell.item, title, cell.kind, r.text)

    def _mend(self, name: str, files: dict[str, list[Placement]]) -> Iterator[Mend]:
        unplaced: dict[str, list[Placement]] = {u.sha256: [] for u in self.unplaced if u.unit == name}
        for sha, placed in {**unplaced, **files}.items():
            failed = [c for c in self._outcomes(name, sha, placed) if c.outcome is Outcome.FAIL and c.code not in NOT_THEIRS]
            faults = dict.fromkeys(self._fault(name, sha, c) for c in failed)
            if faults:
                ordered = sorted(faults, key=lambda f: (f.severity.rank, self.view.catalogue.order.get(f.code, 999), f.text))
                cells = [self.cells[p.item, p.kind] for p in placed if (p.item, p.kind) in self.cells]
                enough = bool(cells) and all(c.state in DONE for c in cells)
                when = ByWhen() if enough else self._soonest(placed)
                yield Mend(self._path(name, sha), _uses(placed), tuple(ordered), when, enough)

    def _returned(self, name: str, files: dict[str, list[Placement]]) -> Iterator[Returned]:
        for sha, d in returns.still_out(self.decisions, name, view=self.view, unasked=self.unasked).items():
            when = self._when(d.due) if d.due else self._soonest(files.get(sha, ()))
            day = d.at.astimezone(self.o.zone).date()
            yield Returned(self._path(name, sha), _uses(files.get(sha, ())), display(d.reason), day, when)

    def _doubts(self, name: str, files: dict[str, list[Placement]]) -> Iterator[Doubt]:
        for sha, placed in files.items():
            waiting = [p for p in placed if p.status is PlacementStatus.IN_REVIEW]
            if waiting:
                why = dict.fromkeys(r for p in waiting for r in p.reasons if not _SCORES.search(r))
                yield Doubt(self._path(name, sha), _uses(waiting), tuple(why), SETTLE, self._soonest(waiting))
        example = next((i.id for i in self.o.catalogue.material), "")
        for u in self.homeless:
            if u.unit == name and not came_in_part(self.view.evidence[u.sha256]):
                guesses = tuple(f"可能是 {c.item}" for c in u.candidates[:_CANDIDATES])
                yield Doubt(u.path, (), guesses, PLACE.format(example=example), self._when(None))

    def _unread(self, name: str, files: dict[str, list[Placement]]) -> Iterator[Unread]:
        for sha, placed in files.items():
            seen: dict[tuple[str, str], Unread] = {}
            for c in self._outcomes(name, sha, placed):
                if c.outcome is Outcome.UNCHECKED:
                    fault = self._fault(name, sha, c)
                    check = self.view.catalogue.get(c.code)
                    holds_up = c.severity is Severity.BLOCKING
                    label = check.name if check else c.code
                    todo = fault.remedy if holds_up else NOT_ASKED
                    seen.setdefault(
                        (c.code, fault.text), Unread(self._path(name, sha), _uses(placed), label, fault.text, todo, holds_up)
                    )
            yield from sorted(seen.values(), key=lambda u: (not u.holds_up, u.name, u.text))

    # -- parts of a sheet ----------------------------------------------------------------------------------------------

    def _outcomes(self, name: str, sha: str, placed: Sequence[Placement]) -> Iterator[CheckOutcome]:
        """Of the file, of the unit's sending it, and of its placements of this unit; what was waived is left out."""
        where = {(p.item, p.kind.value) for p in placed}
        for c in self.view.outcomes[sha]:
            here = not c.item or (c.item, c.kind) in where or (not c.kind and any(c.item == i for i, _ in where))
            if c.unit in ("", name) and here and not c.waived:
                yield c

    def _fault(self, name: str, sha: str, c: CheckOutcome) -> Fault:
        check = self.view.catalogue.get(c.code)
        text = told.without_file(c.text, name, self.view.sources_of(sha)) or (check.short if check else c.code)
        return Fault(c.code, c.severity, text, told.for_unit(self.view.remedy(c, sha)))

    def _path(self, name: str, sha: str) -> str:
        return told.own_path(name, sha, self.view.sources_of(sha))

    def _when(self, day: date | None) -> ByWhen:
        at = day or self.due
        return ByWhen(day=at, own=day is not None, overdue=max(0, (self.o.today - at).days) if at else 0)

    def _soonest(self, placed: Iterable[Placement]) -> ByWhen:
        """The earliest deadline of the requirements that a file is for."""
        cells = (self.cells.get((p.item, p.kind)) for p in placed)
        return self._when(min((c.deadline for c in cells if c is not None and c.deadline is not None), default=None))


def _by_path(found: Iterable[_Listed]) -> list[_Listed]:
    return sorted(found, key=lambda f: (natural_key(f.path[:300]), f.path))


def _uses(placed: Iterable[Placement]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{p.item} {p.kind.value}" for p in placed))


def _kept_out(note: InboxNote) -> KeptOut:
    return KeptOut(note.path, coverage_view.suspected_secret(note), told.for_unit(coverage_view.note_reason(note)))
