"""What the refusals of an S3 server mean to a user: a key, a bucket, an address, a clock, or nobody there. Knows no client."""

from __future__ import annotations

from dataclasses import dataclass

from archive_schema.errors import DanganError, UnavailableError, UsageError
from storage.objects import ObjectMissing

#: codes of S3 errors, by what they mean to the user
_CREDENTIALS = {
    "AccessDenied",
    "AccountProblem",
    "AllAccessDisabled",
    "AuthorizationHeaderMalformed",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidSecurity",
    "InvalidToken",
    "NotSignedUp",
    "SignatureDoesNotMatch",
    "UserSuspended",
}
_BUCKET = {
    "BucketAlreadyExists",
    "IllegalLocationConstraintException",
    "InvalidBucketName",
    "NoSuchBucket",
    "PermanentRedirect",
    "TooManyBuckets",
}
_MISSING = {"NoSuchKey", "NoSuchObject", "NoSuchVersion", "ResourceNotFound"}
_SETTINGS = "请核对存储地址和 DANGAN_S3_ENDPOINT;桶名应为 3 到 63 个小写字母、数字、点或连字符"
_CHECK_KEYS = "请核对 DANGAN_S3_ACCESS_KEY、DANGAN_S3_SECRET_KEY 及其对该桶的读写权限"


@dataclass(frozen=True)
class Answers:
    """Of one server and bucket. ``url``: of the store, as users know it."""

    url: str
    endpoint: str
    bucket: str

    def refused(self, key: str, code: str, message: str) -> DanganError:
        """An error that the server gave a code of its own."""
        why = f"{code}: {message}"
        if code in _MISSING:
            return ObjectMissing(key)
        if code in _BUCKET:
            return self._usage(why, "store.bucket", f"桶 {self.bucket} 不可用({code})", "请核对存储地址里的桶名和区域")
        if code in _CREDENTIALS:
            return self._usage(why, "store.credentials", f"存储服务拒绝了访问密钥({code})", _CHECK_KEYS)
        if code == "RequestTimeTooSkewed":
            return self._usage(message, "store.clock", "本机时钟与存储服务相差太大", "请校准本机时间后重试")
        return self.unavailable(key, why)

    def no_answer_of_s3(self, key: str, status: int, said: str) -> DanganError:
        """An answer over HTTP that is none of S3's.

        :param said: what the client made of it.
        """
        if status in (401, 403):
            return self._usage(f"HTTP {status}", "store.credentials", f"存储服务拒绝了访问(HTTP {status})", _CHECK_KEYS)
        if 400 <= status < 500 and status not in (408, 429):
            zh = f"{self.endpoint} 不像 S3 服务(HTTP {status})"
            return self._usage(f"HTTP {status}, not an S3 answer", "store.endpoint", zh, "请核对 DANGAN_S3_ENDPOINT")
        return self.unavailable(key, f"InvalidResponseError: {said}")

    def no_bucket(self) -> UsageError:
        """The bucket must be there, and is not."""
        return self._usage(
            "no such bucket", "store.absent", f"没有名为 {self.bucket} 的桶", "请核对地址里的桶名", path=self.url
        )

    def settings(self, why: str) -> UsageError:
        """The client takes the settings for impossible."""
        return self._usage(why, "store.settings", f"存储设置不合规则(桶“{self.bucket}”,服务 {self.endpoint})", _SETTINGS)

    def unavailable(self, key: str, why: str) -> UnavailableError:
        """Nobody there, or nobody who could do it now."""
        return UnavailableError(
            f"{self.url} at {self.endpoint}: {why}",
            zh=f"连不上存储服务 {self.endpoint}",
            code="store.unavailable",
            path=key,
            hint="已做的工作没有丢失;请检查网络和存储服务,恢复后重试",
        )

    def _usage(self, why: str, code: str, zh: str, hint: str, *, path: str = "") -> UsageError:
        return UsageError(f"{self.url} at {self.endpoint}: {why}", zh=zh, code=code, hint=hint, path=path)
