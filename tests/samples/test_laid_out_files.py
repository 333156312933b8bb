"""What was laid out reads back as it was asked for, by other libraries than those that wrote it."""

from __future__ import annotations

import hashlib
import io
import os
import random
import re
import subprocess
import sys
import zipfile
from datetime import date, datetime
from pathlib import Path

import docx
import openpyxl
import pdfplumber
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from archive_schema import catalogue
from archive_schema.cycle import Window
from samples import fixed, layout, pdf, wording
from samples.layout import OfficialDocument, Photo, Report, Table

DOCUMENT = OfficialDocument(
    issuer="示例市精神文明建设指导委员会办公室",
    title="关于印发《示例市诚信红黑榜发布制度》的通知",
    paragraphs=("现就诚信红黑榜发布制度有关事项通知如下。" * 12, "一、每两个月发布一次。"),
    mark="示例市文明办文件",
    number="示文明办发〔2026〕12号",
    issued_on=date(2026, 3, 5),
    addressee="市直各单位",
    copy_number="000012",
    urgency="特急",
    attachments=("示例市诚信红黑榜发布制度", "发布计划表"),
    annexes=(("第一条 红榜与黑榜同步公布。",),),
    seal=True,
    copy_to="市委办",
    printed_on=date(2026, 3, 6),
)
SAID = (
    DOCUMENT.copy_number,
    DOCUMENT.urgency,
    DOCUMENT.mark,
    DOCUMENT.number,
    DOCUMENT.title,
    "市直各单位：",
    *DOCUMENT.paragraphs,
    "附件：1.示例市诚信红黑榜发布制度",
    "2.发布计划表",
    "2026年3月5日",
    "附件1",
    "第一条 红榜与黑榜同步公布。",
    "抄送：市委办。",
    "2026年3月6日印发",
)
REPORT = Report("关于红黑榜发布情况的说明", ("全年发布6期。",), "示例市文明办", date(2026, 6, 30), (("红榜", "120家"),))
TABLE = Table(
    title="示例市红黑榜统计表",
    header=("序号", "区", "期数", "比例(%)"),
    rows=((1, "东示区", 6, 50.0), (2, "西示区", 4, 66.7)),
    measure="期",
    scope="全市",
    period="2026年",
    source="示例市文明办",
    totals=("合计", "", 10, 56.5),
    unit="示例市文明办",
    filled_on=date(2026, 12, 31),
)
TAKEN = datetime(2026, 3, 5, 10, 1, 2)  # noqa: DTZ001 - cameras know no zone
PHOTO = Photo(seed="a", taken_at=TAKEN, gps=(26.5, -118.25), orientation=6, editor="GIMP 2.10")


def text_of(path: Path) -> str:
    match path.suffix:
        case ".pdf":
            pages = pypdfium2.PdfDocument(path)
            return "\n".join(pages[n].get_textpage().get_text_range() for n in range(len(pages)))
        case ".docx":
            return "\n".join(p.text for p in docx.Document(str(path)).paragraphs)
        case _:
            return path.read_text("utf-8")


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("form", ["pdf", "docx", "txt"])
def test_every_part_of_a_document_is_read_back_in_order(tmp_path: Path, form: str) -> None:
    text = squeezed(text_of(layout.official_document(DOCUMENT, tmp_path / f"通知.{form}")))
    at = -1
    for part in map(squeezed, SAID):
        # a page number may stand in a paragraph that goes over the page
        found = text.find(part[:40], at + 1)
        assert found > at, f"{part} is missing or stands too early"
        at = found


@pytest.mark.parametrize("form", ["pdf", "docx", "txt"])
def test_every_part_of_a_report_is_read_back(tmp_path: Path, form: str) -> None:
    text = squeezed(text_of(layout.report(REPORT, tmp_path / f"说明.{form}")))
    for part in (REPORT.title, *REPORT.paragraphs, "红榜：120家", REPORT.unit, "2026年6月30日"):
        assert squeezed(part) in text


def test_pdfplumber_finds_the_red_head_larger_than_the_title_and_the_red_rule_below_the_number(tmp_path: Path) -> None:
    page = pdfplumber.open(layout.official_document(DOCUMENT, tmp_path / "通知.pdf")).pages[0]
    red = [c for c in page.chars if c["non_stroking_color"] == (0.9, 0.0, 0.05)]
    assert "".join(c["text"] for c in red) == DOCUMENT.mark
    title = next(c for c in page.chars if c["text"] == "《")
    assert min(c["size"] for c in red) > title["size"] == pdf.TITLE
    number = next(c for c in page.chars if c["text"] == "〔")
    rules = [r for r in page.lines if r["stroking_color"] == (0.9, 0.0, 0.05)]
    assert len(rules) == 1
    assert number["bottom"] < rules[0]["top"] < title["top"]


