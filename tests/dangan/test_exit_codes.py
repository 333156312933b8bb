"""0 done, 1 the audit found something blocking, 2 wrong use or configuration, 3 store or index unreachable or our own fault."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from archive_schema import errors
from dangan import cli
from tests.dangan import town
from tests.dangan.line import PROGRAM, Line, dangan, process


def test_an_audit_of_an_incomplete_archive_ends_with_1(settled: Line) -> None:
    assert settled("audit", code=1).out
    assert settled("audit", "--only", "completeness", code=1).out


def test_an_intact_archive_is_intact_however_much_is_missing(settled: Line) -> None:
    assert settled("audit", "--only", "integrity").code == 0


def test_what_an_audit_was_told_to_leave_out_is_unchecked_and_no_anchor_is_passed_over(settled: Line, tmp_path: Path) -> None:
    completeness = settled("audit", "--only", "completeness", "--format", "json", code=1).json
    assert completeness["unchecked"] == ["完整性这次没有审: 清单、签名和字节都没有核对"]
    assert "齐全性这次没有审" in settled("audit", "--only", "integrity", "--format", "json").json["unchecked"]
    assert "去掉 --only" in settled("audit", "--only", "completeness", "--expect", f"1:{'0' * 64}", code=2).err
    (tmp_path / "公钥").write_text("")
    assert "--trusted" in settled("audit", "--only", "completeness", "--trusted", str(tmp_path / "公钥"), code=2).err


def test_an_audit_whose_report_the_store_does_not_take_still_says_what_it_found(ws: Line, tmp_path: Path) -> None:
    whole = ws("audit", "--only", "integrity").out
    kept = ws.root / "store" / "reports" / "audit"
    kept.rename(tmp_path / "audit")
    kept.write_bytes(b"")  # where a folder cannot be
    said = ws("audit", "--only", "integrity", code=3)
    assert "【完整可信】" in whole and "【完整可信】" in said.out
    assert "没有存入存储" in said.err and "怎么办" in said.err


def test_an_audit_of_what_is_damaged_says_so_in_chinese_alone(ws: Line, caplog: pytest.LogCaptureFixture) -> None:
    [head] = (ws.root / "store").glob("cycles/*/HEAD.json")
    head.unlink()
    assert "HEAD.json" in ws("audit", "--only", "integrity", code=1).out
    assert [r.getMessage() for r in caplog.records if r.levelname == "WARNING"] == [], "which goes to the terminal"


def test_a_complete_archive_ends_with_0(ws: Line) -> None:
    """Everything but one item is not applicable, and that item's cells are settled."""
    cycle = ws.root / "cycle.toml"
    file = ws.root / "目录.xlsx"
    ws("catalogue", "export", "national-2017", "-o", str(file))
    book = load_workbook(file)
    for rows in (book["测评标准"], book["词语"]):
        heads = {c.value: c.column for c in rows[1]}
        for n in range(rows.max_row, 1, -1):
            if rows.cell(n, heads["编号"]).value != "III18-1":
                rows.delete_rows(n)
        if "易混标准" in heads:
            rows.cell(2, heads["易混标准"]).value = None
    head = book["目录说明"]
    for n in range(head.max_row, 1, -1):
        if str(head.cell(n, 1).value).endswith(("数", "总数")):
            head.delete_rows(n)
    book.save(file)
    ws("catalogue", "import", str(file), "--as", "one")
    assert "catalogue/one" in cycle.read_text("utf-8")
    ws("review", "attest", town.UNDATED, "table_date=2026年", "--by", "张三", "--reason", "看过原件")
    ws.ingest()
    assert ws.coverage()["item_totals"] == {"missing": 0, "unusable": 0, "in_review": 0, "usable": 1, "not_applicable": 0}
    assert ws("audit").code == 0


@pytest.mark.parametrize("damage", ["delete", "shorten"])
def test_a_damaged_object_ends_with_1_and_is_named(damage: str, ws: Line) -> None:
    m = ws.manifest()[town.NOTICE]
    file = ws.root / "store" / m["object_key"]
    data = file.read_bytes()
    file.unlink()
    if damage == "shorten":
        file.write_bytes(data[:-1])
    found = ws("audit", "--only", "integrity", "--format", "json", code=1).json
    assert [p["key"] for p in found["integrity"]["problems"]] == [m["object_key"]]
    assert m["object_key"] in ws("audit", "--only", "integrity", code=1).out


