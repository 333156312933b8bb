"""A second copy is verified, incremental and compared; the store, or a copy of it, is enough to have everything again."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import jsonschema
import msgspec
import pytest

from archive_schema import catalogue as catalogues
from archive_schema.copies import CopyDifference, CopyOutput
from archive_schema.decisions import Decision
from archive_schema.errors import ConflictError, UnavailableError, UsageError
from archive_schema.schemas import FOLDER
from archive_schema.words import DecisionAction
from dangan.commands import restore as restore_command
from flows import replacing
from flows.copying import compare, copy
from flows.coverage import coverage_report
from flows.decide import decide, new_id
from flows.ingest import new_run
from storage.factory import open_store
from storage.folder import FolderStore
from tests.dangan.line import dangan
from tests.flows.house import NOW, House, document, small_inbox
from tests.pgserver import PostgresServer
from tests.s3server import S3Server

PLACE = "市文明办/Ⅲ18-1) 红黑榜发布制度.txt"


def act(house: House, action: str, **fields: object) -> None:
    with house.open() as o:
        d = Decision(id=new_id(NOW), action=DecisionAction(action), by="张三", at=NOW, reason="试", **fields)  # type: ignore[arg-type]
        decide(o, [d], new_run(NOW))


def everything(house: House) -> dict[str, object]:
    """What must be equal before and after."""
    with house.open() as o:
        c = coverage_report(o).coverage
        return {
            "state digest": o.archive.state_digest(),
            "head": o.archive.head().anchor,
            "coverage": msgspec.to_builtins([c.items, c.totals, c.item_totals, c.units, c.unplaced]),
            "manifest": [msgspec.json.encode(m) for m in o.archive.manifest_lines()],
            "decisions": o.archive.index.decisions(),
            "config": o.config.digests,
            "recorded": o.archive.index.config(),
        }


def lived_in(house: House) -> None:
    """A cycle with settings of its own, a catalogue of its own, a small inbox and two decisions."""
    catalogue = msgspec.structs.replace(catalogues.load("national-2017"))
    own = msgspec.structs.replace(catalogue, head=msgspec.structs.replace(catalogue.head, id="own", note='本市"手册"\\二稿'))
    replacing.folder(house.root / "catalogue" / "own", catalogues.files(own))
    house.set_cycle('catalogue = "national-2017"', 'catalogue = "catalogue/own"\ncity = "示例市"\ndeadline = 2026-09-30')
    with (house.root / "cycle.toml").open("a", encoding="utf-8") as f:
        f.write('\n[[requirement]]\nitem = "III18-1"\nkind = "规范文件"\nneeded = 2\nperson = "李四"\n')
        f.write('\n[margins]\nauto = 0.75\n\n[checks.PIXELS]\nmin_long_side = 800\nseverity = "warning"\n')
    units = house.root / "units.csv"
    units.write_text(units.read_text("utf-8-sig").replace("市教育局,", "市教育局,教育局;市教委", 1), "utf-8")
    small_inbox(house.inbox)
    house.ingest()
    sha = house.manifest()[PLACE].sha256
    act(house, "return", sha256=sha, unit="市文明办")
    act(house, "not_applicable", item="III2-2")


def schema(name: str) -> object:
    return json.loads((FOLDER / f"{name}.schema.json").read_text("utf-8"))


def only_the_store_left(house: House) -> None:
    for path in house.root.iterdir():
        if path.name != "store":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def restored(root: Path, *options: str) -> dict[str, object]:
    answer = dangan("restore", str(root), *options, "--format", "json")
    assert answer.code == 0, answer.err
    jsonschema.validate(answer.json, schema("restore"))
    return answer.json


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Read only."""
    house = House.build(tmp_path_factory.mktemp("town") / "ws")
    lived_in(house)
    return house


@pytest.fixture
def ws(town: House, tmp_path: Path) -> House:
    shutil.copytree(town.root, tmp_path / "ws")
    return House(tmp_path / "ws")


# -- restore -----------------------------------------------------------------------------------------------------------


def test_with_only_the_store_left_everything_is_there_again(ws: House) -> None:
    before = everything(ws)
    only_the_store_left(ws)
    answer = restored(ws.root, "--store", "folder:store", "--take-over")
    assert everything(ws) == before
    assert (answer["state_digest"], answer["head"], answer["writer"]) == (before["state digest"], before["head"], True)
    assert set(answer["written"]) == {"catalogue/own", "units.csv", "cycle.toml"}
    assert (ws.root / "reports" / "覆盖情况.html").is_file()
    report = json.loads((ws.root / "reports" / "覆盖情况.json").read_text("utf-8"))
    assert report["items"] == before["coverage"][0]
    assert (ws.root / "inbox" / "市教育局").is_dir()
    act(ws, "undo", decision=before["decisions"][0].id)
    assert everything(ws)["state digest"] != before["state digest"], "it may write"


