"""What the store has lost or holds altered comes back from a copy: the right bytes alone, nothing in silence, by a named person."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema
import msgspec
import pytest

from archive_schema import canonical
from archive_schema.copies import CopyOutput
from archive_schema.decisions import Decision
from archive_schema.errors import ConflictError, UnavailableError
from archive_schema.schemas import FOLDER
from archive_schema.words import DecisionAction, EventType
from flows.audit import audit
from flows.copying import copy
from flows.decide import decide, new_id
from flows.history import history
from flows.ingest import new_run
from flows.repairing import repair
from storage import keys, series
from storage.folder import FolderStore
from tests.dangan.line import dangan
from tests.flows.auditing import codes
from tests.flows.house import NOW, House, document


class Town:
    """Two files, archived in ``ws`` and copied to ``second``."""

    def __init__(self, root: Path) -> None:
        self.house, self.second, self.url = House(root / "ws"), root / "second", f"folder:{root / 'second'}"
        house = self.house
        with house.open() as o:
            self.config = o.config.digests["settings"]
        lines = house.manifest()
        self.one, self.other = (lines[f"市教育局/{name}"].sha256 for name in ("意见.docx", "通知.docx"))

    def here(self, sha: str) -> Path:
        return self.house.root / "store" / keys.object_key(sha)

    def there(self, sha: str) -> Path:
        return self.second / keys.object_key(sha)

    def alter(self, sha: str) -> bytes:
        """Another content of the same size."""
        data = self.here(sha).read_bytes()[:-1] + b"\x07"
        self.here(sha).write_bytes(data)
        return data

    def audited(self, depth: str = "fast") -> set[str]:
        with self.house.open() as o:
            return codes(audit(o, depth=depth, opening=False, only="integrity"))

    def repair(self, **options: object) -> CopyOutput:
        with self.house.open() as o:
            return repair(o, self.url, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Read only."""
    root = tmp_path_factory.mktemp("repairing")
    house = House.build(root / "ws")
    folder = house.inbox / "市教育局"
    document(folder / "意见.docx")
    document(folder / "通知.docx", title="关于开展文明校园创建活动的通知")
    house.ingest()
    with house.open() as o:
        assert copy(o, f"folder:{root / 'second'}").differences == []
    return root


@pytest.fixture
def town(copied: Path, tmp_path: Path) -> Town:
    shutil.copytree(copied, tmp_path / "town")
    return Town(tmp_path / "town")


def told(result: CopyOutput) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """(laid back, left): code and digest."""
    return tuple({(d.code, d.key.rpartition("/")[2]) for d in some} for some in (result.repaired, result.differences))  # type: ignore[return-value]


def test_what_is_lost_is_listed_and_comes_back_when_somebody_says_so(town: Town) -> None:
    state, head = town.house.digest(), town.house.head()
    for sha in (town.one, town.config):
        town.here(sha).unlink()
    assert town.audited() == {"object.missing"}
    lost = {town.one, town.config}
    assert told(town.repair()) == (set(), {("repair.ready", sha) for sha in lost})
    assert not town.here(town.one).exists() and town.house.head() == head, "only listed"
    result = town.repair(by="张三")
    assert told(result) == ({("repair.missing", sha) for sha in lost}, set()) and result.copied == 2
    assert town.audited("full") == set() and town.house.digest() == state
    assert told(town.repair(by="张三")) == (set(), set())
    with town.house.open() as o:
        [event] = [e for e in history(o, town.one).events if e.event is EventType.RECOVERY]
    assert (event.agent, event.detail["copy"]) == ("张三", town.url) and "补回" in event.text


@pytest.mark.parametrize("full", [True, False], ids=["full", "audited"])
def test_altered_bytes_are_kept_aside_before_the_right_ones_take_their_place(town: Town, full: bool) -> None:
    altered = town.alter(town.one)
    assert told(town.repair()) == (set(), set()), "a listing does not show it"
    if not full:
        assert town.audited("full") == {"object.digest"}
    assert told(town.repair(by="张三", full=full)) == ({("repair.altered", town.one)}, set())
    assert canonical.sha256(town.here(town.one).read_bytes()) == town.one and town.audited("full") == set()
    aside = town.house.root / "store" / keys.aside_key(town.one, canonical.sha256(altered))
    assert aside.read_bytes() == altered


