"""JSON against the schemas that are shipped."""

from __future__ import annotations

import json
from typing import Any

import jsonschema

from archive_schema.schemas import FOLDER


def conforms(value: Any, name: str) -> None:
    """``value`` is what ``archive_schema/schemas/<name>.schema.json`` says."""
    schema = json.loads((FOLDER / f"{name}.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(value, schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
