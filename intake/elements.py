"""The elements of a caption, 时间 地点 人物 主题 背景 事由, as far as its words tell them apart.

An element under its own label (``地点: 人民广场``) is taken as it stands. Else: dates by ``archive_schema.dates``; a place by
how its name ends and where it stands; people by their role; the background by the clause that gives a purpose or an
occasion; 事由 is the verb with what is done, 主题 what it is done about. The words are in ``caption.toml``.
An element that is not found is left out: that says nothing of the picture.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec

from archive_schema.dates import find_dates, parse_date
from archive_schema.evidence import Fact, Facts
from archive_schema.text import display
from intake.gongwen.words import organ_names

KEYS = ("caption_time", "caption_place", "caption_people", "caption_theme", "caption_background", "caption_reason")

_EACH = 8  # values of an element (ours): a caption of more is a list
_LENGTH = 80
_CLAUSE = re.compile(r"[,，。;；!！?？\n|]+")
_QUOTED = re.compile(r"[“\"《「]([^”\"》」]{2,40})[”\"》」]")
_EDGE = " \t\u3000-—_–·.、,，。:：;；()（）[]【】"
_NAME = r"[\u3400-\u9fffA-Za-z0-9·]"
#: no name of a place goes over these
_NOT_IN_PLACE = "为以把将的是与及在到赴"


class Words(msgspec.Struct, frozen=True):
    """``caption.toml`` as regular expressions."""

    labels: dict[str, str]  # label → key
    label: re.Pattern[str]
    place: re.Pattern[str]
    never: tuple[str, ...]
    people: re.Pattern[str]
    stand: re.Pattern[str]
    doing: re.Pattern[str]
    trailer: re.Pattern[str]
    background: re.Pattern[str]


@cache
def words() -> Words:
    data = tomllib.loads((Path(__file__).parent / "caption.toml").read_text("utf-8"))
    labels = {label: key for key, names in data["labels"].items() for label in names}
    verbs, roles, before = _any(data["doing"]["verbs"]), _any(data["people"]["roles"]), _any(data["place"]["before"])
    no_place = _any(v for v in data["doing"]["verbs"] if v not in data["place"]["holds"])
    not_within = rf"[{_NOT_IN_PLACE}]|{no_place}|{before}|{roles}"
    place = rf"(?:(?!{not_within}){_NAME}){{0,10}}?(?:{_any(data['place']['endings'])})"
    background = data["background"]
    return Words(
        labels=labels,
        label=re.compile(rf"(?:^|(?<=[\s,，。;；(（【]))(?P<label>{_any(labels)})\s*[:：]\s*"),
        place=re.compile(rf"(?:^|(?<=[\s,，。;；、_（(])|{before})(?P<place>(?:{place})+)"),
        never=tuple(data["place"]["never"]),
        people=re.compile(
            rf"(?:^|(?<=[\s,，。;；、和与_])|组织|带领|(?<=\|))(?P<who>(?:(?!{verbs}){_NAME}){{0,8}}?(?:{roles})(?:代表|们)?)"
            rf"(?=$|[\s,，。;；、和与及在到向为正_]|{verbs})"
        ),
        # what is left in front of a place or of people that were cut out
        stand=re.compile(rf"(?:{before}|组织|带领)?\n(?:在|正在|等)?"),
        doing=re.compile(rf"(?P<verb>{verbs})(?P<what>.*)"),
        trailer=re.compile(rf"(?:{_any(data['doing']['trailers'])})+[\s0-9（()）]*$"),
        background=re.compile(rf"^(?:{_any(background['begins'])}).{{3,}}|^在?.{{2,30}}(?:{_any(background['ends'])})"),
    )


def _any(alternatives: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, alternatives), key=len, reverse=True))


def elements(caption: Fact) -> Facts:
    """Elements of a caption: a list of texts for each that was found, dates as ``YYYY-MM-DD`` or ``YYYY-MM``.

    What the caption itself does not say is taken from its other readings (a file name holds the date that the form leaves
    out); a reading that says something else of the same element is kept in ``others``.
    """
    out: Facts = {}
    for text in (caption.raw or str(caption.value), *caption.others):
        for key, values in split(text).items():
            before = out.get(key)
            if before is None:
                out[key] = Fact(value=list(values), method=f"{caption.method}/elements")
            elif list(values) != before.value:
                said = "、".join(values)
                out[key] = msgspec.structs.replace(before, others=tuple(dict.fromkeys((*before.others, said))))
    return {key: out[key] for key in KEYS if key in out}


def split(text: str) -> dict[str, tuple[str, ...]]:
    """Key → texts, of one caption."""
    found: dict[str, list[str]] = {}
    rest = _labelled(text[:2_000], found)
    _free(rest, found)
    out = {}
    for key in KEYS:
        values = dict.fromkeys(v for raw in found.get(key, ()) if (v := display(raw.strip(_EDGE), _LENGTH)))
        if values:
            out[key] = tuple(values)[:_EACH]
    return out


def _labelled(text: str, found: dict[str, list[str]]) -> str:
    """Take out what stands under a label; the text that is left."""
    marks = list(words().label.finditer(text))
    if not marks:
        return text
    left = [text[: marks[0].start()]]
    for n, m in enumerate(marks):
        end = marks[n + 1].start() if n + 1 < len(marks) else len(text)
        value = text[m.end() : end].split("\n")[0]
        key = words().labels[m["label"]]
        if key == "caption_time":
            whole = parse_date(value.strip(_EDGE))
            found.setdefault(key, []).extend([whole.value] if whole else [d.value for d in find_dates(value)] or [value])
        elif key in ("caption_place", "caption_people"):
            found.setdefault(key, []).extend(re.split(r"[、,，;；]", value))
        else:
            found.setdefault(key, []).append(value)
        left.append(text[m.end() + len(value) : end])
    return "\n".join(left)


def _free(text: str, found: dict[str, list[str]]) -> None:
    w = words()
    dates = find_dates(text)
    if dates and "caption_time" not in found:
        found["caption_time"] = [d.value for d in dates]
    for d in reversed(dates):
        text = f"{text[: d.start]}\n{text[d.end :]}"
    quoted = _QUOTED.findall(text)
    themes: list[str] = []
    said: dict[str, list[str]] = {}
    for clause in (c.strip(_EDGE) for c in _CLAUSE.split(text)):
        if m := w.background.match(clause):
            said.setdefault("caption_background", []).append(m[0])
            clause = clause[m.end() :]
        bare, places = _without_places(clause)
        said.setdefault("caption_place", []).extend(places)
        people = [m["who"] for m in w.people.finditer(bare)]
        said.setdefault("caption_people", []).extend(people)
        for who in people:
            bare = bare.replace(who, "\n", 1)
        bare = w.stand.sub("", bare)
        doing = w.doing.search(bare)
        what = _plain(doing["what"]) if doing is not None else ""
        if doing is None or not what:
            themes.append(_plain(bare))
            continue
        subject = _plain(bare[: doing.start()])
        if organs := organ_names(subject):
            said["caption_people"].extend(organs)
        elif subject:  # 环境整治行动: a name, nobody's doing
            themes.append(subject + doing["verb"] + what)
            continue
        said.setdefault("caption_reason", []).append(doing["verb"] + what)
        themes.append(re.sub(r"(?:主题)?(?:实践)?活动$", "", what))
    themes = [t for t in themes if len(t) >= 2 and not t.isascii() and t != "活动"]
    said["caption_theme"] = quoted or themes[:1]
    for key, values in said.items():
        if values and key not in found:
            found[key] = values


def _plain(text: str) -> str:
    return words().trailer.sub("", text.replace("\n", "").strip(_EDGE))


def _without_places(clause: str) -> tuple[str, list[str]]:
    """The clause with every place cut out, and the places."""
    w = words()
    places: list[str] = []
    doing = w.doing.search(clause)
    done = doing.start() if doing is not None else len(clause)

    def take(m: re.Match[str]) -> str:
        place = m["place"]
        if m.start() == m.start("place") > done:  # what is done names places, too, but is not done there
            return m[0]
        if len(place) < 2 or place.endswith(w.never) or w.doing.match(place):
            return m[0]
        places.append(place)
        return "\n"

    return w.place.sub(take, clause), places
