"""``dangan sign``."""

from __future__ import annotations

import click

from dangan.cli import emit, format_option, opened, workspace_option


@click.command("sign")
@workspace_option
@format_option("text", "json")
def command(fmt: str) -> None:
    """为最新的清单之首签名。

    用环境变量 DANGAN_SIGNING_KEY_FILE 指明的私钥;设了它,每次写入都会自动签名,这里补签没有签上的。签名担保到此为止的清单没有被没有
    私钥的人改动,不能发现整个清单被换回签过名的旧版:请另外记下清单之首(段号:摘要)。已签过的不重复签。

    例: dangan sign
    """
    from flows.signing import sign
    from reports import anchor, as_json

    with opened() as o:
        result = sign(o)
    if fmt == "json":
        emit(as_json.encode(result), None)
    elif result.head is None:
        click.echo("清单还是空的,没有可签的")
    else:
        click.echo(
            f"{'已签名' if result.new else '先前已签名'}: {anchor.shown(result.head, result.records)}\n公钥指纹 {result.fingerprint}"
        )
