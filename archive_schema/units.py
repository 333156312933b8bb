"""责任单位: the units table, and which unit a folder name means.

A folder of unknown name is a finding with a suggestion, never a new unit.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterable
from functools import cached_property

import msgspec

from archive_schema import tsv
from archive_schema.errors import DataError, UsageError
from archive_schema.text import squeeze

#: column → Chinese heading in the spreadsheet
COLUMNS: dict[str, str] = {
    "name": "单位名称",
    "aliases": "别名",
    "former_names": "曾用名",
    "members": "成员单位",
    "leader": "分管领导",
    "liaison": "联络员",
}
_PREFIX = re.compile(r"^[\(（]?\d+[\)）]?[-_.、\s]*")


class Unit(msgspec.Struct, frozen=True):
    """责任单位. ``members`` non-empty = a group (各区, 市属媒体 …): its members answer for what the catalogue asks of it."""

    name: str
    aliases: tuple[str, ...] = ()
    former_names: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    leader: str = ""  # 分管领导
    liaison: str = ""  # 联络员


class UnitMatch(msgspec.Struct, frozen=True):
    """``unit`` None = unknown; then ``suggestion`` is the nearest name, or ""."""

    unit: Unit | None
    how: str  # name | alias | former | simplified | ""
    suggestion: str = ""


class UnitTable(msgspec.Struct, frozen=True, dict=True):
    units: tuple[Unit, ...]

    @cached_property
    def by_name(self) -> dict[str, Unit]:
        return {u.name: u for u in self.units}

    @cached_property
    def _keys(self) -> dict[str, tuple[Unit, str]]:
        keys: dict[str, tuple[Unit, str]] = {}
        for how in ("former", "alias", "name"):  # the stronger claim written last
            for u in self.units:
                names = {"name": (u.name,), "alias": u.aliases, "former": u.former_names}[how]
                for n in names:
                    keys[squeeze(n)] = (u, how)
        return keys

    @cached_property
    def _simple(self) -> dict[str, Unit]:
        simple: dict[str, Unit | None] = {}
        for key, (u, _) in self._keys.items():
            s = key.removeprefix("市")
            simple[s] = u if simple.get(s, u) is u else None  # two units of one simplified name: no guess
        return {k: u for k, u in simple.items() if u is not None and len(k) > 1}

    def match(self, name: str) -> UnitMatch:
        """Which unit a folder or a catalogue's reference means.

        In order: the name, an alias, a former name, then without a leading number (``03-``) and 市.
        """
        unit, how = self._find(name)
        if unit is not None:
            return UnitMatch(unit, how)
        simple = squeeze(_PREFIX.sub("", name)).removeprefix("市")
        near = difflib.get_close_matches(simple, self._simple, n=1, cutoff=0.5)
        return UnitMatch(None, "", self._simple[near[0]].name if near else "")

    def named(self, name: str) -> str:
        """What the unit of that name, alias or former name is called in this table; ``name`` itself where nobody is."""
        unit, _ = self._find(name)
        return unit.name if unit is not None else name

    def called(self, name: str) -> str:
        """The name in this table of the unit that a person typed.

        :raises UsageError: no such unit; the hint says which is nearest.
        """
        match = self.match(name)
        if match.unit is None:
            raise UsageError(
                f"unknown unit {name}",
                zh=f"没有责任单位“{name}”",
                code="units.unknown",
                hint=f"是不是“{match.suggestion}”?" if match.suggestion else "用 dangan units show 查单位表",
            )
        return match.unit.name

    def _find(self, name: str) -> tuple[Unit | None, str]:
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = self._look_up(name)
        return found

    @cached_property
    def _found(self) -> dict[str, tuple[Unit | None, str]]:
        """What was asked for so far."""
        return {}

    def _look_up(self, name: str) -> tuple[Unit | None, str]:
        key = squeeze(name)
        if key in self._keys:
            return self._keys[key]
        simple = squeeze(_PREFIX.sub("", name))
        if simple in self._keys:
            return self._keys[simple][0], "simplified"
        unit = self._simple.get(simple.removeprefix("市"))
        return unit, "simplified" if unit is not None else ""

    def groups_of(self, name: str) -> tuple[str, ...]:
        """Names of the groups that the unit is a member of."""
        return self._groups.get(name, ())

    @cached_property
    def _groups(self) -> dict[str, tuple[str, ...]]:
        out: dict[str, tuple[str, ...]] = {}
        for u in self.units:
            for m in u.members:
                out[m] = (*out.get(m, ()), u.name)
        return out

    def answers_for(self, unit: str, references: Iterable[str]) -> int | None:
        """Position of the first of an item's unit references that means ``unit`` or a group it is in; 0 = lead, None = no."""
        names = {unit, *self.groups_of(unit)}
        for n, ref in enumerate(references):
            if self.named(ref) in names:
                return n
        return None


