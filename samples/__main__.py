"""``python -m samples inbox DIR`` and ``python -m samples corpus DIR``."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from archive_schema import catalogue, units
from archive_schema.cycle import default_window, parse_window
from archive_schema.errors import DanganError
from samples.corpus import make_corpus
from samples.inbox import make_inbox


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m samples", description="生成样例材料(全部为虚构,每次生成的内容相同)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="命令")
    inbox = commands.add_parser("inbox", help="生成样例收件箱:约 20 个单位的好坏材料")
    inbox.add_argument("--units", type=int, default=20, metavar="N", help="单位个数(默认 20)")
    inbox.add_argument("--window", metavar="起..止", help="测评时段,如 2025-11-01..2026-10-31(默认:上月止的一年)")
    inbox.add_argument("--catalogue", default="national-2017", metavar="目录", help="目录编号或文件夹(默认 national-2017)")
    corpus = commands.add_parser("corpus", help="生成压力测试用的大量普通文件")
    for command, count in ((inbox, 300), (corpus, 1000)):
        command.add_argument("folder", type=Path, metavar="文件夹", help="写到哪里(不存在则新建)")
        command.add_argument("--files", type=int, default=count, metavar="N", help=f"文件个数(默认 {count})")
        command.add_argument("--seed", type=int, default=1, metavar="N", help="随机种子(默认 1);同一种子内容相同")
    chosen = parser.parse_args(arguments)
    try:
        text = _inbox(chosen) if chosen.command == "inbox" else _corpus(chosen)
    except DanganError as e:
        sys.stderr.write(f"{e.zh}\n{e.hint}\n")
        return e.exit_code
    sys.stdout.write(text + "\n")
    return 0


def _inbox(chosen: argparse.Namespace) -> str:
    loaded = catalogue.load(chosen.catalogue)
    table = units.from_references(r for i in loaded.items for r in i.units)
    window = parse_window(chosen.window) if chosen.window else default_window(date.today())  # noqa: DTZ011 - a day suffices
    made = make_inbox(
        chosen.folder, loaded, table, window=window, files=chosen.files, unit_count=chosen.units, seed=chosen.seed
    )
    return (
        f"已生成 {made.files} 个文件(压缩包内另有 {made.members} 个),{len(made.units)} 个单位,在 {chosen.folder}\n"
        f"测评时段 {made.window},报送截止 {made.deadline.isoformat()}\n"
        + "、".join(f"{name} {count}" for name, count in made.counts.items())
    )


def _corpus(chosen: argparse.Namespace) -> str:
    made = make_corpus(chosen.folder, files=chosen.files, seed=chosen.seed)
    forms = "、".join(f"{form} {count}" for form, count in made.by_form.items())
    return f"已生成 {made.files} 个文件,共 {made.size / 1024**2:.1f} MB({forms}),在 {chosen.folder}"


if __name__ == "__main__":
    raise SystemExit(main())
