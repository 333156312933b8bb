"""What a check says, as one unit is told of it: without the archive's own business, without the name of another unit's file."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive_schema.evidence import Source
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


def without_file(text: str, unit: str, sources: Sequence[Source]) -> str:
    """A finding's text without the file that it begins with; "" when it might still name a file of another unit.

    A finding about bytes that several units sent names the files of all of them.
    """
    mine = [s for s in sources if s.unit == unit]
    for group in (sources, mine):
        many = len({s.unit for s in group}) > 1
        paths = sorted({s.path.rsplit("/", 1)[-1] for s in group}) if many else [s.path for s in group]
        names = {display(p, 120) for p in paths} | {display("、".join(paths[:2]), 120)}
        for n in sorted(names, key=len, reverse=True):
            for head in (n, f"{n} 等 {len(group)} 处"):
                if text.startswith(f"{head}: "):
                    text = text.removeprefix(f"{head}: ")
                    break
    own = {s.path for s in mine} | {s.path.rsplit("/", 1)[-1] for s in mine}
    theirs = {s.path.rsplit("/", 1)[-1] for s in sources if s.unit != unit} - own
    return "" if any(display(n, 60).rstrip("…") in text for n in theirs) else text
