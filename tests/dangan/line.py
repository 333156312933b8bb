"""Running ``dangan``: in this process, or in one of its own where a process matters."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dangan import cli

PROGRAM = Path(sys.executable).with_name("dangan")


@dataclass(frozen=True)
class Answer:
    """What a command printed and ended with."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def jsonl(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


def dangan(*words: str) -> Answer:
    """Run a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.run(list(words))
    return Answer(code, out.getvalue(), err.getvalue())


def process(
    *words: str, cwd: Path | None = None, env: Mapping[str, str] | None = None, text: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the installed program. No command here has reason to take a minute."""
    return subprocess.run(
        [str(PROGRAM), *words],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
    )


class Line:
    """The command line of one workspace."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    def __call__(self, *words: str, code: int | None = 0, here: bool = True) -> Answer:
        """Run a command on the workspace; ``code`` is what it must end with (None = anything)."""
        answer = dangan(*(("-C", str(self.root)) if here else ()), *words)
        assert code is None or answer.code == code, f"{words}: {answer.code}\n{answer.out}\n{answer.err}"
        return answer

    def ingest(self) -> Answer:
        return self("ingest", "--no-validation")

    def digest(self) -> tuple[str, str]:
        """State digest and head."""
        d = self("manifest", "--digest", "--format", "json").json
        return d["state_digest"], d["head"]

    def coverage(self) -> dict[str, Any]:
        found = self("coverage", "--format", "json").json
        assert isinstance(found, dict)
        return found

    def cell(self, item: str, kind: str) -> dict[str, Any]:
        """The requirement as coverage shows it."""
        [it] = [i for i in self.coverage()["items"] if i["id"] == item]
        [cell] = [r for r in it["requirements"] if r["kind"] == kind]
        return dict(cell)

    def manifest(self) -> dict[str, dict[str, Any]]:
        """Lines of the manifest by ``unit/path`` of every source."""
        return {f"{s['unit']}/{s['path']}": m for m in self("manifest").jsonl for s in m["sources"]}

    def segments(self) -> int:
        return len(list((self.root / "store" / "cycles").glob("*/manifest/*")))
