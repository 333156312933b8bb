"""``dangan classify``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from dangan.cli import emit, format_option, workspace_option, workspace_or_default

if TYPE_CHECKING:
    from archive_schema.outputs import ClassifyOutput


@click.command("classify")
@workspace_option
@click.argument("titles", nargs=-1, metavar="[标题]...")
@click.option(
    "--titles",
    "file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    default=None,
    metavar="文件",
    help="每行一个标题,可用制表符接责任单位,UTF-8 或 GBK;- 为标准输入。",
)
@click.option("--unit", default=None, metavar="单位", help="命令行上的标题是哪个单位的。")
@format_option("text", "jsonl", "json")
def command(titles: tuple[str, ...], file: str | None, unit: str | None, fmt: str) -> None:
    """按标题判断属于哪一项。

    给出排好序的候选、得分和理由;拿不准就不选。不在工作区里时用自带的参考目录。
    工作区的 dangan.toml 里写明了语义模型服务的,标题会发送到那个地址(正文不发送);没有写的,什么都不发送。

    例: dangan classify 关于印发诚信红黑榜发布制度的通知
    """
    from classification.classifier import Classifier
    from flows.semantics import caution, semantics_of
    from reports import as_json

    place = workspace_or_default()
    semantics = semantics_of(place.workspace, place.catalogue) if place.workspace is not None else None
    classifier = Classifier(place.catalogue, place.units, place.settings.margins, semantics=semantics)
    outputs = (classifier.classify_title(title, whose) for title, whose in _lines(titles, file, unit))
    if fmt == "json":
        emit(as_json.encode(list(outputs)), None)
    else:
        for o in outputs:
            click.echo(as_json.encode_lines([o]) if fmt == "jsonl" else _text(o), nl=False)
    if note := caution(classifier):
        click.echo(f"注意: {note}", err=True)


def _lines(titles: tuple[str, ...], file: str | None, unit: str | None) -> Iterator[tuple[str, str | None]]:
    from archive_schema.errors import UsageError

    for title in titles:
        yield title, unit
    if file is not None:
        empty = True
        with click.open_file(file, "rb") as f:
            for line in decoded(f):
                empty = False
                title, _, whose = line.partition("\t")
                yield title.strip(), whose.strip() or unit
        if empty and not titles:
            raise UsageError(f"no titles in {file}", zh="文件里没有标题", hint="每行写一个标题,可用制表符接责任单位")
    elif not titles:
        raise UsageError("no titles", zh="没有标题", hint="写在命令后面,或用 --titles 文件")


def decoded(lines: Iterable[bytes]) -> Iterator[str]:
    """The lines that hold anything, each as soon as it is there; in UTF-8, or in the GBK of a Windows that speaks Chinese, which the
    first line shows that is not ASCII.

    :raises UsageError: a line that is in neither, or not in that of those before it.
    """
    from archive_schema.errors import UsageError
    from intake import textual

    encoding = None
    for n, raw in enumerate(lines, 1):
        raw = raw.removeprefix(b"\xef\xbb\xbf") if n == 1 else raw
        if encoding is None and not raw.isascii():
            found = textual.decode(raw)
            encoding = "gb18030" if found and found[1] == "gb18030" else "utf-8"
        try:
            line = raw.decode(encoding or "ascii").rstrip("\r\n")
        except UnicodeDecodeError as e:
            raise UsageError(
                f"line {n} is no {encoding}",
                zh=f"第 {n} 行不是 {'GBK' if encoding == 'gb18030' else 'UTF-8'} 编码",
                hint="请把文件另存为 UTF-8",
            ) from e
        if "\0" in line:
            raise UsageError(f"line {n} is UTF-16", zh=f"第 {n} 行不是 UTF-8 或 GBK 编码", hint="请把文件另存为 UTF-8")
        if line.strip():
            yield line


def _text(o: ClassifyOutput) -> str:
    from reports.safe import line

    kind = f"{o.kind.name}" if o.kind else "类型未定"
    lines = [f"{line(o.title)}", f"  → {'、'.join([o.chosen, *o.also]) if o.chosen else '拿不准,待复核'}  {kind}"]
    for c in o.candidates:
        score = "未计分" if c.score is None else f"{c.score:.2f}"
        lines.append(f"    {c.item}  {score}  {';'.join(c.reasons)}")
    return "\n".join(lines) + "\n"
