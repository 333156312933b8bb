from __future__ import annotations

import json
from pathlib import Path

import msgspec

from archive_schema.catalogue import Catalogue
from archive_schema.evidence import Fact
from archive_schema.words import PlacementStatus
from classification.classifier import Classifier
from classification.idiom import mark
from classification.scorer import Query, TextScorer, weights
from classification.subject import Subject


def test_titles_of_departments_find_their_item(classifier: Classifier, titles: list[tuple[str, str, str]]) -> None:
    first = third = chosen = right = 0
    for item, unit, title in titles:
        out = classifier.classify_title(title, unit)
        ids = [c.item for c in out.candidates]
        first += ids[:1] == [item]
        third += item in ids[:3]
        chosen += out.chosen is not None
        right += out.chosen == item
    assert first >= 0.95 * len(titles)
    assert third >= 0.98 * len(titles)
    assert chosen >= 0.75 * len(titles) and right >= 0.98 * chosen


def test_a_wrong_number_is_caught_and_a_right_one_left_alone(
    classifier: Classifier, titles: list[tuple[str, str, str]]
) -> None:
    other = {item: titles[(n + len(titles) // 2) % len(titles)][0] for n, (item, _, _) in enumerate(titles)}
    alarms = caught = 0
    for item, unit, title in titles:
        for number in (item, other[item]):
            out = classifier.propose(Subject("a" * 64, unit, True, (f"{number} {title}.pdf",)))
            against = any("更像" in r for p in out.placements for r in p.reasons)
            alarms += against and number == item
            caught += against and number != item
    assert alarms <= 0.02 * len(titles)
    assert caught >= 0.85 * len(titles)


def test_the_words_that_spoke_are_named(catalogue: Catalogue) -> None:
    best = TextScorer(catalogue).rank(Query(title="包头市诚信“红黑榜”发布制度"))[0]
    assert best.item == "III18-1"
    assert any("红黑榜" in w for w in best.spoke)


def test_scores_lie_between_nothing_and_one_and_fall(catalogue: Catalogue) -> None:
    scorer = TextScorer(catalogue)
    for item in catalogue.material:
        ranked = scorer.rank(
            Query(title=item.content + item.standard, stem=item.standard, body=item.standard * 9), {item.id: 3.0}
        )
        scores = [r.score for r in ranked]
        assert scores == sorted(scores, reverse=True)
        assert all(0 < s <= 1 for s in scores)
        assert item.id in [r.item for r in ranked[:2]]


def test_general_words_alone_say_little(catalogue: Catalogue) -> None:
    for title in ("关于印发实施方案的通知", "2017年工作总结", "情况统计表", "活动现场照片", ""):
        assert all(r.score < 0.5 for r in TextScorer(catalogue).rank(Query(title=title)))


def test_general_words_alone_place_nothing(classifier: Classifier) -> None:
    for name in ("活动现场照片.jpg", "活动掠影.jpg", "活动现场.jpg", "情况统计表.xlsx", "2017年工作总结.docx"):
        out = classifier.propose(Subject("a" * 64, "", False, (name,)))
        assert out.placements == (), name
    inside = Subject("a" * 64, "", False, ("元宵猜灯谜/活动现场照片.jpg",))
    assert [p.item for p in classifier.propose(inside).placements] == ["III29-2"], "the folder says what the name does not"


def test_idle_words_place_nothing(classifier: Classifier) -> None:
    for title in ("今天天气不错", "老地方见", "你好,请问有人在吗", "新建文件夹", "最终版改3"):
        assert classifier.classify_title(title).chosen is None, title


def test_a_title_weighs_more_than_a_body(catalogue: Catalogue) -> None:
    scorer = TextScorer(catalogue)
    words = "失信被执行人曝光与执行"
    assert scorer.rank(Query(title=words))[0].score > 2 * scorer.rank(Query(body=words * 50))[0].score


def test_the_index_knows_only_the_loaded_catalogue(small: Catalogue) -> None:
    assert TextScorer(small).rank(Query(title="微型消防站巡查照片"))[0].item == "AQ3"
    assert TextScorer(small).rank(Query(title="红黑榜")) == ()


def test_no_document_of_the_state_council_that_nobody_chose_is_placed_on_its_words(
    classifier: Classifier, real_inputs: Path
) -> None:
    reviews = 0
    lines = (real_inputs / "policies.jsonl").read_text("utf-8").splitlines()
    for policy in map(json.loads, lines):
        facts = {"title": Fact(policy["title"]), "document_number": Fact(policy["number"])}
        out = classifier.propose(Subject("a" * 64, "市政府办", True, ("a.pdf",), (), "application/pdf", facts, policy["text"]))
        assert all(p.status is not PlacementStatus.AUTO for p in out.placements), policy["title"]
        reviews += bool(out.placements)
    assert lines and reviews <= len(lines) // 3


def test_a_long_text_that_touches_everything_is_left_unplaced(classifier: Classifier, real_inputs: Path) -> None:
    texts = [p.read_text("utf-8", errors="replace") for p in sorted((real_inputs / "documents").glob("*.txt"))]
    assert texts
    for text in texts:
        out = classifier.propose(Subject("a" * 64, "市文明办", True, ("下载.txt",), (), "text/plain", {}, text))
        assert out.placements == ()
        assert 0 < len(out.candidates) <= 3


def test_near_misses_are_not_placed(classifier: Classifier) -> None:
    lines = (Path(__file__).parent / "near_misses.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    placed = [title for unit, title in rows if classifier.classify_title(title, unit).chosen]
    assert len(rows) >= 70 and len(placed) <= 0.02 * len(rows)


def test_scores_are_probabilities_that_leave_room_for_nobody(catalogue: Catalogue) -> None:
    scorer = TextScorer(catalogue)
    for title in ("2017年城镇登记失业率统计表", "关于2017年财政预算执行情况的报告", "我们的节日·端午"):
        scores = [r.score for r in scorer.rank(Query(title=title), limit=50)]
        assert sum(scores) <= 1.01 and all(s < 1 for s in scores)


def test_what_the_titles_of_a_standard_showed_counts_for_that_standard_alone(catalogue: Catalogue) -> None:
    def scores(standards: dict[str, float]) -> dict[str, float]:
        weighing = msgspec.structs.replace(weights(), standards=standards)
        return {r.item: r.score for r in TextScorer(catalogue, weighing=weighing).rank(Query(title="志愿者注册登记制度"))}

    item = catalogue.by_id["III15-3"]
    plain, more = scores({}), scores({mark(item): 1.0})
    assert more[item.id] > plain[item.id] and all(more.get(i, 0.0) <= p for i, p in plain.items() if i != item.id)
    assert scores({f"{item.id}:00000000": 1.0}) == plain, "another standard under its number"


def test_papers_that_are_for_no_item_are_abstained_from(classifier: Classifier) -> None:
    for unit, title in [
        ("市委办", "关于2017年国庆节放假安排的通知"),
        ("市人社局", "2017年公务员考试录用公告"),
        ("市公安局", "警务装备采购招标公告"),
        ("市园林局", "园林绿化招标文件"),
        ("市环保局", "环境影响评价审批事项目录"),
        ("市教育局", "义务教育学校教师招聘公告"),
    ]:
        assert classifier.classify_title(title, unit).chosen is None, title
