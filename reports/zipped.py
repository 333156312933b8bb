"""Office files are zip files: written again so that the same parts give the same bytes on every machine and at every time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

#: who made them, as they say themselves
MAKER = "dangan"
#: the earliest time that a zip can say
EPOCH = datetime(1980, 1, 1, tzinfo=UTC)


def settled(raw: bytes, instead: Mapping[str, bytes] = MappingProxyType({})) -> bytes:
    """The same members in the same order, without the clock and the system of the machine that wrote them.

    :param instead: members with other content.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as src, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as dst:
        for name in src.namelist():
            info = zipfile.ZipInfo(name, date_time=EPOCH.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0  # the same on every machine
            dst.writestr(info, instead.get(name) or src.read(name))
    return out.getvalue()
