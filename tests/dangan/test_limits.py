"""The limits of intake: the template of ``cycle.toml`` names them (and the margins), and what is over one is quarantined, told and not stored."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from archive_schema import cycle
from archive_schema.cycle import Limits, Margins
from tests.dangan.line import Line

WORD = "市文明办/III18-1 大文件.txt"


def section_of(line: Line, name: str) -> str:
    """A section that the template shows as a comment, as a city would bring it into effect."""
    text = (line.root / "cycle.toml").read_text("utf-8")
    found = re.search(rf"^# \[{name}\]\n(# \w+ = .*\n)+", text, re.MULTILINE)
    assert found, name
    return re.sub("^# ", "", found[0], flags=re.MULTILINE)


@pytest.mark.parametrize(("name", "default"), [("limits", Limits()), ("margins", Margins())])
def test_what_the_template_shows_is_what_is_in_force(empty: Callable[..., Line], name: str, default: Limits | Margins) -> None:
    line = empty()
    shown = section_of(line, name)
    text = (line.root / "cycle.toml").read_text("utf-8")
    assert getattr(cycle.parse(f"{text}\n{shown}")[1], name) == default
    assert set(re.findall(r"^(\w+) =", shown, re.MULTILINE)) <= set(default.__struct_fields__)


@pytest.mark.parametrize("over", [0, 1])
def test_a_file_over_the_limit_is_quarantined_and_not_stored(empty: Callable[..., Line], over: int) -> None:
    line = empty()
    with (line.root / "cycle.toml").open("a", encoding="utf-8") as f:
        f.write("\n[limits]\nfile_bytes = 3000\n")
    (line.inbox / WORD).write_bytes(b"x" * (3000 + over))
    told = line("ingest", "--no-validation", "--format", "json")
    assert (told.json["found"], told.json["quarantined"], told.json["new"]) == (1, over, 1 - over)
    assert ("超过上限 3000 字节" in told.err and "拆分" in told.err) is bool(over)
    assert len(line.manifest()) == 1 - over
    held = [p for p in (line.root / "store" / "objects").rglob("*") if p.is_file() and p.stat().st_size >= 3000]
    assert len([p for p in held if p.read_bytes().strip(b"x") == b""]) == 1 - over
