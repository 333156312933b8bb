"""Law 1: the one grouped query with ``assess()``, and a slow look at every single placement, say the same."""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from datetime import date
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from archive_schema.catalogue import CatalogueHead, build
from archive_schema.coverage import Piece, Watched
from archive_schema.cycle import Cycle, Reminders, RequirementRule, Window
from archive_schema.evidence import CheckOutcome, Placement
from archive_schema.records import FindingRecord, PlacementRecord, Record, SupersedeRecord, WithdrawalRecord
from archive_schema.words import EvidenceKind, Outcome, PlacementMethod, PlacementStatus, Severity
from storage.apply import apply
from storage.factory import index_url
from storage.index import Index
from validators.assess import PlacedEvidence, assess, assess_slowly

HEADER = [
    "id",
    "project_no",
    "indicator_no",
    "content_no",
    "standard_no",
    "section",
    "project",
    "indicator",
    "content",
    "standard",
]
HEADER += ["methods", "kinds", "threshold", "units", "provenance", "source"]
ITEMS = ["X1-1", "X1-2"]
CATALOGUE = build(
    CatalogueHead(id="x", edition="x", id_pattern=r"X\d-\d"),
    HEADER,
    [
        (n, [i, "1", "1", "1", i[-1], "s", "p", "i", "c", "t", "材料审核", "规范文件;实景图片", "", "甲局", "", ""])
        for n, i in enumerate(ITEMS, 2)
    ],
)
TODAY = date(2026, 11, 21)
SHAS = [c * 64 for c in "abc"]
UNITS = ["甲局", "乙局"]
KINDS = [EvidenceKind.DOCUMENT, EvidenceKind.PHOTO, EvidenceKind.TABLE]

placements = st.lists(
    st.tuples(
        st.sampled_from(SHAS),
        st.sampled_from(UNITS),
        st.sampled_from([*ITEMS, ITEMS[0], ITEMS[0], "X9-9"]),
        st.sampled_from([*KINDS, KINDS[0], KINDS[0]]),
        st.sampled_from(PlacementStatus),
    ),
    max_size=12,
    unique_by=lambda p: p[:4],
)
outcomes = st.lists(
    st.tuples(
        st.sampled_from(SHAS),
        st.builds(
            CheckOutcome,
            code=st.sampled_from(["WINDOW", "DATE", "PIXELS"]),
            outcome=st.sampled_from(Outcome),
            severity=st.sampled_from([*Severity, Severity.BLOCKING, Severity.BLOCKING]),
            unit=st.sampled_from(["", "", *UNITS]),
            item=st.sampled_from(["", "", *ITEMS]),
            kind=st.sampled_from(["", "", *(k.value for k in KINDS)]),
            waived=st.booleans(),
        ),
    ),
    max_size=6,
)


def memory() -> str | None:
    """A folder that costs no disk writes, where there is one."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


@settings(max_examples=100, deadline=None)
@given(
    placements=placements,
    outcomes=outcomes,
    superseded=st.sets(st.sampled_from(SHAS)),
    withdrawn=st.sets(st.tuples(st.sampled_from(SHAS), st.sampled_from(["", *UNITS]))),
    needed=st.integers(1, 3),
    arrivals=st.lists(
        st.dates(date(2026, 1, 1), date(2026, 12, 31)), min_size=len(SHAS) * len(UNITS), max_size=len(SHAS) * len(UNITS)
    ),
    not_applicable=st.sets(st.tuples(st.sampled_from(ITEMS), st.sampled_from([None, *KINDS]))),
)
def test_the_query_and_the_slow_look_agree(
    placements, outcomes, superseded, withdrawn, needed, arrivals, not_applicable
) -> None:
    records: list[Record] = []
    for sha in SHAS:
        for unit in UNITS:
            mine = tuple(
                Placement(s, u, item, kind, PlacementMethod.TEXT, None, status)
                for s, u, item, kind, status in placements
                if (s, u) == (sha, unit)
            )
            records.append(PlacementRecord(sha, unit, mine, (), None, "c", "r"))
        found = {(o.code, o.unit, o.item, o.kind): o for s, o in outcomes if s == sha}
        records.append(FindingRecord(sha, "judge", "1", "s", tuple(found.values()), (), "r"))
        if sha in superseded:
            records.append(SupersedeRecord(sha, "d" * 64, "d", "r"))
    records += [WithdrawalRecord(sha, unit, True, False, "", "d", "r") for sha, unit in sorted(withdrawn)]
    folder = tempfile.mkdtemp(prefix="dangan-agree-", dir=memory())
    index = Index(index_url("index.sqlite", base=Path(folder)))
    try:
        with index.database.write() as c:
            apply(c, records, first=1)
        counts, single = index.cell_counts(), index.pieces()
        rows = [
            (
                r.placement.unit,
                PlacedEvidence(
                    item=r.placement.item,
                    kind=r.placement.kind,
                    sha256=r.placement.sha256,
                    status=r.placement.status,
                    outcomes=r.outcomes,
                    superseded=r.superseded_by is not None,
                    withdrawn=r.withdrawn,
                ),
            )
            for r in index.placement_rows()
        ]
    finally:
        index.close()
        shutil.rmtree(folder)
    cycle = Cycle(
        name="c",
        catalogue="x",
        windows=dict.fromkeys(EvidenceKind, Window(TODAY, TODAY)),
        rules=(RequirementRule(item="X1-1", needed=needed),),
        deadline=date(2026, 6, 30),
        reminders=Reminders(review_days=60),
    )
    arrived = dict(zip([(sha, unit) for sha in SHAS for unit in UNITS], arrivals, strict=True))
    rows = [(unit, msgspec.structs.replace(r, arrived=arrived[r.sha256, unit])) for unit, r in rows]
    of = defaultdict(list)
    for p in single:
        of[p.item, p.kind, p.sha256, p.usable].append(arrived[p.sha256, p.unit])
    pieces = tuple(Piece(*key, arrived=min(days)) for key, days in of.items())
    fast = assess(CATALOGUE, cycle, counts, not_applicable=not_applicable, today=TODAY, watched=Watched(pieces=pieces))
    slow = assess_slowly(CATALOGUE, cycle, [r for _, r in rows], not_applicable=not_applicable, today=TODAY, watched=Watched())
    assert [(c.item, c.kind, c.state, c.usable, c.needed) for c in fast.cells] == [
        (c.item, c.kind, c.state, c.usable, c.needed) for c in slow.cells
    ]
    assert [c.remarks for c in fast.cells] == [c.remarks for c in slow.cells]
    assert (fast.totals, fast.item_totals, fast.item_states) == (slow.totals, slow.item_totals, slow.item_states)
