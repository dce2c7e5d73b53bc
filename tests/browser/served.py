"""The server under test: `supportctl serve` as people start it, and the mails that it sends."""

import email
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import TypeVar
from urllib.error import URLError
from urllib.request import urlopen

from tests.cli.terminal import PROGRAM

PATIENCE_SECONDS = 60
PASSWORD = "demo-password"
_ADDRESS = re.compile(r"Help center\s+(http://\S+)/help")
T = TypeVar("T")


@dataclass(frozen=True)
class Site:
    """A running server: its address, and its data folder."""

    base: str
    folder: Path

    def mail_to(self, recipient: str, subject: str = "") -> EmailMessage:
        """The newest mail to somebody with these words in its subject, once it has arrived."""
        return waited_for(lambda: self._newest(recipient, subject), f"a mail to {recipient}")

    def mails_to(self, recipient: str) -> list[EmailMessage]:
        """The mails to somebody so far, newest first."""
        files = sorted((self.folder / "mail").glob("*.eml"), reverse=True)
        mails = [email.message_from_bytes(file.read_bytes(), policy=default) for file in files]
        return [mail for mail in mails if recipient in str(mail["To"])]

    def _newest(self, recipient: str, subject: str) -> EmailMessage | None:
        found = (mail for mail in self.mails_to(recipient) if subject in str(mail["Subject"]))
        return next(found, None)

    def link_mailed_to(self, recipient: str, path: str) -> str:
        """The address below this path in the newest mail to somebody."""
        link = re.compile(re.escape(f"{self.base}{path}") + r"[\w-]+")

        def found() -> str | None:
            mail = self._newest(recipient, "")
            match = link.search(text_of(mail)) if mail else None
            return match.group() if match else None

        return waited_for(found, f"a link to {path} for {recipient}")


def text_of(mail: EmailMessage) -> str:
    """The plain text of a mail."""
    part = mail.get_body(("plain",))
    return str(part.get_content()) if part else ""


def waited_for(look: Callable[[], T | None], what: str) -> T:
    """What `look` gives, as soon as it gives something."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if (found := look()) is not None:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come in {PATIENCE_SECONDS} seconds")


@contextmanager
def served(folder: Path, *options: str) -> Iterator[Site]:
    """Serve the database of the environment, or of the data folder, on a free port."""
    folder.mkdir(exist_ok=True, mode=0o700)
    log = folder / "server.log"
    with log.open("wb") as errors:
        server = subprocess.Popen(
            [PROGRAM, "serve", "--port", "0", *options],
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
        )
        try:
            yield Site(waited_for(lambda: _ready(server, log), "the server"), folder)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(PATIENCE_SECONDS)
    assert server.returncode == 0, log.read_text()
    assert "Traceback" not in log.read_text(), log.read_text()


def supportctl(folder: Path, *arguments: str) -> str:
    """What a command writes about this data folder; it must do its work."""
    done = subprocess.run(
        [PROGRAM, *arguments],
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _environment(folder: Path) -> dict[str, str]:
    given = {"SUPPORT_DATA_DIR": str(folder), "SUPPORT_TICKETS_PER_HOUR": "0"}
    return {**os.environ, **given}


def _ready(server: subprocess.Popen[bytes], log: Path) -> str | None:
    assert server.poll() is None, log.read_text()
    said = _ADDRESS.search(log.read_text())
    if said is None:
        return None
    try:
        with urlopen(f"{said.group(1)}/readyz", timeout=PATIENCE_SECONDS):  # noqa: S310  # http
            return said.group(1)
    except URLError:
        return None


def make_demo(folder: Path) -> Path:
    """A new SQLite database with the demo in it."""
    supportctl(folder, "migrate")
    supportctl(folder, "seed", "--demo")
    return folder / "support.sqlite3"
