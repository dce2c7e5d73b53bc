"""Who acts: every action and every query of visible rows takes an Actor."""

from dataclasses import dataclass
from enum import StrEnum

SYSTEM_USER_ID = "00000000-0000-7000-8000-000000000000"


class Role(StrEnum):
    """The four roles, each including the rights of the ones before."""

    MEMBER = "MEMBER"
    SUPPORT = "SUPPORT"
    ADMIN = "ADMIN"
    SUPER_ADMIN = "SUPER_ADMIN"

    @property
    def is_staff(self) -> bool:
        """Whether this role works in the back office."""
        return self is not Role.MEMBER


class Door(StrEnum):
    """Through which door somebody acts; kept in the audit log."""

    WEB = "web"
    API = "api"
    BACKOFFICE = "backoffice"
    CLI = "cli"
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a guest, a visitor without a name, or the operator.

    ``scopes`` is None for a sign-in and a set of permission names for an API token;
    ``guest_ticket_id`` is the one ticket that a guest's private link opens;
    ``address`` is the network address, for rate limits and the audit of refused deeds.
    """

    door: Door
    user_id: str | None = None
    name: str = ""
    email: str | None = None
    role: Role | None = None
    scopes: frozenset[str] | None = None
    guest_ticket_id: str | None = None
    address: str | None = None
    sign_in_id: str | None = None

    @property
    def is_signed_in(self) -> bool:
        """Whether this is a known person or the operator."""
        return self.user_id is not None and self.role is not None

    @property
    def is_staff(self) -> bool:
        """Whether this person has a role of the back office."""
        return self.role is not None and self.role.is_staff

    @property
    def is_system(self) -> bool:
        """Whether this is the operator or the worker, not a person."""
        return self.user_id == SYSTEM_USER_ID


def anonymous(door: Door, *, address: str | None = None) -> Actor:
    """Somebody who did not sign in."""
    return Actor(door=door, address=address)


def operator(door: Door = Door.CLI) -> Actor:
    """The operator at the command line, a system user without sign-in."""
    return Actor(door=door, user_id=SYSTEM_USER_ID, name="Operator", role=Role.SUPER_ADMIN)
