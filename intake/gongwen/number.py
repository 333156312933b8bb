"""发文字号: its normal form and where on a line it may stand."""

from __future__ import annotations

import re
import unicodedata

import msgspec

from archive_schema.text import Expression, brackets


class Number(msgspec.Struct, frozen=True):
    """``value`` as 机关代字〔年〕序号号 (GB/T 9704-2012 7.2.5: no 第, no leading zero); ``code`` is the 机关代字."""

    value: str
    code: str
    raw: str


_PARTS = r"(?P<code>[\u3400-\u9fffA-Za-z]{1,20}?)(?:字)?[〔(](?P<year>(?:19|20)\d\d)[〕)](?:第)?0*(?P<serial>[1-9]\d{0,5})号"
_WHOLE = Expression(_PARTS)
_SIGNER = re.compile(r"^签发人[:：]?.{0,30}$")
#: a head line is shorter; without a bound a line of a data file would be cut at every gap
_LINE = 120
_NO_CODE = re.compile(r"^(?:见|按|按照|根据|依据|关于|和|与|以|经|由|附件|详见|文号|发文字号)")


def read_number(text: str) -> Number | None:
    """The number that ``text`` as a whole is, in whatever brackets and widths, or None."""
    plain = brackets(re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)))
    m = _WHOLE.fullmatch(plain)
    if m is None or _NO_CODE.match(m["code"]) or "文件" in m["code"]:
        return None
    return Number(f"{m['code']}〔{m['year']}〕{m['serial']}号", m["code"], text.strip())


def number_on(line: str) -> Number | None:
    """The number on a head line: alone, at its right end after a gap, or left of 签发人."""
    if len(line) > _LINE:
        return None
    whole = read_number(line)
    if whole is not None:
        return whole
    parts = re.split(r"[ \t\u3000]{1,}", line.strip())
    for cut in range(1, len(parts)):
        left, right = "".join(parts[:cut]), "".join(parts[cut:])
        if _SIGNER.match(right) and (number := read_number(left)):
            return msgspec.structs.replace(number, raw=" ".join(parts[:cut]))
        # 中共××市委文件  ××发〔2017〕3号
        if not re.search("[。;；,，《》]", left) and len(parts[cut - 1]) > 1 and (number := read_number(right)):
            return msgspec.structs.replace(number, raw=" ".join(parts[cut:]))
    return None
