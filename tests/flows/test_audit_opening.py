"""What the audit says of files that no longer open, read otherwise than when they came, or hold a virus."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from archive_schema.evidence import Fact
from archive_schema.records import EvidenceRecord
from archive_schema.words import ReadState
from flows import reopening, virus
from flows.audit import nightly
from reports import audit_text
from samples import hostile
from storage import keys
from tests.flows.auditing import append, codes, fill, problems, run
from tests.flows.house import NOW, House, document
from validators.audit import blocking


def test_what_can_no_longer_be_opened_is_found_at_depth_full(on_both: House) -> None:
    house = on_both
    fill(house)
    with house.open() as o:
        [broken] = [e for e in o.archive.index.evidence() if e.detail and e.media_type.endswith("wordprocessingml.document")]
    append(house, EvidenceRecord(msgspec.structs.replace(broken, state=ReadState.READ), "test"))
    assert codes(run(house, depth="full", opening=False)) == set()
    report = run(house, depth="full")
    assert [(p.code, p.key) for p in problems(report)] == [("evidence.unreadable", keys.object_key(broken.sha256))]
    assert reopening.FACTS in report.output.unchecked


def test_a_file_that_only_opening_finds_fault_with_is_judged_by_its_reader(archived) -> None:
    """A reader may be more patient than the library as it is used for opening: then nothing is said against the file."""
    house, _ = archived
    odd = house.inbox / "市教育局" / "Ⅲ58-1 方案.pdf"
    odd.parent.mkdir(exist_ok=True)
    odd.write_bytes(b"%PDF-1.4 nothing that a library opens")
    house.ingest()
    assert codes(run(house, depth="full")) == set(), "damaged when it came, damaged now"


def test_the_nightly_share_reads_again_and_compares_facts(archived) -> None:
    house, sha = archived
    (house.root / "cycle.toml").open("a", encoding="utf-8").write("\n[audit]\nverify_days = 1\n")
    house.ingest()
    with house.open() as o:
        assert codes(nightly(o)) == set()
        [held] = o.archive.index.evidence([sha])
    facts = held.facts | {"title": Fact("另一个标题", method=held.facts["title"].method)}
    append(house, EvidenceRecord(msgspec.structs.replace(held, facts=facts), "test"))
    with house.open(NOW + timedelta(days=1)) as o:
        report = nightly(o)
    (p,) = problems(report)
    assert (p.code, p.key) == ("facts.differ", keys.object_key(sha))
    assert not blocking(msgspec.structs.replace(report.output, completeness=None))
    assert "另一个标题" not in audit_text.render(report.output, report=report), "what was read is named and not told"
    assert reopening.FACTS not in report.output.unchecked


def test_what_the_night_found_by_reading_is_not_gone_because_a_full_audit_only_opens(archived) -> None:
    house, _ = archived
    (house.root / "cycle.toml").open("a", encoding="utf-8").write("\n[audit]\nverify_days = 1\n")
    document(house.inbox / "市教育局" / "Ⅲ58-1 方案.pdf", title="某项方案", number="示教发〔2026〕2号")
    hostile.produce("truncated_pdf", house.inbox / "市教育局")
    house.ingest()
    with house.open() as o:
        [cut] = [e for e in o.archive.index.evidence() if e.state is ReadState.DAMAGED]
    append(house, EvidenceRecord(msgspec.structs.replace(cut, state=ReadState.READ), "test"))
    with house.open() as o:
        assert codes(nightly(o)) == {"evidence.unreadable"}
    full = run(house, NOW + timedelta(hours=1), depth="full")
    assert codes(full) == {"evidence.unreadable"}, "asked of its reader, though the library opens it"
    assert full.difference is not None and full.difference.gone == ()


@pytest.fixture
def clamav(tmp_path: Path, monkeypatch) -> Iterator[Callable[[str], None]]:
    """A program that is called, answers and ends as ClamAV's do; ``clamav(name)`` installs it."""
    program = """#!/bin/sh
for a in "$@"; do case "$a" in --file-list=*) list="${a#*=}";; esac; done
[ -n "$list" ] || exit 2
found=0
while read -r f; do [ -r "$f" ] || exit 2; grep -q EICAR "$f" && { echo "$f: Eicar-Signature FOUND"; found=1; }; done < "$list"
exit $found
"""
    folder = tmp_path / "bin"
    folder.mkdir()

    def install(name: str, text: str = program) -> None:
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)

    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    yield install


def test_a_virus_is_found_when_clamav_is_there(on_both: House, clamav) -> None:
    clamav("clamscan")
    house = on_both
    document(house.inbox / "市文明办" / "Ⅲ18-1) 红黑榜发布制度.txt")
    bad = document(house.inbox / "市文明办" / "Ⅲ18-1) 病.txt")
    bad.write_text(bad.read_text("utf-8") + "EICAR", "utf-8")
    house.ingest()
    sha = house.manifest()["市文明办/Ⅲ18-1) 病.txt"].sha256
    (p,) = problems(run(house, depth="full"))
    assert (p.code, p.nature, p.key) == ("object.virus", "安全性", keys.object_key(sha))
    assert "Eicar" in (p.found or "")


def test_without_clamav_or_when_it_fails_viruses_are_unchecked(archived, clamav, monkeypatch) -> None:
    house, _ = archived
    if virus.scanner() is None:
        assert virus.ABSENT in run(house, depth="full").output.unchecked
    clamav("clamdscan", "#!/bin/sh\necho 'cannot connect' >&2\nexit 2\n")
    report = run(house, depth="full")
    assert codes(report) == set()
    assert any("cannot connect" in u and "病毒未检" in u for u in report.output.unchecked)
    clamav("clamscan")
    assert any(s.name == "查毒" for s in run(house, depth="full").steps), "the service is down, the program is not"
