"""Another edition of the catalogue: decisions whose standard is gone, asks for something else, or reads otherwise than on the day of the act."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import msgspec
import openpyxl
import pytest

from archive_schema import catalogue as catalogues
from archive_schema.catalogue import Item
from archive_schema.outputs import AdriftDecision
from archive_schema.words import DecisionAction as Act
from archive_schema.words import EvidenceKind, RemarkCode, ReviewMethod
from dangan import settings
from flows import digest, replacing
from flows.adrift import adrift
from flows.audit import audit
from flows.coverage import coverage_report
from flows.editions import bring
from reports import audit_html, audit_text, audit_xlsx, coverage_html, coverage_text, coverage_view, coverage_xlsx, digest_text
from storage import series, tables
from tests.flows.acting import act
from tests.flows.house import WINDOW, House

REPORT = EvidenceKind.REPORT


def edition(house: House, *changed: Item, without: tuple[str, ...] = (), name: str = "city") -> None:
    """The manual of another year put in use, as an import does it."""
    with house.open() as o:
        c = o.catalogue
        before = o.cycle.catalogue
    new = {i.id: i for i in changed}
    items = tuple(new.get(i.id, i) for i in c.items if i.id not in without)
    head = msgspec.structs.replace(c.head, id=name, totals=catalogues.Totals())
    replacing.folder(house.root / "catalogue" / name, catalogues.files(catalogues.Catalogue(head, items)))
    house.set_cycle(f'"{before}"', f'"catalogue/{name}"')


def left(house: House) -> dict[str, tuple[str, bool]]:
    with house.open() as o:
        return {a.decision.item: (a.why, a.standing) for a in adrift(o, o.catalogue)}


@pytest.fixture
def decided(tmp_path: Path) -> House:
    """Three standards that do not apply, as a person said under the shipped catalogue."""
    house = House.build(tmp_path / "ws")
    house.ingest()
    for item, kind in (("III34-1", None), ("III14-2", REPORT), ("III6-2", None), ("III83-1", None)):
        act(house, Act.NOT_APPLICABLE, item=item, kind=kind)
    return house


def test_a_number_that_was_given_to_another_standard_is_told_and_so_is_what_is_gone(decided: House) -> None:
    assert left(decided) == {}
    with decided.open() as o:
        by_id = o.catalogue.by_id
    edition(
        decided,
        msgspec.structs.replace(by_id["III34-1"], standard=by_id["III34-2"].standard),
        msgspec.structs.replace(by_id["III14-2"], kinds=(EvidenceKind.DOCUMENT,)),
        msgspec.structs.replace(by_id["III83-1"], standard=f" {by_id['III83-1'].standard} "),  # the same words
        without=("III6-2",),
    )
    was, now = by_id["III34-1"].standard, by_id["III34-2"].standard
    assert left(decided) == {
        "III6-2": ("标准已不在目录中", False),
        "III14-2": ("标准不再要求“说明报告”", False),
        "III34-1": (f"标准文字已变: 原为“{was}”,现为“{now}”", True),
    }


def test_a_standard_that_is_seen_on_site_now_leaves_its_decision_and_what_names_no_standard_is_left_alone(
    archived: tuple[House, str],
) -> None:
    house, sha = archived
    act(house, Act.NOT_APPLICABLE, item="III34-1")
    act(house, Act.RETURN, sha256=sha)
    with house.open() as o:
        item = o.catalogue.by_id["III34-1"]
    edition(house, msgspec.structs.replace(item, methods=(ReviewMethod.FIELD,), kinds=()))
    assert left(house) == {"III34-1": ("标准已不属于材料审核", False)}


def test_what_is_said_again_under_the_new_edition_is_settled_before_any_pass(decided: House) -> None:
    with decided.open() as o:
        by_id = o.catalogue.by_id
    edition(decided, msgspec.structs.replace(by_id["III34-1"], standard=by_id["III34-2"].standard))
    assert set(left(decided)) == {"III34-1"}
    with decided.open() as o:
        [old] = [d.id for d in o.archive.index.decisions() if d.item == "III34-1"]
    act(decided, Act.UNDO, decision=old)
    assert left(decided) == {}
    act(decided, Act.NOT_APPLICABLE, item="III34-1")
    assert left(decided) == {}
    edition(decided, by_id["III34-1"], name="later")  # and back to the old words a year later
    assert set(left(decided)) == {"III34-1"}


def test_a_manual_that_can_be_read_no_more_is_brought_in_anew_and_what_it_changes_is_told(archived: tuple[House, str]) -> None:
    house, _ = archived
    with house.open() as o:
        c = o.catalogue
    edition(house)
    act(house, Act.NOT_APPLICABLE, item="III34-1")
    act(house, Act.NOT_APPLICABLE, item="III6-2")
    table = house.root / "catalogue" / "city" / "items.tsv"
    table.write_bytes(table.read_text("utf-8").encode("gb18030"))
    items = tuple(msgspec.structs.replace(i, standard=c.by_id["III34-2"].standard) if i.id == "III34-1" else i for i in c.items)
    head = msgspec.structs.replace(c.head, id="city", totals=catalogues.Totals())
    done = bring(settings.load(house.root, env={}), catalogues.Catalogue(head, items), use=True, opening=house.open)
    assert [(a.decision.item, a.standing) for a in done.adrift] == [("III34-1", True)]
    with house.open() as o:
        assert o.catalogue.items == items


def test_what_was_set_otherwise_is_told_beside_the_cells_that_changed(decided: House) -> None:
    with decided.open() as o:
        by_id = o.catalogue.by_id
    edition(decided, msgspec.structs.replace(by_id["III34-1"], standard=by_id["III34-2"].standard))
    decided.ingest()
    with decided.open() as o:
        brought = coverage_report(o).changes
    assert brought is not None and brought.reset == ("catalogue",), "that the cycle names it sets no window otherwise"
    edition(decided, by_id["III34-1"], name="later")
    decided.set_cycle(WINDOW, "2026-11-01..2027-10-31")
    decided.ingest()
    with decided.open() as o:
        report, night = coverage_report(o), digest.night(o)
    assert report.changes is not None and report.changes.reset == night.reset == ("catalogue", "cycle")
    line = "其间改过目录、测评周期（时段、期限、件数），已按新的判断；有审核意见所指的标准变了的，见 dangan review log 的“目录换版”列"
    for said in (coverage_text.render(report), coverage_html.render(report), digest_text.render(night, zone="Asia/Shanghai")):
        assert line in said
    decided.set_cycle("2026-11-01..2027-10-31", WINDOW)
    decided.ingest()
    with decided.open() as o:
        again = coverage_report(o).changes
    assert again is not None and again.reset == ("cycle",) and "dangan review log" not in coverage_view.reset_line(again.reset)


@pytest.fixture
def reworded(decided: House) -> tuple[House, str, str]:
    """III34-1 reads otherwise; the id of the decision that it does not apply, and what is to be said of it."""
    with decided.open() as o:
        by_id = o.catalogue.by_id
        [old] = [d.id for d in o.archive.index.decisions() if d.item == "III34-1"]
    was, now = by_id["III34-1"].standard, by_id["III34-2"].standard
    edition(decided, msgspec.structs.replace(by_id["III34-1"], standard=now))
    return decided, old, f"标准文字已变: 原为“{was}”,现为“{now}”"


def marked(house: House) -> tuple[set[str], set[str]]:
    """Items of the cells that bear the remark, and of those that name a decision in JSON."""
    with house.open() as o:
        report = coverage_report(o)
    remarks = {k.partition("|")[0] for k, of in report.remarks.items() if any(r.code is RemarkCode.ADRIFT for r in of)}
    return remarks, {i.id for i in report.coverage.items for c in i.requirements if c.adrift}


def rows(book: bytes, sheet: str) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(BytesIO(book))[sheet].iter_rows(values_only=True))


def audited(house: House, depth: str) -> list[AdriftDecision]:
    with house.open() as o:
        part = audit(o, depth=depth).output.completeness
    assert part is not None
    return part.adrift or []


def test_a_cell_that_rests_on_such_a_decision_says_so_in_every_form_of_the_report(reworded: tuple[House, str, str]) -> None:
    house, old, why = reworded
    with house.open() as o:
        report = coverage_report(o)
    [item] = [i for i in report.coverage.items if any(c.adrift for c in i.requirements)]
    assert item.id == "III34-1"
    for c in item.requirements:
        assert c.state == "not_applicable"
        assert [(a.decision, a.text) for a in c.adrift or ()] == [(old, why)]
        [remark] = report.remarks[f"III34-1|{c.kind}"]
        assert remark.code is RemarkCode.ADRIFT and why in remark.text and f"dangan review undo {old}" in remark.text
    for said in (coverage_text.render(report), coverage_html.render(report)):
        assert f"dangan review undo {old}；仍成立的先撤销、再记一次" in said and "标准文字已变：原为" in said
    assert {r[1] for r in rows(coverage_xlsx.render(report), "提醒") if r[0] == "目录换版"} == {"III34-1"}
    act(house, Act.UNDO, decision=old)
    act(house, Act.NOT_APPLICABLE, item="III34-1")
    assert marked(house) == (set(), set())


def test_the_audit_lists_them_to_be_settled_and_finds_no_fault_with_the_archive(reworded: tuple[House, str, str]) -> None:
    house, old, why = reworded
    with house.open() as o:
        zone, report = o.workspace.zone, audit(o)
    assert report.output.integrity is not None and report.output.integrity.ok
    [told] = audited(house, "complete")
    assert report.output.completeness is not None and report.output.completeness.adrift == [told]
    assert (told.decision, told.item, told.kind, told.text) == (old, "III34-1", None, why)
    page = audit_html.render(report.output, generated_at=report.at, zone=zone, report=report)
    for said in (audit_text.render(report.output, report=report, zone=zone), page):
        assert "1 条审核意见所指的标准已换版，待核对" in said and f"不再成立的 dangan review undo {old}；" in said
    [*_, row] = rows(audit_xlsx.render(report, zone=zone), "待核对意见")
    assert row[0] == old
    act(house, Act.UNDO, decision=old)
    assert audited(house, "fast") == []


def test_no_report_reads_the_series_for_it_but_where_the_index_was_never_told(
    reworded: tuple[House, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, _, _ = reworded
    read = []
    monkeypatch.setattr(series, "read_segment", lambda store, key, f=series.read_segment: read.append(key) or f(store, key))
    assert marked(house) == ({"III34-1"}, {"III34-1"}) and not read
    with house.open() as o, o.archive.index.database.write() as c:  # as an index of an earlier version
        c.execute(tables.meta.delete().where(tables.meta.c.key == "editions"))
    assert marked(house) == ({"III34-1"}, {"III34-1"}) and len(read) == len(house.segments())
    act(house, Act.NOT_APPLICABLE, item="III13-1")  # its next commit learns it
    read.clear()
    assert marked(house) == ({"III34-1"}, {"III34-1"}) and not read
    with house.open() as o:
        made = o.archive.index.catalogues_at([d.id for d in o.archive.index.decisions()])
    assert made is not None and len(set(made.values())) == 2 and all(made.values())
