"""The Type 1 fonts that a PDF holds become boxes in memory: the same text, sooner, and nothing where anything could depend on the letters."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
import reportlab
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from archive_schema.cycle import Limits
from benchmarks.floors import texts
from intake.read import read_file
from intake.readers import hollow, pdfseal

FONTS = Path(reportlab.__file__).parent / "fonts"
WIDE, HIGH = 595, 842
LINES = (
    "关于开展志愿服务的通知",
    "各县区人民政府：",
    "现将有关事项通知如下，请认真贯彻执行。",
    " ",
    "abc-x，　共 12.5 万人",
    "示例市人民政府",
    "2026年5月1日",
)
RED = b"0.85 0.05 0.05 "

Changes = Mapping[bytes, bytes]


@cache
def program() -> bytes:
    """A Type 1 font of letters in their usual order, without the marks of its segments."""
    data, out, at = (FONTS / "_er_____.pfb").read_bytes(), b"", 0
    while data[at + 1] != 3:
        size = int.from_bytes(data[at + 2 : at + 6], "little")
        out, at = out + data[at + 6 : at + 6 + size], at + 6 + size
    return out


def stream(data: bytes, *, packed: bool = True, more: bytes = b"") -> bytes:
    body, how = (zlib.compress(data), b"/Filter/FlateDecode") if packed else (data, b"")
    return b"<</Length %d%s%s>>\nstream\n%s\nendstream" % (len(body), how, more, body)


def shown(
    lines: tuple[str, ...], *, apart: float = 30, size: int = 16, head: bytes = b"", left: float = 80
) -> tuple[bytes, bytes]:
    """What a page says of these lines, and the map of their codes: any letter may stand for any other."""
    letters = dict.fromkeys("".join(lines).replace(" ", ""))
    codes = {" ": 32} | {letter: 33 + n for n, letter in enumerate(letters)}
    content = b""
    for n, line in enumerate(lines):
        text = bytes(codes[letter] for letter in line).hex().encode()
        content += b"BT /F1 %d Tf %g %g Td <%s> Tj ET\n" % (size, left, 760 - apart * n, text)
    unknown = set(range(32, 127)) - set(codes.values())
    pairs = [*((code, letter) for letter, code in codes.items()), *((code, "?") for code in unknown)]
    map_ = (
        b"%d beginbfchar\n" % len(pairs)
        + b"".join(b"<%02X> <%04X>\n" % (code, ord(letter)) for code, letter in pairs)
        + b"endbfchar\n"
    )
    return head + content, map_


def coded(line: str, map_: bytes) -> bytes:
    """A line in the codes of a map."""
    codes = {chr(int(to, 16)): code for code, to in re.findall(rb"<(..)> <(....)>", map_)}
    return b"".join(codes[letter] for letter in line)


def document(path: Path, content: bytes, map_: bytes, *, packed: bool = True, changes: Changes | None = None) -> Path:
    """A PDF of one page and one font. ``changes``: words of its dictionaries and what stands there instead."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>" % (WIDE, HIGH),
        stream(content),
        b"<</Type/Font/Subtype/Type1/BaseFont/AAAAAA+Own/FirstChar 32/LastChar 126/Widths[%s]/FontDescriptor 6 0 R/ToUnicode 8 0 R>>"
        % (b"620 " * 95),
        b"<</Type/FontDescriptor/FontName/AAAAAA+Own/Flags 4/FontBBox[0 -200 1000 900]/FontFile 7 0 R>>",
        stream(program(), packed=packed, more=b"/Length1 %d" % len(program())),
        stream(map_),
    ]
    for old, new in (changes or {}).items():
        assert any(old in o.partition(b"stream\n")[0] for o in objects), old
        objects = [head.replace(old, new) + mark + rest for head, mark, rest in (o.partition(b"stream\n") for o in objects)]
    path.write_bytes(whole(objects))
    return path


def whole(objects: list[bytes], more: bytes = b"") -> bytes:
    out, places = b"%PDF-1.4\n", []
    for n, o in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, o)
    table = b"".join(b"%010d 00000 n \n" % at for at in places)
    trailer = b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, more, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table) + trailer


