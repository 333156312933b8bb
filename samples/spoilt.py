"""A hostile crowd: seeded spoilt copies of good files, bombs and traps, for whoever has to survive them all.

``spoil`` spoils given bytes; ``make_crowd`` writes a folder of several hundred small files: good ones of every form, their
spoilt copies, and the traps below. The same seed gives the same bytes.
"""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from samples import fixed, hostile, layout
from samples.notices import notice

#: larger files are left as they are: the crowd is to be many, not large
_LARGEST = 300_000
_NUMBER = re.compile(rb"\d{1,8}")
_HUGE = (b"0", b"-1", b"4294967295", b"9999999999999999999", b"1e308")


def spoil(data: bytes, rng: random.Random) -> bytes:
    """A copy with one sort of damage, chosen by ``rng``."""
    if len(data) < 16:
        return data + rng.randbytes(40)
    return rng.choice(_WAYS)(data, rng)


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(1, len(data))]


def _headless(data: bytes, rng: random.Random) -> bytes:
    return data[rng.randrange(1, len(data)) :]


def _flip(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice((1, 8, 64))):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def _blank(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    size = rng.randrange(1, max(2, len(data) // 4))
    return data[:at] + bytes(len(data[at : at + size])) + data[at + size :]


def _drop(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + data[at + rng.randrange(1, max(2, len(data) // 4)) :]


def _double(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    piece = data[at : at + rng.randrange(1, max(2, len(data) // 4))]
    return data[:at] + piece * rng.choice((2, 9)) + data[at:]


def _swap(data: bytes, rng: random.Random) -> bytes:
    a, b, c = sorted(rng.randrange(len(data)) for _ in range(3))
    return data[:a] + data[b:c] + data[a:b] + data[c:]


def _insert(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + rng.randbytes(rng.choice((1, 40, 4_000))) + data[at:]


def _count(data: bytes, rng: random.Random) -> bytes:
    """Some numbers become impossible ones: lengths, offsets, counts."""
    share = rng.choice((0.02, 0.2))
    return _NUMBER.sub(lambda m: rng.choice(_HUGE) if rng.random() < share else m[0], data)


def _within(data: bytes, rng: random.Random) -> bytes:
    """One part of a ZIP container is spoilt, with its check sum right again; other files are flipped."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            parts = [(i.filename, z.read(i)) for i in z.infolist()]
    except (zipfile.BadZipFile, RuntimeError, OSError, NotImplementedError):
        return _flip(data, rng)
    if not parts:
        return _flip(data, rng)
    at = rng.randrange(len(parts))
    ways = (_cut, _flip, _blank, _drop, _double, _swap, _count)
    name, body = parts[at]
    parts[at] = (name, rng.choice(ways)(body, rng) if len(body) > 16 else b"")
    return fixed.zip_bytes(parts)


_WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _cut,
    _headless,
    _flip,
    _blank,
    _drop,
    _double,
    _swap,
    _insert,
    _count,
    _within,
    _within,  # most formats are containers, and what is inside is read by other code
)


def good_files(folder: Path) -> list[Path]:
    """Small good files of every form the project makes itself."""
    from PIL import Image

    from samples import photo

    folder.mkdir(parents=True, exist_ok=True)
    table = layout.Table(
        title="示例市设施统计表",
        header=("序号", "区(县)", "数量(个)"),
        rows=((1, "东示区", 6), (2, "西示区", 4)),
        measure="个",
        period="2026年1月至6月",
        totals=("合计", "", 10),
    )
    told = layout.Report("关于诚信红黑榜发布情况的说明", notice().paragraphs, "示例市文明办", date(2026, 6, 30))
    made = [layout.official_document(notice(), folder / f"通知.{form}") for form in ("pdf", "docx", "txt")]
    made += [layout.report(told, folder / f"说明.{form}") for form in ("pdf", "docx")]
    made += [layout.table_xlsx(table, folder / "统计表.xlsx"), layout.table_csv(table, folder / "统计表.csv")]
    scene = photo.draw("spoilt", 320, 240, "street")
    for form in ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"):
        made.append(folder / f"现场.{form.lower()}")
        scene.save(made[-1], form)
    Image.new("1", (90, 90)).save(folder / "空白.png")
    (folder / "材料.zip").write_bytes(fixed.zip_bytes((p.name, p.read_bytes()) for p in made[:3]))
    return [*made, folder / "空白.png", folder / "材料.zip"]


def make_crowd(into: Path, *, files: int = 400, seed: int = 1, seeds: Path | None = None) -> int:
    """Write a crowd into the folder: every sort of ``hostile``, the traps, good files, and spoilt copies up to ``files``.

    :param seeds: a folder of further files to spoil copies of.
    :returns: count of files written.
    """
    rng = random.Random(f"crowd {seed}")
    good = good_files(into / "好文件")
    written = len(good)
    for name, sort in hostile.SORTS.items():
        hostile.produce(name, _folder(into / "坏文件" / name), "" if sort.named else sort.file)
        written += 1
    traps = _folder(into / "陷阱")
    for name, data in _traps():
        (traps / name).write_bytes(data)
        written += 1
    parents = [p for p in [*good, *sorted((into / "坏文件").rglob("*"))] if p.is_file() and 0 < p.stat().st_size <= _LARGEST]
    parents += [p for p in sorted(seeds.rglob("*")) if p.is_file() and 0 < p.stat().st_size <= _LARGEST] if seeds else []
    suffixes = sorted({p.suffix for p in parents if p.suffix})
    n = 0
    while written < files:
        parent = parents[n % len(parents)]
        suffix = parent.suffix if rng.random() < 0.85 else rng.choice(suffixes)
        target = _folder(into / "改坏的" / f"{n // 100:03}") / f"{n:05}{suffix}"
        target.write_bytes(spoil(parent.read_bytes(), rng))
        written, n = written + 1, n + 1
    return written


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def _traps() -> Iterator[tuple[str, bytes]]:
    """Small files that ask for much: of time, of memory, of depth, of another place."""
    wide = "关于" * 40_000
    yield "一行很长.txt", wide.encode()
    yield "全是空格.txt", (" \u3000\t" * 100_000).encode()
    yield "全是括号.txt", ("(（〔[" * 60_000).encode()
    yield "像文号.txt", ("市府发〔2017〕" * 30_000 + "\n" + "1" * 200_000).encode()
    yield "像日期.txt", ("二〇一七年" * 40_000 + "2017." * 40_000).encode()
    yield "顿号单位.txt", "\n".join("、".join(["示例市教育局"] * 12) for _ in range(2_000)).encode()
    yield "附件很多.txt", ("附件:\n" + "".join(f"{n}.某某名单\n" for n in range(30_000))).encode()
    yield "零字节夹杂.txt", ("通知" * 500).encode("utf-16-le") + bytes(3) + "通知".encode() * 99
    yield "很多列.csv", ("甲," * 60_000 + "\n" + "1," * 60_000).encode()
    yield "引号不闭.csv", ('"' + "乙," * 50_000).encode()
    yield "合计很多.csv", ("区,数\n" + "合计,1\n" * 5_000 + "其中:,2\n" * 5_000).encode()
    yield "数字很长.csv", ("区,数\n" + f"东,{'9' * 39}\n西,{'1,' * 19}1万亿\n" * 500).encode()
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha" * 50}">' for n in range(12))
    bomb = f'<?xml version="1.0"?><!DOCTYPE b [{lol}]><b>&l11;</b>'.encode()
    deep = b"<w:p>" * 60_000 + b"</w:p>" * 60_000
    word = (
        b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>%s</w:body></w:document>'
    )
    for name, base, part in (
        ("通知.docx", "通知.docx", "word/document.xml"),
        ("统计表.xlsx", "统计表.xlsx", "xl/worksheets/sheet1.xml"),
    ):
        for how, body in (("实体炸弹", bomb), ("层次很深", word % deep), ("空", b""), ("外部实体", _OUTSIDE)):
            yield f"{how}{name}", _replaced(base, part, body)
    yield "自指页树.pdf", _pdf(b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>")
    yield "页数很多.pdf", _pdf(b"<< /Type /Pages /Kids [3 0 R] /Count 2147483647 >>")
    yield "层层嵌套.pdf", _pdf(b"<< /Type /Pages /Kids " + b"[" * 30_000 + b"]" * 30_000 + b" /Count 1 >>")
    yield "自身.zip", fixed.zip_bytes([("自身.zip", b"PK\x05\x06" + bytes(18))])
    yield "同名.zip", fixed.zip_bytes([("甲.txt", b"1\n"), ("甲.txt", b"2\n"), ("甲.TXT", b"3\n")])
    yield "成员很多.zip", fixed.zip_bytes((f"{n}.txt", b"") for n in range(6_000))
    yield (
        "怪名.zip",
        fixed.zip_bytes([("a\x00b.txt", b"x"), ("con", b"y"), ("..", b"z"), ("./../../甲.txt", b"w"), ("/", b"v")]),
    )
    yield "套娃.zip", _nested(4, [("数据.txt", bytes(4 * 1024**2))])
    yield "像图.jpg", b"\xff\xd8\xff\xe0" + b"\xff" * 100_000
    yield "宽得出奇.bmp", b"BM" + b"\xff\xff\xff\x7f" * 13 + bytes(200)
    yield "帧很多.gif", _frames(400)


_OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y SYSTEM "http://127.0.0.1:9/">]><a>&x;&y;</a>'


def _replaced(name: str, part: str, body: bytes) -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        source = next(p for p in good_files(Path(folder)) if p.name == name)
        with zipfile.ZipFile(source) as z:
            parts = {i.filename: z.read(i) for i in z.infolist()}
    return fixed.zip_bytes((parts | {part: body}).items())


def _pdf(pages: bytes) -> bytes:
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>"
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", pages, page]
    body = b"%PDF-1.4\n"
    places = []
    for n, obj in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (n, obj)
    table = b"".join(b"%010d 00000 n \n" % p for p in places)
    return body + b"xref\n0 4\n0000000000 65535 f \n%strailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        len(body),
    )


def _nested(levels: int, members: list[tuple[str, bytes]]) -> bytes:
    data = fixed.zip_bytes(members)
    for n in range(levels):
        data = fixed.zip_bytes((f"{n}-{k}.zip", data) for k in range(3))
    return data


def _frames(count: int) -> bytes:
    from PIL import Image

    frames = [Image.new("RGB", (40, 40), (n % 256, n // 2, 90)) for n in range(count)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()
