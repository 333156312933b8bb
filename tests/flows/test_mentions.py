"""After a destruction nothing that was read remains, but in the series: store, index, results of validation and reports are searched.

A table, a document with a picture and a scan with its recognised text, in one workspace that a whole night went through.
"""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from archive_schema.evidence import Evidence
from flows import digest, mentions
from flows.coverage import coverage_report
from flows.ingest import new_run, reassess
from flows.mentions import names, on_disk
from flows.nightly import coverage
from flows.upkeep import anything_outdated
from flows.validation import table_report
from samples import layout, pdf
from samples import photo as pictures
from samples.layout import Photo, Report
from storage.replay import Replay
from storage.series import walk
from tests.dangan.line import Answer, dangan
from tests.flows.house import NOW, House, document
from tests.flows.test_tables import ADS, table

TABLE, REPORT, SCAN = f"市文明办/{ADS}", "市文明办/Ⅲ18-1) 情况说明.docx", "市文明办/Ⅲ18-1) 扫描件.pdf"
PICTURE = f"{REPORT}!/图片1.jpg"
#: words and a figure that stand in the three files and nowhere else, nor in their names
WORDS = ("翡翠湖", "琥珀", "珊瑚电视台", "玛瑙", "4017")
#: of the small file beside them, which must stay
KEPT = "青金石"
RECOGNISED = "翡翠湖管理办法\n琥珀街道办事处文件\n示文明办发〔2026〕9号"


def lay_out(inbox: Path) -> None:
    rows = (("琥珀日报", 20, 3.5), ("珊瑚电视台", -4017, 7.25), ("珊瑚电视台", 30, 8))
    table(inbox / TABLE, title="翡翠湖刊播统计表", rows=rows, totals=(), source="玛瑙广电局")
    text = "今年以来,琥珀街道公布守信企业4017家,联合惩戒有力有序。" * 8
    shown = pictures.encode(Photo(seed="a"), "JPEG")
    spec = Report("关于翡翠湖红黑榜发布情况的说明", (text,), "玛瑙文明办", date(2026, 3, 5), pictures=(shown,))
    layout.report(spec, inbox / REPORT)
    (inbox / SCAN).write_bytes(pdf.picture_page(pictures.encode(Photo(seed="scan", width=620, height=877), "JPEG")))
    document(inbox / "市文明办" / "Ⅲ11-2 别的.txt", title=f"{KEPT}办法", number="示文明办发〔2026〕30号")


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> House:
    house = House.build(tmp_path_factory.mktemp("mentions") / "ws")
    lay_out(house.inbox)
    house.ingest(validation=True)
    with house.open() as o:
        scan = house.manifest()[SCAN].sha256
        o.archive.store.put_bytes(f"derived/{scan}/pdf@9+ocr@1", RECOGNISED.encode())  # as the recogniser leaves it
        coverage(o)
        digest.night(o)
    at = ("-C", str(house.root))
    for more in (("grades", "--format", "xlsx"), ("forecast", "--date", "2026-12-01", "--format", "html")):
        assert dangan(*at, *more).code == 0
    return house


@pytest.fixture
def house(night: House, tmp_path: Path) -> House:
    shutil.copytree(night.root, tmp_path / "ws")
    return House(tmp_path / "ws")


def parts(path: Path) -> Iterator[bytes]:
    data = path.read_bytes()
    yield data
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            yield from (z.read(n) for n in z.namelist())


def found(house: House, words: tuple[str, ...] = WORDS) -> dict[str, set[str]]:
    """File below the workspace → the words in it; not in the inbox, which is the unit's."""
    out: dict[str, set[str]] = {}
    for path in sorted(p for p in house.root.rglob("*") if p.is_file() and not p.is_relative_to(house.inbox)):
        forms = [(w, form) for w in words for form in (w.encode(), json.dumps(w)[1:-1].encode())]
        if held := {w for w, form in forms if any(form in part for part in parts(path))}:
            out[str(path.relative_to(house.root))] = held
    return out


def in_series(path: str) -> bool:
    return path.startswith("store/cycles/c1/manifest/")


def destroy(house: House, *files: str) -> Answer:
    who = ("--by", "张三", "--reason", "误送", "--destroy", "--basis", "纪要3号")
    return dangan("-C", str(house.root), "withdraw", *files, *who)


def test_before_the_words_are_in_every_place_that_is_searched(night: House) -> None:
    places = [p for p in found(night) if not in_series(p)]
    for place in (
        "store/objects/",
        "store/derived/",
        "index.sqlite",
        "validation-tables",
        "validation-raw",
        "reports/覆盖情况.html",
    ):
        assert any(place in p for p in places), place


def test_afterwards_they_stand_in_the_series_alone(house: House) -> None:
    answer = destroy(house, TABLE, REPORT, SCAN, PICTURE)  # the picture bears the title of the report that it came out of
    assert answer.code == 0, answer.err
    assert [p for p in found(house) if not in_series(p)] == []
    assert any(p.endswith("覆盖情况.html") for p in found(house, (KEPT,))), "of the others everything is still told"


