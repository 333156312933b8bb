"""The small second catalogue: nine county standards of Fujian, about 2006, that cost a grade."""

from __future__ import annotations

from archive_schema import catalogue, units
from archive_schema.words import EvidenceKind, Provenance
from flows import replacing

COUNTY = catalogue.load("fujian-county")

#: what was published, by a word of the standard: how it cost the grade
PUBLISHED = {
    "万车死亡率": "数值未公布",
    "典型人物": "无→B",
    "教育经费": "<400元→B",
    "无偿献血": "<80%→B",
    "污水处理率": "<30%→B",
    "文明村镇": "无→B",
    "最低生活保障": "低于同类县→B",
    "创建经费": "人均<1元→C",
    "人口政策": "<95%→C",
}


def test_the_nine_standards_are_all_under_material_review() -> None:
    assert [i.id for i in COUNTY.items] == [f"FJ{n}" for n in range(1, 10)]
    assert len(COUNTY.material) == 9
    assert len(COUNTY.cells) == 15


def test_each_threshold_is_the_published_one() -> None:
    for word, threshold in PUBLISHED.items():
        (item,) = [i for i in COUNTY.items if word in i.standard]
        assert threshold in item.threshold
    # seven to B and two to C: the published result of 134 A, 7 B, 2 C; one of the seven without a figure
    assert sum("→B" in i.threshold for i in COUNTY.items) == 6
    assert sum("→C" in i.threshold for i in COUNTY.items) == 2


def test_what_was_not_published_is_said_to_be_so_and_what_is_ours_is_marked() -> None:
    for item in COUNTY.items:
        assert {item.section, item.project, item.indicator, item.content} == {"未公布"}
        assert item.provenance is Provenance.INFERRED
        assert "本项目推断" in item.source


def test_figures_are_asked_for_as_tables() -> None:
    for item in COUNTY.items:
        if "率" in item.standard or "经费" in item.standard:
            assert EvidenceKind.TABLE in item.kinds


def test_an_id_is_found_as_people_type_it_and_its_units_match() -> None:
    assert COUNTY.resolve("fj 3") == COUNTY.by_id["FJ3"]
    table = units.from_references(r for i in COUNTY.items for r in i.units)
    assert table.answers_for("县公安局", COUNTY.by_id["FJ1"].units) == 0


def test_it_survives_writing_and_reading(tmp_path) -> None:  # type: ignore[no-untyped-def]
    replacing.folder(tmp_path / "again", catalogue.files(COUNTY))
    assert catalogue.load(tmp_path / "again").items == COUNTY.items
