from __future__ import annotations

import random
from pathlib import Path

import pytest

from archive_schema.cycle import Limits
from archive_schema.evidence import FACT_NAMES, Reading
from archive_schema.words import ReadState
from intake.filetype import true_type
from intake.read import read_file
from tests.intake import make
from tests.intake.make_ofd import IMAGE, letters, ofd, text

INFO = "<ofd:Title>通知(上传稿)</ofd:Title><ofd:Author>王某某</ofd:Author><ofd:CreationDate>2026-03-06</ofd:CreationDate>"
LETTER = [
    text(60, 30, "包头市教育局文件", size=12),
    text(80, 50, "包教发〔2017〕3号"),
    text(60, 70, "关于开展文明校园创建的通知", size=7),
    text(28, 90, "各学校："),
    text(28, 100, "请认真开展创建。"),
]
SIGNED = [text(120, 40, "包头市教育局"), text(120, 50, "2017年3月1日")]


def read(path: Path) -> Reading:
    reading = read_file(path, path.name, Limits())
    assert set(reading.facts) <= set(FACT_NAMES) and reading.media_type == "application/ofd"
    return reading


def values(reading: Reading) -> dict[str, object]:
    return {k: f.value for k, f in reading.facts.items()}


def test_an_ofd_gives_text_pages_metadata_and_the_facts_of_an_official_document(tmp_path: Path) -> None:
    shuffled = list(LETTER)
    random.Random(3).shuffle(shuffled)
    reading = read(ofd(tmp_path / "a.ofd", ["".join(shuffled), IMAGE + "".join(SIGNED)], info=INFO))
    assert reading.state is ReadState.READ and reading.reader == "ofd@2" and reading.detail == ""
    given = {
        "pages": 2,
        "text_chars": 59,
        "garbled": 0.0,
        "pictures": 1,
        "signatures": 0,
        "title": "关于开展文明校园创建的通知",
        "author": "王某某",
        "created_on": "2026-03-06",
        "document_number": "包教发〔2017〕3号",
        "issuer": "包头市教育局",
        "addressee": "各学校",
        "signer": "包头市教育局",
        "issued_on": "2017-03-01",
    }
    assert {k: v for k, v in values(reading).items() if k in given} == given
    assert reading.facts["issued_on"].page == 2 and reading.text.split("\f")[1] == "包头市教育局\n2017年3月1日"


def test_lines_are_put_together_by_where_their_pieces_stand(tmp_path: Path) -> None:
    page = letters(28, 60, "第二行是一个字一个字写的") + text(28, 40, "左", delta="g 1 5.6") + text(100, 40.5, "右")
    page += text(0, 0, "转过的文字", ctm="2 0 0 2 28 80", size=3)
    reading = read(ofd(tmp_path / "a.ofd", [page]))
    assert reading.text == "左  右\n第二行是一个字一个字写的\n转过的文字"


def test_what_stands_on_a_template_is_read_with_every_page(tmp_path: Path) -> None:
    reading = read(
        ofd(tmp_path / "a.ofd", [text(28, 60, "第一页的正文文字"), text(28, 60, "第二页")], template=text(28, 20, "页眉的文字"))
    )
    assert reading.text == "页眉的文字\n第一页的正文文字\f页眉的文字\n第二页"


def test_signatures_are_counted_and_said_to_be_unverified(tmp_path: Path) -> None:
    reading = read(ofd(tmp_path / "a.ofd", ["".join(LETTER)], signed=2))
    assert reading.state is ReadState.READ and values(reading)["signatures"] == 2
    assert "2 个电子签名" in reading.detail and "未验证" in reading.detail and "未检" in reading.detail


def test_pages_that_are_only_pictures_are_unread(tmp_path: Path) -> None:
    reading = read(ofd(tmp_path / "a.ofd", ["".join(LETTER), IMAGE]))
    assert reading.state is ReadState.PARTIAL and "第 2 页是扫描件" in reading.detail


def test_a_missing_page_is_named_and_a_missing_document_is_damage(tmp_path: Path) -> None:
    import zipfile

    whole = ofd(tmp_path / "a.ofd", ["".join(LETTER), SIGNED[0]])
    with zipfile.ZipFile(whole) as z:
        parts = {n: z.read(n) for n in z.namelist()}
    without = {n: d for n, d in parts.items() if "Page_1" not in n}
    reading = read(make.zipped(tmp_path / "b.ofd", without))
    assert reading.state is ReadState.PARTIAL and "第 2 页打不开" in reading.detail
    assert read(make.zipped(tmp_path / "c.ofd", {"OFD.xml": parts["OFD.xml"]})).state is ReadState.DAMAGED
    whole.write_bytes(whole.read_bytes()[:-200])
    assert read(whole).state is ReadState.DAMAGED


def test_an_encrypted_ofd_is_told(tmp_path: Path) -> None:
    path = ofd(tmp_path / "a.ofd", ["".join(LETTER)], more={"Encryptions.xml": b"<x/>"})
    reading = read(path)
    assert reading.state is ReadState.ENCRYPTED and reading.text == ""


def test_xml_with_entities_is_never_expanded(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("outside", "utf-8")
    bad = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]><x>&e;</x>'.encode()
    reading = read(make.zipped(tmp_path / "a.ofd", {"OFD.xml": bad}))
    assert reading.state is ReadState.DAMAGED and "outside" not in reading.text


def test_a_mislabelled_ofd_is_known_by_its_content(tmp_path: Path) -> None:
    path = ofd(tmp_path / "通知.pdf", ["".join(LETTER)])
    assert true_type(path, path.name) == "application/ofd"


@pytest.mark.parametrize("seed", range(20))
def test_bytes_spoiled_anywhere_never_raise(tmp_path: Path, seed: int) -> None:
    rnd = random.Random(seed)
    whole = ofd(tmp_path / "a.ofd", ["".join(LETTER), "".join(SIGNED)], info=INFO, signed=1)
    import zipfile

    with zipfile.ZipFile(whole) as z:
        parts = {n: bytearray(z.read(n)) for n in z.namelist()}
    for data in parts.values():  # within the parts, so that no check sum catches it
        if rnd.random() < 0.5:
            data[rnd.randrange(len(data))] = rnd.randrange(256)
    broken = {n: bytes(d) for n, d in parts.items()}
    assert read_file(make.zipped(tmp_path / "b.ofd", broken), "b.ofd", Limits()).state in ReadState
    data = bytearray(whole.read_bytes())
    data[rnd.randrange(len(data))] ^= 0x55
    (tmp_path / "c.ofd").write_bytes(bytes(data))
    assert read_file(tmp_path / "c.ofd", "c.ofd", Limits()).state in ReadState