def test_the_command_says_what_it_rewrote_and_what_cannot_be_taken_back(house: House) -> None:
    mine = house.root / "reports" / "我的摘抄.txt"
    mine.write_text("翡翠湖刊播统计表", "utf-8")
    unrelated = house.root / "reports" / "别的.txt"
    unrelated.write_text("别的", "utf-8")
    page = house.root / "reports" / "表格检查.html"
    page.write_text(f"<p>{ADS}</p>", "utf-8")
    answer = destroy(house, TABLE)
    for said in ("已重写报告", "覆盖情况.html", "只增不改", "-o"):
        assert said in answer.out, said
    lines = answer.out.splitlines()
    [told] = [line for line in lines if "我的摘抄.txt" in line]
    assert "请自行处理" in told and mine.exists(), "what is not ours is left to its owner"
    [gone] = [line for line in lines if "表格检查.html" in line]
    assert "dangan checks results --format html" in gone and not page.exists()
    assert "别的.txt" not in answer.out and unrelated.exists()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("覆盖情况-市文明办.xlsx", "dangan coverage --format xlsx --unit '市文明办'"),
        ("覆盖情况-开发 区.html", "dangan coverage --format html --unit '开发 区'"),
        ("覆盖情况---help.html", "dangan coverage --format html --unit=--help"),
        ("等级.xlsx", "dangan grades --format xlsx"),
        ("预测-2026-12-01.html", "dangan forecast --date 2026-12-01 --format html"),
        ("预测-2026-12-01-市文明办.xlsx", "dangan forecast --date 2026-12-01 --format xlsx --unit '市文明办'"),
        ("档案审计.html", "dangan audit --format html"),
        ("夜间简报.txt", "dangan digest"),
        ("我的摘抄.txt", None),
    ],
)
def test_the_command_that_makes_a_removed_report_again_is_told_whole(name: str, words: str | None) -> None:
    assert mentions.made_by(name) == words


def test_the_reports_written_anew_name_it_no_more_and_the_rest_as_before(house: House) -> None:
    with house.open() as o:
        before = [e for i in coverage_report(o).coverage.items for c in i.requirements for e in c.evidence]
    sha = house.manifest()[TABLE].sha256
    assert any(e.sha256 == sha for e in before)
    destroy(house, TABLE)
    data = json.loads((house.root / "reports" / "覆盖情况.json").read_bytes())
    held = {e["sha256"] for i in data["items"] for c in i["requirements"] for e in c["evidence"]}
    assert held == {e.sha256 for e in before} - {sha}


def test_an_index_made_anew_knows_no_more_than_the_one_that_forgot(house: House, tmp_path: Path) -> None:
    destroy(house, TABLE, REPORT)
    (tmp_path / "replay").mkdir()
    with house.open() as o, Replay(tmp_path / "replay") as replay:
        pos = 1
        for segment in walk(o.archive.store, o.archive.cycle, upto=o.archive.head()):
            records = tuple(segment.records())
            replay.add(records, first=pos)
            pos += len(records)
        replay.finish()
        assert list(replay.differences(o.archive.index)) == []
        assert facts(replay.index.evidence(), house) == facts(o.archive.index.evidence(), house) == {"": True}


def facts(evidence: Iterator[Evidence], house: House) -> dict[str, bool]:
    """Whether the table and the report are known by their facts: {"": True} = by none."""
    gone = {house.manifest()[p].sha256 for p in (TABLE, REPORT)}
    return {"".join(e.facts) + e.detail: True for e in evidence if e.sha256 in gone}


def test_an_index_of_an_earlier_version_forgets_with_the_next_pass(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as before:
        before.setattr("storage.redaction.redact", lambda *_: 0)
        before.setattr("storage.index.redact", lambda *_: 0)
        destroy(house, TABLE)
    assert house.manifest()[TABLE].facts
    house.ingest()
    assert house.manifest()[TABLE].facts == {}
    assert not any(p.startswith("index.sqlite") and "珊瑚电视台" in words for p, words in found(house).items())


def test_what_was_destroyed_is_asked_about_no_more(house: House) -> None:
    destroy(house, TABLE, REPORT)
    with house.open() as o:
        assert not anything_outdated(o)
        assert TABLE not in str(table_report(o)) and table_report(o).files == 0
    house.set_cycle('name = "c1"', 'name = "c1"\n# 说明')
    file = house.root / "cycle.toml"
    file.write_text(file.read_text("utf-8") + "\n[checks.PIXELS]\nmin_long_side = 1500\n", "utf-8")
    with house.open() as o:
        assert anything_outdated(o), "by other settings the others are judged again"
        reassess(o)
        head = o.archive.head()
        reassess(o, everything=True)
        assert o.archive.head() == head, "and what is destroyed is not recorded again and again"


def test_names_of_a_few_letters_are_not_searched_for(house: House) -> None:
    with house.open() as o:
        sha = house.manifest()[TABLE].sha256
        assert names(o, {sha}) == {sha[:12], ADS, "翡翠湖刊播统计表"}
        assert on_disk(o, frozenset()).removed == ()


def test_examples_of_other_files_stay_in_the_results_of_validation(house: House) -> None:
    sha = house.manifest()[TABLE].sha256
    key = f"reports/validation/c1/{99_999_999}-{new_run(NOW)}.json"
    shown = [f"{sha[:12]}…: 珊瑚", f"{TABLE}: 玛瑙", "市文明办/别的.txt: 甲"]
    result = {"suite": "s", "code": "RECORD", "text": "t", "success": False, "checked": 3, "unexpected": 3, "examples": shown}
    with house.open() as o:
        o.archive.store.put_bytes(key, json.dumps([result]).encode())
        mentions.in_store(o, {sha})
        [left] = json.loads(o.archive.store.get(key))
        assert left["examples"] == shown[2:] and left["unexpected"] == 3
        head = o.archive.store.get(key)
        mentions.in_store(o, {sha})
        assert o.archive.store.get(key) == head
