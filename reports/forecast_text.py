"""A forecast on a terminal."""

from __future__ import annotations

from archive_schema.forecast import ForecastOutput
from reports import anchor, forecast_view, safe, tables, terminal
from reports.coverage_view import STATES

_TOP = 30


def render(f: ForecastOutput, *, color: bool = False, width: int = 100) -> str:
    """Lines of at most about ``width`` columns; colour codes only when asked for."""
    parts = [_head(f, color), _totals(f, width), _lost(f, color), _rest(f, color)]
    return "\n".join(p for p in parts if p)


def _head(f: ForecastOutput, color: bool) -> str:
    title = terminal.paint(f"{safe.line(f.cycle)} 如 {f.on} 检查（今天 {f.today}）", "bold", color)
    lines = [title, f"清单之首 {anchor.shown(f.head, f.records)}", *(f"测评时段 {w}" for w in forecast_view.windows(f))]
    return "\n".join([*lines, forecast_view.CAUTION if f.rolls else forecast_view.FIXED]) + "\n"


def _totals(f: ForecastOutput, width: int) -> str:
    rows = [
        [f"{s.sign} {s.zh}", f.totals_now[s], f.totals_then[s], f.item_totals_now[s], f.item_totals_then[s]] for s in STATES
    ]
    return tables.text_table(["状态", "今天(格)", f"{f.on}(格)", "今天(项)", f"{f.on}(项)"], rows, width=width)


def _lost(f: ForecastOutput, color: bool) -> str:
    units = forecast_view.units(f)
    if not units:
        return terminal.heading("届时空出", color) + " 没有：今天可用的格届时仍可用\n"
    total = sum(len(u.cells) for u in units)
    lines = [terminal.heading(f"届时空出 {total} 格", color)]
    for u in units:
        lines.append(f"{safe.line(u.name)}：{len(u.cells)} 格")
        for c in u.cells[:_TOP]:
            who = f"，{safe.line(c.person)}" if c.person else ""
            lines.append(
                f"  {safe.line(c.item)} {c.kind}  {c.state_then.sign} {c.state_then.zh} {c.usable_then}/{c.needed}{who}"
            )
            lines += [f"    出窗 {safe.line(forecast_view.piece(p))}" for p in c.leaves]
        if len(u.cells) > _TOP:
            lines.append(f"  另有 {len(u.cells) - _TOP} 格，见 --format xlsx")
    return "\n".join(lines) + "\n"


def _rest(f: ForecastOutput, color: bool) -> str:
    lines = []
    thin = forecast_view.thinner(f)
    if thin:
        lines.append(f"另有 {len(thin)} 格有材料出窗，余下的仍够")
    enters = sum(len(c.enters) for c in f.cells)
    if enters:
        lines.append(f"届时进入时段的材料 {enters} 件")
    unknown = forecast_view.undated(f)
    if unknown:
        n = sum(len(c.undated) for c in unknown)
        named = "、".join(f"{safe.line(c.item)} {c.kind}" for c in unknown[:8])
        counting = sum(p.counts for c in unknown for p in c.undated)
        more = " 等" if len(unknown) > 8 else ""
        lines.append(f"{terminal.heading('日期未知', color)} {n} 件，不能预测（其中 {counting} 件现计为可用）：{named}{more}")
    return "\n".join(lines) + "\n" if lines else ""
