"""The page in a real browser: it opens from disk with no network, its filter works, it prints."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

import msgspec
import pypdfium2
import pytest

from archive_schema.report import CoverageReport, InboxNote, UnitProgress
from archive_schema.words import CellState
from reports import coverage_html
from tests.reports import example, hostile

pytestmark = pytest.mark.browser
_QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--enable-logging=stderr",
    "--v=0",
]


class Browser:
    def __init__(self, program: str, folder: Path) -> None:
        self.program, self.folder = program, folder

    def run(self, page: Path, *options: str, anchor: str = "") -> subprocess.CompletedProcess[str]:
        command = [self.program, *_QUIET, f"--user-data-dir={self.folder}", *options, page.as_uri() + anchor]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        assert "Content Security Policy" not in done.stderr, done.stderr
        assert "Uncaught" not in done.stderr, done.stderr
        return done


@pytest.fixture(scope="module")
def browser(require_or_skip: Callable[[str, str], NoReturn], tmp_path_factory: pytest.TempPathFactory) -> Browser:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        require_or_skip("browser", "no chromium on PATH")
    return Browser(program, tmp_path_factory.mktemp("profile"))


@pytest.fixture(scope="module")
def report() -> CoverageReport:
    return example.report()


@pytest.fixture(scope="module")
def page(report: CoverageReport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "覆盖.html"
    path.write_text(coverage_html.render(report), "utf-8")
    return path


def shown_rows(dom: str) -> set[str]:
    rows = re.findall(r'<tr data-item="([^"]+)" data-units="[^"]*" data-states="[^"]*"([^>]*)>', dom)
    assert rows
    return {item for item, rest in rows if "hidden" not in rest}


def test_the_whole_matrix_is_shown_without_a_filter(browser: Browser, page: Path, report: CoverageReport) -> None:
    dom = browser.run(page, "--dump-dom").stdout
    assert 'class="has-js"' in dom
    assert len(shown_rows(dom)) == len(report.coverage.items)


def test_the_address_filters_by_unit_and_state(browser: Browser, page: Path, report: CoverageReport) -> None:
    dom = browser.run(page, "--dump-dom", anchor="#unit=" + quote("市文明办") + "&state=missing").stdout
    expected = {
        f"item-{i.id}"
        for i in report.coverage.items
        if "市文明办" in i.units and any(r.state is CellState.MISSING for r in i.requirements)
    }
    assert shown_rows(dom) == expected
    assert f"显示 {len(expected)} / {len(report.coverage.items)} 项" in dom
    assert "已筛选：责任单位 市文明办；状态 ○ 未提交" in dom
    details = re.findall(r'<details class="item" id="([^"]+)" data-item="[^"]+"([^>]*)>', dom)
    assert {i for i, rest in details if "hidden" not in rest} == expected


def test_the_address_searches_in_the_names_of_files(browser: Browser, page: Path, report: CoverageReport) -> None:
    item = next(i for i in report.coverage.items if any(r.evidence for r in i.requirements))
    evidence = next(e for r in item.requirements for e in r.evidence)
    dom = browser.run(page, "--dump-dom", anchor="#q=" + quote(evidence.sha256[:12])).stdout
    assert shown_rows(dom) == {f"item-{item.id}"}


def test_the_search_finds_files_without_a_place(browser: Browser, page: Path, report: CoverageReport) -> None:
    def shown(anchor: str = "") -> set[str]:
        dom = browser.run(page, "--dump-dom", anchor=anchor).stdout
        return {m[2] for m in re.finditer(r'data-loose="[^"]*"([^>]*)>.*?class="path">([^<]+)<', dom) if "hidden" not in m[1]}

    unplaced, note = report.coverage.unplaced[0].path, report.notes[0].path
    assert {unplaced, note} <= {s.strip() for s in shown()}
    for path, other in ((unplaced, note), (note, unplaced)):
        found = {s.strip() for s in shown("#q=" + quote(path.rsplit("/", 1)[-1]))}
        assert path in found and other not in found


def test_a_narrow_page_scrolls_in_its_tables_and_not_as_a_whole(
    browser: Browser, report: CoverageReport, tmp_path: Path
) -> None:
    board = tuple(UnitProgress(f"示例市第{n}局", 2, 400, 300, 20, 10, 100, 10, 5) for n in range(3))
    assert report.changes is not None
    changes = msgspec.structs.replace(report.changes, since_head="36:" + "8cd65a8a" * 8)
    notes = (InboxNote("市经济和信息化委员会", "压缩炸弹.zip", "quarantined", "解压后超过上限", 987_654_321, "c3c918dd" * 8),)
    wide_report = msgspec.structs.replace(report, board=board, changes=changes, notes=notes)
    (tmp_path / "page.html").write_text(coverage_html.render(wide_report), "utf-8")
    frame = tmp_path / "frame.html"  # a window is never made as narrow as a telephone
    frame.write_text(
        "<meta charset=utf-8><iframe id=f src=page.html style='width:390px;height:800px;border:0'></iframe>"
        "<script>onload = () => { const d = f.contentDocument; document.title = d.documentElement.scrollWidth + ' '"
        " + Math.min(...Array.from(d.querySelectorAll('.matrix td.title'), t => t.clientWidth))"
        " + ' ' + Math.max(...Array.from(d.querySelectorAll('.matrix tr.project'), t =>"
        " t.querySelector('.mini').getBoundingClientRect().bottom - t.getBoundingClientRect().bottom)); }</script>",
        "utf-8",
    )
    dom = browser.run(frame, "--dump-dom", "--allow-file-access-from-files").stdout
    ((wide, title, below),) = re.findall("<title>([0-9]+) ([0-9]+) ([-0-9.]+)</title>", dom)
    assert (wide, int(title) > 200) == ("390", True), "a standard is read in lines, not in a column of single characters"
    assert float(below) <= 0, "the counts of a project stand in its bar, not over the next line"


def test_a_link_to_a_cell_opens_its_item(browser: Browser, page: Path, report: CoverageReport) -> None:
    dom = browser.run(page, "--dump-dom", anchor="#cell-III2-1-2").stdout
    assert re.findall(r'<details class="item" id="([^"]+)"[^>]* open', dom) == ["item-III2-1"]


def test_hostile_names_run_nothing(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    path.write_text(coverage_html.render(hostile.report()), "utf-8")
    dom = browser.run(path, "--dump-dom").stdout
    assert dom.count("<script") == 1
    assert "<img" not in dom


def test_it_prints_on_landscape_pages_with_the_signs(browser: Browser, page: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.pdf"
    browser.run(page, f"--print-to-pdf={out}")
    document = pypdfium2.PdfDocument(out)
    width, height = document[0].get_size()
    assert (round(width), round(height)) == (842, 595)
    assert 5 < len(document) < 60
    text = "".join(document[n].get_textpage().get_text_bounded() for n in range(len(document)))
    for wanted in ("覆盖矩阵", "III90-1", "✓", "○", "还缺什么", example.HEAD.split(":")[1][:20]):
        assert wanted in text, wanted
    assert "清除" not in text


def test_a_picture_of_the_page_is_not_blank(browser: Browser, page: Path, tmp_path: Path) -> None:
    from PIL import Image

    out = tmp_path / "page.png"
    browser.run(page, f"--screenshot={out}", "--window-size=800,1200")
    colours = Image.open(out).convert("RGB").getcolors(1 << 22)
    assert colours is not None
    assert len(colours) > 200
