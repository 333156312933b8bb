"""HEIC: as other pictures, once Pillow has been taught the format by pillow-heif (optional)."""

from __future__ import annotations

from pathlib import Path

from archive_schema.cycle import Limits
from archive_schema.evidence import Reading
from intake.readers import image

NAME, VERSION = image.NAME, image.VERSION


def read(path: Path, media_type: str, limits: Limits) -> Reading:
    import pillow_heif

    pillow_heif.register_heif_opener(thumbnails=False)
    return image.read(path, media_type, limits)
