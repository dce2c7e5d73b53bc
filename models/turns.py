"""Turns to write, fair among the processes that share one SQLite database.

SQLite lets in whoever asks first after a commit, and who waits asks ever more rarely, so that a
busy process keeps the others out for seconds. Here who waits first is next: it holds the gate, and
a process that has just written must come through the gate again. The kernel gives both locks back
when a process dies.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import Unavailable

ASK_AGAIN_SECONDS = 0.001


class Turns:
    """The turns of one process; the locks of all processes lie beside the database ``file``."""

    def __init__(self, file: Path) -> None:
        self._threads = threading.Lock()
        self._gate = _Lock(file, "gate")
        self._turn = _Lock(file, "turn")

    @contextmanager
    def take(self, seconds: float) -> Iterator[None]:
        """Wait for the turn to write, no longer than ``seconds``. Raises Unavailable."""
        until = time.monotonic() + seconds
        if not self._threads.acquire(timeout=seconds):
            raise _busy()
        try:
            with self._gate.held(until):
                self._turn.take(until)
            try:
                yield
            finally:
                self._turn.give_back()
        finally:
            self._threads.release()

    def close(self) -> None:
        """Close the files of the locks."""
        self._gate.close()
        self._turn.close()


class _Lock:
    """A lock among processes: a file beside the database that one of them has locked."""

    def __init__(self, database: Path, name: str) -> None:
        self._database = database
        self._file = database.with_name(f"{database.name}-{name}")
        self._descriptor: int | None = None

    @contextmanager
    def held(self, until: float) -> Iterator[None]:
        self.take(until)
        try:
            yield
        finally:
            self.give_back()

    def take(self, until: float) -> None:
        descriptor = self._open()
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise _busy() from None
                time.sleep(ASK_AGAIN_SECONDS)
            else:
                return

    def give_back(self) -> None:
        fcntl.flock(self._open(), fcntl.LOCK_UN)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self._file, os.O_CREAT | os.O_RDWR, 0o600)
            if os.geteuid() == 0 and self._database.exists():
                # A command run by root must not lock out the server, which runs as the owner.
                owner = self._database.stat()
                os.fchown(self._descriptor, owner.st_uid, owner.st_gid)
        return self._descriptor


def _busy() -> Unavailable:
    return Unavailable("The database is busy. Please try again in a moment.")
