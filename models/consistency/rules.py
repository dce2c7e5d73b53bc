"""What rows of different tables promise each other."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from models import db as database
from models.audit import AuditEntry
from models.base import Base
from models.consistency.finding import Finding, of_rows
from models.counters import ARTICLES, TICKETS, Counter
from models.idempotency import IdempotencyKey
from models.kb import Article, ArticleFeedback, FormerSlug
from models.notifications import MailKind, MailStatus, OutboxMail
from models.tickets import (
    NOT_WAITING,
    Attachment,
    GuestLink,
    Status,
    Ticket,
    TicketMessage,
)

BACKUP = "Bring what is missing back from a backup."
BY_HAND = "Look at them one by one, and correct the rows by hand."
SAVE_AGAIN = "Change and save them once: that writes the index anew."
NOT_DONE = (Status.OPEN.value, Status.IN_PROGRESS.value, Status.WAITING_USER.value)
NOT_OURS = (Status.WAITING_USER.value, Status.RESOLVED.value, Status.CLOSED.value)
HASH_LENGTH = 64
TICKET_ADDRESS = "/api/tickets/"
Query: TypeAlias = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Rule:
    """Which objects break a promise, and what is said of them."""

    name: str
    what: str
    todo: str
    broken: Callable[[Session], Query]

    def findings(self, db: Session) -> list[Finding]:
        """What breaks it now."""
        return of_rows(db, self.broken(db), self.what, self.todo)


def _number_is_not_written_so(_db: Session) -> Query:
    digits = cast(Ticket.number, String)
    padded = case(
        (Ticket.number < 10, "000" + digits),  # noqa: PLR2004  # four digits at least
        (Ticket.number < 100, "00" + digits),  # noqa: PLR2004  # as above
        (Ticket.number < 1000, "0" + digits),  # noqa: PLR2004  # as above
        else_=digits,
    )
    return select(Ticket.ticket_number).where(Ticket.ticket_number != "TICKET-" + padded)


def _behind(name: str, number: InstrumentedAttribute[int]) -> Callable[[Session], Query]:
    def broken(_db: Session) -> Query:
        given = select(Counter.value).where(Counter.name == name).scalar_subquery()
        highest = select(func.max(number)).scalar_subquery()
        return select(literal(name)).where(func.coalesce(given, -1) < func.coalesce(highest, 0))

    return broken


def _not_recorded(
    noun: str, key: InstrumentedAttribute[str], shown: InstrumentedAttribute[str]
) -> Callable[[Session], Query]:
    def broken(_db: Session) -> Query:
        row = select(AuditEntry.id).where(
            AuditEntry.object_type == noun,
            AuditEntry.object_id == key,
            AuditEntry.action == f"{noun}.create",
        )
        return select(shown).where(~row.exists())

    return broken


def _recorded_twice(_db: Session) -> Query:
    made = AuditEntry.action.in_(("ticket.create", "article.create"))
    named: Query = select(AuditEntry.object_type, AuditEntry.object_id)
    return (
        named.where(made)
        .group_by(AuditEntry.object_type, AuditEntry.object_id)
        .having(func.count() > 1)
    )


def _recorded_for_nothing(_db: Session) -> Query:
    ticket = select(Ticket.id).where(Ticket.id == AuditEntry.object_id).exists()
    article = select(Article.id).where(Article.id == AuditEntry.object_id).exists()
    return select(AuditEntry.object_type, AuditEntry.object_id).where(
        or_(
            and_(AuditEntry.action == "ticket.create", ~ticket),
            and_(AuditEntry.action == "article.create", ~article),
        )
    )


def _resolved_too_early(_db: Session) -> Query:
    return select(Ticket.ticket_number).where(
        or_(
            and_(Ticket.status.in_(NOT_DONE), Ticket.resolution.is_not(None)),
            Ticket.resolved_at < Ticket.created_at,
        )
    )


def _waits_wrongly(_db: Session) -> Query:
    said = select(TicketMessage.id).where(
        TicketMessage.ticket_id == Ticket.id, TicketMessage.is_internal.is_(False)
    )
    nobody_waits = Ticket.waiting_since == NOT_WAITING
    is_new = Ticket.status.in_((Status.OPEN.value, Status.IN_PROGRESS.value)) & ~said.exists()
    return select(Ticket.ticket_number).where(
        or_(
            and_(Ticket.status.in_(NOT_OURS), ~nobody_waits),
            and_(is_new, nobody_waits),
            Ticket.waiting_since < Ticket.created_at,
        )
    )


def _answered_without_a_message(_db: Session) -> Query:
    said = select(TicketMessage.id).where(
        TicketMessage.ticket_id == Ticket.id,
        TicketMessage.is_internal.is_(False),
        TicketMessage.created_at == Ticket.first_response_at,
    )
    return select(Ticket.ticket_number).where(Ticket.first_response_at.is_not(None), ~said.exists())


def _changed_before_it_was(_db: Session) -> Query:
    return select(Ticket.ticket_number).where(
        or_(
            Ticket.customer_updated_at < Ticket.created_at,
            Ticket.updated_at < Ticket.customer_updated_at,
        )
    )


def _at_another_ticket(_db: Session) -> Query:
    return (
        select(Attachment.id)
        .join(TicketMessage, TicketMessage.id == Attachment.message_id)
        .where(TicketMessage.ticket_id != Attachment.ticket_id)
    )


def _half_a_link(_db: Session) -> Query:
    return select(GuestLink.id).where(func.length(GuestLink.token_hash) != HASH_LENGTH)


def _of_no_ticket(db: Session) -> Query:
    """Answers kept for a second sending, of the form and of the API, that name no ticket."""
    answer: Any = IdempotencyKey.answer
    by_form = case((_value(db, answer, "ticketNumber").is_not(None), _value(db, answer, "id")))
    place = _value(db, answer, "headers", "Location")
    is_ticket = func.substr(place, 1, len(TICKET_ADDRESS)) == TICKET_ADDRESS
    named = func.coalesce(by_form, case((is_ticket, func.substr(place, len(TICKET_ADDRESS) + 1))))
    return select(IdempotencyKey.id).where(
        named.is_not(None), ~select(Ticket.id).where(Ticket.id == named).exists()
    )


def _value(db: Session, of: ColumnElement[Any], *path: str) -> ColumnElement[Any]:
    """A text inside a JSON column; NULL when it is not there, or the JSON unreadable."""
    if not database.is_sqlite(db):
        return func.jsonb_extract_path_text(of, *path)
    is_json = func.json_valid(of) == literal_column("1")
    return case((is_json, func.json_extract(of, f"$.{'.'.join(path)}")))


def _not_found(
    index: str, number: InstrumentedAttribute[int], shown: InstrumentedAttribute[str], *where: Any
) -> Callable[[Session], Query]:
    def broken(db: Session) -> Query:
        known = _indexed(db, index)
        return select(shown).where(*where, ~select(known).where(known == number).exists())

    return broken


def _found_for_nothing(
    index: str, number: InstrumentedAttribute[int], *where: Any
) -> Callable[[Session], Query]:
    def broken(db: Session) -> Query:
        known = _indexed(db, index)
        return select(known).where(~select(number).where(number == known, *where).exists())

    return broken


def _indexed(db: Session, index: str) -> ColumnElement[int]:
    """The numbers of what is in a search index."""
    name = "rowid" if database.is_sqlite(db) else "number"
    return table(index, column(name, BigInteger)).columns[name]


def _own_former_slug(_db: Session) -> Query:
    return (
        select(FormerSlug.slug)
        .join(Article, Article.id == FormerSlug.article_id)
        .where(Article.slug == FormerSlug.slug)
    )


def _slug_of_a_deleted_one(_db: Session) -> Query:
    return select(Article.slug).where(
        Article.deleted_at.is_not(None), Article.slug != "deleted-" + Article.id
    )


def _miscounted(_db: Session) -> Query:
    """More is no finding: the demo's articles begin with votes that nobody cast."""

    def votes(helpful: bool) -> Any:
        same = (ArticleFeedback.article_id == Article.id) & ArticleFeedback.helpful.is_(helpful)
        return select(func.count()).where(same).correlate(Article).scalar_subquery()

    return select(Article.slug).where(
        or_(Article.helpful_count < votes(True), Article.not_helpful_count < votes(False))
    )


