"""The check catalogue: ``data/checks.toml`` loaded, verified, and changed by a city's settings.

A check's code, severity, texts, remedy, basis and parameters stand in the data file and nowhere else; ``rules`` holds
one function per code that decides, ``judge`` puts them together.
"""

from __future__ import annotations

import difflib
import re
import string
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import msgspec

from archive_schema import canonical
from archive_schema.cycle import Settings
from archive_schema.errors import DataError, InternalError, UsageError
from archive_schema.evidence import CheckOutcome
from archive_schema.outputs import CheckOutput
from archive_schema.words import EvidenceKind, Nature, Outcome, Severity

DATA = Path(__file__).parent / "data" / "checks.toml"

#: raise it when the code of a rule changes what it says of the same facts (law 7)
RULES_VERSION = 8

#: what a text template may name
PLACEHOLDERS = frozenset({"file", "found", "wanted", "why", "by", "due"})
#: how a template is read to people who ask what a check says
_READ = {"file": "", "found": "〈所见〉", "wanted": "〈应为〉", "why": "〈原因〉", "by": "〈另一方〉", "due": "〈期限〉"}


class Scope(StrEnum):
    """What one outcome of a check is about."""

    EVIDENCE = "evidence"
    PLACEMENT = "placement"
    SOURCE = "source"
    DECISION = "decision"
    CROSS = "cross"
    FRAME = "frame"
    CELLS = "cells"
    TIMING = "timing"

    @property
    def zh(self) -> str:
        return {
            "evidence": "文件本身",
            "placement": "文件用于某条标准",
            "source": "某单位的来件",
            "decision": "审核意见",
            "cross": "多份材料互相比较",
            "frame": "整个清单",
            "cells": "表格逐格",
            "timing": "报送时间,每次查看时计算",
        }[self.value]


class Check(msgspec.Struct, frozen=True):
    """One check; the fields are explained at the head of ``data/checks.toml``."""

    code: str
    name: str
    short: str
    severity: Severity
    nature: Nature
    scope: Scope
    text: str
    remedy: str
    basis: str
    kinds: tuple[EvidenceKind, ...] = ()
    content: bool = False
    decides: bool = False
    follows: tuple[str, ...] = ()
    waivable: bool = True
    unchecked: str = ""
    params: dict[str, Any] = {}

    @property
    def said(self) -> str:
        """What it says of a failure, for people: without the file, what is filled in named."""
        return self.text.format_map(_READ).removeprefix(": ")

    def applies_to(self, kind: EvidenceKind) -> bool:
        return not self.kinds or kind in self.kinds


class CheckCatalogue(msgspec.Struct, frozen=True, dict=True):
    """Every check in the order in which findings are shown. Codes of reasons that are no check are in ``assess``."""

    checks: tuple[Check, ...]

    @cached_property
    def by_code(self) -> dict[str, Check]:
        return {c.code: c for c in self.checks}

    @cached_property
    def order(self) -> dict[str, int]:
        return {c.code: n for n, c in enumerate(self.checks)}

    def get(self, code: str) -> Check | None:
        """The check of exactly this code, or None."""
        return self.by_code.get(code)

    def stands_for(self, other: CheckOutcome, check: Check) -> bool:
        """Is an 未检 of ``check`` settled with this other outcome of the same thing: a failure that decides, or a check that it follows?"""
        of = self.get(other.code)
        decides = of is not None and of.decides and other.outcome is Outcome.FAIL and other.severity is Severity.BLOCKING
        return (decides and not other.waived) or other.code in check.follows

    def under(self, settings: Settings) -> CheckCatalogue:
        """The catalogue with ``[checks.CODE]`` of ``cycle.toml`` applied.

        :raises DataError: naming every unknown code or parameter and every value of the wrong type.
        """
        if not settings.checks:
            return self
        problems: list[str] = []
        for code in settings.checks:
            if code not in self.by_code:
                near = difflib.get_close_matches(code.upper(), self.by_code, n=1)
                problems.append(f"[checks.{code}]: 没有这个检查代码{f',是不是 {near[0]}' if near else ''}")
        changed = tuple(_changed(c, settings.checks.get(c.code, {}), problems) for c in self.checks)
        if problems:
            raise DataError(
                f"{len(problems)} problems in the check settings: {'; '.join(problems)}",
                zh=f"cycle.toml 的 [checks] 有 {len(problems)} 处写错",
                code="checks.settings",
                hint="用 dangan checks list 查代码和参数",
                problems=tuple(problems),
            )
        return CheckCatalogue(changed)


def _changed(check: Check, overrides: Mapping[str, Any], problems: list[str]) -> Check:
    severity, params = check.severity, dict(check.params)
    for name, value in overrides.items():
        where = f"[checks.{check.code}] {name}"
        if name == "severity":
            if value not in set(Severity):
                problems.append(f"{where}: 只能是 {'、'.join(Severity)},现为 {value!r}")
            elif not check.waivable:
                problems.append(f"{where}: 这一项不能改等级(不能豁免)")
            elif value == Severity.BLOCKING and check.scope is Scope.TIMING:
                problems.append(f"{where}: 报送时间不影响可用,不能设为 blocking")
            else:
                severity = Severity(value)
        elif name not in check.params:
            known = "、".join([*check.params, "severity"])
            problems.append(f"{where}: 没有这个参数,只有 {known}")
        elif not _same_type(check.params[name], value):
            problems.append(f"{where}: 应如 {check.params[name]!r},现为 {value!r}")
        else:
            params[name] = value
    return msgspec.structs.replace(check, severity=severity, params=params)


