"""Where ``-o`` writes to."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from archive_schema.errors import UsageError
from dangan.cli import emit


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