def test_a_changed_list_ends_with_1(ws: Line) -> None:
    segments = sorted((ws.root / "store" / "cycles" / "c1" / "manifest").iterdir())
    [one, *_] = [s for s in segments if town.LEAD.encode() in s.read_bytes()]
    one.chmod(0o644)
    one.write_bytes(one.read_bytes().replace(town.LEAD.encode(), town.SCHOOLS.encode(), 1))
    answer = ws("audit", "--only", "integrity", code=1)
    assert one.name in answer.out


def test_the_audit_finds_a_series_that_was_rolled_back(ws: Line) -> None:
    noted = ws.digest()[1]
    assert ws("audit", "--only", "integrity", "--expect", noted).code == 0
    wrong = f"{noted.partition(':')[0]}:{'0' * 64}"
    assert ws("audit", "--only", "integrity", "--expect", wrong, code=1).out
    assert "不是清单之首" in ws("audit", "--expect", "yesterday", code=2).err


def test_an_anchor_noted_down_in_part_is_compared_as_far_as_it_goes(ws: Line) -> None:
    seq, _, digest = ws.digest()[1].partition(":")

    def unchecked(noted: str, code: int = 0) -> str:
        return "\n".join(ws("audit", "--only", "integrity", "--expect", noted, "--format", "json", code=code).json["unchecked"])

    assert "这 12 位相符,其余 52 位没有核对" in unchecked(f"{seq}:{digest[:12]}")
    assert "外部锚点" not in unchecked(f"{seq}:{digest}")
    other = "0" if digest[11] != "0" else "1"
    assert "相符" not in unchecked(f"{seq}:{digest[:11]}{other}", code=1), "one digit apart is another series"
    assert "至少抄前 12 位" in ws("audit", "--expect", f"{seq}:{digest[:11]}", code=2).err


def test_the_report_shows_the_whole_anchor_at_its_head(ws: Line) -> None:
    ws("coverage", "--format", "html", "-o", str(ws.root / "c.html"))
    page = (ws.root / "c.html").read_text("utf-8")
    [noted] = re.findall(r"<dt>清单之首</dt><dd><code[^>]*>([^<]+)</code>", page)
    assert noted == ws.digest()[1]
    assert ws("audit", "--only", "integrity", "--expect", noted).code == 0


def test_an_audit_changes_nothing_but_its_own_report(ws: Line) -> None:
    def kept() -> dict[str, bytes]:
        store = ws.root / "store"
        return {
            str(p.relative_to(store)): p.read_bytes()
            for p in store.rglob("*")
            if p.is_file() and p.relative_to(store).parts[0] != "reports"
        }

    def reports() -> set[str]:
        return {str(p) for p in (ws.root / "store" / "reports").rglob("*.json")}

    before, digest, there = kept(), ws.digest(), reports()
    ws("audit", code=1)
    assert kept() == before and ws.digest() == digest
    [new] = reports() - there
    assert Path(new).parent == ws.root / "store" / "reports" / "audit"


