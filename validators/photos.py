"""实景图片: pixels, sharpness, compression, caption, dates that agree, what was put on it, place."""

from __future__ import annotations

import re
from datetime import timedelta

from archive_schema.cycle import Window
from archive_schema.evidence import FACT_NAMES, Facts
from archive_schema.text import display
from archive_schema.words import ReadState
from validators import periods
from validators.seen import PASS, Params, Rule, Seen, Verdict, fail, unchecked

#: how the label of a reader ends by which every line of lettering was read
_ALL_LETTERING = re.compile(r"\+ocr@\d+f$")


def large_enough(seen: Seen, params: Params) -> Verdict | None:
    width, height = seen.number("width"), seen.number("height")
    if width is None or height is None:
        return unchecked(seen.not_reached or "没有读到图片尺寸")
    if max(width, height) >= params["min_long_side"]:
        return PASS
    return fail(found=f"{width:g}×{height:g}", wanted=params["min_long_side"])


def sharp(seen: Seen, params: Params) -> Verdict | None:
    value = seen.number("sharpness")
    if value is None:
        return unchecked(seen.not_reached or "没有测出清晰度")
    return PASS if value >= params["min_sharpness"] else fail(found=f"{value:g}", wanted=params["min_sharpness"])


def compressed_little(seen: Seen, params: Params) -> Verdict | None:
    """Bits per pixel of the file; only of JPEG, whose bytes grow with what is kept of the picture."""
    if seen.evidence.media_type != "image/jpeg":
        return None
    width, height = seen.number("width"), seen.number("height")
    if not width or not height:
        return unchecked(seen.not_reached or "没有读到图片尺寸")
    bits = 8 * seen.evidence.size / (width * height)
    return PASS if bits >= params["min_bits_per_pixel"] else fail(found=f"{bits:.2f}", wanted=params["min_bits_per_pixel"])


def _captioned(seen: Seen) -> bool:
    return bool(seen.value("caption")) or any(s.caption is not None and s.caption.value for s in seen.sources)


def captioned(seen: Seen, _: Params) -> Verdict | None:
    if seen.family != "picture":
        return None  # a page or a table called .jpg: TYPE's
    if _captioned(seen):
        return PASS
    return fail() if seen.sources or seen.attested("caption") else unchecked("没有来件可查")


def _elements(seen: Seen) -> Facts:
    """Elements of all captions of this unit's sources; attested ones over them."""
    out: Facts = {}
    for source in seen.sources:
        out = source.caption_facts | out
    return out | {k: f for k, f in seen.facts.items() if k.startswith("caption_")}


def elements_complete(seen: Seen, params: Params) -> Verdict | None:
    """``required``: elements by their short names; one that names alternatives (主题/事由) is met by either."""
    if not _captioned(seen):
        return None  # CAPTION's
    have = {FACT_NAMES[k].removeprefix("说明·") for k, f in _elements(seen).items() if f.value and k in FACT_NAMES}
    if seen.value("taken_on"):
        have.add("时间")
    missing = [name for name in params["required"] if not have & set(name.split("/"))]
    if missing and seen.evidence.state is not ReadState.READ:
        return unchecked(seen.not_reached or "只读出一部分")  # the camera may say the time
    return fail(found="、".join(missing)) if missing else PASS


def _captioned_periods(seen: Seen) -> list[tuple[object, Window]]:
    """What the captions say of the time, as written and as understood."""
    said = _elements(seen).get("caption_time")
    values = (
        said.value if said is not None and isinstance(said.value, list | tuple) else [said.value] if said is not None else []
    )
    return [(v, p) for v in values if (p := periods.parse(str(v))) is not None]


def dates_agree(seen: Seen, _: Params) -> Verdict | None:
    """What the camera wrote and what the caption says share a day."""
    taken = periods.parse(str(seen.value("taken_on"))) if seen.value("taken_on") else None
    spans = _captioned_periods(seen)
    if taken is None or not spans:
        return None
    if any(periods.overlap(taken, span) for _, span in spans):
        return PASS
    return fail(found=periods.show(taken), wanted=display("、".join(str(v) for v, _ in spans), 60))


