"""Checks that look at several materials at once: pictures and numbers used twice, reports against tables, attachments sent apart.

Pure: pieces in, findings per SHA-256 out, the same whatever the order of the pieces. What is said to one unit names
another unit and its requirement, never the other unit's files or anything out of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from archive_schema.catalogue import Catalogue
from archive_schema.cycle import Settings
from archive_schema.evidence import CheckOutcome, Evidence, Placement, Source
from archive_schema.text import brackets, display, squeeze
from archive_schema.words import EvidenceKind, Outcome, PlacementStatus, ReadState
from validators import checks
from validators.checks import Check
from validators.nearness import Near

_SHOWN = 3
_MINUTE = re.compile(r"(\d{4})[:/-](\d\d)[:/-](\d\d) (\d\d):(\d\d)")
_FIGURE = re.compile(r"(?P<label>.+)=(?P<digits>[\d.]+)(?P<scale>[十百千万亿]*)(?P<unit>.*)")
_SCALES = {"": 1.0, "十": 1e1, "百": 1e2, "千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6, "千万": 1e7, "亿": 1e8}
_WHOLE_CITY = re.compile("^(?:全市|本市|我市|全年|总体|年度|平均)(?:共有?|已|总)?")
_PACT = re.compile("公约|守则|民约")
_REVISED = re.compile("修订|修改|新版|修正|新修")
_ANNEX = re.compile("附件|附表|附录")


class Piece(msgspec.Struct, frozen=True):
    """One placement that holds, with what is compared. ``names``: paths under which its unit sent it.

    fingerprint   64 bits, or None
    minute        when the camera says it was taken, ``2026-04-05 09:30``, or ""
    figures       ``完成率=95.2%|2016|C7`` as facts have it: name and figure, the year or "", where it stands or ""; of a report what it
                  states, of a table its row of totals and the figures of single years
    absent        attachments that the text names and that are not in the file; () also when nobody knows
    cycle         "" = the present one; of an earlier one ``title`` is what its item is called
    """

    sha256: str
    unit: str
    item: str
    kind: EvidenceKind
    names: tuple[str, ...] = ()
    title: str = ""
    fingerprint: int | None = None
    minute: str = ""
    camera: str = ""
    figures: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    cycle: str = ""

    @property
    def file(self) -> str:
        return display(self.names[0], 120) if self.names else f"{self.sha256[:12]}…"


class Delivered(msgspec.Struct, frozen=True):
    """One file of a unit: its path and its title, for what may be the attachment of another."""

    unit: str
    path: str
    title: str = ""


class Numbered(msgspec.Struct, frozen=True):
    """A document with its 发文字号, as one unit sent it; whether it was placed or not. ``key``: number and issuer as compared."""

    sha256: str
    unit: str
    names: tuple[str, ...]
    number: str
    key: tuple[str, str]


def pieces(
    evidence: Iterable[Evidence], placements: Mapping[str, Sequence[Placement]], sources: Mapping[str, Sequence[Source]]
) -> list[Piece]:
    """A piece per placement that holds; ``placements`` and ``sources`` by SHA-256."""
    out = []
    for e in evidence:
        facts = e.facts

        def value(key: str, e: Evidence = e) -> Any:
            return e.facts[key].value if key in e.facts else None

        def words(key: str, e: Evidence = e) -> tuple[str, ...]:
            listed = value(key, e)
            return tuple(str(v) for v in listed) if isinstance(listed, list | tuple) else ()

        print_ = value("fingerprint")
        taken = facts.get("taken_on")
        moment = _MINUTE.match(taken.raw or "") if taken is not None else None
        for p in placements.get(e.sha256, ()):
            if p.status is PlacementStatus.REJECTED:
                continue
            out.append(
                Piece(
                    sha256=e.sha256,
                    unit=p.unit,
                    item=p.item,
                    kind=p.kind,
                    names=tuple(sorted(s.path for s in sources.get(e.sha256, ()) if s.unit == p.unit or not p.unit)),
                    title=str(value("title") or ""),
                    fingerprint=int(print_, 16) if isinstance(print_, str) and len(print_) == 16 else None,
                    minute="{}-{}-{} {}:{}".format(*moment.groups()) if moment else "",
                    camera=str(value("camera") or ""),
                    figures=words("figures_at") or words("figures"),
                    attachments=words("attachments"),
                    absent=words("attachments_absent") if e.state is ReadState.READ else (),
                )
            )
    return out


def delivered(evidence: Iterable[Evidence], sources: Mapping[str, Sequence[Source]]) -> list[Delivered]:
    """Every file of every unit that is still there."""
    return [
        Delivered(s.unit, s.path, str(e.facts["title"].value or "") if "title" in e.facts else "")
        for e in evidence
        for s in sources.get(e.sha256, ())
        if s.present
    ]


def numbered(
    evidence: Iterable[Evidence], sources: Mapping[str, Sequence[Source]], gone: Collection[tuple[str, str]] = frozenset()
) -> list[Numbered]:
    """Every document of known number and issuer, once for each unit that sent it.

    :param gone: (SHA-256, unit) of what counts no more; unit "" = for every unit.
    """
    out = []
    for e in evidence:
        number, issuer = (str(f.value or "") if (f := e.facts.get(k)) else "" for k in ("document_number", "issuer"))
        if not number or not issuer or (e.sha256, "") in gone:
            continue
        names: dict[str, list[str]] = defaultdict(list)
        for s in sources.get(e.sha256, ()):
            if (e.sha256, s.unit) not in gone:
                names[s.unit].append(s.path)
        key = (squeeze(brackets(number)), issuer)
        out += [Numbered(e.sha256, unit, tuple(sorted(of)), number, key) for unit, of in names.items()]
    return out


def compare(
    given: Iterable[Piece],
    files: Iterable[Delivered],
    *,
    catalogue: Catalogue,
    settings: Settings,
    numbers: Iterable[Numbered] = (),
) -> dict[str, tuple[CheckOutcome, ...]]:
    """The findings of all checks of scope cross, by SHA-256, only of evidence that has some.

    :param given: pieces of the present cycle, and of earlier ones (``cycle`` not empty) to compare them with.
    :raises DataError: ``settings.checks`` names an unknown code or parameter.
    """
    rules = checks.load().under(settings)
    ordered = sorted(given, key=lambda p: (p.cycle, p.unit, p.item, p.kind, p.sha256))
    now = [p for p in ordered if not p.cycle]
    found: dict[str, list[CheckOutcome]] = defaultdict(list)

    def say(check: Check, p: Piece, **fields: str) -> None:
        shown = {"file": p.file, "found": "", "wanted": "", "why": "", "by": "", "due": ""} | fields
        text = check.text.format_map(shown)
        found[p.sha256].append(CheckOutcome(check.code, Outcome.FAIL, check.severity, text, p.unit, p.item, p.kind.value))

    by_code = rules.by_code
    for p, others in reused([p for p in ordered if p.kind is EvidenceKind.PHOTO], by_code["REUSED"].params["max_bits"]):
        say(by_code["REUSED"], p, found=_named(p, others, catalogue))
    for p, others in bursts([p for p in now if p.kind is EvidenceKind.PHOTO]):
        say(by_code["BURST"], p, found=_named(p, others, catalogue), wanted=p.minute)
    told: set[str] = set()
    for p, said, t, stated in disagreements(now):
        say(
            by_code["DISAGREE"],
            p,
            found=f"报告{said.where}写“{said.said}”",
            by=f"同一条标准的表格({t.file}){stated.where}",
            wanted=f"“{stated.said}”",
        )
        if t.sha256 not in told:
            told.add(t.sha256)
            say(
                by_code["DISAGREE"],
                t,
                found=f"表格{stated.where}写“{stated.said}”",
                by=f"同一条标准的报告({p.file}){said.where}",
                wanted=f"“{said.said}”",
            )
    for p, names in attachments_absent(now, files):
        say(by_code["ATTACHMENT"], p, found="、".join(names[:_SHOWN]))
    for p, wanted in other_text_absent(now, catalogue):
        say(by_code["BOTHTEXTS"], p, wanted=wanted)
    for n, twins in numbers_used_twice(numbers):
        check = by_code["NUMBERDUP"]
        shown = {"found": display(n.number, 80), "by": _listed(_twin(n, t) for t in twins), "wanted": "", "why": "", "due": ""}
        text = check.text.format(file=display(n.names[0], 120), **shown)
        found[n.sha256].append(CheckOutcome(check.code, Outcome.FAIL, check.severity, text, n.unit))
    order = rules.order
    return {
        sha: tuple(sorted(of, key=lambda o: (order[o.code], o.unit, o.item, o.kind, o.text)))
        for sha, of in sorted(found.items())
    }


def _named(p: Piece, others: Sequence[Piece], catalogue: Catalogue) -> str:
    def name(o: Piece) -> str:
        item = catalogue.by_id.get(o.item)
        what = f"{o.item} {item.content}" if item else o.item
        if o.cycle:  # its catalogue may be another: what the standard was called then
            what = f"{o.cycle} 的 {o.item} {o.title}".rstrip()
        return f"{what}({o.file})" if o.unit == p.unit else f"{what}({o.unit}的来件)"

    return _listed(name(o) for o in others)


def _twin(n: Numbered, other: Numbered) -> str:
    if other.unit == n.unit:
        return display(other.names[0], 120)
    return f"{other.unit}的来件" if other.unit else "未归单位的来件"


def _listed(said: Iterable[str]) -> str:
    names = list(dict.fromkeys(said))
    return "、".join(names[:_SHOWN]) + (f" 等 {len(names)} 处" if len(names) > _SHOWN else "")


def reused(photos: Sequence[Piece], bits: int, *, index: Callable[..., Near] = Near) -> list[tuple[Piece, list[Piece]]]:
    """Photos of the present cycle with those that look the same and serve another item, unit or cycle.

    The same bytes in two places of one cycle are SAME's.
    """
    held: dict[int, list[Piece]] = defaultdict(list)
    for p in photos:
        if p.fingerprint is not None:
            held[p.fingerprint].append(p)
    near = index(held, bits=bits)
    out = []
    for value in sorted(held):
        if all(p.cycle for p in held[value]):
            continue
        alike = [o for other in sorted(near.of(value)) for o in held[other]]
        if len(alike) < 2:
            continue
        for p in held[value]:
            others = [
                o for o in alike if (o.cycle or o.sha256 != p.sha256) and (o.item, o.unit, o.cycle) != (p.item, p.unit, p.cycle)
            ]
            if others and not p.cycle:
                out.append((p, others))
    return sorted(out, key=lambda f: (f[0].unit, f[0].item, f[0].sha256))


def numbers_used_twice(given: Iterable[Numbered]) -> list[tuple[Numbered, list[Numbered]]]:
    """Documents with others of the same number and issuer; the unit's own first. What the unit sent itself is not told of as
    another unit's, too."""
    held: dict[tuple[str, str], list[Numbered]] = defaultdict(list)
    for n in given:
        held[n.key].append(n)
    out = []
    for together in held.values():
        for n in together:
            others = [o for o in together if o.sha256 != n.sha256]
            own = {o.sha256 for o in others if o.unit == n.unit}
            told = [o for o in others if o.unit == n.unit or o.sha256 not in own]
            if told:
                out.append((n, sorted(told, key=lambda o: (o.unit != n.unit, o.unit, o.names))))
    return sorted(out, key=lambda f: (f[0].sha256, f[0].unit))