def letter(path: Path, **changes: Any) -> Path:
    return document(path, *shown(LINES), **changes)


def text(source: Path | bytes) -> str:
    with pypdfium2.PdfDocument(source) as d:
        return "\f".join(page.get_textpage().get_text_bounded() for page in d)


def drawn(source: Path | bytes) -> Any:
    with pypdfium2.PdfDocument(source) as d:
        return d[0].render(scale=0.5).to_numpy().copy()


@pytest.mark.parametrize("packed", [True, False])
def test_the_text_is_the_same_and_the_letters_are_gone(tmp_path: Path, *, packed: bool) -> None:
    path = letter(tmp_path / "a.pdf", packed=packed)
    data = path.read_bytes()
    emptied = hollow.emptied(path)
    assert emptied is not None and path.read_bytes() == data, "in memory only"
    assert text(emptied) == text(path), "white space included"
    assert "".join(LINES).replace(" ", "") in re.sub(r"\s(?<!\u3000)", "", text(path)), "every letter is told of"
    assert not np.array_equal(drawn(emptied), drawn(path))


def test_nothing_but_the_program_changes(tmp_path: Path) -> None:
    path = letter(tmp_path / "a.pdf")
    data, emptied = path.read_bytes(), hollow.emptied(path)
    assert emptied is not None and len(emptied) == len(data)
    start = data.index(b"stream\n", data.index(b"7 0 obj")) + 7
    end = data.index(b"\nendstream", start)
    assert emptied[:start] == data[:start] and emptied[end:] == data[end:] and emptied[start:end] != data[start:end]


def test_the_reader_reads_what_bare_pypdfium2_reads(tmp_path: Path) -> None:
    path = letter(tmp_path / "a.pdf")
    assert hollow.emptied(path) is not None
    assert read_file(path, path.name, Limits(ocr="off")).text == texts.text(str(path)).replace("\r\n", "\n")


def test_a_line_of_nothing_but_a_space_stays_nothing(tmp_path: Path) -> None:
    path = document(tmp_path / "a.pdf", *shown(("  ", "   ")))
    emptied = hollow.emptied(path)
    assert emptied is not None and text(emptied) == text(path) and not text(path).strip()
    assert (drawn(emptied) == 255).all(), "spaces are empty"


def test_a_code_that_the_font_does_not_hold_says_nothing(tmp_path: Path) -> None:
    content, map_ = shown(LINES[:1])
    path = document(tmp_path / "a.pdf", content.replace(b"> Tj", b"f0> Tj"), map_)
    emptied = hollow.emptied(path)
    assert emptied is not None and text(emptied) == text(path) == LINES[0]


@pytest.mark.parametrize("apart", [10, 16, 20])
@pytest.mark.parametrize("line", ["__________", "----------", "。。。。。。", "aaaaaaaaaa"])
def test_equal_lines_close_to_one_another_stay_as_many(tmp_path: Path, line: str, apart: float) -> None:
    """pdfium takes two of the same text that touch for one, printed twice to be bold."""
    codes = {"_": b"5f", "-": b"2d", "。": b"2e", "a": b"61"}
    content = b"".join(b"BT /F1 16 Tf 80 %g Td <%s> Tj ET\n" % (700 - apart * n, codes[line[0]] * len(line)) for n in range(3))
    map_ = b"1 beginbfrange\n<20> <7E> <0020>\nendbfrange\n" if line[0] != "。" else RANGE_WITH_A_STOP
    path = document(tmp_path / "a.pdf", content, map_)
    emptied = hollow.emptied(path)
    assert emptied is not None and text(path).split() == [line] * 3 == text(emptied).split()


RANGE_WITH_A_STOP = b"2 beginbfrange\n<20> <2D> <0020>\n<2F> <7E> <002F>\nendbfrange\n1 beginbfchar\n<2E> <3002>\nendbfchar\n"


