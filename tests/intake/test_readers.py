"""Every state of a reading has a real file that produces it."""

from __future__ import annotations

import unicodedata
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from archive_schema.cycle import Limits
from archive_schema.evidence import FACT_NAMES, Reading
from archive_schema.media import FORMATS
from archive_schema.words import ReadState
from intake import readers, textual
from intake.read import read_file
from tests.intake import make

LETTER = [
    "包头市教育局文件",
    "包教发〔2017〕3号",
    "关于开展文明校园创建的通知",
    "各学校：",
    "请认真开展创建。",
    "包头市教育局",
    "2017年3月1日",
]


def read(path: Path, limits: Limits | None = None, name: str = "") -> Reading:
    reading = read_file(path, name or path.name, limits or Limits())
    assert set(reading.facts) <= set(FACT_NAMES)
    for fact in reading.facts.values():
        assert fact.confidence is None
        assert fact.method.split("/")[0] in (*reading.reader.split("+"), "name@1")
    return reading


def values(reading: Reading) -> dict[str, object]:
    """Without what ``wording``, ``persons`` and ``quotients`` make of the text: they have tests of their own."""
    later = ("wording", "persons", "quotients")
    return {k: f.value for k, f in reading.facts.items() if f.method.rpartition("/")[2] not in later}


