"""The labelled titles keep the rules that their README states; the README keeps to the file."""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from archive_schema.catalogue import Catalogue
from archive_schema.words import EvidenceKind
from benchmarks import labelled as sets
from classification.knowledge import Known

FOLDER = Path(__file__).parent / "labelled"
COLUMNS = ("title", "kind", "items", "unit", "where", "seen", "half")


class Labelled(NamedTuple):
    title: str
    kind: str
    items: tuple[str, ...]
    unit: str
    where: str
    seen: str
    half: str


def content_of(item: str) -> str:
    return item.partition("-")[0]


@pytest.fixture(scope="module")
def lines() -> list[list[str]]:
    return [line.split("\t") for line in (FOLDER / "titles.tsv").read_text("utf-8").removesuffix("\n").split("\n")]


@pytest.fixture(scope="module")
def labelled(lines: list[list[str]]) -> list[Labelled]:
    return [
        Labelled(title, kind, tuple(items.split(";")) if items else (), unit, where, seen, half)
        for title, kind, items, unit, where, seen, half in lines[1:]
    ]


def test_every_line_has_the_columns_of_the_header(lines: list[list[str]]) -> None:
    assert tuple(lines[0]) == COLUMNS
    assert {len(line) for line in lines} == {len(COLUMNS)}


def test_no_cell_has_space_around_it_and_no_title_is_empty(lines: list[list[str]]) -> None:
    assert [line for line in lines if any(cell != cell.strip() for cell in line) or not line[0]] == []


def test_every_accepted_item_is_under_material_review_in_catalogue_order(
    labelled: list[Labelled], catalogue: Catalogue
) -> None:
    place = {item.id: n for n, item in enumerate(catalogue.material)}
    assert [row for row in labelled if not set(row.items) <= place.keys()] == []
    assert [row for row in labelled if list(row.items) != sorted(set(row.items), key=place.__getitem__)] == []


def test_every_kind_is_one_of_the_four(labelled: list[Labelled]) -> None:
    assert {row.kind for row in labelled} == {kind.value for kind in EvidenceKind}
    assert {row.kind for row in labelled if not row.items} == {kind.value for kind in EvidenceKind}


def test_no_title_comes_twice_even_with_other_punctuation(labelled: list[Labelled]) -> None:
    folded = Counter(re.sub(r"[\W_]", "", row.title) for row in labelled)
    assert [title for title, times in folded.items() if times > 1] == []


def test_at_most_three_titles_come_from_one_page(labelled: list[Labelled]) -> None:
    pages = Counter(row.where.partition("#")[0] for row in labelled)
    assert [page for page, times in pages.items() if times > 3] == []


def test_every_title_says_where_and_when_it_was_seen(labelled: list[Labelled]) -> None:
    address = re.compile(r"https?://[^\s/]+/\S*|[\w.-]+/[\w.-]+:\S+")
    assert [row for row in labelled if not address.fullmatch(row.where)] == []
    assert all(date.fromisoformat(row.seen) for row in labelled)


def test_the_hash_of_the_title_decides_the_half(labelled: list[Labelled]) -> None:
    def half(title: str) -> str:
        return "final" if int(hashlib.sha256(title.encode("utf-8")).hexdigest()[0], 16) % 2 else "build"

    assert [row for row in labelled if row.half != half(row.title)] == []


def test_the_accept_sets_stay_narrow(labelled: list[Labelled]) -> None:
    sizes = [len(row.items) for row in labelled if row.items]
    assert sum(sizes) / len(sizes) <= 1.6
    assert max(sizes) <= 3


def test_there_are_enough_titles_negatives_and_contents(labelled: list[Labelled]) -> None:
    assert sum(1 for row in labelled if row.items) >= 250
    assert sum(1 for row in labelled if not row.items) >= 60
    assert len({content_of(item) for row in labelled for item in row.items}) >= 70


