"""What an embedding model says of a title: how near it is to each item in meaning, as one more evidence beside the words.

Every item is known by a few texts: its standard, its content, and the names of typical material (``knowledge``). A title's nearness to
an item is the largest cosine with one of them. Models differ in what a high cosine is, so it is counted in spreads above what is usual
between an item and the texts of other items, which the catalogue itself tells for each model. ``weight`` log-odds are added for each
spread, ``REACH`` of them at most, to the item's strength (``scorer``), and taken from every item's for each spread that the title is
nearer than usual to what is nobody's. ``python -m benchmarks.evaluation --building --embedding …``
shows what a model and a weight do.

The model is asked for titles only, never for a text out of a document; numbers long enough to be a person's are taken out, and nothing
is asked of a file that bears a 密级. Where the model fails, the words decide alone and the proposal says so by lacking the model's
``mark``: it is made again when the model answers (law 7). The vectors of the items are kept in a file that may be deleted.
"""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from archive_schema import canonical
from archive_schema.catalogue import Catalogue
from archive_schema.errors import DanganError, InternalError, UnavailableError
from archive_schema.evidence import Facts, FormRow
from archive_schema.text import display, natural_key
from classification.embedding import Embedder
from classification.knowledge import Known, known
from classification.named import parts
from classification.scorer import Features, Measured, Ranked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from classification.vectors import Vector

log = logging.getLogger(__name__)

COUNTED = "semantics@1"  # raise with any change of what is asked or how nearness is counted
REACH = 4.0  # spreads
NEAR = 1.5  # spreads from which a reason names it
BESIDES = 5  # items that no word speaks for and that are looked at as the nearest in meaning
LONGEST = 120  # characters of a title
ALIKE = 0.99  # least cosine of one text today with the same in what is kept
_KEPT = 5_000  # titles whose vectors are remembered, 2 to 4 kB each
#: what may be a person's number, parted or not
_NUMBER = re.compile(r"\d(?:[- ]?\d){6,}[Xx]?")
_NAME = re.compile(r"[^\w.-]+")
#: between a classifier's version and the mark of the model
_WITH = "~"


class Near(NamedTuple):
    """``cosine`` with the item's nearest text; ``spreads`` above what is usual; ``odds``: log-odds for the item, nobody's taken off."""

    cosine: float
    spreads: float
    odds: float


#: no model, or nothing said
NOTHING: Mapping[str, Near] = {}


class _Items(NamedTuple):
    """``matrix``: a row per text, those of an item together, nobody's last with the id ""; ``starts``: the first of each item's rows."""

    ids: tuple[str, ...]
    starts: NDArray[np.intp]
    matrix: NDArray[np.float32]
    usual: float
    spread: float