def untouched(seen: Seen, _: Params) -> Verdict | None:
    if seen.value("edited_by"):
        return fail(found=seen.value("edited_by"))
    return unchecked(seen.not_reached) if seen.not_reached else PASS


def unmarked(seen: Seen, _: Params) -> Verdict | None:
    """Passes only where all lettering in the picture was read, or a person says so."""
    found = seen.words("watermark")
    if found:
        return fail(found="、".join(found))
    if seen.attested("watermark"):
        return PASS
    if "collage" not in seen.facts:
        return unchecked(seen.not_reached or "没有查看画面")
    if _ALL_LETTERING.search(seen.evidence.reader):
        return PASS
    printed = seen.words("imprint")
    corner = f"({'、'.join(printed)})" if printed else ""
    return unchecked(f"没有铺满画面的水印,画面文字{corner}没有全部识别,单个的水印要由人看")


def stamp_agrees(seen: Seen, _: Params) -> Verdict | None:
    """A stamp with what the camera and the caption say; where neither says anything the stamp itself dates the picture."""
    printed = seen.words("imprint")
    stamp = periods.parse(str(seen.value("date_stamp"))) if seen.value("date_stamp") else None
    if stamp is None and seen.not_reached:
        return unchecked(seen.not_reached)
    if stamp is None:
        return unchecked(f"{'、'.join(printed)}没有读出日期") if printed and not seen.attested("date_stamp") else None
    shown = periods.show(stamp)
    taken = periods.parse(str(seen.value("taken_on"))) if seen.value("taken_on") else None
    if taken is not None and not periods.overlap(stamp, taken):
        return fail(found=shown, wanted=f"相机记录的却是 {periods.show(taken)}")
    spans = _captioned_periods(seen)
    if spans and not any(periods.overlap(stamp, span) for _, span in spans):
        return fail(found=shown, wanted=f"图片说明写的却是 {display('、'.join(str(v) for v, _ in spans), 60)}")
    return PASS


def single(seen: Seen, _: Params) -> Verdict | None:
    found = seen.words("collage")
    if found is None:
        return PASS if seen.attested("collage") else unchecked(seen.not_reached or "没有查看画面")
    return fail(found="、".join(found)) if found else PASS


def clock_right(seen: Seen, _: Params) -> Verdict | None:
    """A date that no camera took a picture on, or that had not come yet when the picture was received."""
    if seen.attested("taken_on"):
        return PASS
    if seen.value("camera_clock"):
        return fail(found=seen.value("camera_clock"), why="相机时钟没有校准,不能作为拍摄日期")
    taken = periods.parse(str(seen.value("taken_on"))) if seen.value("taken_on") else None
    if taken is None or not seen.sources:
        return unchecked(seen.not_reached) if seen.not_reached else None
    received = min(s.first_seen_at for s in seen.sources).date()
    if taken.start > received + timedelta(days=1):  # a day for the zones
        return fail(found=periods.show(taken), why=f"晚于收到的日期 {received.isoformat()}")
    return PASS


def inside_the_city(seen: Seen, params: Params) -> Verdict | None:
    """``boundary``: south, west, north, east in degrees; [] = none given, nothing is checked."""
    boundary = params["boundary"]
    if len(boundary) != 4:
        return None
    place = str(seen.value("gps") or "")
    try:
        latitude, longitude = (float(part) for part in place.split(","))
    except ValueError:
        return unchecked(seen.not_reached or "照片没有记录拍摄位置")
    south, west, north, east = boundary
    return PASS if south <= latitude <= north and west <= longitude <= east else fail(found=place)


RULES: dict[str, Rule] = {
    "PIXELS": large_enough,
    "BLUR": sharp,
    "COMPRESSED": compressed_little,
    "CAPTION": captioned,
    "ELEMENTS": elements_complete,
    "CAPDATE": dates_agree,
    "EDITED": untouched,
    "WATERMARK": unmarked,
    "STAMP": stamp_agrees,
    "COLLAGE": single,
    "CLOCK": clock_right,
    "GPS": inside_the_city,
}
