"""``dangan inspect``: what an ingest would make of a file, without storing any of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from samples import hostile, layout
from tests.dangan import town
from tests.dangan.line import Line, dangan, process


def inspect(*files: Path | str, line: Line | None = None) -> list[dict[str, Any]]:
    words = ("inspect", *map(str, files), "--format", "json")
    answer = line(*words) if line else dangan(*words)
    assert answer.code == 0, answer.err
    found = answer.json
    assert isinstance(found, list)
    return found


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is in no workspace."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def codes(one: dict[str, Any]) -> list[str]:
    return [f["code"] for f in one["findings"]]


def test_it_says_of_every_file_what_the_archive_holds_of_it(settled: Line) -> None:
    """The same reader, classifier and judge as an ingest: nothing is told twice in two ways."""
    held = settled.manifest()
    files = [f for f in held if "!/" not in f]
    found = inspect(*(settled.inbox / f for f in files), line=settled)
    shown = {
        str(Path(i["path"].split("!/")[0]).relative_to(settled.inbox))
        + i["path"].partition("!/")[1]
        + i["path"].partition("!/")[2]: i
        for i in found
    }
    assert set(shown) == set(held)
    for place, i in shown.items():
        m = held[place]
        assert i["media_type"] == m["media_type"]
        assert {k: v for k, v in i["facts"].items() if not k.startswith("caption")} == m["facts"]
        assert (i["kind"]["name"] if i["kind"] else None) == m["kind"]
        assert [{k: p[k] for k in ("item", "kind", "method", "score", "status")} for p in i["placements"]] == m["placements"]
        assert sorted((f["code"], f["severity"]) for f in i["findings"]) == [(f["code"], f["severity"]) for f in m["findings"]]
        assert i["unchecked"] == m["unchecked"]


def test_nothing_is_stored(ws: Line) -> None:
    file = town.document(ws.inbox / town.SCHOOLS / "III58-1 创建方案.docx", "示例市文明校园创建方案", "示教发〔2026〕3号")

    def everything() -> dict[str, tuple[int, int]]:
        return {str(p): (p.stat().st_size, p.stat().st_mtime_ns) for p in ws.root.rglob("*") if p.is_file()}

    before = everything()
    [found] = inspect(file, line=ws)
    assert [p["item"] for p in found["placements"]] == ["III58-1"]
    assert everything() == before
    assert "未存入档案" in ws("inspect", str(file)).out


def test_the_folder_of_the_inbox_says_whose_it_is(ws: Line) -> None:
    for unit in (town.LEAD, town.SCHOOLS):
        town.document(ws.inbox / unit / "制度.docx", "红黑榜公示制度", "示文明办发〔2026〕31号")
    lead, schools = inspect(ws.inbox / town.LEAD / "制度.docx", ws.inbox / town.SCHOOLS / "制度.docx", line=ws)
    assert lead["placements"][0]["score"] > schools["placements"][0]["score"]
    assert any("牵头单位" in r for r in lead["placements"][0]["reasons"])
    assert any("不在 III18-1 的责任单位之列" in r for r in schools["placements"][0]["reasons"])


def test_a_folder_of_no_unit_is_a_finding_and_a_file_from_elsewhere_is_not(ws: Line, tmp_path: Path) -> None:
    (ws.inbox / "市文明委办").mkdir()
    unknown = town.document(ws.inbox / "市文明委办" / "制度.docx", "诚信红黑榜发布制度", "示文明办发〔2026〕31号")
    elsewhere = town.document(tmp_path / "制度.docx", "诚信红黑榜发布制度", "示文明办发〔2026〕31号")
    one, other = inspect(unknown, elsewhere, line=ws)
    assert codes(one) == ["UNIT"] and codes(other) == []
    assert [p["item"] for p in one["placements"]] == [p["item"] for p in other["placements"]] == ["III18-1"]


def test_a_form_and_a_caption_beside_the_file_speak(ws: Line) -> None:
    folder = ws.inbox / town.LEAD / "报送"
    folder.mkdir()
    layout.photo(layout.Photo(seed="beside"), folder / "DSC0001.jpg")
    (folder / "DSC0001.txt").write_text("2026年4月5日人民广场诚信红黑榜公示栏", "utf-8")
    town.document(folder / "附件一.docx", "某某工作制度", "示文明办发〔2026〕32号")
    (folder / "提交表.csv").write_text("文件,编号,材料类型,标题\n附件一.docx,Ⅲ18-1,规范文件,红黑榜发布制度\n", "utf-8")
    picture, document, form = inspect(*(folder / n for n in ("DSC0001.jpg", "附件一.docx", "提交表.csv")), line=ws)
    assert picture["facts"]["caption"]["value"] == "2026年4月5日人民广场诚信红黑榜公示栏"
    assert [(p["item"], p["kind"], p["method"]) for p in document["placements"]] == [("III18-1", "规范文件", "form")]
    assert form["placements"] == [] == form["findings"], "a form asks for no placement itself"


def test_outside_of_a_workspace_the_shipped_catalogue_is_used(outside: Path) -> None:
    file = town.document(outside / "III18-1 诚信红黑榜发布制度.docx", "诚信红黑榜发布制度", "示文明办发〔2026〕21号")
    [found] = inspect(file.name)
    assert found["path"] == file.name
    assert [(p["item"], p["status"]) for p in found["placements"]] == [("III18-1", "auto")]
    assert found["facts"]["document_number"]["value"] == "示文明办发〔2026〕21号"
    assert list(outside.iterdir()) == [file]


def test_the_folder_that_a_file_from_elsewhere_lies_in_says_nothing(outside: Path) -> None:
    folder = outside / "III36-1 信访制度" / "市公安局"
    folder.mkdir(parents=True)
    here = town.document(outside / "制度.docx", "诚信红黑榜发布制度", "示文明办发〔2026〕21号")
    there = folder / "制度.docx"
    there.write_bytes(here.read_bytes())
    one, other = inspect(here, there)
    assert (one["placements"], one["findings"]) == (other["placements"], other["findings"])


def test_an_archive_is_shown_with_each_of_its_members(outside: Path) -> None:
    file = hostile.produce("nested_zip", outside)
    found = inspect(file.name)
    names = [i["path"] for i in found]
    assert names[:3] == ["套三层.zip", "套三层.zip!/中层.zip", "套三层.zip!/中层.zip!/内层.zip"]
    assert len(names) == 5 and all(n.startswith("套三层.zip!/中层.zip!/内层.zip!/诚信红黑榜/") for n in names[3:])
    assert [bool(i["placements"]) for i in found] == [False, False, False, True, True]


def test_a_suspected_secret_is_said_and_nothing_of_it_is_shown(outside: Path) -> None:
    file = hostile.produce("secret_pdf", outside)
    [found] = inspect(file)
    assert found["facts"] == {} and found["placements"] == [] and found["kind"] is None
    [finding] = found["findings"]
    assert finding["severity"] == "blocking" and "疑似涉密" in finding["text"] and "请立即联系保密办" in finding["text"]
    answer = dangan("inspect", str(file))
    assert "疑似涉密" in answer.out and answer.code == 0
    assert "红黑榜" not in answer.out and "示文明办发" not in answer.out


def test_a_secret_inside_of_an_archive_hides_the_whole_archive(outside: Path) -> None:
    import zipfile

    secret = hostile.produce("secret_pdf", outside)
    with zipfile.ZipFile(outside / "打包.zip", "w") as z:
        z.write(secret, "材料/涉密.pdf")
        z.writestr("材料/诚信红黑榜.txt", "诚信红黑榜发布制度")
    [found] = inspect(outside / "打包.zip")
    assert found["media_type"] == "application/zip" and found["facts"] == {}
    assert "疑似涉密" in found["findings"][0]["text"] and "材料/涉密.pdf" in found["findings"][0]["text"]


@pytest.mark.parametrize(
    ("sort", "severity", "said"),
    [
        ("zip_bomb", "blocking", "将被隔离"),
        ("bomb_png", "blocking", "将被隔离"),
        ("traversal_zip", "blocking", "将被隔离"),
        ("empty_file", "warning", "暂不收"),
        ("lock_file", "warning", "暂不收"),
        ("thumbs_db", "notice", "将被忽略"),
    ],
)
def test_a_file_that_would_not_be_archived_is_reported_as_such(sort: str, severity: str, said: str, outside: Path) -> None:
    file = hostile.produce(sort, outside)
    [found] = inspect(file)
    [finding] = found["findings"]
    assert finding["severity"] == severity and said in finding["text"] and file.name in finding["text"]
    assert found["facts"] == {} and found["placements"] == []


def test_a_link_is_not_followed(outside: Path) -> None:
    file = town.document(outside / "制度.docx", "诚信红黑榜发布制度", "示文明办发〔2026〕21号")
    (outside / "链接.docx").symlink_to(file)
    [found] = inspect(outside / "链接.docx")
    assert found["facts"] == {} and "符号链接" in found["findings"][0]["text"]


def test_a_damaged_file_is_reported_with_what_to_do(outside: Path) -> None:
    [found] = inspect(hostile.produce("truncated_pdf", outside))
    assert codes(found) == ["OPEN"] and found["findings"][0]["remedy"]


@pytest.mark.parametrize("path", ["nowhere.pdf", "."])
def test_a_path_that_is_no_file_is_named(path: str, outside: Path) -> None:
    good = town.document(outside / "制度.docx", "诚信红黑榜发布制度", "示文明办发〔2026〕21号")
    answer = dangan("inspect", good.name, path)
    assert answer.code == 2 and f"'{path}'" in answer.err and answer.out == ""


def test_a_file_that_may_not_be_read_is_named(outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = town.document(outside / "制度.docx", "诚信红黑榜发布制度", "示文明办发〔2026〕21号")
    file.chmod(0)
    if os.geteuid() == 0:  # root may read everything: the system's answer to anybody else
        monkeypatch.setattr(os, "access", lambda path, mode: Path(os.fsdecode(path)).name != file.name)
    answer = dangan("inspect", file.name)
    assert answer.code == 2 and "制度.docx" in answer.err and "读不了" in answer.err


def test_two_files_of_one_name_are_two(outside: Path) -> None:
    for n, title in enumerate(("诚信红黑榜发布制度", "联合惩戒备忘录")):
        (outside / str(n)).mkdir()
        town.document(outside / str(n) / "制度.docx", title, f"示文明办发〔2026〕{n + 1}号")
    found = inspect("0/制度.docx", "1/制度.docx", "0/制度.docx")
    assert [i["path"] for i in found] == ["0/制度.docx", "1/制度.docx", "0/制度.docx"]
    assert [i["facts"]["document_number"]["raw"][-2] for i in found] == ["1", "2", "1"]


def test_it_can_be_written_to_a_file(outside: Path) -> None:
    town.document(outside / "制度.docx", "诚信红黑榜发布制度", "示文明办发〔2026〕21号")
    done = process("inspect", "制度.docx", "-o", "结果.txt", cwd=outside)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "示文明办发〔2026〕21号" in (outside / "结果.txt").read_text("utf-8")
