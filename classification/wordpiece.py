"""WordPiece, as BERT cuts text: what nearly all Chinese embedding models of moderate size were trained with.

From ``tokenizer.json`` where that is a WordPiece, else ``vocab.txt`` with ``do_lower_case`` of ``tokenizer_config.json``. Any other
tokenizer is refused: a text cut otherwise than in training gives vectors that look sound and mean nothing.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from archive_schema.errors import UsageError

START, END, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
FILES = ("tokenizer.json", "vocab.txt", "tokenizer_config.json")
_LONGEST = 100  # characters of a word that is cut at all
#: blocks of ideographs of which each character is a word of its own
_IDEOGRAPHS = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


class WordPiece:
    """Cuts a text into the numbers of a vocabulary.

    :param lower: fold case
    :param bare: take accents off (as a rule with ``lower``)
    """

    def __init__(self, vocabulary: Mapping[str, int], *, lower: bool, bare: bool, prefix: str = "##") -> None:
        self._vocabulary = vocabulary
        self._lower = lower
        self._bare = bare
        self._prefix = prefix
        self._start, self._end, self._unknown = (vocabulary[t] for t in (START, END, UNKNOWN))

    @classmethod
    def read(cls, folder: Path) -> WordPiece:
        """:raises UsageError: there is no tokenizer, it is broken, or it is none of ours."""
        try:
            whole, plain, said = (folder / name for name in FILES)
            if whole.is_file():
                return _from_json(json.loads(whole.read_text("utf-8")))
            if plain.is_file():
                # the line's number counts, an empty line too; no other character ends a line here
                lines = plain.read_bytes().decode("utf-8").rstrip("\r\n").split("\n")
                told = json.loads(said.read_text("utf-8")) if said.is_file() else {}
                lower = bool(told.get("do_lower_case", True))
                accents = told.get("strip_accents")
                vocabulary = {word.rstrip("\r"): n for n, word in enumerate(lines)}
                return cls(vocabulary, lower=lower, bare=lower if accents is None else bool(accents))
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as e:
            raise UsageError(
                f"{folder}: tokenizer: {type(e).__name__}",
                zh=f"语义模型的文件夹 {folder} 里分词文件读不出或不完整",
                code="embedding.tokenizer",
                path=str(folder),
                hint="请重新拷贝 tokenizer.json(或 vocab.txt)",
            ) from e
        raise UsageError(
            f"{folder}: no tokenizer",
            zh=f"语义模型的文件夹 {folder} 里没有 tokenizer.json,也没有 vocab.txt",
            code="embedding.tokenizer",
            path=str(folder),
            hint="请把模型的整个文件夹拷贝过来",
        )

    def numbers(self, text: str, most: int) -> list[int]:
        """Start, the pieces of the text, end; cut so that there are at most ``most``."""
        out = [self._start]
        for word in self._words(text):
            out += self._pieces(word)
            if len(out) >= most:
                break
        return [*out[: most - 1], self._end]

    def _words(self, text: str) -> Iterator[str]:
        if self._lower:
            text = text.lower()
        if self._bare:
            text = "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
        word = ""
        for c in text:
            kind = unicodedata.category(c)
            alone = _is_ideograph(c) or _is_punctuation(c, kind)
            if alone or c.isspace() or kind == "Zs":
                if word:
                    yield word
                word = ""
                if alone:
                    yield c
            elif kind not in ("Cc", "Cf", "Cs", "Co", "Cn") and c != "\ufffd":
                word += c
        if word:
            yield word

    def _pieces(self, word: str) -> list[int]:
        if len(word) > _LONGEST:
            return [self._unknown]
        out: list[int] = []
        at = 0
        while at < len(word):
            for end in range(len(word), at, -1):
                number = self._vocabulary.get((self._prefix if at else "") + word[at:end])
                if number is not None:
                    out.append(number)
                    at = end
                    break
            else:
                return [self._unknown]
        return out


def _from_json(told: Any) -> WordPiece:
    model, normal, cut = told["model"], told.get("normalizer") or {}, told.get("pre_tokenizer") or {}
    kinds = (model.get("type", "WordPiece"), normal.get("type"), cut.get("type"))
    if kinds != ("WordPiece", "BertNormalizer", "BertPreTokenizer") or not normal.get("handle_chinese_chars", True):
        raise UsageError(
            f"tokenizer {kinds}",
            zh=f"语义模型的分词器是 {'/'.join(str(k) for k in kinds if k)},这里只读 BERT 式的 WordPiece",
            code="embedding.tokenizer-kind",
            hint="请换一个 BERT 式的句向量模型,或在本机用推理服务提供这个模型,再写 endpoint",
        )
    lower, accents = bool(normal.get("lowercase", True)), normal.get("strip_accents")
    prefix = model.get("continuing_subword_prefix", "##")
    return WordPiece(model["vocab"], lower=lower, bare=lower if accents is None else bool(accents), prefix=prefix)


def _is_ideograph(c: str) -> bool:
    return any(low <= ord(c) <= high for low, high in _IDEOGRAPHS)


def _is_punctuation(c: str, kind: str) -> bool:
    return kind.startswith("P") or (c.isascii() and c.isprintable() and not c.isalnum() and c != " ")
