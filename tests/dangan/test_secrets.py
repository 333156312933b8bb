"""Passwords and keys come from the environment and go nowhere: no output, log, error, file of the workspace or object of the store."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

import msgspec
import pytest

from archive_schema.errors import DanganError, UsageError
from dangan import cli, settings
from flows.places import Workspace, from_parameters, to_parameters
from storage.engine import Database
from storage.factory import open_store
from tests.dangan.line import dangan, process
from tests.dangan.town import WINDOW, document
from tests.s3server import S3Server

WRONG = "W8ng-s3cret-KEY/+=%20"
PASSWORD = "pa55:w@rd"

COMMANDS = (
    "ingest --no-validation",
    "coverage --format json",
    "coverage --format html -o reports/c.html",
    "manifest",
    "review list",
    "audit --format json",
    "doctor",
    "doctor --format json",
    "copy folder:second",
    "export out --all",
    "restore --take-over",
    "units show",
    "nonsense",
)


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Runs a command with every log there is; everything that it printed, logged or raised."""
    monkeypatch.setenv("DANGAN_DEBUG", "1")

    def hear(*words: str) -> str:
        caplog.clear()
        raised = ""
        with caplog.at_level(logging.DEBUG):
            try:
                answer = dangan(*words)
                raised = answer.out + answer.err
            except Exception as e:  # noqa: BLE001 - an internal error shows its whole traceback
                raised = "".join(traceback.format_exception(e)) + repr(e)
        return raised + caplog.text + "".join(repr(r.args) for r in caplog.records)

    return hear


def everything_below(root: Path) -> bytes:
    return b"\n".join(p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file())


def test_the_key_of_an_s3_store_is_nowhere(s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heard) -> None:
    secret = s3_server.secret_key
    file = tmp_path / "secret"
    file.write_text(secret + "\n", "utf-8")
    monkeypatch.setenv("DANGAN_S3_ENDPOINT", s3_server.endpoint)
    monkeypatch.setenv("DANGAN_S3_ACCESS_KEY", s3_server.access_key)
    monkeypatch.delenv("DANGAN_S3_SECRET_KEY", raising=False)
    monkeypatch.setenv("DANGAN_S3_SECRET_KEY_FILE", str(file))
    root, url = tmp_path / "ws", s3_server.bucket_url()
    told = heard("init", str(root), "--cycle", "c1", "--window", WINDOW, "--store", url, "--retention", "governance")
    document(root / "inbox" / "市文明办" / "III18-1 制度.txt", "诚信制度", "示文明办发〔2026〕21号")
    monkeypatch.chdir(root)
    for words in COMMANDS:
        told += heard(*words.split())
    assert "市文明办" in told and len(told) > 10_000
    monkeypatch.setenv("DANGAN_S3_SECRET_KEY", WRONG)  # refused by the server
    for words in ("ingest", "doctor", "restore"):
        told += heard(*words.split())
    assert "DANGAN_S3_SECRET_KEY" in told
    monkeypatch.setenv("DANGAN_S3_ENDPOINT", "http://127.0.0.1:9")  # nobody there
    for words in ("ingest", "copy folder:second"):
        told += heard(*words.split())
    for key in (secret, WRONG):
        assert key not in told and key.encode() not in everything_below(root)
    store = open_store(url, base=root, env={**s3_server.env})
    held = b"\n".join(store.get(i.key) for i in store.list(""))
    assert held and secret.encode() not in held and WRONG.encode() not in held


@pytest.mark.parametrize(
    "url",
    [
        "s3://me:{}@bucket/x",
        "ftp://me:{}@host/x",
        "https://me:{}@host/x",
    ],
)
def test_a_secret_written_into_a_store_url_is_not_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError) as e:
        open_store(url.format(PASSWORD.replace("@", "%40")), base=tmp_path, env={})
    assert "pa55" not in f"{e.value} {e.value.zh} {e.value.hint}"


def test_the_password_of_the_index_is_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heard) -> None:
    root = tmp_path / "ws"
    assert dangan("init", str(root), "--cycle", "c1", "--window", WINDOW).code == 0
    monkeypatch.chdir(root)
    url = "postgresql://who:pa55%3Aw%40rd@127.0.0.1:9/x"
    for name in ("pa55%3Aw%40rd", PASSWORD):
        monkeypatch.setenv("DANGAN_INDEX", url)
        told = "".join(
            heard(*words.split()) for words in ("ingest", "coverage", "doctor", "doctor --format json", "audit", "restore")
        )
        assert "127.0.0.1" in told and name not in told and name.encode() not in everything_below(root)


def test_a_real_server_that_refuses_the_password_does_not_repeat_it(postgres_server, tmp_path: Path, heard) -> None:
    url = postgres_server.database()
    scheme, _, rest = url.partition("://")
    wrong = f"{scheme}://nobody:pa55w0rd@{rest.rpartition('@')[2]}"
    with pytest.raises(DanganError) as e, Database(wrong).read():
        pass
    assert "pa55w0rd" not in "".join(traceback.format_exception(e.value)) + e.value.zh + e.value.hint


def test_what_prefect_stores_of_a_workspace_holds_no_password(tmp_path: Path) -> None:
    for url in (
        "postgresql://who:pa55%40@h:5432/x",
        "postgres://who:pa55@h/x?sslmode=require",
        "postgresql+psycopg://who:p@a:55@h/x",
    ):
        place = Workspace(root=str(tmp_path), index=url)
        parameters = to_parameters(place)
        assert "55" not in str(parameters).replace("5432", "") and "who" in parameters["index"]
        assert from_parameters(parameters, {"DANGAN_INDEX": url}) == place
        with pytest.raises(UsageError, match="DANGAN_INDEX"):
            from_parameters(parameters, {})
    plain = Workspace(root=str(tmp_path))
    assert from_parameters(to_parameters(plain), {}) == plain
    local = Workspace(root=str(tmp_path), index="postgresql:///x")
    assert from_parameters(to_parameters(local), {}) == local


def test_a_secret_in_the_settings_file_is_refused_unread(tmp_path: Path) -> None:
    (tmp_path / "dangan.toml").write_text(f'secret_key = "{WRONG}"\n', "utf-8")
    with pytest.raises(UsageError) as e:
        settings.load(tmp_path, env={})
    assert "secret_key" in e.value.zh and WRONG not in e.value.zh + str(e.value)


def test_no_command_takes_a_secret_as_an_argument() -> None:
    """It would stand in the list of processes and in the shell's history."""
    import click

    def options(command: click.Command) -> set[str]:
        below = command.commands.values() if isinstance(command, click.Group) else ()
        return {o for p in command.params for o in p.opts}.union(*map(options, below))

    found = set().union(*(options(c) for name in cli.COMMANDS if (c := cli.Verbs().get_command(None, name))))  # type: ignore[arg-type]
    assert found and not [o for o in found if any(w in o for w in ("secret", "password", "token", "access-key"))]


def test_an_unforeseen_error_names_no_secret(tmp_path: Path, s3_server: S3Server) -> None:
    """Outside of the tests' process, with the full traceback."""
    env = {**s3_server.env, "DANGAN_S3_SECRET_KEY": WRONG, "DANGAN_DEBUG": "1", "DANGAN_STORE": s3_server.bucket_url()}
    done = process("init", str(tmp_path / "ws"), "--store", s3_server.bucket_url(), env=env)
    assert done.returncode == 2 and WRONG not in done.stdout + done.stderr and "访问密钥" in done.stderr
    assert msgspec.json.encode(done.stderr)
