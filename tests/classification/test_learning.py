from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from archive_schema.catalogue import Catalogue
from archive_schema.cycle import Margins
from archive_schema.decisions import Decision
from archive_schema.evidence import Placement
from archive_schema.units import UnitTable
from archive_schema.words import DecisionAction as Act
from archive_schema.words import EvidenceKind as K
from archive_schema.words import PlacementMethod, PlacementStatus
from classification import learning
from classification.classifier import Classifier
from classification.learning import Placed
from classification.subject import Subject

MOVED = "银杏里弄夜话会第三期小结"
SIBLING = "银杏里弄夜话会第四期小结"
OTHER = "防汛物资储备情况说明"


def confirmed(sha: str, item: str, status: PlacementStatus = PlacementStatus.CONFIRMED, decision: str = "d1") -> Placement:
    return Placement(sha * 64, "市民政局", item, K.REPORT, PlacementMethod.DECISION, None, status, (), decision)


def move(sha: str, item: str, n: int = 1, unit: str = "") -> Decision:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return Decision(f"d{n}", Act.MOVE, "王某", at, "改归", sha256=sha * 64, unit=unit, item=item, kind=K.REPORT)


def file(sha: str, title: str, unit: str = "市民政局", **more: object) -> Placed:
    return Placed(sha * 64, unit, title, **more)  # type: ignore[arg-type]


def test_only_what_people_confirmed_teaches(catalogue: Catalogue) -> None:
    titles = {(s * 64, "市民政局"): t for s, t in (("a", MOVED), ("b", OTHER), ("c", SIBLING), ("d", MOVED))}
    held = [
        confirmed("a", "III41-2"),
        confirmed("b", "III74-1", PlacementStatus.AUTO, ""),
        confirmed("c", "III41-2", PlacementStatus.REJECTED),
        confirmed("d", "III99-9"),
    ]
    assert learning.examples(held, titles, catalogue) == {"III41-2": (MOVED,)}


@given(st.permutations(range(6)))
def test_examples_do_not_depend_on_the_order_of_the_decisions(catalogue: Catalogue, order: list[int]) -> None:
    held = [confirmed("abcdef"[n], ("III41-2", "III2-1")[n % 2], decision=f"d{n}") for n in range(6)]
    titles = {("abcdef"[n] * 64, "市民政局"): f"{MOVED}{'甲乙丙丁戊己'[n]}" for n in range(6)}
    assert learning.examples([held[n] for n in order], titles, catalogue) == learning.examples(held, titles, catalogue)


def test_an_example_makes_its_like_known_and_the_reason_says_so(catalogue: Catalogue, units: UnitTable) -> None:
    fresh = Classifier(catalogue, units, Margins())
    taught = Classifier(catalogue, units, Margins(), {"III41-2": [MOVED]})
    assert fresh.classify_title(SIBLING).chosen is None
    assert taught.classify_title(SIBLING).chosen == "III41-2"
    out = taught.propose(Subject("a" * 64, "市民政局", True, (f"{SIBLING}.docx",)))
    assert any("已确认归入 III41-2" in r and MOVED in r for p in out.placements for r in p.reasons)
    assert taught.classify_title("2017年城镇登记失业率统计表").chosen == "III69-1"


def test_the_version_names_what_was_learned_whatever_its_order(catalogue: Catalogue, units: UnitTable) -> None:
    def version(*titles: str) -> str:
        return Classifier(catalogue, units, Margins(), {"III41-2": list(titles)} if titles else None).version

    assert version(MOVED, SIBLING) == version(SIBLING, MOVED, MOVED)
    assert len({version(), version(MOVED), version(MOVED, SIBLING)}) == 3


def test_a_move_is_offered_to_siblings_of_the_same_unit_only(catalogue: Catalogue) -> None:
    files = [
        file("a", MOVED, items=("III41-2",), decided=True),
        file("b", SIBLING, items=("III85-2",)),
        file("c", SIBLING, unit="市司法局"),
        file("d", OTHER),
        file("e", SIBLING, decided=True),
        file("f", SIBLING, items=("III41-2",)),
    ]
    (s,) = learning.siblings([move("a", "III41-2")], files, catalogue)
    assert (s.sha256[0], s.item, s.kind, s.like, s.by) == ("b", "III41-2", K.REPORT, MOVED, "王某")
    assert s.likeness >= learning.ALIKE


def test_a_move_of_one_units_delivery_is_no_example_for_the_others(catalogue: Catalogue) -> None:
    files = [file("a", MOVED), *(file(s, t, "市司法局") for s, t in (("a", MOVED), ("b", SIBLING)))]
    assert [s.unit for s in learning.siblings([move("a", "III41-2")], files, catalogue)] == ["市司法局"]
    assert learning.siblings([move("a", "III41-2", unit="市民政局")], files, catalogue) == ()


def test_of_two_moves_the_one_of_the_nearer_title_is_offered(catalogue: Catalogue) -> None:
    files = [file("a", f"{MOVED}汇编", items=("III41-2",)), file("b", MOVED, items=("III2-1",)), file("c", SIBLING)]
    for moves in ([move("a", "III41-2"), move("b", "III2-1", 2)], [move("b", "III2-1"), move("a", "III41-2", 2)]):
        assert [s.item for s in learning.siblings(moves, files, catalogue) if s.sha256[0] == "c"] == ["III2-1"]


def test_a_move_to_an_item_that_is_gone_is_offered_to_nobody(small: Catalogue) -> None:
    assert learning.siblings([move("a", "III41-2")], [file("a", MOVED), file("b", SIBLING)], small) == ()


def test_an_undone_move_is_offered_to_nobody(catalogue: Catalogue) -> None:
    d = move("a", "III41-2")
    undo = Decision("d2", Act.UNDO, "王某", d.at, "撤销", decision="d1")
    files = [file("a", MOVED), file("b", SIBLING)]
    assert learning.siblings([d], files, catalogue)
    assert learning.siblings([d, undo], files, catalogue) == ()


def test_titles_that_differ_in_numbers_alone_are_alike() -> None:
    assert learning.likeness("2017年第1期道德讲堂简报", "2016年第12期道德讲堂简报") == 1.0
    assert learning.likeness(MOVED, OTHER) == 0.0
    assert learning.likeness("2017年", "") == 0.0
