"""The demo in a house that has something in it already."""

import pytest
from sqlalchemy import delete, func, select

from models import db, kb, seeding, tickets, users
from models.actor import Role
from models.errors import NotPermitted
from models.kb import Article
from models.notifications import OutboxMail
from models.tickets import Ticket
from tests.models.world import OPERATOR, person, stored, ticket

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_the_demo_joins_what_is_there(database: db.Database) -> None:
    seeding.seed_base(actor=OPERATOR)
    own = ticket(person(email="own@example.com"))
    with db.unit_of_work() as session:
        kb.get(session, "dashboard-tour", actor=OPERATOR).view_count = 1
    added = seeding.seed_demo(actor=OPERATOR)
    assert (added["articles"], added["categories"]) == (0, 0)
    with db.reading() as session:
        assert kb.get(session, "dashboard-tour", actor=OPERATOR).view_count == 1
        assert kb.get(session, "ai-costs", actor=OPERATOR).view_count > 100
    assert [mail.ticket_id for mail in stored(OutboxMail)] == [own]

    with db.unit_of_work() as session:
        last = select(func.max(Ticket.number)).scalar_subquery()
        session.execute(delete(Ticket).where(Ticket.number == last))
        maya = users.get(session, "member@example.com", actor=OPERATOR)
        users.set_role(session, maya, Role.SUPPORT, actor=OPERATOR)
    assert dict(+seeding.seed_demo(actor=OPERATOR)) == {"tickets": 1}
    with db.reading() as session:
        assert users.get(session, "member@example.com", actor=OPERATOR).role == Role.SUPPORT

    newest = ticket(person(email="later@example.com"))
    with db.reading() as session:
        found = tickets.get(session, newest, actor=OPERATOR)
    assert found.number == added["tickets"] + 3
    assert [mail.ticket_id for mail in stored(OutboxMail)] == [own, newest]


@pytest.mark.parametrize("role", [Role.MEMBER, Role.SUPPORT, Role.ADMIN])
def test_the_demo_needs_the_right_to_make_every_role(database: db.Database, role: Role) -> None:
    with pytest.raises(NotPermitted):
        seeding.seed_demo(actor=person(role))
    assert not stored(Article)