def put(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def cut(path: Path, to: Path, share: float = 0.6) -> Path:
    data = path.read_bytes()
    return put(to, data[: int(len(data) * share)])


# --- PDF


def test_a_pdf_gives_text_pages_and_facts_with_their_page(tmp_path: Path) -> None:
    reading = read(make.pdf(tmp_path / "a.pdf", [LETTER[:5], LETTER[5:]]))
    assert reading.state is ReadState.READ and reading.reader == "pdf@3" and not reading.volatile
    assert values(reading) | {} == {
        "pages": 2,
        "text_chars": len("".join(LETTER)),
        "garbled": 0.0,
        "document_number": "包教发〔2017〕3号",
        "title": "关于开展文明校园创建的通知",
        "issuer": "包头市教育局",
        "addressee": "各学校",
        "signer": "包头市教育局",
        "issued_on": "2017-03-01",
        "seal": False,
    }
    assert reading.facts["title"].page == 1 and reading.facts["issued_on"].page == 2
    assert reading.text.split("\f")[1].split() == LETTER[5:]


def test_a_pdf_with_a_password_is_encrypted(tmp_path: Path) -> None:
    reading = read(make.pdf(tmp_path / "a.pdf", [LETTER], password="secret"))
    assert reading.state is ReadState.ENCRYPTED and "密码" in reading.detail and reading.text == ""


def test_a_scanned_pdf_is_partial_so_that_its_text_is_unchecked(tmp_path: Path) -> None:
    reading = read(make.scan(tmp_path / "a.pdf", scanned=2), Limits(ocr="off"))
    assert reading.state is ReadState.PARTIAL and reading.detail == "扫描件,无文字层,未识别"
    assert values(reading)["pages"] == 2 and values(reading)["text_chars"] == 0
    mixed = read(make.scan(tmp_path / "b.pdf", text_pages=1, scanned=2), Limits(ocr="off"))
    assert mixed.state is ReadState.PARTIAL and mixed.detail == "第 2–3 页是扫描件,无文字层,未识别"


@pytest.mark.parametrize("share", [0.01, 0.5, 0.9])
def test_a_pdf_cut_off_is_damaged(tmp_path: Path, share: float) -> None:
    whole = make.pdf(tmp_path / "a.pdf", [LETTER] * 5)
    reading = read(cut(whole, tmp_path / "b.pdf", share))
    assert reading.state is ReadState.DAMAGED and "请重新导出" in reading.detail


# --- Word


def test_a_docx_gives_text_in_order_with_tables_and_line_breaks(tmp_path: Path) -> None:
    lines = [*LETTER[:2], "关于开展文明校园\n创建的通知", *LETTER[3:]]
    reading = read(make.docx(tmp_path / "a.docx", lines, [["学校", "人数"], ["一中", "1200"]]))
    assert reading.state is ReadState.READ and values(reading)["macros"] is False
    assert values(reading)["title"] == "关于开展文明校园创建的通知" and values(reading)["issued_on"] == "2017-03-01"
    assert reading.text.split("\n")[-2:] == ["学校\t人数", "一中\t1200"]


def test_a_docx_with_a_text_box_a_header_and_a_deletion_is_read_as_seen(tmp_path: Path) -> None:
    import docx
    from docx.oxml import parse_xml

    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    box = "<w:txbxContent><w:p><w:r><w:t>框内文字</w:t></w:r></w:p></w:txbxContent>"
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "页眉文字"
    body = document.element.body
    body.insert(0, parse_xml(f"<w:p {w}><w:r><w:t>保留</w:t></w:r><w:del><w:r><w:delText>删去</w:delText></w:r></w:del></w:p>"))
    body.insert(1, parse_xml(
        f"<w:p {w} {mc}><w:r><mc:AlternateContent><mc:Choice Requires='x'>{box}</mc:Choice>"
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
    ))  # fmt: skip
    document.save(str(tmp_path / "a.docx"))
    assert [s for s in read(tmp_path / "a.docx").text.split("\n") if s] == ["保留", "框内文字", "页眉文字"]


def test_a_docx_with_macros_a_password_or_damage_is_told(tmp_path: Path) -> None:
    plain = make.docx(tmp_path / "a.docx", LETTER)
    members = {"word/vbaProject.bin": b"macro"}
    import zipfile

    with zipfile.ZipFile(plain) as z:
        members |= {n: z.read(n) for n in z.namelist()}
    assert values(read(make.zipped(tmp_path / "m.docx", members)))["macros"] is True
    locked = read(make.ole(tmp_path / "l.docx", "EncryptedPackage", "EncryptionInfo"))
    assert locked.state is ReadState.ENCRYPTED and "密码" in locked.detail
    assert read(cut(plain, tmp_path / "c.docx")).state is ReadState.DAMAGED
    empty = make.zipped(tmp_path / "e.docx", {"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"})
    assert read(empty).state is ReadState.DAMAGED


def test_a_docx_that_refers_to_a_picture_that_is_not_there_is_read_as_word_reads_it(tmp_path: Path) -> None:
    whole = make.docx(tmp_path / "a.docx", LETTER)
    rels, office = "word/_rels/document.xml.rels", "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    with zipfile.ZipFile(whole) as z:
        members = {i.filename: z.read(i) for i in z.infolist()}
    lost = f'<Relationship Id="rIdNone" Type="{office}/image" Target="NULL"/>'.encode()
    out = f'<Relationship Id="rIdUp" Type="{office}/image" Target="../../../../etc/passwd"/>'.encode()
    members[rels] = members[rels].replace(b"</Relationships>", lost + out + b"</Relationships>")
    reading, sound = read(make.zipped(tmp_path / "b.docx", members)), read(whole)
    assert (reading.state, reading.text, values(reading)) == (ReadState.READ, sound.text, values(sound))
    del members["word/document.xml"]
    assert read(make.zipped(tmp_path / "c.docx", members)).state is ReadState.DAMAGED


def test_a_docx_whose_parts_would_fill_the_memory_is_not_opened(tmp_path: Path) -> None:
    import random

    noise = random.Random(1).randbytes(3_000_000).hex().encode()  # does not compress into a bomb
    big = make.zipped(tmp_path / "a.docx", {"[Content_Types].xml": b"<x/>", "word/document.xml": noise})
    reading = read(big, Limits(reader_memory=32 * 1024**2))
    assert reading.state is ReadState.GAVE_UP and "word/document.xml" in reading.detail


# --- tables


TABLE: list[list[object]] = [
    ["2018年市民体育设施统计表"],
    ["统计时段：2018年1月至12月", None, "单位：个"],
    ["序号", "区县", "2017", "2018", "合计"],
    [1, "东河区", 3, 4.0, 7],
    [2, "昆都仑区", 5, 6.5, "#REF!"],
]


def test_a_workbook_gives_header_rows_period_title_and_errors(tmp_path: Path) -> None:
    reading = read(make.xlsx(tmp_path / "a.xlsx", {"空表": [], "设施": TABLE, "说明": [["填表人", date(2018, 12, 31)]]}))
    assert reading.state is ReadState.READ
    assert {k: v for k, v in values(reading).items() if k not in ("text_chars", "macros")} == {
        "sheets": ["空表", "设施", "说明"],
        "table_rows": 2,
        "table_columns": ["序号", "区县", "2017", "2018", "合计"],
        "title": "2018年市民体育设施统计表",
        "table_date": "2018年1月至12月",
        "table_units": ["个"],
        "table_numeric": ["序号", "2017", "2018", "合计"],
        "numbers_unread": [],
        "formula_errors": ["设施!E5 #REF!"],
        "table_figures": [
            "C4 东河区 | 2017 = 3 个",
            "D4 东河区 | 2018 = 4 个",
            "E4 东河区 | 合计 = 7 个",
            "C5 昆都仑区 | 2017 = 5 个",
            "D5 昆都仑区 | 2018 = 6.5 个",
        ],
    }
    assert "1\t东河区\t3\t4\t7" in reading.text and "填表人\t2018-12-31" in reading.text


def test_a_damaged_or_locked_workbook_is_told(tmp_path: Path) -> None:
    whole = make.xlsx(tmp_path / "a.xlsx", {"表": [[str(n)] * 9 for n in range(500)]})
    assert read(cut(whole, tmp_path / "b.xlsx")).state is ReadState.DAMAGED
    flipped = bytearray(whole.read_bytes())
    at = flipped.index(b"xl/worksheets/sheet1.xml") + 200
    flipped[at] ^= 0xFF
    assert read(put(tmp_path / "c.xlsx", bytes(flipped))).state is ReadState.DAMAGED
    assert read(make.ole(tmp_path / "d.xlsx", "EncryptedPackage")).state is ReadState.ENCRYPTED
    nothing = make.zipped(tmp_path / "e.xlsx", {"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"})
    assert read(nothing).state is ReadState.DAMAGED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_csv_is_read_in_every_encoding_and_with_every_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = "\r\n".join(delimiter.join(row) for row in [["区县", "人口数量"], ["东河区", "100"], ["昆都仑区", "#DIV/0!"]])
    reading = read(put(tmp_path / "a.csv", text.encode(encoding)))
    assert reading.state is ReadState.READ and reading.media_type == "text/csv"
    assert values(reading)["table_columns"] == ["区县", "人口数量"] and values(reading)["table_rows"] == 2
    assert values(reading)["formula_errors"] == ["B3 #DIV/0!"]


def test_a_csv_with_an_unclosed_quotation_mark_is_partial(tmp_path: Path) -> None:
    data = '甲,乙\n1,2\n"' + "没有结尾," * 300_000
    reading = read(put(tmp_path / "a.csv", data.encode()))
    assert reading.state is ReadState.PARTIAL and "引号" in reading.detail


def test_a_table_without_a_heading_has_no_columns(tmp_path: Path) -> None:
    reading = read(put(tmp_path / "a.csv", b"1,2\n3,4\n"))
    assert "table_columns" not in reading.facts and values(reading)["table_rows"] == 2


# --- plain text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be", "utf-32"])
def test_plain_text_is_read_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    reading = read(put(tmp_path / "a.txt", "\r\n".join(LETTER).encode(encoding)))
    assert reading.state is ReadState.READ and reading.text.split("\n") == LETTER
    assert values(reading)["document_number"] == "包教发〔2017〕3号"


def test_text_read_with_the_wrong_encoding_is_partial_and_yields_no_facts(tmp_path: Path) -> None:
    for wrong in ("gb18030", "latin-1"):
        misread = "\n".join(LETTER * 3).encode().decode(wrong, "replace")
        reading = read(put(tmp_path / "a.txt", misread.encode()))
        assert reading.state is ReadState.PARTIAL and "乱码" in reading.detail, wrong
        assert values(reading)["garbled"] == 1.0 and "title" not in reading.facts


def test_a_few_broken_bytes_do_not_make_a_text_unreadable(tmp_path: Path) -> None:
    data = bytearray("\n".join(LETTER * 10).encode())
    data[500] = 0xFF
    reading = read(put(tmp_path / "a.txt", bytes(data)))
    assert reading.state is ReadState.PARTIAL and "无法识别" in reading.detail
    assert values(reading)["title"] == "关于开展文明校园创建的通知"


def test_too_much_text_is_cut_and_said_so(tmp_path: Path) -> None:
    reading = read(put(tmp_path / "a.txt", ("很长的文字。\n" * 300_000).encode()))
    assert reading.state is ReadState.PARTIAL and "只读了前" in reading.detail
    assert len(reading.text) == textual.TEXT_LIMIT


def test_an_empty_file_is_damaged(tmp_path: Path) -> None:
    for name in ("a.pdf", "a.docx", "a.xlsx", "a.txt", "a.jpg", "a.xyz"):
        reading = read(put(tmp_path / name, b""))
        assert reading.state is ReadState.DAMAGED and "0 字节" in reading.detail


# --- pictures


def test_a_photo_gives_what_the_camera_wrote(tmp_path: Path) -> None:
    data = make.jpeg(
        (12_345, 30),
        {0x010F: "NIKON", 0x0110: "NIKON D90", 0x0131: "Adobe Photoshop CC", 0x0112: 6, 0x9003: "2017:08:01 10:20:30", 0x9004: "2017:08:02 10:20:30"},
        {1: "S", 2: (40.0, 39.0, 36.0), 3: "W", 4: (109.0, 50.0, 24.0)},
    )  # fmt: skip
    reading = read(put(tmp_path / "a.jpg", data))
    assert reading.state is ReadState.READ
    assert values(reading) == {
        "width": 12_345,
        "height": 30,
        "taken_on": "2017-08-01",
        "camera": "NIKON D90",
        "orientation": 6,
        "gps": "-40.660000,-109.840000",
        "edited_by": "Adobe Photoshop CC",
    }
    assert reading.facts["taken_on"].others == ("2017-08-02",)


@pytest.mark.parametrize(
    "moment",
    [
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "2017:13:01 10:00:00",
        "1980:01:01 00:00:12",
        "1970:01:01 08:00:00",
        "2000:01:01 00:00:05",
        "junk",
    ],
)
def test_a_camera_date_that_cannot_be_is_none(tmp_path: Path, moment: str) -> None:
    reading = read(put(tmp_path / "a.jpg", make.jpeg(exif={0x9003: moment})))
    assert reading.state is ReadState.READ and "taken_on" not in reading.facts


def test_firmware_is_no_editor_and_nowhere_is_no_place(tmp_path: Path) -> None:
    zero = {1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)}
    reading = read(put(tmp_path / "a.jpg", make.jpeg(exif={0x0131: "v981-79"}, gps=zero)))
    assert "edited_by" not in reading.facts and "gps" not in reading.facts


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_picture_cut_off_is_damaged_though_its_header_is_whole(tmp_path: Path, share: float) -> None:
    for name, data in (("a.jpg", make.jpeg((1200, 900))), ("a.png", make.png((1200, 900)))):
        whole = put(tmp_path / name, data)
        assert read(whole).state is ReadState.READ
        reading = read(cut(whole, tmp_path / f"cut-{name}", share))
        assert reading.state is ReadState.DAMAGED and values(reading)["width"] == 1200