def bursts(photos: Sequence[Piece]) -> list[tuple[Piece, list[Piece]]]:
    """Photos of one unit, one camera and one minute that serve several items."""
    moments: dict[tuple[str, str, str], list[Piece]] = defaultdict(list)
    for p in photos:
        if p.minute and p.camera:
            moments[p.unit, p.camera, p.minute].append(p)
    out = []
    for together in moments.values():
        for p in together:
            others = [o for o in together if o.item != p.item and o.sha256 != p.sha256]
            if others:
                out.append((p, others))
    return out


class Stated(msgspec.Struct, frozen=True):
    """A figure as a material states it. ``step``: the last digit written. ``said``: ``2016年 完成率 95.2%``; ``where`` with its preposition."""

    value: float
    step: float
    unit: str
    said: str
    where: str = ""


def _figures(p: Piece) -> dict[tuple[str, str], list[Stated]]:
    """(name, year) → figures; year "" where none is told."""
    out: dict[tuple[str, str], list[Stated]] = defaultdict(list)
    for written in p.figures:
        said, _, rest = written.partition("|")
        year, _, place = rest.partition("|")
        m = _FIGURE.fullmatch(said)
        if m is None or m["scale"] not in _SCALES or m["digits"].count(".") > 1:
            continue
        scale = _SCALES[m["scale"]]
        step = scale * 10.0 ** -len(m["digits"].partition(".")[2])
        label = _WHOLE_CITY.sub("", squeeze(m["label"]))
        shown = said.replace("=", " ")
        out[label, year].append(
            Stated(
                float(m["digits"]) * scale,
                step,
                m["unit"][:1],
                f"{year}年 {shown}" if year else shown,
                f"“{place}”处" if place and not place.startswith("第") else place,
            )
        )
    return out


