"""``make audit-deps``: a known vulnerability fails, and what could not be looked up is 未检, never a pass."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tools import audit_deps

CLEAN: dict[str, Any] = {"name": "a", "version": "1", "vulns": []}
KNOWN: dict[str, Any] = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}]}
SKIPPED: dict[str, Any] = {"name": "c", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ([CLEAN], 0, "1 packages, 0 known vulnerabilities"),
        ([CLEAN, KNOWN], 1, "b 2: PYSEC-1 (fixed in 3)"),
        ([CLEAN, SKIPPED], 0, "未检: c"),
    ],
)
def test_what_was_found_is_told(packages: list[object], code: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit_deps.judge(code, json.dumps({"dependencies": packages}), "") == code
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("program", "seconds", "said"),
    [
        ((sys.executable, "-c", "import sys; sys.exit('no connection')"), 20.0, "未检: no connection"),
        ((sys.executable, "-c", "import threading; threading.Event().wait(60)"), 0.2, "未检: not done within 0.2 s"),
        (("/nowhere/pip-audit",), 20.0, "未检: pip-audit cannot be started"),
    ],
)
def test_what_could_not_be_looked_up_is_said_in_one_line_and_fails_nothing(
    program: tuple[str, ...], seconds: float, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit_deps.main(program, seconds) == 0
    out = capsys.readouterr().out
    assert said in out and out.count("\n") == 1


def test_pip_audit_itself_without_a_network_is_unchecked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    assert audit_deps.main(seconds=20.0) == 0
    out = capsys.readouterr().out
    assert out.startswith("audit-deps: unchecked 未检: ") and out.count("\n") == 1
