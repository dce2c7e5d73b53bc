"""New tickets, of people who signed in and of guests."""

from sqlalchemy.orm import Session

from models import counters, permissions, users
from models.actor import Actor
from models.base import now
from models.tickets import background, context, intake, letters, uploads
from models.tickets.deeds import GuestTicket, NewTicket
from models.tickets.journal import index_new, record
from models.tickets.lifecycle import PRIORITY_OF
from models.tickets.tables import Channel, QuickIssue, Ticket
from models.users import User


def create(db: Session, deed: NewTicket, *, channel: Channel = Channel.WEB, actor: Actor) -> Ticket:
    """Create a ticket for the person who acts; staff too.

    Raises NotSignedIn, Invalid for an unknown category, quick issue or article, TooMany.
    """
    permissions.require_sign_in(actor)
    intake.limit_person(db, actor)
    user = db.get_one(User, actor.user_id)
    ticket = _create(db, deed, user, channel, actor)
    letters.received(db, ticket, user)
    return ticket


def create_for_guest(db: Session, deed: GuestTicket, *, actor: Actor) -> Ticket:
    """Create a ticket for somebody who did not sign in.

    The private link goes by mail only, so that it reaches nobody but the owner of the address;
    who proves the mailbox later, by a one-time link, finds the ticket in the account.
    Raises Invalid like ``create``, TooMany.
    """
    intake.limit_guest(db, deed.guest_email, actor)
    user = users.customer_of(db, deed.guest_email, deed.guest_name, verb="guest", actor=actor)
    ticket = _create(db, deed, user, Channel.GUEST, actor)
    letters.received(db, ticket, user)
    return ticket


def _create(db: Session, deed: NewTicket, user: User, channel: Channel, actor: Actor) -> Ticket:
    intake.require_category(db, deed.category)
    article = intake.published_article(db, deed.related_article_slug)
    issue = intake.active_issue(db, deed.quick_issue_id)
    kept, _dropped = context.clean(deed.context_data)
    kept = background.completed(db, kept, deed.context_data, actor=actor)
    number = counters.next_number(db, counters.TICKETS)
    moment = now()
    ticket = Ticket(
        number=number,
        ticket_number=f"TICKET-{number:04d}",
        user_id=user.id,
        channel=channel.value,
        type=deed.type.value,
        category=deed.category,
        severity=deed.severity.value,
        priority=PRIORITY_OF[deed.severity].value,
        title=deed.title,
        description=deed.description,
        context_data=kept,
        related_article_id=article.id if article else None,
        quick_issue_id=issue.id if issue else None,
        sentry_event_id=deed.sentry_event_id,
        waiting_since=moment,
        created_at=moment,
        updated_at=moment,
        customer_updated_at=moment,
    )
    db.add(ticket)
    if issue is not None:
        issue.use_count = QuickIssue.use_count + 1
    db.flush()
    uploads.attach(db, deed.attachment_ids, ticket, actor=actor)
    uploads.attach_screenshot(db, deed.screenshot_id, ticket, actor=actor)
    index_new(db, ticket)
    record(db, "create", ticket, actor, number=ticket.ticket_number, channel=channel.value)
    return ticket
