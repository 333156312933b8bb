"""Materials against each other, and the search for near fingerprints."""

from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_schema.cycle import Settings
from archive_schema.words import Outcome, PlacementStatus, ReadState, Severity
from tests.validators.build import CATALOGUE, DOCUMENT, OTHER, PHOTO, REPORT, TABLE, UNIT, evidence, placement, source
from validators import crosswise
from validators.crosswise import Delivered, Piece
from validators.nearness import Near


def piece(n: int, item: str = "X1-1", kind=PHOTO, unit: str = UNIT, **more: object) -> Piece:
    return Piece(f"{n:064x}", unit, item, kind, names=(f"文件{n}.jpg",), **more)  # type: ignore[arg-type]


def codes(*pieces: Piece, files: tuple[Delivered, ...] = (), **settings: dict[str, object]) -> dict[str, set[str]]:
    found = crosswise.compare(pieces, files, catalogue=CATALOGUE, settings=Settings(checks=settings))
    return {sha: {o.code for o in of} for sha, of in found.items()}


# ---- near fingerprints


@given(st.lists(st.integers(0, 2**64 - 1), max_size=30), st.integers(0, 14), st.data())
def test_the_search_finds_what_comparing_all_pairs_finds(values, bits, data):
    for _ in range(3):  # some that are near by construction
        if values:
            flips = data.draw(st.lists(st.integers(0, 63), max_size=bits + 1))
            near = data.draw(st.sampled_from(values))
            for f in flips:
                near ^= 1 << f
            values.append(near)
    index = Near(values, bits=bits)
    for v in values:
        assert sorted(index.of(v)) == sorted(o for o in set(values) if (v ^ o).bit_count() <= bits)


def test_a_hundred_thousand_photos_are_compared_without_comparing_all_pairs():
    rng = random.Random(1)
    values = [rng.getrandbits(64) for _ in range(99_000)]
    copies = [v ^ sum(1 << b for b in rng.sample(range(64), 3)) for v in values[:1000]]
    index = Near(values + copies, bits=5)
    found = sum(1 for v in copies for o in index.of(v) if o != v)
    assert found >= 1000
    per_photo = index.compared / len(copies)
    assert per_photo < 200  # of 99,999 others
    assert len(values) ** 2 / 2 / (per_photo * 100_000) > 200


# ---- numbers


def test_a_number_used_twice_names_the_units_own_other_file_and_of_another_unit_the_unit_alone():
    papers = [
        msgspec.structs.replace(evidence(DOCUMENT, document_number="示教发〔2017〕3号", issuer="示教局"), sha256=n * 64)
        for n in "abc"
    ]
    sent = {
        "a": [source("甲.pdf")],
        "b": [source("乙.pdf")],
        "c": [source("丙.pdf", unit=OTHER), source("丙丙.pdf", unit=OTHER)],
    }
    sources = {n * 64: [msgspec.structs.replace(s, sha256=n * 64) for s in of] for n, of in sent.items()}

    def said(gone: set[tuple[str, str]] = frozenset()) -> dict[str, str]:  # type: ignore[assignment]
        numbers = crosswise.numbered(papers, sources, gone)
        found = crosswise.compare((), (), catalogue=CATALOGUE, settings=Settings(), numbers=numbers)
        assert all(o.code == "NUMBERDUP" and o.unit == sources[sha][0].unit for sha, of in found.items() for o in of)
        return {sha[0]: o.text for sha, (o,) in found.items()}

    twice = "发文字号 示教发〔2017〕3号 还出现在内容不同的另一份文件上"
    assert said() == {
        "a": f"甲.pdf: {twice}: 乙.pdf、{OTHER}的来件",
        "b": f"乙.pdf: {twice}: 甲.pdf、{OTHER}的来件",
        "c": f"丙.pdf: {twice}: {UNIT}的来件",
    }
    assert said({("b" * 64, UNIT), ("c" * 64, "")}) == {}, "what counts no more is compared with nothing"


# ---- pictures


def test_a_near_copy_for_another_item_is_told_to_both_and_names_the_other_requirement():
    found = crosswise.compare(
        [piece(1, fingerprint=0b1111), piece(2, "X1-2", fingerprint=0b1011)], (), catalogue=CATALOGUE, settings=Settings()
    )
    assert {sha: [o.code for o in of] for sha, of in found.items()} == {f"{1:064x}": ["REUSED"], f"{2:064x}": ["REUSED"]}
    (one,) = found[f"{1:064x}"]
    assert (one.unit, one.item, one.kind, one.severity, one.outcome) == (
        UNIT,
        "X1-1",
        "实景图片",
        Severity.WARNING,
        Outcome.FAIL,
    )
    assert "X1-2 内容2" in one.text and "文件2.jpg" in one.text and one.text.startswith("文件1.jpg")


