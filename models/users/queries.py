"""Reads on people: lookup, lists, who can be assigned."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, func, or_, select
from sqlalchemy.orm import Session

from models import db as database
from models import paging, permissions
from models.actor import Actor, Role
from models.errors import NotFound
from models.paging import Page, Rows
from models.permissions import Permission
from models.users.tables import IS_STAFF, ApiToken, Gateway, User

LAST_CHARACTER = chr(0x10FFFF)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody's id and name, for lists to choose from."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A row of a list of people. Times are in UTC."""

    id: str
    email: str | None
    name: str
    role: str
    plan: str
    is_active: bool
    created_at: datetime
    last_login_at: datetime | None
    gateway_count: int


def visible_to(actor: Actor) -> Select[User]:
    """The people who exist for this actor: all for those who look people up, else oneself."""
    people = select(User).where(User.is_system.is_(False))
    if permissions.may(actor, Permission.USERS_READ):
        return people
    return people.where(User.id == actor.user_id if actor.is_signed_in else false())


def get(db: Session, ref: str, *, actor: Actor) -> User:
    """A person by id or e-mail. Raises NotFound."""
    match = or_(User.id == ref, and_(User.email == ref.lower(), User.external_id.is_(None)))
    user = db.scalar(visible_to(actor).where(match))
    if user is None:
        raise NotFound(f"There is no person {ref}.")
    return user


def lookup(db: Session, query: str, *, actor: Actor, limit: int = 20) -> Sequence[User]:
    """People by e-mail, the beginning of it, external id, or part of e-mail or name."""
    permissions.require(actor, Permission.USERS_READ)
    found = visible_to(actor).where(_matches(query)).order_by(User.email, User.id).limit(limit)
    return db.scalars(found).all()


def _matches(query: str) -> Any:
    wanted = query.strip().lower()
    return or_(
        User.email.contains(wanted, autoescape=True),
        func.lower(User.name).contains(wanted, autoescape=True),
        User.external_id == query.strip(),
    )


def page_of_people(
    db: Session,
    *,
    q: str = "",
    role: Role | None = None,
    page: int = 1,
    page_size: int = 20,
    actor: Actor,
) -> Page[PersonRow]:
    """A page of people in order of e-mail, newest first without one; filtered by text and role."""
    permissions.require(actor, Permission.USERS_READ)
    rows = _rows(actor)
    if q.strip():
        rows = rows.where(_matches(q))
    if role is not None:
        rows = rows.where(User.role == role.value)
    found = paging.of_rows(
        db, rows.order_by(User.created_at.desc(), User.id.desc()), page=page, page_size=page_size
    )
    return Page(
        [PersonRow(*row) for row in found.items],
        found.page,
        found.page_size,
        found.total,
        found.total_is_capped,
    )


def _rows(actor: Actor) -> Rows:
    gateways = (
        select(func.count()).where(Gateway.owner_id == User.id).correlate(User).scalar_subquery()
    )
    return visible_to(actor).with_only_columns(
        User.id,
        User.email,
        User.name,
        User.role,
        User.plan,
        User.is_active,
        User.created_at,
        User.last_login_at,
        gateways,
    )


def all_rows(db: Session, *, actor: Actor) -> Iterator[PersonRow]:
    """All people in order of creation, streamed."""
    permissions.require(actor, Permission.USERS_READ)
    rows = _rows(actor).order_by(User.created_at, User.id).execution_options(yield_per=500)
    for row in db.execute(rows):
        yield PersonRow(*row)


def email_begins(db: Session, text: str) -> ColumnElement[bool]:
    """The condition that an e-mail address begins with this text, as the index answers it."""
    if database.is_sqlite(db):
        return User.email.between(text, text + LAST_CHARACTER)
    return User.email.startswith(text, autoescape=True)


# Made once, since to put a statement together takes as long as to run it.
_STAFF = (
    select(User.id, User.name, User.email)
    .where(IS_STAFF, User.is_active, User.is_system.is_(False))
    .order_by(User.name, User.id)
)
_GATEWAYS = (
    select(Gateway)
    .where(Gateway.owner_id == bindparam("owner_id"))
    .order_by(Gateway.name, Gateway.id)
)


def staff(db: Session, *, actor: Actor) -> list[Person]:
    """Active people of the back office, who can be assigned tickets, by name."""
    permissions.require(actor, Permission.TICKETS_READ)
    return [Person(row.id, row.name or row.email or row.id) for row in db.execute(_STAFF)]


def assignable(db: Session, user_id: str) -> User | None:
    """The person if tickets can be assigned to them."""
    return db.scalar(
        select(User).where(
            User.id == user_id,
            IS_STAFF,
            User.is_active,
            User.is_system.is_(False),
        )
    )


def gateways(db: Session, user_id: str, *, actor: Actor) -> Sequence[Gateway]:
    """A person's gateways by name; for oneself and those who look people up."""
    if user_id != actor.user_id:
        permissions.require(actor, Permission.USERS_READ)
    return db.scalars(_GATEWAYS, {"owner_id": user_id}).all()


def tokens(db: Session, *, actor: Actor) -> Sequence[tuple[ApiToken, str]]:
    """Tokens, ended ones too, with their owner's e-mail; the operator sees everybody's."""
    permissions.require_sign_in(actor)
    rows = select(ApiToken, User.email).join(User, User.id == ApiToken.user_id)
    if not actor.is_system:
        rows = rows.where(ApiToken.user_id == actor.user_id)
    return [(token, email or "") for token, email in db.execute(rows.order_by(ApiToken.id))]
