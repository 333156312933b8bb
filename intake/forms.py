"""提交表: submission forms that departments send along, and the row that speaks for a file.

A form is a workbook or CSV file whose name contains 提交表, in any folder. Its rows name files of the same folder or
below it by relative path or bare name. What a row says is kept as typed; only what cannot be used is reported.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from archive_schema.dates import parse_date
from archive_schema.evidence import FormRow
from archive_schema.text import nfc, squeeze
from archive_schema.words import Disposition

if TYPE_CHECKING:
    from intake.pool import ReaderPool

MARK = "提交表"
_SUFFIXES = (".xlsx", ".xlsm", ".csv", ".tsv")
_HEADER_ZONE = 20
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
    "title": ("标题", "材料名称", "材料标题", "图片说明", "说明", "名称", "title"),
    "date": ("日期", "成文日期", "拍摄日期", "形成日期", "材料日期", "成文时间", "拍摄时间", "时间", "date"),
    "conclusion": ("结论", "自评结论", "自评", "自评结果", "自评等次", "是否符合", "conclusion"),
    "submitted_at": ("报送日期", "提交日期", "报送时间", "提交时间", "上报日期", "submitted_at"),
}


class Located(Protocol):
    """Anything with a place in the inbox: a Found, a Source."""

    @property
    def folder(self) -> str: ...
    @property
    def path(self) -> str: ...


class Place(msgspec.Struct, frozen=True):
    """A place by itself, e.g. of a member of an archive."""

    folder: str
    path: str


class Form(msgspec.Struct, frozen=True):
    """What one form says. ``rows`` have no ``form_path`` yet; ``problems`` are Chinese, each naming its row."""

    rows: tuple[FormRow, ...] = ()
    problems: tuple[str, ...] = ()


def is_form(path: str) -> bool:
    """True for a path whose file is a submission form by its name."""
    name = path.rsplit("/", 1)[-1]
    return MARK in nfc(name) and name.lower().endswith(_SUFFIXES)


def read_form(path: Path) -> Form:
    """Read a form's bytes. Inside a child process: they are as hostile as any.

    :raises OSError: the disk does not give the bytes.
    """
    from intake.filetype import XLSX, true_type
    from intake.readers import sheets

    if true_type(path, "x.csv") == XLSX:
        try:
            candidates = list(sheets.workbook(path))
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - openpyxl lets out what its parsers raise for any broken package
            return Form(problems=("提交表打不开,文件已损坏或有密码;请重新保存后提交",))
    else:
        delimited = sheets.delimited(path)
        if delimited is None:
            return Form(problems=("提交表不是 XLSX 或 CSV 文件;请用 Excel 另存后提交",))
        candidates = [delimited[0]]
    problems: list[str] = []
    rows: list[FormRow] = []
    read_any = False
    for sheet in candidates:
        header = _header([cells for _, cells in sheet.rows[:_HEADER_ZONE]])
        if header is None:
            continue
        read_any = True
        at, columns = header
        where = f"工作表“{sheet.name}”" if len(candidates) > 1 else ""
        rows += _rows(sheet.rows[at + 1 :], columns, where, problems)
        if sheet.cut:
            problems.append(f"{where}行数过多,后面的行没有读")
    if not read_any:
        problems.append("找不到表头;表头应有“文件名”一列,以及“编号”“材料类型”“标题”“日期”等列")
    for file, count in Counter(nfc(r.file) for r in rows).items():
        if count > 1:
            lines = "、".join(str(r.row) for r in rows if nfc(r.file) == file)
            problems.append(f"文件“{file}”在第 {lines} 行重复出现,只按第一行处理")
    return Form(tuple(rows), tuple(problems))


def _header(zone: list[tuple[str, ...]]) -> tuple[int, dict[str, int]] | None:
    """Index of the header row and field → column; a header names the file and at least one thing more."""
    for n, cells in enumerate(zone):
        keys = [re.sub(r"[(（].*?[)）]|[*:：]", "", squeeze(c)) for c in cells]
        columns: dict[str, int] = {}
        for name, headings in HEADINGS.items():
            at = next((keys.index(h) for h in headings if h in keys), None)
            if at is not None and at not in columns.values():
                columns[name] = at
        if "file" in columns and len(columns) >= 2:
            return n, columns
    return None


def _rows(
    rows: Iterable[tuple[int, tuple[str, ...]]], columns: dict[str, int], where: str, problems: list[str]
) -> list[FormRow]:
    out: list[FormRow] = []
    for number, cells in rows:
        said = {name: cells[at].strip() if at < len(cells) else "" for name, at in columns.items()}
        files = [f for f in re.split(r"[\n;；]+", said.pop("file")) if f.strip()]
        if not files:
            if any(said.values()):
                problems.append(f"{where}第 {number} 行没有填文件名")
            continue
        for name, zh in (("date", "日期"), ("submitted_at", "报送日期")):
            if said.get(name) and parse_date(said[name]) is None:
                problems.append(f"{where}第 {number} 行的{zh}“{said[name]}”看不懂,应写成 2017-08-01 或 2017年8月1日")
        out += [FormRow(file=_tidy(f), row=number, **said) for f in files]
    return out


def _tidy(file: str) -> str:
    return re.sub(r"/{2,}", "/", file.strip().strip("“”\"'").replace("\\", "/")).removeprefix("./").strip("/")


class FormBook(msgspec.Struct, frozen=True, dict=True):
    """All forms of an inbox against all files of it.

    forms  (place of the form, what it says)
    files  every file that a row may mean, members of archives among them
    aside  files that are waiting or kept out: no row speaks for them, and none that names one is a problem of the form
    """

    forms: tuple[tuple[Place, Form], ...] = ()
    files: tuple[Place, ...] = ()
    aside: tuple[Place, ...] = ()

    def with_files(self, more: Iterable[Located]) -> FormBook:
        """The same forms against more files: members become known only when their archive is unpacked."""
        return FormBook(self.forms, (*self.files, *(Place(f.folder, f.path) for f in more)), self.aside)

    def row_for(self, found: Located) -> FormRow | None:
        """The row that speaks for a file: of the nearest form above it; by path, else by bare name where that is unique."""
        return self._matched[0].get(Place(found.folder, found.path))

    @property
    def problems(self) -> tuple[tuple[Place, str], ...]:
        """(form, Chinese with the row), in the order of the forms."""
        return self._matched[1]

    @cached_property
    def _matched(self) -> tuple[dict[Place, FormRow], tuple[tuple[Place, str], ...]]:
        rows: dict[Place, FormRow] = {}
        problems: list[tuple[Place, str]] = []
        # nearest form first, so that it claims its files before one above it
        for place, form in sorted(self.forms, key=lambda f: (-_depth(f[0]), f[0].folder, f[0].path)):
            problems += [(place, p) for p in form.problems]
            scope, aside = _Scope(place, self.files), _Scope(place, self.aside)
            for row in form.rows:
                target = scope.find(row.file)
                if isinstance(target, str):
                    if isinstance(aside.find(row.file), str):
                        problems.append((place, f"第 {row.row} 行: {target}"))
                else:
                    rows.setdefault(target, msgspec.structs.replace(row, form_path=place.path))
        return rows, tuple(problems)


class _Scope:
    """The files that a form may speak of, by the ways in which people name them."""

    def __init__(self, form: Place, files: tuple[Place, ...]) -> None:
        base = _parts(form)[:-1]
        self.base = base
        below = [(f, _parts(f)) for f in files]
        below = [(f, p) for f, p in below if p[: len(base)] == base and f != form]
        self.tables = [
            _table((("/".join(p[len(base) :])), f) for f, p in below),
            _table((p[-1], f) for f, p in below),
            _table((p[-1].rpartition(".")[0] or p[-1], f) for f, p in below),
        ]

    def find(self, file: str) -> Place | str:
        """The file that a row means, or the Chinese reason why there is none."""
        folders = "/".join(self.base)
        names = [file, file.removeprefix(f"{folders}/")] if folders else [file]
        for n, table in enumerate(self.tables):
            for name in names if n == 0 else [file] if "/" not in file else []:
                for key in (nfc(name), squeeze(name)):
                    hits = table.get(key, [])
                    if len(hits) == 1:
                        return hits[0]
                    if len(hits) > 1 and n:
                        return f"有 {len(hits)} 个文件叫“{file}”,请写明所在文件夹"
        return f"找不到文件“{file}”,请核对文件名或补交"


def _table(named: Iterable[tuple[str, Place]]) -> dict[str, list[Place]]:
    table: dict[str, list[Place]] = {}
    for name, file in named:
        for key in {nfc(name), squeeze(name)}:
            table.setdefault(key, []).append(file)
    return table


def _parts(place: Located) -> list[str]:
    return [p for p in [place.folder, *place.path.split("/")] if p]


def _depth(place: Place) -> int:
    return len(_parts(place))


def forms_for(founds: Iterable[Located], pool: ReaderPool) -> FormBook:
    """Read every form among ``founds`` (in a child) and set it against all of them.

    Files that are quarantined, ignored or waiting are no files a row may name; a form among them is not read.
    """
    from intake.pool import Job

    founds = list(founds)
    usable = [f for f in founds if getattr(f, "disposition", None) is None]
    aside = [f for f in founds if getattr(f, "disposition", None) in (Disposition.WAITING, Disposition.QUARANTINED)]
    forms = [f for f in usable if is_form(f.path)]
    jobs = (Job(path=getattr(f, "file"), name=f.path, form=True) for f in forms)  # noqa: B009 - a Source has no file
    read = [
        (Place(f.folder, f.path), result.form or Form(problems=(f"没有读成: {result.reason or 'unread'}",)))
        for f, result in zip(forms, pool.read(jobs), strict=True)
    ]
    files = tuple(Place(f.folder, f.path) for f in usable if not is_form(f.path))
    return FormBook(tuple(read), files, tuple(Place(f.folder, f.path) for f in aside))
