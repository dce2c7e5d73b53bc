"""Processes that do the same thing at the same moment, for races.

``python -m tests.torture.racers DEED THREADS`` reads orders from its standard input, one JSON line
each, then a line with the moment to begin at, so that all processes begin together. So many threads
do the orders, each ``after`` so many seconds; its outcome is one JSON line.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from models import db, tickets, users
from models.actor import Actor, Door, anonymous, operator
from models.deeds import read
from models.errors import SupportError
from models.tickets import Ticket
from tests.models.world import asked
from tests.torture.server import PROJECT

Order = dict[str, Any]
HEADSTART_SECONDS = 0.3


def race(deed: str, *orders: Sequence[Order], threads: int = 8) -> list[str]:
    """Start a process for each list of orders, let them go at once, and give all outcomes."""
    running = []
    for some in orders:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.racers", deed, str(threads)],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        process.stdin.write("".join(f"{json.dumps(order)}\n" for order in some) + "\n")
        process.stdin.flush()
        running.append(process)
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    begin = f"{time.monotonic() + HEADSTART_SECONDS}\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write(begin)
        process.stdin.flush()
    outcomes = []
    for process in running:
        said, _ = process.communicate(timeout=280)
        assert process.returncode == 0
        outcomes += [str(json.loads(line)) for line in said.splitlines()]
    return outcomes


def _actor(user_id: str) -> Actor:
    with db.reading() as session:
        return users.actor_of(users.get(session, user_id, actor=operator()), door=Door.WEB)


def _send(order: Order) -> str:
    actor = _actor(order["who"])
    with db.unit_of_work() as session:
        return tickets.create(session, asked(), actor=actor).ticket_number


def _press(order: Order) -> str:
    users.use_link(order["token"], None, actor=anonymous(Door.WEB))
    return "signed in"


def _bulk(order: Order) -> str:
    deed, actor = read(tickets.BulkDeed, order["deed"]), _actor(order["who"])
    with db.unit_of_work() as session:
        return str(len(tickets.bulk(session, deed, actor=actor)))


def _resolve(order: Order) -> str:
    actor = _actor(order["who"])
    with db.unit_of_work() as session:
        ticket = session.get_one(Ticket, order["ticket"])
        tickets.resolve(session, ticket, "Restarted it.", actor=actor)
    return "resolved"


def _reply(order: Order) -> str:
    actor = _actor(order["who"])
    with db.unit_of_work() as session:
        ticket = session.get_one(Ticket, order["ticket"])
        deed = tickets.Reply(content="It still fails.")
        tickets.reply(session, ticket, deed, actor=actor)
    return "replied"


def _either(order: Order) -> str:
    return _resolve(order) if order["resolves"] else _reply(order)


DEEDS: dict[str, Callable[[Order], str]] = {
    "send": _send, "press": _press, "bulk": _bulk, "resolve or reply": _either,
}  # fmt: skip


def _outcome(deed: Callable[[Order], str], order: Order, begin: float) -> str:
    time.sleep(max(0.0, begin + float(order.get("after", 0)) - time.monotonic()))
    try:
        return deed(order)
    except SupportError as error:
        return type(error).__name__


def main() -> None:
    """Do what the standard input orders."""
    deed = DEEDS[sys.argv[1]]
    orders = []
    while line := sys.stdin.readline().strip():
        orders.append(json.loads(line))
    with db.reading():
        pass
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    begin = float(sys.stdin.readline())
    with ThreadPoolExecutor(int(sys.argv[2])) as threads:
        for said in threads.map(lambda order: _outcome(deed, order, begin), orders):
            sys.stdout.write(f"{json.dumps(said)}\n")


if __name__ == "__main__":
    main()
