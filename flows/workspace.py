"""A workspace opened: its store, its index, its configuration."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from archive_schema import canonical
from archive_schema import cycle as cycles
from archive_schema.catalogue import Catalogue
from archive_schema.cycle import Cycle, Settings
from archive_schema.errors import ConflictError, IntegrityError, UsageError
from archive_schema.units import UnitTable
from classification.classifier import Classifier
from flows.places import Workspace, load_catalogue, load_units
from storage.archive import Archive
from storage.factory import index_url, open_store
from storage.index import Index
from validators import checks

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
        """One digest over everything a judgement rests on besides the rules themselves."""
        return canonical.digest(self.digests)


@dataclass
class Opened:
    """A workspace with its store, index and configuration opened. ``now`` is injected: UTC."""

    workspace: Workspace
    archive: Archive
    cycle: Cycle
    settings: Settings
    now: Callable[[], datetime]

    @cached_property
    def catalogue(self) -> Catalogue:
        return load_catalogue(self.workspace, self.cycle)

    @cached_property
    def units(self) -> UnitTable:
        return load_units(self.workspace, self.catalogue)

    @cached_property
    def classifier(self) -> Classifier:
        return Classifier(self.catalogue, self.units, self.settings.margins)

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


def open_workspace(
    workspace: Workspace,
    *,
    now: Callable[[], datetime] = utc_now,
    env: Mapping[str, str] | None = None,
    read_only: bool = False,
    damaged: bool = False,
) -> Opened:
    """Open store and index and bring the index up to the head.

    :param damaged: open also when the series is damaged, with the index as it is: for the audit, which says what is wrong.

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
    store = open_store(workspace.store, base=workspace.path, env=os.environ if env is None else env)
    index = Index(index_url(workspace.index, base=workspace.path))
    archive = Archive.open(store, index, cycle=cycle.name, clock=now, program=PROGRAM, create=not read_only)
    try:
        archive.catch_up()
    except (IntegrityError, ConflictError) as e:
        if not damaged:
            raise
        log.warning("opened as it is: %s", e)
    return Opened(workspace, archive, cycle, settings, now)
