"""What one 提交表 says, read from its bytes inside a child process: they are as hostile as any.

A workbook, a Word document or a CSV file holds one or more tables: a header that names a file or a title, and rows. The item may
stand once over the table, the conclusion over or under it; what a cell merged over rows holds is said by all of them. Cells are
kept as typed; only what cannot be used is reported. Who is meant by a row is asked in ``intake.forms``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from archive_schema.cycle import Limits
from archive_schema.dates import parse_date
from archive_schema.evidence import FormRow
from archive_schema.text import nfc, squeeze

if TYPE_CHECKING:
    from intake.readers.sheets import Sheet

#: rises when the same form may say something else: forms that were taken in are then read again (law 7)
VERSION = 2
MARK = "提交表"
#: field of FormRow → headings that mean it (squeezed); the first that a form has wins (本项目默认)
HEADINGS: dict[str, tuple[str, ...]] = {
    "file": (
        "文件",
        "文件名",
        "文件名称",
        "附件",
        "附件名",
        "附件名称",
        "对应文件",
        "电子文件",
        "电子文件名",
        "材料文件名",
        "路径",
        "file",
    ),
    "item": ("编号", "测评标准", "项目编号", "标准编号", "测评标准编号", "测评编号", "指标编号", "对应标准", "item"),
    "kind": ("材料类型", "材料类别", "类型", "类别", "kind"),
    "title": (
        "标题",
        "材料名称",
        "材料标题",
        "材料题名",
        "提交材料名称",
        "提交材料",
        "题名",
        "图片说明",
        "说明",
        "名称",
        "title",
    ),
    "date": ("日期", "成文日期", "拍摄日期", "形成日期", "材料日期", "成文时间", "拍摄时间", "时间", "date"),
    "conclusion": ("结论", "自评结论", "自评", "自评结果", "自评等次", "是否符合", "conclusion"),
    "submitted_at": ("报送日期", "提交日期", "报送时间", "提交时间", "上报日期", "submitted_at"),
}
#: headings that mean no field, and by which a row with a title is known for a header all the same (本项目默认)
_BESIDE = ("序号", "序", "备注", "份数", "页数", "页码", "责任单位", "牵头单位", "提供单位", "来源")
#: characters of a cell that may be a heading, of a line that may say something of the whole table (本项目默认)
_HEADING, _LINE = 40, 400
#: lines kept of what stands over one table (本项目默认)
_OVER = 8
#: rows of a sheet, and merged cells that begin in them, that are looked at (本项目默认)
_MERGED = (100_000, 10_000)


class Head(msgspec.Struct, frozen=True):
    """What stands around one table of a form.

    rows    how many of the form's rows are the table's
    where   which of several tables it is, Chinese
    named   what its lines give as the item, as typed; more may stand behind the number
    titled  its headings, in which the number may stand
    """

    rows: int
    where: str = ""
    named: tuple[str, ...] = ()
    titled: tuple[str, ...] = ()


class Form(msgspec.Struct, frozen=True):
    """What one form says. ``rows`` have no ``form_path`` yet, and no ``file`` where only a title is given; ``heads``: of their tables in
    order, () = nothing stands around them. ``problems`` are Chinese, each naming its row.
    """

    rows: tuple[FormRow, ...] = ()
    problems: tuple[str, ...] = ()
    heads: tuple[Head, ...] = ()


def read_form(path: Path, limits: Limits | None = None) -> Form:
    """Read a form's bytes.

    :raises OSError: the disk does not give the bytes.
    """
    from intake.readers import Unusable

    try:
        parts = _parts(path, limits or Limits())
    except Unusable as e:
        return Form(problems=(f"提交表没有读成: {e.detail}",))
    several = sum(not isinstance(p, str) for p in parts) > 1
    reader = _Reader()
    n = 0
    for part in parts:
        if isinstance(part, str):
            reader.line(part)
            continue
        n += 1
        if part.name:
            reader.forget()  # what stands on one sheet says nothing of another
        where = (f"工作表“{part.name}”" if part.name else f"第 {n} 个表格") if several else ""
        reader.table(part, where)
    return reader.form()


def _parts(path: Path, limits: Limits) -> Sequence[str | Sheet]:
    """Lines and tables in their order.

    :raises Unusable: says in Chinese what to do.
    """
    from archive_schema.words import ReadState
    from intake import ole, readers
    from intake.filetype import DOCX, OLE, XLS, XLSX, true_type
    from intake.readers import Unusable, docx, sheets, xls

    shut = Unusable(ReadState.DAMAGED, "打不开,文件已损坏或有密码;请重新保存后提交")
    media_type = true_type(path, "x.csv")
    if media_type == XLSX:
        try:
            return list(sheets.workbook(path, merged=_MERGED))
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - openpyxl lets out what its parsers raise for any broken package
            raise shut from None
    if media_type == OLE:  # a password wraps what it locks
        raise shut
    if media_type == DOCX:
        return docx.pieces(path, limits)
    if media_type == XLS:
        if readers.missing(XLS):
            raise Unusable(ReadState.UNSUPPORTED, readers.unsupported(XLS).detail)
        return xls.workbook(path, ole.read(path), merged=True)
    delimited = sheets.delimited(path) if media_type in ("text/csv", "text/plain") else None
    if delimited is None:
        raise Unusable(ReadState.UNSUPPORTED, "内容不是 Excel、Word 或 CSV;请另存为 XLSX 或 DOCX 后提交")
    return [delimited[0]]


def _label(headings: Sequence[str]) -> re.Pattern[str]:
    """One of the headings in a line or a row (its cells separated by tabs), and what stands behind it."""
    names = "|".join(r"\s*".join(map(re.escape, h)) for h in sorted(headings, key=len, reverse=True))
    return re.compile(
        rf"(?:^|[\s(（])(?:{names})\s*(?:[(（][^()（）\t]{{0,20}}[)）])?(?:\s*[:：]\s*|\t+)(?P<said>[^\t]+)", re.IGNORECASE
    )


_ITEM, _CONCLUSION = _label(HEADINGS["item"]), _label(HEADINGS["conclusion"])
_LABEL = re.compile(r"[^\s:：]{2,10}\s*[:：]")


class _Around(msgspec.Struct):
    """What was said over a table, or will be of the next."""

    named: list[str] = []
    titled: list[str] = []
    conclusion: str = ""


class _Table(msgspec.Struct):
    """A header and what stands below it. ``columns``: field → column; ``at``: number of the header's row."""

    around: _Around
    columns: dict[str, int]
    where: str
    at: int
    rows: list[FormRow] = []


