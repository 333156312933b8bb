"""What others put into the store is told by every audit and stops nothing, on a folder and on a real S3 server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flows.copying import compare, copy
from storage import keys
from tests import strays
from tests.dangan.line import dangan
from tests.flows.auditing import problems, run
from tests.flows.house import House, document, photo

PLACE = "市文明办/Ⅲ18-1) 红黑榜发布制度.txt"


@pytest.fixture
def littered(on_both: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """Two files, audited and reported; and then litter in every room."""
    house = on_both
    for name, value in house.env.items():
        monkeypatch.setenv(name, value)
    document(house.inbox / PLACE)
    photo(house.inbox / "市文明办" / "Ⅲ13-3 好人榜.jpg")
    house.ingest()
    run(house)
    with house.open() as o:
        for name in (*strays.NO_KEYS, *strays.NOT_OURS):
            strays.put(o.archive.store, name)
    return house


def test_every_depth_of_the_audit_names_it_and_is_not_stopped(littered: House) -> None:
    with littered.open() as o:
        litter = {strays.told_as(o.archive.store, name) for name in (*strays.NO_KEYS, *strays.NOT_OURS)}
    in_series = {f"cycles/c1/manifest/{name}" for name in (".DS_Store", "Thumbs.db")}
    named = [("object.unexpected", key) for key in litter - in_series] + [("series.stray", key) for key in in_series]
    for depth in ("fast", "complete", "full"):
        report = run(littered, depth=depth)
        assert sorted((p.code, p.key) for p in problems(report)) == sorted(named), depth
        assert report.output.integrity is not None and report.output.integrity.ok, "nothing of ours is amiss"


def test_no_command_is_stopped_by_it(littered: House, tmp_path: Path) -> None:
    ws = ("-C", str(littered.root))
    for words in (
        ("coverage",),
        ("digest",),
        ("history", PLACE),
        ("history", "III18-1"),
        ("review", "list"),
        ("export", str(tmp_path / "bag")),
        ("copy", "--to", f"folder:{tmp_path}/second"),
        ("copy", "--to", f"folder:{tmp_path}/second", "--check", "--full"),
        ("ingest",),
        ("reassess", "--all"),
        ("withdraw", PLACE, "--by", "张三", "--reason", "误送", "--destroy", "--basis", "批示1号"),
        ("ingest",),
        ("copy", "--to", f"folder:{tmp_path}/second"),
    ):
        answer = dangan(*ws, *words)
        assert answer.code == 0, (words, answer.out, answer.err)
    assert {p.code for p in problems(run(littered))} == {"object.unexpected", "series.stray"}


def test_it_is_not_copied_and_litter_in_the_copy_is_told(littered: House, tmp_path: Path) -> None:
    url = f"folder:{tmp_path}/second"
    with littered.open() as o:
        assert copy(o, url).differences == []
        names = {i.key for room in keys.ROOMS for i in o.archive.store.found(room) if keys.ours(i.key)}
        second = tmp_path / "second"
        copied = {p.relative_to(second).as_posix() for p in second.rglob("*") if p.is_file()}
        assert copied == names
        (second / "objects" / ".DS_Store").write_bytes(b"x")
        assert [(d.code, d.key) for d in compare(o, url).differences] == [("copy.extra", "objects/.DS_Store")]


@pytest.mark.parametrize("what", ["no segment", "no head"])
def test_another_cycle_that_is_not_whole_is_named_by_every_audit(archived: tuple[House, str], what: str) -> None:
    house, _ = archived
    assert problems(run(house)) == []
    other = house.root / "store" / "cycles" / "2025"
    other.mkdir()
    head = (house.root / "store" / "cycles" / "c1" / "HEAD.json").read_bytes().replace(b"cycles/c1/", b"cycles/2025/")
    (other / "HEAD.json").write_bytes(head if what == "no segment" else b"{")
    for depth in ("fast", "full"):
        report = run(house, depth=depth)
        assert [(p.code, p.key) for p in problems(report)] == [("series.elsewhere", "cycles/2025/HEAD.json")]
        assert report.output.integrity is not None and report.output.integrity.ok, "this cycle is whole"
    key = json.loads(head)["key"]
    (house.root / "store" / key).parent.mkdir()
    (house.root / "store" / key).write_bytes(b"")
    (other / "HEAD.json").write_bytes(head)
    assert problems(run(house)) == []
