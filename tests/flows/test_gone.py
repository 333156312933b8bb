"""What counts no more makes nothing suspect: whatever was replaced, withdrawn, or sent back and answered."""

from __future__ import annotations

import zipfile
from collections import Counter
from datetime import timedelta

from flows.coverage import coverage_report
from flows.ingest import ingest
from flows.review import review_list
from tests.flows.acting import act
from tests.flows.house import NOW, House, document

UNIT = "市文明办"


def pass_over(house: House, days: int) -> None:
    with house.open(NOW + timedelta(days=days)) as o:
        ingest(o)


def doubled(house: House) -> set[str]:
    return {
        name.removeprefix(f"{UNIT}/") for name, m in house.manifest().items() if "NUMBERDUP" in {f.code for f in m.findings}
    }


def test_a_number_stands_twice_only_where_both_count(new_workspace) -> None:
    house = new_workspace()
    folder = house.inbox / UNIT
    for n, name in enumerate(("两份", "换新", "撤回")):
        for suffix in ("docx", "txt"):
            document(
                folder / f"Ⅲ18-1 {name}.{suffix}", number=f"示文明办发〔2026〕{n + 20}号", title=f"示例市{name}{suffix}制度"
            )
    back = document(folder / "Ⅲ18-1 退回.txt")
    house.ingest()
    sha = {name: m.sha256 for name, m in house.manifest().items()}
    act(house, "return", sha256=sha[f"{UNIT}/{back.name}"])
    document(back, title="示例市诚信红黑榜发布制度(更正)")
    pass_over(house, 1)
    assert doubled(house) == {f"Ⅲ18-1 {n}.{s}" for n in ("两份", "换新", "撤回") for s in ("docx", "txt")}
    old, new = (sha[f"{UNIT}/Ⅲ18-1 换新.{s}"] for s in ("docx", "txt"))
    act(house, "supersede", sha256=old, by_sha256=new)
    act(house, "withdraw", sha256=sha[f"{UNIT}/Ⅲ18-1 撤回.txt"], unit=UNIT)
    pass_over(house, 2)  # the inbox is as it was
    assert doubled(house) == {"Ⅲ18-1 两份.docx", "Ⅲ18-1 两份.txt"}
    head = house.head()
    pass_over(house, 3)
    assert house.head() == head


def test_what_was_packed_anew_leaves_nothing_to_look_at_or_to_compare(new_workspace) -> None:
    """But for what a requirement waits for and nothing newer was sent for."""
    house = new_workspace()
    folder = house.inbox / UNIT

    def packed(**files: tuple[str, str]) -> None:
        with zipfile.ZipFile(folder / "打包.zip", "w") as z:
            for name, (title, number) in files.items():
                made = document(house.root / "a.txt", title=title, number=f"示文明办发〔2026〕{number}号") if number else None
                z.writestr(f"{name}.txt", made.read_bytes() if made else title * 9)

    def seen() -> tuple[set[str], int, int]:
        """What waits, how many of it have no place, and how many are settled in the report."""
        with house.open() as o:
            waits, report = review_list(o), coverage_report(o).coverage
        assert len(report.unplaced) == sum(e.item is None for e in waits)
        told = {f"归类待复核({n} 件)" for n in Counter((e.item, e.kind) for e in waits if e.item).values()}
        assert told == {r for i in report.items for c in i.requirements for r in c.reasons if "复核" in r}
        return {e.path for e in waits}, len(report.unplaced), report.settled.superseded if report.settled else 0

    folder.mkdir(exist_ok=True)
    plan, other = "Ⅲ48-1 与 文件夹/Ⅲ58-1 方案", "Ⅲ82-1 与 文件夹/Ⅲ11-2 办法"
    doubtful = {plan: ("某项方案", "2"), other: ("某项办法", "3"), "杂项": ("看不出属于哪一项的一份便条。", "")}
    packed(**doubtful, **{"Ⅲ18-1 制度": ("示例市诚信红黑榜制度", "9")})
    house.ingest()
    assert seen() == ({f"打包.zip!/{n}.txt" for n in doubtful}, 1, 0)
    packed(**{f"{plan}新": ("某项方案(新)", "2"), "Ⅲ18-1 制度": ("示例市诚信红黑榜制度(修订)", "9")})
    pass_over(house, 1)
    assert doubled(house) == set()
    assert seen() == ({f"打包.zip!/{plan}新.txt", f"打包.zip!/{other}.txt"}, 0, 1)