class _Reader:
    """Line by line, row by row. A header begins a table; what is said of all its rows is kept for the next table, but a conclusion
    below a table, before anything of the next, is that table's.
    """

    def __init__(self) -> None:
        self._tables: list[_Table] = []
        self._over = _Around()
        self._open: _Table | None = None
        self._problems: list[str] = []

    def forget(self) -> None:
        self._over, self._open = _Around(), None

    def line(self, text: str) -> None:
        """A line of a document outside of its tables."""
        if text.strip():
            self._said(text[:_LINE], heading=True)

    def table(self, sheet: Sheet, where: str) -> None:
        kept = self._open  # a conclusion may still come, but no row: they have their own header
        self._open = None
        merged = _Merged(sheet)
        for number, cells in sheet.rows:
            columns = _header(cells)
            if columns is not None:
                self._begin(_Table(self._over, columns, where, number))
                continue
            filled = [c for c in cells if c]
            text = "\t".join(c.replace("\n", " ") for c in cells)[:_LINE].strip()
            if self._open is None:
                if filled:
                    self._open = kept
                    self._said(text, heading=len(filled) == 1)
                    self._open = None
            elif not self._of_all(cells, filled, text):
                self._row(self._open, number, cells, merged)
        if self._open is None:
            self._open = kept
        if sheet.cut:
            self._problems.append(f"{where}行数过多,后面的行没有读")

    def _begin(self, table: _Table) -> None:
        before = self._open
        if before is not None and not before.rows:  # it only looked like a header
            old, new = before.around, table.around
            table.around = _Around(old.named + new.named, old.titled + new.titled, new.conclusion or old.conclusion)
            self._tables.pop()
        self._tables.append(table)
        self._open, self._over = table, _Around()

    def _of_all(self, cells: Sequence[str], filled: Sequence[str], text: str) -> bool:
        """A row below the header that speaks of the whole table, or of the next one, or only of who filled it in."""
        assert self._open is not None
        first = next((n for n, c in enumerate(cells) if c), 0)
        own = self._open.columns.get("file") == first or (self._open.columns.get("title") == first and len(filled) > 1)
        if own or not filled:
            return False
        if any(label.match(text) for label in (_ITEM, _CONCLUSION)) or (len(filled) == 1 and MARK in text):
            self._said(text, heading=True)
            return True
        from intake import tabular

        return tabular.is_foot_line(filled[0])

    def _said(self, text: str, *, heading: bool) -> None:
        over = self._over
        if (m := _ITEM.search(text)) is not None:
            over.named = [*over.named, m["said"].strip()][-_OVER:]
        elif MARK in text and heading:
            over.titled = [*over.titled, text.strip()][-_OVER:]
        if (m := _CONCLUSION.search(text)) is not None:
            said = re.split(r"\s{2,}", m["said"].strip())[0]
            if not said or _LABEL.match(said):
                return
            below = self._open is not None and self._open.rows and not (over.named or over.titled)
            if below and self._open is not None:
                self._open.around.conclusion = self._open.around.conclusion or said
            else:
                over.conclusion = said

    def _row(self, table: _Table, number: int, cells: Sequence[str], merged: _Merged) -> None:
        own = {name: cells[at].strip() if at < len(cells) else "" for name, at in table.columns.items()}
        if not any(own.values()):
            return
        said = {name: v or merged.value(number, table.columns[name], below=table.at) for name, v in own.items()}
        where = f"{table.where}第 {number} 行"
        files = [f for f in re.split(r"[\n;；]+", said.pop("file", "")) if f.strip()]
        if not files and not said.get("title"):
            self._problems.append(f"{where}没有填文件名,也没有填标题")
            return
        for name, zh in (("date", "日期"), ("submitted_at", "报送日期")):
            if own.get(name) and parse_date(own[name]) is None:
                self._problems.append(f"{where}的{zh}“{own[name]}”看不懂,应写成 2017-08-01 或 2017年8月1日")
        table.rows += [FormRow(file=_tidy(f), row=number, **said) for f in files or [""]]

    def form(self) -> Form:
        if not self._tables:
            told = "找不到表头;表头应有“文件名”或“材料名称”一列,以及“编号”“材料类型”“日期”等列"
            return Form(problems=(*self._problems, f"{told};不是提交表而是材料的,请从文件名中去掉“{MARK}”"))
        rows: list[FormRow] = []
        heads: list[Head] = []
        for t in self._tables:
            said = t.around.conclusion
            rows += [msgspec.structs.replace(r, conclusion=r.conclusion or said) for r in t.rows]
            heads.append(Head(len(t.rows), t.where, tuple(t.around.named), tuple(t.around.titled)))
        for key, count in Counter((nfc(r.file), "" if r.file else r.title) for r in rows).items():
            if count > 1:
                lines = "、".join(str(r.row) for r in rows if (nfc(r.file), "" if r.file else r.title) == key)
                what = f"文件“{key[0]}”" if key[0] else f"标题“{key[1]}”"
                self._problems.append(f"{what}在第 {lines} 行重复出现,只按第一行处理")
        return Form(tuple(rows), tuple(self._problems), tuple(heads))


