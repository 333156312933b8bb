"""One file to one ``Reading``: true type, bomb check, reader, marks in the name. Used inside a child process."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import msgspec

from archive_schema.cycle import Limits
from archive_schema.evidence import Facts, Reading
from archive_schema.media import of_type
from archive_schema.text import fold
from archive_schema.words import SUSPECTED_SECRET, ReadState
from intake import container, persons, readers, textual, wording
from intake.filetype import DOCX, OFD, PPTX, XLSX, ZIP, true_type
from intake.gongwen import name_facts

_DAMAGED = "{}打不开,文件不完整或已损坏;请重新导出后提交"
_CONTAINERS = frozenset({DOCX, XLSX, PPTX, OFD, ZIP})


#: asked before OCR, with the reading so far; what it gives is taken instead, None = go on
Ask = Callable[[Reading], Reading | None]


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


def examine(
    path: Path,
    media_type: str,
    name: str,
    limits: Limits,
    extra: dict[str, str] | None = None,
    *,
    before_ocr: Ask | None = None,
) -> Examined:
    """``read_file`` for a known type, with the reason for a quarantine.

    :param extra: readers beside the registry, media type → module.
    """
    reader = readers.reader_for(media_type, extra)
    label = readers.label(reader) if reader is not None else ""
    if path.stat().st_size == 0:
        return Examined(Reading(media_type, label, ReadState.DAMAGED, detail="文件为空(0 字节);请重新提交"))
    if media_type in _CONTAINERS and (bomb := container.bomb(path, limits, archive=media_type == ZIP)):
        return Examined(
            Reading(media_type, label, ReadState.GAVE_UP, detail=f"{bomb},未打开"),
            f"{bomb}{container.ADVICE}" if media_type == ZIP else bomb,
        )
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
        reading = _second_look(path, reading, limits, before_ocr)
    facts = name_facts(name, method="name@1") | reading.facts
    reading = msgspec.structs.replace(reading, facts=facts)
    if (secrecy := facts.get("secrecy")) is not None:
        mark = secrecy.raw if not secrecy.method.startswith("name@") else secrecy.value
        bare = Reading(
            reading.media_type,
            reading.reader,
            reading.state,
            {"secrecy": msgspec.structs.replace(secrecy, raw=str(mark))}
            | {k: f for k, f in facts.items() if k == "secrecy_period"},
        )
        return Examined(bare, f"{SUSPECTED_SECRET}(密级标志“{mark}”),内容未保存;请立即联系保密办")
    if media_type.startswith("image/") and "疑似图片炸弹" in reading.detail:
        return Examined(reading, reading.detail)
    return Examined(msgspec.structs.replace(reading, facts=facts | _text_facts(reading)))


def _text_facts(reading: Reading) -> Facts:
    """What only the text tells and checks ask for: persons, and for anything but a table how it is worded."""
    garbled = reading.facts.get("garbled")
    if not reading.text or (garbled is not None and garbled.value >= textual.GARBLED_LIMIT):
        return {}
    method = reading.reader.split("+")[0]
    text, folded = reading.text, fold(reading.text)
    table = of_type(reading.media_type).family == "table"
    worded = {} if table else wording.facts(text, reading.facts, method=method, folded=folded)
    return worded | persons.facts(text, method=method, folded=folded)


def _second_look(path: Path, reading: Reading, limits: Limits, before_ocr: Ask | None) -> Reading:
    """With OCR where that tells more. Its failure loses nothing that was read without it.

    :raises OSError: the disk does not give the bytes.
    """
    if not reading.media_type.startswith("image/") and "+ocr" not in reading.reader:
        return reading  # nothing for OCR: its parts are not loaded
    from intake import deepen

    if not deepen.wanted(reading, limits):
        return reading
    if before_ocr is not None and (known := before_ocr(reading)) is not None:
        return known
    try:
        return deepen.deepen(path, reading, limits)
    except (MemoryError, RecursionError):
        return deepen.failed(reading, limits, "所需的内存超过上限")
    except OSError as e:
        if container.fault_of_disk(e) or container.fault_of_ours(e):
            raise
        return deepen.failed(reading, limits, "文件的图像读不出来")
    except Exception as e:  # noqa: BLE001 - the engine is another's, and not all that it raises is known
        return deepen.failed(reading, limits, f"识别程序遇到意外情况({type(e).__name__})")


def gave_up(media_type: str, label: str, why: str, *, volatile: bool = True) -> Reading:
    """A limit of ours or a fault of the reader: unchecked, and with ``volatile`` kept out of the state digest."""
    detail = f"{why},{of_type(media_type).name}的内容未检;请拆分或另存后重新提交,或由审核人员查看后认定"
    return Reading(media_type, label, ReadState.GAVE_UP, detail=detail, volatile=volatile)
