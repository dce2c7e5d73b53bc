"""One call of every action of the rooms: what it needs, what it writes down, who is refused.

An action without an example here fails `test_deeds.py`.
"""

from typing import Any

from sqlalchemy import select

from models import accounts, export, kb, notifications, tickets, users
from models.actor import Actor, Role, operator
from models.deeds import Deed, read
from models.permissions import Permission
from models.tickets import Priority, Severity, Status
from models.users import LinkPurpose, SignedIn, User
from tests.guards import objects, own_deeds
from tests.guards.examples import (
    ANYBODY,
    CUSTOMER,
    PEOPLE,
    SELF,
    SIGNED_IN,
    Call,
    Example,
)
from tests.guards.world import World, password_hash


def _ticket(x: "Call") -> tickets.Ticket:
    return tickets.get(x.db, x.world.tickets["member1"], actor=operator())


def _fresh(x: "Call") -> tickets.Ticket:
    deed = read(tickets.NewTicket, _NEW_TICKET)
    return tickets.create(x.db, deed, actor=x.world.actor("member1"))


def _closed(x: "Call") -> tickets.Ticket:
    return tickets.change_status(x.db, _ticket(x), Status.CLOSED, actor=operator())


def _dead_mail(x: "Call") -> notifications.OutboxMail:
    mail = x.db.scalars(select(notifications.OutboxMail).limit(1)).one()
    mail.status = notifications.MailStatus.DEAD.value
    x.db.flush()
    return mail


def _stopped(x: "Call") -> str:
    token = x.world.rows["stop"]
    notifications.stop_mails(x.db, token, actor=operator())
    return token


def _draft(x: "Call") -> kb.Article:
    return kb.get(x.db, x.world.articles["draft"], actor=operator())


def _public(x: "Call") -> kb.Article:
    return kb.get(x.db, x.world.articles["public"], actor=operator())


def _member(x: "Call") -> User:
    return x.db.get_one(User, x.world.people["member1"])


def _gone(x: "Call") -> User:
    return x.db.get_one(User, x.world.people["gone"])


def _solved(x: "Call") -> kb.Solved:
    return read(kb.Solved, {"article": x.world.slugs["public"], "source": "title"})


def _article_deed() -> kb.ArticleDeed:
    return read(kb.ArticleDeed, {"title": "T", "category": "getting_started", "content": "C"})


def _category(schema: type[Deed]) -> Any:
    return read(schema, {"slug": "another_one", "title": "Another"})


_NEW_TICKET = {"type": "bug", "category": "gateway", "title": "It stops", "description": "Always."}
_ISSUE = {"title": "Again", "suggestedType": "bug", "suggestedCategory": "gateway"}
_WRITE, _ASSIGN = (Permission.TICKETS_WRITE,), (Permission.TICKETS_ASSIGN,)
_KB = (Permission.KB_WRITE,)

