"""What administrators do with mails that were given up."""

from sqlalchemy.orm import Session

from models import audit, permissions
from models import db as database
from models.actor import Actor
from models.base import now
from models.db import after_commit
from models.errors import NotAllowedNow, NotFound, NotPermitted
from models.notifications.tables import MailStatus, OutboxMail
from models.notifications.worker import wake


def dead_mail(db: Session, mail_id: str, *, actor: Actor) -> OutboxMail:
    """A mail that was given up, held until this transaction ends.

    Raises NotPermitted, NotFound, NotAllowedNow for one that is not given up.
    """
    if not permissions.may_manage_people(actor):
        raise NotPermitted
    mail = db.get(OutboxMail, mail_id)
    if mail is None:
        raise NotFound("There is no such mail.")
    database.lock_row(db, mail)
    if mail.status != MailStatus.DEAD.value:
        raise NotAllowedNow("This mail is not given up.")
    return mail


def send_again(db: Session, mail_id: str, *, actor: Actor) -> None:
    """Try a mail that was given up from the beginning. Raises like ``dead_mail``."""
    mail = dead_mail(db, mail_id, actor=actor)
    mail.status, mail.attempts, mail.due_at = MailStatus.WAITING.value, 0, now()
    mail.claimed_until = None
    _record(db, "again", mail, actor)
    after_commit(db, wake)


def drop(db: Session, mail_id: str, *, actor: Actor) -> None:
    """Delete a mail that was given up; the audit row tells of it. Raises like ``dead_mail``."""
    mail = dead_mail(db, mail_id, actor=actor)
    _record(db, "drop", mail, actor)
    db.delete(mail)


def _record(db: Session, verb: str, mail: OutboxMail, actor: Actor) -> None:
    audit.record(
        db, f"mail.{verb}", "mail", mail.id, actor=actor, kind=mail.kind, to=mail.recipient,
        error=mail.last_error,
    )  # fmt: skip
    db.flush()