def test_a_plain_document_shows_neither_red_nor_a_seal(tmp_path: Path) -> None:
    plain = OfficialDocument(issuer="示例市文明办", title="通知", paragraphs=("正文。",))
    page = pdfplumber.open(layout.official_document(plain, tmp_path / "a.pdf")).pages[0]
    assert not page.lines
    assert not page.curves
    assert {c["non_stroking_color"] for c in page.chars} == {(0,)}


def test_the_seal_lies_over_the_signature_and_the_date(tmp_path: Path) -> None:
    opened = pdfplumber.open(layout.official_document(DOCUMENT, tmp_path / "通知.pdf"))
    page = next(p for p in opened.pages if p.curves)
    ring = max(page.curves, key=lambda c: float(c["width"]))
    day = page.search("2026年3月5日")[0]
    signed = page.search(DOCUMENT.issuer)[0]
    assert 40 < float(ring["width"]) / 72 * 25.4 < 45  # millimetres across
    for line in (day, signed):
        assert ring["x0"] < (line["x0"] + line["x1"]) / 2 < ring["x1"]
        assert ring["top"] < (line["top"] + line["bottom"]) / 2 < ring["bottom"]


def test_the_seal_of_a_word_document_floats_behind_the_signature(tmp_path: Path) -> None:
    path = layout.official_document(DOCUMENT, tmp_path / "通知.docx")
    anchors = docx.Document(str(path)).element.body.xpath(".//wp:anchor[@behindDoc='1']//pic:pic")
    assert len(anchors) == 1
    red = [r for p in docx.Document(str(path)).paragraphs for r in p.runs if r.font.color.rgb is not None]
    assert [r.text for r in red] == [DOCUMENT.mark]


def test_a_page_of_the_pdf_looks_printed_in_black_and_red(tmp_path: Path) -> None:
    path = layout.official_document(DOCUMENT, tmp_path / "通知.pdf")
    picture = pypdfium2.PdfDocument(path)[0].render(scale=0.5).to_pil().convert("RGB")
    colours = [c for _, c in picture.getcolors(1 << 20) or []]
    assert any(r > 200 and g < 60 and b < 60 for r, g, b in colours)
    assert any(max(c) < 60 for c in colours)


@given(st.text(alphabet="红黑榜发布制度,。、《》12ab〔〕", min_size=1, max_size=200), st.floats(100, 500))
@settings(max_examples=60, deadline=None)
def test_wrapping_loses_no_character_and_keeps_to_the_width(text: str, room: float) -> None:
    lines = pdf.wrap(text, 16, room)
    assert "".join(lines) == text
    for line in lines:
        hanging = line.rstrip(pdf._NOT_FIRST)
        assert pdf.width(hanging, 16) <= room


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_a_photo_carries_its_exif(tmp_path: Path, name: str) -> None:
    with Image.open(layout.photo(PHOTO, tmp_path / name)) as picture:
        assert picture.size == (1280, 960)
        exif = picture.getexif()
        assert (exif[Base.Make], exif[Base.Model], exif[Base.Orientation]) == ("Shili", "SL-200", 6)
        assert exif[Base.Software] == "GIMP 2.10"
        assert exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] == "2026:03:05 10:01:02"
        place = exif.get_ifd(IFD.GPSInfo)
        assert place[GPS.GPSLatitudeRef] + place[GPS.GPSLongitudeRef] == "NW"
        assert [float(v) for v in place[GPS.GPSLongitude]] == [118, 15, 0]
        picture.load()


def test_no_two_photos_look_alike_even_when_shrunk(tmp_path: Path) -> None:
    def bits(seed: int) -> list[bool]:
        scene = ("street", "meeting", "screen")[seed % 3]
        picture = layout.photo(Photo(seed=str(seed), width=320, height=240, scene=scene), tmp_path / f"{seed}.jpg")  # type: ignore[arg-type]
        small = list(Image.open(picture).convert("L").resize((9, 8)).tobytes())
        return [small[r * 9 + c] < small[r * 9 + c + 1] for r in range(8) for c in range(8)]

    hashes = [bits(n) for n in range(60)]
    nearest = min(sum(a != b for a, b in zip(x, y, strict=True)) for n, x in enumerate(hashes) for y in hashes[:n])
    assert nearest > 4


def test_a_table_reads_back_with_its_notes_and_totals(tmp_path: Path) -> None:
    page = openpyxl.load_workbook(layout.table_xlsx(TABLE, tmp_path / "t.xlsx")).active
    assert page is not None
    rows = [[c for c in row if c is not None] for row in page.iter_rows(values_only=True)]
    assert rows[0] == [TABLE.title]
    assert [r[0] for r in rows[1:5]] == ["单位：期", "口径：全市", "统计时段：2026年", "数据来源：示例市文明办"]
    assert rows[6:8] == [list(r) for r in TABLE.rows]
    assert "A1:D1" in page.merged_cells
    assert rows[-3][-1] == 56.5


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_decodes_in_its_encoding(tmp_path: Path, encoding: str) -> None:
    lines = layout.table_csv(TABLE, tmp_path / "t.csv", encoding=encoding).read_bytes().decode(encoding).split("\r\n")
    assert lines[0] == TABLE.title
    assert lines[6] == "1,东示区,6,50.0"


