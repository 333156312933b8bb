"""Formats beside the common ones: legacy Word, WPS and Excel, RTF, web pages, Word with macros, TIFF, HEIC."""

from __future__ import annotations

import io
import random
import shutil
import time
from pathlib import Path

import pytest
from PIL import Image

from archive_schema.cycle import Limits
from archive_schema.evidence import FACT_NAMES, Reading
from archive_schema.words import ReadState
from intake import ole as compound
from intake import programs
from intake.filetype import true_type
from intake.pool import Job, ReaderPool
from intake.read import read_file
from intake.readers import docx, office
from samples import layout, ole
from samples.hostile import produce
from samples.notices import notice
from tests import needs
from tests.intake import make
from tests.intake.make_xls import xls
from tests.intake.test_readers import LETTER, TABLE

GIVEN = {
    "title": "关于做好诚信红黑榜发布工作的通知",
    "document_number": "示文明办发〔2026〕12号",
    "issuer": "示例市文明办",
    "issued_on": "2026-03-05",
}


def read(path: Path, name: str = "") -> Reading:
    reading = read_file(path, name or path.name, Limits())
    assert set(reading.facts) <= set(FACT_NAMES)
    return reading


def values(reading: Reading) -> dict[str, object]:
    return {k: f.value for k, f in reading.facts.items()}


