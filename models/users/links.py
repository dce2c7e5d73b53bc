"""One-time links: signing in, and setting a password once the address is proven."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import audit
from models.actor import Actor
from models.base import now
from models.errors import NotFound
from models.settings import current as settings
from models.users.tables import LinkPurpose, OneTimeLink, User

LINK_LIFE = timedelta(minutes=30)
OPERATOR_LIFE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class LinkInfo:
    """What the page behind a link shows before the button is pressed."""

    purpose: LinkPurpose
    email: str
    name: str
    user_id: str


def hash_token(token: str) -> str:
    """The hash under which a random token is kept."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def new_link(
    db: Session, user: User, purpose: LinkPurpose, *, actor: Actor, life: timedelta = LINK_LIFE
) -> str:
    """Make a link of this purpose for a person; older unused ones of it die. Returns the token."""
    token = secrets.token_urlsafe(32)
    db.execute(
        update(OneTimeLink)
        .where(
            OneTimeLink.user_id == user.id,
            OneTimeLink.purpose == purpose.value,
            OneTimeLink.used_at.is_(None),
        )
        .values(used_at=now())
    )
    link = OneTimeLink(user_id=user.id, purpose=purpose.value, token_hash=hash_token(token))
    link.created_at = now()
    link.expires_at = link.created_at + life
    db.add(link)
    db.flush()
    audit.record(
        db, "user.link", "user", user.id, actor=actor, subject_id=user.id, purpose=purpose.value
    )
    return token


def link_address(token: str) -> str:
    """The full address of a link's page."""
    return f"{settings().base_url}/login/link/{token}"


def link_info(db: Session, token: str) -> LinkInfo:
    """What a link is for; looking has no effect. Raises NotFound for a dead or unknown one."""
    link, user = _live(db, token)
    return LinkInfo(LinkPurpose(link.purpose), user.email or "", user.name, user.id)


def take_link(db: Session, token: str) -> tuple[LinkPurpose, User]:
    """Use a link up, once even when pressed many times at once. Raises NotFound."""
    link, user = _live(db, token)
    taken = db.execute(
        update(OneTimeLink)
        .where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None))
        .values(used_at=now())
        .returning(OneTimeLink.id)
    ).first()
    if taken is None:
        raise NotFound("This link was used already or has expired. Please ask for a new one.")
    user.email_verified_at = user.email_verified_at or now()
    return LinkPurpose(link.purpose), user


def _live(db: Session, token: str) -> tuple[OneTimeLink, User]:
    found = db.execute(
        select(OneTimeLink, User)
        .join(User, User.id == OneTimeLink.user_id)
        .where(
            OneTimeLink.token_hash == hash_token(token),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now(),
            User.is_active,
        )
    ).first()
    if found is None:
        raise NotFound("This link was used already or has expired. Please ask for a new one.")
    return found[0], found[1]
