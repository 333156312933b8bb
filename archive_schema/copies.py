"""The JSON shapes of what leaves the archive and comes back: ``export``, ``copy``, ``restore``."""

from __future__ import annotations

import msgspec

from archive_schema.words import EvidenceKind


class ExportedFile(msgspec.Struct, frozen=True):
    """One file of an export. ``path``: in the export, ``/`` between parts; ``sources``: ``unit/path`` as sent; ``pages`` None = not known."""

    path: str
    item: str
    kind: EvidenceKind
    number: int  # within item and kind, from 1
    title: str
    document_number: str | None
    responsible: str  # 责任者: who issued it, else who sent it
    dated: str | None  # of the document or the photograph
    pages: int | None
    size: int
    sha256: str
    sources: list[str]
    usable: bool
    sm3: str | msgspec.UnsetType = msgspec.UNSET  # where it is asked for
    attested: list[str] = []  # facts that a named person attested


class LeftOut(msgspec.Struct, frozen=True):
    """Held material that an export does not contain. ``reason``: a stable word; ``text``: the same in Chinese, with what to do or know."""

    sha256: str
    unit: str
    path: str
    item: str | None
    kind: EvidenceKind | None
    size: int
    reason: str
    text: str


class ExportOutput(msgspec.Struct, frozen=True):
    """``dangan export --format json``. ``damaged``: object keys whose bytes in the store are not what they should be."""

    folder: str
    cycle: str
    head: str | None
    state_digest: str
    files: list[ExportedFile]
    left_out: list[LeftOut]
    damaged: list[str]
    records: int = 0  # in the series up to the head; 0 = not known


class CopyDifference(msgspec.Struct, frozen=True):
    """Where a second copy is not what the archive is.

    code: copy.missing, copy.extra, copy.not-destroyed, copy.size, copy.content, copy.behind, source.damaged; of ``--from`` repair.ready (may
    be laid back), repair.missing, repair.altered (was laid back), repair.copy-missing, repair.copy-damaged (the copy has it not, or not
    right); then ``here`` and ``there`` are digests
    """

    code: str
    key: str
    here: str | None
    there: str | None


class CopyOutput(msgspec.Struct, frozen=True):
    """``dangan copy --format json``. ``heads``: cycle → ``SEQ:DIGEST`` that the copy has now; ``kept``: objects that were there already.

    Of ``--from``: ``copied`` and ``repaired`` tell what was laid back into the archive, ``kept`` what was looked at and is well."""

    url: str
    heads: dict[str, str]
    copied: int
    bytes: int
    kept: int
    deleted: int
    differences: list[CopyDifference]
    repaired: list[CopyDifference] = []


class RestoreOutput(msgspec.Struct, frozen=True):
    """``dangan restore --format json``. ``writer``: this index may write; ``written``: files that were made anew."""

    cycle: str
    head: str | None
    state_digest: str
    evidence: int
    sources: int
    decisions: int
    writer: bool
    written: list[str]
    records: int = 0  # in the series up to the head; 0 = not known
