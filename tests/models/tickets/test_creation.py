"""How tickets come in: numbers, priority, quick issues, links, limits, guests."""

from typing import Any

import pytest

from models import db, deeds, kb, settings, tickets, users
from models.actor import Actor, Role
from models.errors import Invalid, NotFound, NotPermitted, NotSignedIn, TooMany
from models.tickets import GuestTicket, NewTicket, Severity, Ticket
from models.users import User
from tests.models.world import (
    OPERATOR,
    Clock,
    article,
    asked,
    audited,
    mails,
    on_article,
    on_ticket,
    own_list,
    person,
    prove_address,
    seen,
    stored,
    ticket,
    visitor,
)


def guest_ticket(email: str = "guest@example.com", *, actor: Actor, **changes: Any) -> str:
    deed = GuestTicket.model_validate(
        {**asked().model_dump(mode="json"), "guestEmail": email, **changes}
    )
    with db.unit_of_work() as session:
        return tickets.create_for_guest(session, deed, actor=actor).id


def test_numbers_have_four_digits_or_more(house: db.Database) -> None:
    from models.counters import Counter

    customer = person()
    assert seen(ticket(customer)).ticket_number == "TICKET-0001"
    with db.unit_of_work() as session:
        session.get_one(Counter, "tickets").value = 9_998
    assert seen(ticket(customer)).ticket_number == "TICKET-9999"
    assert seen(ticket(customer)).ticket_number == "TICKET-10000"


def test_a_refused_ticket_leaves_no_gap(house: db.Database) -> None:
    customer = person()
    ticket(customer)
    with pytest.raises(Invalid):
        ticket(customer, category="no-such-category")
    with db.unit_of_work() as session:
        tickets.create(session, asked(), actor=customer)
        session.rollback()
    assert seen(ticket(customer)).number == 2


def test_a_new_ticket_as_the_specification_draws_it(house: db.Database, clock: Clock) -> None:
    customer = person()
    prove_address(customer)
    stored_ticket = seen(ticket(customer))
    assert (stored_ticket.status, stored_ticket.severity, stored_ticket.priority) == (
        "open", "medium", 0,
    )  # fmt: skip
    assert (stored_ticket.user_id, stored_ticket.assigned_to_id) == (customer.user_id, None)
    assert stored_ticket.created_at == stored_ticket.updated_at == clock.moment
    (entry,) = audited(stored_ticket.id)
    assert (entry.action, entry.actor_id, entry.subject_id) == (
        "ticket.create", customer.user_id, customer.user_id,
    )  # fmt: skip
    (letter,) = mails(ticket_id=stored_ticket.id)
    assert (letter.kind, letter.recipient) == ("ticket_received", customer.email)
    assert f"/support/{stored_ticket.ticket_number}" in letter.text


@pytest.mark.parametrize(
    ("severity", "priority"), [("low", -1), ("medium", 0), ("high", 1), ("critical", 2)]
)
def test_priority_follows_severity_at_creation_only(
    house: db.Database, severity: str, priority: int
) -> None:
    ticket_id = ticket(person(), severity=severity)
    assert seen(ticket_id).priority == priority
    on_ticket(ticket_id, tickets.set_severity, Severity.HIGH, actor=person(Role.SUPPORT))
    assert seen(ticket_id).priority == priority


def test_a_quick_issue_counts_once_for_each_ticket(house: db.Database) -> None:
    given = {"title": "It is slow", "suggestedType": "bug", "suggestedCategory": "gateway"}
    with db.unit_of_work() as session:
        deed = tickets.QuickIssueDeed.model_validate(given)
        issue_id = tickets.create_quick_issue(session, deed, actor=OPERATOR).id
    customer = person()
    for _ in range(2):
        ticket(customer, quickIssueId=issue_id)
    with pytest.raises(Invalid):
        ticket(customer, quickIssueId=issue_id, category="none")
    assert [issue.use_count for issue in stored(tickets.QuickIssue)] == [2]
    with db.unit_of_work() as session:
        off = tickets.QuickIssueDeed.model_validate({**given, "isActive": False})
        tickets.update_quick_issue(
            session, tickets.quick_issue(session, issue_id, actor=OPERATOR), off, actor=OPERATOR
        )
    for unknown in (issue_id, "no-such-issue"):
        with pytest.raises(Invalid) as refused:
            ticket(customer, quickIssueId=unknown)
        assert list(refused.value.fields) == ["quickIssueId"]
    with db.reading() as session:
        assert tickets.quick_issues(session) == []
        assert len(tickets.all_quick_issues(session, actor=person(Role.SUPPORT))) == 1
        with pytest.raises(NotPermitted):
            tickets.all_quick_issues(session, actor=customer)


