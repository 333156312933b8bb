"""A BagIt bag with the material in folders that a reviewer can read, its index (卷内目录), and what was left out and why.

Bytes are what the departments sent, verified while they are copied. Nothing in the bag depends on the clock: the same archive gives
the same manifests, byte for byte.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import unicodedata
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from archive_schema import media, sm3
from archive_schema.catalogue import Item
from archive_schema.copies import ExportedFile, ExportOutput, LeftOut
from archive_schema.errors import UsageError, system_said
from archive_schema.evidence import ATTESTED, FACT_NAMES, Evidence
from archive_schema.text import place
from flows import bag, guard
from flows.negative import negative_list
from flows.selection import Piece, numbered, select
from flows.view import title_of
from flows.workspace import PROGRAM, Opened
from reports import contents_xlsx, filenames
from storage import keys, series
from storage.objects import CHUNK, ObjectMissing, ObjectStore

if TYPE_CHECKING:
    from hashlib import _Hash

#: files written, files to write
Progress = Callable[[int, int], None]

INDEX = "卷内目录.xlsx"
#: characters of a folder's and of a file's name: whole paths stay below the 260 of Windows
_FOLDER, _ITEM, _FILE = 20, 30, 60
#: numerals as the upload system of the review writes them: one character
_ROMAN = {unicodedata.normalize("NFKC", c): c for c in "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ"}


def export(
    o: Opened,
    folder: Path,
    *,
    items: Collection[str] | None = None,
    unit: str | None = None,
    everything: bool = False,
    max_bytes: int | None = None,
    upload_layout: bool = False,
    progress: Progress | None = None,
) -> ExportOutput:
    """Write the bag to ``folder``, which must be new or empty; it appears whole or not at all.

    An evidence that stands under two items is written twice. One whose bytes in the store are lost or altered is left out and named
    in ``damaged``. For ``items``, ``unit``, ``everything`` and ``max_bytes`` see ``flows.selection.select``.

    :param upload_layout: one folder with names like ``Ⅲ18-1)_规范文件_01_标题.pdf``.
    :raises UsageError: ``folder`` is not empty, is none for outputs (``flows.guard``) or cannot be written. :raises UnavailableError: the store does not answer.
    """
    folder = folder.absolute()
    guard.refuse_kept(folder, o.workspace)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            f"{folder} is not empty",
            zh=f"“{folder}”已有内容",
            code="export.not-empty",
            path=str(folder),
            hint="请换一个新的文件夹名;旧的导出不会被覆盖",
        )
    selection = select(o, items=items, unit=unit, everything=everything, max_bytes=max_bytes)
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    try:
        (temporary / "data").mkdir(parents=True)
        attested: dict[str, str] | None = {} if o.workspace.sm3 else None
        files, left_out, payload = _payload(o, temporary / "data", selection.pieces, upload_layout, progress, attested)
        left_out = [*selection.left_out, *left_out]
        title = " ".join(filter(None, (o.cycle.city, o.cycle.name, o.catalogue.head.edition)))
        index = contents_xlsx.render(files, left_out, o.catalogue.by_id, title=title, negative=negative_list(o))
        (temporary / "data" / INDEX).write_bytes(index)
        payload[INDEX] = (hashlib.sha256(index).hexdigest(), len(index))
        if attested is not None:
            attested[INDEX] = sm3.sm3(index)
        bag.close(temporary, payload, _info(o), sm3=attested)
        temporary.replace(folder)
    except OSError as e:
        raise UsageError(
            f"cannot write {folder}: {e}",
            zh=f"写不了“{folder}”: {system_said(e)}",
            code="export.unwritable",
            path=str(folder),
            hint="请检查权限和磁盘空间,或换一个位置",
        ) from e
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    head = o.archive.head()
    return ExportOutput(
        folder=str(folder),
        cycle=o.cycle.name,
        head=head.anchor if head else None,
        records=head.total if head else 0,
        state_digest=o.archive.state_digest(),
        files=files,
        left_out=left_out,
        damaged=sorted({keys.object_key(x.sha256) for x in left_out if x.reason == "damaged"}),
    )


def _payload(
    o: Opened,
    data: Path,
    pieces: Collection[Piece],
    upload_layout: bool,
    progress: Progress | None,
    attested: dict[str, str] | None,
) -> tuple[list[ExportedFile], list[LeftOut], dict[str, tuple[str, int]]]:
    """Write the files; what was written, what could not be, and the digests. ``attested`` takes their SM3, None = not asked for."""
    taken: dict[str, set[str]] = {}
    files, damaged, payload = [], [], {}
    for done, (number, piece) in enumerate(numbered(pieces), 1):
        item = o.catalogue.by_id[piece.item]
        above = "" if upload_layout else "/".join(folders(item)) + "/"
        stem, ending = _name(item, number, piece, upload_layout)
        path = above + filenames.unique(stem, ending, taken.setdefault(above, {INDEX}))
        target = data / path
        target.parent.mkdir(parents=True, exist_ok=True)
        second = sm3.new() if attested is not None else None
        if _copy(o.archive.store, piece.evidence, target, second):
            described = _described(piece, number, f"data/{path}")
            if attested is not None and second is not None:
                attested[path] = second.hexdigest()
                described = msgspec.structs.replace(described, sm3=second.hexdigest())
            payload[path] = (piece.evidence.sha256, piece.evidence.size)
            files.append(described)
        else:
            target.unlink(missing_ok=True)
            damaged += [_damaged(piece, unit) for unit in sorted({s.unit for s in piece.sources})]
        if progress:
            progress(done, len(pieces))
    return files, damaged, payload


def folders(item: Item) -> tuple[str, ...]:
    """项目 › 指标 › 内容 › 标准, each with its number before it."""
    return (
        filenames.safe(f"{item.project_no:02d} {item.project}", _FOLDER),
        filenames.safe(f"{item.indicator_no:02d} {item.indicator}", _FOLDER),
        filenames.safe(f"{item.content_no} {item.content}", _FOLDER),
        filenames.safe(f"{item.id} {item.standard}", _ITEM),
    )


def upload_number(item: str) -> str:
    """``III18-1`` → ``Ⅲ18-1)``."""
    m = re.match(r"[IVX]+(?=\d)", item)
    return (_ROMAN[m[0]] + item[m.end() :] if m and m[0] in _ROMAN else item) + ")"


def _name(item: Item, number: int, piece: Piece, upload_layout: bool) -> tuple[str, str]:
    stem = f"{piece.kind}_{number:02d}_{_title(piece)}"
    if upload_layout:
        stem = f"{upload_number(item.id)}_{stem}"
    return filenames.safe(stem, _FILE), _ending(piece)


def _title(piece: Piece) -> str:
    first = piece.sources[0] if piece.sources else None
    sent = first.path.rpartition("/")[2] if first else piece.evidence.sha256[:12]
    return title_of(piece.facts, first) or sent.removesuffix(sent[len(sent) - len(filenames.suffix(sent)) :])


def _ending(piece: Piece) -> str:
    """As sent, unless what the file is says otherwise: then a reviewer could not open it under that name."""
    sent = piece.sources[0].path if piece.sources else ""
    claimed, true = media.of_name(sent), media.of_type(piece.evidence.media_type)
    if true.extensions and (claimed is None or claimed.media_type != true.media_type):
        return true.extensions[0]
    return filenames.suffix(sent)


def _copy(store: ObjectStore, e: Evidence, target: Path, second: _Hash | None) -> bool:
    """False = the bytes in the store are not those of the manifest. ``second``: SM3 to be computed as well."""
    h = hashlib.sha256()
    try:
        with store.open(e.object_key or keys.object_key(e.sha256)) as source, target.open("xb") as f:
            while chunk := source.read(CHUNK):
                h.update(chunk)
                if second is not None:
                    second.update(chunk)
                f.write(chunk)
    except ObjectMissing:
        return False
    attested = second is None or not isinstance(e.sm3, str) or second.hexdigest() == e.sm3
    return h.hexdigest() == e.sha256 and attested


def _described(piece: Piece, number: int, path: str) -> ExportedFile:
    e, facts = piece.evidence, piece.facts

    def fact(*names: str) -> str | None:
        return next((str(facts[n].value) for n in names if n in facts and facts[n].value), None)

    pages = facts["pages"].value if "pages" in facts else None
    if pages is None and media.of_type(e.media_type).family == "picture":
        pages = 1
    return ExportedFile(
        path=path,
        item=piece.item,
        kind=piece.kind,
        number=number,
        title=_title(piece),
        document_number=fact("document_number"),
        responsible=fact("issuer") or "、".join(sorted({s.unit for s in piece.sources})),
        dated=fact("issued_on", "taken_on"),
        pages=pages if isinstance(pages, int) else None,
        size=e.size,
        sha256=e.sha256,
        sources=[place(s.unit, s.path) for s in piece.sources],
        usable=piece.usable,
        attested=[k for k in FACT_NAMES if k in facts and facts[k].method == ATTESTED],
    )


def _damaged(piece: Piece, unit: str) -> LeftOut:
    path = next(s.path for s in piece.sources if s.unit == unit)
    text = "存储中的字节缺失或与摘要不符;请运行 dangan audit,从第二副本恢复后重新导出"
    return LeftOut(piece.evidence.sha256, unit, path, piece.item, piece.kind, piece.evidence.size, "damaged", text)


def _info(o: Opened) -> dict[str, str]:
    """``bag-info.txt``: where the bag comes from, and the last time that the archive was written instead of now."""
    info = {"Source-Organization": o.cycle.city} if o.cycle.city else {}
    head = o.archive.head()
    if head is not None:
        written = series.read_segment(o.archive.store, head.key).header.written_at
        info |= {"Bagging-Date": f"{written:%Y-%m-%d}", "External-Identifier": f"{o.cycle.name} {head.anchor}"}
        info |= {"Dangan-Record-Count": str(head.total)}
    return {
        **info,
        "External-Description": f"{o.cycle.name} {o.catalogue.head.edition}",
        "Internal-Sender-Identifier": o.archive.state_digest(),
        "Bag-Software-Agent": PROGRAM,
    }
