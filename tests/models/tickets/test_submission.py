"""A form sent twice is one ticket."""

from typing import Any

import pytest

from models import db, tickets
from models.actor import Actor
from models.errors import Invalid, TooMany
from models.tickets import GuestTicket, NewTicket, Ticket
from tests.models.world import (
    Clock,
    asked,
    audited,
    mails,
    person,
    prove_address,
    stored,
    together,
    visitor,
)


def submit(actor: Actor, key: str, deed: NewTicket | GuestTicket | None = None) -> str:
    with db.unit_of_work() as session:
        return tickets.submit(session, deed or asked(), key=key, actor=actor)


def guest(**changes: Any) -> GuestTicket:
    given = {**asked().model_dump(mode="json"), "guestEmail": "guest@example.com", **changes}
    return GuestTicket.model_validate(given)


def test_a_hundred_twins_make_one_ticket_and_one_mail(house: db.Database) -> None:
    customer = person()
    prove_address(customer)
    answers = together(100, lambda _: submit(customer, "one-key"))
    assert set(answers) == {"TICKET-0001"}
    (made,) = stored(Ticket)
    assert len(mails()) == 1
    assert [row.action for row in audited(made.id)] == ["ticket.create"]


def test_parallel_guests_with_one_new_address(house: db.Database) -> None:
    answers = together(
        5, lambda n: submit(visitor(f"192.0.2.{n}"), f"key-{n}", guest(title=f"Ticket {n}"))
    )
    assert sorted(map(str, answers)) == [f"TICKET-{n:04d}" for n in range(1, 6)]
    assert len({ticket.user_id for ticket in stored(Ticket)}) == 1


def test_another_text_with_the_same_key_is_refused(house: db.Database) -> None:
    customer = person()
    submit(customer, "key")
    with pytest.raises(Invalid) as refused:
        submit(customer, "key", asked(title="Something else"))
    assert list(refused.value.fields) == ["Idempotency-Key"]
    assert len(stored(Ticket)) == 1


def test_a_key_is_its_senders_own(house: db.Database) -> None:
    assert submit(person(), "key") != submit(person(), "key")
    assert submit(visitor("192.0.2.1"), "key", guest()) != submit(
        visitor("192.0.2.2"), "key", guest()
    )


def test_a_key_is_new_after_a_day(house: db.Database, clock: Clock) -> None:
    customer = person()
    first = submit(customer, "key")
    clock.forward(hours=23, minutes=59)
    assert submit(customer, "key") == first
    clock.forward(minutes=2)
    assert submit(customer, "key", asked(title="A new day")) == "TICKET-0002"


def test_a_refused_form_does_not_use_its_key_up(house: db.Database) -> None:
    customer = person()
    with pytest.raises(Invalid):
        submit(customer, "key", asked(category="none"))
    assert submit(customer, "key") == "TICKET-0001"


def test_twins_do_not_count_for_the_limit(house: db.Database) -> None:
    customer = person()
    for _ in range(25):
        submit(customer, "key")
    for number in range(19):
        submit(customer, f"key-{number}")
    with pytest.raises(TooMany):
        submit(customer, "another")
    assert submit(customer, "key") == "TICKET-0001"


@pytest.mark.parametrize(
    "context", [{"url": "\ud800"}, {"n": float("nan")}, {"os": [[["x"]]]}], ids=repr
)
def test_odd_context_hinders_no_ticket(house: db.Database, context: Any) -> None:
    customer = person()
    deed = asked(contextData=context)
    assert submit(customer, "key", deed) == submit(customer, "key", deed) == "TICKET-0001"


def test_deeply_nested_context_hinders_no_ticket(house: db.Database) -> None:
    nested: Any = "x"
    for _ in range(800):
        nested = [nested]
    customer = person()
    deed = asked(contextData={"url": nested})
    assert submit(customer, "key", deed) == submit(customer, "key", deed) == "TICKET-0001"


@pytest.mark.parametrize("key", ["", "x" * 201, "a\0b", "\ud800"])
def test_what_is_no_key(house: db.Database, key: str) -> None:
    with pytest.raises(Invalid) as refused:
        submit(person(), key)
    assert list(refused.value.fields) == ["Idempotency-Key"]
