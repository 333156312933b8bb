"""Judged again when the judge changes (law 7): rules, settings, catalogue, classifier, readers.

Runs at the end of every ingest that changed something or found something out of date; works from what is held, never
from the inbox.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from archive_schema.cycle import Limits
from archive_schema.evidence import Proposal, Source
from archive_schema.listings import ReassessOutput
from archive_schema.records import PlacementRecord
from classification.semantics import unmarked
from flows import second_digest
from flows.consequences import JUDGE, consequences
from flows.derived import texts
from flows.lessons import settled, unasked
from flows.proposing import classifier_version, expect, propose
from flows.reread import SHARE, outdated_readings, reread
from flows.workspace import Opened
from intake.discover import owner
from validators import checks

CHUNK = 200


class Outdated(msgspec.Struct, frozen=True):
    """Digests of evidence.

    classified  by another classifier, or under other margins or units
    untaught    left to a person of whom nobody has heard yet, with other lessons or with none
    judged      by other rules or settings
    """

    classified: frozenset[str]
    untaught: frozenset[str]
    judged: frozenset[str]


def anything_outdated(o: Opened, limits: Limits | None = None) -> bool:
    """Is there anything for ``upkeep`` to do. Opens no file and asks the store nothing."""
    found = outdated(o)
    return bool(found.classified or found.untaught or found.judged) or bool(
        outdated_readings(o, limits) or second_digest.lacking(o)
    )


def outdated(o: Opened) -> Outdated:
    """What is held and would come out otherwise now; of destroyed evidence nothing is asked any more."""
    words, semantics = classifier_version(o), o.classifier.semantics
    version = words + (semantics.mark if semantics is not None else "")
    destroyed = o.archive.index.destroyed()
    classified, untaught, waiting = set(), set(), set()
    for r in o.archive.index.placement_records():
        if r.sha256 in destroyed:
            continue
        under = unasked(r.classifier)
        if under != version and (semantics is None or unmarked(under) != words):
            classified.add(r.sha256)
            continue
        if under != version:
            waiting.add(r.sha256)
        told = under + o.lessons.mark
        if r.classifier != told and (r.classifier != under or not settled(r.machine)) and _open(r):
            untaught.add(r.sha256)
    if waiting and semantics is not None and semantics.ready():  # else the words have said what they can
        classified |= waiting
        untaught -= waiting
    now = (checks.RULES, o.config.basis)
    judged = {sha for sha, under in o.archive.index.judged(JUDGE).items() if under != now and sha not in destroyed}
    return Outdated(frozenset(classified), frozenset(untaught), frozenset(judged))


def _open(r: PlacementRecord) -> bool:
    """The machine has something to say of it (not of a 提交表), and no person has said anything."""
    return bool(r.machine or r.candidates or r.kind) and not any(p.decision for p in r.placements)


def upkeep(o: Opened, run: str, *, everything: bool = False, limits: Limits | None = None) -> ReassessOutput:
    """Bring what is out of date up to date, in batches that can be killed and repeated.

    :param everything: classify and judge all of it, out of date or not, and read all that is to be read again
        (``dangan reassess --all``); else a share of the readings.
    :param limits: other limits than the settings' (``--ocr``).
    """
    late = outdated_readings(o, limits)
    share = late if everything else late[:SHARE]
    read = reread(o, run, share, limits) if share else 0
    found = outdated(o)
    asked = found.untaught if everything else frozenset(sorted(found.untaught)[:SHARE])
    classified, judged = found.classified | asked, found.judged
    if everything:
        destroyed = o.archive.index.destroyed()
        classified |= {r.sha256 for r in o.archive.index.placement_records()} - destroyed
        judged |= set(o.archive.index.judged(JUDGE)) - destroyed
    todo = sorted(classified | judged)
    for n in range(0, len(todo), CHUNK):
        part = todo[n : n + CHUNK]
        theirs = _called_otherwise(o, part)
        again = classified | {s.sha256 for s in theirs}
        proposals = propose_again(o, [s for s in part if s in again], sources=theirs)
        with o.archive.lease(f"重新判断 {run}", wait=60):
            o.archive.catch_up()
            records = consequences(o, run, sources=theirs, proposals=proposals, judge_again=part)
            if records:
                o.archive.commit(run, records)
    without = second_digest.lacking(o)
    digested = second_digest.complete(o, run, without if everything else without[: second_digest.SHARE])
    return ReassessOutput(
        digested=digested,
        undigested=len(without) - digested,
        reread=read,
        reclassified=len(classified),
        judged=len(judged | classified),
        left=len(late) - len(share) + len(found.untaught) - len(asked),
    )


def _called_otherwise(o: Opened, shas: Sequence[str]) -> list[Source]:
    """Sources whose folder is another unit's by the units table, or nobody's, as that says: those no longer in the inbox, too."""
    out = []
    for s in o.archive.index.sources(shas):
        unit, known = owner(s.folder, o.units)
        if (unit, known) != (s.unit, s.unit_known):
            out.append(msgspec.structs.replace(s, unit=unit, unit_known=known))
    return out


def propose_again(o: Opened, shas: Sequence[str], *, sources: Iterable[Source] = ()) -> list[Proposal]:
    """Proposals for held evidence from its facts and its text in the store.

    :param sources: sources that differ from the held ones (not yet recorded); they replace those of the same key.
    """
    merged = {(s.folder, s.path, s.sha256): s for s in o.archive.index.sources(shas)}
    merged |= {(s.folder, s.path, s.sha256): s for s in sources if s.sha256 in set(shas)}
    by_unit: dict[tuple[str, str], list[Source]] = defaultdict(list)
    for s in merged.values():
        if not s.auxiliary:
            by_unit[s.sha256, s.unit].append(s)
    out = []
    held = [e for e in o.archive.index.evidence(shas) if not e.auxiliary]
    of_sha = {e.sha256: e for e in held}
    expect(o, ((of_sha[sha], unit, s) for (sha, unit), s in by_unit.items() if sha in of_sha))
    sent = {sha for sha, _ in by_unit}
    for e, text in texts(o, (e for e in held if e.sha256 in sent)):
        units = sorted(unit for sha, unit in by_unit if sha == e.sha256)
        out += [propose(o, e, unit, by_unit[e.sha256, unit], text) for unit in units]
    return sorted(out, key=lambda p: (p.sha256, p.unit))
