"""The same work as Prefect flows: same state, a store error retries one task run alone, artifacts are left."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.house import House, small_inbox
from tests.flows.nights.served import environment

pytestmark = pytest.mark.xdist_group("prefect")

#: one process for everything that is asked here
SCRIPT = """
import json, sys
from pathlib import Path
from flows import prefect_env
root = Path(sys.argv[1])
prefect_env.prepare(root)
import msgspec
from dangan import settings
from archive_schema.errors import UnavailableError
from prefect.client.orchestration import get_client
from flows import batch as batches, prefect_flows

place = msgspec.to_builtins(settings.load(root))
tries = {}
real = prefect_flows.ingest

def flaky(o, **options):
    commit = o.archive.commit
    def failing(run, records, *, files=(), blobs=()):
        if files:
            n = tries.setdefault("commits", 0) + 1
            tries["commits"] = n
            if n in (3, 4):
                raise UnavailableError("the store went away", zh="存储不可用")
        return commit(run, records, files=files, blobs=blobs)
    o.archive.commit = failing
    return real(o, **options)

prefect_flows.ingest = flaky

# the notification block of an operator, on loopback
import http.server, threading
told = []
class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()
    def log_message(self, *_):
        pass
hook = http.server.HTTPServer(("127.0.0.1", 0), Hook)
threading.Thread(target=hook.serve_forever, daemon=True).start()
from prefect.blocks.notifications import CustomWebhookNotificationBlock
CustomWebhookNotificationBlock(
    name="dangan", url=f"http://127.0.0.1:{hook.server_address[1]}/", json_data={"subject": "{{subject}}", "body": "{{body}}"}
).save("dangan")
place["notify"]["block"] = "custom-webhook/dangan"
ingested, report, written, audited = prefect_flows.nightly_flow(place, [0.1, 0.1])
with get_client(sync_client=True) as client:
    def asked(what):
        return client._client.post(f"/{what}/filter", json={}).json()

    # others have their nights on this server, too
    ours = {r["id"]: r["flow_id"] for r in asked("flow_runs") if r["parameters"]["workspace"]["root"] == place["root"]}
    of_ours = [r for r in client.read_task_runs(sort="ID_DESC", limit=200) if str(r.flow_run_id) in ours]
    batch_runs = [r for r in of_ours if r.name.startswith("batch-")]
    runs = {r.name: r.run_count for r in batch_runs}
    states = {r.name: r.state_name for r in batch_runs}
    artifacts = {a["key"]: a["type"] for a in asked("artifacts") if a["flow_run_id"] in ours}
    flows = sorted(f["name"] for f in asked("flows") if f["id"] in ours.values())
print("RESULT" + json.dumps({
    "digest": ingested.output.state_digest, "runs": runs, "states": states, "artifacts": artifacts, "flows": flows,
    "html": written.html, "told": told, "audit": audited.output.integrity.ok, "out": msgspec.to_builtins(ingested.output),
}))
"""


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> House:
    house = House.build(tmp_path_factory.mktemp("plain") / "ws")
    small_inbox(house.inbox)
    house.ingest()
    return house


@pytest.fixture(scope="module")
def night(tmp_path_factory, plain: House, prefect_server: str) -> dict:
    """A night in which the store fails twice in the third batch."""
    house = House.build(tmp_path_factory.mktemp("night") / "ws")
    (house.root / "cycle.toml").open("a", encoding="utf-8").write("\n[limits]\nbatch_files = 2\n")
    shutil.copytree(plain.inbox, house.inbox, dirs_exist_ok=True)
    env = environment(PREFECT_API_URL=prefect_server)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(house.root)], env=env, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    line = next(x for x in done.stdout.splitlines() if x.startswith("RESULT"))
    return {**json.loads(line.removeprefix("RESULT")), "stderr": done.stderr, "house": house}


def test_with_prefect_the_state_is_the_same_as_without(night: dict, plain: House) -> None:
    assert night["digest"] == plain.digest()
    assert night["out"]["found"] == 10


def test_a_store_error_in_the_third_batch_retries_that_task_run_alone(night: dict) -> None:
    assert night["runs"] == {"batch-1": 1, "batch-2": 1, "batch-3": 3, "batch-4": 1, "batch-5": 1}
    assert set(night["states"].values()) == {"Completed"}


def test_progress_coverage_and_audit_are_left_as_artifacts(night: dict) -> None:
    assert night["artifacts"] == {"ingest-progress": "progress", "coverage": "table", "audit": "markdown"}
    assert night["flows"] == ["audit", "coverage", "ingest", "nightly"]


def test_the_night_leaves_a_report_and_an_intact_archive_and_no_traceback(night: dict) -> None:
    assert Path(night["html"]).read_text("utf-8").startswith("<!")
    assert night["audit"] is True
    assert "Traceback" not in night["stderr"]


def test_the_digest_goes_out_by_the_operators_notification_block(night: dict) -> None:
    [told] = night["told"]
    assert told["subject"].startswith("【档案】c1 ") and "审计没有发现问题" in told["body"]
    assert told["body"] == (night["house"].root / "reports" / "夜间简报.txt").read_text("utf-8")
