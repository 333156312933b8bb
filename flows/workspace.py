"""A workspace opened: its store, its index, its configuration."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from archive_schema import canonical, sm3
from archive_schema import cycle as cycles
from archive_schema.catalogue import Catalogue
from archive_schema.cycle import Cycle, Settings
from archive_schema.errors import ConflictError, IntegrityError, UnavailableError, UsageError
from archive_schema.units import UnitTable
from classification.decided import Cell
from flows import accepts, protecting, signing
from flows.inbox import Inbox, inbox_of
from flows.places import Workspace, load_catalogue, load_units
from storage.archive import Archive, new_index
from storage.factory import index_url, open_store
from storage.index import Index
from storage.lease import Holder
from storage.objects import ObjectStore
from validators import checks

if TYPE_CHECKING:
    from classification.classifier import Classifier
    from flows.lessons import Lessons

log = logging.getLogger(__name__)

PROGRAM = "dangan/0.1.0"


@dataclass(frozen=True)
class Config:
    """The four configuration objects as recorded in the series: kind → canonical bytes."""

    objects: dict[str, bytes]

    @cached_property
    def digests(self) -> dict[str, str]:
        return {kind: canonical.sha256(data) for kind, data in self.objects.items()}

    @cached_property
    def basis(self) -> str:
        """One digest over everything a judgement rests on besides the rules themselves (``cycles.NOT_JUDGED`` is no part of it)."""
        return canonical.digest({kind: canonical.sha256(cycles.judged_by(kind, d)) for kind, d in self.objects.items()})


@dataclass
class Opened:
    """A workspace with its store, index and configuration opened. ``now`` is injected: UTC."""

    workspace: Workspace
    archive: Archive
    cycle: Cycle
    settings: Settings
    now: Callable[[], datetime]
    env: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @cached_property
    def inbox(self) -> Inbox:
        """:raises UsageError: it is an S3 address and the bucket or the keys are wrong. :raises UnavailableError: no answer."""
        return inbox_of(self.workspace, self.env)

    @cached_property
    def catalogue(self) -> Catalogue:
        return load_catalogue(self.workspace, self.cycle)

    @cached_property
    def units(self) -> UnitTable:
        return load_units(self.workspace, self.catalogue)

    @cached_property
    def classifier(self) -> Classifier:
        from classification.classifier import Classifier  # most commands place nothing
        from flows.semantics import semantics_of

        return Classifier(
            self.catalogue,
            self.units,
            self.settings.margins,
            semantics=semantics_of(self.workspace, self.catalogue, self.env),
        )

    @cached_property
    def lessons(self) -> Lessons:
        """What was decided before this run: what is decided meanwhile speaks from the next one on."""
        from flows.lessons import lessons

        return lessons(self.archive.index, self.catalogue)

    @cached_property
    def confirmed_then(self) -> Mapping[str, frozenset[Cell]]:
        """What accepts of earlier versions confirmed, which do not say it themselves."""
        return accepts.confirmed_then(self.archive)

    @cached_property
    def tutored(self) -> Classifier:
        """The classifier that also knows the titles people confirmed."""
        from classification.classifier import Classifier

        return Classifier(
            self.catalogue,
            self.units,
            self.settings.margins,
            self.lessons.confirmed,
            semantics=self.classifier.semantics,
        )

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.workspace.zone)

    @property
    def today(self) -> date:
        """In the configured zone."""
        return self.now().astimezone(self.zone).date()

    @cached_property
    def config(self) -> Config:
        return Config(
            {
                "cycle": canonical.encode(self.cycle),
                "settings": canonical.encode(self.settings),
                "catalogue": canonical.encode(self.catalogue),
                "units": canonical.encode(self.units),
            }
        )

    def close(self) -> None:
        self.archive.index.close()

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def utc_now() -> datetime:
    return datetime.now(UTC)


def _store_of(workspace: Workspace, env: Mapping[str, str], *, known: bool) -> ObjectStore:
    """:param known: the index holds an archive already, so that a folder or a bucket which is not there is one that was lost, is not
    mounted, or never was the archive's.

    :raises UnavailableError: (``store.absent``) that.
    """
    try:
        return open_store(workspace.store, base=workspace.path, env=env, must_exist=known, protection=workspace.protection)
    except UsageError as e:
        if e.code != "store.absent":
            raise
        raise UnavailableError(
            str(e),
            zh=f"存储不在: {e.path}",
            code="store.absent",
            path=e.path,
            hint="索引里已有存档,没有新建空的存储;请核对存储地址、桶名,检查磁盘或共享文件夹是否已连接;确已丢失的用 dangan restore 从备份恢复",
        ) from e


def open_workspace(
    workspace: Workspace,
    *,
    now: Callable[[], datetime] = utc_now,
    env: Mapping[str, str] | None = None,
    read_only: bool = False,
    damaged: bool = False,
    waiting: Callable[[Holder], None] | None = None,
) -> Opened:
    """Open store and index and bring the index up to the head.

    :param damaged: open also when the series is damaged, with the index as it is: for the audit, which says what is wrong.
    :param waiting: told who writes to the archive when that has to be waited for.

    What is opened to be written needs the private key that the environment names, and SM3 where ``dangan.toml`` asks for it; both are
    tried before store and index are touched.

    :raises UsageError: the key or SM3 cannot be had.
    :raises DataError: configuration wrong. :raises UnavailableError: store or index cannot be reached.
    """
    if not workspace.cycle_file.is_file():
        raise UsageError(
            f"{workspace.cycle_file} does not exist",
            zh=f"找不到 {workspace.cycle_file}",
            code="workspace.no-cycle",
            hint="先用 dangan init 目录 建工作区,或用 -C 指明工作区",
        )
    cycle, settings = cycles.load(workspace.cycle_file)
    checks.load().under(settings)  # a wrong [checks.…] is said before anything is opened
    env = os.environ if env is None else env
    writing = not (read_only or damaged)
    signer = signing.key_of(workspace, env) if writing else None
    if writing and workspace.sm3:
        sm3.new()
    if read_only and workspace.index_path is not None and not workspace.index_path.exists():
        raise new_index(str(workspace.index_path))  # to look is not to make one
    with _index_of(workspace) as index:
        store = _store_of(workspace, env, known=index.head() is not None)
        archive = Archive.open(
            store, index, cycle=cycle.name, clock=now, program=PROGRAM, create=not read_only, waiting=waiting, signer=signer
        )
        try:
            archive.catch_up()
        except (IntegrityError, ConflictError) as e:
            if not damaged:
                raise
            log.info("opened as it is: %s", e)  # the audit says it
        opened = Opened(workspace, archive, cycle, settings, now, env)
        protecting.arm(opened)
        return opened


@contextmanager
def _index_of(workspace: Workspace) -> Iterator[Index]:
    """The index, open for good unless opening the rest fails; then a file that was made for it and holds nothing goes again."""
    file = workspace.index_path
    new = file is not None and not file.exists()
    index = Index(index_url(workspace.index, base=workspace.path))
    try:
        yield index
    except BaseException:
        empty = new and index.head() is None
        index.close()
        if file is not None and empty:
            for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
                file.with_name(name).unlink(missing_ok=True)
        raise
