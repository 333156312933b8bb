"""One proposal per evidence and unit: form, then number, then words; unit and kind are weighed with the words.

Law 8: form and number are strong evidence, not proof. A placement from them is ``in_review``, with the reason for it and
the reason against it, when

- the words or the kind speak for another item by more than ``margins.against`` (and with ``margins.floor`` at least): all words
  together, or those alone that were read in the file,
- the item does not ask for the kind, or the kind is unknown or differs from the one the form names,
- the number may be (part of) a date, was typed without its section and no word supports it,
- form and number, file name and folder, or two numbers of one name disagree,
- a number was typed that the catalogue does not have.

An item that is not under material review gets no placement: it is named among the candidates, so that the file shows as
unplaced. A date with year, month and day (2017-8-1) is no number at all. Forms and numbers have no measured score: null.

**Kind of a placement.** A placement stands in a cell (item, kind) that the item asks for, since coverage knows no other.
When the kind found is not asked for, the placement is put in review on the nearest kind that is (``NEAREST``), with the
reason saying so; a person moves or confirms it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import msgspec

from archive_schema import canonical
from archive_schema.catalogue import Catalogue, rows
from archive_schema.cycle import Margins
from archive_schema.evidence import Candidate, KindGuess, Placement, Proposal
from archive_schema.media import of_type
from archive_schema.outputs import ClassifyCandidate, ClassifyKind, ClassifyOutput
from archive_schema.text import display, natural_key, squeeze
from archive_schema.units import UnitTable
from archive_schema.words import EvidenceKind as K
from archive_schema.words import PlacementMethod, PlacementStatus
from classification.doubts import floored, of_the_words, superior
from classification.kinds import guess_kind
from classification.knowledge import asked_beside
from classification.learning import ALIKE, likeness
from classification.named import Named, Names, from_title, named, parts
from classification.ranking import TOO_SHORT, Ranking, spoke
from classification.scorer import Query, Ranked, TextScorer, tells
from classification.semantics import NOTHING, Near, Semantics, asked, called, marked, told, widened
from classification.subject import Subject, query, read, said, titles

RULES = "terms@12"  # raise with any change that can change a proposal, the data of this room included
CANDIDATES = 3
LEAST = 0.01  # below it an item is not even a guess
BESIDE = 0.3  # share of a title that another item explains, from which the title is asked whether it is for two
HALF = 0.1  # score from which a second item may be what half of a title speaks of
NOBODY_SAID = 0.15  # least probability of "nobody's" for a reason that names the subject
KIND_SURE = 0.5  # least score of a kind guess for an automatic placement
KIND_KNOWN, BY_FORMAT = 0.9, 3.0  # a kind known by its format speaks so many times as loud as one told by a title
KIND_CLEAR = 0.7  # from here the kind of a bare title keeps it from an item that does not ask for it
KIND_AGAINST = 0.8  # from here the machine's kind is held against the form's

#: the other kinds by nearness, for a kind that the item does not ask for
NEAREST: dict[K, tuple[K, ...]] = {
    K.DOCUMENT: (K.REPORT, K.TABLE, K.PHOTO),
    K.REPORT: (K.DOCUMENT, K.TABLE, K.PHOTO),
    K.TABLE: (K.REPORT, K.DOCUMENT, K.PHOTO),
    K.PHOTO: (K.REPORT, K.TABLE, K.DOCUMENT),
}
_FAMILY: dict[str, tuple[K, ...]] = {
    "picture": (K.PHOTO, *NEAREST[K.PHOTO]),
    "table": (K.TABLE, *NEAREST[K.TABLE]),
}


#: by version, the last used last: a version says everything that a scorer is made of
_SCORERS: dict[str, TextScorer] = {}
_KEPT = 4


class Classifier:
    """Built once for a catalogue, a units table, margins and examples (item → titles that people placed there); holds
    nothing of any file. ``scorer`` only where another than that of the catalogue and the examples is to be measured.
    ``semantics``: an embedding model that is asked besides; a proposal it had a part in bears its ``mark`` behind the version."""

    def __init__(
        self,
        catalogue: Catalogue,
        units: UnitTable,
        margins: Margins,
        examples: Mapping[str, Sequence[str]] | None = None,
        scorer: TextScorer | None = None,
        semantics: Semantics | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.units = units
        self.margins = margins
        self.semantics = semantics
        learned = {item: sorted(set(titles)) for item, titles in sorted((examples or {}).items())}
        self._examples = learned
        self._given = scorer
        digest = canonical.digest(
            [catalogue.head.id, catalogue.head.id_pattern, *rows(catalogue), catalogue.terms, *([learned] if learned else [])]
        )
        #: rules and catalogue that proposals come from; margins and units are recorded on their own
        self.version = f"{RULES}/{digest[:12]}"
        self._positions: dict[str, dict[str, int | None]] = {}
        self._beside = asked_beside(catalogue)

    @cached_property
    def _scorer(self) -> TextScorer:
        """Built when the first text is to be scored, half a second of work, and kept for the next of the same version in this process."""
        if self._given is not None:
            return self._given
        kept = _SCORERS.pop(self.version, None)
        _SCORERS[self.version] = scorer = kept or TextScorer(self.catalogue, self._examples)
        while len(_SCORERS) > _KEPT:
            _SCORERS.pop(next(iter(_SCORERS)))
        return scorer

    def propose(self, subject: Subject) -> Proposal:
        """Placements and candidates for one evidence of one unit. Depends on nothing but the subject, and whether a model answers."""
        names = named(subject.forms, subject.paths, self.catalogue)
        kind = self._kind(subject)
        unit = subject.unit if subject.unit_known else None
        near = asked(self.semantics, called(subject.facts, subject.forms, subject.paths))
        ranking = self._rank(query(subject), unit, kind, near or NOTHING)
        own = read(subject) if names.claims else None
        alone = self._rank(own, unit, kind, near if near and own.title else NOTHING) if own is not None else None
        placements, off = self._placements(subject, names, kind, ranking, alone)
        candidates = self._candidates(names, off, ranking, unit, {p.item for p in placements})
        typed = sorted({c.kind for c in names.claims if c.kind is not None})
        shown = KindGuess(typed[0], None, ("提交表写明",)) if len(typed) == 1 else kind
        return Proposal(subject.sha256, subject.unit, shown, placements, candidates, marked(self.version, self.semantics, near))

    def classify_title(self, title: str, unit: str | None = None) -> ClassifyOutput:
        """Which item a bare title is for. ``chosen`` null = abstained: what would go to a person to look at is not chosen.
        ``also``: further items that it names, or that the rest of its words speaks for as plainly once those of the chosen are taken out.
        Of a title of two halves, each taking from the other's score, neither is chosen where none reaches the threshold by itself.

        :param unit: a unit as anybody writes it; one that the table does not know is no evidence
        """
        match = self.units.match(unit).unit if unit else None
        known = match.name if match else None
        kind = guess_kind(media_type="", name=title, title=None, facts={}, text="")
        names = from_title(title, self.catalogue)
        ranking = self._rank(Query(title=title), known, kind, asked(self.semantics, title) or NOTHING)
        items = [c for c in names.claims if self.catalogue.by_id[c.item].under_material_review]
        off = [(c.item, _not_reviewed(c)) for c in names.claims if c not in items]
        together = {c.item for c in names.claims}
        sure: list[str] = []
        if names.claims:
            for c in items:
                if self._asked(c.item, kind) and not off and not self._doubts(c, together, names, ranking):
                    sure.append(c.item)
        elif not names.problems and ranking.material:
            best = ranking.material[0]
            if (
                not self._text_doubts(ranking)
                and not superior([title], best.score)
                and self._asked(best.item, kind, KIND_KNOWN)
            ):
                sure.append(best.item)
                other = self._rest(Query(title=title), ranking, known, kind)
                if other is not None and kind is not None and kind.name in self.catalogue.by_id[other.item].kinds:
                    sure.append(other.item)
        named_ = [ClassifyCandidate(c.item, None, [*c.reasons, *c.doubts, *names.problems]) for c in items]
        rest = self._candidates(names, off, ranking, known, {c.item for c in items})
        ranked = [ClassifyCandidate(c.item, c.score, list(c.reasons)) for c in rest]
        # 11-02 before 市区城市供水情况 numbers a table of a yearbook: a bare number that no word supports stands behind words
        weak = all(c.bare and ranking.score(c.item) < self.margins.floor for c in items)
        clear = bool(ranking.material) and ranking.material[0].score >= self.margins.floor
        return ClassifyOutput(
            title=title,
            kind=ClassifyKind(kind.name, kind.score) if kind else None,
            candidates=[*ranked, *named_] if weak and clear else [*named_, *ranked],
            chosen=sure[0] if sure else None,
            also=sure[1:],
        )

    def _asked(self, item: str, kind: KindGuess | None, sure: float = KIND_CLEAR) -> bool:
        """Does nothing clear speak against filing a title of that kind under the item? Where the words chose the item, the kind had its say
        in the score, and only one known by its format (``sure``) is held against it; what a file is filed as is judged when it comes."""
        return kind is None or (kind.score or 0.0) < sure or kind.name in self.catalogue.by_id[item].kinds

    def _kind(self, subject: Subject) -> KindGuess | None:
        title = said(subject.facts, "title") or said(subject.facts, "caption") or None
        stems = sorted({parts(p)[1] for p in subject.paths} | {r.title for r in subject.forms if r.title}) or [""]
        guesses = (
            guess_kind(media_type=subject.media_type, name=n, title=title, facts=subject.facts, text=subject.text)
            for n in stems
        )
        order = list(K)
        return max((g for g in guesses if g), key=lambda g: (g.score or 0.0, -order.index(g.name), g.reasons), default=None)

    def _rank(self, query: Query, unit: str | None, kind: KindGuess | None, near: Mapping[str, Near] = NOTHING) -> Ranking:
        positions = self._unit_positions(unit) if unit else None
        measured = widened(self._scorer.measure(query), near, self._scorer.silent)
        weigh = self._scorer.weights_for(measured).item
        odds: dict[str, float] = {}
        for id_, _, _ in measured.items:
            item = self.catalogue.by_id[id_]
            more = 0.0
            if positions is not None:
                at = positions[id_]
                more += weigh["stranger"] if at is None else weigh["lead"] if at == 0 else weigh["contributor"]
            if kind is not None and item.kinds and kind.name not in item.kinds:
                belief = kind.score or 0.0
                off = weigh["kind_not_asked"] + (weigh["kind_asked_beside"] if kind.name in self._beside[id_] else 0.0)
                more += off * belief * (BY_FORMAT if belief >= KIND_KNOWN else 1.0)
            odds[id_] = more + (near[id_].odds if id_ in near else 0.0)
        ranked = told(self._scorer.judge(measured, odds), near)
        nobody = 1.0 - sum(r.score for r in ranked)
        by_id = self.catalogue.by_id
        material = tuple(r for r in ranked if by_id[r.item].under_material_review)
        field = next((r for r in ranked if not by_id[r.item].under_material_review), None)
        return Ranking(material, field, measured.subject if nobody >= NOBODY_SAID else "", measured.telling, measured.letters)

    def _unit_positions(self, unit: str) -> dict[str, int | None]:
        if unit not in self._positions:
            self._positions[unit] = {i.id: self.units.answers_for(unit, i.units) for i in self.catalogue.items}
        return self._positions[unit]

    def _placements(
        self, subject: Subject, names: Names, kind: KindGuess | None, ranking: Ranking, alone: Ranking | None
    ) -> tuple[tuple[Placement, ...], list[tuple[str, str]]]:
        """The placements, and the named items that take no material with the reason."""
        placed: dict[tuple[str, K], Placement] = {}
        off: list[tuple[str, str]] = []
        unit = subject.unit if subject.unit_known else None
        together = {c.item for c in names.claims}
        for claim in names.claims:
            if not self.catalogue.by_id[claim.item].under_material_review:
                off.append((claim.item, _not_reviewed(claim)))
                continue
            cell, doubts = self._cell_kind(claim.item, claim.kind, kind, subject.media_type)
            doubts = [*self._doubts(claim, together, names, ranking, alone), *doubts]
            reasons = [*claim.reasons, *self._support(claim.item, ranking, unit), *doubts]
            new = _placement(subject, claim.item, cell, claim.method, None, not doubts, reasons)
            old = placed.get((claim.item, cell))
            placed[claim.item, cell] = new if old is None else _doubtful(old, new)
        if off:  # somebody named an item that takes no material: what else was named is to be looked at too
            why = tuple(reason for _, reason in off)
            placed = {k: _doubtful(p, msgspec.structs.replace(p, reasons=why)) for k, p in placed.items()}
        if not names.claims and ranking.material and ranking.material[0].score >= self.margins.floor and not ranking.idle:
            best = ranking.material[0]
            cell, doubts = self._cell_kind(best.item, None, kind, subject.media_type)
            of_words = self._text_doubts(ranking)
            doubts = [*of_words, *superior(titles(subject), best.score), *names.problems, *doubts]
            reasons = [*spoke(best), *self._alike(best.item, subject), *self._unit_reason(best.item, unit)]
            reasons += [*self._ahead(ranking), *doubts]
            placed[best.item, cell] = _placement(
                subject, best.item, cell, PlacementMethod.TEXT, best.score, not doubts, reasons
            )
            aside = self._other_half if of_words else self._rest if not doubts else None
            if aside is not None and (other := aside(query(subject), ranking, unit, kind)):
                cell, doubts = self._cell_kind(other.item, None, kind, subject.media_type)
                two = f"除去归入 {best.item} 的词语, 其余文字另像 {other.item}; 一份材料可归几处, 请确认"
                reasons = [*spoke(other), *self._unit_reason(other.item, unit), two, *doubts]
                placed[other.item, cell] = _placement(
                    subject, other.item, cell, PlacementMethod.TEXT, other.score, False, reasons
                )
        order = list(K)
        return tuple(sorted(placed.values(), key=lambda p: (natural_key(p.item), order.index(p.kind)))), off

    def _doubts(
        self, claim: Named, together: set[str], names: Names, ranking: Ranking, alone: Ranking | None = None
    ) -> list[str]:
        """What speaks against an item that somebody named, its kind apart. ``alone``: by what was read, without the names."""
        doubts = [*claim.doubts, *names.problems]
        against = self._against(claim.item, together, ranking)
        doubts += against or (self._against(claim.item, together, alone) if alone is not None else [])
        if claim.bare and ranking.score(claim.item) < self.margins.floor:
            doubts.append("编号省略了版块, 文字内容也不足以印证")
        return doubts

    def _against(self, item: str, together: set[str], ranking: Ranking) -> list[str]:
        """What the words speak for instead, beyond the margin."""
        rivals = [*ranking.material[:1], *([ranking.field] if ranking.field else [])]
        rival = max(rivals, key=lambda r: r.score, default=None)
        if rival is None or rival.item in together or rival.score < self.margins.floor:
            return []
        far = rival.score - ranking.score(item) > self.margins.against
        return [f"但文字内容更像 {rival.item}({self._title(rival.item)}): {'; '.join(spoke(rival))}"] if far else []

    def _text_doubts(self, ranking: Ranking) -> list[str]:
        best = ranking.material[0]
        doubts = []
        if best.score < self.margins.auto:
            doubts.append(f"文字得分 {floored(best.score)}, 不到自动归类的 {floored(self.margins.auto)}")
            if ranking.subject:
                doubts.append(f"也像“{ranking.subject}”一类不归任何标准的材料")
        if best.near is not None and not best.spoke:
            doubts.append("只凭语义相近, 没有一个词语相合")
        if ranking.too_short:
            doubts.append("名称太短, 只凭几个字")
        elif best.near is None or best.spoke:
            doubts += of_the_words(ranking.material)
        rivals = [*ranking.material[1:2], *([ranking.field] if ranking.field else [])]
        for rival in sorted(rivals, key=lambda r: -r.score)[:1]:
            if best.score - rival.score < self.margins.lead:
                doubts.append(f"与 {rival.item}({self._title(rival.item)}, {rival.score:.2f})相差不足 {self.margins.lead:.2f}")
        return doubts

    def _rest(self, query: Query, first: Ranking, unit: str | None, kind: KindGuess | None) -> Ranked | None:
        """The item that what is left of the words plainly speaks for, once those of the best are taken out."""
        best, *others = first.material
        content = self.catalogue.by_id[best.item].content_no
        if not any(o.share >= BESIDE and self.catalogue.by_id[o.item].content_no != content for o in others):
            return None
        ranking = self._left(query, best, unit, kind)
        if ranking is None or not ranking.material or self._text_doubts(ranking):
            return None
        other = ranking.material[0]
        return other if self.catalogue.by_id[other.item].content_no != content else None

    def _other_half(self, query: Query, first: Ranking, unit: str | None, kind: KindGuess | None) -> Ranked | None:
        """The second item, where the title speaks of two: each takes from the other's score, and without the other's words is plain."""
        halves = first.material[:2]
        if len(halves) < 2 or halves[1].score < HALF or sum(r.score for r in halves) < self.margins.auto:
            return None
        by_id = self.catalogue.by_id
        if by_id[halves[0].item].content_no == by_id[halves[1].item].content_no:
            return None
        for half, other in (halves, halves[::-1]):
            alone = self._left(query, other, unit, kind)
            if alone is None or not alone.material or alone.material[0].item != half.item or self._text_doubts(alone):
                return None
        return halves[1]

    def _left(self, query: Query, best: Ranked, unit: str | None, kind: KindGuess | None) -> Ranking | None:
        """What is left of the words without those that spoke for the best; None where that is too little."""
        left = msgspec.structs.replace(
            query,
            title=_without(query.title, best),
            stem=_without(query.stem, best),
            caption=_without(query.caption, best),
            body="",
        )
        return self._rank(left, unit, kind) if tells(left) > TOO_SHORT else None

    def _ahead(self, ranking: Ranking) -> list[str]:
        """By how much the best is ahead of the next."""
        best, *others = ranking.material[:2]
        if not others:
            return ["没有别的标准与这些词语相近"]
        lead = best.score - others[0].score
        return [f"比其次的 {others[0].item}({self._title(others[0].item)})高 {lead:.2f}"]

    def _alike(self, item: str, subject: Subject) -> list[str]:
        """The nearest title that people placed there before."""
        own = [t for t in titles(subject) if t]
        near = max(((likeness(t, e), e) for t in own for e in self._examples.get(item, ())), default=(0.0, ""))
        return [f"与已确认归入 {item} 的“{display(near[1], 40)}”相近"] if near[0] >= ALIKE else []

    def _cell_kind(self, item: str, typed: K | None, guess: KindGuess | None, media_type: str) -> tuple[K, list[str]]:
        """The cell to stand in, and what is doubtful about the kind (see the module's text)."""
        asked = self.catalogue.by_id[item].kinds
        doubts = []
        if typed is not None and guess is not None and guess.name is not typed and (guess.score or 0.0) >= KIND_AGAINST:
            doubts.append(f"提交表写“{typed.value}”, 但{'、'.join(guess.reasons)}, 像是“{guess.name.value}”")
        wanted = typed or (guess.name if guess else None)
        if wanted in asked and wanted is not None:
            if typed is None and guess is not None and (guess.score or 0.0) < KIND_SURE:
                doubts.append(f"材料类型只是猜测: {'、'.join(guess.reasons)}")
            return wanted, doubts
        near = NEAREST[wanted] if wanted else _FAMILY.get(of_type(media_type).family, tuple(K))
        cell = next(k for k in near if k in asked)
        wants = "、".join(k.value for k in asked)
        if wanted is None:
            doubts.append(f"看不出材料类型; {item} 要交{wants}, 暂列“{cell.value}”")
        else:
            doubts.append(f"看来是“{wanted.value}”, 而 {item} 只要求{wants}, 暂列“{cell.value}”")
        return cell, doubts

    def _support(self, item: str, ranking: Ranking, unit: str | None) -> list[str]:
        own = next((r for r in ranking.material if r.item == item), None)
        return [*(spoke(own) if own else []), *self._unit_reason(item, unit)]

    def _unit_reason(self, item: str, unit: str | None) -> list[str]:
        if unit is None:
            return []
        at = self._unit_positions(unit)[item]
        name = display(unit, 40)
        if at is None:
            return [f"{name}不在 {item} 的责任单位之列"]
        return [f"{name}是 {item} 的{'牵头' if at == 0 else '责任'}单位"]

    def _candidates(
        self, names: Names, off: Iterable[tuple[str, str]], ranking: Ranking, unit: str | None, placed: set[str]
    ) -> tuple[Candidate, ...]:
        out: dict[str, Candidate] = {}
        for item, why in [*off, *names.others, *names.near]:
            if item not in placed and item not in out:
                out[item] = Candidate(item, None, (why,))
        for r in [r for r in ranking.material if r.item not in placed and r.score >= LEAST][:CANDIDATES]:
            said = out[r.item].reasons if r.item in out else ()
            words = spoke(r) or ["仅有零星相近的词语"]
            out[r.item] = Candidate(r.item, r.score, (*said, *words, *self._unit_reason(r.item, unit)))
        return tuple(out.values())

    def _title(self, item: str) -> str:
        return display(self.catalogue.by_id[item].standard, 24)


def _placement(
    subject: Subject, item: str, kind: K, method: PlacementMethod, score: float | None, sure: bool, reasons: list[str]
) -> Placement:
    status = PlacementStatus.AUTO if sure else PlacementStatus.IN_REVIEW
    return Placement(subject.sha256, subject.unit, item, kind, method, score, status, tuple(dict.fromkeys(reasons)))


def _doubtful(one: Placement, other: Placement) -> Placement:
    """Two claims on one cell, or a claim beside a wrong one: the doubts of both."""
    reasons = tuple(dict.fromkeys([*one.reasons, *other.reasons]))
    return msgspec.structs.replace(one, status=PlacementStatus.IN_REVIEW, reasons=reasons)


def _not_reviewed(claim: Named) -> str:
    return f"{'; '.join(claim.reasons)}; 但 {claim.item} 不属于材料审核, 不收材料"


def _without(text: str, best: Ranked) -> str:
    text = squeeze(text)
    for word in best.spoke:
        text = text.replace(word, " ")
    return text
