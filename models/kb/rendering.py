"""Markdown of articles as HTML, made once at save and for the editor's preview.

The work is done by a few processes (``renderer``) that stay and can be killed: no article, however
odd, holds up the server or brings it down. One that cannot be formatted is shown as it was typed.
"""

import atexit
import html
import json
import logging
import os
import queue
import re
import subprocess
import sys
from dataclasses import dataclass
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

WORKERS = 2
SECONDS = 2.0
# Starting takes half a second; on a loaded machine much more, and that is no article's fault.
START_SECONDS = 30.0


@dataclass(frozen=True)
class Heading:
    """A heading of an article: ``level`` 2 to 6, ``id`` for links, ``title`` as plain text."""

    level: int
    id: str
    title: str


@dataclass(frozen=True)
class Rendered:
    """An article ready for the page; ``text`` is its plain words, for search and excerpts."""

    html: str
    headings: list[Heading]
    text: str
    formatted: bool = True  # False: it could not be formatted, so ``html`` shows it as typed


def render(markdown: str) -> Rendered:
    """The article as clean HTML. Takes at most a few seconds, raises nothing, from any thread."""
    markdown = _storable(markdown)
    try:
        answer = _POOL.ask(markdown)
    except (OSError, EOFError) as error:  # TimeoutError is an OSError
        answer = {"problem": type(error).__name__}
    if "problem" in answer:
        log.warning("An article could not be formatted: %s", answer["problem"])
        return _as_typed(markdown)
    headings = [Heading(**heading) for heading in answer["headings"]]
    return Rendered(answer["html"], headings, answer["text"])


def _storable(text: str) -> str:
    return re.sub("[\0\ud800-\udfff]", "\ufffd", text)


def _as_typed(markdown: str) -> Rendered:
    return Rendered(
        html=f'<pre class="kb-plain" tabindex="0">{html.escape(markdown)}</pre>',
        headings=[],
        text=markdown,
        formatted=False,
    )


class Worker:
    """One rendering process and our end of the connection to it."""

    def __init__(self) -> None:
        self._connection, its_end = Pipe()
        with its_end:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                # -P: a module that lies beside the program must not stand in for a library's.
                [sys.executable, "-P", str(Path(__file__).with_name("renderer.py"))],
                stdin=its_end.fileno(),
                stdout=subprocess.DEVNULL,
                env={k: v for k, v in os.environ.items() if not k.startswith("SUPPORT_")},
            )
        self._receive(START_SECONDS)

    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def ask(self, markdown: str, seconds: float) -> dict[str, Any]:
        """Its answer; TimeoutError or EOFError when it was killed, by us or by somebody else."""
        try:
            self._connection.send_bytes(json.dumps(markdown).encode())
        except OSError as error:
            self.stop()
            raise EOFError from error
        answer: dict[str, Any] = self._receive(seconds)
        return answer

    def _receive(self, seconds: float) -> Any:
        try:
            in_time = self._connection.poll(seconds)
            answer = json.loads(self._connection.recv_bytes()) if in_time else None
        except (EOFError, ConnectionError) as error:
            self.stop()
            raise EOFError from error
        if answer is None:
            self.stop()
            raise TimeoutError
        return answer

    def stop(self, grace: float = 0) -> None:
        """End the process; ``grace`` seconds are for one that is idle and ends by itself."""
        self._connection.close()
        try:
            self._process.wait(grace)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def disown(self) -> None:
        """Forget a process that belongs to the process we were forked from."""
        self._connection.close()
        self._process.returncode = 0


class Pool:
    """Lends workers to threads, starts them when first needed and replaces those that ended."""

    def __init__(self, size: int = WORKERS, seconds: float = SECONDS) -> None:
        self._size = size
        self._seconds = seconds
        self._begin()

    def _begin(self) -> None:
        self._started: set[Worker] = set()
        self._places: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        for _ in range(self._size):
            self._places.put(None)

    def ask(self, markdown: str) -> dict[str, Any]:
        """A worker's answer; waits for a free one. Raises TimeoutError, EOFError or OSError."""
        worker = self._places.get()
        try:
            worker = self._ready(worker)
            try:
                return worker.ask(markdown, self._seconds)
            except EOFError:  # ended by somebody else, perhaps for memory: once more
                worker = self._ready(worker)
                return worker.ask(markdown, self._seconds)
        finally:
            self._places.put(worker)

    def _ready(self, worker: Worker | None) -> Worker:
        if worker and worker.is_alive():
            return worker
        if worker:
            worker.stop()
            self._started.discard(worker)
        worker = Worker()
        self._started.add(worker)
        return worker

    def close(self) -> None:
        """End all workers; the next question starts new ones."""
        for worker in list(self._started):
            worker.stop(grace=1)
        self._started.clear()

    def after_fork(self) -> None:
        """In a forked child: the parent's workers, locks and places are not ours."""
        for worker in self._started:
            worker.disown()
        self._begin()


_POOL = Pool()
atexit.register(_POOL.close)
os.register_at_fork(after_in_child=_POOL.after_fork)
