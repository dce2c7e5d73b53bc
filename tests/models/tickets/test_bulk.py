"""One deed on many tickets: all of them or none, and mails that wait for an undo."""

from typing import Any

import pytest

from models import db, deeds, tickets
from models.actor import Actor, Role
from models.errors import Invalid, NotAllowedNow, NotFound, NotPermitted
from models.permissions import Permission
from models.tickets import BulkDeed, Status
from tests.models.world import (
    Clock,
    audited,
    mails,
    on_ticket,
    person,
    prove_address,
    seen,
    ticket,
    ticket_in,
    together,
)


def bulk(ids: list[str], *, actor: Actor, **given: Any) -> None:
    deed = deeds.read(BulkDeed, {"ids": ids, **given})
    with db.unit_of_work() as session:
        tickets.bulk(session, deed, actor=actor)


def test_each_deed_on_several_tickets(house: db.Database) -> None:
    agent, colleague = person(Role.SUPPORT), person(Role.SUPPORT)
    ids = [ticket(person()) for _ in range(3)]
    bulk(ids, action="assign", assigneeId=colleague.user_id, actor=agent)
    assert {seen(one).assigned_to_id for one in ids} == {colleague.user_id}
    bulk(ids, action="assign", actor=agent)
    assert {seen(one).assigned_to_id for one in ids} == {agent.user_id}, "none named: me"
    bulk(ids, action="priority", priority=2, actor=agent)
    assert {seen(one).priority for one in ids} == {2}
    bulk(ids, action="tags", addTags=["a", "b"], actor=agent)
    bulk(ids, action="tags", addTags=["c"], removeTags=["a"], actor=agent)
    assert [seen(one).tags for one in ids] == [["b", "c"]] * 3
    bulk(ids, action="status", status="resolved", resolution="Fixed.", actor=agent)
    assert {seen(one).status for one in ids} == {"resolved"}
    for one in ids:
        assert [row.action for row in audited(one)].count("ticket.assign") == 2


def test_one_refusal_undoes_all(house: db.Database) -> None:
    customer, agent = person(), person(Role.SUPPORT)
    first, last = ticket(customer), ticket(customer)
    closed = ticket_in(Status.CLOSED, customer, agent)
    rows = [len(audited(one)) for one in (first, closed, last)]
    letters = len(mails())
    with pytest.raises(NotAllowedNow, match=rf"Nothing was changed.*{seen(closed).ticket_number}"):
        bulk([first, closed, last], action="status", status="resolved", resolution="x", actor=agent)
    assert [seen(one).status for one in (first, closed, last)] == ["open", "closed", "open"]
    assert [len(audited(one)) for one in (first, closed, last)] == rows
    assert len(mails()) == letters


def test_an_unknown_ticket_undoes_all(house: db.Database) -> None:
    agent = person(Role.SUPPORT)
    known = ticket(person())
    with pytest.raises(NotFound):
        bulk([known, "TICKET-9999"], action="priority", priority=1, actor=agent)
    assert seen(known).priority == 0


def test_resolving_many_needs_a_resolution(house: db.Database) -> None:
    agent, known = person(Role.SUPPORT), ticket(person())
    with pytest.raises(Invalid, match="Nothing was changed") as refused:
        bulk([known], action="status", status="resolved", actor=agent)
    assert list(refused.value.fields) == ["resolution"]


def test_mails_of_bulk_deeds_wait_for_an_undo(house: db.Database, clock: Clock) -> None:
    customer, agent, colleague = person(), person(Role.SUPPORT), person(Role.SUPPORT)
    prove_address(customer)
    ids = [ticket(customer)]
    done_at = clock.forward(minutes=1)
    bulk(ids, action="assign", assigneeId=colleague.user_id, actor=agent)
    bulk(ids, action="status", status="resolved", resolution="Fixed.", actor=agent)
    waiting = [*mails("ticket_assigned"), *mails("ticket_resolved")]
    assert [(mail.due_at - done_at).total_seconds() for mail in waiting] == [30, 30]


def test_who_may(house: db.Database) -> None:
    agent = person(Role.SUPPORT)
    known = ticket(person())
    writer = Actor(
        door=agent.door, user_id=agent.user_id, role=Role.SUPPORT,
        scopes=frozenset({Permission.TICKETS_READ, Permission.TICKETS_WRITE}),
    )  # fmt: skip
    bulk([known], action="priority", priority=1, actor=writer)
    with pytest.raises(NotPermitted):
        bulk([known], action="assign", actor=writer)
    with pytest.raises(NotPermitted):
        bulk([known], action="priority", priority=1, actor=person())


@pytest.mark.parametrize(
    "given",
    [
        {"ids": [], "action": "priority", "priority": 1},
        {"ids": ["x"] * 201, "action": "priority", "priority": 1},
        {"ids": ["x"], "action": "delete"},
        {"ids": ["x"], "action": "status"},
        {"ids": ["x"], "action": "priority"},
        {"ids": ["x"], "action": "priority", "priority": 3},
        {"ids": ["x"], "action": "tags"},
        {"ids": ["x"], "action": "tags", "addTags": ["t"] * 21},
        {"ids": ["x"], "action": "tags", "addTags": ["t" * 51]},
        {"ids": ["x"], "action": "priority", "priority": 1, "userId": "y"},
    ],
)
def test_what_is_no_bulk_deed(given: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        deeds.read(BulkDeed, given)


def test_overlapping_deeds_lose_nothing(house: db.Database) -> None:
    agent, customer = person(Role.SUPPORT), person()
    ids = [ticket(customer) for _ in range(4)]

    def add(number: int) -> None:
        chosen = ids if number % 2 else list(reversed(ids))
        bulk(chosen, action="tags", addTags=[f"tag-{number}"], actor=agent)

    assert together(6, add) == [None] * 6
    assert [seen(one).tags for one in ids] == [[f"tag-{n}" for n in range(6)]] * 4


def test_the_same_ticket_twice_is_once(house: db.Database) -> None:
    agent = person(Role.SUPPORT)
    known = ticket(person())
    bulk([known, seen(known).ticket_number, known], action="priority", priority=1, actor=agent)
    assert [row.action for row in audited(known)] == ["ticket.create", "ticket.priority"]


def test_tags_are_kept_to_their_number(house: db.Database) -> None:
    agent = person(Role.SUPPORT)
    known = ticket(person())
    on_ticket(known, tickets.set_tags, [f"t{n}" for n in range(20)], actor=agent)
    with pytest.raises(Invalid):
        bulk([known], action="tags", addTags=["one too many"], actor=agent)
    assert len(seen(known).tags) == 20
