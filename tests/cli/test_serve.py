"""``supportctl serve``: where it listens, what it refuses, how it ends."""

import json
import os
import re
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli.serve import is_loopback
from models import db
from tests.cli.terminal import PROGRAM, program, run

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
HELP_AT = re.compile(r"Help center +(http://\S+)/help")


@contextmanager
def serving(*arguments: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a free port, and everything it said before it was ready; killed at the end."""
    process = subprocess.Popen(
        [PROGRAM, "serve", "--port", "0", *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said = ""
    try:
        for line in process.stderr:
            said += line
            if "Press Ctrl-C" in line:
                break
        yield process, said
    finally:
        process.kill()
        process.communicate()


def base_of(said: str) -> str:
    found = HELP_AT.search(said)
    assert found, said
    return found[1]


def status_of(address: str) -> int:
    with urllib.request.urlopen(address, timeout=20) as answer:  # noqa: S310  # our own server
        return int(answer.status)


@pytest.mark.parametrize(
    ("workers", "number", "code"), [("1", signal.SIGINT, 130), ("2", signal.SIGTERM, 0)]
)
@SQLITE
def test_it_serves_until_it_is_stopped(
    database: db.Database, workers: str, number: signal.Signals, code: int
) -> None:
    with serving("--workers", workers) as (process, said):
        base = base_of(said)
        assert f"My tickets    {base}/support\n" in said
        assert f"Dashboard     {base}/support-dashboard\n" in said
        assert "demo-password" not in said
        assert status_of(f"{base}/healthz") == 200
        assert status_of(f"{base}/help") == 200
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (code, "")
    assert "Traceback" not in err


def test_the_demo_migrates_seeds_and_names_the_sign_ins(tmp_path: Path) -> None:
    with serving("--demo", SUPPORT_DATA_DIR=str(tmp_path / "var")) as (_process, said):
        for email in ("member", "support", "admin", "super"):
            assert f"\n    {email}@example.com" in said
        assert "with the password demo-password" in said
        assert status_of(f"{base_of(said)}/help") == 200
        assert base_of(said).startswith("http://127.0.0.1:")
    ran = program("users", "list", "--json", SUPPORT_DATA_DIR=str(tmp_path / "var"))
    assert len(json.loads(ran.out)) == 26


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (("--host", "0.0.0.0"), {}),  # noqa: S104  # what must be refused
        (("--host", "::"), {}),
        (("--host", "192.0.2.1"), {"SUPPORT_BASE_URL": "http://support.example.com"}),
        (("--host", "example.com"), {}),
        (("--demo", "--host", "0.0.0.0"), {"SUPPORT_ALLOW_HTTP": "1"}),  # noqa: S104  # as above
        (("--demo", "--host", "0.0.0.0"), {"SUPPORT_BASE_URL": "https://x.example"}),  # noqa: S104
        (("--host", "0.0.0.0"), {"SUPPORT_ALLOW_HTTP": "1"}),  # noqa: S104  # as above
    ],
)
@SQLITE
def test_an_open_address_without_https_is_refused(
    database: db.Database, arguments: tuple[str, ...], environment: dict[str, str]
) -> None:
    ran = run("serve", "--port", "0", *arguments, **environment)
    assert (ran.code, ran.out) == (2, "")
    assert "Invalid value for --host" in ran.err


@pytest.mark.parametrize(
    "environment",
    [
        {"SUPPORT_BASE_URL": "https://support.example.com"},
        {"SUPPORT_BASE_URL": "http://support.example.com", "SUPPORT_ALLOW_HTTP": "1"},
    ],
)
@SQLITE
def test_an_open_address_is_served_behind_https_or_when_asked_for(
    database: db.Database, environment: dict[str, str]
) -> None:
    with serving("--host", "0.0.0.0", **environment) as (process, said):  # noqa: S104
        assert f"{environment['SUPPORT_BASE_URL']}/help" in said
        assert process.poll() is None


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "localhost", "::1"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "10.0.0.1", "localhost.example.com"])  # noqa: S104
def test_not_loopback(host: str) -> None:
    assert not is_loopback(host)


@SQLITE
def test_a_port_in_use_is_one_line(database: db.Database) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = run("serve", "--port", port)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        f"Error: Cannot listen on 127.0.0.1:{port}: Address already in use."
        " Choose another with --host and --port.\n"
    )


@SQLITE
def test_a_host_that_does_not_exist_is_one_line(database: db.Database) -> None:
    ran = run("serve", "--host", "nowhere.invalid", SUPPORT_BASE_URL="https://support.example.com")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("Error: Cannot listen on nowhere.invalid:8000: ")


def test_a_database_that_is_behind_is_not_served(tmp_path: Path) -> None:
    ran = program("serve", "--port", "0", SUPPORT_DATA_DIR=str(tmp_path / "var"))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "Error: The database is not on the newest schema. Type: supportctl migrate\n"


@pytest.mark.parametrize("workers", ["1", "2"])
@SQLITE
def test_an_application_that_does_not_start_ends_with_1(
    database: db.Database, workers: str
) -> None:
    ran = program("serve", "--port", "0", "--workers", workers, SUPPORT_LOGO="/nowhere/logo.png")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("Error: SUPPORT_LOGO: ")
    assert ran.err.count("\n") == 1
