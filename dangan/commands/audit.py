"""``dangan audit``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dangan.cli import emit, format_option, opened, output_option, report_file, show, workspace_option

if TYPE_CHECKING:
    from archive_schema.errors import DanganError

UNKEPT = "注意: 审计已经做完,结果见上,但没有存入存储的 reports/audit/(下次审计不能与它比较;要留存请用 -o 写到文件)"


@click.command("audit")
@workspace_option
@format_option("text", "json", "html", "xlsx")
@output_option
@click.option(
    "--depth",
    type=click.Choice(["fast", "complete", "full"]),
    default="fast",
    show_default=True,
    help="深度: fast 清单、索引、存储列表是否一致;complete 另逐行核对索引、逐件核对元数据、追溯审核意见;full 另逐字节核对、重新打开、查毒。",
)
@click.option("--no-open", is_flag=True, help="full 时只核对字节,不重新打开文件,不查毒。")
@click.option(
    "--only",
    type=click.Choice(["integrity", "completeness"]),
    default=None,
    help="只审完整性(integrity)或齐全性(completeness)。",
)
@click.option("--expect", default=None, metavar="段号:摘要", help="在别处记下的清单之首。")
@click.option(
    "--trusted",
    type=click.Path(path_type=Path),
    default=None,
    metavar="文件",
    help="只认这个文件里的公钥所作的签名(默认: dangan.toml 的 [signing] trusted)。",
)
@click.option(
    "--draw", type=click.IntRange(min=1), default=None, metavar="N", help="像检查组那样随机抽 N 项,列出其材料并当场核对字节。"
)
@click.option("--seed", type=int, default=None, metavar="S", help="抽查的种子;同样的种子抽到同样的项。")
@click.pass_context
def command(
    ctx: click.Context,
    fmt: str,
    output: str | None,
    depth: str,
    no_open: bool,
    only: str | None,
    expect: str | None,
    trusted: Path | None,
    draw: int | None,
    seed: int | None,
) -> None:
    """审计:存档是否齐全、未被改动。

    不改动任何对象、清单和意见,只写 reports/audit/。所查范围内有阻断问题时退出码为 1。html 和 xlsx 不写 -o 时,写到工作区的 reports/ 里并显示路径。

    例: dangan audit --only integrity
    """
    from flows import signing
    from flows.audit import audit
    from validators.audit import blocking, meanings

    if seed is not None and draw is None:
        raise click.UsageError("--seed 只和 --draw 一起用")
    if no_open and depth != "full":
        raise click.UsageError("--no-open 只和 --depth full 一起用")
    if only == "completeness" and trusted is not None:
        raise click.UsageError("--trusted 不和 --only completeness 一起用: 只审齐全性时不看签名")
    unkept: list[DanganError] = []
    with opened(read_only=True, damaged=True) as o:
        result = audit(
            o,
            depth=depth,
            opening=not no_open,
            only=only,
            expect=expect,
            draw=draw or 0,
            seed=seed,
            trusted=signing.trusted(o.workspace, trusted),
            unkept=unkept.append,
        )
        zone, title = o.workspace.zone, " ".join(filter(None, [o.cycle.city, o.cycle.name]))
        output = report_file(o, "档案审计", fmt, output)
    if fmt == "json":
        from reports import as_json

        emit(as_json.encode(result.output), output)
    elif fmt == "html":
        from reports import audit_html

        page = audit_html.render(
            result.output, generated_at=result.at, zone=zone, title=title, report=result, meanings=meanings()
        )
        emit(page, output)
    elif fmt == "xlsx":
        from reports import audit_xlsx

        emit(audit_xlsx.render(result, zone=zone, title=title, meanings=meanings()), output)
    else:
        from reports import audit_text

        emit(audit_text.render(result.output, report=result, zone=zone, meanings=meanings()), output)
    for e in unkept:
        click.echo(UNKEPT, err=True)
        show(e)
    if blocking(result.output):
        ctx.exit(1)
    if unkept:
        ctx.exit(unkept[0].exit_code)