def _pictures_without_a_use(_db: Session) -> Query:
    uses = Base.metadata.tables["article_pictures"]
    return (
        select(Article.slug)
        .distinct()
        .join(uses, uses.c.article_id == Article.id)
        .where(Article.deleted_at.is_not(None))
    )


def _no_good_mail(_db: Session) -> Query:
    is_sent = OutboxMail.status == MailStatus.SENT.value
    return select(OutboxMail.id).where(
        or_(
            OutboxMail.kind.not_in([kind.value for kind in MailKind]),
            OutboxMail.message_id.not_like("<" + OutboxMail.id + "@%>"),
            and_(is_sent, OutboxMail.text + OutboxMail.html != ""),
            and_(~is_sent, or_(OutboxMail.text == "", OutboxMail.subject == "")),
            and_(~is_sent, OutboxMail.recipient.not_like("_%@_%")),
        )
    )


_TICKET_ID, _ARTICLE_ID = Ticket.id, Article.id
_LIVING = Article.deleted_at.is_(None)
RULES = (
    Rule("ticket numbers", "tickets whose two numbers differ", BY_HAND, _number_is_not_written_so),
    Rule(
        "ticket counter",
        "the counter stands below the highest number",
        "Set it to the highest number; until then no ticket can be created.",
        _behind(TICKETS, Ticket.number),
    ),
    Rule(
        "article counter",
        "the counter stands below the highest number",
        "Set it to the highest number; until then no article can be created.",
        _behind(ARTICLES, Article.number),
    ),
    Rule(
        "tickets in the audit log",
        "tickets without the audit row ticket.create",
        BACKUP,
        _not_recorded("ticket", _TICKET_ID, Ticket.ticket_number),
    ),
    Rule(
        "articles in the audit log",
        "articles without the audit row article.create",
        BACKUP,
        _not_recorded("article", _ARTICLE_ID, Article.slug),
    ),
    Rule("audit rows once", "created twice by the audit log", BY_HAND, _recorded_twice),
    Rule(
        "audit rows of objects",
        "created by the audit log and not there",
        BACKUP,
        _recorded_for_nothing,
    ),
    Rule("resolutions", "tickets whose resolution and status differ", BY_HAND, _resolved_too_early),
    Rule(
        "waiting customers",
        "tickets whose status and waiting customer differ",
        BY_HAND,
        _waits_wrongly,
    ),
    Rule(
        "first answers",
        "tickets first answered by a message that is not there",
        BACKUP,
        _answered_without_a_message,
    ),
    Rule("ticket times", "tickets changed before they were", BY_HAND, _changed_before_it_was),
    Rule(
        "attachments",
        "attachments at one ticket, their message at another",
        BY_HAND,
        _at_another_ticket,
    ),
    Rule("guests' links", "links without their hash", "Delete the rows.", _half_a_link),
    Rule(
        "kept answers",
        "kept answers that name a ticket which is not there",
        "Delete the rows: the same request sent again is then done anew.",
        _of_no_ticket,
    ),
    Rule(
        "tickets in the search index",
        "tickets that no search finds",
        SAVE_AGAIN,
        _not_found("search_tickets", Ticket.number, Ticket.ticket_number),
    ),
    Rule(
        "articles in the search index",
        "articles that no search finds",
        SAVE_AGAIN,
        _not_found("search_articles", Article.number, Article.slug, _LIVING),
    ),
    Rule(
        "search index of tickets",
        "numbers in the index without a ticket",
        "Delete these rows of search_tickets.",
        _found_for_nothing("search_tickets", Ticket.number),
    ),
    Rule(
        "search index of articles",
        "numbers in the index without an article",
        "Delete these rows of search_articles.",
        _found_for_nothing("search_articles", Article.number, _LIVING),
    ),
    Rule(
        "former slugs",
        "former slugs that their article has still",
        "Delete the rows.",
        _own_former_slug,
    ),
    Rule(
        "deleted articles",
        "deleted articles that keep their slug from others",
        "Set it to deleted- and the article's id.",
        _slug_of_a_deleted_one,
    ),
    Rule(
        "pictures of deleted articles",
        "deleted articles that show pictures",
        "Delete their rows of article_pictures.",
        _pictures_without_a_use,
    ),
    Rule(
        "votes",
        "articles with more votes than were counted",
        "Set the counts to those of article_feedback.",
        _miscounted,
    ),
    Rule(
        "mails",
        "mails that cannot be what the outbox wrote",
        "Look at them under Mail in the dashboard, and delete what cannot go out.",
        _no_good_mail,
    ),
)
