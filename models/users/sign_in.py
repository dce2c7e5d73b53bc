"""Signing in and out, and who a session cookie or an API token belongs to.

``sign_in`` and ``use_link`` open their own short units of work: hashing a password takes 0.2 s
and must not hold a transaction.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, or_, select, update
from sqlalchemy.orm import Session

from models import audit, throttle
from models import db as database
from models.actor import Actor, Door, Role
from models.base import now
from models.errors import Invalid
from models.users import passwords
from models.users.deeds import SignInDeed
from models.users.links import hash_token, link_info, take_link
from models.users.tables import ApiToken, LinkPurpose, SignIn, User

ACCOUNT_FAILURES = 10
ADDRESS_FAILURES = 100
FAILURE_WINDOW = timedelta(minutes=15)
STAFF_IDLE = timedelta(hours=8)
STAFF_LIFE = timedelta(hours=12)
MEMBER_LIFE = timedelta(days=30)
TOUCH_EVERY = timedelta(minutes=5)
WRONG = "E-mail or password is wrong. You can also ask for a link by mail."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new sign-in: the token for the cookie, how long it lasts, and who it is."""

    token: str
    expires_at: datetime
    actor: Actor


@dataclass(frozen=True, slots=True)
class Resumed:
    """Who holds a session, and whether it is time to note that it is in use."""

    actor: Actor
    is_touch_due: bool


def sign_in(deed: SignInDeed, *, actor: Actor, user_agent: str = "") -> SignedIn:
    """Sign in by password.

    Unknown address, wrong password, no password and deactivated person give the same Invalid and
    cost the same. Raises TooMany after 10 failures an account or 100 a network address in 15 min.
    """
    buckets = _buckets(deed.email, actor)
    with database.unit_of_work() as db:
        for bucket, limit in buckets:
            throttle.take(db, bucket, limit=limit, window=FAILURE_WINDOW)
        known = db.execute(
            select(User.id, User.password_hash).where(
                User.email == deed.email, User.external_id.is_(None), User.is_active
            )
        ).first()
    if not passwords.matches(deed.password, known.password_hash if known else None) or not known:
        with database.unit_of_work() as db:
            audit.record_refusal(
                db,
                "user.sign_in",
                f"account {known.id if known else 'unknown'}",
                actor=actor,
                reason="wrong e-mail or password",
            )
        raise Invalid({"email": WRONG})
    with database.unit_of_work() as db:
        user = db.get_one(User, known.id)
        database.lock_row(db, user)
        if not user.is_active or user.password_hash != known.password_hash:
            raise Invalid({"email": WRONG})  # changed while the password was being checked
        throttle.clear(db, buckets[0][0])
        throttle.undo(db, buckets[1][0])
        return _open(db, user, actor=actor, user_agent=user_agent, how="password")


def account_bucket(email: str) -> str:
    """Under which wrong passwords of an account are counted, wherever they are typed."""
    return f"sign-in:account:{email}"


def _buckets(email: str, actor: Actor) -> list[tuple[str, int]]:
    return [
        (account_bucket(email), ACCOUNT_FAILURES),
        (f"sign-in:address:{actor.address}", ADDRESS_FAILURES),
    ]


def use_link(token: str, password: str | None, *, actor: Actor, user_agent: str = "") -> SignedIn:
    """Use a one-time link up and sign in; a link to set a password needs the new one.

    Setting a password ends all other sign-ins. Raises NotFound for a dead link, Invalid for a
    password that breaks the rule (the link stays alive).
    """
    with database.reading() as db:
        info = link_info(db, token)
    new_hash = None
    if info.purpose is LinkPurpose.SET_PASSWORD:
        if problem := passwords.problem_with(password or "", email=info.email):
            raise Invalid({"password": problem})
        new_hash = passwords.make_hash(password or "")
    with database.unit_of_work() as db:
        purpose, user = take_link(db, token)
        if purpose is LinkPurpose.SET_PASSWORD:
            user.password_hash = new_hash
            end_all(db, user)
            audit.record(db, "user.password", "user", user.id, actor=actor, subject_id=user.id)
        return _open(db, user, actor=actor, user_agent=user_agent, how="link")


def _open(db: Session, user: User, *, actor: Actor, user_agent: str, how: str) -> SignedIn:
    token = secrets.token_urlsafe(32)
    started = now()
    life = STAFF_LIFE if Role(user.role).is_staff else MEMBER_LIFE
    row = SignIn(
        user_id=user.id,
        token_hash=hash_token(token),
        created_at=started,
        last_seen_at=started,
        expires_at=started + life,
        address=actor.address,
        user_agent=user_agent[:300],
    )
    user.last_login_at = started
    db.add(row)
    db.flush()
    who = actor_of(user, door=actor.door, address=actor.address, sign_in_id=row.id)
    audit.record(db, "user.sign_in", "user", user.id, actor=who, subject_id=user.id, how=how)
    return SignedIn(token, row.expires_at, who)


