"""The agents' queue: what is in it, in which order, what it can be narrowed to and asked for."""

import time
from typing import Any

import pytest

from models import db, deeds, tickets
from models.actor import Actor, Role
from models.errors import Invalid, NotFound, NotPermitted, NotSignedIn
from models.tickets import Priority, QueueFilter, Status
from models.users import User
from tests.models.kb.test_search import HOSTILE
from tests.models.world import (
    Clock,
    answer,
    move,
    on_ticket,
    own_list,
    person,
    reply,
    stored,
    ticket,
    visitor,
)


def titles(actor: Actor, **asked: Any) -> list[str]:
    filters = deeds.read(QueueFilter, asked)
    with db.reading() as session:
        found = tickets.queue(session, filters, actor=actor)
        assert found.total == len(found.items) or filters.page_size < 20 or filters.page > 1
        return [row.title for row in found.items]


def test_urgent_first_then_who_waits_longest(house: db.Database, clock: Clock) -> None:
    agent, customer = person(Role.SUPPORT), person()
    made = {}
    for title, severity in [("a", "low"), ("b", "high"), ("c", "high"), ("d", "critical")]:
        made[title] = ticket(customer, title=title, severity=severity)
        clock.forward(minutes=1)
    assert titles(agent) == ["d", "b", "c", "a"]
    answer(made["b"], agent)
    answer(made["d"], agent)
    assert titles(agent) == ["d", "c", "b", "a"], "of equal ones, the answered one comes last"
    clock.forward(minutes=1)
    reply(made["b"], customer)
    assert titles(agent) == ["d", "c", "b", "a"], "c waits longer"
    on_ticket(made["a"], tickets.set_priority, Priority.URGENT, actor=agent)
    assert titles(agent) == ["a", "d", "c", "b"]


def test_every_order_and_its_reverse(house: db.Database, clock: Clock) -> None:
    agent, customer = person(Role.SUPPORT), person()
    ids = []
    for title, severity in [("a", "high"), ("b", "low"), ("c", "critical")]:
        ids.append(ticket(customer, title=title, severity=severity))
        clock.forward(minutes=1)
    on_ticket(ids[1], tickets.set_priority, Priority.URGENT, actor=agent)
    clock.forward(minutes=1)
    move(ids[0], Status.CLOSED, agent)
    clock.forward(minutes=1)
    move(ids[2], Status.IN_PROGRESS, agent)
    orders = {
        "createdAt": "abc",
        "updatedAt": "bac",
        "priority": "acb",
        "severity": "bac",
        "status": "bca",
        "ticketNumber": "abc",
        "waitingSince": "bca",
    }
    assert set(orders) == set(tickets.SORTS)
    for sort, expected in orders.items():
        assert "".join(titles(agent, sort=sort)) == expected, sort
        descending = titles(agent, sort=f"-{sort}")
        if sort != "priority":
            assert "".join(descending) == expected[::-1], sort
    assert titles(agent, sort="-priority") == titles(agent)


def test_what_it_can_be_narrowed_to(house: db.Database, clock: Clock) -> None:
    agent, colleague, customer = person(Role.SUPPORT), person(Role.SUPPORT), person()
    first = ticket(customer, title="one", type="question", category="billing", severity="low")
    clock.forward(days=1)
    second = ticket(customer, title="two")
    on_ticket(first, tickets.assign, agent.user_id, actor=agent)
    on_ticket(second, tickets.set_tags, ["vip", "later"], actor=agent)
    for asked in (
        {"status": "in_progress"}, {"type": "question"}, {"category": "billing"},
        {"severity": "low"}, {"assignee": "me"}, {"assignee": agent.user_id},
        {"to": "2026-03-02"}, {"from": "2026-03-02", "to": "2026-03-02"},
        {"to": "2026-03-02T23:00:00+01:00"}, {"q": "one"}, {"q": "TICKET-0001"}, {"q": "#1"},
    ):  # fmt: skip
        assert titles(agent, **asked) == ["one"], asked
    for asked in (
        {"tag": "vip"}, {"assignee": "none"}, {"from": "2026-03-03"}, {"q": "ticket-2"},
        {"status": "open", "type": "bug"},
    ):  # fmt: skip
        assert titles(agent, **asked) == ["two"], asked
    for asked in (
        {"assignee": colleague.user_id}, {"category": "other"}, {"tag": "vi"},
        {"from": "2026-03-04"}, {"status": "open", "type": "question"}, {"q": "TICKET-0003"},
    ):  # fmt: skip
        assert titles(agent, **asked) == [], asked
    with db.reading() as session:
        (row,) = tickets.queue(session, QueueFilter(tag="vip"), actor=agent).items
    assert (row.tags, row.user_email, row.assigned_to_id) == (
        ("later", "vip"), customer.email, None,
    )  # fmt: skip