def all_forms(folder: Path) -> str:
    """SHA-256 over one file of every form."""
    for form in ("pdf", "docx", "txt"):
        layout.official_document(DOCUMENT, folder / f"d.{form}")
        layout.report(REPORT, folder / f"r.{form}")
    layout.photo(PHOTO, folder / "p.jpg")
    layout.photo(PHOTO, folder / "p.png")
    layout.table_xlsx(TABLE, folder / "t.xlsx")
    return hashlib.sha256(b"".join(p.read_bytes() for p in sorted(folder.iterdir()))).hexdigest()


def test_another_process_in_another_zone_gives_the_same_bytes(tmp_path: Path) -> None:
    code = f"from pathlib import Path; from {__name__} import all_forms; print(all_forms(Path({str(tmp_path)!r})))"
    elsewhere = os.environ | {"TZ": "America/Lima", "PYTHONHASHSEED": "7", "LC_ALL": "C"}
    root = Path(layout.__file__).parents[1]
    said = subprocess.run([sys.executable, "-c", code], env=elsewhere, cwd=root, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == all_forms(tmp_path)


def test_no_clock_shows_in_office_files(tmp_path: Path) -> None:
    for path in (layout.table_xlsx(TABLE, tmp_path / "t.xlsx"), layout.official_document(DOCUMENT, tmp_path / "d.docx")):
        with zipfile.ZipFile(path) as z:
            assert {i.date_time for i in z.infolist()} == {fixed.STAMP}
            stamps = re.findall(rb">(\d{4}-\d\d-\d\dT[^<]*)<", z.read("docProps/core.xml"))
            assert set(stamps) == {b"2026-01-05T09:00:00Z"}


def test_a_form_that_is_not_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot lay out"):
        layout.official_document(DOCUMENT, tmp_path / "通知.doc")


@given(st.lists(st.tuples(st.text("甲乙ab/.", min_size=1, max_size=12), st.binary(max_size=300)), max_size=5))
@settings(max_examples=40, deadline=None)
def test_any_zip_we_write_is_read_by_zipfile(members: list[tuple[str, bytes]]) -> None:
    for encoding in ("utf-8", "gbk"):
        with zipfile.ZipFile(io.BytesIO(fixed.zip_bytes(members, encoding=encoding, password=b"pw"))) as z:
            names = [
                i.orig_filename if encoding == "utf-8" else i.orig_filename.encode("cp437").decode("gbk") for i in z.infolist()
            ]
            assert names == [n for n, _ in members]
            for info, (_, data) in zip(z.infolist(), members, strict=True):
                assert z.read(info, pwd=b"pw") == data


WINDOW = Window(date(2025, 11, 1), date(2026, 10, 31))
ITEMS = [i for c in ("national-2017", "fujian-county") for i in catalogue.load(c).material]


@pytest.mark.parametrize("item", ITEMS, ids=lambda i: i.id)
def test_what_is_written_about_an_item_is_what_a_reviewer_asks_for(item: catalogue.Item) -> None:
    rng, unit = random.Random(item.id), item.units[0]
    title = wording.report_title(item, unit, rng)
    report = wording.report(item, unit, WINDOW.end, seed=3, rng=rng, title=title)
    assert 300 <= sum(map(len, report.paragraphs)) <= 800
    table = wording.table(item, unit, WINDOW, seed=3, day=WINDOW.end)
    for column in (2, 3):
        assert sum(int(r[column]) for r in table.rows) == table.totals[column]
    assert f"已完成{table.totals[3]}项" in "".join(report.paragraphs), "the report quotes the table"
    for text in (title, table.title, wording.caption(item, unit, WINDOW.end, rng), wording.document_title(item, unit, rng)):
        assert not set(text) & set('/\\:*?"<>|\n'), "it goes into a file name"
        assert len(text.encode()) < 200


def test_the_document_that_a_title_issues_is_annexed() -> None:
    item = catalogue.load("national-2017").by_id["III18-1"]
    title = "关于印发《示例市红黑榜发布制度》的通知"
    made = wording.document(item, "市文明办", WINDOW.end, seed=1, number="x", rng=random.Random(1), title=title)
    assert made.attachments == ("示例市红黑榜发布制度",)
    assert len(made.annexes) == 1


@pytest.mark.parametrize(
    ("unit", "name"),
    [
        ("市教育局", "示例市教育局"),
        ("市公安局(交警)", "示例市公安局"),
        ("市委办", "中共示例市委办"),
        ("团市委", "共青团示例市委员会"),
        ("县财政局", "示例县财政局"),
        ("人民银行中心支行", "中国人民银行示例市中心支行"),
    ],
)
def test_units_sign_with_their_formal_name(unit: str, name: str) -> None:
    assert wording.formal_name(unit) == name
