"""Prefect's environment, set before it is imported: its files in the workspace, no telemetry, no address but our own."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from archive_schema.errors import DanganError


def prepare(root: Path) -> None:
    """Call before the first import of prefect. What the operator has set already is left as it is."""
    defaults = {
        "PREFECT_HOME": str(root / ".prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
    }
    for key, value in defaults.items():
        os.environ.setdefault(key, value)
    # a proxy must never stand between us and our own server on this machine
    for key in ("NO_PROXY", "no_proxy"):
        hosts = [h for h in os.environ.get(key, "").split(",") if h]
        os.environ[key] = ",".join(dict.fromkeys([*hosts, "127.0.0.1", "localhost"]))
    for name in ("prefect.flow_runs", "prefect.task_runs", "prefect.engine"):
        logging.getLogger(name).addFilter(_not_ours)


def _not_ours(record: logging.LogRecord) -> bool:
    """An error of ours says in Chinese what is wrong and what to do, where it ends up; the state of its run says it, too."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, DanganError)
