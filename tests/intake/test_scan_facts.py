"""What rows read by OCR say of a document: confidence, readings that differ, the seal; no engine is needed."""

from __future__ import annotations

from intake.scan import Recognised, Spoken, document_facts, note, ranges, text_of


def rows(*texts: str | tuple[str, float] | tuple[str, float, str], near: tuple[int, ...] = ()) -> list[Spoken]:
    out = []
    for n, t in enumerate(texts):
        text, score, other = (*((t, 0.99) if isinstance(t, str) else t), "")[:3]
        out.append(Spoken(str(text), float(score), str(other), n in near))
    return out


HEAD = rows("示例市教育局文件", ("示教发〔2026〕17号", 0.91), "示例市教育局关于开展创建活动的通知", "各县（区）教育局：")


def test_facts_have_the_confidence_of_their_least_sure_row_and_say_that_ocr_read_them() -> None:
    seen = Recognised(rows={1: HEAD, 3: rows("特此通知。", "示例市教育局", ("2026年3月12日", 0.72))})
    facts = document_facts(seen, {}, base="pdf@2")
    assert facts["document_number"].confidence == 0.91 and facts["document_number"].method == "ocr@1/head"
    assert facts["issued_on"].confidence == 0.72 and facts["issued_on"].page == 3
    assert "seal" not in facts, "pages without colour say nothing about a red ring"


def test_a_second_reading_that_differs_is_kept_beside_the_first() -> None:
    signature = rows("示例市教育局", ("2026年3月12日", 0.9, "2026年3月2日"), near=(0, 1))
    seen = Recognised(rows={1: [*HEAD, *signature]}, sealed={1: 1}, colour=True, signed=1)
    facts = document_facts(seen, {}, base="pdf@2")
    assert facts["issued_on"].value == "2026-03-12" and facts["issued_on"].others == ("2026-03-02",)
    assert facts["seal"].value is True


def test_what_only_the_second_reading_makes_out_is_taken_from_it() -> None:
    signature = rows("示例市教育局", ("20Z6年3月1Z日", 0.9, "2026年3月12日"))
    facts = document_facts(Recognised(rows={1: [*HEAD, *signature]}), {}, base="pdf@2")
    assert facts["issued_on"].value == "2026-03-12"


def test_a_seal_is_present_absent_or_unknown() -> None:
    def seal(**seen: object) -> object:
        signed = rows("示例市教育局", "2026年3月12日", near=(1,) if seen.get("sealed") else ())
        fact = document_facts(Recognised(rows={1: [*HEAD, *signed]}, signed=1, **seen), {}, base="pdf@2").get("seal")  # type: ignore[arg-type]
        return fact and fact.value

    assert seal(sealed={1: 1}, colour=True) is True
    assert seal(sealed={}, colour=True) is False
    assert seal(sealed={}, colour=False) is None
    unsigned = Recognised(rows={1: HEAD}, sealed={4: 1}, colour=True)
    assert document_facts(unsigned, {}, base="pdf@2")["seal"].method == "ocr@1/seal-unsigned"


def test_pages_with_a_text_layer_and_scanned_ones_make_one_document() -> None:
    texts = {1: [s.text for s in HEAD], 2: ["正文。"]}
    seen = Recognised(rows={3: rows("示例市教育局", "2026年3月12日")})
    facts = document_facts(seen, texts, base="pdf@2")
    assert facts["title"].method == "pdf@2/head" and facts["title"].confidence is None
    assert facts["issued_on"].method == "ocr@1/signature" and facts["issued_on"].page == 3
    assert text_of(seen, texts).split("\f")[1:] == ["正文。", "示例市教育局\n2026年3月12日"]


def test_organs_that_sign_side_by_side_are_told_apart_by_the_red_head() -> None:
    head = rows("示例市教育局", "示例市公安局文件", "示教发〔2026〕17号", "关于开展创建活动的通知", "各县（区）教育局：")
    seen = Recognised(rows={1: [*head, *rows("示例市教育局示例市公安局", "2026年3月12日")]})
    facts = document_facts(seen, {}, base="pdf@2")
    assert facts["issuer"].value == facts["signer"].value == "示例市教育局、示例市公安局"
    assert facts["issuer"].others == ()


def test_of_a_document_under_secrecy_nothing_else_is_told() -> None:
    seen = Recognised(rows={1: HEAD}, secrecy=("机密", "机密★1年", 2))
    assert set(document_facts(seen, {}, base="pdf@2")) == {"secrecy"}


def test_pages_that_were_not_looked_at_are_named() -> None:
    assert "第 7–9、12 页因识别时限未看" in note(Recognised(late=[7, 8, 9, 12]))
    assert "识别全文" in note(Recognised(full=True)) and "正文未识别" in note(Recognised())
    assert ranges([1, 2, 3, 7]) == "1–3、7"


def test_a_first_line_that_ocr_is_not_sure_of_is_no_title() -> None:
    def title(*lines: str | tuple[str, float]) -> object:
        fact = document_facts(Recognised(rows={1: rows(*lines)}), {}, base="image@3").get("title")
        return fact and fact.value

    assert title(("＃キ册キ＃干廿＃##", 0.51), "人民广场") is None
    assert title("志愿服务记录", "人民广场") == "志愿服务记录"
    assert title(("示例市教育局关于开展创建活动的通知", 0.6), "各县（区）教育局：") == "示例市教育局关于开展创建活动的通知", (
        "its words say so"
    )
