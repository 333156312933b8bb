"""The words themselves: sorting, folding, decisions in force, records that survive their encoding, schemas that do not drift."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive_schema import canonical, schemas
from archive_schema.decisions import Decision, in_force
from archive_schema.records import DecisionRecord, decode_record
from archive_schema.text import brackets, display, fold, natural_key, squeeze, zeros
from archive_schema.words import CellState, DecisionAction

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def decision(n: int, *, undoes: int | None = None) -> Decision:
    action = DecisionAction.ACCEPT if undoes is None else DecisionAction.UNDO
    return Decision(id=f"d{n}", action=action, by="张三", at=NOW, reason="r", decision="" if undoes is None else f"d{undoes}")


def test_natural_order_puts_2_before_10() -> None:
    assert sorted(["Ⅲ10", "Ⅲ2", "Ⅲ1"], key=natural_key) == ["Ⅲ1", "Ⅲ2", "Ⅲ10"]


@given(st.lists(st.text("Ⅲ-0123456789ab文", max_size=8)))
def test_any_two_texts_can_be_sorted(texts: list[str]) -> None:
    sorted(texts, key=natural_key)


@pytest.mark.parametrize("typed", ["Ⅲ１８－１", "III18-1", "iii 18—1", "Ⅲ18–1", "Ⅲ18\u200b-1"])
def test_spellings_of_one_number_fold_to_one(typed: str) -> None:
    assert squeeze(typed) == "iii18-1"


def test_brackets_and_zeros_of_documents_are_normalised_in_one_place() -> None:
    assert brackets("国发［2019］4号 【2019】") == "国发〔2019〕4号 〔2019〕"
    assert zeros("二○一七 二◯一七 二零一七") == "二〇一七 二〇一七 二〇一七"


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert squeeze(squeeze(text)) == squeeze(text)
    assert fold(fold(text)) == fold(text)


@given(st.text(st.one_of(st.characters(max_codepoint=0x370), st.characters(exclude_categories=["Cs"])), max_size=8))
@example("中H\u0331")  # composes only as a small letter
def test_folding_is_complete_whatever_is_passed_over(text: str) -> None:
    assert unicodedata.normalize("NFKC", fold(text).lower()) == fold(text)


@given(
    st.lists(
        st.one_of(
            st.sampled_from([*"，。：（）１Ａ…　－–·一关文abc-", "H\u0331", "e\u0301", "ﬁ", "㎡"]),
            st.characters(exclude_categories=["Cs"]),
        )
    )
)
@example(["\u0301"])  # composes with what stands before it
@example(["\uff21\u0301"])
@example(["e\u0301"])
@example(["\u3099"])
def test_a_long_text_folds_as_its_short_pieces_do(drawn: list[str]) -> None:
    """Of a long text only what may change is normalised: the same as all of it."""
    text = "".join(drawn)
    for filler in ("关于开展工作的通知，", "ｗｉｄｅ（１）：…", "か"):
        long = f"{filler * 30}{text}{filler * 30}"
        assert fold(long) == plainly_folded(long)


def plainly_folded(text: str) -> str:
    """NFKC of the whole, before and after lower case."""
    seen = re.sub("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]", "", text)
    dashed = re.sub("[‐‑‒–—―−－─━﹣ー]", "-", unicodedata.normalize("NFKC", seen))
    return unicodedata.normalize("NFKC", dashed.lower())


def test_what_is_shown_holds_no_control_or_direction_characters() -> None:
    assert "\u202e" not in display("a\u202egpj.exe\x1b[31m")
    assert display("一二三四五", 3) == "一二…"


def test_an_undone_decision_no_longer_holds_and_an_undone_undo_brings_it_back() -> None:
    first, undo = decision(1), decision(2, undoes=1)
    assert in_force([first, undo]) == []
    assert in_force([first, undo, decision(3, undoes=2)]) == [first]


def test_states_are_told_by_sign_as_well_as_by_colour() -> None:
    assert len({s.sign for s in CellState}) == len(CellState)
    assert len({s.zh for s in CellState}) == len(CellState)


@given(st.dictionaries(st.text(max_size=5), st.integers()))
def test_canonical_json_does_not_depend_on_insertion_order(d: dict[str, int]) -> None:
    assert canonical.encode(d) == canonical.encode(dict(reversed(d.items())))


def test_a_record_survives_its_encoding() -> None:
    record = DecisionRecord(decision=decision(1), run="r")
    assert decode_record(canonical.encode(record)) == record


@pytest.mark.parametrize("name", list(schemas.OUTPUTS))
def test_the_schema_on_disk_is_the_one_generated(name: str) -> None:
    on_disk = (schemas.FOLDER / f"{name}.schema.json").read_text("utf-8")
    assert on_disk == schemas.generate()[name], "run: make schemas"


def test_no_schema_is_left_over() -> None:
    assert {p.name for p in schemas.FOLDER.iterdir()} == {f"{n}.schema.json" for n in schemas.OUTPUTS}
