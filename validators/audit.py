"""Is the store what the manifest says: pure comparisons for the audit's fast depth.

What is compared is given by the caller: heads, what the series says of itself, a listing, what the manifest expects. An
object destroyed by decision (依决定销毁) is never missing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path

import msgspec

from archive_schema.outputs import AuditIntegrity, AuditOutput, AuditProblem
from archive_schema.records import Head
from archive_schema.words import Nature

DATA = Path(__file__).parent / "data" / "audit.toml"


class ProblemKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of ``data/audit.toml``."""

    code: str
    nature: Nature
    blocking: bool
    text: str
    remedy: str


class SeriesProblem(msgspec.Struct, frozen=True):
    """What the series says of itself; codes as the storage room names them."""

    code: str
    key: str
    expected: str | None = None
    found: str | None = None


class ExpectedObject(msgspec.Struct, frozen=True):
    """An evidence of the manifest. ``destroyed``: 依决定销毁, only the tombstone stays."""

    key: str
    size: int
    destroyed: bool = False


@cache
def kinds() -> dict[str, ProblemKind]:
    """code → what it means."""
    rows = tomllib.loads(DATA.read_text("utf-8"))["problem"]
    return {k.code: k for k in (msgspec.convert(row, ProblemKind) for row in rows)}


def meanings() -> dict[str, tuple[str, str]]:
    """code → (what it means, what to do), in Chinese."""
    return {code: (k.text, k.remedy) for code, k in kinds().items()}


def problem(code: str, key: str, expected: str | None = None, found: str | None = None) -> AuditProblem:
    """A problem with the nature that its code has; 真实性 where the code is not in the table."""
    kind = kinds().get(code)
    nature = kind.nature if kind else Nature.AUTHENTICITY
    return AuditProblem(code=code, nature=nature.value, key=key, expected=expected, found=found)


def heads(store: Head | None, index: Head | None) -> list[AuditProblem]:
    """The head in the store against the one that the index last applied: two memories of one series."""

    def told(head: Head | None) -> str | None:
        return f"{head.anchor} 共 {head.total} 条" if head else None

    if told(store) == told(index):
        return []
    key = store.key if store else index.key if index else ""
    return [problem("head.differs", key, told(index), told(store))]


def anchor(head: Head | None, anchors: Mapping[int, str], expect: str | None) -> list[AuditProblem]:
    """The series against an anchor ``SEQ:DIGEST`` kept outside: it must hold that segment, at the head or before it.

    :param anchors: seq → digest of the segments as they are.
    """
    if expect is None:
        return []
    seq, _, digest = expect.partition(":")
    have = anchors.get(int(seq)) if seq.isdecimal() else None
    if have == digest:
        return []
    found = f"{seq}:{have}" if have else (head.anchor if head else None)
    return [problem("head.anchor", head.key if head else "", expect, found)]


def series(problems: Iterable[SeriesProblem]) -> list[AuditProblem]:
    return [problem(p.code, p.key, p.expected, p.found) for p in problems]


def objects(
    listing: Mapping[str, int], expected: Iterable[ExpectedObject], *, staged: Collection[str] = ()
) -> list[AuditProblem]:
    """Missing, wrong in size, not destroyed, unexpected.

    :param listing: key → size in bytes of every object below ``objects/``.
    :param staged: keys that a run under way has written and not yet listed.
    """
    out = []
    known = set(staged)
    for e in expected:
        known.add(e.key)
        size = listing.get(e.key)
        if e.destroyed:
            if size is not None:
                out.append(problem("object.not-destroyed", e.key, "依决定销毁", f"{size} 字节"))
        elif size is None:
            out.append(problem("object.missing", e.key, f"{e.size} 字节", None))
        elif size != e.size:
            out.append(problem("object.size", e.key, f"{e.size} 字节", f"{size} 字节"))
    out += [problem("object.unexpected", k, None, f"{listing[k]} 字节") for k in sorted(set(listing) - known)]
    return sorted(out, key=lambda p: (p.key, p.code))


def counts(manifest: int, index: int, *, what: str = "evidence") -> list[AuditProblem]:
    """How many there are by the series, and by the index."""
    return [] if manifest == index else [problem("count.objects", what, str(manifest), str(index))]


def fast(
    *,
    store_head: Head | None,
    index_head: Head | None,
    series_problems: Iterable[SeriesProblem],
    listing: Mapping[str, int],
    expected: Iterable[ExpectedObject],
    staged: Collection[str] = (),
) -> list[AuditProblem]:
    """Everything the fast depth compares, heads and series first."""
    return [*heads(store_head, index_head), *series(series_problems), *objects(listing, expected, staged=staged)]


def integrity(problems: Iterable[AuditProblem]) -> AuditIntegrity:
    """``ok``: nothing blocking among them. A code that the table does not know blocks."""
    listed = list(problems)
    return AuditIntegrity(ok=not any(is_blocking(p) for p in listed), problems=listed)


def is_blocking(p: AuditProblem) -> bool:
    kind = kinds().get(p.code)
    return kind.blocking if kind else True


def blocking(output: AuditOutput) -> bool:
    """Did the audit find something blocking in what it looked at (exit code 1)."""
    return any(part is not None and not part.ok for part in (output.integrity, output.completeness))
