"""The OCR engine (RapidOCR, the optional extra ``ocr``), used by ``scan`` alone and only inside a reader process.

Everything heavy is imported when the first page comes. Models are those in the wheel, named by path, so that nothing is
ever downloaded or written; the mathematics runs on one thread, because there are as many children as cores.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

NAME = "ocr"
VERSION = 1
LABEL = f"{NAME}@{VERSION}"

_LIBRARIES = ("rapidocr", "onnxruntime", "cv2", "numpy")
#: short side of the picture in which lines are looked for, in pixels: body text of a page is then 20 pixels high
_FIND_SIDE = 736
_FIND_LONGEST = 1600
#: white around a line before it is read, as a share of its height (measured: tight boxes lose the last stroke)
_MARGIN = 0.08

#: four corners of a line (x, y), clockwise from its upper left, in pixels
Quad = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]


class Read(msgspec.Struct, frozen=True):
    """Text of one line and how sure the engine is of it, 0…1."""

    text: str
    score: float


def suffix(mode: Literal["off", "auto", "full"]) -> str:
    """What a reader's label has behind it where there was something for OCR, by how much of it was done."""
    return {"off": f"+{NAME}@0", "auto": f"+{LABEL}", "full": f"+{LABEL}f"}[mode]


@cache
def available() -> bool:
    """True when the extra is installed with its models. Imports none of it."""
    return all(importlib.util.find_spec(name) is not None for name in _LIBRARIES) and _models() is not None


def _models() -> tuple[Path, Path] | None:
    """The model that finds lines and the one that reads them, or None."""
    spec = importlib.util.find_spec("rapidocr")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0]) / "models"
    find, read = sorted(folder.glob("*_det_*.onnx")), sorted(folder.glob("*_rec_*.onnx"))
    return (find[-1], read[-1]) if find and read else None


@cache
def _engine() -> Any:
    import logging

    import cv2
    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    cv2.setNumThreads(1)
    models = _models()
    assert models is not None, "asked for OCR without its models"
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,
            "Det.model_path": str(models[0]),
            "Rec.model_path": str(models[1]),
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def find_lines(image: Any) -> list[Quad]:
    """Where the lines of text are on ``image`` (height × width × 3, uint8, RGB), in no order."""
    import cv2

    height, width = image.shape[:2]
    if min(height, width) < 8:
        return []
    scale = min(1.0, _FIND_SIDE / min(height, width), _FIND_LONGEST / max(height, width))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
    found = _engine()(small, use_det=True, use_cls=False, use_rec=False)
    boxes = getattr(found, "boxes", None)
    if boxes is None:
        return []
    return [_quad([(float(x) / scale, float(y) / scale) for x, y in box]) for box in boxes]


def read_lines(image: Any, quads: list[Quad]) -> list[Read]:
    """The text of each of ``quads``, in their order; a quad too small to hold text gives an empty one."""
    crops = [_cut_out(image, q) for q in quads]
    wanted = [n for n, c in enumerate(crops) if c is not None]
    out = [Read("", 0.0)] * len(quads)
    if wanted:
        result = _engine().recognize_txt([crops[n] for n in wanted])
        for n, text, score in zip(wanted, result.txts, result.scores, strict=True):
            out[n] = Read(text.strip(), float(score))
    return out


def _quad(corners: list[tuple[float, float]]) -> Quad:
    a, b, c, d = corners
    return (a, b, c, d)


def _cut_out(image: Any, quad: Quad) -> Any:
    """The line laid straight, or None when nothing of it lies on the image."""
    import cv2
    import numpy as np

    corners = np.array(quad, dtype=np.float32)
    width = float(max(np.linalg.norm(corners[0] - corners[1]), np.linalg.norm(corners[3] - corners[2])))
    height = float(max(np.linalg.norm(corners[0] - corners[3]), np.linalg.norm(corners[1] - corners[2])))
    if width < 4 or height < 4:
        return None
    more = _MARGIN * height
    target = np.array(
        [[more, more], [width + more, more], [width + more, height + more], [more, height + more]], dtype=np.float32
    )
    turn = cv2.getPerspectiveTransform(corners, target)
    size = (round(width + 2 * more), round(height + 2 * more))
    return cv2.warpPerspective(image, turn, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
