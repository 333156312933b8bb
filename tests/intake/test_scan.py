"""Scans: what is read by OCR, what is refused, what is left alone, and that nothing is read twice."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image

from archive_schema.cycle import Limits
from archive_schema.evidence import Reading
from archive_schema.words import Disposition, ReadState
from intake import deepen, ocr
from intake.pool import Job, ReaderPool
from samples import layout, scan
from samples.layout import OfficialDocument
from samples.scan import Scanner, Seal
from tests.intake import policies
from tests.intake.scans import need_ocr, seal_of, skewed, text_pdf, write_scan

SPEC = OfficialDocument(
    issuer="示例市教育局",
    mark="示例市教育局文件",
    number="示教发〔2026〕17号",
    title="示例市教育局关于开展文明校园创建活动的通知",
    addressee="各县(区)教育局,市直各学校",
    paragraphs=("为推进文明校园创建,现将有关事项通知如下。" * 3,),
    issued_on=date(2026, 3, 12),
)


@pytest.fixture(scope="module")
def scans(limits: Limits, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReaderPool]:
    """One child, so that the engine is loaded once."""
    need_ocr()
    with ReaderPool(limits, workers=1, scratch=tmp_path_factory.mktemp("scratch")) as pool:
        yield pool


def pages_of(spec: OfficialDocument, folder: Path, dpi: int = 150) -> list[Any]:
    source = layout.official_document(spec, folder / "source.pdf").read_bytes()
    return scan.pages(source, dpi=dpi)


def scanned(spec: OfficialDocument, path: Path, scanner: Scanner | None = None) -> Path:
    source = layout.official_document(spec, path.parent / "source.pdf").read_bytes()
    path.write_bytes(scan.scanned(source, path.name, scanner))
    return path


def one(pool: ReaderPool, path: Path) -> Reading:
    result = next(iter(pool.read([Job(path)])))
    assert result.disposition is None and result.reading is not None, result.reason
    return result.reading


def values(reading: Reading) -> dict[str, object]:
    keys = ("document_number", "title", "issuer", "issued_on")
    return {k: reading.facts[k].value if k in reading.facts else None for k in keys}


RIGHT = {"document_number": SPEC.number, "title": SPEC.title, "issuer": SPEC.issuer, "issued_on": "2026-03-12"}


@pytest.mark.real
@pytest.mark.parametrize("n", [8, 11, 26])
def test_scans_of_real_documents_give_number_title_issuer_and_date(
    scans: ReaderPool, real_inputs: Path, tmp_path: Path, n: int
) -> None:
    policy = policies.load(real_inputs)[n]
    source = text_pdf(policy, tmp_path)
    where = seal_of(policy, source)
    reading = one(scans, write_scan(tmp_path / "a.pdf", policy, skewed(policy)))
    assert values(reading) == {
        "document_number": policy.number,
        "title": policy.title,
        "issuer": policy.issuer,
        "issued_on": policy.issued_on,
    }
    facts = reading.facts
    assert facts["signer"].value == policy.issuer and facts["addressee"].value == policy.after[0].rstrip("：")
    assert facts["seal"].value is True and facts["seal"].page == where[0].page + 1 == facts["issued_on"].page
    assert all(0.5 < (facts[k].confidence or 0) <= 1 for k in values(reading))
    assert facts["title"].method == "ocr@1/head" and facts["issued_on"].method == "ocr@1/signature"
    assert reading.reader == "pdf@3+ocr@1" and reading.volatile and reading.state is ReadState.PARTIAL
    assert "text_chars" not in facts or n == 11, "a part of the text was read: nobody knows how long the whole is"


@pytest.mark.parametrize("degrees", [90.6, 180.0, 269.0])
def test_a_page_lying_on_its_side_or_its_head_is_turned(scans: ReaderPool, tmp_path: Path, degrees: float) -> None:
    assert values(one(scans, scanned(SPEC, tmp_path / "a.pdf", Scanner(degrees=degrees)))) == RIGHT


def test_a_photograph_of_a_page_is_read_like_a_scan(scans: ReaderPool, tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(scan.photographed(pages_of(SPEC, tmp_path, dpi=200)[0], "photo"))
    reading = one(scans, photo)
    assert values(reading) == RIGHT
    assert reading.reader.endswith("+ocr@1") and reading.facts["width"].value == 1800


def test_whole_pages_are_read_on_request(tmp_path: Path) -> None:
    need_ocr()
    path = scanned(SPEC, tmp_path / "a.pdf")
    with ReaderPool(Limits(ocr="full"), workers=1, scratch=tmp_path) as pool:
        reading = one(pool, path)
    assert reading.reader == "pdf@3+ocr@1f" and "现将有关事项通知如下" in reading.text.replace("\n", "")
    assert reading.facts["text_chars"].value > 100 and values(reading) == RIGHT


@pytest.mark.parametrize("mark", ["机密★1年", "秘密", "绝密★长期"])
def test_a_scan_under_secrecy_is_refused_and_nothing_of_it_is_kept(scans: ReaderPool, tmp_path: Path, mark: str) -> None:
    spec = OfficialDocument(**{**{f: getattr(SPEC, f) for f in SPEC.__struct_fields__}, "secrecy": mark})
    result = next(iter(scans.read([Job(scanned(spec, tmp_path / "a.pdf"))])))
    assert result.disposition is Disposition.QUARANTINED and "疑似涉密" in result.reason
    assert result.reading is not None and result.reading.text == ""
    assert set(result.reading.facts) <= {"secrecy", "secrecy_period"}
    assert result.reading.facts["secrecy"].value == mark[:2]


def test_a_secret_page_behind_others_and_a_photographed_one_are_refused_too(scans: ReaderPool, tmp_path: Path) -> None:
    secret = OfficialDocument(issuer="示例市教育局", title="关于某事的报告", paragraphs=("内容。" * 40,), secrecy="机密★1年")
    last = pages_of(secret, tmp_path)[0]
    bundle = tmp_path / "a.pdf"
    bundle.write_bytes(scan.pdf([scan.spoil(p, Scanner(), "p") for p in (pages_of(SPEC, tmp_path)[0], last)]))
    photo = tmp_path / "b.jpg"
    photo.write_bytes(scan.photographed(pages_of(secret, tmp_path, dpi=200)[0], "photo"))
    for result in scans.read([Job(bundle), Job(photo)]):
        assert result.disposition is Disposition.QUARANTINED and "疑似涉密" in result.reason, result.job.path.name


def test_a_scan_without_a_number_has_none_and_is_not_said_to_be_read_whole(scans: ReaderPool, tmp_path: Path) -> None:
    spec = OfficialDocument(issuer="示例市教育局", title=SPEC.title, paragraphs=SPEC.paragraphs, issued_on=SPEC.issued_on)
    reading = one(scans, scanned(spec, tmp_path / "a.pdf"))
    assert values(reading) == {**RIGHT, "document_number": None}
    assert reading.state is ReadState.PARTIAL and "审核人员" in reading.detail
    assert reading.facts.get("seal") is None, "a page without any colour may have a seal in black"


def test_a_signature_in_colour_without_a_ring_has_no_seal(scans: ReaderPool, tmp_path: Path) -> None:
    assert one(scans, scanned(SPEC, tmp_path / "a.pdf")).facts["seal"].value is False


def test_photographs_are_not_taken_for_pages(scans: ReaderPool, tmp_path: Path) -> None:
    for scene in ("street", "meeting"):
        path = layout.photo(layout.Photo(seed=scene, scene=scene), tmp_path / f"{scene}.jpg")  # type: ignore[arg-type]
        assert "ocr" not in one(scans, path).reader


@pytest.mark.real
def test_no_real_photograph_is_taken_for_a_page(real_inputs: Path) -> None:
    photos = sorted((real_inputs / "photos").iterdir())
    assert photos and not [p.name for p in photos if deepen.looks_like_page(p)]


def test_without_ocr_a_scan_stays_unread_and_says_so(tmp_path: Path) -> None:
    path = scanned(SPEC, tmp_path / "a.pdf")
    with ReaderPool(Limits(ocr="off"), workers=1, scratch=tmp_path) as pool:
        reading = one(pool, path)
    assert reading.reader == "pdf@3+ocr@0" and reading.state is ReadState.PARTIAL and "未识别" in reading.detail
    assert set(values(reading).values()) == {None}


def test_the_same_page_is_recognised_once(limits: Limits, tmp_path: Path) -> None:
    need_ocr()
    first = scanned(SPEC, tmp_path / "a.pdf")
    copies = [first, *(tmp_path / f"{n}.pdf" for n in range(3))]
    for copy in copies[1:]:
        copy.write_bytes(first.read_bytes())
    asked: list[str] = []
    with ReaderPool(limits, scratch=tmp_path, remembered=lambda sha: asked.append(sha)) as pool:  # type: ignore[func-returns-value]
        readings = [r.reading for r in pool.read(map(Job, copies))]
    assert len(asked) == 1 and all(r == readings[0] and r is not None and values(r) == RIGHT for r in readings)

    held = readings[0]
    assert held is not None
    marked = Reading(held.media_type, held.reader, held.state, text="from the store", volatile=True)
    with ReaderPool(limits, workers=1, scratch=tmp_path, remembered={asked[0]: marked}.get) as pool:
        assert one(pool, first).text == "from the store"


def test_ocr_that_runs_out_of_memory_loses_nothing_else(tmp_path: Path) -> None:
    need_ocr()
    path = scanned(SPEC, tmp_path / "a.pdf")
    with ReaderPool(Limits(ocr_memory=20 * 1024**2), workers=1, scratch=tmp_path) as pool:
        reading = one(pool, path)
    assert reading.state is ReadState.PARTIAL and "文字识别没有完成" in reading.detail and reading.volatile
    assert reading.facts["pages"].value == 1


def test_the_engine_writes_nothing_where_it_is_installed(scans: ReaderPool, tmp_path: Path) -> None:
    spec = importlib.util.find_spec("rapidocr")
    assert spec is not None and spec.submodule_search_locations
    models = Path(spec.submodule_search_locations[0]) / "models"
    before = {(p.name, p.stat().st_mtime_ns) for p in models.iterdir()}
    one(scans, scanned(SPEC, tmp_path / "a.pdf"))
    assert {(p.name, p.stat().st_mtime_ns) for p in models.iterdir()} == before


def test_two_readings_under_a_seal_that_differ_are_both_kept(scans: ReaderPool, tmp_path: Path) -> None:
    source = layout.official_document(SPEC, tmp_path / "source.pdf").read_bytes()
    at = scan.at_text(source, "2026年3月12日", lambda x, _: x > 300)
    assert at is not None
    seal = Seal(at[0], at[1], at[2] + 12, lettering="示例市教育局", ink=1.0)
    (tmp_path / "a.pdf").write_bytes(scan.scanned(source, "a", Scanner(blur=0.8), seals=[seal]))
    reading = one(scans, tmp_path / "a.pdf")
    assert values(reading) == RIGHT and reading.facts["seal"].value is True


LIMITS = {mode: Limits(ocr=mode) for mode in ("auto", "off", "full")}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "mode", "now"),
    [
        ("pdf@1", "auto", "pdf@3"),
        ("pdf@3", "full", "pdf@3"),
        ("pdf@3+ocr@0", "off", "pdf@3+ocr@0"),
        ("pdf@3+ocr@0", "auto", "pdf@3+ocr@1"),
        ("pdf@3+ocr@0", "full", "pdf@3+ocr@1f"),
        ("pdf@3+ocr@1", "auto", "pdf@3+ocr@1"),
        ("pdf@3+ocr@1", "full", "pdf@3+ocr@1f"),
        ("pdf@3+ocr@1f", "auto", "pdf@3+ocr@1f"),
        ("pdf@1+ocr@1", "off", "pdf@3+ocr@1"),
    ],
)
def test_a_label_rises_with_what_is_possible_and_never_falls(before: str, mode: str, now: str) -> None:
    need_ocr()
    assert deepen.current("application/pdf", before, LIMITS[mode]) == now


def test_without_the_extra_nothing_is_to_be_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "available", lambda: False)
    assert deepen.current("application/pdf", "pdf@3+ocr@0", LIMITS["full"]) == "pdf@3+ocr@0"
    assert deepen.current("application/pdf", "pdf@3+ocr@1", LIMITS["auto"]) == "pdf@3+ocr@1"


def sheets(path: Path, first: Any, *more: Any) -> Path:
    first.save(path, save_all=True, append_images=list(more), compression="tiff_lzw")
    return path


def test_a_stack_of_sheets_is_read_behind_its_cover(scans: ReaderPool, tmp_path: Path) -> None:
    page = pages_of(SPEC, tmp_path)[0]
    scene = layout.photo(layout.Photo(seed="a", scene="street"), tmp_path / "a.jpg")
    cover = Image.open(scene).convert("RGB").resize(page.size)
    reading = one(scans, sheets(tmp_path / "a.tif", cover, page))
    assert reading.reader.endswith("+ocr@1") and values(reading) == RIGHT and reading.facts["pages"].value == 2


def test_a_secret_behind_a_blank_cover_is_not_kept(scans: ReaderPool, tmp_path: Path) -> None:
    spec = msgspec.structs.replace(SPEC, secrecy="机密★5年")
    page = pages_of(spec, tmp_path)[0]
    path = sheets(tmp_path / "a.tif", Image.new("RGB", page.size, (250, 250, 248)), page)
    result = next(iter(scans.read([Job(path)])))
    assert result.disposition is Disposition.QUARANTINED and "机密" in result.reason


def test_a_sheet_that_cannot_be_opened_is_named(scans: ReaderPool, tmp_path: Path) -> None:
    page = pages_of(SPEC, tmp_path)[0]
    path = sheets(tmp_path / "a.tif", page, page.copy())
    with Image.open(path) as picture:
        picture.seek(1)
        at = picture.tag_v2[273][0]  # type: ignore[attr-defined]
    data = bytearray(path.read_bytes())
    data[at : at + 20_000] = b"\xff" * 20_000
    path.write_bytes(data)
    reading = one(scans, path)
    assert reading.state is ReadState.PARTIAL and "第 2 页打不开,未识别" in reading.detail and values(reading) == RIGHT


def test_of_a_blank_page_nothing_is_said_to_have_been_recognised(scans: ReaderPool, tmp_path: Path) -> None:
    page = scan.spoil(Image.new("RGB", (1240, 1754), (250, 250, 248)), Scanner(), "blank")
    (tmp_path / "a.pdf").write_bytes(scan.pdf([page]))
    detail = one(scans, tmp_path / "a.pdf").detail
    assert "没有识别出任何文字,可能是空白页" in detail and "已识别" not in detail
