"""What an inspection on another day would find, and what coverage remarks of today: on real files, through the whole house."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from archive_schema.coverage import Remark
from archive_schema.decisions import Decision
from archive_schema.errors import UsageError
from archive_schema.forecast import ForecastCell, ForecastOutput
from archive_schema.words import CellState, DecisionAction, EvidenceKind, RemarkCode
from flows.coverage import assess_watched, coverage_report
from flows.decide import decide
from flows.forecast import forecast
from flows.upkeep import anything_outdated
from tests.flows.acting import act, states
from tests.flows.house import NOW, House, document, photo

DOCUMENT, PHOTO = EvidenceKind.DOCUMENT, EvidenceKind.PHOTO
ROLLING = '\n[rolling]\ndefault = "12个月"\n'
#: the window that the default cycle of these tests says: 2025-11-01..2026-10-31
DAY = date(2027, 2, 10)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Read only. III18-1 规范文件: of November 2025 and of March 2026; III13-1: of November 2025; a photo without a date."""
    house = House.build(tmp_path_factory.mktemp("forecast") / "ws")
    of = house.inbox / "市文明办"
    document(of / "III18-1 旧.docx", number="示文明办发〔2025〕3号", issued_on=date(2025, 11, 9))
    document(of / "III18-1 新.docx", number="示文明办发〔2026〕4号", issued_on=date(2026, 3, 5))
    document(of / "III13-1 评选.docx", title="道德模范评选办法", number="示文明办发〔2025〕5号", issued_on=date(2025, 11, 12))
    document(of / "III8-1 将来.docx", title="核心价值观宣传方案", number="示文明办发〔2026〕9号", issued_on=date(2026, 11, 5))
    photo(of / "III18-1 公示栏.jpg", taken_at=None)
    with (house.root / "cycle.toml").open("a", encoding="utf-8") as cycle:
        cycle.write(ROLLING)
    house.ingest()
    act(house, "move", sha256=sha_of(house, "III8-1 将来.docx"), item="III18-2", kind=DOCUMENT)
    return house


def sha_of(house: House, name: str) -> str:
    return house.manifest()[f"市文明办/{name}"].sha256


def foretold(house: House, on: date = DAY, **more: str) -> ForecastOutput:
    with house.open() as o:
        return forecast(o, on, **more)


def cell(f: ForecastOutput, item: str, kind: EvidenceKind = DOCUMENT) -> ForecastCell:
    [found] = [c for c in f.cells if (c.item, c.kind) == (item, kind)]
    return found


def test_what_leaves_the_window_leaves_its_cell_open(held: House) -> None:
    f = foretold(held)
    lost = cell(f, "III13-1")
    assert (lost.state_now, lost.state_then, lost.usable_now, lost.usable_then) == (CellState.USABLE, CellState.UNUSABLE, 1, 0)
    [piece] = lost.leaves
    assert (piece.unit, piece.path, piece.period) == ("市文明办", "III13-1 评选.docx", "2025-11-12")
    assert (piece.leaves_on, piece.counts) == (date(2026, 12, 1), False)
    assert (f.units[0].name, f.units[0].lost, f.units[0].leaves, f.units[0].enters) == ("市文明办", 1, 2, 0)
    assert f.windows[DOCUMENT].rolling == "12个月" and f.windows[DOCUMENT].start == date(2026, 2, 1)


def test_a_cell_that_loses_a_piece_and_has_enough_left_stays_usable(held: House) -> None:
    thin = cell(foretold(held), "III18-1")
    assert (thin.state_then, thin.usable_now, thin.usable_then) == (CellState.USABLE, 2, 1)
    assert [p.path for p in thin.leaves] == ["III18-1 旧.docx"]


def test_what_comes_into_the_window_counts_then(held: House) -> None:
    new = cell(foretold(held), "III18-2")
    assert (new.state_now, new.state_then) == (CellState.UNUSABLE, CellState.USABLE)
    assert [p.path for p in new.enters] == ["III8-1 将来.docx"]


def test_a_piece_without_a_date_is_told_apart_and_is_no_pass(held: House) -> None:
    unknown = cell(foretold(held), "III18-1", PHOTO)
    assert [p.path for p in unknown.undated] == ["III18-1 公示栏.jpg"] and unknown.undated[0].period is None
    assert unknown.state_now is unknown.state_then is CellState.IN_REVIEW


def test_what_counts_no_more_is_foretold_no_more(held: House, tmp_path: Path) -> None:
    house = copy_of(held, tmp_path / "ws")
    sha = {name: sha_of(house, name) for name in ("III18-1 公示栏.jpg", "III18-1 新.docx", "III13-1 评选.docx")}
    act(house, "supersede", sha256=sha["III18-1 公示栏.jpg"], by_sha256=sha["III18-1 新.docx"])
    act(house, "withdraw", sha256=sha["III13-1 评选.docx"])
    f = foretold(house)
    assert cell(f, "III18-1", PHOTO).undated == [] and cell(f, "III13-1").leaves == []
    assert cell(f, "III13-1").state_now is CellState.MISSING


