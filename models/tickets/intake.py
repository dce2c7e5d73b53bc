"""How tickets come in: rate limits, what a form may refer to, the private link of a guest."""

import hashlib
from datetime import timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from models import signing, throttle
from models.actor import Actor
from models.base import now
from models.errors import Invalid, NotFound
from models.kb import Article
from models.settings import current as settings
from models.tickets.tables import GuestLink, QuickIssue, Ticket, TicketCategory

GUEST_MAILS_A_DAY = 5
GUESTS_PER_ADDRESS_AN_HOUR = 20
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LINK_LIFE = timedelta(days=30)
_CATEGORY = select(TicketCategory.id).where(TicketCategory.slug == bindparam("slug"))


def limit_person(db: Session, actor: Actor) -> None:
    """Count a ticket of this person; raises TooMany above SUPPORT_TICKETS_PER_HOUR (0: none)."""
    limit = settings().tickets_per_hour
    if limit and not actor.is_system:
        throttle.take(db, f"ticket:person:{actor.user_id}", limit=limit, window=HOUR)


def limit_guest(db: Session, email: str, actor: Actor) -> None:
    """Count a guest's ticket; raises TooMany above 5 a day an address, 20 an hour a network."""
    throttle.take(db, f"ticket:guest:{email}", limit=GUEST_MAILS_A_DAY, window=DAY)
    throttle.take(
        db, f"ticket:address:{actor.address}", limit=GUESTS_PER_ADDRESS_AN_HOUR, window=HOUR
    )


def require_category(db: Session, slug: str) -> None:
    """Raise Invalid when there is no such category of tickets."""
    if db.scalar(_CATEGORY, {"slug": slug}) is None:
        raise Invalid({"category": "There is no such category. Please choose one of the list."})


def published_article(db: Session, slug: str | None) -> Article | None:
    """The article that a form came from, if any. Raises Invalid for one that readers lack."""
    if not slug:
        return None
    article = db.scalar(select(Article).where(Article.slug == slug, Article.is_published))
    if article is None:
        raise Invalid({"relatedArticleSlug": "There is no such article."})
    return article


def active_issue(db: Session, issue_id: str | None) -> QuickIssue | None:
    """The quick issue that filled a form, if any. Raises Invalid for one not offered."""
    if not issue_id:
        return None
    issue = db.get(QuickIssue, issue_id)
    if issue is None or not issue.is_active:
        raise Invalid({"quickIssueId": "There is no such quick issue."})
    return issue


def private_link(db: Session, ticket: Ticket) -> str:
    """The address of a guest's ticket page, for the mails; made when there is no living one.

    The token is derived from the row's id by the secret key, so each mail can carry it again
    while the database holds its hash only. Each mail prolongs it to 30 days from now.
    """
    link = db.scalar(
        select(GuestLink)
        .where(GuestLink.ticket_id == ticket.id, GuestLink.revoked_at.is_(None))
        .order_by(GuestLink.id.desc())
    )
    if link is None or link.expires_at <= now():
        link = GuestLink(ticket_id=ticket.id, token_hash="", created_at=now())
        link.expires_at = now() + LINK_LIFE
        db.add(link)
        db.flush()
        link.token_hash = _hash(_token(link))
    link.expires_at = now() + LINK_LIFE
    db.flush()
    return f"{settings().base_url}/support/t/{_token(link)}"


def _token(link: GuestLink) -> str:
    return signing.signature("guest-link", link.id)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def ticket_of_link(db: Session, token: str) -> str:
    """The id of the ticket that a private link opens. Raises NotFound."""
    ticket_id = db.scalar(
        select(GuestLink.ticket_id).where(
            GuestLink.token_hash == _hash(token),
            GuestLink.revoked_at.is_(None),
            GuestLink.expires_at > now(),
        )
    )
    if ticket_id is None:
        raise NotFound("This link has expired or is not complete.")
    return ticket_id
