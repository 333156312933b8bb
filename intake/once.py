"""No page is recognised twice: what OCR made of some bytes is kept for the run, and looked up where it was kept before."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from archive_schema.cycle import Limits
from archive_schema.evidence import Reading
from intake import deepen

#: SHA-256 → what was read of these bytes before, or None; read by OCR or not
Remembered = Callable[[str], Reading | None]
#: readings kept for copies that may come later in the run
_KEPT = 512


class Once:
    """:param remembered: asked for bytes that this run has not seen, e.g. of an archive's index and derived texts."""

    def __init__(self, limits: Limits, remembered: Remembered | None) -> None:
        self._limits = limits
        self._remembered = remembered
        self._kept: dict[str, Reading] = {}
        self._busy: set[str] = set()

    def known(self, sha256: str, without: Reading) -> Reading | None:
        """What OCR made of these bytes when it was done as it would be now.

        :param without: the reading of the same bytes without OCR.
        """
        wanted = deepen.upgraded(without.reader, self._limits)
        for look_up in (self._kept.get, self._remembered):
            found = look_up(sha256) if look_up is not None else None
            if found is not None and found.media_type == without.media_type and _enough(found.reader, wanted):
                # a name is the source's, not the bytes': what it said of another copy says nothing of this one
                facts = {k: f for k, f in found.facts.items() if not f.method.startswith("name@")}
                return msgspec.structs.replace(found, facts=facts)
        return None

    def busy(self, sha256: str) -> bool:
        """Another child is at it: its answer is worth waiting for."""
        return sha256 in self._busy

    def begin(self, sha256: str) -> None:
        self._busy.add(sha256)

    def end(self, sha256: str, reading: Reading | None) -> None:
        """:param reading: None when it came to nothing (a death, a quarantine): a copy is tried for itself."""
        self._busy.discard(sha256)
        if reading is not None:
            self._kept[sha256] = reading
            while len(self._kept) > _KEPT:
                self._kept.pop(next(iter(self._kept)))


def _enough(have: str, wanted: str) -> bool:
    """``have`` is what is wanted, or the same with whole pages."""
    return have in (wanted, f"{wanted}f")
