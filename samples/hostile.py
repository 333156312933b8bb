"""Every sort of bad (or only awkward) file, one small function each, with what a reader should say of it.

``SORTS`` holds them all, by name; ``produce`` writes one.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from archive_schema.words import Disposition, ReadState
from samples import fixed, hostile_containers, layout, ole
from samples.layout import Photo, Table, typeset
from samples.notices import PASSWORD, notice, notice_docx, notice_pdf
from samples.sorts import SORTS, Sort, produce, sort

__all__ = ["IDENTITY_NUMBER", "LONG_NAME", "PASSWORD", "SORTS", "Sort", "hostile_containers", "produce"]

_PDF = "application/pdf"
_OOXML = "application/vnd.openxmlformats-officedocument"
_DOCX, _XLSX = f"{_OOXML}.wordprocessingml.document", f"{_OOXML}.spreadsheetml.sheet"
_JPEG, _PNG, _ZIP, _TXT, _CSV = "image/jpeg", "image/png", "application/zip", "text/plain", "text/csv"
_UNKNOWN = "application/octet-stream"
#: the example number of GB 11643-1999, which belongs to nobody
IDENTITY_NUMBER = "11010519491231002X"


_SCENE = Photo(seed="hostile", taken_at=datetime(2026, 3, 5, 10, 20))  # noqa: DTZ001 - cameras know no zone
_TABLE = Table(
    title="示例市诚信红黑榜发布情况统计表",
    header=("序号", "区(县)", "红榜(期)", "黑榜(期)"),
    rows=((1, "东示区", 6, 5), (2, "西示区", 4, 3)),
    measure="期",
    scope="全市范围",
    period="2026年",
    source="示例市文明办",
    totals=("合计", "", 10, 8),
)


# --- PDF ---------------------------------------------------------------------------------------------------------


@sort("截断.pdf", "传了一半的 PDF,没有文件尾", _PDF, state=ReadState.DAMAGED)
def truncated_pdf(target: Path) -> None:
    data = notice_pdf()
    target.write_bytes(data[: len(data) * 3 // 5])


@sort("乱码文件.pdf", "扩展名为 pdf,内容是随机字节", _UNKNOWN, state=ReadState.UNSUPPORTED)
def random_pdf(target: Path) -> None:
    target.write_bytes(fixed.noise("random pdf", 20_000))


@sort("加密.pdf", f"有打开密码的 PDF(密码 {PASSWORD})", _PDF, state=ReadState.ENCRYPTED)
def encrypted_pdf(target: Path) -> None:
    from samples import pdf

    target.write_bytes(pdf.encrypted(notice().title, user=PASSWORD, owner=PASSWORD + "-owner"))


@sort("扫描件.pdf", "只有整页图片、没有文字层的 PDF", _PDF, state=ReadState.PARTIAL, pages=1, text_chars=0)
def scanned_pdf(target: Path) -> None:
    from samples import pdf, photo

    page = Photo(seed="scan", width=1240, height=1754, scene="screen", quality=70)
    target.write_bytes(pdf.picture_page(photo.encode(page, "JPEG")))


@sort("现场.pdf", "改了扩展名的 JPEG 图片", _JPEG, state=ReadState.READ, width=1280, height=960)
def pdf_that_is_jpeg(target: Path) -> None:
    from samples import photo

    target.write_bytes(photo.encode(_SCENE, "JPEG"))


# --- pictures ----------------------------------------------------------------------------------------------------


@sort("网页另存.jpg", "改了扩展名的网页", "text/html")
def jpeg_that_is_html(target: Path) -> None:
    text = "<!DOCTYPE html>\n<html><head><meta charset='utf-8'><title>404</title></head><body><p>页面不存在</p></body></html>\n"
    target.write_text(text, "utf-8")


@sort("半张照片.jpg", "传了一半的 JPEG", _JPEG, state=ReadState.DAMAGED)
def truncated_jpeg(target: Path) -> None:
    from samples import photo

    data = photo.encode(_SCENE, "JPEG")
    target.write_bytes(data[: len(data) // 3])


@sort("超大图.png", "解压炸弹:30000×30000 像素,文件不足 1 MB", _PNG, Disposition.QUARANTINED)
def bomb_png(target: Path) -> None:
    side = 30_000
    target.write_bytes(_flat_png(side))


@sort("缩略图.jpg", "200×150 像素的小图", _JPEG, state=ReadState.READ, width=200, height=150)
def small_photo(target: Path) -> None:
    layout.photo(msgspec.structs.replace(_SCENE, seed="small", width=200, height=150), target)


@sort("模糊照片.jpg", "失焦的照片", _JPEG, state=ReadState.READ)
def blurred_photo(target: Path) -> None:
    layout.photo(msgspec.structs.replace(_SCENE, seed="blurred", blur=9.0), target)


@sort("压缩过度.jpg", "压缩过度的照片(JPEG 质量 4)", _JPEG, state=ReadState.READ)
def overcompressed_photo(target: Path) -> None:
    layout.photo(msgspec.structs.replace(_SCENE, seed="overcompressed", quality=4), target)


@sort("修过的照片.jpg", "经图片编辑软件改过的照片", _JPEG, state=ReadState.READ, edited_by=True)
def edited_photo(target: Path) -> None:
    layout.photo(msgspec.structs.replace(_SCENE, seed="edited", editor="Adobe Photoshop 22.0"), target)


# --- Office files ------------------------------------------------------------------------------------------------


@sort("加密.docx", "有打开密码的 Word 文件(OLE 容器内 EncryptedPackage)", _DOCX, state=ReadState.ENCRYPTED)
def encrypted_docx(target: Path) -> None:
    info = b"\x04\x00\x04\x00\x40\x00\x00\x00" + b'<?xml version="1.0" encoding="UTF-8"?><encryption/>'
    streams = {"EncryptionInfo": info, "EncryptedPackage": fixed.noise("package", 9_000)}
    target.write_bytes(ole.compound_file(streams))


@sort("损坏.docx", "中央目录丢失的 Word 文件", "", state=ReadState.DAMAGED)
def corrupt_docx(target: Path) -> None:
    data = notice_docx()
    target.write_bytes(data[: len(data) // 2])


@sort("带宏.docm", "含 vbaProject.bin 的 Word 文件", _DOCX, state=ReadState.READ, macros=True)
def macro_docm(target: Path) -> None:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(notice_docx())) as z:
        parts = {i.filename: z.read(i) for i in z.infolist()}
    types, rels = "[Content_Types].xml", "word/_rels/document.xml.rels"
    plain = f"{_DOCX}.main+xml".encode()
    parts[types] = parts[types].replace(plain, b"application/vnd.ms-word.document.macroEnabled.main+xml")
    binary = b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
    parts[types] = parts[types].replace(b"</Types>", binary + b"</Types>")
    link = b'<Relationship Id="rIdVba" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" Target="vbaProject.bin"/>'
    parts[rels] = parts[rels].replace(b"</Relationships>", link + b"</Relationships>")
    parts["word/vbaProject.bin"] = ole.compound_file(
        {"dir": b"\x01" + fixed.noise("vba", 400), "ThisDocument": b"Sub AutoOpen()"}
    )
    target.write_bytes(fixed.zip_bytes(parts.items()))


@sort("公式错误.xlsx", "含 #REF! 与 #DIV/0! 的表格", _XLSX, state=ReadState.READ, formula_errors=True)
def broken_xlsx(target: Path) -> None:
    from samples import table

    lines: list[list[layout.Value]] = [*_TABLE.lines(), [3, "南示区", "#REF!", "#DIV/0!"], ["合计", "", "=SUM(#REF!)", "#REF!"]]
    target.write_bytes(table.xlsx(lines, columns=4, names={"总数": "#REF!"}))


@sort("汇报.pptx", "演示文稿", f"{_OOXML}.presentationml.presentation", state=ReadState.UNSUPPORTED)
def pptx(target: Path) -> None:
    main = f"{_OOXML}.presentationml.presentation.main+xml"
    office = "http://schemas.openxmlformats.org"
    types = (
        f'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="{office}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/ppt/presentation.xml" ContentType="{main}"/></Types>'
    )
    rels = (
        f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{office}/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{office}/officeDocument/2006/relationships/officeDocument" Target="ppt/presentation.xml"/>'
        "</Relationships>"
    )
    show = f'<?xml version="1.0" encoding="UTF-8"?><p:presentation xmlns:p="{office}/presentationml/2006/main"/>'
    parts = {"[Content_Types].xml": types, "_rels/.rels": rels, "ppt/presentation.xml": show}
    target.write_bytes(fixed.zip_bytes((n, t.encode()) for n, t in parts.items()))


# --- text and tables in other encodings --------------------------------------------------------------------------


@sort("统计表(国标编码).csv", "GB18030 编码的 CSV", _CSV, state=ReadState.READ, table_rows=True)
def gb18030_csv(target: Path) -> None:
    layout.table_csv(_TABLE, target, encoding="gb18030")


@sort("统计表(UTF-16).csv", "UTF-16 编码的 CSV", _CSV, state=ReadState.READ, table_rows=True)
def utf16_csv(target: Path) -> None:
    layout.table_csv(_TABLE, target, encoding="utf-16")


@sort("通知(国标编码).txt", "GB18030 编码的文本", _TXT, state=ReadState.READ)
def gb18030_txt(target: Path) -> None:
    layout.official_document(notice(), target, "txt")
    target.write_bytes(target.read_text("utf-8").encode("gb18030"))


@sort("乱码.txt", "编码错乱的文本:UTF-8 字节曾被当作 GBK 另存", _TXT, state=ReadState.READ, garbled=True)
def garbled_txt(target: Path) -> None:
    layout.official_document(notice(), target, "txt")
    target.write_bytes(target.read_bytes().decode("gbk", "replace").encode("utf-8"))


# --- files that are not there yet, or no material ----------------------------------------------------------------


@sort("空文件.docx", "0 字节的文件", "", Disposition.WAITING)
def empty_file(target: Path) -> None:
    target.write_bytes(b"")


@sort("~$通知.docx", "Word 的锁文件", "", Disposition.WAITING, named=True)
def lock_file(target: Path) -> None:
    target.write_bytes(b"\x05admin".ljust(162, b" "))


@sort("通知.pdf.part", "没有传完的文件", "", Disposition.WAITING, named=True)
def partial_upload(target: Path) -> None:
    target.write_bytes(notice_pdf()[:5_000])


@sort("Thumbs.db", "Windows 的缩略图缓存", "", Disposition.IGNORED, named=True)
def thumbs_db(target: Path) -> None:
    target.write_bytes(ole.compound_file({"Catalog": b"\x10\x00"}))


@sort(".DS_Store", "macOS 的文件夹记录", "", Disposition.IGNORED, named=True)
def ds_store(target: Path) -> None:
    target.write_bytes(b"\x00\x00\x00\x01Bud1" + bytes(4_000))


# --- whole files that a reviewer sends back ----------------------------------------------------------------------


@sort("征求意见稿.docx", "草稿:征求意见稿", _DOCX, state=ReadState.READ, draft_mark=True)
def draft(target: Path) -> None:
    title = typeset("示例市诚信红黑榜发布办法\n(征求意见稿)")
    layout.official_document(notice(title=title, number="", mark="", seal=False), target, "docx")


@sort("涉密.pdf", "标有 机密★1年 的文件", _PDF, Disposition.QUARANTINED)
def secret_pdf(target: Path) -> None:
    layout.official_document(notice(copy_number="000003", secrecy="机密★1年", urgency="特急"), target, "pdf")


@sort("花名册.docx", "正文里有身份证号、手机号、银行卡号", _DOCX, state=ReadState.READ)
def identity_docx(target: Path) -> None:
    # the number of the national standard's example, a phone number and a card number that only pass their check digits
    line = typeset(f"三、联系人张某某,身份证号{IDENTITY_NUMBER},手机13800138000,银行卡号6222020000000000000。")
    layout.official_document(notice(paragraphs=(*notice().paragraphs, line)), target, "docx")


@sort("缺附件.pdf", "文中列了附件,文件里没有", _PDF, state=ReadState.READ, attachments=True)
def missing_annex(target: Path) -> None:
    layout.official_document(notice(attachments=("诚信红黑榜发布计划表", "联络员名单")), target, "pdf")


# --- awkward names -----------------------------------------------------------------------------------------------


@sort("=cmd!A0.docx", "文件名是电子表格公式", _DOCX, state=ReadState.READ, named=True)
def formula_name(target: Path) -> None:
    target.write_bytes(notice_docx(number="示文明办发〔2026〕14号"))


@sort("关于红黑榜的通知\u202efdp.docx", "文件名含从右到左控制符,看起来像 pdf", _DOCX, state=ReadState.READ, named=True)
def rtl_name(target: Path) -> None:
    target.write_bytes(notice_docx(number="示文明办发〔2026〕15号"))


#: 200 characters; its 238 bytes stay below the 255 that file systems allow
LONG_NAME = "关于进一步做好诚信红黑榜发布工作的通知" + "-copy" * 34 + "-final.docx"


@sort(LONG_NAME, "文件名有 200 个字符", _DOCX, state=ReadState.READ, named=True)
def long_name(target: Path) -> None:
    target.write_bytes(notice_docx(number="示文明办发〔2026〕16号"))


def _flat_png(side: int) -> bytes:
    """A whole, valid black picture of ``side`` × ``side`` one-bit pixels."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = bytes(1 + -(-side // 8))
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(row * 1_000) for _ in range(side // 1_000)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
