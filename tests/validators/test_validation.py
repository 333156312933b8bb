"""Great Expectations over the frames: one bad row makes its suite fail and is found; sound rows are left alone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest

from archive_schema.errors import InternalError
from archive_schema.evidence import Fact
from archive_schema.words import PlacementStatus, Severity
from tests.validators.build import CATALOGUE, DOCUMENT, OTHER, REPORT, UNIT, evidence, form, placement, source
from validators import checks, documents, frames, suites
from validators.checks import Scope
from validators.frames import ManifestRow, SourceRow
from validators.validation import Validation, run_validation

IDS = [i.id for i in CATALOGUE.material]
GOOD, BAD = "a" * 64, "b" * 64
#: says what went wrong where nothing should be said: stdout, stderr, connections, writes elsewhere
WATCHED = ("sh", "-c", '"$0" "$@" >stdout.txt 2>stderr.txt', sys.executable, str(Path(__file__).with_name("watched.py")))


def manifest_row(sha256: str, /, **changes: object) -> ManifestRow:
    row = ManifestRow(
        sha256=sha256,
        size=10,
        media_type="application/pdf",
        item="X1-1",
        kind="规范文件",
        status="auto",
        unit=UNIT,
        placed_by=UNIT,
        issued_on="2017-03-01",
        issued_day=736389,
        document_number="示教发〔2017〕3号",
        number_written="示教发〔2017〕3号",
        number_key=sha256,
        issuer=UNIT,
        first_seen_limit=736500,
    )
    return msgspec.structs.replace(row, **changes)


def source_row(sha256: str, /, **changes: object) -> SourceRow:
    row = SourceRow(
        sha256, UNIT, f"{sha256[:4]}.pdf", UNIT, True, 12, "2017-07-20", 736531, form_item="x1-1", form_item_typed="X1-1"
    )
    return msgspec.structs.replace(row, **changes)


#: suite.id → the one change that breaks it; every expectation has one
BREAK: dict[str, dict[str, object]] = {
    "manifest.sha256": {"sha256": "B" * 63},
    "manifest.size": {"size": 0},
    "manifest.media_type": {"media_type": "application/x-nobody"},
    "manifest.kind": {"kind": "录像"},
    "manifest.status": {"status": "perhaps"},
    "manifest.item": {"item": "Z9-9"},
    "manifest.placed_unit": {"unit": "市体改委", "placed_by": "市体改委"},
    "manifest.issued_not_ancient": {"issued_on": "1917-03-01", "issued_day": 699865},
    "manifest.issued_before_arrival": {"issued_on": "2027-03-01", "issued_day": 740041},
    "manifest.taken_not_ancient": {"taken_on": "1970-01-01", "taken_day": 719163},
    "manifest.taken_before_arrival": {"taken_on": "2027-03-01", "taken_day": 740041},
    "manifest.number_form": {"number_written": "示教发〔2017〕第03号"},
    "manifest.number_unique": {"number_key": "twice"},
    "sources.folder": {"unit_known": False},
    "sources.source_sha256": {"sha256": "C" * 63},
    "sources.path_named": {"path": None},
    "sources.path_length": {"path_length": 241},
    "sources.submitted": {"submitted_on": "2017-07-23", "submitted_day": 736533},
    "sources.form_item": {"form_item": "z9-9", "form_item_typed": "Z9-9"},
}


def broken(key: str) -> str:
    """The SHA-256 of the row that breaks one expectation and no other."""
    changed = BREAK[key].get("sha256")
    return changed if isinstance(changed, str) else f"{list(BREAK).index(key):064x}"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Validation, Path]]:
    """One process for all: a sound row, a row with everything missing that may be, and one broken row per expectation."""
    manifest = [manifest_row(GOOD), ManifestRow("c" * 64, 5, "image/jpeg")]
    sources = [source_row(GOOD), source_row("c" * 64, form_item=None, form_item_typed=None)]
    for key, change in BREAK.items():
        if key.startswith("manifest"):
            manifest.append(manifest_row(broken(key), **change))
        else:
            sources.append(source_row(broken(key), **change))
    manifest.append(manifest_row("d" * 64, number_key="twice"))
    folder = tmp_path_factory.mktemp("validation")
    validation = run_validation(manifest, sources, catalogue_ids=IDS, unit_names=[UNIT, OTHER], workdir=folder, python=WATCHED)
    assert validation.error is None, (validation.error, (folder / "stderr.txt").read_text())
    yield validation, folder


def by_id(validation: Validation) -> dict[str, object]:
    keys = [f"{s.name}.{x.id}" for s in suites.load() for x in s.expectation]
    return dict(zip(keys, validation.results, strict=True))


def test_every_expectation_has_a_row_that_breaks_it():
    assert set(BREAK) == {f"{s.name}.{x.id}" for s in suites.load() for x in s.expectation}


@pytest.mark.parametrize("key", BREAK)
def test_one_bad_row_fails_its_expectation_and_is_the_only_one(key, ran):
    result = by_id(ran[0])[key]
    assert result.success is False
    assert result.unexpected == (2 if key == "manifest.number_unique" else 1)
    assert result.checked >= 1 and result.examples


@pytest.mark.parametrize("key", BREAK)
def test_the_finding_is_of_the_bad_row_with_the_expectations_code_and_severity(key, ran):
    suite, ident = key.split(".")
    (x,) = [x for s in suites.load() if s.name == suite for x in s.expectation if x.id == ident]
    found = ran[0].findings.get(broken(key), ())
    assert [o.code for o in found] == ([] if x.judged else [x.code])
    for outcome in found:
        assert outcome.severity is checks.load().by_code[x.code].severity
        assert outcome.text and "{" not in outcome.text
        shown = BREAK[key].get(x.show)
        assert shown is None or x.code == "RECORD" or str(shown) in outcome.text


def test_sound_rows_and_rows_with_nothing_to_say_yield_no_finding(ran):
    assert not {GOOD, "c" * 64} & set(ran[0].findings)


def test_findings_about_a_placement_name_it_and_about_a_source_its_unit(ran):
    (item,) = ran[0].findings[broken("manifest.item")]
    assert (item.unit, item.item, item.kind) == (UNIT, "Z9-9", "规范文件")
    (date,) = ran[0].findings[broken("manifest.issued_not_ancient")]
    assert (date.unit, date.item, date.kind) == ("", "", "")
    (path,) = ran[0].findings[broken("sources.path_length")]
    assert (path.unit, path.item) == (UNIT, "")


def test_one_code_is_found_once_per_scope_and_says_everything(ran):
    findings = [o for of in ran[0].findings.values() for o in of]
    assert len({(sha, o.code, o.unit, o.item, o.kind) for sha, of in ran[0].findings.items() for o in of}) == len(findings)
    assert all(o.severity is not Severity.BLOCKING for o in findings)


def test_the_answers_of_great_expectations_are_kept_as_json(ran):
    raw = msgspec.json.decode(ran[0].raw)
    assert set(raw) == {"manifest", "sources"}
    assert raw["manifest"]["statistics"]["evaluated_expectations"] == 13


def test_the_process_says_nothing_connects_nowhere_and_writes_nowhere_else(ran):
    _, folder = ran
    assert (folder / "stdout.txt").read_text() == ""
    assert (folder / "stderr.txt").read_text() == ""
    assert (folder / "watched.txt").read_text() == ""


# ---- when the process fails


def failing(tmp_path: Path, **how: object) -> Validation:
    return run_validation(
        [manifest_row(GOOD)], [source_row(GOOD)], catalogue_ids=IDS, unit_names=[UNIT], workdir=tmp_path, **how
    )


@pytest.mark.parametrize(
    "how",
    [
        {"python": ("false",)},
        {"python": ("no-such-program",)},
        {"python": ("true",)},
        {"seconds": 0.01},
        {"memory": 64 * 1024**2},
    ],
    ids=["dies", "cannot start", "leaves no result", "too slow", "too large"],
)
def test_a_failure_of_the_process_is_ours_and_never_a_pass(how, tmp_path):
    validation = failing(tmp_path, **how)
    assert isinstance(validation.error, InternalError) and validation.error.hint
    assert [r.success for r in validation.results] == [None] * len(BREAK)
    assert validation.findings == {} and validation.raw == b""


# ---- the frames


def test_an_evidence_placed_twice_speaks_of_itself_once():
    e = evidence(issuer="市教育局")
    rows = frames.manifest_rows(
        [e],
        {e.sha256: [placement("X1-2"), placement("X1-1"), placement("X1-3", status=PlacementStatus.REJECTED)]},
        {e.sha256: [source(first_seen_at=datetime(2017, 7, 20, tzinfo=UTC))]},
    )
    assert [(r.item, r.document_number, r.issued_on) for r in rows] == [
        ("X1-1", "示教发〔2017〕3号", "2017-03-01"),
        ("X1-2", None, None),
    ]
    assert rows[0].issued_day is not None and rows[0].first_seen_limit == date(2017, 7, 21).toordinal()


@pytest.mark.parametrize(("method", "written"), [("pdf@1/head", "示教发（2017）第05号"), ("ocr@1/head", None)])
def test_how_a_number_is_written_is_asked_of_what_stands_in_the_file_as_the_check_does(method: str, written: str | None):
    number = Fact("示教发〔2017〕5号", raw="示教发（2017）第０5号", method=method)
    (row,) = frames.manifest_rows([evidence(document_number=number)], {}, {})
    assert (row.document_number, row.number_written) == ("示教发〔2017〕5号", written)


def test_the_first_row_says_the_days_of_a_picture_who_issued_and_when_the_first_source_came():
    e = evidence(DOCUMENT, issued_on="2017年3月", taken_on="2017-03-02", document_number="示教发[2017] 3 号", issuer="市教育局")
    came = [source(first_seen_at=datetime(2017, 7, day, tzinfo=UTC)) for day in (20, 18)]
    (row,) = frames.manifest_rows([e], {}, {e.sha256: came})
    assert (row.issued_day, row.taken_on, row.taken_day, row.first_seen_limit) == (
        date(2017, 3, 1).toordinal(), "2017-03-02", date(2017, 3, 2).toordinal(), date(2017, 7, 19).toordinal(),
    )  # fmt: skip
    assert (row.issuer, row.number_key, row.document_number) == ("市教育局", "示教发〔2017〕3号", "示教发[2017] 3 号")


def test_the_row_of_a_source_says_its_days_its_length_and_what_its_form_says():
    sent = source(
        path="甲/乙.pdf", form=form(item=" X1-1 "), first_seen_at=datetime(2017, 7, 20, tzinfo=UTC),
        submitted_at=datetime(2017, 7, 19, 1, tzinfo=UTC),
    )  # fmt: skip
    row = frames.source_row(sent)
    assert (row.first_seen_on, row.first_seen_limit) == ("2017-07-20", date(2017, 7, 21).toordinal())
    assert (row.submitted_on, row.submitted_day) == ("2017-07-19", date(2017, 7, 19).toordinal())
    assert row.path_length == len(f"{sent.folder}/甲/乙.pdf") and (row.form_item, row.form_item_typed) == ("x1-1", "X1-1")
    unnamed = frames.source_row(source(path=""))
    assert (unnamed.path, unnamed.submitted_on, unnamed.submitted_day, unnamed.form_item_typed) == (None, None, None, None)


def test_a_unit_that_is_known_is_compared_with_the_table_of_units():
    e = evidence()
    (row,) = frames.manifest_rows([e], {e.sha256: [placement()]}, {e.sha256: [source()]})
    assert (row.unit, row.placed_by) == (UNIT, UNIT)


def test_an_unplaced_evidence_has_one_row_without_a_placement():
    (row,) = frames.manifest_rows([evidence(REPORT)], {}, {})
    assert (row.item, row.kind, row.status, row.unit, row.first_seen_limit) == (None, None, None, None, None)


@pytest.mark.parametrize(("units", "kept"), [((), True), ((UNIT,), True), ((UNIT, OTHER), False), (("",), False)])
def test_the_number_of_what_counts_for_nobody_is_compared_with_none(units, kept):
    e = evidence()
    (row,) = frames.manifest_rows([e], {}, {e.sha256: [source(), source(unit=OTHER)]}, {(e.sha256, unit) for unit in units})
    assert (row.number_key is not None, row.document_number) == (kept, "示教发〔2017〕3号")


def test_the_unit_of_an_unknown_folder_is_left_to_the_judgement():
    e = evidence()
    (row,) = frames.manifest_rows(
        [e], {e.sha256: [placement(unit="教育")]}, {e.sha256: [source(unit="教育", unit_known=False)]}
    )
    assert (row.unit, row.placed_by) == (None, "教育")


@pytest.mark.parametrize("typed", ["III18-1", "Ⅲ18-1)", "Ⅲ-18-1", "Ⅲ—18 1)", "iii18-1", "ＩＩＩ１８－１"])
def test_an_item_is_known_however_it_is_typed(typed):
    assert frames.source_row(source(form=form(item=typed))).form_item == frames.form_item_key("III18-1")


def test_a_cell_that_names_several_items_or_none_is_left_to_classification():
    several = frames.source_row(source(form=form(item="X1-1、X1-2")))
    assert (several.form_item, several.form_item_typed) == (None, "X1-1、X1-2")
    assert frames.source_row(source()).form_item is None


def test_an_impossible_date_has_no_day():
    (row,) = frames.manifest_rows([evidence(DOCUMENT, issued_on="不详")], {}, {})
    assert (row.issued_on, row.issued_day) == ("不详", None)


# ---- the suites as data


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (('code = "ITEM"', 'code = "NOPE"'), "NOPE is no check of scope frame"),
        (('code = "ITEM"', 'code = "DATE"'), "DATE is no check of scope frame"),
        (('show = "item"', 'show = "thing"'), "unknown column thing"),
        (('"$item_ids" }', '"$items" }'), r"unknown set \$items"),
        (('"$document_number" }', '"$number" }'), r"unknown pattern \$number"),
        (('id = "size"', 'id = "sha256"'), "manifest.sha256: twice"),
        (('frame = "sources"', 'frame = "people"'), "unknown frame people"),
        (('column = "item"', 'column = "itm"'), "unknown column itm"),
    ],
)
def test_wrong_suites_are_refused_with_their_fault(change, fault):
    text = suites.DATA.read_text("utf-8")
    assert change[0] in text
    with pytest.raises(InternalError, match=fault):
        suites.parse(text.replace(*change, 1))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("$TOTALS.tolerance", "$TOTALS.nothing"), r"unknown parameter \$TOTALS.nothing"),
        (("$JUMP.factor", "$NOPE.factor"), r"unknown parameter \$NOPE.factor"),
        (('against = "summed"', 'against = "sumed"'), "unknown column sumed"),
        (('"series", "year"]', '"serie", "year"]'), "unknown column serie"),
        (('code = "JUMP"', 'code = "ITEM"'), "ITEM is no check of scope cells"),
    ],
)
def test_wrong_suites_of_tables_are_refused_with_their_fault(change, fault):
    text = suites.TABLES.read_text("utf-8")
    assert change[0] in text
    with pytest.raises(InternalError, match=fault):
        suites.parse(text.replace(*change, 1))


def test_a_number_is_written_well_for_the_list_as_for_the_check():
    [e] = [e for s in suites.load() for e in s.expectation if e.id == "number_form"]
    assert e.kwargs["regex"] == documents.NUMBER.pattern
    assert "〔" not in suites.DATA.read_text("utf-8"), "said in one place"


def test_every_frame_check_is_said_by_some_expectation():
    said = {x.code for s in suites.load() for x in s.expectation if not x.judged}
    assert said == {c.code for c in checks.load().checks if c.scope is Scope.FRAME}
