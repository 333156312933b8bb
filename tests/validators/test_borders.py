"""Where each rule of one evidence turns: on the border itself, in what it leaves to another check, in what it must not hold against a file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from archive_schema.catalogue import Catalogue, CatalogueHead, Item
from archive_schema.cycle import RequirementRule, Settings, Window
from archive_schema.errors import DataError
from archive_schema.evidence import Fact
from archive_schema.words import DecisionAction, EvidenceKind, Outcome, ReadState
from tests.validators.build import (
    CAPTIONED,
    DOCUMENT,
    OTHER,
    PHOTO,
    REPORT,
    TABLE,
    UNIT,
    USUAL,
    WINDOW,
    act,
    cycle,
    evidence,
    failed,
    item,
    judged,
    of,
    placement,
    source,
    unread,
)
from tests.validators.cases import BOUNDARY, dated_caption
from validators import checks
from validators.judge import Judgement, judge

ATTEST, RETURN = DecisionAction.ATTEST, DecisionAction.RETURN
PARTIAL, DAMAGED = ReadState.PARTIAL, ReadState.DAMAGED
PASS, FAIL, UNCHECKED, SILENT = "pass", "fail", "unchecked", "silent"
OLE = "application/x-ole-storage"
COUNTY = {"title": "全县完成情况统计表", "table_scope": "全县"}
PER_HEAD = {"table_columns": ["区", "人均面积(平方米)"], "table_scope": "按常住人口"}


def verdict(judgement: Judgement, code: str) -> str:
    said = {o.outcome.value for o in of(judgement, code)}
    assert len(said) < 2
    return said.pop() if said else PASS if code in judgement.passed else SILENT


def read(kind: EvidenceKind = DOCUMENT, **facts: object) -> Callable[[], Judgement]:
    return lambda: judged(kind, evidence(kind, **facts))  # type: ignore[arg-type]


def attested(kind: EvidenceKind, fact: str, value: str, **facts: object) -> Callable[[], Judgement]:
    return lambda: judged(kind, evidence(kind, **facts), decisions=(act(ATTEST, fact=fact, value=value),))  # type: ignore[arg-type]


def shown(**said: object) -> Callable[[], Judgement]:
    """A photo whose source says so."""
    return lambda: judged(PHOTO, sources=(source("现场.jpg", **(CAPTIONED | said)),))


BORDERS: dict[str, tuple[str, str, Callable[[], Judgement]]] = {
    # ---- any file
    "a document of no page": ("EMPTY", FAIL, read(pages=0)),
    "a document without a word that is placed nowhere": (
        "EMPTY",
        FAIL,
        lambda: judged(of=evidence(text_chars=0), placements=()),
    ),
    "one that is placed is BLANK's": ("EMPTY", PASS, read(text_chars=0)),
    "one of pictures alone, placed nowhere": (
        "EMPTY",
        PASS,
        lambda: judged(of=evidence(text_chars=0, pictures=2), placements=()),
    ),
    "no word recognised in a scan that is placed nowhere": (
        "EMPTY",
        PASS,
        lambda: judged(of=evidence(text_chars=Fact(0, method="ocr@1")), placements=()),
    ),
    "a photograph has no words": ("EMPTY", PASS, lambda: judged(PHOTO, evidence(PHOTO, text_chars=0), placements=())),
    "no page of what was read in part": ("EMPTY", PASS, read(pages=0, state=PARTIAL)),
    "a damaged file may be locked or not": ("ENCRYPTED", SILENT, lambda: judged(of=unread(state=DAMAGED))),
    "a package whose members did not all come out": (
        "OPEN",
        FAIL,
        lambda: judged(of=unread(state=PARTIAL, media_type="application/zip", detail="2 个文件没有取出;请重发")),
    ),
    "a document read in part opens": ("OPEN", PASS, read(state=PARTIAL, detail="后 3 页是扫描页")),
    "nothing is no format": ("FORMAT", SILENT, lambda: judged(of=unread(size=0))),
    "nothing is of no other type": ("TYPE", PASS, lambda: judged(of=unread(size=0), sources=(source("通知.pdf"),))),
    "a locked old document by its own name": (
        "TYPE",
        PASS,
        lambda: judged(of=unread(state=ReadState.ENCRYPTED, media_type=OLE), sources=(source("通知.doc"),)),
    ),
    "a picture has no text to be garbled": ("GARBLED", SILENT, lambda: judged(PHOTO)),
    "text at the share of garbling allowed": (
        "GARBLED",
        PASS,
        lambda: judged(of=evidence(garbled=0.4), settings={"GARBLED": {"max_ratio": 0.4}}),
    ),
    "a group may be anybody": ("DEPARTMENT", SILENT, lambda: judged(answering={"X1-1": ("各县(市、区)",)})),
    "an unknown folder answers for nothing": (
        "DEPARTMENT",
        SILENT,
        lambda: judged(sources=(source(unit=OTHER, unit_known=False),), placements=(placement(unit=OTHER),)),
    ),
    "no person on the pages read, others not read": (
        "PERSONS",
        UNCHECKED,
        read(state=PARTIAL, detail="后 3 页是扫描页"),
    ),
    "a table in which nobody looked for persons": ("PERSONS", UNCHECKED, read(TABLE, without=("persons",))),
    "a photo in which nobody looked for persons": ("PERSONS", SILENT, lambda: judged(PHOTO)),
    # ---- 规范文件
    "a number attested to be none": ("NUMBERFORM", SILENT, attested(DOCUMENT, "document_number", "无")),
    "a document of two organs, one the right one": (
        "ISSUER",
        PASS,
        lambda: judged(of=evidence(issuer="中共示例市委员会、示例市教育局"), placements=(placement("X1-4"),)),
    ),
    "an issuer read otherwise elsewhere": (
        "ISSUER",
        PASS,
        lambda: judged(
            of=evidence(issuer=Fact("示例市教育局", others=("中共示例市委员会",), method="test@1")),
            placements=(placement("X1-4"),),
        ),
    ),
    "a document of the State Council by its issuer": (
        "SUPERIOR",
        FAIL,
        lambda: judged(of=evidence(issuer="国务院办公厅", without=("title",))),
    ),
    "its name set wide, as in a red head": ("SUPERIOR", FAIL, read(issuer="国　务　院  办公厅")),
    "the city's plan after an inspection by the State Council": (
        "SUPERIOR",
        PASS,
        read(title="国务院大督查反馈问题整改方案", issuer="示例市人民政府"),
    ),
    "a city's paper about one of the State Council": ("SUPERIOR", PASS, read(title="转发国务院办公厅通知的通知")),
    "where the party committee's own is asked for, ISSUER speaks": (
        "SUPERIOR",
        SILENT,
        lambda: judged(of=evidence(issuer="国务院办公厅"), placements=(placement("X1-4"),)),
    ),
    "a document read whole without title and issuer": ("SUPERIOR", SILENT, read(without=("title", "issuer"))),
    "an original needs no seal": ("SEAL", PASS, read(seal=False, issuer=Fact("示例市教育局", method="pdf@1/red-head"))),
    "a red head without a number is no original": (
        "SEAL",
        FAIL,
        read(seal=False, issuer=Fact("示例市教育局", method="pdf@1/red-head"), without=("document_number",)),
    ),
    "an original of which a person says that its seal is missing": (
        "SEAL",
        FAIL,
        attested(DOCUMENT, "seal", "无", issuer=Fact("示例市教育局", method="pdf@1/red-head")),
    ),
    "pages absent among those read": ("PAGES", FAIL, read(pages_absent=["3"])),
    "pages that may be among those not read": (
        "PAGES",
        UNCHECKED,
        read(pages_absent=["3"], state=PARTIAL, detail="后 3 页是扫描页"),
    ),
    # ---- 说明报告
    "as long as asked": ("TEXT", PASS, read(REPORT, text_chars=300)),
    "a document is asked for less text than a report": ("TEXT", PASS, read(text_chars=60)),
    "an attested length": ("TEXT", FAIL, attested(REPORT, "text_chars", "120", state=PARTIAL, detail="后 3 页是扫描页")),
    "as long as allowed": ("LONG", PASS, read(REPORT, text_chars=800)),
    "one longer": ("LONG", FAIL, read(REPORT, text_chars=801)),
    "as many figures as asked": ("FIGURES", PASS, read(REPORT, figures_count=3)),
    "a report without text lacks nothing else": ("MEASURES", SILENT, read(REPORT, text_chars=0, measures=[])),
    "called a summary and an explanation": (
        "SUMMARY",
        PASS,
        read(REPORT, title="内容1工作总结及情况说明", summary_style=["标题“总结”"]),
    ),
    "turns of phrase of a summary": (
        "SUMMARY",
        FAIL,
        read(REPORT, summary_style=["圆满完成", "一年来", "再接再厉"], explains=[]),
    ),
    "the same in what explains the standard": ("SUMMARY", PASS, read(REPORT, summary_style=["圆满完成", "一年来", "再接再厉"])),
    "turns of phrase on the pages not read": (
        "SUMMARY",
        UNCHECKED,
        read(REPORT, state=PARTIAL, detail="后 3 页是扫描页"),
    ),
    "a report that begins before the window": ("PERIOD", PASS, read(REPORT, period="2015-01-01 至 2016-08-01")),
    "a report that ends on the day before": ("PERIOD", FAIL, read(REPORT, period="2015-01-01 至 2016-07-31")),
    "another kind of another standard": (
        "SINGLE",
        PASS,
        lambda: judged(REPORT, placements=(placement("X1-1", REPORT), placement("X1-2", DOCUMENT))),
    ),
    "another unit's report of another standard": (
        "SINGLE",
        PASS,
        lambda: judged(REPORT, placements=(placement("X1-1", REPORT), placement("X1-5", REPORT, OTHER))),
    ),
    "a title of common words only": ("ANSWERS", PASS, read(REPORT, title="关于工作情况的报告")),
    # ---- 实景图片
    "as large as asked, upright": ("PIXELS", PASS, read(PHOTO, width=768, height=1024)),
    "a page called a photo": (
        "CAPTION",
        SILENT,
        lambda: judged(PHOTO, evidence(PHOTO, media_type="application/pdf"), sources=(source(),)),
    ),
    "the caption of another source of the unit": (
        "ELEMENTS",
        PASS,
        lambda: judged(PHOTO, sources=(source("a.jpg", **CAPTIONED), source("b.jpg"))),
    ),
    "one of two captions agrees with the camera": (
        "CAPDATE",
        PASS,
        shown(caption_facts={"caption_time": Fact(["2017-03-01", "2017-05-01"], method="name/elements")}),
    ),
    "one of two captions agrees with the stamp": (
        "STAMP",
        PASS,
        lambda: judged(
            PHOTO,
            evidence(PHOTO, imprint=["印字"], date_stamp="2017-05-09", without=("taken_on",)),
            sources=(
                source(
                    "现场.jpg",
                    caption=CAPTIONED["caption"],
                    caption_facts={"caption_time": Fact(["2017-03-01", "2017-05-09"], method="name/elements")},
                ),
            ),
        ),
    ),
    "the stamp against the caption alone": (
        "STAMP",
        FAIL,
        lambda: judged(
            PHOTO,
            evidence(PHOTO, imprint=["印字"], date_stamp="2017-05-09", without=("taken_on",)),
            sources=(dated_caption("2017-03-01"),),
        ),
    ),
    "lettering of which a person says that it is no date": (
        "STAMP",
        SILENT,
        attested(PHOTO, "date_stamp", "无", imprint=["印字"]),
    ),
    "a clock known to be wrong, the day attested": (
        "CLOCK",
        PASS,
        attested(PHOTO, "taken_on", "2017-03-01", camera_clock="2000-01-01"),
    ),
    "taken on the day after it came, elsewhere": ("CLOCK", PASS, read(PHOTO, taken_on="2017-07-21")),
    "taken two days after it came": ("CLOCK", FAIL, read(PHOTO, taken_on="2017-07-22")),
    "sent again after it was taken": (
        "CLOCK",
        FAIL,
        lambda: judged(
            PHOTO,
            evidence(PHOTO, taken_on="2017-07-28"),
            sources=(source("a.jpg"), source("b.jpg", first_seen_at=datetime(2017, 8, 1, tzinfo=UTC))),
        ),
    ),
    "east of the city": ("GPS", FAIL, lambda: judged(PHOTO, evidence(PHOTO, gps="26.1,121.0"), settings=BOUNDARY)),
    "on the border of the city": ("GPS", PASS, lambda: judged(PHOTO, evidence(PHOTO, gps="25.2,120.2"), settings=BOUNDARY)),
    "a day that nothing but the stamp tells": (
        "WINDOW",
        FAIL,
        read(PHOTO, imprint=["印字"], date_stamp="2015-05-09", without=("taken_on",)),
    ),
    "an attested caption before the unit's": (
        "WINDOW",
        FAIL,
        lambda: judged(
            PHOTO,
            evidence(PHOTO, without=("taken_on",)),
            sources=(source("现场.jpg", caption=Fact("2017年3月1日 人民广场升旗", method="name")),),
            decisions=(act(ATTEST, fact="caption", value="2015年3月1日 人民广场升旗"),),
        ),
    ),
    # ---- 统计表格
    "as many rows as asked": ("TABLE", PASS, read(TABLE, table_rows=1)),
    "attested rows of what was read in part": (
        "TABLE",
        FAIL,
        attested(TABLE, "table_rows", "0", state=PARTIAL, detail="余下未读"),
    ),
    "no formula in a document": ("FORMULA", SILENT, lambda: judged(TABLE, evidence(TABLE, media_type=USUAL[DOCUMENT][1]))),
    "no formula found wrong in a part of a table": (
        "FORMULA",
        UNCHECKED,
        read(TABLE, formula_errors=[], state=PARTIAL, detail="余下未读"),
    ),
    "one found wrong in a part": ("FORMULA", FAIL, read(TABLE, formula_errors=["B3 #REF!"], state=PARTIAL, detail="余下未读")),
    "attested that none is": (
        "FORMULA",
        PASS,
        attested(TABLE, "formula_errors", "无", formula_errors=["B3 #REF!"], state=PARTIAL, detail="余下未读"),
    ),
    "every cell of a part is a figure": ("CELLS", UNCHECKED, read(TABLE, state=PARTIAL, detail="余下未读")),
    "attested that every cell is": (
        "CELLS",
        PASS,
        attested(TABLE, "numbers_unread", "无", numbers_unread=["C5 若干"], state=PARTIAL, detail="余下未读"),
    ),
    "no row, no heading": ("HEADER", SILENT, read(TABLE, table_rows=0, without=("table_columns",))),
    "no heading, no unit": ("MEASURE", SILENT, read(TABLE, without=("table_columns", "table_units"))),
    "a ratio that differs from its columns": ("RATIO", FAIL, read(TABLE, ratios_differ=["D5 完成率 90%,算得 80%"])),
    "a table without ratios": ("RATIO", SILENT, read(TABLE, without=("ratios_odd", "ratios_differ"))),
    "as far apart as tolerated": (
        "TOTALS",
        PASS,
        lambda: judged(
            TABLE, evidence(TABLE, totals_differ=["合计"], totals_apart=[0.01]), settings={"TOTALS": {"tolerance": 0.01}}
        ),
    ),
    "a total of which nobody knows how far it is apart": (
        "TOTALS",
        FAIL,
        lambda: judged(
            TABLE, evidence(TABLE, totals_differ=["甲", "乙"], totals_apart=[0.001]), settings={"TOTALS": {"tolerance": 0.01}}
        ),
    ),
    "a table of one year": ("YEARS", SILENT, read(TABLE, table_years=["2014"])),
    "per head of the registered and another population": (
        "POPULATION",
        PASS,
        read(TABLE, **PER_HEAD | {"table_scope": "按户籍人口,常住人口另列"}),
    ),
    "a county's figure beside the city's": ("AREA", PASS, read(TABLE, title="全市及全县完成情况统计表", table_scope="")),
}


@pytest.mark.parametrize("border", BORDERS)
def test_a_rule_turns_where_it_says(border):
    code, wanted, make = BORDERS[border]
    assert verdict(make(), code) == wanted


def test_the_window_of_a_series_asks_for_whole_calendar_years_alone():
    """The window of documents begins and ends within years: no year of it is whole, so none is missing."""

    def years(window):
        rule = RequirementRule(item="X1-1", kind=TABLE, window=window)
        return verdict(judged(TABLE, evidence(TABLE, table_years=["2012", "2013"]), cycle_=cycle(rule)), "YEARS")

    assert years(WINDOW) == PASS
    assert years(Window(date(2015, 2, 1), date(2016, 12, 31))) == FAIL


def under(standard: Item, kind: EvidenceKind = DOCUMENT, unit: str = UNIT, edition: str = "test", **facts: object) -> Judgement:
    """A piece of the only standard of a catalogue."""
    catalogue = Catalogue(CatalogueHead("test", edition), (standard, item("X1-5", units=(OTHER,))))
    placed = (placement(standard.id, kind, unit),)
    sources = (source(USUAL[kind][0], unit=unit),)
    return judge(evidence(kind, **facts), sources, placed, catalogue=catalogue, cycle=cycle(), settings=Settings())  # type: ignore[arg-type]


def test_a_standard_that_names_an_office_is_answered_for_by_its_unit():
    office = item("X1-1", units=(f"{UNIT}(基教科)",))
    assert verdict(under(office), "DEPARTMENT") == PASS
    assert verdict(under(office, unit=OTHER), "DEPARTMENT") == FAIL


def test_a_deployment_of_nobody_in_particular_asks_for_no_organ():
    assert verdict(under(item("X1-1", content="工作部署", standard="部署开展志愿服务")), "ISSUER") == SILENT


@pytest.mark.parametrize(
    ("content", "standard", "speaks"),
    [
        ("工作部署", "市委印发文件", False),
        ("学习制度", "市委带头学习", True),
        ("工作部署", "部署开展志愿服务", True),
    ],
)
def test_of_a_document_from_above_one_check_speaks(content: str, standard: str, speaks: bool) -> None:
    judgement = under(item("X1-1", content=content, standard=standard), title="国务院关于某事的意见", issuer="国务院")
    assert (verdict(judgement, "SUPERIOR") == FAIL) is speaks
    assert (verdict(judgement, "ISSUER") == FAIL) is not speaks or standard.startswith("部署")


def test_a_standard_that_asks_for_another_population_or_for_the_counties_gets_it():
    assert verdict(under(item("X1-1", standard="常住人口人均面积"), TABLE, **PER_HEAD), "POPULATION") == PASS
    assert verdict(under(item("X1-1", threshold="按常住人口 ≥ 10"), TABLE, **PER_HEAD), "POPULATION") == PASS
    assert verdict(under(item("X1-1"), TABLE, **PER_HEAD), "POPULATION") == FAIL
    assert verdict(under(item("X1-1", standard="各县完成情况"), TABLE, **COUNTY), "AREA") == SILENT
    assert verdict(under(item("X1-1"), TABLE, edition="县级 2017", **COUNTY), "AREA") == SILENT
    assert verdict(under(item("X1-1"), TABLE, **COUNTY), "AREA") == FAIL


def test_the_last_return_is_the_one_that_is_told():
    acts = (act(RETURN, "d1", by="甲", reason="缺页"), act(RETURN, "d2", by="乙", reason="无印章", due=date(2017, 8, 1)))
    [told] = of(judged(decisions=acts), "RETURNED")
    assert "乙" in told.text and "无印章" in told.text and "2017-08-01" in told.text and "缺页" not in told.text


def test_a_file_in_the_root_of_the_inbox_is_told_so():
    [told] = of(judged(sources=(source(folder="", unit="", unit_known=False),), placements=()), "UNIT")
    assert "直接放在收件箱里" in told.text


def test_a_package_names_what_did_not_come_out_without_the_readers_advice():
    [told] = of(judged(of=unread(state=PARTIAL, media_type="application/zip", detail="2 个文件没有取出;请重发")), "OPEN")
    assert "2 个文件没有取出" in told.text and told.outcome is Outcome.FAIL
    assert "OPEN" in failed(judged(of=unread(state=DAMAGED)))


def test_an_element_that_a_person_attested_stands_over_the_captions():
    """What the caption said of the time is another day; a person saw the right one."""
    by_caption = (dated_caption("2017-05-01"),)
    act_ = act(ATTEST, fact="caption_time", value="2017-03-01")
    assert verdict(judged(PHOTO, sources=by_caption), "CAPDATE") == FAIL
    assert verdict(judged(PHOTO, sources=by_caption, decisions=(act_,)), "CAPDATE") == PASS


def test_a_date_that_a_table_read_in_part_does_not_show_is_unchecked_even_where_its_absence_fails():
    settings = {"DATE": {"absent_fails": [TABLE.value]}}
    part = evidence(TABLE, state=PARTIAL, detail="余下未读", without=("table_date",))
    assert verdict(judged(TABLE, part, settings=settings), "DATE") == UNCHECKED
    assert verdict(judged(TABLE, evidence(TABLE, without=("table_date",)), settings=settings), "DATE") == FAIL


def test_of_many_faults_the_first_are_told_and_how_many_there_are():
    [told] = of(judged(TABLE, evidence(TABLE, numbers_unread=["C5 若干", "C6 较多", "C7 不详", "C8 略"])), "CELLS")
    assert "C7 不详 等 4 处" in told.text and "C8" not in told.text
    [told] = of(judged(TABLE, evidence(TABLE, numbers_unread=["C5 若干", "C6 较多", "C7 不详"])), "CELLS")
    assert "等" not in told.text


def test_a_title_attested_to_be_none_is_missing_though_not_all_was_read():
    part = evidence(state=PARTIAL, detail="后 3 页是扫描页", without=("title",))
    assert verdict(judged(of=part), "TITLE") == UNCHECKED
    assert verdict(judged(of=part, decisions=(act(ATTEST, fact="title", value="无"),)), "TITLE") == FAIL


def test_a_number_of_a_setting_is_a_number_and_not_below_nought():
    for code, wrong in (("TOTALS", {"tolerance": -0.1}), ("GPS", {"boundary": ["25.2"]}), ("GPS", {"boundary": [True]})):
        with pytest.raises(DataError):
            checks.load().under(Settings(checks={code: wrong}))
