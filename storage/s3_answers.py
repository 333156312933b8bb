"""What the refusals of an S3 server mean to a user: a key, a right, a bucket, an address, a certificate, a clock, no room left, or
nobody there. Knows no client."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from archive_schema.errors import DanganError, UnavailableError, UsageError
from storage.objects import ObjectMissing

#: codes of S3 errors, by what they mean to the user
_CREDENTIALS = {
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
#: the key is known and may not do this; also the answer to a HEAD, whatever was wrong with the key
_DENIED = {"AccessDenied"}
_FULL = {
    "InsufficientStorage",
    "QuotaExceeded",
    "ServiceQuotaExceededException",
    "XMinioAdminBucketQuotaExceeded",
    "XMinioStorageFull",
}
#: it is there, and cannot do it now
_BUSY = {"InternalError", "RequestTimeout", "ServiceUnavailable", "SlowDown", "Throttling", "TooManyRequests"}
#: what was asked for is nothing that this server does
UNKNOWN = {"MethodNotAllowed", "NotImplemented"}
_MISSING = {"NoSuchKey", "NoSuchObject", "NoSuchVersion", "ResourceNotFound"}
_VARIABLE = re.compile("DANGAN_S3_[A-Z_]+[A-Z]")
_SETTINGS = "请核对存储地址和 DANGAN_S3_ENDPOINT;桶名应为 3 到 63 个小写字母、数字、点或连字符"
_CHECK_KEYS = "请核对 DANGAN_S3_ACCESS_KEY、DANGAN_S3_SECRET_KEY 及其对该桶的读写权限"
_LATER = "已做的工作没有丢失;请检查网络和存储服务,核对 DANGAN_S3_ENDPOINT,恢复后重试"

#: OpenSSL's number of what is wrong with a certificate → what that is, what to do
_CERTIFICATES = {
    9: ("还没有生效", "请核对本机时间"),
    10: ("已经过期", "请存储管理员更换证书"),
    62: ("不是给这个地址的", "请核对 DANGAN_S3_ENDPOINT 里的主机名,应写证书上的名字"),
    64: ("不是给这个地址的", "请核对 DANGAN_S3_ENDPOINT,应写证书上的名字"),
}
#: OpenSSL's words for an answer that is no TLS
_NOT_TLS = {"HTTP_REQUEST", "UNKNOWN_PROTOCOL", "WRONG_VERSION_NUMBER"}
_UNKNOWN_ISSUER = (
    "不是本机信任的机构签发的",
    "由本单位自己签发的,请向存储管理员要来签发者的证书(PEM 文件),用环境变量 SSL_CERT_FILE 指向它",
)


@dataclass(frozen=True)
class Answers:
    """Of one server and bucket. ``url``: of the store, as users know it. ``called``: variables of the environment that were read
    under a name of their own, as for a copy.
    """

    url: str
    endpoint: str
    bucket: str
    called: Mapping[str, str] = field(default_factory=dict)

    def refused(self, key: str, code: str, message: str, right: str = "") -> DanganError:
        """An error that the server gave a code of its own.

        :param right: what the key must be allowed to for what was asked, as S3 names it.
        """
        why = f"{code}: {message}"
        if code in _MISSING:
            return ObjectMissing(key)
        if code in _BUCKET:
            return self._usage(why, "store.bucket", f"桶 {self.bucket} 不可用({code})", "请核对存储地址里的桶名和区域")
        if code in _DENIED:
            lacking = f",这一步要有权限 {right}" if right else ""
            taken = "" if key else ";桶名也可能已被别人占用: 新建时请换一个"
            hint = f"{_CHECK_KEYS}{lacking}{taken};所需的权限见 docs/storage.md"
            return self._usage(why, "store.credentials", f"存储服务不许当前密钥访问 {self.url}({code})", hint, path=key)
        if code in _CREDENTIALS:
            return self._usage(why, "store.credentials", f"存储服务拒绝了访问密钥({code})", _CHECK_KEYS)
        if code in _FULL:
            return self.full(key, why)
        if code == "RequestTimeTooSkewed":
            return self._usage(message, "store.clock", "本机时钟与存储服务相差太大", "请校准本机时间后重试")
        if code not in _BUSY:
            hint = "已做的工作没有丢失;请把括号里的代码告诉存储管理员,解决后重试"
            return self._unavailable(key, why, "store.unavailable", f"存储服务 {self.endpoint} 没有照办({code})", hint)
        return self.unavailable(key, why)

    def no_answer_of_s3(self, key: str, status: int, said: str) -> DanganError:
        """An answer over HTTP that is none of S3's.

        :param said: what the client made of it.
        """
        if status in (401, 403):
            return self._usage(f"HTTP {status}", "store.credentials", f"存储服务拒绝了访问(HTTP {status})", _CHECK_KEYS)
        if 400 <= status < 500 and status not in (408, 429):
            zh = f"{self.endpoint} 不像 S3 服务(HTTP {status})"
            hint = "请核对 DANGAN_S3_ENDPOINT: 主机和端口,是 https 还是 http"
            return self._usage(f"HTTP {status}, not an S3 answer", "store.endpoint", zh, hint)
        if status == 507:
            return self.full(key, said)
        return self.unavailable(key, f"InvalidResponseError: {said}")

    def no_bucket(self) -> UsageError:
        """The bucket must be there, and is not."""
        return self._usage(
            "no such bucket", "store.absent", f"没有名为 {self.bucket} 的桶", "请核对地址里的桶名", path=self.url
        )

    def not_offered(self, what: str, code: str) -> UsageError:
        """A part of S3 that not every server has, and that the archive can do without."""
        zh = f"存储服务 {self.endpoint} 不提供 {what}({code})"
        return self._usage(code, "store.not-offered", zh, "不影响收件、存档和审计;这一项由存储管理员处理", path=self.url)

    def settings(self, why: str) -> UsageError:
        """The client takes the settings for impossible."""
        return self._usage(why, "store.settings", f"存储设置不合规则(桶“{self.bucket}”,服务 {self.endpoint})", _SETTINGS)

    def full(self, key: str, why: str) -> UnavailableError:
        zh = f"存储服务 {self.endpoint} 的空间或配额已满: {self.url}"
        hint = "已存档的不受影响;请存储管理员扩大空间或配额,然后再运行一次,会接着做完"
        return self._unavailable(key, why, "store.full", zh, hint)

    def unreached(self, key: str, e: Exception) -> UnavailableError:
        """Nothing came back, or nothing that could be understood."""
        why = f"{type(e).__name__}: {e}"
        for cause in _causes(e):
            if isinstance(cause, ssl.SSLCertVerificationError):
                what, do = _CERTIFICATES.get(cause.verify_code, _UNKNOWN_ISSUER)
                zh = f"存储服务 {self.endpoint} 的证书{what},没有连接"
                return self._unavailable(key, why, "store.certificate", zh, f"已做的工作没有丢失;{do}")
            if isinstance(cause, ssl.SSLError) and getattr(cause, "reason", None) in _NOT_TLS:
                zh = f"存储服务 {self.endpoint} 不用 https"
                hint = "已做的工作没有丢失;请核对 DANGAN_S3_ENDPOINT: 主机和端口,是 https 还是 http"
                return self._unavailable(key, why, "store.certificate", zh, hint)
        return self.unavailable(key, why)

    def unavailable(self, key: str, why: str) -> UnavailableError:
        """Nobody there, or nobody who could do it now."""
        return self._unavailable(key, why, "store.unavailable", f"连不上存储服务 {self.endpoint}", _LATER)

    def _unavailable(self, key: str, why: str, code: str, zh: str, hint: str) -> UnavailableError:
        return UnavailableError(f"{self.url} at {self.endpoint}: {why}", zh=zh, code=code, path=key, hint=self._named(hint))

    def _usage(self, why: str, code: str, zh: str, hint: str, *, path: str = "") -> UsageError:
        return UsageError(f"{self.url} at {self.endpoint}: {why}", zh=zh, code=code, hint=self._named(hint), path=path)

    def _named(self, hint: str) -> str:
        return _VARIABLE.sub(lambda m: self.called.get(m[0], m[0]), hint)


def _causes(e: Exception) -> Iterator[Exception]:
    """An error, and those that it wraps, as its ``reason`` or as its first argument."""
    yield e
    for inner in (getattr(e, "reason", None), e.args[0] if e.args else None):
        if isinstance(inner, Exception):
            yield from _causes(inner)
            return
