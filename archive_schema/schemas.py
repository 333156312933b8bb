"""JSON Schemas of all JSON outputs, generated from the types. ``python -m archive_schema.schemas`` writes them."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from archive_schema import copies, forecast, graded, listings, negative, outputs, records
from archive_schema.digest import NightDigest
from archive_schema.table_report import TableReport
from archive_schema.units import Unit

FOLDER = Path(__file__).parent / "schemas"

#: file name → the type of one output (of one line, where a command prints lines)
OUTPUTS: dict[str, object] = {
    "ingest": outputs.IngestOutput,
    "coverage": outputs.CoverageOutput,
    "manifest": outputs.ManifestLine,
    "manifest-digest": outputs.DigestOutput,
    "classify": outputs.ClassifyOutput,
    "inspect": list[outputs.InspectOutput],
    "audit": outputs.AuditOutput,
    "review-list": list[outputs.ReviewEntry],
    "review-act": outputs.DecisionOutput,
    "review-log": list[listings.LoggedDecision],
    "reassess": listings.ReassessOutput,
    "units": list[Unit],
    "catalogue": listings.CatalogueOutput,
    "catalogue-check": listings.CatalogueCheckOutput,
    "doctor": list[outputs.Probe],
    "checks": list[outputs.CheckOutput],
    "checks-reasons": list[listings.ReturnReason],
    "checks-results": TableReport,
    "export": copies.ExportOutput,
    "copy": copies.CopyOutput,
    "history": outputs.HistoryOutput,
    "restore": copies.RestoreOutput,
    "keys": list[outputs.KeyOutput],
    "sign": outputs.SignOutput,
    "digest": NightDigest,
    "assignments": outputs.AssignmentsOutput,
    "forecast": forecast.ForecastOutput,
    "grades": graded.GradesOutput,
    "negative": negative.NegativeOutput,
    "segment-header": records.SegmentHeader,
    "segment-record": records.Record,
    "head": records.Head,
}


def generate() -> dict[str, str]:
    """Name → JSON Schema text."""
    out = {}
    for name, shape in OUTPUTS.items():
        schema = msgspec.json.schema(shape)
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"dangan:{name}", **schema}
        out[name] = json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return out


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in generate().items():
        (FOLDER / f"{name}.schema.json").write_text(text, "utf-8")
