"""Vectors as they come from a model, made comparable or refused."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from archive_schema.errors import UnavailableError

Vector = NDArray[np.float32]


def comparable(rows: Sequence[Sequence[float]] | NDArray[np.float32], texts: int, *, dimension: int = 0) -> list[Vector]:
    """Each row with length 1; one of zeros, of a text in which the model sees nothing it knows, as it is.

    :param texts: how many rows there must be
    :param dimension: how long each row must be, 0 = as long as the others
    :raises UnavailableError: there are more or fewer, they differ in length, or one holds what is no number.
    """
    if len(rows) != texts:
        raise broken(f"要 {texts} 个向量,给了 {len(rows)} 个")
    lengths = {len(r) for r in rows} | ({dimension} if dimension else set())
    if len(lengths) > 1 or 0 in lengths:
        raise broken(f"向量的维数不一致({'、'.join(map(str, sorted(lengths)))})")
    out = []
    for row in rows:
        exact = np.asarray(row, dtype=np.float64)
        if not np.isfinite(exact).all():
            raise broken("向量里有不是数的值(NaN 或无穷)")
        long = float(np.sqrt(exact @ exact))
        out.append((exact / (long or 1.0)).astype(np.float32))
    return out


def broken(what: str) -> UnavailableError:
    return UnavailableError(
        "the embedding model gave no usable vectors",
        zh=f"语义模型给出的向量不能用: {what}",
        code="embedding.vectors",
        hint="请核对 dangan.toml 的 [embedding] 所指的是不是句向量模型",
    )
