"""SM3 beside SHA-256: recorded when bytes come in, made up for what came before, compared by the audit, written into the export."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import bagit
import msgspec
import pytest
from openpyxl import load_workbook

from archive_schema import sm3
from archive_schema.errors import UsageError
from archive_schema.evidence import Evidence
from archive_schema.outputs import AuditOutput
from archive_schema.records import EvidenceRecord
from dangan import settings
from flows.audit import audit
from flows.export import export
from flows.history import history
from flows.second_digest import UNAVAILABLE, complete, lacking
from flows.upkeep import upkeep
from intake.digest import digest_file
from storage import keys, sweep
from storage.folder import FolderStore
from tests.flows.house import House, document

#: GB/T 32905-2016, appendix A: "abc", and 16 times "abcd"
VECTORS = {
    b"abc": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
    b"abcd" * 16: "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
}


def test_it_is_the_algorithm_of_the_standard(tmp_path: Path) -> None:
    for data, digest in VECTORS.items():
        file = tmp_path / "file"
        file.write_bytes(data)
        assert sm3.sm3(data) == digest_file(file, sm3=True).sm3 == digest
        assert digest_file(file, sm3=True).sha256 == digest_file(file).sha256 == hashlib.sha256(data).hexdigest()
        assert digest_file(file).sm3 == ""


def switch(house: House, on: bool) -> None:
    file = house.root / "dangan.toml"
    text = file.read_text("utf-8").replace('digests = ["sha256", "sm3"]\n', "")
    file.write_text(('digests = ["sha256", "sm3"]\n' if on else "") + text, "utf-8")


def delivered(house: House) -> None:
    document(house.inbox / "市文明办" / "Ⅲ18-1) 红黑榜发布制度.txt")
    with zipfile.ZipFile(house.inbox / "市文明办" / "附件.zip", "w") as z:
        for name in ("一.txt", "二.txt"):
            z.writestr(zipfile.ZipInfo(name), f"第{name}份")


def evidence(house: House) -> dict[str, Evidence]:
    with house.open() as o:
        return {e.sha256: e for e in o.archive.index.evidence()}


def right(house: House) -> bool:
    """Every evidence has the SM3 of its bytes."""
    store = FolderStore(house.root / "store")
    return all(e.sm3 == sm3.sm3(store.get(keys.object_key(sha))) for sha, e in evidence(house).items())


def audited(house: House, depth: str = "full") -> AuditOutput:
    with house.open(damaged=True) as o:
        return audit(o, depth=depth, opening=False, only="integrity").output


@pytest.fixture(scope="module")
def attested(tmp_path_factory: pytest.TempPathFactory) -> House:
    house = House.build(tmp_path_factory.mktemp("on") / "ws")
    switch(house, True)
    delivered(house)
    house.ingest()
    return house


@pytest.fixture(scope="module")
def unattested(tmp_path_factory: pytest.TempPathFactory) -> House:
    house = House.build(tmp_path_factory.mktemp("off") / "ws")
    delivered(house)
    house.ingest()
    return house


@pytest.fixture
def plain(unattested: House, tmp_path: Path) -> House:
    """An archive from before; a copy for every test."""
    shutil.copytree(unattested.root, tmp_path / "ws")
    return House(tmp_path / "ws")


def test_what_comes_in_is_digested_twice_members_too(attested: House) -> None:
    assert len(evidence(attested)) == 4 and right(attested)
    lines = [line for s in attested.segments() for line in s.read_bytes().splitlines() if b'"type":"evidence"' in line]
    assert len(lines) == 4 and all(b'"sm3"' in line for line in lines), "at once, and not afterwards from the store"
    output = audited(attested)
    assert output.integrity is not None and output.integrity.problems == [] and not any("SM3" in u for u in output.unchecked)


def test_the_state_is_the_same_and_old_records_are_written_as_before(attested: House, plain: House) -> None:
    assert plain.digest() == attested.digest()
    lines = [line for s in plain.segments() for line in s.read_bytes().splitlines() if b'"type":"evidence"' in line]
    assert len(lines) == 4 and not any(b"sm3" in line for line in lines)
    assert msgspec.json.decode(lines[0], type=EvidenceRecord).evidence.sm3 is msgspec.UNSET
    with plain.open() as o:
        assert not any("SM3" in u for u in audit(o, depth="full", opening=False).output.unchecked)


def test_switched_on_later_it_is_made_up_for_and_counted_until_then(plain: House) -> None:
    before = plain.digest()
    switch(plain, True)
    output = audited(plain)
    assert [u for u in output.unchecked if "SM3 未检 4 件" in u] and output.integrity is not None and output.integrity.ok
    with plain.open() as o:
        done = upkeep(o, "again", everything=True)
        assert (done.digested, done.undigested) == (4, 0)
    assert right(plain) and plain.digest() == before
    assert not any("SM3" in u for u in audited(plain).unchecked)
    head = plain.head()
    assert not plain.ingest().changed and plain.head() == head, "nothing is recorded twice"


def test_every_night_makes_up_for_a_share(plain: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.second_digest.SHARE", 3)
    switch(plain, True)
    plain.ingest()
    assert sum(isinstance(e.sm3, str) for e in evidence(plain).values()) == 3
    assert [u for u in audited(plain, "fast").unchecked if "SM3" in u] == [], "a fast audit reads no bytes and says so of all"
    with plain.open() as o:
        assert upkeep(o, "next").digested == 1
    assert right(plain)


def test_switched_off_what_is_recorded_stays_when_another_reader_reads_it(attested: House, tmp_path: Path) -> None:
    house = House(tmp_path / "ws")
    shutil.copytree(attested.root, house.root)
    switch(house, False)
    [sha] = [line.sha256 for path, line in house.manifest().items() if path.endswith("制度.txt")]
    with house.open() as o:
        [held] = o.archive.index.evidence([sha])
        o.archive.commit("before", [EvidenceRecord(msgspec.structs.replace(held, reader="text@0"), "before")])
    there = house.inbox / "市教育局"
    there.mkdir(exist_ok=True)
    shutil.copy(house.inbox / "市文明办" / "Ⅲ18-1) 红黑榜发布制度.txt", there / "转来.txt")
    house.ingest()
    assert evidence(house)[sha].reader != "text@0" and right(house)


def test_altered_bytes_get_no_sm3(plain: House) -> None:
    sha = next(iter(evidence(plain)))
    object_ = plain.root / "store" / keys.object_key(sha)
    object_.write_bytes(b"?" * object_.stat().st_size)
    switch(plain, True)
    with plain.open() as o:
        assert complete(o, "again", lacking(o)) == 3 and lacking(o) == [sha]
    assert evidence(plain)[sha].sm3 is msgspec.UNSET


def test_an_sm3_that_is_not_of_the_bytes_blocks(attested: House, tmp_path: Path) -> None:
    store = FolderStore(attested.root / "store")
    with attested.open() as o:
        sha = export(o, tmp_path / "good", everything=True).files[0].sha256
    swept = sweep.sweep(store, sm3s={sha: "0" * 64})
    assert [(w.key, w.what, w.expected) for w in swept.wrong] == [(keys.object_key(sha), "sm3", "0" * 64)]
    house = House(tmp_path / "ws")
    shutil.copytree(attested.root, house.root)
    with house.open() as o:
        [record] = [EvidenceRecord(msgspec.structs.replace(e, sm3="0" * 64), "forged") for e in o.archive.index.evidence([sha])]
        o.archive.commit("forged", [record])
        assert export(o, tmp_path / "out", everything=True).damaged == [keys.object_key(sha)]
    output = audited(house)
    assert output.integrity is not None and not output.integrity.ok
    assert [(p.code, p.key) for p in output.integrity.problems] == [("object.sm3", keys.object_key(sha))]


def test_the_export_carries_it_and_stays_a_valid_bag(attested: House, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with attested.open() as o:
        result = export(o, folder, everything=True)
    bag = bagit.Bag(str(folder))
    bag.validate()
    assert bag.algorithms == ["sha256"]
    lines = dict(reversed(line.split("  ", 1)) for line in (folder / "sm3-manifest.txt").read_text("utf-8").splitlines())
    assert lines == {str(p.relative_to(folder)): sm3.sm3(p.read_bytes()) for p in (folder / "data").rglob("*") if p.is_file()}
    assert result.files and all(f.sm3 == lines[f.path] for f in result.files)
    sheet = load_workbook(folder / "data" / "卷内目录.xlsx")["卷内目录"]
    assert lines[result.files[0].path] in {c.value for row in sheet for c in row}
    (folder / "sm3-manifest.txt").write_text("x")
    with pytest.raises(bagit.BagValidationError):
        bagit.Bag(str(folder)).validate()


def test_another_program_agrees(attested: House, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"abc" * 1000)
    done = subprocess.run(["openssl", "dgst", "-sm3", str(file)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip("openssl with SM3 is not installed")
    assert done.stdout.strip().endswith(sm3.sm3(file.read_bytes()))


def test_the_history_tells_it_once(plain: House) -> None:
    switch(plain, True)
    plain.ingest()
    sha = next(iter(evidence(plain)))
    with plain.open() as o:
        events = history(o, sha).events
    told = [e for e in events if e.detail.get("algorithm") == "SM3"]
    assert [e.detail["digest"] for e in told] == [evidence(plain)[sha].sm3]
    assert sum("认定为" in e.text for e in events) == 1, "nothing was read again"


def test_a_python_without_it_says_so_before_anything_is_written(plain: House, monkeypatch: pytest.MonkeyPatch) -> None:
    real = hashlib.new
    monkeypatch.setattr(hashlib, "new", lambda name, *a, **k: real("no such" if name == "sm3" else name, *a, **k))
    switch(plain, True)
    with (plain.root / "cycle.toml").open("a", encoding="utf-8") as f:
        f.write("\n[audit]\nverify_days = 20\n")  # which would be the first to be recorded
    head = [p.name for p in plain.segments()]
    with pytest.raises(UsageError) as e:
        plain.ingest()
    assert e.value.code == "digests.sm3" and "SM3" in e.value.zh and [p.name for p in plain.segments()] == head
    assert UNAVAILABLE in audited(plain).unchecked, "looking is still possible"


@pytest.mark.parametrize("wrong", ['["sm3"]', '["sha256", "md5"]', '"sm3"', '["sha256", "sm3", "sm3"]', "true"])
def test_other_digests_are_refused(wrong: str, tmp_path: Path) -> None:
    (tmp_path / "dangan.toml").write_text(f"digests = {wrong}\n", "utf-8")
    with pytest.raises(UsageError) as e:
        settings.load(tmp_path, env={})
    assert "digests" in e.value.zh and json.dumps(["sha256", "sm3"]) in e.value.zh
