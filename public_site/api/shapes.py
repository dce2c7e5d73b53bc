"""What the API gives: the specification's names, times in UTC, ids as opaque strings.

The reference at ``/api/openapi.json`` is drawn from these classes.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from models.paging import Page


class Shape(BaseModel):
    """An object of the API."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        from_attributes=True,
        serialize_by_alias=True,
        extra="forbid",
    )


class PageShape(Shape):
    """One page of a list; ``total`` is exact up to 10 000, then capped."""

    page: int
    page_size: int
    total: int
    total_is_capped: bool


def place(page: Page[Any]) -> dict[str, Any]:
    """Where in a list a page stands."""
    return {
        "page": page.page,
        "page_size": page.page_size,
        "total": page.total,
        "total_is_capped": page.total_is_capped,
    }


class ProblemField(Shape):
    """A field that was wrong, and what to do about it."""

    field: str
    message: str


class Problem(Shape):
    """Why a request was refused (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[ProblemField]
