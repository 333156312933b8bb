"""What a command loads, counted in modules and not in seconds."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from dangan import __main__ as entry
from tests.dangan.line import Line, dangan
from tests.needs import REPOSITORY

#: runs a command and tells, on its last line of stderr, its exit code, the modules loaded and the programs started
_TELL = """
import json, sys
started = []
sys.addaudithook(lambda event, args: started.append([str(a) for a in args[1]]) if event == "subprocess.Popen" else None)
from dangan.cli import run
code = run(sys.argv[1:])
print(json.dumps([code, sorted(sys.modules), started]), file=sys.stderr)
"""
#: of our own, what opens files and what ranks titles: two hundred regular expressions, and long lists of words
READING = ("intake.pool", "intake.deepen", "intake.scan", "intake.gongwen", "intake.readers", "intake.formsheet")
PLACING = ("classification.classifier", "classification.kinds", "classification.vocabulary")
OCR = ("rapidocr", "rapidocr_onnxruntime", "onnxruntime", "paddleocr", "pytesseract")


def loaded(*words: str) -> tuple[set[str], list[list[str]]]:
    """Top-level modules that the command imported, our own and SQLAlchemy's databases in full; the programs that it started."""
    done = subprocess.run([sys.executable, "-c", _TELL, *words], capture_output=True, text=True, cwd=REPOSITORY)
    assert done.stderr, done
    code, modules, started = json.loads(done.stderr.splitlines()[-1])
    assert code == 0, done.stderr[-2000:]
    databases = {m for m in modules if m.startswith("sqlalchemy.dialects.") and m.count(".") == 2}
    ours = {m for m in modules if m.startswith(("intake.", "classification."))}
    return {m.partition(".")[0] for m in modules} | databases | ours, started


def without(modules: set[str], names: Iterable[str]) -> None:
    assert modules & set(names) == set()


def test_help_loads_no_library_of_any_job() -> None:
    modules, started = loaded("--help")
    without(
        modules,
        (
            "pydantic",
            "sqlalchemy",
            "minio",
            "rich",
            "pandas",
            "prefect",
            "great_expectations",
            "PIL",
            "openpyxl",
            "numpy",
            "jinja2",
        ),
    )
    without(modules, ("flows", "storage", "validators", "classification", "intake", "reports", "msgspec"))
    assert not started


def test_coverage_loads_the_index_and_nothing_that_reads_files_or_draws_pages(settled: Line) -> None:
    modules, started = loaded("-C", str(settled.root), "coverage", "--format", "json")
    assert "sqlalchemy" in modules
    without(
        modules,
        ("prefect", "great_expectations", "pandas", "minio", "pypdfium2", "pdfplumber", "PIL", "openpyxl", "jinja2", *OCR),
    )
    without(modules, (*READING, *PLACING))
    assert not started


def test_an_ingest_with_nothing_new_starts_no_reader_and_no_validation(settled: Line) -> None:
    before = settled.segments()
    modules, started = loaded("-C", str(settled.root), "ingest", "--format", "json")
    assert "sqlalchemy.dialects.sqlite" in modules
    without(modules, ("sqlalchemy.dialects.postgresql",))  # that is half a database's time of importing
    without(modules, ("prefect", "great_expectations", "pandas", "minio", "pypdfium2", "pdfplumber", "PIL", "openpyxl", *OCR))
    assert not started
    assert settled.segments() == before


def test_an_ingest_with_something_new_starts_readers_and_loads_no_prefect(ws: Line) -> None:
    (ws.inbox / "市教育局" / "说明.txt").write_text("示例市文明校园创建情况说明", "utf-8")
    modules, started = loaded("-C", str(ws.root), "ingest", "--no-validation")
    assert any("intake.child" in words for words in started)
    without(modules, ("prefect", "great_expectations", "pandas", "pypdfium2", "pdfplumber", "PIL", "docx"))


def test_a_command_does_not_look_for_garbage_time_and_again_while_it_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    before, seen = gc.get_threshold(), []
    monkeypatch.setattr("dangan.cli.run", lambda _: seen.append(gc.get_threshold()) or 0)
    try:
        with pytest.raises(SystemExit):
            entry.main()
    finally:
        gc.set_threshold(*before)
    assert [young for young, *_ in seen] > [10_000]


def test_classifying_titles_needs_no_database() -> None:
    modules, started = loaded("classify", "关于印发诚信红黑榜发布制度的通知", "--format", "json")
    without(modules, ("sqlalchemy", "prefect", "great_expectations", "pandas", "sklearn", "storage", "minio"))
    assert not started


def test_classifying_in_a_workspace_needs_no_database_either(settled: Line) -> None:
    modules, _ = loaded("-C", str(settled.root), "classify", "诚信红黑榜发布制度")
    without(modules, ("sqlalchemy", "storage"))


def test_showing_a_catalogue_needs_no_database(settled: Line) -> None:
    for words in (("catalogue", "show", "national-2017"), ("-C", str(settled.root), "catalogue", "show")):
        modules, started = loaded(*words)
        without(modules, ("sqlalchemy", "storage", "openpyxl", "prefect", "pandas"))
        assert not started


def test_inspecting_opens_no_archive(settled: Line) -> None:
    [file] = (settled.inbox / "市文明办").glob("征求意见稿.docx")
    modules, started = loaded("-C", str(settled.root), "inspect", str(file), "--format", "json")
    without(modules, ("prefect", "great_expectations", "pandas", "minio", "pypdfium2", "PIL", "docx"))
    assert any("intake.child" in words for words in started), "files of departments are opened by children only"


def test_what_is_forbidden_here_is_installed() -> None:
    """Else these tests could not fail."""
    from importlib.util import find_spec

    heavy = (
        "sqlalchemy",
        "minio",
        "rich",
        "pandas",
        "prefect",
        "great_expectations",
        "PIL",
        "openpyxl",
        "pypdfium2",
        "pdfplumber",
    )
    assert [name for name in (*heavy, *READING, *PLACING) if find_spec(name) is None] == []
    assert dangan("--help").code == 0 and Path(sys.executable).exists()
