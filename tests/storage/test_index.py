"""What the index answers, on SQLite and on PostgreSQL."""

from __future__ import annotations

import random
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, inspect
from sqlalchemy.engine.interfaces import CacheStats

from archive_schema.coverage import CellCount
from archive_schema.decisions import Decision
from archive_schema.errors import UsageError
from archive_schema.evidence import Candidate, KindGuess
from archive_schema.records import (
    CatalogueRecord,
    CycleRecord,
    DecisionRecord,
    EventRecord,
    EvidenceRecord,
    Head,
    PlacementRecord,
    Record,
    SettingsRecord,
    SourceRecord,
    SupersedeRecord,
    UnitsRecord,
    WithdrawalRecord,
)
from archive_schema.words import DecisionAction, EventType, EvidenceKind, Outcome, PlacementStatus, Severity
from intake import names as at
from storage import index as rows
from storage import tables
from storage.counts import PlacementRow
from storage.index import Index
from tests.storage import make
from tests.storage.make import NOW, judged, outcome, placed, placement, sha, source

NewIndex = Callable[[], Index]


def hold(index: Index, *records: Record) -> None:
    """Hold records as if a segment had brought them."""
    before = index.head()
    head = Head(before.seq + 1 if before else 1, (before.total if before else 0) + len(records), "", "", index.id)
    with index.database.write() as c:
        rows.hold(c, records, head, count=len(records))


def withdraw(name: str, unit: str = "", *, in_force: bool = True, destroyed: bool = False) -> WithdrawalRecord:
    return WithdrawalRecord(sha(name), unit, in_force, destroyed, "依据", "d1", "r1")


def test_a_source_is_known_by_where_it_lies_and_the_latest_counts(new_index: NewIndex) -> None:
    index = new_index()
    hold(index, SourceRecord(source("old", path="子/一.pdf"), "r1"), SourceRecord(source("other"), "r1"))
    hold(index, SourceRecord(source("new", path="子/一.pdf"), "r2"), SourceRecord(source("other", present=False), "r2"))
    known = index.known()
    assert set(known) == {("市教育局", "子/一.pdf"), ("市教育局", "other.txt")}
    latest = known["市教育局", "子/一.pdf"]
    assert (latest.sha256, latest.size, latest.mtime_ns, latest.present) == (sha("new"), 3, 1_700_000_000_123_456_789, True)
    assert known["市教育局", "other.txt"].present is False
    assert len(list(index.sources())) == 3, "what lay there before is still a source"
    hold(index, SourceRecord(source("old", path="子/一.pdf"), "r3"))
    assert index.known()["市教育局", "子/一.pdf"].sha256 == sha("old"), "sent again"


def test_the_longest_place_of_a_file_fits_into_every_index(new_index: NewIndex) -> None:
    index, some = new_index(), random.Random(1)
    folder, path, member = ("".join(chr(some.randrange(0x4E00, 0x9FA5)) for _ in range(n)) for n in (80, 1_300, 20_000))
    folder += "".join(f"%{some.randrange(0x80, 0x100):02X}" for _ in range(170))  # as bytes that are no text are shown
    kept = at.of_file(folder, path)
    inner = at.of_member(folder, kept, member)
    places = [kept, inner, at.of_member(folder, inner, f"{member}.jpg")]
    hold(index, *(SourceRecord(source(str(n), unit=folder, path=p), "r1") for n, p in enumerate(places)))
    assert {p for _, p in index.known()} == set(places)


def test_what_is_staged_is_not_known(new_index: NewIndex) -> None:
    index = new_index()
    with index.database.write() as c:
        rows.stage(c, "r1", [b"{}", b"{}"])
    assert index.staged() == 2
    assert not index.known()
    assert set(index.counts().values()) == {0}


