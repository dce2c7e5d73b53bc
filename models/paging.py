"""Pages of lists: numbered, with a count that is exact up to a cap."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from sqlalchemy import Select, func, literal_column, select
from sqlalchemy.orm import Session

COUNT_CAP = 10_000
T = TypeVar("T")
Rows: TypeAlias = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; ``total`` is exact up to COUNT_CAP, then the cap itself."""

    items: Sequence[T]
    page: int
    page_size: int
    total: int
    total_is_capped: bool
    next_cursor: str | None = None

    @property
    def pages(self) -> int:
        """How many numbered pages there are, at least one."""
        return max(1, -(-self.total // self.page_size))

    @property
    def first(self) -> int:
        """Number of the first item shown, 0 on an empty page."""
        return (self.page - 1) * self.page_size + 1 if self.items else 0

    @property
    def last(self) -> int:
        """Number of the last item shown."""
        return self.first + len(self.items) - 1 if self.items else 0


def count_up_to(db: Session, rows: Rows, cap: int = COUNT_CAP) -> tuple[int, bool]:
    """Count rows up to the cap; the second value tells whether there are more."""
    one: Any = literal_column("1").label("one")  # no column of the rows, so an index is enough
    counted = rows.order_by(None).with_only_columns(one, maintain_column_froms=True)
    inner = counted.limit(cap + 1).subquery()
    found = db.scalar(select(func.count()).select_from(inner)) or 0
    return min(found, cap), found > cap


def of_rows(db: Session, rows: Rows, *, page: int, page_size: int) -> Page[Any]:
    """One numbered page of a select; a page after the last has no items."""
    total, capped = count_up_to(db, rows)
    items = db.execute(rows.offset((page - 1) * page_size).limit(page_size)).all()
    return Page(items, page, page_size, total, capped)
