"""``supportctl migrate``: bring the database to the newest schema."""

from typing import Annotated

import typer

from cli import door, screen


def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit with 1 when behind.")
    ] = False,
) -> None:
    """Bring the database to the newest schema.

    Safe to run twice at once, and when there is nothing to do.
    """
    from models import db, schema

    if check:
        door.require_schema()
    else:
        door.settings()
        schema.migrate(db.current())
    screen.note("The database is on the newest schema.")
