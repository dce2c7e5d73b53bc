"""Search on PostgreSQL stems every word, as SQLite does."""

from alembic import op
from sqlalchemy import text

revision = "0003"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = {"search_articles": "kb_articles", "search_tickets": "support_tickets"}


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    # The words that every text has are left out before the engine sees a query, alike on both.
    op.execute(
        "CREATE TEXT SEARCH DICTIONARY support_stem (TEMPLATE = snowball, Language = english)"
    )
    op.execute("CREATE TEXT SEARCH CONFIGURATION support (COPY = pg_catalog.english)")
    op.execute(
        "ALTER TEXT SEARCH CONFIGURATION support"
        " ALTER MAPPING REPLACE english_stem WITH support_stem"
    )
    _index_again("support")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    _index_again("english")
    op.execute("DROP TEXT SEARCH CONFIGURATION support")
    op.execute("DROP TEXT SEARCH DICTIONARY support_stem")


def _index_again(configuration: str) -> None:
    """Make the documents anew from the words that stand beside them; tags come at the next write.

    Bodies are folded by the program when they are written; here the engine's own lower case does.
    """
    for table, source in (
        ("search_articles", "kb_articles"),
        ("search_tickets", "support_tickets"),
    ):
        op.execute(
            text(
                f"UPDATE {table} AS found SET document ="  # noqa: S608  # our own words
                " setweight(to_tsvector(CAST(:configuration AS regconfig), source.title), 'A')"
                " || to_tsvector(CAST(:configuration AS regconfig), found.body)"
                f" FROM {source} AS source WHERE source.number = found.number"
            ).bindparams(configuration=configuration)
        )
