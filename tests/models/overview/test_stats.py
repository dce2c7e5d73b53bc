"""The numbers of the dashboard, and the card of one customer."""

from datetime import timedelta

import pytest

from models import db, overview, tickets
from models.actor import Role
from models.errors import NotPermitted
from models.tickets import Status
from models.users import Gateway, User
from tests.models.world import (
    MONDAY,
    Clock,
    answer,
    article,
    on_ticket,
    person,
    ticket,
    ticket_in,
    visitor,
)


def test_an_empty_house(database: db.Database) -> None:
    with db.reading() as session:
        stats = overview.stats(session, actor=person(Role.SUPPORT))
    assert stats.tickets.open == stats.tickets.resolved_today == stats.articles.total == 0
    assert stats.tickets.avg_response_time is None


def test_tickets_by_status(house: db.Database, clock: Clock) -> None:
    agent, customer = person(Role.SUPPORT), person()
    for status in (Status.OPEN, Status.OPEN, Status.IN_PROGRESS, Status.WAITING_USER):
        ticket_in(status, customer, agent)
    on_ticket(ticket(customer), tickets.assign, agent.user_id, actor=agent)
    ticket_in(Status.CLOSED, customer, agent)
    ticket_in(Status.RESOLVED, customer, agent)
    clock.forward(hours=20)
    ticket_in(Status.RESOLVED, customer, agent)
    with db.reading() as session:
        utc_day = overview.stats(session, actor=agent).tickets
        own_day = overview.stats(session, day_start=MONDAY, actor=agent).tickets
    assert (utc_day.open, utc_day.in_progress, utc_day.waiting_user) == (2, 2, 1)
    assert (utc_day.unassigned, utc_day.resolved_today, own_day.resolved_today) == (4, 1, 2)


def test_the_first_response(house: db.Database, clock: Clock) -> None:
    agent, customer = person(Role.SUPPORT), person()
    old = ticket(customer)
    answer(old, agent)
    clock.forward(days=31)
    for minutes in (10, 20, 60):
        ticket_id = ticket(customer)
        clock.forward(minutes=minutes)
        answer(ticket_id, agent)
        answer(ticket_id, agent)
    ticket(customer)
    with db.reading() as session:
        times = overview.stats(session, actor=agent).tickets
    assert times.avg_response_time == timedelta(minutes=30)
    assert times.median_response_time == timedelta(minutes=20)
    assert times.p90_response_time == timedelta(minutes=60)


def test_articles(house: db.Database) -> None:
    article("One")
    article("Two", publish=False)
    with db.reading() as session:
        numbers = overview.stats(session, actor=person(Role.SUPPORT)).articles
    assert (numbers.total, numbers.published, numbers.drafts) == (2, 1, 1)


def test_the_card_of_a_customer(house: db.Database, clock: Clock) -> None:
    agent, customer = person(Role.SUPPORT), person(name="Jane")
    with db.unit_of_work() as session:
        for name, status in [("Zulu", "connected"), ("Alpha", "error")]:
            session.add(
                Gateway(owner_id=customer.user_id, name=name, type="telegram", status=status)
            )
    for number in range(7):
        ticket(customer, title=f"Ticket {number}")
    ticket(person())
    with db.reading() as session:
        user = session.get_one(User, customer.user_id)
        card = overview.user_card(session, user, actor=agent)
        for actor in (customer, visitor()):
            with pytest.raises(NotPermitted):
                overview.user_card(session, user, actor=actor)
            with pytest.raises(NotPermitted):
                overview.stats(session, actor=actor)
    assert (card.name, card.plan, card.role, card.last_login_at) == ("Jane", "free", "MEMBER", None)
    assert [row.name for row in card.gateways] == ["Alpha", "Zulu"]
    assert [row.title for row in card.tickets] == [f"Ticket {n}" for n in (6, 5, 4, 3, 2)]
    assert card.ticket_count == 7
    assert not hasattr(card, "password_hash")
