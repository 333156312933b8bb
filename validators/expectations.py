"""Great Expectations over the frames: a process of its own that reads a job, writes a result, and ends.

``python -m validators.expectations [MEMORY]``, and then the path of a job on a line of its input; without one it ends. The only
module that imports Great Expectations, and with it pandas: they take seconds to import and hundreds of megabytes, so they live
no longer than this, and are imported before the job is there. No telemetry, no progress bars, no context on disk, nothing
outside the job's folder.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Any, get_args

import msgspec

from validators import suites


class Job(msgspec.Struct, frozen=True):
    """``frames``: frame → JSON Lines file of its rows, suites of other frames are left out; ``sets``: run-time set → values;
    ``parameters``: ``$CODE.parameter`` → value."""

    frames: dict[str, str]
    sets: dict[str, list[str]]
    result: str
    parameters: dict[str, float] = {}


class Answer(msgspec.Struct, frozen=True):
    """Of one expectation. ``success`` None = it could not be evaluated (``error`` says why); ``checked`` leaves out missing
    values; ``rows``: positions of the unexpected ones, in order."""

    suite: str
    id: str
    success: bool | None
    checked: int = 0
    rows: tuple[int, ...] = ()
    error: str = ""


class Result(msgspec.Struct, frozen=True):
    """``raw``: what Great Expectations answered, suite by suite."""

    answers: tuple[Answer, ...]
    raw: dict[str, Any]


def prepare() -> Any:
    """Import what takes seconds: what the module imports, and what it imports when it is first used."""
    os.environ["GX_ANALYTICS_ENABLED"] = "False"
    gc.disable()  # what is imported stays: to look through it for garbage, again and again while it grows, is a sixth of the time
    try:
        import great_expectations as gx

        context = gx.get_context(mode="ephemeral")
        context.enable_analytics(False)
        context.variables.progress_bars = {"globally": False}
    finally:
        gc.freeze()
        gc.enable()
    return context


def run(job: Job, context: Any) -> Result:
    """Evaluate every suite whose frame there is."""
    import great_expectations as gx
    import pandas as pd

    source = context.data_sources.add_pandas("frames")
    answers: list[Answer] = []
    raw: dict[str, Any] = {}
    for suite in suites.every():
        if suite.frame not in job.frames:
            continue
        frame = _frame(pd, Path(job.frames[suite.frame]), suites.FRAMES[suite.frame])
        batch = source.add_dataframe_asset(suite.name).add_batch_definition_whole_dataframe("all")
        batch = batch.get_batch({"dataframe": frame})
        built = gx.ExpectationSuite(name=suite.name)
        for e in suite.expectation:
            built.add_expectation(_expectation(gx, e, job))
        answer = batch.validate(built, result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["row"]})
        raw[suite.name] = answer.to_json_dict()
        by_id = {r["expectation_config"]["meta"]["id"]: r for r in raw[suite.name]["results"]}
        answers += [_answer(suite.name, e.id, by_id.get(e.id)) for e in suite.expectation]
    return Result(tuple(answers), raw)


def _frame(pd: Any, path: Path, row: type[msgspec.Struct]) -> Any:
    """Rows with every column, in the file's order; ``row`` is the position."""
    with path.open("rb") as lines:
        rows = [msgspec.json.decode(line) for line in lines]
    fields = msgspec.structs.fields(row)
    data = {f.name: pd.array([r.get(f.name) for r in rows], dtype=_dtype(f.type)) for f in fields}
    return pd.DataFrame({"row": range(len(rows)), **data})


def _dtype(kind: Any) -> str:
    """Numbers and text that may be missing; an all-empty column keeps its type."""
    kinds = set(get_args(kind)) or {kind}
    if bool in kinds:
        return "boolean"
    if int in kinds:
        return "Int64"
    return "float64" if float in kinds else "object"


def _expectation(gx: Any, e: suites.Expectation, job: Job) -> Any:
    kwargs: dict[str, Any] = {
        k: job.parameters.get(v, v) if isinstance(v, str) and v.startswith("$") else v for k, v in e.kwargs.items()
    }
    if isinstance(kwargs.get("value_set"), str):
        kwargs["value_set"] = job.sets[kwargs["value_set"]]
    name = "".join(part.capitalize() for part in e.type.split("_"))
    return getattr(gx.expectations, name)(**kwargs, meta={"id": e.id})


def _answer(suite: str, ident: str, result: dict[str, Any] | None) -> Answer:
    if result is None:
        return Answer(suite, ident, None, error="no answer")
    exception = result.get("exception_info") or {}
    if exception.get("raised_exception", "raised_exception" not in exception and bool(exception)):
        return Answer(suite, ident, None, error=str(exception.get("exception_message") or exception)[:500])
    details = result["result"]
    rows = tuple(sorted({int(entry["row"]) for entry in details.get("unexpected_index_list") or ()}))
    checked = int(details.get("element_count") or 0) - int(details.get("missing_count") or 0)
    return Answer(suite, ident, bool(result["success"]), checked, rows)


def main(memory: int) -> None:
    """:param memory: limit of the address space in bytes, 0 = none."""
    if memory and sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    context = prepare()
    path = sys.stdin.readline().strip()
    if not path:
        return  # nobody needs it after all
    job = msgspec.json.decode(Path(path).read_bytes(), type=Job)
    result = msgspec.json.encode(run(job, context), enc_hook=lambda number: number.item())  # numpy's, of columns of figures
    temporary = Path(job.result + ".tmp")
    temporary.write_bytes(result)
    temporary.replace(job.result)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
