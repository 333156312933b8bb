"""Pictures: whole or cut off, what the pixels say (``pixels``, ``intake.marks``), and what the camera wrote (Exif 2.32)."""

from __future__ import annotations

import tomllib
import warnings
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from archive_schema.cycle import Limits
from archive_schema.evidence import Fact, Facts, Reading
from archive_schema.media import of_type
from archive_schema.text import display
from archive_schema.words import ReadState
from intake import container, ocr
from intake.marks import LEAST, imprint, joints, overlay, paper
from intake.readers import pixels

NAME = "image"
VERSION = 4
_ME = f"{NAME}@{VERSION}"

#: more pixels are not decoded (本项目默认): a 24-bit picture of that size fills the reader's memory by half
_PIXELS = 170_000_000
_MAKE, _MODEL, _SOFTWARE, _ORIENTATION = 0x010F, 0x0110, 0x0131, 0x0112
_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_ORIGINAL, _DIGITIZED, _CHANGED, _GPS_DAY = 0x9003, 0x9004, 0x0132, 29
#: where clocks of cameras begin after the battery was out
_RESET_YEARS = frozenset({1970, 1980})
_FIRST_YEAR = 1990


def read(path: Path, media_type: str, limits: Limits) -> Reading:
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # ours are checked below, before anything is decoded
    name = of_type(media_type).name
    damaged = f"{name}打不开,文件不完整或已损坏;请重新导出或重拍后提交"
    facts: Facts = {}
    page = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                width, height = image.size
                facts = {"width": Fact(value=width, method=_ME), "height": Fact(value=height, method=_ME)}
                if bomb := container.picture_bomb(path, width * height, limits):
                    return Reading(media_type, _ME, ReadState.GAVE_UP, facts, detail=f"{bomb},未解码")
                facts |= _camera_facts(image)
                if (frames := getattr(image, "n_frames", 1)) > 1:
                    facts["pages"] = Fact(value=frames, method=_ME)
                if width * height > _PIXELS:
                    return Reading(
                        media_type,
                        _ME,
                        ReadState.PARTIAL,
                        facts,
                        detail=f"{width}×{height} 像素过大,未检查画面是否完整;请缩小后提交",
                    )
                if media_type == "image/png":
                    with Image.open(path) as again:  # verify() uses the object up
                        again.verify()
                # JPEG: all is read, but only as many pixels are made as are looked at below
                share = min(1.0, pixels.SIDE / max(width, height))
                image.draft("RGB", (max(1, int(width * share)), max(1, int(height * share))))
                image.load()
                turned = facts["orientation"].value if "orientation" in facts else 1
                coloured = pixels.coloured(image, turned)
                first = paper.readable(width, height) and (coloured is None or paper.glance(coloured))
                page = (first or (frames > 1 and media_type == "image/tiff")) and paper.looks_like_page(path)
                facts |= _pixel_facts(image, turned) | ({} if page else _printed_facts(coloured))
    except MemoryError:
        raise
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        KeyError,
        IndexError,
        TypeError,
        OverflowError,
        ZeroDivisionError,
        EOFError,
    ):
        # what Pillow's plugins raise for bytes that are not a whole picture; a fault of the disk was met by the digest
        return Reading(media_type, _ME, ReadState.DAMAGED, facts, detail=damaged)
    # what is printed on a page or in a corner is for OCR, which not every machine has
    for_ocr = page or "imprint" in facts
    return Reading(media_type, _ME + ocr.suffix("off") if for_ocr else _ME, ReadState.READ, facts, volatile=for_ocr)


def printed(reading: Reading) -> list[tuple[float, float, float, float]]:
    """Where something is printed in the corners of a picture, as shares of its width and height: left, top, right, bottom."""
    fact = reading.facts.get("imprint")
    boxes = [tuple(float(v) for v in box.split(",")) for box in (fact.raw or "").split(";") if box] if fact is not None else []
    return [(left, top, right, bottom) for left, top, right, bottom in boxes]


def _pixel_facts(image: Any, orientation: int) -> Facts:
    try:
        small = pixels.grey(image, orientation)
    except ValueError:
        return {}  # pixels of a kind that Pillow turns into no greys; the picture is whole all the same
    facts: Facts = {}
    if (sharp := pixels.sharpness(small)) is not None:
        facts["sharpness"] = Fact(value=sharp, method=f"{_ME}/laplacian-{pixels.SIDE}")
    if print_ := pixels.fingerprint(small):
        facts["fingerprint"] = Fact(value=print_, method=f"{_ME}/dct-64")
    if min(small.size) < LEAST:
        return facts  # nobody has looked
    if (
        clear := overlay.repeats(small)
    ) is not None:  # none found is no statement: most watermarks are not told by their pixels
        facts["watermark"] = Fact(value=["重复铺满画面的水印"], raw=f"{clear:.1f}", method=f"{_ME}/repeats")
    facts["collage"] = Fact(value=[str(j) for j in joints.joints(small)], method=f"{_ME}/joints")
    return facts


