"""Where ``-o`` writes to."""

from __future__ import annotations

import json
import logging
import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

from archive_schema.errors import UsageError
from dangan.cli import emit
from flows import guard
from reports import as_json, page, review, tables
from tests.dangan import town
from tests.dangan.line import PROGRAM, Line, dangan
from tests.flows.house import document


def test_a_file_is_replaced_at_once_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    out = tmp_path / "new" / "报告.txt"
    emit("one", str(out))
    emit(b"two", str(out))
    assert out.read_bytes() == b"two"
    assert list(out.parent.iterdir()) == [out]


def test_of_the_logs_only_what_is_written_for_users_is_seen_by_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = [h for h in logging.root.handlers if type(h).__module__.startswith("dangan")]
    monkeypatch.setattr(logging.root, "handlers", ours)  # without those of pytest, as at work
    monkeypatch.delenv("DANGAN_DEBUG", raising=False)
    log = logging.getLogger("storage.lease")
    log.warning("lease taken over")
    log.warning("slow", extra={"zh": "存储没有回答,再试……"})
    assert capsys.readouterr().err == "存储没有回答,再试……\n"
    monkeypatch.setenv("DANGAN_DEBUG", "1")
    log.warning("lease taken over")
    assert capsys.readouterr().err == "lease taken over\n"


def test_a_pipe_or_device_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        emit("text", str(pipe))
        assert os.read(reader, 100) == b"text"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_link_is_written_through(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    emit("new", str(link))
    assert link.is_symlink() and target.read_text() == "new"


def test_a_place_that_cannot_be_written_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError):
        emit("text", str(tmp_path / "file" / "below"))
    with pytest.raises(UsageError):
        emit("text", str(tmp_path))


def printed(ws: Line, encoding: str, *words: str) -> str:
    """What a terminal of this encoding shows."""
    env = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run([str(PROGRAM), "-C", str(ws.root), *words], env=env, capture_output=True, timeout=60)
    assert done.returncode in (0, 1) and not done.stderr, done.stderr.decode(encoding)
    return done.stdout.decode(encoding)


def test_a_terminal_that_lacks_a_character_is_shown_the_rest(ws: Line) -> None:
    for words in (["coverage"], ["audit"], ["forecast", "--date", "2026-12-01"], ["doctor", "--no-record"]):
        assert len(printed(ws, "gbk", *words)) > 20
    shown = printed(ws, "gbk", "doctor", "--no-record")
    assert "√ " in shown and "✓" not in shown
    assert "\\u2713 " in printed(ws, "latin-1", "doctor", "--no-record"), "no like mark there either"


def test_json_says_the_same_in_every_encoding(ws: Line) -> None:
    document(ws.inbox / "市文明办" / "Ⅲ18-1 张䶮𠮷 ✓.txt")
    ws.ingest()
    said = [[json.loads(line) for line in printed(ws, e, "manifest").splitlines()] for e in ("utf-8", "gb18030", "gbk")]
    assert said[0] == said[1] and "张䶮𠮷" in str(said[0])
    assert str(said[2]).replace("√", "✓") == str(said[0])


def tree(root: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in root.rglob("*") if p.is_file() and not p.name.endswith(("-wal", "-shm"))}


@pytest.mark.parametrize(
    "words",
    [
        ("coverage", "--format", "json", "-o", f"inbox/{town.NOTICE}"),
        ("coverage", "--format", "json", "-o", "inbox/市文明办/新文件.json"),
        ("checks", "list", "-o", f"inbox/{town.UNDATED}"),
        ("history", "III18-1", "--format", "json", "-o", "store/x.json"),
        ("manifest", "-o", "index.sqlite"),
        ("manifest", "-o", "index.sqlite-wal"),
        ("units", "show", "--format", "csv", "-o", "units.csv"),
        ("checks", "list", "-o", "cycle.toml"),
        ("export", "inbox/交审"),
        ("export", "store/x"),
        ("assignments", "inbox/市文明办"),
        ("copy", "--to", "folder:inbox/副本"),
        ("copy", "--to", "folder:store/副本"),
        ("init", "inbox/明年"),
        ("restore", "store/新", "--store", "folder:../../store"),
    ],
)
def test_nothing_is_written_into_the_inbox_the_store_or_what_the_workspace_lives_by(
    ws: Line, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(ws.root)
    before = tree(ws.root)
    answer = ws(*words, code=2, here=False)
    assert "换一个位置" in answer.err and not answer.out
    assert tree(ws.root) == before


def test_another_workspace_is_no_place_for_outputs_either(
    settled: Line, ws: Line, empty: Callable[..., Line], tmp_path: Path
) -> None:
    (tmp_path / "目录").symlink_to(ws.inbox)
    before = tree(ws.root)
    for place in (ws.inbox / "x.json", tmp_path / "目录" / "x.json"):
        assert "收件箱" in empty(name=f"n{len(place.parts)}")("coverage", "--format", "json", "-o", str(place), code=2).err
    assert "收件箱" in settled("export", str(ws.inbox / "交审"), code=2).err
    assert tree(ws.root) == before


def test_an_inbox_elsewhere_is_no_place_for_outputs(ws: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DANGAN_INBOX", str(tmp_path / "共享"))
    assert "收件箱" in ws("coverage", "--format", "json", "-o", str(tmp_path / "共享" / "x.json"), code=2).err


def test_only_an_earlier_output_is_replaced(settled: Line, tmp_path: Path) -> None:
    for name, words in {
        "表.xlsx": ("coverage", "--format", "xlsx"),
        "页.html": ("coverage", "--format", "html"),
        "数.json": ("coverage", "--format", "json"),
        "文.txt": ("review", "list"),
    }.items():
        out = tmp_path / name
        settled(*words, "-o", str(out))
        first = out.stat().st_ino
        settled(*words, "-o", str(out))
        assert out.stat().st_ino != first
    for sent in (town.NOTICE, town.UNDATED, town.SECRET, town.NOWHERE):
        mine = tmp_path / Path(sent).name
        shutil.copy(settled.inbox / sent, mine)
        before = mine.read_bytes()
        assert "看不出是先前由本程序写出的" in settled("coverage", "--format", "xlsx", "-o", str(mine), code=2).err
        assert mine.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "column"),
    [
        (("review", "export"), review.REASON),
        (("catalogue", "export"), "测评标准"),
        (("units", "export"), "联络员"),
        (("coverage", "--format", "xlsx"), "备注"),
    ],
)
def test_a_workbook_that_somebody_filled_in_is_never_replaced(
    settled: Line, tmp_path: Path, words: tuple[str, ...], column: str
) -> None:
    out = tmp_path / "表.xlsx"
    settled(*words, "-o", str(out))
    settled(*words, "-o", str(out))
    book = load_workbook(out)
    sheet = book.worksheets[0]
    row = [c.value for c in next(sheet.iter_rows(max_row=1))]
    sheet.cell(2, row.index(column) + 1 if column in row else len(row) + 1).value = "已与单位核对"
    book.save(out)
    before = out.read_bytes()
    for again in (words, ("coverage", "--format", "xlsx"), ("coverage", "--format", "json")):
        answer = settled(*again, "-o", str(out), code=2)
        assert str(out) in answer.err and "换一个文件名" in answer.err
        assert ("可能已填写" in answer.err) == ("json" not in again)
        assert out.read_bytes() == before


