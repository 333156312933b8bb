"""Classification of one evidence as sent by one unit, from what is held or has just arrived."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Protocol

import msgspec

from archive_schema import canonical
from archive_schema.cycle import Settings
from archive_schema.evidence import Evidence, Proposal, Reading, Source
from archive_schema.units import UnitTable
from classification.classifier import Classifier
from classification.semantics import called
from classification.subject import Subject
from flows.derived import kept_text
from flows.lessons import Lessons, asked, settled
from flows.parcels import came_in_part
from flows.workspace import Opened


class Rules(Protocol):
    """What a proposal rests on besides the file; an :class:`Opened` workspace has it."""

    @property
    def settings(self) -> Settings: ...
    @property
    def units(self) -> UnitTable: ...
    @property
    def classifier(self) -> Classifier: ...
    @property
    def lessons(self) -> Lessons: ...
    @property
    def tutored(self) -> Classifier: ...


def classifier_version(o: Rules) -> str:
    """Classifier, catalogue, margins and units in one word: when it changes, placements are proposed again.

    Behind it stands the mark of the embedding model where one was asked, and behind that, in the proposal of a file that the classifier is
    not sure of, the mark of the lessons.
    """
    return f"{o.classifier.version}/{canonical.digest([o.settings.margins, o.units])[:8]}"


def propose(o: Rules, evidence: Evidence, unit: str, sources: Sequence[Source], text: str) -> Proposal:
    """:param sources: every source of that evidence and unit; those present speak, or all when none is present."""
    subject = _subject(evidence, unit, sources, text)
    proposal = o.classifier.propose(subject)
    mark = proposal.classifier.removeprefix(o.classifier.version)
    proposal = msgspec.structs.replace(proposal, classifier=classifier_version(o) + mark)
    if came_in_part(evidence):
        return msgspec.structs.replace(proposal, kind=None, placements=(), candidates=())
    if settled(proposal.placements) or not o.lessons.mark:
        return proposal
    return asked(proposal, o.tutored.propose(subject), o.lessons, _titles(subject))


def expect(o: Rules, files: Iterable[tuple[Evidence, str, Sequence[Source]]]) -> None:
    """Where an embedding model is asked: ask for these (evidence, unit, sources) at once, each of which is to be proposed."""
    if o.classifier.semantics is not None:
        subjects = [_subject(e, unit, sources, "") for e, unit, sources in files if not e.auxiliary]
        o.classifier.semantics.expect(called(s.facts, s.forms, s.paths) for s in subjects)


def _subject(evidence: Evidence, unit: str, sources: Sequence[Source], text: str) -> Subject:
    speaking = [s for s in sources if s.present and not s.auxiliary] or [s for s in sources if not s.auxiliary]
    facts = dict(evidence.facts)
    captions = [s.caption for s in speaking if s.caption is not None]
    if captions and "caption" not in facts:
        facts["caption"] = min(captions, key=lambda c: (len(str(c.value)), str(c.value)))
    return Subject(
        sha256=evidence.sha256,
        unit=unit,
        unit_known=any(s.unit_known for s in speaking),
        paths=tuple(sorted({f"{s.folder}/{s.path}" if s.folder else s.path for s in speaking})),
        forms=tuple(s.form for s in sorted(speaking, key=lambda s: (s.folder, s.path)) if s.form is not None),
        media_type=evidence.media_type,
        facts=facts,
        text=text,
    )


def _titles(subject: Subject) -> list[str]:
    """What the file is called: by its text, its caption, its names."""
    told = (subject.facts[k].value for k in ("title", "caption") if k in subject.facts)
    return [t for t in (*told, *(PurePosixPath(p).stem for p in subject.paths)) if isinstance(t, str) and t]


def remembered(o: Opened, sha256: str) -> Reading | None:
    """What was read of these bytes before, as it is held and kept; None when they are new.

    :raises UnavailableError: the store or the index does not answer.
    """
    for e in o.archive.index.evidence([sha256]):
        return Reading(e.media_type, e.reader, e.state, e.facts, kept_text(o, e) or "", e.detail, e.volatile)
    return None
