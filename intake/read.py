"""One file to one ``Reading``: true type, bomb check, reader, marks in the name. Used inside a child process."""

from __future__ import annotations

import errno
from pathlib import Path

import msgspec

from archive_schema.cycle import Limits
from archive_schema.evidence import Reading
from archive_schema.media import of_type
from archive_schema.words import ReadState
from intake import container, readers
from intake.filetype import DOCX, OFD, PPTX, XLSX, ZIP, true_type
from intake.gongwen import name_facts

_DAMAGED = "{}打不开,文件不完整或已损坏;请重新导出后提交"
_CONTAINERS = frozenset({DOCX, XLSX, PPTX, OFD, ZIP})


class Examined(msgspec.Struct, frozen=True):
    """``refused``: Chinese reason for quarantine (bomb, 疑似涉密), or ""; then the reading holds no text."""

    reading: Reading
    refused: str = ""


def read_file(path: Path, name: str, limits: Limits) -> Reading:
    """Read ``path``, whose name as sent is ``name``. Never raises for what a file holds.

    :raises OSError: the disk does not give the bytes.
    :raises ImportError: our own part is broken.
    """
    return examine(path, true_type(path, name), name, limits).reading


def examine(path: Path, media_type: str, name: str, limits: Limits, extra: dict[str, str] | None = None) -> Examined:
    """``read_file`` for a known type, with the reason for a quarantine.

    :param extra: readers beside the registry, media type → module.
    """
    reader = readers.reader_for(media_type, extra)
    label = readers.label(reader) if reader is not None else ""
    if path.stat().st_size == 0:
        return Examined(Reading(media_type, label, ReadState.DAMAGED, detail="文件为空(0 字节);请重新提交"))
    if media_type in _CONTAINERS and (bomb := container.bomb(path, limits)):
        return Examined(Reading(media_type, label, ReadState.GAVE_UP, detail=f"{bomb},未打开"), bomb)
    if reader is None:
        reading = readers.unsupported(media_type)
    else:
        try:
            reading = reader.read(path, media_type, limits)
        except (MemoryError, RecursionError):
            return Examined(gave_up(media_type, label, "读取所需的内存或层次超过上限"))
        except OSError as e:
            if e.errno == errno.ENOMEM:
                return Examined(gave_up(media_type, label, "读取所需的内存超过上限"))
            if container.fault_of_disk(e) or container.fault_of_ours(e):
                raise
            reading = Reading(media_type, label, ReadState.DAMAGED, detail=_DAMAGED.format(of_type(media_type).name))
        except ImportError:
            raise
        except Exception as e:  # noqa: BLE001 - the last line: a fault of a reader loses one file, and is not called the file's
            return Examined(gave_up(media_type, label, f"读取程序遇到意外情况({type(e).__name__})", volatile=False))
    facts = name_facts(name, method="name@1") | reading.facts
    reading = msgspec.structs.replace(reading, facts=facts)
    if (secrecy := facts.get("secrecy")) is not None:
        mark = secrecy.raw if not secrecy.method.startswith("name@") else secrecy.value
        bare = Reading(
            reading.media_type, reading.reader, reading.state, {"secrecy": msgspec.structs.replace(secrecy, raw=str(mark))}
        )
        return Examined(bare, f"疑似涉密(密级标志“{mark}”),内容未保存;请立即联系保密办")
    if media_type.startswith("image/") and "疑似图片炸弹" in reading.detail:
        return Examined(reading, reading.detail)
    return Examined(reading)


def gave_up(media_type: str, label: str, why: str, *, volatile: bool = True) -> Reading:
    """A limit of ours or a fault of the reader: unchecked, and with ``volatile`` kept out of the state digest."""
    detail = f"{why},{of_type(media_type).name}的内容未检;请拆分或另存后重新提交,或由审核人员查看后认定"
    return Reading(media_type, label, ReadState.GAVE_UP, detail=detail, volatile=volatile)
