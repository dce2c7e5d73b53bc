"""Which status follows which, what a move asks for, and what it leaves behind."""

import pytest

from models import db, tickets
from models.actor import Actor, Role
from models.errors import Invalid, NotAllowedNow, NotFound, NotPermitted
from models.tickets import NOT_WAITING, Status
from tests.models.world import (
    Clock,
    answer,
    audited,
    mails,
    move,
    on_ticket,
    own_list,
    person,
    prove_address,
    reply,
    seen,
    ticket,
    ticket_in,
)

# The sentence that people are promised.
MOVES = """
open → in_progress | waiting_user | resolved | closed;
in_progress → open | waiting_user | resolved | closed;
waiting_user → open | in_progress | resolved | closed; resolved → open | closed; closed → open
"""


def _promised() -> set[tuple[Status, Status]]:
    moves = (move.split("→") for move in MOVES.split(";"))
    return {
        (Status(before.strip()), Status(after.strip()))
        for before, afters in moves
        for after in afters.split("|")
    }


def test_every_pair_of_statuses(house: db.Database) -> None:
    agent = person(Role.SUPPORT)
    done = {
        (before, after)
        for before in Status
        for after in Status
        if _goes(ticket_in(before, person(), agent), before, after, agent)
    }
    assert done == _promised()


def _goes(ticket_id: str, before: Status, after: Status, agent: Actor) -> bool:
    """Whether the move is made; one that is not made leaves no trace."""
    former, rows, letters = seen(ticket_id), len(audited(ticket_id)), len(mails())
    assert former.status == before
    try:
        move(ticket_id, after, agent, resolution="Now it works.")
    except NotAllowedNow:
        assert before is not after, "the same status again is no error"
    else:
        if before is not after:
            entry = audited(ticket_id)[-1]
            assert (entry.action, entry.data["before"], entry.data["after"]) == (
                "ticket.status", before, after,
            )  # fmt: skip
            assert len(audited(ticket_id)) == rows + 1
            assert seen(ticket_id).status == after
            return True
    assert (seen(ticket_id).status, seen(ticket_id).version) == (before, former.version)
    assert (len(audited(ticket_id)), len(mails())) == (rows, letters)
    return False


@pytest.mark.parametrize("resolution", [None, ""])
def test_resolving_needs_a_resolution(house: db.Database, resolution: str | None) -> None:
    agent, ticket_id = person(Role.SUPPORT), ticket(person())
    with pytest.raises(Invalid) as refused:
        move(ticket_id, Status.RESOLVED, agent, resolution=resolution)
    assert list(refused.value.fields) == ["resolution"]
    assert seen(ticket_id).status == "open"


def test_a_blank_resolution_is_no_text() -> None:
    with pytest.raises(ValueError, match="write something"):
        tickets.Resolve(resolution=" \u200b\n")


def test_resolving_tells_the_customer(house: db.Database, clock: Clock) -> None:
    customer, agent = person(), person(Role.SUPPORT)
    prove_address(customer)
    ticket_id = ticket(customer)
    moment = clock.forward(hours=1)
    on_ticket(ticket_id, tickets.resolve, "Restarted the gateway.", actor=agent)
    stored = seen(ticket_id)
    assert (stored.resolution, stored.resolved_at) == ("Restarted the gateway.", moment)
    assert audited(ticket_id)[-1].data["resolution"] == "Restarted the gateway."
    (letter,) = mails("ticket_resolved")
    assert letter.recipient == customer.email
    assert "Restarted the gateway." in letter.text
    assert letter.due_at == moment


def test_leaving_resolved_clears_the_time_and_the_audit_row_keeps_the_text(
    house: db.Database,
) -> None:
    agent = person(Role.SUPPORT)
    ticket_id = ticket_in(Status.RESOLVED, person(), agent)
    move(ticket_id, Status.OPEN, agent)
    assert (seen(ticket_id).resolution, seen(ticket_id).resolved_at) == (None, None)
    assert audited(ticket_id)[-1].data["former_resolution"] == "Restarted it."


