"""Files that nobody wrote for this project: no 阻断 and no 警告 about them is false.

What is true of them is listed here: old pictures are small, one page is garbled. Their dates lie decades apart, so the
window is wide; which standard they were for nobody knows, so notices are not looked at.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from archive_schema.cycle import Window
from archive_schema.words import EvidenceKind, Outcome, Severity
from tests.intake import policies
from tests.validators import handed
from tests.validators.handed import Sent, raw

#: what a person who looked at the files says of them, too
SMALL = {"Canon_40D_photoshop_import", "landscape_1", "landscape_6", "nikon-e950", "portrait_8", "sony-cybershot"}
SMALL |= {f"DSCN00{n}" for n in (10, 12, 21, 25, 38, 42)}
GARBLED = "003_a6c1e40c61e4fa53"


@pytest.fixture
def wide(monkeypatch):
    window = Window(date(1980, 1, 1), date(2026, 12, 31))
    monkeypatch.setattr(handed, "WINDOW", window)
    monkeypatch.setattr(handed, "SEEN", datetime(2026, 11, 1, tzinfo=UTC))


def loud(sent: Sent, folder: Path) -> set[tuple[str, str]]:
    """(code, outcome) of what blocks or warns; 未检 of a date aside, which a person has to say."""
    seen = handed.look(handed.handed(sent), folder)
    return {
        (o.code, o.outcome.value)
        for of in seen.outcomes.values()
        for o in of
        if o.severity is not Severity.NOTICE and (o.code, o.outcome) != ("DATE", Outcome.UNCHECKED)
    }


@pytest.mark.parametrize("form", ["txt", "pdf", "docx"])
def test_documents_of_the_state_council_are_good_ones_but_not_the_citys_own(form, wide, real_inputs, tmp_path):
    for n, policy in enumerate(policies.load(real_inputs)):
        name = f"{policy.title[:30]}.{form}"
        if form == "txt":
            sent = raw(name, "\n".join(policy.listed).encode(), EvidenceKind.DOCUMENT)
        else:
            write = policies.write_pdf if form == "pdf" else policies.write_docx
            parts = policies.standard(policy)
            sent = Sent(name, lambda path, write=write, parts=parts: write(path, parts), EvidenceKind.DOCUMENT)  # type: ignore[misc]
        assert loud(sent, tmp_path / str(n)) == {("SUPERIOR", "fail")}, policy.number


@pytest.mark.parametrize("kind", [EvidenceKind.REPORT, EvidenceKind.DOCUMENT])
def test_saved_pages_raise_what_is_wrong_with_them(kind, wide, real_inputs, tmp_path):
    files = sorted((real_inputs / "documents").glob("*.txt"))
    assert len(files) == 5
    for file in files:
        found = {code for code, _ in loud(raw(file.name, file.read_bytes(), kind), tmp_path / file.stem)}
        if kind is EvidenceKind.DOCUMENT:
            found -= {"DATE", "NUMBER"}  # speeches and plans as saved from the web: they have neither, and no seal
        expected = {"GARBLED"} if file.stem == GARBLED else set()
        if file.stem == GARBLED and kind is EvidenceKind.DOCUMENT:
            expected |= {"DRAFT"}  # 未检: in garbled text nothing counts as absent
        assert found == expected, file.name


def test_photos_raise_only_that_they_are_small(wide, real_inputs, tmp_path):
    files = sorted((real_inputs / "photos").glob("*.jpg"))
    assert len(files) == 14
    for file in files:
        name = f"人民广场志愿者清扫街道{file.name}"
        found = loud(raw(name, file.read_bytes(), EvidenceKind.PHOTO), tmp_path / file.stem)
        assert found == ({("PIXELS", "fail")} if file.stem in SMALL else set()), file.name
