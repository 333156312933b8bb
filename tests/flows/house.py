"""A workspace under test, and the files that departments put into it."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

from archive_schema.outputs import ManifestLine
from dangan import cli, settings
from flows.ingest import IngestResult, ingest
from flows.workspace import Opened, open_workspace
from samples import hostile, layout

WINDOW = "2025-11-01..2026-10-31"
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


class House:
    """A workspace; every question opens it anew, as every command does."""

    def __init__(self, root: Path, env: dict[str, str] | None = None) -> None:
        self.root = root
        self.env = env or {}

    @classmethod
    def build(
        cls, root: Path, *, store: str = "folder:store", env: dict[str, str] | None = None, more: tuple[str, ...] = ()
    ) -> House:
        """:param more: further options of ``dangan init``."""
        before = {k: os.environ.get(k) for k in env or {}}
        os.environ.update(env or {})
        try:
            code = cli.run(["init", str(root), "--cycle", "c1", "--window", WINDOW, "--store", store, *more])
        finally:
            for k, v in before.items():
                os.environ.pop(k, None) if v is None else os.environ.__setitem__(k, v)
        assert code == 0
        return cls(root, env)

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    def open(self, now: datetime = NOW, *, damaged: bool = False) -> Opened:
        place = settings.load(self.root, env={})
        return open_workspace(place, now=lambda: now, env={**os.environ, **self.env}, damaged=damaged)

    def ingest(self, *, validation: bool = False, **options: object) -> IngestResult:
        with self.open() as o:
            return ingest(o, validation=validation, **options)  # type: ignore[arg-type]

    def digest(self) -> str:
        with self.open() as o:
            return o.archive.state_digest()

    def head(self) -> str | None:
        with self.open() as o:
            head = o.archive.head()
            return head.anchor if head else None

    def manifest(self) -> dict[str, ManifestLine]:
        """Lines by ``unit/path`` of each source."""
        with self.open() as o:
            return {f"{s.unit}/{s.path}": line for line in o.archive.manifest_lines() for s in line.sources}

    def segments(self) -> list[Path]:
        return sorted((self.root / "store" / "cycles" / "c1" / "manifest").iterdir())

    def set_cycle(self, old: str, new: str) -> None:
        file = self.root / "cycle.toml"
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")


def files_of(root: Path) -> dict[str, str]:
    """Path below ``root`` → SHA-256 of every file."""
    return {str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in root.rglob("*") if p.is_file()}


def document(
    into: Path, *, title: str = "示例市诚信红黑榜发布制度", number: str = "示文明办发〔2026〕12号", **more: object
) -> Path:
    """A good 规范文件; the suffix decides the format."""
    into.parent.mkdir(parents=True, exist_ok=True)
    fields: dict[str, object] = {
        "issuer": "示例市精神文明建设指导委员会办公室",
        "title": f"关于印发《{title}》的通知",
        "paragraphs": ("现将有关事项通知如下,请结合实际认真贯彻落实。" * 8, "一、每两个月发布一次。", "二、联合惩戒。"),
        "mark": "示例市精神文明建设指导委员会办公室文件",
        "number": number,
        "issued_on": date(2026, 3, 5),
        "addressee": "市直各单位",
    }
    return layout.official_document(layout.OfficialDocument(**(fields | more)), into)  # type: ignore[arg-type]


def photo(into: Path, seed: str = "a", **more: object) -> Path:
    into.parent.mkdir(parents=True, exist_ok=True)
    fields = {"taken_at": datetime(2026, 4, 5, 9, 30)} | more  # noqa: DTZ001 - EXIF knows no zone
    return layout.photo(layout.Photo(seed=seed, **fields), into)  # type: ignore[arg-type]


def small_inbox(into: Path) -> list[str]:
    """A dozen files of every sort that matters to the order of arrival; their places, relative to the inbox."""
    document(into / "市文明办" / "Ⅲ18-1) 红黑榜发布制度.txt")
    document(
        into / "市文明办" / "道德模范" / "关于评选道德模范的通知.docx",
        title="示例市道德模范评选表彰办法",
        number="示文明办发〔2026〕13号",
    )
    photo(into / "市文明办" / "Ⅲ13-3 好人榜.jpg")
    (into / "市文明办" / "Ⅲ13-3 好人榜.txt").write_text("2026年4月5日人民广场好人榜揭幕", "utf-8")
    twin = into / "市教育局" / "转来" / "红黑榜.txt"
    twin.parent.mkdir(parents=True)
    shutil.copy(into / "市文明办" / "Ⅲ18-1) 红黑榜发布制度.txt", twin)
    hostile.produce("truncated_pdf", into / "市教育局")
    hostile.produce("traversal_zip", into / "市教育局")
    inner = document(into / "市教育局" / "tmp" / "a.txt", title="示例市校园文化建设办法", number="示教发〔2026〕3号")
    with zipfile.ZipFile(into / "市教育局" / "打包.zip", "w") as z:
        z.writestr(zipfile.ZipInfo("Ⅲ58-1 文明校园创建方案.txt"), inner.read_bytes())
        z.writestr(zipfile.ZipInfo("说明.txt"), "里面是文明校园的创建方案".encode())
    inner.unlink()
    inner.parent.rmdir()
    document(into / "市环保局" / "材料一.txt", title="示例市扬尘整治通知", number="示环发〔2026〕8号")
    (into / "市环保局" / "提交表.csv").write_text(
        "文件,编号,材料类型,标题,日期,报送日期\n材料一.txt,Ⅲ82-1,规范文件,节能减排责任制,2026-03-05,2026-09-01\n", "utf-8"
    )
    places = [str(p.relative_to(into)) for p in sorted(into.rglob("*")) if p.is_file()]
    for place in places:
        os.utime(into / place, ns=(1_780_000_000_000_000_000, 1_780_000_000_000_000_000))
    return places