class Semantics:
    """One catalogue's items as a model sees them; titles asked once are remembered.

    :param embedder: opens it; what it raises counts as the model failing
    :param kept: folder for the vectors of the items, None = nowhere
    :param everything: what is known of the items, when it is not all that ``known`` gives (measuring leaves some out)
    """

    def __init__(
        self,
        embedder: Callable[[], Embedder],
        catalogue: Catalogue,
        weight: float,
        kept: Path | None = None,
        everything: Sequence[Known] | None = None,
    ) -> None:
        self._open = embedder
        self._catalogue = catalogue
        self._weight = weight
        self._kept = kept
        self._everything = everything
        self._lock = Lock()
        self._embedder: Embedder | None = None
        self._items: _Items | None = None
        self._vectors: dict[str, Vector] = {}
        #: why the model is not asked (any more); one failure is enough for a run
        self.fault: DanganError | None = None

    @property
    def mark(self) -> str:
        """What stands behind the classifier's version of a proposal for which the model was asked; "" when it cannot be opened."""
        with self._lock:
            e = self._opened()
        return f"{_WITH}{_NAME.sub('-', e.name)[:40]}@{canonical.digest([COUNTED, e.digest, self._weight])[:12]}" if e else ""

    @property
    def place(self) -> str:
        """Name and place of the model, Chinese; "" when it cannot be opened."""
        with self._lock:
            e = self._opened()
        return f"{e.name}({e.place})" if e else ""

    def ready(self) -> bool:
        """Does the model answer; the vectors of the items are there then."""
        with self._lock:
            return self._base() is not None

    def near(self, title: str) -> Mapping[str, Near] | None:
        """Item → nearness, {} for a title that says nothing; None when the model failed (``fault``). Never raises."""
        text = spoken(title)
        if not text:
            return {}
        with self._lock:
            if text not in self._vectors:
                self._ask([text])
            if text not in self._vectors or self._items is None:
                return None
            return _nearness(self._items, self._vectors[text], self._weight)

    def expect(self, titles: Iterable[str]) -> None:
        """Ask for these now, in few requests, since each of them will be asked for."""
        with self._lock:
            self._ask(sorted({t for t in map(spoken, titles) if t and t not in self._vectors}))

    def _opened(self) -> Embedder | None:
        if self._embedder is None and self.fault is None:
            self._embedder = self._tried(self._open)
        return self._embedder

    def _base(self) -> _Items | None:
        e = self._opened()
        if e is not None and self._items is None and self.fault is None:
            self._items = self._tried(lambda: self._load(e))
        return self._items if self.fault is None else None

    def _ask(self, texts: Sequence[str]) -> None:
        items, e = self._base() if texts else None, self._embedder
        if items is None or e is None:
            return
        vectors = self._tried(lambda: self._same_length(e.embed(texts), items.matrix.shape[1]))
        self._vectors.update(zip(texts, vectors or (), strict=False))
        while len(self._vectors) > _KEPT:
            self._vectors.pop(next(iter(self._vectors)))

    def _tried(self, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except DanganError as e:
            self.fault = e
        except Exception as e:  # whatever breaks in it may not cost the run
            log.debug("embedding model", exc_info=True)
            what = type(e).__name__
            self.fault = InternalError(f"embedding: {what}", zh=f"语义模型出错({what})", hint="请管理员查看日志")
        log.info("no embedding model in this run: %s", self.fault.code or self.fault.message)
        return None

    def _load(self, e: Embedder) -> _Items:
        import numpy as np

        texts = item_texts(self._catalogue, self._everything)
        names = tuple(dict.fromkeys(item for item, _ in texts))
        counts = [len(list(group)) for _, group in itertools.groupby(item for item, _ in texts)]
        starts = np.array([0, *itertools.accumulate(counts[:-1])], dtype=np.intp)
        name = f"{canonical.digest([COUNTED, e.digest, texts])[:32]}.npy"
        matrix = self._recalled(name, len(texts))
        if matrix is None:
            matrix = np.array(e.embed([t for _, t in texts]), dtype=np.float32)
            self._keep(name, matrix)
        elif not e.exact:
            [now] = self._same_length(e.embed([texts[0][1]]), matrix.shape[1])
            if float(now @ matrix[0]) < ALIKE:
                raise UnavailableError(
                    "the service has another model under the same name",
                    zh=f"{e.place} 的模型“{e.name}”与以前不是同一个: 同一段文字的向量变了",
                    code="embedding.changed",
                    hint='请在 dangan.toml 的 [embedding] 里改 version(如 version = "2"),已归类的会按新模型重新归类',
                )
        usual, spread = _usual(matrix, starts, [self._catalogue.by_id[i].content_no for i in names if i])
        return _Items(names, starts, matrix, usual, spread)

    @staticmethod
    def _same_length(vectors: list[Vector], dimension: int) -> list[Vector]:
        from classification.vectors import broken

        if any(len(v) != dimension for v in vectors):
            raise broken(f"维数变了,原来是 {dimension}")
        return vectors

    def _recalled(self, name: str, rows: int) -> NDArray[np.float32] | None:
        import numpy as np

        if self._kept is None:
            return None
        with suppress(OSError, ValueError, EOFError):
            held: NDArray[np.float32] = np.load(self._kept / name, allow_pickle=False)
            if held.dtype == np.float32 and held.ndim == 2 and len(held) == rows and np.isfinite(held).all():
                return held
        return None

    def _keep(self, name: str, matrix: NDArray[np.float32]) -> None:
        """In place of what was kept of another model or catalogue; where nothing can be kept it is computed again."""
        import numpy as np

        if self._kept is None:
            return
        try:
            self._kept.mkdir(exist_ok=True)
            temporary = self._kept / f"{name}.tmp"
            with temporary.open("wb") as f:
                np.save(f, matrix, allow_pickle=False)
            temporary.replace(self._kept / name)
            for old in self._kept.glob("*.npy"):
                if old.name != name:
                    old.unlink()
        except OSError as e:
            log.warning("vectors of the items are not kept: %s", e)


def asked(semantics: Semantics | None, title: str) -> Mapping[str, Near] | None:
    """None = no model, or it failed."""
    return semantics.near(title) if semantics is not None else None


def marked(version: str, semantics: Semantics | None, near: Mapping[str, Near] | None) -> str:
    """A classifier's version as it stands on a proposal: with the model's mark where it had a part."""
    return version + semantics.mark if semantics is not None and near is not None else version


def unmarked(version: str) -> str:
    """A classifier's version without the mark of a model."""
    return version.partition(_WITH)[0]


def item_texts(catalogue: Catalogue, everything: Sequence[Known] | None = None) -> list[tuple[str, str]]:
    """(item, text) for every item, in catalogue order, those of an item together and each once; then nobody's, item ""."""
    out: dict[tuple[str, str], None] = {}
    for k in sorted(known(catalogue) if everything is None else everything, key=lambda k: not k.item):
        item = catalogue.by_id[k.item] if k.item else None
        for text in (*((item.standard, item.content) if item else ()), *k.names):
            if said := spoken(text):
                out[k.item, said] = None
    return list(out)


def called(facts: Facts, forms: Iterable[FormRow], paths: Iterable[str]) -> str:
    """What a file is called: by its text, a form, a caption, its name. "" for one that bears a 密级: nothing of it is told."""
    if "secrecy" in facts:
        return ""
    written = {k: facts[k].value for k in ("title", "caption") if k in facts}
    on_forms = sorted(r.title for r in forms if r.title)
    stems = sorted(parts(p)[1] for p in paths)
    told = (written.get("title"), *on_forms, written.get("caption"), *stems)
    return next((t for t in told if isinstance(t, str) and spoken(t)), "")


def spoken(title: str) -> str:
    """A title as the model is asked for it."""
    return display(_NUMBER.sub(" ", display(title)))[:LONGEST].strip()


def widened(measured: Measured, near: Mapping[str, Near], silent: Callable[[Measured, str], Features]) -> Measured:
    """With the items that are nearest in meaning among those looked at, though no word may speak for them (``silent``: what is
    measured of such a one)."""
    there = {item for item, _, _ in measured.items}
    far = sorted(
        (i for i, n in near.items() if i not in there and n.spreads >= NEAR), key=lambda i: (-near[i].spreads, natural_key(i))
    )
    more = tuple((i, silent(measured, i), ()) for i in far[:BESIDES])
    return msgspec.structs.replace(measured, items=(*measured.items, *more)) if more else measured


def told(ranked: Iterable[Ranked], near: Mapping[str, Near]) -> tuple[Ranked, ...]:
    """With the cosine of those that the model calls near."""
    return tuple(
        msgspec.structs.replace(r, near=near[r.item].cosine) if r.item in near and near[r.item].spreads >= NEAR else r
        for r in ranked
    )


def _nearness(items: _Items, vector: Vector, weight: float) -> dict[str, Near]:
    import numpy as np

    best = np.maximum.reduceat(items.matrix @ vector, items.starts)
    found = {}
    for item, cosine in zip(items.ids, best.tolist(), strict=True):
        said = round(cosine, 3)  # the last bits differ from machine to machine
        found[item] = said, round(max(-REACH, min(REACH, (said - items.usual) / items.spread)), 2)
    nobodys = max(0.0, found.pop("", (0.0, 0.0))[1])
    return {item: Near(said, spreads, weight * (spreads - nobodys)) for item, (said, spreads) in found.items()}


def _usual(matrix: NDArray[np.float32], starts: NDArray[np.intp], contents: Sequence[int]) -> tuple[float, float]:
    """Mean and standard deviation of the nearness of an item's first text to the items of another 内容.

    :raises UnavailableError: the model sees no difference between texts.
    """
    import numpy as np

    from classification.vectors import broken

    best = np.maximum.reduceat(matrix[starts[: len(contents)]] @ matrix.T, starts, axis=1)[:, : len(contents)]
    other = np.array([[a != b for b in contents] for a in contents])
    found = best[other] if other.any() else best.ravel()
    usual, spread = round(float(found.mean()), 4), round(float(found.std()), 4)
    if spread < 0.001:
        raise broken("对不同的文字给出同样的向量")
    return usual, spread