TICKETS = [
    Example(
        tickets.create, SIGNED_IN, "ticket.create", by="member1",
        do=lambda x: tickets.create(x.db, read(tickets.NewTicket, _NEW_TICKET), actor=x.actor),
    ),
    Example(
        tickets.create_for_guest, ANYBODY, "ticket.create", also=frozenset({"user.guest"}),
        by="anonymous",
        do=lambda x: tickets.create_for_guest(
            x.db,
            read(tickets.GuestTicket, {**_NEW_TICKET, "guestEmail": objects.new_address()}),
            actor=x.actor,
        ),
    ),
    Example(
        tickets.submit, SIGNED_IN, "ticket.create", by="member1",
        do=lambda x: tickets.submit(
            x.db, read(tickets.NewTicket, _NEW_TICKET), key="k", actor=x.actor
        ),
    ),
    Example(
        tickets.reply, CUSTOMER, "ticket.reply", get=_ticket, by="member1",
        do=lambda x: tickets.reply(x.db, x.thing, tickets.Reply(content="x"), actor=x.actor),
    ),
    Example(
        tickets.reply, _WRITE, "ticket.reply", get=_ticket,
        do=lambda x: tickets.reply(x.db, x.thing, tickets.AgentReply(content="x"), actor=x.actor),
    ),
    Example(
        tickets.add_note, _WRITE, "ticket.note", get=_ticket,
        do=lambda x: tickets.add_note(x.db, x.thing, tickets.Note(content="x"), actor=x.actor),
    ),
    Example(
        tickets.assign, _ASSIGN, "ticket.assign", get=_fresh, also=frozenset({"ticket.status"}),
        do=lambda x: tickets.assign(x.db, x.thing, x.world.people["support"], actor=x.actor),
    ),
    Example(
        tickets.change_status, _WRITE, "ticket.status", get=_ticket,
        do=lambda x: tickets.change_status(x.db, x.thing, Status.CLOSED, actor=x.actor),
    ),
    Example(
        tickets.resolve, _WRITE, "ticket.status", get=_ticket,
        do=lambda x: tickets.resolve(x.db, x.thing, "Done.", actor=x.actor),
    ),
    Example(
        tickets.solve, CUSTOMER, "ticket.status", get=_ticket, by="member1",
        do=lambda x: tickets.solve(x.db, x.thing, actor=x.actor),
    ),
    Example(
        tickets.set_priority, _WRITE, "ticket.priority", get=_ticket,
        do=lambda x: tickets.set_priority(x.db, x.thing, Priority.LOW, actor=x.actor),
    ),
    Example(
        tickets.set_severity, _WRITE, "ticket.severity", get=_ticket,
        do=lambda x: tickets.set_severity(x.db, x.thing, Severity.LOW, actor=x.actor),
    ),
    Example(
        tickets.set_tags, _WRITE, "ticket.tags", get=_ticket,
        do=lambda x: tickets.set_tags(x.db, x.thing, ["new"], actor=x.actor),
    ),
    Example(
        tickets.change_tags, _WRITE, "ticket.tags", get=_ticket,
        do=lambda x: tickets.change_tags(x.db, x.thing, add=["new"], remove=[], actor=x.actor),
    ),
    Example(
        tickets.link_article, _WRITE, "ticket.related_article_id", get=_ticket,
        do=lambda x: tickets.link_article(x.db, x.thing, x.world.articles["public"], actor=x.actor),
    ),
    Example(
        tickets.bulk, _WRITE, "ticket.priority", get=_ticket,
        do=lambda x: tickets.bulk(
            x.db,
            read(tickets.BulkDeed, {"ids": [x.thing.id], "action": "priority", "priority": -1}),
            actor=x.actor,
        ),
    ),
    Example(
        tickets.update, _WRITE, "ticket.priority", get=_ticket,
        do=lambda x: tickets.update(
            x.db, x.thing, read(tickets.TicketChanges, {"priority": -1}), actor=x.actor
        ),
    ),
    Example(
        tickets.update, _ASSIGN, "ticket.assign", get=_fresh, also=frozenset({"ticket.status"}),
        do=lambda x: tickets.update(
            x.db,
            x.thing,
            read(tickets.TicketChanges, {"assignedToId": x.world.people["support"]}),
            actor=x.actor,
        ),
    ),
    Example(
        tickets.rate, CUSTOMER, "ticket.rate", get=_closed, by="member1",
        do=lambda x: tickets.rate(x.db, x.thing, tickets.Rating(score=5), actor=x.actor),
    ),
    Example(
        tickets.keep_upload, SIGNED_IN, "upload.keep", by="member1",
        do=lambda x: tickets.keep_upload(x.db, "a.txt", b"x", actor=x.actor),
    ),
    Example(
        tickets.create_category, _KB, "ticket_category.create",
        do=lambda x: tickets.create_category(x.db, _category(tickets.CategoryDeed), actor=x.actor),
    ),
    Example(
        tickets.update_category, _KB, "ticket_category.update",
        get=lambda x: tickets.category(x.db, "workflow"),
        do=lambda x: tickets.update_category(
            x.db, x.thing, _category(tickets.CategoryDeed), actor=x.actor
        ),
    ),
    Example(
        tickets.delete_category, _KB, "ticket_category.delete",
        get=lambda x: tickets.category(x.db, "workflow"),
        do=lambda x: tickets.delete_category(x.db, x.thing, actor=x.actor),
    ),
    Example(
        tickets.create_quick_issue, _KB, "quick_issue.create",
        do=lambda x: tickets.create_quick_issue(
            x.db, read(tickets.QuickIssueDeed, _ISSUE), actor=x.actor
        ),
    ),
    Example(
        tickets.update_quick_issue, _KB, "quick_issue.update",
        get=lambda x: tickets.quick_issue(x.db, x.world.rows["quick-issues"], actor=operator()),
        do=lambda x: tickets.update_quick_issue(
            x.db, x.thing, read(tickets.QuickIssueDeed, _ISSUE), actor=x.actor
        ),
    ),
    Example(
        tickets.delete_quick_issue, _KB, "quick_issue.delete",
        get=lambda x: tickets.quick_issue(x.db, x.world.rows["quick-issues"], actor=operator()),
        do=lambda x: tickets.delete_quick_issue(x.db, x.thing, actor=x.actor),
    ),
]  # fmt: skip

