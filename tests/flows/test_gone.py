"""What counts no more makes nothing suspect: whatever was replaced, withdrawn, or sent back and answered."""

from __future__ import annotations

from datetime import timedelta

from flows.ingest import ingest
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
