"""What the doctor says of the place we run in."""

from __future__ import annotations

from dangan import settings
from flows.doctor import doctor
from tests.flows.house import files_of


def test_the_doctor_says_what_is_well_and_what_was_not_probed(archived) -> None:
    house, _ = archived
    before = files_of(house.root / "store")
    probes = doctor(settings.load(house.root, env={}))
    assert {p.name: p.ok for p in probes}["存储读写"] is True
    assert [p for p in probes if p.ok is False] == []
    assert files_of(house.root / "store") == before, "the probe is removed"
    (house.root / "cycle.toml").write_text("[cycle\n", "utf-8")
    assert any(p.ok is False for p in doctor(settings.load(house.root, env={})))


def test_the_doctor_says_what_cannot_be_read_here_and_never_calls_it_well(archived, monkeypatch) -> None:
    house, _ = archived
    monkeypatch.setattr("intake.readers.Component.present", lambda component: component.name != "soffice")
    monkeypatch.setattr("intake.ocr.available", lambda: False)
    probes = {p.name: p for p in doctor(settings.load(house.root, env={}))}
    word, ocr = probes["读旧版 Word 文件"], probes["扫描件文字识别(OCR)"]
    assert word.ok is None and "libreoffice-writer-nogui" in word.text and "未检" in word.text
    assert ocr.ok is None and "未检" in ocr.text
    assert probes["读RAR 压缩包"].ok is True
