"""Files that nobody wrote for this project: State Council documents laid out again, and photographs of real cameras."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive_schema.words import ReadState
from intake.gongwen import read_facts
from intake.pool import Job, ReaderPool
from intake.textual import Line
from tests.intake import policies

FACTS = ("document_number", "title", "issuer", "issued_on")


def expected(policy: policies.Policy) -> dict[str, object]:
    return dict(zip(FACTS, (policy.number, policy.title, policy.issuer, policy.issued_on), strict=True))


@pytest.fixture(scope="module")
def documents(real_inputs: Path) -> list[policies.Policy]:
    read = policies.load(real_inputs)
    assert len(read) == 29
    return read


@pytest.mark.real
@pytest.mark.parametrize("layout", [policies.standard, policies.web])
@pytest.mark.parametrize(("extension", "write"), [(".pdf", policies.write_pdf), (".docx", policies.write_docx)])
def test_number_title_issuer_and_date_are_right_for_all_29(
    pool: ReaderPool, documents: list[policies.Policy], tmp_path: Path, layout: object, extension: str, write: object
) -> None:
    files = []
    for n, policy in enumerate(documents):
        files.append(tmp_path / f"{n}{extension}")
        write(files[-1], layout(policy))  # type: ignore[operator]
    results = list(pool.read(Job(f) for f in files))
    for policy, result in zip(documents, results, strict=True):
        assert result.reading is not None and result.disposition is None, result.reason
        facts = result.reading.facts
        assert {k: facts[k].value if k in facts else None for k in FACTS} == expected(policy)
        assert facts["addressee"].value == policy.after[0].rstrip("：")
        assert facts["document_number"].page in (1, None)
        assert result.reading.state is ReadState.READ, result.reading.detail


@pytest.mark.real
def test_the_publishers_own_list_above_the_text_changes_nothing(documents: list[policies.Policy]) -> None:
    for policy in documents:
        facts = read_facts([Line(t) for t in policy.listed], method="t@1")
        assert {k: facts[k].value if k in facts else None for k in FACTS} == expected(policy)


@pytest.mark.real
def test_no_real_document_is_taken_for_secret_or_draft(documents: list[policies.Policy]) -> None:
    for policy in documents:
        facts = read_facts([Line(t) for t in policy.listed], method="t@1")
        assert not {"secrecy", "draft_mark", "urgency", "copy_number"} & set(facts)


@pytest.mark.real
def test_saved_pages_give_a_title_and_the_garbled_one_gives_none(pool: ReaderPool, real_inputs: Path) -> None:
    results = {r.job.path.name[:3]: r.reading for r in pool.read(Job(p) for p in sorted((real_inputs / "documents").iterdir()))}
    titles = {k: r.facts["title"].value if r and "title" in r.facts else None for k, r in results.items()}
    assert titles == {
        "000": "街道2021年深化全国文明城市创建工作方案范文三篇",
        "001": "大足区创建全国文明城区三年行动计划 (2018—2020年)",
        "002": "在包头市争创全国文明城市“五连冠”暨城市环境综合整治动员大会上的工作",
        "003": None,
        "004": "在全市深化省级文明城市创建工作推进会议上的讲话",
    }
    garbled = results["003"]
    assert garbled is not None and garbled.state is ReadState.PARTIAL and garbled.facts["garbled"].value > 0.3
    assert all(r is not None and r.facts["garbled"].value == 0 for k, r in results.items() if k != "003")


@pytest.mark.real
def test_real_photographs_give_their_day_place_camera_and_editor(pool: ReaderPool, real_inputs: Path) -> None:
    results = {r.job.path.name: r.reading for r in pool.read(Job(p) for p in sorted((real_inputs / "photos").iterdir()))}
    assert len(results) == 14 and all(r is not None and r.state is ReadState.READ for r in results.values())
    facts = {n: {k: f.value for k, f in r.facts.items()} for n, r in results.items() if r is not None}
    assert sum("gps" in f for f in facts.values()) == 6
    assert facts["DSCN0010.jpg"]["gps"] == "43.467448,11.885127"
    assert {n: f["taken_on"] for n, f in facts.items() if "taken_on" in f} == {
        **dict.fromkeys([f"DSCN00{n}.jpg" for n in ("10", "12", "21", "25", "38", "42")], "2008-10-22"),
        "canon_hdr_YES.jpg": "2015-02-09",
        "jolla.jpg": "2014-09-21",
        "nikon-e950.jpg": "2001-04-06",
        "sony-cybershot.jpg": "2000-09-30",
    }
    assert {n: f["orientation"] for n, f in facts.items() if f["orientation"] != 1} == {
        "canon_hdr_YES.jpg": 6, "landscape_6.jpg": 6, "portrait_8.jpg": 8,
    }  # fmt: skip
    assert {n: f["edited_by"] for n, f in facts.items() if "edited_by" in f} == {"Canon_40D_photoshop_import.jpg": "GIMP 2.4.5"}
    assert facts["canon_hdr_YES.jpg"]["camera"] == "Canon PowerShot SX60 HS"
