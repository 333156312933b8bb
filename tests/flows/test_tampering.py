"""Whatever is done to an archive behind its back is found and named: every tampering, on both stores.

``docs/audit.md`` shows this table with what the program says; a test keeps the two together.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from archive_schema import canonical
from archive_schema.outputs import AuditOutput
from flows.audit import NO_ANCHOR, audit
from storage import keys, series
from storage.objects import ObjectStore
from tests import strays
from tests.flows.acting import act
from tests.flows.house import House, document, photo
from validators.audit import kinds

DOC = Path(__file__).parents[2] / "docs" / "audit.md"
CYCLE = "c1"


class Ground(NamedTuple):
    """An archive to be tampered with.

    ``text`` and ``photo``: digests of these; ``anchor``: its head, noted outside; ``before``: every object as it was;
    ``touched``: keys of what was done to it; ``litter``: names, which are no keys, of what was put into it.
    """

    house: House
    store: ObjectStore
    text: str
    photo: str
    anchor: str
    before: dict[str, bytes]
    touched: set[str]
    litter: set[str]

    def segments(self) -> list[str]:
        return series.segment_keys(self.store, CYCLE)

    def index(self, statement: str, *values: object) -> None:
        with sqlite3.connect(self.house.root / "index.sqlite") as c:
            assert c.execute(statement, values).rowcount > 0
        c.close()

    def put(self, key: str, data: bytes) -> None:
        self.touched.add(key)
        self.store.put_bytes(key, data, replace=True)

    def delete(self, key: str) -> None:
        self.touched.add(key)
        self.store.delete(key)

    def contents(self) -> dict[str, bytes]:
        """Every object but the reports."""
        return {i.key: self.store.get(i.key) for i in self.store.list("") if not i.key.startswith("reports/")}


@pytest.fixture(scope="module", params=["folder", pytest.param("s3", marks=[pytest.mark.s3, pytest.mark.xdist_group("s3")])])
def archived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Two documents, a photo, decisions of every sort that leaves a reference; four segments or more."""
    options = {}
    if request.param == "s3":
        server = request.getfixturevalue("s3_server")
        options = {"store": server.bucket_url(), "env": server.env}
    house = House.build(tmp_path_factory.mktemp(request.param) / "ws", **options)
    document(house.inbox / "市文明办" / "Ⅲ18-1) 红黑榜发布制度.txt")
    document(house.inbox / "市教育局" / "Ⅲ58-1 方案.txt", title="某项方案", number="示教发〔2026〕2号")
    photo(house.inbox / "市文明办" / "Ⅲ13-3 好人榜.jpg")
    house.ingest()
    lines = {path.rpartition("/")[2]: line.sha256 for path, line in house.manifest().items()}
    text, other, picture = lines["Ⅲ18-1) 红黑榜发布制度.txt"], lines["Ⅲ58-1 方案.txt"], lines["Ⅲ13-3 好人榜.jpg"]
    act(house, "accept", sha256=text)
    act(house, "supersede", sha256=other, by_sha256=text)
    act(house, "withdraw", sha256=picture)
    with house.open() as o:
        head = o.archive.head()
        assert head is not None and head.seq >= 4
        store = o.archive.store
        before = {i.key: store.get(i.key) for i in store.list("")}
        yield Ground(house, store, text, picture, head.anchor, before, set(), set())


@pytest.fixture
def ground(archived: Ground, tmp_path: Path) -> Iterator[Ground]:
    """The archive, put back as it was when the test is over."""
    index = [p for p in archived.house.root.iterdir() if p.name.startswith("index.sqlite")]
    for p in index:
        shutil.copy(p, tmp_path / p.name)
    yield archived
    for key in archived.touched:
        if key in archived.before:
            archived.store.put_bytes(key, archived.before[key], replace=True)
        else:
            archived.store.delete(key)
    for i in list(archived.store.list("reports/audit/")):
        archived.store.delete(i.key)
    archived.touched.clear()
    while archived.litter:
        strays.remove(archived.store, archived.litter.pop())
    for p in archived.house.root.glob("index.sqlite*"):
        p.unlink()
    for p in index:
        shutil.copy(tmp_path / p.name, p)


# -- what can be done ------------------------------------------------------------------------------------------------------


