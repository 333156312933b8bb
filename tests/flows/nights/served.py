"""What the processes of a night are given, and how long they are waited for."""

from __future__ import annotations

import os
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]
PATIENCE = 200


def environment(**more: str) -> dict[str, str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "DANGAN_"))}
    return {**env, "PYTHONPATH": str(REPOSITORY), **more}
