"""A mail server on loopback, as small as RFC 5321 allows: what it is sent it keeps. With STARTTLS, TLS and AUTH PLAIN where asked."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import socketserver
import ssl
import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path


@dataclass
class Mail:
    sender: str
    to: list[str]
    raw: bytes
    encrypted: bool
    user: str

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)  # type: ignore[return-value]


@dataclass
class MailServer:
    """``with MailServer(…) as server``: listens on ``server.address``.

    certificate: (certificate, key) for TLS; ``implicit``: TLS from the first byte; ``passwords``: user → password, else nobody
    may log in; ``refuse``: answers every recipient with 550.
    """

    certificate: tuple[Path, Path] | None = None
    implicit: bool = False
    passwords: dict[str, str] = field(default_factory=dict)
    refuse: bool = False
    mails: list[Mail] = field(default_factory=list)
    called: list[str] = field(default_factory=list)  # by what names clients called themselves

    def __enter__(self) -> MailServer:
        owner = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                owner._talk(self)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    def _context(self) -> ssl.SSLContext:
        assert self.certificate is not None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.certificate)
        return context

    def _talk(self, h: socketserver.StreamRequestHandler) -> None:
        try:
            self._converse(h)
        except OSError:  # the client did not like the certificate
            return

    def _converse(self, h: socketserver.StreamRequestHandler) -> None:
        sock, encrypted, user = h.request, False, ""
        if self.implicit:
            sock, encrypted = self._context().wrap_socket(sock, server_side=True), True
        stream = sock.makefile("rb")

        def say(line: str) -> None:
            sock.sendall(f"{line}\r\n".encode())

        say("220 ready")
        sender, to = "", []
        while line := stream.readline():
            word, _, rest = line.decode().strip().partition(" ")
            match word.upper():
                case "EHLO" | "HELO":
                    self.called.append(rest)
                    offers = ["hello"]
                    if self.certificate and not encrypted:
                        offers.append("STARTTLS")
                    if self.passwords:
                        offers.append("AUTH PLAIN")
                    for n, offer in enumerate(offers, 1):
                        say(f"250{' ' if n == len(offers) else '-'}{offer}")
                case "STARTTLS":
                    say("220 go on")
                    sock, encrypted = self._context().wrap_socket(sock, server_side=True), True
                    stream = sock.makefile("rb")
                case "AUTH":
                    _, name, password = base64.b64decode(rest.split(" ")[1]).decode().split("\0")
                    if self.passwords.get(name) == password:
                        user = name
                        say("235 welcome")
                    else:
                        say("535 no: it was " + password)  # what a server says back must not reach a report
                case "MAIL":
                    sender, to = rest[5:].split(">")[0].strip("<"), []
                    say("250 ok")
                case "RCPT":
                    if self.refuse:
                        say("550 no such person")
                    else:
                        to.append(rest[3:].strip("<>"))
                        say("250 ok")
                case "DATA":
                    say("354 go on")
                    lines = []
                    while (part := stream.readline()) != b".\r\n":
                        lines.append(part.removeprefix(b"."))
                    self.mails.append(Mail(sender, to, b"".join(lines), encrypted, user))
                    say("250 ok")
                case "QUIT":
                    say("221 bye")
                    return
                case _:
                    say("250 ok")


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1, valid for a day, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    crt, pem = folder / "server.crt", folder / "server.key"
    crt.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return crt, pem
