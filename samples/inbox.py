"""A sample inbox: some 300 files from 20 units, good, badly named, late, doubled and broken, and what should become of each."""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec

from archive_schema.catalogue import Catalogue
from archive_schema.cycle import Window
from archive_schema.text import natural_key
from archive_schema.units import UnitTable
from archive_schema.words import Disposition, EvidenceKind
from samples import fixed, hostile, layout, wording
from samples.layout import typeset
from samples.plan import Folder, Piece, Plan, plan

FORM_HEADER = ("序号", "测评标准编号", "材料类型", "材料标题", "文件名", "成文(拍摄)日期", "结论", "报送日期")


class Expectation(msgspec.Struct, frozen=True):
    """What should become of one file (or one member of an archive).

    path         below the inbox, ``a.zip!/b.pdf`` for a member
    unit         whose it is; for a folder of unknown name the unit that should be suggested
    unit_known   whether the folder's name is known
    sort         well_named | titled | poorly_named | form | sidecar | archive | member | duplicate | bad
    item, kind   where it belongs; "" and None = nowhere
    by           what tells the item: form, number, text; "" = nothing in the file or its name does
    fault        out_of_window | no_date | no_number | late, or ""
    bad          name in ``hostile.SORTS``, or ""
    same_as      path of the file with the same bytes, or ""
    """

    path: str
    unit: str
    unit_known: bool
    sort: str
    disposition: Disposition = Disposition.NEW
    item: str = ""
    kind: EvidenceKind | None = None
    by: str = ""
    fault: str = ""
    bad: str = ""
    same_as: str = ""


class SampleSummary(msgspec.Struct, frozen=True):
    """``counts``: files by sort, by fault (``fault:late`` …) and by disposition (``new`` …); members are counted apart."""

    files: int
    members: int
    units: tuple[str, ...]
    folders: tuple[str, ...]
    window: Window
    deadline: date
    counts: dict[str, int]
    expectations: tuple[Expectation, ...]  # in natural order of path


def make_inbox(
    into: Path,
    catalogue: Catalogue,
    units: UnitTable,
    *,
    window: Window,
    files: int = 300,
    unit_count: int = 20,
    seed: int = 1,
) -> SampleSummary:
    """Write ``files`` files below ``into`` (made when missing), one folder a unit and one of unknown name.

    The same arguments give the same bytes, names and times. Files already there are overwritten or left alone.

    :raises UsageError: fewer files than the promised sorts need, or a unit table that answers for no item.
    """
    todo = plan(catalogue, units, window=window, files=files, unit_count=unit_count, seed=seed)
    out: list[Expectation] = []
    for piece in todo.pieces:
        target = _target(into, piece.folder, piece.name)
        lay_out(piece, target, window=window, seed=seed)
        out.append(_expected(piece))
        if piece.sidecar:
            text = f"{piece.title}。\r\n".encode()
            name = piece.name[: piece.name.rfind(".")] + ".txt"
            _target(into, piece.folder, name).write_bytes(text)
            out.append(Expectation(f"{piece.folder.name}/{name}", piece.folder.unit, piece.folder.known, "sidecar"))
    for copy in todo.copies:
        source = _target(into, copy.of.folder, copy.of.name)
        _target(into, copy.folder, copy.name).write_bytes(source.read_bytes())
        same_as = f"{copy.of.folder.name}/{copy.of.name}"
        out.append(
            msgspec.structs.replace(
                _expected(copy.of),
                path=f"{copy.folder.name}/{copy.name}",
                unit=copy.folder.unit,
                sort="duplicate",
                same_as=same_as,
            )
        )
    for bad in todo.bad:
        target = _target(into, bad.folder, bad.name)
        hostile.produce(bad.sort.name, target.parent, target.name)
        by = "number" if bad.item else ""
        where = f"{bad.folder.name}/{bad.name}"
        disposition = bad.sort.disposition
        out.append(Expectation(where, bad.folder.unit, True, "bad", disposition, bad.item, bad.kind, by, "", bad.sort.name))
    out += _forms(into, todo)
    out += _archive(into, todo, window, seed)
    out.sort(key=lambda e: (natural_key(e.path), e.path))
    _set_times(into, out, window, seed)
    return _summary(out, todo, window)


def lay_out(piece: Piece, target: Path, *, window: Window, seed: int) -> None:
    """Write one piece of material to ``target``."""
    rng = random.Random(f"{seed} {piece.number} {piece.item.id} {piece.kind}")
    figures_of = seed + 1_000_003 * piece.turn
    unit = piece.folder.unit
    day = None if piece.fault == "no_date" else piece.day
    match piece.kind:
        case EvidenceKind.DOCUMENT:
            number = "" if piece.fault == "no_number" else wording.document_number(unit, piece.day.year, piece.number)
            document = wording.document(piece.item, unit, piece.day, seed=figures_of, number=number, rng=rng, title=piece.title)
            document = msgspec.structs.replace(document, issued_on=day, printed_on=document.printed_on if day else None)
            layout.official_document(document, target)
        case EvidenceKind.REPORT:
            report = wording.report(piece.item, unit, piece.day, seed=figures_of, rng=rng, title=piece.title)
            layout.report(msgspec.structs.replace(report, issued_on=day), target)
        case EvidenceKind.PHOTO:
            layout.photo(_photo(piece, rng, seed), target)
        case EvidenceKind.TABLE:
            table = wording.table(piece.item, unit, window, seed=figures_of, day=piece.day)
            if target.suffix == ".csv":
                layout.table_csv(table, target, encoding=rng.choice(("utf-8-sig", "gb18030")))
            else:
                layout.table_xlsx(table, target)


