"""An inbox on an S3 server is taken in as the same files in folders are: same accounting, same state, nothing altered there."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from minio import Minio

from archive_schema.errors import UnavailableError, UsageError
from archive_schema.words import Disposition
from flows.doctor import doctor
from flows.ingest import ingest
from flows.places import Workspace
from samples import hostile
from tests.flows.house import House, document, photo, small_inbox
from tests.s3server import S3Server


class Bucket:
    """What departments do with the server."""

    def __init__(self, server: S3Server) -> None:
        self.server, self.url = server, f"{server.bucket_url()}/inbox"
        self.name = self.url.split("/")[2]
        self.client = Minio(
            endpoint=server.endpoint.removeprefix("http://"),
            access_key=server.access_key,
            secret_key=server.secret_key,
            secure=False,
        )
        self.client.make_bucket(bucket_name=self.name)

    def put(self, name: str, file: Path) -> None:
        self.client.fput_object(bucket_name=self.name, object_name=f"inbox/{name}", file_path=str(file))

    def copy(self, folder: Path) -> list[str]:
        names = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
        for name in names:
            self.put(name, folder / name)
        return names

    def remove(self, name: str) -> None:
        self.client.remove_object(bucket_name=self.name, object_name=f"inbox/{name}")

    def listing(self) -> dict[str, tuple[str | None, object]]:
        found = self.client.list_objects(bucket_name=self.name, recursive=True)
        return {str(o.object_name): (o.etag, o.last_modified) for o in found}


@pytest.fixture
def bucket(s3_server: S3Server) -> Bucket:
    return Bucket(s3_server)


@pytest.fixture
def house(bucket: Bucket, new_workspace) -> House:
    house = new_workspace("on-s3")
    house.env = dict(bucket.server.env)
    file = house.root / "dangan.toml"
    text = file.read_text("utf-8")
    line = next(line for line in text.splitlines() if line.startswith("inbox"))
    file.write_text(text.replace(line, f'inbox = "{bucket.url}"'), "utf-8")
    return house


def scratch_left(house: House) -> list[Path]:
    return list((house.root / ".scratch").rglob("*")) if (house.root / ".scratch").exists() else []


def present(house: House) -> list[bool]:
    with house.open() as o:
        return [s.present for s in o.archive.index.sources()]


def test_the_same_files_come_to_the_same_state(bucket: Bucket, house: House, new_workspace) -> None:
    folders = new_workspace("in-folders")
    small_inbox(folders.inbox)
    for name in ("gb18030_csv", "corrupt_docx", "empty_file", "thumbs_db", "lock_file", "bomb_png", "secret_pdf"):
        folder = folders.inbox / "市城管局" / name
        folder.mkdir(parents=True)
        hostile.produce(name, folder)
    names = bucket.copy(folders.inbox)
    before = bucket.listing()
    one, other = folders.ingest().output, house.ingest().output
    counts = ("found", "new", "known", "quarantined", "waiting", "ignored", "members")
    assert {k: getattr(other, k) for k in counts} == {k: getattr(one, k) for k in counts}
    assert other.found == len(names)
    assert house.digest() == folders.digest()
    assert bucket.listing() == before, "objects of the inbox are never altered"
    assert scratch_left(house) == []


def test_a_second_pass_fetches_nothing_and_appends_nothing(
    bucket: Bucket, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put("市文明办/Ⅲ18-1) 制度.docx", document(tmp_path / "a.docx"))
    assert house.ingest().output.new == 1
    head = house.head()
    monkeypatch.setattr("storage.s3.S3Store.collect", lambda *_: pytest.fail("fetched"))
    assert house.ingest().output.known == 1
    assert house.head() == head


def test_replaced_and_removed_objects_are_noticed(bucket: Bucket, house: House, tmp_path: Path) -> None:
    name = "市文明办/Ⅲ18-1) 制度.docx"
    bucket.put(name, document(tmp_path / "a.docx"))
    house.ingest()
    bucket.put(name, document(tmp_path / "b.docx", title="示例市另一制度"))
    assert house.ingest().output.new == 1
    assert sorted(present(house)) == [False, True]
    bucket.remove(name)
    assert house.ingest().output.found == 0
    assert present(house) == [False, False]


def test_a_form_and_a_caption_text_speak_for_objects(bucket: Bucket, house: House, new_workspace, tmp_path: Path) -> None:
    picture = photo(tmp_path / "IMG_1.jpg")
    (tmp_path / "IMG_1.txt").write_text("2026年3月5日,市民广场,志愿者清扫街道", "utf-8")
    (tmp_path / "提交表.csv").write_text("文件,编号,材料类型\nIMG_1.jpg,III13-3,实景图片\n", "utf-8")
    for p in (picture, tmp_path / "IMG_1.txt", tmp_path / "提交表.csv"):
        bucket.put(f"市文明办/{p.name}", p)
    house.ingest()
    line = house.manifest()["市文明办/IMG_1.jpg"]
    assert [p.item for p in line.placements] == ["III13-3"]
    with house.open() as o:
        captions = [s.caption.value for s in o.archive.index.sources() if s.caption]
    assert captions == ["2026年3月5日,市民广场,志愿者清扫街道"]


def test_only_what_is_named_is_taken_in(bucket: Bucket, house: House, tmp_path: Path) -> None:
    bucket.put("市文明办/a.docx", document(tmp_path / "a.docx"))
    bucket.put("市教育局/b.docx", document(tmp_path / "b.docx", title="另一制度"))
    with house.open() as o:
        assert ingest(o, [Path("市教育局")], validation=False).output.new == 1
    assert set(house.manifest()) == {"市教育局/b.docx"}
    with house.open() as o, pytest.raises(UsageError, match="not in"):
        ingest(o, [Path("市教育局/c.docx")], validation=False)


def test_an_object_that_goes_or_changes_after_it_was_listed_waits(bucket: Bucket, house: House, tmp_path: Path) -> None:
    bucket.put("市文明办/a.docx", document(tmp_path / "a.docx"))
    bucket.put("市文明办/b.docx", document(tmp_path / "b.docx", title="另一制度"))
    with house.open() as o:
        found = {f.path: f for f in o.inbox.walk(o.units, o.settings.limits, now_ns=time.time_ns())}
        bucket.remove("市文明办/a.docx")
        bucket.put("市文明办/b.docx", document(tmp_path / "c.docx", title="又一制度,长得多的一个标题"))
        brought = [o.inbox.bring(found[n], tmp_path) for n in ("a.docx", "b.docx")]
    assert [f.disposition for f in brought] == [Disposition.WAITING, Disposition.WAITING]


def test_a_name_that_is_no_path_is_kept_out(bucket: Bucket, house: House, tmp_path: Path) -> None:
    bucket.put("市文明办//x.docx", document(tmp_path / "a.docx"))
    out = house.ingest().output
    assert (out.found, out.quarantined) == (1, 1)


def test_a_folder_whose_name_ends_as_an_archive_is_shown_is_a_folder(bucket: Bucket, house: House, tmp_path: Path) -> None:
    file = document(tmp_path / "a.txt")
    for name in ("市教育局/急件!/意见.txt", "市教育局/包.zip!/通知.txt", "市教育局/包.zip"):
        bucket.put(name, file)
    house.ingest()
    segments = house.segments()
    assert house.ingest().output.known == 3 and house.segments() == segments and all(present(house))
    assert house.manifest().keys() == {"市教育局/急件!/意见.txt", "市教育局/包.zip%21/通知.txt", "市教育局/包.zip"}


def test_a_bucket_that_is_not_there_is_wrong_use_and_none_is_made(bucket: Bucket, house: House) -> None:
    workspace = Workspace(root=str(house.root), inbox="s3://no-such-bucket-here/inbox")
    from flows.inbox import inbox_of

    with pytest.raises(UsageError, match="no such bucket"):
        inbox_of(workspace, bucket.server.env)
    assert not bucket.client.bucket_exists(bucket_name="no-such-bucket-here")


def test_a_server_that_is_gone_ends_the_pass_and_the_next_completes_it(
    bucket: Bucket, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put("市文明办/a.docx", document(tmp_path / "a.docx"))
    monkeypatch.setattr("flows.ingest.PAUSES", (0.0,))

    def fails(*_: object) -> None:
        raise UnavailableError("no answer", zh="连不上", code="store.unavailable")

    with monkeypatch.context() as m:
        m.setattr("storage.s3.S3Store.collect", fails)
        with pytest.raises(UnavailableError):
            house.ingest()
    assert house.ingest().output.new == 1


def test_the_doctor_looks_at_it(bucket: Bucket, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket.put("市文明办/a.docx", document(tmp_path / "a.docx"))
    for name, value in bucket.server.env.items():
        monkeypatch.setitem(os.environ, name, value)
    from dangan import settings

    probe = next(p for p in doctor(settings.load(house.root)) if p.name == "收件箱")
    assert probe.ok is True and "1 个单位文件夹" in probe.text
