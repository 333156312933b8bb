"""What a pass says of the files it took in: gathered a part at a time."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from archive_schema.evidence import CheckOutcome, Source
from archive_schema.records import FindingRecord
from archive_schema.words import Outcome, Severity
from flows import pass_findings

FILES = 40


def _sha(n: int) -> str:
    return f"{n:064x}"


def _source(n: int) -> Source:
    return Source("教育局", f"{n}.pdf", "市教育局", True, _sha(n), 1, 1, datetime(2017, 5, 4, tzinfo=UTC))


def _record(n: int) -> FindingRecord:
    outcome = CheckOutcome("OPEN", Outcome.FAIL, Severity.BLOCKING, f"{n}.pdf: 打不开", "", "", "")
    return FindingRecord(_sha(n), "judge", "1", "1", (outcome,), (), "run")


class _Index:
    """Gives what a real one gives, and counts what is asked for and what is held of it."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.alive: list[int] = []

    def sources(self, shas: Collection[str] | None = None) -> Iterator[Source]:
        if shas is not None:
            self.asked.append(len(shas))
            self.alive.append(sum(isinstance(x, FindingRecord) for x in gc.get_objects()))
        return (_source(n) for n in range(FILES) if shas is None or _sha(n) in shas)

    def findings(self, shas: Iterable[str] | None = None) -> Iterator[FindingRecord]:
        return (_record(n) for n in range(FILES))


def test_no_more_judgements_are_in_memory_than_are_looked_at_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pass_findings, "CHUNK", 8)
    index = _Index()
    o: Any = SimpleNamespace(archive=SimpleNamespace(index=index))
    gc.collect()
    before = sum(isinstance(x, FindingRecord) for x in gc.get_objects())
    todo = [SimpleNamespace(folder="教育局", path=f"{n}.pdf") for n in range(FILES)]
    found = pass_findings.of_files(o, todo)  # type: ignore[arg-type]
    assert [f.text for f in found] == [f"市教育局/{n}.pdf: 打不开" for n in range(FILES)]
    assert index.asked == [8] * 5
    assert max(index.alive) - before <= 8 + 8, "those at hand, and those before until they are replaced"


def test_what_lay_there_with_the_same_bytes_before_was_not_taken_in_however_often_it_is_touched() -> None:
    o: Any = SimpleNamespace(archive=SimpleNamespace(index=_Index()))
    todo: Any = [SimpleNamespace(folder="教育局", path=f"{n}.pdf") for n in range(3)]
    other = msgspec.structs.replace(_source(1), sha256=_sha(99))
    before = {("教育局", "0.pdf"): _source(0), ("教育局", "1.pdf"): other}
    said = [f.text for f in pass_findings.of_files(o, todo, before)]
    assert said == ["市教育局/1.pdf: 打不开", "市教育局/2.pdf: 打不开"]
