"""A person's act changes what is held and nothing else."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta

import openpyxl
import pytest

from archive_schema.errors import UsageError
from archive_schema.units import Unit, UnitTable, write_csv
from archive_schema.words import EvidenceKind
from flows.coverage import coverage_report
from flows.decide import find_file
from flows.digest import digest
from flows.ingest import reassess
from flows.review import review_list
from flows.selection import select
from reports import coverage_html, digest_text, review, review_text
from samples import hostile
from tests.flows.acting import act, states
from tests.flows.house import NOW, House, document, photo

DOC = EvidenceKind.DOCUMENT


def test_reject_move_accept_and_undo_change_the_cells_they_name(archived) -> None:
    house, sha = archived
    cell, other = ("III18-1", "规范文件"), ("III11-2", "规范文件")
    assert states(house)[cell] == "usable"
    [rejected] = act(house, "reject", sha256=sha)
    assert states(house)[cell] == "missing"
    act(house, "undo", decision=rejected.decision)
    assert states(house)[cell] == "usable"
    act(house, "move", sha256=sha, item="III11-2", kind=DOC)
    assert (states(house)[cell], states(house)[other]) == ("missing", "usable")
    act(house, "accept", sha256=sha, item="III18-1", kind=DOC)
    assert (states(house)[cell], states(house)[other]) == ("usable", "usable")


def test_return_waive_supersede_withdraw_and_not_applicable(archived) -> None:
    house, sha = archived
    cell = ("III18-1", "规范文件")
    [returned] = act(house, "return", sha256=sha)
    assert states(house)[cell] == "unusable"
    act(house, "undo", decision=returned.decision)
    house.set_cycle("2025-11-01..2026-10-31", "2020-01-01..2020-12-31")
    house.ingest()
    assert states(house)[cell] == "unusable"
    act(house, "waive", sha256=sha, code="WINDOW")
    assert states(house)[cell] == "usable"
    act(house, "attest", sha256=sha, fact="issued_on", value="2020-05-05")
    assert house.manifest()["市文明办/Ⅲ18-1) 红黑榜发布制度.txt"].facts["issued_on"].value == "2026-03-05", (
        "what was read stays"
    )
    document(
        house.inbox / "市文明办" / "Ⅲ18-1) 新制度.txt",
        number="示文明办发〔2020〕1号",
        issued_on=__import__("datetime").date(2020, 2, 2),
    )
    house.ingest()
    new = house.manifest()["市文明办/Ⅲ18-1) 新制度.txt"].sha256
    act(house, "supersede", sha256=sha, by_sha256=new)
    assert states(house)[cell] == "usable"
    act(house, "withdraw", sha256=new)
    assert states(house)[cell] == "unusable"
    assert house.manifest()["市文明办/Ⅲ18-1) 红黑榜发布制度.txt"].superseded_by == new
    act(house, "not_applicable", item="III18-1", kind=DOC)
    assert states(house)[cell] == "not_applicable"


def test_a_decision_survives_re_ingest_and_reassessment(archived) -> None:
    house, sha = archived
    act(house, "move", sha256=sha, item="III11-2", kind=DOC)
    before = house.digest()
    (house.inbox / "市文明办" / "Ⅲ18-1) 红黑榜发布制度.txt").rename(house.inbox / "市文明办" / "Ⅲ13-1 别的名字.txt")
    house.ingest()
    with house.open() as o:
        reassess(o, everything=True, validation=False)
    assert states(house)[("III11-2", "规范文件")] == "usable"
    assert states(house)[("III13-1", "规范文件")] == "missing"
    assert house.digest() != before  # the source has another path
    head = house.head()
    with house.open() as o:
        reassess(o, everything=True, validation=False)
    assert house.head() == head, "judging the same again appends nothing"


def test_who_accepts_what_stays_unusable_is_told_why(new_workspace) -> None:
    house = new_workspace()
    at = house.inbox / "市文明办" / "Ⅲ18-1"
    at.mkdir(parents=True)
    hostile.produce("encrypted_pdf", at)
    ready, bad = document(at / "办法.txt"), document(at / "公示.txt", issued_on=date(2015, 3, 5))
    house.ingest()
    of = {path.rsplit("/", 1)[-1]: line.sha256 for path, line in house.manifest().items()}

    def told(verb: str, name: str, item: str = "III18-1") -> list[str]:
        return act(house, verb, sha256=of[name], item=item, kind=DOC)[0].remarks

    [locked] = told("accept", "加密.pdf")
    assert locked.startswith("归类记下了,仍不可用: ") and "打开密码" in locked and "重新发送" in locked
    assert told("accept", "加密.pdf") == [locked], "said again, told again"
    assert "打开密码" in told("move", "加密.pdf", "III18-2")[0]
    assert told("accept", ready.name) == []
    [outside] = told("accept", bad.name)
    assert "2015" in outside
    act(house, "waive", sha256=of[bad.name], code="WINDOW")
    assert told("accept", bad.name) == []
    act(house, "withdraw", sha256=of[bad.name])
    assert "已撤回" in told("accept", bad.name)[0]


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "accept", "sha256": "f" * 64},
        {"action": "move", "item": "III99-9", "kind": DOC},
        {"action": "move", "item": "III6-1", "kind": EvidenceKind.TABLE},
        {"action": "waive", "code": "OPEN"},
        {"action": "waive", "code": "NIX"},
        {"action": "reassign", "item": "III18-1", "to_unit": "没有的单位"},
        {"action": "undo", "decision": "D-none"},
        {"action": "supersede", "by_sha256": "0" * 64},
    ],
)
def test_an_act_that_makes_no_sense_is_refused_and_nothing_is_recorded(archived, fields: dict) -> None:
    house, sha = archived
    head = house.head()
    if fields["action"] in ("move", "waive", "supersede"):
        fields = {"sha256": sha, **fields}
    with pytest.raises(UsageError):
        act(house, **fields)
    assert house.head() == head


def renewed(house: House, sha: str, *names: str) -> list[str]:
    """The digest, and those of newer versions."""
    for n, name in enumerate(names):
        document(house.inbox / "市文明办" / f"Ⅲ18-1) {name}.txt", title=f"示例市{name}", number=f"示文明办发〔2026〕{n + 40}号")
    house.ingest()
    held = house.manifest()
    return [sha, *(held[f"市文明办/Ⅲ18-1) {name}.txt"].sha256 for name in names)]


def test_two_materials_never_replace_each_other(archived) -> None:
    house, sha = archived
    a, b, c = renewed(house, sha, "新制度", "再修订制度")
    [first] = act(house, "supersede", sha256=a, by_sha256=b)
    act(house, "supersede", sha256=b, by_sha256=c)
    head = house.head()
    for old, new in ((b, a), (c, a), (c, b)):
        with pytest.raises(UsageError) as e:
            act(house, "supersede", sha256=old, by_sha256=new)
        assert e.value.code == "decision.circle" and "dangan review undo" in e.value.hint
    assert house.head() == head
    [undone] = act(house, "undo", decision=first.decision)
    act(house, "supersede", sha256=c, by_sha256=a)
    with pytest.raises(UsageError) as e:
        act(house, "undo", decision=undone.decision)
    assert e.value.code == "decision.circle"


def test_a_version_that_is_withdrawn_replaces_nothing_and_what_it_replaced_is_named(archived) -> None:
    house, sha = archived
    old, new, other = renewed(house, sha, "新制度", "再修订制度")
    [replaced] = act(house, "supersede", sha256=old, by_sha256=new)
    assert replaced.remarks == []
    [answer] = act(house, "withdraw", sha256=new)
    [remark] = answer.remarks
    assert "红黑榜发布制度.txt" in remark and "仍不计入" in remark and replaced.decision in remark
    with pytest.raises(UsageError) as e:
        act(house, "supersede", sha256=other, by_sha256=new)
    assert e.value.code == "review.newer-withdrawn"
    act(house, "undo", decision=replaced.decision)
    act(house, "undo", decision=answer.decision)
    assert act(house, "withdraw", sha256=new)[0].remarks == []


@pytest.mark.parametrize(
    ("fact", "wrong", "right"),
    [
        ("issued_on", ["去年", "2024-13-45", "2026年2月30日", "5"], ["2026-03-05", "2026年3月", "二〇二六年三月五日", "无"]),
        ("table_date", ["最近"], ["2025—2026年", "2026年上半年", "没有"]),
        ("pages", ["三页", "-3", "2.5"], ["12", "１２", "无"]),
        ("signer", [], ["去年", "三页"]),
        ("secrecy", ["公开", "内部"], ["秘密", "绝密★长期", "无"]),
    ],
)
def test_a_fact_is_attested_with_what_can_be_judged_by(archived, fact: str, wrong: list[str], right: list[str]) -> None:
    house, sha = archived
    head = house.head()
    for value in wrong:
        with pytest.raises(UsageError) as e:
            act(house, "attest", sha256=sha, fact=fact, value=value)
        assert e.value.code == "review.not-attestable" and f"“{value}”" in e.value.zh
    assert house.head() == head
    for value in right:
        assert act(house, "attest", sha256=sha, fact=fact, value=value)[0].recorded


def test_reassigning_puts_another_unit_in_the_lead(archived) -> None:
    house, _ = archived
    act(house, "reassign", item="III18-1", to_unit="市商务局")
    with house.open() as o:
        report = coverage_report(o).coverage
    assert next(i for i in report.items if i.id == "III18-1").units[0] == "市商务局"
    assert "III18-1" in next(u for u in report.units if u.name == "市商务局").lead_of


def test_reassigning_settles_whose_material_it_is_at_once(new_workspace) -> None:
    house = new_workspace()
    document(house.inbox / "市文联" / "Ⅲ10-1 市民公约修订.txt", title="示例市市民公约")
    document(house.inbox / "市文明办" / "Ⅲ10-1 公约.txt", title="示例市市民公约修订办法", number="示文明办发〔2026〕13号")
    document(house.inbox / "市文联" / "Ⅲ13-1 道德模范.txt", title="示例市道德模范评选办法", number="示文联发〔2026〕14号")
    house.ingest()

    def strangers() -> set[tuple[str, str]]:
        with house.open() as o:
            return {(x.unit, x.item) for _, x in o.archive.index.outcomes() if x.code == "DEPARTMENT"}

    before = {("市文联", "III10-1"), ("市文联", "III13-1")}
    assert strangers() == before
    [first] = act(house, "reassign", item="III10-1", to_unit="市文联")
    assert strangers() == {("市文明办", "III10-1"), ("市文联", "III13-1")}
    with house.open() as o:
        reassess(o, everything=True, validation=False)
    assert strangers() == {("市文明办", "III10-1"), ("市文联", "III13-1")}
    head = house.head()
    with house.open() as o:
        reassess(o, everything=True, validation=False)
    assert house.head() == head, "judging the same again appends nothing"
    [undone] = act(house, "undo", decision=first.decision)
    assert strangers() == before
    act(house, "undo", decision=undone.decision)
    assert strangers() == {("市文明办", "III10-1"), ("市文联", "III13-1")}


def test_the_members_of_a_group_in_the_lead_answer(new_workspace) -> None:
    house = new_workspace()
    with house.open() as o:
        table = UnitTable((*o.units.units, Unit("文艺界", members=("市文联", "市文广新局"))))
    (house.root / "units.csv").write_text(write_csv(table), "utf-8")
    document(house.inbox / "市文联" / "Ⅲ10-1 市民公约修订.txt", title="示例市市民公约")
    house.ingest()
    act(house, "reassign", item="III10-1", to_unit="文艺界")
    with house.open() as o:
        assert not [x for _, x in o.archive.index.outcomes() if x.code == "DEPARTMENT"]


def test_files_are_found_by_digest_or_path_and_never_guessed(archived) -> None:
    house, sha = archived
    with house.open() as o:
        assert find_file(o, sha[:8]) == (sha, "")
        assert find_file(o, "市文明办/Ⅲ18-1) 红黑榜发布制度.txt") == (sha, "市文明办")
        for name in ("abcdef", "没有.txt", sha[:3]):
            with pytest.raises(UsageError):
                find_file(o, name)


def test_the_review_list_begins_with_what_fills_a_gap(new_workspace) -> None:
    house = new_workspace()
    document(house.inbox / "市文明办" / "Ⅲ18-1) 甲.txt")
    document(house.inbox / "市中级法院" / "Ⅲ33-1 群众评价.txt", title="某项通知", number="示法发〔2026〕1号")
    document(house.inbox / "市教育局" / "Ⅲ48-1 与 文件夹" / "Ⅲ58-1 方案.txt", title="某项方案", number="示教发〔2026〕2号")
    house.ingest()
    with house.open() as o:
        entries = review_list(o)
    assert [e.number for e in entries] == list(range(1, len(entries) + 1))
    assert entries[0].status == "in_review"
    assert all(e.reasons or e.candidates for e in entries)
    assert not [e for e in entries if e.path == "Ⅲ18-1) 甲.txt"]
    (nowhere,) = (e for e in entries if e.path == "Ⅲ33-1 群众评价.txt")
    assert (nowhere.status, nowhere.title) == ("unplaced", "关于印发《某项通知》的通知")
    sheet = openpyxl.load_workbook(io.BytesIO(review.review_xlsx(entries, ()))).worksheets[0]
    for told in (review_text.render([nowhere]), str([c for row in sheet.iter_rows(values_only=True) for c in row])):
        assert "III33-1 不属于材料审核" in told, "why a file stands nowhere is told where a person decides"


def waiting(house: House) -> dict[str, tuple[str, list[str]]]:
    """Path → status and findings of what is listed for the archivist; the digest counts the same."""
    with house.open() as o:
        entries, night = review_list(o), digest(o)
    assert night.in_review + night.unplaced + night.offered == len(entries)
    return {e.path: (e.status, e.findings) for e in entries}


def test_what_nobody_could_check_waits_for_a_person_until_the_cell_is_usable(new_workspace) -> None:
    house = new_workspace()
    photo(house.inbox / "市教育局" / "III58-2 师德师风.jpg", taken_at=None)
    house.ingest()
    assert states(house)["III58-2", "实景图片"] == "in_review"
    [(path, (status, found))] = waiting(house).items()
    assert (path, status) == ("III58-2 师德师风.jpg", "auto") and [f for f in found if f.startswith("DATE ") and "未检" in f]
    photo(house.inbox / "市教育局" / "III58-2 另一张.jpg", seed="b")
    house.ingest()
    assert states(house)["III58-2", "实景图片"] == "usable" and waiting(house) == {}


def test_what_was_sent_back_or_replaced_waits_for_the_archivist_no_more(new_workspace) -> None:
    house = new_workspace()
    doubtful, nowhere = "Ⅲ48-1 与 文件夹/Ⅲ58-1 方案.txt", "b.txt"
    document(house.inbox / "市教育局" / doubtful, title="某项方案", number="示教发〔2026〕2号")
    (house.inbox / "市教育局" / nowhere).write_text("石榴茶座", "utf-8")
    house.ingest()
    assert {path: status for path, (status, _) in waiting(house).items()} == {doubtful: "in_review", nowhere: "unplaced"}
    sha = {path: house.manifest()[f"市教育局/{path}"].sha256 for path in (doubtful, nowhere)}
    done = [act(house, "return", sha256=sha[path], unit="市教育局")[0] for path in (doubtful, nowhere)]
    assert waiting(house) == {}
    with house.open() as o:
        report = coverage_report(o)
        left = {x.path: x.reason for x in select(o).left_out}
    assert report.coverage.unplaced == [] and [u.path for u in report.coverage.sent_back or ()] == [nowhere]
    assert left[nowhere] == "returned"
    page = coverage_html.render(report)
    assert "未归类 0" in page and "已退回，等责任单位补正" in page and "review move" not in page
    act(house, "undo", decision=done[0].decision)
    assert set(waiting(house)) == {doubtful}
    document(house.inbox / "市教育局" / "III58-1 方案.txt", title="某项方案(修订)", number="示教发〔2026〕9号")
    house.ingest()
    act(house, "supersede", sha256=sha[doubtful], by_sha256=house.manifest()["市教育局/III58-1 方案.txt"].sha256)
    assert doubtful not in waiting(house)


def test_what_was_waived_is_no_problem_on_the_review_list(new_workspace) -> None:
    house = new_workspace()
    doubtful = "Ⅲ48-1 与 文件夹/Ⅲ58-1 方案.txt"
    document(house.inbox / "市教育局" / doubtful, title="某项方案", number="示教发〔2019〕2号", issued_on=date(2019, 3, 5))
    house.ingest()
    [(path, (_, found))] = waiting(house).items()
    [told] = [f for f in found if f.startswith("WINDOW ")]
    act(house, "waive", sha256=house.manifest()[f"市教育局/{path}"].sha256, code="WINDOW")
    assert waiting(house)[path][1] == [f for f in found if f != told]


def test_the_review_list_shows_the_kind_that_each_units_own_delivery_is(new_workspace) -> None:
    house = new_workspace()
    named = {"市教育局": "石榴茶座照片说明.txt", "市文明办": "石榴茶座统计表.txt"}
    for unit, name in named.items():
        (house.inbox / unit / name).write_text("石榴茶座", "utf-8")
    house.ingest()
    with house.open() as o:
        assert {e.unit: e.kind for e in review_list(o)} == {"市教育局": "说明报告", "市文明办": "统计表格"}


def test_a_move_is_offered_to_a_sibling_and_never_made(new_workspace) -> None:
    house = new_workspace()
    for n in ("三", "四"):
        title = f"银杏里弄夜话会第{n}期方案"
        document(house.inbox / "市文明办" / f"Ⅲ18-1) {title}.txt", title=title, number=f"示文明办发〔2026〕{len(n)}{n}号")
    house.ingest()
    first, second = sorted(house.manifest().values(), key=lambda line: line.sources[0].path)
    before = second.placements
    act(house, "move", sha256=first.sha256, item="III11-2", kind=DOC)
    house.ingest()
    assert [line.placements for line in house.manifest().values() if line.sha256 == second.sha256] == [before]
    with house.open() as o:
        [entry] = [e for e in review_list(o) if e.sha256 == second.sha256]
    assert entry.item == "III18-1" and entry.candidates[0].item == "III11-2"
    assert "张三" in entry.candidates[0].reasons[0] and "改归 III11-2" in entry.candidates[0].reasons[0]
    assert "改归 III11-2" in review_text.render([entry]), "why a settled file is listed is told"
    assert len(waiting(house)) == 1
    with house.open() as o:
        assert "建议核对 1 件" in digest_text.render(digest(o), zone="Asia/Shanghai")


def test_the_move_of_a_camera_photo_says_nothing_of_its_neighbours(new_workspace) -> None:
    house = new_workspace()
    folder = house.inbox / "市妇联" / "Ⅲ9-2 勤俭"
    for n, name in enumerate(("IMG_0001.jpg", "IMG_0002.jpg", "微信图片_20260405093000.jpg", "HUAWEI_20260405.jpg")):
        photo(folder / name, seed=f"s{n}")
    moved = photo(house.inbox / "市妇联" / "IMG_0099.jpg", seed="x")
    other = photo(house.inbox / "市妇联" / "微信图片_20260101080000.jpg", seed="y")
    house.ingest()
    sha = {path.name: house.manifest()[f"市妇联/{path.name}"].sha256 for path in (moved, other)}
    for one in sha.values():
        act(house, "move", sha256=one, item="III23-2", kind=EvidenceKind.PHOTO)
    assert waiting(house) == {}


def test_photos_are_alike_by_what_is_said_of_them(new_workspace) -> None:
    house = new_workspace()
    said = {"IMG_0001": "石榴茶座第一期现场", "IMG_0002": "石榴茶座第二期现场", "IMG_0003": "仓库货架清点现场"}
    for name, text in said.items():
        photo(house.inbox / "市妇联" / "Ⅲ9-2 勤俭" / f"{name}.jpg", seed=name).with_suffix(".txt").write_text(text, "utf-8")
    house.ingest()
    first = house.manifest()["市妇联/Ⅲ9-2 勤俭/IMG_0001.jpg"].sha256
    act(house, "move", sha256=first, item="III23-2", kind=EvidenceKind.PHOTO)
    assert [path.rsplit("/", 1)[-1] for path in waiting(house)] == ["IMG_0002.jpg"]


def test_an_archivist_may_decide_while_an_ingest_works(archived) -> None:
    house, sha = archived
    for n in range(4):
        document(house.inbox / "市教育局" / f"{n}.txt", title=f"第{n}件", number=f"示教发〔2026〕{n + 1}号")
    (house.root / "cycle.toml").open("a", encoding="utf-8").write("\n[limits]\nbatch_files = 1\n")
    acted = []

    def each(work, batches):
        for n, b in enumerate(batches):
            if n == 2:
                acted.extend(act(house, "reject", sha256=sha))
            yield work(b)

    house.ingest(each_batch=each)
    assert acted[0].recorded
    assert states(house)[("III18-1", "规范文件")] == "missing"


def test_the_day_of_the_report_counts_for_what_is_overdue_and_is_never_stored(archived) -> None:
    house, _ = archived
    house.set_cycle("# deadline = 2026-09-30 ", "deadline = 2026-12-01 ")
    house.ingest()
    head = house.head()

    def reasons(now) -> str:
        with house.open(now) as o:
            items = coverage_report(o).coverage.items
        return json.dumps([c.reasons for i in items for c in i.requirements if i.id == "III1-1"], ensure_ascii=False)

    assert "逾期" not in reasons(NOW)
    assert "逾期" in reasons(NOW + timedelta(days=30))
    assert house.head() == head


def test_photos_of_two_units_keep_their_own_captions(new_workspace) -> None:
    house = new_workspace()
    one = photo(house.inbox / "市文明办" / "Ⅲ13-3 好人榜揭幕.jpg")
    other = house.inbox / "市教育局" / "Ⅲ58-2 校园文化.jpg"
    other.parent.mkdir(exist_ok=True)
    other.write_bytes(one.read_bytes())
    house.ingest()
    line = house.manifest()["市文明办/Ⅲ13-3 好人榜揭幕.jpg"]
    assert {(p.item) for p in line.placements} == {"III13-3", "III58-2"}
    act(house, "reject", sha256=line.sha256, unit="市教育局")
    after = states(house)
    assert after[("III13-3", "实景图片")] != "missing" and after[("III58-2", "实景图片")] == "missing"
