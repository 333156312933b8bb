"""Uploads in parts that were cut off, and bytes that a store would not delete: nothing that was destroyed is called gone while it lies there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from minio import Minio, S3Error
from minio.commonconfig import GOVERNANCE
from minio.objectlockconfig import DAYS, ObjectLockConfig

from archive_schema.protection import Protection, Retention
from flows import unfinished
from flows.audit import audit
from flows.audit_versions import UNLISTED
from flows.copying import copy
from storage import keys
from storage.factory import open_store
from storage.protection import remains
from storage.s3 import PART, S3Store
from storage.s3_answers import Answers
from tests.dangan.line import dangan
from tests.flows.house import House, document
from tests.flows.test_destroy import PLACE, destroyed
from tests.s3server import S3Server

pytestmark = pytest.mark.xdist_group("s3")
OTHER = "0" * 64

PUT = """
import sys
from pathlib import Path
from storage.factory import open_store
store = open_store(sys.argv[1], base=Path("."))
upload = store._client._upload_part
def part(*args, **named):
    done = upload(*args, **named)
    print("a part is there", flush=True)
    sys.stdin.read()
    return done
store._client._upload_part = part
store.put_file(sys.argv[2], Path(sys.argv[3]), sha256=sys.argv[4], size=int(sys.argv[5]))
"""


PLACES = (PLACE, "市文明办/Ⅲ11-2 办法.txt")


@pytest.fixture(scope="module")
def town(s3_server: S3Server, tmp_path_factory: pytest.TempPathFactory) -> House:
    """Two documents: every test that destroys takes one that no other takes."""
    root = tmp_path_factory.mktemp("town") / "ws"
    house = House.build(root, store=f"{s3_server.bucket_url()}/a", env=s3_server.env)
    for n, place in enumerate(PLACES):
        document(house.inbox / place, title=f"某项办法{n}", number=f"示文明办发〔2026〕{n + 3}号")
    house.ingest(validation=False)
    return house


@pytest.fixture
def archived(town: House, monkeypatch: pytest.MonkeyPatch) -> House:
    for name, value in town.env.items():
        monkeypatch.setenv(name, value)
    return town


def sha_of(house: House, n: int) -> str:
    return house.manifest()[PLACES[n]].sha256


def store_of(house: House) -> S3Store:
    with house.open() as o:
        assert isinstance(o.archive.store, S3Store)
        return o.archive.store


def cut_off(store: S3Store, key: str) -> None:
    """As a killed upload leaves it."""
    upload = store._client._create_multipart_upload(store._bucket, store._name(key), {})
    store._client._upload_part(store._bucket, store._name(key), b"x" * 1000, None, upload, 1)


def waiting(store: S3Store) -> list[str]:
    return [u.key for u in store.uploads("")]


def problems(house: House) -> tuple[list[str], list[str]]:
    with house.open() as o:
        output = audit(o, only="integrity").output
    assert output.integrity is not None
    return [p.code for p in output.integrity.problems], output.unchecked


def test_a_killed_upload_leaves_its_parts_and_they_are_listed(archived: House, tmp_path: Path) -> None:
    store, large = store_of(archived), tmp_path / "large"
    large.write_bytes(b"x" * (PART + 1))
    key = keys.object_key(OTHER)
    words = [store.url, key, str(large), OTHER, str(PART + 1)]
    child = subprocess.Popen([sys.executable, "-c", PUT, *words], env=os.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout is not None and child.stdout.readline() == b"a part is there\n"
    child.send_signal(signal.SIGKILL)
    child.communicate()
    [left] = store.uploads("objects/")
    assert left.key == key and abs(store.server_time() - left.begun) < timedelta(minutes=1)
    assert remains(store, key) == [] and waiting(store) == [key], "no other listing shows it"
    store.abort(left)
    store.abort(left)
    assert waiting(store) == []


@pytest.mark.parametrize("page", [1, 2, 1000])
def test_every_upload_is_listed_under_its_own_name_page_by_page(
    page: int, several: tuple[S3Store, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ceph RGW gives names with ``@`` and Chinese ones as in a URL, and does not say so."""
    store, begun = several
    listed = Minio._list_multipart_uploads
    monkeypatch.setattr(Minio, "_list_multipart_uploads", lambda self, **words: listed(self, **words, max_uploads=page))
    found = list(store.uploads(""))
    assert sorted(u.key for u in found) == sorted(begun)
    assert len({u.id for u in found}) == len(begun)
    assert [u.key for u in store.uploads("derived/")] == [k for k in begun if k.startswith("derived/")]


