"""Law 2 in what people are shown: whatever is done, every piece as sent by every unit stands in exactly one place, and sums agree."""

from __future__ import annotations

import io
import random
import re
import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from openpyxl import load_workbook

from archive_schema.errors import UsageError
from archive_schema.words import CellState, EvidenceKind
from flows import digest
from flows.assignments import assignments
from flows.coverage import coverage_report
from flows.ingest import ingest
from flows.review import review_list
from flows.selection import select
from flows.view import View
from reports import coverage_html, coverage_text, coverage_xlsx, digest_text
from tests.flows.acting import act
from tests.flows.house import NOW, House, document, photo
from tests.flows.test_within import packed

ONE, OTHER = "市文明办", "市教育局"
ZIP = "报送.zip"
DOUBTFUL = "Ⅲ48-1 与 文件夹/Ⅲ58-1 方案.txt"
CELLS = (("III18-1", EvidenceKind.DOCUMENT), ("III58-1", EvidenceKind.DOCUMENT), ("III13-3", EvidenceKind.PHOTO))
ACTS = ("accept", "move", "move", "reject", "reject one", "return", "return", "withdraw", "supersede", "waive", "undo", "undo")
#: one that returns an archive; run many after a change of what acts do
SEEDS = (2,)
#: what the export says of what the report only counts → as what; ``returned`` where something else lies in its place by now
SETTLED = {"withdrawn": "withdrawn", "rejected": "rejected", "superseded": "superseded", "returned": "answered"}


def note(n: int) -> bytes:
    return f"看不出属于哪一项的一份便条,第{n}份。".encode() * 9


def deliver(house: House, into: Path, n: int) -> None:
    """The ``n``-th delivery: at the same places other bytes than before, and something new."""
    house.inbox.joinpath(ONE).mkdir(exist_ok=True)
    house.inbox.joinpath(OTHER).mkdir(exist_ok=True)
    known = document(into / "a.txt", title=f"示例市文明校园创建办法{n}").read_bytes()
    doubtful = document(into / "b.txt", title=f"某项方案{n}").read_bytes()
    picture = photo(into / "c.jpg", f"p{n}").read_bytes()
    for unit in (ONE, OTHER):  # the same bytes from both
        (house.inbox / unit / "Ⅲ18-1) 制度.txt").write_bytes(known)
        (house.inbox / unit / "便条.txt").write_bytes(note(n))
    packed(
        house.inbox / ONE / ZIP,
        {"Ⅲ13-3 好人榜.jpg": picture, "Ⅲ13-3 好人榜.txt": f"第{n}榜".encode(), "杂项.txt": note(10 + n)},
    )
    packed(house.inbox / OTHER / ZIP, {DOUBTFUL: doubtful, f"又一张{n}.txt": note(n), "杂项.txt": note(20 + n)})
    row = f"便条.txt,{'Ⅲ58-1' if n % 2 else ''},规范文件\n"
    (house.inbox / OTHER / "提交表.csv").write_text(f"文件,编号,材料类型\n{row}", "utf-8")
    (house.inbox / ONE / f"便条{n}.txt").write_bytes(note(30 + n))
    with house.open(NOW + timedelta(days=n)) as o:
        ingest(o, validation=False)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> House:
    root = tmp_path_factory.mktemp("piece")
    house = House.build(root / "ws")
    deliver(house, root, 0)
    return house


def do_something(house: House, rng: random.Random, day: int) -> None:
    """One act of those that make sense now."""
    with house.open() as o:
        sources = sorted(o.archive.index.sources(), key=lambda s: (s.folder, s.path, s.sha256))
        decided = [d.id for d in o.archive.index.decisions()]
    at = NOW + timedelta(days=day)
    while True:
        what, s = rng.choice(ACTS), rng.choice(sources)
        item, kind = rng.choice(CELLS)
        fields = {"sha256": s.sha256, "unit": rng.choice([s.unit, s.unit, ""])}
        if what in ("accept", "move"):
            fields |= {"item": item, "kind": kind}
        elif what == "reject one":
            fields |= {"item": item}
        elif what == "supersede":
            fields |= {"by_sha256": rng.choice(sources).sha256}
        elif what == "waive":
            fields |= {"code": "SEAL"}
        elif what == "undo":
            if not decided:
                continue
            fields = {"decision": rng.choice(decided)}
        try:
            act(house, what.split()[0], at=at, **fields)
        except UsageError:
            continue
        return


