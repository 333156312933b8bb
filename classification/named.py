"""Items that people named themselves: in a submission form, in a file name, in a folder name.

What comes out is the claim and everything that speaks against taking it at its word as far as names alone can tell;
text and kind are weighed by the classifier (law 8).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from archive_schema.catalogue import Catalogue
from archive_schema.evidence import FormRow
from archive_schema.media import of_name
from archive_schema.text import display, natural_key, nfc
from archive_schema.words import EvidenceKind, PlacementMethod
from classification.kinds import typed
from classification.numbers import NumberHit, find_numbers, find_unknown, nearest

_EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")


class Named(msgspec.Struct, frozen=True):
    """One item that somebody named.

    kind    as typed in the form, else None
    doubts  why it may not be taken at its word, Chinese
    bare    only a number without its section, which needs a second voice
    """

    item: str
    method: PlacementMethod
    kind: EvidenceKind | None
    reasons: tuple[str, ...]
    doubts: tuple[str, ...] = ()
    bare: bool = False


class Names(msgspec.Struct, frozen=True):
    """Everything named for one file.

    claims    what to place, in order of item
    others    items named by the weaker of two contradicting voices, with why
    problems  numbers that do not exist and the like: no claim can be taken without a look
    near      existing ids that resemble a number that does not exist, with why
    """

    claims: tuple[Named, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()
    near: tuple[tuple[str, str], ...] = ()


def stem(name: str) -> str:
    """A file name without its extension."""
    return name[: name.rfind(".")] if of_name(name) or _EXTENSION.search(name) else name


def parts(path: str) -> tuple[list[str], str]:
    """Folder names (archives among them, without their extension) and the stem of the file name."""
    names = [n for n in nfc(path).replace("!/", "/").split("/") if n]
    return [stem(n) if of_name(n) else n for n in names[:-1]], stem(names[-1]) if names else ""


def named(forms: Iterable[FormRow], paths: Iterable[str], catalogue: Catalogue) -> Names:
    """Weigh forms against names; independent of the order of both."""
    by_form = _from_forms(sorted(set(forms), key=msgspec.structs.astuple), catalogue)
    by_name = _merge([_from_path(p, catalogue) for p in sorted(set(paths))])
    problems = _unique([*by_form.problems, *by_name.problems])
    near = tuple(dict([*by_name.near, *by_form.near]).items())
    others = dict(by_name.others)
    form_items = {c.item for c in by_form.claims}
    if not form_items:
        return Names(by_name.claims, _without(others, {c.item for c in by_name.claims}), problems, near)
    named_items = {c.item for c in by_name.claims if not c.bare}
    claims = []
    if named_items and not named_items & form_items:
        words = f"编号指向 {_list(named_items)}, 提交表写的是 {_list(form_items)}, 二者不一致"
        claims = [msgspec.structs.replace(c, doubts=(*c.doubts, words)) for c in by_form.claims]
        others |= dict.fromkeys(named_items, words)
    else:
        agreed = {c.item: c for c in by_name.claims}
        for c in by_form.claims:
            if c.item in agreed:
                c = msgspec.structs.replace(c, reasons=_unique([*c.reasons, *agreed[c.item].reasons]))
            claims.append(c)
        for c in by_name.claims:
            if c.item not in form_items and not c.bare:
                claims.append(
                    msgspec.structs.replace(c, doubts=(*c.doubts, f"提交表没有列 {c.item}, 只写了 {_list(form_items)}"))
                )
    return Names(tuple(claims), _without(others, {c.item for c in claims}), problems, near)


def from_title(title: str, catalogue: Catalogue) -> Names:
    """What a bare title names."""
    return _from_names([], title, "标题", catalogue)


def _from_forms(forms: list[FormRow], catalogue: Catalogue) -> Names:
    claims: dict[tuple[str, EvidenceKind | None], Named] = {}
    problems: list[str] = []
    near: dict[str, str] = {}
    for row in forms:
        where = f"提交表“{display(row.form_path, 60)}”第 {row.row} 行" if row.form_path else "提交表"
        cell = row.item.strip()
        kind = typed(row.kind)
        doubts = [f"{where}的材料类型“{display(row.kind, 20)}”看不出是哪一种"] if row.kind.strip() and kind is None else []
        if not cell:
            continue
        exact = catalogue.resolve(cell)
        hits = [] if exact else find_numbers(cell, catalogue)
        found = [(exact.id, False)] if exact else [(h.item, h.date_like and h.raw != cell) for h in hits]
        if not found:
            problems.append(f"{where}写的编号“{display(cell, 30)}”在目录中不存在")
            near |= {i: f"{where}写“{display(cell, 30)}”, 与 {i} 相近" for i in nearest(cell, catalogue)}
        for item, date in found:
            reason = f"{where}写明编号 {display(cell, 30)}" + (f", {kind.value}" if kind else "")
            said = [*doubts, *([f"{where}的编号“{display(cell, 30)}”像日期"] if date else [])]
            old = claims.get((item, kind))
            claims[item, kind] = Named(
                item=item,
                method=PlacementMethod.FORM,
                kind=kind,
                reasons=_unique([*(old.reasons if old else ()), reason]),
                doubts=_unique([*(old.doubts if old else ()), *said]),
            )
    return Names(claims=tuple(claims.values()), problems=_unique(problems), near=tuple(near.items()))


def _from_path(path: str, catalogue: Catalogue) -> Names:
    folders, name = parts(path)
    return _from_names(folders, name, "文件名", catalogue)


def _from_names(folders: list[str], name: str, what: str, catalogue: Catalogue) -> Names:
    in_file = [h for h in find_numbers(name, catalogue) if not h.full_date]
    in_folder: list[NumberHit] = []
    folder = ""
    for candidate in reversed(folders):
        in_folder = [h for h in find_numbers(candidate, catalogue) if not h.full_date]
        if in_folder:
            folder = candidate
            break
    problems: list[str] = []
    near: dict[str, str] = {}
    for where, text in ((what, name), *(("文件夹名", f) for f in folders)):
        for raw in find_unknown(text, catalogue):
            problems.append(f"{where}写的编号“{display(raw)}”在目录中不存在")
            near |= {i: f"{where}写“{display(raw)}”, 与 {i} 相近" for i in nearest(raw, catalogue)}
    folder_items = {h.item for h in in_folder}
    if in_folder and all(h.bare and not h.raw.endswith((")", "）")) for h in in_file):
        in_file = [h for h in in_file if h.item in folder_items]  # 3-2.jpg in a numbered folder is a count, no number
    others: dict[str, str] = {}
    contradiction: list[str] = []
    if in_file:
        where, text, hits = what, name, in_file
        if in_folder and not {h.item for h in in_file} & folder_items:
            words = f"{what}写 {_list({h.item for h in in_file})}, 文件夹写 {_list(folder_items)}, 二者不一致"
            contradiction.append(words)
            others = dict.fromkeys(folder_items, words)
    else:
        where, text, hits = "文件夹名", folder, in_folder
    items = {h.item for h in hits}
    if len(items) > 1 and not all(h.listed for h in hits[1:]):
        contradiction.append(f"{where}中有几个不同的编号: {_list(items)}")
    claims: dict[str, Named] = {}
    for h in hits:
        doubts = list(contradiction)
        if h.date_like:
            doubts.append(f"“{display(text, 40)}”中的“{display(h.raw)}”也可能是日期")
        old = claims.get(h.item)
        if old is None or len(old.doubts) > len(doubts):
            claims[h.item] = Named(
                item=h.item,
                method=PlacementMethod.NUMBER,
                kind=None,
                reasons=(f"{where}含编号“{display(h.raw)}”",),
                doubts=tuple(doubts),
                bare=h.bare,
            )
    return Names(tuple(claims.values()), tuple(others.items()), tuple(problems), tuple(near.items()))


def _merge(several: list[Names]) -> Names:
    """Names of several paths of the same bytes: each path speaks for itself."""
    claims: dict[str, Named] = {}
    others: dict[str, str] = {}
    near: dict[str, str] = {}
    for names in several:
        for c in names.claims:
            old = claims.get(c.item)
            if old is None:
                claims[c.item] = c
            else:
                sure = min(old, c, key=lambda n: (len(n.doubts), n.bare))
                claims[c.item] = msgspec.structs.replace(sure, reasons=_unique([*old.reasons, *c.reasons]))
        others |= dict(names.others)
        near |= dict(names.near)
    problems = _unique([p for n in several for p in n.problems])
    return Names(tuple(claims.values()), _without(others, set(claims)), problems, tuple(near.items()))


def _without(others: dict[str, str], items: set[str]) -> tuple[tuple[str, str], ...]:
    return tuple((i, why) for i, why in others.items() if i not in items)


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _list(items: set[str]) -> str:
    return "、".join(sorted(items, key=natural_key))
