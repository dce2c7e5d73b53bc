"""What an example of an action says: what it needs, what it writes down, how it is called."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from models.actor import Actor
from models.permissions import Permission
from tests.guards.world import World

# Who is refused; `NOBODY_ELSE` stands for deeds on one's own things.
ANYBODY, SIGNED_IN, CUSTOMER, PEOPLE, SELF = "anybody", "signed in", "customer", "people", "self"
Needs = str | tuple[Permission, ...]


@dataclass
class Call:
    """One call of an action: in which transaction, by whom, to what."""

    db: Session
    world: World
    actor: Actor
    thing: Any = None


@dataclass(frozen=True, slots=True)
class Example:
    """One deed: `get` finds or makes what it is done to, `do` does it.

    `audit` is the one row that it leaves, `also` rows of what it brings about.
    """

    action: Callable[..., Any]
    needs: Needs
    audit: str
    do: Callable[["Call"], Any]
    get: Callable[["Call"], Any] = lambda _: None
    also: frozenset[str] = frozenset()
    by: str = "super"