def check_places(house: House) -> None:
    """Where every piece stands; fails for one that stands nowhere or twice."""
    with house.open() as o:
        report = coverage_report(o)
        selection = select(o, everything=True)
        waits = review_list(o)
        held = {(line.sha256, s.unit) for line in o.archive.manifest_lines() for s in line.sources}
        view = View(o, [])
        answered = {
            (s.sha256, s.unit)
            for s in o.archive.index.sources()
            if not any(t.present for t in view.sources_of(s.sha256, s.unit))
        }
        pieces = {p for p in held if not view.evidence[p[0]].auxiliary and not all(s.auxiliary for s in view.sources_of(*p))}
        paths = {(s.sha256, s.unit): s.path for s in o.archive.index.sources()}
    cov = report.coverage
    placed = {(e.sha256, e.unit) for i in cov.items for r in i.requirements for e in r.evidence}
    lists = {
        "cell": placed,
        "unplaced": [(u.sha256, u.unit) for u in cov.unplaced],
        "sent back": [(u.sha256, u.unit) for u in cov.sent_back or ()],
    }
    seen = Counter(p for of in lists.values() for p in of)
    assert not [(paths[p], n) for p, n in seen.items() if n > 1], "stands twice"
    assert seen.keys() <= held
    why: dict[tuple[str, str], set[str]] = {}
    for x in selection.left_out:
        why.setdefault((x.sha256, x.unit), set()).add(x.reason)
    for piece in held - seen.keys():
        assert len(why.get(piece, ())) == 1, (paths[piece], piece[1], why.get(piece))
        [reason] = why[piece]
        assert reason in {*SETTLED, "auxiliary"} and (reason != "returned" or piece in answered), (
            paths[piece],
            piece[1],
            reason,
        )
    told = Counter(SETTLED[min(why[p])] for p in pieces - seen.keys())
    assert told == Counter(msgspec.to_builtins(cov.settled) if cov.settled else {}), "in no sum of the report"
    for piece in lists["unplaced"]:
        assert why[piece] in ({"unplaced"}, {"rejected"}, {"not_asked"}), (paths[piece], why[piece])
    for piece in lists["sent back"]:
        assert why[piece] <= {"returned", "rejected"}, (paths[piece], why[piece])
    waiting = {(w.sha256, w.unit) for w in waits}
    assert waiting <= placed | set(lists["unplaced"]) and {(w.sha256, w.unit) for w in waits if w.item is None} == set(
        lists["unplaced"]
    )


def check_sums(house: House) -> None:
    """Text, page, workbook and digest of the same moment give the same numbers."""
    with house.open() as o:
        report, waits, night = coverage_report(o), review_list(o), digest.digest(o)
    cov = report.coverage
    cells = Counter(r.state for i in cov.items for r in i.requirements)
    assert {s: cells[s] for s in CellState} == cov.totals == night.after
    text, page = coverage_text.render(report), coverage_html.render(report)
    book = load_workbook(io.BytesIO(coverage_xlsx.render(report)))
    loose, back = len(cov.unplaced), len(cov.sent_back or ())
    assert night.unplaced == loose == sum(w.status == "unplaced" for w in waits) == book["未归类"].max_row - 1
    assert [int(n) for n in re.findall(r"未归类 (\d+) 件", text)] == [loose] * bool(loose)
    assert f"未归类文件 <small>{loose} 件" in page and f">未归类 {loose}</a>" in page
    assert (f"等责任单位补正 <small>{back} 件" in page) == (f"等责任单位补正 {back} 件" in text) == bool(back)
    pieces = {(w.sha256, w.unit) for w in waits if w.item is not None}
    assert night.in_review + night.offered == len(pieces)
    if waits:
        assert f"待复核 {night.in_review} 件，未归类 {loose} 件" in digest_text.render(night, zone="Asia/Shanghai")
    overview = {str(r[0])[2:]: r[1] for r in book["总览"].iter_rows(values_only=True) if isinstance(r[1], int)}
    assert overview == {s.zh: cells[s] for s in CellState}


@pytest.mark.parametrize("seed", SEEDS)
def test_every_piece_stands_in_one_place_whatever_is_done(seed: int, begun: House, tmp_path: Path) -> None:
    shutil.copytree(begun.root, tmp_path / "ws")
    house, rng = House(tmp_path / "ws"), random.Random(seed)
    for _ in range(10):
        do_something(house, rng, 1)
    check_places(house)
    check_sums(house)
    deliver(house, tmp_path, 1)
    check_places(house)


def test_what_a_person_put_where_a_new_edition_asks_for_nothing_is_without_a_place(archived: tuple[House, str]) -> None:
    house, sha = archived
    act(house, "move", sha256=sha, item="III18-1", kind=EvidenceKind.DOCUMENT)
    with house.open() as o:
        fewer = [msgspec.structs.replace(i, kinds=i.kinds[1:]) if i.id == "III18-1" else i for i in o.catalogue.items]
        o.catalogue = msgspec.structs.replace(o.catalogue, items=tuple(fewer))
        assert ("III18-1", EvidenceKind.DOCUMENT) not in o.catalogue.cells
        for unit in (None, ONE):
            report = coverage_report(o, unit=unit).coverage
            assert [u.sha256 for u in report.unplaced] == [sha] and not report.elsewhere
        assert [(e.sha256, e.item) for e in review_list(o)] == [(sha, None)]
        [sheet] = [s for s in assignments(o).sheets if s.unit == ONE]
    assert sheet.sent == len(sheet.doubts) == 1, "the unit is asked where it belongs"