def test_a_record_replaces_what_was_held_under_its_key(new_index: NewIndex) -> None:
    index = new_index()
    hold(
        index,
        placed("a", placement("a", "I1"), placement("a", "I2")),
        placed("a", placement("a", "I9", unit="乙"), unit="乙"),
        judged("a", outcome("ONE"), outcome("TWO"), passed=["P"]),
        judged("a", outcome("GX"), origin="validation", passed=["Q"]),
    )
    hold(index, placed("a", placement("a", "I3")), judged("a", outcome("THREE"), passed=["R"]))
    assert [p.item for p in index.placements()] == ["I9", "I3"]
    assert {o.code for _, o in index.outcomes()} == {"THREE", "GX"}
    assert index.passed(sha("a")) == {"Q", "R"}
    assert index.judged() == {sha("a"): ("checks@1", sha("settings"))}
    assert {c.item for c in index.cell_counts()} == {"I3", "I9"}
    hold(index, placed("a"))
    assert [p.item for p in index.placements()] == ["I9"]


def test_of_two_records_with_one_key_in_one_batch_the_last_counts(new_index: NewIndex) -> None:
    index = new_index()
    hold(
        index,
        placed("a", placement("a", "I1")),
        placed("a", placement("a", "I2")),
        withdraw("a"),
        withdraw("a", in_force=False),
    )
    assert [p.item for p in index.placements()] == ["I2"]
    assert index.withdrawn() == set()


def test_a_proposal_keeps_candidates_kind_and_classifier(new_index: NewIndex) -> None:
    index = new_index()
    kind = KindGuess(EvidenceKind.PHOTO, 0.5, ("像",))
    candidates = (Candidate("I1", 0.3, ("词",)), Candidate("I2", None))
    hold(index, PlacementRecord(sha("a"), "甲", (), candidates, kind, "rules@3/abc", "r1"))
    (proposal,) = index.proposals([sha("a")])
    assert (proposal.kind, proposal.candidates, proposal.classifier, proposal.placements) == (
        kind,
        candidates,
        "rules@3/abc",
        (),
    )


def test_queries_stream_in_order_and_answer_for_the_named_only(new_index: NewIndex) -> None:
    index = new_index()
    names = [f"n{i}" for i in range(1203)]
    hold(index, *(EvidenceRecord(make.evidence(n), "r1") for n in names))
    everything = [e.sha256 for e in index.evidence()]
    assert everything == sorted(sha(n) for n in names)
    assert [e.sha256 for e in index.evidence(reversed(everything))] == everything
    assert [e.sha256 for e in index.evidence([sha("n1"), sha("n1"), sha("unknown")])] == [sha("n1")]
    assert list(index.evidence([])) == []


def test_decisions_come_in_the_order_of_the_series(new_index: NewIndex) -> None:
    index = new_index()
    made = [Decision(name, DecisionAction.ACCEPT, "王五", NOW, "看过", sha256=sha("a")) for name in ("z", "a", "m")]
    for d in made:
        hold(index, DecisionRecord(d, "r1"))
    assert index.decisions() == made


def test_a_supersession_and_a_withdrawal_may_be_lifted(new_index: NewIndex) -> None:
    index = new_index()
    hold(
        index,
        SupersedeRecord(sha("a"), sha("b"), "d1", "r1"),
        withdraw("a"),
        withdraw("b", "甲"),
        withdraw("c", destroyed=True),
    )
    assert index.superseded() == {sha("a"): sha("b")}
    assert index.withdrawn() == {(sha("a"), ""), (sha("b"), "甲"), (sha("c"), "")}
    assert index.destroyed() == {sha("c")}
    hold(index, SupersedeRecord(sha("a"), None, "d2", "r2"), withdraw("b", "甲", in_force=False))
    assert index.superseded() == {}
    assert index.withdrawn() == {(sha("a"), ""), (sha("c"), "")}