def test_a_restore_that_was_cut_off_is_completed_by_the_same_command(town: House, tmp_path: Path) -> None:
    shutil.copy(town.root / "dangan.toml", tmp_path)  # all that it left
    place, written = restore_command._place(tmp_path, "folder:store", None)
    assert (place.store, written) == ("folder:store", [])
    other = dangan("restore", str(tmp_path), "--store", "folder:elsewhere")
    assert other.code == 2 and "已写明" in other.err


def test_after_a_restore_the_next_ingest_of_the_same_inbox_appends_no_configuration(ws: House, town: House) -> None:
    only_the_store_left(ws)
    restored(ws.root, "--take-over")
    shutil.copytree(town.inbox, ws.inbox, dirs_exist_ok=True)
    before = everything(ws)
    assert ws.ingest().output.new == 0
    assert everything(ws) == before


def test_a_restore_changes_no_file_that_is_there(ws: House) -> None:
    (ws.root / "index.sqlite").unlink()
    (ws.root / "units.csv").unlink()
    kept = {n: (ws.root / n).read_bytes() for n in ("dangan.toml", "cycle.toml")}
    assert restored(ws.root)["written"] == ["units.csv"]
    assert {n: (ws.root / n).read_bytes() for n in kept} == kept


def test_a_catalogue_that_lay_elsewhere_comes_into_the_workspace(new_workspace, tmp_path: Path) -> None:
    house = new_workspace()
    elsewhere = tmp_path / "elsewhere"
    replacing.folder(elsewhere, catalogues.files(catalogues.load("fujian-county")))
    house.set_cycle('catalogue = "national-2017"', f'catalogue = "{elsewhere}"')
    (house.root / "units.csv").unlink()
    house.ingest()
    shutil.rmtree(elsewhere)
    only_the_store_left(house)
    document(house.inbox / "x" / "y.txt")  # so that there is an inbox
    assert "catalogue/fujian-county" in restored(house.root, "--take-over")["written"]
    with house.open() as o:
        assert o.catalogue == catalogues.load("fujian-county") and o.cycle.catalogue == "catalogue/fujian-county"


def test_another_index_may_read_after_a_restore_and_write_only_after_taking_over(ws: House, tmp_path: Path) -> None:
    shutil.copytree(ws.root / "store", tmp_path / "backup")
    answer = restored(tmp_path / "new", "--store", str(tmp_path / "backup"))
    second = House(tmp_path / "new")
    assert answer["writer"] is False
    with pytest.raises(ConflictError):
        act(second, "not_applicable", item="III1-1")


