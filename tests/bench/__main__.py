"""``make bench``: the bar, measured on data made for it, beside the floor, on both databases.

One table; every figure of it is from this one run. The large run (``--full``) adds a million
tickets. A row that fails says so, and the others go on.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from models import db, schema, settings
from tests.bench import commands
from tests.bench.load import Asked, Server, Times, measure
from tests.bench.rows import Row, rows, signed_in
from tests.tools import postgres, testrun

SMALL, LARGE = 10_000, 1_000_000
Result = dict[str, Any]


def main() -> int:
    """Measure and print; 0 whatever is reached, since a figure is no test."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--full", action="store_true", help="add a run with a million tickets")
    parser.add_argument("--tickets", type=int, default=SMALL)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    options = parser.parse_args()
    found: list[Result] = []
    with testrun.begun() as folder:
        for system in options.database or ["sqlite", "postgresql"]:
            with _database(system, folder) as data:
                sizes = [options.tickets, *([LARGE] if options.full else [])]
                for size in sizes:
                    found += _measured(system, size, options.articles, data)
                    if options.json:
                        options.json.write_text(json.dumps(found, indent=1))
    _print(found)
    return 0


@contextmanager
def _database(system: str, folder: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="supportdesk-bench-") as name:
        data = Path(name)
        url = f"sqlite:///{data / 'support.sqlite3'}"
        if system == "postgresql":
            made = postgres.create(postgres.start(folder, postgres.USUAL_OPTIONS), "bench")
            url = made.render_as_string(hide_password=False)
        os.environ |= {
            "SUPPORT_DATABASE_URL": url, "SUPPORT_DATA_DIR": name, "SUPPORT_TICKETS_PER_HOUR": "0",
            "SUPPORT_SECRET_KEY": "a secret key for the benchmark alone", "SUPPORT_WORKER": "off",
            "SUPPORT_TRUSTED_PROXIES": "127.0.0.1",
        }  # fmt: skip
        settings.current.cache_clear()
        db.use(db.Database(url))
        schema.migrate(db.current())
        yield data
        db.current().dispose()
        db.use(None)


def _measured(system: str, size: int, articles: int, data: Path) -> list[Result]:
    """All rows at one size."""
    common = {"database": system, "tickets": size}
    begun = time.perf_counter()
    subprocess.run(
        [*commands.SUPPORTCTL, "seed", "--tickets", str(size), "--articles", str(articles)],
        check=True,
    )
    seeded = time.perf_counter() - begun
    found: list[Result] = [{**common, "row": "seed", "value": f"{seeded:.0f} s",
                            "reached": seeded <= commands.SEED_SECONDS}]  # fmt: skip
    people = signed_in()
    todo = rows(people, articles)
    floor = Server(["-m", "tests.bench.floor", str(_port())], _last_port, data / "floor.log")
    try:
        least = measure(floor, Asked("/floor"))
        found.append({**common, "row": "floor (F)", **asdict(least)})
        found.append({**common, "row": "insert and commit",
                      **asdict(measure(floor, Asked("/insert", "POST")))})  # fmt: skip
        found.append(_one(floor, Row("stock SQLAdmin list", [Asked("/admin/ticket/list")]), common))
    finally:
        floor.stop()
    server = Server(
        [*commands.SUPPORTCTL[1:], "serve", "--port", str(_port())], _last_port, data / "serve.log"
    )
    try:
        found.append({**common, "row": "start to ready", "value": f"{server.ready_in:.1f} s",
                      "reached": server.ready_in <= 2})  # fmt: skip
        found += [_one(server, row, common) for row in todo]
        found.append({**common, "row": "memory", "value": f"{server.memory:.0f} MB",
                      "reached": server.memory <= 160})  # fmt: skip
    finally:
        server.stop()
    found += [{**common, **result} for result in commands.measured(system, size)]
    return found


_last_port = 0


def _port() -> int:
    global _last_port
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        _last_port = int(free.getsockname()[1])
    return _last_port


def _one(server: Server, row: Row, common: Result) -> Result:
    """The slowest of a row's requests; one that fails is told."""
    slowest: tuple[Times, Asked] | None = None
    cpu = 0.0
    try:
        for asked in row.asked:
            times = measure(server, asked)
            cpu = max(cpu, times.cpu)
            if slowest is None or times.p95 > slowest[0].p95:
                slowest = times, asked
    except (OSError, RuntimeError) as error:
        return {**common, "row": row.name, "value": f"failed: {error}"[:120], "reached": False}
    assert slowest is not None
    target = {"cpu_of_floor": row.cpu_of_floor, "most_p95": row.p95, "grown": row.grown,
              "of_row": row.of_row, "rate_of": row.rate_of}  # fmt: skip
    return {**common, "row": row.name, **asdict(slowest[0]), "cpu": cpu, "target": target,
            "asked": slowest[1].path}  # fmt: skip


def _print(found: list[Result]) -> None:
    head = ("database", "tickets", "row", "p50", "p95", "req/s", "8 clients", "CPU ms", "CPU / F",
            "p95 / small", "target", "reached", "slowest")  # fmt: skip
    lines = [head, *(_line(item, found) for item in found)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    for line in lines:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        )


def _line(item: Result, found: list[Result]) -> tuple[str, ...]:
    name = (item["database"], f"{item['tickets']:,}", item["row"])
    if "value" in item:
        return (*name, item["value"], *[""] * 7, _yes(item.get("reached")), "")
    floor = _other(item, found, "floor (F)")
    small = next(
        (other for other in found if other["row"] == item["row"] and "p95" in other
         and other["database"] == item["database"]), item)  # fmt: skip
    grown = item["p95"] / small["p95"]
    checks, words = _checks(item, found, floor, grown)
    return (
        *name, f"{item['p50']:.1f}", f"{item['p95']:.1f}", f"{item['rate']:.0f}",
        f"{item['rate_of_many']:.0f}", f"{item['cpu']:.1f}", f"{item['cpu'] / floor['cpu']:.1f}",
        f"{grown:.2f}", ", ".join(words), _yes(all(checks) if checks else None),
        item.get("asked", "")[:60],
    )  # fmt: skip


def _checks(
    item: Result, found: list[Result], floor: Result, grown: float
) -> tuple[list[bool], list[str]]:
    target = item.get("target", {})
    checks, words = [], []
    if most := target.get("cpu_of_floor"):
        checks.append(item["cpu"] <= most * floor["cpu"])
        words.append(f"{most:g} F")
    if most := target.get("most_p95"):
        checks.append(item["p95"] <= most)
        words.append(f"{most:g} ms")
    if most := target.get("grown"):
        checks.append(grown <= most)
        words.append(f"{most:g} x small")
    if pair := target.get("of_row"):
        checks.append(item["p95"] <= pair[1] * _other(item, found, pair[0])["p95"])
        words.append(f"{pair[1]:g} x {pair[0]}")
    if pair := target.get("rate_of"):
        checks.append(item["rate"] >= pair[1] * _other(item, found, pair[0])["rate"])
        words.append(f"{pair[1]:.2f} of {pair[0]}")
    return checks, words


def _other(item: Result, found: list[Result], row: str) -> Result:
    return next(
        other for other in found
        if other["row"] == row
        and (other["database"], other["tickets"]) == (item["database"], item["tickets"])
    )  # fmt: skip


def _yes(reached: bool | None) -> str:
    return "" if reached is None else "yes" if reached else "NO"


if __name__ == "__main__":
    sys.exit(main())
