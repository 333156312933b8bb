"""Bad archives, and formats that nobody reads: registered on import (``samples.hostile`` imports this)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from archive_schema.words import Disposition, ReadState
from samples import fixed, layout
from samples.layout import typeset
from samples.notices import PASSWORD, notice, notice_docx
from samples.sorts import sort

_ZIP = "application/zip"


# --- archives ----------------------------------------------------------------------------------------------------


def _good_members() -> list[tuple[str, bytes]]:
    from samples import pdf

    told = layout.Report(typeset("关于诚信红黑榜发布情况的说明"), notice().paragraphs, "示例市文明办", date(2026, 6, 30))
    return [
        ("诚信红黑榜/关于做好诚信红黑榜发布工作的通知.docx", notice_docx(number="示文明办发〔2026〕13号")),
        ("诚信红黑榜/关于诚信红黑榜发布情况的说明.pdf", pdf.report(told)),
    ]


@sort("压缩炸弹.zip", "压缩比约 1000 的压缩包", _ZIP, Disposition.QUARANTINED)
def zip_bomb(target: Path) -> None:
    target.write_bytes(fixed.zip_bytes([("数据.txt", bytes(100 * 1024**2))]))


@sort("套三层.zip", "三层压缩包,最里面是好文件", _ZIP, state=ReadState.READ, members=True)
def nested_zip(target: Path) -> None:
    inner = fixed.zip_bytes(_good_members())
    target.write_bytes(fixed.zip_bytes([("中层.zip", fixed.zip_bytes([("内层.zip", inner)]))]))


@sort("套八层.zip", "八层压缩包,超过层数上限", _ZIP, Disposition.QUARANTINED)
def deep_zip(target: Path) -> None:
    data = fixed.zip_bytes([("说明.txt", typeset("层层压缩,没有必要。\n").encode())])
    for level in range(7, 0, -1):
        data = fixed.zip_bytes([(f"第{level}层.zip", data)])
    target.write_bytes(data)


@sort("越界.zip", "成员名含 ../,企图写到文件夹之外", _ZIP, Disposition.QUARANTINED)
def traversal_zip(target: Path) -> None:
    target.write_bytes(fixed.zip_bytes([("../../../tmp/escaped.txt", b"out\n"), ("正常.txt", b"in\n")]))


@sort("绝对路径.zip", "成员名是绝对路径", _ZIP, Disposition.QUARANTINED)
def absolute_zip(target: Path) -> None:
    target.write_bytes(fixed.zip_bytes([("/etc/escaped.txt", b"out\n"), ("C:\\Windows\\escaped.txt", b"out\n")]))


@sort("旧版压缩包.zip", "成员名为 GBK 编码的压缩包,内有好文件", _ZIP, state=ReadState.READ, members=2)
def gbk_zip(target: Path) -> None:
    target.write_bytes(fixed.zip_bytes(_good_members(), encoding="gbk"))


@sort("加密.zip", f"有密码的压缩包(密码 {PASSWORD})", _ZIP, state=ReadState.ENCRYPTED)
def encrypted_zip(target: Path) -> None:
    target.write_bytes(
        fixed.zip_bytes([("说明.txt", typeset("诚信红黑榜,每两个月一期。\n").encode())], password=PASSWORD.encode())
    )


@sort("材料.7z", "只有 7z 文件头,其余是随机字节", "application/x-7z-compressed", state=ReadState.DAMAGED)
def magic_7z(target: Path) -> None:
    target.write_bytes(b"7z\xbc\xaf\x27\x1c\x00\x04" + fixed.noise("7z", 4_000))


@sort("材料.rar", "只有 RAR 文件头,其余是随机字节", "application/vnd.rar", state=ReadState.DAMAGED)
def magic_rar(target: Path) -> None:
    target.write_bytes(b"Rar!\x1a\x07\x01\x00" + fixed.noise("rar", 4_000))


# --- formats that nobody reads -----------------------------------------------------------------------------------


@sort("宣传片.mp4", "视频", "video/mp4", state=ReadState.UNSUPPORTED)
def mp4(target: Path) -> None:
    data = fixed.noise("mp4", 30_000)
    target.write_bytes(
        b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + (len(data) + 8).to_bytes(4, "big") + b"mdat" + data
    )


@sort("论文.caj", "CAJ 文件", "application/x-caj", state=ReadState.UNSUPPORTED)
def caj(target: Path) -> None:
    target.write_bytes(b"CAJ\x00" + fixed.noise("caj", 8_000))


@sort("报送系统.exe", "可执行程序(只有文件头)", "application/x-executable", state=ReadState.UNSUPPORTED)
def exe(target: Path) -> None:
    head = b"MZ" + bytes(58) + (64).to_bytes(4, "little")
    target.write_bytes(head + b"PE\x00\x00\x64\x86" + bytes(200) + fixed.noise("exe", 2_000))