def test_a_decompression_bomb_is_never_decoded(tmp_path: Path) -> None:
    reading = read(put(tmp_path / "a.png", make.bomb_png(50_000, 50_000)))
    assert reading.state is ReadState.GAVE_UP and "图片炸弹" in reading.detail
    assert values(reading) == {"width": 50_000, "height": 50_000}


def test_a_picture_of_too_many_pixels_is_not_decoded_but_measured(tmp_path: Path) -> None:
    reading = read(put(tmp_path / "a.png", make.bomb_png(15_000, 12_000)))
    assert reading.state is ReadState.PARTIAL and "15000×12000" in reading.detail


# --- formats, mislabelled and unsupported


def test_a_mislabelled_file_is_read_as_what_it_is(tmp_path: Path) -> None:
    reading = read(put(tmp_path / "通知.pdf", make.jpeg()))
    assert reading.media_type == "image/jpeg" and reading.state is ReadState.READ
    word = make.docx(tmp_path / "表.xlsx", LETTER)
    assert read(word).reader.startswith("docx@")


@pytest.mark.parametrize("media_type", [f.media_type for f in FORMATS if f.media_type not in readers.REGISTRY])
def test_a_format_without_a_reader_is_unchecked_with_a_way_out(media_type: str) -> None:
    reading = readers.unsupported(media_type)
    assert reading.state is ReadState.UNSUPPORTED and reading.reader == ""
    assert "未检" in reading.detail and ("请" in reading.detail)


