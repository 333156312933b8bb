"""What a person at the prompt waits for: ``dangan --help``, and ``dangan coverage --format json`` on a filled workspace.

Floor: ``python -c pass``, the interpreter itself. Medians of five turns, after one that is not counted (compiled modules).
"""

from __future__ import annotations

from benchmarks import spent
from benchmarks.ground import Ground
from benchmarks.results import Row

_TIMES = 5


def run(ground: Ground) -> list[Row]:
    filled = ground.filled(ground.files)
    commands = {
        "python -c pass": ["-c", "pass"],
        "dangan --help": ["-m", "dangan", "--help"],
        f"dangan coverage --format json, {filled.files} files": [
            *("-m", "dangan", "-C", str(filled.folder), "coverage", "--format", "json")
        ],
    }
    turns = [{what: spent.run(words) for what, words in commands.items()} for _ in range(1 + _TIMES)][1:]
    medians = {what: spent.median(turn[what] for turn in turns) for what in commands}
    least, *rest = medians.items()
    return [Row("start-up", what, took.seconds, least[1].seconds) for what, took in rest]
