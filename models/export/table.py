"""The shape of an export: named columns, and rows that come as they are read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

# The values of one row, and those of each of its parts (the messages of a ticket).
Row = tuple[Sequence[Any], Sequence[Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Table:
    """What is exported under a noun.

    Columns are named as in JSON; a dot makes an object (``user.name``). ``parts`` names what
    belongs to a row and repeats it where there are only cells, for example ``messages``.
    """

    noun: str
    columns: tuple[str, ...]
    rows: Iterator[Row]
    parts: str | None = None
    part_columns: tuple[str, ...] = ()

    @property
    def headings(self) -> tuple[str, ...]:
        """The columns where there are only cells."""
        return self.columns + tuple(f"{self.parts}.{name}" for name in self.part_columns)

    def lines(self) -> Iterator[Sequence[Any]]:
        """The rows where there are only cells: one for each part, one at least."""
        nothing = [None] * len(self.part_columns)
        for values, parts in self.rows:
            if self.parts is None:
                yield values
            else:
                yield from ([*values, *part] for part in parts or [nothing])

    def documents(self) -> Iterator[dict[str, Any]]:
        """The rows as JSON objects."""
        for values, parts in self.rows:
            document = _nested(self.columns, values)
            if self.parts is not None:
                document[self.parts] = [_nested(self.part_columns, part) for part in parts]
            yield document


def _nested(columns: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    """An object of these values; an inner one without an id is null."""
    document: dict[str, Any] = {}
    for column, value in zip(columns, values, strict=True):
        outer, _, inner = column.partition(".")
        if not inner:
            document[outer] = value
        elif inner == "id":
            document[outer] = None if value is None else {inner: value}
        elif document[outer] is not None:
            document[outer][inner] = value
    return document
