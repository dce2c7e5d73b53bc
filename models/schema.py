"""The schema as a whole: all tables, and bringing a database to the newest state."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, inspect, select, table

from models import audit, chores, counters, idempotency, throttle
from models.base import Base
from models.db import Database, migration_lock, require_answer
from models.kb import tables as kb_tables
from models.notifications import tables as notification_tables
from models.tickets import tables as ticket_tables
from models.users import tables as user_tables

TABLE_MODULES = (
    audit, chores, counters, idempotency, throttle,
    user_tables, notification_tables, kb_tables, ticket_tables,
)  # fmt: skip
metadata = Base.metadata
# Written down, so that a command which only asks need not load all of Alembic.
NEWEST = "0014"
_VERSION = table("alembic_version", column("version_num"))

if TYPE_CHECKING:
    from alembic.config import Config


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    import migrations

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def migrate(database: Database) -> None:
    """Bring a database to the newest schema, under a lock: two at once are safe.

    Raises Unavailable when the database does not answer.
    """
    from alembic import command

    require_answer(database)
    with migration_lock(database) as connection:
        command.upgrade(_config(connection), "head")


def is_current(database: Database) -> bool:
    """Whether the database has the newest schema. Raises Unavailable when it does not answer."""
    require_answer(database)
    with database.engine.connect() as connection:
        if not inspect(connection).has_table(_VERSION.name):
            return False
        return connection.scalars(select(_VERSION.c.version_num)).all() == [NEWEST]
