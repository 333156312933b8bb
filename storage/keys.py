"""Object keys: the one place that knows where anything lies in the store (law 3).

==================================================  =============================================================
``objects/sha256/ab/abcdef…``                       bytes by their SHA-256, immutable
``cycles/<cycle>/manifest/<seq:08d>-<run>.jsonl``   a segment of the manifest series, immutable
``cycles/<cycle>/HEAD.json``                        the head of the series
``cycles/<cycle>/signatures/<seq:08d>-<key>.json``  a signature of the head that it had at ``seq``; optional
``derived/<sha256>/<reader>@<version>``             text and OCR results; may be deleted
``quarantine/<sha256>-<found>``                     altered bytes of an object, kept aside when the right ones were laid back; what is
                                                    quarantined of a delivery stays in the inbox
``reports/audit/<time>.json``                       audits; each names its cycle
``reports/<what>/<cycle>/<name>``                   whatever else was reported, of one cycle
==================================================  =============================================================

A key is parts joined by ``/``; each part begins with a letter, a digit or ``_`` and holds only these and ``. - @ +``. So no key can
leave the store's folder, and every key is a valid name on S3 and on every file system.
"""

from __future__ import annotations

import re

from archive_schema.errors import UsageError

_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"\w[\w.\-]{0,63}")
_PART = re.compile(r"\w[\w.\-@+]{0,239}")
HEAD = re.compile(rf"cycles/({_NAME.pattern})/HEAD\.json")
_SEGMENT = re.compile(rf"cycles/({_NAME.pattern})/manifest/(\d{{8,}})-([^/]+)\.jsonl")
_SIGNATURE = re.compile(rf"cycles/({_NAME.pattern})/signatures/(\d{{8,}})-([0-9a-f]{{16}})\.json")
_OBJECT = re.compile(r"objects/sha256/([0-9a-f]{2})/\1[0-9a-f]{62}")
#: what else is kept beside objects and series, by its room
_BESIDE = re.compile(
    r"derived/[0-9a-f]{64}/[^/]+@[^/]+"
    r"|quarantine/[^/]+"
    rf"|reports/([^/]+/)*(\d{{8,}}-{_NAME.pattern}|\d{{8}}T\d{{12}}Z|last|last-run|digest|seen)\.json"
    r"|reports/doctor/[^/]+"
)

#: every room of the store
ROOMS = ("cycles/", "derived/", "objects/", "quarantine/", "reports/")

#: longest part in bytes of UTF-8, below the 255 that file systems allow
_PART_BYTES = 250


def check_key(key: str) -> str:
    """``key`` itself.

    :raises UsageError: (``key.invalid``) it is not a key as described above.
    """
    if not is_key(key):
        raise UsageError(f"not an object key: {key!r}", zh=f"对象键不合规则: {key!r}", code="key.invalid", path=key)
    return key


def is_key(name: str) -> bool:
    """Whether an object may lie under this name. What others put into a store may lie under any."""
    return all(is_part(part) for part in name.split("/"))


def is_part(name: str) -> bool:
    """Whether this may stand between the ``/`` of a key."""
    return _PART.fullmatch(name) is not None and len(name.encode()) <= _PART_BYTES


def ours(name: str) -> bool:
    """Whether this is a name that we give, as in the table above; whatever lies under another one was put there by somebody else."""
    named = (_OBJECT, _SEGMENT, HEAD, _SIGNATURE, _BESIDE)
    return is_key(name) and any(pattern.fullmatch(name) for pattern in named)


def check_name(name: str) -> str:
    """``name`` itself, when it can name a cycle or a run: up to 64 letters (Chinese too), digits and ``_ - .``, not beginning with ``-`` or ``.``.

    :raises UsageError: (``key.name``) it cannot.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"not a name for a cycle or a run: {name!r}",
            zh=f"“{name}”不能作周期或运行的名称",
            code="key.name",
            hint="只用字母、汉字、数字和 _ - .,以字母、汉字或数字开头,不超过 64 字",
        )
    return name


def _sha256(sha256: str) -> str:
    if not _SHA256.fullmatch(sha256):
        raise UsageError(f"not a SHA-256: {sha256!r}", zh=f"不是 SHA-256: {sha256!r}", code="key.sha256")
    return sha256


def object_key(sha256: str) -> str:
    return f"objects/sha256/{_sha256(sha256)[:2]}/{sha256}"


def object_prefix(group: str) -> str:
    """Prefix of the objects whose digest begins with these two digits."""
    return f"objects/sha256/{group}/"


def config_key(digest: str) -> str:
    """Cycle, catalogue, settings and units objects are ordinary content-addressed objects."""
    return object_key(digest)


def aside_key(sha256: str, found: str) -> str:
    """Where bytes with the digest ``found`` are kept that lay under ``object_key(sha256)``."""
    return f"{aside_prefix(sha256)}{_sha256(found)}"


def aside_prefix(sha256: str) -> str:
    """Prefix of everything that lay under an object's key and was not the object."""
    return f"quarantine/{_sha256(sha256)}-"


def derived_prefix(sha256: str) -> str:
    """Prefix of everything derived from one evidence."""
    return f"derived/{_sha256(sha256)}/"


def derived_key(sha256: str, reader: str) -> str:
    """:param reader: ``name@version``."""
    return check_key(derived_prefix(sha256) + reader)


def manifest_prefix(cycle: str, seq: int | None = None) -> str:
    """Prefix of all segments of a cycle, or of every segment with one ``seq`` (there must be one only)."""
    prefix = f"cycles/{check_name(cycle)}/manifest/"
    return prefix if seq is None else f"{prefix}{seq:08d}-"


def segment_key(cycle: str, seq: int, run: str) -> str:
    return check_key(f"{manifest_prefix(cycle, seq)}{check_name(run)}.jsonl")


def parse_segment_key(key: str) -> tuple[str, int, str] | None:
    """(cycle, seq, run), or None when it is not the key of a segment."""
    m = _SEGMENT.fullmatch(key)
    return (m[1], int(m[2]), m[3]) if m else None


def head_key(cycle: str) -> str:
    return f"cycles/{check_name(cycle)}/HEAD.json"


def signature_prefix(cycle: str) -> str:
    return f"cycles/{check_name(cycle)}/signatures/"


def signature_key(cycle: str, seq: int, key_id: str) -> str:
    """:param key_id: ``archive_schema.signature.PublicKey.id``."""
    return check_key(f"{signature_prefix(cycle)}{seq:08d}-{key_id}.json")


def parse_signature_key(key: str) -> tuple[str, int, str] | None:
    """(cycle, seq, key id), or None when it is not the key of a signature."""
    m = _SIGNATURE.fullmatch(key)
    return (m[1], int(m[2]), m[3]) if m else None


def report_key(*parts: str) -> str:
    return check_key("/".join(("reports", *parts)))


def cycle_report_prefix(what: str, cycle: str) -> str:
    """Prefix of what was reported of a cycle, by the name of what is reported (``coverage``, ``validation``)."""
    return f"{report_key(what)}/{check_name(cycle)}/"


def cycle_report_key(what: str, cycle: str, name: str) -> str:
    return check_key(cycle_report_prefix(what, cycle) + name)


def immutable(key: str) -> bool:
    """Whether an object, once written, is never written differently: content-addressed objects and segments."""
    return _OBJECT.fullmatch(key) is not None or parse_segment_key(key) is not None
