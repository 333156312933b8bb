"""Making a workspace, finding it again, and what is said when it is written wrong or its places cannot be reached."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from archive_schema import catalogue as catalogues
from archive_schema import cycle as cycles
from archive_schema.words import EvidenceKind
from tests.dangan.line import Line, dangan, process


def contents(root: Path) -> dict[str, bytes]:
    """Every file that a person may have edited, and every folder."""
    return {
        str(p.relative_to(root)): p.read_bytes() if p.is_file() else b""
        for p in sorted(root.rglob("*"))
        if not p.relative_to(root).parts[0].startswith(("index.sqlite", "store"))
    }


def test_a_new_workspace_has_this_year_the_year_back_from_last_month_and_the_shipped_catalogue(
    empty: Callable[..., Line],
) -> None:
    root = empty().root
    cycle, settings = cycles.load(root / "cycle.toml")
    end = date.today().replace(day=1) - timedelta(days=1)  # noqa: DTZ011 - the user's own day
    start = date(end.year - (end.month < 12), end.month % 12 + 1, 1)
    assert cycle.name == str(date.today().year)  # noqa: DTZ011
    assert cycle.catalogue == "national-2017"
    assert settings == cycles.Settings()
    assert cycle.windows[EvidenceKind.DOCUMENT] == cycles.Window(start, end)
    assert cycle.windows[EvidenceKind.PHOTO] == cycles.Window(start, end)
    two_years = cycles.Window(start.replace(year=start.year - 1), end)
    assert cycle.windows[EvidenceKind.TABLE] == two_years, "statistics often cover two years"
    places = tomllib.loads((root / "dangan.toml").read_text("utf-8"))
    assert places == {"store": "folder:store", "index": "index.sqlite", "inbox": "inbox", "zone": "Asia/Shanghai"}


def test_a_new_workspace_has_a_folder_and_a_row_for_every_unit_of_the_catalogue(empty: Callable[..., Line]) -> None:
    line = empty()
    units = line("units", "show", "--format", "json").json
    assert {u["name"] for u in units} == {p.name for p in line.inbox.iterdir()}
    assert {"市文明办", "市公安局"} <= {u["name"] for u in units}
    assert line.segments() == 0 and (line.root / "store").is_dir() and (line.root / "index.sqlite").is_file()


def test_a_window_given_holds_for_every_kind(empty: Callable[..., Line]) -> None:
    line = empty("--window", "2024-01-01..2024-12-31", "--cycle", "复查")
    cycle, _ = cycles.load(line.root / "cycle.toml")
    assert set(cycle.windows.values()) == {cycles.Window(date(2024, 1, 1), date(2024, 12, 31))}
    assert cycle.name == "复查" == line.coverage()["cycle"]


def test_another_shipped_catalogue_brings_its_own_items(empty: Callable[..., Line]) -> None:
    shown = empty("--catalogue", "fujian-county").coverage()
    county = catalogues.load("fujian-county")
    assert shown["catalogue"] == {
        "edition": county.head.edition,
        "items": len(county.material),
        "requirements": len(county.cells),
    }
    assert [i["id"] for i in shown["items"]] == [i.id for i in county.material]
    assert sum(shown["totals"].values()) == shown["totals"]["missing"] == len(county.cells)


def test_a_catalogue_named_as_a_folder_is_the_one_that_was_asked_for(empty: Callable[..., Line]) -> None:
    folder = f"{catalogues.DATA / 'fujian-county'}/"  # a shell completes it so
    line = empty("--catalogue", folder)
    assert "没有起作用" not in line("init", str(line.root), "--catalogue", folder, here=False).out


def test_making_it_again_changes_nothing(empty: Callable[..., Line]) -> None:
    line = empty("--window", "2024-01-01..2024-12-31")
    (line.root / "cycle.toml").write_text((line.root / "cycle.toml").read_text("utf-8") + "\n# 本市的话\n", "utf-8")
    before = contents(line.root)
    answer = line("init", str(line.root), "--cycle", "other", "--catalogue", "fujian-county", here=False)
    assert "已是工作区,未改动任何文件" in answer.out
    assert "--cycle、--catalogue 与已有的设置不同,没有起作用" in answer.out
    same = line("init", str(line.root), "--window", "2024-01-01..2024-12-31", here=False)
    assert "没有起作用" not in same.out
    assert (
        "--window、--store 与"
        in line("init", str(line.root), "--window", "2023-01-01..2023-12-31", "--store", "folder:b", here=False).out
    )
    assert contents(line.root) == before


def test_making_it_again_puts_back_only_what_is_gone(empty: Callable[..., Line]) -> None:
    line = empty("--window", "2024-01-01..2024-12-31")
    before = contents(line.root)
    (line.inbox / "市文明办").rmdir()
    (line.root / "units.csv").unlink()
    line("init", str(line.root), "--window", "2024-01-01..2024-12-31", here=False)
    assert contents(line.root) == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--window", "2024"), "“2024”不是时段"),
        (("--window", "2024-12-31..2024-01-01"), "不是时段"),
        (("--window", "2024-02-30..2024-12-31"), "不是时段"),
        (("--catalogue", "atlantis"), "找不到目录“atlantis”"),
    ],
)
def test_what_cannot_be_meant_makes_no_workspace(options: tuple[str, ...], said: str, tmp_path: Path) -> None:
    answer = dangan("init", str(tmp_path / "new"), *options)
    assert answer.code == 2 and said in answer.err and "怎么办: " in answer.err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["../../x", "a/b", " ", ".", 'a"b', "a\nb", "a\\b"])
def test_a_cycle_name_that_cannot_be_kept_makes_no_workspace(name: str, tmp_path: Path) -> None:
    answer = dangan("init", str(tmp_path / "new"), "--cycle", name)
    assert answer.code == 2 and "不能作周期或运行的名称" in answer.err
    assert not (tmp_path / "new").exists()


def test_a_store_that_cannot_be_reached_leaves_nothing_that_a_second_try_would_keep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DANGAN_S3_ENDPOINT", raising=False)
    line = Line(tmp_path / "new")
    for store in ("s3://archive/demo", "ftp://archive", 'ftp://"'):
        assert line("init", str(line.root), "--store", store, code=2, here=False).err
        assert not line.root.exists()
    line("init", str(line.root), "--store", 'folder:a "store"', here=False)
    assert (line.root / 'a "store"').is_dir() and line.coverage()["items"]


# -- finding it ---------------------------------------------------------------------------------------------------------


def test_a_command_finds_the_workspace_from_a_folder_below_it(settled: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(settled.inbox / "市文明办")
    assert dangan("coverage", "--format", "json").json["cycle"] == "c1"


def test_the_workspace_is_named_before_or_after_the_verb(
    settled: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    digests = {
        dangan(*words).out
        for words in (
            ("-C", str(settled.root), "manifest", "--digest"),
            ("manifest", "-C", str(settled.root), "--digest"),
            ("manifest", "--digest", "-C", str(settled.inbox)),
        )
    }
    assert len(digests) == 1 and "状态摘要 " in digests.pop()


def test_the_one_after_the_verb_wins(settled: Line, tmp_path: Path) -> None:
    assert dangan("-C", str(tmp_path), "coverage", "-C", str(settled.root), "--format", "json").code == 0


@pytest.mark.parametrize("verb", ["ingest", "coverage", "manifest", "audit", "doctor", "units show", "review list", "serve"])
def test_outside_of_a_workspace_it_is_said_what_to_do(verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    answer = dangan(*verb.split())
    assert answer.code == 2 and answer.out == ""
    assert f"“{tmp_path}”不是工作区" in answer.err and "-C 目录" in answer.err and "dangan init" in answer.err


def test_a_folder_that_is_not_there_names_no_workspace(ws: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a mistyped one would name the workspace above it, and an act of a person be recorded there."""
    monkeypatch.chdir(ws.root)
    act = ("review", "not-applicable", "--item", "III1-1", "--by", "张三", "--reason", "不在范围")
    before = ws.segments()
    for words in (("-C", "2027", *act), (*act, "-C", str(ws.root / "2027"))):
        answer = dangan(*words)
        assert answer.code == 2 and "没有文件夹" in answer.err and "2027" in answer.err
    assert ws.segments() == before
    assert dangan("-C", "inbox", *act).code == 0, "below a workspace"


