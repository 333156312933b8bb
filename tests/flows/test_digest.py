"""夜间简报: what each night brought against the night before, kept, sent, and never a reason for the night to fail."""

from __future__ import annotations

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from archive_schema.digest import Delivery
from archive_schema.errors import UnavailableError
from archive_schema.report import Changes
from archive_schema.words import CellState, EvidenceKind
from flows import cycle_reports, digest, nightly
from flows.coverage import coverage_report
from flows.ingest import ingest, new_run
from flows.notify import Notify
from reports import coverage_html, coverage_text, digest_text
from samples import hostile
from tests.dangan.line import dangan
from tests.flows.acting import act
from tests.flows.house import NOW, House, document, files_of
from tests.mailserver import MailServer
from tests.shapes import conforms

OFFICE, SCHOOLS = "市文明办", "市教育局"
GOOD = "Ⅲ18-1 红黑榜发布制度.txt"
ZONE = "Asia/Shanghai"
CELL = ("III18-1", EvidenceKind.DOCUMENT)


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory: pytest.TempPathFactory) -> House:
    """One good file, taken in; no digest was ever made."""
    built = House.build(tmp_path_factory.mktemp("digest") / "ws")
    document(built.inbox / OFFICE / GOOD)
    built.ingest()
    return built


@pytest.fixture
def house(taken_in: House, tmp_path: Path) -> House:
    """A copy of it of one's own."""
    shutil.copytree(taken_in.root, tmp_path / "ws")
    return House(tmp_path / "ws")


def night(house: House, at: datetime, *, audited: bool = False) -> digest.NightDigest:
    """What the nightly job does."""
    with house.open(at) as o:
        ingest(o, validation=False)
        return digest.night(o, audited=nightly.nightly_audit(o) if audited else None)


def text(made: digest.NightDigest) -> str:
    return digest_text.render(made, zone=ZONE)


def later(days: int) -> datetime:
    return NOW + timedelta(days=days)


def test_of_what_could_not_be_sent_the_latest_is_remembered_also_over_a_night_that_sends_nothing() -> None:
    tries = tuple(Delivery(NOW + timedelta(days=n), "smtp", False, f"第 {n} 夜") for n in range(digest.FAILURES + 2))
    held: digest.Kept | None = None
    for one in tries:
        held = digest.Kept("c1", None, digest.Snapshot("", NOW, "", {}), digest._remembered(held, (one,)))
    assert held is not None and held.deliveries == tries[2:]
    assert digest._remembered(held, ()) == held.deliveries
    assert digest._remembered(held, (Delivery(NOW, "smtp", True),)) == ()


def test_what_came_of_no_unit_is_no_unit(house: House) -> None:
    came = {**{f"单位{n}": 2 for n in range(6)}, "": 3}
    assert "（收件箱根目录 3、单位0 2" in (told := text(msgspec.structs.replace(night(house, later(1)), came=came)))
    assert "等 6 个单位" in told


def test_night_after_night_only_what_is_new_is_told(house: House) -> None:
    first = night(house, NOW)
    assert first.since is None and first.before is None and first.came == {OFFICE: 1} and first.new == 1
    assert first.after[CellState.USABLE] == 1 and "没有可比的上一次" in text(first)
    document(house.inbox / SCHOOLS / "III58-1 文明校园创建方案.txt", title="文明校园创建方案", number="示教发〔2026〕3号")
    second = night(house, later(1))
    assert second.since == NOW and second.came == {SCHOOLS: 1} and second.new == 1
    assert second.before is not None and second.before[CellState.USABLE] == 1
    assert [(c.item, c.kind, c.after) for c in second.gained] == [("III58-1", EvidenceKind.DOCUMENT, CellState.USABLE)]
    assert f"可用 1/{sum(first.after.values())} → 2/" in text(second) and "III58-1 规范文件" in text(second)
    third = night(house, later(2))
    assert (third.since, third.came, third.new, third.gained, third.lost) == (later(1), {}, 0, (), ())
    assert "没有新来件" in text(third) and "没有变化" in text(third)


def test_when_all_is_well_that_is_said(house: House) -> None:
    night(house, NOW)
    calm = night(house, later(1), audited=True)
    assert digest_text.calm(calm) and "一切正常" in text(calm) and "一切正常" in digest_text.subject(calm, zone=ZONE)
    assert "审计没有发现问题" in text(calm)