def test_a_quarantine_notice_holds_until_it_is_lifted(new_index: NewIndex) -> None:
    index = new_index()

    def notice(path: str, result: str, code: str = "BOMB") -> EventRecord:
        detail = {"folder": "甲", "path": path, "size": 3, "mtime_ns": 1, "sha256": None, "reason": "超限", "code": code}
        return EventRecord(EventType.QUARANTINE, f"甲/{path}", NOW, result, "r1", detail)

    hold(index, notice("a", "quarantined"), notice("b", "quarantined"), notice("a", "quarantined", "SECRET"))
    assert {k: e.detail["code"] for k, e in index.quarantined().items()} == {("甲", "a"): "SECRET", ("甲", "b"): "BOMB"}
    hold(index, notice("a", "lifted"))
    assert set(index.quarantined()) == {("甲", "b")}


def test_what_came_behind_a_position_is_what_was_first_recorded_there(new_index: NewIndex) -> None:
    index = new_index()
    one, two, three, gone = source("a"), source("b"), source("a", path="c.txt"), source("a", present=False)
    hold(index, SourceRecord(one, "r1"), SourceRecord(two, "r1"))
    hold(index, SourceRecord(gone, "r2"), SourceRecord(three, "r2"), SourceRecord(three, "r2"))
    assert index.arrived(0) == [gone, two, three]
    assert index.arrived(1) == [two, three] and index.arrived(2) == [three] and index.arrived(4) == []
    assert index.known_by([sha("a"), sha("b"), sha("z")], 1) == {sha("a")}


def test_events_about_runs_are_kept_and_those_about_files_stay_in_the_series(new_index: NewIndex) -> None:
    index = new_index()
    run = EventRecord(EventType.VALIDATION, "r1", NOW, "success", "r1", {"found": 3})
    hold(index, EventRecord(EventType.INGESTION, sha("a"), NOW, "success", "r1"), run)
    assert index.run_events() == [run]


def test_the_objects_in_force_are_the_last_recorded(new_index: NewIndex) -> None:
    index = new_index()
    assert index.config() == {}
    hold(index, CycleRecord("1", "r"), CatalogueRecord("2", "2017", "r"), SettingsRecord("3", "r"), UnitsRecord("4", "r"))
    hold(index, SettingsRecord("5", "r"))
    assert index.config() == {"cycle": "1", "catalogue": "2", "settings": "5", "units": "4"}


def test_same_bytes_of_two_units_or_under_two_items_are_found(new_index: NewIndex) -> None:
    index = new_index()
    for name in ("alone", "two units", "two items", "withdrawn", "rejected"):
        hold(index, SourceRecord(source(name, unit="甲"), "r"), placed(name, placement(name, "I1", unit="甲"), unit="甲"))
    hold(
        index,
        SourceRecord(source("two units", unit="乙"), "r"),
        placed("two items", placement("two items", "I1", unit="甲"), placement("two items", "I2", unit="甲"), unit="甲"),
        SourceRecord(source("withdrawn", unit="乙"), "r"),
        withdraw("withdrawn", "乙"),
        placed(
            "rejected",
            placement("rejected", "I1", unit="甲"),
            placement("rejected", "I2", status=PlacementStatus.REJECTED, unit="甲"),
            unit="甲",
        ),
    )
    assert {(s.sha256, s.units, s.items) for s in index.same_bytes()} == {
        (sha("two units"), ("乙", "甲"), ("I1",)),
        (sha("two items"), ("甲",), ("I1", "I2")),
    }


# Cell counts: the grouped query against the plainest possible count


