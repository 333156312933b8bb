"""Signatures of heads: what is signed, how it is kept, and whose keys are trusted. Ed25519 (RFC 8032); keys as OpenSSH writes them.

A signature is an object of its own beside the series (``cycles/<cycle>/signatures/``) and no part of HEAD.json, so that whoever does
not know of signatures reads the same archive. It vouches for one segment by its digest, and through the chain for every byte of the
series before it. It does not say that nothing came after: a series put back to an earlier signed head is signed.

This module makes and checks no signature (``storage.signing`` does): it only knows the shapes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from datetime import datetime

import msgspec

from archive_schema import canonical
from archive_schema.errors import UsageError

ALGORITHM = "ssh-ed25519"
#: before the canonical JSON, so that these bytes can be mistaken for nothing else that the key may ever sign
_PURPOSE = b"dangan head signature 1\n"
_KEY_BYTES = 32
#: a SubjectPublicKeyInfo of an Ed25519 key (RFC 8410) is these bytes and the key
_SPKI = bytes.fromhex("302a300506032b6570032100")
_PEM = ("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----")


class SignedHead(msgspec.Struct, frozen=True):
    """What is signed of a head: ``total`` is the count of records, ``digest`` the SHA-256 of the segment ``seq``. ``signed_at``: UTC,
    by the signer's clock. The writing index is left out: ``restore --take-over`` changes it and no byte of the series."""

    cycle: str
    seq: int
    total: int
    digest: str
    signed_at: datetime

    def to_bytes(self) -> bytes:
        """The bytes that the key signs."""
        return _PURPOSE + canonical.encode(self)


class HeadSignature(msgspec.Struct, frozen=True):
    """One object of ``signatures/``. ``key``: the public key as OpenSSH writes it, without a comment; ``signature``: 64 bytes in base64."""

    head: SignedHead
    key: str
    signature: str


class PublicKey(msgspec.Struct, frozen=True):
    """``raw``: 32 bytes. ``name``: what the owner wrote behind it; says nothing by itself."""

    raw: bytes
    name: str = ""

    @property
    def line(self) -> str:
        """As OpenSSH writes it, with the name."""
        return " ".join(filter(None, (ALGORITHM, base64.b64encode(self._wire).decode(), self.name)))

    @property
    def fingerprint(self) -> str:
        """``SHA256:…`` as ``ssh-keygen -l`` shows it."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self._wire).digest()).decode().rstrip("=")

    @property
    def id(self) -> str:
        """16 hexadecimal digits that tell keys apart in names of objects."""
        return hashlib.sha256(self.raw).hexdigest()[:16]

    @property
    def zh(self) -> str:
        """For people: fingerprint and name."""
        return f"{self.fingerprint}({self.name})" if self.name else self.fingerprint

    @property
    def _wire(self) -> bytes:
        """RFC 8709: algorithm and key, each with its length before it."""
        return b"".join(len(part).to_bytes(4, "big") + part for part in (ALGORITHM.encode(), self.raw))


class Signing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[signing]`` of ``dangan.toml``.

    :ivar trusted: public keys whose signatures the audit accepts, as OpenSSH writes them.
    :ivar required: a head without a good signature is a finding.
    """

    trusted: tuple[str, ...] = ()
    required: bool = False

    def wrong(self) -> str:
        """What is wrong with it, in Chinese; "" = nothing."""
        for line in self.trusted:
            try:
                parse_public(line)
            except UsageError as e:
                return e.zh
        return "写了 required = true,还要在 trusted 写明信任哪些公钥" if self.required and not self.trusted else ""


UNSIGNED = Signing()


def parse_public(line: str) -> PublicKey:
    """``ssh-ed25519 AAAA… name``.

    :raises UsageError: (``signing.public-key``) it is none.
    """
    words = line.split(maxsplit=2)
    try:
        if len(words) < 2 or words[0] != ALGORITHM:
            raise ValueError(line)
        wire = base64.b64decode(words[1], validate=True)
        key = PublicKey(wire[-_KEY_BYTES:], words[2].strip() if len(words) > 2 else "")
        if key._wire != wire:
            raise ValueError(line)
    except (ValueError, binascii.Error) as e:
        shown = line if len(line) <= 60 else line[:60] + "…"
        raise UsageError(
            "not an Ed25519 public key",
            zh=f"“{shown}”不是 Ed25519 公钥" if "PRIVATE" not in line else "这是私钥,不是公钥",
            code="signing.public-key",
            hint="应为一行 ssh-ed25519 AAAA… 名称,见 dangan keys show",
        ) from e
    return key


def parse_trusted(text: str) -> tuple[PublicKey, ...]:
    """A file of public keys: a line for each (empty ones and those after ``#`` left out), or PEM blocks.

    :raises UsageError: (``signing.public-key``) a line is no key, or there is none at all.
    """
    keys, lines = [], iter(text.splitlines())
    for line in map(str.strip, lines):
        if line == _PEM[0]:
            inside = []
            for part in map(str.strip, lines):
                if part == _PEM[1]:
                    break
                inside.append(part)
            keys.append(_spki("".join(inside)))
        elif line and not line.startswith("#"):
            keys.append(parse_public(line))
    if not keys:
        raise UsageError(
            "no public key in the file",
            zh="文件里没有公钥",
            code="signing.public-key",
            hint="每行一个 ssh-ed25519 公钥,或 PEM 公钥",
        )
    return tuple(keys)


def _spki(text: str) -> PublicKey:
    try:
        der = base64.b64decode(text, validate=True)
    except binascii.Error:
        der = b""
    if not der.startswith(_SPKI) or len(der) != len(_SPKI) + _KEY_BYTES:
        raise UsageError(
            "not an Ed25519 public key in PEM",
            zh="PEM 里不是 Ed25519 公钥",
            code="signing.public-key",
            hint="用 dangan keys show 得到公钥",
        )
    return PublicKey(der[len(_SPKI) :])
