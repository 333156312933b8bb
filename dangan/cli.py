"""The command line: verbs that users say, each in a module of ``dangan.commands``, imported only when it is used."""

from __future__ import annotations

import codecs
import gettext
import importlib
import io
import json
import logging
import os
import select
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from archive_schema.catalogue import Catalogue
    from archive_schema.cycle import Cycle, Settings
    from archive_schema.units import UnitTable
    from flows.places import Workspace
    from flows.workspace import Opened
    from storage.lease import Holder

# click speaks through gettext: give it our catalogue of its messages, and that before a command's module is imported, for
# some words are looked up when a parameter is made
os.environ["LANGUAGE"] = "zh_CN"
gettext.bindtextdomain("messages", str(Path(__file__).parent / "locale"))

DEFAULT_CATALOGUE = "national-2017"

#: verb → (module of dangan.commands, one sentence); a test compares the sentence with the command's own help
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("init", "建一个工作区。"),
    "ingest": ("ingest", "收件:把收件箱里的文件读入、归类、检查、存档。"),
    "coverage": ("coverage", "覆盖情况:每项标准的材料齐不齐、能不能用。"),
    "assignments": ("assignments", "交办单:每个单位一份,写明缺什么、哪个文件怎么改、几时前办好。"),
    "forecast": ("forecast", "预测:如果某一天来检查,哪些材料已不在时段内,哪些格会空出来。"),
    "grades": ("grades", "等级:按目录所写的阈值,看每项能得哪一等、差多少到上一档。"),
    "negative": ("negative", "负面清单:登记条目和发生的事项,附证据。"),
    "review": ("review", "复核:列出存疑文件,记录审核意见。"),
    "inspect": ("inspect", "看一个文件会读出什么、归到哪里、有什么问题;不存档。"),
    "classify": ("classify", "按标题判断属于哪一项。"),
    "manifest": ("manifest", "归档清单。"),
    "digest": ("digest", "简报:昨夜来了什么,覆盖有何变化,有没有要紧的事。"),
    "audit": ("audit", "审计:存档是否齐全、未被改动。"),
    "export": ("export", "导出:按项目、指标、内容、标准分文件夹,附卷内目录和校验清单。"),
    "sign": ("sign", "为最新的清单之首签名。"),
    "keys": ("keys", "签名用的钥匙:新建、查看公钥。"),
    "copy": ("copy", "复制:把整个档案库复制到第二处,逐个核对,只复制新增的。"),
    "history": ("history", "经过:一份材料或一项标准,何时、由谁、做过什么。"),
    "withdraw": ("withdraw", "撤回误送的文件,使其不再计入;或依决定销毁。"),
    "catalogue": ("catalogue", "目录:查看、核对、导入、导出测评标准。"),
    "units": ("units", "单位表:查看、导入、导出责任单位。"),
    "checks": ("checks", "检查项:列出、解释。"),
    "reassess": ("reassess", "按现行目录、规则和设置重新判断已存档的材料。"),
    "restore": ("restore", "由存储重建索引、设置和报告。"),
    "doctor": ("doctor", "体检:存储、索引、环境是否正常。"),
    "serve": ("serve", "每晚定时收件、出覆盖情况、审计(Prefect)。"),
}


def in_chinese(command: click.Command) -> click.Command:
    """The words of a usage line that click does not translate, for a command and all below it."""
    command.options_metavar = "[选项]"
    if isinstance(command, click.Group):
        command.subcommand_metavar = "命令 [参数]..."
        for below in command.commands.values():
            in_chinese(below)
    return command


