"""Keys and signing on the command line: a key that cannot be had stops everything, and a private key turns up nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import signing
from tests.dangan.line import Line, dangan
from tests.flows.house import WINDOW

PASSWORD = "pa55-w0rd-of-the-key"


@pytest.fixture
def root(tmp_path: Path) -> Line:
    assert dangan("init", str(tmp_path / "ws"), "--cycle", "c1", "--window", WINDOW).code == 0
    return Line(tmp_path / "ws")


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A private key with a password, named by the environment."""
    file = tmp_path / "keys" / "key.pem"
    file.parent.mkdir()
    monkeypatch.setenv(signing.PASSWORD, PASSWORD)
    answer = dangan("keys", "new", str(file), "--name", "档案室", "--format", "json")
    assert answer.code == 0 and answer.json[0]["public_key"].endswith("档案室")
    monkeypatch.setenv(signing.VARIABLE, str(file))
    return file


def trust(ws: Line, key: Path) -> None:
    with (ws.root / "dangan.toml").open("a", encoding="utf-8") as f:
        f.write(f'\n[signing]\ntrusted = ["{key.with_name("key.pem.pub").read_text("utf-8").strip()}"]\n')


def test_a_night_signs_what_it_writes_and_the_audit_names_the_signer(root: Line, key: Path) -> None:
    trust(root, key)
    root.ingest()
    fingerprint = dangan("keys", "show", "--format", "json").json[0]["fingerprint"]
    assert (
        "先前已签名" in (said := root("sign").out)
        and "条记录）" in said
        and root("sign", "--format", "json").json["new"] is False
    )
    audited = root("audit", "--only", "integrity").out
    assert f"清单之首由 {fingerprint}(档案室) 签名,有效" in audited and "最新清单之首未签名" not in audited
    public = str(key.with_name("key.pem.pub"))
    assert fingerprint in root("audit", "--only", "integrity", "--trusted", public).out
    assert fingerprint in root("doctor", code=None).out


def test_a_private_key_and_its_password_turn_up_nowhere(root: Line, key: Path, caplog: pytest.LogCaptureFixture) -> None:
    trust(root, key)
    with caplog.at_level("DEBUG"):
        told = "".join(
            a.out + a.err
            for words in ("ingest", "sign", "audit", "doctor", "coverage --format text", "manifest", "keys show")
            for a in [root(*words.split(), code=None)]
        )
    kept = b"".join(p.read_bytes() for p in root.root.rglob("*") if p.is_file())
    for line in key.read_text("ascii").splitlines():
        assert line not in told and line not in caplog.text and line.encode() not in kept
    assert PASSWORD not in told + caplog.text and PASSWORD.encode() not in kept


@pytest.mark.parametrize("words", ["ingest --no-validation", "sign", "reassess", "serve --once"])
@pytest.mark.parametrize("how", ["gone", "unreadable", "wrong password", "in the workspace"])
def test_a_key_that_cannot_be_had_stops_before_anything_is_written(
    words: str, how: str, root: Line, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "gone":
        key.unlink()
    elif how == "unreadable":
        key.write_bytes(b"no key")
    elif how == "wrong password":
        monkeypatch.setenv(signing.PASSWORD, "another")
    else:
        inside = root.root / "reports" / "key.pem"
        inside.parent.mkdir(exist_ok=True)
        key.rename(inside)
        monkeypatch.setenv(signing.VARIABLE, str(inside))
    before = sorted(p for p in root.root.rglob("*"))
    answer = root(*words.split(), code=2)
    assert "私钥" in answer.err and "怎么办" in answer.err and answer.out == ""
    assert sorted(p for p in root.root.rglob("*")) == before


def test_reading_and_auditing_need_no_key(root: Line, key: Path) -> None:
    root.ingest()
    key.unlink()
    for words in ("coverage --format json", "manifest --digest", "audit --only integrity", "review list"):
        root(*words.split())


def test_signing_without_a_key_says_how_to_get_one(root: Line) -> None:
    answer = root("sign", code=2)
    assert signing.VARIABLE in answer.err and "dangan keys new" in answer.err


def test_keys_are_not_made_in_a_workspace_and_never_over_another(root: Line, key: Path) -> None:
    inside = root.root / "inbox" / "key.pem"
    assert "工作区" in dangan("keys", "new", str(inside)).err and not inside.exists()
    before = key.read_bytes()
    answer = dangan("keys", "new", str(key))
    assert answer.code == 2 and "已存在" in answer.err and key.read_bytes() == before


def test_the_folder_of_a_key_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / ".dangan" / "key.pem"  # as the help has it: ~/.dangan is not there on a first day
    assert dangan("keys", "new", str(file)).code == 0
    assert file.is_file() and file.parent.stat().st_mode & 0o777 == 0o700
    answer = dangan("keys", "new", str(tmp_path / "no" / "such" / "key.pem"))
    assert answer.code == 2 and "上级文件夹" in answer.err and not (tmp_path / "no").exists()


def test_without_the_library_signing_is_an_error_and_the_audit_says_unchecked(
    root: Line, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust(root, key)
    root.ingest()
    monkeypatch.setattr(signing, "available", lambda: False)
    assert "dangan[sign]" in root("ingest", code=2).err
    assert "没有核对签名" in root("audit", "--only", "integrity").out


@pytest.mark.parametrize(
    "section", ['trusted = "x"', 'trusted = ["ssh-rsa AAAA"]', "required = true", 'key = "…"', "trusted = [1]"]
)
def test_wrong_settings_are_named(section: str, root: Line) -> None:
    with (root.root / "dangan.toml").open("a", encoding="utf-8") as f:
        f.write(f"\n[signing]\n{section}\n")
    assert "[signing]" in root("manifest", "--digest", code=2).err


def test_a_trusted_file_that_holds_no_key_is_named(root: Line, tmp_path: Path) -> None:
    file = tmp_path / "trusted"
    for text in ("", "# nobody\n", "-----BEGIN PRIVATE KEY-----\n"):
        file.write_text(text, "utf-8")
        assert root("audit", "--trusted", str(file), code=2).err
    assert str(tmp_path / "none") in root("audit", "--trusted", str(tmp_path / "none"), code=2).err
