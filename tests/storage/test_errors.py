"""Whatever goes wrong with a store comes out as an error of ours, with something to do in Chinese."""

from __future__ import annotations

import errno
import http.client
import inspect
import ipaddress
import json
import socket
import ssl
import threading
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import minio.error
import pytest
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from minio.commonconfig import ENABLED
from minio.versioningconfig import VersioningConfig

from archive_schema.errors import DanganError, IntegrityError, UnavailableError, UsageError
from storage.factory import open_store
from storage.folder import FolderStore
from storage.objects import ObjectMissing
from storage.s3 import S3Store
from storage.s3_answers import Answers
from tests import daemons
from tests.s3server import S3Server
from tests.storage.make import files

KEY = "reports/x"


def bare_store() -> S3Store:
    """A store that has not been opened, for its mapping of errors."""
    store = S3Store.__new__(S3Store)
    store._bucket, store._prefix, store._answers = "bucket", "", Answers("s3://bucket", "host:1", "bucket")
    return store


def subclasses(root: type[BaseException]) -> Iterator[type[BaseException]]:
    yield root
    for c in root.__subclasses__():
        yield from subclasses(c)


LOW_LEVEL = sorted(
    {
        c
        for root in (minio.error.MinioException, urllib3.exceptions.HTTPError, http.client.HTTPException)
        for c in subclasses(root)
    }
    | {c for _, c in inspect.getmembers(urllib3.exceptions, inspect.isclass) if issubclass(c, urllib3.exceptions.HTTPError)},
    key=lambda c: f"{c.__module__}.{c.__name__}",
)


#: those that cannot be shown without what their constructor is given
SPECIAL: dict[type[BaseException], Callable[[], BaseException]] = {
    minio.error.S3Error: lambda: s3_error("InternalError"),
    minio.error.InvalidResponseError: lambda: minio.error.InvalidResponseError(502, "text/html", "<html>"),
    minio.error.ServerError: lambda: minio.error.ServerError("down", 503),
    http.client.IncompleteRead: lambda: http.client.IncompleteRead(b"", 1),
    urllib3.exceptions.IncompleteRead: lambda: urllib3.exceptions.IncompleteRead(1, 2),
    urllib3.exceptions.InvalidChunkLength: lambda: urllib3.exceptions.InvalidChunkLength(urllib3.HTTPResponse(), b"x"),
}


@pytest.mark.parametrize("lower", LOW_LEVEL, ids=lambda c: c.__name__)
def test_every_error_of_minio_urllib3_and_http_is_mapped(lower: type[BaseException]) -> None:
    error = SPECIAL[lower]() if lower in SPECIAL else lower.__new__(lower)
    with pytest.raises(DanganError) as e, bare_store()._mapped(KEY):
        raise error
    assert isinstance(e.value, UnavailableError | UsageError)
    assert e.value.hint


@pytest.mark.parametrize(
    "error", [TimeoutError(), ConnectionResetError(), socket.gaierror(), ssl.SSLError(), ET.ParseError("no xml")]
)
def test_errors_of_the_network_are_unavailable(error: Exception) -> None:
    with pytest.raises(UnavailableError), bare_store()._mapped(KEY):
        raise error


