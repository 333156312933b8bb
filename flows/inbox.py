"""The inbox: a tree of folders, or what lies below a prefix of an S3 server, with the same meaning.

``inbox = "s3://bucket/prefix"`` in ``dangan.toml``: an object ``<unit>/<path>`` is what the file ``inbox/<unit>/<path>`` is. It is copied to the
scratch folder when its turn comes, read and stored from there, and removed with its batch; the objects themselves are never altered.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import msgspec

from archive_schema.cycle import Limits
from archive_schema.errors import UsageError
from archive_schema.text import natural_key
from archive_schema.units import UnitTable
from archive_schema.words import Disposition
from flows.places import Workspace
from intake import names
from intake.discover import Found, discover, judge_file, owner
from storage.delivery import Delivered, Delivery, open_delivery
from storage.objects import ObjectMissing

_GONE = "文件已不在收件箱,下次再看"
_NOT_A_PATH = "对象名中有空的一段或“.”“..”,不是文件夹里的文件;请换一个名称重新上传"


class Inbox(Protocol):
    """``walk`` finds; ``bring`` makes sure that the bytes of what was found lie at ``Found.file``; ``drop`` says they are done with."""

    def walk(self, units: UnitTable, limits: Limits, *, only: Sequence[Path] = (), now_ns: int) -> Iterator[Found]: ...

    def bring(self, found: Found, into: Path) -> Found: ...

    def drop(self, founds: Iterable[Found]) -> None: ...


class FolderInbox(msgspec.Struct, frozen=True):
    """Files are read where they lie."""

    root: Path

    def walk(self, units: UnitTable, limits: Limits, *, only: Sequence[Path] = (), now_ns: int) -> Iterator[Found]:
        return discover(self.root, units, limits, only=only, now_ns=now_ns)

    def bring(self, found: Found, into: Path) -> Found:
        return found

    def drop(self, founds: Iterable[Found]) -> None:
        pass


class DeliveredInbox(msgspec.Struct, frozen=True):
    """Objects below a prefix. ``Found.file`` of what was not brought yet is its name alone, and no file."""

    delivery: Delivery

    def walk(self, units: UnitTable, limits: Limits, *, only: Sequence[Path] = (), now_ns: int) -> Iterator[Found]:
        """:param only: names below the inbox, files or folders, as ``ingest 市文明办/通知.pdf`` gives them.

        :raises UsageError: (``inbox.outside``) nothing lies there.
        """
        wanted = [str(p).strip("/") for p in only]
        met: set[str] = set()
        found = [
            d for d in self.delivery.delivered() if not (d.name.endswith("/") and d.size == 0)
        ]  # a folder, as consoles make them
        files = {d.name for d in found}
        for d in sorted(found, key=lambda d: (natural_key(d.name), d.name)):
            hits = {w for w in wanted if d.name == w or d.name.startswith(f"{w}/")}
            if hits or not wanted:
                met |= hits
                yield _found(d, files, units, limits, now_ns)
        for absent in (w for w in wanted if w not in met):
            raise UsageError(
                f"{absent} is not in {self.delivery.url}",
                zh=f"“{absent}”不在收件箱 {self.delivery.url} 内",
                code="inbox.outside",
                path=absent,
                hint="只能收收件箱中的文件,写法如 市文明办/通知.pdf",
            )

    def bring(self, found: Found, into: Path) -> Found:
        """:raises UnavailableError: the server does not answer. :raises OSError: (with its place) there is no room for it."""
        if found.disposition is not None or found.file.is_absolute():
            return found
        name = str(found.file)
        local = into / hashlib.sha256(name.encode()).hexdigest()
        if not local.exists():
            part = local.with_suffix(".part")
            part.unlink(missing_ok=True)
            try:
                self.delivery.collect(name, part)
                os.utime(part, ns=(found.mtime_ns, found.mtime_ns))
                part.rename(local)
            except ObjectMissing:
                return msgspec.structs.replace(found, disposition=Disposition.WAITING, reason=_GONE)
            except OSError as e:
                raise OSError(e.errno, e.strerror, str(local)) from e
        if local.stat().st_size != found.size:  # replaced since it was listed: its time is another one, too
            local.unlink()
            return msgspec.structs.replace(found, disposition=Disposition.WAITING, reason="文件刚被替换,下次再收")
        return msgspec.structs.replace(found, file=local)

    def drop(self, founds: Iterable[Found]) -> None:
        for f in founds:
            if f.file.is_absolute():
                with suppress(OSError):
                    f.file.unlink()


def inbox_of(workspace: Workspace, env: Mapping[str, str] = os.environ) -> Inbox:
    """The one that ``dangan.toml`` names.

    :raises UsageError: the bucket or the keys are wrong. :raises UnavailableError: the server does not answer.
    """
    if workspace.inbox_path is None:
        return DeliveredInbox(open_delivery(workspace.inbox, env=env))
    return FolderInbox(workspace.inbox_path)


def _found(d: Delivered, files: Container[str], units: UnitTable, limits: Limits, now_ns: int) -> Found:
    *above, name = d.name.split("/")
    parts = [names.apart("/".join(above[: n + 1]), files).rpartition("/")[2] for n in range(len(above))] + [name]
    folder = parts[0] if len(parts) > 1 else ""
    path = "/".join(parts[1:] if folder else parts)
    mtime_ns = int(d.modified.timestamp() * 1_000_000) * 1_000
    disposition, reason = judge_file(path, d.size, mtime_ns, limits, now_ns)
    if any(p in ("", ".", "..") for p in parts):
        disposition, reason = Disposition.QUARANTINED, _NOT_A_PATH
    unit, known = owner(folder, units)
    return Found(folder, names.of_file(folder, path), Path(d.name), d.size, mtime_ns, unit, known, disposition, reason)