# -- our own errors -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.UsageError("e", zh="用法不对", hint="换个用法"), 2),
        (errors.DataError("e", zh="表不对", problems=("第 3 行",)), 2),
        (errors.UnavailableError("e", zh="存储不可用"), 3),
        (errors.ConflictError("e", zh="别处正在写"), 3),
        (errors.IntegrityError("e", zh="存储的字节变了"), 1),
        (errors.InternalError("e", zh="程序出错"), 3),
        (KeyboardInterrupt(), 2),
        (RuntimeError("broken"), 3),
        (OSError("disk"), 3),
        (BrokenPipeError("a pipe to a process of ours"), 3),
    ],
)
def test_every_error_ends_with_the_code_of_the_contract(
    error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("validators.checks.explain", fail)
    answer = dangan("checks", "explain", "WINDOW")
    assert answer.code == code and answer.out == ""
    assert "Traceback" not in answer.err
    if isinstance(error, errors.DanganError):
        assert f"错误: {error.zh}" in answer.err and (not error.hint or f"怎么办: {error.hint}" in answer.err)
        assert all(p in answer.err for p in getattr(error, "problems", ()))
    else:
        assert "已存档的不受影响" in answer.err


def test_an_internal_error_can_be_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("validators.checks.explain", fail)
    monkeypatch.setenv("DANGAN_DEBUG", "1")
    with pytest.raises(RuntimeError, match="broken"):
        cli.run(["checks", "explain", "WINDOW"])


def test_a_damaged_index_is_said_to_be_unreachable_and_restored(ws: Line) -> None:
    state = ws.digest()[0]
    for file in ws.root.glob("index.sqlite*"):
        file.unlink()
    (ws.root / "index.sqlite").write_bytes(b"no database" * 100)
    answer = ws("coverage", code=None)
    assert answer.code == 3 and "怎么办: " in answer.err and "Traceback" not in answer.err
    (ws.root / "index.sqlite").unlink()
    ws("restore", "--take-over")
    assert ws.digest()[0] == state


# -- processes ----------------------------------------------------------------------------------------------------------


def test_the_program_is_installed_and_ends_with_the_code(settled: Line) -> None:
    done = process("audit", "--only", "completeness", cwd=settled.root)
    assert done.returncode == 1 and done.stderr == ""
    assert process("coverage", "--format", "pdf", cwd=settled.root).returncode == 2


@pytest.mark.parametrize("words", [("catalogue", "show", "national-2017"), ("checks", "list"), ("--help",)])
def test_a_reader_that_goes_away_is_no_error(words: tuple[str, ...]) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run([str(PROGRAM), *words], stdout=write, stderr=subprocess.PIPE, text=True, timeout=60)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


def test_output_that_cannot_be_written_is_wrong_use(settled: Line, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    answer = settled("coverage", "--format", "csv", "-o", str(tmp_path / "file" / "x.csv"), code=2)
    assert "写不了" in answer.err and "怎么办: " in answer.err


def test_a_file_name_that_is_no_utf8_can_be_listed(ws: Line) -> None:
    name = os.fsencode(str(ws.inbox / town.SCHOOLS)) + b"/\xff\xfe.txt"
    Path(os.fsdecode(name)).write_text("示例市文明校园创建情况说明", "utf-8")
    done = process("ingest", "--no-validation", cwd=ws.root)
    assert done.returncode == 0, done.stderr
    for words in (("manifest",), ("coverage",), ("review", "list"), ("inspect", os.fsdecode(name))):
        done = process(*words, cwd=ws.root)
        assert done.returncode == 0, done.stderr


def test_coverage_pages_lie_where_it_is_said(ws: Line) -> None:
    for fmt, head in (("html", b"<!"), ("xlsx", b"PK")):
        said = ws("coverage", "--format", fmt).out.strip()
        assert Path(said).parent == ws.root / "reports" and Path(said).read_bytes()[:2] == head


def test_a_link_that_is_named_is_kept_out_like_one_that_is_found(ws: Line, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.txt"
    target.write_text("示例市文明校园创建情况说明", "utf-8")
    link = ws.inbox / town.SCHOOLS / "链接.txt"
    link.symlink_to(target)
    found = ws("ingest", "--no-validation", str(link), "--format", "json")
    assert (found.json["found"], found.json["quarantined"]) == (1, 1) and "符号链接" in found.err
    assert "不在收件箱" in ws("ingest", str(target), code=2).err


def test_a_report_can_be_written_to_a_pipe_by_its_name(settled: Line) -> None:
    done = process("coverage", "--format", "json", "-o", "/dev/stdout", cwd=settled.root)
    assert done.returncode == 0 and json.loads(done.stdout)["totals"], done.stderr


def test_the_number_of_records_is_printed_beside_the_anchor(ws: Line) -> None:
    [head] = (ws.root / "store").glob("cycles/*/HEAD.json")
    count = json.loads(head.read_bytes())["total"]
    said = f"（共 {count} 条记录）"
    for words in (("coverage",), ("audit",), ("forecast", "--date", "2027-01-01")):
        command = words[0]
        place = ws.root / f"{command}.out"
        for fmt in ("text", "html"):
            ws(*words, "--format", fmt, "-o", str(place.with_suffix(f".{fmt}")), code=None)
            assert said in place.with_suffix(f".{fmt}").read_text("utf-8").replace("</code>", ""), (command, fmt)
        ws(*words, "--format", "xlsx", "-o", str(place.with_suffix(".xlsx")), code=None)
        sheet = load_workbook(place.with_suffix(".xlsx")).worksheets[0]
        assert any(said in str(c) for row in sheet.iter_rows(values_only=True) for c in row), command
    for words in (("checks", "results"), ("digest",), ("manifest", "--digest"), ("restore",)):
        assert said in ws(*words).out, words
    ws("checks", "results", "--format", "html")
    assert said in (ws.root / "reports" / "表格检查.html").read_text("utf-8")
    ws("assignments", str(ws.root / "sheets"), "--unit", town.COURT)
    [sheet] = (ws.root / "sheets").glob("*.docx")
    assert said in ZipFile(sheet).read("word/document.xml").decode()
    assert said in ws("export", str(ws.root / "bag")).out
    assert f"Dangan-Record-Count: {count}" in (ws.root / "bag" / "bag-info.txt").read_text("utf-8")
