"""``coverage --unit``: an extract says whose it is, its numbers are of what it shows, and nothing in it is another unit's or the city's."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from unittest.mock import Mock

import msgspec
import openpyxl
import pytest

from archive_schema.report import CoverageReport
from archive_schema.words import CellState
from flows import ingest as ingest_module
from flows.coverage import coverage_report
from flows.ingest import ingest
from reports import as_json, coverage_html, coverage_text, coverage_view, coverage_xlsx
from samples import layout
from tests.dangan.line import dangan
from tests.flows.house import NOW, House, document

OFFICE, COURT, PAPER, GROUP = "市文明办", "市中级法院", "日报社", "市属媒体"
UNKNOWN, EMPTY = "市文明辨", "空.txt"
STRAY = "Ⅲ48-1 义务教育均衡发展情况说明.txt"
NEW, OTHERS = "III18-2 联合惩戒情况.txt", "Ⅲ18-1 红黑榜发布制度.docx"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Read only. Two passes: the second brought something of the court and something that makes a cell usable that is not the court's."""
    built = House.build(tmp_path_factory.mktemp("extract") / "ws")
    units = built.root / "units.csv"
    rows = [r for r in units.read_text("utf-8-sig").splitlines() if not r.startswith(f"{GROUP},")]
    units.write_text("\ufeff" + "\n".join([*rows, f"{PAPER},,,,,", f"{GROUP},,,{PAPER},,"]) + "\n", "utf-8")
    table = layout.Table(
        "学校人数", ("学校", "人数"), tuple((f"第{n}小学", n - 3) for n in range(8)), filled_on=date(2026, 4, 1)
    )
    layout.table_xlsx(table, built.inbox / OFFICE / "Ⅲ18-1 数据.xlsx")
    built.inbox.joinpath(COURT).mkdir(exist_ok=True)
    (built.inbox / COURT / STRAY).write_text("关于义务教育均衡发展情况的说明。" * 12, "utf-8")
    for folder in (OFFICE, COURT, UNKNOWN):
        built.inbox.joinpath(folder).mkdir(exist_ok=True)
        (built.inbox / folder / EMPTY).touch()
    (built.inbox / UNKNOWN / "便条.txt").write_text("看不出属于哪一项的一份便条。" * 9, "utf-8")
    (built.inbox / UNKNOWN / STRAY).write_text("义务教育均衡发展情况的另一份说明。" * 12, "utf-8")
    built.ingest(validation=True)
    document(built.inbox / OFFICE / OTHERS)
    document(
        built.inbox / OFFICE / "Ⅲ13-1 道德模范评选办法.docx", title="示例市道德模范评选办法", number="示文明办发〔2026〕13号"
    )
    (built.inbox / COURT / NEW).write_text("关于失信被执行人联合惩戒工作的情况说明。" * 12, "utf-8")
    built.ingest()
    added = dangan(
        "-C",
        str(built.root),
        "negative",
        "add",
        "G15",
        "--on",
        "2026-03-02",
        "--event",
        "某事",
        "--by",
        "张三",
        "--reason",
        "公布",
    )
    assert added.code == 0, added
    return built


def of(house: House, unit: str | None) -> CoverageReport:
    with house.open() as o:
        return coverage_report(o, unit=unit)


def front(book: bytes) -> str:
    sheet = openpyxl.load_workbook(io.BytesIO(book))["总览"]
    return "\n".join(str(c.value) for row in sheet.iter_rows() for c in row if c.value is not None)


def test_every_extract_says_whose_it_is_and_how_much_of_the_catalogue_it_shows(house: House) -> None:
    whole, part = of(house, None), of(house, COURT)
    cells, items = sum(part.coverage.totals.values()), len(part.coverage.items)
    assert 0 < cells < sum(whole.coverage.totals.values())
    for render in (coverage_html.render, coverage_text.render, lambda r: front(coverage_xlsx.render(r))):
        said = render(part)
        assert f"材料覆盖情况（{COURT}）" in said
        assert f"本表只列“{COURT}”负责的 {items} 项、{cells} 格" in said
        assert f"所列 {items} 项" in said and f"本目录 {items} 项" not in said
        assert "材料覆盖情况（" not in render(whole) and "本表只列" not in render(whole) and "本目录 155 项" in render(whole)


def test_what_a_unit_sent_for_an_item_of_others_stands_apart_and_counts_for_nobody_there(house: House) -> None:
    whole, part = of(house, None), of(house, COURT)
    assert whole.coverage.elsewhere is msgspec.UNSET and '"elsewhere"' not in as_json.encode(whole.coverage)
    mine = {i.id for i in part.coverage.items}
    sent = {(i.id, r.kind, e.path) for i in whole.coverage.items for r in i.requirements for e in r.evidence if e.unit == COURT}
    apart = {(x.item, x.kind, x.evidence.path) for x in part.coverage.elsewhere or ()}
    assert apart == {s for s in sent if s[0] not in mine} and {path for *_, path in apart} == {STRAY}
    assert STRAY not in str(part.coverage.items) and sum(part.coverage.totals.values()) == len(part.reasons)
    [(x, _)] = coverage_view.arrange(part).elsewhere
    assert COURT not in x.units and x.item == "III48-1"
    book = openpyxl.load_workbook(io.BytesIO(coverage_xlsx.render(part)))
    for said in (as_json.encode(part.coverage), coverage_text.render(part, width=200), coverage_html.render(part)):
        assert STRAY in said
    for name in ("归入别的单位的标准", "问题清单"):
        assert any(STRAY in str(c.value) for row in book[name].iter_rows() for c in row), name
    page = coverage_html.render(part).partition('<section id="elsewhere"')[2].partition("</section>")[0]
    assert STRAY in page and "归入 III48-1 规范文件" in page
    for render in (coverage_text.render, coverage_html.render):
        assert "归入别的单位的标准 1 件" not in render(whole) and 'id="elsewhere"' not in render(whole)


