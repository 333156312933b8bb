"""The floors do the work that they stand for: a floor that does less would flatter nobody, one that fails would be fast."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from benchmarks import spent
from benchmarks.floors.checking import unexpected
from benchmarks.floors.ranking import BareRanking
from benchmarks.floors.reading import take_in, text_of
from samples.corpus import make_corpus
from validators import suites


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inbox")
    made = make_corpus(folder, files=12)
    assert set(made.by_form) == {".pdf", ".docx", ".jpg", ".xlsx"}
    return folder


def files(inbox: Path) -> list[Path]:
    return sorted(p for p in inbox.rglob("*") if p.is_file())


def test_the_reading_floor_takes_text_from_every_form_and_looks_at_every_picture(inbox: Path) -> None:
    for path in files(inbox):
        assert len(text_of(path)) > 50 or path.suffix == ".jpg", path.name
    picture = next(p for p in files(inbox) if p.suffix == ".jpg")
    cut = picture.with_name("cut.jpg")
    try:
        cut.write_bytes(picture.read_bytes()[:5000])
        with pytest.raises(OSError):
            text_of(cut)
    finally:
        cut.unlink()


def test_the_reading_floor_copies_every_file_under_its_digest(inbox: Path, tmp_path: Path) -> None:
    out = tmp_path / "copies"
    counted, characters = map(int, spent.floor("reading", str(inbox), str(out)).output.split())
    assert counted == len(files(inbox)) and characters > 0
    assert {p.name for p in out.iterdir()} == {hashlib.sha256(p.read_bytes()).hexdigest() for p in files(inbox)}
    assert all(hashlib.sha256(p.read_bytes()).hexdigest() == p.name for p in out.iterdir())


def test_a_form_without_a_floor_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "a.ofd"
    other.write_bytes(b"x")
    with pytest.raises(ValueError, match=r"a\.ofd"):
        take_in((other, tmp_path))


def test_the_walking_floor_counts_what_the_table_does_not_have(tmp_path: Path) -> None:
    inbox, index = tmp_path / "inbox", tmp_path / "index.sqlite"
    (inbox / "市教育局" / "a").mkdir(parents=True)
    for name in ("known.pdf", "a/changed.pdf", "a/new.pdf"):
        (inbox / "市教育局" / name).write_bytes(b"1234")
    database = sqlite3.connect(index)
    database.execute("CREATE TABLE source (folder, path, size, mtime_ns)")
    for name in ("known.pdf", "a/changed.pdf"):
        st = (inbox / "市教育局" / name).stat()
        database.execute("INSERT INTO source VALUES (?, ?, ?, ?)", ("市教育局", name, st.st_size, st.st_mtime_ns))
    database.commit()
    database.close()
    os.utime(inbox / "市教育局" / "a" / "changed.pdf", ns=(0, 0))
    assert spent.floor("walking", str(inbox), str(index)).output.strip() == "2"


@pytest.mark.parametrize(
    ("kind", "kwargs", "wrong"),
    [
        ("expect_column_values_to_match_regex", {"column": "text", "regex": "^a[0-9]$"}, 1),
        ("expect_column_values_to_be_in_set", {"column": "text", "value_set": ["a1"]}, 2),
        ("expect_column_values_to_not_be_null", {"column": "text"}, 1),
        ("expect_column_values_to_be_between", {"column": "low", "min_value": 2}, 1),
        ("expect_column_values_to_be_between", {"column": "low", "max_value": 2}, 1),
        ("expect_column_pair_values_a_to_be_greater_than_b", {"column_A": "high", "column_B": "low"}, 1),
        ("expect_compound_columns_to_be_unique", {"column_list": ["same", "alike"]}, 2),
    ],
)
def test_the_checking_floor_counts_the_rows_that_an_expectation_does_not_hold_for(
    kind: str, kwargs: dict[str, object], wrong: int
) -> None:
    frame = pd.DataFrame(
        {
            "text": ["a1", "a2", "b", None],
            "low": [1, 2, None, 9],
            "high": [1, 5, 5, 8],
            "same": ["x", "x", "x", None],
            "alike": ["y", "y", "z", None],
        }
    )
    assert unexpected(frame, kind, kwargs) == wrong


def test_the_checking_floor_knows_every_kind_of_expectation_of_the_suites() -> None:
    for suite in suites.load():
        frame = pd.DataFrame({c: ["a", None] for c in suites.FRAMES[suite.frame].__struct_fields__})
        for e in suite.expectation:
            numbers = frame.assign(**{c: [1, None] for c in e.kwargs.values() if isinstance(c, str) and c in frame})
            kwargs = {k: ["a"] if isinstance(v, str) and v.startswith("$") else v for k, v in e.kwargs.items()}
            textual = e.type == "expect_column_values_to_match_regex"
            assert unexpected(frame if textual else numbers, e.type, kwargs) >= 0
    with pytest.raises(ValueError, match="expect_something"):
        unexpected(pd.DataFrame({"a": [1]}), "expect_something", {"column": "a"})


def test_the_ranking_floor_finds_the_item_that_shares_most_with_a_title() -> None:
    bare = BareRanking({"I1": "理论学习中心组", "I2": "诚信红黑榜发布制度"})
    assert bare.best("关于印发诚信红黑榜发布制度的通知") == "I2"
    assert bare.best("完全无关") is None
