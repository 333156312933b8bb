"""The audit: what it looks at, what it says, and that it changes nothing. Opening files: ``test_audit_opening``; night by
night: ``test_audit_nights``; tampering: ``test_tampering``."""

from __future__ import annotations

import io
import re
import sqlite3
from pathlib import Path

import msgspec
import openpyxl
import pytest

from archive_schema import canonical
from archive_schema.audit import AuditReport
from archive_schema.decisions import Decision
from archive_schema.errors import ConflictError, IntegrityError, UsageError
from archive_schema.outputs import AuditOutput
from archive_schema.records import DecisionRecord, SourceRecord, WithdrawalRecord
from archive_schema.words import CellState, DecisionAction, Nature
from dangan import cli
from flows.audit import BYTES, NO_ANCHOR, ROWS, nightly
from flows.audit_reports import PREFIX
from reports import audit_html, audit_text, audit_xlsx
from storage import keys, series
from tests.flows.acting import act, states
from tests.flows.auditing import altered, append, codes, fill, problems, run
from tests.flows.house import NOW, House, document
from validators.audit import blocking, kinds, meanings


def contents(house: House) -> dict[str, bytes]:
    with house.open() as o:
        return {i.key: o.archive.store.get(i.key) for i in o.archive.store.list("")}


# -- what it looks at, and that it changes nothing -------------------------------------------------------------------------


def test_no_depth_changes_an_object_a_segment_the_head_or_a_decision(on_both: House) -> None:
    house = on_both
    fill(house)
    before, digest, head = contents(house), house.digest(), house.head()
    workspace = {p for p in house.root.iterdir() if not p.name.startswith("index.sqlite")}
    reports = [run(house, depth=depth) for depth in ("fast", "complete", "full")]
    reports.append(run(house, depth="full", opening=False))
    with house.open() as o:
        reports.append(nightly(o))
    after = contents(house)
    assert {k: after[k] for k in before} == before
    added = sorted(set(after) - set(before))
    assert len(added) == len(reports) and all(k.startswith(PREFIX) for k in added)
    assert (house.digest(), house.head()) == (digest, head)
    assert {p for p in house.root.iterdir() if not p.name.startswith("index.sqlite")} == workspace
    assert [problems(r) for r in reports] == [[]] * len(reports)
    assert len({msgspec.json.encode(r.output.completeness) for r in reports}) == 1, "by the index and by the series alone"
    opened = {s.name: s.objects for s in reports[2].steps}
    assert opened["重新打开"] == len({line.sha256 for line in house.manifest().values()})
    assert opened["逐字节核对"] == sum(k.startswith("objects/") for k in after)


def test_each_depth_says_what_it_did_not_look_at(archived) -> None:
    house, _ = archived
    fast, complete = run(house).output.unchecked, run(house, depth="complete").output.unchecked
    full = run(house, depth="full", opening=False).output.unchecked
    assert ROWS in fast and ROWS not in complete
    assert [any(BYTES in line for line in u) for u in (fast, complete, full)] == [True, True, False]
    assert any("没有重新打开" in line for line in full)
    assert all(NO_ANCHOR in u for u in (fast, complete, full))


def test_integrity_and_completeness_are_told_apart(archived) -> None:
    house, sha = archived
    whole = run(house)
    assert whole.output.integrity is not None and whole.output.integrity.ok
    assert whole.output.completeness is not None and not whole.output.completeness.ok
    assert run(house, only="integrity").output.completeness is None
    assert run(house, only="completeness").output.integrity is None
    with house.open() as o:
        o.archive.store.delete(keys.object_key(sha))
    assert blocking(run(house, only="integrity").output)
    only = run(house, only="completeness").output
    assert blocking(only) and only.integrity is None, "blocked by what is missing from the departments"


def test_at_depth_complete_the_requirements_are_assessed_from_the_series_alone(archived) -> None:
    house, sha = archived
    assert states(house)["III18-1", "规范文件"] == "usable"
    with sqlite3.connect(house.root / "index.sqlite") as c:
        c.execute("UPDATE placement SET status = 'rejected' WHERE sha256 = ?", [sha])
    c.close()
    fast, complete = run(house).output.completeness, run(house, depth="complete").output.completeness
    assert fast is not None and complete is not None
    assert (fast.totals[CellState.USABLE], complete.totals[CellState.USABLE]) == (0, 1)


def test_objects_of_another_cycle_in_the_same_store_are_not_strange(archived, new_workspace) -> None:
    house, _ = archived
    second = new_workspace("ws2", store=f"folder:{house.root}/store")
    second.set_cycle('name = "c1"', 'name = "c2"')
    (second.root / "index.sqlite").unlink()
    document(second.inbox / "市教育局" / "Ⅲ58-1 方案.txt", title="某项方案", number="示教发〔2026〕2号")
    second.ingest()
    assert codes(run(house, depth="complete")) == set() == codes(run(second, depth="complete"))