def test_what_a_person_decided_by_day_is_told_the_next_night(house: House) -> None:
    night(house, NOW)
    sha = house.manifest()[f"{OFFICE}/{GOOD}"].sha256
    act(house, "return", sha256=sha, unit=OFFICE, due=date(2026, 12, 1))
    made = night(house, later(1))
    assert [(c.item, c.kind) for c in made.lost] == [CELL] and not digest_text.calm(made)
    assert "不再可用 1 格：III18-1 规范文件（现为不可用）" in text(made)
    assert "不再可用 1 格" in digest_text.subject(made, zone=ZONE)
    [unit] = [u for u in made.units if u.name == OFFICE]
    assert unit.returned == 1 and f"{OFFICE}　待办 {unit.open} 格" in text(made)


def test_cells_that_changed_otherwise_are_named(house: House) -> None:
    night(house, NOW)
    act(house, "not_applicable", item="III13-3", kind=EvidenceKind.PHOTO)
    made = night(house, later(1))
    assert made.moved == 1 and "其他变动 1 格：III13-3 实景图片（现为不适用）" in text(made)


def test_the_morning_is_told_of_the_night_and_not_of_nothing(house: House) -> None:
    night(house, NOW)
    document(house.inbox / SCHOOLS / "III58-1 文明校园创建方案.txt", title="文明校园创建方案", number="示教发〔2026〕3号")
    at_night = night(house, later(1))
    before = files_of(house.root / "store")
    with house.open(later(1) + timedelta(hours=6)) as o:
        morning = digest.digest(o)
    assert (morning.since, morning.came, morning.gained) == (at_night.since, at_night.came, at_night.gained)
    assert files_of(house.root / "store") == before, "asking changes nothing"


def test_suspected_secrets_stand_first_and_integrity_before_all_the_rest(house: House) -> None:
    night(house, NOW)
    hostile.produce("secret_pdf", house.inbox / SCHOOLS)
    next(p for p in (house.root / "store" / "objects").rglob("*") if p.is_file()).unlink()
    made = night(house, later(1), audited=True)
    lines = text(made).splitlines()
    secret = next(n for n, x in enumerate(lines) if "疑似涉密" in x)
    integrity = next(n for n, x in enumerate(lines) if "完整可信" in x)
    assert "请立即联系保密办" in lines[secret] and lines[secret + 1].strip().startswith(f"{SCHOOLS}/")
    assert secret < integrity < next(n for n, x in enumerate(lines) if x.startswith("覆盖："))
    assert made.audit is not None and made.audit.problems and "存储中没有的文件" in lines[integrity + 1]
    subject = digest_text.subject(made, zone=ZONE)
    assert subject.index("疑似涉密 1 件") < subject.index("完整性问题") and "一切正常" not in subject


def test_without_an_audit_the_integrity_is_unchecked_and_all_is_not_well(house: House) -> None:
    made = night(house, NOW)
    assert made.audit is None and not digest_text.calm(made) and "未检" in text(made)


def test_no_title_and_no_text_of_a_document_is_told(house: House) -> None:
    document(house.inbox / SCHOOLS / "a.txt", title="独一无二的标题", number="示教发〔2026〕9号")
    (house.inbox / SCHOOLS / "b.txt").write_text("张三丰 13800138000 走访慰问情况", "utf-8")
    made = night(house, NOW)
    with house.open() as o:
        told = text(made) + text(digest.digest(o))
    assert SCHOOLS in told and not any(w in told for w in ("独一无二", "张三丰", "13800138000", "走访"))


def test_the_digest_lies_in_the_reports_and_goes_out_to_everybody(house: House) -> None:
    with MailServer() as server:
        _configure(house, server.address)
        night(house, NOW)
    [mail] = server.mails
    file = (house.root / "reports" / digest.FILE).read_text("utf-8")
    assert mail.message.get_content() == file and file.startswith("c1 夜间简报")
    assert str(mail.message["Subject"]).startswith("【档案】c1 11月21日：")


