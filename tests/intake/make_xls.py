"""Workbooks of Excel 97 ([MS-XLS] BIFF8), by hand: no library of ours writes them."""

from __future__ import annotations

import struct
from pathlib import Path

from samples import ole

_ERRORS = {"#NULL!": 0x00, "#DIV/0!": 0x07, "#VALUE!": 0x0F, "#REF!": 0x17, "#NAME?": 0x1D, "#NUM!": 0x24, "#N/A": 0x2A}


def xls(path: Path, sheets: dict[str, list[list[object]]], *, locked: bool = False, macros: bool = False) -> Path:
    bof = struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6)
    head = _record(0x0809, bof)
    if locked:
        head += _record(0x002F, struct.pack("<HHH", 1, 1, 1) + bytes(48))  # FilePass, RC4
    bodies = [_sheet(rows) for rows in sheets.values()]
    bounds = [_record(0x0085, struct.pack("<IBB", 0, 0, 0) + _short(name)) for name in sheets]
    end = _record(0x000A, b"")
    at = len(head) + sum(map(len, bounds)) + len(end)
    placed = b""
    for bound, body in zip(bounds, bodies, strict=True):
        placed += bound[:4] + struct.pack("<I", at) + bound[8:]
        at += len(body)
    streams = {"Workbook": head + placed + end + b"".join(bodies)}
    if macros:
        streams["_VBA_PROJECT_CUR"] = b"macro"
    path.write_bytes(ole.compound_file(streams))
    return path


def _sheet(rows: list[list[object]]) -> bytes:
    out = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))
    for y, cells in enumerate(rows):
        for x, value in enumerate(cells):
            place = struct.pack("<HHH", y, x, 0)
            if value is None:
                continue
            if isinstance(value, int | float):
                out += _record(0x0203, place + struct.pack("<d", value))
            elif value in _ERRORS:
                out += _record(0x0205, place + bytes([_ERRORS[str(value)], 1]))
            else:
                text = str(value)
                out += _record(0x0204, place + struct.pack("<HB", len(text), 1) + text.encode("utf-16-le"))
    return out + _record(0x000A, b"")


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _short(text: str) -> bytes:
    return struct.pack("<BB", len(text), 1) + text.encode("utf-16-le")
