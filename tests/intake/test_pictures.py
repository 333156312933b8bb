"""Photographs inside Word and PDF files become members, each with what stands beside it."""

from __future__ import annotations

import hashlib
import io
import random
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from archive_schema.cycle import Limits
from archive_schema.words import Disposition, ReadState
from intake import pictures
from intake.filetype import DOCX, true_type
from intake.pictures import PDF, caption
from intake.pictures import pdf as of_pdf
from intake.pool import Job, ReaderPool
from intake.unpack import Member
from samples import layout, photo
from samples.layout import Photo
from samples.notices import notice
from samples.word import seal_png
from tests.intake import make


@cache
def jpeg(seed: str, width: int = 800, height: int = 600) -> bytes:
    return photo.encode(Photo(seed=seed, width=width, height=height), "JPEG")


@cache
def png(seed: str) -> bytes:
    return photo.encode(Photo(seed=seed, width=640, height=480), "PNG")


def bmp(seed: str) -> bytes:
    out = io.BytesIO()
    with Image.open(io.BytesIO(jpeg(seed))) as image:
        image.save(out, "BMP")
    return out.getvalue()


def word(path: Path, *story: str | bytes | tuple[bytes, float] | list[list[str | bytes]]) -> Path:
    """Paragraphs, pictures (12 cm wide, or as said), tables of both."""
    import docx
    from docx.shared import Cm

    document = docx.Document()

    def add(paragraph: object, data: bytes, width: float) -> None:
        paragraph.add_run().add_picture(io.BytesIO(data), width=Cm(width))  # type: ignore[attr-defined]

    for item in story:
        if isinstance(item, str):
            document.add_paragraph(item)
        elif isinstance(item, list):
            table = document.add_table(rows=len(item), cols=len(item[0]))
            for row, cells in zip(table.rows, item, strict=True):
                for cell, held in zip(row.cells, cells, strict=True):
                    if isinstance(held, bytes):
                        add(cell.paragraphs[0], held, 7)
                    else:
                        cell.text = held
        else:
            data, width = item if isinstance(item, tuple) else (item, 12.0)
            add(document.add_paragraph(), data, width)
    document.save(str(path))
    return path


def pdf(path: Path, *pages: list[tuple[bytes, tuple[float, float, float, float]] | tuple[str, float, float]]) -> Path:
    """Pages of (picture, x, y, width, height in points) and (text, x, y)."""
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen import canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    c = canvas.Canvas(str(path))
    for page in pages:
        c.setFont("STSong-Light", 12)
        for item in page:
            if isinstance(item[0], bytes):
                c.drawImage(ImageReader(io.BytesIO(item[0])), *item[1])  # type: ignore[misc]
            else:
                c.drawString(item[1], item[2], item[0])  # type: ignore[arg-type, misc]
        c.showPage()
    c.save()
    return path


def taken(path: Path, media_type: str = DOCX) -> list[Member]:
    unpacked, left = pictures.take_out(path, media_type, path.parent / f"into-{path.name}", Limits())
    assert left == "" and unpacked.refused == ""
    return list(unpacked.members)


BODY = "各责任单位按照方案要求认真组织实施,累计开展各类活动三十余场次,参加群众两万余人次,社会反响良好。" * 3


def test_photographs_of_a_word_file_come_in_order_with_the_caption_below(tmp_path: Path) -> None:
    path = word(tmp_path / "a.docx", BODY, jpeg("1"), "图1 志愿者在东示区开展清扫活动", BODY, png("2"), "第二次活动现场", BODY)
    found = taken(path)
    assert [(m.path, m.caption) for m in found] == [
        ("图片1.jpg", "图1 志愿者在东示区开展清扫活动"),
        ("图片2.png", "第二次活动现场"),
    ]
    assert found[0].file.read_bytes() == jpeg("1") and found[1].file.read_bytes() == png("2"), "byte for byte"
    assert all(m.inside == "" and m.size == m.file.stat().st_size for m in found)


