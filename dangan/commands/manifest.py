"""``dangan manifest``."""

from __future__ import annotations

import click
from click.core import ParameterSource

from dangan.cli import emit, format_option, opened, output_option, workspace_option


@click.command("manifest")
@workspace_option
@format_option("jsonl", "csv", "json")
@output_option
@click.option("--digest", is_flag=True, help="只显示状态摘要和清单之首(段号:摘要)。")
def command(fmt: str, output: str | None, digest: bool) -> None:
    """归档清单。

    每行一份材料:摘要值、来件、要素、归类、问题。--digest 显示两个摘要:状态摘要(同样的材料和意见,处处相同)
    和清单之首(记下它,审计时用 --expect 核对)。

    例: dangan manifest --digest
    """
    from reports import anchor, as_json, tables

    with opened(read_only=True) as o:
        if digest:
            from archive_schema.outputs import DigestOutput

            head = o.archive.head()
            result = DigestOutput(state_digest=o.archive.state_digest(), head=head.anchor if head else None)
            asked = click.get_current_context().get_parameter_source("fmt") is not ParameterSource.DEFAULT
            if asked and fmt == "csv":
                emit(tables.csv_table(["状态摘要", "清单之首"], [[result.state_digest, result.head or ""]]), output)
            elif asked:
                emit(as_json.encode(result), output)
            else:
                emit(
                    f"状态摘要 {result.state_digest}\n清单之首 {anchor.shown(result.head, head.total if head else 0)}\n", output
                )
            return
        from flows.manifest import manifest_lines

        lines = manifest_lines(o)
        if fmt == "csv":
            emit(tables.csv_table(*csv_rows(lines)), output)
        elif fmt == "json":
            emit(as_json.encode(list(lines)), output)
        elif output is None:
            for line in lines:
                click.echo(as_json.encode_lines([line]), nl=False)
        else:
            emit(as_json.encode_lines(lines), output)


def csv_rows(lines: object) -> tuple[list[str], list[list[str]]]:
    """Header and one row per evidence; lists within a cell are separated by a full-width semicolon."""
    from collections.abc import Iterable
    from typing import cast

    from archive_schema.evidence import FACT_NAMES
    from archive_schema.outputs import ManifestLine
    from archive_schema.text import place

    facts = ("title", "document_number", "issuer", "issued_on", "taken_on", "pages", "text_chars")
    header = [
        "SHA-256",
        "大小(字节)",
        "媒体类型",
        "来件",
        "材料类型",
        *(f"读出的{FACT_NAMES[f]}" for f in facts),
        "归类",
        "问题",
        "未检",
        "被替代",
        "对象",
        "批次",
        "撤回",
    ]
    rows = []
    for m in cast(Iterable[ManifestLine], lines):
        rows.append(
            [
                m.sha256,
                str(m.size),
                m.media_type,
                ";".join(place(s.unit, s.path) for s in m.sources),
                str(m.kind or ""),
                *("" if f not in m.facts or m.facts[f].value is None else str(m.facts[f].value) for f in facts),
                ";".join(f"{p.item} {p.kind} {p.status.zh}" for p in m.placements),
                ";".join(f"{f.code}({f.severity.zh})" for f in m.findings),
                ";".join(m.unchecked),
                m.superseded_by or "",
                m.object_key or "",
                m.run,
                ";".join(f"{w.unit or '各单位'}{' 已销毁' if w.destroyed else ''}" for w in m.withdrawn or ()),
            ]
        )
    return header, rows
