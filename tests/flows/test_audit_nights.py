"""Night by night: every object has its turn, what was found stays found, what differs from the last audit is told."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from flows.audit import nightly
from storage import keys, sweep
from tests.flows.auditing import altered, codes, run
from tests.flows.house import NOW


def test_every_object_is_compared_within_the_days_and_what_was_found_stays_found(archived) -> None:
    house, sha = archived
    days = 4
    (house.root / "cycle.toml").open("a", encoding="utf-8").write(f"\n[audit]\nverify_days = {days}\n")
    house.ingest()
    altered(house, sha)
    found, shares = [], []
    for night in range(1, 2 * days + 1):
        with house.open(NOW + timedelta(days=night), damaged=True) as o:
            report = nightly(o)
        found.append("object.digest" in codes(report))
        shares.append(report.share or ())
        assert report.output.depth == "fast" and any("轮查" in u for u in report.output.unchecked)
    first = found.index(True)
    assert first < days and all(found[first:]), "found within the days, and said every night from then on"
    assert set().union(*shares[:days]) == set(sweep.GROUPS)
    assert max(map(len, shares)) < len(sweep.GROUPS)
    altered(house, sha)
    with house.open(NOW + timedelta(days=2 * days + 1), damaged=True) as o:
        report = nightly(o)
    assert codes(report) == set()
    assert report.difference is not None and [p.code for p in report.difference.gone] == ["object.digest"]


def test_a_full_audit_counts_for_the_nights_after_it(archived) -> None:
    house, _ = archived
    full = run(house, depth="full", opening=False)
    assert [len(v.groups) for v in full.verified] == [256]
    with house.open(NOW + timedelta(days=1)) as o:
        share = nightly(o).share
    assert share is not None and len(share) == 9, "an even share of 30 days, nothing is late"


def test_the_difference_from_the_last_audit_is_told(archived) -> None:
    house, sha = archived
    assert run(house).difference is None
    altered(house, sha)
    found = run(house, NOW + timedelta(hours=1), depth="full", opening=False)
    assert found.difference is not None and [p.code for p in found.difference.new] == ["object.digest"]
    shallow = run(house, NOW + timedelta(hours=2))
    assert shallow.difference is not None and codes(shallow) == set()
    assert [p.code for p in shallow.difference.unseen] == ["object.digest"], "not looked at is not gone"
    assert any("这次没有再看" in u and sha in u for u in shallow.output.unchecked)
    altered(house, sha)
    mended = run(house, NOW + timedelta(hours=3), depth="full", opening=False)
    assert mended.difference is not None and [p.code for p in mended.difference.gone] == ["object.digest"]


def test_reports_that_cannot_be_read_or_are_of_another_cycle_are_passed_over(archived) -> None:
    house, _ = archived
    first = run(house)
    with house.open() as o:
        store = o.archive.store
        store.put_bytes(keys.report_key("audit", "99990101T000000000000Z.json"), b"{torn")
        store.put_bytes(
            keys.report_key("audit", "99980101T000000000000Z.json"),
            msgspec.json.encode(msgspec.structs.replace(first, cycle="another")),
        )
    again = run(house, NOW + timedelta(hours=1))
    assert again.difference is not None and again.difference.since == first.at