def test_only_published_articles_are_linked(house: db.Database) -> None:
    customer, agent = person(), person(Role.SUPPORT)
    public, draft = article("Public"), article("Draft", publish=False)
    ticket_id = ticket(customer, relatedArticleSlug="public")
    assert seen(ticket_id).related_article_id == public
    with pytest.raises(Invalid) as refused:
        ticket(customer, relatedArticleSlug="draft")
    assert list(refused.value.fields) == ["relatedArticleSlug"]
    other = ticket(customer)
    for unknown in (draft, "no-such-article"):
        with pytest.raises(Invalid) as refused:
            on_ticket(other, tickets.link_article, unknown, actor=agent)
        assert list(refused.value.fields) == ["articleId"]
    on_ticket(other, tickets.link_article, public, actor=agent)
    assert seen(other).related_article_id == public
    on_article(public, kb.unpublish)
    with pytest.raises(Invalid):
        on_ticket(other, tickets.link_article, public, actor=agent)


def test_strangers_create_no_ticket_without_an_address(house: db.Database) -> None:
    with pytest.raises(NotSignedIn):
        ticket(visitor())


def test_the_hourly_limit_of_a_person(
    house: db.Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer, other = person(), person()
    for _ in range(20):
        ticket(customer)
    with pytest.raises(TooMany) as refused:
        ticket(customer)
    assert 3590 < refused.value.retry_after <= 3601
    ticket(other)
    clock.forward(hours=1, seconds=1)
    ticket(customer)
    monkeypatch.setenv("SUPPORT_TICKETS_PER_HOUR", "0")
    settings.current.cache_clear()
    for _ in range(21):
        ticket(other)


def test_a_guests_ticket_sends_one_mail_without_the_guests_words(house: db.Database) -> None:
    ticket_id = guest_ticket(
        actor=visitor(), title="BUY-MY-PILLS", description="SPAM-TEXT", guestName="SPAM-NAME"
    )
    (letter,) = mails()
    everything = f"{letter.subject}{letter.text}{letter.html}{letter.recipient_name}"
    for word in ("BUY-MY-PILLS", "SPAM-TEXT", "SPAM-NAME"):
        assert word not in everything
    assert (letter.kind, letter.recipient) == ("ticket_received_guest", "guest@example.com")
    assert "/support/t/" in letter.text
    assert seen(ticket_id).channel == "guest"


def test_a_known_address_gets_none_of_a_guests_words_either(house: db.Database) -> None:
    victim = person(email="guest@example.com", name="Jane")
    prove_address(victim)
    guest_ticket(actor=visitor(), title="ACCOUNT-LOCKED", description="PAY-HERE")
    (letter,) = mails()
    assert letter.kind == "ticket_received_guest"
    for word in ("ACCOUNT-LOCKED", "PAY-HERE"):
        assert word not in f"{letter.subject}{letter.text}{letter.html}"


def test_a_deactivated_guest_has_no_link(house: db.Database) -> None:
    guest_ticket(actor=visitor())
    token = mails()[0].text.split("/support/t/")[1].split()[0]
    with db.unit_of_work() as session:
        session.get_one(User, stored(User, email="guest@example.com")[0].id).is_active = False
    with db.reading() as session, pytest.raises(NotFound):
        tickets.guest_actor(session, token, address=None)


def test_a_guests_private_link_lives_thirty_days_and_is_kept_as_a_hash(
    house: db.Database, clock: Clock
) -> None:
    guest_ticket(actor=visitor())
    token = mails()[0].text.split("/support/t/")[1].split()[0]
    assert len(token) >= 43
    (link,) = stored(tickets.GuestLink)
    assert token not in (link.token_hash, link.id)
    for wrong in ("", token[:-1], token.swapcase(), "null", link.id, "\ud800", token + "\0"):
        with db.reading() as session, pytest.raises(NotFound):
            tickets.guest_actor(session, wrong, address=None)
    clock.forward(days=29, hours=23)
    with db.reading() as session:
        assert tickets.guest_actor(session, token, address=None).role is None
    clock.forward(hours=2)
    with db.reading() as session, pytest.raises(NotFound):
        tickets.guest_actor(session, token, address=None)


def test_a_revoked_link_opens_nothing(house: db.Database) -> None:
    guest_ticket(actor=visitor())
    token = mails()[0].text.split("/support/t/")[1].split()[0]
    with db.unit_of_work() as session:
        link = session.get_one(tickets.GuestLink, stored(tickets.GuestLink)[0].id)
        link.revoked_at = link.created_at
    with db.reading() as session, pytest.raises(NotFound):
        tickets.guest_actor(session, token, address=None)


def test_nothing_of_a_known_person_changes_by_a_guests_form(house: db.Database) -> None:
    known = person(email="jane@example.com", name="Jane")
    prove_address(known)
    ticket_id = guest_ticket("Jane@Example.com", guestName="Mallory", actor=visitor())
    (user,) = stored(User, email="jane@example.com")
    assert (user.id, user.name, user.role) == (known.user_id, "Jane", "MEMBER")
    assert [row.id for row in own_list(known)] == [ticket_id]


def test_a_guests_ticket_is_found_once_the_mailbox_is_proven(house: db.Database) -> None:
    ticket_id = guest_ticket(actor=visitor())
    (user,) = stored(User, email="guest@example.com")
    assert (user.role, user.password_hash, user.email_verified_at) == ("MEMBER", None, None)
    with db.unit_of_work() as session:
        token = users.new_link(
            session, session.get_one(User, user.id), users.LinkPurpose.SIGN_IN, actor=visitor()
        )
    signed_in = users.use_link(token, None, actor=visitor())
    assert [row.id for row in own_list(signed_in.actor)] == [ticket_id]


def test_the_limits_of_guests(house: db.Database, clock: Clock) -> None:
    for _ in range(5):
        guest_ticket(actor=visitor())
    with pytest.raises(TooMany):
        guest_ticket(actor=visitor("198.51.100.7"))
    for number in range(15):
        guest_ticket(f"guest{number}@example.com", actor=visitor())
    with pytest.raises(TooMany):
        guest_ticket("another@example.com", actor=visitor())
    guest_ticket("another@example.com", actor=visitor("198.51.100.7"))
    assert len(mails(recipient="guest@example.com")) == 5
    clock.forward(hours=24, seconds=1)
    guest_ticket(actor=visitor())


@pytest.mark.parametrize("field", ["userId", "status", "priority", "ticketNumber", "assignedToId"])
def test_no_field_but_the_forms_own(field: str) -> None:
    with pytest.raises(Invalid) as refused:
        deeds.read(NewTicket, {**asked().model_dump(mode="json", exclude_none=True), field: "1"})
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "x" * 201),
        ("title", "a\nb"),
        ("title", "\u200b\u2060"),
        ("title", "a\0b"),
        ("title", "\ud800"),
        ("description", "x" * 20_001),
        ("type", "complaint"),
        ("severity", "worst"),
        ("category", "a\0b"),
        ("category", "\ud800"),
        ("quickIssueId", "a\0b"),
        ("relatedArticleSlug", "\ud800"),
        ("sentryEventId", "javascript:alert(1)"),
        ("sentryEventId", "x" * 65),
    ],
)
def test_what_cannot_be_accepted_is_said_at_its_field(field: str, value: str) -> None:
    given = {**asked().model_dump(mode="json", by_alias=True, exclude_none=True), field: value}
    with pytest.raises(Invalid) as refused:
        deeds.read(NewTicket, given)
    assert list(refused.value.fields) == [field]


def test_what_just_fits(house: db.Database) -> None:
    stored_ticket = seen(ticket(person(), title="😀" * 200, description="é" * 20_000))
    assert (stored_ticket.title, len(stored_ticket.description)) == ("😀" * 200, 20_000)


def test_two_hundred_characters_are_code_points_in_the_database_too(house: db.Database) -> None:
    ids = [row.id for row in stored(Ticket)]
    ticket(person(), title="\U0010ffff" * 200)
    assert len(stored(Ticket)) == len(ids) + 1
