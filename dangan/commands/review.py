"""``dangan review``: the list of doubtful files, and a verb for every act of the word table."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from dangan.cli import emit, format_option, one_line, opened, output_option, workspace_option
from dangan.commands import withdraw
from dangan.commands.acts import act, day_of, item_options, record


@click.group("review")
def command() -> None:
    """复核:列出存疑文件,记录审核意见。

    每个意见都要写经办人 --by 和理由 --reason,记入归档清单,可用 undo 撤销。
    文件写 SHA-256 的前几位(至少 6 位),或 单位/路径。
    几个单位送来同一份的,否定、退回、取代、撤回须用 --unit 写明是哪个单位的,都要办的写 --unit 各单位。
    """


@command.command("list")
@workspace_option
@format_option("text", "json", "csv")
@output_option
@click.option("--unit", default=None, metavar="单位", help="只看某个责任单位。")
def list_(fmt: str, output: str | None, unit: str | None) -> None:
    """列出存疑文件:先列能补上缺口的。归类待复核、未归类,必查的项目“未检”而所在应交材料还不够的都在;已退回、已被取代的不列。"""
    from flows.review import review_list
    from reports import as_json, review_text, tables

    with opened(read_only=True) as o:
        entries = review_list(o, unit=unit)
    if fmt == "json":
        emit(as_json.encode(entries), output)
        return
    if fmt == "text":
        emit(review_text.render(entries, color=output is None and sys.stdout.isatty()), output)
        return
    header = ["序号", "SHA-256", "责任单位", "文件", "标题", "建议编号", "建议类型", "得分", "理由", "其他候选", "问题"]
    rows = [
        [
            e.number,
            e.sha256,
            e.unit,
            e.path,
            e.title or "",
            e.item or "",
            e.kind or "",
            "" if e.score is None else e.score,
            ";".join(e.reasons),
            "、".join(c.item for c in e.candidates),
            ";".join(e.findings),
        ]
        for e in entries
    ]
    emit(tables.csv_table(header, rows), output)


@command.command("accept")
@act(files=True)
@item_options(required=False)
def accept(**kw: Any) -> None:
    """确认归类(给出 --item 和 --kind 则归到那里,原有归类不动)。

    不写 --item 则确认现在所归的那一处,意见里记下是哪一处;程序以后另有建议,也不算确认了那里。
    """
    record("accept", **kw)


@command.command("move")
@act(files=True)
@item_options(required=True)
def move(**kw: Any) -> None:
    """改归到 --item --kind,原有归类否定。"""
    record("move", **kw)


@command.command("reject")
@act(files=True)
@item_options(required=False)
def reject(**kw: Any) -> None:
    """否定归类(不写 --item 则全部否定,不再列为未归类)。

    不写 --item 的,说的是当时已送来的:别的单位以后送来同一份,或同一单位另用编号、提交表再送,仍列出由人看。
    """
    record("reject", **kw)


@command.command("return")
@act(files=True)
@click.option("--due", default=None, metavar="日期", help="补正期限(年-月-日),不早于今天。")
def return_(due: str | None, **kw: Any) -> None:
    """退回责任单位补正;撤销或以新替旧之前不计入。压缩包或文档退回的,由它取出的一并退回。"""
    record("return", due=day_of(due), **kw)


@command.command("attest")
@act(files=True)
@click.argument("fact", metavar="要素=值")
def attest(fact: str, **kw: Any) -> None:
    """认定要素,如 成文日期=2026-03-05;据此重新检查。"""
    from archive_schema.errors import UsageError
    from archive_schema.evidence import FACT_NAMES, fact_said

    name, value = fact_said(fact)
    if not name or not value:
        raise UsageError(
            f"not a fact: {fact}",
            zh=f"“{fact}”应写成 要素=值",
            hint="要素有: " + "、".join(f"{k}({zh})" for k, zh in FACT_NAMES.items()),
        )
    record("attest", fact=name, value=value, **kw)


@command.command("waive")
@act(files=True)
@click.argument("code", metavar="问题代码")
def waive(code: str, **kw: Any) -> None:
    """豁免一个问题(按代码);打不开、加密、被改动的不能豁免。"""
    record("waive", code=code, **kw)


@command.command("supersede")
@act(files=True)
@click.option("--with", "by_sha256", required=True, metavar="新文件", help="取代它的文件。")
def supersede(**kw: Any) -> None:
    """以新替旧:旧的不再计入。"""
    record("supersede", **kw)


command.add_command(withdraw.command)  # the same act, by either name


@command.command("reassign")
@act(files=False)
@click.option("--item", required=True, metavar="编号", help="测评标准。")
@click.option("--to", "to_unit", required=True, metavar="单位", help="改由哪个单位牵头。")
def reassign(**kw: Any) -> None:
    """改派牵头单位。"""
    record("reassign", **kw)


@command.command("not-applicable")
@act(files=False)
@item_options(required=False)
def not_applicable(**kw: Any) -> None:
    """某项(或某项的某类材料)对本市不适用。"""
    record("not_applicable", **kw)


@command.command("reviewed")
@act(files=False)
@click.option("--item", required=True, metavar="编号", help="测评标准,如 III18-1。")
@click.option("--kind", default=None, metavar="类型", help="只看了这一类的(默认: 该项各类)。")
@click.option("--on", default=None, metavar="日期", help="审查的日期(默认: 今天)。")
def reviewed(on: str | None, **kw: Any) -> None:
    """定期审查:看过某项(或某项的某类)现有材料,仍然有效。

    审查间隔写在目录的“定期审查天数”列、cycle.toml 的 review_days 里;归类和问题都不因此改变。
    """
    record("reviewed", on=day_of(on) or _today(), **kw)


def _today() -> date:
    """In the workspace's zone."""
    with opened(read_only=True) as o:
        return o.today