def test_closing_a_resolved_ticket_keeps_how_it_was_resolved(house: db.Database) -> None:
    agent = person(Role.SUPPORT)
    ticket_id = ticket_in(Status.RESOLVED, person(), agent)
    move(ticket_id, Status.CLOSED, agent)
    assert (seen(ticket_id).resolution, seen(ticket_id).resolved_at) == ("Restarted it.", None)
    move(ticket_id, Status.OPEN, agent)
    assert seen(ticket_id).resolution is None


def test_the_same_status_again_asks_for_no_resolution(house: db.Database) -> None:
    agent = person(Role.SUPPORT)
    ticket_id = ticket_in(Status.RESOLVED, person(), agent)
    move(ticket_id, Status.RESOLVED, agent)
    assert seen(ticket_id).resolution == "Restarted it."
    assert len(mails("ticket_resolved")) == 1


def test_customers_move_nothing_but_their_own_to_solved(house: db.Database) -> None:
    customer, other = person(), person()
    ticket_id = ticket(customer)
    with pytest.raises(NotPermitted):
        move(ticket_id, Status.CLOSED, customer)
    with pytest.raises(NotFound):
        on_ticket(ticket_id, tickets.solve, actor=other)
    with pytest.raises(NotFound):
        on_ticket(ticket_id, tickets.solve, actor=person(Role.ADMIN))
    on_ticket(ticket_id, tickets.solve, actor=customer)
    stored = seen(ticket_id)
    assert (stored.status, stored.resolution) == ("resolved", "Solved by the customer")
    assert audited(ticket_id)[-1].actor_id == customer.user_id
    assert mails("ticket_resolved") == []


def test_solving_twice_is_once_and_a_closed_ticket_cannot_be_solved(house: db.Database) -> None:
    customer, agent = person(), person(Role.SUPPORT)
    ticket_id = ticket_in(Status.RESOLVED, customer, agent)
    on_ticket(ticket_id, tickets.solve, actor=customer)
    assert seen(ticket_id).resolution == "Restarted it."
    move(ticket_id, Status.CLOSED, agent)
    with pytest.raises(NotAllowedNow):
        on_ticket(ticket_id, tickets.solve, actor=customer)


def test_who_waits_since_when(house: db.Database, clock: Clock) -> None:
    customer, agent = person(), person(Role.SUPPORT)
    asked_at = clock.moment
    ticket_id = ticket(customer)
    assert seen(ticket_id).waiting_since == asked_at

    clock.forward(minutes=5)
    move(ticket_id, Status.IN_PROGRESS, agent)
    reply(ticket_id, customer)
    assert seen(ticket_id).waiting_since == asked_at, "still the same wait"

    clock.forward(minutes=5)
    answer(ticket_id, agent)
    assert seen(ticket_id).waiting_since == NOT_WAITING

    asked_again = clock.forward(minutes=5)
    reply(ticket_id, customer)
    clock.forward(minutes=5)
    reply(ticket_id, customer)
    assert seen(ticket_id).waiting_since == asked_again

    for status in (Status.WAITING_USER, Status.RESOLVED, Status.CLOSED):
        move(ticket_id, status, agent, resolution="Done.")
        assert seen(ticket_id).waiting_since == NOT_WAITING, status
    moment = clock.forward(minutes=5)
    move(ticket_id, Status.OPEN, agent)
    assert seen(ticket_id).waiting_since == moment


def test_a_move_is_seen_by_the_customer(house: db.Database, clock: Clock) -> None:
    customer, agent = person(), person(Role.SUPPORT)
    ticket_id = ticket(customer)
    moment = clock.forward(minutes=5)
    move(ticket_id, Status.WAITING_USER, agent)
    assert (own_list(customer)[0].customer_updated_at, seen(ticket_id).updated_at) == (
        moment, moment,
    )  # fmt: skip