def test_another_units_files_are_never_named():
    found = crosswise.compare(
        [piece(1, fingerprint=7), piece(2, unit=OTHER, fingerprint=7)], (), catalogue=CATALOGUE, settings=Settings()
    )
    (mine,), (theirs,) = found[f"{1:064x}"], found[f"{2:064x}"]
    assert OTHER in mine.text and "文件2" not in mine.text
    assert UNIT in theirs.text and "文件1" not in theirs.text


@pytest.mark.parametrize(
    "other",
    [
        piece(2, fingerprint=0b1011),  # the same cell: 2–4 pictures of one event may look alike
        piece(1, "X1-2", fingerprint=0b1111),  # the same bytes are SAME's
        piece(2, "X1-2", fingerprint=0b1111 ^ 0x3F0000),  # six bits off
        piece(2, "X1-2"),  # nobody took its fingerprint
        piece(2, "X1-2", DOCUMENT, fingerprint=0b1111),
    ],
)
def test_what_is_no_reuse(other):
    assert codes(piece(1, fingerprint=0b1111), other) == {}


def test_how_many_bits_is_a_setting():
    pair = piece(1, fingerprint=0b1111), piece(2, "X1-2", fingerprint=0b1111 ^ 0x3F0000)
    assert codes(*pair, REUSED={"max_bits": 6}) == {f"{n:064x}": {"REUSED"} for n in (1, 2)}


def test_a_picture_of_an_earlier_cycle_is_told_to_the_present_one_only():
    found = crosswise.compare(
        [piece(1, fingerprint=7), piece(2, fingerprint=7, cycle="2016")], (), catalogue=CATALOGUE, settings=Settings()
    )
    assert list(found) == [f"{1:064x}"] and "2016 的 X1-1" in found[f"{1:064x}"][0].text


def test_photos_of_one_minute_and_one_camera_serve_one_item():
    moment = {"minute": "2017-03-01 09:30", "camera": "A"}
    one = piece(1, fingerprint=1, **moment)
    assert codes(one, piece(2, "X1-2", fingerprint=2**40 - 1, **moment)) == {f"{n:064x}": {"BURST"} for n in (1, 2)}
    for other in (
        piece(2, **moment),
        piece(2, "X1-2", **(moment | {"minute": "2017-03-01 09:31"})),
        piece(2, "X1-2", **(moment | {"camera": "B"})),
        piece(2, "X1-2", PHOTO, OTHER, **moment),
        piece(2, "X1-2", **(moment | {"camera": ""})),
    ):
        assert codes(one, other) == {}


# ---- report and table


@pytest.mark.parametrize(
    ("report", "table", "disagree"),
    [
        ("完成率=89.4%", "完成率=87.4%", True),
        ("完成率=87.4%", "完成率=87.4%", False),
        ("完成率=87%", "完成率=87.4%", False),  # rounded
        ("全市完成率=89.4%", "完成率=87.4%", True),
        ("城区完成率=89.4%", "完成率=87.4%", False),  # another name: another thing
        ("任务数=1.2万人", "任务数=12000人", False),
        ("任务数=1.3万人", "任务数=12000人", True),
        ("任务数=1300人", "任务数=12000项", False),  # another unit: another thing
        ("培训数=12期", "任务数=12000项", False),
    ],
)
def test_a_report_disagrees_only_about_the_total_of_the_same_name(report, table, disagree):
    pieces = piece(1, kind=REPORT, figures=(report,)), piece(2, kind=TABLE, figures=(table,))
    assert codes(*pieces) == ({f"{n:064x}": {"DISAGREE"} for n in (1, 2)} if disagree else {})


def test_a_report_agrees_when_one_figure_or_one_table_does():
    wrong = piece(2, kind=TABLE, figures=("完成率=87.4%",))
    assert codes(piece(1, kind=REPORT, figures=("完成率=80%", "完成率=87.4%")), wrong) == {}
    assert codes(piece(1, kind=REPORT, figures=("完成率=80%",)), wrong, piece(3, kind=TABLE, figures=("完成率=80.0%",))) == {}
    assert codes(piece(1, kind=REPORT, figures=("完成率=80%",), unit=OTHER), wrong) == {}
    assert codes(piece(1, "X1-2", REPORT, figures=("完成率=80%",)), wrong) == {}


def test_what_agrees_in_another_year_or_another_unit_excuses_nothing():
    year = piece(1, kind=REPORT, figures=("完成率=89.4%", "完成率=80%|2016"))
    assert codes(year, piece(2, kind=TABLE, figures=("完成率=87.4%", "完成率=80%|2016")))
    unit = piece(1, kind=REPORT, figures=("任务数=12000人",))
    assert codes(unit, piece(2, kind=TABLE, figures=("任务数=13000人", "任务数=12000项")))


