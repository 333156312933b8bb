"""测评周期 and settings: the typed face of ``cycle.toml``.

``cycle.toml`` is what a city edits; what it says is recorded in the series as a content-addressed object whenever it
has changed, so that every finding can name the settings it was made under.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

import msgspec

from archive_schema import canonical, toml
from archive_schema.errors import DataError
from archive_schema.words import EvidenceKind


class Window(msgspec.Struct, frozen=True):
    """测评时段, both days included."""

    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def __str__(self) -> str:
        return f"{self.start.isoformat()} 至 {self.end.isoformat()}"


class Rolling(msgspec.Struct, frozen=True):
    """A window that moves with the day of the inspection.

    ``月``: so many months back from the month before the test (published for 2017: tested in August, 1 August … 31 July).
    ``年``: so many whole calendar years before the year of the test (published for statistics: the two years before).
    """

    count: int
    unit: Literal["月", "年"]

    def window(self, day: date) -> Window:
        """The window of an inspection on ``day``."""
        if self.unit == "年":
            return Window(date(day.year - self.count, 1, 1), date(day.year - 1, 12, 31))
        return Window(_month(day, -self.count), _month(day, 0) - timedelta(days=1))

    def leaves(self, last: date) -> date:
        """The first day of an inspection whose window begins after ``last``, the last day that a material speaks for."""
        return date(last.year + self.count + 1, 1, 1) if self.unit == "年" else _month(last, self.count + 1)

    def __str__(self) -> str:
        return f"{self.count}个月" if self.unit == "月" else f"{self.count}年"


def _month(day: date, months: int) -> date:
    """The first day of the month so many months after that of ``day``."""
    n = day.year * 12 + day.month - 1 + months
    return date(n // 12, n % 12 + 1, 1)


class RequirementRule(msgspec.Struct, frozen=True):
    """What one requirement (or every kind of an item, kind None) has of its own; None = as elsewhere."""

    item: str
    kind: EvidenceKind | None = None
    needed: int | None = None
    deadline: date | None = None
    person: str | None = None
    review_days: int | None = None
    window: Window | None = None
    rolling: Rolling | None = None


class Reminders(msgspec.Struct, frozen=True):
    """When coverage begins to remind. All ours, all changeable; none changes a state or a finding.

    due_days      days before a deadline from which an open requirement is 即将到期
    ahead_days    an inspection so many days from now is looked ahead to for what will be out of its window by then
    review_days   定期审查 of every requirement that has no interval of its own; None = none
    """

    due_days: int = 14
    ahead_days: int = 30
    review_days: int | None = None


class Cycle(msgspec.Struct, frozen=True):
    """One evaluation. ``windows`` are what material is judged by; ``rolling`` is how they move with the day of an inspection."""

    name: str
    catalogue: str  # id of a shipped catalogue, or a folder relative to the workspace
    windows: dict[EvidenceKind, Window]
    deadline: date | None = None
    city: str = ""
    rules: tuple[RequirementRule, ...] = ()
    rolling: dict[EvidenceKind, Rolling] = {}
    reminders: Reminders = Reminders()

    @property
    def rolls(self) -> bool:
        """Some window depends on the day of the inspection."""
        return bool(self.rolling) or any(r.rolling for r in self.rules)

    def on(self, day: date) -> Cycle:
        """The cycle as an inspection on ``day`` sees it: rolling windows moved to that day, fixed ones as they are."""
        rules = tuple(msgspec.structs.replace(r, window=r.rolling.window(day)) if r.rolling else r for r in self.rules)
        windows = self.windows | {kind: r.window(day) for kind, r in self.rolling.items()}
        return msgspec.structs.replace(self, windows=windows, rules=rules)

    def moves(self, item: str, kind: EvidenceKind) -> Rolling | None:
        """How the window of a cell moves; None = it is fixed."""
        for exact in (kind, None):
            for r in self.rules:
                if r.item == item and r.kind == exact and (r.window is not None or r.rolling is not None):
                    return r.rolling
        return self.rolling.get(kind)

    def window(self, item: str, kind: EvidenceKind) -> Window:
        rule = self._rule(item, kind, "window")
        return rule if rule is not None else self.windows[kind]

    def rule(self, item: str, kind: EvidenceKind, field: str) -> Any:
        """The most particular rule's value of ``field`` for the cell, or None."""
        return self._rule(item, kind, field)

    def _rule(self, item: str, kind: EvidenceKind, field: str) -> Any:
        for exact in (kind, None):
            for r in self.rules:
                if r.item == item and r.kind == exact and getattr(r, field) is not None:
                    return getattr(r, field)
        return None