@pytest.mark.parametrize("field", ["category", "assignee"])
def test_what_there_is_not_is_refused_and_not_an_empty_list(
    database: db.Database, field: str
) -> None:
    agent = person(Role.SUPPORT)
    with db.reading() as session, pytest.raises(Invalid) as refused:
        tickets.queue(session, deeds.read(QueueFilter, {field: "zzz"}), actor=agent)
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "lost"), ("type", "x"), ("severity", "x"), ("sort", "password_hash"),
        ("sort", "__class__"), ("sort", "-"), ("sort", "(select 1)"), ("sort", "--createdAt"),
        ("from", "yesterday"), ("from", "2026-02-30"), ("from", "2026-03-02T09:00:00"),
        ("from", "0001-01-01T00:00:00+14:00"), ("to", "9999-12-31"), ("q", "x" * 201),
        ("page", "-1"), ("page", "0"), ("page", "1e9"), ("page", "NaN"), ("page", "1_0"),
        ("page", "١٢"), ("page", " 7 "), ("page", "1;2"), ("page", "0x1"), ("page", "9" * 20),
        ("pageSize", "-1"), ("pageSize", "0"), ("pageSize", "101"), ("pageSize", "1e3"),
        ("category", "a\0b"), ("assignee", "\ud800"), ("userId", "x"), ("include", "messages"),
    ],
)  # fmt: skip
def test_what_is_refused_at_its_field(field: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        deeds.read(QueueFilter, {field: value})
    assert list(refused.value.fields) == [field]


def test_days_in_the_wrong_order() -> None:
    with pytest.raises(Invalid, match="first day lies after"):
        deeds.read(QueueFilter, {"from": "2026-03-03", "to": "2026-03-02"})


def test_pages(house: db.Database) -> None:
    agent, customer = person(Role.SUPPORT), person()
    for number in range(5):
        ticket(customer, title=str(number))
    with db.reading() as session:

        def page(number: int) -> Any:
            filters = QueueFilter(sort="ticketNumber", page=number, page_size=2)
            return tickets.queue(session, filters, actor=agent)

        assert [[row.title for row in page(n).items] for n in (1, 2, 3, 4)] == [
            ["0", "1"], ["2", "3"], ["4"], [],
        ]  # fmt: skip
        assert (page(3).total, page(3).pages, page(3).first, page(3).last) == (5, 3, 5, 5)


def test_what_agents_look_for(house: db.Database) -> None:
    agent, jane = person(Role.SUPPORT), person(email="jane_doe@example.com")
    bob = person(email="bob@example.com")
    ticket(jane, title="Gateway offline", description="The café's bot says 1234.")
    ticket(bob, title="Invoice missing")
    assert titles(agent, q="gatew") == titles(agent, q="CAFE bot") == ["Gateway offline"]
    assert titles(agent, q="jane_doe@") == titles(agent, q="Jane_Doe@Example.com") == [
        "Gateway offline"
    ]  # fmt: skip
    assert titles(agent, q="jane%doe@") == titles(agent, q="%@") == []
    assert titles(agent, q="1234") == ["Gateway offline"], "a number in the text"
    assert titles(agent, q="2") == ["Invoice missing"], "the number of a ticket"
    assert titles(agent, q="gateway missing") == []
    for copied in (
        "TICKET-0002.",
        "(#2)",
        "2.",
        "bob@example.com.",
        "“Invoice missing.”",
        "missing.",
    ):
        assert titles(agent, q=copied) == ["Invoice missing"], copied


def test_customers_find_their_own_alone(house: db.Database) -> None:
    jane, bob = person(), person()
    ticket(jane, title="Gateway offline")
    ticket(bob, title="Gateway slow")
    for q in ("gateway", "", f"{bob.email}"[:12]):
        assert {row.title for row in own_list(jane, q=q)} <= {"Gateway offline"}
    assert [row.title for row in own_list(jane, q="gateway")] == ["Gateway offline"]
    assert own_list(jane, q="TICKET-0002") == own_list(jane, q="2") == []
    assert [row.title for row in own_list(jane, status="open")] == ["Gateway offline"]
    assert own_list(jane, status="closed") == []


def test_hostile_queries_find_nothing_more(house: db.Database) -> None:
    agent, jane = person(Role.SUPPORT), person()
    ticket(jane, title="Green gateway")
    ticket(person(), title="Another")
    for q in HOSTILE:
        try:
            filters = QueueFilter(q=q)
        except ValueError:
            continue
        started = time.perf_counter()
        with db.reading() as session:
            found = tickets.queue(session, filters, actor=agent)
        assert found.total <= 1 or not filters.q, q
        assert {row.title for row in own_list(jane, q=q)} <= {"Green gateway"}, q
        assert time.perf_counter() - started < 2, q
    assert len(stored(tickets.Ticket)) == 2


@pytest.mark.parametrize("role", [None, Role.MEMBER])
def test_who_sees_the_queue(house: db.Database, role: Role | None) -> None:
    owner = person()
    ticket_id = ticket(owner)
    actor = visitor() if role is None else person(role)
    refusal = NotSignedIn if role is None else NotPermitted
    with db.reading() as session:
        for ask in (tickets.queue, tickets.matching):
            with pytest.raises(refusal):
                ask(session, QueueFilter(), actor=actor)
        with pytest.raises(refusal):
            tickets.get(session, ticket_id, actor=actor)
        assert session.scalars(tickets.visible_to(actor)).all() == []


def test_a_foreign_ticket_is_as_missing_as_none(house: db.Database) -> None:
    customer, other = person(), person()
    foreign = ticket(other)
    refusals = []
    for ref in (foreign, "TICKET-0001", "0" * 36, "TICKET-9999", "", "%", "' OR 1=1--"):
        with db.reading() as session, pytest.raises(NotFound) as refused:
            tickets.get_own(session, ref, actor=customer)
        refusals.append(str(refused.value).replace(ref or "?", "it"))
    assert len(set(refusals[:4])) == 1
    with db.reading() as session:
        assert tickets.get_own(session, "ticket-0001", actor=other).id == foreign
        agent = person(Role.SUPPORT)
        assert tickets.get(session, foreign, actor=agent).user_id == other.user_id
        with pytest.raises(NotFound):
            tickets.get_own(session, foreign, actor=agent)


def test_who_asks_is_named_by_what_is_stored(house: db.Database) -> None:
    agent, customer = person(Role.SUPPORT), person()
    ticket(customer)
    with db.unit_of_work() as session:
        session.get_one(User, customer.user_id).name = ""
    with db.reading() as session:
        (row,) = tickets.queue(session, QueueFilter(), actor=agent).items
    assert (row.user_name, row.user_email) == ("", customer.email)


@pytest.mark.parametrize("asked", ["TICKET-9999999999", "#9999999999", "9999999999"])
def test_a_number_beyond_all_numbers_finds_nothing(database: db.Database, asked: str) -> None:
    assert titles(person(Role.SUPPORT), q=asked) == []


def test_a_search_by_words_gives_the_best_first_and_knows_tags(house: db.Database) -> None:
    customer, agent = person(), person(Role.SUPPORT)
    ticket(customer, title="Webhook fails", description="Nothing else.")
    ticket(customer, title="Other", description="A webhook among many other words of a long text.")
    tagged = ticket(customer, title="Third", description="No such word.")
    with db.reading() as session:
        found = tickets.search(session, "webhook", actor=agent).items
    assert [row.title for row in found] == ["Webhook fails", "Other"]
    on_ticket(tagged, tickets.set_tags, ["urgentissimo"], actor=agent)
    assert titles(agent, q="urgentissimo") == ["Third"]