def s3_error(code: str) -> minio.error.S3Error:
    return minio.error.S3Error(response=None, code=code, message="m", resource=KEY, request_id=None, host_id=None)


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (s3_error("NoSuchKey"), ObjectMissing, "store.missing"),
        (s3_error("NoSuchBucket"), UsageError, "store.bucket"),
        (s3_error("AccessDenied"), UsageError, "store.credentials"),
        (s3_error("SignatureDoesNotMatch"), UsageError, "store.credentials"),
        (s3_error("RequestTimeTooSkewed"), UsageError, "store.clock"),
        (s3_error("QuotaExceeded"), UnavailableError, "store.full"),
        (s3_error("XMinioStorageFull"), UnavailableError, "store.full"),
        (minio.error.ServerError("full", 507), UnavailableError, "store.full"),
        (s3_error("SlowDown"), UnavailableError, "store.unavailable"),
        (s3_error("SomethingNew"), UnavailableError, "store.unavailable"),
        (minio.error.InvalidResponseError(403, "text/html", ""), UsageError, "store.credentials"),
        (minio.error.InvalidResponseError(404, "text/html", ""), UsageError, "store.endpoint"),
        (minio.error.InvalidResponseError(503, "text/html", ""), UnavailableError, "store.unavailable"),
        (minio.error.InvalidResponseError(429, "text/html", ""), UnavailableError, "store.unavailable"),
        (ValueError("invalid bucket name"), UsageError, "store.settings"),
    ],
    ids=str,
)
def test_an_error_says_whose_fault_it_is(error: Exception, kind: type[DanganError], code: str) -> None:
    with pytest.raises(kind) as e, bare_store()._mapped(KEY):
        raise error
    assert e.value.code == code


@pytest.mark.parametrize("code", ["SomethingNew", "QuotaExceeded", "AccessDenied"])
def test_a_server_that_answered_is_not_said_to_be_out_of_reach(code: str) -> None:
    with pytest.raises(DanganError) as e, bare_store()._mapped(KEY, "s3:PutObject"):
        raise s3_error(code)
    assert "连不上" not in e.value.zh
    if code == "AccessDenied":
        assert "s3://bucket" in e.value.zh and "s3:PutObject" in e.value.hint, "which of the stores, and what it takes"
    elif code == "SomethingNew":
        assert code in e.value.zh


def forbid(store: S3Store, action: str, below: str = "") -> None:
    """A right taken from every key, as an administrator does."""
    where = f"arn:aws:s3:::{store._bucket}{below}"
    statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": where}
    store._client.set_bucket_policy(
        bucket_name=store._bucket, policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )


def test_a_key_that_may_not_ask_for_the_region_needs_no_region(s3_server: S3Server, tmp_path: Path) -> None:
    url = s3_server.bucket_url()
    store = open_store(url, base=tmp_path, env=s3_server.env)
    assert isinstance(store, S3Store)
    store.put_bytes(KEY, b"x")
    forbid(store, "s3:GetBucketLocation")
    assert open_store(url, base=tmp_path, env=s3_server.env).get(KEY) == b"x"


def test_what_a_key_may_not_do_is_named(s3_server: S3Server, tmp_path: Path) -> None:
    store = open_store(s3_server.bucket_url(), base=tmp_path, env=s3_server.env)
    assert isinstance(store, S3Store)
    forbid(store, "s3:PutObject", "/*")
    with pytest.raises(UsageError) as e:
        store.put_bytes(KEY, b"x")
    assert e.value.code == "store.credentials" and store.url in e.value.zh and "s3:PutObject" in e.value.hint


