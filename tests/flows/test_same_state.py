"""Law 5: the state digest is the same whatever the order, the store, the interruptions, with Prefect and without."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.coverage import coverage_report
from reports import as_json
from storage.archive import STEPS
from tests.flows.house import House, small_inbox

KILLED = """
import os, signal, sys
from pathlib import Path
from tests.flows.house import House
from flows.ingest import ingest
root, step, nth = sys.argv[1], sys.argv[2], int(sys.argv[3])
count = 0
def point(name):
    global count
    if name == step:
        count += 1
        if count == nth:
            os.kill(os.getpid(), signal.SIGKILL)
house = House(Path(root))
with house.open() as o:
    o.archive._failpoint = point
    ingest(o, validation=False)
"""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> House:
    """One ingest of the small inbox, nothing disturbed; batches of two files."""
    house = House.build(tmp_path_factory.mktemp("undisturbed") / "ws")
    small_inbox(house.inbox)
    in_small_batches(house)
    house.ingest()
    return house


def in_small_batches(house: House) -> None:
    (house.root / "cycle.toml").open("a", encoding="utf-8").write("\n[limits]\nbatch_files = 2\n")


def coverage_of(house: House) -> str:
    with house.open() as o:
        output = coverage_report(o).coverage
    return as_json.encode([output.items, output.unplaced, output.totals])


def same(house: House, undisturbed: House) -> None:
    assert house.digest() == undisturbed.digest()
    assert coverage_of(house) == coverage_of(undisturbed)


def test_the_digest_is_of_something(undisturbed: House, new_workspace) -> None:
    empty = new_workspace()
    empty.ingest()
    assert undisturbed.digest() != empty.digest()
    assert len(undisturbed.manifest()) == 11


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(seed=st.integers(0, 2**16), portions=st.integers(1, 4))
def test_files_arriving_in_any_order_and_portions_give_one_state(
    undisturbed: House, tmp_path_factory, seed: int, portions: int
) -> None:
    house = House.build(tmp_path_factory.mktemp("order") / "ws")
    places = [str(p.relative_to(undisturbed.inbox)) for p in undisturbed.inbox.rglob("*") if p.is_file()]
    random.Random(seed).shuffle(places)
    for n in range(portions):
        for place in places[n::portions]:
            target = house.inbox / place
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(undisturbed.inbox / place, target)
        house.ingest()
    same(house, undisturbed)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("nth", [1, 3])
def test_killed_at_any_step_of_any_batch_the_next_run_completes_it(
    undisturbed: House, new_workspace, step: str, nth: int
) -> None:
    house = new_workspace()
    in_small_batches(house)
    shutil.copytree(undisturbed.inbox, house.inbox, dirs_exist_ok=True)
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    killed = subprocess.run([sys.executable, "-c", KILLED, str(house.root), step, str(nth)], env=env, check=False)
    assert killed.returncode == -signal.SIGKILL
    house.ingest()
    same(house, undisturbed)
    keys = [line.sha256 for line in house.manifest().values()]
    assert sorted(keys) == sorted(line.sha256 for line in undisturbed.manifest().values()), "nothing is doubled"
    head = house.head()
    house.ingest()
    assert house.head() == head, "the next pass has nothing left to do"


@pytest.mark.xdist_group("s3")
def test_a_real_s3_store_gives_the_same_state(undisturbed: House, s3_server, tmp_path: Path) -> None:
    house = House.build(tmp_path / "ws", store=f"{s3_server.bucket_url()}/archive", env=dict(s3_server.env))
    in_small_batches(house)
    shutil.copytree(undisturbed.inbox, house.inbox, dirs_exist_ok=True)
    house.ingest()
    same(house, undisturbed)
    head = house.head()
    assert house.ingest().output.new == 0
    assert house.head() == head
