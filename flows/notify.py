"""Sending a text to people: off unless ``[notify]`` of ``dangan.toml`` names a host, and then to that host alone.

The password stands in the environment (DANGAN_SMTP_PASSWORD) and nowhere else. Prefect's blocks are sent by ``flows.prefect_flows``.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import msgspec

from archive_schema.digest import Delivery

if TYPE_CHECKING:
    from email.message import EmailMessage

log = logging.getLogger(__name__)

PASSWORD = "DANGAN_SMTP_PASSWORD"
#: seconds to wait for the mail server
PATIENCE = 30.0
_HOST = re.compile(r"(?P<host>\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):(?P<port>\d{1,5})")
_ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

#: sends (subject, body) and raises what it will
Sender = Callable[[str, str], None]


class Notify(msgspec.Struct, frozen=True, rename={"sender": "from"}, forbid_unknown_fields=True):
    """``[notify]``: a mail server, a Prefect block (``type/name``), both or neither.

    tls   starttls (port 587), ssl (port 465) or none; a password is never sent in the open except on this machine
    user  "" = no log-in
    """

    smtp: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()
    user: str = ""
    tls: Literal["starttls", "ssl", "none"] = "starttls"
    block: str = ""

    @property
    def place(self) -> tuple[str, int]:
        """Host and port of the mail server."""
        m = _HOST.fullmatch(self.smtp)
        assert m is not None, "wrong() has been asked"
        return m["host"].strip("[]"), int(m["port"])

    def wrong(self) -> str:
        """What is wrong with it, in Chinese; "" when nothing is."""
        if self.smtp:
            m = _HOST.fullmatch(self.smtp)
            if m is None or not 0 < int(m["port"]) < 65536:
                return "smtp 应写成 主机:端口,如 smtp.example.gov.cn:587"
            if not _ADDRESS.fullmatch(self.sender):
                return "from 应为一个邮箱地址"
            if not self.to or not all(_ADDRESS.fullmatch(t) for t in self.to):
                return 'to 应为邮箱地址的列表,如 ["a@example.gov.cn"]'
            if self.user and self.tls == "none" and self.place[0] not in _LOOPBACK:
                return "有 user 时 tls 不能是 none: 密码不能明文传送"
        elif self.sender or self.to or self.user:
            return "没有写 smtp(主机:端口)"
        if self.block and not re.fullmatch(r"[a-z0-9-]+/[A-Za-z0-9._-]+", self.block):
            return "block 应写成 类型/名称,如 mattermost-webhook/dangan"
        return ""


NOBODY = Notify()


def send(
    notify: Notify,
    subject: str,
    body: str,
    *,
    at: datetime,
    by_block: Sender | None = None,
    env: Mapping[str, str] | None = None,
) -> tuple[Delivery, ...]:
    """Try every configured way once; what failed is told, never raised.

    :param by_block: sends by the Prefect block; None = cannot be done here, and is not tried.
    :param env: for the password; None = the process's.
    """
    ways: list[tuple[str, Sender]] = []
    if notify.smtp:
        ways.append(("smtp", lambda s, b: mail(notify, s, b, at=at, env=os.environ if env is None else env)))
    if notify.block and by_block is not None:
        ways.append(("block", by_block))
    out = []
    for channel, way in ways:
        try:
            way(subject, body)
        except Exception as e:  # noqa: BLE001 - no way of failing may cost the night
            log.warning("not sent by %s: %s", channel, type(e).__name__)  # what the server answered may hold a secret
            out.append(Delivery(at, channel, False, reason(e, notify if channel == "smtp" else None)))
        else:
            out.append(Delivery(at, channel, True))
    return tuple(out)


def mail(notify: Notify, subject: str, body: str, *, at: datetime, env: Mapping[str, str]) -> None:
    """One message to all of ``notify.to``.

    :raises OSError: no connection, no TLS. :raises smtplib.SMTPException: the server refused. :raises LookupError: no password.
    """
    import smtplib
    import ssl

    host, port = notify.place
    # its own name is not asked of any name server: "localhost" is what a program on this machine may call itself
    here = "localhost"
    server: smtplib.SMTP
    if notify.tls == "ssl":
        server = smtplib.SMTP_SSL(host, port, here, timeout=PATIENCE, context=ssl.create_default_context())
    else:
        server = smtplib.SMTP(host, port, here, timeout=PATIENCE)
    with server:
        if notify.tls == "starttls":
            server.starttls(context=ssl.create_default_context())
        if notify.user:
            password = env.get(PASSWORD)
            if not password:
                raise LookupError(f"{PASSWORD} is not set")
            server.login(notify.user, password)
        refused = server.send_message(message(notify, subject, body, at=at))
        if refused:
            raise smtplib.SMTPRecipientsRefused(refused)


def message(notify: Notify, subject: str, body: str, *, at: datetime) -> EmailMessage:
    """Plain text in UTF-8; nothing in it names this machine."""
    from email.message import EmailMessage
    from email.utils import format_datetime, make_msgid

    made = EmailMessage()
    made["Subject"] = " ".join(subject.split())
    made["From"] = notify.sender
    made["To"] = ", ".join(notify.to)
    made["Date"] = format_datetime(at)
    made["Message-ID"] = make_msgid(domain=notify.sender.rpartition("@")[2])
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    made.set_content(body, cte="base64")
    return made


def reason(e: Exception, notify: Notify | None) -> str:
    """Why it was not sent, in Chinese and without anything that an answer of a server may contain."""
    import smtplib
    import ssl

    server = f"邮件服务器 {notify.smtp} " if notify else "通知服务"
    if isinstance(e, LookupError) and notify:
        return f"没有设环境变量 {PASSWORD}"
    if isinstance(e, smtplib.SMTPAuthenticationError):
        return f"{server}不接受用户名或密码"
    if isinstance(e, smtplib.SMTPRecipientsRefused):
        return f"{server}拒收部分或全部收件人"
    if isinstance(e, smtplib.SMTPNotSupportedError):
        return f"{server}不支持所设的加密或登录方式"
    if isinstance(e, smtplib.SMTPResponseException):
        return f"{server}拒绝(代码 {e.smtp_code})"
    if isinstance(e, ssl.SSLError):
        return f"{server}的加密连接不成立(证书或 tls 设置)"
    if isinstance(e, TimeoutError):
        return f"{server}没有应答"
    if isinstance(e, OSError):
        return f"连不上{server.strip()}"
    return f"{server}没有接受({type(e).__name__})"
