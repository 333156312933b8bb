"""A folder and a service behind one protocol: the same vectors, and every way in which they may fail said in Chinese."""

from __future__ import annotations

import importlib.util
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from archive_schema.errors import DanganError, UnavailableError, UsageError
from classification.embedding import KEY, Embedder, Embedding, open_embedder
from classification.endpoint import Endpoint
from classification.model_folder import ModelFolder
from classification.wordpiece import WordPiece
from tests.classification import models
from tests.classification.models import Answer

TITLES = ("诚信红黑榜发布制度", "垃圾分类实施方案", "学雷锋志愿服务制度", "垃圾分类实施方案")
KNOWN = sorted({c for t in TITLES for c in t} | set("通知年月,2"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return models.model_folder(tmp_path_factory.mktemp("model"), KNOWN)


def endpoint(url: str, **more: Any) -> Endpoint:
    return Endpoint(url, "m", pauses=(0, 0), **more)


def cosines(e: Embedder) -> list[list[float]]:
    matrix = np.array(e.embed(TITLES))
    return [[round(float(x), 4) for x in row] for row in matrix @ matrix.T]


def told(e: DanganError) -> str:
    return f"{e.zh};{e.hint}"


def test_a_folder_and_a_service_answer_alike(folder: Path) -> None:
    with models.service(models.by_characters()) as s:
        for e in (ModelFolder(folder), endpoint(s.url)):
            vectors = e.embed(TITLES)
            assert len(vectors) == len(TITLES) and e.name and len(e.digest) == 64 and e.place
            for v in vectors:
                assert v.dtype == np.float32 and v.shape == (models.DIMENSION,) and abs(float(v @ v) - 1) < 1e-5
            assert np.array_equal(vectors[1], vectors[3]) and not np.allclose(vectors[0], vectors[1])
            assert e.embed(()) == []
        assert cosines(ModelFolder(folder)) == cosines(endpoint(s.url))
    assert s.paths[0] == "/v1/embeddings" and s.asked[0] == {"model": "m", "input": list(TITLES)}


def test_a_text_has_the_same_vector_alone_and_in_company(folder: Path) -> None:
    alone = [ModelFolder(folder).embed([t])[0].tobytes() for t in TITLES]
    assert [v.tobytes() for v in ModelFolder(folder).embed(TITLES)] == alone


@pytest.mark.parametrize(
    "made",
    [
        {"below": "onnx"},
        {"tokenizer": "vocab"},
        {"whole": True},
        {"pooling": ""},
        {"inputs": ("input_ids",)},
    ],
    ids=str,
)
def test_every_usual_layout_of_a_folder_gives_the_same(folder: Path, tmp_path: Path, made: dict[str, Any]) -> None:
    assert cosines(ModelFolder(models.model_folder(tmp_path, KNOWN, **made))) == cosines(ModelFolder(folder))


def test_pooling_is_done_as_the_folder_says(tmp_path: Path) -> None:
    table = {c: np.eye(4, dtype=np.float32)[n] for n, c in enumerate("甲乙丙")}
    row = {}
    for pooling in ("mean", "max"):
        made = models.model_folder(tmp_path / pooling, "甲乙丙", table, dimension=4, pooling=pooling)
        row[pooling] = [round(float(x), 3) for x in ModelFolder(made).embed(["甲甲甲乙"])[0]]
    assert row["mean"] == [0.949, 0.316, 0, 0] and row["max"] == [0.707, 0.707, 0, 0]
    cls = models.model_folder(tmp_path / "cls", "甲乙丙", {"甲": np.ones(4, np.float32)}, dimension=4, pooling="cls")
    assert not ModelFolder(cls).embed(["甲"])[0].any(), "the row of [CLS] is all zeros here"


def test_the_digest_is_that_of_all_that_decides_a_vector(folder: Path, tmp_path: Path) -> None:
    def digest_of(change: Callable[[Path], object]) -> str:
        copy = tmp_path / str(len(list(tmp_path.iterdir())))
        shutil.copytree(folder, copy)
        change(copy)
        return ModelFolder(copy).digest

    same = digest_of(lambda c: (c / "README.md").write_text("words about it"))
    assert same == ModelFolder(folder).digest == digest_of(lambda c: None)
    changed = [
        digest_of(lambda c: (c / "model.onnx").write_bytes((c / "model.onnx").read_bytes() + b" ")),
        digest_of(lambda c: (c / "model.onnx_data").write_bytes(b"weights")),
        digest_of(lambda c: (c / "tokenizer.json").write_bytes((c / "tokenizer.json").read_bytes() + b" ")),
        digest_of(lambda c: (c / "1_Pooling" / "config.json").write_text('{"pooling_mode_max_tokens": true}')),
        digest_of(lambda c: (c / "sentence_bert_config.json").write_text('{"max_seq_length": 32}')),
    ]
    assert len({same, *changed}) == 6
    named = [Endpoint("http://h/v1", *m).digest for m in (("a",), ("b",), ("a", "2"))]
    assert len(set(named)) == 3 and Endpoint("http://other/v1", "a").digest == named[0], "a service may move"


def test_titles_are_cut_as_bert_cuts_them() -> None:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "垃", "圾", "分", "2", "##0", "##1", "app", "##s", "cafe", "(", "。"]
    cut = WordPiece({w: n for n, w in enumerate(words)}, lower=True, bare=True)

    def said(text: str, most: int = 99) -> list[str]:
        return [words[n] for n in cut.numbers(text, most)]

    assert said("垃圾分") == ["[CLS]", "垃", "圾", "分", "[SEP]"]
    assert said("垃 圾\u3000分\u200b") == said("垃圾分")
    assert said("201 APPS。(") == ["[CLS]", "2", "##0", "##1", "app", "##s", "。", "(", "[SEP]"]
    assert said("Café 类 29") == ["[CLS]", "cafe", "[UNK]", "[UNK]", "[SEP]"]
    assert said("分" * 50, 8) == ["[CLS]", *["分"] * 6, "[SEP]"] and said("") == ["[CLS]", "[SEP]"]
    assert said("a" * 101) == ["[CLS]", "[UNK]", "[SEP]"]


def test_a_vocabulary_of_lines_counts_every_line(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_bytes("[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\n\u2028\r\n甲\r\n".encode())
    assert WordPiece.read(tmp_path).numbers("甲", 9) == [2, 5, 3]


# ---- what may be wrong with a folder


def broken_folder(what: str, made: Path) -> Path:
    """A copy of a sound folder with one thing wrong."""
    tokenizer, pooling = made / "tokenizer.json", made / "1_Pooling" / "config.json"
    if what == "none":
        return made / "nowhere"
    if what == "no model":
        (made / "model.onnx").unlink()
    elif what == "no tokenizer":
        tokenizer.unlink()
    elif what == "half a tokenizer":
        tokenizer.write_text(tokenizer.read_text("utf-8")[:100], "utf-8")
    elif what == "sentence pieces":
        tokenizer.write_text(json.dumps({"model": {"type": "Unigram", "vocab": [["a", 0.1]]}}))
    elif what == "last token":
        pooling.write_text('{"pooling_mode_lasttoken": true}')
    elif what == "dense":
        (made / "modules.json").write_text('[{"type": "sentence_transformers.models.Dense"}]')
    elif what == "wrong dimension":
        pooling.write_text('{"word_embedding_dimension": 7, "pooling_mode_mean_tokens": true}')
    elif what == "half a model":
        (made / "model.onnx").write_bytes((made / "model.onnx").read_bytes()[:500])
    elif what == "another model":
        models.model_folder(made, KNOWN, inputs=("pixel_values",), ids="pixel_values")
    elif what == "not a number":
        models.model_folder(made, KNOWN, {c: np.full(models.DIMENSION, np.nan, np.float32) for c in KNOWN})
    return made


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("none", "没有文件夹"),
        ("no model", "没有 model.onnx"),
        ("no tokenizer", "没有 tokenizer.json"),
        ("half a tokenizer", "分词文件读不出"),
        ("sentence pieces", "Unigram"),
        ("last token", "lasttoken"),
        ("dense", "Dense"),
        ("wrong dimension", "维数不一致"),
        ("half a model", "运行不了"),
        ("another model", "输入是 pixel_values"),
        ("not a number", "NaN"),
    ],
)
def test_what_is_wrong_with_a_folder_is_said(what: str, says: str, folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "m")
    with pytest.raises(DanganError) as e:
        ModelFolder(broken_folder(what, tmp_path / "m")).embed(TITLES)
    assert says in e.value.zh and e.value.hint and e.value.code.startswith("embedding.")


