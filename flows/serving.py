"""Night after night: by the schedule of a Prefect server where there is one, else by ourselves.

Prefect's temporary server keeps the runs but has no scheduler, so nothing that is registered there ever runs. Without a server of
the operator's we wait for the time and run every night in a process of its own: no night can end, fill or confuse the next.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from archive_schema.errors import UnavailableError, UsageError
from flows import digest
from flows.places import Workspace, to_parameters
from flows.workspace import utc_now
from reports import clock

#: how long a night that is told to stop may take
GRACE = 20.0
#: the clock is looked at again this often: it may be set, and the machine may sleep
_LOOK = 20.0


def has_server() -> bool:
    """Is there a Prefect server of the operator's (PREFECT_API_URL, or the settings of Prefect)."""
    from prefect.settings import get_current_settings

    return bool(get_current_settings().api.url)


def reach() -> None:
    """Ask Prefect's API for a sign of life, which starts the temporary server where there is none of the operator's.

    :raises UnavailableError: neither answers; nothing of a night can run then.
    """
    from prefect.client.orchestration import get_client
    from prefect.settings import get_current_settings

    settings = get_current_settings()
    try:
        with get_client(sync_client=True) as client:
            client.hello().raise_for_status()
    except Exception as e:
        if settings.api.url:
            where = urlsplit(settings.api.url)
            zh = f"连不上 Prefect 服务器 {where.hostname}" + (f":{where.port}" if where.port else "")
            hint = "请检查那台服务器是否在运行、PREFECT_API_URL 是否正确;不用它的,去掉 PREFECT_API_URL 再运行"
        else:
            zh = "Prefect 的临时服务起不来"
            hint = f"请检查 {settings.home} 能否写入、磁盘是否已满;那里只有运行记录,也可以把它移走再运行"
        raise UnavailableError(f"no Prefect API: {e}", zh=zh, code="serve.prefect", hint=f"{hint};已存档的不受影响") from e


def deployment_name(place: Workspace) -> str:
    """One of its own for every workspace on every machine: a server that knows two by one name runs only the last."""
    whose = hashlib.sha256(f"{socket.gethostname()}:{place.path.resolve()}".encode()).hexdigest()[:8]
    folder = re.sub(r"[^\w.-]", "_", place.path.name)
    return f"dangan-{folder}-{whose}"


def register(place: Workspace, cron: str, *, say: Callable[[str], None]) -> None:
    """Have the operator's Prefect server start the nights, in processes that this one watches; returns when we are told to stop."""
    from prefect.schedules import Cron

    from flows.prefect_flows import nightly_flow

    reach()
    name = deployment_name(place)
    say(f"夜间作业已登记为 {name}: {cron}({place.zone});Ctrl-C 结束")
    nightly_flow.serve(
        name=name,
        parameters={"workspace": to_parameters(place)},
        schedule=Cron(cron, timezone=place.zone),
        pause_on_shutdown=False,
        limit=1,  # nights that were missed come all at once
    )


def next_time(cron: str, zone: str, after: datetime) -> datetime:
    """The first time later than ``after``, as Prefect's scheduler would have it.

    :raises UsageError: the expression is wrong, or names no day at all.
    """
    from prefect.server.schemas.schedules import CronSchedule

    start = after.replace(microsecond=0) + timedelta(seconds=1)  # it looks at whole seconds
    try:
        [due] = asyncio.run(CronSchedule(cron=cron, timezone=zone).get_dates(1, start))
    except ValueError as e:
        raise UsageError(
            f"cron {cron!r}: {e}",
            zh=f"看不懂运行时间“{cron}”",
            code="serve.cron",
            hint='写作“分 时 日 月 星期”,如 --cron "30 1 * * *" 是每天 1:30',
        ) from e
    return datetime.fromtimestamp(due.timestamp(), utc_now().tzinfo)


def every_night(
    place: Workspace,
    cron: str,
    night: Sequence[str],
    *,
    env: dict[str, str],
    say: Callable[[str], None],
    failed: Callable[[int, bool], None],
) -> None:
    """Run ``night`` at its times until SIGTERM or Ctrl-C. A night that fails ends nothing; times that passed meanwhile are left out.

    :param night: command line of the process that does a night's work.
    :param failed: told the exit code of a night that was not done, and whether it has told of that itself.
    :raises UsageError: the times cannot be understood.
    """
    handler = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        while True:
            due = next_time(cron, place.zone, utc_now())
            say(f"下一次夜间作业: {clock.stamp(due, place.zone)}")
            _wait_until(due)
            before = digest.mark(place)
            code = _run(night, env)
            if code:
                failed(code, digest.mark(place) != before)
    except KeyboardInterrupt:
        say("服务已停止;已存档的不受影响")
    finally:
        signal.signal(signal.SIGTERM, handler)


def _wait_until(due: datetime) -> None:
    while (left := (due - utc_now()).total_seconds()) > 0:
        time.sleep(min(left, _LOOK))


def _run(night: Sequence[str], env: dict[str, str]) -> int:
    """In a session of its own, which ends with us when we are told to stop: a server and readers belong to it."""
    try:
        process = subprocess.Popen(night, env={**os.environ, **env}, stdin=subprocess.DEVNULL, start_new_session=True)
    except OSError:  # no memory, no process: the next night may have it
        return 3
    try:
        return process.wait()
    except BaseException:
        _end(process)
        raise


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GRACE)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
