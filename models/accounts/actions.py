"""Signing up and asking for a link. The answer never tells whether an address is known."""

from datetime import timedelta

from sqlalchemy.orm import Session

from models import notifications, throttle, users
from models.accounts.deeds import LinkRequest, Register
from models.actor import Actor
from models.errors import TooMany
from models.notifications import MailKind
from models.users import LinkPurpose, User

MAILS_AN_HOUR = 5
REQUESTS_AN_HOUR = 20
HOUR = timedelta(hours=1)


def request_link(db: Session, deed: LinkRequest, *, actor: Actor) -> None:
    """Mail a sign-in link if an active person has this address.

    Raises TooMany when this network address asks more than 20 times an hour.
    """
    _limit(db, actor)
    user = users.by_email(db, deed.email)
    if user is not None and user.is_active:
        _mail_link(db, user, LinkPurpose.SIGN_IN, MailKind.LINK_SIGN_IN, actor=actor)


def register(db: Session, deed: Register, *, actor: Actor) -> None:
    """Mail a link to set a password, or a sign-in link if the account exists already.

    Nothing of a person that exists is changed. Raises TooMany like ``request_link``.
    """
    _limit(db, actor)
    user = users.customer_of(db, deed.email, deed.name, verb="register", actor=actor)
    if not user.is_active:
        return
    if user.password_hash is None and user.email_verified_at is None:
        user.name = deed.name  # until the mailbox is proven, nobody else had a say in it
    if user.password_hash is None:
        _mail_link(db, user, LinkPurpose.SET_PASSWORD, MailKind.LINK_SET_PASSWORD, actor=actor)
    else:
        _mail_link(db, user, LinkPurpose.SIGN_IN, MailKind.LINK_EXISTING_ACCOUNT, actor=actor)


def _limit(db: Session, actor: Actor) -> None:
    throttle.take(db, f"link:address:{actor.address}", limit=REQUESTS_AN_HOUR, window=HOUR)


def _mail_link(
    db: Session, user: User, purpose: LinkPurpose, kind: MailKind, *, actor: Actor
) -> None:
    try:
        throttle.take(db, f"link:person:{user.id}", limit=MAILS_AN_HOUR, window=HOUR)
    except TooMany:
        return  # silently: the answer must not tell whether the address is known
    address = users.link_address(users.new_link(db, user, purpose, actor=actor))
    minutes = int(users.LINK_LIFE.total_seconds() // 60)
    notifications.enqueue(db, kind, to=user, context={"url": address, "minutes": minutes})
