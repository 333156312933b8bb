"""Is the store what the manifest says: pure comparisons.

What is compared is given by the caller: heads, what the series says of itself, a listing, what the manifest expects, what
reading a file again gave. An object destroyed by decision (依决定销毁) is never missing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

import msgspec

from archive_schema.evidence import FACT_NAMES, Evidence, Reading
from archive_schema.outputs import AuditIntegrity, AuditOutput, AuditProblem
from archive_schema.records import Head
from archive_schema.words import Nature, ReadState

DATA = Path(__file__).parent / "data" / "audit.toml"

DIGITS = 64
#: as many digits of the digest as must be noted down, 本项目默认
LEAST_DIGITS = 12
#: an anchor as people bring it
ANCHOR = re.compile(rf"\d+:[0-9a-f]{{{LEAST_DIGITS},{DIGITS}}}")


class Step(StrEnum):
    """What an audit does, in the order of depth; ``BYTES`` and what comes after may be done of a share of the objects."""

    FAST = "fast"
    ANCHOR = "anchor"
    COMPLETE = "complete"
    BYTES = "bytes"
    OPENING = "opening"
    FACTS = "facts"
    VIRUS = "virus"


class ProblemKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of ``data/audit.toml``. ``by``: the step that finds it."""

    code: str
    nature: Nature
    blocking: bool
    text: str
    remedy: str
    by: Step = Step.FAST


class SeriesProblem(msgspec.Struct, frozen=True):
    """What the series says of itself; codes as the storage room names them."""

    code: str
    key: str
    expected: str | None = None
    found: str | None = None


class ExpectedObject(msgspec.Struct, frozen=True):
    """An object of the manifest. ``size`` None = not recorded. ``destroyed``: 依决定销毁, only the tombstone stays."""

    key: str
    size: int | None
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


def unexpected(key: str, size: int) -> AuditProblem:
    """Something lies in the store that nobody put there for the archive. A folder's name ends in ``/``."""
    return problem("object.unexpected", key, None, "文件夹" if key.endswith("/") else f"{size} 字节")


def heads(store: Head | None, index: Head | None) -> list[AuditProblem]:
    """The head in the store against the one that the index last applied: two memories of one series."""

    def told(head: Head | None) -> str | None:
        return f"{head.anchor} 共 {head.total} 条" if head else None

    if told(store) == told(index):
        return []
    key = store.key if store else index.key if index else ""
    return [problem("head.differs", key, told(index), told(store))]


def anchor(head: Head | None, found: str | None, expect: str | None) -> list[AuditProblem]:
    """The series against an anchor ``SEQ:DIGEST`` kept outside: it must hold that segment, at the head or before it.
    As many digits are compared as were noted down.

    :param found: digest of the segment with that seq, as it is; None = there is none.
    """
    if expect is None:
        return []
    seq, _, digest = expect.partition(":")
    if found is not None and found.startswith(digest):
        return []
    return [
        problem("head.anchor", head.key if head else "", expect, f"{seq}:{found}" if found else head.anchor if head else None)
    ]


def beyond_anchor(expect: str, problems: Iterable[AuditProblem]) -> list[str]:
    """What an anchor that agrees leaves 未检, because only the first digits of its digest were noted down."""
    digits = len(expect.partition(":")[2])
    if digits == DIGITS or any(p.code == "head.anchor" for p in problems):
        return []
    return [f"外部锚点只抄了摘要的前 {digits} 位: 这 {digits} 位相符,其余 {DIGITS - digits} 位没有核对;请抄全 {DIGITS} 位"]


#: what the storage room says of a series in the words of its exceptions, as a user reads it
_SAID = (
    (r"nothing", "没有"),
    (r"(?:the )?object", "该文件"),
    (r"a head", "清单之首"),
    (r"a segment", "清单的一段"),
    (r"a segment header", "段的首行"),
    (r"a record", "一条记录"),
    (r"another object", "别的文件"),
    (r"the beginning", "清单的开头"),
    (r"segments? (\d+(?:–\d+)?)", r"第 \1 段"),
    (r"one segment (\d+)", r"第 \1 段只有一份"),
    (r"the end at (\d+)", r"止于第 \1 段"),
    (r"(\d+) records", r"\1 条记录"),
    (r"(\d+) records, the last cut off", r"\1 条记录,末条不完整"),
    (r"line (\d+): .*", r"第 \1 行不是记录"),
)


