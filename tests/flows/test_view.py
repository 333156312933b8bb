"""What a report gathers from the index: each piece under its own name, with what is said of it, and replaced only by what took its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from archive_schema import catalogue
from archive_schema.evidence import Candidate, CheckOutcome, Evidence, Fact, FormRow, KindGuess, Source
from archive_schema.records import (
    EvidenceRecord,
    FindingRecord,
    PlacementRecord,
    Record,
    SourceRecord,
    SupersedeRecord,
    WithdrawalRecord,
)
from archive_schema.units import from_references
from archive_schema.words import EvidenceKind, Outcome, ReadState, Severity
from flows.view import View, title_of
from storage.apply import apply
from storage.factory import index_url
from storage.index import Index
from tests.flows.house import NOW

UNIT, OTHER = "市文明办", "市教育局"


def source(path: str, digest: str, *, of: str | None = None, **more: Any) -> Source:
    given = {"unit": UNIT, "folder": UNIT} | more
    return Source(
        path=path,
        sha256=digest * 64,
        unit_known=True,
        size=10,
        mtime_ns=1,
        first_seen_at=NOW,
        member_of=of and of * 64,
        **given,
    )


def piece(digest: str, *, auxiliary: bool = False) -> EvidenceRecord:
    return EvidenceRecord(Evidence(digest * 64, 10, "text/plain", "text@1", ReadState.READ, {}, auxiliary=auxiliary), "r")


def unplaced(digest: str, *candidates: str, kind: EvidenceKind | None = None) -> PlacementRecord:
    guess = KindGuess(kind, 0.9) if kind else None
    return PlacementRecord(digest * 64, UNIT, (), tuple(Candidate(c, 0.5) for c in candidates), guess, "c", "r")


@pytest.fixture
def view(tmp_path: Path) -> Iterator[Callable[..., View]]:
    index = Index(index_url("index.sqlite", base=tmp_path))

    def made(*records: Record | Source) -> View:
        with index.database.write() as c:
            apply(c, [SourceRecord(r, "r") if isinstance(r, Source) else r for r in records], first=1)
        o: Any = SimpleNamespace(
            archive=SimpleNamespace(index=index),
            catalogue=catalogue.load("national-2017"),
            units=from_references([UNIT, OTHER]),
        )
        return View(o, [])

    yield made
    index.close()


def test_a_piece_is_called_by_its_title_else_by_the_form_else_by_the_caption() -> None:
    read = {"title": Fact("标题", "标题", None, 1, "m")}
    caption = Fact("广场揭幕", "广场揭幕", None, None, "form")
    row = FormRow("提交表.csv", 2, title="表中所写")
    full = source("a.jpg", "a", form=row, caption=caption)
    assert title_of(read, full) == "标题"
    assert title_of({}, full) == "表中所写"
    assert title_of({}, source("a.jpg", "a", form=FormRow("提交表.csv", 2), caption=caption)) == "广场揭幕"
    assert title_of({}, source("a.jpg", "a")) is title_of({}, None) is None


def test_of_a_file_without_a_place_is_said_what_is_wrong_with_it_and_nothing_of_a_place_or_of_another_unit(view) -> None:
    said = (("OPEN", "", ""), ("RETURNED", UNIT, ""), ("SUPERSEDED", OTHER, ""), ("WINDOW", "", "III18-1"))
    outcomes = tuple(CheckOutcome(c, Outcome.FAIL, Severity.BLOCKING, c, unit, item) for c, unit, item in said)
    sent = [source("a.pdf", "a"), source("b.pdf", "a", unit=OTHER, folder=OTHER)]
    found = view(piece("a"), *sent, FindingRecord("a" * 64, "judge", "1", "s", outcomes, (), "r"))
    assert [f.code for f in found.file_findings("a" * 64, UNIT)] == ["OPEN", "RETURNED"]
    assert [f.code for f in found.file_findings("a" * 64, OTHER)] == ["OPEN", "SUPERSEDED"]


def test_what_has_no_place_is_named_as_the_material_that_it_is(view) -> None:
    """The same bytes lie beside a picture, too, where they only say something about it."""
    beside = [source("a.txt", "a", auxiliary=True), source("b.txt", "a"), source("c.txt", "b", auxiliary=True)]
    found = view(piece("a"), piece("b"), *beside, unplaced("a"), unplaced("b"))
    assert [u.path for u in found.unplaced()] == ["b.txt"]
    assert found.laid_aside(()) == {}


def test_an_item_that_does_not_ask_for_the_kind_is_offered_without_one(view) -> None:
    document, photo = EvidenceKind.DOCUMENT, EvidenceKind.PHOTO
    cells = catalogue.load("national-2017").cells
    both = "III18-1"
    alone = next(i for i, kind in cells if kind is photo and (i, document) not in cells)
    assert (both, document) in cells
    found = view(piece("a"), source("a.pdf", "a"), unplaced("a", both, alone, kind=document))
    [u] = found.unplaced()
    assert [(c.item, c.kind) for c in u.candidates] == [(both, document), (alone, None)]
    kindless = view(piece("b"), source("b.pdf", "b"), unplaced("b", both))
    assert [c.kind for u in kindless.unplaced() if u.path == "b.pdf" for c in u.candidates] == [None]


@pytest.mark.parametrize("outer", [False, True])
def test_an_archive_in_the_place_of_another_takes_that_of_all_that_was_in_it_however_deep(view, outer: bool) -> None:
    held = [source("甲.zip", "1", present=False, auxiliary=True)]
    held += [source("甲.zip!/内.zip", "2", of="1", present=False, auxiliary=True)]
    deep = source("甲.zip!/内.zip!/办法.pdf", "3", of="2", present=False)
    beside = source("乙.zip", "4", auxiliary=True)
    new = [source("甲.zip", "5", auxiliary=True)] if outer else []
    containers = [piece(d, auxiliary=True) for d in "1245"]
    found = view(*containers, piece("3"), *held, deep, beside, *new)
    assert found.corrected("3" * 64, UNIT) is outer
    assert found.stands("3" * 64, UNIT) is not outer


def test_what_waits_for_nobody_is_counted_with_the_reason_and_what_is_out_is_not(view) -> None:
    def failed(digest: str, code: str, unit: str = "") -> FindingRecord:
        return FindingRecord(
            digest * 64, "judge", "1", "s", (CheckOutcome(code, Outcome.FAIL, Severity.BLOCKING, code, unit),), (), "r"
        )

    shas = "123456"
    sources = [source(f"{d}.pdf", d) for d in shas[:-1]] + [source("6.txt", "6", auxiliary=True)]
    acts = [failed("1", "RETURNED"), failed("2", "RETURNED"), failed("3", "SUPERSEDED", UNIT), failed("6", "RETURNED")]
    acts += [failed("4", "SUPERSEDED"), SupersedeRecord("4" * 64, "9" * 64, "d", "r")]
    gone = WithdrawalRecord("5" * 64, "", True, False, "", "d", "r")
    found = view(*map(piece, shas), *sources, *map(unplaced, shas), *acts, gone)
    said = found.laid_aside({("1" * 64, UNIT)})
    assert {sha[0]: why for (sha, _), why in said.items()} == {
        "2": "answered",
        "3": "superseded",
        "4": "superseded",
        "5": "withdrawn",
    }
    assert found.unplaced() == [] and [u.path for u in found.unplaced(aside=True)] == ["1.pdf", "2.pdf", "3.pdf", "4.pdf"]
    assert [found.stands(d * 64, UNIT) for d in shas[:4]] == [True, True, False, False]


def test_a_text_that_only_speaks_of_a_picture_takes_the_place_of_no_material(view) -> None:
    old, other = source("a.txt", "a", present=False), source("b.txt", "b", present=False)
    found = view(*map(piece, "abcd"), old, source("a.txt", "c", auxiliary=True), other, source("b.txt", "d"))
    assert not found.corrected("a" * 64, UNIT) and found.corrected("b" * 64, UNIT)
