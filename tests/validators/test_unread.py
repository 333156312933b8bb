"""A failure of a reader is 未检 for whatever asks for content: never a pass, never a failure of the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive_schema.cycle import Limits
from archive_schema.evidence import Evidence
from archive_schema.words import EvidenceKind, Outcome, ReadState, Severity
from intake.read import examine
from intake.readers import REGISTRY
from tests.validators.build import CAPTIONED, PHOTO, USUAL, evidence, judged, source
from validators import checks

CONTENT = {c.code for c in checks.load().checks if c.content}
#: silent rather than 未检 where nothing was read: they ask for something that not every file has
SILENT = {"ENCRYPTED", "OPEN", "GPS", "COMPRESSED", "ISSUER", "MACRO", "PERSONS", "NUMBERFORM", "PERIOD"}


@pytest.mark.parametrize("kind", EvidenceKind)
@pytest.mark.parametrize("size", [10, 11], ids=["fault", "memory"])
@pytest.mark.parametrize("media_type", sorted(REGISTRY))
def test_when_the_reader_of_a_format_fails_nothing_about_its_content_passes_or_fails(media_type, size, kind, tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(b"x" * size)
    read = examine(path, media_type, "file", Limits(), {media_type: "tests.validators.broken_reader"}).reading
    assert read.state is ReadState.GAVE_UP
    e = Evidence("a" * 64, size, media_type, read.reader, read.state, read.facts, read.detail)
    mine = (source("file", **(CAPTIONED if kind is PHOTO else {})),)
    judgement = judged(kind, e, sources=mine)
    assert {o.code for o in judgement.outcomes if o.outcome is Outcome.FAIL} == set()
    assert not CONTENT & set(judgement.passed)
    unchecked = {o.code for o in judgement.outcomes if o.outcome is Outcome.UNCHECKED}
    assert "FORMAT" in unchecked
    asked = {c.code for c in checks.load().checks if c.content and c.applies_to(kind) and c.scope == "placement"}
    assert asked - SILENT <= unchecked


@pytest.mark.parametrize("kind", EvidenceKind)
def test_a_file_read_in_part_passes_nothing_by_what_is_missing(kind):
    """Every fact taken away, one at a time, of a file of which only a part was read: what passed with it does not pass for its lack."""
    whole = set(judged(kind).passed)
    for key in USUAL[kind][2]:
        part = judged(kind, evidence(kind, without=(key,), state=ReadState.PARTIAL, detail="后 3 页是扫描页"))
        assert set(part.passed) <= whole
        failed = {o.code for o in part.outcomes if o.outcome is Outcome.FAIL}
        assert not failed, (key, failed)


def test_what_only_warns_never_sends_a_cell_to_a_person():
    """New checks that nobody could make are notices: an 未检 that blocks belongs to the checks that decide on a file."""
    for check in checks.load().checks:
        if check.severity is not Severity.BLOCKING:
            continue
        assert check.code in {
            "SECRET",
            "EMPTY",
            "ENCRYPTED",
            "OPEN",
            "FORMAT",
            "BLANK",
            "DATE",
            "WINDOW",
            "NUMBER",
            "TABLE",
            "RETURNED",
            "SUPERSEDED",
        }
