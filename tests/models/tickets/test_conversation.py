"""Replies, answers and notes: who hears what, and that a note changes nothing for the customer."""

from typing import Any

import pytest

from models import db, tickets
from models.actor import Door, Role
from models.errors import NotAllowedNow, NotFound, NotPermitted, NotSignedIn
from models.tickets import Status
from models.users import User
from tests.models.world import (
    Clock,
    answer,
    asked,
    audited,
    conversation,
    mails,
    move,
    note,
    on_ticket,
    own_list,
    person,
    prove_address,
    reply,
    seen,
    stored,
    ticket,
    ticket_in,
    visitor,
)

CANARY = "canary-of-a-note-4711"


@pytest.mark.parametrize(
    ("before", "is_assigned", "after"),
    [
        (Status.OPEN, False, "open"),
        (Status.IN_PROGRESS, True, "in_progress"),
        (Status.WAITING_USER, True, "in_progress"),
        (Status.WAITING_USER, False, "open"),
        (Status.RESOLVED, True, "open"),
        (Status.RESOLVED, False, "open"),
    ],
)
def test_what_a_customers_reply_does(
    house: db.Database, before: Status, is_assigned: bool, after: str
) -> None:
    customer, agent = person(), person(Role.SUPPORT)
    ticket_id = ticket(customer)
    if is_assigned:
        on_ticket(ticket_id, tickets.assign, agent.user_id, actor=agent)
    move(ticket_id, before, agent, resolution="Restarted it.")
    reply(ticket_id, customer)
    stored_ticket = seen(ticket_id)
    assert stored_ticket.status == after
    assert (stored_ticket.resolution, stored_ticket.resolved_at) == (None, None)
    assert len(mails("ticket_customer_replied")) == int(is_assigned)


def test_a_reply_on_a_closed_ticket_is_refused_with_a_way_out(house: db.Database) -> None:
    customer, agent = person(), person(Role.SUPPORT)
    ticket_id = ticket_in(Status.CLOSED, customer, agent)
    with pytest.raises(NotAllowedNow, match=r"closed.*new ticket"):
        reply(ticket_id, customer)
    with pytest.raises(NotAllowedNow, match="Reopen it"):
        answer(ticket_id, agent)
    assert conversation(ticket_id, customer) == []


def test_staff_reopen_a_closed_ticket_and_then_reply(house: db.Database) -> None:
    customer, agent = person(), person(Role.SUPPORT)
    ticket_id = ticket_in(Status.CLOSED, customer, agent)
    move(ticket_id, Status.OPEN, agent)
    answer(ticket_id, agent)
    assert seen(ticket_id).status == "in_progress"


def test_the_first_answer_starts_the_work_and_is_the_first_response(
    house: db.Database, clock: Clock
) -> None:
    customer, agent = person(), person(Role.SUPPORT)
    prove_address(customer)
    ticket_id = ticket(customer)
    clock.forward(minutes=1)
    note(ticket_id, agent)
    assert seen(ticket_id).first_response_at is None, "a note is no response"
    first = clock.forward(minutes=1)
    answer(ticket_id, agent, "Please restart it.")
    clock.forward(minutes=1)
    answer(ticket_id, agent, "And then?")
    stored_ticket = seen(ticket_id)
    assert (stored_ticket.status, stored_ticket.first_response_at) == ("in_progress", first)
    first_letter, _second = mails("ticket_reply")
    assert first_letter.recipient == customer.email
    assert "Please restart it." in first_letter.text


@pytest.mark.parametrize("status", [Status.WAITING_USER, Status.RESOLVED, Status.CLOSED])
def test_a_status_sent_along_with_an_answer(house: db.Database, status: Status) -> None:
    customer, agent = person(), person(Role.SUPPORT)
    ticket_id = ticket(customer)
    answer(ticket_id, agent, "We replaced the cable.", status)
    assert seen(ticket_id).status == status
    assert [message.content for message in conversation(ticket_id, customer)] == [
        "We replaced the cable."
    ]
    is_resolved = status is Status.RESOLVED
    assert seen(ticket_id).resolution == ("We replaced the cable." if is_resolved else None)
    kinds = [letter.kind for letter in mails(recipient=customer.email)][1:]
    assert kinds == ["ticket_resolved" if is_resolved else "ticket_reply"]
    assert seen(ticket_id).waiting_since == tickets.NOT_WAITING


