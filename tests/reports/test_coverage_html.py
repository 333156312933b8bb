"""The page as text: complete, safe, loading nothing, the same for the same data."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive_schema.evidence import Candidate
from archive_schema.outputs import CoverageEvidence, CoverageUnplaced
from archive_schema.report import Changes, CoverageReport, ShownFinding, piece_key
from archive_schema.text import display
from archive_schema.words import CellState, EvidenceKind, PlacementStatus, Severity
from reports import coverage_html, coverage_view
from tests.reports import example, hostile


class Page(HTMLParser):
    """Tags with attributes, and the text between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.raw: dict[str, str] = {}
        self._in = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in = tag

    def handle_data(self, data: str) -> None:
        if self._in in ("style", "script"):
            self.raw[self._in] = self.raw.get(self._in, "") + data
            self._in = ""
        else:
            self.text.append(data)


@pytest.fixture(scope="module")
def report() -> CoverageReport:
    return example.report()


@pytest.fixture(scope="module")
def page(report: CoverageReport) -> Page:
    return Page(coverage_html.render(report))


def assert_loads_nothing(html: str) -> Page:
    page = Page(html)
    for tag, attrs in page.tags:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base", "audio", "video", "image", "use"), (tag, attrs)
        for name, value in attrs.items():
            assert not name.startswith("on"), (tag, name)
            assert name not in ("src", "srcset", "style", "action", "formaction", "data", "xlink:href"), (tag, name)
            if name == "href":
                assert (value or "").startswith("#"), value
    assert "url(" not in page.raw["style"]
    assert "@import" not in page.raw["style"]
    assert Counter(t for t, _ in page.tags)["script"] <= 1
    return page


def test_the_page_loads_nothing_from_anywhere(report: CoverageReport) -> None:
    html = coverage_html.render(report)
    assert_loads_nothing(html)
    assert "http://" not in html
    assert "https://" not in html


