"""What a check says: what is wrong, where, and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

NAMED = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not agree; ``objects`` names the first twenty of ``count``."""

    what: str
    objects: tuple[str, ...]
    count: int
    todo: str

    def __str__(self) -> str:
        more = f" and {self.count - len(self.objects)} more" if self.count > NAMED else ""
        return f"{self.what}: {', '.join(self.objects)}{more}. {self.todo}"


def of_rows(db: Session, broken: Select[*tuple[Any, ...]], what: str, todo: str) -> list[Finding]:
    """The finding about the rows that a query gives, named by its columns; none without rows."""
    first = db.execute(broken.limit(NAMED + 1)).all()
    if not first:
        return []
    count = len(first)
    if count > NAMED:
        count = db.execute(select(func.count()).select_from(broken.subquery())).scalar_one()
    names = tuple("/".join(str(part) for part in row) for row in first[:NAMED])
    return [Finding(what, names, count, todo)]


def of_names(names: Sequence[str], count: int, what: str, todo: str) -> list[Finding]:
    """The finding about things that were counted elsewhere; none when there are none."""
    return [Finding(what, tuple(names[:NAMED]), count, todo)] if count else []
