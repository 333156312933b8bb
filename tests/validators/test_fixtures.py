"""Every check of the catalogue on files: those of its folder that must raise exactly it, and those that must not."""

from __future__ import annotations

import importlib
import re
from collections import defaultdict
from pathlib import Path

import msgspec
import pytest

from archive_schema.declared import DeclaredTable
from archive_schema.evidence import CheckOutcome, Evidence
from archive_schema.grid import Grid, TableFamily
from archive_schema.words import EvidenceKind, Outcome, Severity
from tests.validators.build import OTHER, UNIT
from tests.validators.handed import CATALOGUE, Handed, Looked, look
from validators import cells, checks, frames, tablewise
from validators.checks import Scope
from validators.validation import run_validation

FOLDER = Path(__file__).parent / "fixtures"
CHECKS = checks.load()
CODES = [c.code for c in CHECKS.checks]
#: that nothing fails, so that what it raises is an 未检
NEVER_FAILS = {"FORMAT", "CELLWISE"}
FRAME = {c.code for c in CHECKS.checks if c.scope is Scope.FRAME}
Key = tuple[str, int]  # code, 0 fails | 1 passes


def case(code: str) -> tuple[Handed, Handed]:
    module = importlib.import_module(f"tests.validators.fixtures.{code}.case")
    return module.FAILS, module.PASSES


def test_every_check_has_a_folder_of_fixtures_and_every_folder_a_check():
    assert {p.parent.name for p in FOLDER.glob("*/case.py")} == set(CODES)


@pytest.fixture(scope="module")
def looked(tmp_path_factory) -> dict[str, tuple[Looked, Looked]]:
    """Read and judged once; the frames of every pair validated in one go, under digests of their own."""
    folder = tmp_path_factory.mktemp("fixtures")
    return {code: tuple(look(h, folder / f"{code}-{n}") for n, h in enumerate(case(code))) for code in CODES}  # type: ignore[misc]


@pytest.fixture(scope="module")
def framed(looked, tmp_path_factory, validating) -> dict[Key, list[CheckOutcome]]:
    """What the validation of the frames and of the cells of all tables finds there, and what is told of them."""
    rows, sources, owner = [], [], {}
    tables: dict[TableFamily, list[cells.Row]] = defaultdict(list)
    left: dict[str, tuple[str, ...]] = {}
    for code in CODES:
        for n, seen in enumerate(looked[code]):
            renamed = {e.sha256: f"{len(owner) + k:064x}" for k, e in enumerate(seen.evidence)}
            owner |= dict.fromkeys(renamed.values(), (code, n))
            for e in seen.evidence:
                if any(p.kind is EvidenceKind.TABLE for p in seen.placements.get(e.sha256, ())):
                    sha = renamed[e.sha256]
                    left[sha] = _cells(tables, sha, seen.grids.get(e.sha256), e, case(code)[n].declared)
            if code not in FRAME:
                continue
            for row in frames.manifest_rows(seen.evidence, seen.placements, seen.sources):
                # one issuer per fixture: a number is unique among the documents of one
                rows.append({**_plain(row), "sha256": renamed[row.sha256], "issuer": f"{row.issuer}{code}{n}"})
            for sha, of in seen.sources.items():
                sources += [{**_plain(frames.source_row(s)), "sha256": renamed[sha]} for s in of]
    result = run_validation(
        rows,
        sources,
        catalogue_ids=CATALOGUE.by_id,
        unit_names=[UNIT, OTHER],
        workdir=tmp_path_factory.mktemp("frames"),
        tables=tables,
        python=validating.command,
    )
    assert result.error is None, result.error
    out: dict[Key, list[CheckOutcome]] = {key: [] for key in owner.values()}
    for sha, found in result.findings.items():
        out[owner[sha]] += found
    for sha, why in left.items():
        out[owner[sha]] += tablewise.outcomes("统计.xlsx", result.tables.get(sha, ()), why, CHECKS)
    return out


def _cells(
    tables: dict[TableFamily, list[cells.Row]], sha: str, grid: Grid | None, e: Evidence, declared: DeclaredTable | None
) -> tuple[str, ...]:
    if grid is None:
        return tablewise.unread(e)
    seen = cells.frame(sha, grid, declared)
    for family, made in seen.rows.items():
        tables[family] += made
    return seen.left


def of(framed: dict[Key, list[CheckOutcome]], key: Key, outcome: Outcome) -> set[str]:
    return {o.code for o in framed.get(key, []) if o.outcome is outcome}


def _plain(row: object) -> dict[str, object]:
    return msgspec.structs.asdict(row)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", CODES)
def test_its_bad_files_raise_exactly_this_check(code, looked, framed):
    bad = looked[code][0]
    found = bad.failed() | of(framed, (code, 0), Outcome.FAIL)
    if code in NEVER_FAILS:
        assert found == set() and code in bad.unchecked() | of(framed, (code, 0), Outcome.UNCHECKED)
        return
    assert found == {code}


@pytest.mark.parametrize("code", CODES)
def test_its_good_files_pass_it(code, looked, framed):
    good = looked[code][1]
    assert code not in good.failed() | good.unchecked() | {o.code for o in framed.get((code, 1), [])}
    scope = CHECKS.by_code[code].scope
    if scope in (Scope.EVIDENCE, Scope.PLACEMENT, Scope.SOURCE, Scope.DECISION):
        assert code in good.passed


@pytest.mark.parametrize("code", CODES)
def test_no_good_file_raises_a_blocking_finding_or_a_warning(code, looked, framed):
    good = looked[code][1]
    loud = {
        o.code for of in good.outcomes.values() for o in of if o.outcome is Outcome.FAIL and o.severity is not Severity.NOTICE
    }
    assert not loud | {o.code for o in framed.get((code, 1), []) if o.severity is not Severity.NOTICE}


def test_findings_of_the_bad_files_name_the_file_and_leave_no_placeholder(looked, framed):
    judged = [o for bad, _ in looked.values() for outcomes in bad.outcomes.values() for o in outcomes]
    for o in [*judged, *(o for outcomes in framed.values() for o in outcomes)]:
        assert o.text and "{" not in o.text and "None" not in o.text and "nan" not in o.text


@pytest.mark.parametrize("code", sorted(c.code for c in CHECKS.checks if c.scope is Scope.CELLS and c.code not in NEVER_FAILS))
def test_a_finding_about_a_cell_says_where_it_stands(code, framed):
    (found,) = [o for o in framed[code, 0] if o.code == code]
    assert re.search(r"统计表!(?:[A-Z]+\d+|第 \d+ 行|表头)", found.text), found.text
