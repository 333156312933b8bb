"""Persons named by numbers, and lists of minors: kinds, counts and masked examples, never a number or a name.

Identity numbers count only with a valid birth date and check digit (GB 11643-1999), bank cards only with a valid check
digit (ISO/IEC 7812-1, Luhn), telephones only as mobile numbers that no line calls an office's contact. What is a minor's
list is told by its heading or its columns, and by the birth years within the identity numbers (ours).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive_schema.dates import parse_period
from archive_schema.evidence import Fact, Facts
from archive_schema.text import Expression, fold, squeeze

_IDENTITY = re.compile(
    r"(?<![\dA-Za-z])[1-9]\d{5}(?P<y>19\d\d|20\d\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dxX](?![\dA-Za-z])"
)
_MOBILE = re.compile(r"(?<![\d.\-A-Za-z])(?:\+?86[- ]?)?(1[3-9]\d(?:[- ]?\d{4}){2})(?![\d.])")
_CARD = re.compile(r"(?<![\d.A-Za-z])(?:\d[ -]?){15,18}\d(?![\d.A-Za-z])")
_CARD_SAID = re.compile("卡号|账号|帐号|账户|帐户|银行卡|开户")
#: of an office: its own contact in a document is published on purpose
_CONTACT = re.compile("联系|电话|热线|咨询|传真|举报|投诉|值班|经办|邮编|客服")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_MINORS = Expression(
    r"(?:学生|未成年人|儿童|少年|幼儿|中小学生|留守儿童|困境儿童|孤儿|少先队员)[^\n。]{0,12}(?:名单|名册|花名册|登记表|信息表|一览表|汇总表|台账)"
)
_MINOR_COLUMNS = re.compile("班级|年级|监护人|家长|就读学校|学籍号|所在学校")
_NAME = Expression(r"(?:^|(?<=[\s\t、,，]))[\u3400-\u9fff·]{2,4}(?=$|[\s\t、,，])")
_LEAST_LISTED, _LEAST_PHONES = 3, 3
#: what every number of a person holds: eleven digits, perhaps parted
_LONG = re.compile(r"\d(?:[- ]?\d){10}")
#: headings tried and lines below each looked at (ours): a list begins near its heading
_HEADINGS, _ROWS = 20, 2_000
_ADULT = 18  # 未成年人保护法 第二条


def facts(text: str, *, method: str = "", folded: str | None = None) -> Facts:
    """``persons``: a list like ``身份证号 3 个(如 350************21X)``; empty when the text names none; {} without text.

    :param folded: ``fold`` of the text, of whoever has it.
    """
    if not text.strip():
        return {}
    lines = (fold(text) if folded is None else folded).replace("\f", "\n").split("\n")
    numbered = [line for line in lines if _LONG.search(line)]
    found: list[str] = []
    identities = [m for line in numbered for m in _IDENTITY.finditer(line) if identity_holds(m[0])]
    if identities:
        found.append(_told("身份证号", [m[0] for m in identities], 3, 1))
    phones = _phones(numbered)
    if phones:
        found.append(_told("手机号", phones, 3, 2))
    cards = [c for line in numbered for c in _cards(line)]
    if cards:
        found.append(_told("银行卡号", cards, 2, 2))
    if listed := _minors(lines, [int(m["y"]) for m in identities]):
        found.append(f"未成年人名单 约 {listed} 人")
    return {"persons": Fact(value=found, method=f"{method}/persons")}


def identity_holds(number: str) -> bool:
    """True for 18 characters whose last is the check character of the first 17 (GB 11643-1999, ISO 7064 MOD 11-2)."""
    rest = sum(int(d) * w for d, w in zip(number, _WEIGHTS, strict=False)) % 11
    return len(number) == 18 and number[-1].upper() == _CHECKS[rest]


def card_holds(number: str) -> bool:
    """True when the Luhn sum of the digits is a multiple of ten."""
    digits = [int(d) for d in reversed(number)]
    doubled = [d if n % 2 == 0 else (2 * d - 9 if d > 4 else 2 * d) for n, d in enumerate(digits)]
    return sum(doubled) % 10 == 0 and len(set(number)) > 2


def mask(number: str, first: int, last: int) -> str:
    """``first`` and ``last`` characters, stars between."""
    return number[:first] + "*" * (len(number) - first - last) + number[len(number) - last :]


def _told(name: str, numbers: Sequence[str], first: int, last: int) -> str:
    distinct = list(dict.fromkeys(n.upper() for n in numbers))
    return f"{name} {len(distinct)} 个(如 {mask(distinct[0], first, last)})"


def _phones(lines: Sequence[str]) -> list[str]:
    """Mobile numbers of persons: each beside no word of contact, or several in a column that is headed so."""
    own: list[str] = []
    contact: list[str] = []
    for line in lines:
        numbers = [re.sub(r"[- ]", "", m[1]) for m in _MOBILE.finditer(line)]
        (contact if _CONTACT.search(line) else own).extend(numbers)
    return own if own else contact if len(set(contact)) > _LEAST_PHONES else []


def _cards(line: str) -> list[str]:
    said = _CARD_SAID.search(line) is not None
    out = []
    for m in _CARD.finditer(line):
        digits = re.sub("[ -]", "", m[0])
        known = digits.startswith("62") or said
        if known and card_holds(digits) and not (len(digits) == 18 and identity_holds(digits)):
            out.append(digits)
    return out


def _minors(lines: Sequence[str], born: Sequence[int]) -> int:
    """About how many minors a list names; 0 when there is none."""
    tried = 0
    for n, line in enumerate(lines):
        heads = line.split("\t")
        columns = len(heads) > 2 and any("姓名" in squeeze(h) for h in heads) and _MINOR_COLUMNS.search(squeeze(line))
        headed = len(line.strip()) <= 60 and _MINORS.search("".join(line.split()))
        if not columns and not headed:
            continue
        tried += 1
        if tried > _HEADINGS:
            break
        rows = [r for r in lines[n + 1 : n + 1 + _ROWS] if _NAME.search(r)]
        named = sum(1 if "\t" in r or len(r.split()) > 2 else len(_NAME.findall(r)) for r in rows if "\t" in r or len(r) <= 60)
        if named >= _LEAST_LISTED and (columns or _looks_listed(rows)):
            return named
    if len(born) >= _LEAST_LISTED:
        spoken = [p.end.year for line in lines for m in re.finditer(r"(?:19|20)\d\d年", line) if (p := parse_period(m[0]))]
        now = max(spoken, default=0)
        young = sum(1 for y in born if now and now - y < _ADULT)
        return young if young >= _LEAST_LISTED else 0
    return 0


def _looks_listed(rows: Sequence[str]) -> bool:
    """Names stand in cells or lines of their own, not in sentences."""
    short = [r for r in rows if len(r) <= 60 and "。" not in r and "，" not in r]
    return len(short) * 2 > len(rows) > 0
