"""Two cycles on one store: objects are shared, and what is reported of one says nothing of the other."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from flows import digest, tables
from flows.coverage import coverage_report
from flows.cycle_reports import TABLES
from flows.history import history
from flows.validation import validation_results
from storage import keys
from tests.flows.acting import act
from tests.flows.house import NOW, House, document, files_of
from tests.flows.test_earlier import beside
from tests.flows.test_tables import ADS, NEGATIVE, look, table

OFFICE, SCHOOLS = "市文明办", "市教育局"
GOOD, PLAN = "Ⅲ18-1 红黑榜发布制度.txt", "III58-1 文明校园创建方案.txt"
WINDOW = "2025-11-01..2026-10-31"
AT = NOW + timedelta(days=1)


def second(first: House, root: Path, cycle: str = "c2") -> House:
    return beside(first, root, cycle, WINDOW)


def night(house: House, *, validation: bool = False) -> digest.NightDigest:
    house.ingest(validation=validation)
    with house.open() as o:
        return digest.night(o)


def told(house: House) -> dict[str, object]:
    """What a workspace is told of its own cycle in the morning, but for the time."""
    with house.open(AT) as o:
        report, made = coverage_report(o), digest.digest(o)
        return {
            "run": report.run,
            "notes": report.notes,
            "unknown": report.unknown_folders,
            "changes": report.changes,
            "validation": validation_results(o),
            "digest": (made.since, made.before, made.gained, made.lost, made.waiting, made.came),
            "history": history(o, "III18-1").events,
            "tables": tables.report(o, ()).families,
        }


def reported(store: Path) -> dict[str, str]:
    return files_of(store / "reports")


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of one cycle, at ``ws``: a file waits, a folder is unknown, a delivery of the future was found by the suite."""
    root = tmp_path_factory.mktemp("apart")
    house = House.build(root / "ws")
    document(house.inbox / OFFICE / GOOD)
    night(house)
    document(house.inbox / SCHOOLS / PLAN, title="文明校园创建方案", number="示教发〔2026〕3号")
    form = f"文件,编号,材料类型,报送日期\n{PLAN},Ⅲ58-1),规范文件,2031-01-01\n"
    (house.inbox / SCHOOLS / "提交表.csv").write_text(form, "utf-8")
    (house.inbox / SCHOOLS / "空.pdf").touch()
    document(house.inbox / "没有这个局" / "甲.txt", title="甲办法", number="示发〔2026〕9号")
    night(house, validation=True)
    return root


@pytest.fixture
def first(lived_in: Path, tmp_path: Path) -> House:
    shutil.copytree(lived_in / "ws", tmp_path / "ws")
    return House(tmp_path / "ws")


def test_nothing_of_one_cycle_is_told_in_the_other(first: House, tmp_path: Path) -> None:
    now = second(first, tmp_path / "c2")
    document(now.inbox / OFFICE / "Ⅲ11-2 别的.txt", title="别的办法", number="示文明办发〔2026〕30号")
    made = night(now)
    seen = told(now)
    assert made.since is None and made.lost == () and made.came == {OFFICE: 1}
    assert (seen["notes"], seen["unknown"], seen["validation"]) == ((), {}, ())
    assert {e.detail["state"] for e in seen["history"]} == {"missing"}  # type: ignore[attr-defined]
    assert seen["run"] is not None and seen["changes"].new and seen["changes"].since is None  # type: ignore[attr-defined]


def test_a_night_of_one_cycle_changes_nothing_that_is_told_of_the_other(first: House, tmp_path: Path) -> None:
    before, kept = told(first), reported(first.root / "store")
    assert before["notes"] and before["unknown"] and before["history"] and before["changes"].since is not None  # type: ignore[attr-defined]
    assert any(r.success is False and r.examples for r in before["validation"])  # type: ignore[attr-defined]
    now = second(first, tmp_path / "c2")
    document(now.inbox / OFFICE / "Ⅲ11-2 别的.txt", title="别的办法", number="示文明办发〔2026〕30号")
    night(now, validation=True)
    night(now)
    assert told(first) == before
    after = reported(first.root / "store")
    assert kept.items() <= after.items(), "not one of its reports was written again"
    assert {k.split("/")[1] for k in after.keys() - kept.keys()} == {"c2"}


def test_tables_are_remembered_by_each_cycle(new_workspace, tmp_path: Path) -> None:
    house = new_workspace()
    table(house.inbox / OFFICE / ADS)
    house.ingest()
    look(house, NEGATIVE)
    before = told(house)["tables"]
    now = second(house, tmp_path / "c2")
    document(now.inbox / OFFICE / GOOD)
    now.ingest()
    assert not look(now).held
    assert told(house)["tables"] == before != ()
    table(now.inbox / OFFICE / ADS)
    now.ingest()
    assert look(now).rows, "looked at under this cycle's own settings, too"
    sha = house.manifest()[f"{OFFICE}/{ADS}"].sha256
    with house.open() as o:
        tables.forget(o, {sha})
        seen = [o.archive.store.get(i.key) for i in o.archive.store.list(f"reports/{TABLES}/")]
    assert len(seen) == 2 and not any(sha.encode() in data for data in seen), "what is destroyed is forgotten in both"


def unnamed(house: House) -> None:
    """Lay the reports of the only cycle where versions before kept them."""
    reports = house.root / "store" / "reports"
    for what in ("coverage", "validation", "validation-raw"):
        for file in list((reports / what / "c1").iterdir()):
            file.rename(reports / what / file.name)
    for what in ("last-run", "digest"):
        (reports / what / "c1" / "last.json").rename(reports / f"{what}.json")
    for folder in list(reports.rglob("c1")):
        folder.rmdir()


def test_reports_under_keys_without_the_cycle_are_read_as_long_as_the_store_holds_no_other(first: House) -> None:
    before = told(first)
    unnamed(first)
    assert told(first) == before
    first.ingest()
    old = reported(first.root / "store")
    document(first.inbox / OFFICE / "Ⅲ11-2 别的.txt", title="别的办法", number="示文明办发〔2026〕30号")
    made = night(first)
    assert made.since == NOW and [c.item for c in made.gained] == ["III11-2"]
    assert old.items() <= reported(first.root / "store").items(), "what is there stays as it is"
    assert told(first)["history"] == before["history"]


def test_beside_another_cycle_only_what_surely_is_of_this_one_is_read(first: House, tmp_path: Path) -> None:
    before = told(first)
    unnamed(first)
    now = second(first, tmp_path / "c2")
    assert told(now)["notes"] == () and told(now)["history"] == []
    document(now.inbox / OFFICE / GOOD)
    now.ingest()
    assert told(now)["notes"] == () and told(now)["validation"] == ()
    sure = ("history", "changes", "validation")
    assert {k: told(first)[k] for k in sure} == {k: before[k] for k in sure}
    assert (told(first)["run"], told(first)["unknown"]) == (None, {}), "it may be the other's"
    first.ingest()
    assert (told(first)["notes"], told(first)["unknown"]) == (before["notes"], before["unknown"])


def test_a_cycle_may_be_called_like_a_report(new_workspace, tmp_path: Path) -> None:
    house = new_workspace()
    document(house.inbox / OFFICE / GOOD)
    night(house)
    before = told(house)
    for name in ("audit", "coverage", "last-run", "seen"):
        now = second(house, tmp_path / name, name)
        document(now.inbox / OFFICE / GOOD)
        night(now)
        act(now, "not_applicable", item="III18-1")
        assert told(house) == before
    assert keys.cycle_report_key("coverage", "c1", "a.json") == "reports/coverage/c1/a.json"