def actor_of(
    user: User | Row[*tuple[Any, ...]],
    *,
    door: Door,
    address: str | None = None,
    sign_in_id: str | None = None,
    scopes: frozenset[str] | None = None,
) -> Actor:
    """The actor that this person is at a door; whether they may sign in is not asked here.

    A row of id, name, email and role will do for the person.
    """
    return Actor(
        door=door,
        user_id=user.id,
        name=user.name or user.email or "",
        email=user.email,
        role=Role(user.role),
        scopes=scopes,
        address=address,
        sign_in_id=sign_in_id,
    )


def alive(moment: Any = None) -> ColumnElement[bool]:
    """The condition that a sign-in still opens something, but for the idle time of staff."""
    is_young = SignIn.expires_at > (now() if moment is None else moment)
    return SignIn.ended_at.is_(None) & is_young & User.is_active


# Asked by every request of somebody who is signed in, so it is made once and reads what it needs.
_RESUME = (
    select(
        SignIn.id.label("sign_in_id"),
        SignIn.last_seen_at,
        User.id,
        User.name,
        User.email,
        User.role,
    )
    .join(User, User.id == SignIn.user_id)
    .where(SignIn.token_hash == bindparam("token_hash"), alive(bindparam("moment")))
)


def resume(db: Session, token: str, *, door: Door, address: str | None) -> Resumed | None:
    """Who holds this session token, or None when it is unknown, ended or too old.

    Staff: 8 h without a request, 12 h in all; members 30 days. Idle time is noted with a
    tolerance of 5 minutes, see ``touch``.
    """
    moment = now()
    row = db.execute(_RESUME, {"token_hash": hash_token(token), "moment": moment}).first()
    if row is None:
        return None
    idle = moment - row.last_seen_at
    if Role(row.role).is_staff and idle > STAFF_IDLE:
        return None
    actor = actor_of(row, door=door, address=address, sign_in_id=row.sign_in_id)
    return Resumed(actor, idle > TOUCH_EVERY)


def touch(db: Session, *, actor: Actor) -> None:
    """Note that this sign-in is in use."""
    db.execute(
        update(SignIn)
        .where(SignIn.id == actor.sign_in_id, SignIn.ended_at.is_(None))
        .values(last_seen_at=now())
    )


def sign_out(db: Session, *, actor: Actor) -> None:
    """End this sign-in; its cookie opens nothing any more."""
    ended = db.execute(
        update(SignIn)
        .where(SignIn.id == actor.sign_in_id, SignIn.ended_at.is_(None))
        .values(ended_at=now())
        .returning(SignIn.user_id)
    ).scalar()
    if ended is not None:
        audit.record(db, "user.sign_out", "user", ended, actor=actor, subject_id=ended)


def end_all(db: Session, user: User, *, keep: str | None = None) -> None:
    """End every sign-in of a person, but one to ``keep``: password, role or activity changed."""
    ends = update(SignIn).where(SignIn.user_id == user.id, SignIn.ended_at.is_(None))
    if keep is not None:
        ends = ends.where(SignIn.id != keep)
    db.execute(ends.values(ended_at=now()))


def actor_of_token(db: Session, secret: str, *, address: str | None) -> Actor | None:
    """Who holds this API token, or None when it is unknown, revoked or expired."""
    found = db.execute(
        select(ApiToken, User)
        .join(User, User.id == ApiToken.user_id)
        .where(
            ApiToken.token_hash == hash_token(secret),
            ApiToken.revoked_at.is_(None),
            or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now()),
            User.is_active,
        )
    ).first()
    if found is None:
        return None
    token, user = found
    scopes = frozenset(token.scopes or ())  # an unreadable list gives no rights, not all of them
    return actor_of(user, door=Door.API, address=address, scopes=scopes)


def token_use_due(db: Session, secret: str) -> bool:
    """Whether it is time to note that this API token is in use."""
    used = db.scalar(select(ApiToken.last_used_at).where(ApiToken.token_hash == hash_token(secret)))
    return used is None or now() - used > TOUCH_EVERY


def note_token_use(db: Session, secret: str) -> None:
    """Note that this API token is in use."""
    db.execute(
        update(ApiToken).where(ApiToken.token_hash == hash_token(secret)).values(last_used_at=now())
    )
