"""Which files a sample inbox holds: decided here, purely, before any is written."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice

import msgspec

from archive_schema.catalogue import Catalogue, Item
from archive_schema.cycle import Window
from archive_schema.errors import UsageError
from archive_schema.units import UnitTable
from archive_schema.words import EvidenceKind
from samples import wording
from samples.layout import zh_date
from samples.sorts import SORTS, Sort

#: below this the sorts that the inbox promises do not fit
SMALLEST = 100
_EXTENSIONS: dict[EvidenceKind, tuple[str, ...]] = {
    EvidenceKind.DOCUMENT: (".pdf", ".pdf", ".docx"),
    EvidenceKind.REPORT: (".docx", ".docx", ".docx", ".pdf", ".pdf", ".txt"),
    EvidenceKind.PHOTO: (".jpg",) * 11 + (".png",),
    EvidenceKind.TABLE: (".xlsx", ".xlsx", ".xlsx", ".csv"),
}
_POOR: dict[str, tuple[str, ...]] = {
    ".pdf": ("最终版{n}", "扫描件{n}", "文件{n}", "新建文件夹/1 ({n})"),
    ".docx": ("新建文档({n})", "新建 Microsoft Word 文档 ({n})", "最终版{n}", "修改稿最终版{n}"),
    ".txt": ("新建文本文档 ({n})",),
    ".jpg": ("IMG_{n:04}", "DSC{n:05}", "微信图片_2026{n:04}", "图片{n}"),
    ".png": ("屏幕截图 {n}", "QQ截图{n:08}"),
    ".xlsx": ("附件", "附件{n}", "新建 Microsoft Excel 工作表 ({n})"),
    ".csv": ("导出{n}", "data{n}"),
}


class Folder(msgspec.Struct, frozen=True):
    """A folder of the inbox. ``known`` False: nobody's name, though close to ``unit``'s. ``form``: suffix of its 提交表, or ""."""

    name: str
    unit: str
    known: bool = True
    form: str = ""


class Piece(msgspec.Struct, frozen=True):
    """One file of material to be laid out.

    name   below the folder, with suffix
    sort   well_named | titled | poorly_named
    by     what a reader can tell the item from: form, number, text, or "" (nothing)
    fault  "", out_of_window, no_date, no_number, late
    turn   how many pieces the same cell had before: their figures differ
    day    成文日期, 拍摄日期 or the day a table was filled in; sent_on goes into the form
    """

    folder: Folder
    name: str
    item: Item
    kind: EvidenceKind
    sort: str
    by: str
    number: int
    day: date
    sent_on: date
    title: str
    fault: str = ""
    sidecar: bool = False
    turn: int = 0

    @property
    def suffix(self) -> str:
        return self.name[self.name.rfind(".") :]


class Bad(msgspec.Struct, frozen=True):
    """A file of a bad sort, in a folder; named for an item when ``item`` says so."""

    folder: Folder
    name: str
    sort: Sort
    item: str = ""
    kind: EvidenceKind | None = None


class Copy(msgspec.Struct, frozen=True):
    """The bytes of ``of`` once more."""

    folder: Folder
    name: str
    of: Piece


class Plan(msgspec.Struct, frozen=True):
    folders: tuple[Folder, ...]
    deadline: date
    pieces: tuple[Piece, ...]
    bad: tuple[Bad, ...]
    copies: tuple[Copy, ...]
    archive: tuple[Piece, ...]  # members of one zip with GBK names


class _Names:
    """Gives every file of a folder a name of its own, and every piece of a cell its turn."""

    def __init__(self) -> None:
        self._taken: set[tuple[str, str]] = set()
        self._turns = Counter[tuple[str, str]]()

    def turn(self, item: Item, kind: EvidenceKind) -> int:
        self._turns[item.id, kind] += 1
        return self._turns[item.id, kind] - 1

    def free(self, folder: Folder, name: str) -> str:
        stem, dot, suffix = name.rpartition(".")
        candidate, n = name, 2
        while (folder.name, candidate.lower()) in self._taken:
            candidate, n = f"{stem}({n}){dot}{suffix}", n + 1
        self._taken.add((folder.name, candidate.lower()))
        return candidate


def plan(catalogue: Catalogue, units: UnitTable, *, window: Window, files: int, unit_count: int, seed: int) -> Plan:
    """:raises UsageError: too few files for all sorts, or no unit of the table answers for any item."""
    if files < SMALLEST:
        raise UsageError(
            f"{files} files are too few for a sample inbox",
            zh=f"样例收件箱至少要 {SMALLEST} 个文件,现为 {files}",
            code="samples.too-few",
            hint=f"请把 --files 改为 {SMALLEST} 或更大",
        )
    rng = random.Random(f"inbox {seed}")
    duties = _duties(catalogue, units)
    if not duties:
        raise UsageError(
            "no unit answers for any item",
            zh="单位表中没有一个单位对应目录中的责任单位",
            code="samples.no-unit",
            hint="请核对单位表与目录的责任单位名称",
        )
    # the busiest units first, as they would be asked first; a few of the smaller ones change with the seed
    ranked = sorted(duties, key=lambda u: (-len(duties[u]), u))
    core = ranked[: unit_count * 3 // 4]
    rest = ranked[len(core) : unit_count * 2]
    chosen = sorted(core + rng.sample(rest, min(len(rest), unit_count - len(core))))
    folders, names = _folders(chosen, units, rng), _Names()
    deadline = window.end + timedelta(days=35)  # after any day of the month that follows
    for f in folders:
        if f.form:
            names.free(f, f"提交表{f.form}")
    bad = _bad(folders, duties, files, names, rng)
    copy_count = max(2, files // 60)
    sidecars = max(2, files // 75)
    count = files - len(bad) - copy_count - sidecars - sum(bool(f.form) for f in folders) - 1
    cells = _cells(catalogue, folders, duties, rng)
    together = _of_one_folder(cells, 3)
    members = tuple(_piece(c, count + n, window, names, rng, archive=True) for n, c in enumerate(together, 1))
    pieces = [_piece(next(cells), n, window, names, rng) for n in range(1, count + 1)]
    pieces = _sidecars(_faults(pieces, files, window, deadline, names, rng), sidecars, names)
    copies = _copies(pieces, folders, copy_count, names, rng)
    return Plan(folders, deadline, tuple(pieces), bad, copies, members)


def _duties(catalogue: Catalogue, units: UnitTable) -> dict[str, list[Item]]:
    """Per single unit (no group, no 各…) the items it answers for, those it leads first."""
    out: dict[str, list[tuple[int, int, Item]]] = {}
    for n, item in enumerate(catalogue.material):
        for at, reference in enumerate(item.units):
            unit = units.match(reference).unit
            if unit is not None and not unit.members and not unit.name.startswith("各"):
                out.setdefault(unit.name, []).append((min(at, 1), n, item))
    return {u: [i for _, _, i in sorted(rows, key=lambda r: r[:2])] for u, rows in out.items()}


def _folders(chosen: list[str], units: UnitTable, rng: random.Random) -> tuple[Folder, ...]:
    """One folder a unit: most by its name, one by an alias, one numbered without 市; and one of a name close to a real one."""
    named = {u: u for u in chosen}
    aliased = [u for u in chosen if units.by_name[u].aliases]
    if aliased:
        unit = rng.choice(aliased)
        named[unit] = units.by_name[unit].aliases[0]
    short = [u for u in chosen if named[u] == u and units.match(f"07-{u.removeprefix('市')}").how == "simplified"]
    if short:
        unit = rng.choice(short)
        named[unit] = f"07-{unit.removeprefix('市')}"
    forms = {u: (".xlsx", ".csv")[n % 2] for n, u in enumerate(rng.sample(chosen, max(1, len(chosen) // 4)))}
    folders = [Folder(named[u], u, form=forms.get(u, "")) for u in chosen]
    for unit in rng.sample(chosen, len(chosen)):
        wrong = f"{unit[:-1]}管理{unit[-1]}"
        match = units.match(wrong)
        if match.unit is None and match.suggestion == unit:
            return (*folders, Folder(wrong, unit, known=False))
    return tuple(folders)


def _cells(
    catalogue: Catalogue, folders: tuple[Folder, ...], duties: dict[str, list[Item]], rng: random.Random
) -> Iterator[tuple[Folder, Item, EvidenceKind]]:
    """Endless: every cell once, from the foremost of its units that has a folder, then again and again."""
    first: dict[str, Folder] = {}
    for rank in (0, 1):  # a lead before a contributor
        for folder in folders:
            for item in duties[folder.unit] if folder.known else []:
                if (rank == 1) or item.units[0].startswith(folder.unit):
                    first.setdefault(item.id, folder)
    cells = [(first[i.id], i, k) for i in catalogue.material if i.id in first for k in EvidenceKind if k in i.kinds]
    stray = [f for f in folders if not f.known]
    while True:
        order = rng.sample(cells, len(cells))
        for n, (folder, item, kind) in enumerate(order):
            wrong = next((f for f in stray if f.unit == folder.unit), None)
            # every other piece of that unit lies in the folder of the wrong name
            yield (wrong if wrong is not None and n % 2 else folder), item, kind


def _of_one_folder(cells: Iterator[tuple[Folder, Item, EvidenceKind]], count: int) -> list[tuple[Folder, Item, EvidenceKind]]:
    first = next(cells)
    return [first, *islice((c for c in cells if c[0] == first[0]), count - 1)]


def _piece(
    cell: tuple[Folder, Item, EvidenceKind],
    number: int,
    window: Window,
    names: _Names,
    rng: random.Random,
    *,
    archive: bool = False,
) -> Piece:
    folder, item, kind = cell
    suffix = rng.choice(_EXTENSIONS[kind])
    span = (window.end - window.start).days
    # a table covers the whole window, so it is filled in on its last day
    day = window.end if kind is EvidenceKind.TABLE else window.start + timedelta(days=rng.randrange(span + 1))
    title = {
        EvidenceKind.DOCUMENT: lambda: wording.document_title(item, folder.unit, rng),
        EvidenceKind.REPORT: lambda: wording.report_title(item, folder.unit, rng),
        EvidenceKind.PHOTO: lambda: wording.caption(item, folder.unit, day, rng),
        EvidenceKind.TABLE: lambda: wording.table_title(item, folder.unit),
    }[kind]()
    draw = rng.random()
    sort = "well_named" if archive or draw < 0.62 else "titled" if draw < 0.8 else "poorly_named"
    by = {"well_named": "number", "titled": "text", "poorly_named": "" if kind is EvidenceKind.PHOTO else "text"}[sort]
    if folder.form and not archive and rng.random() < 0.7:
        by = "form"
    name = _name(sort, item, kind, title, number, suffix, rng)
    if by == "form":
        name = name.replace("/", " ")  # forms name files that lie beside them
    sent_on = window.end + timedelta(days=rng.randint(1, 28))
    turn = names.turn(item, kind)
    return Piece(folder, names.free(folder, name), item, kind, sort, by, number, day, sent_on, title, turn=turn)


def _name(sort: str, item: Item, kind: EvidenceKind, title: str, number: int, suffix: str, rng: random.Random) -> str:
    title = title[:60].replace("/", "、")
    if sort == "poorly_named":
        return rng.choice(_POOR[suffix]).format(n=number % 97 + 1) + suffix
    if sort == "titled":
        return title + suffix
    spelled = rng.choice(wording.spellings(item.id))
    patterns = (f"{spelled} {title}", f"{spelled}_{kind}_{title}", f"{spelled}/{title}", f"{spelled}{kind}{number % 9 + 1}")
    return rng.choice(patterns[:3] if kind is EvidenceKind.PHOTO else patterns) + suffix


def _faults(pieces: list[Piece], files: int, window: Window, deadline: date, names: _Names, rng: random.Random) -> list[Piece]:
    """Give some pieces, each one at most, what a reviewer would send them back for."""
    out = list(pieces)
    left = [n for n, p in enumerate(pieces) if p.by in ("number", "form")]
    rng.shuffle(left)

    def spoil(fault: str, count: int, *kinds: EvidenceKind, by: str = "") -> None:
        fit = [n for n in left if pieces[n].kind in kinds and by in ("", pieces[n].by)][:count]
        for n in fit:
            left.remove(n)
            p = msgspec.structs.replace(pieces[n], fault=fault)
            if fault == "out_of_window":
                early = p.day - timedelta(days=(window.end - window.start).days + rng.randint(200, 500))
                said, says = zh_date(p.day), zh_date(early)
                name = names.free(p.folder, p.name.replace(said, says)) if said in p.name else p.name
                p = msgspec.structs.replace(p, day=early, title=p.title.replace(said, says), name=name)
            elif fault == "late":
                p = msgspec.structs.replace(p, sent_on=deadline + timedelta(days=rng.randint(3, 20)))
            out[n] = p

    spoil("late", max(2, files // 75), *EvidenceKind, by="form")
    spoil("no_number", max(2, files // 60), EvidenceKind.DOCUMENT)
    spoil("no_date", max(2, files // 60), EvidenceKind.DOCUMENT, EvidenceKind.REPORT)
    spoil("out_of_window", max(3, files // 40), EvidenceKind.DOCUMENT, EvidenceKind.REPORT, EvidenceKind.PHOTO)
    return out


def _sidecars(pieces: list[Piece], count: int, names: _Names) -> list[Piece]:
    """Some photos without a telling name get their caption in a text file of the same name beside them."""
    silent = [n for n, p in enumerate(pieces) if p.kind is EvidenceKind.PHOTO and p.sort == "poorly_named"]
    other = [n for n, p in enumerate(pieces) if p.kind is EvidenceKind.PHOTO and n not in silent]
    for n in (silent + other)[:count]:
        p = pieces[n]
        names.free(p.folder, p.name[: p.name.rfind(".")] + ".txt")
        pieces[n] = msgspec.structs.replace(p, sidecar=True, by=p.by or "text")
    return pieces


def _copies(
    pieces: list[Piece], folders: tuple[Folder, ...], count: int, names: _Names, rng: random.Random
) -> tuple[Copy, ...]:
    """The same bytes once more: from another unit, or in another folder of the same unit."""
    plain = [p for p in pieces if p.by == "number" and not p.fault and p.folder.known]
    known = [f for f in folders if f.known]
    out = []
    for n, p in enumerate(rng.sample(plain, count)):
        if n % 2:
            out.append(Copy(p.folder, names.free(p.folder, f"备份/{p.name}"), p))
            continue
        others = [f for f in known if f.unit != p.folder.unit]
        sharing = [f for f in others if any(r.startswith(f.unit) for r in p.item.units)]
        folder = rng.choice(sharing or others)
        out.append(Copy(folder, names.free(folder, p.name), p))
    return tuple(out)


def _bad(
    folders: tuple[Folder, ...], duties: dict[str, list[Item]], files: int, names: _Names, rng: random.Random
) -> tuple[Bad, ...]:
    """One file of every bad sort, or of 15 % of the files; every other one that may be renamed is named for an item."""
    from samples import hostile

    sorts = [SORTS[n] for n in rng.sample(sorted(hostile.SORTS), min(len(SORTS), max(16, files * 15 // 100)))]
    known = [f for f in folders if f.known]
    out, renamed = [], Counter[str]()
    for n, sort in enumerate(sorts):
        folder = known[n % len(known)]
        kinds = {".pdf": "DR", ".docx": "DR", ".docm": "DR", ".txt": "R", ".jpg": "P", ".png": "P", ".xlsx": "T", ".csv": "T"}
        letters = {"D": EvidenceKind.DOCUMENT, "R": EvidenceKind.REPORT, "P": EvidenceKind.PHOTO, "T": EvidenceKind.TABLE}
        fit = [letters[c] for c in kinds.get(sort.suffix, "")] if not sort.named else []
        cell = next(((i, k) for k in fit for i in duties[folder.unit][renamed[folder.name] :] if k in i.kinds), None)
        if cell is None or n % 2:
            out.append(Bad(folder, names.free(folder, sort.file), sort))
            continue
        renamed[folder.name] += 1
        item, kind = cell
        spelled = rng.choice(wording.spellings(item.id))
        name = names.free(folder, f"{spelled} {wording.subject(item)}{kind}{sort.suffix}")
        out.append(Bad(folder, name, sort, item.id, kind))
    return tuple(out)
