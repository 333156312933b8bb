"""``python -m benchmarks.soak [--folder N] [--s3 N] [--seed S] [--validation]``: killed N times, and what became of it.

See ``tests.faults.soak``. Exits with 1 when anything was lost, doubled or left behind; the trial's workspace is kept then.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests import s3server
from tests.faults import soak
from tests.faults.soak import Ground, Trial
from tests.flows.house import House


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak", description="SIGKILL at random instants of real ingests."
    )
    parser.add_argument("--folder", type=int, default=200, metavar="N", help="kills on the folder store (%(default)s)")
    parser.add_argument("--s3", type=int, default=50, metavar="N", help="kills on a real S3 server (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of the instants (%(default)s)")
    parser.add_argument("--validation", action="store_true", help="with Great Expectations at the end of each run (slow)")
    parser.add_argument("--work", type=Path, metavar="DIR", help="make the work folder here")
    chosen = parser.parse_args(arguments)
    work = Path(tempfile.mkdtemp(prefix="dangan-soak-", dir=chosen.work))
    wrong = 0
    if chosen.folder:
        wrong += _soak("folder", work / "folder", _folder, chosen.folder, chosen.seed, validation=chosen.validation)
    if chosen.s3:
        if cause := s3server.absent():
            print(f"s3: not run: {cause}")
        else:
            server = s3server.S3Server()
            try:

                def on_s3(folder: Path) -> House:
                    return _quietly(folder, store=f"{server.bucket_url()}/archive", env=dict(server.env))

                wrong += _soak("s3", work / "s3", on_s3, chosen.s3, chosen.seed, validation=chosen.validation)
            finally:
                server.stop()
    if not wrong:
        with contextlib.suppress(OSError):
            _remove(work)
    else:
        print(f"kept: {work}")
    return 1 if wrong else 0


def _folder(folder: Path) -> House:
    return _quietly(folder)


def _quietly(folder: Path, **options: object) -> House:
    with contextlib.redirect_stdout(io.StringIO()):
        return House.build(folder / "ws", **options)  # type: ignore[arg-type]


def _soak(store: str, work: Path, new: Callable[[Path], House], kills: int, seed: int, *, validation: bool) -> int:
    """Run and print; the number of trials in which something was wrong."""
    ground = Ground(work, new, validation=validation)
    spans = ", ".join(f"{d} {s:.2f} s" for d, s in ground.seconds.items())
    print(f"{store}: seed {seed}; undisturbed: {spans}", flush=True)
    began = time.monotonic()
    trials: list[Trial] = []
    for trial in soak.soak(ground, kills=kills, seed=seed):
        trials.append(trial)
        if len(trials) % 20 == 0:
            print(f"{store}: {sum(len(t.hit) for t in trials)} kills after {time.monotonic() - began:.0f} s", flush=True)
        for w in trial.wrong:
            print(f"{store}: trial {len(trials) - 1} ({trial.delivery}): {w[:600]}", flush=True)
    wrong = sum(bool(t.wrong) for t in trials)
    hit = [c for t in trials for c in t.hit]
    family = sum(k.family for t in trials for k in t.kills)
    print(
        f"{store}: {len(hit)} kills in {len(trials)} trials ({family} of the family, {len(hit) + _ended(trials) - family} of the parent; "
        f"{_ended(trials)} came after the end), {time.monotonic() - began:.0f} s, {wrong} trials with something wrong"
    )
    for phase, n in soak.histogram(trials).items():
        print(f"  {phase:<34} {n:>4}  {'#' * n}")
    return wrong


def _ended(trials: Sequence[Trial]) -> int:
    return sum(t.ended for t in trials)


def _remove(work: Path) -> None:
    import shutil

    shutil.rmtree(work)


if __name__ == "__main__":
    sys.exit(main())
