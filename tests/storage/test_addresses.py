"""How a store is named, and what its keys are read from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from archive_schema.errors import UsageError
from storage import keys
from storage.factory import open_store
from tests.s3server import S3Server


@pytest.mark.parametrize("address", ["档案", "folder:档案", "./档案"])
def test_a_path_is_a_folder_beside_the_settings(tmp_path: Path, address: str) -> None:
    store = open_store(address, base=tmp_path)
    assert store.url == f"folder:{tmp_path / '档案'}"


@pytest.mark.parametrize(
    ("address", "env", "code"),
    [
        ("http://host/bucket", {}, "store.url"),
        ("folder:", {}, "store.url"),
        ("s3://bucket", {}, "store.endpoint"),
        ("s3://key:geheim@bucket", {}, "store.secret-in-url"),
        ("https://key:geheim@host", {}, "store.url"),
        ("s3://bucket", {"DANGAN_S3_ENDPOINT": "ftp://x"}, "store.endpoint"),
        ("s3://bucket", {"DANGAN_S3_ENDPOINT": "http://x"}, "store.credentials"),
        ("s3://bucket", {"DANGAN_S3_ENDPOINT": "http://x", "DANGAN_S3_ACCESS_KEY_FILE": "/no/such/file"}, "store.credentials"),
    ],
)
def test_a_wrong_address_is_wrong_use_and_repeats_no_secret(
    tmp_path: Path, address: str, env: dict[str, str], code: str
) -> None:
    with pytest.raises(UsageError) as e:
        open_store(address, base=tmp_path, env=env)
    assert e.value.code == code
    assert "geheim" not in f"{e.value} {e.value.zh} {e.value.hint}"


def test_keys_may_lie_in_files(s3_server: S3Server, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(s3_server.access_key + "\n")
    (tmp_path / "s").write_text(s3_server.secret_key + "\n")
    env = {
        "DANGAN_S3_ENDPOINT": s3_server.endpoint,
        "DANGAN_S3_ACCESS_KEY_FILE": str(tmp_path / "a"),
        "DANGAN_S3_SECRET_KEY_FILE": str(tmp_path / "s"),
    }
    assert list(open_store(s3_server.bucket_url(), base=tmp_path, env=env).list("")) == []


def test_minio_is_loaded_for_s3_only(tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
import storage.archive, storage.factory
storage.factory.open_store('x', base=Path({str(tmp_path)!r}))
print('minio' in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(keys.__file__).parent.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
