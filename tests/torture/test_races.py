"""Races between processes, by ``make torture``; those of threads are beside what they race for."""

import sys
import time
from collections import Counter
from collections.abc import Callable

import pytest

from models import db, settings, tickets, users
from models.actor import Actor, Role
from models.tickets import Ticket, TicketMessage
from models.users import LinkPurpose, SignIn, User
from tests.models.world import (
    OPERATOR,
    audited,
    conversation,
    mails,
    person,
    prove_address,
    seen,
    stored,
    ticket,
)
from tests.torture.checker import agree
from tests.torture.racers import race

PROCESSES = 4
Say = Callable[[str], None]


@pytest.fixture
def say(database: db.Database, capsys: pytest.CaptureFixture[str]) -> Say:
    """Print a line of figures, with the database and the seconds that it took."""
    begun = time.monotonic()

    def print_line(line: str) -> None:
        seconds = time.monotonic() - begun
        with capsys.disabled():
            sys.stdout.write(f"\n{database.engine.dialect.name}: {line} ({seconds:.1f} s)\n")

    return print_line


@pytest.fixture
def customer(database: db.Database, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """A customer who may send without end, and the category that tickets go to."""
    monkeypatch.setenv("SUPPORT_TICKETS_PER_HOUR", "0")
    with db.unit_of_work() as session:
        deed = tickets.CategoryDeed(slug="gateway", title="Gateway")
        tickets.create_category(session, deed, actor=OPERATOR)
    sender = person()
    prove_address(sender)
    return sender


def unlimited(count: int, customer: Actor, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """So many tickets, made here."""
    settings.current.cache_clear()
    return [ticket(customer) for _ in range(count)]


@pytest.mark.torture
@pytest.mark.parametrize("count", [125])
def test_each_of_many_tickets_has_its_number(customer: Actor, say: Say, count: int) -> None:
    """R-1: eight processes."""
    outcomes = race("send", *[[{"who": customer.user_id}] * count] * 8, threads=1)
    assert sorted(outcomes) == [f"TICKET-{n:04d}" for n in range(1, 8 * count + 1)]
    assert len(mails("ticket_received")) == 8 * count
    agree()
    say(f"{8 * count} tickets by 8 processes, {8 * count} numbers without a gap")


@pytest.mark.torture
@pytest.mark.parametrize("count", [20])
def test_a_link_pressed_many_times_signs_in_once(
    database: db.Database, say: Say, count: int
) -> None:
    """R-13."""
    for _ in range(count):
        jane = person()
        with db.unit_of_work() as session:
            user = session.get_one(User, jane.user_id)
            token = users.new_link(session, user, LinkPurpose.SIGN_IN, actor=OPERATOR)
        outcomes = race("press", *[[{"token": token}] * 25] * 2)
        assert Counter(outcomes) == {"signed in": 1, "NotFound": 49}
        assert len(stored(SignIn, user_id=jane.user_id)) == 1
    say(f"{count} links pressed 50 times at once, {count} sign-ins")


@pytest.mark.torture
@pytest.mark.parametrize("count", [500])
def test_overlapping_bulk_deeds(
    customer: Actor, say: Say, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """R-14: two agents, the same tickets from both ends, in deeds of 200 as the API takes them."""
    ann, bob = person(Role.SUPPORT), person(Role.SUPPORT)
    ids = unlimited(count, customer, monkeypatch)
    parts = [ids[start : start + 200] for start in range(0, count, 200)]
    orders = [
        [_tagging(ann, part, "ann") for part in parts],
        [_tagging(bob, list(reversed(part)), "bob") for part in reversed(parts)],
    ]
    outcomes = race("bulk", *orders)
    assert sorted(outcomes) == sorted([str(len(part)) for part in parts] * 2)
    for ticket_id in ids:
        assert seen(ticket_id).tags == ["ann", "bob"]
        first, second = (row.data for row in audited(ticket_id, "ticket.tags"))
        assert {tuple(first["after"]), tuple(second["before"])} == {tuple(first["after"])}
    agree()
    say(f"2 bulk deeds of {count} tickets at once, none lost, each in the audit log")


def _tagging(agent: Actor, ids: list[str], tag: str) -> dict[str, object]:
    deed = {"ids": ids, "action": "tags", "addTags": [tag]}
    return {"who": agent.user_id, "deed": deed}


@pytest.mark.parametrize("count", [10, pytest.param(200, marks=pytest.mark.torture)])
def test_a_reply_while_an_agent_resolves(
    customer: Actor, say: Say, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """R-8: the reply stays; it reopens the ticket, or it came first and the resolution stands."""
    agent = person(Role.SUPPORT)
    ids = unlimited(count, customer, monkeypatch)
    orders = [
        [
            {"ticket": one, "who": who.user_id, "resolves": who is agent, "after": place * 0.02}
            for place, one in enumerate(ids)
        ]
        for who in (customer, agent)
    ]
    outcomes = Counter(race("resolve or reply", *orders))
    assert outcomes == {"replied": count, "resolved": count}
    reopened = 0
    for ticket_id in ids:
        (reply,) = conversation(ticket_id, customer)
        moves = [row.data["after"] for row in audited(ticket_id, "ticket.status")]
        found = seen(ticket_id)
        assert (found.status, moves) in [
            ("open", ["resolved", "open"]), ("resolved", ["resolved"])
        ], f"{found} {reply}"  # fmt: skip
        reopened += found.status == "open"
    assert len(stored(TicketMessage)) == len(mails("ticket_resolved")) == count
    agree()
    say(f"{count} replies while agents resolve: all kept, {reopened} reopened their ticket")


@pytest.mark.torture
@pytest.mark.parametrize("count", [50])
def test_a_limit_holds_over_all_processes(
    customer: Actor, say: Say, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """R-16."""
    monkeypatch.setenv("SUPPORT_TICKETS_PER_HOUR", "10")
    outcomes = race("send", *[[{"who": customer.user_id}] * count] * PROCESSES)
    kinds = Counter("sent" if one.startswith("TICKET") else one for one in outcomes)
    assert kinds == {"sent": 10, "TooMany": PROCESSES * count - 10}
    assert len(stored(Ticket)) == 10
    agree()
    say(f"{PROCESSES * count} tickets at once at a limit of 10: {kinds['sent']} taken")
