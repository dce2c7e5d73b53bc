"""A real SMTP server on a free port of this machine, as willing or unwilling as a test wants it."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

USER, PASSWORD = "mailer", "pass:w@rd/100%"


@dataclass
class Post:
    """What the server got, and what it answers at each step instead of doing it."""

    port: int = 0
    received: list[Envelope] = field(default_factory=list)
    sessions: list[Any] = field(default_factory=list)
    at_mail: str | None = None
    at_recipient: str | None = None
    at_data: str | None = None
    waits_at_data: float = 0

    @property
    def messages(self) -> list[EmailMessage]:
        """The mails as a reader parses them."""
        return [
            message_from_bytes(cast("bytes", one.content), policy=policy.default)
            for one in self.received
        ]

    async def handle_EHLO(  # noqa: N802  # the server calls it by this name
        self, server: Any, session: Any, envelope: Envelope, hostname: str, answers: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.sessions.append(session)
        return answers

    async def handle_MAIL(  # noqa: N802  # as above
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.at_mail or "250 OK"

    async def handle_RCPT(  # noqa: N802  # as above
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.at_recipient:
            return self.at_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  # as above
        self, server: Any, session: Any, envelope: Envelope
    ) -> str:
        await asyncio.sleep(self.waits_at_data)
        if self.at_data:
            return self.at_data
        self.received.append(envelope)
        return "250 OK"


def _authenticate(
    server: Any, session: Any, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    given = cast("LoginPassword", data)
    is_right = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_right, handled=False)


@contextmanager
def post_office(
    *,
    port: int | None = None,
    offers_sign_in: bool = False,
    starttls: ssl.SSLContext | None = None,
    smtps: ssl.SSLContext | None = None,
) -> Iterator[Post]:
    """A running server that takes every mail."""
    post = Post(port=port or free_port())
    controller = Controller(
        post,
        hostname="127.0.0.1",
        port=post.port,
        ssl_context=smtps,
        tls_context=starttls,
        authenticator=_authenticate if offers_sign_in else None,
        auth_require_tls=False,
        enable_SMTPUTF8=True,
    )
    controller.start()
    try:
        yield post
    finally:
        controller.stop()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def silent_server() -> Iterator[int]:
    """The port of a server that takes the connection and then says nothing."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(8)
        yield int(listening.getsockname()[1])
