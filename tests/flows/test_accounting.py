"""Which files of the inbox are opened again, and what is counted without opening (law 2)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from archive_schema.evidence import Source
from archive_schema.records import EventRecord
from archive_schema.words import Disposition, EventType
from flows.accounting import Tally, container_of, count_known, sort_out
from flows.ingest import _below_closed
from intake.discover import Found
from tests.flows.house import NOW

UNIT, NAME = "市文明办", "a.pdf"
FOUND = Found(UNIT, NAME, Path(NAME), 10, 1_000, UNIT, unit_known=True)
HELD = Source(UNIT, NAME, UNIT, True, "f" * 64, 10, 1_000, NOW)
NOTED = {"folder": UNIT, "path": NAME, "size": 10, "mtime_ns": 1_000, "sha256": "e" * 64, "reason": "不安全"}


def sorted_out(found: Found, *, held: Source | None = None, noted: Mapping[str, Any] | None = None) -> tuple[str, Tally]:
    """What becomes of one file: ``todo``, ``known``, or how it was counted."""
    tally, place = Tally(), (found.folder, found.path)
    notices = {} if noted is None else {place: EventRecord(EventType.QUARANTINE, "x", NOW, "quarantined", "r", dict(noted))}
    todo, known = sort_out({place: found}, {place: held} if held else {}, notices, tally)
    counted = [n for n in ("quarantined", "waiting", "ignored") if getattr(tally, n)]
    [fate] = [*(["todo"] if todo else []), *(["known"] if known else []), *counted]
    return fate, tally


@pytest.mark.parametrize(
    ("now", "fate"), [({}, "known"), ({"size": 11}, "todo"), ({"mtime_ns": 1_001}, "todo"), ({"mtime_ns": 999}, "todo")]
)
def test_a_file_is_opened_again_when_its_size_or_its_time_is_another(now: dict[str, int], fate: str) -> None:
    assert sorted_out(msgspec.structs.replace(FOUND, **now), held=HELD)[0] == fate
    assert sorted_out(FOUND)[0] == "todo"


def test_what_the_walk_keeps_out_is_not_known_though_it_is_as_it_was() -> None:
    over = msgspec.structs.replace(FOUND, disposition=Disposition.QUARANTINED, reason="超过上限")
    assert sorted_out(over, held=HELD)[0] == "todo", "its notice is still to be written"
    assert sorted_out(over, held=HELD, noted=NOTED)[0] == "quarantined"


@pytest.mark.parametrize(
    ("noted", "fate"),
    [
        ({}, "quarantined"),
        ({"size": 11}, "todo"),
        ({"mtime_ns": 1_001}, "todo"),
        ({"sha256": None}, "todo"),  # it could not be read: a permission changes neither size nor time
        ({"gone": True}, "todo"),
    ],
)
def test_what_was_kept_out_is_opened_again_when_anything_about_it_may_be_another(noted: dict[str, Any], fate: str) -> None:
    assert sorted_out(FOUND, noted={**NOTED, **noted})[0] == fate


def test_what_stays_kept_out_is_told_with_its_digest_and_reason() -> None:
    [note] = sorted_out(FOUND, noted=NOTED)[1].notes
    assert (note.sha256, note.reason, note.path) == (NOTED["sha256"], "不安全", NAME)


def member(path: str, of: str) -> Source:
    return msgspec.structs.replace(HELD, path=path, member_of=of * 64)


def test_a_member_belongs_to_the_outermost_file_and_is_counted_with_it() -> None:
    zips = [msgspec.structs.replace(HELD, path=p) for p in ("x.zip", "d!/x.zip", "d")]
    inner = [member("x.zip!/b.zip", "a"), member("x.zip!/b.zip!/c.pdf", "b"), member("d!/x.zip!/e!/c.pdf", "a")]
    held = {(s.folder, s.path): s for s in [*zips, *inner]}
    assert [container_of(s, held) for s in inner] == ["x.zip", "x.zip", "d!/x.zip"]
    for path, members in (("x.zip", 2), ("d!/x.zip", 1), (NAME, 0)):
        tally = Tally()
        count_known([msgspec.structs.replace(FOUND, path=path)], held, tally)
        assert (tally.known, tally.members) == (1, members)


@pytest.mark.parametrize(
    ("closed", "below"),
    [(("", ""), True), ((UNIT, ""), True), ((UNIT, "甲/"), True), ((UNIT, "甲/乙/"), True), ((UNIT, "乙/"), False)],
)
def test_what_lies_below_a_folder_that_cannot_be_opened_is_not_gone(closed: tuple[str, str], below: bool) -> None:
    folder = msgspec.structs.replace(FOUND, folder=closed[0], path=closed[1], disposition=Disposition.QUARANTINED)
    assert _below_closed(UNIT, "甲/乙/a.pdf", {closed: folder}) is below