def put(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


# --- LibreOffice: DOC, WPS, RTF


@pytest.fixture(scope="session")
def doc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A legacy Word file, written by LibreOffice (its bytes differ from run to run)."""
    need_office()
    folder = tmp_path_factory.mktemp("doc")
    layout.official_document(notice(), folder / "notice.docx")
    (folder / "work").mkdir()
    return office.convert(folder / "notice.docx", folder / "work", ".docx", "doc")


def need_office() -> None:
    if shutil.which("soffice") is None:
        needs.missing("office", "no soffice (Debian: libreoffice-writer-nogui)")


def rtf(said: str, field: str = "") -> bytes:
    escaped = "".join(f"\\u{ord(c)}?" if ord(c) > 127 else {"\n": "\\par\n"}.get(c, c) for c in said)
    return ("{\\rtf1\\ansi\\deff0{\\fonttbl{\\f0 SimSun;}}\n" + escaped + field + "\\par}").encode()


def test_a_legacy_word_file_is_read_like_the_one_it_was_made_from(doc: Path, tmp_path: Path) -> None:
    reading = read(doc, "通知.wps")
    assert reading.media_type == "application/msword" and reading.state is ReadState.READ
    assert values(reading) | GIVEN == values(reading) and values(reading)["macros"] is False
    assert reading.reader == f"office@{office.VERSION}"
    assert reading.facts["title"].method.startswith(f"office@{office.VERSION}/docx@{docx.VERSION}/")
    original = read(layout.official_document(notice(), tmp_path / "a.docx"))
    assert "".join(reading.text.split()) == "".join(original.text.split())


@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_a_legacy_word_file_cut_off_is_damaged(doc: Path, tmp_path: Path, share: float) -> None:
    data = doc.read_bytes()
    reading = read(put(tmp_path / "a.doc", data[: int(len(data) * share)]))
    assert reading.media_type == "application/msword" and reading.state is ReadState.DAMAGED


def test_a_legacy_word_file_with_a_password_is_encrypted(tmp_path: Path) -> None:
    need_office()
    base = bytes.fromhex("eca5c100") + bytes(6) + (0x0100).to_bytes(2, "little")  # FibBase with fEncrypted
    path = put(tmp_path / "a.doc", ole.compound_file({"WordDocument": base}))
    assert read(path).state is ReadState.ENCRYPTED


def test_rtf_is_read_and_its_links_are_never_followed(tmp_path: Path) -> None:
    need_office()
    secret = tmp_path / "secret.txt"
    secret.write_text("OUTSIDE", "utf-8")
    field = f'{{\\field{{\\*\\fldinst INCLUDETEXT "{secret}"}}{{\\fldrslt as saved}}}}'
    reading = read(put(tmp_path / "a.rtf", rtf("\n".join(LETTER) + "\n", field)))
    assert reading.state is ReadState.READ and values(reading)["document_number"] == "包教发〔2017〕3号"
    assert "as saved" in reading.text and "OUTSIDE" not in reading.text
    cut = read(put(tmp_path / "b.rtf", rtf("\n".join(LETTER))[:-20]))
    assert cut.state is ReadState.DAMAGED


def test_a_conversion_leaves_nothing_behind_and_nothing_beside_the_file(doc: Path, pool: ReaderPool, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    path = inbox / "通知.doc"
    path.write_bytes(doc.read_bytes())
    (result,) = pool.read([Job(path)])
    assert result.reading is not None and values(result.reading)["title"] == GIVEN["title"]
    assert [p.name for p in inbox.iterdir()] == ["通知.doc"] and not list(pool.folder.glob("office-*"))


def test_a_conversion_that_takes_too_long_is_ours_and_unchecked(doc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "run", lambda *a, **k: None)
    reading = read(doc)
    assert reading.state is ReadState.GAVE_UP and reading.volatile and "未读取" in reading.detail


def test_a_program_is_ended_at_its_time_limit(tmp_path: Path) -> None:
    began = time.monotonic()
    assert programs.run(["/bin/sleep", "30"], folder=tmp_path, seconds=0.2, memory=1024**3) is None
    assert time.monotonic() - began < 20


def test_without_libreoffice_a_legacy_word_file_is_unchecked_and_the_remedy_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    reading = read(make.ole(tmp_path / "a.doc", "WordDocument"))
    assert reading.state is ReadState.UNSUPPORTED and reading.reader == ""
    assert "未检" in reading.detail and "soffice" in reading.detail and "libreoffice-writer-nogui" in reading.detail
    assert "另存为 DOCX" in reading.detail


def test_a_word_file_with_macros_is_read(tmp_path: Path) -> None:
    reading = read(produce("macro_docm", tmp_path))
    assert reading.state is ReadState.READ and values(reading)["macros"] is True and values(reading)["title"] == GIVEN["title"]


# --- Excel 97


def test_a_legacy_workbook_gives_what_a_new_one_gives(tmp_path: Path) -> None:
    reading = read(xls(tmp_path / "a.et", {"空表": [], "设施": TABLE}))
    new = read(make.xlsx(tmp_path / "a.xlsx", {"空表": [], "设施": TABLE}))
    assert reading.media_type == "application/vnd.ms-excel" and reading.state is ReadState.READ
    assert values(reading) == values(new)
    assert reading.text == new.text


def test_macros_in_a_legacy_workbook_are_seen(tmp_path: Path) -> None:
    assert values(read(xls(tmp_path / "a.xls", {"表": TABLE}, macros=True)))["macros"] is True


def test_a_legacy_workbook_with_a_password_or_cut_off_is_told(tmp_path: Path) -> None:
    locked = read(xls(tmp_path / "a.xls", {"表": TABLE}, locked=True))
    assert locked.state is ReadState.ENCRYPTED and "密码" in locked.detail
    whole = xls(tmp_path / "b.xls", {"表": TABLE}).read_bytes()
    for share in (0.1, 0.5, 0.9):
        reading = read(put(tmp_path / "c.xls", whole[: int(len(whole) * share)]))
        assert reading.state is ReadState.DAMAGED, share


def test_an_embedded_object_does_not_decide_the_type(tmp_path: Path) -> None:
    # a directory whose root holds the workbook, the Word stream lying in a storage below
    data = bytearray(ole.compound_file({"Workbook": b"1", "WordDocument": b"2"}))
    found = compound.read(put(tmp_path / "a.xls", bytes(data)))
    assert found.top == {"Workbook", "WordDocument"}
    at = data.index("Workbook".encode("utf-16-le")) + 72
    data[at : at + 4] = b"\xff\xff\xff\xff"  # its right sibling: no longer in the root
    assert true_type(put(tmp_path / "a.xls", bytes(data)), "a.xls") == "application/vnd.ms-excel"


# --- web pages

PAGE = (
    '<!DOCTYPE html><html><head><meta charset="{charset}"><title>关于开展文明校园创建的通知_某网站</title><style>p {{}}</style></head>'
    "<body><script>var hidden = '不可见';</script><div>包头市教育局文件</div><p>包教发〔2017〕3号</p>"
    "<h1>关于开展文明校园<br>创建的通知</h1><p>各学校：</p><p>请认真&nbsp;开展&#21019;建。</p>"
    '<table><tr><td>学校</td><td>人数</td></tr><tr><td>一中</td><td>1200</td></tr></table><img src="http://example.invalid/x.png">'
    "<p>包头市教育局</p><p>2017年3月1日</p></body></html>"
)


@pytest.mark.parametrize("encoding", ["utf-8", "gb2312", "gb18030", "utf-16"])
def test_a_web_page_is_read_as_seen_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    reading = read(
        put(tmp_path / "a.htm", PAGE.format(charset=encoding).encode("gb18030" if encoding[:2] == "gb" else encoding))
    )
    assert reading.media_type == "text/html" and reading.state is ReadState.READ
    assert values(reading) | {"document_number": "包教发〔2017〕3号", "issued_on": "2017-03-01"} == values(reading)
    assert "不可见" not in reading.text and "学校\t人数\n一中\t1200" in reading.text and "请认真 开展创建。" in reading.text


def test_a_page_that_claims_a_wrong_charset_is_read_all_the_same(tmp_path: Path) -> None:
    reading = read(put(tmp_path / "a.html", PAGE.format(charset="utf-8").encode("gb18030")))
    assert reading.state is ReadState.READ and "请认真" in reading.text


def test_a_page_without_an_official_head_has_the_title_of_the_page(tmp_path: Path) -> None:
    page = "<html><head><title>文明校园创建专题</title></head><body><p>首页</p></body></html>"
    assert values(read(put(tmp_path / "a.html", page.encode())))["title"] == "文明校园创建专题"


def test_a_page_cut_off_is_partial(tmp_path: Path) -> None:
    reading = read(put(tmp_path / "a.html", PAGE.format(charset="utf-8").encode()[:400]))
    assert reading.state is ReadState.PARTIAL and "没有结尾" in reading.detail


def mht(charset: str = "gb2312") -> bytes:
    from email.message import EmailMessage

    letter = EmailMessage()
    letter["From"] = "<Saved>"
    letter["Subject"] = "page"
    letter.set_content(PAGE.format(charset=charset), subtype="html", charset="gb18030", cte="base64")
    letter.add_related(make.jpeg(), "image", "jpeg")
    return bytes(letter)


def test_a_web_page_in_one_file_is_read_and_one_cut_off_is_damaged(tmp_path: Path) -> None:
    reading = read(put(tmp_path / "a.mht", mht()))
    assert reading.media_type == "multipart/related" and reading.state is ReadState.READ
    assert values(reading)["document_number"] == "包教发〔2017〕3号"
    assert read(put(tmp_path / "b.mht", mht()[:-400])).state is ReadState.DAMAGED


# --- pictures


@pytest.mark.parametrize("kind", ["TIFF", "BMP", "WEBP", "GIF", "HEIF"])
def test_every_sort_of_picture_gives_its_pixels_and_is_damaged_when_cut_off(tmp_path: Path, kind: str) -> None:
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    out = io.BytesIO()
    make.photo((640, 480)).save(out, kind)
    media_type = "image/heic" if kind == "HEIF" else f"image/{kind.lower()}"
    reading = read(put(tmp_path / f"a.{kind.lower()}", out.getvalue()))
    assert reading.state is ReadState.READ and reading.media_type == media_type
    assert (values(reading)["width"], values(reading)["height"]) == (640, 480)
    cut = read(put(tmp_path / "b.pic", out.getvalue()[: len(out.getvalue()) // 2]))
    assert cut.state is ReadState.DAMAGED


def test_a_heic_from_a_telephone_tells_when_it_was_taken(tmp_path: Path) -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2026:03:05 10:20:30"
    out = io.BytesIO()
    make.photo((640, 480)).save(out, "HEIF", exif=exif.tobytes())
    assert values(read(put(tmp_path / "IMG_1.HEIC", out.getvalue())))["taken_on"] == "2026-03-05"


def test_a_tiff_of_several_pages_counts_them(tmp_path: Path) -> None:
    page = make.photo((640, 480))
    page.save(tmp_path / "a.tif", save_all=True, append_images=[page, page])
    assert values(read(tmp_path / "a.tif"))["pages"] == 3


def test_without_pillow_heif_a_heic_is_unchecked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    reading = read(put(tmp_path / "a.heic", b"\0\0\0\x18ftypheic"))
    assert reading.state is ReadState.UNSUPPORTED and "pillow_heif" in reading.detail and "JPEG" in reading.detail


# --- anything may be broken


@pytest.mark.parametrize("name", ["a.xls", "a.htm", "a.mht", "a.heic", "a.docm", "a.doc"])
def test_bytes_spoiled_anywhere_never_raise(tmp_path: Path, name: str, request: pytest.FixtureRequest) -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    heif = io.BytesIO()
    make.photo((64, 48)).save(heif, "HEIF")
    whole = {
        "a.xls": lambda: xls(tmp_path / name, {"表": TABLE}).read_bytes(),
        "a.htm": lambda: PAGE.format(charset="gb2312").encode("gb18030"),
        "a.mht": mht,
        "a.heic": heif.getvalue,
        "a.docm": lambda: produce("macro_docm", tmp_path, name).read_bytes(),
        "a.doc": lambda: request.getfixturevalue("doc").read_bytes(),
    }[name]()
    rnd = random.Random(name)
    for n in range(3 if name == "a.doc" else 24):
        data = bytearray(whole)
        for _ in range(1 + n % 4):
            data[rnd.randrange(8, len(data))] = rnd.randrange(256)
        if n % 4 == 0:
            del data[rnd.randrange(8, len(data)) :]
        reading = read(put(tmp_path / f"{n}-{name}", bytes(data)))
        assert reading.state in ReadState and "意外情况" not in reading.detail, reading.detail
