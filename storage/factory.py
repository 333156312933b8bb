"""Opening a store or an index by what ``dangan.toml`` says of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archive_schema.errors import UsageError
from archive_schema.protection import UNPROTECTED, Protection
from storage.objects import ObjectStore

if TYPE_CHECKING:
    from storage.s3 import S3Store

_USUAL, _FILE = "DANGAN_S3_", "_FILE"


def open_store(
    url_or_path: str,
    *,
    base: Path,
    env: Mapping[str, str] = os.environ,
    own: str = "",
    must_exist: bool = False,
    protection: Protection = UNPROTECTED,
) -> ObjectStore:
    """``folder:PATH``, a plain path (both relative to ``base``), or ``s3://BUCKET[/PREFIX]``.

    For S3 the environment says where and as whom: ``DANGAN_S3_ENDPOINT`` (``https://host[:port]``), ``DANGAN_S3_REGION``
    (optional), ``DANGAN_S3_ACCESS_KEY`` and ``DANGAN_S3_SECRET_KEY``, or ``…_FILE`` naming a file that holds the key.

    :param own: what the names of those variables begin with that beat ``DANGAN_S3_…`` for this store.
    :param must_exist: refuse a folder or a bucket that is not there instead of making it.
    :param protection: what a bucket that has to be made is made for; a folder can do none of it.
    :raises UsageError: not such a URL, or the environment lacks something; ``store.absent``.
    :raises UnavailableError: it cannot be reached.
    """
    if url_or_path.startswith("s3:"):
        return open_s3(url_or_path, env, own=own, protection=protection, must_exist=must_exist)
    if "://" in url_or_path:
        raise UsageError(
            f"unknown kind of store: {_without_user(url_or_path)}",
            zh=f"不认识的存储地址 {_without_user(url_or_path)}",
            code="store.url",
            hint="应为文件夹路径、folder:路径 或 s3://桶/前缀",
        )
    from storage.folder import FolderStore

    folder = folder_of(url_or_path, base=base)
    if folder is None:
        raise UsageError("empty store path", zh="存储地址为空", code="store.url", hint="请在 dangan.toml 写明 store")
    if must_exist and not folder.is_dir():
        raise UsageError(
            f"no folder {folder}",
            zh=f"没有文件夹 {folder.absolute()}",
            code="store.absent",
            path=str(folder),
            hint="请核对存储地址;相对路径从工作区算起",
        )
    return FolderStore(folder)


def folder_of(url_or_path: str, *, base: Path) -> Path | None:
    """Where the folder of such a store lies; None = it is none."""
    path = "" if url_or_path.startswith("s3:") or "://" in url_or_path else url_or_path.removeprefix("folder:")
    return base / path if path else None


def index_url(url_or_path: str, *, base: Path) -> str:
    """The database URL for ``Index``: a path (relative to ``base``) means SQLite; ``postgresql://`` gets its driver named."""
    if url_or_path.startswith(("postgresql://", "postgres://")):
        return "postgresql+psycopg://" + url_or_path.partition("://")[2]
    return url_or_path if "://" in url_or_path else f"sqlite:///{(base / url_or_path).absolute()}"


def open_s3(
    url: str, env: Mapping[str, str], *, own: str = "", protection: Protection = UNPROTECTED, must_exist: bool = False
) -> S3Store:
    """``s3://BUCKET[/PREFIX]``, as ``open_store`` opens it.

    :param must_exist: refuse a bucket that is not there (``store.absent``) instead of making it.
    """
    env, called = _beaten(env, own)
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise UsageError(
            "secrets in a store URL",
            zh="存储地址里不能写密钥",
            code="store.secret-in-url",
            hint="请改用环境变量 DANGAN_S3_ACCESS_KEY 和 DANGAN_S3_SECRET_KEY(或 …_FILE 指向的文件)",
        )
    endpoint = env.get("DANGAN_S3_ENDPOINT", "")
    where = urlsplit(endpoint if "://" in endpoint else f"https://{endpoint}")
    if (
        not endpoint
        or where.scheme not in ("http", "https")
        or not where.netloc
        or where.path.strip("/")
        or "@" in where.netloc
    ):
        raise UsageError(
            f"{called['ENDPOINT']} is not an endpoint",
            zh=f"环境变量 {called['ENDPOINT']} 没有设置或写错",
            code="store.endpoint",
            hint="应形如 https://存储服务器:9000",
        )
    if where.scheme == "https":
        _check_certificates(os.environ.get("SSL_CERT_FILE", ""))
    from storage.s3 import S3Store

    return S3Store(
        endpoint=where.netloc,
        access_key=_secret("ACCESS_KEY", env, called),
        secret_key=_secret("SECRET_KEY", env, called),
        bucket=parts.netloc,
        prefix=parts.path.strip("/"),
        region=env.get("DANGAN_S3_REGION") or None,
        secure=where.scheme == "https",
        protection=protection,
        must_exist=must_exist,
        called={f"{_USUAL}{what}": name for what, name in called.items()},
    )


def _beaten(env: Mapping[str, str], own: str) -> tuple[dict[str, str], dict[str, str]]:
    """The environment with what is said of a store of its own in place of the usual; what each variable is called there. A key and the
    file of that key are one thing, said in two ways.
    """
    out, called = dict(env), {what: f"{_USUAL}{what}" for what in ("ENDPOINT", "REGION", "ACCESS_KEY", "SECRET_KEY")}
    mine = {name.removeprefix(own): value for name, value in env.items() if own and name.startswith(own)}
    for name in mine:
        what = name.removesuffix(_FILE)
        called[what] = f"{own}{what}"
        for usual in (f"{_USUAL}{what}", f"{_USUAL}{what}{_FILE}"):
            out.pop(usual, None)
    return {**out, **{f"{_USUAL}{name}": value for name, value in mine.items()}}, called


def _check_certificates(file: str) -> None:
    """:raises UsageError: what is named for the certificates to be trusted holds none."""
    if not file:
        return
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=file)
    except OSError as e:  # ssl.SSLError is one
        raise UsageError(
            f"SSL_CERT_FILE: {e}",
            zh=f"环境变量 SSL_CERT_FILE 指向的“{file}”读不出证书",
            code="store.certificate",
            path=file,
            hint="应为存储服务证书的签发者的证书(PEM 文件);不需要的,去掉这个环境变量",
        ) from e


def _secret(what: str, env: Mapping[str, str], called: Mapping[str, str]) -> str:
    name, value = called[what], env.get(f"{_USUAL}{what}", "")
    if not value and (file := env.get(f"{_USUAL}{what}{_FILE}")):
        try:
            value = Path(file).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as e:
            raise UsageError(
                f"{name}_FILE: {e}", zh=f"读不了 {name}_FILE 指向的文件", code="store.credentials", path=file
            ) from e
    if not value:
        raise UsageError(
            f"{name} is not set",
            zh=f"环境变量 {name} 没有设置",
            code="store.credentials",
            hint=f"请设置 {name},或用 {name}_FILE 指向密钥文件",
        )
    return value


def _without_user(url: str) -> str:
    """The URL without a user and password, which may be secrets."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
