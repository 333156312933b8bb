"""When a piece that was sent back is no longer asked for: by decision, or corrected in its place."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from archive_schema.decisions import Decision
from archive_schema.errors import UsageError
from archive_schema.report import piece_key
from archive_schema.words import DecisionAction
from flows.assignments import assignments
from flows.coverage import coverage_report
from flows.decide import validate
from flows.ingest import ingest
from flows.review import review_list
from samples import hostile
from tests.flows.acting import act
from tests.flows.house import NOW, House, document

UNIT, OTHER = "市文明办", "市教育局"
NAME = "Ⅲ18-1) 红黑榜发布制度.txt"


@pytest.fixture
def returned(archived: tuple[House, str]) -> tuple[House, str]:
    """A document sent back."""
    house, sha = archived
    act(house, "return", sha256=sha, due=date(2026, 11, 30))
    assert asked(house) == [NAME]
    return house, sha


def take_in(house: House, days: int = 1) -> None:
    with house.open(NOW + timedelta(days=days)) as o:
        ingest(o, validation=False)


def asked(house: House, unit: str = UNIT) -> list[str]:
    """What the unit's sheet asks for again; the report's count agrees."""
    with house.open() as o:
        sheets = [s for s in assignments(o).sheets if s.unit == unit]
        board = [u for u in coverage_report(o).board if u.name == unit]
    back = [r.path for s in sheets for r in s.returned]
    assert sum(u.returned for u in board) == len(back)
    return back


def mend(at: Path, title: str = "示例市诚信红黑榜发布制度(修订)") -> None:
    document(at, title=title)


def test_the_same_return_is_safe_to_repeat_when_its_day_has_passed(returned: tuple[House, str]) -> None:
    house, sha = returned
    later, due = NOW + timedelta(days=30), date(2026, 11, 30)
    [again] = act(house, "return", sha256=sha, due=due, at=later)
    assert not again.recorded
    same = Decision("D", DecisionAction.RETURN, "张三", later, "试", sha256=sha, due=due)
    with house.open(later) as o:
        validate(o, same, o.archive.index.decisions())
        with pytest.raises(UsageError) as e:
            validate(o, msgspec.structs.replace(same, reason="另一次"), o.archive.index.decisions())
    assert e.value.code == "review.past"


def test_corrected_in_its_place_it_is_not_asked_for_again(returned: tuple[House, str]) -> None:
    house, sha = returned
    mend(house.inbox / UNIT / NAME)
    take_in(house)
    assert asked(house) == []
    with house.open() as o:
        assert coverage_report(o).replaced == {piece_key(sha, UNIT)}, "the page tells which of the two is the old one"


def test_a_clock_that_was_set_back_since_hides_no_correction(returned: tuple[House, str]) -> None:
    house, _ = returned
    mend(house.inbox / UNIT / NAME)
    take_in(house, days=-20)
    assert asked(house) == []


def test_what_is_corrected_and_sent_back_again_is_asked_for_once(returned: tuple[House, str]) -> None:
    house, old = returned
    mend(house.inbox / UNIT / NAME)
    take_in(house)
    [new] = {line.sha256 for line in house.manifest().values()} - {old}
    act(house, "return", sha256=new)
    assert asked(house) == [NAME]


def there_and_back(house: House, aside: Path) -> None:
    """Other bytes come in their place, and then the same ones again."""
    place = house.inbox / UNIT / NAME
    shutil.copy2(place, aside / "kept.txt")
    mend(place)
    take_in(house)
    shutil.copy2(aside / "kept.txt", place)
    take_in(house, 2)


def test_the_returned_bytes_put_back_are_asked_for_again(returned: tuple[House, str], tmp_path: Path) -> None:
    house, _ = returned
    there_and_back(house, tmp_path)
    assert asked(house) == [NAME]


@pytest.mark.parametrize("what", ["gone", "elsewhere", "copy kept", "withdrawn", "not taken in"])
def test_less_than_that_is_no_answer(what: str, returned: tuple[House, str], tmp_path: Path) -> None:
    house, sha = returned
    place = house.inbox / UNIT / NAME
    if what == "gone":
        place.unlink()
        mend(house.inbox / UNIT / "Ⅲ11-2 别的.txt", "示例市别的办法")
    elif what == "elsewhere":
        place.unlink()
        mend(house.inbox / UNIT / "补正" / NAME)
    elif what == "copy kept":
        shutil.copy2(place, house.inbox / UNIT / "副本.txt")
        mend(place)
    elif what == "not taken in":
        place.write_bytes(b"")
    else:
        mend(place)
    take_in(house)
    if what == "withdrawn":
        [new] = {line.sha256 for line in house.manifest().values()} - {sha}
        act(house, "withdraw", sha256=new)
    assert asked(house) == ["副本.txt" if what == "copy kept" else NAME]


def test_what_had_lain_there_before_the_return_is_no_answer(archived: tuple[House, str], tmp_path: Path) -> None:
    house, sha = archived
    there_and_back(house, tmp_path)
    act(house, "return", sha256=sha, due=date(2026, 11, 30))
    mend(house.inbox / UNIT / NAME)
    take_in(house, 3)
    assert asked(house) == [NAME]


def test_each_unit_answers_for_its_own(archived: tuple[House, str]) -> None:
    house, sha = archived
    (house.inbox / OTHER).mkdir(exist_ok=True)
    shutil.copy2(house.inbox / UNIT / NAME, house.inbox / OTHER / "转来.txt")
    house.ingest()
    act(house, "return", sha256=sha)
    mend(house.inbox / UNIT / NAME)
    take_in(house)
    assert asked(house) == [] and asked(house, OTHER) == ["转来.txt"]


def test_a_member_is_answered_by_the_archive_packed_anew(returned: tuple[House, str]) -> None:
    house, _ = returned
    pack, inner = house.inbox / UNIT / "打包.zip", "Ⅲ11-2 办法.txt"

    def packed(title: str) -> None:
        document(house.root / "a.txt", title=title, number="示文明办发〔2026〕77号")
        with zipfile.ZipFile(pack, "w") as z:
            z.writestr(inner, (house.root / "a.txt").read_bytes())

    packed("示例市公益广告办法")
    house.ingest()
    act(house, "return", sha256=house.manifest()[f"{UNIT}/打包.zip!/{inner}"].sha256)
    assert len(asked(house)) == 2
    packed("示例市公益广告办法(修订)")
    take_in(house)
    assert asked(house) == [NAME]


def test_an_archive_takes_the_place_of_all_that_was_in_the_one_before(archived: tuple[House, str]) -> None:
    """Under whatever names; what was sent back itself waits for a file of its own name, or for a decision."""
    house, _ = archived
    pack = house.inbox / UNIT / "打包.zip"

    def packed(*names: str, year: int) -> None:
        with zipfile.ZipFile(pack, "w") as z:
            for n, name in enumerate(names):
                number, day = f"示文明办发〔{year}〕{n + 1}号", date(year, 3, 5)
                made = document(house.root / "a.txt", title=f"示例市{name[5:-4]}", number=number, issued_on=day)
                z.writestr(name, made.read_bytes())
        take_in(house, year - 2019)

    def told() -> tuple[set[str], int, set[str]]:
        """The members that the sheet asks to be mended, how many files were sent, and what coverage shows."""
        with house.open() as o:
            [sheet] = [s for s in assignments(o).sheets if s.unit == UNIT]
            cells = [r for i in coverage_report(o).coverage.items for r in i.requirements]
        shown = {e.path for r in cells for e in r.evidence if "!/" in e.path}
        return {m.path for m in (*sheet.mend, *sheet.returned) if "!/" in m.path}, sheet.sent, shown

    packed("Ⅲ11-2 甲办法.txt", "Ⅲ11-2 乙办法.txt", year=2020)
    old = {"打包.zip!/Ⅲ11-2 甲办法.txt", "打包.zip!/Ⅲ11-2 乙办法.txt"}
    assert told()[0] == old
    sent = told()[1]
    act(house, "return", sha256=house.manifest()[f"{UNIT}/打包.zip!/Ⅲ11-2 乙办法.txt"].sha256)
    packed("Ⅲ11-2 丙办法.txt", year=2026)
    asked, now, shown = told()
    assert asked == {"打包.zip!/Ⅲ11-2 乙办法.txt"} and now == sent - 1
    assert shown == {*old, "打包.zip!/Ⅲ11-2 丙办法.txt"}, "what was archived stays archived"
    act(house, "withdraw", sha256=hashlib.sha256(pack.read_bytes()).hexdigest())
    assert told()[0] == old and told()[1] == sent


def test_a_cell_that_waits_for_its_unit_says_so_and_not_that_it_waits_for_a_review(new_workspace) -> None:
    """Encrypted, so nobody could tell what it is: in review, and sent back as the review list says."""
    house = new_workspace()
    (house.inbox / UNIT / "Ⅲ18-1").mkdir(parents=True)
    for sort in ("encrypted_pdf", "truncated_pdf"):
        hostile.produce(sort, house.inbox / UNIT / "Ⅲ18-1")
    house.ingest()
    of = {path.rsplit("/", 1)[-1]: line.sha256 for path, line in house.manifest().items()}

    def told() -> tuple[str, list[str], int]:
        with house.open() as o:
            report = coverage_report(o)
            [c] = [c for i in report.coverage.items for c in i.requirements if c.evidence]
            return c.state.value, [r for r in c.reasons if "复核" in r or "退回" in r], len(review_list(o))

    assert told() == ("in_review", ["归类待复核(至少 1 件)"], 2)
    act(house, "return", sha256=of["加密.pdf"], due=date(2026, 12, 1))
    assert told() == ("in_review", ["归类待复核(1 件)", "已退回,等责任单位补正(1 件,期限 2026-12-01)"], 1)
    [last] = act(house, "return", sha256=of["截断.pdf"], due=date(2026, 12, 9))
    assert told() == ("in_review", ["已退回,等责任单位补正(2 件,最迟 2026-12-09)"], 0)
    act(house, "undo", decision=last.decision)
    assert told()[1:] == (["归类待复核(1 件)", "已退回,等责任单位补正(1 件,期限 2026-12-01)"], 1)
    folder = house.inbox / UNIT / "Ⅲ18-1"
    shutil.copy(folder / "截断.pdf", folder / "加密.pdf")
    placed = document(folder / "制度.txt")
    take_in(house)
    assert asked(house) == []
    act(house, "return", sha256=hashlib.sha256(placed.read_bytes()).hexdigest(), due=date(2026, 12, 20))
    mended = "已退回,责任单位已在原处换成新材料(1 件)"
    assert told() == ("in_review", ["归类待复核(1 件)", f"已退回,等责任单位补正(1 件,期限 2026-12-20);{mended}"], 1)
