"""``supportctl`` that dies at a chosen point.

``python -m tests.torture.points POINT N ARGUMENT...`` runs the command in the arguments. The
process kills itself, as ``kill -9`` would, when it comes to the point for the N-th time. A server
counts from SIGUSR1 on, so that its start is over; other commands count from the beginning.
"""

import functools
import os
import pathlib
import signal
import smtplib
import sys
import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy.engine.default import DefaultDialect

import cli
from models.adapters import storage

ARMED = "armed\n"
STORY_POINTS = (
    "before commit", "after commit", "before write", "before fsync", "before rename",
    "after rename",
)  # fmt: skip
# And how often a mail may reach its reader when the worker dies there: once the last byte is out,
# nobody but the mail server knows whether it took it, until we have written down that it did.
MAIL_POINTS = {
    "before connect": 1, "after MAIL": 1, "after RCPT": 1, "in DATA": 1, "before 250": 2,
    "after 250": 2, "before commit": 2, "after commit": 1,
}  # fmt: skip


class Device:
    """Counts how often its point was reached, and kills at the right time."""

    def __init__(self, point: str, nth: int, *, is_armed: bool) -> None:
        self._point = point
        self._left = nth
        self._is_armed = is_armed
        self._lock = threading.Lock()

    def arm(self, *_: object) -> None:
        """Count from now on."""
        self._is_armed = True
        sys.stderr.write(ARMED)
        sys.stderr.flush()

    def at(self, point: str) -> None:
        """The process has come to this point."""
        if not self._is_armed or point != self._point:
            return
        with self._lock:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: Any, name: str, before: str = "", after: str = "") -> None:
        """Let a function of ``owner`` come to points before and after it does its work."""
        inner: Callable[..., Any] = getattr(owner, name)

        @functools.wraps(inner)
        def outer(*arguments: Any, **named: Any) -> Any:
            self.at(before)
            result = inner(*arguments, **named)
            self.at(after)
            return result

        setattr(owner, name, outer)


def put_points(device: Device) -> None:
    """Put all points where they are."""
    device.around(DefaultDialect, "do_commit", "before commit", "after commit")
    device.around(storage, "_held", after="before write")
    device.around(os, "fsync", "before fsync")
    device.around(pathlib.Path, "rename", "before rename", "after rename")
    device.around(smtplib.SMTP, "connect", "before connect")
    device.around(smtplib.SMTP, "mail", after="after MAIL")
    device.around(smtplib.SMTP, "rcpt", after="after RCPT")
    device.around(smtplib.SMTP, "data", after="after 250")
    _put_points_in_data(device)


def _put_points_in_data(device: Device) -> None:
    send, reply = smtplib.SMTP.send, smtplib.SMTP.getreply
    sent_all = threading.local()

    def send_words(self: smtplib.SMTP, words: Any) -> None:
        raw = words.encode() if isinstance(words, str) else words
        is_mail = b"Message-ID" in raw
        if is_mail:
            send(self, raw[: len(raw) // 2])
            device.at("in DATA")
            raw = raw[len(raw) // 2 :]
        send(self, raw)
        sent_all.yes = is_mail

    def getreply(self: smtplib.SMTP) -> tuple[int, bytes]:
        if getattr(sent_all, "yes", False):
            device.at("before 250")
            sent_all.yes = False
        return reply(self)

    setattr(smtplib.SMTP, "send", send_words)  # noqa: B010  # mypy takes no assignment to a method
    setattr(smtplib.SMTP, "getreply", getreply)  # noqa: B010  # as above


def main() -> None:
    """Run the command in the arguments, with its point."""
    point, nth, *arguments = sys.argv[1:]
    assert point in STORY_POINTS or point in MAIL_POINTS, point
    device = Device(point, int(nth), is_armed=arguments[0] != "serve")
    signal.signal(signal.SIGUSR1, device.arm)
    put_points(device)
    sys.argv = ["supportctl", *arguments]
    cli.main()


if __name__ == "__main__":
    main()
