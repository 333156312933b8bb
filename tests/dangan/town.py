"""The files that the departments of a small town sent: a handful of good ones, a handful of bad ones."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path

from samples import hostile, layout

WINDOW = "2025-11-01..2026-10-31"
LEAD, COURT, SCHOOLS = "市文明办", "市中级法院", "市教育局"

#: placed by its number and by its words, every check passed: III18-1 规范文件 is usable
NOTICE = f"{LEAD}/III18-1 诚信红黑榜发布制度.docx"
#: the newer version of it
NEWER = f"{LEAD}/III18-1 诚信红黑榜发布制度(修订).docx"
#: no 发文字号: III18-2 规范文件 is unusable
UNNUMBERED = f"{COURT}/III18-2 联合惩戒备忘录.docx"
#: no date anywhere: III18-1 统计表格 is in review
UNDATED = f"{LEAD}/III18-1 诚信红黑榜发布情况统计表.xlsx"
#: its words alone speak for III18-1, and this town trusts no words alone: in review
DOUBTFUL = f"{LEAD}/征求意见稿.docx"
#: nothing speaks for any item
NOWHERE = f"{SCHOOLS}/缩略图.jpg"
ARCHIVE = f"{SCHOOLS}/旧版压缩包.zip"
SECRET = f"{LEAD}/涉密.pdf"
FILES = (NOTICE, NEWER, UNNUMBERED, UNDATED, DOUBTFUL, NOWHERE, ARCHIVE, SECRET)


def document(into: Path, title: str, number: str, **more: object) -> Path:
    """A 规范文件 of the window."""
    fields: dict[str, object] = {
        "issuer": "示例市文明办",
        "title": f"关于印发《{title}》的通知",
        "paragraphs": ("现将有关事项通知如下,请结合实际认真贯彻落实。" * 8, f"一、{title}自印发之日起施行。"),
        "mark": "示例市文明办文件" if number else "",
        "number": number,
        "issued_on": date(2026, 3, 5),
        "addressee": "市直各单位",
    }
    return layout.official_document(layout.OfficialDocument(**(fields | more)), into)  # type: ignore[arg-type]


def fill(inbox: Path) -> None:
    """Put the files into the folders that ``dangan init`` made."""
    document(inbox / NOTICE, "诚信红黑榜发布制度", "示文明办发〔2026〕21号")
    document(inbox / NEWER, "诚信红黑榜发布制度", "示文明办发〔2026〕22号", issued_on=date(2026, 6, 1))
    document(inbox / UNNUMBERED, "失信被执行人联合惩戒备忘录", "")
    layout.table_xlsx(
        layout.Table(
            title="诚信红黑榜发布情况统计表", header=("区县", "红榜", "黑榜"), rows=(("东示区", 6, 5), ("西示区", 4, 3))
        ),
        inbox / UNDATED,
    )
    layout.photo(
        layout.Photo(seed="town", taken_at=datetime(2026, 4, 5, 9, 30)),  # noqa: DTZ001 - EXIF knows no zone
        inbox / LEAD / "III18-1 诚信红黑榜公示栏.jpg",
    )
    for name, place in (
        ("draft", DOUBTFUL),
        ("small_photo", NOWHERE),
        ("gbk_zip", ARCHIVE),
        ("secret_pdf", SECRET),
        ("empty_file", f"{SCHOOLS}/空文件.docx"),
        ("thumbs_db", f"{SCHOOLS}/Thumbs.db"),
    ):
        hostile.produce(name, (inbox / place).parent)
    for file in inbox.rglob("*"):
        if file.is_file():
            os.utime(file, (1_780_000_000, 1_780_000_000))
