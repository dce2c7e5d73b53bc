"""Who reads which rows of the audit log."""

import pytest

from models import audit, db
from models.actor import Actor, Door, Role
from models.audit import AuditEntry
from tests.models.world import OPERATOR, article, audited, person, ticket, visitor


def rows(actor: Actor, subject: Actor | None = None) -> set[str]:
    subject_id = subject.user_id if subject else None
    with db.reading() as session:
        found = session.scalars(audit.visible_to(actor, subject_id=subject_id))
        return {entry.action for entry in found}


def refuse(actor: Actor) -> None:
    with db.unit_of_work() as session:
        audit.record_refusal(session, "refused.post", "/x" * 100, actor=actor, reason="no")


def test_administrators_read_everything(house: db.Database) -> None:
    customer, other = person(), person()
    ticket(customer)
    article()
    refuse(other)
    for role in (Role.ADMIN, Role.SUPER_ADMIN):
        admin = person(role)
        assert {"user.create", "ticket.create", "article.publish", "refused.post"} <= rows(admin)
        assert rows(admin, customer) == {"user.create", "ticket.create"}


def test_support_reads_the_rows_of_the_customer_it_looks_up(house: db.Database) -> None:
    agent, customer, other = person(Role.SUPPORT), person(), person()
    ticket(customer)
    refuse(customer)
    assert rows(agent) == set()
    assert rows(agent, customer) == {"user.create", "ticket.create"}
    assert rows(agent, other) == {"user.create"}


@pytest.mark.parametrize("role", [None, Role.MEMBER])
def test_nobody_else_reads_any(house: db.Database, role: Role | None) -> None:
    customer = person()
    ticket(customer)
    actor = visitor() if role is None else person(role)
    assert rows(actor) == rows(actor, customer) == rows(customer, customer) == set()


def test_a_token_reads_no_log(house: db.Database) -> None:
    admin = person(Role.ADMIN)
    token = Actor(
        door=Door.API, user_id=admin.user_id, role=Role.ADMIN,
        scopes=frozenset({"support:users:read"}),
    )  # fmt: skip
    customer = person()
    assert rows(token) == set()
    assert rows(token, customer) == {"user.create"}


def test_what_concerns_staff_is_for_administrators(house: db.Database) -> None:
    support, boss = person(Role.SUPPORT), person(Role.SUPER_ADMIN)
    assert rows(support, boss) == set()
    assert "user.create" in rows(person(Role.ADMIN), boss)


def test_what_a_row_holds(house: db.Database) -> None:
    customer = person()
    ticket_id = ticket(customer)
    (entry,) = audited(ticket_id)
    assert (entry.actor_id, entry.subject_id, entry.door, entry.address) == (
        customer.user_id, customer.user_id, "web", "192.0.2.1",
    )  # fmt: skip
    refuse(visitor())
    with db.reading() as session:
        found = session.scalars(audit.visible_to(OPERATOR).where(AuditEntry.actor_id.is_(None)))
        assert [len(row.object_id or "") for row in found] == [80]


def test_a_deed_that_fails_leaves_no_row(house: db.Database) -> None:
    with db.unit_of_work() as session:
        audit.record(session, "ticket.create", "ticket", "x", actor=OPERATOR)
        session.rollback()
    assert audited("x") == []
