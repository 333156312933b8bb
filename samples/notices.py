"""The ordinary 通知 that most bad files are made from."""

from __future__ import annotations

from datetime import date
from typing import Any

from samples.layout import OfficialDocument, typeset

#: opens the files that are encrypted
PASSWORD = "danGan-2026"


def notice(**changed: Any) -> OfficialDocument:
    """An ordinary, whole 通知; ``changed`` fields replace its own."""
    plain: dict[str, Any] = {
        "issuer": "示例市文明办",
        "title": "关于做好诚信红黑榜发布工作的通知",
        "paragraphs": tuple(
            typeset(p)
            for p in (
                "为做好诚信红黑榜发布工作,现就有关事项通知如下。",
                "一、各单位每两个月报送一次红榜和黑榜名单,来源可查,内容真实。",
                "二、名单由市文明办统一发布,发布后三十日内归档。",
            )
        ),
        "mark": "示例市文明办文件",
        "number": "示文明办发〔2026〕12号",
        "issued_on": date(2026, 3, 5),
        "addressee": "市直各单位",
        "seal": True,
    }
    return OfficialDocument(**(plain | changed))


def notice_pdf(**changed: Any) -> bytes:
    from samples import pdf as form

    return form.official_document(notice(**changed))


def notice_docx(**changed: Any) -> bytes:
    from samples import word as form

    return form.official_document(notice(**changed))
