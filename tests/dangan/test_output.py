"""Where ``-o`` writes to."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest

from archive_schema.errors import UsageError
from dangan.cli import emit
from tests.dangan.line import PROGRAM, Line
from tests.flows.house import document


def test_a_file_is_replaced_at_once_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    out = tmp_path / "new" / "报告.html"
    emit("one", str(out))
    emit(b"two", str(out))
    assert out.read_bytes() == b"two"
    assert list(out.parent.iterdir()) == [out]


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
