"""Real servers on the loopback interface that messages are sent to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller


class WebHook:
    """An HTTP server. It holds its port from the beginning, and refuses connections until it is `open`."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.answer = 200
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if hook.answer == 200:
                    hook.received.append(json.loads(body))
                self.send_response(hook.answer)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing on the console."""

        # Bound but not listening: the system refuses connections, and nobody else can take the port.
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
        self._server.server_bind()
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self._server.server_address[1]}/secret-token-in-the-path"

    @property
    def titles(self) -> list[str]:
        return [message["title"] for message in self.received]

    def open(self) -> None:
        self._server.server_activate()
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


class Mailbox:
    """What an SMTP server has taken in."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.url = ""

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        self.received.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"


class _AnyPort(Controller):
    """The library's controller on a port that the system chooses: it asks where it is before it says hello."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    controller = _AnyPort(mailbox, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        mailbox.url = f"mailto://127.0.0.1:{controller.port}?from=nba@example.com&to=someone@example.com&mode=insecure"
        yield mailbox
    finally:
        controller.stop()