class Verbs(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"dangan.commands.{COMMANDS[cmd_name][0]}")
        command = module.command
        assert isinstance(command, click.Command)
        return in_chinese(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("命令"):
            formatter.write_dl([(name, sentence) for name, (_, sentence) in COMMANDS.items()])


def _root() -> click.Group:
    @click.group(
        cls=Verbs,
        help="档案:文明城市材料审核的证据档案。收件、归类、检查、存档、看覆盖情况。",
        epilog="在工作区里(或用 -C 指明)使用。退出码: 0 完成;1 审计发现阻断问题;2 用法或配置有误;3 存储或索引不可用。",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    @click.version_option(None, "-V", "--version", package_name="dangan", prog_name="dangan")
    @click.option("-C", "directory", type=click.Path(file_okay=False), default=None, metavar="目录", help="工作区所在。")
    @click.pass_context
    def root(ctx: click.Context, directory: str | None) -> None:
        ctx.obj = directory

    in_chinese(root)
    return root


class _Said(logging.Handler):
    """Of the logs a user reads what is written for users (``zh``): what goes on for minutes is told meanwhile. The rest, which is English,
    is for who asked for it by ``DANGAN_DEBUG``, or keeps a service (``everything``).
    """

    everything = False

    def emit(self, record: logging.LogRecord) -> None:
        if zh := getattr(record, "zh", ""):
            click.echo(one_line(zh), err=True)
        elif self.everything or os.environ.get("DANGAN_DEBUG"):
            click.echo(self.format(record), err=True)


#: without a handler Python itself would print every warning, in English
said = _Said(level=logging.WARNING)
logging.getLogger().addHandler(said)


def run(argv: list[str]) -> int:
    """Run the command line; returns the exit code of the contract."""
    from archive_schema.errors import DanganError

    _print_whatever_comes()
    said.everything = False
    try:
        # not click's main: it would answer a reader that is gone (``| head``) with the exit code of a failed audit
        root = _root()
        with root.make_context("dangan", list(argv)) as ctx:
            root.invoke(ctx)
        sys.stdout.flush()
        return 0
    except click.exceptions.Exit as e:
        return e.exit_code
    except click.ClickException as e:
        e.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("已中止;已存档的不受影响,再运行一次会接着做完。", err=True)
        return 2
    except DanganError as e:
        show(e)
        return e.exit_code
    except Exception as e:
        if isinstance(e, BrokenPipeError) and _nobody_reads():
            return 0
        if os.environ.get("DANGAN_DEBUG"):
            raise
        click.echo(one_line(f"程序内部错误: {type(e).__name__}: {e}"), err=True)
        click.echo("已存档的不受影响。设 DANGAN_DEBUG=1 再运行可得详情,请把它报告给管理员。", err=True)
        return 3


#: our marks → what stands for them in GBK
_MARKS = {"✓": "√", "✕": "×"}


def _print_whatever_comes() -> None:
    """A character that the encoding of the terminal lacks (GBK has no ✓, and not every name) ends no command."""
    codecs.register_error("dangan", _in_other_words)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="dangan")


def _in_other_words(e: UnicodeError) -> tuple[str, int]:
    """A like mark, else the escape of JSON: no two characters become one, and JSON says the same as before."""
    if not isinstance(e, UnicodeEncodeError):
        raise e
    missing = e.object[e.start : e.end]
    like = "".join(_MARKS.get(c) or json.dumps(c)[1:-1] for c in missing)
    return (like if _holds(e.encoding, like) else json.dumps(missing)[1:-1]), e.end


def _holds(encoding: str, text: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _nobody_reads() -> bool:
    """Whether it is our own output that broke off (``| head``), and not a pipe to a process of ours; then we are done."""
    gone = False
    for stream in (sys.stdout, sys.stderr):
        try:
            fd = stream.fileno()
        except OSError:  # no real file
            continue
        poll = select.poll()
        poll.register(fd, 0)
        if any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0)):
            os.dup2(os.open(os.devnull, os.O_WRONLY), fd)  # for what is still to be flushed at the end
            gone = True
    return gone


def one_line(text: str) -> str:
    """What names files of others, as one line that does nothing to a terminal."""
    from reports import safe

    return safe.line(text)


def show(e: Any) -> None:
    """Print one of our errors: every problem, what is wrong, what to do."""
    for problem in getattr(e, "problems", ()):
        click.echo(f"  {one_line(problem)}", err=True)
    click.echo(f"错误: {one_line(e.zh)}", err=True)
    if e.hint:
        click.echo(f"怎么办: {one_line(e.hint)}", err=True)


