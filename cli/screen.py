"""What commands show: data on stdout, notes on stderr, nothing that could steer a terminal."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

GAP = "  "


def note(text: str) -> None:
    """A line for the person at the terminal, never data."""
    from models.text import escape_controls

    print(escape_controls(text, keep="\n"), file=sys.stderr, flush=True)


def line(text: str) -> None:
    """A line of data."""
    from models.text import escape_controls

    print(escape_controls(text, keep="\n"))


def document(value: Any) -> None:
    """Exactly one JSON document."""
    from models.export import json_text

    print(json_text(value, indent=2))


def minute(value: datetime | None) -> str:
    """A time to the minute in UTC, for tables."""
    return "never" if value is None else f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on a terminal, plain columns otherwise."""
    from models.text import escape_controls

    cells = [[escape_controls("" if cell is None else str(cell)) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _drawn(headings, cells)
    else:
        _plain_columns(headings, cells)


def console() -> "Console":
    """Rich's console for stdout, without colour where colour is unwanted."""
    from rich.console import Console

    plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    return Console(no_color=plain, force_terminal=sys.stdout.isatty(), highlight=False)


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """What long work tells how far it is: a bar for each kind on a terminal, else nothing."""
    if not sys.stderr.isatty():
        yield lambda _kind, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import Progress, TaskID

    tasks: dict[str, TaskID] = {}
    with Progress(console=Console(stderr=True), transient=True) as bars:

        def tell(kind: str, done: int, total: int) -> None:
            if kind not in tasks:
                tasks[kind] = bars.add_task(kind.capitalize())
            bars.update(tasks[kind], completed=done, total=total)

        yield tell


def _drawn(headings: Sequence[str], rows: list[list[str]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        drawn.add_column(Text(heading), overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    console().print(drawn)


def _plain_columns(headings: Sequence[str], rows: list[list[str]]) -> None:
    lines = [list(headings), *rows]
    widths = [max(len(row[column]) for row in lines) for column in range(len(headings))]
    for row in lines:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(GAP.join(padded).rstrip())