def test_the_policy_allows_exactly_the_style_and_script_of_the_page(page: Page) -> None:
    policy = next(a["content"] for t, a in page.tags if t == "meta" and a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for kind in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(page.raw[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy


def test_every_cell_of_the_matrix_leads_to_its_detail(report: CoverageReport, page: Page) -> None:
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    links = [a["href"] for t, a in page.tags if t == "a" and (a.get("class") or "").startswith("cell ")]
    assert len(links) == report.coverage.catalogue.requirements
    assert {(h or "")[1:] for _, a in page.tags if (h := a.get("href"))} <= set(ids)


def test_every_cell_shows_a_sign_beside_the_colour(report: CoverageReport) -> None:
    html = coverage_html.render(report)
    for state in CellState:
        n = sum(r.state is state for i in report.coverage.items for r in i.requirements)
        assert len(re.findall(rf'class="cell s-{state}"[^>]*><b>{re.escape(state.sign)}</b>', html)) == n


def test_the_page_says_everything_it_was_given(report: CoverageReport) -> None:
    text = re.sub(r"\s+", " ", "".join(Page(coverage_html.render(report)).text))
    for wanted in (
        "2026年11月21日 星期六 06:30",
        report.run,
        "最近入库2026-11-21 02:00",
        report.coverage.head,
        "本目录 155 项中 131 项为推断",
        "2025-11-01 至 2026-10-31",
        "2024-01-01 至 2025-12-31",
        "疑似涉密 1 件：请立即联系保密办",
        "市公安局 上报/内部通报.pdf",
        "不认识的文件夹",
        "是否指 市文明办",
        "23 件新材料",
        "7 格转为可用",
        "1 格不再可用",
        "未检 印章未能检出",
        "迟交",
        "合计等于各行之和",
        "阈值说明（仅供参考，不作判定）",
        f"dangan review move {report.coverage.unplaced[0].sha256[:12]} --unit {report.coverage.unplaced[0].unit} --item",
    ):
        assert wanted is not None
        assert wanted in text, wanted
    for item in report.coverage.items:
        for r in item.requirements:
            for e in r.evidence:
                assert e.path in text


def test_files_with_problems_stand_first_and_unchecked_is_never_a_pass(report: CoverageReport) -> None:
    view = coverage_view.arrange(report)
    for cell in view.cells.values():
        order = [f.clean for f in cell.files]
        assert order == sorted(order)
        for f in cell.files:
            if any(x.outcome == "unchecked" for x in f.findings):
                assert not f.clean


def test_the_first_run_and_a_run_without_change_say_so(report: CoverageReport) -> None:
    first = coverage_html.render(msgspec.structs.replace(report, changes=Changes(None, None)))
    assert "首次运行" in first
    assert "本次无变化" not in first
    quiet = coverage_html.render(msgspec.structs.replace(report, changes=Changes(example.GENERATED, "1:ab")))
    assert "本次无变化" in quiet


def test_an_empty_archive_still_makes_a_page() -> None:
    base = example.report()
    coverage = msgspec.structs.replace(base.coverage, head=None, items=[], units=[], unplaced=[], totals={}, item_totals={})
    empty = CoverageReport(coverage=coverage, zone="Asia/Shanghai", run=None, places={})
    text = "".join(Page(coverage_html.render(empty)).text)
    assert "清单为空" in text
    assert "没有未归类的文件" in text


def test_the_same_data_gives_the_same_page_in_whatever_order_it_comes(report: CoverageReport) -> None:
    assert coverage_html.render(report) == coverage_html.render(example.report())
    assert coverage_html.render(hostile.shuffled(report)) == coverage_html.render(report)


def test_items_stand_in_natural_order(page: Page) -> None:
    rows = [a["data-item"] or "" for t, a in page.tags if t == "tr" and "data-units" in a]
    assert rows == sorted(rows, key=coverage_view.order)
    assert rows.index("item-III2-1") < rows.index("item-III10-2")


def test_hostile_names_stay_text() -> None:
    html = coverage_html.render(hostile.report())
    html.encode("utf-8")
    page = assert_loads_nothing(html)
    text = "".join(page.text)
    assert "<script>alert(1)</script>.pdf" in text
    assert "{{ 7*7 }}" in text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x1b\ud800-\udfff]", html)


@settings(max_examples=15, deadline=None)
@given(st.lists(hostile.text, min_size=2, max_size=4))
def test_no_name_becomes_markup(names: list[str]) -> None:
    small = msgspec.structs.replace(example.report(files=1), findings={})
    coverage = msgspec.structs.replace(small.coverage, items=small.coverage.items[:2], units=[], unplaced=[])
    base = msgspec.structs.replace(
        small, coverage=coverage, notes=(), forms=(), validation=(), changes=None, unknown_folders={}
    )

    def shape(name: str) -> list[str]:
        item = coverage.items[0]
        evidence = [CoverageEvidence("a" * 64, name, name, name, PlacementStatus.AUTO)]
        items = [
            msgspec.structs.replace(
                item, title=name, units=[name], requirements=[msgspec.structs.replace(item.requirements[0], evidence=evidence)]
            )
        ]
        report = msgspec.structs.replace(base, coverage=msgspec.structs.replace(coverage, items=items, cycle=name))
        return [t for t, _ in assert_loads_nothing(coverage_html.render(report)).tags]

    plain = shape("市文明办")
    for name in names:
        if name:
            assert shape(name) == plain


def test_a_great_archive_makes_a_page_of_a_few_megabytes() -> None:
    report = example.report(files=110)
    assert sum(len(r.evidence) for i in report.coverage.items for r in i.requirements) > 9_000
    html = coverage_html.render(report)
    assert len(html.encode()) < 5_000_000
    assert "件未在此列出（有问题的列在前）" in html


@given(st.lists(st.integers(0, 500), min_size=1, max_size=40), st.integers(1, 5_000))
def test_the_cap_keeps_the_budget_and_wastes_none_of_it(counts: list[int], budget: int) -> None:
    cap = coverage_view.share(counts, budget)
    assert sum(min(n, cap) for n in counts) <= budget or cap == 1
    if any(n > cap for n in counts):
        assert sum(min(n, cap + 1) for n in counts) > budget


def test_the_command_names_the_best_guess_and_is_safe_to_paste() -> None:
    takes_none = Candidate("III76-2", 0.6)
    guess = Candidate("x'; rm -rf ~", 0.5, (), EvidenceKind.PHOTO)

    def command(*candidates: Candidate, kind: EvidenceKind | None = EvidenceKind.PHOTO) -> str:
        return coverage_html.move_command(CoverageUnplaced("ab" * 32, "甲 局", "a.pdf", list(candidates)), kind)

    quoted = "'x'\"'\"'; rm -rf ~'"
    assert command(takes_none, guess).startswith(
        f"dangan review move abababababab --unit '甲 局' --item {quoted} --kind 实景图片 --by "
    )
    assert "--item 编号 --kind 实景图片" in command(takes_none), "no number that takes no photograph"
    assert "--item III76-2 --kind 材料类型" in command(takes_none, kind=None)
    assert "--item 编号 --kind 材料类型" in command(kind=None)
    root = coverage_html.move_command(CoverageUnplaced("ab" * 32, "", "a.pdf", []), None)
    assert root.startswith("dangan review move abababababab --item "), "an empty unit chooses nothing: the root is no unit"
    option = coverage_html.move_command(CoverageUnplaced("ab" * 32, "--by=张三", "a.pdf", []), None)
    assert " --unit='--by=张三' --item " in option, "a folder's name is not taken for an option"


def test_a_finding_under_its_file_does_not_say_the_name_again_and_a_newer_version_is_told() -> None:
    base = example.report(files=1)
    item, r = next((i, r) for i in base.coverage.items for r in i.requirements)
    name = "第二批材料.zip!/" + "很长的名称" * 40 + ".docx"  # cut where a finding begins with it
    old, new = ("a" * 64, "b" * 64)
    evidence = [CoverageEvidence(s, "市民政局", name, "标题", PlacementStatus.AUTO) for s in (new, old)]
    coverage = msgspec.structs.replace(
        base.coverage, items=[msgspec.structs.replace(item, requirements=[msgspec.structs.replace(r, evidence=evidence)])]
    )
    text = f"{display(name, coverage_view.NAMED)}: 没有看到印章"
    findings = {
        piece_key(s, "市民政局", item.id, r.kind): (ShownFinding("SEAL", Severity.WARNING, "fail", text, ""),)
        for s in (old, new)
    }
    report = msgspec.structs.replace(
        base, coverage=coverage, findings=findings, replaced=frozenset({piece_key(old, "市民政局")}), changes=None
    )
    files = coverage_view.arrange(report).cells[item.id, r.kind].files
    assert [(f.evidence.sha256, f.replaced) for f in files] == [(new, False), (old, True)]
    html = coverage_html.render(report)
    assert html.count("没有看到印章") == 2 and f"{text[:40]}" in html and "…: 没有看到印章" not in html
    assert html.count("已有新版本</span>") == 1


def test_an_extract_does_not_rank_its_only_unit() -> None:
    base = example.report()
    unit = base.coverage.units[0].name
    led = set(base.coverage.units[0].lead_of)
    items = [i for i in base.coverage.items if i.id in led]
    small = msgspec.structs.replace(
        base, unit=unit, coverage=msgspec.structs.replace(base.coverage, items=items, units=base.coverage.units[:1])
    )
    assert "牵头单位中最多的是" in coverage_html.render(base)
    page = coverage_html.render(small)
    assert "牵头单位中最多的是" not in page and "，都由" in page