@pytest.fixture(scope="module")
def several(s3_server: S3Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[S3Store, list[str]]:
    store = open_store(f"{s3_server.bucket_url()}/档案", base=tmp_path_factory.mktemp("several"), env=s3_server.env)
    assert isinstance(store, S3Store)
    text = keys.derived_key(OTHER, "text@1+ocr@2")
    begun = [keys.object_key(OTHER), keys.object_key(OTHER), text, keys.head_key("测评2026")]
    for key in begun:
        cut_off(store, key)
    return store, begun


def test_what_a_killed_upload_left_is_removed_by_a_later_ingest_and_a_living_one_is_left_alone(
    archived: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, store = archived, store_of(archived)
    foreign = "objects/somebody/else"
    for key in (keys.object_key(OTHER), foreign):
        cut_off(store, key)
    house.ingest(validation=False)
    assert len(waiting(store)) == 2, "a living process may be at it"
    monkeypatch.setattr(unfinished, "OLD", timedelta(seconds=-1))
    house.ingest(validation=False)
    assert waiting(store) == [foreign], "what is not ours is nobody's business here"
    for upload in store.uploads(""):
        store.abort(upload)


def test_parts_of_what_was_destroyed_go_with_it_from_the_archive_and_from_the_copy(
    archived: House, s3_server: S3Server
) -> None:
    house, sha = archived, sha_of(archived, 0)
    store, url = store_of(house), s3_server.bucket_url()
    with house.open() as o:
        copy(o, url, env=s3_server.env)
    second = open_store(url, base=house.root, env=s3_server.env)
    for place in (store, second):
        for key in (keys.object_key(sha), keys.derived_key(sha, "text@1"), keys.object_key(OTHER)):
            cut_off(place, key)
    answer = destroyed(house, sha)
    assert not [r for r in answer.remarks if "还在存储里" in r]
    assert waiting(store) == [keys.object_key(OTHER)]
    with house.open() as o:
        assert copy(o, url, env=s3_server.env).differences == []
    assert waiting(second) == [keys.object_key(OTHER)]
    store.abort(*store.uploads(""))


def test_parts_of_what_was_destroyed_that_come_to_light_are_a_finding_of_the_audit(
    archived: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, sha, store = archived, sha_of(archived, 1), store_of(archived)
    destroyed(house, sha)
    assert problems(house)[0] == []
    cut_off(store, keys.object_key(sha))
    assert problems(house)[0] == ["object.not-destroyed"]

    def denied(self: S3Store, prefix: str) -> object:
        raise Answers("s3://b", "e", "b").refused(prefix, "AccessDenied", "", "s3:ListBucketMultipartUploads")

    with monkeypatch.context() as m:
        m.setattr(S3Store, "uploads", denied)
        house.ingest(validation=False)
        assert UNLISTED in problems(house)[1], "who may not look does not say that there is nothing"

    def unknown(*_: object, **__: object) -> object:
        raise S3Error(None, "NotImplemented", "", "", "", "")  # type: ignore[arg-type]

    with monkeypatch.context() as m:
        m.setattr(Minio, "_list_multipart_uploads", unknown)
        house.ingest(validation=False)
        assert UNLISTED in problems(house)[1], "a server without this listing is used all the same"
    house.ingest(validation=False)
    found, unchecked = problems(house)
    assert found == [] and UNLISTED not in unchecked


def test_what_a_default_lock_of_the_bucket_keeps_is_not_called_removed(
    s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The administrator's retention, of which ``[protection]`` says nothing, and a key that may not go past it."""
    for name, value in s3_server.env.items():
        monkeypatch.setenv(name, value)
    url = s3_server.bucket_url()
    store = open_store(url, base=tmp_path, env=s3_server.env, protection=Protection(retention=Retention.GOVERNANCE))
    assert isinstance(store, S3Store)
    store._client.set_object_lock_config(bucket_name=store._bucket, config=ObjectLockConfig(GOVERNANCE, 1, DAYS))
    house = House.build(tmp_path / "ws", store=url, env=s3_server.env)
    document(house.inbox / PLACE)
    house.ingest(validation=False)
    sha = house.manifest()[PLACE].sha256
    with monkeypatch.context() as m:
        m.setattr(S3Store, "_bypass", lambda self, key, v: False)
        words = ("withdraw", sha, "--by", "张三", "--reason", "误送", "--destroy", "--basis", "纪要")
        answer = dangan("-C", str(house.root), *words)
        assert remains(store, keys.object_key(sha)), "the store has kept it"
    assert "已从存储中删除" not in answer.out and "没有全部从存储中删除" in answer.out
    assert "字节还在存储里: 存储不许删除(治理保留" in answer.out and "s3:BypassGovernanceRetention" in answer.out
    house.ingest(validation=False)
    assert not remains(store, keys.object_key(sha))
    again = dangan("-C", str(house.root), *words)
    assert "已从存储中删除" in again.out and "字节还在" not in again.out


def test_a_text_that_a_lock_keeps_when_the_bytes_are_gone_is_told(
    s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The administrator gave the bucket its retention after the document was stored, and before it was read again."""
    for name, value in s3_server.env.items():
        monkeypatch.setenv(name, value)
    url = s3_server.bucket_url()
    store = open_store(url, base=tmp_path, env=s3_server.env, protection=Protection(retention=Retention.GOVERNANCE))
    assert isinstance(store, S3Store)
    house = House.build(tmp_path / "ws", store=url, env=s3_server.env)
    document(house.inbox / PLACE)
    house.ingest(validation=False)
    sha = house.manifest()[PLACE].sha256
    store._client.set_object_lock_config(bucket_name=store._bucket, config=ObjectLockConfig(GOVERNANCE, 1, DAYS))
    text = keys.derived_key(sha, "later@1")
    store.put_bytes(text, b"what stands in it")
    with monkeypatch.context() as m:
        m.setattr(S3Store, "_bypass", lambda self, key, v: False)
        [told] = [r for r in destroyed(house, sha).remarks if "还在存储里" in r]
    assert remains(store, keys.object_key(sha)) == [] and remains(store, text) == [text]
    assert told.startswith("决定已记录,但读出的文字还在存储里: 存储不许删除(治理保留")
    assert problems(house)[0] == ["object.not-destroyed"]
    house.ingest(validation=False)
    assert remains(store, text) == [] and problems(house)[0] == []
