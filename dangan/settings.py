"""``dangan.toml``: where things are, and nothing else. The environment may override each place.

=========  ==================  ==========================================================
key        environment         meaning
=========  ==================  ==========================================================
store      DANGAN_STORE        ``folder:DIR`` or ``s3://bucket/prefix``
index      DANGAN_INDEX        a file (SQLite), or ``postgresql://…``
inbox      DANGAN_INBOX        folder with one folder per unit
zone       DANGAN_ZONE         IANA time zone in which times are shown and scheduled
=========  ==================  ==========================================================

Keys of an S3 store come only from the environment (DANGAN_S3_ENDPOINT, DANGAN_S3_ACCESS_KEY, DANGAN_S3_SECRET_KEY).
"""

from __future__ import annotations

import os
import re
import tomllib
import zoneinfo
from collections.abc import Mapping
from pathlib import Path

from archive_schema.errors import UsageError
from flows.places import Workspace

FILE = "dangan.toml"
_KEYS = ("store", "index", "inbox", "zone")


def find(start: Path) -> Path:
    """The workspace that ``start`` is or is below.

    :raises UsageError: there is none.
    """
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / FILE).is_file():
            return folder
    raise UsageError(
        f"no {FILE} in {here} or above",
        zh=f"“{here}”不是工作区(没有 {FILE})",
        code="workspace.not-found",
        hint="进入工作区再试,或用 -C 目录 指明;新建用 dangan init 目录",
    )


def load(root: Path, env: Mapping[str, str] | None = None) -> Workspace:
    """Read ``dangan.toml`` of the workspace at ``root``; the environment beats the file.

    :raises UsageError: the file is wrong; the message names file and line or key.
    """
    env = os.environ if env is None else env
    file = root / FILE

    def wrong(why: str) -> UsageError:
        return UsageError(f"{file}: {why}", zh=f"{file} 写错: {why}", code="settings.wrong", path=str(file), hint="改正后重试")

    try:
        data = tomllib.loads(file.read_text("utf-8-sig"))
    except tomllib.TOMLDecodeError as e:
        raise wrong(_where(str(e))) from e
    except (UnicodeDecodeError, OSError) as e:
        raise wrong("读不出,请存为 UTF-8 编码的文本文件") from e
    unknown = set(data) - set(_KEYS)
    if unknown:
        raise wrong(f"不认识“{'、'.join(sorted(unknown))}”,只能有 {'、'.join(_KEYS)}")
    values = {}
    for key in _KEYS:
        value = env.get(f"DANGAN_{key.upper()}") or data.get(key)
        if value is None:
            continue
        if not isinstance(value, str):
            raise wrong(f"“{key}”应为文字")
        values[key] = value
    try:
        zoneinfo.ZoneInfo(values.get("zone", "Asia/Shanghai"))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as e:
        raise wrong(f"没有时区“{values['zone']}”") from e
    return Workspace(root=str(root), **values)


def _where(message: str) -> str:
    """What the TOML parser says, in Chinese: it names the place in English only."""
    at = re.search(r"at line (\d+), column (\d+)", message)
    return f"第 {at[1]} 行第 {at[2]} 列不合 TOML 语法" if at else "文件没有写完(结尾处不合 TOML 语法)"
