"""Addresses that want no mail which they did not ask for, and the link by which they say so.

The link is signed and kept nowhere: whoever has it got a mail at that address. Mails that somebody
asked for (a sign-in link, a password) go to a stopped address too.
"""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import audit, signing
from models import db as database
from models.actor import Actor
from models.base import ID_LENGTH
from models.errors import NotFound
from models.notifications.tables import MailStatus, MailStop, OutboxMail
from models.settings import current as settings
from models.users import User

PURPOSE = "mail-stop"


@dataclass(frozen=True, slots=True)
class StopInfo:
    """What the page behind a link shows."""

    address: str
    is_stopped: bool


def stop_link(to: User) -> str:
    """The address of the page where this person stops such mails.

    It holds the person's id and our signature: the address itself would stand in every log.
    """
    return f"{settings().base_url}/mail/stop/{to.id}{signing.signature(PURPOSE, to.id)}"


def is_stopped(db: Session, address: str) -> bool:
    """Whether this address wants no such mails."""
    return db.scalar(select(MailStop.address).where(MailStop.address == address)) is not None


def stop_info(db: Session, token: str) -> StopInfo:
    """Whose link this is; looking has no effect. Raises NotFound for one that we did not sign."""
    _, address = _holder(db, token)
    return StopInfo(address, is_stopped(db, address))


def stop_mails(db: Session, token: str, *, actor: Actor) -> None:
    """Send the address of this link no such mail any more. Raises NotFound.

    What waits in the outbox goes with it. Stopped once more, nothing happens.
    """
    user, address = _holder(db, token)
    database.lock(db, f"{PURPOSE}:{address}")
    if not is_stopped(db, address):
        db.add(MailStop(address=address))
        _drop_unsent(db, address)
        audit.record(db, "mail.stop", "user", user.id, actor=actor, subject_id=user.id)
        db.flush()


def allow_mails(db: Session, token: str, *, actor: Actor) -> None:
    """Take it back: such mails go to the address of this link again. Raises NotFound."""
    user, address = _holder(db, token)
    database.lock(db, f"{PURPOSE}:{address}")
    if is_stopped(db, address):
        db.execute(delete(MailStop).where(MailStop.address == address))
        audit.record(db, "mail.allow", "user", user.id, actor=actor, subject_id=user.id)
        db.flush()


def _holder(db: Session, token: str) -> tuple[User, str]:
    user_id, given = token[:ID_LENGTH], token[ID_LENGTH:]
    user = db.get(User, user_id) if signing.is_signed(PURPOSE, user_id, given) else None
    if user is None or user.email is None:
        raise NotFound("This link is not complete.")
    return user, user.email


def _drop_unsent(db: Session, address: str) -> None:
    """Delete what would still go out, of the mails that can be stopped."""
    unsent = [MailStatus.WAITING.value, MailStatus.DEAD.value]
    mails = db.scalars(
        select(OutboxMail).where(OutboxMail.status.in_(unsent), OutboxMail.recipient == address)
    )
    for mail in mails:
        if "List-Unsubscribe" in (mail.headers or {}):
            db.delete(mail)