def test_real_files_without_a_reader_are_unsupported(tmp_path: Path) -> None:
    for path in (
        make.ole(tmp_path / "a.ppt", "PowerPoint Document"),
        put(tmp_path / "a.mp4", b"\0\0\0\x18ftypisom"),
        put(tmp_path / "a.caj", b"CAJ\x00abc"),
        make.zipped(tmp_path / "a.pptx", {"[Content_Types].xml": b"<x/>", "ppt/presentation.xml": b"<x/>"}),
        make.zipped(tmp_path / "a.odt", {"mimetype": b"application/vnd.oasis.opendocument.text"}),
        put(tmp_path / "a.bin", bytes(range(256))),
    ):
        assert read(path).state is ReadState.UNSUPPORTED, path


def test_every_registered_reader_keeps_the_contract() -> None:
    for media_type in readers.REGISTRY:
        reader = readers.reader_for(media_type)
        assert reader is not None and callable(reader.read)
        assert readers.label(reader) == f"{reader.NAME}@{reader.VERSION}"


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.xlsx", "a.jpg", "a.png", "a.zip"])
def test_bytes_spoiled_anywhere_never_raise_and_never_pass_for_unsupported_text(tmp_path: Path, name: str) -> None:
    import random

    make.pdf(tmp_path / "a.pdf", [LETTER] * 3)
    make.docx(tmp_path / "a.docx", LETTER)
    make.xlsx(tmp_path / "a.xlsx", {"表": TABLE})
    put(tmp_path / "a.jpg", make.jpeg())
    put(tmp_path / "a.png", make.png())
    make.zipped(tmp_path / "a.zip", {"甲.txt": b"text" * 100})
    whole = (tmp_path / name).read_bytes()
    rnd = random.Random(name)
    for n in range(24):
        data = bytearray(whole)
        if n % 3 == 0:
            del data[rnd.randrange(len(data)) :]
        elif n % 3 == 1:
            for _ in range(20):
                data[rnd.randrange(8, len(data))] = rnd.randrange(256)
        else:
            at = rnd.randrange(8, len(data))
            del data[at : at + rnd.randrange(1, 400)]
        reading = read(put(tmp_path / f"{n}-{name}", bytes(data)))
        assert reading.state in ReadState and (reading.state is ReadState.READ) == (reading.detail == "")


