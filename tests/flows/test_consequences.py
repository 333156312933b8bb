"""What follows from new files and decisions, where one file is several things at once or was decided on more than once."""

from __future__ import annotations

import shutil
from datetime import date

import pytest

from archive_schema.decisions import Decision
from archive_schema.words import DecisionAction
from flows.consequences import _superseded
from tests.flows.house import NOW, House, document, photo

ONE, OTHER = "市文明办", "市教育局"


def superseded_by(decision: str, by: str, unit: str = "") -> Decision:
    return Decision(decision, DecisionAction.SUPERSEDE, "张三", NOW, "换", sha256="old", by_sha256=by, unit=unit)


@pytest.mark.parametrize(
    ("acts", "by"),
    [
        ([("1", "new")], "new"),
        ([("1", "wrong"), ("2", "new")], "new"),
        ([("2", "wrong"), ("1", "new")], "new"),  # the order of the series counts, no id
        ([("1", "new", ONE)], None),
        ([("1", "new", ONE), ("2", "new", OTHER)], "new"),
        ([("1", "new", ONE), ("2", "another", OTHER)], None),
        ([("1", "new"), ("2", "another", OTHER)], None),
        ([("1", "another", OTHER), ("2", "new")], "new"),
        ([("1", "wrong", ONE), ("2", "new", OTHER), ("3", "new", ONE)], "new"),
    ],
)
def test_the_last_word_on_what_replaces_a_delivery_holds(acts: list[tuple[str, ...]], by: str | None) -> None:
    found = _superseded([superseded_by(*a) for a in acts], [ONE, OTHER])
    assert found == (by, acts[-1][0] if by else "")


def codes(house: House, place: str) -> set[str]:
    line = house.manifest()[place]
    return {f.code for f in line.findings} | set(line.unchecked)


def test_what_is_a_text_beside_a_picture_here_and_a_document_there_is_judged(new_workspace) -> None:
    house = new_workspace()
    name = "Ⅲ18-1 红黑榜.txt"
    document(house.inbox / ONE / name, number="示文明办发〔2019〕1号", issued_on=date(2019, 3, 5))
    house.ingest(ocr="off")
    before = codes(house, f"{ONE}/{name}")
    assert before
    shutil.copy(house.inbox / ONE / name, house.inbox / OTHER / name)
    photo(house.inbox / OTHER / name.replace("txt", "jpg"))
    house.ingest(ocr="off")
    assert before <= codes(house, f"{ONE}/{name}")
    photo(house.inbox / ONE / name.replace("txt", "jpg"), seed="b")
    house.ingest(ocr="off")
    assert codes(house, f"{ONE}/{name}") == set(), "now it says something of pictures, and is asked nothing"