def test_on_the_days_of_the_window_itself_nothing_changes(held: House) -> None:
    f = foretold(held, date(2026, 11, 30))
    assert [c.state_then for c in f.cells] == [c.state_now for c in f.cells]
    assert f.totals_now == f.totals_then and not any(c.leaves or c.enters for c in f.cells)
    now = states(held)
    assert {(c.item, c.kind.value): c.state_now.value for c in f.cells} == now


def test_only_a_units_own_items_are_foretold(held: House) -> None:
    court = foretold(held, unit="市中级法院")
    assert court.cells and all("市中级法院" in c.units for c in court.cells)
    assert sum(court.totals_then.values()) == len(court.cells) < len(foretold(held).cells)
    with pytest.raises(UsageError):
        foretold(held, unit="没有这个局")
    with pytest.raises(UsageError):
        foretold(held, date(1017, 1, 1))


def test_looking_ahead_writes_nothing(held: House) -> None:
    before = held.head(), held.digest()
    foretold(held)
    assert (held.head(), held.digest()) == before


def copy_of(held: House, to: Path) -> House:
    shutil.copytree(held.root, to)
    return House(to)


def test_the_same_bytes_are_foretold_of_the_unit_by_whose_delivery_they_count(tmp_path: Path) -> None:
    """Their date was attested for one of the two that sent them, the later by name."""
    house = House.build(tmp_path / "ws")
    sent = photo(house.inbox / "市教育局" / "III18-1 公示栏.jpg", taken_at=None)
    (house.inbox / "市文明办").mkdir(exist_ok=True)
    shutil.copy(sent, house.inbox / "市文明办" / "III18-1 公示栏.jpg")
    with (house.root / "cycle.toml").open("a", encoding="utf-8") as cycle:
        cycle.write(ROLLING)
    house.ingest()
    assert [(p.unit, p.counts) for p in cell(foretold(house), "III18-1", PHOTO).undated] == [
        ("市教育局", False),
        ("市文明办", False),
    ]
    sha = sha_of(house, "III18-1 公示栏.jpg")
    act(house, "attest", sha256=sha, unit="市文明办", fact="taken_on", value="2026-01-20")
    act(house, "accept", sha256=sha, item="III18-1", kind=PHOTO)
    near, far = (cell(foretold(house, day), "III18-1", PHOTO) for day in (date(2026, 11, 25), DAY))
    assert [(p.unit, p.counts) for p in near.undated] == [("市教育局", False)] and not near.leaves
    assert (near.usable_now, near.usable_then, far.usable_then) == (1, 1, 0)
    [piece] = far.leaves
    assert (piece.unit, piece.period, piece.leaves_on) == ("市文明办", "2026-01-20", date(2027, 2, 1))


@pytest.mark.parametrize("day", [DAY, date(2027, 6, 1)])
def test_the_forecast_is_what_coverage_says_once_the_windows_are_those_of_the_day(
    held: House, tmp_path: Path, day: date
) -> None:
    f = foretold(held, day)
    w = f.windows[DOCUMENT]
    then = copy_of(held, tmp_path / "then")
    then.set_cycle("2025-11-01..2026-10-31", f"{w.start}..{w.end}")
    then.ingest()
    assert states(then) == {(c.item, c.kind.value): c.state_then.value for c in f.cells}
    with then.open() as o:
        usable = {(i.id, c.kind): c.usable for i in coverage_report(o).coverage.items for c in i.requirements}
    assert usable == {(c.item, c.kind): c.usable_then for c in f.cells}


def test_with_fixed_windows_the_day_changes_nothing(held: House, tmp_path: Path) -> None:
    fixed = copy_of(held, tmp_path / "fixed")
    fixed.set_cycle(ROLLING, "")
    f = foretold(fixed)
    assert not f.rolls and f.totals_now == f.totals_then
    assert all(w.rolling is None for w in f.windows.values())


def test_what_only_reminds_makes_nothing_be_judged_again(held: House, tmp_path: Path) -> None:
    other = copy_of(held, tmp_path / "other")
    other.ingest()  # what was decided after the last pass speaks from the next one on
    state = other.digest()
    with other.open() as o:
        judged, recorded = o.archive.index.judged(), o.archive.index.config()["cycle"]
    other.set_cycle('default = "12个月"', 'default = "24个月"')
    with other.open() as o:
        assert o.cycle.rolling[DOCUMENT].count == 24 and not anything_outdated(o, o.settings.limits)
    other.ingest()
    with other.open() as o:
        assert o.archive.index.judged() == judged
        assert o.archive.index.config()["cycle"] != recorded, "it is recorded all the same"
    assert other.digest() == state


