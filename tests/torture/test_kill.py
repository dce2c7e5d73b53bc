"""The server is killed while tickets come in; whoever saw a number finds the ticket.

One kill in every run of the tests; fifty on each database, in batches of five, by ``make torture``.
``SUPPORT_TEST_SEED`` chooses other moments; the seed is printed with the figures.
"""

import os
import random
import sys
import time
from pathlib import Path

import pytest

from models import db, settings, tickets, users
from tests.models.world import ADDRESS, OPERATOR, PASSWORD, person, visitor
from tests.torture.checker import check
from tests.torture.load import History, Load
from tests.torture.server import Server

SEED = int(os.environ.get("SUPPORT_TEST_SEED", "42"))
BATCHES, ROUNDS = 10, 5
PEOPLE = 6
EMAIL = "jane@example.com"


@pytest.fixture
def cookie(database: db.Database, monkeypatch: pytest.MonkeyPatch) -> str:
    """The session of a customer who sends without any limit."""
    monkeypatch.setenv("SUPPORT_TICKETS_PER_HOUR", "0")
    settings.current.cache_clear()
    with db.unit_of_work() as session:
        deed = tickets.CategoryDeed(slug="gateway", title="Gateway")
        tickets.create_category(session, deed, actor=OPERATOR)
    person(email=EMAIL, password_hash=users.hash_new_password(PASSWORD))
    return users.sign_in(
        users.SignInDeed(email=EMAIL, password=PASSWORD), actor=visitor(ADDRESS)
    ).token


def kill_and_check(
    database: db.Database,
    cookie: str,
    log: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    seed: int,
    rounds: int,
) -> None:
    moments = random.Random(seed)
    history = History()
    slowest, present = 0.0, 0
    server = Server(log)
    try:
        for number in range(rounds):
            load = Load(history, server.port, cookie, name=f"round-{number}", people=PEOPLE)
            load.wait_for_answers(moments.randint(1, 30))
            time.sleep(moments.uniform(0, 0.05))
            server.kill()
            load.end()
            database.dispose()  # so that the server is the one to find it as it was left
            server = Server(log)
            slowest = max(slowest, server.started_in)
            assert history.refusals == []
            present = check(history)
    finally:
        server.kill()
    cut = len(history.told) - len(history.acknowledged)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{database.engine.dialect.name}, seed {seed}: {rounds} kills,"
            f" {len(history.acknowledged)} tickets acknowledged and all there,"
            f" {cut} cut off of which {present - len(history.acknowledged)} arrived,"
            f" ready again in at most {slowest:.1f} s\n"
        )


def test_a_killed_server_loses_no_acknowledged_ticket(
    database: db.Database, cookie: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kill_and_check(database, cookie, tmp_path / "server.log", capsys, seed=SEED, rounds=1)


@pytest.mark.torture
@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_server_killed_many_times_loses_no_acknowledged_ticket(
    database: db.Database,
    cookie: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    batch: int,
) -> None:
    kill_and_check(
        database, cookie, tmp_path / "server.log", capsys, seed=SEED + batch, rounds=ROUNDS
    )