def test_another_size_needs_no_audit_to_be_seen(town: Town) -> None:
    town.here(town.one).write_bytes(b"short")
    assert told(town.repair(by="张三")) == ({("repair.altered", town.one)}, set())


def test_only_the_right_bytes_are_laid_back_and_the_copy_is_not_altered(town: Town) -> None:
    altered = town.alter(town.one)
    town.here(town.other).unlink()
    town.here(town.config).unlink()
    town.there(town.one).write_bytes(b"no better")
    town.there(town.other).unlink()
    before = {p: p.read_bytes() for p in town.second.rglob("*") if p.is_file()}
    left = {("repair.copy-damaged", town.one), ("repair.copy-missing", town.other)}
    assert told(town.repair(by="张三", full=True)) == ({("repair.missing", town.config)}, left)
    assert town.here(town.one).read_bytes() == altered and not town.here(town.other).exists()
    assert {p: p.read_bytes() for p in town.second.rglob("*") if p.is_file()} == before
    assert not (town.house.root / "store" / "quarantine").exists()


def test_what_was_destroyed_by_decision_stays_so_with_what_was_kept_aside_of_it(town: Town) -> None:
    town.alter(town.one)
    town.repair(by="张三", full=True)
    aside = town.house.root / "store" / "quarantine"
    assert list(aside.iterdir())
    about = {"sha256": town.one, "destroy": True, "basis": "局长办公会纪要3号"}
    with town.house.open() as o:
        act = Decision(id=new_id(NOW), action=DecisionAction.WITHDRAW, by="张三", at=NOW, reason="误送", **about)  # type: ignore[arg-type]
        decide(o, [act], new_run(NOW))
    assert not list(aside.iterdir()) and town.there(town.one).exists(), "the copy has it until it is brought up to date"
    assert [told(town.repair(by="张三", full=full)) for full in (True, False)] == [(set(), set())] * 2
    assert not town.here(town.one).exists()


def test_an_index_that_may_only_read_lays_nothing_back(town: Town) -> None:
    altered = town.alter(town.one)
    with town.house.open() as o, pytest.raises(ConflictError) as e:
        head = series.read_head(o.archive.store, "c1")
        assert head is not None
        series.write_head(o.archive.store, "c1", msgspec.structs.replace(head, index_id="another"))
        repair(o, town.url, by="张三", full=True)
    assert town.here(town.one).read_bytes() == altered
    assert e.value.code == "archive.other-index" and not (town.house.root / "store" / "quarantine").exists()


def test_a_store_that_takes_nothing_is_said_in_chinese(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.here(town.one).unlink()

    def refuse(self: FolderStore, key: str, *_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(FolderStore, "_write", refuse)
    with pytest.raises(UnavailableError) as e:
        town.repair(by="张三")
    assert "存储文件夹" in e.value.zh and not town.here(town.one).exists()


def test_the_command_that_the_audit_names(town: Town) -> None:
    root = str(town.house.root)
    back = ("-C", root, "copy", "--from", town.url)
    town.here(town.one).unlink()
    said = dangan("-C", root, "audit", "--only", "integrity")
    assert said.code == 1 and "dangan copy --from 副本地址 --repair --by 姓名" in said.out
    listed = dangan(*back, "--format", "json")
    jsonschema.validate(listed.json, json.loads((FOLDER / "copy.schema.json").read_text("utf-8")))
    assert listed.code == 1 and [d["code"] for d in listed.json["differences"]] == ["repair.ready"]
    assert dangan(*back).code == 1 and not town.here(town.one).exists()
    done = dangan(*back, "--repair", "--by", "张三")
    assert done.code == 0 and "补回 1 个对象" in done.out and "缺失,已由副本补回" in done.out
    again = dangan(*back)
    assert again.code == 0 and "没有发现" in again.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "二者选一"),
        (("--to", "folder:a", "--from", "folder:b"), "二者选一"),
        (("--from", "folder:b", "--repair"), "--by 姓名"),
        (("--from", "folder:b", "--by", "张三"), "--by 姓名"),
        (("--from", "folder:b", "--check"), "只和 --to"),
        (("--to", "folder:b", "--repair", "--by", "张三"), "只和 --from"),
    ],
)
def test_what_makes_no_sense_together_is_refused(words: tuple[str, ...], said: str) -> None:
    answer = dangan("copy", *words)
    assert answer.code == 2 and said in answer.err
