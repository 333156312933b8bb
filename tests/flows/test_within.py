"""What is done with a container holds for what was taken out of it, as long as the unit sent that in nothing else."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from archive_schema import outputs
from archive_schema.errors import UsageError
from flows.assignments import assignments
from flows.coverage import coverage_report
from flows.export import export
from flows.ingest import ingest, reassess
from flows.review import review_list
from samples import layout
from samples.layout import Report
from tests.flows.acting import act, states
from tests.flows.house import NOW, House, document, photo

UNIT, OTHER = "市文明办", "市教育局"
WORD, ZIP = "Ⅲ18-1) 情况说明.docx", "报送.zip"
BOARD, ZIPPED = ("III18-1", "实景图片"), ("III13-3", "实景图片")


def image(tmp: Path, seed: str) -> bytes:
    return photo(tmp / f"{seed}.jpg", seed).read_bytes()


def word(into: Path, *pictures: bytes, more: str = "") -> Path:
    into.parent.mkdir(parents=True, exist_ok=True)
    text = f"今年以来,我市共发布红黑榜六期,公布守信企业四十家,失信企业十二家,联合惩戒有力有序。{more}" * 8
    return layout.report(Report("关于诚信红黑榜发布情况的说明", (text,), UNIT, date(2026, 3, 5), pictures=pictures), into)


def packed(into: Path, files: Mapping[str, bytes]) -> Path:
    into.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(into, "w") as z:
        for name, data in files.items():
            z.writestr(zipfile.ZipInfo(name), data)
    return into


@pytest.fixture
def house(new_workspace, tmp_path: Path) -> House:
    """A report with one picture, and an archive with another one."""
    made: House = new_workspace()
    word(made.inbox / UNIT / WORD, image(tmp_path, "a"))
    packed(made.inbox / UNIT / ZIP, {"Ⅲ13-3 好人榜.jpg": image(tmp_path, "b")})
    made.ingest()
    assert counted(made) == {BOARD, ZIPPED}
    return made


def counted(house: House) -> set[tuple[str, str]]:
    found = states(house)
    return {c for c in (BOARD, ZIPPED) if found[c] == "usable"}


def sha(house: House, path: str, unit: str = UNIT) -> str:
    with house.open() as o:
        [found] = {s.sha256 for s in o.archive.index.sources() if (s.unit, s.path) == (unit, path) and s.present}
    return found


def exported(house: House, into: Path) -> set[str]:
    with house.open() as o:
        export(o, into)
    return {p.name for p in into.rglob("*.jpg")}


@pytest.mark.parametrize("action", ["withdraw", "return", "supersede"])
def test_what_was_in_it_goes_with_it_and_comes_back_with_the_undo(house: House, action: str, tmp_path: Path) -> None:
    more = {}
    if action == "supersede":
        document(house.inbox / UNIT / "Ⅲ18-1) 新制度.docx")
        house.ingest()
        more = {"by_sha256": sha(house, "Ⅲ18-1) 新制度.docx")}
    [first] = act(house, action, sha256=sha(house, WORD), unit=UNIT, **more)
    assert counted(house) == {ZIPPED}
    [remark] = first.remarks
    assert f"由它取出的 1 件一并不再计入: {UNIT}/{WORD}!/图片1.jpg" in remark
    [second] = act(house, action, sha256=sha(house, ZIP), **more)
    assert counted(house) == set() and not exported(house, tmp_path / "bag")
    with house.open() as o:
        reassess(o, everything=True, validation=False)
    assert counted(house) == set()
    head = house.head()
    with house.open() as o:
        reassess(o, everything=True, validation=False)
    assert house.head() == head, "judged again it is the same"
    act(house, "undo", decision=first.decision)
    assert counted(house) == {BOARD}
    [undone] = act(house, "undo", decision=second.decision)
    assert counted(house) == {BOARD, ZIPPED}
    act(house, "undo", decision=undone.decision)
    assert counted(house) == {BOARD}


def test_what_was_in_an_archive_that_went_back_waits_for_the_archivist_no_more(new_workspace, tmp_path: Path) -> None:
    house, inside = new_workspace(), "Ⅲ48-1 与 文件夹/Ⅲ58-1 方案.txt"
    doubtful = document(tmp_path / "方案.txt", title="某项方案", number="示教发〔2026〕2号").read_bytes()
    packed(house.inbox / OTHER / ZIP, {inside: doubtful})
    house.ingest()

    def waits() -> list[str]:
        with house.open() as o:
            return [e.path for e in review_list(o)]

    assert waits() == [f"{ZIP}!/{inside}"]
    [returned] = act(house, "return", sha256=sha(house, ZIP, OTHER))
    assert waits() == []
    act(house, "undo", decision=returned.decision)
    assert waits() == [f"{ZIP}!/{inside}"]


def test_what_nobody_could_place_in_an_archive_that_went_back_is_shown_as_sent_back(new_workspace) -> None:
    house, inside = new_workspace(), "杂项.txt"
    packed(house.inbox / UNIT / ZIP, {inside: "看不出属于哪一项的一份便条。".encode() * 9})
    house.ingest()

    def shown() -> tuple[list[str], list[str]]:
        with house.open() as o:
            report = coverage_report(o)
        return [u.path for u in report.coverage.unplaced], [u.path for u in report.coverage.sent_back or ()]

    assert shown() == ([f"{ZIP}!/{inside}"], [])
    act(house, "return", sha256=sha(house, ZIP))
    assert shown() == ([], [f"{ZIP}!/{inside}"])
    with house.open() as o:
        assert coverage_report(o, unit=OTHER).coverage.sent_back is msgspec.UNSET
    packed(house.inbox / UNIT / ZIP, {"Ⅲ18-1) 新制度.txt": "另一份便条。".encode() * 9})
    house.ingest()
    assert shown() == ([], []), "another archive in its place has answered"
    with house.open() as o:
        settled = [coverage_report(o, unit=unit).coverage.settled for unit in (None, UNIT, OTHER)]
    assert settled == [outputs.CoverageSettled(answered=1)] * 2 + [msgspec.UNSET], "and is no other unit's"


def test_what_also_came_otherwise_stays_and_is_named(house: House, tmp_path: Path) -> None:
    (house.inbox / UNIT / "Ⅲ13-3 好人.jpg").write_bytes(image(tmp_path, "b"))
    house.ingest()
    [answer] = act(house, "withdraw", sha256=sha(house, ZIP))
    assert counted(house) == {BOARD, ZIPPED}
    assert "另有来处,不受影响" in answer.remarks[0]


def test_it_counts_again_when_it_comes_by_itself_or_in_a_corrected_one(house: House, tmp_path: Path) -> None:
    act(house, "withdraw", sha256=sha(house, ZIP))
    act(house, "return", sha256=sha(house, WORD))
    assert counted(house) == set()
    (house.inbox / UNIT / "Ⅲ13-3 好人.jpg").write_bytes(image(tmp_path, "b"))
    word(house.inbox / UNIT / WORD, image(tmp_path, "a"), more="六期均已公布。")
    house.ingest()
    assert counted(house) == {BOARD, ZIPPED}


def test_two_containers_and_it_counts_as_long_as_one_of_them_does(house: House, tmp_path: Path) -> None:
    packed(house.inbox / UNIT / "另一包.zip", {"Ⅲ13-3 好人榜.jpg": image(tmp_path, "b"), "说明.txt": "另一包".encode()})
    house.ingest()
    [first] = act(house, "withdraw", sha256=sha(house, ZIP))
    assert counted(house) == {BOARD, ZIPPED}
    act(house, "return", sha256=sha(house, "另一包.zip"))
    assert counted(house) == {BOARD}
    with house.open() as o:
        assert not o.archive.index.withdrawn() & {(sha(house, f"{ZIP}!/Ⅲ13-3 好人榜.jpg"), UNIT)}, "sent back, not withdrawn"
    act(house, "undo", decision=first.decision)
    assert counted(house) == {BOARD, ZIPPED}


def test_another_unit_that_sent_the_same_keeps_its_own(house: House) -> None:
    (house.inbox / OTHER).mkdir(exist_ok=True)
    (house.inbox / OTHER / ZIP).write_bytes((house.inbox / UNIT / ZIP).read_bytes())
    house.ingest()
    picture = sha(house, f"{ZIP}!/Ⅲ13-3 好人榜.jpg")
    act(house, "withdraw", sha256=sha(house, ZIP), unit=UNIT)
    with house.open() as o:
        assert o.archive.index.withdrawn() == {(sha(house, ZIP), UNIT), (picture, UNIT)}


def test_pictures_of_a_document_in_an_archive_follow_the_archive(new_workspace, tmp_path: Path) -> None:
    house: House = new_workspace()
    inner = word(tmp_path / "x.docx", image(tmp_path, "a"))
    packed(house.inbox / UNIT / ZIP, {WORD: inner.read_bytes()})
    house.ingest()
    assert counted(house) == {BOARD}
    # the newer version lies in the older one: what replaces it is not replaced with it
    act(house, "supersede", sha256=sha(house, ZIP), by_sha256=sha(house, f"{ZIP}!/{WORD}"))
    assert counted(house) == {BOARD}
    act(house, "withdraw", sha256=sha(house, ZIP))
    assert counted(house) == set()


def test_an_archive_in_several_is_followed_into_each_as_it_was_sent(new_workspace, tmp_path: Path) -> None:
    """The same inner archive in two of one unit, and in one of another unit that is called like the first."""
    house, first, second = new_workspace(), "甲.zip", "乙.zip"
    picture = {"Ⅲ13-3 好人榜.jpg": image(tmp_path, "b")}
    inner = packed(tmp_path / "包.zip", picture).read_bytes()
    for unit, name in ((UNIT, first), (UNIT, second), (OTHER, first)):
        packed(house.inbox / unit / name, {"包.zip": inner, "说明.txt": f"{unit}{name}".encode()})
    house.ingest()
    shas = {(u, n): sha(house, n, u) for u, n in ((UNIT, first), (UNIT, second), (OTHER, first))}
    at = f"{first}!/包.zip!/{next(iter(picture))}"

    def withdrawn() -> set[str]:
        """Whose picture does not count."""
        with house.open() as o:
            return {unit for of, unit in o.archive.index.withdrawn() if of == sha(house, at)}

    [one] = act(house, "withdraw", sha256=shas[UNIT, first])
    assert withdrawn() == set()
    act(house, "withdraw", sha256=shas[UNIT, second])
    assert withdrawn() == {UNIT}
    act(house, "withdraw", sha256=shas[OTHER, first])
    assert withdrawn() == {UNIT, OTHER}
    act(house, "undo", decision=one.decision)
    assert withdrawn() == {OTHER}


def test_who_destroys_an_archive_keeps_the_other_files_in_it(house: House) -> None:
    act(house, "withdraw", sha256=sha(house, ZIP), destroy=True, basis="保密办〔2026〕1号")
    assert counted(house) == {BOARD, ZIPPED}


@pytest.mark.parametrize("name", [ZIP, "提交表.csv"])
def test_an_archive_and_a_form_can_be_sent_back_and_are_asked_for_until_corrected(
    house: House, name: str, tmp_path: Path
) -> None:
    form = house.inbox / UNIT / "提交表.csv"
    form.write_text(f"文件,编号\n{WORD},Ⅲ18-1\n", "utf-8")
    house.ingest()
    act(house, "return", sha256=sha(house, name))

    def asked() -> list[str]:
        with house.open() as o:
            return [r.path for s in assignments(o).sheets if s.unit == UNIT for r in s.returned]

    assert asked() == [name]
    if name == ZIP:
        packed(house.inbox / UNIT / ZIP, {"Ⅲ13-3 好人榜.jpg": image(tmp_path, "c")})
    else:
        form.write_text(f"文件,编号,材料类型\n{WORD},Ⅲ18-1,说明报告\n", "utf-8")
    with house.open(NOW + timedelta(days=1)) as o:
        ingest(o, validation=False)
    assert asked() == []


def test_an_archive_has_no_placement_to_decide_about_and_the_refusal_says_so(house: House) -> None:
    for action, fields in (("accept", {}), ("waive", {"code": "DATE"}), ("attest", {"fact": "title", "value": "题"})):
        with pytest.raises(UsageError) as e:
            act(house, action, sha256=sha(house, ZIP), unit=UNIT, **fields)
        assert e.value.code == "review.auxiliary" and "本身不作材料" in e.value.zh
