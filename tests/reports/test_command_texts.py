"""What ingest, inspect and audit say."""

from __future__ import annotations

import io

import openpyxl

from archive_schema.audit import AuditReport, AuditStep
from archive_schema.evidence import Fact
from archive_schema.outputs import (
    AuditCompleteness,
    AuditIntegrity,
    AuditOutput,
    AuditProblem,
    ClassifyKind,
    IngestOutput,
    InspectFinding,
    InspectOutput,
    InspectPlacement,
)
from archive_schema.report import FormProblem, InboxNote, ShownFinding
from archive_schema.words import CellState, EvidenceKind, PlacementMethod, PlacementStatus, Severity
from reports import audit_html, audit_text, audit_xlsx, ingest_text, inspect_text
from tests.reports import example, hostile
from tests.reports.test_coverage_html import assert_loads_nothing

INGEST = IngestOutput(10, 5, 2, 1, 1, 1, 3, "run-1", "ab" * 32)


def test_the_accounting_shows_its_arithmetic() -> None:
    text = ingest_text.render(INGEST)
    assert "发现 = 新收 + 已有 + 隔离 + 等待 + 忽略\n10 = 5 + 2 + 1 + 1 + 1\n" in text
    for wanted in ("另从压缩包和文档中取出 3 件", "run-1", "ab" * 32, "下一步："):
        assert wanted in text
    assert "账目不平" not in text


def test_an_accounting_that_does_not_add_up_is_shown_as_wrong() -> None:
    assert "11 ≠ 5 + 2 + 1 + 1 + 1 = 10：账目不平" in ingest_text.render(IngestOutput(11, 5, 2, 1, 1, 1, 0, "r", "d"))


def test_a_suspected_secret_comes_first_and_is_never_cut_off() -> None:
    notes = [InboxNote("单位", f"{n}.pdf", "quarantined", "超过上限", 1) for n in range(60)]
    notes += [InboxNote("市公安局", f"密{n}.pdf", "quarantined", "疑似涉密: 秘密", 1) for n in range(30)]
    text = ingest_text.render(INGEST, notes)
    assert text.count("请立即联系保密办") == 30
    assert text.index("密0.pdf") < text.index("下一步：立即联系保密办")
    assert "另有 60 件" in text


def test_whom_to_call_is_said_once() -> None:
    note = InboxNote("市公安局", "密.pdf", "quarantined", "疑似涉密(密级标志“秘密”);请立即联系保密办", 1)
    assert ingest_text.render(INGEST, [note]).count("请立即联系保密办") == 1


def test_findings_and_unknown_folders_are_listed() -> None:
    findings = [
        ShownFinding("B", Severity.WARNING, "fail", "b.pdf: 迟交", ""),
        ShownFinding("A", Severity.BLOCKING, "unchecked", "a.ofd: 打不开此格式", "请另存为 PDF"),
    ]
    text = ingest_text.render(INGEST, (), findings, unknown_folders={"文明办材料": "市文明办"})
    assert text.index("未检  a.ofd: 打不开此格式 处理：请另存为 PDF") < text.index("警告  b.pdf")
    assert "不认识的文件夹“文明办材料”：是否指“市文明办”" in text


def test_of_thousands_of_bad_files_the_worst_are_named_and_where_the_rest_stand() -> None:
    received = [ShownFinding("N", Severity.WARNING, "fail", f"市妇联/{n}.docx: 迟交", "") for n in range(3000)]
    received += [ShownFinding("E", Severity.BLOCKING, "fail", "市妇联/密.pdf: 有密码,打不开", "请去掉密码")]
    text = ingest_text.render(INGEST, received=received)
    assert "本次收进的文件有问题 3001 条" in text
    assert text.index("阻断  市妇联/密.pdf: 有密码,打不开 处理：请去掉密码（E）") < text.index("迟交")
    assert text.count("迟交") == 9 and "另有 2991 条，见 dangan coverage 或 dangan manifest --format csv" in text
    assert "本次收进" not in ingest_text.render(INGEST)


def test_what_cannot_be_used_of_forms_is_listed_with_whom_to_ask() -> None:
    forms = [FormProblem("市妇联", "提交表.csv", f"第 {n} 行: 找不到文件“{n}.docx”") for n in range(30)]
    text = ingest_text.render(INGEST, forms=forms)
    assert "提交表的问题 30 处" in text and "\n  市妇联/提交表.csv：第 0 行: 找不到文件“0.docx”\n" in text
    assert "另有 10 处，见覆盖情况" in text and "请报送单位改正提交表" in text
    assert "提交表" not in ingest_text.render(INGEST)


def test_an_empty_inbox_says_what_to_do() -> None:
    assert "放入收件夹" in ingest_text.render(IngestOutput(0, 0, 0, 0, 0, 0, 0, "", "d"))


