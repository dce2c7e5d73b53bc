"""The real server as a process of its own: started as operators do, killed as no operator would."""

import os
import re
import signal
import subprocess
import sys
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path

PROJECT = Path(__file__).parents[2]
ADDRESS = re.compile(r"http://127\.0\.0\.1:([0-9]+)/help")
READY_SECONDS = 90
ARMED = "armed\n"


def _program(dies_at: tuple[str, int] | None) -> list[str]:
    if dies_at is None:
        return ["-c", "import cli; cli.main()"]
    return ["-m", "tests.torture.points", dies_at[0], str(dies_at[1])]


class Server:
    """``supportctl serve`` on a free port with the settings of this process.

    ``dies_at`` is a point of ``tests.torture.points`` and how often it comes there.
    """

    def __init__(
        self,
        log: Path,
        *options: str,
        dies_at: tuple[str, int] | None = None,
        **settings: str,
    ) -> None:
        self._log = log
        self.started_in = 0.0
        begun = time.monotonic()
        with log.open("wb") as lines:
            self._process = subprocess.Popen(
                [sys.executable, *_program(dies_at), "serve", "--port", "0", *options],
                cwd=PROJECT,
                env={**os.environ, **settings},
                stdout=lines,
                stderr=lines,
                start_new_session=True,
            )
        try:
            self.port = self._wait_for_port(begun)
            self._wait_until_ready(begun)
        except BaseException:
            self.kill()
            raise
        self.started_in = time.monotonic() - begun

    def arm(self) -> None:
        """Let it die at its point from now on."""
        os.kill(self._process.pid, signal.SIGUSR1)
        while ARMED not in self.said:
            assert self._process.poll() is None, self.said
            time.sleep(0.01)

    def wait_for_death(self) -> None:
        """Wait until it has killed itself."""
        assert self._process.wait(30) == -signal.SIGKILL, self.said

    @property
    def said(self) -> str:
        """What it wrote to its log."""
        return self._log.read_text(errors="replace")

    def kill(self) -> None:
        """End it and whatever it started at once, without a chance to tidy up."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _wait_for_port(self, begun: float) -> int:
        while True:
            if found := ADDRESS.search(self.said):
                return int(found[1])
            self._look(begun)

    def _wait_until_ready(self, begun: float) -> None:
        while not self._is_ready():
            self._look(begun)

    def _look(self, begun: float) -> None:
        assert self._process.poll() is None, self.said
        assert time.monotonic() - begun < READY_SECONDS, self.said
        time.sleep(0.02)

    def _is_ready(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
