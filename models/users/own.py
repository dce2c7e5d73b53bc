"""What people do with their own account: name, password, mail, sign-ins.

An API token does none of it: who finds one must not be able to lock its owner out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import audit, permissions, throttle
from models import db as database
from models.actor import Actor
from models.base import now
from models.errors import Invalid, NotAllowedNow, NotFound
from models.users import passwords
from models.users.deeds import NewPassword, Profile
from models.users.sign_in import (
    ACCOUNT_FAILURES,
    FAILURE_WINDOW,
    account_bucket,
    alive,
    end_all,
)
from models.users.tables import SignIn, User


@dataclass(frozen=True, slots=True)
class SignInRow:
    """A sign-in of one's own that still opens something; ``is_this`` is the one that asks."""

    id: str
    created_at: datetime
    last_seen_at: datetime
    address: str | None
    user_agent: str
    is_this: bool


def _myself(db: Session, actor: Actor) -> User:
    """The person who acts, held until the transaction ends. Raises NotSignedIn, NotPermitted."""
    permissions.require_in_person(actor)
    user = db.get_one(User, actor.user_id)
    database.lock_row(db, user)
    return user


def own_sign_ins(db: Session, *, actor: Actor) -> list[SignInRow]:
    """The actor's sign-ins that still open something, latest use first."""
    permissions.require_sign_in(actor)
    rows: Sequence[SignIn] = db.scalars(
        select(SignIn)
        .join(User, User.id == SignIn.user_id)
        .where(SignIn.user_id == actor.user_id, alive())
        .order_by(SignIn.last_seen_at.desc(), SignIn.id.desc())
    ).all()
    return [
        SignInRow(row.id, row.created_at, row.last_seen_at, row.address, row.user_agent,
                  row.id == actor.sign_in_id)
        for row in rows
    ]  # fmt: skip


def change_profile(db: Session, deed: Profile, *, actor: Actor) -> User:
    """Change one's name, and whether each reply comes by mail. The same again does nothing."""
    user = _myself(db, actor)
    before = (user.name, user.reply_mails_stopped_at is None)
    if before == (deed.name, deed.mail_on_reply):
        return user
    user.name = deed.name
    if deed.mail_on_reply != before[1]:
        user.reply_mails_stopped_at = None if deed.mail_on_reply else now()
    db.flush()
    audit.record(
        db, "user.profile", "user", user.id, actor=actor, subject_id=user.id,
        before=before[0], after=deed.name, mail_on_reply=deed.mail_on_reply,
    )  # fmt: skip
    return user


def change_password(deed: NewPassword, *, actor: Actor) -> None:
    """Set one's password; the present one is asked for if there is one. Other sign-ins end.

    Opens its own units of work, since hashing takes a while. Raises Invalid at the field, TooMany
    after 10 wrong ones in 15 min, NotAllowedNow without an e-mail address.
    """
    with database.unit_of_work() as db:
        user = _myself(db, actor)
        present_hash, email = user.password_hash, user.email
        if email is None:
            raise NotAllowedNow("A password needs an e-mail address, and your account has none.")
        if present_hash is not None:
            bucket = account_bucket(email)
            throttle.take(db, bucket, limit=ACCOUNT_FAILURES, window=FAILURE_WINDOW)
    if present_hash is not None and not passwords.matches(deed.present, present_hash):
        with database.unit_of_work() as db:
            audit.record_refusal(
                db, "user.password", f"account {actor.user_id}", actor=actor, reason="wrong one"
            )
        raise Invalid({"present": "This is not your present password."})
    if problem := passwords.problem_with(deed.password, email=email):
        raise Invalid({"password": problem})
    new_hash = passwords.make_hash(deed.password)
    with database.unit_of_work() as db:
        user = _myself(db, actor)
        if user.password_hash != present_hash:
            raise NotAllowedNow("Your password was changed just now. Please try again.")
        user.password_hash = new_hash
        end_all(db, user, keep=actor.sign_in_id)
        if present_hash is not None:
            throttle.clear(db, account_bucket(email))
        audit.record(db, "user.password", "user", user.id, actor=actor, subject_id=user.id)


def end_sign_in(db: Session, sign_in_id: str, *, actor: Actor) -> None:
    """End one of one's own sign-ins. Raises NotFound for somebody else's, ended or unknown."""
    user = _myself(db, actor)
    ended = db.scalar(
        update(SignIn)
        .where(SignIn.id == sign_in_id, SignIn.user_id == user.id, SignIn.ended_at.is_(None))
        .values(ended_at=now())
        .returning(SignIn.id)
    )
    if ended is None:
        raise NotFound
    audit.record(db, "user.end_sign_in", "user", user.id, actor=actor, subject_id=user.id)


def sign_out_everywhere(db: Session, *, actor: Actor) -> None:
    """End all of one's sign-ins, this one too."""
    user = _myself(db, actor)
    end_all(db, user)
    audit.record(db, "user.sign_out_everywhere", "user", user.id, actor=actor, subject_id=user.id)
