"""What is asked of a reader process and what it answers: msgpack on a pipe, typed on both sides, never pickled."""

from __future__ import annotations

from pathlib import Path

import msgspec

from archive_schema.cycle import Limits
from archive_schema.evidence import Reading
from archive_schema.words import Disposition
from intake.digest import Digested
from intake.formsheet import Form
from intake.unpack import Unpacked


class Job(msgspec.Struct, frozen=True):
    """One file to be read.

    path      where its bytes are
    name      its name or path as sent, for the extension; default: the name of ``path``
    unpack    take out the members when it is an archive that can be unpacked
    form      also read it as a 提交表
    pictures  take out the photographs when it is a document that holds some; they are its members
    """

    path: Path
    name: str = ""
    unpack: bool = False
    form: bool = False
    pictures: bool = False


class ReadResult(msgspec.Struct, frozen=True):
    """What became of a job.

    digested     None when the bytes could not be read as a whole
    reading      None only with ``digested`` None
    unpacked     for an archive asked to be unpacked, a document asked for its pictures; its files lie in the pool's scratch
                 folder until ``ReaderPool.discard``
    disposition  WAITING (still changing) or QUARANTINED (unreadable from disk, bomb, escape attempt, 疑似涉密), else None.
                 When a *member* is quarantined, its container holds the same bytes: it has to be quarantined too
    reason       Chinese, with a disposition
    """

    job: Job
    digested: Digested | None
    reading: Reading | None
    unpacked: Unpacked | None = None
    form: Form | None = None
    disposition: Disposition | None = None
    reason: str = ""


class Setup(msgspec.Struct, frozen=True, tag=True):
    """First message to a child. ``readers``: media type → module, beside the registry. ``sm3``: digest files by it, too."""

    limits: Limits
    readers: dict[str, str]
    sm3: bool = False


class Request(msgspec.Struct, frozen=True, tag=True):
    """``path`` and ``into`` as bytes: names need not be UTF-8. ``seconds``: after these the child ends itself."""

    path: bytes
    name: str
    into: bytes
    unpack: bool
    form: bool
    pictures: bool
    seconds: int


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The self-test passed. ``isolated``: no network can be reached."""

    isolated: bool


class Broken(msgspec.Struct, frozen=True, tag=True):
    """Our own part failed (English, for the log)."""

    why: str


class Started(msgspec.Struct, frozen=True, tag=True):
    """Digest and type are known; the reader begins. Should the child die now, this much is left.

    ``seconds``: what this reader may need beyond the time limit of all.
    """

    digested: Digested
    media_type: str
    reader: str
    seconds: int = 0


class Scanned(msgspec.Struct, frozen=True, tag=True):
    """Something in the file is for OCR; the child waits for ``Go`` or ``Known``. Should it die after that, ``reading`` is left."""

    reading: Reading


class Go(msgspec.Struct, frozen=True, tag=True):
    """Recognise it. ``seconds``: after these, counted from now, the child ends itself."""

    seconds: int


class Known(msgspec.Struct, frozen=True, tag=True):
    """These bytes were recognised before; this came of it."""

    reading: Reading


class WireMember(msgspec.Struct, frozen=True):
    """A Member whose ``file`` is a bare name in the folder the parent chose."""

    path: str
    file: str
    size: int
    inside: str
    caption: str


class WireUnpacked(msgspec.Struct, frozen=True):
    members: tuple[WireMember, ...]
    refused: str
    ignored: tuple[str, ...]
    locked: tuple[str, ...]
    damaged: tuple[str, ...]


class Answer(msgspec.Struct, frozen=True, tag=True):
    """The result. ``retire``: the child ends after it, its memory may be exhausted."""

    reading: Reading | None = None
    unpacked: WireUnpacked | None = None
    form: Form | None = None
    disposition: Disposition | None = None
    reason: str = ""
    retire: bool = False


FromChild = Ready | Broken | Started | Scanned | Answer
FromParent = Setup | Request | Go | Known
encode = msgspec.msgpack.Encoder().encode
from_child: msgspec.msgpack.Decoder[FromChild] = msgspec.msgpack.Decoder(FromChild)
from_parent: msgspec.msgpack.Decoder[FromParent] = msgspec.msgpack.Decoder(FromParent)