def series(problems: Iterable[SeriesProblem]) -> list[AuditProblem]:
    return [problem(p.code, p.key, _in_chinese(p.expected), _in_chinese(p.found)) for p in problems]


def _in_chinese(said: str | None) -> str | None:
    if said is None:
        return None
    return next((m.expand(zh) for pattern, zh in _SAID if (m := re.fullmatch(pattern, said))), said)


def objects(
    listing: Iterable[tuple[str, int]], expected: Iterable[ExpectedObject], *, staged: Collection[str] = ()
) -> Iterator[AuditProblem]:
    """Missing, wrong in size, not destroyed, unexpected; in order of keys, none of the two kept in memory.

    :param listing: key and size in bytes of every object below ``objects/``, in order of keys.
    :param expected: in order of keys, each once.
    :param staged: keys that a run under way has written and not yet listed.
    """
    there, wanted = iter(listing), iter(expected)
    have, want = next(there, None), next(wanted, None)
    while have is not None or want is not None:
        if want is None or (have is not None and have[0] < want.key):
            assert have is not None
            if have[0] not in staged:
                yield unexpected(*have)
            have = next(there, None)
        elif have is None or want.key < have[0]:
            if not want.destroyed:
                yield problem("object.missing", want.key, f"{want.size} 字节" if want.size is not None else None, None)
            want = next(wanted, None)
        else:
            if want.destroyed:
                yield problem("object.not-destroyed", want.key, "依决定销毁", f"{have[1]} 字节")
            elif want.size is not None and want.size != have[1]:
                yield problem("object.size", want.key, f"{want.size} 字节", f"{have[1]} 字节")
            have, want = next(there, None), next(wanted, None)


def counts(series: int, index: int, *, what: str) -> list[AuditProblem]:
    """How many records there are in the series, and how many the index says it applied."""
    return [] if series == index else [problem("count.records", what, str(series), str(index))]


#: states in which a reader had something from the file, and those that say the bytes are not whole or locked
_HAD = frozenset({ReadState.READ, ReadState.PARTIAL})
_LOST = frozenset({ReadState.DAMAGED, ReadState.ENCRYPTED})


def reopened(held: Evidence, now: Reading) -> list[AuditProblem]:
    """What reading the same bytes again says against what is held.

    Facts are compared where the same version of the same reader read both times and nothing of it depends on a time limit or
    on OCR. What a file's name said is left out: the bytes are read, and they have no name. The facts are named, not told: the
    audit goes to more people than the document.
    """
    key = held.object_key
    if held.state in _HAD and now.state in _LOST:
        return [problem("evidence.unreadable", key, held.state.value, f"{now.state.value}: {now.detail}")]
    if not comparable(held, now):
        return []
    before, after = ({k: f for k, f in facts.items() if not f.method.startswith("name@")} for facts in (held.facts, now.facts))
    differing = [k for k in sorted({*before, *after}) if k not in before or k not in after or before[k] != after[k]]
    if not differing:
        return []
    named = "、".join(FACT_NAMES.get(k, k) for k in differing)
    return [problem("facts.differ", key, held.reader, f"不同的要素: {named}")]


def comparable(held: Evidence, now: Reading) -> bool:
    """The same version of the same reader read both times, and nothing of it depends on a time limit or on OCR."""
    return held.reader == now.reader and held.state == now.state and not (held.volatile or now.volatile)


def kept(held: Evidence, before: Mapping[str, bytes], now: Mapping[str, bytes]) -> list[AuditProblem]:
    """What is kept beside the bytes against what comparable reading makes of them, both by label; it is named, not told."""
    differing = [label for label in sorted(before) if before[label] != now.get(label, b"")]
    return [problem("derived.differs", held.object_key, None, f"derived/{held.sha256}/{label}") for label in differing]


def could_not_compare(held: Evidence, now: Reading) -> bool:
    """What was read at the time was not read now for reasons of ours: a limit, a reader that is not here."""
    return held.state in _HAD and now.state in (ReadState.GAVE_UP, ReadState.UNSUPPORTED)


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
