"""``dangan serve``: the only command that loads Prefect, by way of ``flows.serving`` and ``flows.prefect_flows``."""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

import dangan
from archive_schema.errors import DanganError
from dangan.cli import said, workspace, workspace_option

if TYPE_CHECKING:
    from flows.places import Workspace


@click.command("serve")
@workspace_option
@click.option("--cron", default="0 2 * * *", show_default=True, metavar="CRON", help="何时运行(按工作区的时区)。")
@click.option("--once", is_flag=True, help="现在运行一次夜间作业就结束。")
def command(cron: str, once: bool) -> None:
    """每晚定时收件、出覆盖情况、审计(Prefect)。

    一直运行,到点执行;某一夜没有做成,下一夜照常。怎样随机器启动,见说明“安装与运行维护”。
    设了 PREFECT_API_URL 则登记到那台 Prefect 服务器,由它到点派活,停掉服务不会停掉计划;
    否则自己看钟,不需要服务器。

    例: dangan serve --cron "30 1 * * *"
    """
    from flows import prefect_env, signing
    from flows.places import to_parameters
    from flows.workspace import utc_now

    said.everything = True
    place = workspace()
    signing.key_of(place)  # a key that cannot be had is said now and not in the night
    if to_parameters(place)["index"] != place.index:
        os.environ["DANGAN_INDEX"] = place.index  # for the flow runs: Prefect keeps their parameters, and no password in them
    prefect_env.prepare(place.path)
    if once:
        run_once(place)
        return
    from flows import serving

    serving.next_time(cron, place.zone, utc_now())  # what cannot be understood is said now
    if serving.has_server():
        serving.register(place, cron, say=click.echo)
        return
    click.echo(f"夜间作业已定时: {cron}({place.zone});Ctrl-C 结束")
    serving.every_night(
        place,
        cron,
        [sys.executable, "-P", "-m", "dangan", "-C", place.root, "serve", "--once"],
        env={"PYTHONPATH": os.pathsep.join([str(Path(dangan.__file__).parents[1]), *_python_path()])},
        say=click.echo,
        failed=partial(_not_done, place),
    )


def _python_path() -> list[str]:
    return [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]


def _not_done(place: Workspace, code: int, told: bool) -> None:
    """:param told: the night has said itself, where its digest lies, that it broke off."""
    click.echo(f"夜间作业没有做完(退出码 {code}),原因见上;已存档的不受影响,下一次接着做。", err=True)
    if not told:
        from flows import digest
        from flows.workspace import utc_now

        digest.tell_failure(place, _ended(code), at=utc_now())


def _ended(code: int) -> DanganError:
    """What a night came to that could not say it itself."""
    if code >= 0:
        return DanganError(
            f"exit code {code}", zh=f"作业没有开始或中途退出(退出码 {code})", hint="请看 dangan serve 的输出(日志)"
        )
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = str(-code)
    more = "(多半是内存不足,请看系统日志)" if -code == signal.SIGKILL else ""
    return DanganError(
        f"ended by {name}", zh=f"作业进程被系统终止(信号 {name}){more}", hint="请看系统日志和 dangan serve 的输出"
    )


def run_once(place: Workspace) -> None:
    """The nightly flow now; prints the accounting, the coverage summary and where the report lies.

    The flow tells of its own failure; what keeps it from running at all is told here.
    """
    from dangan.commands import ingest
    from flows import digest, serving
    from flows.places import to_parameters
    from flows.workspace import utc_now
    from reports import audit_text, coverage_text
    from validators.audit import meanings

    before = digest.mark(place)
    try:
        serving.reach()
        from flows.prefect_flows import nightly_flow

        ingested, report, written, audited = nightly_flow(to_parameters(place))
    except Exception as e:
        if digest.mark(place) == before:
            digest.tell_failure(place, e, at=utc_now())
        raise
    click.echo(ingest.said(ingested, color=sys.stdout.isatty()))
    for note in ingested.cautions:
        click.echo(f"注意: {note}", err=True)
    click.echo(coverage_text.render(report))
    click.echo(audit_text.render(audited.output, report=audited, zone=report.zone, meanings=meanings()))
    click.echo(f"报告: {written.html}")
