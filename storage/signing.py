"""Ed25519 keys: making, loading, signing, verifying. The only module that loads ``cryptography`` (the extra ``sign``).

A private key comes from a file that the environment names (``DANGAN_SIGNING_KEY_FILE``: PEM or OpenSSH, password in
``DANGAN_SIGNING_KEY_PASSWORD``) and goes nowhere else: not into the workspace, the store, a log or a report. No message here tells
anything of the file but its name.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from archive_schema.errors import UsageError
from archive_schema.signature import PublicKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

VARIABLE = "DANGAN_SIGNING_KEY_FILE"
PASSWORD = "DANGAN_SIGNING_KEY_PASSWORD"
_LONGEST = 64 * 1024


class SigningKey:
    """A private key in memory; shows nothing of itself but its public half."""

    def __init__(self, key: Ed25519PrivateKey, name: str = "") -> None:
        self._key = key
        self.public = PublicKey(key.public_key().public_bytes_raw(), name)

    def sign(self, data: bytes) -> bytes:
        """64 bytes; the same for the same data (RFC 8032)."""
        return self._key.sign(data)

    def __repr__(self) -> str:
        return f"SigningKey({self.public.fingerprint})"

    def __reduce__(self) -> str:
        raise TypeError("a private key is not to be pickled")


def available() -> bool:
    """Whether ``cryptography`` is installed."""
    return importlib.util.find_spec("cryptography") is not None


def verify(key: PublicKey, signature: bytes, data: bytes) -> bool:
    """Whether this key made this signature of these bytes.

    :raises UsageError: (``signing.library``) ``cryptography`` is not installed.
    """
    _need()
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key.raw).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def from_environment(env: Mapping[str, str], *, outside: tuple[Path, ...] = ()) -> SigningKey | None:
    """The key that the environment names; None = it names none.

    :param outside: folders in which the file must not lie.
    :raises UsageError: it names one that cannot be had.
    """
    name = env.get(VARIABLE, "")
    return load(Path(name), password=env.get(PASSWORD, ""), outside=outside) if name else None


def load(path: Path, *, password: str = "", outside: tuple[Path, ...] = ()) -> SigningKey:
    """A private key from a PEM or OpenSSH file.

    :raises UsageError: ``signing.library``; ``signing.place`` (it lies where copies of it would spread); ``signing.key`` (not there, not
        readable, not an Ed25519 key, wrong password).
    """
    _need()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

    refuse_within(path, outside)
    try:
        with path.open("rb") as f:
            data = f.read(_LONGEST)
    except (OSError, ValueError) as e:
        why = "不存在" if isinstance(e, FileNotFoundError) else "没有读取权限" if isinstance(e, PermissionError) else "读不了"
        raise _wrong(path, why) from None
    read = load_ssh_private_key if b"BEGIN OPENSSH PRIVATE KEY" in data else load_pem_private_key
    key: object = None
    for secret in (password.encode() or None, None):  # a password for a key that has none is no error of anybody's
        try:
            key = read(data, secret)
            break
        except (ValueError, TypeError, UnsupportedAlgorithm):
            continue
    if key is None:
        raise _wrong(path, f"不是可用的私钥文件,或密码不对(环境变量 {PASSWORD})")
    if not isinstance(key, Ed25519PrivateKey):
        raise _wrong(path, "不是 Ed25519 私钥")
    return SigningKey(key)


def create(path: Path, *, name: str = "", password: str = "", outside: tuple[Path, ...] = ()) -> PublicKey:
    """A new private key at ``path`` (PKCS #8 in PEM, only the owner may read it) and its public half at ``path.pub``.

    :param password: the file is encrypted with it; "" = it is not.
    :raises UsageError: ``signing.exists`` (nothing is ever overwritten), ``signing.place``, ``signing.library``, ``signing.key``.
    """
    _need()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

    refuse_within(path, outside)
    beside = path.with_name(f"{path.name}.pub")
    key = Ed25519PrivateKey.generate()
    how = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    public = SigningKey(key, name).public
    for file in (path, beside):
        if file.is_symlink() or file.exists():
            raise UsageError(
                f"{file} exists", zh=f"“{file}”已存在,没有覆盖", code="signing.exists", path=str(file), hint="请换一个文件名"
            )
    _write(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how), 0o600)
    _write(beside, f"{public.line}\n".encode(), 0o644)
    return public


def refuse_within(path: Path, folders: tuple[Path, ...]) -> None:
    """:raises UsageError: (``signing.place``) the file lies in one of these folders."""
    for folder in folders:
        if path.absolute().resolve().is_relative_to(folder.resolve()):
            raise UsageError(
                f"{path} is within {folder}",
                zh=f"私钥不能放在工作区或存储里: {path}",
                code="signing.place",
                path=str(path),
                hint="工作区和存储会被复制、导出、交给别人;请把私钥移到别处,再改环境变量",
            )


def _write(path: Path, data: bytes, mode: int) -> None:
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)  # one that is made for keys is nobody else's; above it nothing is made
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        with open(fd, "wb") as f:  # noqa: PTH123 - a descriptor, made so that nobody else ever could read it
            os.fchmod(fd, mode)  # whatever the umask
            f.write(data)
            f.flush()
            os.fsync(fd)
    except OSError as e:
        raise UsageError(
            f"cannot write {path}: {e.strerror}",
            zh=f"写不了“{path}”",
            code="signing.key",
            path=str(path),
            hint="请看上级文件夹在不在、有没有写入权限",
        ) from e


def _need() -> None:
    if not available():
        raise UsageError(
            "cryptography is not installed",
            zh="签名所需的组件没有安装",
            code="signing.library",
            hint="请安装 dangan[sign](组件 cryptography);不用签名时,去掉签名的环境变量即可",
        )


def _wrong(path: Path, why: str) -> UsageError:
    return UsageError(
        f"{VARIABLE}: {path} is no usable private key",
        zh=f"签名的私钥 {path} {why}",
        code="signing.key",
        path=str(path),
        hint=f"没有写入任何内容;请改正环境变量 {VARIABLE} 和文件权限,或用 dangan keys new 新建一个",
    )
