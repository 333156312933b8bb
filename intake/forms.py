"""提交表: submission forms that departments send along, and the row that speaks for a file.

A form is a file whose name contains 提交表, in any folder or archive. Its rows name files of the same folder or below it by
relative path or bare name, or else by their title. What a form says is read in ``intake.formsheet``; one of a format that nobody
reads as a form is no material either: it is told as a problem.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Protocol

import msgspec

from archive_schema import media
from archive_schema.evidence import FormRow
from archive_schema.text import display, fold, nfc, squeeze
from archive_schema.words import Disposition
from intake.caption import sidecar_names
from intake.formsheet import MARK, Form, Head

if TYPE_CHECKING:
    from pathlib import Path

    from intake.pool import ReaderPool, ReadResult

#: what is opened as a form; it is what its bytes are, as with every file
_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".et", ".csv", ".tsv", ".docx", ".docm")
_NOT_ONE = f"不能作为提交表读取;请另存为 XLSX 或 DOCX 后提交。不是提交表而是材料的,请从文件名中去掉“{MARK}”"
#: numbering in front of a title, folded: ``1.`` ``(1)`` ``01`` ``一、`` ``附件1:`` (本项目默认)
_NUMBERING = re.compile(
    r"\s*(?:[(〔]\s*(?:\d{1,3}|[一二三四五六七八九十]{1,3})\s*[)〕]|0\d{1,2}(?!\d)|(?:附件|材料)?\s*(?:\d{1,3}|[一二三四五六七八九十]{1,3})\s*[-_.、,:)]|\d{1,3}\s)"
)
_SIGNS = re.compile(r"[\W_]+")
#: characters of a title in a problem
_SHOWN = 60

#: the item numbers in a text, as typed, in order of place
Numbers = Callable[[str], tuple[str, ...]]


def no_numbers(text: str) -> tuple[str, ...]:
    """Where no catalogue is at hand."""
    return ()


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


def is_form(path: str) -> bool:
    """True for a path whose file is a submission form by its name; an archive of that name may hold some."""
    name = path.rsplit("/", 1)[-1]
    claimed = media.of_name(name)
    return MARK in nfc(name) and (claimed is None or claimed.family != "archive")


def is_read(path: str) -> bool:
    """True for a form of a format that is read as one."""
    return is_form(path) and path.lower().endswith(_SUFFIXES)


def not_read(path: str, reason: str) -> Form:
    """What is to be told of a form that was not read as one."""
    if is_read(path):
        return Form(problems=(f"没有读成: {reason or 'unread'}",))
    claimed = media.of_name(path)
    return Form(problems=(f"{claimed.name if claimed else '这种格式'}{_NOT_ONE}",))


class FormBook(msgspec.Struct, frozen=True, dict=True):
    """All forms of an inbox against all files of it.

    forms    (place of the form, what it says)
    files    every file that a row may mean, members of archives among them
    aside    files that are waiting or kept out: no row speaks for them, and none that names one is a problem of the form
    numbers  finds item numbers, in front of a title and over a table
    """

    forms: tuple[tuple[Place, Form], ...] = ()
    files: tuple[Place, ...] = ()
    aside: tuple[Place, ...] = ()
    numbers: Numbers = no_numbers

    def with_files(self, more: Iterable[Located], forms: Iterable[tuple[Place, Form]] = ()) -> FormBook:
        """The same forms against more files, and more forms: members become known only when their archive is unpacked.

        With neither it is this book, and what was matched in it stays: a batch costs what it brings, not what the inbox holds.
        """
        files = [Place(f.folder, f.path) for f in more if not is_form(f.path)]
        held = {place for place, _ in self.forms}
        added = [f for f in forms if f[0] not in held]
        if not files and not added:
            return self
        return msgspec.structs.replace(self, forms=(*self.forms, *added), files=(*self.files, *files))

    def row_for(self, found: Located) -> FormRow | None:
        """The row that speaks for a file: of the nearest form above it; by path, else by bare name or title where that is unique."""
        return self._matched[0].get(Place(found.folder, found.path))

    @property
    def problems(self) -> tuple[tuple[Place, str], ...]:
        """(form, Chinese with the row), in the order of the forms."""
        return self._matched[1]

    @cached_property
    def _matched(self) -> tuple[dict[Place, FormRow], tuple[tuple[Place, str], ...]]:
        rows: dict[Place, FormRow] = {}
        problems: list[tuple[Place, str]] = []
        if not self.forms:
            return rows, ()
        files, aside = _by_folder(self.files), _by_folder(self.aside)
        # nearest form first, so that it claims its files before one above it
        for place, form in sorted(self.forms, key=lambda f: (-_depth(f[0]), f[0].folder, f[0].path)):
            problems += [(place, p) for p in form.problems]
            scope, beside = (_Scope(place, all_, self.numbers) for all_ in (files, aside))
            for where, row in _rows(form, self.numbers):
                for target, said in scope.meant(row, beside):
                    if isinstance(target, str):
                        problems.append((place, f"{where}第 {row.row} 行: {target}"))
                        continue
                    claim = msgspec.structs.replace(said, form_path=place.path)
                    before = rows.setdefault(target, claim)
                    if contrary := _contrary(before, claim):
                        problems.append((place, f"{where}第 {row.row} 行: {contrary}"))
        return rows, tuple(problems)


def _rows(form: Form, numbers: Numbers) -> Iterator[tuple[str, FormRow]]:
    """(which table, row); what stands over the table is said of every row of it that names no item."""
    at = 0
    for head in form.heads or (Head(len(form.rows)),):
        item = _over(head, numbers)
        for row in form.rows[at : at + head.rows]:
            serial = row.item.isdigit() and not numbers(row.item)  # 编号 1, 2, 3 below an item's number
            yield head.where, msgspec.structs.replace(row, item=item) if item and (serial or not row.item) else row
        at += head.rows


def _over(head: Head, numbers: Numbers) -> str:
    """The item's number over a table, as typed: of the nearest line that gives it, else of the nearest heading."""
    return next(("、".join(n) for text in (*head.named[::-1], *head.titled[::-1]) if (n := numbers(text))), "")


