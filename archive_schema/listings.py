"""The JSON shapes of what is listed as it is held: the log of decisions, the catalogue, published reasons; and what was judged again."""

from __future__ import annotations

import msgspec

from archive_schema.catalogue import CatalogueHead, Item, Totals
from archive_schema.decisions import Decision
from archive_schema.ladders import Ladder


class LoggedDecision(Decision, frozen=True, kw_only=True):
    """One of ``dangan review log --format json`` (a list, in the order of the acts). ``undone_by``: the undo that took it out.

    ``adrift``: Chinese, what the catalogue of today has made of its standard; "" = it reads as on the day of the act.
    """

    in_force: bool
    undone_by: str | None
    adrift: str = ""


class CatalogueOutput(msgspec.Struct, frozen=True):
    """``dangan catalogue show --format json``."""

    head: CatalogueHead
    items: tuple[Item, ...]
    ladders: tuple[Ladder, ...]


class CatalogueCheckOutput(msgspec.Struct, frozen=True):
    """``dangan catalogue check --format json``. ``totals``: as counted."""

    id: str
    edition: str
    totals: Totals


class ReturnReason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of ``dangan checks reasons --format json``: a published reason for return. ``codes``: the checks that find it; ``rest``: what
    they leave to a person, and why; never empty where ``codes`` is."""

    text: str
    codes: tuple[str, ...]
    rest: str = ""


class ReassessOutput(msgspec.Struct, frozen=True):
    """``dangan reassess --format json``: how many evidences were read, classified and judged again; ``left``: to be read, or to be placed by
    what was decided, in the nights to come. ``digested``: got their SM3, which was not asked for when they came; ``undigested``: lack it still.
    """

    reread: int = 0
    reclassified: int = 0
    judged: int = 0
    left: int = 0
    digested: int = 0
    undigested: int = 0