def _same_type(default: Any, value: Any) -> bool:
    """Numbers are not negative. A list holds what the default's does: kinds of material, other words, or (empty) numbers."""
    if isinstance(default, list):
        if not isinstance(value, list):
            return False
        if not default:
            return all(isinstance(v, int | float) and not isinstance(v, bool) for v in value)
        kinds = set(EvidenceKind)
        return all(isinstance(v, str) and (v in kinds or default[0] not in kinds) for v in value)
    if isinstance(value, bool) or isinstance(default, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    if isinstance(default, float):
        return isinstance(value, int | float) and value >= 0
    if isinstance(default, int):
        return isinstance(value, int) and value >= 0
    return isinstance(value, type(default))


def parse(text: str) -> CheckCatalogue:
    """Read and verify a check catalogue.

    :raises InternalError: the data file, a part of ours, is wrong; the message names every fault.
    """
    try:
        data = tomllib.loads(text)
        rows = data["check"]
        general = data.get("unchecked", "")
        checks = tuple(msgspec.convert({"unchecked": general, **row}, Check) for row in rows)
    except (tomllib.TOMLDecodeError, KeyError, msgspec.ValidationError) as e:
        raise InternalError(f"checks.toml: {e}", zh=f"检查目录有误: {e}", code="checks.data") from e
    problems = [f"{c.code}: {p}" for c, row in zip(checks, rows, strict=True) for p in _faults(c, row)]
    codes = [c.code for c in checks]
    problems += [f"{c.code}: follows unknown {f}" for c in checks for f in c.follows if f not in codes]
    problems += [f"{code}: twice" for code in sorted({c for c in codes if codes.count(c) > 1})]
    if problems:
        raise InternalError(f"checks.toml: {'; '.join(problems)}", zh="检查目录有误", code="checks.data")
    return CheckCatalogue(checks)


def _faults(check: Check, row: Mapping[str, Any]) -> list[str]:
    faults = [f"unknown field {k}" for k in sorted(set(row) - set(Check.__struct_fields__))]
    if not re.fullmatch(r"[A-Z][A-Z0-9]*", check.code):
        faults.append("a code is upper-case letters and digits")
    faults += [f"{f} is empty" for f in ("name", "short", "text", "remedy", "basis") if not getattr(check, f).strip()]
    try:
        named = {name for _, name, _, _ in string.Formatter().parse(check.text) if name is not None}
    except ValueError as e:
        return [*faults, f"text: {e}"]
    faults += [f"text names unknown {{{n}}}" for n in sorted(named - PLACEHOLDERS)]
    if not check.waivable and check.severity is not Severity.BLOCKING:
        faults.append("only a blocking check can be unwaivable")
    if check.decides and check.severity is not Severity.BLOCKING:
        faults.append("only a blocking check can decide")
    return faults


@cache
def load() -> CheckCatalogue:
    """The shipped check catalogue."""
    return parse(DATA.read_text("utf-8"))


def _rules() -> str:
    return f"{RULES_VERSION}-{canonical.sha256(DATA.read_bytes())[:12]}"


#: version of the rules as findings carry it: changes with the data file and with ``RULES_VERSION``
RULES = _rules()


def find(code: str, catalogue: CheckCatalogue | None = None) -> Check:
    """:raises UsageError: no such code; the hint names the nearest."""
    by_code = (catalogue or load()).by_code
    if code.upper() in by_code:
        return by_code[code.upper()]
    near = difflib.get_close_matches(code.upper(), by_code, n=3, cutoff=0.4)
    raise UsageError(
        f"no check {code}",
        zh=f"没有检查项“{code}”",
        code="checks.unknown",
        hint=f"是不是 {'、'.join(near)}" if near else "用 dangan checks list 查全部代码",
    )


def explain(code: str, settings: Settings | None = None) -> str:
    """Everything about one check, in Chinese, several lines.

    :raises UsageError: no such code. :raises DataError: the settings name an unknown code or parameter.
    """
    check = find(code, load().under(settings or Settings()))
    lines = [
        f"{check.code} {check.name}({check.short})",
        f"等级: {check.severity.zh}{'' if check.waivable else ',不能豁免'}",
        f"性质: {check.nature}",
        f"对象: {check.scope.zh};{'、'.join(check.kinds) if check.kinds else '各类材料'}",
        f"说法: {check.said}",
        f"怎么办: {check.remedy}",
        f"依据: {check.basis}",
    ]
    if check.content:
        together = f"随 {'、'.join(check.follows)} 一并解决;不随它的," if check.follows else ""
        lines.append(f"未检怎么办: {together}{check.unchecked}")
    if check.params:
        lines.append("参数: " + "、".join(f"{k} = {_toml(v)}" for k, v in check.params.items()))
    return "\n".join(lines)


def _toml(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(f'"{v}"' if isinstance(v, str) else str(v) for v in value) + "]"
    return str(value)


def listing(settings: Settings | None = None) -> list[CheckOutput]:
    """``dangan checks list``: every check as in force under ``settings``.

    :raises DataError: the settings name an unknown code or parameter.
    """
    return [
        CheckOutput(c.code, c.severity, c.text, c.remedy, c.basis, c.nature, c.params)
        for c in load().under(settings or Settings()).checks
    ]