def test_of_several_cycles_one_has_to_be_named(ws: House) -> None:
    other = ws.root / "store" / "cycles" / "c2"
    shutil.copytree(ws.root / "store" / "cycles" / "c1", other)
    only_the_store_left(ws)
    refused = dangan("restore", str(ws.root))
    assert refused.code == 2 and "--cycle" in refused.err and "c1、c2" in refused.err
    assert [p.name for p in ws.root.iterdir()] == ["store"], "nothing is left that the next try would have to respect"
    assert restored(ws.root, "--cycle", "c1")["cycle"] == "c1"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--store", "folder:nowhere"), "没有文件夹"),
        (("--store", "folder:empty"), "没有任何归档清单"),
        ((), "没有文件夹"),
        (("--store", "ftp://x"), "不认识的存储地址"),
    ],
)
def test_a_store_that_is_none_is_refused_and_nothing_is_made(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    root = tmp_path / "new"
    (root / "empty").mkdir(parents=True)
    answer = dangan("restore", str(root), *options)
    assert answer.code == 2 and said in answer.err
    assert [p.name for p in root.iterdir()] == ["empty"]


def test_other_places_than_those_written_are_refused(ws: House) -> None:
    for option, place in (("--store", "folder:other"), ("--index", "other.sqlite")):
        answer = dangan("restore", str(ws.root), option, place)
        assert answer.code == 2 and "dangan.toml" in answer.err


def test_into_postgresql(ws: House, postgres_server: PostgresServer) -> None:
    before = everything(ws)
    only_the_store_left(ws)
    restored(ws.root, "--index", postgres_server.database(), "--take-over")
    assert everything(ws) == before
    assert not (ws.root / "index.sqlite").exists()


@pytest.mark.s3
def test_from_a_bucket_downloaded_into_a_folder(s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in s3_server.env.items():
        monkeypatch.setenv(name, value)
    house = House.build(tmp_path / "ws", store=f"{s3_server.bucket_url()}/档案", env=s3_server.env)
    lived_in(house)
    before = everything(house)
    with house.open() as o:
        for info in o.archive.store.list(""):
            file = tmp_path / "download" / info.key
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(o.archive.store.get(info.key))
    restored(tmp_path / "new", "--store", f"folder:{tmp_path}/download", "--take-over")
    assert everything(House(tmp_path / "new")) == before


# -- copy --------------------------------------------------------------------------------------------------------------


def copied(house: House, url: str, **options: object) -> CopyOutput:
    with house.open() as o:
        return copy(o, url, env=house.env or None, **options)  # type: ignore[arg-type]


def compared(house: House, url: str, **options: object) -> list[CopyDifference]:
    with house.open() as o:
        return compare(o, url, env=house.env or None, **options).differences  # type: ignore[arg-type]


def test_a_copy_holds_the_whole_archive_and_can_be_restored(ws: House, tmp_path: Path) -> None:
    url = f"folder:{tmp_path}/second"
    before = everything(ws)
    result = copied(ws, url)
    assert result.heads == {"c1": before["head"]} and result.copied > 20 and not result.differences
    assert compared(ws, url, full=True) == []
    shutil.rmtree(ws.root)
    restored(ws.root, "--store", url, "--take-over")
    assert everything(ws) == before


def test_a_second_run_copies_only_what_is_new(ws: House, tmp_path: Path) -> None:
    url = f"folder:{tmp_path}/second"
    first = copied(ws, url)
    again = copied(ws, url)
    assert (again.copied, again.bytes) == (0, 0) and again.kept > 20
    document(ws.inbox / "市教育局" / "Ⅲ58-1 方案.txt", title="方案", number="示教发〔2026〕12号")
    ws.ingest()
    assert {d.code for d in compared(ws, url)} == {"copy.behind", "copy.missing"}
    later = copied(ws, url)
    assert 0 < later.copied < first.copied // 2
    assert compared(ws, url, full=True) == []


def test_a_copy_that_was_interrupted_is_completed_and_has_no_head_before(ws: House, tmp_path: Path) -> None:
    url = f"folder:{tmp_path}/second"

    def stop(done: int, kept: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copied(ws, url, progress=stop)
    assert not list((tmp_path / "second").glob("cycles/*/HEAD.json")) and list((tmp_path / "second").rglob("*"))
    assert not list(ws.root.glob(".copy-*"))
    copied(ws, url)
    assert compared(ws, url, full=True) == []


def test_differences_name_what_was_lost_added_or_altered_in_the_copy(ws: House, tmp_path: Path) -> None:
    second = tmp_path / "second"
    copied(ws, f"folder:{second}")
    objects = sorted(p for p in (second / "objects").rglob("*") if p.is_file())
    segments = sorted((second / "cycles/c1/manifest").iterdir())
    objects[0].unlink()
    objects[1].write_bytes(objects[1].read_bytes()[:-1])
    objects[2].write_bytes(objects[2].read_bytes()[:-1] + b"\x00")
    segments[0].write_bytes(segments[0].read_bytes().replace(b"0", b"1", 1))
    (objects[3].parent / ("f" * 64)).write_bytes(b"x")
    fast = {(d.code, d.key.rpartition("/")[2]) for d in compared(ws, f"folder:{second}")}
    quick = {("copy.missing", objects[0].name), ("copy.size", objects[1].name), ("copy.extra", "f" * 64)}
    assert fast == quick
    full = {(d.code, d.key.rpartition("/")[2]) for d in compared(ws, f"folder:{second}", full=True)}
    assert full == quick | {("copy.content", objects[2].name), ("copy.content", segments[0].name)}
    assert dangan("-C", str(ws.root), "copy", "--to", f"folder:{second}", "--check").code == 1


def test_a_damaged_object_is_named_and_not_copied_and_the_rest_is(ws: House, tmp_path: Path) -> None:
    key = ws.manifest()[PLACE].object_key
    file = ws.root / "store" / key
    file.write_bytes(file.read_bytes()[:-1] + b"\x00")
    result = copied(ws, f"folder:{tmp_path}/second")
    assert [(d.code, d.key) for d in result.differences] == [("source.damaged", key)]
    assert not (tmp_path / "second" / key).exists() and result.heads


def test_large_objects_go_through_a_file(ws: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.copying._SMALL", 100)
    assert copied(ws, f"folder:{tmp_path}/second").differences == []
    assert compared(ws, f"folder:{tmp_path}/second", full=True) == []
    key = ws.manifest()[PLACE].object_key
    file = ws.root / "store" / key
    file.write_bytes(file.read_bytes()[:-1] + b"\x00")
    assert [d.key for d in copied(ws, f"folder:{tmp_path}/third").differences] == [key]


def test_another_archive_is_never_written_over(ws: House, new_workspace, tmp_path: Path) -> None:
    url = f"folder:{tmp_path}/second"
    other = new_workspace("other")
    document(other.inbox / "市文明办" / "a.txt")
    other.ingest()
    copied(other, url)
    before = {p: p.read_bytes() for p in (tmp_path / "second").rglob("*") if p.is_file()}
    with pytest.raises(ConflictError, match="not part of"):
        copied(ws, url)
    assert {p: p.read_bytes() for p in (tmp_path / "second").rglob("*") if p.is_file()} == before


def test_the_store_is_not_its_own_copy(ws: House) -> None:
    for url in ("folder:store", "store/objects"):
        with pytest.raises(UsageError):
            copied(ws, url)


def test_without_the_derived_texts_only_objects_and_series_are_copied(ws: House, tmp_path: Path) -> None:
    copied(ws, f"folder:{tmp_path}/second", derived=False)
    assert {p.name for p in (tmp_path / "second").iterdir()} == {"objects", "cycles", ".tmp"}
    assert compared(ws, f"folder:{tmp_path}/second", full=True) == []


def test_every_difference_is_explained_on_the_command_line(ws: House, tmp_path: Path) -> None:
    from dangan.commands.copy import MEANINGS

    assert all(code in (CopyDifference.__doc__ or "") for code in MEANINGS)
    answer = dangan("-C", str(ws.root), "copy", "--to", f"folder:{tmp_path}/second", "--full", "--format", "json")
    assert answer.code == 0 and answer.json["differences"] == []
    jsonschema.validate(answer.json, schema("copy"))
    assert dangan("-C", str(ws.root), "copy", "--to", f"folder:{tmp_path}/second", "--check").out.endswith("副本与档案库一致\n")


@pytest.mark.s3
def test_from_a_folder_into_a_bucket_and_on_into_another(ws: House, s3_server: S3Server, tmp_path: Path) -> None:
    ws.env = s3_server.env
    url = f"{s3_server.bucket_url()}/副本"
    assert copied(ws, url).differences == [] and compared(ws, url, full=True) == []
    assert copied(ws, url).copied == 0
    target = open_store(url, base=tmp_path, env=s3_server.env)
    here = FolderStore(ws.root / "store")
    assert [(i.key, i.size) for i in target.list("cycles/")] == [(i.key, i.size) for i in here.list("cycles/")]


@pytest.mark.s3
def test_a_bucket_that_is_not_there_is_refused_and_none_is_made(
    s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in s3_server.env.items():
        monkeypatch.setenv(name, value)
    house = House.build(tmp_path / "ws", store=f"{s3_server.bucket_url()}/档案", env=s3_server.env)
    document(house.inbox / "市文明办" / "Ⅲ18-1) 红黑榜发布制度.txt")
    house.ingest()
    other = s3_server.bucket_url()
    check = dangan("-C", str(house.root), "copy", "--check", "--to", f"{other}/副本")
    new = dangan("restore", str(tmp_path / "new"), "--store", f"{other}/档案")
    monkeypatch.setenv("DANGAN_STORE", f"{other}/档案")
    for words in (["coverage"], ["audit"], ["ingest"]):
        answer = dangan("-C", str(house.root), *words)
        assert answer.code == 3 and f"存储不在: {other}/档案" in answer.err and "没有新建空的存储" in answer.err
    for answer in (check, new):
        assert answer.code == 2 and "没有名为" in answer.err
    with pytest.raises(UsageError) as e:
        open_store(other, base=tmp_path, env=s3_server.env, must_exist=True)
    assert e.value.code == "store.absent"


def test_a_copy_that_is_not_there_is_not_made_by_comparing_with_it(ws: House, tmp_path: Path) -> None:
    answer = dangan("-C", str(ws.root), "copy", "--check", "--to", f"folder:{tmp_path}/second")
    assert answer.code == 2 and "没有文件夹" in answer.err
    assert not (tmp_path / "second").exists()


@pytest.mark.s3
def test_the_copy_may_be_on_a_server_of_its_own(ws: House, s3_server: S3Server) -> None:
    wrong = {**s3_server.env, "DANGAN_S3_ENDPOINT": "http://127.0.0.1:1"}
    own = {k.replace("DANGAN_S3", "DANGAN_COPY_S3"): v for k, v in s3_server.env.items()}
    url = s3_server.bucket_url()
    with ws.open() as o:
        assert copy(o, url, env={**wrong, **own}).copied > 20
        with pytest.raises(UnavailableError):
            copy(o, s3_server.bucket_url(), env=wrong)


def test_time_passing_changes_no_byte_of_a_copy(ws: House, tmp_path: Path) -> None:
    copied(ws, f"folder:{tmp_path}/a")
    with ws.open(NOW + timedelta(days=3)) as o:
        copy(o, f"folder:{tmp_path}/b")
    trees = [
        {p.relative_to(tmp_path / n).as_posix(): p.read_bytes() for p in (tmp_path / n).rglob("*") if p.is_file()} for n in "ab"
    ]
    assert trees[0] == trees[1]
