"""A process that sends tickets, for races between processes.

``python -m tests.journeys.submitters ORDER`` opens the database of its environment, says that it is
ready, waits for a line on its standard input, so that all of them begin together, and writes one
JSON line for each ticket.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models import db, schema, tickets, users
from models.actor import Door, operator
from models.errors import SupportError
from models.tickets import NewTicket
from models.users import User

PROJECT = Path(__file__).parents[2]
THREADS = 2
WORDS = {
    "type": "bug",
    "category": "gateway",
    "title": "The gateway is offline",
    "description": "It says: connection refused.",
}


@dataclass(frozen=True, slots=True)
class Order:
    """Who sends how many tickets, and with which key, if all are to be the same one."""

    user_id: str
    count: int
    key: str | None = None


def run(orders: Iterable[Order]) -> list[dict[str, Any]]:
    """Start a process for each order, let them go at once, and give what they wrote."""
    running = [_started(order) for order in orders]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    written = [process.communicate(timeout=120) for process in running]
    for process, (_out, said) in zip(running, written, strict=True):
        assert process.returncode == 0, said
    return [json.loads(line) for out, _said in written for line in out.splitlines()]


def _started(order: Order) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.submitters", json.dumps(asdict(order))],
        cwd=PROJECT,
        env={**os.environ, "SUPPORT_TICKETS_PER_HOUR": "0"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _send(order: Order, number: int) -> dict[str, Any]:
    try:
        with db.unit_of_work() as session:
            user = users.get(session, order.user_id, actor=operator())
            actor = users.actor_of(user, door=Door.WEB)
            key = order.key or f"{os.getpid()}-{number}"
            made = tickets.submit(session, NewTicket.model_validate(WORDS), key=key, actor=actor)
    except SupportError as error:
        return {"error": str(error)}
    return {"ticket": made}


def main() -> None:
    """Send what the argument orders."""
    order = Order(**json.loads(sys.argv[1]))
    assert schema.is_current(db.current())
    with db.reading() as session:
        session.get_one(User, order.user_id)
    _say("ready")
    sys.stdin.readline()
    with ThreadPoolExecutor(THREADS) as threads:
        for answer in threads.map(lambda number: _send(order, number), range(order.count)):
            _say(json.dumps(answer))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
