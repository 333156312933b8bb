"""A BagIt 1.0 bag (RFC 8493) around a payload that is already in place. No clock: the same payload and information give the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

#: path below ``data/``, parts joined by ``/`` → (SHA-256, size in bytes)
Payload = Mapping[str, tuple[str, int]]

_DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


#: SM3 is none of the algorithms that validators of bags know, and a payload manifest of an unknown one makes some of them refuse the bag;
#: so it is a tag file, in the lines of a manifest: ``cksum -a sm3 --check sm3-manifest.txt``
SM3 = "sm3-manifest.txt"


def close(folder: Path, payload: Payload, info: Mapping[str, str], *, sm3: Mapping[str, str] | None = None) -> None:
    """Write the tag files of the bag at ``folder``, whose payload lies in ``folder/data``.

    :param payload: digests as computed while the files were written.
    :param sm3: path → SM3 of the payload; None = not asked for.
    :param info: label → value for ``bag-info.txt``, which gets ``Payload-Oxum`` besides.
    """
    oxum = f"{sum(size for _, size in payload.values())}.{len(payload)}"
    lines = {**info, "Payload-Oxum": oxum}
    tags = {
        "bagit.txt": _DECLARATION,
        "bag-info.txt": "".join(f"{label}: {' '.join(value.split())}\n" for label, value in lines.items()),
        "manifest-sha256.txt": "".join(f"{digest}  data/{path}\n" for path, (digest, _) in sorted(payload.items())),
    }
    if sm3 is not None:
        tags[SM3] = "".join(f"{digest}  data/{path}\n" for path, digest in sorted(sm3.items()))
    tags["tagmanifest-sha256.txt"] = "".join(
        f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in sorted(tags.items())
    )
    for name, text in tags.items():
        (folder / name).write_bytes(text.encode())