def test_the_readme_counts_what_the_file_holds(labelled: list[Labelled], catalogue: Catalogue) -> None:
    readme = (FOLDER / "README.md").read_text("utf-8")

    def counts(rows: list[Labelled]) -> str:
        kinds, halves = Counter(row.kind for row in rows), Counter(row.half for row in rows)
        cells = [*(kinds[kind.value] for kind in EvidenceKind), len(rows), halves["build"], halves["final"]]
        return " | ".join(map(str, cells))

    assert f"| with items | {counts([row for row in labelled if row.items])} |" in readme
    assert f"| without | {counts([row for row in labelled if not row.items])} |" in readme
    covered = {item for row in labelled for item in row.items}
    missing = re.search(r"Without a title: ([^.]+)\.", readme)
    assert missing and re.findall(r"III\d+-\d+", missing[1]) == [i.id for i in catalogue.material if i.id not in covered]
    assert f"Items: {len(covered)} of {len(catalogue.material)}." in readme


def read(name: str) -> dict[str, dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as f:
        return {r["title"]: r for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)}


def third(labels: str) -> dict[str, dict[str, str]]:
    name = labels.replace(".tsv", "-third.tsv")
    return read(name) if (FOLDER / name).is_file() else {}


def first_labels(labels: str) -> dict[str, dict[str, str]]:
    """What the first labeller said, before a third one was asked where there was one."""
    again = third(labels)
    return {
        t: r | ({"items": again[t]["first"], "kind": again[t].get("first kind", r["kind"])} if t in again else {})
        for t, r in read(labels).items()
    }


LABELLED = [
    (labels, again)
    for labels, again in (
        ("titles.tsv", "second.tsv"),
        ("unseen.tsv", "unseen-second.tsv"),
        ("third.tsv", "third-second.tsv"),
        ("fourth.tsv", "fourth-second.tsv"),
        ("fifth.tsv", "fifth-second.tsv"),
        ("sixth.tsv", "sixth-second.tsv"),
        ("seventh.tsv", "seventh-second.tsv"),
        ("eighth.tsv", "eighth-second.tsv"),
        ("borders.tsv", "borders-second.tsv"),
        ("ninth.tsv", "ninth-second.tsv"),
        ("tenth.tsv", "tenth-second.tsv"),
        ("eleventh.tsv", "eleventh-second.tsv"),
        ("final.tsv", "final-second.tsv"),
    )
    if (FOLDER / labels).is_file()
]


@pytest.mark.parametrize(("labels", "again"), LABELLED)
def test_the_second_labeller_labelled_every_title_and_the_agreement_is_as_stated(labels: str, again: str) -> None:
    first, second = first_labels(labels), read(again)
    assert set(first) == set(second)
    assert all(second[t].get("half") == first[t].get("half") for t in first)
    pairs = [(set(first[t]["items"].split(";")) - {""}, set(second[t]["items"].split(";")) - {""}) for t in first]
    both = [(a, b) for a, b in pairs if a and b]
    said = (FOLDER / "README.md").read_text("utf-8")
    for of, count in (
        (len(pairs), sum(bool(a) == bool(b) for a, b in pairs)),
        (len(both), sum(bool(a & b) for a, b in both)),
        (len(both), sum(a == b for a, b in both)),
        (len(pairs), sum(first[t]["kind"] == second[t]["kind"] for t in first)),
    ):
        assert re.search(rf"\| {of} \| {count}\b", said), count


@pytest.mark.parametrize(("labels", "again"), [(a, b) for a, b in LABELLED if third(a)])
def test_where_a_third_labeller_was_asked_the_majority_of_three_decides(labels: str, again: str) -> None:
    def items(text: str) -> set[str]:
        return set(text.split(";")) - {""}

    first, second, decided = first_labels(labels), read(again), read(labels)
    for title, row in third(labels).items():
        said = [items(first[title]["items"]), items(second[title]["items"]), items(row["items"])]
        most = {i for i in set.union(*said) if sum(i in s for s in said) >= 2}
        if not most and sum(not s for s in said) < 2:  # three opinions: whoever saw the page
            most = said[0]
        assert items(decided[title]["items"]) == most, title
        if "kind" in row:
            kinds = Counter([first[title]["kind"], second[title]["kind"], row["kind"]])
            assert decided[title]["kind"] == kinds.most_common(1)[0][0], title
    disputed = {t for t in first if items(first[t]["items"]) != items(second[t]["items"])}
    assert disputed <= set(third(labels))


