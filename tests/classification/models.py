"""Small embedding models that are real: ONNX graphs written byte by byte, and an HTTP service in the OpenAI shape.

What a model knows is a vector per character; a text's vector is their mean (a static embedding model). Characters nobody gave a
vector get one by their hash. Means of such vectors tell texts with common characters from texts without.
"""

from __future__ import annotations

import hashlib
import json
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive_schema.catalogue import Catalogue
from classification.semantics import item_texts

Table = Mapping[str, NDArray[np.float32]]
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
DIMENSION = 48


@cache
def of_character(c: str, dimension: int = DIMENSION) -> NDArray[np.float32]:
    """By its hash, the same on every machine."""
    seed = int.from_bytes(hashlib.sha256(c.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(dimension).astype(np.float32)


def characters(catalogue: Catalogue, more: Iterable[str] = ()) -> list[str]:
    texts = [*(t for _, t in item_texts(catalogue)), *more]
    return sorted({c for t in texts for c in t.lower() if not c.isspace()})


def synonyms(*pairs: tuple[str, str], dimension: int = DIMENSION) -> dict[str, NDArray[np.float32]]:
    """A table in which the two of a pair mean the same, character by character."""
    return {b: of_character(a, dimension) for one, other in pairs for a, b in zip(one, other, strict=True)}


def model_folder(
    into: Path,
    known: Sequence[str],
    table: Table | None = None,
    *,
    dimension: int = DIMENSION,
    pooling: str = "mean",
    whole: bool = False,
    below: str = "",
    tokenizer: str = "json",
    inputs: Sequence[str] = ("input_ids", "attention_mask", "token_type_ids"),
    ids: str = "input_ids",
) -> Path:
    """A folder as sentence-transformers writes it.

    :param pooling: cls, mean or max; "" = no ``1_Pooling``
    :param whole: the graph pools by itself
    :param below: folder of the graph, "onnx" or ""
    :param tokenizer: json or vocab
    """
    words = [*SPECIAL, *known]
    given = table or {}
    rows = [np.zeros(dimension, np.float32)] * len(SPECIAL) + [given.get(c, of_character(c, dimension)) for c in known]
    (into / below).mkdir(parents=True, exist_ok=True)
    (into / below / "model.onnx").write_bytes(graph(np.array(rows, np.float32), inputs, whole=whole, ids=ids))
    if tokenizer == "json":
        told = {
            "model": {"type": "WordPiece", "vocab": {w: n for n, w in enumerate(words)}, "continuing_subword_prefix": "##"},
            "normalizer": {"type": "BertNormalizer", "handle_chinese_chars": True, "lowercase": True},
            "pre_tokenizer": {"type": "BertPreTokenizer"},
        }
        (into / "tokenizer.json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    else:
        (into / "vocab.txt").write_text("".join(f"{w}\n" for w in words), "utf-8")
        (into / "tokenizer_config.json").write_text('{"do_lower_case": true}', "utf-8")
    if pooling:
        (into / "1_Pooling").mkdir(exist_ok=True)
        modes = {"cls": "cls_token", "mean": "mean_tokens", "max": "max_tokens"}
        said = {f"pooling_mode_{m}": m == modes.get(pooling, pooling) for m in (*modes.values(), "lasttoken")}
        (into / "1_Pooling" / "config.json").write_text(json.dumps({"word_embedding_dimension": dimension, **said}))
    types = ["Transformer", "Pooling", "Normalize"]
    (into / "modules.json").write_text(json.dumps([{"type": f"sentence_transformers.models.{t}"} for t in types]))
    (into / "config.json").write_text(json.dumps({"model_type": "bert", "hidden_size": dimension}))
    return into


# ---- ONNX, as protocol buffers (onnx.proto): field numbers are the format's


def _varint(n: int) -> bytes:
    out = bytearray()
    while True:
        out.append(n & 0x7F | (0x80 if n > 0x7F else 0))
        n >>= 7
        if not n:
            return bytes(out)


def _field(number: int, value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _value(name: str, kind: int, dims: Sequence[str]) -> bytes:
    shape = b"".join(_field(1, _field(2, d)) for d in dims)
    return _field(1, name) + _field(2, _field(1, _field(1, kind) + _field(2, shape)))


def _node(op: str, inputs: Sequence[str], output: str, attributes: bytes = b"") -> bytes:
    return b"".join(_field(1, i) for i in inputs) + _field(2, output) + _field(4, op) + attributes


def graph(table: NDArray[np.float32], inputs: Sequence[str], *, whole: bool = False, ids: str = "input_ids") -> bytes:
    """Gather of a table, then the mean over the tokens where ``whole``."""
    float32, int64 = 1, 7
    raw = struct.pack(f"<{table.size}f", *table.ravel().tolist())
    tensor = b"".join(_field(1, d) for d in table.shape) + _field(2, float32) + _field(8, "table") + _field(9, raw)
    tokens = "last_hidden_state"
    nodes = [_node("Gather", ["table", ids], tokens)]
    outputs = [_value(tokens, float32, ["batch", "sequence", "width"])]
    if whole:
        axes = _field(5, _field(1, "axes") + _field(20, 7) + _field(8, 1))
        keep = _field(5, _field(1, "keepdims") + _field(20, 2) + _field(3, 0))
        nodes.append(_node("ReduceMean", [tokens], "sentence_embedding", axes + keep))
        outputs.append(_value("sentence_embedding", float32, ["batch", "width"]))
    made = b"".join(_field(1, n) for n in nodes) + _field(2, "static") + _field(5, tensor)
    made += b"".join(_field(11, _value(i, int64, ["batch", "sequence"])) for i in inputs)
    made += b"".join(_field(12, o) for o in outputs)
    return _field(1, 8) + _field(7, made) + _field(8, _field(1, "") + _field(2, 17))


# ---- a service

Answer = tuple[int, bytes, dict[str, str]]


class Service:
    """What came, and what is answered: ``reply`` gets the request and the number of requests before it."""

    def __init__(self, reply: Callable[[dict[str, Any], int], Answer]) -> None:
        self.reply = reply
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.url = ""

    @property
    def texts(self) -> list[str]:
        return [t for a in self.asked for t in a["input"]]


def by_characters(table: Table | None = None, dimension: int = DIMENSION) -> Callable[[dict[str, Any], int], Answer]:
    """Answers as a sound service does, with the same vectors as a folder."""
    given = table or {}

    def vector(text: str) -> list[float]:
        rows = [given.get(c, of_character(c, dimension)) for c in text.lower() if not c.isspace()]
        return [float(x) for x in np.mean(rows, axis=0)]

    def reply(asked: dict[str, Any], _before: int) -> Answer:
        rows = [{"object": "embedding", "index": n, "embedding": vector(t)} for n, t in enumerate(asked["input"])]
        said = {"object": "list", "model": asked["model"], "data": rows[::-1], "usage": {"total_tokens": 1}}
        return 200, json.dumps(said).encode(), {}

    return reply


@contextmanager
def service(reply: Callable[[dict[str, Any], int], Answer]) -> Iterator[Service]:
    """On loopback; ends with the block."""
    held = Service(reply)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            held.asked.append(asked)
            held.headers.append(dict(self.headers))
            held.paths.append(self.path)
            status, body, more = held.reply(asked, len(held.asked) - 1)
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