@pytest.mark.parametrize("by", [0.3, 3.0])
def test_a_text_printed_twice_is_one_where_it_was_one(tmp_path: Path, by: float) -> None:
    content = b"".join(b"BT /F1 16 Tf %g 700 Td <61626364> Tj ET\n" % (80 + by * n) for n in range(2))
    path = document(tmp_path / "a.pdf", content, b"1 beginbfrange\n<20> <7E> <0020>\nendbfrange\n")
    emptied = hollow.emptied(path)
    assert emptied is not None and text(path) == text(emptied) == "abcd"


def test_narrow_letters_set_apart_by_little_stay_as_many(tmp_path: Path) -> None:
    content = b"".join(b"BT /F1 16 Tf %g 700 Td <6c> Tj ET\n" % (80 + 3.3 * n) for n in range(5))
    widths = {b"620 " * 95: b"280 " * 95}
    path = document(tmp_path / "a.pdf", content, b"1 beginbfrange\n<20> <7E> <0020>\nendbfrange\n", changes=widths)
    emptied = hollow.emptied(path)
    assert emptied is not None and text(path) == text(emptied) == "lllll"


@pytest.mark.parametrize(
    ("where", "place"), [("below", b"80 -1.1"), ("above", b"80 841"), ("left of", b"-9.5 400"), ("well on", b"80 400")]
)
def test_at_the_edge_of_a_page_the_letters_themselves_decide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, place: bytes
) -> None:
    opened: list[object] = []
    theirs = pypdfium2.PdfDocument

    def watched(source: Any, *more: Any) -> Any:
        opened.append(source)
        return theirs(source, *more)

    content, map_ = shown(LINES)
    path = document(tmp_path / "a.pdf", content + b"BT /F1 16 Tf " + place + b" Td <2122232425> Tj ET\n", map_)
    expected = texts.text(str(path)).replace("\r\n", "\n")
    monkeypatch.setattr(pypdfium2, "PdfDocument", watched)
    assert read_file(path, path.name, Limits(ocr="off")).text == expected
    assert [isinstance(o, bytes) for o in opened][:2] == ([True] if where == "well on" else [True, False])


AS_IT_IS: dict[str, Changes] = {
    "another filter": {b"/Filter/FlateDecode/Length1": b"/Filter/LZWDecode/Length1"},
    "two filters": {b"/Filter/FlateDecode/Length1": b"/Filter[/ASCIIHexDecode/FlateDecode]/Length1"},
    "parameters of the filter": {b"/Length1": b"/DecodeParms 4 0 R/Length1"},
    "an encoding": {b"/FirstChar": b"/Encoding/WinAnsiEncoding/FirstChar"},
    "no map": {b"/ToUnicode 8 0 R": b""},
    "a named map": {b"/ToUnicode 8 0 R": b"/ToUnicode/Identity-H"},
    "two maps": {b"/ToUnicode 8 0 R": b"/ToUnicode 8 0 R/ToUnicode 4 0 R"},
    "no widths": {b"/Widths": b"/Breadths"},
    "more codes than widths": {b"/LastChar 126": b"/LastChar 127"},
    "letters of the usual order": {b"/Flags 4": b"/Flags 32"},
    "no extent": {b"/FontBBox": b"/FontBoxes"},
    "a composite font": {b"/Subtype/Type1": b"/Subtype/Type0"},
    "TrueType": {b"/FontFile ": b"/FontFile2 "},
    "a comment": {b"/FirstChar": b"%\n/FirstChar"},
    "an escaped name": {b"/FirstChar": b"/#45ncoding 4 0 R/FirstChar"},
    "a shared program": {b"/Type/Catalog": b"/Type/Catalog/Other<</FontFile 7 0 R>>"},
    "a shared descriptor": {b"/Type/Catalog": b"/Type/Catalog/Other<</FontDescriptor 6 0 R>>"},
    "objects that are not to be seen": {b"/Type/Catalog": b"/Type/Catalog/Other<</Type/ObjStm>>"},
    "a length that is not that of the stream": {b"/Filter/FlateDecode/Length1": b"1/Filter/FlateDecode/Length1"},
}


