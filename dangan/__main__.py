"""Entry point of the ``dangan`` command."""

from __future__ import annotations

import gc
import sys

#: objects made before Python looks for garbage among them (its own default: 700)
_YOUNG = 30_000


def main() -> None:
    gc.set_threshold(_YOUNG)  # what importing makes stays: to look through it a hundred times is a tenth of a short command
    from dangan.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
