"""``dangan keys``: the key pair that signs heads. It needs no workspace."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dangan.cli import emit, format_option, workspace_option

if TYPE_CHECKING:
    from archive_schema.signature import PublicKey


@click.group("keys")
def command() -> None:
    """签名用的钥匙:新建、查看公钥。

    私钥只放在环境变量 DANGAN_SIGNING_KEY_FILE 指明的文件里,不进工作区、存储、日志和报告;公钥写进 dangan.toml 的 [signing] trusted,
    或另存一份交给审计的人(dangan audit --trusted 文件)。
    """


@command.command("new")
@workspace_option
@click.argument("file", metavar="文件", type=click.Path(path_type=Path))
@click.option("--name", default="", metavar="名称", help="写在公钥后面,如 档案室2026。")
@format_option("text", "json")
def new(file: Path, name: str, fmt: str) -> None:
    """新建一对钥匙:私钥写到文件,公钥写到 文件.pub。

    私钥文件只有本人能读,已有的文件不覆盖。设了环境变量 DANGAN_SIGNING_KEY_PASSWORD 则用它加密。不能建在工作区里。

    例: dangan keys new ~/.dangan/签名私钥.pem --name 档案室2026
    """
    from storage import signing

    file = file.absolute()
    key = signing.create(
        file, name=" ".join(name.split()), password=os.environ.get(signing.PASSWORD, ""), outside=_outside(file)
    )
    _tell(key, str(file), fmt)
    if fmt == "text":
        click.echo(f"私钥已写到 {file},公钥已写到 {file}.pub;私钥请另备一份,妥善保管")
        click.echo(
            f'签名: 设环境变量 {signing.VARIABLE}={file};审计: 把上面的公钥写进 dangan.toml 的 [signing] trusted = ["…"]'
        )


@command.command("show")
@workspace_option
@click.argument("file", metavar="[文件]", type=click.Path(path_type=Path), required=False)
@format_option("text", "json")
def show(file: Path | None, fmt: str) -> None:
    """查看公钥和指纹;私钥不显示。

    不写文件时,看环境变量 DANGAN_SIGNING_KEY_FILE 指明的那一个,没有设则看 dangan.toml 信任的公钥。文件可以是私钥或公钥。

    例: dangan keys show ~/.dangan/签名私钥.pem
    """
    from archive_schema.signature import parse_trusted
    from flows import signing as heads
    from storage import signing

    if file is not None and (public := _public_text(file)) is not None:
        _tell_all([(k, None) for k in parse_trusted(public)], fmt)
        return
    place = file or (Path(named) if (named := os.environ.get(signing.VARIABLE)) else None)
    if place is not None:
        _tell(signing.load(place, password=os.environ.get(signing.PASSWORD, "")).public, str(place), fmt)
        return
    from dangan.cli import workspace

    _tell_all([(k, None) for k in heads.trusted(workspace())], fmt)


def _public_text(file: Path) -> str | None:
    """The text of a file that is no private key; None = it may be one, or cannot be read (``load`` says why)."""
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    return None if "PRIVATE KEY" in text else text


def _outside(file: Path) -> tuple[Path, ...]:
    """The workspace that the file would lie in, if any."""
    from dangan import settings

    found = settings.above(file.absolute().parent)
    return () if found is None else (found,)


def _tell(key: PublicKey, file: str | None, fmt: str) -> None:
    _tell_all([(key, file)], fmt)


def _tell_all(keys: list[tuple[PublicKey, str | None]], fmt: str) -> None:
    from archive_schema.outputs import KeyOutput
    from reports import as_json

    if fmt == "json":
        emit(as_json.encode([KeyOutput(k.fingerprint, k.line, file) for k, file in keys]), None)
        return
    if not keys:
        click.echo("没有信任任何公钥,也没有设签名的私钥;新建用 dangan keys new 文件")
    for k, _ in keys:
        click.echo(f"公钥 {k.line}\n指纹 {k.fingerprint}")