def test_a_refused_status_takes_the_answer_with_it(house: db.Database) -> None:
    customer, agent = person(), person(Role.SUPPORT)
    ticket_id = ticket_in(Status.RESOLVED, customer, agent)
    letters = len(mails())
    with pytest.raises(NotAllowedNow):
        answer(ticket_id, agent, "Sorry.", Status.WAITING_USER)
    assert conversation(ticket_id, customer) == []
    assert len(mails()) == letters


def test_only_the_customer_replies_and_only_staff_answer(house: db.Database) -> None:
    customer, other, agent = person(), person(), person(Role.SUPPORT)
    ticket_id = ticket(customer)
    for somebody in (other, agent):
        with pytest.raises(NotFound):
            reply(ticket_id, somebody)
    for somebody in (customer, other):
        with pytest.raises(NotPermitted):
            answer(ticket_id, somebody)
        with pytest.raises(NotPermitted):
            note(ticket_id, somebody)
    with pytest.raises(NotSignedIn):
        answer(ticket_id, visitor())
    assert len(audited(ticket_id)) == 1


def test_the_customers_text_is_never_markup(house: db.Database) -> None:
    customer = person()
    ticket_id = ticket(customer)
    reply(ticket_id, customer, "<script>alert(1)</script> *x* https://example.com/a")
    (message,) = conversation(ticket_id, customer)
    assert "<script>" not in message.html
    assert "<em>" not in message.html
    assert '<a href="https://example.com/a"' in message.html
    assert message.content.startswith("<script>")


def test_the_assigned_agent_hears_of_a_reply(house: db.Database) -> None:
    customer, agent = person(name="Jane"), person(Role.SUPPORT)
    ticket_id = ticket(customer)
    on_ticket(ticket_id, tickets.assign, agent.user_id, actor=agent)
    reply(ticket_id, customer, "It fails again.")
    (letter,) = mails("ticket_customer_replied")
    assert letter.recipient == agent.email
    assert "It fails again." in letter.text
    assert "/support-dashboard/tickets/" in letter.text


def test_a_deactivated_agent_gets_no_mail(house: db.Database) -> None:
    customer, agent = person(), person(Role.SUPPORT)
    ticket_id = ticket(customer)
    on_ticket(ticket_id, tickets.assign, agent.user_id, actor=agent)
    with db.unit_of_work() as session:
        session.get_one(User, agent.user_id).is_active = False
    reply(ticket_id, customer)
    assert mails("ticket_customer_replied") == []


def test_who_is_an_agent_no_more_gets_no_mail(house: db.Database) -> None:
    customer, agent = person(), person(Role.SUPPORT)
    ticket_id = ticket(customer)
    on_ticket(ticket_id, tickets.assign, agent.user_id, actor=agent)
    with db.unit_of_work() as session:
        session.get_one(User, agent.user_id).role = Role.MEMBER.value
    reply(ticket_id, customer)
    assert mails("ticket_customer_replied") == []


def test_a_guests_link_opens_its_ticket_alone(house: db.Database) -> None:
    with db.unit_of_work() as session:
        words = {**asked().model_dump(mode="json"), "guestEmail": "guest@example.com"}
        deed = tickets.GuestTicket.model_validate(words)
        ticket_id = tickets.create_for_guest(session, deed, actor=visitor()).id
    (letter,) = mails("ticket_received_guest")
    token = letter.text.split("/support/t/")[1].split()[0]
    with db.reading() as session:
        guest = tickets.guest_actor(session, token, address=None)
        assert tickets.get_own(session, ticket_id, actor=guest).id == ticket_id
    other = ticket(person())
    with db.reading() as session, pytest.raises(NotFound):
        tickets.get_own(session, other, actor=guest)
    reply(ticket_id, guest, "More words.")
    with pytest.raises(NotFound):
        reply(other, guest)
    with pytest.raises(NotSignedIn):
        own_list(guest)
    with db.reading() as session, pytest.raises(NotSignedIn):
        tickets.queue(session, tickets.QueueFilter(), actor=guest)


def _what_the_customer_sees(ticket_id: str, customer: Any) -> Any:
    with db.reading() as session:
        own = tickets.get_own(session, ticket_id, actor=customer)
        shown = (own.customer_updated_at, own.status, own.resolution, own.waiting_since)
    rows = own_list(customer)
    return shown, conversation(ticket_id, customer), rows


