"""Where anything lies in the store."""

from __future__ import annotations

import pytest

from archive_schema.errors import UsageError
from storage import keys
from tests import strays


def test_a_segment_key_is_read_back_as_it_was_made() -> None:
    key = keys.segment_key("2026", 12, "20261101T020000Z-夜间")
    assert key == "cycles/2026/manifest/00000012-20261101T020000Z-夜间.jsonl"
    assert keys.parse_segment_key(key) == ("2026", 12, "20261101T020000Z-夜间")
    assert keys.parse_segment_key("cycles/2026/HEAD.json") is None
    assert keys.parse_segment_key(keys.segment_key("2026", 123_456_789, "r")) == ("2026", 123_456_789, "r")


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "-a", ".a", "a b", "长" * 65, "a\n"])
def test_a_name_that_cannot_be_part_of_a_key_is_refused(name: str) -> None:
    for make_key in (keys.head_key, lambda n: keys.segment_key("2026", 1, n)):
        with pytest.raises(UsageError):
            make_key(name)


@pytest.mark.parametrize("digest", ["", "ab", "A" * 64, "g" * 64, "a" * 65, "../" + "a" * 61])
def test_an_object_key_is_made_of_a_sha256_only(digest: str) -> None:
    with pytest.raises(UsageError):
        keys.object_key(digest)


def test_every_name_that_we_give_is_ours_and_no_other_is() -> None:
    sha = "ab" + "0" * 62
    made = [
        keys.object_key(sha),
        keys.segment_key("二〇二六", 12, "20261101T020000Z-夜间"),
        keys.head_key("2026"),
        keys.signature_key("2026", 12, "0" * 16),
        keys.derived_key(sha, "pdf@2+ocr@1f"),
        keys.check_key("quarantine/某件"),
        keys.report_key("audit", "20261121T040000000000Z.json"),
        keys.report_key("coverage", "00000012-20261101T020000Z-夜间.json"),
        keys.report_key("last-run.json"),
        keys.report_key("doctor", "probe-0"),
    ]
    assert [key for key in made if not keys.ours(key)] == []
    assert {f"{key.partition('/')[0]}/" for key in made} == set(keys.ROOMS)
    others = [*strays.NO_KEYS, *strays.NOT_OURS, "", "objects/", f"objects/sha256/00/{sha}", f"{keys.object_key(sha)}-more"]
    assert [name for name in others if keys.ours(name)] == []
    assert [keys.is_key(name) for name in strays.NO_KEYS] == [False] * len(strays.NO_KEYS)
    assert [keys.is_key(name) for name in strays.NOT_OURS] == [True] * len(strays.NOT_OURS)