# ---- what coverage remarks of today


def remarked(house: House, item: str, now: datetime = NOW) -> dict[EvidenceKind, tuple[Remark, ...]]:
    with house.open(now) as o:
        return {c.kind: c.remarks for c in assess_watched(o).cells if c.item == item}


def codes(house: House, item: str, kind: EvidenceKind = DOCUMENT, now: datetime = NOW) -> set[str]:
    return {r.code.value for r in remarked(house, item, now)[kind]}


def test_a_cell_about_to_leave_its_window_is_remarked(held: House) -> None:
    [leaving] = [r for r in remarked(held, "III13-1")[DOCUMENT] if r.code is RemarkCode.LEAVING]
    assert leaving.day == date(2026, 12, 21) and leaving.count == 1
    assert RemarkCode.LEAVING not in codes(held, "III18-1"), "one of two stays"


def test_the_report_carries_the_remarks_and_who_answers(held: House, tmp_path: Path) -> None:
    house = copy_of(held, tmp_path / "ws")
    table = house.root / "units.csv"
    rows = table.read_text("utf-8-sig").splitlines()
    rows = [r + "李四" if r.startswith("市文明办,") else r for r in rows]
    table.write_text("\n".join(rows) + "\n", "utf-8")
    with house.open() as o:
        report = coverage_report(o)
    assert report.persons["III18-1|规范文件"] == "李四"
    assert "no_person" not in {r.code for r in report.remarks.get("III18-1|规范文件", ())}
    assert "no_person" in {r.code for r in report.remarks["III1-1|规范文件"]}
    assert report.coverage.totals == coverage_totals(held)


def coverage_totals(house: House) -> dict[CellState, int]:
    with house.open() as o:
        return coverage_report(o).coverage.totals


def test_late_by_our_own_clock_and_overdue(held: House, tmp_path: Path) -> None:
    house = copy_of(held, tmp_path / "ws")
    house.set_cycle("[windows]", "deadline = 2026-11-20\n\n[windows]")
    assert "late" in codes(house, "III18-1") and "overdue" not in codes(house, "III18-1")
    assert "overdue" in codes(house, "III1-1") and "late" not in codes(house, "III1-1")
    house.set_cycle("deadline = 2026-11-20", "deadline = 2026-11-30")
    assert "due" in codes(house, "III1-1") and "late" not in codes(house, "III18-1")


def test_a_review_falls_due_and_a_person_who_looks_settles_it(held: House, tmp_path: Path) -> None:
    house = copy_of(held, tmp_path / "ws")
    with (house.root / "cycle.toml").open("a", encoding="utf-8") as cycle:
        cycle.write("\n[reminders]\nreview_days = 90\n")
    later = datetime(2027, 3, 1, tzinfo=UTC)
    assert "review_due" not in codes(house, "III18-1")
    assert "review_due" in codes(house, "III18-1", now=later)
    before = states(house), house.manifest()
    act(house, "reviewed", item="III18-1", on=date(2026, 11, 21))
    assert "review_due" in codes(house, "III18-1", now=later), "looked at too long ago"
    with house.open(later) as o:
        [told] = decide(
            o,
            [
                Decision(
                    "D9", DecisionAction.REVIEWED, "张三", later, "看过", item="III18-1", kind=DOCUMENT, on=date(2027, 2, 20)
                )
            ],
            "r9",
        )
        assert told.recorded
    assert "review_due" not in codes(house, "III18-1", now=later)
    assert (states(house), house.manifest()) == before, "a look changes neither placement nor finding"
    with pytest.raises(UsageError):
        act(house, "reviewed", item="III18-1", on=date(2030, 1, 1))
    act(house, "undo", decision="D9")
    assert "review_due" in codes(house, "III18-1", now=later)


def test_accepting_a_file_is_a_look_at_it(held: House, tmp_path: Path) -> None:
    house = copy_of(held, tmp_path / "ws")
    with (house.root / "cycle.toml").open("a", encoding="utf-8") as cycle:
        cycle.write('\n[[requirement]]\nitem = "III13-1"\nreview_days = 30\n')
    later = datetime(2026, 12, 24, tzinfo=UTC)
    assert "review_due" in codes(house, "III13-1", now=later)
    with house.open(datetime(2026, 12, 20, tzinfo=UTC)) as o:
        d = Decision("D8", DecisionAction.ACCEPT, "张三", o.now(), "核对", sha256=sha_of(house, "III13-1 评选.docx"))
        decide(o, [d], "r8")
    assert "review_due" not in codes(house, "III13-1", now=later)