def test_no_workspace_is_made_by_looking_for_one(tmp_path: Path) -> None:
    assert dangan("-C", str(tmp_path), "coverage").code == 2
    assert list(tmp_path.iterdir()) == []


# -- written wrong ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('store = "folder:store"\nindex = index.sqlite\n', "第 2 行"),
        ('stor = "folder:store"\n', "“stor”"),
        ("store = 7\n", "“store”应为文字"),
        ('zone = "Mars/Olympus"\n', "没有时区“Mars/Olympus”"),
        ('store = "ftp://x"\n', "ftp://x"),
    ],
)
def test_a_wrong_dangan_toml_is_named_with_line_or_key(ws: Line, text: str, said: str) -> None:
    (ws.root / "dangan.toml").write_text(text, "utf-8")
    answer = ws("coverage", code=2)
    assert said in answer.err and "怎么办: " in answer.err
    assert answer.err.count("dangan.toml") >= ("ftp" not in said)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[cycle]", "[cycle", "第 3 行"),
        ("[windows]", "[window]", "[window]"),
        ('default = "2025-11-01..2026-10-31"', 'default = "2025..2026"', "“2025..2026”不是时段"),
        ('default = "2025-11-01', '"视频" = "2025-11-01', "default"),
        ('catalogue = "national-2017"', 'catalogue = "atlantis"', "找不到目录“atlantis”"),
        ('name = "c1"', 'nam = "c1"', "name"),
        ("auto = 1.0", 'auto = "high"', "[margins] 的 auto 应为数,写的是文字"),
        ("auto = 1.0", "automatic = 0.9", "automatic"),
        ("# [[requirement]]", '[[requirement]]\nitem = "III999-1"', "III999-1"),
        ("# [[requirement]]", '[[requirement]]\nitem = "III18-1"\nkind = "录像"', "录像"),
    ],
)
def test_a_wrong_cycle_toml_is_named_with_line_or_key(ws: Line, old: str, new: str, said: str) -> None:
    file = ws.root / "cycle.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    answer = ws("coverage", code=2)
    assert said in answer.err and answer.out == ""


