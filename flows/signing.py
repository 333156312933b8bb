"""Signing the head: the key that the environment names, the head signed where it is not, a word for the doctor."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from archive_schema.errors import DanganError, UsageError
from archive_schema.outputs import Probe, SignOutput
from archive_schema.signature import PublicKey, parse_public, parse_trusted
from flows.places import Workspace
from storage import keys, signing
from storage.signing import SigningKey

if TYPE_CHECKING:
    from flows.workspace import Opened

PROBE = "清单之首签名"


def key_of(workspace: Workspace, env: Mapping[str, str] | None = None) -> SigningKey | None:
    """The private key that signs for this workspace; None = no signing is wanted.

    :raises UsageError: one is wanted and cannot be had; asked before anything is opened or written.
    """
    return signing.from_environment(os.environ if env is None else env, outside=within(workspace))


def within(workspace: Workspace) -> tuple[Path, ...]:
    """Folders in which no private key may lie: the workspace, and its store where that is a folder."""
    store = workspace.store_path
    return (workspace.path,) if store is None else (workspace.path, store)


def trusted(workspace: Workspace, file: Path | None = None) -> tuple[PublicKey, ...]:
    """Whose signatures count: the keys in ``file``, else those that ``dangan.toml`` names.

    :raises UsageError: (``signing.public-key``) the file cannot be read or holds something else.
    """
    if file is None:
        return tuple(map(parse_public, workspace.signing.trusted))
    try:
        return parse_trusted(file.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as e:
        raise UsageError(
            f"{file}: {e}",
            zh=f"读不了公钥文件 {file}",
            code="signing.public-key",
            path=str(file),
            hint="应为文本文件,每行一个公钥",
        ) from e


def sign(o: Opened) -> SignOutput:
    """Sign the head where this key has not; safe to repeat.

    :raises UsageError: (``signing.no-key``) the environment names no key. :raises IntegrityError: the series was altered since it was signed.
    """
    signer = o.archive.signer
    if signer is None:
        raise UsageError(
            f"{signing.VARIABLE} is not set",
            zh=f"没有写明用哪个私钥签名(环境变量 {signing.VARIABLE})",
            code="signing.no-key",
            hint=f"用 dangan keys new 文件 新建一个,再设 {signing.VARIABLE}=文件",
        )
    new = o.archive.sign()
    head = o.archive.head()
    return SignOutput(
        head=head.anchor if head else None,
        fingerprint=signer.public.fingerprint,
        new=new is not None,
        records=head.total if head else 0,
    )


def complete(o: Opened) -> None:
    """At the end of a night: sign a head that was written without the key (an archivist's decision), or by a commit that was killed."""
    if o.archive.signer is not None:
        o.archive.sign()


def probe(o: Opened) -> list[Probe]:
    """For the doctor; nothing where nobody wants signatures."""
    wanted, signer = o.workspace.signing, o.archive.signer
    if signer is None and not wanted.trusted:
        return []
    if signer is None:
        return [Probe(PROBE, None, f"信任 {len(wanted.trusted)} 个公钥;没有设 {signing.VARIABLE},这里写入的清单之首不签名")]
    if signer.public.raw not in {k.raw for k in trusted(o.workspace)}:
        text = f"私钥 {signer.public.fingerprint} 的公钥不在 dangan.toml 的 [signing] trusted 里,审计不认它的签名"
        return [Probe(PROBE, False, text)]
    head = o.archive.head()
    try:
        signed = head is None or o.archive.store.stat(keys.signature_key(o.archive.cycle, head.seq, signer.public.id))
    except DanganError as e:
        return [Probe(PROBE, None, e.zh)]
    said = "" if head is None else ";最新清单之首已签名" if signed else ";最新清单之首尚未签名,下次写入或 dangan sign 时补签"
    return [Probe(PROBE, True, f"私钥 {signer.public.fingerprint}{said}")]
