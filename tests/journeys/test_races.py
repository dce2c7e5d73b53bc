"""Four processes at once, on both databases."""

import pytest

from models import db, tickets
from models.actor import Actor, Role
from models.errors import NotAllowedNow
from models.users import User, set_role
from tests.journeys.submitters import Order, run
from tests.models.world import (
    OPERATOR,
    audited,
    mails,
    person,
    prove_address,
    stored,
    together,
)

PROCESSES = 4


@pytest.fixture
def customer(database: db.Database) -> Actor:
    """A customer, and the category that tickets are sent to."""
    with db.unit_of_work() as session:
        deed = tickets.CategoryDeed(slug="gateway", title="Gateway")
        tickets.create_category(session, deed, actor=OPERATOR)
    sender = person()
    prove_address(sender)
    return sender


def test_a_hundred_tickets_from_four_processes(customer: Actor) -> None:
    answers = run([Order(customer.user_id or "", 25)] * PROCESSES)
    assert [answer for answer in answers if "error" in answer] == []
    numbers = sorted(answer["ticket"] for answer in answers)
    assert numbers == [f"TICKET-{n:04d}" for n in range(1, 101)]
    made = stored(tickets.Ticket)
    assert sorted(ticket.ticket_number for ticket in made) == numbers
    assert len(mails("ticket_received")) == 100
    assert {len(audited(ticket.id, "ticket.create")) for ticket in made} == {1}


def test_one_key_from_four_processes_makes_one_ticket(customer: Actor) -> None:
    answers = run([Order(customer.user_id or "", 25, key="the-same")] * PROCESSES)
    assert answers == [{"ticket": "TICKET-0001"}] * 100
    assert len(stored(tickets.Ticket)) == len(mails("ticket_received")) == 1


def test_two_last_administrators_cannot_remove_each_other(database: db.Database) -> None:
    both = [person(Role.SUPER_ADMIN), person(Role.SUPER_ADMIN)]

    def demote(number: int) -> str:
        with db.unit_of_work() as session:
            other = session.get_one(User, both[1 - number].user_id)
            set_role(session, other, Role.MEMBER, actor=both[number])
            return "done"

    for _ in range(5):
        outcome = together(2, demote)
        assert outcome.count("done") == 1
        assert [type(one) for one in outcome if one != "done"] == [NotAllowedNow]
        left = stored(User, role="SUPER_ADMIN", is_system=False)
        assert len(left) == 1
        with db.unit_of_work() as session:
            gone = next(one for one in both if one.user_id != left[0].id)
            user = session.get_one(User, gone.user_id)
            set_role(session, user, Role.SUPER_ADMIN, actor=OPERATOR)