def disagreements(given: Sequence[Piece]) -> list[tuple[Piece, Stated, Piece, Stated]]:
    """Reports that state another figure than a table of the same unit and item, with the table: at most one for each report.

    Figures of one name and one year are compared with each other. A figure without a year, or of a year that no table has, is
    compared with the totals; a report agrees when one of its figures of that name is that of one of the tables, to the digits
    written.
    """
    tables: dict[tuple[str, str], list[Piece]] = defaultdict(list)
    for p in given:
        if p.kind is EvidenceKind.TABLE and p.figures:
            tables[p.unit, p.item].append(p)
    out = []
    for p in given:
        if p.kind is not EvidenceKind.REPORT or (p.unit, p.item) not in tables:
            continue
        stated: dict[tuple[str, str], list[tuple[Piece, Stated]]] = defaultdict(list)
        for t in tables[p.unit, p.item]:
            for key, values in _figures(t).items():
                stated[key] += [(t, v) for v in values]
        said = _figures(p)
        found = next(filter(None, (_disagreement(said, stated, key) for key in sorted(said))), None)
        if found is not None:
            mine, (table, theirs) = found
            out.append((p, mine, table, theirs))
    return out


def _disagreement(
    said: Mapping[tuple[str, str], Sequence[Stated]],
    stated: Mapping[tuple[str, str], Sequence[tuple[Piece, Stated]]],
    key: tuple[str, str],
) -> tuple[Stated, tuple[Piece, Stated]] | None:
    label, year = key
    if year and key in stated:
        mine, wanted, agreeing = said[key], stated[key], stated[key]
    else:
        mine = [
            v for (name, of), values in said.items() if name == label and (of == "" or (name, of) not in stated) for v in values
        ]
        wanted = stated.get((label, ""), ())
        agreeing = [v for (name, _), values in stated.items() if name == label for v in values]
    pairs = [(s, t) for s in mine for t in wanted if s.unit == t[1].unit]
    agrees = any(s.unit == t.unit and abs(s.value - t.value) < max(s.step, t.step) for s in mine for _, t in agreeing)
    return pairs[0] if pairs and not agrees else None


