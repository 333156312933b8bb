from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from archive_schema import catalogue as catalogues
from archive_schema import terms
from archive_schema.catalogue import DATA, Catalogue
from archive_schema.cycle import Margins
from archive_schema.errors import DataError
from archive_schema.terms import Terms
from archive_schema.units import UnitTable
from classification.classifier import Classifier
from classification.knowledge import known
from classification.scorer import Query, TextScorer
from flows import replacing


def test_every_item_under_material_review_has_its_words(catalogue: Catalogue) -> None:
    assert [t.id for t in catalogue.terms] == [i.id for i in catalogue.material]
    assert min(len(t.terms) + len(t.documents) + len(t.related) for t in catalogue.terms) >= 15
    assert all(t.documents and t.neighbours for t in catalogue.terms)


def test_a_catalogue_without_words_of_its_own_still_classifies(catalogue: Catalogue, tmp_path: Path) -> None:
    shutil.copytree(DATA / "national-2017", tmp_path / "own")
    (tmp_path / "own" / "terms.tsv").unlink()
    bare = catalogues.load(tmp_path / "own")
    assert bare.terms == () and bare.items == catalogue.items
    assert TextScorer(bare).rank(Query(title="失信被执行人曝光情况"))[0].item == "III18-2"


def test_written_and_read_again_the_words_are_the_same(catalogue: Catalogue, small: Catalogue, tmp_path: Path) -> None:
    replacing.folder(tmp_path / "c", catalogues.files(catalogue))
    assert catalogues.load(tmp_path / "c") == catalogue
    replacing.folder(tmp_path / "c", catalogues.files(small))
    assert catalogues.load(tmp_path / "c").terms == ()


def test_every_fault_names_row_and_column(small: Catalogue) -> None:
    header = ["编号", "专用词语", "易混标准", "颜色"]
    rows = [(2, ["FJ3", "垃圾分类", "AQ3"]), (3, ["FJ99", "甲"]), (4, ["FJ12", "乙", "FJ98;FJ3"]), (5, ["fj3", "丙"])]
    with pytest.raises(DataError) as e:
        catalogues.with_terms(small, header, rows, origin="词语")
    said = "\n".join(e.value.problems)
    for part in ("“颜色”", "第 3 行“编号”", "FJ99", "第 4 行“易混标准”", "FJ98", "第 5 行“编号”", "第 2 行重复"):
        assert part in said
    assert len(e.value.problems) == 4


def test_a_city_may_fill_in_words_for_some_items_and_in_any_order(small: Catalogue, units: UnitTable) -> None:
    rows = [(2, ["AQ3", "119宣传、逃生面罩"]), (3, ["FJ12", "悦读驿站;悦读驿站"])]
    taught = catalogues.with_terms(small, ["编号", "专用词语"], rows)
    assert taught.terms == (Terms("AQ3", ("119宣传", "逃生面罩")), Terms("FJ12", ("悦读驿站",)))
    assert TextScorer(taught).rank(Query(title="悦读驿站建成"))[0].item == "FJ12"
    assert Classifier(taught, units, Margins()).version != Classifier(small, units, Margins()).version
    header, cells = terms.rows(taught.terms)
    assert catalogues.with_terms(small, header, list(enumerate(cells, 2))) == taught


def test_a_word_that_an_item_uses_is_taken_from_what_is_nobodys(small: Catalogue) -> None:
    def nobodys(c: Catalogue) -> set[str]:
        return {w for k in known(c) if not k.item for w, _ in k.words}

    claimed = catalogues.with_terms(small, ["id", "terms"], [(2, ["FJ3", "小麦秸秆"])])
    assert "小麦" in nobodys(small) and "小麦" not in nobodys(claimed)


def test_a_long_word_of_an_item_leaves_the_short_one_within_it_to_others(small: Catalogue) -> None:
    claimed = catalogues.with_terms(small, ["id", "terms"], [(2, ["FJ3", "小麦收割机捐赠仪式"])])
    assert "小麦" in {w for k in known(claimed) if not k.item for w, _ in k.words}


def test_a_word_that_many_items_use_within_theirs_says_less_than_one_of_a_single_item(small: Catalogue) -> None:
    rows = [(2, ["FJ3", "青禾站;青禾灯;松烟阁"]), (3, ["FJ12", "青禾会;青禾园"]), (4, ["AQ3", "青禾井"])]
    scorer = TextScorer(catalogues.with_terms(small, ["id", "terms"], rows))

    def words(title: str) -> float:
        return next(f.words for item, f, _ in scorer.measure(Query(title=title)).items if item == "FJ3")

    taught = catalogues.with_terms(small, ["id", "terms"], [(2, ["FJ3", "青禾;松烟;松烟阁"]), *rows[1:]])
    scorer = TextScorer(taught)
    assert 0 < words("青禾") < words("松烟")


def test_what_stands_in_brackets_within_a_word_does_not_part_it(catalogue: Catalogue) -> None:
    scorer = TextScorer(catalogue)
    assert scorer.rank(Query(title="村(居)务公开栏"))[0].item == "III41-1"


def test_the_office_that_issues_is_not_what_a_paper_is_about(catalogue: Catalogue) -> None:
    scorer = TextScorer(catalogue)
    assert scorer.rank(Query(title="市科学技术协会办公室2016年信访统计表"))[0].item == "III36-2"