def test_a_table_that_two_reports_contradict_is_told_once():
    reports = [piece(n, kind=REPORT, figures=("完成率=80%",)) for n in (1, 2)]
    table = piece(3, kind=TABLE, figures=("完成率=87.4%",))
    found = crosswise.compare([*reports, table], (), catalogue=CATALOGUE, settings=Settings())
    assert {sha: len(of) for sha, of in found.items()} == {f"{n:064x}": 1 for n in (1, 2, 3)}


# ---- attachments


def test_a_file_that_is_there_no_more_is_nobodys_attachment():
    e = evidence(TABLE, title="活动安排表")
    there, gone = source("在.xlsx"), msgspec.structs.replace(source("不在.xlsx"), present=False)
    assert crosswise.delivered([e], {e.sha256: [gone, there]}) == [Delivered(UNIT, "在.xlsx", "活动安排表")]


def test_an_attachment_may_lie_in_a_file_of_its_own_of_the_same_unit():
    notice = piece(1, kind=DOCUMENT, absent=("活动安排表",))
    assert codes(notice) == {f"{1:064x}": {"ATTACHMENT"}}
    assert codes(notice, files=(Delivered(UNIT, "别处/2017《活动安排表》.xlsx"),)) == {}
    assert codes(notice, files=(Delivered(UNIT, "别处/a.xlsx", "活动安排表"),)) == {}
    assert codes(notice, files=(Delivered(UNIT, "附件1.xlsx"),)) == {}
    assert codes(notice, files=(Delivered(UNIT, "别处/附件1.xlsx"),)) == {f"{1:064x}": {"ATTACHMENT"}}
    assert codes(notice, files=(Delivered(OTHER, "活动安排表.xlsx"),)) == {f"{1:064x}": {"ATTACHMENT"}}


PIECES = st.builds(
    piece,
    st.integers(1, 6),
    st.sampled_from(["X1-1", "X1-2"]),
    st.sampled_from([PHOTO, REPORT, TABLE]),
    st.sampled_from([UNIT, OTHER]),
    fingerprint=st.sampled_from([None, 1, 3, 2**63]),
    minute=st.sampled_from(["", "2017-03-01 09:30"]),
    camera=st.just("A"),
    figures=st.sampled_from([(), ("完成率=1%",), ("完成率=9%",)]),
)


@given(st.lists(PIECES, max_size=8, unique_by=lambda p: (p.sha256, p.unit, p.item, p.kind)), st.randoms())
def test_the_order_of_the_pieces_changes_nothing(pieces, rng):
    first = crosswise.compare(pieces, (), catalogue=CATALOGUE, settings=Settings())
    rng.shuffle(pieces)
    assert crosswise.compare(pieces, (), catalogue=CATALOGUE, settings=Settings()) == first
    assert msgspec.json.encode(first)


def test_what_is_compared_is_what_holds_and_each_unit_under_its_own_names():
    e = evidence(DOCUMENT, attachments_absent=["活动安排表"])
    held, out = placement(), placement("X1-2", status=PlacementStatus.REJECTED)
    sources = {e.sha256: [source("甲.docx"), source("乙.docx", unit=OTHER)]}
    (p,) = crosswise.pieces([e], {e.sha256: [held, out]}, sources)
    assert (p.item, p.names, p.absent) == ("X1-1", ("甲.docx",), ("活动安排表",))
    part = msgspec.structs.replace(e, state=ReadState.PARTIAL)
    (p,) = crosswise.pieces([part], {e.sha256: [held]}, sources)
    assert p.absent == (), "the attachment may stand on the pages that nobody read"


def test_photos_of_no_known_camera_and_the_same_photo_are_no_burst():
    minute = {"minute": "2017-03-01 09:30"}
    assert codes(piece(1, **minute), piece(2, "X1-2", **minute)) == {}
    assert crosswise.bursts([piece(1, camera="A", **minute), piece(1, "X1-2", camera="A", **minute)]) == []


def test_many_places_of_one_picture_are_counted():
    others = [piece(n, f"X1-{n}", fingerprint=1) for n in range(1, 6)]
    found = crosswise.compare(others, (), catalogue=CATALOGUE, settings=Settings())
    assert " 等 4 处" in found[f"{1:064x}"][0].text


def test_a_revised_pact_wants_the_text_before_it_unless_the_notice_carries_both():
    pact = msgspec.structs.replace(CATALOGUE.items[0], standard="修订市民公约,附修订前后文本")
    asked = msgspec.structs.replace(CATALOGUE, items=(pact,))

    def wanted(title, *attachments):
        p = piece(1, kind=DOCUMENT, title=title, attachments=attachments)
        return [w for _, w in crosswise.other_text_absent([p], asked)]

    assert wanted("市民公约(修订版)") == ["修订前"]
    assert wanted("市民公约") == ["修订前或修订后"]
    assert wanted("关于印发市民公约的通知", "市民公约") == ["修订前或修订后"]
    assert wanted("关于印发市民公约的通知", "市民公约(旧)", "市民公约(新)") == []
