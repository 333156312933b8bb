"""``make demo``: the nightly job on a generated sample inbox, with the embedded store; leaves a report to open."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

from archive_schema import catalogue as catalogues
from archive_schema import units as unit_tables
from archive_schema.cycle import default_window
from samples.inbox import make_inbox


def main(*words: str) -> int:
    if len(words) != 1 or words[0].startswith("-"):
        print("用法: tools/demo.py 目录(会被清空重建)", file=sys.stderr)
        return 2
    [where] = words
    root = Path(where).resolve()
    if root.exists():
        if not (root / "dangan.toml").is_file():
            print(f"{root} 已存在且不是工作区,请换一个目录: make demo DEMO=别的目录", file=sys.stderr)
            return 2
        shutil.rmtree(root)
    began = time.monotonic()
    # some months ago, so that what the sample's forms say was late is not in the future
    window = default_window(date.today() - timedelta(days=100))  # noqa: DTZ011 - the demo's own day
    run("init", str(root), "--cycle", "demo", "--window", f"{window.start}..{window.end}")
    catalogue = catalogues.load("national-2017")
    units = unit_tables.from_references(r for i in catalogue.material for r in i.units)
    made = make_inbox(root / "inbox", catalogue, units, window=window)
    cycle = root / "cycle.toml"
    text = cycle.read_text("utf-8").replace('# city = "某某市"', 'city = "示例市"')
    late = sorted({(e.item, e.kind) for e in made.expectations if e.fault == "late" and e.item and e.kind})
    text += "".join(f'\n[[requirement]]\nitem = "{i}"\nkind = "{k}"\ndeadline = {made.deadline}\n' for i, k in late)
    cycle.write_text(text, "utf-8")
    print(f"样本收件箱: {made.files} 个文件 → {root / 'inbox'}", flush=True)
    run("serve", "--once", "-C", str(root))
    print(f"用时 {time.monotonic() - began:.0f} 秒。打开 {root / 'reports' / '覆盖情况.html'} 看报告。")
    return 0


def run(*words: str) -> None:
    """Run the installed command, as a user would."""
    subprocess.run([str(Path(sys.executable).with_name("dangan")), *words], check=True)


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except subprocess.CalledProcessError as e:
        sys.exit(e.returncode)