class Margins(msgspec.Struct, frozen=True):
    """Where classification stops guessing. All ours, all changeable.

    auto    least score of an automatic placement from text alone
    lead    least distance of the first candidate's score to the second's
    floor   below it a file is left unplaced, with its best guesses
    against how far text must speak for another item to send a form or a number to review (law 8)
    """

    auto: float = 0.88
    lead: float = 0.15
    floor: float = 0.35
    against: float = 0.30


OcrMode = Literal["auto", "off", "full"]


class Limits(msgspec.Struct, frozen=True):
    """Of intake. Sizes in bytes, times in seconds."""

    settle_seconds: int = 0  # a file younger than this is still waiting; 0 = size and time are compared twice
    file_bytes: int = 2 * 1024**3
    reader_memory: int = 1024**3
    reader_seconds: int = 60
    archive_depth: int = 3
    archive_members: int = 5_000
    archive_bytes: int = 4 * 1024**3
    archive_ratio: int = 200
    batch_files: int = 64
    ocr: OcrMode = "auto"  # of pages without a text layer: head and signature, nothing, all (also photographs)
    ocr_seconds: int = 180  # beyond those of the reader, for a file with such pages
    ocr_memory: int = 3 * 1024**3


#: of the limits, those that may be 0; the others are at least 1
_MAY_BE_NONE = ("settle_seconds", "archive_depth")


class AuditSettings(msgspec.Struct, frozen=True):
    """``verify_days``: the nightly audits together compare every object's bytes at least once in so many days. Ours."""

    verify_days: int = 30


class Settings(msgspec.Struct, frozen=True):
    """``checks``: parameters and severity per check code, e.g. ``{"PIX": {"min_long_side": 1024, "severity": "warning"}}``."""

    margins: Margins = Margins()
    limits: Limits = Limits()
    checks: dict[str, dict[str, Any]] = {}
    audit: AuditSettings = AuditSettings()


def default_window(today: date) -> Window:
    """One year back from last month: the published rule of 2017."""
    return Rolling(12, "月").window(today)


def parse_rolling(text: str) -> Rolling:
    """``12个月`` or ``2年``.

    :raises DataError: neither.
    """
    m = re.fullmatch(r"\s*([1-9]\d?)\s*(个?月|年)\s*", text)
    if m is None:
        raise DataError(
            f"not a rolling window: {text}",
            zh=f"“{text}”不是随检查日期移动的时段",
            code="cycle.rolling",
            hint="应写成 12个月(检查月的上一个月往回 12 个月)或 2年(检查年之前的两个整年)",
        )
    return Rolling(int(m[1]), "年" if m[2] == "年" else "月")


#: what of ``cycle.toml`` no judgement rests on, per part: it may change without anything being judged again
NOT_JUDGED = {"cycle": ("rolling", "reminders")}


def judged_by(part: str, data: bytes) -> bytes:
    """Of a configuration object (canonical JSON), what judgements rest on, as canonical JSON."""
    if part not in NOT_JUDGED:
        return data
    left = {k: v for k, v in msgspec.json.decode(data).items() if k not in NOT_JUDGED[part]}
    for rule in left.get("rules", ()):
        rule.pop("rolling", None)
    return canonical.encode(left)


def parse_window(text: str) -> Window:
    """``2025-11-01..2026-10-31``.

    :raises DataError: not two dates in order.
    """
    m = re.fullmatch(r"\s*(\d{4}-\d\d-\d\d)\s*\.\.\s*(\d{4}-\d\d-\d\d)\s*", text)
    try:
        if m is None:
            raise ValueError(text)
        window = Window(date.fromisoformat(m[1]), date.fromisoformat(m[2]))
        if window.start > window.end:
            raise ValueError(text)
    except ValueError as e:
        raise DataError(
            f"not a window: {text}",
            zh=f"“{text}”不是时段",
            code="cycle.window",
            hint="应写成 起..止,例如 2025-11-01..2026-10-31,起不晚于止",
        ) from e
    return window


