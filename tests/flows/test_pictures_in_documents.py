"""Photographs inside documents are evidence of their own, linked to the document; archives of every sort bring members."""

from __future__ import annotations

import tarfile
import zipfile
from datetime import date
from pathlib import Path

from archive_schema.evidence import Source
from samples import layout, photo
from samples.layout import Photo, Report
from tests.flows.house import House, document

REPORT = "关于诚信红黑榜发布情况的说明"


def picture(seed: str) -> bytes:
    return photo.encode(Photo(seed=seed), "JPEG")


def report(into: Path, *seeds: str) -> Path:
    into.parent.mkdir(parents=True, exist_ok=True)
    text = "今年以来,我市共发布红黑榜六期,公布守信企业四十家,失信企业十二家,联合惩戒有力有序。" * 8
    spec = Report(REPORT, (text,), "示例市文明办", date(2026, 3, 5), pictures=tuple(map(picture, seeds)))
    return layout.report(spec, into)


def sources(house: House) -> dict[str, Source]:
    with house.open() as o:
        return {f"{s.folder}/{s.path}": s for s in o.archive.index.sources()}


def test_photographs_in_a_report_are_members_of_it_and_the_report_stays_evidence(new_workspace) -> None:
    house = new_workspace()
    path = report(house.inbox / "市文明办" / "Ⅲ18-1) 情况说明.docx", "a", "b")
    out = house.ingest().output
    assert (out.found, out.new, out.members) == (1, 1, 2)
    found = sources(house)
    parent = found["市文明办/Ⅲ18-1) 情况说明.docx"]
    first, second = (found[f"市文明办/Ⅲ18-1) 情况说明.docx!/图片{n}.jpg"] for n in (1, 2))
    assert first.member_of == second.member_of == parent.sha256 and not parent.auxiliary
    assert first.caption is not None and first.caption.value == REPORT and first.caption.method == "document"
    lines = house.manifest()
    for source in (first, second):
        line = lines[f"市文明办/{source.path}"]
        assert line.media_type == "image/jpeg" and line.kind == "实景图片"
        assert [p.item for p in line.placements] == ["III18-1"], "what the name of the report says holds for its pictures"
    with house.open() as o:
        assert o.archive.store.get(lines[f"市文明办/{first.path}"].object_key) == picture("a")
    assert lines["市文明办/Ⅲ18-1) 情况说明.docx"].kind == "说明报告"
    again = house.ingest().output
    assert (again.known, again.members) == (1, 2) and again.state_digest == out.state_digest
    report(path, "b")  # the first is gone
    third = house.ingest().output
    assert third.members == 1
    assert {p: s.present for p, s in sources(house).items() if "图片2" in p} == {
        "市文明办/Ⅲ18-1) 情况说明.docx!/图片2.jpg": False
    }


def test_a_form_row_of_a_report_names_the_item_of_its_pictures_too(new_workspace) -> None:
    house = new_workspace()
    report(house.inbox / "市文明办" / "说明.docx", "a")
    (house.inbox / "市文明办" / "图片1.jpg").write_bytes(picture("other"))
    (house.inbox / "市文明办" / "提交表.csv").write_text(
        "文件,编号,材料类型,标题,日期,报送日期\n说明.docx,Ⅲ18-1,说明报告,红黑榜情况说明,2026-03-05,2026-09-01\n"
        "图片1.jpg,Ⅲ13-3,实景图片,好人榜,2026-03-05,2026-09-01\n",
        "utf-8",
    )
    result = house.ingest()
    assert result.forms == (), "a picture in a document is no second file of its name"
    lines = house.manifest()
    assert [p.item for p in lines["市文明办/说明.docx!/图片1.jpg"].placements] == ["III18-1"]
    assert [p.item for p in lines["市文明办/图片1.jpg"].placements] == ["III13-3"]
    inner = sources(house)["市文明办/说明.docx!/图片1.jpg"]
    assert inner.submitted_at is not None and inner.submitted_at == sources(house)["市文明办/说明.docx"].submitted_at


def test_pictures_of_a_document_in_an_archive_are_members_of_the_document(new_workspace, tmp_path: Path) -> None:
    house = new_workspace()
    inner = report(tmp_path / "说明.docx", "a")
    (house.inbox / "市文明办").mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(house.inbox / "市文明办" / "报送.zip", "w") as z:
        z.write(inner, "Ⅲ18-1 说明.docx")
    assert house.ingest().output.members == 2
    found = sources(house)
    held = found["市文明办/报送.zip!/Ⅲ18-1 说明.docx!/图片1.jpg"]
    assert held.member_of == found["市文明办/报送.zip!/Ⅲ18-1 说明.docx"].sha256
    assert found["市文明办/报送.zip"].auxiliary


def test_a_compressed_tar_brings_members_as_a_zip_does(new_workspace, tmp_path: Path) -> None:
    house = new_workspace()
    inner = document(tmp_path / "a.docx")
    (house.inbox / "市文明办").mkdir(parents=True, exist_ok=True)
    with tarfile.open(house.inbox / "市文明办" / "报送.tar.gz", "w:gz") as t:
        t.add(inner, "Ⅲ18-1 制度.docx")
    out = house.ingest().output
    assert (out.new, out.members) == (1, 1)
    line = house.manifest()["市文明办/报送.tar.gz!/Ⅲ18-1 制度.docx"]
    assert [p.item for p in line.placements] == ["III18-1"]