def test_the_page_counts_what_it_shows(house: House) -> None:
    for unit in (None, COURT):
        report = of(house, unit)
        page = coverage_html.render(report)
        assert f"共 {sum(report.coverage.totals.values())} 格，" in page
        assert f"共 {sum(report.coverage.item_totals.values())} 项，" in page
        assert len(re.findall("共 [0-9]+ [格项]，", page)) == 2
        cov = report.coverage
        assert cov.item_totals == {s: sum(i.state is s for i in cov.items) for s in CellState}
        assert cov.totals == {s: sum(r.state is s for i in cov.items for r in i.requirements) for s in CellState}


def test_what_waits_of_another_unit_and_the_folders_nobody_knows_stand_in_no_extract(house: House) -> None:
    whole, part = of(house, None), of(house, COURT)
    assert {(n.unit, n.path) for n in whole.notes} == {(u, EMPTY) for u in (OFFICE, COURT, UNKNOWN)}
    assert [(n.unit, n.path) for n in part.notes] == [(COURT, EMPTY)]
    assert whole.unknown_folders == {UNKNOWN: OFFICE} and part.unknown_folders == {}
    assert [u.unit for u in whole.coverage.unplaced] == [UNKNOWN] and part.coverage.unplaced == []
    names = {u.name for u in whole.coverage.units}
    assert UNKNOWN in {e.unit for i in whole.coverage.items for r in i.requirements for e in r.evidence}
    assert COURT in names and UNKNOWN not in names and {u.name for u in whole.board} == names


def test_what_changed_is_of_the_units_cells_and_files(house: House) -> None:
    whole, part = of(house, None).changes, of(house, COURT).changes
    assert whole is not None and part is not None
    assert len(whole.new) == 3 and whole.gained
    assert [(unit, path) for _, unit, path in part.new] == [(COURT, NEW)]
    mine = {i.id for i in of(house, COURT).coverage.items}
    listed = {c.item for c in (*part.gained, *part.lost, *part.moved)}
    every = {c.item for c in (*whole.gained, *whole.lost, *whole.moved)}
    assert listed == every & mine and every - mine


def test_what_is_the_citys_stands_in_the_whole_alone(house: House) -> None:
    whole, part = coverage_html.render(of(house, None)), coverage_html.render(of(house, COURT))
    assert "<h2>表格校验</h2>" in whole and "负面清单：已登记 1 件" in whole
    assert "<h2>表格校验</h2>" not in part and "已登记" not in part and "负面清单、表格校验是全市的" in part
    text = coverage_text.render(of(house, COURT))
    assert "已登记" not in text and "负面清单、表格校验是全市的" in text


def test_the_units_entry_of_a_member_of_a_group_agrees_with_the_totals(house: House) -> None:
    part = of(house, PAPER)
    [unit] = part.coverage.units
    led = {i.id for i in part.coverage.items if i.units[0] == GROUP}
    assert led and unit.name == PAPER and set(unit.lead_of) == led
    assert sum(unit.totals.values()) == sum(len(i.requirements) for i in part.coverage.items if i.id in led)
    assert unit.totals[CellState.MISSING] > 0
    [row] = part.board
    assert (row.name, row.lead_of, row.applicable) == (PAPER, len(led), sum(unit.totals.values()))
    assert f"牵头 <b>{GROUP}</b>" in coverage_html.render(part), "the catalogue asks the group"


def test_in_the_whole_the_cells_of_a_group_stand_once(house: House) -> None:
    report = of(house, None)
    assert sum(sum(u.totals.values()) for u in report.coverage.units) == sum(report.coverage.totals.values())
    assert PAPER not in {u.name for u in report.coverage.units if u.lead_of}


def test_what_a_killed_pass_brought_is_new_in_the_report_after_the_next(new_workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    house: House = new_workspace()

    def night(n: int, name: str) -> None:
        (house.inbox / OFFICE / name).write_text(f"{name}的情况说明。" * 30, "utf-8")
        with house.open(NOW + timedelta(days=n)) as o:
            ingest(o, validation=False)

    night(0, "旧.txt")
    with monkeypatch.context() as m:
        m.setattr(ingest_module, "take_snapshot", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            night(1, "半夜.txt")
    night(2, "今晨.txt")
    changes = of(house, None).changes
    assert changes is not None and sorted(path for *_, path in changes.new) == ["今晨.txt", "半夜.txt"]
