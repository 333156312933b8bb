"""A fault between the client and a real S3 server: a proxy on loopback that answers, delays or breaks off instead of passing on.

Every request is taken whole, given to the server whole (the ``Host`` that was signed stays), and answered whole, unless ``fault``
says otherwise. So a fault hits a request, not a connection that the client happens to keep open.
"""

from __future__ import annotations

import http.client
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import urlsplit


class Asked(NamedTuple):
    """A request. ``number`` counts from 1 over all requests."""

    number: int
    method: str
    path: str


class Answer(NamedTuple):
    """The proxy answers itself with this status, as a gateway before the store would."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()


class Reset(NamedTuple):
    """The connection is reset: ``before`` the server hears of the request, ``after`` it has done it, or in the ``middle`` of its answer."""

    when: str = "before"


class Slow(NamedTuple):
    """The request is passed on after some seconds."""

    seconds: float


Fault = Answer | Reset | Slow | None
_XML = b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>later</Message></Error>"


class Proxy:
    """Runs from its making until ``close``. ``fault``: what happens to a request; may be set at any time."""

    def __init__(self, endpoint: str) -> None:
        self.fault: Callable[[Asked], Fault] = lambda _: None
        self.asked: list[Asked] = []
        self.hit: list[tuple[Asked, Fault]] = []
        self._lock = threading.Lock()
        target = urlsplit(endpoint)
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do(self) -> None:
                proxy._serve(self, target.hostname or "", target.port or 80)

            do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = do

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass  # a client that was killed

        self._server = Server(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _serve(self, handler: BaseHTTPRequestHandler, host: str, port: int) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        with self._lock:
            asked = Asked(len(self.asked) + 1, handler.command, handler.path)
            self.asked.append(asked)
        fault = self.fault(asked)
        if fault is not None:
            self.hit.append((asked, fault))
        if isinstance(fault, Answer):
            _answer(handler, fault.status, [*fault.headers, ("Content-Length", str(len(_XML)))], _XML)
            return
        if isinstance(fault, Reset) and fault.when == "before":
            _reset(handler)
            return
        if isinstance(fault, Slow):
            time.sleep(fault.seconds)
        upstream = http.client.HTTPConnection(host, port, timeout=60)
        try:
            upstream.putrequest(handler.command, handler.path, skip_host=True, skip_accept_encoding=True)
            for name, value in handler.headers.items():
                upstream.putheader(name, value)
            upstream.endheaders(body)
            found = upstream.getresponse()
            data = found.read()
        except OSError:
            _reset(handler)  # as if nobody stood between
            return
        finally:
            upstream.close()
        if isinstance(fault, Reset) and fault.when == "after":
            _reset(handler)
            return
        headers = [
            (k, v) for k, v in found.getheaders() if k.lower() not in ("connection", "transfer-encoding", "content-length")
        ]
        length = found.getheader("Content-Length") if handler.command == "HEAD" else str(len(data))
        if length is not None:
            headers.append(("Content-Length", length))
        if isinstance(fault, Reset):
            _answer(handler, found.status, headers, data[: len(data) // 2])
            handler.wfile.flush()
            _reset(handler)
            return
        _answer(handler, found.status, headers, data)


def _answer(handler: BaseHTTPRequestHandler, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
    handler.send_response_only(status)
    for name, value in headers:
        handler.send_header(name, value)
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)


def _reset(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    with suppress(OSError):
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()