def test_inspect_shows_facts_in_order_with_doubts_and_unchecked() -> None:
    one = InspectOutput(
        "a.pdf",
        "application/pdf",
        {
            "pages": Fact(3),
            "issued_on": Fact("2026-03-01", confidence=0.8, page=2, others=("2026-03-07",)),
            "title": Fact("关于\u202e印发方案的通知"),
            "seal": Fact(None),
        },
        ClassifyKind(EvidenceKind.DOCUMENT, 0.9),
        [
            InspectPlacement(
                "III1-1", EvidenceKind.DOCUMENT, PlacementMethod.NUMBER, None, PlacementStatus.IN_REVIEW, ["文件名有编号"]
            )
        ],
        [InspectFinding("DRAFT", Severity.BLOCKING, "a.pdf 是征求意见稿", "请提交正式文件")],
        ["SEAL"],
    )
    text = inspect_text.render([one])
    assert text.index("标题") < text.index("成文日期") < text.index("印章") < text.index("页数")
    for wanted in (
        "成文日期  2026-03-01（第 2 页，可信 0.80，另读作 2026-03-07）",
        "印章      未读到",
        "III1-1 规范文件  待复核  依据 编号（未评分）  文件名有编号",
        "阻断  a.pdf 是征求意见稿 处理：请提交正式文件（DRAFT）",
        "未检 SEAL（未检不等于通过）",
        "未存入档案",
    ):
        assert wanted in text, wanted
    assert "\u202e" not in text


def problem(nature: str, key: str = "objects/sha256/ab/ab") -> AuditProblem:
    return AuditProblem("DIGEST", nature, key, "ab", None)


AUDIT = AuditOutput(
    "3:ff",
    "full",
    AuditIntegrity(False, [problem("完整性", "b"), problem("真实性"), problem("完整性", "a")]),
    AuditCompleteness(False, dict.fromkeys(CellState, 2)),
    ["无外部锚点"],
)


def test_the_audit_tells_integrity_and_completeness_apart() -> None:
    text = audit_text.render(AUDIT)
    assert "【完整可信】 发现 3 个问题" in text
    assert "【齐全可用】 应交材料尚未齐全" in text
    assert text.index("真实性 1 个") < text.index("完整性 2 个")
    assert text.index(" a（DIGEST）") < text.index(" b（DIGEST）")
    assert "应为 ab  实为 —" in text
    assert "【未检 1 项】 未检不等于通过\n  无外部锚点" in text


def test_the_page_sets_what_was_unchecked_and_gone_through_as_chinese_is_set_and_leaves_names() -> None:
    unseen = "先前审计发现的 1 个问题这次没有再看: “row.missing 甲局/表,二.pdf”"
    output = AuditOutput(None, "fast", None, None, ["没有重新打开文件,没有查毒", unseen])
    report = AuditReport("2026", example.GENERATED, output, steps=(AuditStep("逐字节核对", 3, 0, 1.5),))
    page = audit_html.render(output, generated_at=example.GENERATED, zone="Asia/Shanghai", report=report)
    for wanted in ("没有重新打开文件，没有查毒", "没有再看：“row.missing 甲局/表,二.pdf”", "逐字节核对：3 件，用时 1.5 秒"):
        assert wanted in page, wanted


def test_a_workbook_of_an_audit_without_problems_says_so_where_they_would_stand() -> None:
    def problems(part: AuditIntegrity | None) -> list[object]:
        report = AuditReport("2026", example.GENERATED, AuditOutput(None, "fast", part, None, []))
        book = openpyxl.load_workbook(io.BytesIO(audit_xlsx.render(report, zone="Asia/Shanghai")))
        return [row[0] for row in book["问题"].iter_rows(values_only=True)]

    assert problems(AuditIntegrity(ok=True, problems=[])) == ["没有发现问题。", None, "性质"]
    assert problems(None) == ["本次未检。", None, "性质"]
    assert problems(AUDIT.integrity)[:2] == ["性质", "真实性"]


def test_a_part_left_out_of_the_audit_is_unchecked_not_passed() -> None:
    text = audit_text.render(AuditOutput(None, "fast", None, None, []))
    assert "【完整可信】 本次未检" in text
    assert "【齐全可用】 本次未检" in text
    page = audit_html.render(AuditOutput(None, "fast", None, None, []), generated_at=example.GENERATED, zone="Asia/Shanghai")
    assert page.count("<b>未检</b> 本次未检") == 2


def test_a_known_problem_is_said_in_chinese_with_what_to_do() -> None:
    meanings = {"DIGEST": ("字节与清单不符", "从备份恢复")}
    text = audit_text.render(AUDIT, meanings=meanings)
    assert "字节与清单不符: a（DIGEST）" in text and "处理：从备份恢复" in text
    page = audit_html.render(AUDIT, generated_at=example.GENERATED, zone="Asia/Shanghai", meanings=meanings)
    assert "字节与清单不符" in page and "从备份恢复" in page


def test_the_audit_page_loads_nothing_and_lists_every_problem() -> None:
    html = audit_html.render(AUDIT, generated_at=example.GENERATED, zone="Asia/Shanghai", title="某市 2026")
    assert_loads_nothing(html)
    assert html.count("<td>DIGEST</td>") == 3
    assert "2026年11月21日" in html


def test_hostile_keys_are_harmless_in_every_text() -> None:
    audit = AuditOutput(None, "full", AuditIntegrity(False, [problem(x, x) for x in hostile.NAMES]), None, list(hostile.NAMES))
    notes = [InboxNote(x, x, "waiting", x, 1) for x in hostile.NAMES]
    facts = {x: Fact(x, others=(x,)) for x in hostile.NAMES}
    files = [InspectOutput(x, x, facts, None, [], [], [x]) for x in hostile.NAMES]
    for text in (audit_text.render(audit), ingest_text.render(INGEST, notes), inspect_text.render(files)):
        text.encode("utf-8")
        assert not set(text) & set("\x00\x1b\u202e")
    assert_loads_nothing(audit_html.render(audit, generated_at=example.GENERATED, zone="Asia/Shanghai"))
