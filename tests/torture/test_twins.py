"""The same ticket sent a hundred times at once to four server processes (R-2)."""

import json
import secrets
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

from models import db, settings, tickets, users
from models.users import NewToken, User
from tests.models.world import (
    ADDRESS,
    OPERATOR,
    PASSWORD,
    mails,
    person,
    prove_address,
    stored,
    visitor,
)
from tests.torture.checker import agree
from tests.torture.server import Server
from tests.torture.story import TICKET

TWINS = 100
Answer = tuple[int, str]
Sender = Callable[[int, str], Answer]


@pytest.fixture
def house(database: db.Database, monkeypatch: pytest.MonkeyPatch) -> db.Database:
    """A category, and no limit on tickets."""
    monkeypatch.setenv("SUPPORT_TICKETS_PER_HOUR", "0")
    settings.current.cache_clear()
    with db.unit_of_work() as session:
        deed = tickets.CategoryDeed(slug="gateway", title="Gateway")
        tickets.create_category(session, deed, actor=OPERATOR)
    return database


def by_api() -> Sender:
    """A program that sends a ticket with a key; gives status and body."""
    customer = person()
    prove_address(customer)
    with db.unit_of_work() as session:
        owner = session.get_one(User, customer.user_id)
        _, token = users.create_token(session, owner, NewToken(name="t"), actor=OPERATOR)

    def send(port: int, key: str) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        return _post(port, "/api/tickets", json.dumps(TICKET), "application/json", headers)

    return send


def by_form() -> Sender:
    """A browser whose form is sent again and again; gives status and where it leads."""
    person(email="jane@example.com", password_hash=users.hash_new_password(PASSWORD))
    deed = users.SignInDeed(email="jane@example.com", password=PASSWORD)
    cookie = users.sign_in(deed, actor=visitor(ADDRESS)).token

    def send(port: int, key: str) -> Answer:
        headers = {"Cookie": f"session={cookie}", "Sec-Fetch-Site": "same-origin"}
        form = urlencode({**TICKET, "key": key})
        return _post(port, "/support/new", form, "application/x-www-form-urlencoded", headers)

    return send


def _post(port: int, path: str, body: str, kind: str, headers: dict[str, str]) -> Answer:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", path, body, {**headers, "Content-Type": kind})
        answer = connection.getresponse()
        said = answer.read().decode()
        return answer.status, answer.getheader("location", "") + said
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("processes", "rounds"), [(2, 1), pytest.param(4, 20, marks=pytest.mark.torture)]
)
def test_a_ticket_sent_a_hundred_times_at_once_is_one(
    house: db.Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    processes: int,
    rounds: int,
) -> None:
    log = tmp_path / "server.log"
    server = Server(log, "--workers", str(processes), SUPPORT_WORKER="off")
    try:
        by_door = {
            "API": (201, _rounds(server.port, by_api(), 201, rounds)),
            "form": (303, _rounds(server.port, by_form(), 303, rounds)),
        }
    finally:
        server.kill()
    assert len(stored(tickets.Ticket)) == len(mails("ticket_received")) == 2 * rounds
    agree()
    for door, (done, statuses) in by_door.items():
        line = (
            f"{house.engine.dialect.name}, {door}: {rounds} tickets sent {TWINS} times at once to"
            f" {processes} processes: {rounds} tickets and mails, {statuses[done]} same answers,"
            f" {statuses[409]} in progress"
        )
        with capsys.disabled():
            sys.stdout.write(f"\n{line}\n")


def _rounds(port: int, send: Sender, done: int, rounds: int) -> Counter[int]:
    """Send so many tickets, each many times at once, and count the answers by status."""
    statuses = Counter[int]()
    for _ in range(rounds):
        key = secrets.token_hex(16)
        with ThreadPoolExecutor(TWINS) as threads:
            answers = list(threads.map(lambda _, key=key: send(port, key), range(TWINS)))
        statuses.update(status for status, _ in answers)
        assert {status for status, _ in answers} <= {done, 409}, statuses
        assert len({body for status, body in answers if status == done}) == 1
    return statuses
