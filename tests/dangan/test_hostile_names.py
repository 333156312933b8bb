"""Files whose names are meant to harm whoever lists them: through every command and every format the names stay text."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dangan.cli import one_line
from reports import safe
from tests.dangan.line import Line
from tests.dangan.town import WINDOW
from tests.reports import hostile, workbooks

NAMES = (
    "\x1b[2J\x1b[31m红\x07.txt",
    "a\u202egnp.txt",
    "一行\n错误: 伪造的一行.txt",
    "=cmd|' !A0'.txt",
    "+1+1.txt",
    "-rf.txt",
    "@SUM(A1).txt",
    "\t=1+1.txt",
    "<script>alert(1)<_script>.txt",
    '"><img src=x onerror=alert(1)>.txt',
    "{{ 7*7 }}{% raw %}.txt",
    "[点我](javascript:alert(1)) **粗** |格|.txt",
    "坏\udcff字节.txt",
)
UNIT = "市文明办\x1b[5m<b>\u202e"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Line:
    root = tmp_path_factory.mktemp("hostile") / "ws"
    line = Line(root)
    line("init", str(root), "--cycle", "c1", "--window", WINDOW, here=False)
    for folder in ("市文明办", UNIT):
        (root / "inbox" / folder).mkdir(exist_ok=True)
        for n, name in enumerate(NAMES):
            (root / "inbox" / folder / name).write_text(f"关于印发某项制度的通知 {folder} {n}", "utf-8", "surrogatepass")
    line("ingest", "--no-validation")
    return line


def shown(text: str) -> None:
    """Nothing that moves a cursor, colours, hides or turns around what is read."""
    bad = {c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs")}
    assert not bad, {f"U+{ord(c):04X}" for c in bad}


def sha_of(town: Line, name: str) -> str:
    return next(
        m["sha256"] for m in town("manifest").jsonl if any(s["unit"] != "市文明办" and name in s["path"] for s in m["sources"])
    )


@pytest.mark.parametrize(
    "words",
    [
        "ingest",
        "coverage --format text",
        "review list",
        "review log",
        "audit",
        "audit --depth full",
        "units show",
        "doctor --no-record",
        "reassess --all",
        "manifest --digest",
    ],
)
def test_on_a_terminal(town: Line, words: str) -> None:
    answer = town(*words.split(), code=None)
    assert answer.code in (0, 1) and answer.out + answer.err
    shown(answer.out)
    shown(answer.err)


@pytest.mark.parametrize("name", NAMES)
def test_what_a_command_says_of_one_file(town: Line, name: str) -> None:
    for answer in (
        town("inspect", str(town.inbox / "市文明办" / name), code=None),
        town("history", f"{UNIT}/{name}", code=None),
        town("withdraw", f"{UNIT}/无{name}", "--by", f"张{name}", "--reason", name, code=2),
        town("history", name, code=None),
    ):
        shown(answer.out)
        shown(answer.err)
        assert not re.search("^错误: 伪造", answer.out + answer.err, re.MULTILINE), "a name makes no line of its own"


def test_a_decision_is_told_without_harm(town: Line) -> None:
    sha = sha_of(town, "红")
    answer = town("withdraw", sha, "--by", "张\x1b[31m三", "--reason", "误送\u202e", "--unit", UNIT)
    shown(answer.out)
    shown(town("review", "log").out)
    shown(town("history", sha).out)


def test_as_json(town: Line) -> None:
    for words in (
        "coverage --format json",
        "audit --format json",
        "doctor --no-record --format json",
        "review list --format json",
    ):
        json.loads(town(*words.split(), code=None).out)
    paths = {s["path"] for m in town("manifest").jsonl for s in m["sources"]}
    assert any("\x1b[2J" in p for p in paths), "the record itself holds the name as it was sent"


def cells(text: str) -> Iterator[str]:
    yield from (cell for row in csv.reader(io.StringIO(text.lstrip("\ufeff"))) for cell in row)


@pytest.mark.parametrize("words", ["coverage --format csv", "manifest --format csv"])
def test_as_csv(town: Line, words: str) -> None:
    found = list(cells(town(*words.split()).out))
    assert len(found) > 10
    assert [c for c in found if safe.is_formula(c) and not re.fullmatch(r"-?\d+(\.\d+)?", c)] == []
    for cell in found:
        shown(cell)


@pytest.mark.parametrize("words", ["coverage --format xlsx -o", "audit --format xlsx -o", "review export -o"])
def test_as_a_workbook(town: Line, tmp_path: Path, words: str) -> None:
    target = tmp_path / "out.xlsx"
    town(*words.split(), str(target), code=None)
    workbooks.assert_no_formula(target.read_bytes())
    for sheet in openpyxl.load_workbook(target):
        for row in sheet.iter_rows(values_only=True):
            for value in row:
                shown(str(value or ""))


@pytest.mark.parametrize("words", ["coverage --format html -o", "audit --format html -o"])
def test_as_a_page(town: Line, tmp_path: Path, words: str) -> None:
    target = tmp_path / "out.html"
    town(*words.split(), str(target), code=None)
    page = target.read_text("utf-8")
    assert "alert(1)" in page or "audit" in words, "the names are there"
    assert not re.search(r"<img src=x|<script>alert|\[5m<b>", page)
    shown(page.replace("\t", " "))


def test_an_export_lies_below_its_folder_with_names_that_every_system_takes(town: Line, tmp_path: Path) -> None:
    town("export", str(tmp_path / "out"), "--all", code=None)
    outside = [p for p in tmp_path.rglob("*") if not p.is_relative_to(tmp_path / "out")]
    assert outside == [] and any((tmp_path / "out").rglob("*"))
    for p in (tmp_path / "out").rglob("*"):
        shown(p.name)


@given(st.one_of(hostile.text, st.sampled_from(NAMES)))
def test_a_line_of_an_error_is_one_line(text: str) -> None:
    said = one_line(f"找不到“{text}”")
    shown(said)
    assert "\n" not in said


@given(st.one_of(hostile.text, st.sampled_from(NAMES)))
def test_markdown_shows_a_name_as_it_is(text: str) -> None:
    said = safe.markdown(text)
    assert "\n" not in said and not re.search(r"(?<!\\)[\[\]<>*_`|#!()]", said)
    assert re.sub(r"\\([\\`*_{}\[\]<>()#+.!|~-])", r"\1", said) == safe.line(text)