ARTICLES = [
    Example(
        kb.create_article, _KB, "article.create",
        do=lambda x: kb.create_article(x.db, _article_deed(), actor=x.actor),
    ),
    Example(
        kb.update_article, _KB, "article.update", get=_draft,
        do=lambda x: kb.update_article(x.db, x.thing, _article_deed(), actor=x.actor),
    ),
    Example(
        kb.publish, _KB, "article.publish", get=_draft,
        do=lambda x: kb.publish(x.db, x.thing, actor=x.actor),
    ),
    Example(
        kb.unpublish, _KB, "article.unpublish", get=_public,
        do=lambda x: kb.unpublish(x.db, x.thing, actor=x.actor),
    ),
    Example(
        kb.delete_article, _KB, "article.delete", get=_draft,
        do=lambda x: kb.delete_article(x.db, x.thing, actor=x.actor),
    ),
    Example(
        kb.vote, ANYBODY, "article.vote", get=_public, by="anonymous",
        do=lambda x: kb.vote(x.db, x.thing, True, visitor="v", actor=x.actor),
    ),
    Example(
        kb.deflect, ANYBODY, "article.deflect", by="anonymous",
        do=lambda x: kb.deflect(x.db, _solved(x), visitor="v", actor=x.actor),
    ),
    Example(
        kb.create_category, _KB, "article_category.create",
        do=lambda x: kb.create_category(x.db, _category(kb.CategoryDeed), actor=x.actor),
    ),
    Example(
        kb.update_category, _KB, "article_category.update",
        get=lambda x: kb.category(x.db, "troubleshooting"),
        do=lambda x: kb.update_category(x.db, x.thing, _category(kb.CategoryDeed), actor=x.actor),
    ),
    Example(
        kb.delete_category, _KB, "article_category.delete",
        get=lambda x: kb.category(x.db, "troubleshooting"),
        do=lambda x: kb.delete_category(x.db, x.thing, actor=x.actor),
    ),
]  # fmt: skip