def test_a_note_changes_nothing_for_the_customer(house: db.Database, clock: Clock) -> None:
    customer, agent = person(), person(Role.SUPPORT)
    older = ticket(customer, title="The older one")
    clock.forward(minutes=1)
    ticket(customer, title="The newer one")
    clock.forward(minutes=1)
    before = _what_the_customer_sees(older, customer)
    letters = len(mails())
    clock.forward(minutes=1)
    note(older, agent, CANARY)
    assert _what_the_customer_sees(older, customer) == before
    assert [row.title for row in own_list(customer)] == ["The newer one", "The older one"]
    assert own_list(customer, q=CANARY) == []
    assert len(mails()) == letters
    assert seen(older).updated_at == clock.moment, "staff see that something happened"


def test_notes_are_for_staff_and_not_in_the_audit_log(house: db.Database) -> None:
    customer, agent = person(), person(Role.SUPPORT)
    ticket_id = ticket(customer)
    reply(ticket_id, customer, "Hello?")
    note(ticket_id, agent, CANARY)
    with db.reading() as session:
        found = tickets.get(session, ticket_id, actor=agent)
        thread = tickets.thread(session, found, actor=agent)
        assert [(message.content, message.is_internal) for message in thread] == [
            ("Hello?", False), (CANARY, True),
        ]  # fmt: skip
        for somebody in (customer, person()):
            with pytest.raises(NotPermitted):
                tickets.thread(session, found, actor=somebody)
            with pytest.raises(NotPermitted):
                tickets.timeline(session, found, actor=somebody)
    assert [message.content for message in conversation(ticket_id, customer)] == ["Hello?"]
    assert conversation(ticket_id, person()) == []
    assert CANARY not in str([row.data for row in audited(ticket_id)])


def test_staff_see_no_notes_in_the_customers_view_of_their_own_ticket(house: db.Database) -> None:
    agent, colleague = person(Role.SUPPORT), person(Role.SUPPORT)
    ticket_id = ticket(agent)
    note(ticket_id, colleague, CANARY)
    assert conversation(ticket_id, agent) == []


@pytest.mark.parametrize(
    ("deed", "value", "is_visible"),
    [
        (tickets.set_priority, tickets.Priority.URGENT, False),
        (tickets.set_severity, tickets.Severity.CRITICAL, True),
        (tickets.set_tags, ["vip"], True),
    ],
)
def test_which_changes_the_customer_can_see(
    house: db.Database, clock: Clock, deed: Any, value: Any, is_visible: bool
) -> None:
    customer, agent = person(), person(Role.SUPPORT)
    ticket_id = ticket(customer)
    before = clock.moment
    after = clock.forward(minutes=1)
    on_ticket(ticket_id, deed, value, actor=agent)
    assert own_list(customer)[0].customer_updated_at == (after if is_visible else before)
    assert seen(ticket_id).updated_at == after
    version, rows = seen(ticket_id).version, len(audited(ticket_id))
    on_ticket(ticket_id, deed, value, actor=agent)
    assert (seen(ticket_id).version, len(audited(ticket_id))) == (version, rows)
    with pytest.raises(NotPermitted):
        on_ticket(ticket_id, deed, value, actor=customer)


def test_the_timeline_names_who_did_what(house: db.Database) -> None:
    customer, agent = person(name="Jane"), person(Role.SUPPORT, name="Ann")
    ticket_id = ticket(customer)
    answer(ticket_id, agent)
    note(ticket_id, agent)
    with db.reading() as session:
        found = tickets.get(session, ticket_id, actor=agent)
        rows = tickets.timeline(session, found, actor=agent)
    assert [(entry.action, name) for entry, name in rows] == [
        ("ticket.create", "Jane"),
        ("ticket.status", "Ann"),
        ("ticket.reply", "Ann"),
        ("ticket.note", "Ann"),
    ]
    assert {entry.door for entry, _name in rows} == {Door.WEB}
    assert {entry.subject_id for entry, _name in rows} == {customer.user_id}


def test_a_message_keeps_how_it_was_written(house: db.Database) -> None:
    customer = person()
    ticket_id = ticket(customer)
    reply(ticket_id, customer, "a\nb")
    (message,) = stored(tickets.TicketMessage, ticket_id=ticket_id)
    assert (message.format, message.content, message.is_internal) == ("text", "a\nb", False)