def test_failing_to_send_fails_no_night_and_is_told_in_the_next_digest_until_it_works_again(house: House) -> None:
    with MailServer() as server:
        address = server.address
    _configure(house, address)
    first = night(house, NOW)  # nobody listens any more
    assert first.failures == () and (house.root / "reports" / digest.FILE).is_file()
    second = night(house, later(1))
    assert [(f.at, f.channel, f.ok) for f in second.failures] == [(NOW, "smtp", False)]
    assert f"简报没有发出：2026-11-21 12:00 连不上邮件服务器 {address}" in text(second) and not digest_text.calm(second)
    with MailServer() as server:
        _configure(house, server.address, instead_of=address)
        third = night(house, later(2))
        assert len(third.failures) == 2 and "简报没有发出" in server.mails[0].message.get_content()
        assert night(house, later(3)).failures == ()


def _configure(house: House, address: str, instead_of: str = "") -> None:
    file = house.root / "dangan.toml"
    said = file.read_text("utf-8")
    if instead_of:
        file.write_text(said.replace(instead_of, address), "utf-8")
    else:
        mail = f'\n[notify]\nsmtp = "{address}"\nfrom = "dangan@example.org"\nto = ["dangzu@example.org"]\ntls = "none"\n'
        file.write_text(said + mail, "utf-8")


def test_a_night_that_broke_off_is_told_of_without_the_store(house: House) -> None:
    with MailServer() as server:
        _configure(house, server.address)
        with house.open() as o:
            place = o.workspace
            digest.night(o)
        gone = UnavailableError("no route", zh="存储连不上", hint="请检查网络")
        digest.tell_failure(place, gone, at=NOW)
        lies = (house.root / "reports" / digest.FILE).read_text("utf-8")
        assert "存储连不上" in lies and "请检查网络" in lies, "and not the night before"
        with house.open() as o:
            asked = digest.digest(o)
        assert "存储连不上" in asked.cautions[0] and "一切正常" not in text(asked), (
            "whoever asks is not told of the night before alone"
        )
        digest.tell_failure(place, RuntimeError("/secret/path"), at=NOW)
        with house.open() as o:
            digest.night(o)
            assert digest.digest(o).cautions == ()
    _, one, two, _ = (m.message for m in server.mails)
    assert "夜间作业没有完成" in one["Subject"] and "存储连不上" in one.get_content() and "请检查网络" in one.get_content()
    assert "RuntimeError" in two.get_content() and "/secret/path" not in two.get_content()


def test_what_came_and_was_kept_out_is_told_whatever_the_clock_says(house: House) -> None:
    night(house, later(30))
    document(house.inbox / SCHOOLS / "III58-1 文明校园创建方案.txt", title="文明校园创建方案", number="示教发〔2026〕3号")
    hostile.produce("traversal_zip", house.inbox / SCHOOLS)
    set_back = night(house, later(1))
    assert (set_back.came, set_back.new, len(set_back.quarantined)) == ({SCHOOLS: 1}, 1, 1) and "没有新来件" not in text(
        set_back
    )
    again = night(house, later(-9))
    assert (again.came, again.new, again.quarantined) == ({}, 0, ())
    document(house.inbox / OFFICE / "再来.txt", title="文明单位管理办法", number="示文明办发〔2026〕9号")
    last = night(house, later(60))
    assert (last.came, last.new, last.quarantined) == ({OFFICE: 1}, 1, ()), "nor is anything told twice"


def test_what_is_new_is_known_without_reading_what_was_long_before(house: House) -> None:
    night(house, later(0))
    for n in (1, 2):
        document(house.inbox / SCHOOLS / f"第{n}份.txt", title=f"文明校园创建第{n}方案", number=f"示教发〔2026〕{n}号")
        night(house, later(n))
    house.segments()[0].write_bytes(b"spoilt")
    document(house.inbox / OFFICE / "再来.txt", title="文明单位管理办法", number="示文明办发〔2026〕9号")
    (house.inbox / OFFICE / "又来.txt").write_bytes((house.inbox / SCHOOLS / "第1份.txt").read_bytes())
    last = night(house, later(3))
    assert (last.came, last.new) == ({OFFICE: 2}, 1), "known bytes from another unit are no new ones"


