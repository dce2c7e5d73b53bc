"""Writes on people: creating, roles, activity, API tokens."""

import secrets
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import audit, permissions
from models import db as database
from models.actor import Actor, Role
from models.base import now
from models.errors import Invalid, NotAllowedNow, NotFound, NotPermitted, Taken
from models.users import passwords
from models.users.deeds import NewToken, NewUser
from models.users.links import OPERATOR_LIFE, hash_token, link_address, new_link
from models.users.sign_in import end_all
from models.users.tables import ApiToken, LinkPurpose, User


def create(db: Session, deed: NewUser, *, password_hash: str | None = None, actor: Actor) -> User:
    """Create a person. ``password_hash`` comes from ``hash_new_password``.

    Raises NotPermitted, or Taken when the address is in use.
    """
    if not permissions.may_give_role(actor, before=None, after=deed.role):
        raise NotPermitted
    if by_email(db, deed.email) is not None:
        raise Taken("email", f"{deed.email} is in use already.")
    user = User(
        email=deed.email,
        name=deed.name,
        role=deed.role.value,
        plan=deed.plan,
        password_hash=password_hash,
        email_verified_at=now() if password_hash else None,
    )
    db.add(user)
    db.flush()
    audit.record(
        db, "user.create", "user", user.id, actor=actor, subject_id=user.id, role=user.role
    )
    return user


def by_email(db: Session, email: str) -> User | None:
    """The person with this canonical address; until the end of the transaction nobody adds one."""
    database.lock(db, f"users:email:{email}")
    return db.scalar(select(User).where(User.email == email, User.external_id.is_(None)))


def customer_of(db: Session, email: str, name: str, *, verb: str, actor: Actor) -> User:
    """The person of this address, made without any access if it is new.

    Nothing of a known person changes. ``verb`` says in the audit log why the person was made.
    """
    known = by_email(db, email)
    if known is not None:
        return known
    user = User(email=email, name=name)
    db.add(user)
    db.flush()
    audit.record(db, f"user.{verb}", "user", user.id, actor=actor, subject_id=user.id)
    return user


def hash_new_password(password: str, *, email: str | None = None) -> str:
    """Check the rule of passwords and hash; call it outside of transactions. Raises Invalid."""
    if problem := passwords.problem_with(password, email=email):
        raise Invalid({"password": problem})
    return passwords.make_hash(password)


def new_password_link(db: Session, user: User, *, actor: Actor) -> str:
    """The address of a one-time page on which the person sets a password; lives 7 days."""
    _require_power_over(actor, user)
    token = new_link(db, user, LinkPurpose.SET_PASSWORD, actor=actor, life=OPERATOR_LIFE)
    return link_address(token)


def set_role(db: Session, user: User, role: Role, *, actor: Actor) -> User:
    """Give a person another role; their sign-ins end.

    Raises NotPermitted, or NotAllowedNow for the last SUPER_ADMIN. The same role again does
    nothing.
    """
    _hold(db, user)
    before = Role(user.role)
    if not permissions.may_give_role(actor, before=before, after=role) or user.is_system:
        raise NotPermitted
    if role is before:
        return user
    if before is Role.SUPER_ADMIN:
        _keep_one_super_admin(db, user)
    user.role = role.value
    end_all(db, user)
    audit.record(
        db,
        "user.set_role",
        "user",
        user.id,
        actor=actor,
        subject_id=user.id,
        before=before.value,
        after=role.value,
    )
    return user


def deactivate(db: Session, user: User, *, actor: Actor) -> User:
    """Take a person's access away; their sign-ins end, their tickets stay.

    Raises NotPermitted, or NotAllowedNow for the last SUPER_ADMIN.
    """
    _hold(db, user)
    _require_power_over(actor, user)
    if not user.is_active:
        return user
    if user.role == Role.SUPER_ADMIN.value:
        _keep_one_super_admin(db, user)
    user.is_active = False
    end_all(db, user)
    audit.record(db, "user.deactivate", "user", user.id, actor=actor, subject_id=user.id)
    return user


def reactivate(db: Session, user: User, *, actor: Actor) -> User:
    """Give a deactivated person access again. Raises NotPermitted."""
    _hold(db, user)
    _require_power_over(actor, user)
    if not user.is_active:
        user.is_active = True
        audit.record(db, "user.reactivate", "user", user.id, actor=actor, subject_id=user.id)
    return user


def _hold(db: Session, user: User) -> None:
    """Read the person anew and keep others from changing them: two such deeds must not cross."""
    database.lock(db, "users:power")
    database.lock_row(db, user)


def _require_power_over(actor: Actor, user: User) -> None:
    role = Role(user.role)
    if user.is_system or not permissions.may_give_role(actor, before=role, after=role):
        raise NotPermitted


def _keep_one_super_admin(db: Session, leaving: User) -> None:
    others = select(func.count()).where(
        User.role == Role.SUPER_ADMIN.value,
        User.is_active,
        User.is_system.is_(False),
        User.id != leaving.id,
    )
    if not db.scalar(others):
        raise NotAllowedNow("This is the last SUPER_ADMIN. Give the role to somebody else first.")


def create_token(db: Session, user: User, deed: NewToken, *, actor: Actor) -> tuple[ApiToken, str]:
    """Make an API token for a person. Returns the row and the secret, which is shown only now.

    People make tokens for themselves; only the operator makes them for others. Raises Invalid for
    scopes that the person lacks: such a token would refuse what it seems to allow.
    """
    if not actor.is_system and (actor.user_id != user.id or actor.scopes is not None):
        raise NotPermitted
    if user.is_system or not user.is_active:
        raise NotAllowedNow("This person cannot sign in, so a token would open nothing.")
    lacking = set(deed.scopes) - permissions.ROLE_PERMISSIONS[Role(user.role)]
    if "scopes" in deed.model_fields_set and lacking:
        named = ", ".join(sorted(lacking))
        raise Invalid({"scopes": f"The role {user.role} does not have {named}. Leave it out."})
    secret = f"sd_{secrets.token_urlsafe(32)}"
    token = ApiToken(
        user_id=user.id,
        name=deed.name,
        token_hash=hash_token(secret),
        scopes=[scope.value for scope in deed.scopes],
        created_at=now(),
        expires_at=now() + timedelta(days=deed.expires_days) if deed.expires_days else None,
    )
    db.add(token)
    db.flush()
    audit.record(
        db,
        "token.create",
        "api_token",
        token.id,
        actor=actor,
        subject_id=user.id,
        name=deed.name,
        scopes=token.scopes,
    )
    return token, secret


def revoke_token(db: Session, token_id: str, *, actor: Actor) -> ApiToken:
    """End a token. Raises NotFound for somebody else's or an unknown one."""
    token = db.get(ApiToken, token_id)
    if token is None or not (actor.is_system or token.user_id == actor.user_id):
        raise NotFound
    if token.revoked_at is None:
        token.revoked_at = now()
        audit.record(
            db, "token.revoke", "api_token", token.id, actor=actor, subject_id=token.user_id
        )
    return token
