"""Asking a server over and over: how long each answer takes, and what it costs the server."""

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from ipaddress import IPv4Address
from itertools import count
from pathlib import Path

PROJECT = Path(__file__).parents[2]
CLIENTS = 8
FIRST_ADDRESS = int(IPv4Address("10.0.0.1"))
SECONDS, FEWEST, MOST = 1.5, 10, 400
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request.

    ``{n}`` in path and body is another number each time, ``{address}`` in a header another reader.
    """

    path: str
    method: str = "GET"
    body: str | None = None
    headers: Mapping[str, str] | None = None
    expected: Sequence[int] = (200,)


@dataclass(frozen=True, slots=True)
class Times:
    """What came of it: milliseconds, requests a second, milliseconds of the server's CPU."""

    p50: float
    p95: float
    rate: float
    rate_of_many: float
    cpu: float


class Server:
    """A program that serves on a port, with its CPU time and memory."""

    def __init__(self, command: Sequence[str], port: int, log: Path) -> None:
        self.port = port
        self._log = log.open("wb")
        begun = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, *command], cwd=PROJECT, stdout=self._log, stderr=self._log
        )
        self._wait()
        self.ready_in = time.monotonic() - begun

    def _wait(self) -> None:
        for _ in range(600):
            try:
                connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/readyz")
                connection.getresponse().read()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"nothing serves on port {self.port}")

    def _all(self) -> list[int]:
        """The process and those that it started."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [self._process.pid, *map(int, children.read_text().split())]

    @property
    def cpu(self) -> float:
        """Seconds of CPU time so far, of all its processes."""
        total = 0
        for pid in self._all():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICK

    @property
    def memory(self) -> float:
        """Resident memory of the server process, in MB."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._log.close()


_numbers = count(1)


def once(server: Server, asked: Asked, connection: HTTPConnection) -> float:
    """Ask once; milliseconds. Raises RuntimeError for an answer that was not expected."""
    count_ = next(_numbers)
    number = str(count_)
    body = asked.body.replace("{n}", number) if asked.body else None
    begun = time.perf_counter()
    headers = {
        name: value.replace("{address}", str(IPv4Address(FIRST_ADDRESS + count_)))
        for name, value in (asked.headers or {}).items()
    }
    connection.request(asked.method, asked.path.replace("{n}", number), body, headers)
    answer = connection.getresponse()
    said = answer.read()
    if answer.status not in asked.expected:
        raise RuntimeError(f"{asked.method} {asked.path}: {answer.status} {said[:200]!r}")
    return (time.perf_counter() - begun) * 1000


def measure(server: Server, asked: Asked) -> Times:
    """Ask by one client, then by several at once."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    for _ in range(3):
        once(server, asked, connection)
    cpu, begun = server.cpu, time.perf_counter()
    times: list[float] = []
    while len(times) < FEWEST or (time.perf_counter() - begun < SECONDS and len(times) < MOST):
        times.append(once(server, asked, connection))
    passed = time.perf_counter() - begun
    spent = (server.cpu - cpu) * 1000 / len(times)
    connection.close()
    ordered = sorted(times)
    return Times(
        statistics.median(ordered), ordered[int(len(ordered) * 0.95)], len(times) / passed,
        _many(server, asked, statistics.median(ordered)), spent,
    )  # fmt: skip


def _many(server: Server, asked: Asked, usual: float) -> float:
    """Requests a second with several clients."""
    each = max(3, min(50, int(SECONDS * 1000 / max(usual, 0.1) / CLIENTS)))
    begun = time.perf_counter()
    threads = [threading.Thread(target=_some, args=(server, asked, each)) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return CLIENTS * each / (time.perf_counter() - begun)


def _some(server: Server, asked: Asked, times: int) -> None:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    for _ in range(times):
        once(server, asked, connection)
    connection.close()


def seconds(command: Sequence[str], times: int = 5, env: Mapping[str, str] | None = None) -> float:
    """The median time of a command, in seconds."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        subprocess.run(
            command, cwd=PROJECT, check=True, env=env,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)
