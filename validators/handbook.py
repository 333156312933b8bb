"""``docs/checks.md``: every check as the catalogue has it, and every published reason for return.

``python -m validators.handbook`` writes it; a test fails when it differs.
"""

from __future__ import annotations

from pathlib import Path

from validators import checks, reasons

FILE = Path(__file__).resolve().parent.parent / "docs" / "checks.md"

_HEAD = """# 检查目录

本页由 `python -m validators.handbook` 从 `validators/data/checks.toml` 和 `reasons.toml` 生成,不要手改。

- **阻断**: 不通过或豁免之前,材料不算可用。**警告**、**提示**: 材料照常计数,请原单位或审核人看一看。
- 每项检查的结果是通过、不通过或**未检**。没有读出来的内容一律是未检,不算通过。
- 等级和参数可在 `cycle.toml` 的 `[checks.代码]` 里改;`dangan checks explain 代码` 显示改后的样子。
- 写明“未检: 随 X 一并解决”的,它的未检只作提示;把它设为阻断的,只有 X 也挡住这份材料时才如此,否则它的未检要由人处理。
"""


def text() -> str:
    """The page."""
    found = checks.load().checks
    parts = [
        _HEAD,
        "## 退回原因与检查\n",
        "各地公布的退回原因(2012–2020),各由哪些检查发现。\n",
        "| 退回原因 | 检查 | 留给人看的 |\n|---|---|---|",
    ]
    for r in reasons.load():
        parts[-1] += f"\n| {r.text} | {'、'.join(r.codes) or '—'} | {r.rest or '—'} |"
    parts.append("\n## 检查\n\n| 代码 | 等级 | 性质 | 适用类型 | 查什么 |\n|---|---|---|---|---|")
    for c in found:
        kinds = "、".join(c.kinds) or "各类"
        parts[-1] += f"\n| [{c.code}](#{c.code.lower()}) | {c.severity.zh} | {c.nature} | {kinds} | {c.name} |"
    for c in found:
        lines = checks.explain(c.code).split("\n")[1:]
        parts.append(f"\n### {c.code}\n\n**{c.name}**({c.short})\n\n" + "\n".join(f"- {line}" for line in lines))
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text(), "utf-8")
