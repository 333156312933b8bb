"""Runs ``-m MODULE ARGS`` as Python would, and writes down every connection tried and every file written outside the folder."""

from __future__ import annotations

import os
import runpy
import sys

WORKDIR = os.path.realpath(os.getcwd())
SEEN: list[str] = []


def watch(event: str, args: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        SEEN.append(f"{event} {args[1:]}")
    elif event == "open" and isinstance(args[0], str | bytes) and isinstance(args[2], int):
        path = os.path.realpath(os.fsdecode(args[0]))
        if args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and not path.startswith((WORKDIR, "/dev/")):
            SEEN.append(f"write {path}")


_, flag, module, *rest = sys.argv
assert flag == "-m"
sys.argv = [module, *rest]
sys.addaudithook(watch)
try:
    runpy.run_module(module, run_name="__main__", alter_sys=True)
finally:
    with open("watched.txt", "w", encoding="utf-8") as out:
        out.write("\n".join(SEEN))