def test_a_workbook_is_read_by_its_bytes_whatever_it_is_called(tmp_path: Path) -> None:
    from samples import layout

    named = layout.table_xlsx(layout.Table(title="表", header=("区", "数"), rows=(("甲区", 1),)), tmp_path / "a.xlsx")
    bare = tmp_path / "0123abcd"
    bare.write_bytes(named.read_bytes())
    assert read_file(bare, "a.xlsx", Limits()).facts == read_file(named, "a.xlsx", Limits()).facts


@given(
    st.lists(
        st.one_of(st.sampled_from("关于abc，。（1）\x07\x7f\x85\u0378\ue000\ufffd\ufffe\uff5f"), st.characters()), max_size=12
    )
)
@example(["\u9fff", "\u3400", "\ue000"])
def test_what_is_no_character_of_any_language_is_counted_wherever_it_stands(drawn: list[str]) -> None:
    """Only unusual characters are looked at one by one: the same as to look at all."""
    text = "关于印发方案的通知" + "".join(drawn)
    visible = "".join(text.split())
    assume(not textual._SOUND.search(visible))  # pinyin in brackets counts, too
    odd = sum(c == "\ufffd" or unicodedata.category(c) in ("Cc", "Cn", "Co", "Cs") for c in visible)
    assert textual.garbled(text) == round(odd / len(visible), 3)
