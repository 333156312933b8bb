"""What was sent, what was read from it, where it was placed, and what checks said of it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import msgspec

from archive_schema.words import EvidenceKind, Outcome, PlacementMethod, PlacementStatus, ReadState, Severity


class Fact(msgspec.Struct, frozen=True, omit_defaults=False):
    """要素: one thing read from a file.

    value       str, int, float, bool, list of str, or None; dates as ``YYYY-MM-DD``
    raw         as it stood in the file, or None
    confidence  0…1, or None when nothing measured it
    page        1-based, or None
    method      ``reader@version`` with an optional ``/how``, e.g. ``pdf@1/head``; ``form``, ``attested`` for people's words
    others      readings that differ from ``value`` (kept, and reported)
    """

    value: Any
    raw: str | None = None
    confidence: float | None = None
    page: int | None = None
    method: str = ""
    others: tuple[str, ...] = ()


Facts = dict[str, Fact]

#: method of what a named person said
ATTESTED = "attested"

#: the fact keys with their Chinese names, in the order in which they are shown
FACT_NAMES: dict[str, str] = {
    "title": "标题",
    "document_number": "发文字号",
    "issuer": "发文机关",
    "issued_on": "成文日期",
    "date_unread": "不成日期的落款",
    "addressee": "主送机关",
    "signer": "署名",
    "attachments": "附件说明",
    "seal": "印章",
    "draft_mark": "草稿标记",
    "secrecy": "密级",
    "secrecy_period": "保密期限",
    "urgency": "紧急程度",
    "copy_number": "份号",
    "pages": "页数",
    "text_chars": "文字数",
    "taken_on": "拍摄日期",
    "caption": "图片说明",
    "caption_time": "说明·时间",
    "caption_place": "说明·地点",
    "caption_people": "说明·人物",
    "caption_theme": "说明·主题",
    "caption_background": "说明·背景",
    "caption_reason": "说明·事由",
    "width": "宽(像素)",
    "height": "高(像素)",
    "camera": "相机",
    "gps": "拍摄位置",
    "orientation": "方向",
    "edited_by": "编辑软件",
    "sharpness": "清晰度",
    "fingerprint": "图像指纹",
    "camera_clock": "相机时钟(不可信)",
    "watermark": "水印",
    "imprint": "画面印字",
    "date_stamp": "画面日期",
    "collage": "拼接缝",
    "sheets": "工作表",
    "table_rows": "数据行数",
    "table_columns": "列名",
    "table_date": "统计时段",
    "table_units": "计量单位",
    "table_scope": "统计口径",
    "table_source": "数据来源",
    "table_numeric": "数值列",
    "numbers_unread": "读不出的数",
    "table_totals": "合计行",
    "totals_differ": "合计不符",
    "totals_apart": "合计相差的比例",
    "formula_errors": "公式错误",
    "macros": "宏",
    "members": "压缩包内文件数",
    "pictures": "图片数",
    "signatures": "电子签名数(未验证)",
    "author": "作者(文件属性)",
    "created_on": "创建日期(文件属性)",
    "garbled": "乱码比例",
    "figures_count": "数据个数",
    "figures": "数据",
    "figures_at": "数据的年份和位置",
    "measures": "措施用语",
    "results": "成效用语",
    "summary_style": "总结式用语",
    "explains": "说明式用语",
    "period": "所述时段",
    "attachments_absent": "未见的附件",
    "pages_absent": "缺少的页码",
    "table_years": "年份列",
    "table_figures": "表中各数",
    "ratios_odd": "超出范围的比率",
    "ratios_differ": "与算式不符的比率",
    "persons": "个人信息",
}


def fact_said(text: str) -> tuple[str, str]:
    """(fact key, value) of what a person typed as ``要素=值``; "" for a key that is none, for a value that is not there."""
    name, value = (p.strip() for p in (*re.split("[=＝]", text, maxsplit=1), "")[:2])
    return next((key for key, zh in FACT_NAMES.items() if name in (key, zh)), ""), value


class FormRow(msgspec.Struct, frozen=True):
    """One row of a 提交表 (submission form) that names a file. Text as typed; nothing is interpreted here."""

    file: str
    item: str = ""
    kind: str = ""
    title: str = ""
    date: str = ""
    conclusion: str = ""
    submitted_at: str = ""
    form_path: str = ""
    row: int = 0


class Reading(msgspec.Struct, frozen=True):
    """What a reader made of one file; the result of intake for one evidence."""

    media_type: str
    reader: str  # name@version; "" when no reader exists for the format
    state: ReadState
    facts: Facts = {}
    text: str = ""  # kept under derived/, never in the series
    detail: str = ""  # Chinese: what was not read, and why
    volatile: bool = False  # depends on a time limit or on OCR: stays out of the state digest
    grid: bytes = b""  # a table cell by cell (``archive_schema.grid``), kept under derived/, never in the series


class Source(msgspec.Struct, frozen=True):
    """来件: one delivered file. Key: (folder, path)."""

    folder: str  # the folder under the inbox, as sent; "" for a file lying in the inbox itself
    path: str  # below that folder, as sent, ``/`` between parts, ``a.zip!/b.pdf`` for a member
    unit: str  # the unit's name when the folder is known, else the folder's name
    unit_known: bool
    sha256: str
    size: int
    mtime_ns: int
    first_seen_at: datetime
    submitted_at: datetime | None = None
    form: FormRow | None = None
    member_of: str | None = None  # SHA-256 of the container
    present: bool = True
    auxiliary: bool = False  # a 提交表 or a sidecar text: says something about other files, asks for no placement
    caption: Fact | None = None  # of a picture: by form, sidecar text or file name, so it belongs to the source
    caption_facts: Facts = {}  # 时间 地点 人物 主题 背景 事由 of the caption, as far as found; lists of str


class Evidence(msgspec.Struct, frozen=True):
    """材料: one distinct sequence of bytes and the facts read from it. SHA-256 names it, SM3 (``archive_schema.sm3``) only attests it."""

    sha256: str
    size: int
    media_type: str
    reader: str
    state: ReadState
    facts: Facts
    detail: str = ""
    volatile: bool = False
    auxiliary: bool = False  # a 压缩包 whose members are evidence of their own: asks for no placement
    object_key: str = ""
    run: str = ""
    sm3: str | msgspec.UnsetType = msgspec.UNSET  # of the same bytes, where it is asked for; unset is not written at all


class Candidate(msgspec.Struct, frozen=True):
    """A possible item, with what speaks for it. ``score`` 0…1, or None when unscored."""

    item: str
    score: float | None
    reasons: tuple[str, ...] = ()
    kind: EvidenceKind | None = None


class KindGuess(msgspec.Struct, frozen=True):
    name: EvidenceKind
    score: float | None
    reasons: tuple[str, ...] = ()


class Placement(msgspec.Struct, frozen=True):
    """归类: sources of one unit holding one evidence ↔ one requirement. Key: (sha256, unit, item, kind)."""

    sha256: str
    unit: str
    item: str
    kind: EvidenceKind
    method: PlacementMethod
    score: float | None
    status: PlacementStatus
    reasons: tuple[str, ...] = ()
    decision: str | None = None  # id of the decision that made it what it is


class Proposal(msgspec.Struct, frozen=True):
    """What classification says of one evidence as sent by one unit. No placements = unplaced; candidates are the best guesses."""

    sha256: str
    unit: str
    kind: KindGuess | None
    placements: tuple[Placement, ...]
    candidates: tuple[Candidate, ...] = ()
    classifier: str = ""  # name@version/catalogue digest


class CheckOutcome(msgspec.Struct, frozen=True):
    """Outcome of one check. Scope: empty unit/item/kind = the whole evidence, else one placement.

    text   Chinese, naming the file or place; empty for a pass
    """

    code: str
    outcome: Outcome
    severity: Severity
    text: str = ""
    unit: str = ""
    item: str = ""
    kind: str = ""
    waived: bool = False

    def about(self, unit: str, item: str, kind: str) -> bool:
        """Does it hold of this placement, or of all of a wider scope?"""
        return self.unit in ("", unit) and self.item in ("", item) and self.kind in ("", kind)
