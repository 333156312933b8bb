"""提交表 as departments send it: a Word table for one item, in the folder or in the archive; of a format that is not read; taken in
before forms were read as now."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import pytest

from archive_schema.evidence import Source
from intake import forms, formsheet
from tests.flows.house import House, document
from tests.intake import make_form

UNIT = "市教育局"
FORM = [
    "测评材料提交表",
    "项目编号：Ⅲ58-1",
    [["序号", "材料名称", "材料类型"], ["1", "文明校园创建方案", "规范文件"], ["2", "没有", ""]],
]
MISSING = "第 3 行: 没有填文件名,也找不到名称是“没有”的文件"


def held(house: House) -> dict[str, Source]:
    with house.open() as o:
        return {s.path: s for s in o.archive.index.sources() if s.present}


def placed(house: House) -> dict[str, list[str]]:
    with house.open() as o:
        lines = o.archive.manifest_lines()
        return {s.path: [p.item for p in line.placements] for line in lines for s in line.sources if s.present}


def material(folder: Path, name: str = "1.文明校园创建方案.docx") -> Path:
    return document(folder / name, title="示例市文明校园创建方案", number="示教发〔2026〕3号")


def packed(folder: Path, *members: Path, name: str = "打包.zip") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / name, "w") as z:
        for m in members:
            z.write(m, f"校园/{m.name}")
            m.unlink()
    return folder / name


def test_a_word_form_for_one_item_speaks_and_is_no_material(new_workspace) -> None:
    house = new_workspace()
    folder = house.inbox / UNIT
    file = material(folder)
    make_form.word(folder / "提交表.docx", *FORM)
    result = house.ingest()
    assert result.output.new == result.output.found == 2
    assert [(f.path, f.text.split(";")[0]) for f in result.forms] == [("提交表.docx", MISSING)]
    sources = held(house)
    form = sources[file.name].form
    assert form is not None and (form.item, form.kind, form.form_path) == ("Ⅲ58-1", "规范文件", "提交表.docx")
    assert sources["提交表.docx"].auxiliary and placed(house) == {file.name: ["III58-1"], "提交表.docx": []}


def test_a_form_that_nobody_reads_is_archived_and_told_until_it_is_saved_otherwise(new_workspace) -> None:
    house = new_workspace()
    folder = house.inbox / UNIT
    document(folder / "测评材料提交表.pdf")
    for result in (house.ingest(), house.ingest()):
        assert result.output.found == 1
        assert [(f.unit, f.path) for f in result.forms] == [(UNIT, "测评材料提交表.pdf")]
        assert "请另存为 XLSX 或 DOCX" in result.forms[0].text
    assert held(house)["测评材料提交表.pdf"].auxiliary and placed(house) == {"测评材料提交表.pdf": []}
    (folder / "测评材料提交表.pdf").rename(folder / "测评材料.pdf")
    assert house.ingest().forms == () and not held(house)["测评材料.pdf"].auxiliary


def test_pictures_in_a_form_are_no_photographs_of_anything(new_workspace) -> None:
    import docx
    from PIL import Image

    house = new_workspace()
    (house.inbox / UNIT).mkdir(parents=True, exist_ok=True)
    shown = io.BytesIO()
    Image.effect_noise((1600, 1200), 80).convert("RGB").save(shown, "JPEG")
    for name in ("提交表.docx", "方案.docx"):
        d = docx.Document()
        d.add_paragraph("现场情况")
        d.add_picture(io.BytesIO(shown.getvalue()))
        d.save(str(house.inbox / UNIT / name))
    house.ingest()
    assert [p.split("!/")[0] for p in held(house) if "!/" in p] == ["方案.docx"]


def test_a_form_in_an_archive_speaks_for_what_lies_beside_and_below_it(new_workspace, tmp_path: Path) -> None:
    house = new_workspace()
    folder = house.inbox / UNIT
    files = [
        material(tmp_path),
        make_form.word(tmp_path / "提交表.docx", *FORM),
        make_form.word(tmp_path / "旧提交表.doc", "x"),
    ]
    packed(folder, *files)
    material(folder, "2.文明校园创建方案.docx")
    told = [("打包.zip!/校园/提交表.docx", MISSING), ("打包.zip!/校园/旧提交表.doc", "旧版 Word 文件不能作为提交表读取")]
    result = house.ingest()
    assert [(f.path, f.text.split(";")[0]) for f in result.forms] == told and {f.unit for f in result.forms} == {UNIT}
    sources = held(house)
    inner, outside = sources["打包.zip!/校园/1.文明校园创建方案.docx"].form, sources["2.文明校园创建方案.docx"].form
    assert inner is not None and (inner.item, inner.form_path) == ("Ⅲ58-1", "打包.zip!/校园/提交表.docx") and outside is None
    assert sources["打包.zip!/校园/提交表.docx"].auxiliary and sources["打包.zip!/校园/旧提交表.doc"].auxiliary
    before = house.digest()
    again = house.ingest()  # nothing is new: no form is opened
    document(house.inbox / UNIT / "别的.txt")
    later = house.ingest()  # the archive is not unpacked again
    assert again.forms == later.forms == result.forms and not again.changed
    assert later.output.known == 2 and house.digest() != before
    (folder / "打包.zip").unlink()
    assert house.ingest().forms == ()


def test_inspect_hears_a_form_in_an_archive(new_workspace, tmp_path: Path) -> None:
    from tests.dangan.line import Line

    house = new_workspace()
    file = packed(house.inbox / UNIT, material(tmp_path), make_form.word(tmp_path / "提交表.docx", *FORM))
    found = {o["path"].rsplit("/", 1)[-1]: o for o in Line(house.root)("inspect", str(file), "--format", "json").json}
    assert [p["item"] for p in found["1.文明校园创建方案.docx"]["placements"]] == ["III58-1"]
    assert found["提交表.docx"]["placements"] == []


def test_what_was_taken_in_before_forms_were_read_as_now_is_heard_by_the_next_pass(
    new_workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, at_once = new_workspace(), new_workspace("at-once")
    folder = house.inbox / UNIT
    packed(folder / "包", material(tmp_path), make_form.word(tmp_path / "提交表.docx", *FORM))
    material(folder / "夹")
    make_form.word(folder / "夹" / "提交表.docx", *FORM)
    shutil.copytree(house.inbox, at_once.inbox, dirs_exist_ok=True)
    expected = at_once.ingest()
    with monkeypatch.context() as before:
        before.setattr(forms, "MARK", "没有这样的名称")
        before.setattr(formsheet, "VERSION", 1)
        assert house.ingest().forms == ()
    assert not held(house)["夹/提交表.docx"].auxiliary
    result = house.ingest()
    assert result.forms == expected.forms and result.output.known == result.output.found == 3

    def said(h: House) -> dict[str, tuple[object, ...]]:
        return {p: (s.auxiliary, s.form) for p, s in held(h).items()}

    assert said(house) == said(at_once) and placed(house) == placed(at_once)
    assert not house.ingest().changed
