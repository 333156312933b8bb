"""Text of PDFs through the reader processes, and what the parent keeps of many files.

Floor: bare pypdfium2 over the same files in two processes of ``multiprocessing``. What is above it pays for a digest, the true
type, limits and isolation around every file, the facts of the document, and the way of text and facts to the parent. Both
run from start to end of their processes, in turns; medians count. The PDFs of the corpus name a Chinese font and do not hold it; with ``--folder``
also those of a folder, which must have text on every page (what has none is read by OCR, which no floor does). The parent's peak is measured at two counts of small files,
each link to one of a few texts, so that a byte kept of each would show.
"""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks import spent
from benchmarks.ground import Ground
from benchmarks.results import Row

_TIMES = 3
#: counts of files at which the parent's memory is measured
COUNTS = (1_000, 10_000)


def run(ground: Ground) -> list[Row]:
    own = [p for p in ground.corpus if p.suffix == ".pdf"]
    rows = [_throughput(ground, "PDFs", own)]
    if ground.folder is not None and (more := sorted(ground.folder.rglob("*.pdf"))):
        rows.append(_throughput(ground, "PDFs of the folder", more))
    return [*rows, *_memory(ground)]


def _throughput(ground: Ground, name: str, files: list[Path]) -> Row:
    listed = _list(ground.work / "pdfs.txt", files)
    floors, products = [], []
    for _ in range(_TIMES):
        floors.append(spent.floor("texts", str(listed)))
        products.append(spent.run(["-m", "benchmarks.pooled", str(listed)]))
    least, took = spent.median(floors), spent.median(products)
    count, characters = map(int, least.output.split())
    answer = json.loads(took.output)
    if not count == answer["files"] == len(files) or abs(answer["characters"] - characters) > characters // 1000:
        raise RuntimeError(f"{len(files)} files: the floor read {least.output}, the reader processes {took.output}")
    figures = {"files/s": count / took.seconds, "CPU s": took.cpu, "CPU ratio": took.cpu / least.cpu}
    return Row("extraction", f"{count} {name}", took.seconds, least.seconds, figures=figures)


def _memory(ground: Ground) -> list[Row]:
    folder = ground.work / "small"
    folder.mkdir()
    texts = []
    for n in range(8):
        texts.append(folder / f"text-{n}.txt")
        texts[-1].write_text(f"关于第{n}项工作的通知\n各单位:\n请认真落实第{n}项工作。\n" * 4, "utf-8")
    peaks = []
    for count in COUNTS:
        files = []
        for n in range(count):
            files.append(folder / f"{count}-{n}.txt")
            files[-1].hardlink_to(texts[n % len(texts)])
        answer = json.loads(spent.run(["-m", "benchmarks.pooled", str(_list(folder / f"{count}.list", files))]).output)
        peaks.append(answer["peak"])
    further = (peaks[1] - peaks[0]) / (COUNTS[1] - COUNTS[0])
    return [
        Row("extraction", f"peak of the parent, {count} files", p / 1e6, None, "MB", f)
        for count, p, f in zip(COUNTS, peaks, ({}, {"kB per further file": further / 1e3}), strict=True)
    ]


def _list(into: Path, files: list[Path]) -> Path:
    into.write_text("\n".join(map(str, files)) + "\n", "utf-8")
    return into