def certificate(folder: Path, *, days: int) -> Path:
    """Self-signed for 127.0.0.1, with its key; made ten days ago and good for so many."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "store")])
    made = datetime.now(UTC) - timedelta(days=10)
    cert = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), made, made + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = folder / f"{days}.pem"
    file.write_bytes(cert.public_bytes(Encoding.PEM) + private)
    return file


@pytest.fixture
def serving() -> Iterator[Callable[[Path | None], str]]:
    """``serving(certificate)``: a server on loopback; where it is, without a scheme."""
    servers = []

    def serve(file: Path | None) -> str:
        server = HTTPServer(("127.0.0.1", 0), NotS3)
        if file is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(file)
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def opening(endpoint: str) -> DanganError:
    """What opening a bucket over https ends with there."""
    with pytest.raises(DanganError) as e:
        S3Store(endpoint=endpoint, access_key="a", secret_key="b", bucket="bucket", read_timeout=2, retries=0)
    return e.value


def test_a_certificate_that_is_not_trusted_is_told_as_that(
    serving: Callable[[Path | None], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, old = certificate(tmp_path, days=20), certificate(tmp_path, days=5)
    unknown = opening(serving(good))
    assert unknown.code == "store.certificate" and "SSL_CERT_FILE" in unknown.hint and "连不上" not in unknown.zh
    monkeypatch.setenv("SSL_CERT_FILE", str(good))
    assert opening(serving(good)).code != "store.certificate", "the remedy helps"
    monkeypatch.setenv("SSL_CERT_FILE", str(old))
    assert "过期" in opening(serving(old)).zh


def test_https_where_there_is_none_is_told_as_that(serving: Callable[[Path | None], str]) -> None:
    assert "不用 https" in opening(serving(None)).zh


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_read_are_told_before_anything(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    env = {"DANGAN_S3_ENDPOINT": "https://127.0.0.1:1", "DANGAN_S3_ACCESS_KEY": "a", "DANGAN_S3_SECRET_KEY": "b"}
    with pytest.raises(UsageError) as e:
        open_store("s3://bucket", base=tmp_path, env=env)
    assert e.value.code == "store.certificate" and str(file) in e.value.zh


@pytest.mark.parametrize("own", ["DANGAN_COPY_S3_", "DANGAN_INBOX_S3_"])
def test_the_variables_that_were_read_are_those_named(own: str, tmp_path: Path) -> None:
    away = f"http://127.0.0.1:{daemons.free_port()}"
    usual = {"DANGAN_S3_ENDPOINT": "ftp://x", "DANGAN_S3_ACCESS_KEY": "a", "DANGAN_S3_SECRET_KEY": "b"}

    def told(**mine: str) -> str:
        with pytest.raises(DanganError) as e:
            open_store("s3://bucket", base=tmp_path, env={**usual, **{f"{own}{k}": v for k, v in mine.items()}}, own=own)
        return f"{e.value.zh};{e.value.hint}"

    assert f"{own}ENDPOINT" in told(ENDPOINT=away) and f"{own}ENDPOINT" in told(ENDPOINT="ftp://y")
    assert "DANGAN_S3_ENDPOINT" in told(ACCESS_KEY="c")
    assert f"{own}SECRET_KEY_FILE" in told(ENDPOINT=away, SECRET_KEY_FILE=str(tmp_path / "none")), "it beats the usual key"
    hint = (
        Answers("s3://b", "x", "b", {"DANGAN_S3_SECRET_KEY": f"{own}SECRET_KEY"}).refused("", "SignatureDoesNotMatch", "").hint
    )
    assert "DANGAN_S3_ACCESS_KEY" in hint and f"{own}SECRET_KEY" in hint and "DANGAN_S3_SECRET_KEY" not in hint


def test_nobody_listening_is_unavailable(tmp_path: Path) -> None:
    env = {
        "DANGAN_S3_ENDPOINT": f"http://127.0.0.1:{daemons.free_port()}",
        "DANGAN_S3_ACCESS_KEY": "user",
        "DANGAN_S3_SECRET_KEY": "geheim",
    }
    with pytest.raises(UnavailableError) as e:
        open_store("s3://bucket", base=tmp_path, env=env)
    assert "geheim" not in f"{e.value} {e.value.zh} {e.value.hint}"


class NotS3(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_response(200)
        self.end_headers()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "9")
        self.end_headers()
        self.wfile.write(b"<p>hello")  # one byte short

    def log_message(self, *_: Any) -> None:
        pass


def test_a_web_page_in_place_of_an_s3_server_is_an_error_of_ours(tmp_path: Path) -> None:
    server = HTTPServer(("127.0.0.1", 0), NotS3)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with pytest.raises(DanganError):
            store = S3Store(
                endpoint=f"127.0.0.1:{server.server_port}",
                access_key="a",
                secret_key="b",
                bucket="bucket",
                secure=False,
                read_timeout=2,
                retries=0,
            )
            list(store.list(""))
    finally:
        server.shutdown()
        server.server_close()


def test_wrong_keys_are_wrong_use(s3_server: S3Server, tmp_path: Path) -> None:
    for wrong in ({"DANGAN_S3_SECRET_KEY": "wrong"}, {"DANGAN_S3_ACCESS_KEY": "nobody"}):
        with pytest.raises(UsageError) as e:
            open_store(s3_server.bucket_url(), base=tmp_path, env={**s3_server.env, **wrong})
        assert e.value.code == "store.credentials"


def test_a_bucket_of_another_user_or_of_a_wrong_name_is_wrong_use(s3_server: S3Server, tmp_path: Path) -> None:
    for url in ("s3://No_Such..Name", "s3://x"):
        with pytest.raises(UsageError):
            open_store(url, base=tmp_path, env=s3_server.env)


def test_a_bucket_removed_meanwhile_is_wrong_use(s3_server: S3Server, tmp_path: Path) -> None:
    store = open_store(s3_server.bucket_url(), base=tmp_path, env=s3_server.env)
    assert isinstance(store, S3Store)
    store._client.remove_bucket(bucket_name=store._bucket)
    with pytest.raises(UsageError) as e:
        store.put_bytes(KEY, b"x")
    assert e.value.code == "store.bucket"


def test_an_outage_is_unavailable_and_passes(s3_server: S3Server, tmp_path: Path) -> None:
    store = open_store(s3_server.bucket_url(), base=tmp_path, env=s3_server.env)
    store.put_bytes(KEY, b"x")
    s3_server.stop_gateway()
    try:
        for act in (store.get, store.stat, store.delete, lambda k: list(store.list(k)), lambda k: store.put_bytes(k, b"y")):
            with pytest.raises(UnavailableError) as e:
                act(KEY)
            assert s3_server.endpoint.removeprefix("http://") in e.value.zh
    finally:
        s3_server.start_gateway()
    assert store.get(KEY) == b"x"


def test_a_deleted_object_is_gone_from_a_bucket_with_versions_too(s3_server: S3Server, tmp_path: Path) -> None:
    store = open_store(s3_server.bucket_url(), base=tmp_path, env=s3_server.env)
    assert isinstance(store, S3Store)
    store._client.set_bucket_versioning(bucket_name=store._bucket, config=VersioningConfig(ENABLED))
    for data in (b"1", b"2"):
        store.put_bytes(KEY, data, replace=True)
    store.put_bytes(f"{KEY}-other", b"kept")
    store.delete(KEY)
    left = store._client.list_objects(bucket_name=store._bucket, recursive=True, include_version=True)
    assert {v.object_name for v in left} == {f"{KEY}-other"}


def test_what_the_server_stored_differently_is_found(
    s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that sends other bytes than it read: the ETag tells, the reading back proves, and the wrong object goes."""
    store = open_store(s3_server.bucket_url(), base=tmp_path, env=s3_server.env)
    assert isinstance(store, S3Store)
    send = store._client._put_object
    monkeypatch.setattr(store._client, "_put_object", lambda b, n, data, *rest: send(b, n, b"!" + data[1:], *rest))
    (file,) = files(tmp_path / "files", ["a file"])
    with pytest.raises(IntegrityError) as e:
        store.put_file(file.key, file.path, sha256=file.sha256, size=file.size)
    assert e.value.code == "store.differs"
    assert store.stat(file.key) is None


# The folder


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "store.full"), (errno.EIO, "store.unavailable"), (errno.EACCES, "store.unavailable")]
)
def test_errors_of_the_disk_are_unavailable(
    folder_store: FolderStore, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, "failed")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(UnavailableError) as e:
        folder_store.put_bytes(KEY, b"x")
    assert e.value.code == code
    assert folder_store.stat(KEY) is None


def test_a_folder_that_vanished_is_unavailable_and_not_empty(folder_store: FolderStore) -> None:
    folder_store.root.rename(folder_store.root.with_name("unmounted"))
    for act in (
        folder_store.get,
        folder_store.stat,
        lambda k: list(folder_store.list("")),
        lambda k: folder_store.put_bytes(k, b""),
    ):
        with pytest.raises(UnavailableError):
            act(KEY)


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UnavailableError):
        FolderStore(tmp_path / "file" / "store")