# -- shared by the commands ------------------------------------------------------------------------------------------------

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def workspace_option(f: Callable[..., Any]) -> Callable[..., Any]:
    """``-C`` after the verb as well as before it. The value reaches the command through ``opened`` or ``workspace``."""

    def keep(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
        if value is not None:
            ctx.obj = value

    return click.option(
        "-C",
        expose_value=False,
        callback=keep,
        is_eager=True,
        type=click.Path(file_okay=False),
        metavar="目录",
        help="工作区所在(默认: 当前目录或其上级)。",
    )(f)


def format_option(*formats: str, default: str | None = None) -> Decorator:
    """The shared ``--format``; the first is the default unless told."""
    return click.option(
        "--format",
        "fmt",
        type=click.Choice(formats),
        default=default or formats[0],
        show_default=True,
        help="输出格式。",
    )


def output_option(f: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("-o", "--output", type=click.Path(dir_okay=False), default=None, metavar="文件", help="写到文件。")(f)


def ocr_option(f: Callable[..., Any]) -> Callable[..., Any]:
    """How far scans are recognised; None = as ``cycle.toml`` says."""
    return click.option(
        "--ocr",
        type=click.Choice(["auto", "off", "full"]),
        default=None,
        help="扫描件的文字识别: auto 版头和落款(较快),full 全文和照片上的文字(较慢),off 不识别。默认按 cycle.toml。",
    )(f)


def workspace() -> Workspace:
    """The :class:`flows.places.Workspace` that the command works on."""
    from dangan import settings

    return settings.load(settings.find(Path(click.get_current_context().obj or ".")))


def opened(*, read_only: bool = False, damaged: bool = False) -> Opened:
    """The workspace with store and index opened, up to the head; ``damaged``: also when the series is damaged."""
    from flows.workspace import open_workspace

    return open_workspace(workspace(), read_only=read_only, damaged=damaged, waiting=_say_waiting)


def say_checking() -> None:
    """What comes now takes seconds, with nothing else to show for it."""
    click.echo("正在校验整份清单和统计表(约几秒到一分钟)……", err=True)


def _say_waiting(holder: Holder) -> None:
    click.echo(f"档案库正由{holder.zh}写入,等它写完就接着做……", err=True)


@dataclass(frozen=True)
class Place:
    """What a command that stores nothing needs to know: of the workspace, or of the shipped catalogue outside of one."""

    workspace: Workspace | None
    catalogue: Catalogue
    units: UnitTable
    cycle: Cycle
    settings: Settings


def workspace_or_default() -> Place:
    """The workspace's catalogue, units and settings; outside of a workspace (and without ``-C``) the shipped ones."""
    from archive_schema import catalogue as catalogues
    from archive_schema import cycle as cycles
    from archive_schema import units as unit_tables
    from archive_schema.errors import UsageError
    from archive_schema.words import EvidenceKind
    from flows.places import load_catalogue, load_units

    try:
        place: Workspace | None = workspace()
    except UsageError as e:
        if click.get_current_context().obj or e.code != "workspace.not-found":
            raise
        place = None
    if place is not None:
        cycle, settings = cycles.load(place.cycle_file)
        catalogue = load_catalogue(place, cycle)
        return Place(place, catalogue, load_units(place, catalogue), cycle, settings)
    catalogue = catalogues.load(DEFAULT_CATALOGUE)
    window = cycles.default_window(datetime.now(UTC).date())
    return Place(
        None,
        catalogue,
        unit_tables.from_references(r for i in catalogue.items for r in i.units),
        cycles.Cycle(name="default", catalogue=DEFAULT_CATALOGUE, windows=dict.fromkeys(EvidenceKind, window)),
        cycles.Settings(),
    )


def refuse_kept(target: Path) -> None:
    """Before a command makes anything at ``target``, see ``flows.guard``; outside of a workspace only the place is asked."""
    from archive_schema.errors import UsageError
    from flows import guard

    try:
        here = workspace() if click.get_current_context(silent=True) else None
    except UsageError:
        here = None
    guard.refuse_kept(target, here)


def report_file(o: Opened, name: str, fmt: str, output: str | None) -> str | None:
    """Where a report goes: to ``-o``, else a page or a workbook into ``reports/`` of the workspace, which is said; None = the screen."""
    if output is None and fmt in ("html", "xlsx"):
        output = str(o.workspace.path / "reports" / f"{name}.{fmt}")
        click.echo(output)
    return output


def emit(text: str | bytes, output: str | None) -> None:
    """Print, or write to a file by way of a temporary one, so that a reader never sees half of it."""
    if output is None:
        if isinstance(text, bytes):
            sys.stdout.buffer.write(text)
        else:
            click.echo(text, nl=not text.endswith("\n"))
        return
    from archive_schema.errors import UsageError
    from flows import guard, replacing

    path = Path(output)
    data = text if isinstance(text, bytes) else text.encode("utf-8")
    refuse_kept(path)
    try:
        guard.refuse_other(path, data)
        if path.exists() and not path.is_file():
            path.write_bytes(data)  # /dev/stdout, /dev/null, a pipe: nothing to put another file in the place of
            return
        replacing.put(path.resolve(), data)
    except OSError as e:
        raise UsageError(
            f"cannot write {output}: {e}",
            zh=f"写不了“{output}”",
            code="output.unwritable",
            path=output,
            hint="请检查文件夹、权限和磁盘空间,或换一个 -o",
        ) from e
