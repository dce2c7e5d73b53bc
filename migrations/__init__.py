"""How the tables change, step by step (Alembic), on SQLite and PostgreSQL."""