def test_a_caption_above_is_taken_when_it_says_so_and_running_text_never(tmp_path: Path) -> None:
    above = taken(word(tmp_path / "a.docx", "照片:宣传栏更换前", jpeg("1"), "二、下一步打算", BODY))
    assert [m.caption for m in above] == ["照片:宣传栏更换前"]
    assert [m.caption for m in taken(word(tmp_path / "b.docx", "前文", jpeg("1"), BODY))] == [""]
    assert [m.caption for m in taken(word(tmp_path / "c.docx", jpeg("1"), "二、下一步打算"))] == [""]


def test_a_grid_of_photographs_has_its_captions_in_the_row_below(tmp_path: Path) -> None:
    grid: list[list[str | bytes]] = [[jpeg("1"), jpeg("2")], ["改造前的街面", "改造后的街面"]]
    found = taken(word(tmp_path / "a.docx", BODY, grid, BODY))
    assert [m.caption for m in found] == ["改造前的街面", "改造后的街面"]


def test_icons_seals_lines_and_doubles_are_no_photographs(tmp_path: Path) -> None:
    story = (
        jpeg("small", 300, 200),
        (jpeg("shown small"), 3.0),
        (seal_png(), 8.0),
        jpeg("1"),
        jpeg("1"),
        make.png((30, 30)),
    )
    found = taken(word(tmp_path / "a.docx", BODY, *story))
    assert [m.file.read_bytes() for m in found] == [jpeg("1")]
    sealed = layout.official_document(notice(seal=True, mark="示例市文明办文件"), tmp_path / "b.docx")
    assert taken(sealed) == []
    assert taken(layout.official_document(notice(seal=True), tmp_path / "b.pdf"), PDF) == []


def test_a_picture_of_another_format_becomes_a_png_without_loss_the_same_every_time(tmp_path: Path) -> None:
    (one,) = taken(word(tmp_path / "a.docx", bmp("1")))
    (two,) = taken(word(tmp_path / "b.docx", bmp("1")))
    assert one.path == "图片1.png" and one.file.read_bytes() == two.file.read_bytes()
    with Image.open(one.file) as png_, Image.open(io.BytesIO(bmp("1"))) as original:
        assert png_.tobytes() == original.tobytes()


def test_photographs_of_a_pdf_come_from_top_to_bottom_with_their_captions(tmp_path: Path) -> None:
    page = [
        ("关于志愿服务活动情况的说明报告正文若干文字", 70, 780),
        (jpeg("low"), (80, 100, 300, 220)),
        ("活动结束后合影", 80, 85),
        (jpeg("high"), (80, 450, 300, 220)),
        ("图1 活动现场", 80, 432),
    ]
    path = pdf(tmp_path / "a.pdf", page, [("第二页没有图片,只有文字,文字,文字。", 70, 700)])
    found = taken(path, PDF)
    assert [(m.path, m.caption) for m in found] == [("图片1.jpg", "图1 活动现场"), ("图片2.jpg", "活动结束后合影")]
    assert [hashlib.sha256(m.file.read_bytes()).digest() for m in found] == [
        hashlib.sha256(jpeg(seed)).digest() for seed in ("high", "low")
    ]