def test_a_writer_at_work_is_not_taken_for_tampering(archived, monkeypatch) -> None:
    """Another process commits while the series is being read."""
    house, sha = archived
    plain, written = series.inspect_series, []

    def meanwhile(*args, **more):
        if not written:
            written.append(act(house, "accept", sha256=sha))
        return plain(*args, **more)

    monkeypatch.setattr(series, "inspect_series", meanwhile)
    assert codes(run(house, depth="complete")) == set()
    assert written


# -- what it says of records -----------------------------------------------------------------------------------------------


def test_decisions_that_cannot_be_traced_are_named(archived) -> None:
    house, sha = archived
    [accepted] = act(house, "accept", sha256=sha)
    assert codes(run(house, depth="complete")) == set()
    with house.open() as o:
        [placed] = o.archive.index.placement_records([sha])
        [d] = [d for d in o.archive.index.decisions() if d.id == accepted.decision]
    nowhere = msgspec.structs.replace(placed.placements[0], decision="D-nowhere")
    append(house, msgspec.structs.replace(placed, placements=(nowhere,)))
    (p,) = problems(run(house, depth="complete"))
    assert (p.code, p.nature, p.expected) == ("decision.untraceable", "真实性", "D-nowhere")
    append(house, WithdrawalRecord(sha, "", True, False, "", "D-neither", "test"))
    append(house, DecisionRecord(msgspec.structs.replace(d, id="D-1", by=" "), "test"))
    unknown = Decision("D-2", DecisionAction.REJECT, "张三", NOW, "试", sha256="e" * 64)
    append(house, DecisionRecord(unknown, "test"))
    found = problems(run(house, depth="complete"))
    assert [p.code for p in found if p.expected == "D-neither"] == ["decision.untraceable"]
    assert [p.expected for p in found if p.code == "decision.unsigned"] == ["署名"]
    assert [p.key for p in found if p.code == "decision.no-evidence"] == ["e" * 64]
    assert codes(run(house)) == set(), "the fast depth does not trace"


def test_a_record_about_evidence_that_is_not_there_is_named(archived) -> None:
    house, sha = archived
    with house.open() as o:
        [source] = o.archive.index.sources([sha])
    append(house, SourceRecord(msgspec.structs.replace(source, sha256="e" * 64), "test"))
    assert [(p.code, p.key) for p in problems(run(house, depth="complete"))] == [("record.no-evidence", "e" * 64)]


def test_what_was_destroyed_by_decision_is_never_missing_and_must_be_gone(archived) -> None:
    house, sha = archived
    key = keys.object_key(sha)
    [d] = act(house, "withdraw", sha256=sha)
    append(house, WithdrawalRecord(sha, "", True, True, "误送", d.decision, "test"))
    assert [(p.code, p.nature) for p in problems(run(house))] == [("object.not-destroyed", Nature.SECURITY)]
    with house.open() as o:
        store = o.archive.store
        store.delete(key)
        texts = [found.key for found in store.list(keys.derived_prefix(sha))]
    assert texts and codes(run(house)) == {"object.not-destroyed"}, "what was read from it is left"
    with house.open() as o:
        for text in texts:
            o.archive.store.delete(text)
    for depth in ("fast", "complete", "full"):
        report = run(house, depth=depth)
        assert codes(report) == set()
        assert any("依决定销毁" in s.name and s.objects == 1 for s in report.steps)


# -- the inspector -----------------------------------------------------------------------------------------------------------


def test_drawn_items_show_their_evidence_and_its_bytes_read_just_now(archived) -> None:
    house, sha = archived
    act(house, "accept", sha256=sha)
    draw = run(house, draw=155, seed=7).draw
    assert draw is not None and len({i.id for i in draw.items}) == draw.of == len(draw.items)
    [piece] = [e for i in draw.items if i.id == "III18-1" for r in i.requirements for e in r.evidence]
    assert (piece.sha256, piece.intact) == (sha, True)
    assert ("发文字号", "示文明办发〔2026〕12号") in piece.facts
    assert any("张三 确认" in d for d in piece.decisions)
    act(house, "attest", sha256=sha, fact="issued_on", value="2026-03-06")
    draw = run(house, draw=155, seed=7).draw
    assert draw is not None
    [piece] = [e for i in draw.items for r in i.requirements for e in r.evidence]
    assert ("成文日期", "2026-03-06(由人认定,读出 2026-03-05)") in piece.facts
    assert any("张三 认定要素 成文日期=2026-03-06: " in d for d in piece.decisions)
    altered(house, sha)
    draw = run(house, draw=155, seed=7).draw
    assert draw is not None
    [piece] = [e for i in draw.items for r in i.requirements for e in r.evidence]
    assert not piece.intact and "不同" in piece.bytes


def test_a_draw_is_repeated_by_its_seed(archived) -> None:
    house, _ = archived

    def ids(**options: object) -> list[str]:
        draw = run(house, draw=5, **options).draw
        assert draw is not None
        return [i.id for i in draw.items]

    by_chance = run(house, draw=5).draw
    assert by_chance is not None
    assert ids(seed=1) == ids(seed=1) != ids(seed=2)
    assert ids(seed=by_chance.seed) == [i.id for i in by_chance.items]


