"""An embedding model that a city may lend to the classification: off unless ``[embedding]`` of ``dangan.toml`` names one.

Two places a model can be in, one protocol: a folder on this machine (``model_folder``), or a service that speaks the OpenAI shape
(``endpoint``), to which the titles of the files are then sent, and nothing else. Nothing is ever downloaded. What is made of the
vectors stands in ``semantics``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import SplitResult, urlsplit

import msgspec

from archive_schema.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

KEY = "DANGAN_EMBEDDING_KEY"
WEIGHT = 0.5  # log-odds for each spread above what is usual (``semantics``), 本项目默认(可改)
HEAVIEST = 2.0  # at four spreads e⁸: more would be the model alone
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Embedder(Protocol):
    """What turns texts into vectors.

    name    what people know it by
    digest  of all that decides a vector; another model has another
    exact   the digest is that of the model itself and not of what a service calls it
    place   where it is, Chinese
    """

    name: str
    digest: str
    exact: bool
    place: str

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """A vector of length 1 (zeros where it sees nothing it knows) for every text, in their order; equal texts have equal vectors.

        :raises DanganError: it cannot be done; ``zh`` and ``hint`` say why and what to do.
        """
        ...


class Embedding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[embedding]``: a folder or an endpoint.

    folder    of the model, below the workspace or absolute
    endpoint  address before ``/embeddings``, e.g. ``http://127.0.0.1:8080/v1``: titles are sent there
    model     what the service calls the model
    version   written by the city: another one when the service has another model under the same name
    weight    how loud the model speaks beside the words (``semantics``)
    """

    folder: str = ""
    endpoint: str = ""
    model: str = ""
    version: str = ""
    weight: float = WEIGHT

    @property
    def wanted(self) -> bool:
        return bool(self.folder or self.endpoint)

    def wrong(self) -> str:
        """What is wrong with it, in Chinese; "" when nothing is. Repeats nothing of an address that may hold a secret."""
        if self.folder and self.endpoint:
            return "folder 和 endpoint 只能写一个"
        if not self.wanted:
            return "model、version 要和 endpoint 一起写" if self.model or self.version else ""
        if not 0 < self.weight <= HEAVIEST:
            return f"weight 应大于 0、不超过 {HEAVIEST:g}"
        if self.folder:
            return "model、version 只用于 endpoint" if self.model or self.version else ""
        try:
            at: SplitResult | None = urlsplit(self.endpoint)
            port = at.port if at else None
        except ValueError:
            at, port = None, None
        if at is None or at.scheme not in ("http", "https") or not at.hostname or port == 0 or not self.endpoint.isascii():
            return "endpoint 应形如 http://127.0.0.1:8080/v1"
        if "@" in at.netloc or at.query or at.fragment:
            return f"endpoint 里不能有用户名、密码或参数;密钥只从环境变量 {KEY} 或 {KEY}_FILE 取"
        if not self.model:
            return "有 endpoint 时要写 model(服务上的模型名称)"
        return ""


OFF = Embedding()


def open_embedder(embedding: Embedding, base: Path, env: Mapping[str, str]) -> Embedder:
    """The embedder that the settings name. No model is loaded and nothing is sent before ``embed``.

    :param base: what a relative folder is below
    :raises DanganError: there is no model there, it is of a kind that is not read, a component is missing, or the key is wrong.
    """
    if embedding.folder:
        from classification.model_folder import ModelFolder

        return ModelFolder(base / embedding.folder)
    from classification.endpoint import Endpoint

    key = _key(env)
    at = urlsplit(embedding.endpoint)
    if key and at.scheme == "http" and at.hostname not in _LOOPBACK:
        raise UsageError(
            "a key over http",
            zh=f"语义模型服务的地址是 http,密钥({KEY})不能明文传送",
            code="embedding.open-key",
            hint="请改用 https 的地址;服务不要密钥的,不要设这个环境变量",
        )
    return Endpoint(embedding.endpoint, embedding.model, embedding.version, key)


def _key(env: Mapping[str, str]) -> str:
    value = env.get(KEY, "")
    if not value and (file := env.get(f"{KEY}_FILE")):
        try:
            value = Path(file).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as e:
            raise UsageError(
                f"{KEY}_FILE: {type(e).__name__}",
                zh=f"读不了 {KEY}_FILE 指向的文件",
                code="embedding.key",
                path=file,
                hint="请核对路径和读取权限",
            ) from None
    if value and not (value.isascii() and value.isprintable() and " " not in value):
        raise UsageError(
            f"{KEY} is no key", zh=f"环境变量 {KEY} 不像密钥(有空格或非 ASCII 字符)", code="embedding.key", hint="请核对后重设"
        )
    return value
