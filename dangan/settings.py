"""``dangan.toml``: where things are and what the store shall guard them with. The environment may override each place.

=========  ==================  ==========================================================
key        environment         meaning
=========  ==================  ==========================================================
store      DANGAN_STORE        ``folder:DIR`` or ``s3://bucket/prefix``
index      DANGAN_INDEX        a file (SQLite), or ``postgresql://…``
inbox      DANGAN_INBOX        folder with one folder per unit, or ``s3://bucket/prefix`` with objects ``<unit>/<path>``
zone       DANGAN_ZONE         IANA time zone in which times are shown and scheduled
=========  ==================  ==========================================================

``[protection]`` (``archive_schema.protection.Protection``): versioning = true, retention = "governance" or "compliance", until = DATE,
legal_hold = true. It takes effect where ``dangan doctor`` has proved it.

``[notify]`` (``flows.notify.Notify``): smtp = "host:port", from, to = […], user, tls; block = "type/name" of Prefect. Without it nothing
is sent anywhere. The password stands only in the environment (DANGAN_SMTP_PASSWORD).

``[signing]`` (``archive_schema.signature.Signing``): trusted = ["ssh-ed25519 …"], required = true. The private key is a file that the
environment names (DANGAN_SIGNING_KEY_FILE, DANGAN_SIGNING_KEY_PASSWORD) and lies outside of the workspace.

``[embedding]`` (``classification.embedding.Embedding``): folder = "…" of a model on this machine, or endpoint = "http://…/v1" and model of a
service, to which the titles of the files are then sent; version, weight. A service's key stands only in the environment
(DANGAN_EMBEDDING_KEY, or DANGAN_EMBEDDING_KEY_FILE naming a file). Without the section nothing is asked or sent.

``digests = ["sha256", "sm3"]``: SM3 of every evidence beside SHA-256 (``archive_schema.sm3``).

``DANGAN_INBOX_S3_…`` beats ``DANGAN_S3_…`` for an inbox. Keys of an S3 store come only from the environment (DANGAN_S3_ENDPOINT, DANGAN_S3_ACCESS_KEY, DANGAN_S3_SECRET_KEY).
"""

from __future__ import annotations

import os
import tomllib
import zoneinfo
from collections.abc import Mapping
from pathlib import Path

import msgspec

from archive_schema import sm3, toml
from archive_schema.errors import UsageError
from archive_schema.protection import Protection
from archive_schema.signature import Signing
from classification.embedding import Embedding
from flows.notify import Notify
from flows.places import FILE, Workspace, around

_KEYS = ("store", "index", "inbox", "zone")
_PROTECTION = "protection"
_NOTIFY = "notify"
_SIGNING = "signing"
_EMBEDDING = "embedding"
_EMBEDDING_SAYS = "只能有 folder,或 endpoint、model、version;另有 weight(数)"
_SIGNING_SAYS = '只能有 trusted = ["ssh-ed25519 …"] 和 required = true'
_DIGESTS = "digests"
_NOTIFY_SAYS = "只能有 smtp、from、to、user、tls、block"
_PROTECTION_SAYS = '只能有 versioning = true、retention = "governance" 或 "compliance"、until = 日期、legal_hold = true'


def find(start: Path) -> Path:
    """The workspace that ``start`` is or is below.

    :raises UsageError: there is none, or no such folder: a mistyped one must not name the workspace above it.
    """
    here = start.resolve()
    if not here.is_dir():
        raise UsageError(
            f"no folder {here}",
            zh=f"没有文件夹“{here}”",
            code="workspace.not-found",
            path=str(here),
            hint="请核对 -C 后面的目录;新建工作区用 dangan init 目录",
        )
    if (found := above(here)) is not None:
        return found
    raise UsageError(
        f"no {FILE} in {here} or above",
        zh=f"“{here}”不是工作区(没有 {FILE})",
        code="workspace.not-found",
        hint="进入工作区再试,或用 -C 目录 指明;新建用 dangan init 目录",
    )


def above(place: Path) -> Path | None:
    """The workspace that a place is or lies in, there yet or not; None = none."""
    return next(around(place.resolve()), None)


def load(root: Path, env: Mapping[str, str] | None = None) -> Workspace:
    """Read ``dangan.toml`` of the workspace at ``root``; the environment beats the file.

    :raises UsageError: the file is wrong; the message names file and line or key.
    """
    env = os.environ if env is None else env
    file = root / FILE

    def wrong(why: str) -> UsageError:
        return UsageError(f"{file}: {why}", zh=f"{file} 写错: {why}", code="settings.wrong", path=str(file), hint="改正后重试")

    try:
        data = tomllib.loads(file.read_text("utf-8-sig"))
    except tomllib.TOMLDecodeError as e:
        raise wrong(toml.wrong(e)) from e
    except (UnicodeDecodeError, OSError) as e:
        raise wrong("读不出,请存为 UTF-8 编码的文本文件") from e
    unknown = set(data) - {*_KEYS, _DIGESTS, _PROTECTION, _NOTIFY, _SIGNING, _EMBEDDING}
    if unknown:
        raise wrong(
            f"不认识“{'、'.join(sorted(unknown))}”,只能有 {'、'.join(_KEYS)}、{_DIGESTS} 和 [{_PROTECTION}]、[{_NOTIFY}]、[{_SIGNING}]、[{_EMBEDDING}]"
        )
    try:
        protection = msgspec.convert(data.get(_PROTECTION, {}), Protection)
    except msgspec.ValidationError as e:
        raise wrong(f"[{_PROTECTION}] {_PROTECTION_SAYS}({toml.wrong(e, f'[{_PROTECTION}]')})") from e
    try:
        told = msgspec.convert(data.get(_NOTIFY, {}), Notify)
    except msgspec.ValidationError as e:
        raise wrong(f"[{_NOTIFY}] {_NOTIFY_SAYS}({toml.wrong(e, f'[{_NOTIFY}]')})") from e
    if fault := told.wrong():
        raise wrong(f"[{_NOTIFY}] {fault}")
    try:
        signing = msgspec.convert(data.get(_SIGNING, {}), Signing)
    except msgspec.ValidationError as e:
        raise wrong(f"[{_SIGNING}] {_SIGNING_SAYS}({toml.wrong(e, f'[{_SIGNING}]')})") from e
    if fault := signing.wrong():
        raise wrong(f"[{_SIGNING}] {fault}")
    try:
        embedding = msgspec.convert(data.get(_EMBEDDING, {}), Embedding)
    except msgspec.ValidationError as e:
        raise wrong(f"[{_EMBEDDING}] {_EMBEDDING_SAYS}({toml.wrong(e, f'[{_EMBEDDING}]')})") from e
    if fault := embedding.wrong():
        raise wrong(f"[{_EMBEDDING}] {fault}")
    digests = data.get(_DIGESTS, ["sha256"])
    if digests not in (["sha256"], list(sm3.DIGESTS)):
        raise wrong(f'{_DIGESTS} 只能是 ["sha256"] 或 ["sha256", "sm3"]')
    values = {}
    for key in _KEYS:
        value = env.get(f"DANGAN_{key.upper()}") or data.get(key)
        if value is None:
            continue
        if not isinstance(value, str):
            raise wrong(f"“{key}”应为文字")
        values[key] = value
    try:
        zoneinfo.ZoneInfo(values.get("zone", "Asia/Shanghai"))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as e:
        raise wrong(f"没有时区“{values['zone']}”") from e
    return Workspace(
        root=str(root),
        protection=protection,
        notify=told,
        signing=signing,
        digests=tuple(digests),
        embedding=embedding,
        **values,
    )