# -- the command -------------------------------------------------------------------------------------------------------------


def command(house: House, capsys, *words: str) -> tuple[int, str]:
    code = cli.run(["-C", str(house.root), "audit", *words])
    answer = capsys.readouterr()
    return code, answer.out + answer.err


def test_the_exit_code_is_1_only_for_what_was_looked_at(archived, capsys) -> None:
    house, sha = archived
    assert command(house, capsys, "--only", "integrity", "--depth", "full", "--no-open")[0] == 0
    altered(house, sha)
    assert command(house, capsys, "--only", "integrity", "--depth", "complete")[0] == 0
    code, said = command(house, capsys, "--only", "integrity", "--depth", "full", "--no-open")
    assert code == 1 and sha in said and "真实性" in said
    for wrong in (["--seed", "1"], ["--no-open"], ["--draw", "0"], ["--depth", "complete", "--no-open"]):
        assert command(house, capsys, *wrong)[0] == 2


def test_json_is_the_contract_and_the_other_formats_show_the_rest(archived, capsys, tmp_path: Path) -> None:
    house, sha = archived
    run(house)
    altered(house, sha)
    words = ["--depth", "full", "--no-open", "--draw", "155", "--seed", "1"]
    code, text = command(house, capsys, *words, "--format", "json")
    assert code == 1
    output = msgspec.json.decode(text, type=AuditOutput)
    assert set(msgspec.json.decode(text)) == {"head", "depth", "integrity", "completeness", "unchecked"}
    assert output.integrity is not None and [p.code for p in output.integrity.problems] == ["object.digest"]
    page, book = tmp_path / "审计.html", tmp_path / "审计.xlsx"
    assert command(house, capsys, *words, "--format", "html", "-o", str(page))[0] == 1
    html = page.read_text("utf-8")
    assert "抽查 155 项" in html and sha in html and "与上次审计相比" in html and meanings()["object.digest"][1] in html
    assert command(house, capsys, *words, "--format", "xlsx", "-o", str(book))[0] == 1
    sheets = openpyxl.load_workbook(io.BytesIO(book.read_bytes()))
    assert sheets.sheetnames == ["总览", "问题", "未检", "与上次相比", "抽查"]
    assert any(sha in str(c.value) for row in sheets["抽查"].iter_rows() for c in row)
    code, said = command(house, capsys, *words)
    assert "抽查 155 项" in said and "与上次审计相比" in said and sha in said
    assert command(house, capsys, "--format", "xlsx")[1].strip() == str(house.root / "reports" / "档案审计.xlsx")


def test_a_report_has_the_same_bytes_whenever_it_is_rendered(archived) -> None:
    house, _ = archived
    report = run(house, draw=3, seed=1)
    again = msgspec.json.decode(msgspec.json.encode(report), type=AuditReport)
    assert again == report
    for render in (
        lambda r: audit_xlsx.render(r, zone="Asia/Shanghai", meanings=meanings()),
        lambda r: audit_html.render(r.output, report=r, generated_at=r.at, zone="Asia/Shanghai", meanings=meanings()),
        lambda r: audit_text.render(r.output, report=r, zone="Asia/Shanghai", meanings=meanings()),
    ):
        assert render(report) == render(again)


# -- the series ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("digest", [True, False], ids=["replaced head", "rolled back"])
def test_a_series_that_was_tampered_with_is_written_to_by_nobody(archived, digest: bool) -> None:
    house, sha = archived
    head = house.root / "store" / keys.head_key("c1")
    if digest:
        head.write_bytes(head.read_bytes().replace(house.head().encode()[-64:], b"0" * 64))
    else:
        *_, before, last = house.segments()
        last.unlink()
        with house.open(damaged=True) as o:
            fitting = series.read_segment(o.archive.store, f"cycles/c1/manifest/{before.name}").head
        head.write_bytes(canonical.encode(fitting))
    with pytest.raises((IntegrityError, ConflictError)):
        act(house, "reject", sha256=sha)
    with pytest.raises((IntegrityError, ConflictError)):
        house.ingest()
    assert blocking(run(house, only="integrity").output)


def test_every_code_of_the_series_has_a_meaning() -> None:
    assert set(re.findall(r"``(series\.[a-z-]+)``", series.__doc__ or "")) <= set(meanings())
    assert all(k.remedy and isinstance(k.nature, Nature) for k in kinds().values())


def test_an_anchor_noted_outside_proves_the_series(archived) -> None:
    house, _ = archived
    anchor = house.head()
    assert anchor is not None
    document(house.inbox / "市教育局" / "Ⅲ58-1 方案.txt", title="方案", number="示教发〔2026〕2号")
    house.ingest()
    assert codes(run(house, expect=anchor)) == set(), "an older anchor is still in the series"
    seq = anchor.partition(":")[0]
    assert codes(run(house, expect=f"{seq}:{'0' * 64}")) == {"head.anchor"}
    assert codes(run(house, expect=f"999:{'0' * 64}")) == {"head.anchor"}
    with pytest.raises(UsageError):
        run(house, expect="7")