def test_a_byte_order_mark_of_an_editor_does_no_harm(ws: Line) -> None:
    for name in ("dangan.toml", "cycle.toml"):
        text = (ws.root / name).read_text("utf-8")
        (ws.root / name).write_text("\ufeff" + text, "utf-8")
    assert ws.coverage()["cycle"] == "c1"


def test_a_wrong_units_table_is_named_with_row_and_column(ws: Line) -> None:
    file = ws.root / "units.csv"
    file.write_text(file.read_text("utf-8") + "市文明办,,,,,\n", "utf-8")
    rows = len(file.read_text("utf-8").splitlines())
    answer = ws("ingest", code=2)
    assert f"第 {rows} 行“单位名称”" in answer.err


def test_to_look_makes_no_index(ws: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DANGAN_INDEX", str(tmp_path / "别处" / "index.sqlite"))
    for words in (("coverage",), ("audit",), ("export", str(tmp_path / "交审"))):
        assert "索引是空的" in ws(*words, code=2).err
    assert not (tmp_path / "别处").exists()


def test_a_path_that_is_not_there_is_not_said_to_lie_outside(ws: Line, tmp_path: Path) -> None:
    assert "收件箱里没有" in ws("ingest", str(ws.inbox / "市文明办" / "没有这个.pdf"), code=2).err
    assert "不在收件箱" in ws("ingest", str(tmp_path), code=2).err


def test_checks_are_shown_as_the_workspace_has_them(ws: Line) -> None:
    cycle = ws.root / "cycle.toml"
    text = cycle.read_text("utf-8")
    cycle.write_text(text + '\n[checks.PIXELS]\nmin_long_side = 4000\nseverity = "blocking"\n', "utf-8")
    said = ws("checks", "explain", "pixels").out
    assert "min_long_side = 4000" in said and "等级: 阻断" in said
    assert "min_long_side = 1024" in dangan("checks", "explain", "pixels").out, "outside of a workspace"
    listed = {c["code"]: c for c in ws("checks", "list", "--format", "json").json}
    assert (listed["PIXELS"]["severity"], listed["PIXELS"]["params"]["min_long_side"]) == ("blocking", 4000)
    cycle.write_text(text + "\n[checks.PIXEL]\nmin_long_side = 4000\n", "utf-8")
    wrong = ws("checks", "list")
    assert "PIXELS" in wrong.out and "这里显示的是默认" in wrong.err, "the list with which it is mended"


# -- the environment ----------------------------------------------------------------------------------------------------


def test_the_environment_beats_the_file(ws: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "elsewhere"
    (other / "inbox" / "市教育局").mkdir(parents=True)
    (other / "inbox" / "市教育局" / "说明.txt").write_text("示例市文明校园创建情况说明", "utf-8")
    monkeypatch.setenv("DANGAN_STORE", f"folder:{other / 'store'}")
    monkeypatch.setenv("DANGAN_INDEX", str(other / "index.sqlite"))
    monkeypatch.setenv("DANGAN_INBOX", str(other / "inbox"))
    monkeypatch.setenv("DANGAN_ZONE", "UTC")
    found = ws("ingest", "--no-validation", "--format", "json").json
    assert (found["found"], found["new"]) == (1, 1)
    assert (other / "index.sqlite").is_file() and (other / "store" / "objects").is_dir()
    assert "（UTC）" in ws("coverage").out
    for name in ("STORE", "INDEX", "INBOX", "ZONE"):
        monkeypatch.delenv(f"DANGAN_{name}")
    assert list(ws.manifest()) and "市教育局/说明.txt" not in ws.manifest()


def test_a_store_that_does_not_answer_ends_with_3(ws: Line) -> None:
    env = {
        "DANGAN_STORE": "s3://archive/demo",
        "DANGAN_S3_ENDPOINT": "http://127.0.0.1:9",
        "DANGAN_S3_ACCESS_KEY": "who",
        "DANGAN_S3_SECRET_KEY": "knows",
    }
    done = process("-C", str(ws.root), "coverage", env=env)
    assert done.returncode == 3
    assert "127.0.0.1:9" in done.stderr and "怎么办: " in done.stderr
    assert "knows" not in done.stderr and "Traceback" not in done.stderr


def test_a_database_that_does_not_answer_ends_with_3_and_tells_no_password(ws: Line) -> None:
    pytest.importorskip("psycopg")
    done = process("-C", str(ws.root), "coverage", env={"DANGAN_INDEX": "postgresql://who:knows@127.0.0.1:9/x"})
    assert done.returncode == 3
    assert "127.0.0.1:9" in done.stderr and "knows" not in done.stderr


def test_s3_without_its_keys_is_wrong_configuration(ws: Line) -> None:
    keys = {f"DANGAN_S3_{k}": "" for k in ("ENDPOINT", "ACCESS_KEY", "SECRET_KEY")}
    done = process("-C", str(ws.root), "coverage", env={"DANGAN_STORE": "s3://archive/demo", **keys})
    assert done.returncode == 2 and "DANGAN_S3_ENDPOINT" in done.stderr


def test_the_doctor_finds_the_same_and_says_which_probe(ws: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DANGAN_INBOX", str(ws.root / "gone"))
    answer = ws("doctor", "--format", "json", code=3)
    failed = [p["name"] for p in answer.json if p["ok"] is False]
    assert failed == ["收件箱"]
