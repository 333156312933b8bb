"""``make audit-deps``: what is known against the locked dependencies, by pip-audit.

A known vulnerability fails (1). Where the vulnerability data cannot be reached in time it says so in one line, 未检, and does not
fail: that nothing was found then means nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: for everything; the first run with the network asks about every package and may need more, later ones come from pip's cache
SECONDS = float(os.environ.get("DANGAN_AUDIT_SECONDS", "20"))
PROGRAM = (str(Path(sys.executable).with_name("pip-audit")),)
_ARGUMENTS = ("--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "5")


def main(program: tuple[str, ...] = PROGRAM, seconds: float = SECONDS) -> int:
    command = [*program, *_ARGUMENTS, "-r", str(ROOT / "requirements.lock")]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return unchecked(f"not done within {seconds:g} s; set DANGAN_AUDIT_SECONDS for more")
    except OSError as e:
        return unchecked(f"pip-audit cannot be started: {e.strerror}")
    return judge(done.returncode, done.stdout, done.stderr)


def judge(code: int, out: str, err: str) -> int:
    """Say what pip-audit found; the exit code. It ends with 1 for a finding as well as for a failure of its own."""
    try:
        packages = json.loads(out)["dependencies"]
        found = [(p["name"], p["version"], v) for p in packages for v in p.get("vulns", ())]
        skipped = [p["name"] for p in packages if "skip_reason" in p]
    except (ValueError, KeyError, TypeError):
        return unchecked((err.strip().splitlines() or [f"pip-audit ended with {code}"])[-1][:200])
    for name, version, v in found:
        print(f"{name} {version}: {v['id']} (fixed in {', '.join(v.get('fix_versions', ())) or 'no version yet'})")
    if skipped:
        print(f"audit-deps: unchecked 未检: {', '.join(skipped)}")
    print(f"audit-deps: {len(packages) - len(skipped)} packages, {len(found)} known vulnerabilities")
    return 1 if found else 0


def unchecked(why: str) -> int:
    print(f"audit-deps: unchecked 未检: {why}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