def test_a_spoilt_segment_at_the_last_digest_hides_nothing_new_and_makes_nothing_old_new(house: House) -> None:
    night(house, later(0))
    with house.open() as o:
        held = digest.kept(o)
    assert held is not None
    seq = int(held.after.head.partition(":")[0])
    document(house.inbox / OFFICE / "再来.txt", title="文明单位管理办法", number="示文明办发〔2026〕9号")
    house.ingest()
    next(s for s in house.segments() if int(s.name.partition("-")[0]) == seq).write_bytes(b"spoilt")
    last = night(house, later(2))
    assert (last.came, last.new) == ({OFFICE: 1}, 1)


def test_the_command_shows_sends_and_says_when_it_cannot(house: House) -> None:
    ws = ("-C", str(house.root))
    night(house, NOW)
    answer = dangan(*ws, "digest", "--format", "json")
    conforms(answer.json, "digest")
    assert answer.json["came"] == {OFFICE: 1} and answer.json["secrets"] == []
    assert "夜间简报" in dangan(*ws, "digest").out
    assert dangan(*ws, "digest", "--send").code == 2
    with MailServer() as server:
        _configure(house, server.address)
        assert dangan(*ws, "digest", "--send").out == "简报已发出\n"
        assert len(server.mails) == 1
    failed = dangan(*ws, "digest", "--send")
    assert failed.code == 3 and "连不上" in failed.err
    assert "简报没有发出" in dangan(*ws, "digest").out


def test_a_workspace_where_nothing_ever_ran_has_a_digest_too(tmp_path: Path) -> None:
    house = House.build(tmp_path / "empty")
    with house.open() as o:
        made = digest.digest(o)
    assert made.came == {} and made.head is None and "没有新来件" in text(made)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('smtp = "mail"\nfrom = "a@b"\nto = ["c@d"]', "主机:端口"),
        ('smtp = "mail:25"\nfrom = "a@b"\nto = "c@d"', "[notify]"),
        ('smtp = "mail:25"\nfrom = "a@b"\nto = ["c@d"]\npassword = "x"', "只能有 smtp、from、to、user、tls、block"),
    ],
)
def test_a_wrong_notification_is_said_before_the_night(house: House, lines: str, said: str) -> None:
    file = house.root / "dangan.toml"
    file.write_text(file.read_text("utf-8") + f"\n[notify]\n{lines}\n", "utf-8")
    answer = dangan("-C", str(house.root), "coverage")
    assert answer.code == 2 and said in answer.err


def test_the_workspace_as_made_sends_nothing(house: House) -> None:
    with house.open() as o:
        assert o.workspace.notify == Notify()


def test_the_board_counts_what_was_sent_what_was_late_and_what_was_sent_back(house: House) -> None:
    with (house.root / "cycle.toml").open("a", encoding="utf-8") as cycle:
        cycle.write('\n[[requirement]]\nitem = "III18-1"\ndeadline = 2026-11-01\n')
    night(house, NOW)
    sha = house.manifest()[f"{OFFICE}/{GOOD}"].sha256
    with house.open() as o:
        board = {u.name: u for u in coverage_report(o).board}
    assert (board[OFFICE].arrived, board[OFFICE].late, board[OFFICE].on_time) == (1, 1, 0.0), "seen on 21 November"
    assert (board[OFFICE].usable, board[OFFICE].overdue) == (1, 2), "photos and table of III18-1 are not there"
    assert board[SCHOOLS].arrived == 0 and board[SCHOOLS].on_time is None
    act(house, "return", sha256=sha, unit=OFFICE, due=date(2026, 12, 1))
    with house.open() as o:
        again = {u.name: u for u in coverage_report(o).board}[OFFICE]
        [alone] = coverage_report(o, unit=OFFICE).board
        totals = {u.name: u.totals for u in coverage_report(o).coverage.units}[OFFICE]
    assert (again.returned, again.usable, again.overdue) == (1, 0, 3) and alone == again
    assert again.open == totals[CellState.MISSING] + totals[CellState.UNUSABLE] + totals[CellState.IN_REVIEW]


