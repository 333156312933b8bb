"""The benchmark corpus has the stated shares, sizes and page counts, and every file is of its own bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pypdfium2
import pytest

from archive_schema import catalogue
from samples.corpus import SHARES, CorpusSummary, make_corpus

FILES = 120


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CorpusSummary]:
    folder = tmp_path_factory.mktemp("corpus")
    return folder, make_corpus(folder, files=FILES, seed=4)


def digests(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*.*") if p.is_file()}


def test_the_count_the_size_and_the_shares_are_as_stated(corpus: tuple[Path, CorpusSummary]) -> None:
    folder, summary = corpus
    files = [p for p in folder.rglob("*") if p.is_file()]
    assert len(files) == summary.files == FILES
    assert sum(p.stat().st_size for p in files) == summary.size
    for suffix, share in SHARES.items():
        assert sum(p.suffix == suffix for p in files) == summary.by_form[suffix] == pytest.approx(FILES * share, abs=1)


def test_no_two_files_have_the_same_bytes(corpus: tuple[Path, CorpusSummary]) -> None:
    assert len(set(digests(corpus[0]).values())) == FILES


def test_pdfs_have_three_to_six_pages_of_text(corpus: tuple[Path, CorpusSummary]) -> None:
    for path in corpus[0].rglob("*.pdf"):
        opened = pypdfium2.PdfDocument(path)
        assert 3 <= len(opened) <= 6, path.name
        assert opened[0].get_textpage().count_chars() > 200


def test_photos_are_of_ordinary_size(corpus: tuple[Path, CorpusSummary]) -> None:
    sizes = [p.stat().st_size for p in corpus[0].rglob("*.jpg")]
    assert 100_000 < min(sizes) < max(sizes) < 2_000_000


def test_a_longer_corpus_begins_with_the_shorter_one_and_runs_are_alike(
    corpus: tuple[Path, CorpusSummary], tmp_path: Path
) -> None:
    make_corpus(tmp_path, files=30, seed=4)
    assert digests(tmp_path).items() <= digests(corpus[0]).items()
    assert len(digests(tmp_path)) == 30


def test_every_file_is_for_an_item_of_the_catalogue_that_asks_for_its_kind(corpus: tuple[Path, CorpusSummary]) -> None:
    known = catalogue.load("national-2017").by_id
    for path in corpus[0].rglob("*.*"):
        item = known[path.name.split(" ")[0]]
        assert item.units[0].startswith(path.relative_to(corpus[0]).parts[0])


def test_shares_and_catalogue_can_be_chosen(tmp_path: Path) -> None:
    county = catalogue.load("fujian-county")
    made = make_corpus(tmp_path, files=8, shares={".xlsx": 3, ".jpg": 1}, catalogue=county)
    assert made.by_form == {".xlsx": 6, ".jpg": 2}
