"""What a unit put other material in the place of: where it lay, something else of the unit lies now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from archive_schema.decisions import Decision
from archive_schema.evidence import Source
from flows.workspace import Opened


def looked_at_still(unit: str, standing: Collection[tuple[str, bool]]) -> bool:
    """Does an archivist look all the same at what a unit put other material in the place of? Only where a requirement waits for
    nothing else, and the unit has nothing newer for it.

    :param standing: of the requirement, what nothing lies in the place of: whose, and whether it waits.
    """
    return not any(waits or u == unit for u, waits in standing)


class InPlace:
    """The inbox as it was last seen, with what lay there before."""

    def __init__(
        self,
        o: Opened,
        sources: Mapping[str, Sequence[Source]],
        withdrawn: AbstractSet[tuple[str, str]],
        *,
        auxiliary: Callable[[str], bool],
    ) -> None:
        """
        :param sources: all, by SHA-256. :param withdrawn: (SHA-256, unit); unit "" = for every unit.
        :param auxiliary: is the evidence of that SHA-256 held, and no material itself?
        """
        self._index = o.archive.index
        self._sources, self._withdrawn, self._auxiliary = sources, withdrawn, auxiliary
        self._standing = {(s.folder, s.path): s for group in sources.values() for s in group if s.present}

    def corrected(self, sha256: str, unit: str, after: Decision | None = None) -> bool:
        """Did the unit put other material in its place: it has these bytes nowhere any more, and where they lay something else lies?
        A 提交表 or an archive takes the place of its like, and an archive that of all that was in the one before, whatever it calls it.

        :param after: only what came after that decision counts, in the order of the series, and only what has the same name: a
            piece that was sent back is not answered by an archive that leaves it out.
        """
        mine = [s for s in self._sources.get(sha256, ()) if s.unit == unit]
        if any(s.present for s in mine):
            return False
        apart = all(s.auxiliary for s in mine)
        laid = [*mine, *(c for s in mine for c in self._containers(s))] if after is None else mine
        there = (self._standing.get((s.folder, s.path)) for s in laid if not s.present)
        return any(
            s.unit == unit
            and (apart or self._holds_material(s))
            and (after is None or self._index.came_after(s, after.id))
            and not {(s.sha256, unit), (s.sha256, "")} & self._withdrawn
            for s in there
            if s is not None
        )

    def all_corrected(self) -> set[tuple[str, str]]:
        """(SHA-256, unit) of everything that is."""
        senders = {(sha, s.unit) for sha, of in self._sources.items() for s in of}
        return {key for key in senders if self.corrected(*key)}

    def _containers(self, s: Source) -> Iterator[Source]:
        """What it came in, and what that came in."""
        around = self._sources.get(s.member_of, ()) if s.member_of else ()
        for c in around:
            if c.folder == s.folder and s.path.startswith(f"{c.path}!/"):
                yield c
                yield from self._containers(c)

    def _holds_material(self, s: Source) -> bool:
        """No 提交表 and no text beside a picture; an archive that came whole does, in its members."""
        return not s.auxiliary or self._auxiliary(s.sha256)