def parse(text: str, *, origin: str = "cycle.toml") -> tuple[Cycle, Settings]:
    """Read ``cycle.toml``.

    :raises DataError: names the line (syntax) or the key (meaning).
    """

    def wrong(why: str, hint: str = "") -> DataError:
        return DataError(
            f"{origin}: {why}",
            zh=f"{origin} 写错: {why}",
            code="cycle.wrong",
            path=origin,
            hint=hint or "改正后重试;dangan init 生成的样子可作参考",
        )

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        raise wrong(toml.wrong(e)) from e
    unknown = set(data) - {"cycle", "windows", "requirement", "margins", "limits", "checks", "audit", "rolling", "reminders"}
    if unknown:
        raise wrong(f"不认识的部分 [{'、'.join(sorted(unknown))}]")
    for name, section in data.items():
        parts = section if name == "requirement" and isinstance(section, list) else [section]
        if (name == "requirement") != isinstance(section, list) or not all(isinstance(p, dict) for p in parts):
            raise wrong(f"{name} 应写成一节,如 {'[[requirement]]' if name == 'requirement' else f'[{name}]'}")
    at = ""
    windows: dict[EvidenceKind, Window] = {}
    table = dict(data.get("windows", {}))
    default = table.pop("default", None)
    try:
        for kind in EvidenceKind:
            span = table.pop(kind.value, default)
            if span is None:
                raise wrong(f"[windows] 没有 default,也没有“{kind.value}”")
            windows[kind] = parse_window(str(span))
        if table:
            raise wrong(f"[windows] 不认识“{'、'.join(table)}”,只能是 default 或 {'、'.join(EvidenceKind)}")
        rolling = _rolling(data.get("rolling", {}), wrong)
        rules = []
        for n, raw in enumerate(data.get("requirement", []), 1):
            rule = dict(raw)
            extra = set(rule) - set(RequirementRule.__struct_fields__)
            if extra:
                raise wrong(f"第 {n} 个 [[requirement]] 不认识“{'、'.join(sorted(extra))}”")
            for key in ("needed", "review_days"):
                if key in rule and (not isinstance(rule[key], int) or rule[key] < 1):
                    raise wrong(
                        f"第 {n} 个 [[requirement]] 的 {key} 应为 1 或更大的整数",
                        "不要交的,用 dangan review not-applicable 记明理由",
                    )
            if "window" in rule:
                rule["window"] = msgspec.to_builtins(parse_window(str(rule["window"])))
            if "rolling" in rule:
                rule["rolling"] = msgspec.to_builtins(parse_rolling(str(rule["rolling"])))
            at = f"第 {n} 个 [[requirement]]"
            rules.append(msgspec.convert(rule, RequirementRule))
        reminders = _reminders(data.get("reminders", {}), wrong)
        at = "[cycle]"
        cycle = msgspec.convert({**data.get("cycle", {}), "windows": {}}, Cycle)
        cycle = msgspec.structs.replace(cycle, windows=windows, rules=tuple(rules), rolling=rolling, reminders=reminders)
        at = ""
        settings = msgspec.convert({k: data[k] for k in ("margins", "limits", "checks", "audit") if k in data}, Settings)
        for name, section in (("cycle", Cycle), ("margins", Margins), ("limits", Limits), ("audit", AuditSettings)):
            extra = set(data.get(name, {})) - set(section.__struct_fields__)
            if extra:
                raise wrong(f"[{name}] 不认识“{'、'.join(sorted(extra))}”")
        _in_bounds(settings, wrong)
        if settings.audit.verify_days < 1:
            raise wrong("[audit] 的 verify_days 应为 1 或更大的整数", "夜间审计在这么多天内把全部文件轮查一遍")
    except msgspec.ValidationError as e:
        raise wrong(toml.wrong(e, at)) from e
    return cycle, settings


