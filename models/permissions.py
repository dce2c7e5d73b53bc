"""Who may do what kind of thing; which rows exist for somebody is each room's ``visible_to``."""

from enum import StrEnum

from models.actor import Actor, Role
from models.errors import NotPermitted, NotSignedIn


class Permission(StrEnum):
    """The permissions of the specification's reference table."""

    TICKETS_READ = "support:tickets:read"
    TICKETS_WRITE = "support:tickets:write"
    TICKETS_ASSIGN = "support:tickets:assign"
    CHATS_READ = "support:chats:read"
    CHATS_WRITE = "support:chats:write"
    USERS_READ = "support:users:read"
    KB_READ = "support:kb:read"
    KB_WRITE = "support:kb:write"


_SUPPORT = frozenset(Permission) - {Permission.KB_WRITE}
ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.MEMBER: frozenset(),
    Role.SUPPORT: _SUPPORT,
    Role.ADMIN: frozenset(Permission),
    Role.SUPER_ADMIN: frozenset(Permission),
}
# Whoever changes tickets or articles in any way sees the one at hand.
ON_TICKETS = frozenset(
    {Permission.TICKETS_READ, Permission.TICKETS_WRITE, Permission.TICKETS_ASSIGN}
)
ON_ARTICLES = frozenset({Permission.KB_READ, Permission.KB_WRITE})
_ADMINS = frozenset({Role.ADMIN, Role.SUPER_ADMIN})


def of(actor: Actor) -> frozenset[Permission]:
    """All permissions of an actor; an API token narrows its owner's to its scopes."""
    if actor.role is None:
        return frozenset()
    granted = ROLE_PERMISSIONS[actor.role]
    return granted if actor.scopes is None else granted & actor.scopes


def may(actor: Actor, permission: Permission) -> bool:
    """Whether the actor has this permission."""
    return permission in of(actor)


def require(actor: Actor, permission: Permission) -> None:
    """Raise NotSignedIn or NotPermitted unless the actor has this permission."""
    require_sign_in(actor)
    if not may(actor, permission):
        raise NotPermitted


def may_any(actor: Actor, permissions: frozenset[Permission]) -> bool:
    """Whether the actor has one of these permissions."""
    return bool(of(actor) & permissions)


def require_any(actor: Actor, permissions: frozenset[Permission]) -> None:
    """Raise NotSignedIn or NotPermitted unless the actor has one of these permissions."""
    require_sign_in(actor)
    if not may_any(actor, permissions):
        raise NotPermitted


def require_sign_in(actor: Actor) -> None:
    """Raise NotSignedIn unless somebody is signed in."""
    if not actor.is_signed_in:
        raise NotSignedIn


def require_in_person(actor: Actor) -> None:
    """Raise NotSignedIn or NotPermitted unless somebody acts for themselves, not by an API token.

    Who finds a token must not be able to lock its owner out or carry their data away.
    """
    require_sign_in(actor)
    if actor.scopes is not None or actor.is_system:
        raise NotPermitted


def may_manage_people(actor: Actor) -> bool:
    """Whether the actor creates, deactivates and changes people: ADMIN and above, no API token."""
    return actor.role in _ADMINS and actor.scopes is None


def may_give_role(actor: Actor, *, before: Role | None, after: Role) -> bool:
    """Whether the actor may move a person between these roles.

    Only a SUPER_ADMIN gives or takes ADMIN and SUPER_ADMIN.
    """
    if {before, after} & _ADMINS:
        return actor.role is Role.SUPER_ADMIN and actor.scopes is None
    return may_manage_people(actor)


def may_read_audit_log(actor: Actor) -> bool:
    """Whether the actor reads the whole audit log; SUPPORT reads a customer's rows only."""
    return actor.role in _ADMINS and actor.scopes is None