PERSONS = [
    Example(
        users.create, PEOPLE, "user.create",
        do=lambda x: users.create(
            x.db,
            users.NewUser(email=objects.new_address()),
            password_hash=password_hash(),
            actor=x.actor,
        ),
    ),
    Example(
        users.new_password_link, PEOPLE, "user.link", get=_member,
        do=lambda x: users.new_password_link(x.db, x.thing, actor=x.actor),
    ),
    Example(
        users.set_role, PEOPLE, "user.set_role", get=_member,
        do=lambda x: users.set_role(x.db, x.thing, Role.SUPPORT, actor=x.actor),
    ),
    Example(
        users.deactivate, PEOPLE, "user.deactivate", get=_member,
        do=lambda x: users.deactivate(x.db, x.thing, actor=x.actor),
    ),
    Example(
        users.reactivate, PEOPLE, "user.reactivate", get=_gone,
        do=lambda x: users.reactivate(x.db, x.thing, actor=x.actor),
    ),
    Example(
        users.create_token, SELF, "token.create", get=_member, by="member1",
        do=lambda x: users.create_token(x.db, x.thing, users.NewToken(name="n"), actor=x.actor),
    ),
    Example(
        users.revoke_token, SELF, "token.revoke", by="member1",
        get=lambda x: users.create_token(
            x.db, _member(x), users.NewToken(name="n"), actor=operator()
        )[0],
        do=lambda x: users.revoke_token(x.db, x.thing.id, actor=x.actor),
    ),
    Example(
        users.new_link, ANYBODY, "user.link", get=_member, by="anonymous",
        do=lambda x: users.new_link(x.db, x.thing, LinkPurpose.SIGN_IN, actor=x.actor),
    ),
    Example(
        users.customer_of, ANYBODY, "user.guest", by="anonymous",
        do=lambda x: users.customer_of(
            x.db, objects.new_address(), "n", verb="guest", actor=x.actor
        ),
    ),
    Example(
        users.sign_out, SELF, "user.sign_out", by="member1",
        do=lambda x: users.sign_out(x.db, actor=_with_sign_in(x)),
    ),
    Example(
        accounts.register, ANYBODY, "user.register", also=frozenset({"user.link"}),
        by="anonymous",
        do=lambda x: accounts.register(
            x.db, accounts.Register(email=objects.new_address(), name="n"), actor=x.actor
        ),
    ),
    Example(
        accounts.request_link, ANYBODY, "user.link", by="anonymous",
        do=lambda x: accounts.request_link(
            x.db, accounts.LinkRequest(email=objects.address_of(x.world, "member1")), actor=x.actor
        ),
    ),
    Example(
        export.record, (Permission.TICKETS_READ,), "export.tickets",
        do=lambda x: export.record(x.db, "tickets", actor=x.actor),
    ),
]  # fmt: skip

MAILS = [
    Example(
        notifications.send_again, PEOPLE, "mail.again", get=_dead_mail,
        do=lambda x: notifications.send_again(x.db, x.thing.id, actor=x.actor),
    ),
    Example(
        notifications.drop, PEOPLE, "mail.drop", get=_dead_mail,
        do=lambda x: notifications.drop(x.db, x.thing.id, actor=x.actor),
    ),
    Example(
        notifications.stop_mails, ANYBODY, "mail.stop", by="anonymous",
        do=lambda x: notifications.stop_mails(x.db, x.world.rows["stop"], actor=x.actor),
    ),
    Example(
        notifications.allow_mails, ANYBODY, "mail.allow", by="anonymous", get=_stopped,
        do=lambda x: notifications.allow_mails(x.db, x.thing, actor=x.actor),
    ),
]  # fmt: skip

EXAMPLES = [*TICKETS, *ARTICLES, *PERSONS, *MAILS, *own_deeds.OWN]
NAMES = [f"{e.action.__module__.split('.')[1]}.{e.action.__name__}" for e in EXAMPLES]

# Actions that open their own transactions, or leave no row, each with the test that holds it.
APART = {
    "users.sign_in": "tests/guards/test_deeds.py::test_signing_in_leaves_one_row",
    "users.use_link": "tests/guards/test_deeds.py::test_signing_in_leaves_one_row",
    "kb.import_tree": "tests/cli/test_kb.py::test_only_writers_of_articles_import",
    "kb.export_tree": "tests/cli/test_kb_export.py::test_an_export_is_recorded_and_for_staff_only",
    **own_deeds.APART,
    "users.touch": "tests/guards/test_get_is_safe.py::test_looking_changes_nothing",
}


def _with_sign_in(x: Call) -> Actor:
    found = users.resume(x.db, x.world.cookies["member1"], door=x.actor.door, address=None)
    assert found is not None
    return found.actor


def signed_in(world: World, name: str) -> SignedIn:
    """Sign in by password."""
    deed = users.SignInDeed(email=objects.address_of(world, name), password=objects.PASSWORD)
    return users.sign_in(deed, actor=world.actor("anonymous"))
