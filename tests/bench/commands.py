"""The command line measured from outside: start, lookup, export."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from models.settings import current as settings
from tests.bench.load import PROJECT, seconds

SEED_SECONDS = 480
SUPPORTCTL = [sys.executable, "-c", "import cli; cli.main()"]
BARE_TYPER = "import typer; app = typer.Typer(); app.command()(lambda: None); app(['--help'])"
LIBRARIES = "import typer, rich.table, sqlalchemy.orm, pydantic_settings, psycopg, email_validator"
# The same columns by the plainest way there is: the program of the database, or of its driver.
RAW_QUERY = (
    "SELECT t.*, u.email FROM support_tickets t JOIN users u ON u.id = t.user_id ORDER BY number"
)
RAW_SQLITE = """
import csv, sqlite3, sys
csv.writer(open('/dev/null', 'w')).writerows(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]))
"""
RAW_POSTGRESQL = """
import psycopg, sys
with psycopg.connect(sys.argv[1]) as c, c.cursor().copy(
    'COPY (' + sys.argv[2] + ') TO STDOUT WITH CSV') as copy:
    for _ in copy: pass
"""


def measured(system: str, size: int) -> list[dict[str, Any]]:
    """Each command as a row."""
    return [_help(), _lookup(), *_export(system, size)]


def _help() -> dict[str, Any]:
    ours = seconds([*SUPPORTCTL, "--help"])
    bare = seconds([sys.executable, "-c", BARE_TYPER])
    return {"row": "supportctl --help", "value": f"{ours:.2f} s, bare Typer {bare:.2f} s",
            "reached": ours <= 2 * bare}  # fmt: skip


def _lookup() -> dict[str, Any]:
    ours = seconds([*SUPPORTCTL, "users", "lookup", "person77.1@bulk.example"])
    bare = seconds([sys.executable, "-c", LIBRARIES])
    return {"row": "users lookup", "value": f"{ours:.2f} s, libraries {bare:.2f} s",
            "reached": ours <= bare + 0.25}  # fmt: skip


def _export(system: str, size: int) -> list[dict[str, Any]]:
    """Rows a second against the plainest way to the same file, and the memory it takes."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "tickets.csv"
        begun = time.perf_counter()
        process = subprocess.Popen(
            [*SUPPORTCTL, "export", "tickets", "--format", "csv", "--output", str(out)],
            cwd=PROJECT, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
        ours = time.perf_counter() - begun
        if status:
            return [{"row": "export csv", "value": "failed", "reached": False}]
        memory = usage.ru_maxrss / 1024
    name, command = _plainest(system)
    raw = seconds(command, times=1)
    return [
        {"row": "export csv", "value": f"{size / ours:,.0f} rows/s, {name} {size / raw:,.0f}",
         "reached": ours <= 2 * raw},
        {"row": "export csv, memory", "value": f"{memory:.0f} MB", "reached": None},
    ]  # fmt: skip


def _plainest(system: str) -> tuple[str, list[str]]:
    url = settings().effective_database_url
    if system == "postgresql":
        place = url.replace("+psycopg", "")
        return "COPY", [sys.executable, "-c", RAW_POSTGRESQL, place, RAW_QUERY]
    place = url.removeprefix("sqlite:///")
    if program := shutil.which("sqlite3"):
        return "sqlite3 -csv", [program, "-csv", place, RAW_QUERY]
    return "csv.writer", [sys.executable, "-c", RAW_SQLITE, place, RAW_QUERY]
