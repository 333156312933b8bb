"""What one pass of ingest did, with the arithmetic of law 2 in sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archive_schema.outputs import IngestOutput
from archive_schema.report import FormProblem, InboxNote, ShownFinding
from reports import coverage_view, digest_text, safe, terminal
from reports.coverage_text import form_line, note_line

_TOP = 20
#: of the findings in what came: a first delivery has thousands
_TOP_RECEIVED = 10


def render(
    output: IngestOutput,
    notes: Sequence[InboxNote] = (),
    findings: Sequence[ShownFinding] = (),
    *,
    unknown_folders: Mapping[str, str] | None = None,
    forms: Sequence[FormProblem] = (),
    received: Sequence[ShownFinding] = (),
    gone: Mapping[str, int] | None = None,
    color: bool = False,
) -> str:
    """:param findings: over all that is held, their texts naming the file.
    :param unknown_folders: folder → suggested unit, "" = none.
    :param forms: what cannot be used of the 提交表.
    :param received: what is wrong with the files that this pass took in, their texts naming the file.
    :param gone: archived files that are in the inbox no more, by unit.
    """
    o = output
    total = o.new + o.known + o.quarantined + o.waiting + o.ignored
    sums = f"{o.new} + {o.known} + {o.quarantined} + {o.waiting} + {o.ignored}"
    lines = ["发现 = 新收 + 已有 + 隔离 + 等待 + 忽略"]
    if total == o.found:
        lines.append(f"{o.found} = {sums}")
    else:
        lines.append(terminal.paint(f"{o.found} ≠ {sums} = {total}：账目不平，请保留现场并运行 dangan audit", "red", color))
    if o.members:
        lines.append(f"另从压缩包和文档中取出 {o.members} 件（不计入上面的数）")
    if gone:
        lines.append(digest_text.gone_line(gone))
    lines.append(f"批次 {safe.line(o.run) or '无新内容'}")
    lines.append(f"状态摘要 {safe.line(o.state_digest)}")
    lines += _notes(notes, color)
    lines += _forms(forms, color)
    lines += _findings(
        "本次收进的文件有问题", received, _TOP_RECEIVED, " dangan coverage 或 dangan manifest --format csv", color
    )
    lines += _findings("清单和互相比较的问题（全部已存材料）", findings, _TOP, "覆盖情况", color)
    lines += [
        _folder(f, guess) for f, guess in sorted((unknown_folders or {}).items(), key=lambda x: coverage_view.order(x[0]))
    ]
    lines += ["", "下一步：" + _next(o, notes, forms)]
    return "\n".join(lines) + "\n"


def _notes(notes: Sequence[InboxNote], color: bool) -> list[str]:
    ordered = sorted(
        notes, key=lambda n: (not coverage_view.suspected_secret(n), n.disposition, coverage_view.order(n.unit), n.path)
    )
    # a suspected secret is never left out of the list
    shown = [n for k, n in enumerate(ordered) if k < _TOP or coverage_view.suspected_secret(n)]
    lines = [note_line(n, color) for n in shown]
    if len(ordered) > len(shown):
        lines.append(f"  另有 {len(ordered) - len(shown)} 件，见覆盖情况")
    return ["", terminal.heading("隔离与等待", color), *lines] if lines else []


def _forms(forms: Sequence[FormProblem], color: bool) -> list[str]:
    lines = [form_line(f) for f in forms[:_TOP]]
    if len(forms) > _TOP:
        lines.append(f"  另有 {len(forms) - _TOP} 处，见覆盖情况")
    return ["", terminal.heading(f"提交表的问题 {len(forms)} 处", color), *lines] if lines else []


def _findings(what: str, findings: Sequence[ShownFinding], top: int, where: str, color: bool) -> list[str]:
    ordered = coverage_view.sort_findings(findings)
    lines = [finding_line(f) for f in ordered[:top]]
    if len(ordered) > top:
        lines.append(f"  另有 {len(ordered) - top} 条，见{where}")
    return ["", terminal.heading(f"{what} {len(ordered)} 条", color), *lines] if lines else []


def finding_line(finding: ShownFinding) -> str:
    """``阻断 text 处理：remedy（CODE）``, on one line."""
    remedy = f" 处理：{safe.line(finding.remedy)}" if finding.remedy and not finding.waived else ""
    return f"  {coverage_view.finding_mark(finding)}  {safe.line(finding.text)}{remedy}（{safe.line(finding.code)}）"


def _folder(folder: str, guess: str) -> str:
    advice = f"是否指“{safe.line(guess)}”？请在单位表中加为别名，或改文件夹名" if guess else "请在单位表中登记，或改文件夹名"
    return f"不认识的文件夹“{safe.line(folder)}”：{advice}"


def _next(o: IngestOutput, notes: Sequence[InboxNote], forms: Sequence[FormProblem]) -> str:
    steps = []
    if any(coverage_view.suspected_secret(n) for n in notes):
        steps.append("立即联系保密办处理疑似涉密文件")
    if o.quarantined:
        steps.append("查看隔离的文件并请报送单位更换")
    if o.waiting:
        steps.append("等文件传完后再运行一次 dangan ingest")
    if forms:
        steps.append("请报送单位改正提交表")
    if not o.found:
        steps.append("把各单位的来件放入收件夹 inbox/单位名/ 后再运行")
    else:
        steps.append("用 dangan coverage 看覆盖情况，用 dangan review list 处理待复核的文件")
    return "；".join(steps)
