"""A sentence-embedding model in a folder on this machine, as sentence-transformers exports it to ONNX.

Read are ``model.onnx`` or ``onnx/model.onnx`` with what lies beside it under its name, the tokenizer (``wordpiece``),
``1_Pooling/config.json`` (without it the mean of the tokens, the library's own default), ``modules.json`` and ``sentence_bert_config.json``.
The computing is onnxruntime's, on one thread and one text at a time: a model in whole numbers gives a text in company other
values than the text alone, and equal texts must have equal vectors. Nothing is fetched: what is missing is said.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive_schema import canonical
from archive_schema.errors import UnavailableError, UsageError
from classification import wordpiece

if TYPE_CHECKING:
    from classification.vectors import Vector

READER = "folder@1"  # raise with any change after which a model gives other vectors
MOST = 256  # tokens of a title; the models of this kind were trained on little more
_MODELS = ("model.onnx", "onnx/model.onnx")
_POOLING, _MODULES, _LENGTH = "1_Pooling/config.json", "modules.json", "sentence_bert_config.json"
_POOLED = {"pooling_mode_cls_token": "cls", "pooling_mode_mean_tokens": "mean", "pooling_mode_max_tokens": "max"}
_WHOLE = "sentence_embedding"  # the output of an export that pools by itself
_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
_EXTRA = "dangan[embedding]"


class ModelFolder:
    """An ``Embedder``; the model is loaded with the first text."""

    exact = True

    def __init__(self, folder: Path) -> None:
        """:raises UsageError: no model of this kind, or onnxruntime is not installed."""
        self._folder = folder
        self.name = folder.resolve().name
        self.place = f"文件夹 {folder}"
        absent = [n for n in ("onnxruntime", "numpy") if importlib.util.find_spec(n) is None]
        if absent:
            raise UsageError(
                f"{', '.join(absent)} not installed",
                zh=f"没有安装语义模型要用的 {'、'.join(absent)}({_EXTRA})",
                code="embedding.not-installed",
                hint=f"请运行 pip install '{_EXTRA}'",
            )
        self._session: Any = None
        self._dimension = 0
        self._model = self._find()
        self._pooling = self._read_pooling()
        self._most = self._read_length()
        self._cut = wordpiece.WordPiece.read(folder)
        self.digest = canonical.digest([READER, *((name, _sha256(folder / name)) for name in sorted(self._files()))])

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        from classification.vectors import comparable

        try:
            rows = [self._row(t) for t in texts]
        except (UnavailableError, UsageError):
            raise
        except Exception as e:  # onnxruntime has its own exceptions, one per status, below no common one
            raise UnavailableError(
                f"{self._model}: {type(e).__name__}: {e}",
                zh=f"语义模型 {self._model} 运行不了({type(e).__name__})",
                code="embedding.model",
                path=str(self._model),
                hint="文件可能不完整或版本不合,请重新拷贝;内存不足的,请换小一些的模型",
            ) from e
        return comparable(rows, len(texts), dimension=self._dimension)

    def _row(self, text: str) -> Any:
        import numpy as np

        session = self._open()
        numbers = self._cut.numbers(text, self._most)
        ids = np.array([numbers], dtype=np.int64)
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        wanted = {i.name for i in session.get_inputs()}
        if not wanted <= _INPUTS or "input_ids" not in wanted:
            raise self._strange(f"输入是 {'、'.join(sorted(wanted))}")
        outputs = [o.name for o in session.get_outputs()]
        name = _WHOLE if _WHOLE in outputs else outputs[0]
        [out] = session.run([name], {n: given[n] for n in wanted})
        if out.ndim == 2 and len(out) == 1:
            return out[0]
        if out.ndim != 3 or out.shape[:2] != ids.shape:
            raise self._strange(f"输出 {name} 的形状是 {out.shape}")
        tokens = out[0]
        return tokens[0] if self._pooling == "cls" else tokens.max(axis=0) if self._pooling == "max" else tokens.mean(axis=0)

    def _open(self) -> Any:
        if self._session is None:
            import onnxruntime  # type: ignore[import-untyped]

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            options.log_severity_level = 3  # errors; they are raised, too
            self._session = onnxruntime.InferenceSession(str(self._model), options, providers=["CPUExecutionProvider"])
        return self._session

    def _find(self) -> Path:
        if not self._folder.is_dir():
            raise UsageError(
                f"{self._folder} is no folder",
                zh=f"语义模型: 没有文件夹 {self._folder}",
                code="embedding.no-folder",
                path=str(self._folder),
                hint="请把模型的整个文件夹拷贝到这台机器上,再写它的路径;程序不下载模型",
            )
        for name in _MODELS:
            if (self._folder / name).is_file():
                return self._folder / name
        raise UsageError(
            f"{self._folder}: none of {_MODELS}",
            zh=f"{self._folder} 里没有 {' 或 '.join(_MODELS)}",
            code="embedding.no-model",
            path=str(self._folder),
            hint="请先把模型导出为 ONNX(sentence-transformers 的 backend=onnx)再拷贝整个文件夹;程序不下载、不转换模型",
        )

    def _read_pooling(self) -> str:
        """cls, mean or max; a module after the pooling may only set the vector's length."""
        modules = self._json(_MODULES)
        types = [str(m.get("type", "")).rpartition(".")[2] for m in modules] if isinstance(modules, list) else []
        if strange := [t for t in types if t not in ("Transformer", "Pooling", "Normalize")]:
            raise self._strange(f"modules.json 里有 {'、'.join(strange)}")
        told = self._json(_POOLING)
        if not isinstance(told, dict):
            return "mean"
        self._dimension = int(told.get("word_embedding_dimension") or 0)
        on = [str(_POOLED.get(k, k)) for k, v in told.items() if k.startswith("pooling_mode_") and v is True]
        if isinstance(mode := told.get("pooling_mode"), str):  # how later exports say it
            on = [mode]
        if len(on) != 1 or on[0] not in _POOLED.values():
            raise self._strange(f"1_Pooling 的方式是 {'、'.join(on) or '空'}")
        return on[0]

    def _read_length(self) -> int:
        told = self._json(_LENGTH)
        most = told.get("max_seq_length") if isinstance(told, dict) else None
        return min(most, MOST) if isinstance(most, int) and most > 2 else MOST

    def _files(self) -> Iterable[str]:
        """Names below the folder of all that is read."""
        folder = self._model.parent
        beside = (p for p in folder.iterdir() if p.name.startswith(self._model.name) and p.is_file())
        yield from (p.relative_to(self._folder).as_posix() for p in beside)
        named = (*wordpiece.FILES, _POOLING, _MODULES, _LENGTH)
        yield from (n for n in named if (self._folder / n).is_file())

    def _json(self, name: str) -> Any:
        file = self._folder / name
        try:
            return json.loads(file.read_text("utf-8")) if file.is_file() else None
        except (OSError, ValueError) as e:
            raise self._strange(f"{name} 读不出") from e

    def _strange(self, what: str) -> UsageError:
        return UsageError(
            f"{self._folder}: a model of another kind",
            zh=f"{self._folder} 里的模型不是这里能用的句向量模型: {what}",
            code="embedding.model-kind",
            path=str(self._folder),
            hint="这里读 BERT 式、按 cls、mean 或 max 汇集的模型;别的模型请在本机用推理服务提供,再写 endpoint",
        )


def _sha256(file: Path) -> str:
    with file.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()