def _contrary(before: FormRow, claim: FormRow) -> str:
    """What is to be told of a second row for one file; the nearest form may say otherwise than one above it, and repeats are told."""
    if before.form_path == claim.form_path:
        same = nfc(before.file or before.title) == nfc(claim.file or claim.title)
        return "" if same else f"与第 {before.row} 行说的是同一个文件,只按第 {before.row} 行处理"
    beside = before.form_path.rpartition("/")[0] == claim.form_path.rpartition("/")[0]
    if not beside or squeeze(before.item) == squeeze(claim.item):
        return ""
    other = display(before.form_path.rpartition("/")[2], _SHOWN)
    return f"“{other}”第 {before.row} 行已写了同一个文件,编号不同,只按那一行处理;一个文件用于几项的,请在一行里写全编号"


class _Scope:
    """The files that a form may speak of, by the ways in which people name them."""

    def __init__(self, form: Place, files: dict[str, list[tuple[Place, list[str]]]], numbers: Numbers) -> None:
        base = _parts(form)[:-1]
        self.base = base
        self.numbers = numbers
        among = files.get(form.folder, []) if form.folder else [f for group in files.values() for f in group]
        self.below = [(f, p) for f, p in among if p[: len(base)] == base and f != form]

    @cached_property
    def tables(self) -> list[dict[str, list[Place]]]:
        return [
            _table((("/".join(p[len(self.base) :])), f) for f, p in self.below),
            _table((p[-1], f) for f, p in self.below),
            _table((_stem(p[-1]), f) for f, p in self.below),
        ]

    @cached_property
    def titles(self) -> dict[str, list[Place]]:
        """By title; no text beside a picture and no archive is the material that a title means."""
        beside = {nfc(n) for f, _ in self.below if _family(f.path) == "picture" for n in sidecar_names(f.path)}
        titles: dict[str, list[Place]] = {}
        for f, p in self.below:
            if _family(f.path) != "archive" and nfc(f.path) not in beside:
                stem = _stem(p[-1])
                for key in {title_key(p[-1]), title_key(stem), title_key(without_numbers(stem, self.numbers))} - {""}:
                    titles.setdefault(key, []).append(f)
        return titles

    def meant(self, row: FormRow, aside: _Scope) -> Iterator[tuple[Place | str, FormRow]]:
        """(file or the Chinese reason why there is none, what is said of it); a cell may hold several titles, one a line."""
        target = self._one(row)
        lines = [t.strip() for t in row.title.split("\n") if t.strip()]
        if row.file or not isinstance(target, str) or len(lines) < 2:
            if not isinstance(target, str) or isinstance(aside._one(row), str):
                yield target, row
            return
        for line in lines:
            part = msgspec.structs.replace(row, title=line)
            target = self._one(part)
            if not isinstance(target, str) or isinstance(aside._one(part), str):
                yield target, part

    def _one(self, row: FormRow) -> Place | str:
        return self.find(row.file) if row.file else self.titled(row.title)

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

    def titled(self, title: str) -> Place | str:
        """The only file of that title, or the Chinese reason why none is meant for certain."""
        stripped = title_key(without_numbers(title, self.numbers))
        hits = next((h for key in (title_key(title), stripped) if key and (h := self.titles.get(key))), [])
        if len(hits) == 1:
            return hits[0]
        shown = display(title, _SHOWN)
        if hits:
            return f"没有填文件名,有 {len(hits)} 个文件的名称都是“{shown}”;请填写文件名,在不同文件夹的连同文件夹"
        return f"没有填文件名,也找不到名称是“{shown}”的文件;请填写文件名,或核对文件名称、补交"