def naive_counts(listing: Iterable[PlacementRow]) -> list[CellCount]:
    """Piece by piece: sound as soon as one of its placements is, else with everything that holds any of them up."""
    pieces: dict[tuple[str, EvidenceKind, str], list[tuple[PlacementStatus, set[tuple[str, Outcome]]]]] = defaultdict(list)
    for row in listing:
        p = row.placement
        if p.status is PlacementStatus.REJECTED or row.withdrawn:
            continue
        codes: set[tuple[str, Outcome]]
        if row.superseded_by is not None:
            codes = {("SUPERSEDED", Outcome.FAIL)}
        else:
            codes = {
                (o.code, o.outcome)
                for o in row.outcomes
                if o.severity is Severity.BLOCKING and o.outcome is not Outcome.PASS and not o.waived
            }
        pieces[p.item, p.kind, p.sha256].append((p.status, codes))
    found: Counter[tuple[str, EvidenceKind, PlacementStatus, str, Outcome | None]] = Counter()
    for (item, kind, _), placed_as in pieces.items():
        counting = [s for s, _ in placed_as if s is not PlacementStatus.IN_REVIEW]
        free = any(s is not PlacementStatus.IN_REVIEW and not codes for s, codes in placed_as)
        status = max(counting) if free or len(counting) == len(placed_as) else PlacementStatus.IN_REVIEW
        all_codes: set[tuple[str, Outcome | None]] = set().union(*(c for _, c in placed_as))
        for code, result in (not free and all_codes) or {("", None)}:
            found[item, kind, status, code, result] += 1
    counted = [CellCount(*key, n) for key, n in found.items()]
    return sorted(counted, key=lambda n: (n.item, n.kind, n.status, n.code, n.outcome or ""))


NAMES, UNITS, ITEMS = ["a", "b", "c"], ["甲", "乙"], ["I1", "I2"]
KINDS = [EvidenceKind.DOCUMENT, EvidenceKind.PHOTO]
names, items, kinds = st.sampled_from(NAMES), st.sampled_from(ITEMS), st.sampled_from(KINDS)
outcomes = st.builds(
    outcome,
    st.sampled_from(["X", "Y"]),
    st.sampled_from([Outcome.FAIL, Outcome.UNCHECKED, Outcome.PASS]),
    st.sampled_from([Severity.BLOCKING, Severity.BLOCKING, Severity.WARNING]),
    unit=st.sampled_from(["", *UNITS]),
    item=st.sampled_from(["", *ITEMS]),
    kind=st.sampled_from(["", *(k.value for k in KINDS)]),
    waived=st.sampled_from([False, False, True]),
)


@st.composite
def placing(draw: st.DrawFn, name: str, unit: str) -> Record:
    cells = draw(st.lists(st.tuples(items, kinds), unique=True, min_size=1, max_size=4))
    made = [placement(name, i, k, unit=unit, status=draw(st.sampled_from(PlacementStatus))) for i, k in cells]
    return placed(name, *made, unit=unit)


@st.composite
def judging(draw: st.DrawFn, name: str) -> Record:
    return judged(name, *draw(st.lists(outcomes, max_size=4)), origin=draw(st.sampled_from(["judge", "validation"])))


@st.composite
def histories(draw: st.DrawFn) -> list[Record]:
    """Every evidence placed by both units and judged, some superseded or withdrawn, and some of it lifted again."""
    records = [draw(placing(n, u)) for n in NAMES for u in UNITS] + [draw(judging(n)) for n in NAMES for _ in range(2)]
    supersede = st.builds(lambda n, by: SupersedeRecord(sha(n), by, "d", "r"), names, st.sampled_from([sha("z"), None]))
    withdrawing = st.builds(lambda n, u, f: withdraw(n, u, in_force=f), names, st.sampled_from(["", *UNITS]), st.booleans())
    return records + draw(st.lists(st.one_of(supersede, withdrawing), max_size=3))


def forget(index: Index) -> None:
    with index.database.write() as c:
        for table in tables.HELD:
            c.execute(table.delete())


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories())
def test_the_grouped_query_counts_as_a_plain_count_does(index: Index, records: list[Record]) -> None:
    forget(index)
    hold(index, *records)
    assert index.cell_counts() == naive_counts(index.placement_rows())


