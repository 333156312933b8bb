"""What a check says, as one unit is told of it: without the archive's own business, by its own file and by no other unit's."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive_schema.evidence import CheckOutcome, Source
from archive_schema.text import display

#: parts of a remedy that speak to the archive and not to the unit
_OURS = re.compile(r"审核人|审核意见|cycle\.toml|dangan|目录的|单位表")
EXPLAIN = "确无问题的，请在反馈栏说明"


def for_unit(remedy: str) -> str:
    """A remedy as far as the unit can act on it: what reviewers and operators are told is left out.

    >>> for_unit("请核对: 一次活动的照片只用一次;确是两项活动,由审核人豁免")
    '请核对: 一次活动的照片只用一次；确无问题的，请在反馈栏说明'
    """
    parts = [p.strip() for p in re.split("[;；]", remedy)]
    theirs = [p for p in parts if p and not _OURS.search(p)]
    return "；".join(theirs if len(theirs) == len(parts) else [*theirs, EXPLAIN])


def own_path(unit: str, sha256: str, sources: Sequence[Source]) -> str:
    """The file by the name that the unit gave it; of bytes that it never sent, their digest."""
    return next((s.path for s in sources if s.unit == unit), f"{sha256[:12]}…")


def said(c: CheckOutcome, unit: str, sources: Sequence[Source], shown: Sequence[Source] | None = None) -> str:
    """An outcome's text, where it is about the bytes under the unit's own name of the file: the text as it is stored names the files
    of all units that sent them.

    :param sources: all of the bytes. :param shown: those to name, where not all.
    """
    mine = [s for s in (sources if shown is None else shown) if s.unit == unit]
    rest = _without_head(c.text, unit, sources)
    if c.unit or not mine or rest == c.text:
        return c.text
    more = f" 等 {len(mine)} 处" if len(mine) > 1 else ""
    return f"{display(own_path(unit, mine[0].sha256, mine), 120)}{more}: {rest}"


def without_file(text: str, unit: str, sources: Sequence[Source]) -> str:
    """A finding's text without the file that it begins with; "" when it might still name a file of another unit."""
    text = _without_head(text, unit, sources)
    own = {p for s in sources if s.unit == unit for p in (s.path, s.path.rsplit("/", 1)[-1])}
    theirs = {s.path.rsplit("/", 1)[-1] for s in sources if s.unit != unit} - own
    return "" if any(display(n, 60).rstrip("…") in text for n in theirs) else text


def _without_head(text: str, unit: str, sources: Sequence[Source]) -> str:
    for group in (sources, [s for s in sources if s.unit == unit]):
        many = len({s.unit for s in group}) > 1
        paths = sorted({s.path.rsplit("/", 1)[-1] for s in group}) if many else [s.path for s in group]
        names = {display(p, 120) for p in paths} | {display("、".join(paths[:2]), 120)}
        for n in sorted(names, key=len, reverse=True):
            for head in (n, f"{n} 等 {len(group)} 处"):
                if text.startswith(f"{head}: "):
                    text = text.removeprefix(f"{head}: ")
                    break
    return text