def _printed_facts(coloured: Any) -> Facts:
    """Rows of signs in the corners; nothing for a picture without colours to go by."""
    if coloured is None or min(coloured.size) < LEAST:
        return {}
    rows = imprint.imprints(coloured)
    where = ";".join(",".join(f"{v:g}" for v in r.box) for r in rows)
    return {"imprint": Fact(value=list(dict.fromkeys(map(str, rows))), raw=where, method=f"{_ME}/imprint")} if rows else {}


def _camera_facts(image: Any) -> Facts:
    facts: Facts = {}
    try:
        exif = image.getexif()
        inner, gps = exif.get_ifd(_EXIF_IFD), exif.get_ifd(_GPS_IFD)
    except (OSError, SyntaxError, ValueError, KeyError, IndexError, TypeError, OverflowError, ZeroDivisionError):
        return facts  # a broken Exif block does not make a broken picture
    said = next((raw for tag in (_ORIGINAL, _DIGITIZED) if (raw := _word(inner.get(tag)))), "")
    if (clock := _clock(said)) is not None and not _believable(clock):
        facts["camera_clock"] = Fact(value=clock.date().isoformat(), raw=said, method=f"{_ME}/exif")
    times = [(tag, raw, t) for tag in (_ORIGINAL, _DIGITIZED) if (raw := _word(inner.get(tag))) and (t := _moment(raw))]
    if times:
        tag, raw, taken = times[0]
        days = dict.fromkeys(t.date().isoformat() for _, _, t in times)
        # saved before it was taken: one of the two clocks was wrong; satellites' time is UTC, a day's difference says nothing
        if (saved := _moment(_word(exif.get(_CHANGED)))) and saved.date() < taken.date():
            days[saved.date().isoformat()] = None
        if (fix := _moment(f"{_word(gps.get(_GPS_DAY))} 12:00:00")) and abs((fix.date() - taken.date()).days) > 1:
            days[fix.date().isoformat()] = None
        how = "exif-original" if tag == _ORIGINAL else "exif-digitized"
        day = taken.date().isoformat()
        facts["taken_on"] = Fact(value=day, raw=raw, method=f"{_ME}/{how}", others=tuple(d for d in days if d != day))
    make, model = _word(exif.get(_MAKE)), _word(exif.get(_MODEL))
    camera = model if model.lower().startswith(make.lower()) else f"{make} {model}".strip()
    if camera:
        facts["camera"] = Fact(value=camera, raw=f"{make}|{model}", method=f"{_ME}/exif")
    orientation = exif.get(_ORIENTATION)
    if isinstance(orientation, int) and 1 <= orientation <= 8:
        facts["orientation"] = Fact(value=orientation, method=f"{_ME}/exif")
    if place := _place(gps):
        facts["gps"] = Fact(value=place, method=f"{_ME}/exif")
    software = _word(exif.get(_SOFTWARE)) or _word(image.info.get("Software"))
    if any(e in software.lower() for e in _editors()):
        facts["edited_by"] = Fact(value=software, raw=software, method=f"{_ME}/exif")
    return facts


@cache
def _editors() -> tuple[str, ...]:
    return tuple(tomllib.loads((Path(__file__).parent / "editors.toml").read_text("utf-8"))["editors"])


def _word(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return display(value.replace("\x00", " "), 100).strip("\ufffd ") if isinstance(value, str) else ""


def _moment(raw: str) -> datetime | None:
    """``YYYY:MM:DD HH:MM:SS`` as a time that a camera may have had, else None: blank, zero, impossible, a clock never set."""
    clock = _clock(raw)
    return clock if clock is not None and _believable(clock) else None


def _clock(raw: str) -> datetime | None:
    try:
        return datetime.strptime(raw[:19].replace("-", ":").replace("/", ":"), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - local time of the camera
    except ValueError:
        return None


def _believable(moment: datetime) -> bool:
    if moment.year < _FIRST_YEAR or moment.year in _RESET_YEARS or moment.year > 2099:
        return False
    return (moment.month, moment.day, moment.hour, moment.minute) != (1, 1, 0, 0)


def _place(gps: dict[int, Any]) -> str:
    """``latitude,longitude`` in decimal degrees, south and west negative; "" when absent, impossible or the 0,0 of no fix."""
    try:
        latitude = _degrees(gps[2]) * (-1 if str(gps.get(1, "N")).upper().startswith("S") else 1)
        longitude = _degrees(gps[4]) * (-1 if str(gps.get(3, "E")).upper().startswith("W") else 1)
    except (KeyError, TypeError, ValueError, ZeroDivisionError, IndexError):
        return ""
    if not (abs(latitude) <= 90 and abs(longitude) <= 180) or (latitude == 0 and longitude == 0):
        return ""
    return f"{latitude:.6f},{longitude:.6f}"


def _degrees(parts: Any) -> float:
    degrees, minutes, seconds = (float(p) for p in parts)
    return degrees + minutes / 60 + seconds / 3600
