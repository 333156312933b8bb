"""Office files are zip files: written again so that the same parts give the same bytes on every machine and at every time."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

#: who made them, as they say themselves
MAKER = "dangan"
#: the earliest time that a zip can say
EPOCH = datetime(1980, 1, 1, tzinfo=UTC)
_CHUNK = 1 << 20


def settled(raw: io.BytesIO, instead: Mapping[str, bytes] = MappingProxyType({})) -> bytes:
    """The same members in the same order, without the clock and the system of the machine that wrote them. No member is held whole.

    :param instead: members with other content.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(raw) as src, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as dst:
        for member in src.infolist():
            info = zipfile.ZipInfo(member.filename, date_time=EPOCH.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0  # the same on every machine
            if member.filename in instead:
                dst.writestr(info, instead[member.filename])
                continue
            info.file_size = member.file_size
            with src.open(member) as whole, dst.open(info, "w") as same:
                shutil.copyfileobj(whole, same, _CHUNK)
    return out.getvalue()
