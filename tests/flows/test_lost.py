"""Bytes that the store has lost: laid there again from the inbox, and named by a copy."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.audit import audit
from flows.copying import compare, copy
from storage import keys
from tests.flows.auditing import codes
from tests.flows.house import House, document


def erase(house: House, sha256: str) -> None:
    (house.root / "store" / keys.object_key(sha256)).unlink()


def checked(house: House) -> set[str]:
    with house.open() as o:
        return codes(audit(o, depth="fast", only="integrity"))


@pytest.fixture
def filled(new_workspace: Callable[..., House]) -> House:
    house = new_workspace()
    folder = house.inbox / "市教育局"
    document(folder / "意见.docx")
    document(folder / "通知.docx", title="关于开展文明校园创建活动的通知")
    with zipfile.ZipFile(folder / "一.zip", "w") as z:
        z.write(folder / "通知.docx", "通知.docx")
    (folder / "通知.docx").unlink()
    house.ingest()
    return house


def test_what_the_audit_missed_is_laid_there_again_by_the_next_pass(filled: House) -> None:
    before = filled.head()
    lines = filled.manifest()
    for sha in {line.sha256 for line in lines.values()}:
        erase(filled, sha)
    assert checked(filled) == {"object.missing"} and len(lines) == 3
    result = filled.ingest()
    assert any("3 件" in c and "重新存入" in c for c in result.cautions)
    assert (result.output.known, result.output.new, result.changed) == (2, 0, False)
    assert checked(filled) == set() and filled.head() == before and filled.manifest() == lines
    assert filled.ingest().cautions == ()


def test_what_comes_again_is_laid_there_again_whether_an_audit_missed_it_or_not(filled: House) -> None:
    erase(filled, filled.manifest()["市教育局/意见.docx"].sha256)
    other = filled.inbox / "市文明办"
    other.mkdir(exist_ok=True)
    (other / "意见.docx").write_bytes((filled.inbox / "市教育局" / "意见.docx").read_bytes())
    filled.ingest()
    assert checked(filled) == set()


def test_what_is_altered_is_not_laid_over_in_silence(filled: House) -> None:
    stored = filled.root / "store" / keys.object_key(filled.manifest()["市教育局/意见.docx"].sha256)
    stored.chmod(0o644)
    stored.write_bytes(b"other")
    assert checked(filled) == {"object.size"}
    assert filled.ingest().cautions == () and checked(filled) == {"object.size"}


def test_a_copy_names_what_the_archive_has_lost_whether_the_copy_holds_it_or_not(filled: House, tmp_path: Path) -> None:
    first, second = f"folder:{tmp_path}/first", f"folder:{tmp_path}/second"
    line = filled.manifest()["市教育局/意见.docx"]
    with filled.open() as o:
        assert copy(o, first).differences == []
        erase(filled, line.sha256)
        here = [(d.code, d.key, d.there) for d in copy(o, first).differences]
        assert here == [("source.damaged", line.object_key, f"{line.size} 字节")]
        assert [(d.code, d.key, d.there) for d in copy(o, second).differences] == [("source.damaged", line.object_key, None)]
        assert [(d.code, d.key) for d in compare(o, second).differences] == [("source.damaged", line.object_key)]
        assert [(d.code, d.key) for d in compare(o, first).differences] == [("copy.extra", line.object_key)]
