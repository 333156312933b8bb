"""The check catalogue: complete, verified, and changed by settings only where it may be."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from archive_schema.cycle import Settings
from archive_schema.errors import DataError, InternalError, UsageError
from archive_schema.evidence import FACT_NAMES
from archive_schema.words import EvidenceKind, Outcome, Severity
from tests.validators.cases import CASES, UNREADABLE
from validators import checks, rules
from validators.checks import Scope

CATALOGUE = checks.load()
JUDGED = [c for c in CATALOGUE.checks if c.scope not in (Scope.FRAME, Scope.CELLS, Scope.TIMING, Scope.CROSS)]


def test_every_judged_check_has_a_rule_and_cases_and_every_rule_a_check():
    codes = {c.code for c in JUDGED}
    assert set(rules.RULES) == codes
    assert set(CASES) | set(UNREADABLE) == codes


@pytest.mark.parametrize("code", CASES)
def test_its_failing_case_fails_exactly_this_check(code):
    failed = {o.code for o in CASES[code].fails().outcomes if o.outcome is Outcome.FAIL}
    assert failed == {code}


@pytest.mark.parametrize("code", CASES | UNREADABLE)
def test_its_passing_case_passes_it_and_finds_nothing(code):
    case = (CASES | UNREADABLE)[code]
    judgement = case.passes()
    assert judgement.outcomes == ()
    assert code in judgement.passed


@pytest.mark.parametrize("code", CASES | UNREADABLE)
def test_what_nobody_could_read_leaves_it_unchecked_never_passed_never_failed(code):
    case = (CASES | UNREADABLE)[code]
    if case.unchecked is None:
        assert case.why
        return
    judgement = case.unchecked()
    assert {o.outcome for o in judgement.outcomes if o.code == code} == {Outcome.UNCHECKED}
    assert code not in judgement.passed


def test_a_check_on_content_is_never_passed_by_a_file_that_nobody_could_read():
    for code, case in CASES.items():
        if CATALOGUE.by_code[code].content:
            assert case.unchecked is not None, code


@pytest.mark.parametrize("check", CATALOGUE.checks, ids=lambda c: c.code)
def test_every_check_says_what_to_do_and_where_it_comes_from(check):
    assert check.remedy and check.basis and check.unchecked
    assert not [
        name for name in FACT_NAMES if re.search(rf"\b{name}\b", check.remedy + check.unchecked + check.basis, re.ASCII)
    ]
    assert "{" not in checks.explain(check.code), "what is filled in has a name"
    assert "2012" in check.basis or "GB/T" in check.basis or "本项目" in check.basis or "2017" in check.basis
    assert check.text.startswith("{file}") or check.scope is Scope.FRAME


@pytest.mark.parametrize("code", CASES)
def test_a_finding_names_the_file_and_leaves_no_placeholder(code):
    for outcome in CASES[code].fails().outcomes:
        assert "{" not in outcome.text
        assert any(name in outcome.text for name in ("通知", "说明", "现场", "统计")), outcome.text


def test_secret_unreadable_encrypted_and_empty_cannot_be_waived():
    assert {c.code for c in CATALOGUE.checks if not c.waivable} == {
        "SECRET",
        "EMPTY",
        "ENCRYPTED",
        "OPEN",
        "RETURNED",
        "SUPERSEDED",
    }


def test_settings_change_parameters_and_severity_and_leave_the_rest():
    changed = CATALOGUE.under(Settings(checks={"PIXELS": {"min_long_side": 2000, "severity": "blocking"}}))
    assert changed.by_code["PIXELS"].params == {"min_long_side": 2000}
    assert changed.by_code["PIXELS"].severity is Severity.BLOCKING
    assert CATALOGUE.by_code["PIXELS"].params == {"min_long_side": 1024}
    assert [c for c in changed.checks if c.code != "PIXELS"] == [c for c in CATALOGUE.checks if c.code != "PIXELS"]


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"PIXEL": {"min_long_side": 1}}, "PIXELS"),
        ({"PIXELS": {"long_side": 1}}, "long_side"),
        ({"PIXELS": {"min_long_side": "large"}}, "min_long_side"),
        ({"PIXELS": {"min_long_side": True}}, "min_long_side"),
        ({"PIXELS": {"min_long_side": -1}}, "min_long_side"),
        ({"PIXELS": {"severity": "fatal"}}, "severity"),
        ({"DATE": {"absent_fails": ["文件"]}}, "absent_fails"),
        ({"OPEN": {"severity": "notice"}}, "不能豁免"),
        ({"LATE": {"severity": "blocking"}}, "LATE"),
    ],
)
def test_a_wrong_setting_is_named(settings, named):
    with pytest.raises(DataError) as e:
        CATALOGUE.under(Settings(checks=settings))
    assert named in " ".join(e.value.problems)
    assert named in " ".join(e.value.problems)


def test_every_wrong_setting_is_named_at_once():
    with pytest.raises(DataError) as e:
        CATALOGUE.under(Settings(checks={"NOPE": {}, "TEXT": {"a": 1, "b": 2}}))
    assert len(e.value.problems) == 3


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (('remedy = "请原单位重新发送有内容的文件"', 'remedy = ""'), "remedy is empty"),
        (('basis = "各地材料审核通知(2012–2020)列为退回原因: 空文件"', 'basis = " "'), "basis is empty"),
        (("{found})", "{what})"), "unknown {what}"),
        (('code = "ENCRYPTED"', 'code = "EMPTY"'), "EMPTY: twice"),
        (('code = "EMPTY"', 'code = "Empty"'), "upper-case"),
        (('follows = ["DATE"]', 'follows = ["DAY"]'), "follows unknown DAY"),
        (('scope = "evidence"', 'scope = "page"'), "page"),
        (('severity = "blocking"', 'severity = "notice"'), "only a blocking check"),
        (("content = true", "contents = true"), "unknown field contents"),
    ],
)
def test_a_wrong_check_catalogue_is_refused_with_its_fault(change, fault):
    text = checks.DATA.read_text("utf-8")
    assert change[0] in text
    with pytest.raises(InternalError, match=fault.replace("{", r"\{").replace("}", r"\}")):
        checks.parse(text.replace(*change, 1))


def test_the_rules_version_is_the_data_files_digest_with_a_number():
    number, _, digest = checks.RULES.partition("-")
    assert number == str(checks.RULES_VERSION)
    assert len(digest) == 12


def test_explain_says_everything_of_a_check_under_the_settings():
    text = checks.explain("pixels", Settings(checks={"PIXELS": {"min_long_side": 640}}))
    for part in ("PIXELS", "图片太小", "警告", "可用性", EvidenceKind.PHOTO, "本项目默认", "min_long_side = 640"):
        assert part in text
    assert "不能豁免" in checks.explain("OPEN")
    assert "随 DATE 一并解决" in checks.explain("WINDOW")


def test_explain_of_an_unknown_code_names_the_nearest():
    with pytest.raises(UsageError) as e:
        checks.explain("PIXEL")
    assert "PIXELS" in e.value.hint


def test_listing_has_a_line_for_every_check():
    assert [line.code for line in checks.listing()] == [c.code for c in CATALOGUE.checks]
    assert checks.load().get("NOPE") is None


def test_judging_and_assessing_load_no_heavy_library():
    code = "import sys, validators.assess, validators.judge, validators.checks, validators.timing, validators.audit, validators.validation;"
    code += "print([m for m in ('great_expectations', 'pandas', 'numpy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