@command.command("undo")
@act(files=False)
@click.argument("decisions", nargs=-1, required=True, metavar="意见编号...")
def undo(decisions: tuple[str, ...], **kw: Any) -> None:
    """撤销意见(编号见 review log);写几个就一并撤销,有一个不能撤销就一个都不撤。"""
    record("undo", undone=decisions, **kw)


@command.command("log")
@workspace_option
@format_option("text", "json", "csv")
@output_option
def log(fmt: str, output: str | None) -> None:
    """列出全部审核意见及是否有效。

    目录换版以后,所指的标准不在了、不再要那类材料、或文字变了的,在“目录换版”一列写明。
    """
    import msgspec

    from archive_schema.decisions import undone
    from archive_schema.evidence import FACT_NAMES
    from archive_schema.listings import LoggedDecision
    from flows.adrift import adrift
    from reports import as_json, clock, tables

    with opened(read_only=True) as o:
        decisions = o.archive.index.decisions()
        zone = o.workspace.zone
        left = {a.decision.id: a.why for a in adrift(o, o.catalogue)}
    by = undone(decisions)
    if fmt == "json":
        logged = [
            LoggedDecision(
                **msgspec.structs.asdict(d), in_force=d.id not in by, undone_by=by.get(d.id), adrift=left.get(d.id, "")
            )
            for d in decisions
        ]
        emit(as_json.encode(logged), output)
        return
    header = ["意见编号", "时间", "经办人", "处理", "对象", "内容", "理由", "有效", *(["目录换版"] if left else [])]
    rows = [
        [
            d.id,
            clock.stamp(d.at, zone) if fmt == "text" else clock.local(d.at, zone),
            d.by,
            "销毁" if d.destroy else d.action.zh,
            d.entry or f"{d.unit} {d.sha256[:12]}".strip() or d.item or d.decision,
            " ".join(
                str(x)
                for x in (
                    d.item if d.sha256 else "",
                    d.kind or "",
                    d.code,
                    FACT_NAMES.get(d.fact, d.fact),
                    d.value,
                    d.by_sha256[:12],
                    d.to_unit,
                    d.due or "",
                    d.on or "",
                    d.sanction,
                    d.text,
                    d.basis and f"依据: {d.basis}",
                )
                if x
            ),
            d.reason,
            "" if d.id in by else "是",
            *([left.get(d.id, "")] if left else []),
        ]
        for d in decisions
    ]
    emit(tables.csv_table(header, rows) if fmt == "csv" else tables.text_table(header, rows) + "\n", output)


@command.command("export")
@workspace_option
@click.option("-o", "--output", required=True, metavar="文件.xlsx", type=click.Path(dir_okay=False))
@click.option("--unit", default=None, metavar="单位", help="只要某个责任单位的。")
def export(output: str, unit: str | None) -> None:
    """导出存疑文件为电子表格,填好“处理”等列后用 import 交回。"""
    from dangan.sheets import workbook_name
    from flows.review import review_list
    from reports import review as sheet

    workbook_name(output)
    with opened(read_only=True) as o:
        entries = review_list(o, unit=unit)
        items = o.catalogue.material
    emit(sheet.review_xlsx(entries, items), output)
    click.echo(f"已写 {output}: {len(entries)} 件")


@command.command("import")
@workspace_option
@click.argument("file", metavar="文件.xlsx", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", default="", metavar="姓名", help="经办人(表中没写的行用它)。")
@format_option("text", "json")
def import_(file: Path, by: str, fmt: str) -> None:
    """导入填好的复核表:全部记录,或有一处错就一处不记并指出行列。"""
    from flows import acts
    from reports import as_json

    with opened() as o:
        recorded = acts.record_sheet(o, file.read_bytes(), by=by)
    answers = [a for _, a in recorded]
    if fmt == "json":
        emit(as_json.encode(answers), None)
        return
    new = sum(a.recorded for a in answers)
    click.echo(f"读到 {len(answers)} 条意见,新记录 {new} 条,早已如此 {len(answers) - new} 条")
    for d, a in recorded:
        if acts.for_several(d, a):
            whose = "、".join(u or acts.LOOSE for u in a.units)
            click.echo(one_line(f"注意: {d.sha256[:12]} 的{d.action.zh}不分单位,{whose}送来的都照此办理"))
        for remark in a.remarks:
            click.echo(one_line(f"注意: {remark}"))
