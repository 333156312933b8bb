"""What a model adds to the words, and that without one nothing is other than before."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive_schema.catalogue import Catalogue
from archive_schema.cycle import Margins
from archive_schema.errors import UnavailableError
from archive_schema.evidence import Fact, FormRow
from archive_schema.units import UnitTable
from archive_schema.words import EvidenceKind, PlacementStatus
from classification.classifier import Classifier
from classification.embedding import WEIGHT, Embedder, Embedding, open_embedder
from classification.endpoint import Endpoint
from classification.knowledge import known
from classification.scorer import Features, Measured, Ranked
from classification.semantics import (
    BESIDES,
    LONGEST,
    REACH,
    Near,
    Semantics,
    called,
    item_texts,
    spoken,
    told,
    unmarked,
    widened,
)
from classification.subject import Subject
from classification.vectors import Vector, comparable
from tests.classification import models
from tests.classification.conftest import build_small

TITLE = "关于印发诚信红黑榜发布制度的通知"
#: "means" 电视台开设学习专栏 in the model below, and has no character in common with it
PARAPHRASE = "甲乙丙丁戊己庚辛壬"
MEANT = "电视台开设学习专栏"


class Made:
    """An embedder in this process that counts what it is asked."""

    name, place, exact = "made", "此处", True

    def __init__(self, table: models.Table | None = None, digest: str = "d", fails_after: int | None = None) -> None:
        self.digest = digest
        self.asked: list[str] = []
        self._table = table or {}
        self._left = fails_after

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        if self._left is not None and len(self.asked) >= self._left:
            raise UnavailableError("gone", zh="没有应答", hint="请查看")
        self.asked += texts
        rows = [np.mean([self._table.get(c, models.of_character(c)) for c in t], axis=0) for t in texts]
        return comparable(rows, len(texts))


@pytest.fixture(scope="module")
def synonyms() -> dict[str, np.ndarray]:  # type: ignore[type-arg]
    return models.synonyms((MEANT, PARAPHRASE))


def silent(measured: Measured, item: str) -> Features:
    return Features(0.0, 0.0, 0.0)


def semantics(e: Embedder, catalogue: Catalogue, weight: float = WEIGHT, kept: Path | None = None) -> Semantics:
    return Semantics(lambda: e, catalogue, weight, kept)


def subject(title: str, **more: object) -> Subject:
    fields = {"sha256": "a" * 64, "unit": "", "unit_known": False, "paths": (f"{title}.txt",)} | more
    return Subject(**fields)  # type: ignore[arg-type]


def scores(c: Classifier, title: str) -> dict[str, float]:
    return {x.item: x.score or 0.0 for x in c.classify_title(title).candidates}


# ---- nothing without it


def test_without_a_model_nothing_bears_a_mark_or_a_nearness(classifier: Classifier) -> None:
    assert classifier.semantics is None
    p = classifier.propose(subject(TITLE))
    assert p.classifier == classifier.version == unmarked(p.classifier)
    assert not any("语义" in r for x in (*p.placements, *p.candidates) for r in x.reasons)
    ranked = Ranked("III1-1", 0.5, ("词",))
    measured = Measured((), Features(0, 0, 0), "", 0.0, 1.0)
    assert told([ranked], {}) == (ranked,) and widened(measured, {}, silent) is measured


def test_a_model_that_fails_leaves_what_the_words_say(
    catalogue: Catalogue, units: UnitTable, classifier: Classifier, titles: list[tuple[str, str, str]]
) -> None:
    down = semantics(Made(fails_after=0), catalogue)
    asked = Classifier(catalogue, units, Margins(), semantics=down)
    for item, unit, title in titles[::20]:
        s = subject(title, unit=unit, unit_known=True)
        assert asked.propose(s) == classifier.propose(s), item
        assert asked.classify_title(title, unit) == classifier.classify_title(title, unit)
    assert down.fault is not None and down.fault.zh == "没有应答"


def test_a_model_that_cannot_be_opened_or_breaks_costs_nothing(
    catalogue: Catalogue, units: UnitTable, classifier: Classifier
) -> None:
    def none() -> Embedder:
        raise UnavailableError("x", zh="没有")

    def breaks() -> Embedder:
        raise RuntimeError("a defect of ours or of a library")

    for opens in (none, breaks):
        s = Semantics(opens, catalogue, WEIGHT)
        assert s.mark == "" and s.place == "" and not s.ready() and s.near(TITLE) is None and s.fault is not None
        assert Classifier(catalogue, units, Margins(), semantics=s).propose(subject(TITLE)) == classifier.propose(
            subject(TITLE)
        )


def test_one_failure_is_enough_for_a_run(catalogue: Catalogue, units: UnitTable) -> None:
    texts = len(item_texts(catalogue))
    e = Made(fails_after=texts + 1)
    c = Classifier(catalogue, units, Margins(), semantics=semantics(e, catalogue))
    first, second, again = (c.propose(subject(t)).classifier for t in (TITLE, "垃圾分类", TITLE))
    assert first == again != c.version and second == c.version
    assert len(e.asked) == texts + 1, "what was answered is remembered, what failed is not asked again"


# ---- what it adds


def test_a_paraphrase_without_a_common_word_finds_its_item_but_a_person_decides(
    catalogue: Catalogue, units: UnitTable, classifier: Classifier, synonyms: models.Table
) -> None:
    [item] = {i for i, t in item_texts(catalogue) if t == MEANT}
    assert item not in scores(classifier, PARAPHRASE)
    loud = Classifier(catalogue, units, Margins(auto=0.3, lead=0.0), semantics=semantics(Made(synonyms), catalogue, 2.0))
    out = loud.classify_title(PARAPHRASE)
    assert out.candidates[0].item == item and out.candidates[0].reasons == ["语义相近 1.00"]
    assert (out.candidates[0].score or 0) >= 0.3 and out.chosen is None
    [p] = loud.propose(subject(PARAPHRASE)).placements
    assert p.item == item and p.status is PlacementStatus.IN_REVIEW and "只凭语义相近, 没有一个词语相合" in p.reasons


def test_what_is_near_in_meaning_scores_higher_the_more_weight_the_model_has(
    catalogue: Catalogue, units: UnitTable, classifier: Classifier, synonyms: models.Table
) -> None:
    title = f"{PARAPHRASE}报道"
    [item] = {i for i, t in item_texts(catalogue) if t == MEANT}
    row = [scores(classifier, title).get(item, 0.0)]
    for weight in (0.25, 0.5, 1.0, 2.0):
        c = Classifier(catalogue, units, Margins(), semantics=semantics(Made(synonyms), catalogue, weight))
        row.append(scores(c, title).get(item, 0.0))
    assert row[1:] == sorted(row[1:]) and row[-1] > row[0] + 0.1


def test_far_in_meaning_tells_against_an_item(catalogue: Catalogue, units: UnitTable, classifier: Classifier) -> None:
    class Contrary(Made):
        """Takes a title for the contrary of what it says."""

        def embed(self, texts: Sequence[str]) -> list[Vector]:
            return [-v if len(texts) == 1 else v for v in super().embed(texts)]

    c = Classifier(catalogue, units, Margins(), semantics=semantics(Contrary(), catalogue, 1.0))
    # where a good part of the probability is somebody else's
    words = (w for t in catalogue.terms for w in t.related)
    open_ = itertools.islice((w for w in words if 0.3 < max(scores(classifier, w).values(), default=0.0) < 0.8), 5)
    for title in list(open_) or ["none"]:
        best, before = max(scores(classifier, title).items(), key=lambda s: s[1])
        assert scores(c, title).get(best, 0.0) < before


_SMALL = build_small()
_TWO = [semantics(Made(), _SMALL, 0.7) for _ in range(2)]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_nearness_is_bounded_and_the_same_every_time(title: str) -> None:
    near, again = (s.near(title) for s in _TWO)
    assert near is not None and near == again
    assert set(near) == ({i.id for i in _SMALL.items} if spoken(title) else set())
    for n in near.values():
        assert -1.001 <= n.cosine <= 1.001 and abs(n.spreads) <= REACH and abs(n.odds) <= 2 * REACH * 0.7 + 1e-9


def test_a_model_that_is_hardly_heard_changes_hardly_anything(
    catalogue: Catalogue, units: UnitTable, classifier: Classifier, titles: list[tuple[str, str, str]]
) -> None:
    """What is near in meaning and no word speaks for is looked at, and has nothing but the nearness for it: neither words nor wording."""
    whisper = Classifier(catalogue, units, Margins(), semantics=semantics(Made(), catalogue, 0.001))
    looked_at = 0
    for _, _, title in titles[::4]:
        before, after = scores(classifier, title), scores(whisper, title)
        looked_at += len(whisper.semantics.near(title) or ()) if whisper.semantics else 0
        for item in before.keys() & after.keys():
            assert abs(before[item] - after[item]) < 0.02, (title, item)
        assert max(before, key=before.__getitem__, default="") == max(after, key=after.__getitem__, default=""), title
    assert looked_at


def test_at_most_a_few_silent_items_are_looked_at_the_nearest_first() -> None:
    near = {f"III{n}-1": Near(0.5, n / 2, 0.1) for n in range(1, 12)}
    measured = Measured((("III11-1", Features(1, 1, 1), ("词",)),), Features(0, 0, 0), "", 0.0, 1.0)
    found = [item for item, _, _ in widened(measured, near, silent).items]
    assert found == ["III11-1", "III10-1", "III9-1", "III8-1", "III7-1", "III6-1"] and len(found) == 1 + BESIDES
    assert [r.near for r in told([Ranked("III2-1", 0.5, ()), Ranked("III4-1", 0.5, ())], near)] == [None, 0.5]


def test_asking_many_at_once_gives_what_asking_one_by_one_gives(catalogue: Catalogue) -> None:
    titles = [TITLE, "垃圾分类实施方案", TITLE, "", "  "]
    with models.service(models.by_characters()) as s:
        once, single = (semantics(Endpoint(s.url, "m"), catalogue) for _ in range(2))
        assert once.ready()
        before = len(s.asked)
        once.expect(titles)
        assert len(s.asked) == before + 1 and s.asked[-1]["input"] == sorted(set(titles[:2]))
        many = [once.near(t) for t in titles]
        assert len(s.asked) == before + 1
        assert [single.near(t) for t in titles] == many


def test_a_folder_and_a_service_with_one_model_classify_alike(catalogue: Catalogue, units: UnitTable, tmp_path: Path) -> None:
    folder = models.model_folder(tmp_path / "m", models.characters(catalogue, [TITLE]))
    with models.service(models.by_characters()) as s:
        outs = []
        for wanted in (Embedding(folder="m"), Embedding(endpoint=s.url, model="m")):
            e = open_embedder(wanted, folder.parent, {})
            c = Classifier(catalogue, units, Margins(), semantics=semantics(e, catalogue))
            outs.append([c.classify_title(t).chosen for t in (TITLE, "垃圾分类实施方案", "学雷锋志愿服务活动照片")])
        assert outs[0] == outs[1] and any(outs[0])


# ---- what is asked


def test_only_the_title_is_told_and_no_number_of_a_person() -> None:
    assert spoken("表彰350102199001011234张三 手机138 0013 8000的决定(2026年)") == "表彰 张三 手机 的决定(2026年)"
    assert len(spoken("文" * 500)) == LONGEST
    fact = {"title": Fact("《办法》的通知"), "caption": Fact("揭幕")}
    row = FormRow(file="Ⅲ13-3 好人榜.jpg", title="表上的名称")
    path = ("市文明办/道德模范/Ⅲ13-3 好人榜.jpg",)
    assert called(fact, [row], path) == "《办法》的通知"
    assert called({"caption": fact["caption"]}, [row], path) == "表上的名称"
    assert called({"caption": fact["caption"]}, [], path) == "揭幕"
    assert "好人榜" in called({}, [], path) and "市文明办" not in called({}, [], path)
    assert called(fact | {"secrecy": Fact("机密")}, [row], path) == ""


def test_no_text_of_a_document_is_told(catalogue: Catalogue, units: UnitTable) -> None:
    with models.service(models.by_characters()) as s:
        c = Classifier(catalogue, units, Margins(), semantics=semantics(Endpoint(s.url, "m"), catalogue))
        c.propose(subject(TITLE, text="正文里的一句话" * 40, facts={"addressee": Fact("市直各单位"), "signer": Fact("张三")}))
        c.propose(subject("机密件", facts={"secrecy": Fact("机密")}))
        own = {t for _, t in item_texts(catalogue)}
        assert [t for t in s.texts if t not in own] == [TITLE]


def test_items_are_known_by_standard_content_and_typical_names(catalogue: Catalogue) -> None:
    texts = item_texts(catalogue)
    assert {i for i, _ in texts} == {"", *(i.id for i in catalogue.items)} and len(set(texts)) == len(texts)
    assert [i for i, _ in texts if not i] == [i for i, _ in texts][-sum(not i for i, _ in texts) :], "nobody's are the last"
    names = {k.item: k.names for k in known(catalogue)}
    for i in catalogue.items[:20]:
        assert {spoken(i.standard), spoken(i.content), *map(spoken, names[i.id])} == {t for x, t in texts if x == i.id}
    less = [msgspec.structs.replace(k, names=()) for k in known(catalogue)]
    assert not any(t in texts for t in item_texts(catalogue, less) if not t[0])


def test_what_is_near_to_nobodys_titles_is_less_likely_any_items(catalogue: Catalogue) -> None:
    everything = list(known(catalogue))
    title = "乡镇卫生院招聘公告"
    last = msgspec.structs.replace(everything[-1], names=(title,))
    without, with_ = (
        Semantics(lambda: Made(), catalogue, 1.0, everything=[*everything[:-1], *more]).near(title) for more in ((), (last,))
    )
    assert without is not None and with_ is not None and "" not in with_
    off = {round(without[i].odds - with_[i].odds, 6) for i in with_}
    assert off == {REACH} and all(with_[i][:2] == without[i][:2] for i in with_)


# ---- what is kept


def test_vectors_of_the_items_are_kept_by_model_and_catalogue(small: Catalogue, catalogue: Catalogue, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    first, second = Made(), Made()
    assert semantics(first, small, kept=kept).ready() and len(first.asked) == len(item_texts(small))
    again = semantics(second, small, kept=kept)
    assert again.ready() and second.asked == []
    assert again.near(TITLE) == semantics(Made(), small).near(TITLE)
    [file] = kept.iterdir()
    for other, whose in ((Made(digest="e"), small), (Made(digest="e"), catalogue)):
        assert semantics(other, whose, kept=kept).ready() and other.asked
    [last] = kept.iterdir()
    assert last != file, "those of another model or catalogue are not piled up"


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY half", None])
def test_what_was_kept_and_cannot_be_read_is_made_again(small: Catalogue, tmp_path: Path, damage: bytes | None) -> None:
    assert semantics(Made(), small, kept=tmp_path).ready()
    [file] = tmp_path.iterdir()
    whole = file.read_bytes()
    if damage is None:
        np.save(file, np.full((len(item_texts(small)), 3), np.nan, np.float32))
    else:
        file.write_bytes(damage)
    e = Made()
    assert semantics(e, small, kept=tmp_path).ready() and e.asked and file.read_bytes() == whole


def test_where_nothing_can_be_kept_it_works_all_the_same(small: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert semantics(Made(), small, kept=tmp_path / "file").ready()


def test_another_model_under_the_same_name_is_noticed(small: Catalogue, tmp_path: Path) -> None:
    with models.service(models.by_characters()) as s:
        assert semantics(Endpoint(s.url, "m"), small, kept=tmp_path).ready()
    others: Mapping[str, object] = {c: models.of_character(f"other {c}") for _, t in item_texts(small) for c in t}
    with models.service(models.by_characters(others)) as s:  # type: ignore[arg-type]
        changed = semantics(Endpoint(s.url, "m"), small, kept=tmp_path)
        assert not changed.ready() and changed.fault is not None
        assert changed.fault.code == "embedding.changed" and "version" in changed.fault.hint
        assert semantics(Endpoint(s.url, "m", "2"), small, kept=tmp_path).ready()


def test_a_dimension_that_changes_on_the_way_is_a_failure(small: Catalogue) -> None:
    wide, narrow = models.by_characters(), models.by_characters(dimension=8)
    with models.service(lambda asked, before: (narrow if asked["input"] == [TITLE] else wide)(asked, before)) as s:
        it = semantics(Endpoint(s.url, "m"), small)
        assert it.ready() and it.near(TITLE) is None and it.fault is not None and "维数" in it.fault.zh


def test_a_title_in_which_the_model_sees_nothing_is_near_to_nothing(small: Catalogue) -> None:
    class Blind(Made):
        def embed(self, texts: Sequence[str]) -> list[Vector]:
            return [v * 0 if len(texts) == 1 else v for v in super().embed(texts)]

    near = semantics(Blind(), small).near(TITLE)
    assert near is not None and {n.cosine for n in near.values()} == {0.0}


def test_a_model_that_sees_no_difference_is_refused(small: Catalogue) -> None:
    same = {c: np.ones(4, np.float32) for _, t in item_texts(small) for c in t}
    it = semantics(Made(same), small)
    assert not it.ready() and it.fault is not None and "同样的向量" in it.fault.zh


# ---- its mark


def test_the_mark_says_model_and_weight(small: Catalogue) -> None:
    def mark(digest: str = "d", weight: float = 0.5, name: str = "made") -> str:
        e = Made(digest=digest)
        e.name = name  # type: ignore[misc]
        return semantics(e, small, weight).mark

    assert len({mark(), mark("e"), mark(weight=0.6)}) == 3 and mark().startswith("~made@")
    odd = mark(name="a/b+c~d 模型" * 20)
    assert "+" not in odd and odd.count("~") == 1 and "/" not in odd and len(odd) < 60
    assert unmarked(f"terms@3/abc{odd}+12345678") == "terms@3/abc" == unmarked("terms@3/abc")


def test_a_proposal_says_whether_the_model_had_a_part(catalogue: Catalogue, units: UnitTable, classifier: Classifier) -> None:
    s = semantics(Made(), catalogue)
    c = Classifier(catalogue, units, Margins(), semantics=s)
    assert c.version == classifier.version
    for title in (TITLE, ""):
        assert c.propose(subject(title)).classifier == c.version + s.mark
    p = c.propose(subject(TITLE))
    assert (
        p
        == c.propose(subject(TITLE))
        == Classifier(catalogue, units, Margins(), semantics=semantics(Made(), catalogue)).propose(subject(TITLE))
    )
    assert msgspec.json.decode(msgspec.json.encode(p), type=type(p)) == p
    assert any(r.startswith("语义相近 ") for r in p.placements[0].reasons) and p.placements[0].kind is EvidenceKind.DOCUMENT
