"""The store is enough to bring the index back, and one index writes."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from archive_schema.errors import ConflictError
from dangan import settings
from flows.coverage import coverage_report
from flows.restore import restore
from tests.flows.acting import act
from tests.flows.house import House, small_inbox


def everything(house: House) -> tuple[str, bytes, list[bytes]]:
    with house.open() as o:
        output = coverage_report(o).coverage
        lines = [msgspec.json.encode(m) for m in o.archive.manifest_lines()]
        return o.archive.state_digest(), msgspec.json.encode([output.items, output.totals, output.unplaced]), lines


def test_the_index_is_rebuilt_from_the_store_alone(new_workspace) -> None:
    house = new_workspace()
    small_inbox(house.inbox)
    house.ingest(validation=True)
    sha = house.manifest()["市文明办/Ⅲ18-1) 红黑榜发布制度.txt"].sha256
    act(house, "return", sha256=sha)
    before = everything(house)
    for p in house.root.glob("index.sqlite*"):
        p.unlink()
    result = restore(settings.load(house.root, env={}), take_over=True)
    assert everything(house) == before
    assert result.state_digest == before[0] and result.writer
    assert house.ingest().output.new == 0
    assert everything(house) == before


def test_a_second_index_may_read_and_not_write_until_it_takes_over(archived, tmp_path: Path) -> None:
    house, sha = archived
    second = House(tmp_path / "second")
    second.root.mkdir()
    for name in ("cycle.toml", "units.csv"):
        (second.root / name).write_bytes((house.root / name).read_bytes())
    (second.root / "dangan.toml").write_text(f'store = "folder:{house.root}/store"\ninbox = "{house.inbox}"\n', "utf-8")
    place = settings.load(second.root, env={})
    assert not restore(place).writer
    assert everything(second) == everything(house)
    with pytest.raises(ConflictError):
        act(second, "reject", sha256=sha)
    assert restore(place, take_over=True).writer
    act(second, "reject", sha256=sha)
    with pytest.raises(ConflictError):
        act(house, "withdraw", sha256=sha)
