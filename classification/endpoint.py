"""A service that gives embeddings in the OpenAI shape: ``POST {base}/embeddings`` with ``{"model", "input": [text…]}``.

It is asked only where ``dangan.toml`` names it, and told only what ``semantics`` hands over: titles. No proxy of the environment is
used and no redirect followed, so a title goes to the one host that was named. Of what it answers nothing stands in a message or
a log: it may repeat what it was sent.
"""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from archive_schema import canonical
from archive_schema.errors import UnavailableError
from classification.embedding import KEY

if TYPE_CHECKING:
    from classification.vectors import Vector

BATCH = 64  # texts in a request
PATIENCE = 30.0  # seconds for one answer
PAUSES = (0.5, 2.0)  # seconds before each further try
LARGEST = 64 * 1024**2  # bytes of an answer
_PIECE = 64 * 1024


class _Row(msgspec.Struct):
    embedding: list[float]
    index: int


class _Answer(msgspec.Struct):
    data: list[_Row]


class _Again(Exception):
    """What another try may mend: (Chinese, hint)."""


class Endpoint:
    """An ``Embedder``. Its digest is of what the service and the city call the model, for the model itself cannot be seen."""

    exact = False

    def __init__(
        self,
        base: str,
        model: str,
        version: str = "",
        key: str = "",
        *,
        patience: float = PATIENCE,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._at = urlsplit(base.rstrip("/") + "/embeddings")
        self._model = model
        self._key = key
        self._patience = patience
        self._pauses = pauses
        self.name = model
        self.place = f"服务 {base}"
        self.digest = canonical.digest(["endpoint@1", model, version])

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        from classification.vectors import comparable

        out: list[Vector] = []
        for n in range(0, len(texts), BATCH):
            part = list(texts[n : n + BATCH])
            out += comparable(self._ask(part), len(part), dimension=len(out[0]) if out else 0)
        return out

    def _ask(self, texts: list[str]) -> list[list[float]]:
        body = msgspec.json.encode({"model": self._model, "input": texts})
        for pause in (*self._pauses, None):
            try:
                return self._read(self._post(body), len(texts))
            except _Again as e:
                if pause is None:
                    raise self._failed(*e.args) from e.__cause__
                time.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _post(self, body: bytes) -> bytes:
        """The answer's body.

        :raises UnavailableError: trying again would not help. :raises _Again: it may.
        """
        give_up = time.monotonic() + self._patience
        secure = self._at.scheme == "https"
        host, port = self._at.hostname or "", self._at.port
        connection = (
            http.client.HTTPSConnection(host, port, timeout=self._patience, context=ssl.create_default_context())
            if secure
            else http.client.HTTPConnection(host, port, timeout=self._patience)
        )
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        try:
            connection.request("POST", self._at.path, body, headers)
            answer = connection.getresponse()
            self._judge(answer.status)
            pieces, size = [], 0
            while piece := answer.read1(_PIECE):
                size += len(piece)
                if size > LARGEST:
                    raise self._failed("答复太大", "请核对 endpoint 是不是句向量服务")
                if time.monotonic() > give_up:
                    raise _Again(f"{self._patience:g} 秒内没有答完", "请查看服务是否太忙")
                pieces.append(piece)
            return b"".join(pieces)
        except TimeoutError as e:
            raise _Again(f"{self._patience:g} 秒内没有答复", "请查看服务是否太忙") from e
        except ssl.SSLError as e:
            raise self._failed("加密连接不成立", "请核对证书(环境变量 SSL_CERT_FILE)和地址") from e
        except (OSError, http.client.HTTPException) as e:
            raise _Again("连不上", "请查看服务是否在运行、地址对不对") from e
        finally:
            connection.close()

    def _judge(self, status: int) -> None:
        if status == 200:
            return
        if status == 429 or status >= 500:
            raise _Again(f"服务出错(代码 {status})", "请查看服务的日志")
        if status in (401, 403):
            said = f"服务不接受密钥(代码 {status})" if self._key else f"服务要密钥(代码 {status})"
            raise self._failed(said, f"请设环境变量 {KEY},或用 {KEY}_FILE 指向密钥文件")
        if 300 <= status < 400:
            raise self._failed(f"服务要求转到别处(代码 {status}),没有跟去", "请把 endpoint 改成它最终的地址")
        if status == 404:
            raise self._failed("服务上没有这个地址或模型(代码 404)", "请核对 endpoint(到 /embeddings 之前为止)和 model")
        raise self._failed(f"服务不接受请求(代码 {status})", "请核对 model,并查看服务的日志")

    def _read(self, body: bytes, texts: int) -> list[list[float]]:
        try:
            rows = msgspec.json.decode(body, type=_Answer).data
        except msgspec.MsgspecError as e:
            raise self._failed("答复不是句向量的样子", "请核对 endpoint 是不是 OpenAI 兼容的句向量服务") from e
        rows.sort(key=lambda r: r.index)
        if [r.index for r in rows] != list(range(texts)):
            raise self._failed(f"问了 {texts} 个标题,答了 {len(rows)} 个或次序不明", "请核对服务")
        return [r.embedding for r in rows]

    def _failed(self, why: str, hint: str) -> UnavailableError:
        address = self._at.geturl()
        return UnavailableError(
            f"{address} failed", zh=f"语义模型服务 {address}: {why}", code="embedding.endpoint", path=address, hint=hint
        )
