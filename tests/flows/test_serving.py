"""``dangan serve`` as it stands on an unattended machine: real processes, a schedule that is due within seconds."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive_schema.errors import UsageError
from flows.serving import next_time
from tests.flows.house import House, document

pytestmark = pytest.mark.xdist_group("prefect")
REPOSITORY = Path(__file__).parents[2]
OFTEN = "* * * * * */2"
PATIENCE = 200


def environment(**more: str) -> dict[str, str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "DANGAN_"))}
    return {**env, "PYTHONPATH": str(REPOSITORY), **more}


class Service:
    """A ``dangan serve`` that runs."""

    def __init__(self, root: Path, log: Path, cron: str, **env: str) -> None:
        self.log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "dangan", "serve", "--cron", cron],
                cwd=root,
                env=environment(**env),
                stdout=out,
                stderr=out,
            )

    @property
    def said(self) -> str:
        return self.log.read_text("utf-8")

    def until(self, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not holds():
            assert self.process.poll() is None and time.monotonic() < end, self.said[-3000:]
            time.sleep(0.2)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    started: list[Service] = []

    def start(house: House, cron: str = OFTEN, **env: str) -> Service:
        started.append(Service(house.root, tmp_path / f"{house.root.name}-{len(started)}.log", cron, **env))
        return started[-1]

    yield start
    for service in started:
        if service.process.poll() is None:
            service.stop()


def processes_of(root: Path) -> list[str]:
    """Command lines of what still runs for a workspace."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if (
                entry.name.isdigit()
                and str(root).encode() in (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            ):
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return [f for f in found if f]


def test_without_a_server_the_night_happens_the_next_one_after_a_failure_too_and_sigterm_ends_it(
    new_workspace, serve: Callable[..., Service]
) -> None:
    house = new_workspace()
    document(house.inbox / "市文明办" / "Ⅲ18-1) 红黑榜发布制度.txt")
    cycle = house.root / "cycle.toml"
    good = cycle.read_text("utf-8")
    cycle.write_text(good + "\n写错", "utf-8")
    service = serve(house)
    service.until(lambda: "夜间作业没有做完(退出码 2)" in service.said)
    cycle.write_text(good, "utf-8")
    service.until(lambda: "覆盖情况.html" in service.said)
    assert service.stop() == 0 and (house.root / "reports" / "夜间简报.txt").exists()
    assert list(house.manifest()) == ["市文明办/Ⅲ18-1) 红黑榜发布制度.txt"]
    with sqlite3.connect(house.root / ".prefect" / "prefect.db") as db:
        states = [
            s
            for (s,) in db.execute(
                "select r.state_name from flow_run r join flow f on f.id = r.flow_id where f.name = 'nightly'"
            )
        ]
    assert "Failed" in states and "Completed" in states
    assert processes_of(house.root) == []


def test_what_is_no_time_is_said_at_once(new_workspace) -> None:
    house = new_workspace()
    for cron in ("每晚", "0 0 31 2 *"):
        done = subprocess.run(
            [sys.executable, "-m", "dangan", "serve", "--cron", cron],
            cwd=house.root,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 2 and f"看不懂运行时间“{cron}”" in done.stderr, done.stderr


def test_the_next_time_is_later_and_of_the_zone() -> None:
    at = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)  # 02:00 in Shanghai
    assert next_time("0 2 * * *", "Asia/Shanghai", at) == datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
    assert next_time("0 2 * * *", "Asia/Shanghai", datetime(2026, 11, 21, 17, 59, 59, 5, tzinfo=UTC)) == at
    with pytest.raises(UsageError):
        next_time("61 * * * *", "Asia/Shanghai", at)
