"""Who can be given a ticket, by whom, and what it starts."""

import pytest

from models import db, tickets, users
from models.actor import Actor, Role
from models.errors import Invalid, NotPermitted, NotSignedIn
from models.tickets import Status
from models.users import User
from tests.models.world import (
    OPERATOR,
    Clock,
    audited,
    mails,
    move,
    on_ticket,
    own_list,
    person,
    seen,
    ticket,
    ticket_in,
    visitor,
)


def give(ticket_id: str, to: Actor | None, *, by: Actor) -> None:
    on_ticket(ticket_id, tickets.assign, to.user_id if to else None, actor=by)


def test_assigning_an_open_ticket_starts_the_work(house: db.Database, clock: Clock) -> None:
    customer, agent = person(), person(Role.SUPPORT)
    ticket_id = ticket(customer)
    moment = clock.forward(minutes=1)
    give(ticket_id, agent, by=agent)
    stored = seen(ticket_id)
    assert (stored.assigned_to_id, stored.status) == (agent.user_id, "in_progress")
    assert stored.first_response_at is None, "nobody answered yet"
    assert own_list(customer)[0].customer_updated_at == moment
    assert [row.action for row in audited(ticket_id)] == [
        "ticket.create", "ticket.status", "ticket.assign",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "status", [Status.IN_PROGRESS, Status.WAITING_USER, Status.RESOLVED, Status.CLOSED]
)
def test_assigning_moves_only_open_tickets(house: db.Database, status: Status) -> None:
    agent = person(Role.SUPPORT)
    ticket_id = ticket_in(status, person(), agent)
    give(ticket_id, agent, by=agent)
    assert seen(ticket_id).status == status


def test_the_agent_hears_of_it_unless_it_was_their_own_deed(house: db.Database) -> None:
    agent, colleague = person(Role.SUPPORT), person(Role.SUPPORT)
    first, second = ticket(person()), ticket(person())
    give(first, agent, by=agent)
    assert mails("ticket_assigned") == []
    give(second, colleague, by=agent)
    (letter,) = mails("ticket_assigned")
    assert letter.recipient == colleague.email
    assert agent.name in letter.text


def test_taking_back_and_the_same_again(house: db.Database) -> None:
    agent = person(Role.SUPPORT)
    ticket_id = ticket(person())
    give(ticket_id, agent, by=agent)
    version, rows = seen(ticket_id).version, len(audited(ticket_id))
    give(ticket_id, agent, by=agent)
    assert (seen(ticket_id).version, len(audited(ticket_id))) == (version, rows)
    give(ticket_id, None, by=agent)
    assert (seen(ticket_id).assigned_to_id, seen(ticket_id).status) == (None, "in_progress")
    assert audited(ticket_id)[-1].data["before"] == agent.user_id


def test_who_cannot_be_assigned(house: db.Database) -> None:
    agent, gone = person(Role.SUPPORT), person(Role.SUPPORT)
    with db.unit_of_work() as session:
        users.deactivate(session, session.get_one(User, gone.user_id), actor=OPERATOR)
    ticket_id = ticket(person())
    for somebody in (person().user_id, gone.user_id, OPERATOR.user_id, "nobody-at-all"):
        with pytest.raises(Invalid) as refused:
            on_ticket(ticket_id, tickets.assign, somebody, actor=agent)
        assert list(refused.value.fields) == ["assigneeId"]
    assert seen(ticket_id).assigned_to_id is None
    with db.reading() as session:
        assert [row.id for row in users.staff(session, actor=agent)] == [agent.user_id]


def test_customers_assign_nothing(house: db.Database) -> None:
    customer, agent = person(), person(Role.SUPPORT)
    ticket_id = ticket(customer)
    with pytest.raises(NotPermitted):
        give(ticket_id, agent, by=customer)
    with pytest.raises(NotSignedIn):
        give(ticket_id, agent, by=visitor())


def test_a_ticket_stays_with_its_agent_when_it_moves(house: db.Database) -> None:
    agent = person(Role.SUPPORT)
    ticket_id = ticket(person())
    give(ticket_id, agent, by=agent)
    move(ticket_id, Status.RESOLVED, agent, resolution="Done.")
    move(ticket_id, Status.OPEN, agent)
    assert (seen(ticket_id).assigned_to_id, seen(ticket_id).status) == (agent.user_id, "open")
