"""``supportctl doctor``: each setting and its source, and whether every part works."""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cli import door, screen
from models.errors import SupportError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from models import consistency
    from models.settings import Settings

OTHERS = stat.S_IRWXG | stat.S_IRWXO
NEEDED = ("settings", "database", "schema")  # without these there are no rows to look at
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: whether it is well, and what was seen."""

    name: str
    ok: bool
    detail: str


class NotWell(Exception):
    """A part does not work; the text says why and what to do."""


def doctor(
    deep: Annotated[
        bool, typer.Option("--deep", help="Check also whether all rows and files agree.")
    ] = False,
    json: door.Json = False,
) -> None:
    """Show the settings and check every part.

    Each setting comes with its source; exits with 1 when a part does not work. The deep check
    reads every row and every file, changes nothing, and may run while the server does.
    """
    checks = list(_all_checks())
    if deep and all(check.ok for check in checks if check.name in NEEDED):
        checks += _deep_checks()
    well = all(check.ok for check in checks)
    if json:
        screen.document({"ok": well, "checks": [asdict(check) for check in checks]})
    else:
        screen.table(
            ("", "CHECK", "DETAIL"),
            (("ok" if check.ok else "FAILED", check.name, check.detail) for check in checks),
        )
    if not well:
        raise typer.Exit(1)


def _all_checks() -> Iterator[Check]:
    try:
        settings = door.settings()
    except SupportError as error:
        yield Check("settings", False, str(error))
        return
    yield from _settings_checks(settings)
    for name, look in PARTS.items():
        yield _looked_at(name, look, settings)


def _looked_at(name: str, look: "Callable[[T], str]", settings: "T") -> Check:
    try:
        return Check(name, True, look(settings))
    except Exception as error:  # noqa: BLE001  # whatever is wrong with a part is its finding
        return Check(name, False, str(error) or type(error).__name__)


def _deep_checks() -> list[Check]:
    from models import consistency

    with door.reading(None, long=True) as (db, _actor):
        return [_looked_into(check, db) for check in consistency.checks()]


def _looked_into(check: "consistency.Check", db: "Session") -> Check:
    def look(_settings: object) -> str:
        findings = check.findings(db)
        if findings:
            raise NotWell(" ".join(map(str, findings)))
        return "nothing found"

    return _looked_at(f"deep: {check.name}", look, None)


def _settings_checks(settings: "Settings") -> Iterator[Check]:
    for name in type(settings).model_fields:
        variable = f"SUPPORT_{name.upper()}"
        yield Check(variable, True, f"{_shown(settings, name)} ({_source(variable)})")


def _source(variable: str) -> str:
    from dotenv import dotenv_values

    if variable in {name.upper() for name in os.environ}:
        return "environment"
    if variable in {name.upper() for name in dotenv_values(".env")}:
        return ".env"
    return "default"


def _shown(settings: "Settings", name: str) -> str:
    from pydantic import SecretStr
    from sqlalchemy.engine import make_url

    value = getattr(settings, name)
    if isinstance(value, SecretStr):
        return "***" if value.get_secret_value() else "not set"
    if name == "database_url":
        return make_url(settings.effective_database_url).render_as_string(hide_password=True)
    return str(value) if value != "" else "not set"


def _database(_settings: "Settings") -> str:
    from models import db

    db.require_answer(db.current())
    return db.current().url.render_as_string(hide_password=True)


def _schema(_settings: "Settings") -> str:
    door.require_schema()
    return "newest"


def _storage(settings: "Settings") -> str:
    folder = settings.data_dir.resolve()
    if not folder.is_dir():
        raise NotWell(f"{folder} is not there. Type: supportctl migrate")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise NotWell(f"{folder} cannot be written. Give it to the user that runs Supportdesk.")
    if folder.stat().st_mode & OTHERS:
        raise NotWell(f"{folder} is open to other users. Type: chmod 700 {folder}")
    return f"{folder}, private"


def _mail(_settings: "Settings") -> str:
    from models import notifications

    return notifications.check()


def _outbox(_settings: "Settings") -> str:
    from models import notifications

    with door.reading(None) as (db, _actor):
        health = notifications.health(db)
        errors = "; ".join(notifications.newest_errors(db))
    if health.dead:
        raise NotWell(
            f"{health.dead} mails were given up ({errors}). Send them again under Mail in the "
            "dashboard."
        )
    if health.is_late:
        raise NotWell(
            f"{health.waiting} mails wait, the oldest since {health.oldest_waiting:%F %R} UTC"
        )
    return f"{health.waiting} waiting"


def _assistant(settings: "Settings") -> str:
    if not settings.ai_api_key.get_secret_value() and not settings.ai_base_url:
        return "local: answers are quoted from the knowledge base"
    if not settings.ai_model:
        raise NotWell("SUPPORT_AI_MODEL is not set. Set it to the name of a model.")
    return f"{settings.ai_model} at {settings.ai_base_url or 'the usual address'}"


PARTS: "dict[str, Callable[[Settings], str]]" = {
    "database": _database,
    "schema": _schema,
    "storage": _storage,
    "mail": _mail,
    "outbox": _outbox,
    "assistant": _assistant,
}
