"""The coverage report as one page that opens offline: what archivists read each morning.

Without a script it is the whole page; the script only filters (also by the address: ``#unit=市文明办&state=missing``).
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from archive_schema.negative import NONE
from archive_schema.outputs import CoverageUnplaced
from archive_schema.report import CoverageReport, piece_key
from archive_schema.words import CellState, EvidenceKind
from reports import anchor, board, clock, coverage_view, grades_view, negative_text, page, remarks
from reports.coverage_view import KINDS, STATES, CellView, View

#: Lines of files, of unplaced files, of new files and about forms that a page carries; with more, files without problems go first.
FILES, UNPLACED, NEW, FORMS = 6_000, 600, 200, 200
CANDIDATES = 3


def render(report: CoverageReport, *, ranking: bool = False) -> str:
    """The page, to be written as UTF-8. The same report gives the same bytes, whatever the order of its lists.

    :param ranking: colour the progress of the units as 红黑榜.
    """
    view = coverage_view.arrange(report)
    told = remarks.Remarks(view)
    cap = coverage_view.share([len(c.files) for c in view.cells.values()], FILES)
    changes = report.changes
    return page.render(
        "coverage.html",
        script="coverage.js",
        view=view,
        report=report,
        counted=anchor.counted(report.records),
        coverage=report.coverage,
        generated=clock.long_stamp(report.coverage.generated_at, report.zone),
        last_run=clock.of_run(report.run, report.zone),
        kinds=KINDS,
        states=STATES,
        State=CellState,
        negative=report.negative,
        grades=report.grades if report.grades and report.grades.items else None,
        graded={i.id: i for i in report.grades.items} if report.grades else {},
        grade_text=grades_view,
        item_anchor=lambda ident: f"item-{coverage_view.slug(ident)}",
        no_events=NONE,
        witness=negative_text.witness,
        remark_groups=told.groups(),
        nobody=told.nobody,
        remarks_of=told.of_cell,
        remarks_of_unit=lambda unit: told.of_unit(unit.name),
        person_of=lambda cell: report.persons.get(f"{cell.item.id}|{cell.kind}", ""),
        cell_bar=_bar([view.total(s) for s in STATES]),
        item_bar=_bar([view.item_total(s) for s in STATES]),
        usable_share=_share(view),
        board=board.ordered(report),
        board_title=board.TITLE,
        board_note=board.NOTE,
        board_headers=board.HEADERS,
        board_row=board.row,
        ranking=ranking,
        rank=board.rank,
        ranks=board.RANKS,
        rank_note=board.RANK_NOTE,
        todo_units=[u for u in view.units if u.totals[CellState.MISSING]],
        changed=changes is not None
        and bool(changes.new or changes.gained or changes.lost or changes.moved or changes.dropped or changes.reset),
        reset=coverage_view.reset_line(changes.reset) if changes and changes.reset else "",
        dropped=coverage_view.dropped_line(changes.dropped) if changes and changes.dropped else "",
        since=clock.stamp(changes.since, report.zone) if changes and changes.since else "",
        since_head=_briefly(changes.since_head) if changes and changes.since_head else "—",
        new_files=_new_files(report),
        change_lists=_change_lists(report),
        shown_files=lambda cell: cell.files[:cap],
        hidden_files=lambda cell: max(0, len(cell.files) - cap),
        elsewhere=view.elsewhere[:UNPLACED],
        elsewhere_left=max(0, len(view.elsewhere) - UNPLACED),
        elsewhere_name=coverage_view.ELSEWHERE,
        unplaced=view.unplaced[:UNPLACED],
        unplaced_left=max(0, len(view.unplaced) - UNPLACED),
        sent_back=view.sent_back[:UNPLACED],
        sent_back_left=max(0, len(view.sent_back) - UNPLACED),
        candidates=CANDIDATES,
        new_limit=NEW,
        mark=coverage_view.finding_mark,
        anchor=coverage_view.cell_anchor,
        describe=_describe,
        command=lambda u: move_command(u, report.kinds.get(piece_key(u.sha256, u.unit))),
        project_counts=lambda project: _project_counts(view, project),
        validation=sorted(
            report.validation, key=lambda v: (v.success is not False, v.success is not None, v.suite, v.code, v.text)
        ),
        forms=view.forms[:FORMS],
        forms_left=max(0, len(view.forms) - FORMS),
        folders=sorted(report.unknown_folders.items(), key=lambda f: coverage_view.order(f[0])),
        note_reason=coverage_view.note_reason,
        secret=coverage_view.suspected_secret,
        size=_size,
    )


def move_command(unplaced: CoverageUnplaced, kind: EvidenceKind | None) -> str:
    """The command that places the file of this unit by hand, filled in as far as the best guess goes that takes its kind.

    Of a file in the inbox's root no unit is named: an empty one is no choice of the root, and the command itself says whose it moved.
    """
    best = next((c for c in unplaced.candidates if c.kind is kind), None)
    item = shlex.quote(best.item) if best else "编号"
    unit = unplaced.unit if unplaced.unit.isalnum() else shlex.quote(unplaced.unit)
    between = "=" if unplaced.unit.startswith("-") else " "  # a folder called --by is a name, not an option
    whose = f" --unit{between}{unit}" if unplaced.unit else ""
    cell = f"--item {item} --kind {kind.value if kind else '材料类型'}"
    return f'dangan review move {unplaced.sha256[:12]}{whose} {cell} --by 姓名 --reason "理由"'


def _bar(counts: Sequence[int]) -> list[tuple[CellState, float, float]]:
    """Segments of a bar 1000 wide: state, start, width."""
    total, at, out = sum(counts), 0, []
    for state, n in zip(STATES, counts, strict=True):
        if n:
            out.append((state, round(1000 * at / total, 2), round(1000 * n / total, 2)))
        at += n
    return out


def _share(view: View) -> str:
    """Usable cells of the applicable ones, in per cent; never rounded up to 100."""
    applicable = sum(view.total(s) for s in STATES if s is not CellState.NOT_APPLICABLE)
    return f"{1000 * view.total(CellState.USABLE) // applicable / 10:.1f}%" if applicable else "—"


def _briefly(head: str) -> str:
    """``段号:摘要`` with the twelve digits that suffice to tell it; the whole one is of a night that is past."""
    seq, _, digest = head.partition(":")
    return f"{seq}:{digest[:12]}…" if len(digest) > 12 else head


def _new_files(report: CoverageReport) -> list[tuple[str, str, str]]:
    new = report.changes.new if report.changes else ()
    return sorted(new, key=lambda n: (coverage_view.order(n[1]), coverage_view.order(n[2]), n[0]))


def _change_lists(report: CoverageReport) -> list[tuple[str, str, list[Any]]]:
    c = report.changes
    if c is None:
        return []
    lists = [("转为可用", "good", c.gained), ("不再可用", "bad", c.lost), ("其他变动", "", c.moved)]
    return [(name, style, coverage_view.sort_changes(x)) for name, style, x in lists if x]


def _project_counts(view: View, project: coverage_view.Project) -> list[tuple[CellState, int]]:
    states = [c.state for i in project.items for c in view.cells_of(i.id)]
    return [(s, states.count(s)) for s in STATES if s in states]


def _describe(cell: CellView) -> str:
    """One cell as a sentence, for the tooltip and for screen readers."""
    r = cell.requirement
    text = f"{cell.item.id} {cell.kind}：{r.state.zh}，可用 {r.usable} 件，应交 {r.needed} 件"
    return f"{text}；{'；'.join(cell.reason_texts)}" if cell.reasons else text


def _size(n: int) -> str:
    for unit in ("B", "KB", "MB"):
        if n < 1024:
            return f"{n} {unit}" if unit == "B" else f"{n:.1f} {unit}"
        n /= 1024  # type: ignore[assignment]
    return f"{n:.1f} GB"