def test_the_grouped_query_counts_the_same_on_every_database(new_index: NewIndex) -> None:
    index = new_index()
    hold(
        index,
        placed("clean", placement("clean")),
        placed("blocked", placement("blocked")),
        judged(
            "blocked",
            outcome("X"),
            outcome("Y", Outcome.UNCHECKED),
            outcome("W", severity=Severity.WARNING),
            outcome("V", waived=True),
        ),
        placed("both", placement("both", unit="甲"), unit="甲"),
        placed("both", placement("both", unit="乙"), unit="乙"),
        judged("both", outcome("X", unit="甲"), outcome("Z", item="III1-2"), outcome("Z", kind="实景图片")),
        placed("old", placement("old")),
        judged("old", outcome("X")),
        SupersedeRecord(sha("old"), sha("clean"), "d", "r"),
        placed("gone", placement("gone")),
        withdraw("gone"),
        placed("rejected", placement("rejected", status=PlacementStatus.REJECTED)),
        placed("doubtful", placement("doubtful", status=PlacementStatus.IN_REVIEW)),
    )
    cell = ("III1-1", EvidenceKind.DOCUMENT)
    auto = PlacementStatus.AUTO
    assert index.cell_counts() == [
        CellCount(*cell, auto, "", None, 2),
        CellCount(*cell, auto, "SUPERSEDED", Outcome.FAIL, 1),
        CellCount(*cell, auto, "X", Outcome.FAIL, 1),
        CellCount(*cell, auto, "Y", Outcome.UNCHECKED, 1),
        CellCount(*cell, PlacementStatus.IN_REVIEW, "", None, 1),
    ]
    assert index.cell_counts() == naive_counts(index.placement_rows())


def test_counting_is_one_statement(index: Index) -> None:
    hold(index, placed("a", placement("a")), judged("a", outcome("X")))
    statements: list[str] = []
    event.listen(index.database._engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    index.cell_counts()
    assert len([s for s in statements if s.startswith("SELECT")]) == 1


# The database


def test_a_snapshot_sees_one_state_whatever_is_committed_meanwhile(new_index: NewIndex) -> None:
    index = new_index()
    hold(index, SourceRecord(source("a"), "r1"))
    with index.snapshot():
        before = (index.head(), len(index.known()))
        writer = threading.Thread(target=hold, args=(index, SourceRecord(source("b"), "r2")))
        writer.start()
        writer.join()
        assert (index.head(), len(list(index.sources()))) == before
    assert len(index.known()) == 2


def test_an_index_keeps_its_id_and_what_it_holds(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new/folder/index.sqlite"
    index = Index(url)
    hold(index, SourceRecord(source("a"), "r1"))
    index.close()
    again = Index(url)
    assert again.id == index.id
    assert len(again.known()) == 1


def test_what_one_index_has_made_of_its_statements_the_next_does_not_make_anew(tmp_path: Path) -> None:
    made: list[list[bool]] = []
    for name in ("a", "b"):
        index = Index(f"sqlite:///{tmp_path}/{name}.sqlite")
        anew: list[bool] = []
        event.listen(
            index.database._engine,
            "before_cursor_execute",
            lambda *args, anew=anew: anew.append(args[4].cache_hit is CacheStats.CACHE_MISS),
        )
        hold(index, SourceRecord(source(name), "r1"), placed(name, placement(name)), judged(name, outcome("X")))
        assert len(index.known()) == 1 and index.cell_counts() == naive_counts(index.placement_rows())
        made.append(anew)
        index.close()
    assert len(made[1]) > 5 and not any(made[1])


def test_every_commit_to_sqlite_reaches_the_disk(index: Index) -> None:
    with index.database.read() as c:
        assert c.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert c.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL


def test_an_index_of_another_version_is_refused_untouched_and_the_way_out_is_told(new_index: NewIndex) -> None:
    index = new_index()
    url = index.database._url.render_as_string(hide_password=False)
    with index.database.write() as c:
        c.execute(tables.meta.update().where(tables.meta.c.key == "schema").values(value="0"))
        tables.withdrawal.drop(c)  # one that it did not have
    with pytest.raises(UsageError) as e:
        Index(url)
    assert e.value.code == "index.schema"
    place = "index-0.sqlite " if index.database.is_sqlite else index.url
    assert place in e.value.zh and "restore --take-over" in e.value.hint
    with index.database.read() as c:
        assert not inspect(c).has_table("withdrawal")