def test_a_missing_component_is_named_with_the_command(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == "onnxruntime" else real(name, *a))
    with pytest.raises(UsageError) as e:
        ModelFolder(folder)
    assert "onnxruntime" in e.value.zh and "pip install 'dangan[embedding]'" in e.value.hint


def test_a_folder_opens_no_connection_whatever_it_lacks(folder: Path, tmp_path: Path) -> None:
    """Told by the interpreter's own audit of every socket, in a process of its own."""
    shutil.copytree(folder, tmp_path / "m")
    script = f"""
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(event) if event.startswith("socket.") and event != "socket.gethostname" else None)
from pathlib import Path
from archive_schema.errors import DanganError
from classification.model_folder import ModelFolder
made = Path({str(tmp_path / "m")!r})
assert len(ModelFolder(made).embed(["垃圾分类"])) == 1
for name in ("tokenizer.json", "1_Pooling/config.json", "model.onnx"):
    (made / name).unlink()
    try:
        ModelFolder(made).embed(["垃圾分类"])
    except DanganError:
        pass
print(opened)
import socket
socket.socket().close()
print(opened)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0] == "[]" and "socket" in done.stdout.splitlines()[1], done


# ---- what may be wrong with a service


def saying(status: int, body: object = None, **headers: str) -> Callable[[dict[str, Any], int], Answer]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda asked, before: (status, data, headers)


def rows(*vectors: object) -> object:
    return {"data": [{"index": n, "embedding": v} for n, v in enumerate(vectors)]}


@pytest.mark.parametrize(
    ("reply", "says", "times"),
    [
        (saying(500), "代码 500", 3),
        (saying(429), "代码 429", 3),
        (saying(401), f"{KEY}", 1),
        (saying(404), "代码 404", 1),
        (saying(400, {"error": {"message": "input: 诚信"}}), "代码 400", 1),
        (saying(307, None, Location="http://127.0.0.1:1/v1/embeddings"), "没有跟去", 1),
        (saying(200, b"<html>"), "不是句向量的样子", 1),
        (saying(200, {"data": [{"index": 0, "embedding": "AAAA"}]}), "不是句向量的样子", 1),
        (saying(200, b'{"data": [{"index": 0, "embedding": [NaN, 1]}]}'), "不是句向量的样子", 1),
        (saying(200, rows([1.0, 2.0])), "答了 1 个", 1),
        (saying(200, {"data": [{"index": 0, "embedding": [1.0]}] * 2}), "次序不明", 1),
        (saying(200, rows([1.0, 2.0], [1.0])), "维数不一致(1、2)", 1),
        (saying(200, rows([], [])), "维数不一致(0)", 1),
        (saying(200, rows([1e999, 0.0], [1.0, 0.0])), "不是", 1),
    ],
)
def test_what_is_wrong_with_an_answer_is_said(
    reply: Callable[[dict[str, Any], int], Answer], says: str, times: int, caplog: pytest.LogCaptureFixture
) -> None:
    with models.service(reply) as s, pytest.raises(UnavailableError) as e:
        endpoint(s.url).embed(["诚信", "垃圾"])
    assert says in told(e.value) and e.value.hint
    assert len(s.asked) == times, "tried again only where that may help"
    assert "诚信" not in told(e.value) + str(e.value) + caplog.text, "what was sent is not repeated"


def test_a_service_that_recovers_is_asked_again() -> None:
    sound = models.by_characters()
    with models.service(lambda asked, before: sound(asked, before) if before else (503, b"", {})) as s:
        assert len(endpoint(s.url).embed(["诚信"])) == 1
    assert len(s.asked) == 2


def test_many_titles_go_in_batches() -> None:
    with models.service(models.by_characters()) as s:
        vectors = endpoint(s.url).embed([f"诚信第{n}期" for n in range(150)])
    assert [len(a["input"]) for a in s.asked] == [64, 64, 22] and len(vectors) == 150


def test_nobody_there_and_nobody_answering_are_told_apart() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        began = time.monotonic()
        with pytest.raises(UnavailableError) as e:
            endpoint(f"http://127.0.0.1:{port}/v1", patience=0.05).embed(["诚信"])
        assert "没有答复" in e.value.zh and time.monotonic() - began < 20
    with pytest.raises(UnavailableError) as e:
        endpoint(f"http://127.0.0.1:{port}/v1").embed(["诚信"])
    assert "连不上" in e.value.zh


def test_the_environment_cannot_send_titles_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with models.service(models.by_characters()) as s:
        assert len(endpoint(s.url).embed(["诚信"])) == 1


# ---- the key


def test_the_key_comes_from_the_environment_or_a_file_and_is_repeated_nowhere(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "key"
    file.write_text("s3cret-KEY\n", "utf-8")
    with caplog.at_level("DEBUG"), models.service(models.by_characters()) as s:
        wanted = Embedding(endpoint=s.url, model="m")
        for env in ({KEY: "s3cret-KEY"}, {f"{KEY}_FILE": str(file)}, {}):
            e = open_embedder(wanted, tmp_path, env)
            e.embed(["诚信"])
            assert "s3cret" not in repr(e) + e.digest + e.name + e.place
    assert [h.get("Authorization") for h in s.headers] == ["Bearer s3cret-KEY", "Bearer s3cret-KEY", None]
    with models.service(saying(401)) as s, pytest.raises(UnavailableError) as f:
        open_embedder(Embedding(endpoint=s.url, model="m"), tmp_path, {KEY: "s3cret-KEY"}).embed(["诚信"])
    assert "不接受密钥" in f.value.zh and KEY in f.value.hint
    assert "s3cret" not in caplog.text + told(f.value) + str(f.value)


@pytest.mark.parametrize(
    ("url", "env", "says"),
    [
        ("http://model.example.gov.cn/v1", {KEY: "s3cret"}, "明文"),
        ("https://model.example.gov.cn/v1", {KEY: "s3cret\r\nX: y"}, "不像密钥"),
        ("https://model.example.gov.cn/v1", {f"{KEY}_FILE": "/nowhere/s3cret"}, "读不了"),
    ],
)
def test_a_key_that_cannot_be_used_is_refused_before_anything_is_sent(url: str, env: dict[str, str], says: str) -> None:
    with pytest.raises(UsageError) as e:
        open_embedder(Embedding(endpoint=url, model="m"), Path("/"), env)
    assert says in e.value.zh and "s3cret" not in told(e.value) + str(e.value)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"folder": "a", "endpoint": "http://h/v1", "model": "m"}, "只能写一个"),
        ({"model": "m"}, "一起写"),
        ({"folder": "a", "version": "2"}, "只用于 endpoint"),
        ({"folder": "a", "weight": 0}, "weight"),
        ({"folder": "a", "weight": 9}, "weight"),
        ({"endpoint": "http://h/v1"}, "要写 model"),
        ({"endpoint": "h:8080", "model": "m"}, "形如"),
        ({"endpoint": "http://h:0x/v1", "model": "m"}, "形如"),
        ({"endpoint": "ftp://h/v1", "model": "m"}, "形如"),
        ({"endpoint": "https://me:s3cret@h/v1", "model": "m"}, KEY),
        ({"endpoint": "https://h/v1?key=s3cret", "model": "m"}, KEY),
    ],
)
def test_wrong_settings_are_said(settings: dict[str, Any], says: str) -> None:
    fault = Embedding(**settings).wrong()
    assert says in fault and "s3cret" not in fault


@pytest.mark.parametrize(
    "settings",
    [{}, {"folder": "models/bge"}, {"endpoint": "https://h:8080/v1/", "model": "m", "version": "2", "weight": 0.3}],
)
def test_right_settings_are_left_alone(settings: dict[str, Any]) -> None:
    assert Embedding(**settings).wrong() == "" and Embedding(**settings).wanted is bool(settings)
