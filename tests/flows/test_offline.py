"""Decision 9: the main job connects to nothing but this machine. It runs where there is no other network at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import needs

pytestmark = [pytest.mark.netns, pytest.mark.xdist_group("prefect")]
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def alone() -> list[str]:
    """The beginning of a command line that runs the rest with the loopback interface only."""
    command = ["unshare", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    if not (shutil.which("unshare") and shutil.which("ip")):
        needs.missing("netns", "unshare or ip not installed; apt-get install util-linux iproute2")
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        needs.missing("netns", "this machine does not allow a network namespace")
    return command


def test_nothing_outside_is_reachable_in_the_namespace(alone: list[str]) -> None:
    script = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=2)"
    done = subprocess.run([*alone, sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "unreachable" in done.stderr


def test_the_demo_runs_with_loopback_only_and_without_a_traceback(alone: list[str], tmp_path: Path) -> None:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "DANGAN_"))}
    done = subprocess.run(
        [*alone, sys.executable, str(REPOSITORY / "tools" / "demo.py"), str(tmp_path / "demo")],
        env={**env, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    output = done.stdout + done.stderr
    assert done.returncode == 0, output[-3000:]
    assert "Traceback" not in output
    assert (tmp_path / "demo" / "reports" / "覆盖情况.html").is_file()
    assert "发现 = 新收 + 已有 + 隔离 + 等待 + 忽略" in output and "应交材料" in output
    assert "没有发现问题" in output, "the archive is intact"