@pytest.mark.parametrize("what", AS_IT_IS)
def test_where_something_may_depend_on_the_letters_the_file_is_left_as_it_is(tmp_path: Path, what: str) -> None:
    assert hollow.emptied(letter(tmp_path / "a.pdf")) is not None
    assert hollow.emptied(letter(tmp_path / "b.pdf", changes=AS_IT_IS[what])) is None


@pytest.mark.parametrize(
    "map_",
    [
        b"1 beginbfrange\n<20> <7D> <0020>\nendbfrange\n",
        b"1 beginbfrange\n<20> <7E> <0020>\nendbfrange\n1 beginbfchar\n<41> <0020>\nendbfchar\n",
        b"1 beginbfrange\n<20> <7E> [<0020>]\nendbfrange\n",
        b"1 beginbfrange\n<20> <7E> <0000>\nendbfrange\n",
        b"1 beginbfrange\n<20> <7E> <0020>\n",
        b"% 1 beginbfrange\n<20> <7E> <0020>\nendbfrange\n",
        b"1 beginbfrange\n<20> <7E> <0020>\nendbfrange\n" + b" " * 40_000,
        b"2 beginbfrange\n<20> <7E> <0020>\nendbfrange\n",
        b"beginbfrange\n<20> <7E> <0020>\nendbfrange\n",
        b"",
    ],
    ids=[
        "a code left out",
        "a code twice",
        "an array",
        "no character",
        "no end",
        "a comment",
        "too long",
        "miscounted",
        "not counted",
        "empty",
    ],
)
def test_a_map_that_is_not_surely_understood_leaves_the_file_as_it_is(tmp_path: Path, map_: bytes) -> None:
    content, good = shown(LINES)
    assert hollow.emptied(document(tmp_path / "a.pdf", content, good)) is not None
    assert hollow.emptied(document(tmp_path / "b.pdf", content, map_)) is None


def test_letters_of_a_damaged_program_are_read_all_the_same(tmp_path: Path) -> None:
    data = letter(tmp_path / "a.pdf").read_bytes()
    whole = read_file(tmp_path / "a.pdf", "a.pdf", Limits(ocr="off")).text
    spoiled = bytearray(data)
    spoiled[data.index(b"stream\n", data.index(b"7 0 obj")) + 5_000] ^= 1
    (tmp_path / "b.pdf").write_bytes(spoiled)
    assert read_file(tmp_path / "b.pdf", "b.pdf", Limits(ocr="off")).text == whole != ""


def test_a_changed_and_an_encrypted_file_are_left_as_they_are(tmp_path: Path) -> None:
    data = letter(tmp_path / "a.pdf").read_bytes()
    changed = {
        "an object twice": data.replace(b"trailer", b"1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\ntrailer"),
        "an object that hardly anyone writes so": data.replace(b"8 0 obj", b"8 0\nobj"),
        "an earlier state": data.replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev 9"),
        "encrypted": data.replace(b"/Root 1 0 R", b"/Root 1 0 R/Encrypt 9 0 R"),
        "the end of a stream lost": data.replace(b"endstream\nendobj\n8 0", b"endstre__\nendobj\n8 0"),
        "no trailer": data.replace(b"trailer", b"tractor"),
    }
    for what, changed_data in changed.items():
        assert changed_data != data
        (tmp_path / "b.pdf").write_bytes(changed_data)
        assert hollow.emptied(tmp_path / "b.pdf") is None, what


def test_true_type_is_left_as_it_is(tmp_path: Path) -> None:
    registerFont(TTFont("Vera of this test", str(FONTS / "Vera.ttf")))
    canvas = Canvas(str(tmp_path / "a.pdf"), invariant=1)
    canvas.setFont("Vera of this test", 14)
    canvas.drawString(80, 700, "nothing to be gained")
    canvas.save()
    assert b"/FontFile2" in (tmp_path / "a.pdf").read_bytes()
    assert hollow.emptied(tmp_path / "a.pdf") is None


