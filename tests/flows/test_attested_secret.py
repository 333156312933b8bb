"""A 密级 that a person sees on what is archived already: it counts nowhere, leaves in no export and is told until it is destroyed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from archive_schema.errors import UsageError
from flows.assignments import assignments
from flows.coverage import coverage_report
from flows.digest import digest
from flows.export import export
from reports import digest_text
from tests.flows.acting import act, states
from tests.flows.house import House

UNIT, OTHER = "市文明办", "市教育局"
CELL = ("III18-1", "规范文件")


@pytest.fixture
def twice(archived: tuple[House, str]) -> tuple[House, str]:
    """The document as sent by two units."""
    house, sha = archived
    [place] = (house.inbox / UNIT).iterdir()
    (house.inbox / OTHER).mkdir(exist_ok=True)
    shutil.copy(place, house.inbox / OTHER / place.name)
    house.ingest()
    assert states(house)[CELL] == "usable"
    return house, sha


def told(house: House) -> list[str]:
    """The units whose delivery the page and the digest call a suspected secret."""
    with house.open() as o:
        notes = [n for n in coverage_report(o).notes if "疑似涉密" in n.reason and "先前已入库" in n.reason]
        text = digest_text.render(digest(o), zone=o.workspace.zone)
        sheets = assignments(o).sheets
    kept_out = [s.unit for s in sheets for k in s.kept_out if k.secret]
    assert all("请立即联系保密办" in k.reason and "dangan" not in k.reason for s in sheets for k in s.kept_out)
    assert (f"疑似涉密 {len(notes)} 件：请立即联系保密办" in text) == bool(notes)
    assert text.count("（先前已入库，须依决定销毁）") == len(notes)
    assert sorted(kept_out) == [n.unit for n in notes]
    return [n.unit for n in notes]


def test_it_counts_for_no_unit_goes_into_no_export_and_is_told(twice: tuple[House, str], tmp_path: Path) -> None:
    house, sha = twice
    [done] = act(house, "attest", sha256=sha, unit=UNIT, fact="secrecy", value="机密")
    assert "请立即联系保密办" in done.remarks[0]
    assert done.remarks[0].endswith(f"销毁: dangan withdraw {sha[:12]} --destroy --by 姓名 --reason 理由 --basis 依据")
    assert done.remarks[0].count("dangan withdraw") == 1
    assert states(house)[CELL] == "unusable"
    assert told(house) == [OTHER, UNIT]
    with pytest.raises(UsageError):
        act(house, "waive", sha256=sha, code="SECRET")
    with house.open() as o:
        out = export(o, tmp_path / "out", everything=True)
    assert out.files == [] and {(x.unit, x.reason) for x in out.left_out} == {(UNIT, "secret"), (OTHER, "secret")}

    act(house, "withdraw", sha256=sha)
    assert told(house) == [OTHER, UNIT], "the bytes are still there"
    act(house, "withdraw", sha256=sha, destroy=True, basis="保密办函")
    assert told(house) == []


def test_it_is_as_before_when_the_word_is_taken_back(twice: tuple[House, str]) -> None:
    house, sha = twice
    [done] = act(house, "attest", sha256=sha, fact="secrecy", value="秘密")
    act(house, "undo", decision=done.decision)
    assert states(house)[CELL] == "usable" and told(house) == []
    assert act(house, "attest", sha256=sha, fact="secrecy", value="无")[0].remarks == []
    assert states(house)[CELL] == "usable"