def title_key(title: str) -> str:
    """A title as compared with a file's name: without punctuation and white space."""
    return _SIGNS.sub("", fold(title))


@lru_cache(maxsize=65_536)  # every form asks it of every file below it, and for every batch anew
def without_numbers(title: str, numbers: Numbers) -> str:
    """A title without the item's numbers and the numbering in front of it."""
    rest = title.strip()
    for number in numbers(rest):
        at = rest.find(number)
        if at < 0 or title_key(rest[:at]):
            break
        rest = rest[at + len(number) :].lstrip(" 　)）]】〕》”、,，.-_—:：")
    rest = fold(rest)
    while (m := _NUMBERING.match(rest)) is not None and m.end() < len(rest):
        rest = rest[m.end() :]
    return rest


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name


def _family(path: str) -> str:
    claimed = media.of_name(path)
    return claimed.family if claimed is not None else ""


def _table(named: Iterable[tuple[str, Place]]) -> dict[str, list[Place]]:
    table: dict[str, list[Place]] = {}
    for name, file in named:
        for key in {nfc(name), squeeze(name)}:
            table.setdefault(key, []).append(file)
    return table


def _by_folder(files: Iterable[Place]) -> dict[str, list[tuple[Place, list[str]]]]:
    found: dict[str, list[tuple[Place, list[str]]]] = {}
    for f in dict.fromkeys(files):
        found.setdefault(f.folder, []).append((f, _parts(f)))
    return found


def _parts(place: Located) -> list[str]:
    return [p for p in [place.folder, *place.path.split("/")] if p]


def _depth(place: Place) -> int:
    return len(_parts(place))


def forms_for(founds: Iterable[Located], pool: ReaderPool, numbers: Numbers = no_numbers) -> FormBook:
    """Read every form among ``founds`` (in a child) and set it against all of them.

    Files that are quarantined, ignored or waiting are no files a row may name; a form among them is not read.

    :param numbers: finds item numbers as the catalogue has them.
    """
    founds = list(founds)
    usable = [f for f in founds if getattr(f, "disposition", None) is None]
    aside = [f for f in founds if getattr(f, "disposition", None) in (Disposition.WAITING, Disposition.QUARANTINED)]
    forms = [f for f in usable if is_form(f.path)]
    read = read_forms(((f.path, getattr(f, "file")) for f in forms), pool)  # noqa: B009 - a Source has no file
    files = tuple(Place(f.folder, f.path) for f in usable if not is_form(f.path))
    said = tuple((Place(f.folder, f.path), form) for f, form in zip(forms, read, strict=True))
    return FormBook(said, files, tuple(Place(f.folder, f.path) for f in aside), numbers)


def read_forms(files: Iterable[tuple[str, Path]], pool: ReaderPool) -> list[Form]:
    """What each form (its path as sent, its bytes) says. Only those of a format that is read as one are opened."""
    from intake.pool import Job

    asked = list(files)
    jobs = (Job(path=file, name=path, form=True) for path, file in asked if is_read(path))
    results = pool.read(jobs)
    return [_read(path, next(results) if is_read(path) else None) for path, _ in asked]


def _read(path: str, result: ReadResult | None) -> Form:
    if result is None:
        return not_read(path, "")
    return result.form or not_read(path, result.reason or (result.reading.detail if result.reading else ""))