def test_an_output_takes_the_place_of_its_own_sort_alone(settled: Line, tmp_path: Path) -> None:
    made = {}
    for _ in range(2):
        settled("units", "show", "--format", "csv", "-o", str(tmp_path / "单位.csv"))
    for fmt in ("xlsx", "html", "json", "csv", "text"):
        made[fmt] = tmp_path / f"覆盖.{fmt}"
        settled("coverage", "--format", fmt, "-o", str(made[fmt]))
    mine = tmp_path / "数.csv", tmp_path / "记录.txt"
    mine[0].write_text("编号,件数\nIII18-1,2\n", "utf-8")
    mine[1].write_text("会议记录\n", "utf-8")
    before = tree(tmp_path)
    for fmt in made:
        for there in (*(out for other, out in made.items() if other != fmt), mine[0], *([] if fmt == "text" else mine[1:])):
            assert "没有改动它" in settled("coverage", "--format", fmt, "-o", str(there), code=2).err
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package.json", '{"name": "x", "version": "1", "scripts": {"build": "make"}}'),
        ("议题.json", '[{"id": 7, "title": "x", "url": "y"}]'),
        ("名单.csv", "\ufeff编号,姓名,电话,住址\r\n1,张三,1,某路\r\n"),
        (
            "首页.html",
            '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n<title>本局</title></head></html>\n',
        ),
    ],
)
def test_what_another_program_wrote_is_never_replaced(name: str, text: str, tmp_path: Path) -> None:
    out = tmp_path / name
    out.write_bytes(text.encode())
    outputs = [
        as_json.encode([{"name": "市文明办", "aliases": [], "former_names": [], "members": [], "leader": "", "liaison": ""}]),
        as_json.encode({"name": "x", "cycle": "c1", "head": None, "items": [], "totals": {}}),
        as_json.encode([{"id": "D1", "action": "accept", "by": "张三", "at": "", "reason": "", "in_force": True}]),
        tables.csv_table(["编号", "版块", "项目号", "测评项目"], [["III1-1", "", 1, "x"]]),
        page.render("base.html"),
    ]
    for data in outputs:
        with pytest.raises(UsageError, match="no output to be replaced"):
            guard.refuse_other(out, data.encode())


def test_an_output_takes_the_place_of_its_own_of_another_day_and_of_an_older_version(tmp_path: Path) -> None:
    def written(before: str, now: str) -> None:
        (tmp_path / "out").write_bytes(before.encode())
        guard.refuse_other(tmp_path / "out", now.encode())

    row = {"id": "D1", "action": "accept", "by": "张三", "at": "", "reason": ""}
    written(as_json.encode([]), as_json.encode([row]))
    written(as_json.encode([row]), as_json.encode([]))
    written(as_json.encode([row]), as_json.encode([{**row, "sha256": "a", "in_force": True, "undone_by": None}]))
    headings = ["编号", "标准", "类型"]
    written(tables.csv_table(headings, []), tables.csv_table([*headings, "状态", "来历"], [["III1-1"] * 5]))
    written("没有存疑文件\n", "   1. 3fa1b2c4d5e6  市文明办/x.docx\n")
    with pytest.raises(UsageError):
        written(as_json.encode({"head": None, "depth": "fast"}), as_json.encode({"cycle": "c1", "head": None}))


def test_a_store_that_holds_the_workspace_leaves_room_for_its_reports(ws: Line, tmp_path: Path) -> None:
    """As where a bucket was downloaded to a folder and restored in it."""
    shutil.copytree(ws.root / "store", tmp_path / "桶")
    dangan("restore", str(tmp_path / "桶"), "--store", "folder:.", "--take-over")
    line = Line(tmp_path / "桶")
    line("coverage", "--format", "html")
    assert "存储" in line("coverage", "-o", str(line.root / "objects" / "x.txt"), code=2).err
