"""A real S3 server that is gone, slow, refuses or breaks off: a bounded wait, then done, or exit code 3 and a message; and the next run."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archive_schema.errors import UnavailableError
from storage import keys
from storage.factory import open_store
from storage.s3 import S3Store
from tests.faults.conftest import Undisturbed, filled
from tests.faults.program import INGEST, Said, run
from tests.faults.proxy import Answer, Asked, Fault, Proxy, Reset, Slow
from tests.faults.trial import counted, finish, troubles
from tests.flows.house import House
from tests.s3server import S3Server

pytestmark = pytest.mark.xdist_group("s3")


@pytest.fixture
def proxy(s3_server: S3Server) -> Iterator[Proxy]:
    with Proxy(s3_server.endpoint) as p:
        yield p


@pytest.fixture
def house(proxy: Proxy, s3_server: S3Server, undisturbed: Undisturbed, tmp_path: Path) -> House:
    """The small inbox, to be taken into an archive on the server behind the proxy."""
    env = {**s3_server.env, "DANGAN_S3_ENDPOINT": proxy.endpoint}
    made = filled(House.build(tmp_path / "ws", store=f"{s3_server.bucket_url()}/archive", env=env), undisturbed)
    proxy.asked.clear()
    return made


def settled(house: House, undisturbed: Undisturbed, home: Path, said: Said | None = None) -> None:
    out = counted(said) if said else finish(house, home)
    assert troubles(house, undisturbed.state, undisturbed.found, out, home) == []


def refused(said: Said, proxy: Proxy) -> None:
    assert said.code == 3, said
    assert said.out == "" and "Traceback" not in said.err
    assert f"错误: 连不上存储服务 {proxy.endpoint.removeprefix('http://')}" in said.err
    assert "怎么办: 已做的工作没有丢失" in said.err


def during(first: int, last: int, fault: Fault) -> Callable[[Asked], Fault]:
    return lambda asked: fault if first <= asked.number <= last else None


def writes(asked: Asked, what: str) -> bool:
    return asked.method == "PUT" and what in asked.path


def test_the_server_stopped_in_the_middle_and_started_again(
    house: House, proxy: Proxy, s3_server: S3Server, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    stopped: list[Asked] = []

    def stop(asked: Asked) -> Fault:
        if writes(asked, "/objects/") and not stopped and sum(writes(a, "/manifest/") for a in proxy.asked) >= 2:
            stopped.append(asked)
            s3_server.stop_gateway()
        return None

    proxy.fault = stop
    try:
        refused(run(*INGEST, root=house.root, home=tmp_path, env=house.env), proxy)
        assert stopped
    finally:
        s3_server.start_gateway()
    settled(house, undisturbed, tmp_path)


def test_a_short_trouble_is_waited_out(house: House, proxy: Proxy, undisturbed: Undisturbed, tmp_path: Path) -> None:
    """Two requests in a row, three times in one run."""
    proxy.fault = lambda asked: Answer(503) if asked.number % 40 in (20, 21) and asked.number < 120 else None
    said = run(*INGEST, root=house.root, home=tmp_path, env=house.env)
    assert said.code == 0, said
    assert len(proxy.hit) == 6
    settled(house, undisturbed, tmp_path, said)


@pytest.mark.long
def test_a_long_trouble_ends_the_run_and_the_next_completes_it(
    house: House, proxy: Proxy, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    proxy.fault = during(60, 10**9, Answer(500))
    refused(run(*INGEST, root=house.root, home=tmp_path, env=house.env), proxy)
    assert len(proxy.hit) < 200, "it gives up"
    proxy.fault = lambda _: None
    settled(house, undisturbed, tmp_path)


def test_an_answer_that_is_lost_doubles_nothing(house: House, proxy: Proxy, undisturbed: Undisturbed, tmp_path: Path) -> None:
    """The server has done it, and the client does not hear of it, however often it asks: so it takes it for not done."""
    lost: list[str] = []

    def lose(asked: Asked) -> Fault:
        if writes(asked, "/manifest/") and (asked.path in lost or not lost) and len(lost) < 4:
            lost.append(asked.path)
            return Reset("after")
        return None

    proxy.fault = lose
    said = run(*INGEST, root=house.root, home=tmp_path, env=house.env)
    assert len(lost) == 4 and said.code in (0, 3), said
    settled(house, undisturbed, tmp_path, said if said.code == 0 else None)


@pytest.mark.long
def test_connections_that_break_off_at_random(house: House, proxy: Proxy, undisturbed: Undisturbed, tmp_path: Path) -> None:
    draw = random.Random(3)
    proxy.fault = lambda _: Reset(draw.choice(("before", "after", "middle"))) if draw.random() < 0.12 else None
    for _ in range(6):
        said = run(*INGEST, root=house.root, home=tmp_path, env=house.env)
        if said.code == 0:
            break
        refused(said, proxy)
    assert len(proxy.hit) > 5
    proxy.fault = lambda _: None
    settled(house, undisturbed, tmp_path)


@pytest.mark.long
def test_a_slow_server_is_waited_for(house: House, proxy: Proxy, undisturbed: Undisturbed, tmp_path: Path) -> None:
    proxy.fault = lambda asked: Slow(0.3) if asked.number % 30 == 0 else Slow(0.005)
    settled(house, undisturbed, tmp_path, run(*INGEST, root=house.root, home=tmp_path, env=house.env))


def test_a_server_that_never_answers_is_given_up_and_not_without_a_word(
    proxy: Proxy, s3_server: S3Server, capsys: pytest.CaptureFixture[str]
) -> None:
    store = S3Store(
        endpoint=proxy.endpoint.removeprefix("http://"),
        access_key=s3_server.access_key,
        secret_key=s3_server.secret_key,
        bucket=s3_server.bucket_url().removeprefix("s3://"),
        secure=False,
        read_timeout=0.3,
        retries=1,
    )
    store.put_bytes(keys.report_key("a"), b"x")
    proxy.fault = lambda _: Slow(5.0)
    began = len(proxy.asked)
    with pytest.raises(UnavailableError):
        store.get(keys.report_key("a"))
    assert len(proxy.asked) - began == 2, "asked once more, and no oftener"
    where = proxy.endpoint.removeprefix("http://")
    assert capsys.readouterr().err == f"存储服务 {where} 没有回答,再试(还有 0 次)……\n"


def test_a_server_that_asks_to_come_again_tomorrow_is_asked_again_at_once(
    proxy: Proxy, s3_server: S3Server, tmp_path: Path
) -> None:
    store = open_store(s3_server.bucket_url(), base=tmp_path, env={**s3_server.env, "DANGAN_S3_ENDPOINT": proxy.endpoint})
    store.put_bytes(keys.report_key("a"), b"x")
    here = len(proxy.asked) + 1
    proxy.fault = during(here, here, Answer(503, (("Retry-After", "86400"),)))
    assert store.get(keys.report_key("a")) == b"x"
    assert len(proxy.hit) == 1
