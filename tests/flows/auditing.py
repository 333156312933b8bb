"""Asking the audit of a workspace under test."""

from __future__ import annotations

from datetime import date, datetime

from archive_schema.audit import AuditReport
from archive_schema.outputs import AuditProblem
from archive_schema.records import Record
from flows.audit import audit
from samples import hostile, layout
from storage import keys
from tests.flows.house import NOW, House, document, photo


def problems(report: AuditReport) -> list[AuditProblem]:
    assert report.output.integrity is not None
    return report.output.integrity.problems


def codes(report: AuditReport) -> set[str]:
    return {p.code for p in problems(report)}


def run(house: House, now: datetime = NOW, **options: object) -> AuditReport:
    with house.open(now, damaged=True) as o:
        return audit(o, **options)  # type: ignore[arg-type]


def append(house: House, *records: Record) -> None:
    """What no command would write."""
    with house.open() as o:
        o.archive.commit("test", records)


def fill(house: House) -> None:
    document(house.inbox / "市文明办" / "Ⅲ18-1) 红黑榜发布制度.docx")
    document(house.inbox / "市教育局" / "Ⅲ58-1 方案.pdf", title="某项方案", number="示教发〔2026〕2号")
    photo(house.inbox / "市文明办" / "Ⅲ13-3 好人榜.jpg")
    hostile.produce("truncated_pdf", house.inbox / "市教育局")
    hostile.produce("corrupt_docx", house.inbox / "市教育局")
    table = layout.Table("学校人数", ("学校", "人数"), (("一小", 300), ("二小", 200)), filled_on=date(2026, 4, 1))
    layout.table_xlsx(table, house.inbox / "市教育局" / "数据.xlsx")
    (house.inbox / "市教育局" / "数据.csv").write_text("单位,人数\n一小,300\n二小,200\n", "utf-8")
    house.ingest()


def altered(house: House, sha: str) -> None:
    """One bit is turned; called again, it is turned back."""
    with house.open(damaged=True) as o:
        key = keys.object_key(sha)
        data = bytearray(o.archive.store.get(key))
        data[7] ^= 1
        o.archive.store.put_bytes(key, bytes(data), replace=True)
