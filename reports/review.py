"""The sheet on which archivists decide without a terminal: written by ``review_xlsx``, read back by ``parse_review_xlsx``.

One row per doubtful file. What we say stands left, what the archivist says right; only the right-hand columns, the digest,
the unit and our proposal are read back. Acts that are not about one doubtful file (以新替旧, 改派, 不适用, 撤销意见) stay with
the command line.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from archive_schema.catalogue import Item
from archive_schema.dates import parse_day
from archive_schema.errors import DataError
from archive_schema.evidence import FACT_NAMES, Candidate, fact_said
from archive_schema.outputs import ReviewEntry
from archive_schema.text import squeeze
from archive_schema.words import DecisionAction, EvidenceKind
from reports import workbook

SHEET, ITEMS, HELP = "待处理", "编号", "说明"

#: column → width; the ones from 处理 on are the archivist's
COLUMNS: dict[str, int] = {
    "序号": 6,
    "SHA-256": 14,
    "责任单位": 16,
    "文件": 44,
    "标题": 36,
    "建议编号": 11,
    "建议类型": 11,
    "得分": 7,
    "建议理由": 36,
    "其他候选": 36,
    "问题": 40,
    "处理": 12,
    "改归编号": 12,
    "改归类型": 12,
    "问题代码": 14,
    "认定（要素=值）": 22,
    "期限": 13,
    "理由（必填）": 30,
    "经办人": 11,
}
OURS = tuple(COLUMNS)[:11]
THEIRS = tuple(COLUMNS)[11:]
ACT, ITEM, KIND, CODE, ATTEST, DUE, REASON, BY = THEIRS

ACTIONS: dict[DecisionAction, str] = {
    DecisionAction.ACCEPT: "建议的编号和类型是对的",
    DecisionAction.MOVE: f"应属别处：填“{ITEM}”“{KIND}”（类型不变可不填）",
    DecisionAction.REJECT: "不属于建议的编号，也不指定别处；未归类的：不归任何一项，不再列出",
    DecisionAction.RETURN: f"退回责任单位重报，“{DUE}”可填何时之前",
    DecisionAction.ATTEST: f"人工核对过的要素：在“{ATTEST}”中写，例如 成文日期=2026-03-01",
    DecisionAction.WAIVE: f"某个问题可以不计：填“{CODE}”，一行一个",
    DecisionAction.WITHDRAW: "误报的材料，不再计入",
}
#: an uploaded workbook that unpacks to more is refused
_UNPACKED = 200 * 1024**2


class ReviewRow(msgspec.Struct, frozen=True):
    """One act as written in the sheet; ``row`` is the row number there. ``item`` is as typed: the catalogue resolves it."""

    row: int
    sha256: str
    unit: str
    action: DecisionAction
    reason: str
    by: str
    item: str = ""
    kind: EvidenceKind | None = None
    code: str = ""
    fact: str = ""
    value: str = ""
    due: date | None = None


def review_xlsx(entries: Iterable[ReviewEntry], items: Sequence[Item], *, when: datetime | None = None) -> bytes:
    """The workbook: the doubtful files with drop-downs, the catalogue's ids to look up, and how to fill it in.

    :param items: the items under material review.
    :param when: printed as the file's own time.
    """
    book = workbook.new(when)
    rows = [_row(e) for e in sorted(entries, key=lambda e: (e.number, e.sha256, e.unit))]
    sheet = workbook.add_sheet(book, SHEET, list(COLUMNS), rows, widths=list(COLUMNS.values()))
    sheet.freeze_panes = "E2"
    _input_cells(sheet, len(rows), len(items))
    listing = [[i.id, i.standard, i.content, "、".join(i.kinds), "、".join(i.units)] for i in items]
    workbook.add_sheet(
        book, ITEMS, ["编号", "测评标准", "测评内容", "材料类型", "责任单位"], listing, widths=[12, 50, 26, 36, 30]
    )
    workbook.add_sheet(book, HELP, ["处理", "何时用、怎样填"], _help(), widths=[16, 60])
    return workbook.to_bytes(book)


def _row(e: ReviewEntry) -> list[object]:
    others = [c for c in e.candidates if c.item != e.item or c.kind not in (None, e.kind)]
    return [
        e.number,
        e.sha256,
        e.unit,
        e.path,
        e.title,
        e.item,
        e.kind.value if e.kind else "",
        None if e.score is None else round(e.score, 2),
        "\n".join(e.reasons),
        "\n".join(_candidate(c, why=not e.item) for c in others),
        "\n".join(e.findings),
        *([""] * len(THEIRS)),
    ]


def _candidate(c: Candidate, *, why: bool) -> str:
    """``why``: with its reasons, where the file stands nowhere and they are all there is to go by."""
    told = [c.item, c.kind.value if c.kind else "", "未评分" if c.score is None else f"{c.score:.2f}"]
    return " ".join(filter(None, [*told, "；".join(c.reasons) if why else ""]))


def _input_cells(sheet: Any, rows: int, items: int) -> None:
    """Colour the cells to fill in, keep what is typed as text (``1-1`` is no date), offer the choices."""
    from openpyxl.styles import PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    fill = PatternFill("solid", start_color="FFFBE6")
    last = max(2, rows + 1)
    for column in THEIRS:
        at = list(COLUMNS).index(column) + 1
        for n in range(2, rows + 2):
            cell = sheet.cell(row=n, column=at)
            cell.fill = fill
            cell.number_format = "yyyy-mm-dd" if column == DUE else "@"
    choices = {
        ACT: '"' + ",".join(a.zh for a in ACTIONS) + '"',
        KIND: '"' + ",".join(EvidenceKind) + '"',
        ITEM: f"'{ITEMS}'!$A$2:$A${max(2, items + 1)}",
    }
    for column, formula in choices.items():
        choice = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=True)
        choice.errorTitle, choice.error = "不在可选范围", f"“{column}”请从下拉列表中选择"
        letter = get_column_letter(list(COLUMNS).index(column) + 1)
        choice.add(f"{letter}2:{letter}{last}")
        sheet.add_data_validation(choice)


def _help() -> list[list[object]]:
    lines: list[list[object]] = [[a.zh, text] for a, text in ACTIONS.items()]
    lines += [
        ["", ""],
        ["怎样交回", "存盘后运行 dangan review import 本文件；有错的行会逐一指出行和列，一处有错则全部不导入"],
        ["只填浅黄色的列", f"“{ACT}”空着的行不处理，别的列也须空着；填了“{ACT}”的行，“{REASON}”“{BY}”必填"],
        ["一件多个处理", "把整行复制一行，各填一个处理"],
        [
            "几个单位送来同一件",
            f"“{DecisionAction.REJECT.zh}”“{DecisionAction.RETURN.zh}”“{DecisionAction.WITHDRAW.zh}”只办“责任单位”列所写的；空着的须写明，都要办的写“各单位”",
        ],
        [
            "问题写着“未检”的",
            f"确认归类不算查过：看过原件后用“{DecisionAction.ATTEST.zh}”或“{DecisionAction.WAIVE.zh}”（问题代码写在问题前面），或退回",
        ],
        ["不能豁免", "打不开的文件和完整性问题不能豁免，请退回"],
        ["不在此表办理", "以新替旧、改派责任单位、不适用、撤销意见：用 dangan review 命令"],
        ["要素名称", "、".join(FACT_NAMES.values())],
    ]
    return lines


#: what is wrong with a cell as typed, Chinese; "" = nothing
CellCheck = Callable[[str], str]
#: the column in which a whole row is wrong, and why; None = it is not
RowCheck = Callable[[ReviewRow], tuple[str, str] | None]


def parse_review_xlsx(
    data: bytes, *, by: str = "", cells: Mapping[str, CellCheck] | None = None, row: RowCheck = lambda row: None
) -> list[ReviewRow]:
    """The acts written in a sheet that ``review_xlsx`` made. Rows where nothing (but who) is written are passed over.

    :param by: who did it where the sheet names nobody.
    :param cells: by column, what only the archive can say of a cell (``ITEM`` of a move, ``CODE`` of a waiver); asked of rows that are
        wrong elsewhere, too. :param row: what it says of an act as a whole; asked of rows without a fault, in their order.
    :raises DataError: not such a workbook, or rows that are wrong; ``problems`` names row and column of every fault.
    """
    sheet = _open(data)
    rows = sheet.iter_rows(values_only=True)
    known = {squeeze(c): c for c in COLUMNS}
    header = [known.get(squeeze(_text(c)), "") for c in next(rows, ())]
    missing = [c for c in ("SHA-256", "责任单位", "建议编号", "建议类型", *THEIRS) if c not in header]
    if missing:
        raise _wrong([f"第 1 行: 缺少列“{c}”" for c in missing])
    problems: list[str] = []
    out = []
    for n, values in enumerate(rows, 2):
        typed = dict(zip(header, values, strict=False))
        if not _text(typed.get(ACT)):
            if filled := [c for c in THEIRS if c != BY and _text(typed.get(c))]:
                problems.append(_fault(n, ACT, f"填了“{filled[0]}”，没有选处理；不处理的请把它清空"))
        elif (parsed := _parse_row(n, typed, by, problems, cells or {})) is not None:
            if (wrong := row(parsed)) is not None:
                problems.append(_fault(n, *wrong))
            out.append(parsed)
    if problems:
        raise _wrong(problems)
    return out


def column_of(row: ReviewRow, code: str) -> str:
    """The column in which an act is wrong that the archive refuses; where it is not one cell's fault, what was chosen to do.

    :param code: of the refusal.
    """
    moved = row.action is DecisionAction.MOVE
    match code:
        case "decision.unknown-item" | "decision.not-reviewed":
            return ITEM if moved else "建议编号"
        case "decision.kind-not-asked":
            return KIND if moved else "建议类型"
        case "decision.unknown-evidence" | "review.unknown-file" | "review.ambiguous":
            return "SHA-256"
        case "review.whose":
            return "责任单位"
        case "checks.unknown" | "review.not-waivable":
            return CODE
        case "review.not-attestable":
            return ATTEST
        case "review.past":
            return DUE
        case _:
            return ACT


def _open(data: bytes) -> Any:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            if sum(i.file_size for i in z.infolist()) > _UNPACKED:
                raise ValueError("unpacks to too much")
        book = load_workbook(io.BytesIO(data), data_only=True)
        if SHEET in book.sheetnames:
            return book[SHEET]
    except Exception as e:
        raise DataError(
            f"not a workbook: {e}",
            zh="打不开这个表格",
            code="review.unreadable",
            hint="请用 dangan review export 导出的表格，存为 .xlsx 后再导入",
        ) from e
    raise _wrong([f"没有名为“{SHEET}”的工作表"])


def _wrong(problems: list[str]) -> DataError:
    return DataError(
        f"{len(problems)} problems in the review sheet",
        zh=f"审核表有 {len(problems)} 处错误",
        code="review.wrong",
        hint="请按上面的行、列逐处改正后重新导入；没有任何意见被记录",
        problems=tuple(problems),
    )


def _fault(n: int, column: str, why: str) -> str:
    return f"第 {n} 行“{column}”: {why}"


def _parse_row(
    n: int, cells: dict[str, Any], default_by: str, problems: list[str], asked: Mapping[str, CellCheck]
) -> ReviewRow | None:
    before = len(problems)

    def bad(column: str, why: str) -> None:
        problems.append(_fault(n, column, why))

    text = {c: _text(v) for c, v in cells.items()}
    action = next((a for a in ACTIONS if text[ACT] in (a.zh, a.value)), None)
    if action is None:
        bad(ACT, f"不认识“{text[ACT]}”，只能是 {'、'.join(a.zh for a in ACTIONS)}")
        return None
    sha256 = text["SHA-256"].lower()
    if not re.fullmatch("[0-9a-f]{64}", sha256):
        bad("SHA-256", "不是完整的摘要（64 位），请勿改动这一列")
    by = text[BY] or default_by
    for column, value in ((REASON, text[REASON]), (BY, by)):
        if not value:
            bad(column, "必填")
    item, kind = _target(action, text, bad)
    if action is DecisionAction.WAIVE and not text[CODE]:
        bad(CODE, "豁免问题须写明问题代码")
    for act, column in ((DecisionAction.MOVE, ITEM), (DecisionAction.WAIVE, CODE)):
        if action is act and text[column] and column in asked and (why := asked[column](text[column])):
            bad(column, why)
    fact, value = _fact(text[ATTEST], bad) if action is DecisionAction.ATTEST else ("", "")
    due = _date(cells.get(DUE), bad) if action is DecisionAction.RETURN else None
    if len(problems) > before:
        return None
    code = squeeze(text[CODE]).upper() if action is DecisionAction.WAIVE else ""
    return ReviewRow(n, sha256, text["责任单位"], action, text[REASON], by, item, kind, code, fact, value, due)


def _target(action: DecisionAction, text: dict[str, str], bad: Callable[[str, str], None]) -> tuple[str, EvidenceKind | None]:
    """Item and kind that the act is about: what was proposed, or where it is moved."""
    proposed = text["建议编号"]
    if action is DecisionAction.MOVE:
        if not text[ITEM]:
            bad(ITEM, "改归须写明编号")
        kind = _kind(KIND if text[KIND] else "建议类型", text, bad)
        if kind is None and not text[KIND]:
            bad(KIND, "改归须写明材料类型")
        return text[ITEM], kind
    if action in (DecisionAction.ACCEPT, DecisionAction.REJECT):
        if text[ITEM]:
            bad(ACT, f"填了“{ITEM}”，处理应为“{DecisionAction.MOVE.zh}”")
        if action is DecisionAction.ACCEPT and not proposed:
            bad(ACT, f"本件未归类，请用“{DecisionAction.MOVE.zh}”并填编号和类型")
        return proposed, _kind("建议类型", text, bad) if proposed else None
    return "", None


def _kind(column: str, text: dict[str, str], bad: Callable[[str, str], None]) -> EvidenceKind | None:
    if text[column] and text[column] not in set(EvidenceKind):
        bad(column, f"不认识“{text[column]}”，只能是 {'、'.join(EvidenceKind)}")
        return None
    return EvidenceKind(text[column]) if text[column] else None


def _fact(text: str, bad: Callable[[str, str], None]) -> tuple[str, str]:
    key, value = fact_said(text)
    if not value:
        bad(ATTEST, "应写成 要素=值，例如 成文日期=2026-03-01")
    elif not key:
        bad(ATTEST, f"没有名为“{re.split('[=＝]', text)[0].strip()}”的要素，名称见“{HELP}”表")
    return key, value


def _date(value: Any, bad: Callable[[str, str], None]) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = _text(value)
    if not text:
        return None
    day = parse_day(text)
    if day is None:
        bad(DUE, f"“{text}”不是日期（应如 2026-09-30）")
    return day


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()