def attachments_absent(given: Sequence[Piece], files: Iterable[Delivered]) -> list[tuple[Piece, list[str]]]:
    """Documents whose attachments are neither in the file nor sent apart by the same unit.

    A file called 附件… in the same folder counts as whichever is missing.
    """
    names: dict[str, list[str]] = defaultdict(list)
    beside: set[tuple[str, str]] = set()
    for f in files:
        folder, _, name = f.path.rpartition("/")
        names[f.unit] += [_plain(name), _plain(f.title)]
        if _ANNEX.match(name):
            beside.add((f.unit, folder))
    out = []
    for p in given:
        if not p.absent or any((p.unit, n.rpartition("/")[0]) in beside for n in p.names):
            continue
        missing = [a for a in p.absent if not any(_plain(a) in n for n in names[p.unit] if n)]
        if missing:
            out.append((p, missing))
    return out


def _plain(name: str) -> str:
    return re.sub(r"[《》“”\"'()（）\[\]【】_\-—.、,，]", "", squeeze(name))


def other_text_absent(given: Sequence[Piece], catalogue: Catalogue) -> list[tuple[Piece, str]]:
    """Of items that ask for a revised 公约 or 守则: the only one handed in, with which text is not there."""
    cells: dict[tuple[str, str], list[Piece]] = defaultdict(list)
    for p in given:
        item = catalogue.by_id.get(p.item)
        asked = item is not None and _PACT.search(item.standard) and _REVISED.search(item.standard)
        if asked and p.kind is EvidenceKind.DOCUMENT and _PACT.search(p.title):
            cells[p.unit, p.item].append(p)
    out = []
    for together in cells.values():
        # a notice that carries its 公约 as an attachment is one text, one that carries both is two
        texts = {p.sha256: max(1, sum(1 for a in p.attachments if _PACT.search(a))) for p in together}
        if sum(texts.values()) < 2:
            p = together[0]
            out.append((p, "修订前" if _REVISED.search(p.title) else "修订前或修订后"))
    return out
