"""A real SMTP server that fails at one step of its conversation, as often as a test wants it.

It speaks just enough of RFC 5321, thread by thread, so that each step can hang, close the
connection, or refuse for now or for good.
"""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import BinaryIO

CERTIFICATE = Path(__file__).parent / "localhost.pem"
GREETING, EHLO, STARTTLS, MAIL, RCPT, DATA, DOT, QUIT = STEPS = (
    "greeting", "EHLO", "STARTTLS", "MAIL", "RCPT", "DATA", "after the dot", "QUIT",
)  # fmt: skip
HANGS, CLOSES, LATER, NEVER = FAULTS = ("hangs", "closes", "4xx", "5xx")
_REPLIES = {LATER: b"451 4.3.0 Not now\r\n", NEVER: b"554 5.7.1 Not here\r\n"}
_FINE = {
    GREETING: b"220 stubborn\r\n", EHLO: b"250 stubborn\r\n", STARTTLS: b"220 Go on\r\n",
    MAIL: b"250 OK\r\n", RCPT: b"250 OK\r\n", DATA: b"354 Go on\r\n", DOT: b"250 Taken\r\n",
    QUIT: b"221 Bye\r\n",
}  # fmt: skip


@dataclass
class Stubborn:
    """What the server does wrong (``times`` times), and the ids of the mails that it took."""

    step: str = ""
    fault: str = ""
    times: int = 0
    with_tls: bool = False
    port: int = 0
    taken: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fails_at(self, step: str) -> bool:
        """Whether this step fails this time."""
        with self.lock:
            if step != self.step or self.times < 1:
                return False
            self.times -= 1
            return True


class _Gone(Exception):
    """The conversation is over."""


class _Talk:
    """One conversation."""

    def __init__(self, server: Stubborn, connection: socket.socket) -> None:
        self._server = server
        self._connection = connection
        self._words: BinaryIO = connection.makefile("rb")

    def run(self) -> None:
        with suppress(_Gone, OSError):
            self._say(GREETING)
            while line := self._words.readline():
                self._answer(line.decode().strip())
        with suppress(OSError):
            self._connection.close()
        self._words.close()

    def _answer(self, line: str) -> None:
        verb = line.partition(" ")[0].upper()
        if verb in ("NOOP", "RSET"):
            self._connection.sendall(b"250 OK\r\n")
        elif verb in ("EHLO", "HELO"):
            self._greet_back()
        elif verb == DATA:
            if self._say(DATA):
                self._take()
        elif verb == STARTTLS:
            if self._say(STARTTLS):
                self._wrap()
        else:
            self._say(verb)
            if verb == QUIT:
                raise _Gone

    def _greet_back(self) -> None:
        offers = self._server.with_tls and not isinstance(self._connection, ssl.SSLSocket)
        if self._server.step == EHLO or not offers:
            self._say(EHLO)
        else:
            self._connection.sendall(b"250-stubborn\r\n250 STARTTLS\r\n")

    def _take(self) -> None:
        lines = []
        while (line := self._words.readline()) not in (b".\r\n", b""):
            lines.append(line)
        mail = message_from_bytes(b"".join(lines), policy=policy.default)
        self._say(DOT, taken=mail["Message-ID"].split("@")[0][1:])

    def _wrap(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        self._words.close()
        self._connection = context.wrap_socket(self._connection, server_side=True)
        self._words = self._connection.makefile("rb")

    def _say(self, step: str, *, taken: str = "") -> bool:
        """Answer at this step as is due; whether the conversation goes on as it should."""
        if not self._server.fails_at(step):
            self._server.taken += [taken] if taken else []
            self._connection.sendall(_FINE[step])
            return True
        if self._server.fault == HANGS:
            self._server.ended.wait(30)
            raise _Gone
        if self._server.fault == CLOSES:
            raise _Gone
        self._connection.sendall(_REPLIES[self._server.fault])
        if step == GREETING:
            raise _Gone
        return False


@contextmanager
def stubborn_server(
    step: str = "", fault: str = "", *, times: int = 1, port: int = 0, with_tls: bool = False
) -> Iterator[Stubborn]:
    """A running server that fails at this step so many times and is willing afterwards."""
    server = Stubborn(step, fault, times, with_tls)
    talks: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", port)) as listening:
        server.port = int(listening.getsockname()[1])
        accepting = threading.Thread(target=_accept, args=(server, listening, talks))
        accepting.start()
        try:
            yield server
        finally:
            server.ended.set()
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join(5)
            for talk in talks:
                talk.join(5)


def _accept(server: Stubborn, listening: socket.socket, talks: list[threading.Thread]) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        connection.settimeout(5)
        talk = threading.Thread(target=_Talk(server, connection).run)
        talks.append(talk)
        talk.start()
