"""Hostile files and extraction, from beginning to end at a small size; no test looks at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive_schema.cycle import Limits
from benchmarks import extraction, hostile, spent
from benchmarks.floors import texts
from benchmarks.ground import Ground
from benchmarks.hostile import Outcome
from intake.read import read_file
from samples.spoilt import good_files


def test_every_hostile_file_has_an_outcome_and_the_forms_stand_beside_their_libraries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the whole crowd is for tests/intake and for the benchmark itself
    monkeypatch.setattr(hostile, "make_crowd", lambda folder, **_: good_files(folder / "好文件"))
    monkeypatch.setattr(hostile, "PDFS", 20)
    more = tmp_path / "more"
    good_files(more)
    (more / "link").symlink_to("/etc/passwd")
    (tmp_path / "work").mkdir()
    ingest, memory, *formats = hostile.run(Ground(tmp_path / "work", 2, more))
    assert sum(ingest.figures[k] for k in ("new", "known", "quarantined", "waiting", "ignored")) == int(ingest.what.split()[2])
    assert memory.unit == "MB" and memory.value < 50
    pdf = next(r for r in formats if r.what.startswith("PDF"))
    assert pdf.figures["same text %"] >= 99 and pdf.floor is not None and pdf.value > 0


def test_another_text_than_bare_pypdfium2s_is_an_error(tmp_path: Path) -> None:
    good = next(p for p in good_files(tmp_path / "good") if p.suffix == ".pdf")
    ground = Ground(tmp_path, 2)
    same = Outcome(good, "application/pdf", "read", texts.digest(read_file(good, good.name, Limits()).text))
    (row,) = hostile._formats(ground, [same])
    assert row.figures["same text %"] == 100 and row.ratio == 1
    with pytest.raises(RuntimeError, match="only 1 yield the same text"):
        hostile._formats(ground, [same, Outcome(good, "application/pdf", "read", "another")])


def test_the_floor_of_opening_survives_what_it_opens(tmp_path: Path) -> None:
    good = good_files(tmp_path / "good")
    listed = tmp_path / "list"
    kinds = {".pdf": "application/pdf", ".jpeg": "image/jpeg", ".txt": "text/plain"}
    known = [p for p in good if p.suffix in kinds]
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.4 broken")
    lines = [f"{kinds[p.suffix]}\t{p}" for p in [*known, broken]]
    listed.write_text("\n".join(lines) + "\n", "utf-8")
    answers = [line.split("\t")[0] for line in spent.floor("opening", str(listed)).output.splitlines()]
    assert answers == ["0" if p.suffix == ".txt" else "1" for p in known] + ["0"]


def test_extraction_stands_beside_bare_pypdfium2_over_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extraction, "COUNTS", (5, 20))
    monkeypatch.setattr(extraction, "_TIMES", 1)
    throughput, fewer, more = extraction.run(Ground(tmp_path, 4))
    assert throughput.what.endswith("PDFs") and throughput.ratio is not None and throughput.figures["CPU ratio"] > 0
    assert fewer.unit == more.unit == "MB" and "kB per further file" in more.figures
