"""The coverage report arranged for people, once for all its renderers: sorted, grouped, counted. Facts only, no markup."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec

from archive_schema.coverage import Reason
from archive_schema.outputs import CoverageElsewhere, CoverageEvidence, CoverageItem, CoverageRequirement, CoverageUnplaced
from archive_schema.report import CellChange, CoverageReport, FormProblem, InboxNote, Place, ShownFinding, piece_key
from archive_schema.text import display, natural_key
from archive_schema.words import SUSPECTED_SECRET, CellState, EvidenceKind, Provenance

NO_UNIT = "未定责任单位"
KINDS = tuple(EvidenceKind)
STATES = (CellState.USABLE, CellState.IN_REVIEW, CellState.UNUSABLE, CellState.MISSING, CellState.NOT_APPLICABLE)
WANTING = (CellState.MISSING, CellState.UNUSABLE, CellState.IN_REVIEW)
#: names of the reason codes of ``archive_schema.coverage.Reason`` that are no checks
_REASON_NAMES = {"SHORT": "数量不足", "OVERDUE": "逾期未交", "REVIEW": "待复核"}
#: how many pieces of one cell a reason is about; says nothing where cells are counted
_PIECES = re.compile(r"[(（](?:至少 )?\d+ 件[)）]$")
_NATURAL = 300
#: characters of a file's name at the head of a finding's text
NAMED = 120
#: what an extract calls the files of its unit that stand at items of others
ELSEWHERE = "归入别的单位的标准"
#: why a piece is settled, a field of ``CoverageSettled`` → in Chinese
SETTLED = {"withdrawn": "已撤回、销毁", "rejected": "归类已否定", "superseded": "未归类而已被取代", "answered": "退回后已换好"}
_NOWHERE = Place(section="", project="未分组", indicator="", content="", threshold="", provenance="")


@dataclass(frozen=True)
class File:
    """One evidence in one cell, or an unplaced one."""

    evidence: CoverageEvidence
    late: bool
    findings: tuple[ShownFinding, ...]
    replaced: bool = False  # a newer version lies in its place

    @property
    def open(self) -> int:
        """Findings that nobody waived."""
        return sum(not f.waived for f in self.findings)

    @property
    def clean(self) -> bool:
        """Nothing to say about it."""
        return not self.late and not any(not f.waived for f in self.findings) and self.evidence.status in ("auto", "confirmed")


@dataclass(frozen=True)
class CellView:
    item: ItemView
    requirement: CoverageRequirement
    reasons: tuple[Reason, ...]
    files: tuple[File, ...]

    @property
    def kind(self) -> EvidenceKind:
        return self.requirement.kind

    @property
    def state(self) -> CellState:
        return self.requirement.state

    @property
    def anchor(self) -> str:
        return cell_anchor(self.item.id, self.kind)

    @property
    def key(self) -> str:
        """As ``CoverageReport`` names a cell."""
        return f"{self.item.id}|{self.kind}"

    @property
    def reason_texts(self) -> list[str]:
        return [r.text for r in self.reasons]


@dataclass(frozen=True)
class ItemView:
    item: CoverageItem
    place: Place
    lead: str

    @property
    def id(self) -> str:
        return self.item.id

    @property
    def anchor(self) -> str:
        return f"item-{slug(self.item.id)}"

    @property
    def units(self) -> list[str]:
        """Lead first."""
        return [self.lead, *(u for u in self.item.units if u != self.lead)]

    @property
    def provenance(self) -> str:
        """Its Chinese name; an unknown word as it stands."""
        known = {p.value: p.zh for p in Provenance}
        return known.get(self.item.provenance, self.item.provenance)

    @property
    def inferred(self) -> bool:
        return self.item.provenance == Provenance.INFERRED


@dataclass(frozen=True)
class Content:
    """测评内容 with its items; ``cells`` by item id and kind."""

    indicator: str
    name: str
    items: tuple[ItemView, ...]


@dataclass(frozen=True)
class Project:
    section: str
    name: str
    contents: tuple[Content, ...]

    @property
    def items(self) -> list[ItemView]:
        return [i for c in self.contents for i in c.items]


@dataclass(frozen=True)
class UnitView:
    name: str
    lead_of: tuple[str, ...]
    totals: dict[CellState, int]
    wanting: tuple[CellView, ...]  # missing and unusable ones first, then in review


@dataclass(frozen=True)
class View:
    """``report`` with everything in a fixed order."""

    report: CoverageReport
    items: tuple[ItemView, ...]
    cells: dict[tuple[str, EvidenceKind], CellView]

    def cell(self, item: str, kind: EvidenceKind) -> CellView | None:
        return self.cells.get((item, kind))

    def cells_of(self, item: str) -> list[CellView]:
        return [c for k in KINDS if (c := self.cells.get((item, k))) is not None]

    @cached_property
    def projects(self) -> tuple[Project, ...]:
        """Items by project › content, each in order of its first item."""
        tree: dict[tuple[str, str], dict[tuple[str, str], list[ItemView]]] = {}
        for i in self.items:
            contents = tree.setdefault((i.place.section, i.place.project), {})
            contents.setdefault((i.place.indicator, i.place.content), []).append(i)
        return tuple(
            Project(s, p, tuple(Content(ind, name, tuple(items)) for (ind, name), items in contents.items()))
            for (s, p), contents in tree.items()
        )

    @cached_property
    def units(self) -> tuple[UnitView, ...]:
        """Units that lead an item, most to do first."""
        led: dict[str, list[ItemView]] = defaultdict(list)
        for i in self.items:
            led[i.lead].append(i)
        out = []
        for name, items in led.items():
            cells = [c for i in items for c in self.cells_of(i.id)]
            counts = Counter(c.state for c in cells)
            wanting = [c for s in WANTING for c in cells if c.state == s]
            out.append(UnitView(name, tuple(i.id for i in items), {s: counts.get(s, 0) for s in STATES}, tuple(wanting)))
        return tuple(sorted(out, key=lambda u: (-u.totals[CellState.MISSING], -u.totals[CellState.UNUSABLE], order(u.name))))

    @cached_property
    def unit_names(self) -> list[str]:
        """Every unit an item names or that has cells, for the filter."""
        names = {u for i in self.items for u in i.units} | {u.name for u in self.report.coverage.units}
        return sorted(names, key=order)

    @cached_property
    def top_reasons(self) -> list[tuple[str, int]]:
        """Why cells are unusable: (name, cells), most frequent first."""
        seen: dict[str, list[str]] = defaultdict(list)
        for c in self.cells.values():
            if c.state is CellState.UNUSABLE:
                for code, text in {r.code: r.text for r in c.reasons}.items():
                    seen[code].append(_PIECES.sub("", text))
        counted = [
            (_REASON_NAMES.get(code) or min(texts, key=lambda t: (len(t), t)), len(texts)) for code, texts in seen.items()
        ]
        return sorted(counted, key=lambda x: (-x[1], x[0]))

    @cached_property
    def notes(self) -> tuple[InboxNote, ...]:
        """Suspected secrets first, then quarantined, then waiting."""
        return tuple(
            sorted(
                self.report.notes,
                key=lambda n: (not suspected_secret(n), n.disposition, order(n.unit), order(n.path), n.reason),
            )
        )

    @cached_property
    def secrets(self) -> tuple[InboxNote, ...]:
        return tuple(n for n in self.notes if suspected_secret(n))

    @cached_property
    def forms(self) -> tuple[FormProblem, ...]:
        return tuple(sorted(self.report.forms, key=lambda f: (order(f.unit), order(f.path), order(f.text))))

    @cached_property
    def unplaced(self) -> tuple[CoverageUnplaced, ...]:
        return tuple(sorted(self.report.coverage.unplaced, key=lambda u: (order(u.unit), order(u.path), u.sha256)))

    @cached_property
    def sent_back(self) -> tuple[CoverageUnplaced, ...]:
        """Without a place, and out with their unit: nobody is to place them."""
        return tuple(sorted(self.report.coverage.sent_back or (), key=lambda u: (order(u.unit), order(u.path), u.sha256)))

    @cached_property
    def settled(self) -> str:
        """How many pieces stand in no list of the report, and why; "" = none."""
        counts = self.report.coverage.settled
        told = [f"{zh} {n} 件" for why, zh in SETTLED.items() if counts and (n := getattr(counts, why))]
        return f"不计入、也不用再处理的：{'，'.join(told)}（见 dangan manifest）" if told else ""

    def unplaced_findings(self, u: CoverageUnplaced) -> tuple[ShownFinding, ...]:
        return _of_file(self.report.findings.get(piece_key(u.sha256, u.unit), ()), u.path)

    @cached_property
    def elsewhere(self) -> tuple[tuple[CoverageElsewhere, File], ...]:
        """What the unit of an extract sent for items of others, in the order of the items."""
        listed = self.report.coverage.elsewhere or ()
        found = [(x, _file(self.report, x.item, x.kind, x.evidence)) for x in listed]
        found.sort(key=lambda f: (order(f[0].item), KINDS.index(f[0].kind), order(f[1].evidence.path), f[1].evidence.sha256))
        return tuple(found)

    def total(self, state: CellState) -> int:
        return self.report.coverage.totals.get(state, 0)

    def item_total(self, state: CellState) -> int:
        return self.report.coverage.item_totals.get(state, 0)

    @property
    def name(self) -> str:
        """What the report is, and whose extract."""
        return f"材料覆盖情况（{self.report.unit}）" if self.report.unit else "材料覆盖情况"

    @property
    def title(self) -> str:
        return " ".join(filter(None, [self.report.city, self.report.coverage.cycle, self.name]))

    @property
    def scope(self) -> str:
        """What an extract for one unit shows and what it does not; "" for the whole."""
        if not self.report.unit:
            return ""
        shown = f"本表只列“{self.report.unit}”负责的 {len(self.items)} 项、{len(self.cells)} 格和它报送的文件，其中归入别的单位的标准的另列，不计入合计"
        return f"{shown}；负面清单、表格校验是全市的，见全部单位的覆盖情况"

    @cached_property
    def catalogue_sentence(self) -> str:
        """How far the catalogue, or what an extract shows of it, can be trusted, in one sentence."""
        counts = self.report.provenance_counts
        all_ = f"{'所列' if self.report.unit else '本目录'} {sum(counts.values())} 项"
        inferred, partial = counts.get(Provenance.INFERRED, 0), counts.get(Provenance.PARTIAL, 0)
        if not inferred and not partial:
            return f"{all_}的来历均为“已核”。" if counts else ""
        parts = [f"{n} 项为{p.zh}" for n, p in ((inferred, Provenance.INFERRED), (partial, Provenance.PARTIAL)) if n]
        return f"{all_}中 {'、'.join(parts)}，以本市收到的手册为准。"


def arrange(report: CoverageReport) -> View:
    """Sort and join ``report``; the order of its lists does not matter afterwards."""
    leads = {item: u.name for u in report.coverage.units for item in u.lead_of}
    items: list[ItemView] = []
    cells: dict[tuple[str, EvidenceKind], CellView] = {}
    for item in sorted(report.coverage.items, key=lambda i: order(i.id)):
        lead = leads.get(item.id, "")
        if lead not in item.units:  # a member of the group that leads, in the extract made for it
            lead = next(iter(item.units), NO_UNIT)
        view = ItemView(item, report.places.get(item.id, _NOWHERE), lead)
        items.append(view)
        for r in sorted(item.requirements, key=lambda r: KINDS.index(r.kind)):
            key = f"{item.id}|{r.kind}"
            reasons = report.reasons.get(key) or tuple(Reason(code=t, text=t) for t in r.reasons)
            cells[item.id, r.kind] = CellView(view, r, reasons, _files(report, item.id, r))
    return View(report, tuple(items), cells)


def _files(report: CoverageReport, item: str, r: CoverageRequirement) -> tuple[File, ...]:
    files = [_file(report, item, r.kind, e) for e in r.evidence]
    files.sort(key=lambda f: (f.clean, f.replaced, order(f.evidence.unit), order(f.evidence.path), f.evidence.sha256))
    return tuple(files)


def _file(report: CoverageReport, item: str, kind: EvidenceKind, e: CoverageEvidence) -> File:
    key = piece_key(e.sha256, e.unit, item, kind)
    findings = _of_file(report.findings.get(key, ()), e.path)
    return File(e, key in report.late, findings, piece_key(e.sha256, e.unit) in report.replaced)


def order(text: str) -> tuple[object, str]:
    """Natural order, ties by the text itself. Only the head is read naturally: a hostile name may hold a number of any length."""
    return natural_key(text[:_NATURAL]), text


def _of_file(findings: Iterable[ShownFinding], path: str) -> tuple[ShownFinding, ...]:
    """Sorted, as they are told under the name of the file: not each with that name again."""
    head = f"{display(path, NAMED)}: "
    return sort_findings(msgspec.structs.replace(f, text=f.text.removeprefix(head)) for f in findings)


def sort_findings(findings: Iterable[ShownFinding]) -> tuple[ShownFinding, ...]:
    """Blocking first, failures before 未检, waived ones last."""
    return tuple(sorted(findings, key=lambda f: (f.waived, f.severity.rank, f.outcome != "fail", f.code, f.text, f.remedy)))


def dropped_line(dropped: Mapping[CellState, int]) -> str:
    """What is said of cells that the catalogue no longer has."""
    usable = dropped.get(CellState.USABLE, 0)
    more = f"，原来可用 {usable} 格，其中的材料见“未归类”或别的标准" if usable else ""
    return f"目录换版，不再要求 {sum(dropped.values())} 格{more}"


_SET = {"catalogue": "目录", "cycle": "测评周期（时段、期限、件数）", "settings": "检查参数和设置", "units": "单位表"}


def reset_line(reset: Sequence[str]) -> str:
    """What is said of what was set otherwise, since it may be why cells have changed."""
    review = "；有审核意见所指的标准变了的，见 dangan review log 的“目录换版”列" if "catalogue" in reset else ""
    return f"其间改过{'、'.join(_SET[kind] for kind in reset)}，已按新的判断{review}"


def sort_changes(changes: Iterable[CellChange]) -> list[CellChange]:
    return sorted(changes, key=lambda c: (order(c.item), KINDS.index(c.kind)))


def suspected_secret(note: InboxNote) -> bool:
    """Whether a note is of law 9: stopped because a 密级 was read on it."""
    return SUSPECTED_SECRET in note.reason


def note_reason(note: InboxNote) -> str:
    """Why the file did not become material; for a suspected secret always with whom to call."""
    call = suspected_secret(note) and "请立即联系保密办" not in note.reason
    return f"{note.reason}，请立即联系保密办" if call else note.reason


def finding_mark(finding: ShownFinding) -> str:
    """已豁免, 未检 or the severity."""
    if finding.waived:
        return "已豁免"
    return "未检" if finding.outcome == "unchecked" else finding.severity.zh


def slug(ident: str) -> str:
    """An item's id as part of an anchor: itself where that is safe, else its bytes in hexadecimal."""
    return ident if re.fullmatch(r"[A-Za-z0-9_-]+", ident) else "x" + ident.encode("utf-8", "surrogatepass").hex()


def cell_anchor(item: str, kind: EvidenceKind) -> str:
    return f"cell-{slug(item)}-{KINDS.index(kind) + 1}"


def share(counts: Sequence[int], budget: int) -> int:
    """The greatest cap ≥ 1 such that ``sum(min(n, cap)) ≤ budget``; keeps a page readable however much was sent.

    >>> share([10, 2, 50], 20)
    9
    """
    if sum(counts) <= budget:
        return max(counts, default=1) or 1
    low, high = 1, max(counts)
    while low < high:
        mid = (low + high + 1) // 2
        if sum(min(n, mid) for n in counts) <= budget:
            low = mid
        else:
            high = mid - 1
    return low
