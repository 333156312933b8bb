"""Sending the digest: to the configured server and nowhere else, encrypted where there is a password; failing is told, not raised."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from flows import notify
from flows.notify import NOBODY, Notify
from tests.mailserver import MailServer, certificate

AT = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
SUBJECT = "【档案】示例市 11月23日：可用 3/9，一切正常"
BODY = "示例市 夜间简报\n.开头的一行\n疑似涉密 0 件\n"
PEOPLE = ("dangzu@example.org", "keyuan@example.org")


def to(server: MailServer, **more: object) -> Notify:
    fields = {"smtp": server.address, "sender": "dangan@example.org", "to": PEOPLE, "tls": "none"} | more
    return Notify(**fields)  # type: ignore[arg-type]


def sent(setting: Notify, **more: object) -> tuple[notify.Delivery, ...]:
    return notify.send(setting, SUBJECT, BODY, at=AT, env={}, **more)  # type: ignore[arg-type]


def test_a_mail_arrives_word_for_word_at_everybody() -> None:
    with MailServer() as server:
        [done] = sent(to(server))
    assert done == notify.Delivery(AT, "smtp", True)
    [mail] = server.mails
    assert (mail.sender, tuple(mail.to)) == ("dangan@example.org", PEOPLE)
    assert mail.message["Subject"] == SUBJECT
    assert mail.message.get_content() == BODY
    assert mail.message["Date"].datetime == AT


def test_nothing_of_it_names_this_machine() -> None:
    with MailServer() as server:
        sent(to(server))
    [mail] = server.mails
    assert server.called == ["localhost"]
    assert socket.gethostname().encode() not in mail.raw
    assert mail.message["Message-ID"].endswith("@example.org>")


def test_without_a_setting_nothing_is_sent_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was made")

    monkeypatch.setattr(socket, "create_connection", refuse)
    assert sent(NOBODY) == ()


def test_a_subject_of_two_lines_adds_no_header() -> None:
    with MailServer() as server:
        notify.send(to(server), "档案\r\nBcc: x@example.org\n二", BODY, at=AT, env={})
    [mail] = server.mails
    assert mail.message["Bcc"] is None and mail.message["Subject"] == "档案 Bcc: x@example.org 二"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("certificate"))


@pytest.mark.parametrize(("tls", "implicit"), [("starttls", False), ("ssl", True)])
def test_with_tls_the_mail_and_the_password_go_encrypted(
    tls: str, implicit: bool, pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pair[0]))
    with MailServer(certificate=pair, implicit=implicit, passwords={"dangan": "s3cret"}) as server:
        done = notify.send(to(server, tls=tls, user="dangan"), SUBJECT, BODY, at=AT, env={notify.PASSWORD: "s3cret"})
    assert [d.ok for d in done] == [True], done
    [mail] = server.mails
    assert mail.encrypted and mail.user == "dangan"


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(pair: tuple[Path, Path]) -> None:
    with MailServer(certificate=pair, passwords={"dangan": "x"}) as server:
        [done] = notify.send(to(server, tls="starttls", user="dangan"), SUBJECT, BODY, at=AT, env={notify.PASSWORD: "x"})
    assert not done.ok and "证书" in done.why and not server.mails


def test_a_server_without_tls_gets_no_mail_when_tls_is_set() -> None:
    with MailServer() as server:
        [done] = sent(to(server, tls="starttls"))
    assert not done.ok and "不支持所设的加密" in done.why and not server.mails


def test_the_password_comes_from_the_environment_alone_and_no_answer_of_the_server_is_repeated() -> None:
    with MailServer(passwords={"dangan": "right"}) as server:
        setting = to(server, user="dangan")
        [missing] = sent(setting)
        [wrong] = notify.send(setting, SUBJECT, BODY, at=AT, env={notify.PASSWORD: "hunter2"})
        [right] = notify.send(setting, SUBJECT, BODY, at=AT, env={notify.PASSWORD: "right"})
    assert missing.why == "没有设环境变量 DANGAN_SMTP_PASSWORD"
    assert "用户名或密码" in wrong.why and "hunter2" not in wrong.why
    assert right.ok and len(server.mails) == 1


def test_refused_recipients_and_a_server_that_is_not_there_are_told() -> None:
    with MailServer(refuse=True) as server:
        [refused] = sent(to(server))
        setting = to(server)
    [gone] = sent(setting)
    assert "收件人" in refused.why
    assert gone.why == f"连不上邮件服务器 {setting.smtp}"


def test_a_block_is_used_where_prefect_is_and_its_failure_is_told() -> None:
    said: list[tuple[str, str]] = []

    def broken(_: str, __: str) -> None:
        raise RuntimeError("token=abc")

    setting = Notify(block="custom-webhook/dangan")
    assert sent(setting) == ()
    assert [d.ok for d in sent(setting, by_block=lambda s, b: said.append((s, b)))] == [True]
    assert said == [(SUBJECT, BODY)]
    [failed] = sent(setting, by_block=broken)
    assert (failed.channel, failed.ok) == ("block", False) and "abc" not in failed.why


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"smtp": "mail.example.org"}, "主机:端口"),
        ({"smtp": "mail.example.org:0"}, "主机:端口"),
        ({"smtp": "http://mail.example.org:25"}, "主机:端口"),
        ({"smtp": "mail.example.org:25"}, "from"),
        ({"smtp": "mail.example.org:25", "sender": "a@b"}, "to"),
        ({"smtp": "mail.example.org:25", "sender": "a@b", "to": ("c@d", "e")}, "to"),
        ({"smtp": "mail.example.org:25", "sender": "a@b\nBcc: x@y", "to": ("c@d",)}, "from"),
        ({"smtp": "mail.example.org:25", "sender": "a@b", "to": ("c@d",), "user": "u", "tls": "none"}, "明文"),
        ({"to": ("c@d",)}, "没有写 smtp"),
        ({"block": "dangan"}, "类型/名称"),
    ],
)
def test_a_wrong_setting_is_named(fields: dict[str, object], said: str) -> None:
    assert said in Notify(**fields).wrong()  # type: ignore[arg-type]


def test_settings_as_they_should_be_have_no_fault_and_survive_prefects_parameters() -> None:
    good = Notify(smtp="[::1]:587", sender="a@b", to=("c@d",), user="u", tls="none", block="slack-webhook/x")
    assert good.wrong() == "" == NOBODY.wrong()
    assert good.place == ("::1", 587)
    assert msgspec.convert(msgspec.to_builtins(good), Notify) == good
