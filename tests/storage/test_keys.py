"""Where anything lies in the store."""

from __future__ import annotations

import pytest

from archive_schema.errors import UsageError
from storage import keys


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
