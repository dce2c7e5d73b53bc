"""What exports hold, for whom, and that internal notes come only when they are asked for."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from models import db, export, kb, tickets
from models.actor import Actor, Role
from models.errors import NotPermitted, NotSignedIn
from models.export import Table, rows
from models.tickets import QueueFilter, Status
from tests.models.world import (
    OPERATOR,
    Clock,
    answer,
    article,
    asked,
    audited,
    move,
    note,
    on_ticket,
    person,
    reply,
    ticket,
    visitor,
)

CANARY = "canary of the internal note"
READS: dict[str, Callable[[Session, Actor], Table]] = {
    "tickets": lambda session, actor: export.tickets(session, QueueFilter(), actor=actor),
    "articles": lambda session, actor: export.articles(session, actor=actor),
    "users": lambda session, actor: export.people(session, actor=actor),
    "audit": lambda session, actor: export.audit_entries(session, actor=actor),
}
MAY = {
    "tickets": {Role.SUPPORT, Role.ADMIN, Role.SUPER_ADMIN},
    "articles": {Role.SUPPORT, Role.ADMIN, Role.SUPER_ADMIN},
    "users": {Role.SUPPORT, Role.ADMIN, Role.SUPER_ADMIN},
    "audit": {Role.ADMIN, Role.SUPER_ADMIN},
}


def exported(read: Callable[..., Table], *args: Any, **named: Any) -> list[dict[str, Any]]:
    """The documents of an export, as they come out of JSON."""
    with db.reading() as session:
        made = read(session, *args, **{"actor": OPERATOR, **named})
        return [json.loads(line) for line in b"".join(export.chunks(made, "jsonl")).splitlines()]


def numbers(**filters: Any) -> list[int]:
    found = exported(export.tickets, QueueFilter.model_validate(filters))
    return [int(document["ticketNumber"].removeprefix("TICKET-")) for document in found]


def test_a_ticket_is_exported_with_everything(house: db.Database) -> None:
    customer = person(name="Maya", email="maya@example.com")
    agent = person(Role.SUPPORT, name="Sam", email="sam@example.com")
    guide = article("First steps")
    made = ticket(customer, contextData={"browser": "Firefox"}, sentryEventId="abc123")
    on_ticket(made, tickets.set_tags, ["b", "a, c"], actor=agent)
    on_ticket(made, tickets.assign, agent.user_id, actor=agent)
    on_ticket(made, tickets.link_article, guide, actor=agent)
    answer(made, agent, "Turn it off and on.", Status.RESOLVED)
    (document,) = exported(export.tickets, QueueFilter())
    assert set(document) == {
        "id", "ticketNumber", "type", "category", "severity", "status", "priority", "channel",
        "tags", "title", "description", "resolution", "contextData", "sentryEventId",
        "relatedArticle", "user", "assignedTo", "createdAt", "updatedAt", "firstResponseAt",
        "resolvedAt",
    }  # fmt: skip
    assert document["tags"] == ["a, c", "b"]
    assert document["user"] == {
        "id": customer.user_id, "name": "Maya", "email": "maya@example.com",
    }  # fmt: skip
    assert document["assignedTo"]["email"] == "sam@example.com"
    assert document["contextData"] == {"browser": "Firefox"}
    assert document["relatedArticle"] == "first-steps"
    assert (document["status"], document["resolution"]) == ("resolved", "Turn it off and on.")
    assert document["resolvedAt"] == document["firstResponseAt"]


def test_internal_notes_come_only_when_asked_for(house: db.Database) -> None:
    customer, agent = person(), person(Role.SUPPORT)
    made = ticket(customer)
    note(made, agent, CANARY)
    answer(made, agent, "An answer.")
    reply(made, customer, "Thanks.")
    (plain,) = exported(export.tickets, QueueFilter())
    (public,) = exported(export.tickets, QueueFilter(), messages=True)
    (internal,) = exported(export.tickets, QueueFilter(), internal=True)
    assert "messages" not in plain
    assert [message["content"] for message in public["messages"]] == ["An answer.", "Thanks."]
    assert CANARY not in json.dumps([plain, public])
    assert [(message["content"], message["isInternal"]) for message in internal["messages"]] == [
        (CANARY, True), ("An answer.", False), ("Thanks.", False),
    ]  # fmt: skip
    assert internal["messages"][0]["sender"]["id"] == agent.user_id


def test_with_messages_a_ticket_has_a_line_for_each_and_one_without_any(house: db.Database) -> None:
    customer, agent = person(), person(Role.SUPPORT)
    talked, silent = ticket(customer), ticket(customer)
    answer(talked, agent, "One.")
    answer(talked, agent, "Two.")
    with db.reading() as session:
        made = export.tickets(session, QueueFilter(), messages=True, actor=OPERATOR)
        lines = list(made.lines())
    assert [(line[0], line[-1]) for line in lines] == [
        (talked, "One."), (talked, "Two."), (silent, None),
    ]  # fmt: skip
    assert all(len(line) == len(made.headings) for line in lines)
    assert made.headings[-1] == "messages.content"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_batches_lose_and_repeat_nothing(
    house: db.Database, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(rows, "BATCH", size)
    customer, agent = person(), person(Role.SUPPORT)
    for count in range(7):
        on_ticket(ticket(customer), tickets.set_tags, [f"t{count}"], actor=agent)
    found = exported(export.tickets, QueueFilter())
    assert [document["tags"] for document in found] == [[f"t{count}"] for count in range(7)]
    assert len(exported(export.people)) == 2
    audit = exported(export.audit_entries)
    assert [entry["id"] for entry in audit] == sorted({entry["id"] for entry in audit})
    assert len([entry for entry in audit if entry["action"] == "ticket.create"]) == 7


def test_tickets_can_be_narrowed(house: db.Database, clock: Clock) -> None:
    customer, agent = person(), person(Role.SUPPORT)
    ticket(customer)
    clock.forward(days=1)
    second = ticket(customer, type="billing", category="billing")
    clock.forward(days=1)
    third = ticket(customer, severity="critical")
    on_ticket(second, tickets.assign, agent.user_id, actor=agent)
    move(third, Status.CLOSED, agent)
    assert numbers() == [1, 2, 3]
    assert numbers(status="closed") == [3]
    assert numbers(type="billing") == numbers(category="billing") == [2]
    assert numbers(assignee=agent.user_id) == [2]
    assert numbers(assignee="none") == [1, 3]
    assert numbers(**{"from": "2026-03-03"}) == [2, 3]
    assert numbers(to="2026-03-03") == [1, 2]
    assert numbers(status="waiting_user") == []


def test_articles_come_with_drafts_and_without_deleted_ones(
    house: db.Database, clock: Clock
) -> None:
    article("One", category="gateways")
    clock.forward(days=1)
    article("Two", publish=False)
    gone = article("Three")
    with db.unit_of_work() as session:
        kb.delete_article(session, kb.get(session, gone, actor=OPERATOR), actor=OPERATOR)
    found = exported(export.articles)
    assert [(entry["title"], entry["isPublished"]) for entry in found] == [
        ("One", True), ("Two", False),
    ]  # fmt: skip
    assert found[0]["content"] == "Press the *green* button."
    assert set(found[0]["author"]) == {"id", "name"}

    def titles(**narrowed: Any) -> list[str]:
        return [entry["title"] for entry in exported(export.articles, **narrowed)]

    assert titles(is_published=False) == ["Two"]
    assert titles(category="gateways") == ["One"]
    assert titles(since=clock.moment) == ["Two"]
    assert titles(until=clock.moment - timedelta(seconds=1)) == ["One"]


def test_people_come_without_the_operator_and_without_secrets(house: db.Database) -> None:
    person(Role.SUPPORT, email="sam@example.com", name="Sam", password_hash="a-secret-hash")
    (sam,) = exported(export.people)
    assert set(sam) == {
        "id", "email", "name", "role", "plan", "isActive", "externalId", "createdAt",
        "lastLoginAt",
    }  # fmt: skip
    assert (sam["email"], sam["role"]) == ("sam@example.com", "SUPPORT")


def test_the_audit_log_names_who_did_what_to_whom(clock: Clock, house: db.Database) -> None:
    customer = person(email="maya@example.com")
    clock.forward(days=1)
    made = ticket(customer)
    entry = exported(export.audit_entries)[-1]
    assert (entry["action"], entry["objectId"]) == ("ticket.create", made)
    assert entry["actor"]["email"] == entry["subject"]["email"] == "maya@example.com"
    assert entry["data"]["number"] == "TICKET-0001"
    since = exported(export.audit_entries, since=clock.moment)
    assert [found["id"] for found in since] == [entry["id"]]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("noun", export.NOUNS)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_may_export_what(house: db.Database, noun: str, role: Role) -> None:
    actor = person(role)
    if role in MAY[noun]:
        _export(noun, actor)
        return
    with pytest.raises(NotPermitted):
        _export(noun, actor)
    with db.unit_of_work() as session, pytest.raises(NotPermitted):
        export.record(session, noun, actor=actor)


@pytest.mark.parametrize("noun", export.NOUNS)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nobody_exports_without_sign_in(house: db.Database, noun: str) -> None:
    with pytest.raises(NotSignedIn):
        _export(noun, visitor())


def _export(noun: str, actor: Actor) -> None:
    with db.reading() as session:
        list(READS[noun](session, actor).documents())


def test_an_export_is_in_the_audit_log(house: db.Database) -> None:
    with db.unit_of_work() as session:
        export.record(session, "tickets", actor=OPERATOR, status="open", type=None)
    (entry,) = audited("tickets")
    assert (entry.action, entry.object_type) == ("export.tickets", "export")
    assert (entry.actor_id, entry.data) == (OPERATOR.user_id, {"status": "open"})


def test_what_people_type_survives_the_export(house: db.Database) -> None:
    typed = asked(title="=1+1 🐛 \"'", description="a\n\n=b;c\t\u202e д")
    customer = person()
    with db.unit_of_work() as session:
        tickets.create(session, typed, actor=customer)
    (document,) = exported(export.tickets, QueueFilter())
    assert (document["title"], document["description"]) == (typed.title, typed.description)