def altered_byte(g: Ground) -> str:
    key = keys.object_key(g.text)
    data = bytearray(g.store.get(key))
    data[len(data) // 2] ^= 1
    g.put(key, bytes(data))
    return key


def swapped_object(g: Ground) -> str:
    one, other = keys.object_key(g.text), keys.object_key(g.photo)
    a, b = g.store.get(one), g.store.get(other)
    g.put(one, b)
    g.put(other, a)
    return one


def deleted_object(g: Ground) -> str:
    g.delete(keys.object_key(g.text))
    return keys.object_key(g.text)


def deleted_settings(g: Ground) -> str:
    with g.house.open() as o:
        key = keys.config_key(o.archive.index.config()["settings"])
    g.delete(key)
    return key


def cut_short_object(g: Ground) -> str:
    key = keys.object_key(g.text)
    g.put(key, g.store.get(key)[:-1])
    return key


def added_object(g: Ground) -> str:
    data = b"somebody's file"
    key = keys.object_key(canonical.sha256(data))
    g.put(key, data)
    return key


def added_under_false_name(g: Ground) -> str:
    key = keys.object_key("0" * 64)
    g.put(key, b"somebody's file")
    return key


def litter(g: Ground) -> str:
    name = "objects/sha256/.DS_Store"
    strays.put(g.store, name)
    g.litter.add(name)
    return name


def edited_line(g: Ground) -> str:
    for key in g.segments():
        data = g.store.get(key)
        if "示文明办发".encode() in data:
            g.put(key, data.replace("示文明办发".encode(), "示文明办收".encode(), 1))
            return key
    raise AssertionError("no segment holds the number")


def cut_off_series(g: Ground) -> str:
    last = g.segments()[-1]
    g.delete(last)
    return last


def gap_in_series(g: Ground) -> str:
    key = g.segments()[1]
    g.delete(key)
    return key.rpartition("-")[0].rpartition("-")[0]  # of a missing segment only its number is known


def second_segment(g: Ground) -> str:
    key = g.segments()[1]
    g.put(keys.segment_key(CYCLE, 2, "another"), g.store.get(key))
    return keys.segment_key(CYCLE, 2, "another")


def replaced_head(g: Ground) -> str:
    key = keys.head_key(CYCLE)
    g.put(key, canonical.encode({**json.loads(g.store.get(key)), "digest": "0" * 64}))
    return g.segments()[-1]


def deleted_head(g: Ground) -> str:
    key = keys.head_key(CYCLE)
    g.delete(key)
    return key


def edited_status(g: Ground) -> str:
    g.index("UPDATE placement SET status = 'rejected' WHERE sha256 = ? AND status = 'confirmed'", g.text)
    return f"index/placement/{g.text}"


def edited_facts(g: Ground) -> str:
    g.index("UPDATE evidence SET data = CAST(replace(data, '示文明办发', '示文明办收') AS BLOB) WHERE sha256 = ?", g.text)
    return f"index/evidence/{g.text}"


def removed_row(g: Ground) -> str:
    g.index("DELETE FROM finding WHERE sha256 = ?", g.text)
    return f"index/finding/{g.text}"


def added_row(g: Ground) -> str:
    g.index("INSERT INTO supersede VALUES (?, ?)", g.text, g.photo)
    return f"index/supersede/{g.text}"


def rolled_back(g: Ground) -> str:
    """The series as it was one segment ago, with a head that fits it."""
    *_, before, last = g.segments()
    g.delete(last)
    g.put(keys.head_key(CYCLE), canonical.encode(series.read_segment(g.store, before).head))
    return keys.head_key(CYCLE)


def rolled_back_with_index(g: Ground) -> str:
    """The same, and an index that never saw more."""
    rolled_back(g)
    for p in g.house.root.glob("index.sqlite*"):
        p.unlink()
    with g.house.open() as o:  # replays what there is
        assert o.archive.head() is not None
    return g.segments()[-1]


class Tampering(NamedTuple):
    """``codes``: of the least depth that finds it; ``at``: that depth. ``anchored``: found with ``--expect`` alone."""

    zh: str
    do: Callable[[Ground], str]
    at: str
    codes: set[str]
    anchored: bool = False


TAMPERINGS = [
    Tampering("改动一个字节", altered_byte, "full", {"object.digest"}),
    Tampering("调换两个文件的内容", swapped_object, "fast", {"object.size"}),
    Tampering("删除一个文件", deleted_object, "fast", {"object.missing"}),
    Tampering("删除一份设置", deleted_settings, "fast", {"object.missing"}),
    Tampering("截短一个文件", cut_short_object, "fast", {"object.size"}),
    Tampering("放入一个文件", added_object, "fast", {"object.unexpected"}),
    Tampering("放入一个名不副实的文件", added_under_false_name, "full", {"object.unexpected", "object.digest"}),
    Tampering("放入一个没有键的文件", litter, "fast", {"object.unexpected"}),
    Tampering("改动清单的一行", edited_line, "fast", {"series.chain"}),
    Tampering("截去清单的末段", cut_off_series, "fast", {"series.gap", "series.rolled-back"}),
    Tampering("抽去清单中间的一段", gap_in_series, "fast", {"series.gap"}),
    Tampering("放入同一序号的另一段", second_segment, "fast", {"series.two-segments"}),
    Tampering("换掉清单之首", replaced_head, "fast", {"head.differs", "series.chain"}),
    Tampering("删除清单之首", deleted_head, "fast", {"head.differs", "series.gone"}),
    Tampering("改动索引: 归类状态", edited_status, "complete", {"index.differs"}),
    Tampering("改动索引: 读出的要素", edited_facts, "complete", {"index.differs"}),
    Tampering("改动索引: 删除一行检查结果", removed_row, "complete", {"index.differs"}),
    Tampering("改动索引: 添加一行以新替旧", added_row, "complete", {"index.differs"}),
    Tampering("整个清单连同清单之首退回一段", rolled_back, "fast", {"head.differs", "series.rolled-back"}),
    Tampering("清单、清单之首和索引一起退回一段", rolled_back_with_index, "fast", {"head.anchor"}, anchored=True),
]


def look(g: Ground, depth: str, expect: str | None = None) -> AuditOutput:
    with g.house.open(damaged=True) as o:
        return audit(o, depth=depth, opening=False, only="integrity", expect=expect).output


def found(output: AuditOutput) -> set[str]:
    assert output.integrity is not None
    return {p.code for p in output.integrity.problems}


@pytest.mark.parametrize("t", TAMPERINGS, ids=lambda t: t.do.__name__)
def test_every_tampering_is_found_and_named(ground: Ground, t: Tampering) -> None:
    where = t.do(ground)
    before = ground.contents()
    expect = ground.anchor if t.anchored else None
    output = look(ground, t.at, expect)
    assert output.integrity is not None
    assert t.codes <= found(output), output.integrity.problems
    assert any(p.key.startswith(where) or where in (p.found or "") for p in output.integrity.problems), "it is named"
    assert output.integrity.ok == all(not kinds()[c].blocking for c in found(output))
    for p in output.integrity.problems:
        assert not any(re.search("[a-z]{2,} [a-z0-9]", said or "") for said in (p.expected, p.found)), f"not Chinese: {p}"
    assert found(output) <= set(kinds()), "each code has a meaning and a remedy in Chinese"
    if t.anchored:
        without = look(ground, "complete")
        assert without.integrity is not None and without.integrity.ok and NO_ANCHOR in without.unchecked
    assert ground.contents() == before, "the audit mends nothing and changes nothing"


@pytest.mark.parametrize("depth", ["fast", "complete", "full"])
def test_an_archive_nobody_touched_has_no_problem(ground: Ground, depth: str) -> None:
    output = look(ground, depth, ground.anchor)
    assert found(output) == set()
    assert NO_ANCHOR not in output.unchecked


@pytest.mark.parametrize(
    "t", [t for t in TAMPERINGS if t.do in (deleted_object, litter, rolled_back)], ids=lambda t: t.do.__name__
)
def test_what_a_shallow_audit_finds_a_deep_one_finds_too(ground: Ground, t: Tampering) -> None:
    t.do(ground)
    assert t.codes <= found(look(ground, "full", ground.anchor if t.anchored else None))


def test_the_documented_table_is_this_table() -> None:
    rows = [line for line in DOC.read_text("utf-8").splitlines() if line.startswith("| ")]
    for t in TAMPERINGS:
        [row] = [r for r in rows if r.startswith(f"| {t.zh} |")]
        assert all(f"`{c}`" in row for c in t.codes), row
        assert f" {t.at}{' --expect' if t.anchored else ''} " in row, row
