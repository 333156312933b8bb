"""The folders of the inbox: one for every unit that is no group."""

from __future__ import annotations

from archive_schema.errors import DataError
from archive_schema.units import UnitTable
from flows import replacing
from flows.places import Workspace


def check_names(table: UnitTable) -> UnitTable:
    """``table`` itself, when every name in it can be that of a folder below the inbox.

    :raises DataError: naming those that cannot.
    """
    wrong = [u.name for u in table.units if "/" in u.name or "\x00" in u.name or u.name.startswith(".")]
    if wrong:
        raise DataError(
            f"not names of folders: {wrong}",
            zh=f"单位名称不能作文件夹名: {'、'.join(wrong)}",
            code="units.name",
            hint="单位名称里不要有 /,也不要以 . 开头",
        )
    return table


def make_folders(place: Workspace, table: UnitTable) -> None:
    """Where the inbox is a folder; on an S3 server a folder is there when a file is.

    :raises DataError: a name in ``table`` cannot be that of a folder; none is made.
    :raises UnavailableError: the disk of the inbox is full, read-only or forbidden.
    """
    for unit in check_names(table).units:
        if not unit.members and place.inbox_path is not None:
            with replacing.named(place.inbox_path / unit.name):
                (place.inbox_path / unit.name).mkdir(parents=True, exist_ok=True)