class _Merged:
    """What the cells of a sheet hold that are merged over rows."""

    def __init__(self, sheet: Sheet) -> None:
        texts = dict(sheet.rows)
        self._spans: dict[int, list[tuple[int, int, str]]] = {}
        for top, left, bottom, _ in sorted(sheet.merged):
            cells = texts.get(top, ())
            if bottom > top and left < len(cells):
                self._spans.setdefault(left, []).append((top, bottom, cells[left].strip()))

    def value(self, row: int, column: int, *, below: int) -> str:
        """Of the merged cell that reaches into this one and begins below the row ``below``, or ""."""
        spans = self._spans.get(column, [])
        at = bisect_right(spans, row, key=lambda s: s[0]) - 1
        if at < 0:
            return ""
        top, bottom, text = spans[at]
        return text if below < top and row <= bottom else ""


def _header(cells: Sequence[str]) -> dict[str, int] | None:
    """Field → column; a header names the file or the title, and at least one thing more."""
    keys = [re.sub(r"[(（].*?[)）]|[*:：]", "", squeeze(c)) if len(c) <= _HEADING else "" for c in cells]
    columns: dict[str, int] = {}
    for name, headings in HEADINGS.items():
        at = next((keys.index(h) for h in headings if h in keys), None)
        if at is not None and at not in columns.values():
            columns[name] = at
    if "file" in columns:
        return columns if len(columns) >= 2 else None
    known = len(columns) + sum(k in _BESIDE for k in keys)
    return columns if "title" in columns and known >= 2 and 2 * known >= sum(map(bool, keys)) else None


def _tidy(file: str) -> str:
    return re.sub(r"/{2,}", "/", file.strip().strip("“”\"'").replace("\\", "/")).removeprefix("./").strip("/")
