"""An object store on any S3 server, through the ``minio`` client. Only ``storage.factory`` loads this module.

What the client and the servers make necessary (measured on minio-py 7.2.20 and Ceph RGW 16): keyword arguments only; no
conditional writes (a ``metadata`` entry is plain user metadata, and RGW ignores ``If-None-Match``); over HTTPS no payload
digest is sent, so what was written is verified here, by the MD5 that the server made of it (single part) or by reading it back.

Locks are set by a request of their own, after the verification: RGW drops the retention that an upload in parts announces
(such an object would be stored and not locked), and what was stored wrongly must still be removable.
"""

from __future__ import annotations

import hashlib
import http.client
import io
import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, Self
from xml.etree.ElementTree import ParseError

import certifi
import urllib3
from minio import Minio
from minio.commonconfig import ENABLED
from minio.deleteobjects import DeleteObject
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError
from minio.retention import Retention as MinioRetention
from minio.versioningconfig import VersioningConfig

from archive_schema.errors import DanganError, IntegrityError, UsageError
from archive_schema.protection import UNPROTECTED, Lock, Protection, Retention
from storage import keys
from storage.delivery import Delivered
from storage.objects import CHUNK, CheckedSource, ObjectInfo, ObjectMissing, check_same, differs, has_same
from storage.protection import ObjectLocked, Upload, Version
from storage.s3_answers import UNKNOWN, Answers
from storage.s3_requests import Body, uploads

log = logging.getLogger(__name__)

#: bytes of one part, and so the memory of an upload; S3 allows 10,000 parts, so this reaches 156 GiB
PART = 16 * 1024 * 1024
#: seconds at most that a server may ask us to stay away before a request is tried again
_RETRY_AFTER = 3

#: what servers are asked in that have no regions
_NO_REGION = "us-east-1"
_OPENING = "s3:ListBucket 和 s3:GetBucketLocation(设了 DANGAN_S3_REGION 则不用后者)"
#: answers of a server, or of a bucket, that knows no object lock
_NO_LOCKS = {"ObjectLockConfigurationNotFoundError", "MethodNotAllowed", "NotImplemented"}


