"""``supportctl export``: tickets, articles, people and the audit log as files."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from cli import door, screen

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from models.actor import Actor
    from models.export import Table

STDOUT = "-"
LENGTH_OF_DAY = len("2026-11-23")

commands = typer.Typer(
    help="Export tickets, articles, people or the audit log.", no_args_is_help=True
)


class Format(StrEnum):
    """How an export is written."""

    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"
    XLSX = "xlsx"


class ArticleStatus(StrEnum):
    """Whether readers see an article."""

    PUBLISHED = "published"
    DRAFT = "draft"


def a_start(text: str) -> datetime:
    """A day (from its beginning, UTC) or a time with zone."""
    return _moment(text, time.min)


def an_end(text: str) -> datetime:
    """A day (to its end, UTC) or a time with zone."""
    return _moment(text, time.max)


def _moment(text: str, of_day: time) -> datetime:
    with suppress(ValueError, OverflowError):
        if len(text) == LENGTH_OF_DAY:
            return datetime.combine(date.fromisoformat(text), of_day, UTC)
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    raise typer.BadParameter(
        f"{text!r} is neither a day like 2026-11-23 nor a time like 2026-11-23T08:00Z."
    )


def a_status(text: str) -> str:
    """A status of tickets."""
    from models.tickets import Status

    return _one_of(text, Status)


def a_type(text: str) -> str:
    """A type of tickets."""
    from models.tickets import TicketType

    return _one_of(text, TicketType)


def _one_of(text: str, values: type[StrEnum]) -> str:
    if text not in list(values):
        raise typer.BadParameter(f"{text!r} is not one of {', '.join(values)}.")
    return text


FormatOption = Annotated[Format, typer.Option("--format", help="How to write it.")]
JsonOption = Annotated[bool, typer.Option("--json", help="The same as --format json.")]
Output = Annotated[
    str, typer.Option("--output", metavar="FILE", help="Where to write; - is standard output.")
]
Since = Annotated[
    datetime | None,
    typer.Option("--since", metavar="DATE", parser=a_start, help="Not from before this day."),
]
Until = Annotated[
    datetime | None,
    typer.Option("--until", metavar="DATE", parser=an_end, help="Not from after this day."),
]
Category = Annotated[
    str | None, typer.Option("--category", metavar="SLUG", help="Of this category only.")
]


@commands.command(
    epilog="Example: supportctl export tickets --status open --format xlsx --output open.xlsx"
)
def tickets(
    format_: FormatOption = Format.CSV,
    json: JsonOption = False,
    output: Output = STDOUT,
    status: Annotated[
        str | None,
        typer.Option(
            "--status",
            metavar="STATUS",
            parser=a_status,
            help="open, in_progress, waiting_user, resolved or closed.",
        ),
    ] = None,
    type_: Annotated[
        str | None,
        typer.Option(
            "--type",
            metavar="TYPE",
            parser=a_type,
            help="bug, question, billing, feature_request or other.",
        ),
    ] = None,
    category: Category = None,
    assignee: Annotated[
        str | None, typer.Option("--assignee", metavar="EMAIL", help="An agent, me, or none.")
    ] = None,
    since: Since = None,
    until: Until = None,
    messages: Annotated[
        bool, typer.Option("--messages", help="Add the conversations, without internal notes.")
    ] = False,
    internal: Annotated[
        bool, typer.Option("--internal", help="Add the conversations, with internal notes.")
    ] = False,
    as_: door.As = None,
) -> None:
    """Export tickets."""

    def read(db: "Session", actor: "Actor") -> "Table":
        from models import export
        from models.deeds import read as checked
        from models.tickets import QueueFilter

        given: dict[str, Any] = {"status": status, "type": type_, "from": since, "to": until}
        given |= {
            "category": _ticket_category(db, category),
            "assignee": _assignee(db, assignee, actor),
        }
        filters = checked(QueueFilter, {name: value for name, value in given.items() if value})
        return export.tickets(db, filters, messages=messages, internal=internal, actor=actor)

    chosen: dict[str, Any] = {
        "status": status,
        "type": type_,
        "category": category,
        "assignee": assignee,
    }
    chosen |= {"messages": messages, "internal": internal, "since": since, "until": until}
    _export("tickets", read, Target(format_, json, output, as_), chosen)


def _ticket_category(db: "Session", slug: str | None) -> str | None:
    from models import tickets

    return slug and tickets.category(db, slug).slug


def _assignee(db: "Session", who: str | None, actor: "Actor") -> str | None:
    from models import users

    return who if who in (None, "me", "none") else users.get(db, who, actor=actor).id


@commands.command(epilog="Example: supportctl export articles --status published --format jsonl")
def articles(
    format_: FormatOption = Format.CSV,
    json: JsonOption = False,
    output: Output = STDOUT,
    status: Annotated[
        ArticleStatus | None, typer.Option("--status", help="Published ones or drafts only.")
    ] = None,
    category: Category = None,
    since: Since = None,
    until: Until = None,
    as_: door.As = None,
) -> None:
    """Export articles, drafts too."""

    def read(db: "Session", actor: "Actor") -> "Table":
        from models import export, kb

        return export.articles(
            db,
            is_published=None if status is None else status is ArticleStatus.PUBLISHED,
            category=category and kb.category(db, category).slug,
            since=since,
            until=until,
            actor=actor,
        )

    chosen = {"status": status, "category": category, "since": since, "until": until}
    _export("articles", read, Target(format_, json, output, as_), chosen)


@commands.command(epilog="Example: supportctl export users --output people.csv")
def users(
    format_: FormatOption = Format.CSV,
    json: JsonOption = False,
    output: Output = STDOUT,
    since: Since = None,
    until: Until = None,
    as_: door.As = None,
) -> None:
    """Export people; the dates are of joining."""

    def read(db: "Session", actor: "Actor") -> "Table":
        from models import export

        return export.people(db, since=since, until=until, actor=actor)

    _export("users", read, Target(format_, json, output, as_), {"since": since, "until": until})


@commands.command(epilog="Example: supportctl export audit --since 2026-11-01 --format jsonl")
def audit(
    format_: FormatOption = Format.CSV,
    json: JsonOption = False,
    output: Output = STDOUT,
    since: Since = None,
    until: Until = None,
    as_: door.As = None,
) -> None:
    """Export the audit log."""

    def read(db: "Session", actor: "Actor") -> "Table":
        from models import export

        return export.audit_entries(db, since=since, until=until, actor=actor)

    _export("audit", read, Target(format_, json, output, as_), {"since": since, "until": until})


@dataclass(frozen=True, slots=True)
class Target:
    """How and where an export is written, and as whom."""

    format: Format
    json: bool
    output: str
    as_email: str | None

    @property
    def kind(self) -> str:
        """The format; ``--json`` is another word for one of them."""
        if self.json and self.format not in (Format.CSV, Format.JSON):
            raise typer.BadParameter("is JSON or not? Leave one of them out.", param_hint="--json")
        return (Format.JSON if self.json else self.format).value


def _export(
    noun: str,
    read: "Callable[[Session, Actor], Table]",
    target: Target,
    chosen: dict[str, Any],
) -> None:
    from models import export

    kept = {name: str(value) for name, value in chosen.items() if value}
    with (
        _opened(target.output, target.kind) as file,
        door.reading(target.as_email, long=True) as (db, actor),
    ):
        table = read(db, actor)
        with door.writing(target.as_email) as (writing, _actor):
            export.record(writing, noun, actor=actor, **kept)
        export.write(table, target.kind, file)
    if target.output != STDOUT:
        screen.note(f"Wrote {target.output}.")


def _opened(output: str, kind: str) -> AbstractContextManager[BinaryIO]:
    if output != STDOUT:
        return _new_file(Path(output))
    if kind == Format.XLSX and sys.stdout.isatty():
        raise typer.BadParameter(
            "xlsx is nothing for a terminal. Name a file.", param_hint="--output"
        )
    return nullcontext(sys.stdout.buffer)


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """A file for nobody else's eyes, which takes its name when it is whole."""
    if path.exists() and not path.is_file():
        raise typer.BadParameter(
            f"{path} is no file. For standard output type: --output -", param_hint="--output"
        )
    path = path.resolve()
    if not path.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {path.parent}.", param_hint="--output")
    handle, part = tempfile.mkstemp(prefix=".supportctl-", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