def test_a_picture_without_a_jpeg_stream_becomes_a_png(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", [("说明文字说明文字说明文字说明文字", 70, 780), (png("1"), (80, 300, 320, 240))])
    (found,) = taken(path, PDF)
    with Image.open(found.file) as image, Image.open(io.BytesIO(png("1"))) as original:
        assert (
            found.path == "图片1.png" and image.size == original.size and image.tobytes() == original.convert("RGB").tobytes()
        )


def test_a_scan_is_the_page_and_no_photograph(tmp_path: Path) -> None:
    text = ("说明文字说明文字说明文字说明文字", 70, 20)
    whole = pdf(tmp_path / "a.pdf", [(jpeg("page", 1240, 1754), (0, 0, 595, 842)), text])
    strips = pdf(tmp_path / "b.pdf", [(jpeg(str(n), 1240, 600), (0, n * 280, 595, 280)) for n in range(3)])
    assert taken(whole, PDF) == [] and taken(strips, PDF) == []


def test_too_many_pictures_are_left_and_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST", 2)
    path = word(tmp_path / "a.docx", *(jpeg(str(n)) for n in range(4)))
    unpacked, left = pictures.take_out(path, DOCX, tmp_path / "into", Limits())
    assert len(unpacked.members) == 2 and "只取出前 2 张" in left


@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_bytes_spoiled_anywhere_lose_pictures_and_nothing_else(tmp_path: Path, kind: str) -> None:
    if kind == "docx":
        whole = word(tmp_path / "a.docx", BODY, jpeg("1"), "图1", [[png("2"), "旁边"]]).read_bytes()
    else:
        page = [("说明文字说明文字说明文字说明文字", 70, 780), (jpeg("1"), (80, 300, 320, 240)), (png("2"), (80, 20, 320, 240))]
        whole = pdf(tmp_path / "a.pdf", page).read_bytes()
    rnd = random.Random(kind)
    for n in range(24):
        data = bytearray(whole)
        for _ in range(30):
            data[rnd.randrange(8, len(data))] = rnd.randrange(256)
        path = tmp_path / f"{n}.{kind}"
        path.write_bytes(bytes(data))
        pictures.take_out(path, DOCX if kind == "docx" else PDF, tmp_path / f"into{n}", Limits())


def test_a_child_takes_them_out_when_asked_and_only_from_what_it_could_read(pool: ReaderPool, tmp_path: Path) -> None:
    good = word(tmp_path / "报告.docx", BODY, jpeg("1"), "图1 现场")
    secret = word(tmp_path / "密.docx", "机密★1年", "××市人民政府文件", "关于有关工作的通知", jpeg("1"))
    cut = tmp_path / "cut.docx"
    cut.write_bytes(good.read_bytes()[:-2000])
    asked, unasked, kept_out, damaged = pool.read(
        [Job(good, pictures=True), Job(good), Job(secret, pictures=True), Job(cut, pictures=True)]
    )
    assert asked.unpacked is not None and [m.caption for m in asked.unpacked.members] == ["图1 现场"]
    assert asked.reading is not None and asked.reading.state is ReadState.READ
    pool.discard(asked.unpacked)
    assert unasked.unpacked is None and damaged.unpacked is None
    assert kept_out.unpacked is None and kept_out.disposition is Disposition.QUARANTINED


def test_a_document_without_photographs_has_no_members(tmp_path: Path) -> None:
    path = layout.official_document(notice(), tmp_path / "a.docx")
    assert true_type(path, path.name) == DOCX and taken(path) == []


def test_a_pdf_without_images_is_not_opened_a_second_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_: Path) -> None:
        raise AssertionError("no stream calls itself an image")

    plain = pdf(tmp_path / "a.pdf", [("只有文字,只有文字,只有文字。", 70, 700)])
    monkeypatch.setattr(of_pdf, "_pictures", never)
    assert b"/ImageB" in plain.read_bytes() and taken(plain, PDF) == []


@pytest.mark.parametrize("name", [b"/Image", b"/Im#61ge", b"/#49mage", b"/#49#6D#61#67#65"])
@pytest.mark.parametrize("piece", [1 << 20, 64])
def test_an_image_is_one_however_its_name_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: bytes, piece: int
) -> None:
    path = pdf(tmp_path / "a.pdf", [("说明文字说明文字说明文字说明文字", 70, 780), (jpeg("1"), (80, 300, 320, 240))])
    data = path.read_bytes()
    assert data.count(b"/Subtype /Image") == 1
    path.write_bytes(data.replace(b"/Subtype /Image", b"/Subtype " + name))
    monkeypatch.setattr(of_pdf, "_PIECE", piece)
    assert len(taken(path, PDF)) == 1


def test_what_speaks_of_a_picture() -> None:
    assert caption("图2 近景", "图1 远景") == "图2 近景"
    assert caption("", "图1 远景") == "图1 远景"
    assert caption("三、存在问题", "图1 远景") == "图1 远景"
    assert caption("短短一句", "正文") == "短短一句"
    assert caption("(二)其他", "正文") == "" and caption("附件:1.名单", "") == ""
    assert caption("下", "上", same="紧跟着的文字") == "紧跟着的文字"
