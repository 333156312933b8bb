"""夜间简报: what a night brought, short enough for a mail. Names units, paths and numbers; nothing out of a document, no person."""

from __future__ import annotations

from datetime import datetime

import msgspec

from archive_schema.outputs import AuditProblem
from archive_schema.report import CellChange, FormProblem, InboxNote, UnitProgress
from archive_schema.words import CellState


class Delivery(msgspec.Struct, frozen=True):
    """One try to send a digest. ``channel``: smtp or block; ``why``: Chinese, "" when it went out."""

    at: datetime
    channel: str
    ok: bool
    why: str = ""


class AuditResult(msgspec.Struct, frozen=True):
    """The last audit. ``ok`` None = integrity was not looked at. ``texts``: what each problem's code means, Chinese."""

    at: datetime
    depth: str
    ok: bool | None
    problems: tuple[AuditProblem, ...] = ()
    texts: dict[str, str] = {}
    unchecked: int = 0


class NightDigest(msgspec.Struct, frozen=True):
    """``dangan digest --format json``.

    since        the state it is compared with; None = there is none yet, then ``before`` is None too
    secrets      every suspected secret that is still listed, old ones too
    quarantined  stopped since then, secrets apart; ``waiting``: not yet ready when the inbox was last passed over
    came         files that came since then, by unit; ``new`` of them were not known before
    gone         archived files that were taken out of the inbox since then, by unit; they go on counting
    emptied      the inbox holds no archived file any more, though files had come
    dropped      cells that the catalogue had then and has no longer, by the state they had
    reset        what was set otherwise since then, of catalogue, cycle, settings, units
    moved        cells that changed otherwise, ``moved_cells``: which
    in_review    pieces that wait for an archivist, for their placement or a blocking 未检; ``unplaced``: pieces that belong nowhere yet
    offered      pieces placed automatically that the review list shows because a person moved a sibling
    audit        None = none was ever made
    failures     digests before this one that could not be sent
    cautions     what the last pass over the inbox had to do without, Chinese
    forms        what cannot be used of the 提交表 in the inbox
    """

    cycle: str
    city: str
    at: datetime
    since: datetime | None
    head: str | None
    secrets: tuple[InboxNote, ...]
    audit: AuditResult | None
    came: dict[str, int]
    new: int
    quarantined: tuple[InboxNote, ...]
    waiting: tuple[InboxNote, ...]
    unknown_folders: dict[str, str]
    before: dict[CellState, int] | None
    after: dict[CellState, int]
    gained: tuple[CellChange, ...]
    lost: tuple[CellChange, ...]
    moved: int
    in_review: int
    unplaced: int
    units: tuple[UnitProgress, ...]
    failures: tuple[Delivery, ...] = ()
    cautions: tuple[str, ...] = ()
    forms: tuple[FormProblem, ...] = ()
    offered: int = 0
    gone: dict[str, int] = {}
    emptied: bool = False
    dropped: dict[CellState, int] = {}
    reset: tuple[str, ...] = ()
    moved_cells: tuple[CellChange, ...] = ()
    records: int = 0  # in the series up to the head; 0 = not known
