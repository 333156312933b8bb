"""Every sort of bad file is produced, and is what it says of itself."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pypdfium2
import pytest
from PIL import Image, ImageFilter, ImageStat

from archive_schema import media
from archive_schema.cycle import Limits
from archive_schema.words import Disposition, ReadState
from samples import fixed, ole
from samples.hostile import IDENTITY_NUMBER, LONG_NAME, PASSWORD, SORTS, produce
from samples.notices import notice

EVERY = sorted(SORTS)


@pytest.fixture
def made(tmp_path: Path) -> Callable[[str], Path]:
    return lambda name: produce(name, tmp_path)


def image(path: Path) -> Image.Image:
    with Image.open(path) as opened:
        opened.load()
        return opened


def sharpness(path: Path) -> float:
    return float(ImageStat.Stat(image(path).convert("L").filter(ImageFilter.FIND_EDGES)).var[0])


def test_there_are_more_than_forty_sorts() -> None:
    assert len(SORTS) > 40


@pytest.mark.parametrize("name", EVERY)
def test_each_sort_makes_one_small_file_the_same_on_every_run(name: str, tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    first, second = produce(name, tmp_path / "1"), produce(name, tmp_path / "2")
    assert list((tmp_path / "1").iterdir()) == [first]
    assert first.name == SORTS[name].file
    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_size < 1_000_000


@pytest.mark.parametrize("name", EVERY)
def test_each_sort_says_what_a_reader_should_say(name: str) -> None:
    sort = SORTS[name]
    assert sort.about
    assert sort.media_type == "" or sort.media_type in media.BY_TYPE
    if sort.disposition is not Disposition.NEW:
        assert sort.state is None
        assert not sort.facts
    elif name != "jpeg_that_is_html":
        assert sort.state is not None
    if sort.state in (ReadState.READ, ReadState.ENCRYPTED):
        assert sort.media_type, "what is read is of a known type"


def test_names_are_kept_where_the_name_is_the_point(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="keeps its name"):
        produce("lock_file", tmp_path, "通知.docx")
    assert produce("truncated_pdf", tmp_path, "Ⅲ1-1 通知.pdf").name == "Ⅲ1-1 通知.pdf"


def test_the_long_name_has_two_hundred_characters_and_fits_a_file_system() -> None:
    assert len(LONG_NAME) == 200
    assert len(LONG_NAME.encode()) <= 255


@pytest.mark.parametrize("name", ["truncated_pdf", "random_pdf", "pdf_that_is_jpeg"])
def test_pdfium_opens_none_of_the_broken_pdfs(name: str, made: Callable[[str], Path]) -> None:
    # pdfium repairs what it can, so a cut file may still open; then its pages are not there
    path = made(name)
    try:
        whole = len(pypdfium2.PdfDocument(path)) > 0 and path.read_bytes().rstrip().endswith(b"%%EOF")
    except pypdfium2.PdfiumError:
        whole = False
    assert not whole


def test_the_encrypted_pdf_opens_with_its_password_only(made: Callable[[str], Path]) -> None:
    path = made("encrypted_pdf")
    with pytest.raises(pypdfium2.PdfiumError, match="password"):
        pypdfium2.PdfDocument(path)
    page = pypdfium2.PdfDocument(path, password=PASSWORD)[0]
    assert notice().title in page.get_textpage().get_text_range()


def test_the_scan_has_a_page_and_no_text(made: Callable[[str], Path]) -> None:
    pages = pypdfium2.PdfDocument(made("scanned_pdf"))
    assert len(pages) == 1
    assert pages[0].get_textpage().count_chars() == 0
    assert len(list(pages[0].get_objects())) == 1


def test_pictures_are_what_they_are_and_not_what_they_are_called(made: Callable[[str], Path]) -> None:
    assert image(made("pdf_that_is_jpeg")).format == "JPEG"
    assert made("jpeg_that_is_html").read_bytes().startswith(b"<!DOCTYPE html>")
    with pytest.raises(OSError, match="truncated"):
        image(made("truncated_jpeg"))
    assert image(made("small_photo")).size == (200, 150)


def test_the_blurred_photo_is_far_less_sharp_than_an_ordinary_one(made: Callable[[str], Path]) -> None:
    assert sharpness(made("blurred_photo")) * 5 < sharpness(made("edited_photo"))


def test_the_overcompressed_photo_spends_few_bits_on_a_pixel(made: Callable[[str], Path]) -> None:
    assert made("overcompressed_photo").stat().st_size * 8 / (1280 * 960) < 0.25


def test_the_picture_bomb_is_a_whole_png_that_pillow_refuses(
    made: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made("bomb_png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 89_478_485)  # Pillow's own; a reader in this process may have lifted it
    with pytest.raises(Image.DecompressionBombError):
        Image.open(path)
    data, at, packed = path.read_bytes(), 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + size]
        assert zlib.crc32(kind + body) == struct.unpack(">I", data[at + 8 + size : at + 12 + size])[0]
        packed += body if kind == b"IDAT" else b""
        at += 12 + size
    assert len(zlib.decompress(packed)) == 30_000 * (30_000 // 8 + 1)


def test_the_encrypted_word_file_is_a_compound_file_with_an_encrypted_package(made: Callable[[str], Path]) -> None:
    data = made("encrypted_docx").read_bytes()
    assert data.startswith(ole.MAGIC)
    assert "EncryptedPackage".encode("utf-16-le") in data
    assert "EncryptionInfo".encode("utf-16-le") in data


def test_a_compound_file_gives_its_streams_back() -> None:
    streams = {"EncryptionInfo": b"a" * 10, "EncryptedPackage": fixed.noise("x", 9_000)}
    data = ole.compound_file(streams)
    fat = struct.unpack("<128I", data[512:1024])
    found = {}
    for at in range(1024, 1536, 128):
        entry = data[at : at + 128]
        length, kind = struct.unpack("<HB", entry[64:67])
        if kind == 2:
            sector, size = struct.unpack("<IQ", entry[116:128])
            body = b""
            while sector != 0xFFFFFFFE:
                body += data[512 * (sector + 1) : 512 * (sector + 2)]
                sector = fat[sector]
            found[entry[: length - 2].decode("utf-16-le")] = body[:size]
    assert found == {"EncryptionInfo": b"a" * 10 + bytes(4086), "EncryptedPackage": streams["EncryptedPackage"]}
    with pytest.raises(ValueError, match="too much"):
        ole.compound_file({"a": bytes(70_000)})


def test_the_corrupt_word_file_is_no_zip_and_the_one_with_macros_is_one(made: Callable[[str], Path]) -> None:
    assert not zipfile.is_zipfile(made("corrupt_docx"))
    with zipfile.ZipFile(made("macro_docm")) as z:
        assert z.testzip() is None
        assert z.read("word/vbaProject.bin").startswith(ole.MAGIC)
        assert b"macroEnabled" in z.read("[Content_Types].xml")
        assert b"vbaProject.bin" in z.read("word/_rels/document.xml.rels")


def test_the_broken_table_holds_error_cells(made: Callable[[str], Path]) -> None:
    book = openpyxl.load_workbook(made("broken_xlsx"))
    assert book.active is not None
    errors = [c.value for row in book.active for c in row if c.data_type == "e"]
    assert errors == ["#REF!", "#DIV/0!", "#REF!"]
    assert book.defined_names["总数"].attr_text == "#REF!"


@pytest.mark.parametrize(
    ("name", "encoding"), [("gb18030_csv", "gb18030"), ("utf16_csv", "utf-16"), ("gb18030_txt", "gb18030")]
)
def test_texts_are_in_the_encoding_that_they_claim(name: str, encoding: str, made: Callable[[str], Path]) -> None:
    data = made(name).read_bytes()
    assert "诚信红黑榜" in data.decode(encoding)
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")


def test_the_garbled_text_is_good_utf8_and_bad_chinese(made: Callable[[str], Path]) -> None:
    text = made("garbled_txt").read_bytes().decode("utf-8")
    assert "诚信" not in text
    assert "�" in text


def test_the_zip_bomb_unpacks_to_far_more_than_the_limit_of_intake(made: Callable[[str], Path]) -> None:
    path = made("zip_bomb")
    with zipfile.ZipFile(path) as z:
        unpacked = sum(i.file_size for i in z.infolist())
    assert unpacked / path.stat().st_size > Limits().archive_ratio * 2
    assert unpacked == 100 * 1024**2, "more than a reader could call harmless, and no burden to a test"


def depth(data: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        return 1 + max((depth(z.read(n)) for n in z.namelist() if n.endswith(".zip")), default=0)


def test_nested_zips_are_within_the_limit_of_intake_or_beyond_it(made: Callable[[str], Path]) -> None:
    assert depth(made("nested_zip").read_bytes()) == Limits().archive_depth == 3
    assert depth(made("deep_zip").read_bytes()) == 8


def test_escaping_names_stand_in_the_zips_as_they_are(made: Callable[[str], Path]) -> None:
    with zipfile.ZipFile(made("traversal_zip")) as z:
        assert "../../../tmp/escaped.txt" in z.namelist()
    with zipfile.ZipFile(made("absolute_zip")) as z:
        assert [i.orig_filename for i in z.infolist()] == ["/etc/escaped.txt", "C:\\Windows\\escaped.txt"]


def test_the_old_zip_has_gbk_names_and_whole_members(made: Callable[[str], Path]) -> None:
    with zipfile.ZipFile(made("gbk_zip")) as z:
        assert all(i.flag_bits & 0x800 == 0 for i in z.infolist())
        names = [n.encode("cp437").decode("gbk") for n in z.namelist()]
        assert names[0] == "诚信红黑榜/关于做好诚信红黑榜发布工作的通知.docx"
        text = "".join(p.text for p in docx.Document(io.BytesIO(z.read(z.namelist()[0]))).paragraphs)
        assert notice().title in text
        assert len(pypdfium2.PdfDocument(z.read(z.namelist()[1]))) == 1


def test_the_encrypted_zip_opens_with_its_password_only(made: Callable[[str], Path]) -> None:
    with zipfile.ZipFile(made("encrypted_zip")) as z:
        with pytest.raises(RuntimeError, match="password"):
            z.read("说明.txt")
        assert "诚信红黑榜" in z.read("说明.txt", pwd=PASSWORD.encode()).decode()


@pytest.mark.parametrize(
    ("name", "at", "magic"),
    [
        ("magic_7z", 0, b"7z\xbc\xaf\x27\x1c"),
        ("magic_rar", 0, b"Rar!\x1a\x07"),
        ("mp4", 4, b"ftyp"),
        ("caj", 0, b"CAJ"),
        ("exe", 0, b"MZ"),
        ("exe", 64, b"PE\0\0"),
        ("partial_upload", 0, b"%PDF-"),
        ("thumbs_db", 0, ole.MAGIC),
        ("ds_store", 4, b"Bud1"),
    ],
)
def test_other_formats_begin_as_they_should(name: str, at: int, magic: bytes, made: Callable[[str], Path]) -> None:
    assert made(name).read_bytes()[at:].startswith(magic)


def test_an_empty_file_is_empty(made: Callable[[str], Path]) -> None:
    assert made("empty_file").stat().st_size == 0


def word_text(path: Path) -> str:
    return "\n".join(p.text for p in docx.Document(str(path)).paragraphs)


def test_documents_that_are_sent_back_show_why(made: Callable[[str], Path]) -> None:
    assert "（征求意见稿）" in word_text(made("draft"))
    secret = pypdfium2.PdfDocument(made("secret_pdf"))[0].get_textpage().get_text_range()
    assert "机密★1年" in secret
    missing = pypdfium2.PdfDocument(made("missing_annex"))
    assert "附件：1." in missing[0].get_textpage().get_text_range()
    assert len(missing) == 1, "no page for the attachments"


def test_the_personal_numbers_pass_their_check_digits(made: Callable[[str], Path]) -> None:
    text = word_text(made("identity_docx"))
    assert IDENTITY_NUMBER in text
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(d) * w for d, w in zip(IDENTITY_NUMBER[:17], weights, strict=True))
    assert "10X98765432"[total % 11] == IDENTITY_NUMBER[-1]
    card = "6222020000000000000"
    assert card in text
    digits = [int(d) * (1 + n % 2) for n, d in enumerate(reversed(card))]
    assert sum(d - 9 if d > 9 else d for d in digits) % 10 == 0


@pytest.mark.parametrize("name", ["formula_name", "rtl_name", "long_name"])
def test_awkward_names_hold_good_documents(name: str, made: Callable[[str], Path]) -> None:
    assert notice().title in word_text(made(name))
