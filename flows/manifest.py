"""The archive's own list, as printed: what is held, and what depends on arrival added (never stored, law 1)."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator

import msgspec

from archive_schema.evidence import Source
from archive_schema.outputs import ManifestFinding, ManifestLine
from flows.workspace import Opened
from validators import timing

_CHUNK = 500


def manifest_lines(o: Opened) -> Iterator[ManifestLine]:
    """One line per evidence in order of digest, late arrivals marked; memory does not grow with their number."""
    lines = o.archive.manifest_lines()
    while some := list(itertools.islice(lines, _CHUNK)):
        sources: dict[str, list[Source]] = defaultdict(list)
        for s in o.archive.index.sources([line.sha256 for line in some]):
            sources[s.sha256].append(s)
        for line in some:
            late = _late(o, line, sources[line.sha256])
            yield msgspec.structs.replace(line, findings=[*line.findings, *late]) if late else line


def _late(o: Opened, line: ManifestLine, sources: list[Source]) -> list[ManifestFinding]:
    """LATE once, when it holds for any placement of any unit."""
    for unit in sorted({s.unit for s in sources}):
        mine = [s for s in sources if s.unit == unit]
        for p in line.placements:
            found = timing.timing_outcomes(
                mine, unit, p.item, p.kind, catalogue=o.catalogue, cycle=o.cycle, zone=o.zone, settings=o.settings
            )
            if found:
                return [ManifestFinding(code=found[0].code, severity=found[0].severity)]
    return []