def base_name(reference: str) -> str:
    """``市公安局(交警)`` → ``市公安局``: the unit that answers, without the office within it."""
    return re.sub(r"[(\uff08][^)\uff09]*[)\uff09]\s*$", "", reference).strip()


def from_references(references: Iterable[str]) -> UnitTable:
    """The table that a catalogue implies: one unit per base name, the forms with an office as its aliases."""
    aliases: dict[str, list[str]] = {}
    for ref in references:
        known = aliases.setdefault(base_name(ref), [])
        if ref != base_name(ref) and ref not in known:
            known.append(ref)
    return UnitTable(units=tuple(Unit(name=n, aliases=tuple(sorted(a))) for n, a in sorted(aliases.items())))


def build(header: list[str], rows: Iterable[tuple[int, list[str]]], *, origin: str = "") -> UnitTable:
    """Make a table from rows as (row number, cells); lists within a cell are separated by ``;`` or 、, half width or full.

    :raises DataError: with every problem found, each naming row and column.
    """
    problems: list[str] = []
    keyed = tsv.keyed(header, rows, COLUMNS, problems, required=("name",), closed=False)
    units: list[Unit] = []
    claimed: dict[str, tuple[str, int]] = {}
    if not problems:
        for n, row in keyed:
            if not row.get("name"):
                problems.append(f"第 {n} 行“{COLUMNS['name']}”: 不能为空")
                continue
            lists = {k: tsv.words(row.get(k, "")) for k in ("aliases", "former_names", "members")}
            for column in ("name", "aliases", "former_names"):
                for value in (row["name"],) if column == "name" else lists[column]:
                    owner, at = claimed.setdefault(squeeze(value), (row["name"], n))
                    if owner != row["name"] or (column == "name" and at != n):
                        problems.append(f"第 {n} 行“{COLUMNS[column]}”: “{value}”已在第 {at} 行属于“{owner}”")
            units.append(Unit(name=row["name"], leader=row.get("leader", ""), liaison=row.get("liaison", ""), **lists))
        known = {u.name for u in units}
        for u in units:
            for m in u.members:
                if m not in known:
                    problems.append(f"单位“{u.name}”的“{COLUMNS['members']}”: “{m}”不在表中")
    if problems:
        raise DataError(
            f"{origin}: {len(problems)} problems in the units table",
            zh=f"单位表有 {len(problems)} 处错误",
            code="units.wrong",
            path=origin,
            hint="请按上面的行、列改正后重试;没有任何改动被写入",
            problems=tuple(problems),
        )
    return UnitTable(units=tuple(sorted(units, key=lambda u: u.name)))


class Lost(msgspec.Struct, frozen=True):
    """What another table no longer says: names that mean no unit in it (of units, aliases and former names of the others), and by
    column how many units that it still has lost what stood there."""

    units: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    emptied: dict[str, int] = {}


def lost(before: UnitTable, after: UnitTable) -> Lost:
    still = [u for u in before.units if after.match(u.name).unit is not None]
    others = (n for u in still for n in (*u.aliases, *u.former_names))
    emptied = {}
    for column in COLUMNS:
        kept = ((getattr(u, column), after.by_name.get(u.name)) for u in before.units)
        if n := sum(1 for value, now in kept if value and now is not None and not getattr(now, column)):
            emptied[column] = n
    return Lost(
        tuple(u.name for u in before.units if after.match(u.name).unit is None),
        tuple(dict.fromkeys(n for n in others if after.match(n).unit is None)),
        emptied,
    )


def strange(header: Iterable[str]) -> tuple[str, ...]:
    """The headings that mean no column of the table: what stands below them is not taken in."""
    return tuple(h.strip() for h in header if h.strip() and h.strip() not in {*COLUMNS, *COLUMNS.values()})


def rows(table: UnitTable) -> tuple[list[str], list[list[str]]]:
    """Header (column names) and cells, such that ``build`` gives the same table back."""

    def cell(value: object) -> str:
        return ";".join(value) if isinstance(value, tuple) else str(value)

    return list(COLUMNS), [[cell(getattr(u, c)) for c in COLUMNS] for u in table.units]


def csv_rows(text: str) -> tuple[list[str], Iterable[tuple[int, list[str]]]]:
    """Header, and (row number, cells) of the rows that hold anything."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    return next(reader, []), ((n, r) for n, r in enumerate(reader, 2) if any(c.strip() for c in r))


def read_csv(text: str, *, origin: str = "") -> UnitTable:
    header, body = csv_rows(text)
    return build(header, body, origin=origin)


def write_csv(table: UnitTable) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    header, body = rows(table)
    writer.writerow([COLUMNS[c] for c in header])
    writer.writerows(body)
    return out.getvalue()