class S3Store:
    """See ``ObjectStore`` for the contract. The bucket is made when there is none, unless it ``must_exist``.

    :param endpoint: ``host:port``, without a scheme.
    :param protection: what a bucket that is made here can do from the start; object lock cannot be switched on later.
    :param called: variables of the environment that this store has under names of its own, to be named to the user.
    :ivar lock: see ``storage.protection.Versioned``, which this is, too.
    :raises UsageError: wrong credentials, bucket or region.
    :raises UnavailableError: no answer.
    """

    def __init__(
        self,
        *,
        endpoint: str,
        access_key: str,
        secret_key: str,
        bucket: str,
        prefix: str = "",
        region: str | None = None,
        secure: bool = True,
        protection: Protection = UNPROTECTED,
        must_exist: bool = False,
        called: Mapping[str, str] = MappingProxyType({}),
        connect_timeout: float = 5.0,
        read_timeout: float = 60.0,
        retries: int = 3,
    ) -> None:
        self._bucket = bucket
        self._prefix = f"{keys.check_key(prefix)}/" if prefix else ""
        self._answers = Answers(self.url, endpoint, bucket, called)
        self.lock: Lock | None = None
        self._pool = pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=connect_timeout, read=read_timeout),
            retries=_Patient(
                total=retries,
                backoff_factor=0.2,
                status_forcelist=(500, 502, 503, 504),
                raise_on_status=False,
                retry_after_max=_RETRY_AFTER,
            ),
            maxsize=16,
            cert_reqs="CERT_REQUIRED",
            ca_certs=os.environ.get("SSL_CERT_FILE") or certifi.where(),
        )
        with self._mapped("", _OPENING):
            connect = partial(
                Minio, endpoint=endpoint, access_key=access_key, secret_key=secret_key, secure=secure, http_client=pool
            )
            self._client: Any = connect(region=region)
            try:
                there = self._client.bucket_exists(bucket_name=bucket)
            except S3Error as e:
                if region or e.code != "AccessDenied":
                    raise
                # without a region the client asks for it first, which keys that may only read and write are not allowed to
                self._client = connect(region=_NO_REGION)
                try:
                    there = self._client.bucket_exists(bucket_name=bucket)
                except S3Error:
                    raise e from None
        if not there:
            if must_exist:
                raise self._answers.no_bucket()
            with self._mapped("", "s3:CreateBucket"):
                self._make_bucket(protection)

    @property
    def url(self) -> str:
        return f"s3://{self._bucket}/{self._prefix}".rstrip("/")

    def put_file(self, key: str, path: Path, *, sha256: str, size: int, replace: bool = False) -> bool:
        if has_same(self, key, sha256=sha256, size=size, replace=replace):
            self._lock(key)  # a run that was killed, or one before the locks, left it without
            return False
        with CheckedSource(path, sha256=sha256, size=size) as source:
            etag, version = self._put(key, source, size)
            md5 = source.md5.hexdigest()
        self._verify(key, etag, md5, sha256, size, drop=not replace)
        self._lock(key, version)
        return True

    def put_bytes(self, key: str, data: bytes, *, replace: bool = False) -> bool:
        if self.stat(key) is not None:
            if (found := self.get(key)) == data:
                self._lock(key)
                return False
            if not replace:
                raise differs(key, hashlib.sha256(data).hexdigest(), hashlib.sha256(found).hexdigest())
        etag, version = self._put(key, io.BytesIO(data), len(data))
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
        self._verify(key, etag, md5, hashlib.sha256(data).hexdigest(), len(data))
        self._lock(key, version)
        return True

    def get(self, key: str) -> bytes:
        with self.open(key) as f:
            return f.read()

    def open(self, key: str) -> BinaryIO:
        with self._mapped(key, "s3:GetObject"):
            response = self._client.get_object(bucket_name=self._bucket, object_name=self._name(key))
        return io.BufferedReader(Body(response, lambda: self._mapped(key)), CHUNK)

    def local(self, key: str) -> Path | None:
        return None

    def stat(self, key: str) -> ObjectInfo | None:
        try:
            with self._mapped(key, "s3:GetObject"):
                found = self._client.stat_object(bucket_name=self._bucket, object_name=self._name(key))
        except ObjectMissing:
            return None
        return ObjectInfo(key, found.size, _utc(found.last_modified))

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        return (i for i in self.found(prefix) if keys.is_key(i.key))

    def found(self, prefix: str) -> Iterator[ObjectInfo]:
        with self._mapped(prefix, "s3:ListBucket"):
            for found in self._client.list_objects(bucket_name=self._bucket, prefix=self._prefix + prefix, recursive=True):
                yield ObjectInfo(found.object_name.removeprefix(self._prefix), found.size, _utc(found.last_modified))

    def delete(self, key: str) -> None:
        self._remove(key, bypass=False)

    # -- what storage.delivery.Delivery asks for ---------------------------------------------------------------------------

    def delivered(self) -> Iterator[Delivered]:
        with self._mapped("", "s3:ListBucket"):
            for found in self._client.list_objects(bucket_name=self._bucket, prefix=self._prefix, recursive=True):
                yield Delivered(found.object_name.removeprefix(self._prefix), found.size, _utc(found.last_modified))

    def collect(self, name: str, into: Path) -> None:
        with self._mapped(name, "s3:GetObject"):
            response = self._client.get_object(bucket_name=self._bucket, object_name=self._prefix + name)
        with io.BufferedReader(Body(response, lambda: self._mapped(name)), CHUNK) as source, into.open("xb") as target:
            shutil.copyfileobj(source, target, CHUNK)

    # -- what storage.protection.Versioned asks for ------------------------------------------------------------------------

    def erase(self, key: str) -> None:
        self._remove(key, bypass=True)

    def versioning(self) -> bool:
        with self._mapped("", "s3:GetBucketVersioning"):
            return bool(self._client.get_bucket_versioning(bucket_name=self._bucket).status == ENABLED)

    def keep_versions(self) -> None:
        with self._mapped("", "s3:PutBucketVersioning"):
            self._client.set_bucket_versioning(bucket_name=self._bucket, config=VersioningConfig(ENABLED))

    def lockable(self) -> bool:
        try:
            with self._mapped("", "s3:GetBucketObjectLockConfiguration"):
                self._client.get_object_lock_config(bucket_name=self._bucket)
        except DanganError as e:
            if isinstance(e.__cause__, S3Error) and e.__cause__.code in _NO_LOCKS:
                return False
            raise
        return True

    def versions(self, prefix: str) -> Iterator[Version]:
        with self._mapped(prefix, "s3:ListBucketVersions"):
            for v in self._client.list_objects(
                bucket_name=self._bucket, prefix=self._prefix + prefix, recursive=True, include_version=True
            ):
                key = v.object_name.removeprefix(self._prefix)
                if not keys.is_key(key):
                    continue
                current = v.is_latest in (True, "true")  # the client hands on the text of the answer
                yield Version(key, v.version_id or "", v.size or 0, v.etag or "", current, bool(v.is_delete_marker))

    def uploads(self, prefix: str) -> Iterator[Upload]:
        with self._mapped(prefix, "s3:ListBucketMultipartUploads"):
            try:
                yield from (u for u in uploads(self._client, self._bucket, self._prefix, prefix) if keys.is_key(u.key))
            except S3Error as e:
                if e.code in UNKNOWN:
                    raise self._answers.not_offered("ListMultipartUploads", str(e.code)) from e
                raise

    def abort(self, upload: Upload) -> None:
        with self._mapped(upload.key, "s3:AbortMultipartUpload"):
            try:
                self._client._abort_multipart_upload(self._bucket, self._name(upload.key), upload.id)
            except S3Error as e:
                if e.code != "NoSuchUpload":  # ended or aborted since it was listed
                    raise

    def lock_of(self, key: str, version: str = "") -> Lock:
        """Read from the headers of a HEAD: minio-py 7.2.20 cannot parse the date that RGW gives in its answer about a
        retention (nanoseconds, ``2026-11-24T20:58:27.178000000Z``), and one request says all."""
        headers = self._head(key, version)
        mode = (headers.get("x-amz-object-lock-mode") or "").lower()
        until = headers.get("x-amz-object-lock-retain-until-date")
        return Lock(
            Retention(mode) if mode and until else Retention.NONE,
            datetime.fromisoformat(until).astimezone(UTC) if mode and until else None,
            headers.get("x-amz-object-lock-legal-hold") == "ON",
        )

    def set_lock(self, key: str, lock: Lock, version: str = "") -> None:
        found = self.lock_of(key, version)
        if not found.covers(lock):
            self._set_lock(key, lock, version)

    def release_hold(self, key: str, version: str = "") -> None:
        with self._mapped(key, "s3:PutObjectLegalHold"):
            self._client.disable_object_legal_hold(
                bucket_name=self._bucket, object_name=self._name(key), version_id=version or None
            )

    def put_if_absent(self, key: str, data: bytes) -> bool:
        with self._mapped(key):
            url = self._client.get_presigned_url(
                "PUT", bucket_name=self._bucket, object_name=self._name(key), expires=timedelta(minutes=5)
            )
            # the client has no keyword for it; a presigned address leaves further headers to whoever uses it
            answer = self._pool.request("PUT", url, body=data, headers={"If-None-Match": "*"})
        return bool(answer.status < 300)

    def server_time(self) -> datetime:
        with self._mapped(""):
            url = self._client.get_presigned_url("GET", bucket_name=self._bucket, object_name="-")
            answer = self._pool.request("GET", url)  # whether there is such an object does not matter
            return parsedate_to_datetime(answer.headers["Date"]).astimezone(UTC)

    # -- inside ------------------------------------------------------------------------------------------------------------

    def _head(self, key: str, version: str = "") -> Any:
        with self._mapped(key, "s3:GetObject"):
            return self._client.stat_object(
                bucket_name=self._bucket, object_name=self._name(key), version_id=version or None
            ).metadata

    def _lock(self, key: str, version: str = "") -> None:
        if self.lock is None or not keys.immutable(key):
            return
        if version:
            self._set_lock(key, self.lock, version)
        else:
            self.set_lock(key, self.lock)

    def _set_lock(self, key: str, lock: Lock, version: str) -> None:
        where = {"bucket_name": self._bucket, "object_name": self._name(key), "version_id": version or None}
        with self._mapped(key, "s3:PutObjectRetention、s3:PutObjectLegalHold"):
            if lock.mode is not Retention.NONE and lock.until is not None:
                config = MinioRetention(lock.mode.value.upper(), lock.until)
                try:
                    self._client.set_object_retention(config=config, **where)
                except S3Error as e:  # a default of the bucket that is longer or stricter stays
                    if e.code != "AccessDenied" or not self.lock_of(key, version).covers(Lock(lock.mode, lock.until)):
                        raise
            if lock.hold:
                self._client.enable_object_legal_hold(**where)

    def _remove(self, key: str, *, bypass: bool) -> None:
        """Every version, by its id: deleting without one would only hide the object, and hide it also where a lock then
        refuses. A bucket that never had versions names each "null"."""
        name = self._name(key)
        for v in [v for v in self.versions(key) if v.key == key]:
            where = {"bucket_name": self._bucket, "object_name": name, "version_id": v.id or None}
            try:
                with self._mapped(key, "s3:DeleteObject、s3:DeleteObjectVersion"):
                    self._client.remove_object(**where)
            except UsageError:
                if bypass and self._bypass(key, v):
                    continue
                lock = Lock() if v.marker else self.lock_of(key, v.id)
                if lock == Lock():
                    raise
                raise ObjectLocked(key, lock) from None

    def _bypass(self, key: str, v: Version) -> bool:
        """Delete a version past its governance retention; whether the server did. The client can ask for it in lists only."""
        with self._mapped(key):
            refused = self._client.remove_objects(
                bucket_name=self._bucket,
                delete_object_list=[DeleteObject(self._name(key), v.id or None)],
                bypass_governance_mode=True,
            )
            return not list(refused)

    def _name(self, key: str) -> str:
        return self._prefix + keys.check_key(key)

    def _make_bucket(self, protection: Protection) -> None:
        try:
            self._client.make_bucket(bucket_name=self._bucket, object_lock=protection.locks)
            if protection.versioning and not protection.locks:  # object lock has switched it on already
                self.keep_versions()
        except S3Error as e:
            if e.code != "BucketAlreadyOwnedByYou":  # another process of ours was quicker
                raise

    def _put(self, key: str, source: Any, size: int) -> tuple[str, str]:
        """(ETag, id of the version, "" without versions)."""
        with self._mapped(key, "s3:PutObject"):
            result = self._client.put_object(
                bucket_name=self._bucket,
                object_name=self._name(key),
                data=source,
                length=size,
                part_size=PART,
                num_parallel_uploads=1,  # more would keep as many parts in memory
            )
        return str(result.etag), result.version_id or ""

    def _verify(self, key: str, etag: str, md5: str, sha256: str, size: int, *, drop: bool = True) -> None:
        """What the server holds is what was sent.

        :param drop: remove it where it is not; never where older versions lie below, which would go with it.

        The ETag of a single-part object is its MD5, made by the server from what it stored. An ETag of another form says
        nothing (several parts, server-side encryption): then the object is read back.
        """
        try:
            if etag == md5:
                found = self.stat(key)
                if found is None or found.size != size:
                    raise differs(key, f"{size} bytes", f"{found.size} bytes" if found else "nothing")
            else:
                check_same(self, key, sha256=sha256, size=size)
        except IntegrityError:
            # else every later try would meet the wrong bytes; the first error is the one to tell
            if drop and keys.immutable(key):
                with suppress(DanganError):
                    self.delete(key)
            raise

    @contextmanager
    def _mapped(self, key: str, right: str = "") -> Iterator[None]:
        """Errors of minio, urllib3 and the network into our tree.

        :param right: that of S3 which is asked for.
        """
        try:
            yield
        except (MinioException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ParseError, ValueError) as e:
            raise self._error(key, e, right) from e

    def _error(self, key: str, e: Exception, right: str) -> DanganError:
        told = self._answers
        if isinstance(e, S3Error):
            return told.refused(key, str(e.code), str(e.message), right)
        if isinstance(e, InvalidResponseError):
            return told.no_answer_of_s3(key, e._code, str(e))
        if isinstance(e, ServerError):
            return told.no_answer_of_s3(key, e.status_code, f"HTTP {e.status_code}")
        if isinstance(e, ValueError) and not isinstance(e, OSError | ParseError | urllib3.exceptions.HTTPError):
            return told.settings(str(e))
        return told.unreached(key, e)


class _Patient(urllib3.Retry):
    """Says so when a server does not answer and is asked again: minutes may go by."""

    def increment(
        self,
        method: Any = None,
        url: Any = None,
        response: Any = None,
        error: Any = None,
        _pool: Any = None,
        _stacktrace: Any = None,
    ) -> Self:
        left = super().increment(method, url, response, error, _pool, _stacktrace)  # raises when it is not asked again
        if isinstance(error, urllib3.exceptions.TimeoutError):
            where = f"{_pool.host}:{_pool.port}" if _pool is not None else ""
            log.warning(
                "no answer from %s, asked again", where, extra={"zh": f"存储服务 {where} 没有回答,再试(还有 {left.total} 次)……"}
            )
        return left


def _utc(moment: datetime | None) -> datetime:
    return moment.astimezone(UTC) if moment else datetime.fromtimestamp(0, UTC)
