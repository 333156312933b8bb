"""交办单: what goes back to one unit, everything it has to do and nothing of another unit. Made in flows, drawn in reports."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import msgspec

from archive_schema.report import FormProblem
from archive_schema.words import CellState, EvidenceKind, Severity


class Role(StrEnum):
    """What a unit is for an item: the one that answers for it, or one that contributes."""

    LEAD = "lead"
    HELP = "help"

    @property
    def zh(self) -> str:
        return {"lead": "牵头", "help": "配合"}[self.value]


class ByWhen(msgspec.Struct, frozen=True):
    """A deadline and whose word it is.

    own      True: set for the requirement or the returned piece; False: the day given for everything without one (``--due``)
    overdue  days since then; 0 = not over, or no day is set
    """

    day: date | None = None
    own: bool = False
    overdue: int = 0


class Wanted(msgspec.Struct, frozen=True):
    """One requirement that is not fulfilled yet.

    person   who answers for it; only told to the unit that leads
    lead     the leading unit, as the catalogue or a 改派 decision has it
    others   pieces that other units sent for it; they are told what is wrong with theirs on sheets of their own
    """

    item: str
    title: str
    kind: EvidenceKind
    state: CellState
    role: Role
    lead: str
    needed: int
    usable: int
    when: ByWhen
    person: str = ""
    reasons: tuple[str, ...] = ()
    others: int = 0


class Fault(msgspec.Struct, frozen=True):
    """What a check says of a file, without the file's name, and how to mend it."""

    code: str
    severity: Severity
    text: str
    remedy: str


class Mend(msgspec.Struct, frozen=True):
    """A file of the unit in which something is to be mended (or only noticed).

    path    as the unit sent it
    uses    the requirements it was placed at, ``III18-1 规范文件``
    enough  every one of them is fulfilled without it
    """

    path: str
    uses: tuple[str, ...]
    faults: tuple[Fault, ...]
    when: ByWhen
    enough: bool = False


class Returned(msgspec.Struct, frozen=True):
    """A file that a person sent back."""

    path: str
    uses: tuple[str, ...]
    reason: str
    on: date
    when: ByWhen


class Doubt(msgspec.Struct, frozen=True):
    """A file that waits for a person, why, and what the unit can do about it."""

    path: str
    uses: tuple[str, ...]
    why: tuple[str, ...]
    todo: str
    when: ByWhen


class Unread(msgspec.Struct, frozen=True):
    """A check that nobody could make on a file: 未检, which is no pass."""

    path: str
    uses: tuple[str, ...]
    name: str
    text: str
    remedy: str
    holds_up: bool  # the file does not count until it is settled


class Ahead(msgspec.Struct, frozen=True):
    """A requirement that is fulfilled today and will not be, or that is to be looked through again. ``text``: complete in itself."""

    item: str
    title: str
    kind: EvidenceKind
    text: str


class KeptOut(msgspec.Struct, frozen=True):
    """A file that did not become material: stopped or still waiting in the inbox."""

    path: str
    secret: bool
    reason: str


class Assignment(msgspec.Struct, frozen=True):
    """One unit's sheet.

    registered  False: the catalogue names the unit, the units table does not know it
    groups      groups that the unit is in and answers through
    cells       requirements that it leads and that apply; ``usable`` of them
    late        pieces that came after the deadline
    forms       what cannot be used of the 提交表 it sent
    """

    unit: str
    cycle: str
    day: date  # in the configured zone; no time, so that the same day and archive give the same sheet
    head: str | None
    edition: str
    city: str = ""
    leader: str = ""
    liaison: str = ""
    registered: bool = True
    groups: tuple[str, ...] = ()
    due: date | None = None
    lead_of: int = 0
    help_of: int = 0
    cells: int = 0
    usable: int = 0
    sent: int = 0
    late: int = 0
    wanted: tuple[Wanted, ...] = ()
    mend: tuple[Mend, ...] = ()
    returned: tuple[Returned, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    unread: tuple[Unread, ...] = ()
    kept_out: tuple[KeptOut, ...] = ()
    ahead: tuple[Ahead, ...] = ()
    forms: tuple[FormProblem, ...] = ()
    records: int = 0  # in the series up to the head; 0 = not known

    @property
    def leading(self) -> tuple[Wanted, ...]:
        return tuple(w for w in self.wanted if w.role is Role.LEAD)

    @property
    def helping(self) -> tuple[Wanted, ...]:
        return tuple(w for w in self.wanted if w.role is Role.HELP)

    @property
    def to_mend(self) -> tuple[Mend, ...]:
        """Files with more than a notice."""
        return tuple(m for m in self.mend if any(f.severity is not Severity.NOTICE for f in m.faults))

    @property
    def notices(self) -> int:
        """Notices of all files; none asks for anything."""
        return sum(f.severity is Severity.NOTICE for m in self.mend for f in m.faults)

    @property
    def to_settle(self) -> tuple[Unread, ...]:
        """未检 that keeps a file from counting; what else is 未检 the archivists look at."""
        return tuple(u for u in self.unread if u.holds_up)

    @property
    def overdue(self) -> int:
        """Requirements it leads, and returned pieces, whose day has passed."""
        return sum(bool(w.when.overdue) for w in self.leading) + sum(bool(r.when.overdue) for r in self.returned)

    @property
    def done(self) -> bool:
        """全部齐备: nothing to hand in, to mend or to explain; what lies ahead does not count."""
        mine = (self.wanted, self.to_mend, self.returned, self.doubts, self.to_settle, self.kept_out, self.forms)
        return not any(mine)


class Unresolved(msgspec.Struct, frozen=True):
    """A folder of the inbox that is no unit's: nobody can be told about its files."""

    folder: str
    files: int
    suggestion: str


class Assignments(msgspec.Struct, frozen=True):
    """All sheets, in order of the units, and what could not be put on any."""

    sheets: tuple[Assignment, ...]
    unresolved: tuple[Unresolved, ...] = ()
