"""``dangan serve`` as it stands on an unattended machine: real processes, a schedule that is due within seconds."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from archive_schema.errors import UsageError
from dangan import settings
from dangan.commands import serve as serve_command
from flows import digest, serving
from flows.serving import next_time
from tests.flows.house import NOW, House, document
from tests.flows.nights.served import PATIENCE, environment

pytestmark = pytest.mark.xdist_group("prefect")
OFTEN = "* * * * * */2"


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
    archived: tuple[House, str], serve: Callable[..., Service]
) -> None:
    house, _ = archived
    document(house.inbox / "市文明办" / "Ⅲ18-2) 联合惩戒制度.txt", title="联合惩戒制度", number="示文明办发〔2026〕22号")
    (house.inbox / "市文明办" / "提交表.csv").write_text("文件,编号\n没有送来.pdf,Ⅲ18-1\n", "utf-8")
    store, elsewhere = house.root / "store", house.root / "elsewhere"
    store.rename(elsewhere)
    service = serve(house)
    service.until(lambda: "夜间作业没有做完(退出码 3)" in service.said)
    before, _, after = service.said.partition("错误: 存储不在")
    assert len(before.splitlines()) == 2 and after.splitlines()[2].startswith("夜间作业没有做完"), (
        "an error and what to do, no more"
    )
    assert "Traceback" not in service.said
    assert "存储不在" in (house.root / "reports" / digest.FILE).read_text("utf-8"), "said once, and in the workspace"
    elsewhere.rename(store)
    service.until(lambda: "覆盖情况.html" in service.said)
    assert service.stop() == 0 and (house.root / "reports" / "夜间简报.txt").exists()
    assert "提交表的问题 1 处" in service.said and "没有送来.pdf" in service.said, "the night tells all that an ingest tells"
    held = ["Ⅲ18-1) 红黑榜发布制度.txt", "Ⅲ18-2) 联合惩戒制度.txt", "提交表.csv"]
    assert sorted(house.manifest()) == [f"市文明办/{name}" for name in held]
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
    done = subprocess.run(
        [sys.executable, "-m", "dangan", "serve", "--cron", "每晚"],
        cwd=new_workspace().root,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2 and "看不懂运行时间“每晚”" in done.stderr, done.stderr
    for cron in ("0 0 31 2 *", "61 * * * *"):
        with pytest.raises(UsageError) as e:
            next_time(cron, "Asia/Shanghai", NOW)
        assert f"看不懂运行时间“{cron}”" in e.value.zh


def test_the_next_time_is_later_and_of_the_zone() -> None:
    at = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)  # 02:00 in Shanghai
    assert next_time("0 2 * * *", "Asia/Shanghai", at) == datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
    assert next_time("0 2 * * *", "Asia/Shanghai", datetime(2026, 11, 21, 17, 59, 59, 5, tzinfo=UTC)) == at


def ask(url: str, body: dict[str, object]) -> Any:
    """As Prefect's own client: a server whose database is busy answers 503, has done nothing, and is asked again."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as e:
            if e.code != 503 or time.monotonic() > end:
                raise
            time.sleep(0.5)


def test_on_a_server_every_workspace_has_its_own_nights_and_missed_ones_are_one(
    new_workspace, serve: Callable[..., Service], prefect_server: str
) -> None:
    houses = [new_workspace("甲 100%"), new_workspace("乙")]
    document(houses[0].inbox / "市文明办" / "Ⅲ18-1) 红黑榜发布制度.txt")

    def served() -> dict[str, Any]:
        return {d["parameters"]["workspace"]["root"]: d for d in ask(f"{prefect_server}/deployments/filter", {})}

    services = [serve(h, "30 1 * * *", PREFECT_API_URL=prefect_server) for h in houses]
    for service, house in zip(services, houses, strict=True):
        service.until(lambda house=house: str(house.root) in served())
    found = served()
    assert len({d["name"] for d in found.values()}) == 2

    mine = found[str(houses[0].root)]["id"]
    for hours in (2, 1):  # the nights that nobody ran
        due = (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
        state = {"type": "SCHEDULED", "state_details": {"scheduled_time": due}}
        ask(f"{prefect_server}/deployments/{mine}/create_flow_run", {"state": state})

    def ended() -> list[str]:
        runs = ask(f"{prefect_server}/flow_runs/filter", {"deployments": {"id": {"any_": [mine]}}})
        return sorted(r["state_name"] for r in runs if r["state_type"] not in ("SCHEDULED", "PENDING", "RUNNING"))

    services[0].until(lambda: len(ended()) == 2)
    assert ended() == ["Completed", "Skipped"]
    assert "没有新来件" not in (houses[0].root / "reports" / "夜间简报.txt").read_text("utf-8"), "the news stays the news"
    assert list(houses[0].manifest()) == ["市文明办/Ⅲ18-1) 红黑榜发布制度.txt"]

    assert services[0].stop() == 0
    [schedule] = served()[str(houses[0].root)]["schedules"]
    assert schedule["active"], "stopping pauses no schedule"
    assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == ("30 1 * * *", "Asia/Shanghai")


def test_a_night_that_dies_without_a_word_is_told_of_where_its_digest_would_lie(
    new_workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = new_workspace()
    place = settings.load(house.root, env={})
    digest_file = house.root / "reports" / digest.FILE
    digest_file.parent.mkdir()
    digest_file.write_text("昨夜的简报", "utf-8")
    monkeypatch.setattr(serving, "_wait_until", lambda due: None)
    nights = iter(["import os; os.kill(os.getpid(), 9)", "raise SystemExit(2)"])
    lies: list[str] = []

    def one(night: list[str], env: dict[str, str]) -> int:
        lies.append(digest_file.read_text("utf-8"))
        try:
            return subprocess.run([sys.executable, "-S", "-c", next(nights)], check=False).returncode
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr(serving, "_run", one)
    serving.every_night(place, "0 2 * * *", [], env={}, say=lambda text: None, failed=partial(serve_command._not_done, place))
    _, killed, ended = lies
    assert "没有完成" in killed and "SIGKILL" in killed and "内存不足" in killed, "and not the night before"
    assert "没有完成" in ended and "退出码 2" in ended


def test_a_night_that_has_told_why_it_broke_off_is_not_told_of_again(new_workspace) -> None:
    house = new_workspace()
    place = settings.load(house.root, env={})
    digest.tell_failure(place, UsageError("x", zh="设置写错"), at=datetime(2026, 11, 21, 18, 0, tzinfo=UTC))
    serve_command._not_done(place, 2, True)
    assert "设置写错" in (house.root / "reports" / digest.FILE).read_text("utf-8")


def test_a_prefect_server_that_does_not_answer_is_said_and_the_night_is_told_of(new_workspace) -> None:
    house = new_workspace()
    done = subprocess.run(
        [sys.executable, "-m", "dangan", "serve", "--once"],
        cwd=house.root,
        env=environment(PREFECT_API_URL="http://127.0.0.1:9/api", PREFECT_CLIENT_MAX_RETRIES="0"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 3 and done.stderr.startswith("错误: 连不上 Prefect 服务器 127.0.0.1:9"), done.stderr
    assert "Traceback" not in done.stderr and "怎么办" in done.stderr
    assert "连不上 Prefect 服务器" in (house.root / "reports" / digest.FILE).read_text("utf-8")