def test_what_was_taken_out_of_the_inbox_is_told_once_and_what_was_renamed_replaced_or_withdrawn_is_not(house: House) -> None:
    schools = house.inbox / SCHOOLS
    for n, name in enumerate(("留.txt", "换.txt", "改名.txt", "撤.txt", "走.txt")):
        document(schools / name, title=f"文明校园创建第{n}方案", number=f"示教发〔2026〕{n + 3}号")
    first = night(house, NOW)
    assert (first.gone, first.emptied) == ({}, False)
    act(house, "withdraw", sha256=house.manifest()[f"{SCHOOLS}/撤.txt"].sha256)
    (schools / "撤.txt").unlink()
    (schools / "走.txt").unlink()
    (schools / "改名.txt").rename(schools / "新名.txt")
    document(schools / "换.txt", title="文明校园创建新方案", number="示教发〔2026〕30号")
    house.ingest()  # by day: the night tells of it all the same
    told = night(house, later(1))
    assert told.gone == {SCHOOLS: 1} and not digest_text.calm(told)
    assert "不再在收件箱 1 件（市教育局 1）" in text(told) and "照旧计入" in text(told)
    again = night(house, later(2))
    assert again.gone == {} and "不再在收件箱" not in text(again)


def test_an_inbox_that_stays_empty_is_no_night_in_which_all_is_well(house: House) -> None:
    night(house, NOW, audited=True)
    (house.inbox / OFFICE / GOOD).unlink()
    for n in (1, 2, 3):
        made = night(house, later(n), audited=True)
        assert made.emptied and not digest_text.calm(made)
        assert "是否已连接" in text(made) and "一切正常" not in digest_text.subject(made, zone=ZONE)


def test_of_two_nights_at_one_time_the_later_tells_the_news_too(house: House) -> None:
    night(house, NOW)
    document(house.inbox / SCHOOLS / "III58-1 文明校园创建方案.txt", title="文明校园创建方案", number="示教发〔2026〕3号")
    first = night(house, later(1))
    with house.open(later(1) + timedelta(minutes=5)) as o:
        beside = digest.night(o, began=later(1) - timedelta(minutes=1))
    assert first.came == beside.came == {SCHOOLS: 1} and beside.since == NOW
    with house.open(later(2)) as o:
        assert digest.night(o, began=later(2)).came == {}
    with house.open(later(-3)) as o:
        assert digest.night(o, began=later(-3)).came == {}, "a digest of the future says nothing of what ran beside"


def test_cells_that_the_catalogue_no_longer_has_are_told_and_are_no_night_without_change(house: House) -> None:
    night(house, NOW, audited=True)
    with house.open(later(1)) as o:
        report = coverage_report(o)
        kept = digest.kept(o)
        assert kept is not None
        cells = {**kept.after.cells, "III99-1|规范文件": CellState.USABLE, "III99-1|实景图片": CellState.MISSING}
        digest._keep(o, msgspec.structs.replace(kept, after=msgspec.structs.replace(kept.after, cells=cells)))
        made = digest.night(o, audited=nightly.nightly_audit(o))
    assert made.before is not None and made.before[CellState.USABLE] == 2 and made.after[CellState.USABLE] == 1
    assert made.dropped == {CellState.USABLE: 1, CellState.MISSING: 1} and not digest_text.calm(made)
    line = "目录换版，不再要求 2 格，原来可用 1 格"
    assert line in text(made) and "没有变化" not in text(made)
    changes = Changes(since=NOW, since_head="1:ab", dropped=made.dropped)
    told = msgspec.structs.replace(report, changes=changes)
    assert line in coverage_text.render(told) and line in coverage_html.render(told)


def test_the_report_of_a_run_after_another_catalogue_counts_what_it_dropped(house: House) -> None:
    with house.open() as o:
        now = coverage_report(o).coverage
        cells = {f"{i.id}|{r.kind}": r.state for i in now.items for r in i.requirements}
        for n, more in enumerate(({"III99-1|规范文件": CellState.USABLE}, {})):
            run = new_run(later(n + 1))
            snapshot = digest.Snapshot(run=run, at=later(n + 1), head=now.head or "", cells=cells | more)
            cycle_reports.put(o, cycle_reports.COVERAGE, msgspec.json.encode(snapshot), run=run)
        changes = coverage_report(o).changes
    assert changes is not None and changes.dropped == {CellState.USABLE: 1}
    with house.open() as o:
        of_one = coverage_report(o, unit=OFFICE).changes
    assert of_one is not None and of_one.dropped == {}, "whose they were is not known any more"