@pytest.mark.parametrize("name", [*(labels for labels, _ in LABELLED[1:]), "more.tsv"])
def test_a_final_set_keeps_the_same_rules_and_shares_no_title_with_the_others(name: str, catalogue: Catalogue) -> None:
    rows, place = list(read(name).values()), {item.id: n for n, item in enumerate(catalogue.material)}
    sets_of = [tuple(filter(None, r["items"].split(";"))) for r in rows]
    assert all(list(s) == sorted(set(s), key=place.__getitem__) and len(s) <= 3 for s in sets_of)
    assert {r["kind"] for r in rows} == {kind.value for kind in EvidenceKind}
    named = [s for s in sets_of if s]
    assert sum(map(len, named)) / len(named) <= 1.6
    if name != "borders.tsv":  # nothing was ever measured on it
        assert len(named) >= 250 and len(rows) - len(named) >= 60
        assert len({content_of(item) for s in named for item in s}) >= 70
    assert max(Counter(r["where"].partition("#")[0] for r in rows).values()) <= 3
    folded = [re.sub(r"[\W_]", "", t) for labels in (*(name for name, _ in LABELLED), "more.tsv") for t in read(labels)]
    assert len(set(folded)) == len(folded)
    said = (FOLDER / "README.md").read_text("utf-8")
    for with_items, label in ((True, "with items"), (False, "without")):
        kinds = Counter(r["kind"] for r, s in zip(rows, sets_of, strict=True) if bool(s) is with_items)
        assert f"| {label} | {' | '.join(str(kinds[k.value]) for k in EvidenceKind)} | {kinds.total()} |" in said


def test_without_a_final_set_it_is_said_what_can_be_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sets, "FOLDER", tmp_path)
    with pytest.raises(FileNotFoundError, match=r"final\.tsv is missing.*--building.*final-second\.tsv"):
        sets.final()
    (tmp_path / "labelled").mkdir()
    (tmp_path / "labelled" / "final.tsv").write_text("title\tkind\titems\tunit\n甲\t规范文件\tIII1-1;III1-2\t\n", "utf-8")
    assert sets.final() == [sets.Labelled("甲", "规范文件", ("III1-1", "III1-2"), "")]


def test_no_title_of_a_fold_is_known_by_itself_or_its_like() -> None:
    everything = [
        Known(
            "III55-1",
            "",
            (("见义勇为人员奖励办法", 0.85), ("义举", 1.0)),
            (("见义勇为人员奖励办法", 0.85),),
            ("见义勇为人员奖励办法", "义举"),
        ),
        Known("", "", (), (), ("某市2016年渔船年末拥有量", "放假通知")),
    ]
    item, nobody = sets.apart(everything, ["关于印发《临江市见义勇为人员奖励办法》的通知", "2019年渔船年末拥有量"])
    assert (item.names, item.phrases, item.words) == (("义举",), (("义举", 1.0),), ())
    assert nobody.names == ("放假通知",)
    assert sets.apart(everything, ["路灯亮了"]) == everything


def test_the_building_set_is_its_files_in_folds_that_stay(labelled: list[Labelled], monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    plain = Path.open

    def noted(path: Path, *args: object, **kwargs: object) -> object:
        opened.append(path.name)
        return plain(path, *args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", noted)
    rows = sets.building()
    assert opened == [*sets.BUILDING] and "final.tsv" not in opened
    assert [r.title for r in rows] == [*(row.title for row in labelled), *(t for name in sets.BUILDING[1:] for t in read(name))]
    sizes = Counter(r.fold for r in rows)
    assert set(sizes) == set(range(sets.FOLDS)) and min(sizes.values()) > 50
    assert sets.Labelled("关于印发市民公约的通知", "", (), "").fold == 4
