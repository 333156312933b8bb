"""A test that cannot run skips naming the cause, and fails where ``DANGAN_REQUIRE`` insists."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests import needs, pgserver, s3server


def test_what_is_missing_skips_with_its_cause(
    monkeypatch: pytest.MonkeyPatch, require_or_skip: Callable[[str, str], None]
) -> None:
    monkeypatch.setenv("DANGAN_REQUIRE", "real, browser")
    with pytest.raises(pytest.skip.Exception, match="s3: no radosgw"):
        require_or_skip("s3", "no radosgw")


def test_what_is_required_fails_instead(monkeypatch: pytest.MonkeyPatch, require_or_skip: Callable[[str, str], None]) -> None:
    monkeypatch.setenv("DANGAN_REQUIRE", "real, s3")
    with pytest.raises(pytest.fail.Exception, match="DANGAN_REQUIRE=s3: no radosgw"):
        require_or_skip("s3", "no radosgw")


def test_a_server_that_is_not_installed_names_its_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr(Path, "glob", lambda *_: iter(()))
    assert "radosgw" in s3server.absent()
    assert "apt-get install" in s3server.absent()
    assert "apt-get install" in pgserver.absent()


def test_the_real_inputs_are_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DANGAN_REAL_INPUTS", str(tmp_path))
    assert needs.real_inputs_folder() == tmp_path
    monkeypatch.delenv("DANGAN_REAL_INPUTS")
    assert needs.real_inputs_folder() == needs.REPOSITORY.parent / "shared" / "real-inputs"
