"""``python -m benchmarks.floors.checking JOB.json PATTERNS.json``: the suites' expectations over the same rows, with nothing but pandas."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd

SUITES = Path(__file__).resolve().parents[2] / "validators" / "data" / "suites.toml"


def unexpected(frame: pd.DataFrame, kind: str, kwargs: dict[str, Any]) -> int:
    """Number of rows that one expectation does not hold for; missing values are passed over."""
    if frame.empty:
        return 0
    if kind == "expect_compound_columns_to_be_unique":
        rows = frame[kwargs["column_list"]].dropna()
        return int(rows.duplicated(keep=False).sum())
    if kind == "expect_column_pair_values_a_to_be_greater_than_b":
        pair = frame[[kwargs["column_A"], kwargs["column_B"]]].dropna()
        return int((pair.iloc[:, 0] < pair.iloc[:, 1]).sum())
    column = frame[kwargs["column"]]
    if kind == "expect_column_values_to_not_be_null":
        return int(column.isna().sum())
    values = column.dropna()
    if kind == "expect_column_values_to_match_regex":
        return int((~values.str.match(kwargs["regex"])).sum())
    if kind == "expect_column_values_to_be_in_set":
        return int((~values.isin(kwargs["value_set"])).sum())
    if kind == "expect_column_values_to_be_between":
        numbers = values.astype("float64")
        low, high = kwargs.get("min_value", float("-inf")), kwargs.get("max_value", float("inf"))
        return int((~numbers.between(low, high)).sum())
    raise ValueError(f"no floor for {kind}")


def main(job_file: str, patterns_file: str) -> None:
    job, patterns = (json.loads(Path(f).read_bytes()) for f in (job_file, patterns_file))
    found = []
    for suite in tomllib.loads(SUITES.read_text("utf-8"))["suite"]:
        with Path(job["frames"][suite["frame"]]).open("rb") as lines:
            frame = pd.DataFrame([json.loads(line) for line in lines])
        for e in suite["expectation"]:
            kwargs = dict(e["kwargs"])
            if isinstance(kwargs.get("value_set"), str):
                kwargs["value_set"] = job["sets"][kwargs["value_set"]]
            if (named := kwargs.get("regex")) in patterns:
                kwargs["regex"] = patterns[named]
            found.append(unexpected(frame, e["type"], kwargs))
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