@pytest.mark.parametrize("red", [True, False])
def test_red_letters_at_a_seal_are_drawn_from_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, red: bool) -> None:
    lines = [*zip(LINES[:3], ("100 700", "100 670", "100 640"), strict=True), (LINES[-2], "380 400"), (LINES[-1], "380 370")]
    _, map_ = shown(tuple(line for line, _ in lines))
    content = b"".join(b"BT /F1 16 Tf %s Td <%s> Tj ET\n" % (at.encode(), coded(line, map_)) for line, at in lines)
    ring = (
        b"488 390 m 488 422 462 448 430 448 c 398 448 372 422 372 390 c 372 358 398 332 430 332 c 462 332 488 358 488 390 c s\n"
    )
    within = (RED if red else b"0 0 0 ") + b"rg BT /F1 24 Tf 395 345 Td <212223> Tj ET\n"
    path = document(tmp_path / "a.pdf", RED + b"RG 3 w " + ring + content + within, map_)
    pictures: list[tuple[float, Any, Any]] = []
    picture = pdfseal._picture

    def watched(page: Any, scale: float, region: Any) -> Any:
        pictures.append((scale, region, picture(page, scale, region).copy()))
        return pictures[-1][2]

    monkeypatch.setattr(pdfseal, "_picture", watched)
    assert hollow.emptied(path) is not None
    read_file(path, path.name, Limits(ocr="off"))
    monkeypatch.undo()
    [(scale, region, image)] = pictures
    with pypdfium2.PdfDocument(path) as d:
        true = picture(d[0], scale, region).copy()
    reddish = [(i[:, :, 0].astype(int) - i[:, :, 1:].max(axis=2) > 40) for i in (image, true)]
    assert reddish[0].any() and np.count_nonzero(reddish[0] != reddish[1]) < 30, "as in the file, but for edges"
    assert np.count_nonzero(image.max(axis=2) < 100) == 0 < np.count_nonzero(true.max(axis=2) < 100), (
        "black letters are left out"
    )


PIECES = st.sampled_from(
    [
        *(
            b" obj",
            b"1 0 obj",
            b"2 0 obj\n",
            b"endobj\n",
            b">>stream\n",
            b"endstream",
            b"<<",
            b"/FontFile 1 0 R",
            b"/ToUnicode 2 0 R",
        ),
        *(
            b"/Widths[1 2]",
            b"/FontDescriptor 1 0 R",
            b"/FirstChar 1",
            b"/LastChar 2",
            b"/Subtype/Type1",
            b"trailer",
            b"/Size 3",
        ),
        *(b"/Flags 4/FontBBox", b"/Length 2 0 R"),
    ]
)


@given(st.lists(st.one_of(PIECES, st.binary(max_size=9)), max_size=60))
def test_no_bytes_are_too_odd(tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]) -> None:
    path = tmp_path_factory.getbasetemp() / "odd.pdf"
    path.write_bytes(b"/FontFile 1 0 R".join((b"", b"".join(pieces))))
    assert hollow.emptied(path) is None


@given(st.data())
def test_no_change_of_a_good_file_is_too_odd(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.getbasetemp() / "changed.pdf"
    whole_file = letter(path).read_bytes()
    for _ in range(data.draw(st.integers(1, 4))):
        word = data.draw(
            st.sampled_from([b"obj", b"/FontFile", b"/Widths", b"/Length", b"stream", b"trailer", b"/ToUnicode", b"/Size"])
        )
        found = [m.start() for m in re.finditer(word, whole_file)] or [0]
        at = max(0, data.draw(st.sampled_from(found)) + data.draw(st.integers(-9, 20)))
        whole_file = (
            whole_file[:at]
            + data.draw(st.one_of(PIECES, st.binary(max_size=3)))
            + whole_file[at + data.draw(st.integers(0, 4)) :]
        )
    path.write_bytes(whole_file)
    emptied = hollow.emptied(path)
    assert emptied is None or len(emptied) == len(whole_file)