def _in_bounds(settings: Settings, wrong: Callable[..., DataError]) -> None:
    """:raises DataError: a number that nothing could be measured by."""
    for name in Margins.__struct_fields__:
        if not 0 <= getattr(settings.margins, name) <= 1:
            raise wrong(f"[margins] 的 {name} 应在 0 和 1 之间", "得分都在 0 和 1 之间")
    for name, number in msgspec.structs.asdict(settings.limits).items():
        least = 0 if name in _MAY_BE_NONE else 1
        if isinstance(number, int) and number < least:
            raise wrong(f"[limits] 的 {name} 应为 {least} 或更大的整数", "不写则用默认的上限")


def _rolling(table: dict[str, Any], wrong: Callable[..., DataError]) -> dict[EvidenceKind, Rolling]:
    names = {k.value: k for k in EvidenceKind}
    if extra := set(table) - {*names, "default"}:
        raise wrong(f"[rolling] 不认识“{'、'.join(sorted(extra))}”,只能是 default 或 {'、'.join(names)}")
    written = {k: table.get(name, table.get("default")) for name, k in names.items()}
    return {k: parse_rolling(str(text)) for k, text in written.items() if text is not None}


def _reminders(table: dict[str, Any], wrong: Callable[..., DataError]) -> Reminders:
    if extra := set(table) - set(Reminders.__struct_fields__):
        raise wrong(f"[reminders] 不认识“{'、'.join(sorted(extra))}”")
    for name, value in table.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < (1 if name == "review_days" else 0):
            raise wrong(f"[reminders] 的 {name} 应为天数(整数)")
    return Reminders(**table)


def render(cycle: Cycle, settings: Settings) -> str:
    """A ``cycle.toml`` from which ``parse`` gives the same cycle and settings back; what is as by default is left out."""
    lines = ["[cycle]", f"name = {toml.text(cycle.name)}", f"catalogue = {toml.text(cycle.catalogue)}"]
    if cycle.city:
        lines.append(f"city = {toml.text(cycle.city)}")
    if cycle.deadline is not None:
        lines.append(f"deadline = {toml.value(cycle.deadline)}")
    lines += ["", "[windows]", *(f"{toml.key(k.value)} = {toml.text(_span(w))}" for k, w in cycle.windows.items())]
    if cycle.rolling:
        lines += ["", "[rolling]", *(f"{toml.key(k.value)} = {toml.text(str(r))}" for k, r in cycle.rolling.items())]
    for rule in cycle.rules:
        lines += ["", "[[requirement]]"]
        for name, v in msgspec.structs.asdict(rule).items():
            if v is not None:
                lines.append(f"{name} = {_written(v)}")
    for section, given, default in (
        ("reminders", cycle.reminders, Reminders()),
        ("margins", settings.margins, Margins()),
        ("limits", settings.limits, Limits()),
        ("audit", settings.audit, AuditSettings()),
    ):
        usual = msgspec.structs.asdict(default)
        own = {k: v for k, v in msgspec.structs.asdict(given).items() if v != usual[k]}
        if own:
            lines += ["", f"[{section}]", *(f"{k} = {toml.value(v)}" for k, v in own.items())]
    for code, parameters in settings.checks.items():
        lines += ["", f"[checks.{toml.key(code)}]", *(f"{toml.key(k)} = {toml.value(v)}" for k, v in parameters.items())]
    return "\n".join(lines) + "\n"


def _written(value: object) -> str:
    if isinstance(value, Window):
        return toml.text(_span(value))
    return toml.text(str(value)) if isinstance(value, Rolling) else toml.value(value)


def _span(window: Window) -> str:
    return f"{window.start.isoformat()}..{window.end.isoformat()}"


def load(path: Path) -> tuple[Cycle, Settings]:
    """:raises DataError: unreadable or wrong."""
    try:
        return parse(path.read_text("utf-8-sig"), origin=str(path))
    except UnicodeDecodeError as e:
        raise DataError(
            f"{path}: {e}", zh=f"{path} {toml.wrong(e)}", code="cycle.unreadable", hint="请另存为 UTF-8 编码"
        ) from e
    except OSError as e:
        raise DataError(f"{path}: {e}", zh=f"读不了 {path}", code="cycle.unreadable", hint="请检查文件和权限") from e
