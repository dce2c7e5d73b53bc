"""What every command needs: the settings, the database with its newest schema, and who acts."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from models.actor import Actor, Door, operator
from models.errors import NotFound, NotPermitted, Unavailable

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from models.settings import Settings

BEHIND = "The database is not on the newest schema. Type: supportctl migrate"

As = Annotated[
    str | None,
    typer.Option("--as", metavar="EMAIL", help="Act as this person.", show_default="the operator"),
]
Json = Annotated[bool, typer.Option("--json", help="Give one JSON document.")]

_acting: Actor | None = None


def settings() -> "Settings":
    """The settings; a wrong one raises BadSettings with the line that says what to type."""
    from models import settings as house

    return house.current()


def require_schema() -> None:
    """Raise Unavailable unless the database answers and is on the newest schema."""
    from models import db, schema

    settings()
    if not schema.is_current(db.current()):
        raise Unavailable(BEHIND)


@contextmanager
def reading(as_email: str | None, *, long: bool = False) -> Iterator[tuple["Session", Actor]]:
    """A reading transaction and who acts in it; ``long`` lifts the time limit."""
    from models import db

    require_schema()
    with db.reading(long=long) as session:
        yield session, _who(session, as_email)


@contextmanager
def writing(as_email: str | None) -> Iterator[tuple["Session", Actor]]:
    """A writing transaction and who acts in it."""
    from models import db

    require_schema()
    with db.unit_of_work() as session:
        yield session, _who(session, as_email)


def who(as_email: str | None) -> Actor:
    """Who acts, for deeds that open their own transactions."""
    with reading(as_email) as (_db, actor):
        return actor


def _who(db: "Session", email: str | None) -> Actor:
    global _acting
    _acting = operator() if email is None else _person(db, email)
    return _acting


def _person(db: "Session", email: str) -> Actor:
    from models import users

    user = users.get(db, email, actor=operator())
    actor = users.actor_of(user, door=Door.CLI)
    if not user.is_active:
        raise NotPermitted(f"{email} is deactivated and cannot act.")
    return actor


def record_refusal(command: str, reason: str) -> None:
    """Keep in the audit log that the command of a person was refused."""
    from models import audit, db

    if _acting is None or _acting.is_system:
        return
    with db.unit_of_work() as session:
        audit.record_refusal(session, command, command, actor=_acting, reason=reason)


def wait_for_end() -> None:
    """Wait for SIGTERM, which is a good end, or for Ctrl-C, which raises KeyboardInterrupt."""
    end = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: end.set())
    end.wait()


def not_found(what: str) -> NotFound:
    """The error for a thing that an argument names and that does not exist."""
    return NotFound(f"There is no {what}.")
