"""统计表格: header, 计量单位, 口径, source, figures, totals, ratios, years, formulas."""

from __future__ import annotations

import re

from archive_schema import media
from archive_schema.words import ReadState
from validators.seen import PASS, Params, Rule, Seen, Verdict, fail, must_be_empty, unchecked

_PER_HEAD = re.compile("人均|每[百千万]人|每十万人")
_OTHER_POPULATION = re.compile("常住|流动人口|实有人口|从业人口|在册人口")
#: says that the figures are a county's or a district's own
_COUNTY = re.compile("(?:全|本|我)[县区旗](?!域)|县本级|区本级")
_CITY = re.compile("市|各[县区]|全域")


def has_rows(seen: Seen, params: Params) -> Verdict | None:
    rows = seen.number("table_rows")
    if rows is not None and rows >= params["min_rows"]:
        return PASS
    if rows is None or (seen.evidence.state is not ReadState.READ and not seen.attested("table_rows")):
        return unchecked(seen.not_reached or seen.evidence.detail or "没有读到表格")
    return fail(found=f"{rows:g}", wanted=params["min_rows"])


def formulas(seen: Seen, _: Params) -> Verdict | None:
    errors = seen.value("formula_errors")
    if errors:
        return fail(found="、".join(str(e) for e in errors[:5]) if isinstance(errors, list | tuple) else f"{errors} 处")
    if seen.attested("formula_errors"):
        return PASS
    if seen.evidence.state is not ReadState.READ:
        return unchecked(seen.not_reached or seen.evidence.detail or "只读出一部分")
    return PASS if media.of_type(seen.evidence.media_type).family == "table" else None


def _no_table(seen: Seen) -> str:
    """Why what was not found in the table may be there all the same, or ""."""
    if "table_rows" not in seen.facts:
        return seen.not_reached or seen.evidence.detail or "没有读到表格"
    return "" if seen.evidence.state is ReadState.READ else seen.not_reached or seen.evidence.detail or "只读出一部分"


def headed(seen: Seen, _: Params) -> Verdict | None:
    if seen.words("table_columns"):
        return PASS
    if why := _no_table(seen):
        return unchecked(why)
    return fail() if seen.number("table_rows") else None  # without rows it is TABLE's


def _stated(key: str) -> Rule:
    """Said in the header or in a line around the table. A table without a header is HEADER's."""

    def rule(seen: Seen, _: Params) -> Verdict | None:
        if seen.value(key):
            return PASS
        if why := _no_table(seen):
            return unchecked(why)
        return fail() if seen.words("table_columns") and seen.number("table_rows") else None

    return rule


def _without(key: str) -> Rule:
    """A list of faults that is empty; None where the table has nothing of the sort."""

    def rule(seen: Seen, _: Params) -> Verdict | None:
        if not seen.value(key) and not seen.attested(key) and (why := _no_table(seen)):
            return unchecked(why)
        return must_be_empty(seen, key, "") if key in seen.facts else None

    return rule


def totals_right(seen: Seen, params: Params) -> Verdict | None:
    """What differs by no more than the tolerated share of the total is passed over; rounding is allowed for already."""
    verdict = _without("totals_differ")(seen, params)
    differ, apart = seen.words("totals_differ"), seen.value("totals_apart")
    if not differ or not params["tolerance"] or not isinstance(apart, list | tuple) or len(apart) != len(differ):
        return verdict
    left = [d for d, share in zip(differ, apart, strict=True) if float(share) > params["tolerance"]]
    return fail(found=";".join(left[:3]) + (f" 等 {len(left)} 处" if len(left) > 3 else "")) if left else PASS


def ratios_right(seen: Seen, _: Params) -> Verdict | None:
    found = [f for key in ("ratios_odd", "ratios_differ") for f in seen.words(key) or ()]
    if found:
        return fail(found=";".join(found[:3]) + (f" 等 {len(found)} 处" if len(found) > 3 else ""))
    if why := _no_table(seen):
        return unchecked(why)
    return PASS if "ratios_odd" in seen.facts else None


def covers_the_years(seen: Seen, _: Params) -> Verdict | None:
    """Only for a table with a column a year: of the whole calendar years in the window, none is missing."""
    years = seen.words("table_years")
    if years is None or len(years) < 2 or seen.window is None:
        return unchecked(why) if (why := _no_table(seen)) else None
    start, end = seen.window.start, seen.window.end
    whole = [y for y in range(start.year, end.year + 1) if (y, 1, 1) >= (start.year, start.month, start.day)]
    whole = [y for y in whole if (y, 12, 31) <= (end.year, end.month, end.day)]
    missing = [str(y) for y in whole if str(y) not in years]
    return fail(found="、".join(years), wanted="、".join(missing)) if missing else PASS


def population_stated(seen: Seen, _: Params) -> Verdict | None:
    """Per-head figures are of the 户籍人口 unless the item itself says otherwise; only another base that is named is a fault."""
    columns = [c for c in seen.words("table_columns") or () if _PER_HEAD.search(c)]
    if not columns:
        return unchecked(why) if (why := _no_table(seen)) else None
    item = seen.item
    said = " ".join([str(seen.value("table_scope") or ""), str(seen.value("title") or ""), *columns])
    other = _OTHER_POPULATION.search(said)
    if other is None or "户籍" in said or (item is not None and other[0] in f"{item.standard}{item.threshold}"):
        return PASS
    return fail(found=other[0], wanted=columns[0])


def of_the_city(seen: Seen, _: Params) -> Verdict | None:
    """A county's own figure where the city's is asked for; silent under a county's catalogue."""
    item = seen.item
    if item is None or "县" in seen.catalogue.head.edition or re.search("[县区]", item.standard):
        return None
    said = f"{seen.value('title') or ''} {seen.value('table_scope') or ''}"
    if not said.strip():
        return unchecked(why) if (why := _no_table(seen)) else None
    county = _COUNTY.search(said)
    return fail(found=county[0]) if county and not _CITY.search(said) else PASS


RULES: dict[str, Rule] = {
    "TABLE": has_rows,
    "HEADER": headed,
    "MEASURE": _stated("table_units"),
    "SCOPE": _stated("table_scope"),
    "SOURCE": _stated("table_source"),
    "CELLS": _without("numbers_unread"),
    "TOTALS": totals_right,
    "RATIO": ratios_right,
    "YEARS": covers_the_years,
    "POPULATION": population_stated,
    "AREA": of_the_city,
    "FORMULA": formulas,
}
