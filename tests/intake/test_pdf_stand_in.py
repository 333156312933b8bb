"""A font that a PDF does not hold is stood in for by boxes: the same text, no font of the machine, and true letters where they are looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
from reportlab.pdfgen.canvas import Canvas

from archive_schema.cycle import Limits
from archive_schema.words import ReadState
from benchmarks.floors import texts
from intake.read import read_file
from intake.readers import pdfgrid, pdfrules, pdfseal, standin
from samples import layout, pdf, scan
from samples.layout import Report

GB2312 = 134  # of fpdf_sysfontinfo.h
RED = (0.85, 0.05, 0.05)


def page(path: Path, *, head: tuple[float, float, float] = (0, 0, 0), ring: bool = True) -> Path:
    """A signed page with a red ring over the signature, and letters within it in the colour of ``head``."""
    pdf.register()
    canvas = Canvas(str(path), pagesize=(pdf.WIDTH, pdf.HEIGHT), invariant=1)
    canvas.setFont(pdf.FONT, 16)
    for n, line in enumerate(("关于开展志愿服务的通知", "各县区人民政府：", "现将有关事项通知如下，请认真贯彻执行。")):
        canvas.drawString(100, 700 - 30 * n, line)
    canvas.drawString(380, 400, "示例市人民政府")
    canvas.drawString(380, 370, "2026年5月1日")
    if ring:
        canvas.setStrokeColorRGB(*RED)
        canvas.setLineWidth(3)
        canvas.circle(430, 390, 58)
    canvas.setFillColorRGB(*head)
    canvas.setFont(pdf.FONT, 24)
    canvas.drawString(395, 345, "专用章")
    canvas.save()
    return path


def test_the_text_is_what_bare_pypdfium2_reads(tmp_path: Path) -> None:
    text = "全市注册志愿者 12.5 万人,　占比 15.2%。（一）2026年abc。"
    path = layout.report(Report(title="志愿服务情况报告", unit="示例市文明办", paragraphs=(text,)), tmp_path / "a.pdf")
    before = standin.given()
    reading = read_file(path, path.name, Limits(ocr="off"))
    assert standin.given() > before, "the file holds its font: nothing is stood in for"
    assert reading.text == texts.text(str(path)).replace("\r\n", "\n"), "white space included"


def test_spaces_are_no_boxes(tmp_path: Path) -> None:
    """A line of nothing but a space is a line of text as soon as the space has an outline."""
    path = tmp_path / "a.pdf"
    pdf.register()
    canvas = Canvas(str(path), pagesize=(pdf.WIDTH, pdf.HEIGHT), invariant=1)
    canvas.setFont(pdf.FONT, 14)
    for n, line in enumerate(("第一行文字　", "　　第二行　文字", "　", "abc　 　第三行")):
        canvas.drawString(80, 700 - 30 * n, line)
    canvas.save()
    bare = texts.text(str(path))
    with standin.boxes():
        assert texts.text(str(path)) == bare


def test_no_font_of_the_machine_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    theirs = pypdfium2.PdfSysfontBase.MapFont

    def watched(self: Any, _: Any, weight: int, italic: int, charset: int, *more: Any) -> Any:
        asked.append(charset)
        return theirs(self, _, weight, italic, charset, *more)

    monkeypatch.setattr(pypdfium2.PdfSysfontBase, "MapFont", watched)
    path = page(tmp_path / "a.pdf")
    assert "志愿服务" in read_file(path, path.name, Limits(ocr="off")).text
    assert GB2312 not in asked
    texts.text(str(path))
    assert GB2312 in asked, "without boxes the machine is asked, and the watcher sees it"


def test_a_seal_is_found_among_boxes(tmp_path: Path) -> None:
    for ring in (True, False):
        path = page(tmp_path / f"{ring}.pdf", ring=ring)
        assert read_file(path, path.name, Limits(ocr="off")).facts["seal"].value is ring


@pytest.mark.skipif(not scan.font_there(), reason="a Chinese font of the system is missing: tools/system-packages")
@pytest.mark.parametrize("red", [True, False])
def test_red_letters_are_drawn_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, red: bool) -> None:
    path = page(tmp_path / "a.pdf", head=RED if red else (0, 0, 0))
    drawn: list[tuple[float, Any, Any]] = []
    picture = pdfseal._picture

    def watched(page: Any, scale: float, region: Any) -> Any:
        drawn.append((scale, region, picture(page, scale, region).copy()))
        return drawn[-1][2]

    monkeypatch.setattr(pdfseal, "_picture", watched)
    read_file(path, path.name, Limits(ocr="off"))
    monkeypatch.undo()
    [(scale, region, image)] = drawn
    document = pypdfium2.PdfDocument(path)
    true = picture(document[0], scale, region)
    reddish = [(i[:, :, 0].astype(int) - i[:, :, 1:].max(axis=2) > 40) for i in (image, true)]
    differ = np.count_nonzero(reddish[0] != reddish[1])
    assert reddish[0].any() and differ < (10 if red else 30), "edges of black letters over the ring, and no more"
    assert np.count_nonzero(image.max(axis=2) < 100) == 0 < np.count_nonzero(true.max(axis=2) < 100), (
        "black letters are left out"
    )
    document.close()


@pytest.mark.skipif(not scan.font_there(), reason="a Chinese font of the system is missing: tools/system-packages")
def test_only_within_boxes_are_letters_boxes(tmp_path: Path) -> None:
    def look() -> Any:
        document = pypdfium2.PdfDocument(path)
        try:
            return document[0].render(scale=1).to_numpy().copy()
        finally:
            document.close()

    path = page(tmp_path / "a.pdf")
    before = look()
    with standin.boxes():
        within = look()
        with standin.true_letters():
            assert np.array_equal(look(), before)
    assert not np.array_equal(within, before)
    assert np.array_equal(look(), before)


def test_prose_with_spaced_figures_is_not_worked_out_as_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("no line is on the page")

    lines = [f"截至 {n} 月底培训 {n + 10} 期,参加 {n * 100} 人次,满意率 95.{n} 分" for n in range(1, 9)]
    path = tmp_path / "a.pdf"
    pdf.register()
    canvas = Canvas(str(path), pagesize=(pdf.WIDTH, pdf.HEIGHT), invariant=1)
    canvas.setFont(pdf.FONT, 14)
    for n, line in enumerate(lines):
        canvas.drawString(80, 700 - 30 * n, line)
    canvas.save()
    with pypdfium2.PdfDocument(path) as document:
        assert pdfrules.may_hold(document[0].get_textpage().get_text_bounded()), "the words alone do not tell"
        assert not pdfrules.ruled(document[0])
    monkeypatch.setattr(pdfgrid, "tables", never)
    assert read_file(path, path.name, Limits(ocr="off")).state is ReadState.READ


def test_a_grid_drawn_as_one_path_is_ruled(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), pagesize=(300, 300), invariant=1)
    canvas.grid([50, 100, 150, 200], [50, 80, 110, 140, 170])
    canvas.save()
    with pypdfium2.PdfDocument(path) as document:
        assert pdfrules.ruled(document[0])