def _photo(piece: Piece, rng: random.Random, seed: int) -> layout.Photo:
    hour, minute = rng.randint(8, 17), rng.randrange(60)
    return layout.Photo(
        seed=f"{seed} {piece.number}",
        scene="screen" if piece.suffix == ".png" else rng.choice(("street", "street", "meeting")),
        taken_at=datetime(piece.day.year, piece.day.month, piece.day.day, hour, minute),  # noqa: DTZ001 - cameras know no zone
        camera=rng.choice((("Shili", "SL-200"), ("Shili", "SL-90"), ("SHIFAN", "S20 Pro"))),
        gps=(round(26 + rng.random(), 5), round(118 + rng.random(), 5)) if rng.random() < 0.3 else None,
    )


def _target(into: Path, folder: Folder, name: str) -> Path:
    path = into / folder.name / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _expected(piece: Piece) -> Expectation:
    return Expectation(
        path=f"{piece.folder.name}/{piece.name}",
        unit=piece.folder.unit,
        unit_known=piece.folder.known,
        sort=piece.sort,
        item=piece.item.id,
        kind=piece.kind,
        by=piece.by,
        fault=piece.fault,
    )


def _forms(into: Path, todo: Plan) -> list[Expectation]:
    """The 提交表 of each unit that hands one in: one row for each of its pieces that the form speaks for."""
    out = []
    for folder in (f for f in todo.folders if f.form):
        rows: list[list[layout.Value]] = [
            ["测评材料提交表"],
            [typeset(f"填报单位:{folder.unit}")],
            list(map(typeset, FORM_HEADER)),
        ]
        for n, p in enumerate((p for p in todo.pieces if p.folder == folder and p.by == "form"), 1):
            day = "" if p.fault == "no_date" else p.day.isoformat()
            rows.append([n, p.item.id.replace("III", "Ⅲ"), str(p.kind), p.title, p.name, day, "符合", p.sent_on.isoformat()])
        target = _target(into, folder, f"提交表{folder.form}")
        target.write_bytes(_form_bytes(rows, folder.form))
        out.append(Expectation(f"{folder.name}/{target.name}", folder.unit, True, "form"))
    return out


def _form_bytes(rows: list[list[layout.Value]], suffix: str) -> bytes:
    from samples import table

    if suffix == ".csv":
        return table.csv(rows).encode("utf-8-sig")
    return table.xlsx(rows, columns=len(FORM_HEADER), sheet="提交表")


def _archive(into: Path, todo: Plan, window: Window, seed: int) -> list[Expectation]:
    """One zip with GBK names in the folder of its first member; the members are laid out beside it and taken away again."""
    folder = todo.archive[0].folder
    target = _target(into, folder, "报送材料.zip")
    members, out = [], [Expectation(f"{folder.name}/{target.name}", folder.unit, folder.known, "archive")]
    for piece in todo.archive:
        name = piece.name.replace("/", " ")
        scratch = target.parent / f"member{piece.suffix}"
        lay_out(piece, scratch, window=window, seed=seed)
        members.append((f"报送材料/{name}", scratch.read_bytes()))
        scratch.unlink()
        inside = f"{folder.name}/{target.name}!/报送材料/{name}"
        out.append(
            msgspec.structs.replace(_expected(piece), path=inside, unit=folder.unit, unit_known=folder.known, sort="member")
        )
    target.write_bytes(fixed.zip_bytes(members, encoding="gbk"))
    return out


def _set_times(into: Path, expectations: list[Expectation], window: Window, seed: int) -> None:
    """Every file was last changed on a working morning after the window, the same one on every run."""
    rng = random.Random(f"times {seed}")
    start = datetime(window.end.year, window.end.month, window.end.day, 1)  # noqa: DTZ001 - made UTC by hand below
    epoch = datetime(1970, 1, 1)  # noqa: DTZ001
    for e in expectations:
        if e.sort != "member":
            moment = start + timedelta(days=rng.randint(1, 28), minutes=rng.randrange(480))
            seconds = int((moment - epoch).total_seconds())
            os.utime(into / e.path, (seconds, seconds))


def _summary(expectations: list[Expectation], todo: Plan, window: Window) -> SampleSummary:
    files = [e for e in expectations if e.sort != "member"]
    counts = Counter(e.sort for e in files) + Counter(f"fault:{e.fault}" for e in files if e.fault)
    counts += Counter(str(e.disposition) for e in files)
    return SampleSummary(
        files=len(files),
        members=len(expectations) - len(files),
        units=tuple(sorted({f.unit for f in todo.folders})),
        folders=tuple(f.name for f in todo.folders),
        window=window,
        deadline=todo.deadline,
        counts=dict(sorted(counts.items())),
        expectations=tuple(expectations),
    )
