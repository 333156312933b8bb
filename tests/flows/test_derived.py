"""What is kept below ``derived/`` may be deleted: nothing that is held depends on whether it is there (laws 3 and 5)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest

from archive_schema.grid import GRID
from flows import derived as derived_module
from flows.audit import DERIVED
from flows.coverage import coverage_report
from flows.ingest import new_run, reassess
from flows.validation import validate_frames
from intake.pool import ReaderPool
from samples import layout
from storage import keys, sweep
from tests.dangan.line import dangan
from tests.flows.acting import act
from tests.flows.auditing import problems, run
from tests.flows.house import NOW, House, photo

TEXT = "一年来,我市认真开展工作。现将有关情况汇总如下:\n一、主要做法。\n二、取得成效。\n三、存在问题。\n" * 8


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A text that only its length makes a report, a table with something to find in its cells, a photo. Read only."""
    house = House.build(tmp_path_factory.mktemp("derived") / "ws")
    folder = house.inbox / "市文明办"
    (folder / "Ⅲ1-1 a.txt").write_text(TEXT, "utf-8")
    rows = tuple((f"第{n}小学", n - 3) for n in range(8))
    layout.table_xlsx(layout.Table("学校人数", ("学校", "人数"), rows, filled_on=date(2026, 4, 1)), folder / "Ⅲ18-1 数据.xlsx")
    photo(folder / "Ⅲ13-3 好人榜.jpg")
    house.ingest(validation=True)
    return house


@pytest.fixture
def ws(filled: House, tmp_path: Path) -> House:
    shutil.copytree(filled.root, tmp_path / "ws")
    return House(tmp_path / "ws")


def place(house: House, end: str) -> str:
    """The SHA-256 of the file whose name ends so."""
    return next(line.sha256 for path, line in house.manifest().items() if path.endswith(end))


def below(house: House, end: str) -> Path:
    return house.root / "store" / "derived" / place(house, end)


def standing(house: House) -> tuple[str, bytes, list[object]]:
    """State digest, coverage, and every finding."""
    with house.open() as o:
        told = coverage_report(o).coverage
        told = msgspec.structs.replace(told, head=None)
        findings = [(f.sha256, f.origin, f.outcomes, f.passed) for f in o.archive.index.findings()]
        return o.archive.state_digest(), msgspec.json.encode(told), sorted(findings, key=repr)


def judged_again(house: House) -> None:
    with house.open() as o:
        reassess(o, everything=True, validation=False)
        validate_frames(o, new_run(NOW))


@pytest.fixture
def read_again(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Names of the files that are read again for what is no longer kept."""
    names: list[str] = []

    class Counted(ReaderPool):
        def read(self, jobs):  # type: ignore[no-untyped-def]
            asked = list(jobs)
            names.extend(j.name for j in asked)
            return super().read(asked)

    monkeypatch.setattr("intake.pool.ReaderPool", Counted)
    yield names


def test_judged_again_without_it_the_state_is_the_same(ws: House, read_again: list[str]) -> None:
    assert next(p.kind for line in ws.manifest().values() for p in line.placements if p.item == "III1-1") == "说明报告"
    judged_again(ws)
    assert read_again == [], "it is there"
    before = standing(ws)
    kept = sorted(p.relative_to(ws.root) for p in (ws.root / "store" / "derived").rglob("*@*"))
    shutil.rmtree(ws.root / "store" / "derived")
    judged_again(ws)
    assert standing(ws) == before
    assert sorted(read_again) == ["Ⅲ1-1 a.txt", "Ⅲ18-1 数据.xlsx"], "not the photo, which has no text"
    assert sorted(p.relative_to(ws.root) for p in (ws.root / "store" / "derived").rglob("*@*")) == kept, "kept once more"
    judged_again(ws)
    assert len(read_again) == 2


def test_tables_looked_at_again_without_it_say_the_same(ws: House) -> None:
    """A copy without ``derived/`` is one without reports, too: nothing is known of the tables."""
    assert dangan("-C", str(ws.root), "copy", "--to", f"folder:{ws.root}/second", "--no-derived").code == 0
    before = standing(ws)
    assert any(origin == "tables" and outcomes for _, origin, outcomes, _ in before[2]), "there is something to find"
    shutil.rmtree(ws.root / "store")
    (ws.root / "second").rename(ws.root / "store")
    judged_again(ws)
    assert standing(ws) == before
    assert (below(ws, ".xlsx") / GRID).stat().st_size > 0


def test_a_copy_that_comes_without_it_leaves_the_place_of_the_first(ws: House) -> None:
    """Another source of known bytes: the text is asked for in the middle of a batch."""
    shutil.rmtree(ws.root / "store" / "derived")
    file = ws.inbox / "市文明办" / "Ⅲ1-1 a.txt"
    shutil.copy(file, ws.inbox / "市教育局" / file.name)
    file.unlink()
    ws.ingest()
    kinds = {(p.item, p.kind) for line in ws.manifest().values() for p in line.placements if p.item == "III1-1"}
    assert kinds == {("III1-1", "说明报告")}


def test_of_what_was_destroyed_nothing_is_read_again(ws: House, monkeypatch: pytest.MonkeyPatch, read_again: list[str]) -> None:
    sha = place(ws, ".txt")
    with ws.open() as o:
        [held] = o.archive.index.evidence([sha])
        data = o.archive.store.get(keys.object_key(sha))
    act(ws, "withdraw", sha256=sha, destroy=True, basis="批示1号")
    with ws.open() as o:  # as if a lock had held the bytes
        o.archive.store.put_bytes(keys.object_key(sha), data)
        assert {e.sha256: text for e, text in derived_module.texts(o, [held])} == {sha: ""}
        assert list(o.archive.store.list(keys.derived_prefix(sha))) == []
    assert read_again == []


def test_an_object_that_is_gone_has_no_text_and_stops_nothing(ws: House) -> None:
    sha = place(ws, ".txt")
    shutil.rmtree(ws.root / "store" / "derived")
    with ws.open() as o:
        o.archive.store.delete(keys.object_key(sha))
        held = list(o.archive.index.evidence())
        assert {e.sha256 for e, _ in derived_module.texts(o, held)} == {e.sha256 for e in held}
        assert [text for e, text in derived_module.texts(o, held) if e.sha256 == sha] == [""]


@pytest.mark.parametrize("data", [b"", "改过的文字".encode()], ids=["emptied", "altered"])
def test_the_nightly_share_compares_it_with_what_the_object_says(ws: House, data: bytes) -> None:
    [file] = below(ws, ".txt").iterdir()
    file.write_bytes(data)
    report = run(ws, share=tuple(sweep.GROUPS))
    [p] = problems(report)
    assert (p.code, p.key) == ("derived.differs", keys.object_key(place(ws, ".txt")))
    assert p.found == file.relative_to(ws.root / "store").as_posix() and "改过" not in str(p)
    file.unlink()
    assert problems(run(ws, share=tuple(sweep.GROUPS))) == [], "deleting it is what the remedy says"


def test_an_audit_that_does_not_compare_it_says_so(ws: House) -> None:
    for options in ({}, {"depth": "complete"}, {"depth": "full", "opening": False}):
        assert DERIVED in run(ws, **options).output.unchecked
    assert any("derived/" in line for line in run(ws, depth="full").output.unchecked)
    assert not any("derived/" in line for line in run(ws, share=tuple(sweep.GROUPS)).output.unchecked)
