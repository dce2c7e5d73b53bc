"""What customers and agents write about tickets; one schema a deed."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from models.deeds import Deed, PageNumber, PageSize
from models.errors import Invalid
from models.kb.deeds import Tags, category_slug
from models.text import Email, MultiLine, OneLine
from models.tickets.tables import (
    MAX_COMMENT,
    MAX_TEXT,
    MAX_TITLE,
    Priority,
    Severity,
    Status,
    TicketType,
)

SORTS = (
    "createdAt", "updatedAt", "priority", "severity", "status", "ticketNumber", "waitingSince",
)  # fmt: skip
_DIRECTED = [f"{sign}{name}" for name in SORTS for sign in ("", "-")]
MAX_BULK = 200
MAX_FILES = 5
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _each_once(ids: list[str]) -> list[str]:
    return list(dict.fromkeys(ids))


Content = Annotated[str, MultiLine(MAX_TEXT)]
FileIds = Annotated[list[str], Field(max_length=MAX_FILES), AfterValidator(_each_once)]


def _whole_number(value: Any) -> Any:
    """Refuse what Python takes for a number and nobody means as one: true, 1.0."""
    if isinstance(value, bool | float):
        raise ValueError("Please give a whole number from -1 to 2.")  # noqa: TRY004  # pydantic's way
    return value


PriorityNumber = Annotated[Priority, BeforeValidator(_whole_number)]


class NewTicket(Deed):
    """A ticket as its customer writes it."""

    type: TicketType
    category: str
    severity: Severity = Severity.MEDIUM
    title: Annotated[str, OneLine(MAX_TITLE)]
    description: Content
    context_data: Any = None
    quick_issue_id: str | None = None
    related_article_slug: str | None = None
    sentry_event_id: Annotated[str, OneLine(64)] | None = None
    attachment_ids: FileIds = []
    screenshot_id: str | None = None

    @field_validator("sentry_event_id")
    @classmethod
    def _an_event(cls, value: str | None) -> str | None:
        if value is not None and not value.replace("-", "").isalnum():
            raise ValueError("A Sentry event is named by letters and digits only.")
        return value


class GuestTicket(NewTicket):
    """A ticket of somebody who did not sign in."""

    guest_email: Email
    guest_name: Annotated[str, OneLine(120, required=False)] = ""


class Reply(Deed):
    """A message of the customer."""

    content: Content
    attachment_ids: FileIds = []


class AgentReply(Deed):
    """A message of staff to the customer; ``status: resolved`` makes it the resolution."""

    content: Content
    status: Status | None = None
    attachment_ids: FileIds = []


class Note(Deed):
    """An internal note."""

    content: Content
    attachment_ids: FileIds = []


class Resolve(Deed):
    """How a ticket was resolved."""

    resolution: Content


class Rating(Deed):
    """How satisfied the customer is, from 1 to 5, and why."""

    score: int = Field(ge=1, le=5)
    comment: Annotated[str, MultiLine(MAX_COMMENT, required=False)] = ""


class ArticleRef(Deed):
    """The article that answers a ticket."""

    article_id: str


class StatusDeed(Deed):
    """Another status; ``resolved`` needs a resolution."""

    status: Status
    resolution: Annotated[str, MultiLine(MAX_TEXT, required=False)] = ""


class PriorityDeed(Deed):
    """Another priority, -1 to 2."""

    priority: PriorityNumber


class SeverityDeed(Deed):
    """Another severity."""

    severity: Severity


class AssigneeDeed(Deed):
    """Somebody of staff, or nobody."""

    assignee_id: str | None = None

    @field_validator("assignee_id")
    @classmethod
    def _nobody(cls, value: str | None) -> str | None:
        return value or None


class TicketChanges(Deed):
    """Any changes of one ticket; what is left out stays. An assignee of null is nobody."""

    # ``model_fields_set`` tells what was given; the values of the others mean nothing.
    status: Status = Field(default_factory=lambda: Status.OPEN)
    resolution: Annotated[str, MultiLine(MAX_TEXT, required=False)] = ""
    priority: PriorityNumber = Field(default_factory=lambda: Priority.NORMAL)
    severity: Severity = Field(default_factory=lambda: Severity.MEDIUM)
    tags: Tags = []
    assigned_to_id: Annotated[str, OneLine(40)] | None = None


class TagsDeed(Deed):
    """All tags of a ticket."""

    tags: Tags = []


class BulkDeed(Deed):
    """One deed on many tickets, all or nothing."""

    ids: Annotated[list[str], Field(min_length=1, max_length=MAX_BULK)]
    action: Literal["assign", "status", "priority", "tags"]
    assignee_id: Annotated[str, OneLine(40)] | None = None
    status: Status | None = None
    resolution: Annotated[str, MultiLine(MAX_TEXT, required=False)] = ""
    priority: PriorityNumber | None = None
    add_tags: Tags = []
    remove_tags: Tags = []

    @model_validator(mode="after")
    def _has_what_its_action_needs(self) -> Self:
        if self.action == "status" and self.status is None:
            raise Invalid({"status": "Please choose the status."})
        if self.action == "priority" and self.priority is None:
            raise Invalid({"priority": "Please choose the priority."})
        if self.action == "tags" and not (self.add_tags or self.remove_tags):
            raise Invalid({"addTags": "Please give tags to add or to remove."})
        return self


class QuickIssueDeed(Deed):
    """A common problem offered on the ticket form."""

    title: Annotated[str, OneLine(120)]
    description: Annotated[str, OneLine(300, required=False)] = ""
    suggested_type: TicketType
    suggested_category: str
    article_slug: Annotated[str, OneLine(100, required=False)] = ""
    icon: Annotated[str, OneLine(20, required=False)] = ""
    sort_order: int = Field(0, ge=-10_000, le=10_000)
    is_active: bool = True


class CategoryDeed(Deed):
    """A category of tickets."""

    slug: Annotated[str, OneLine(60), AfterValidator(category_slug)]
    title: Annotated[str, OneLine(80)]
    sort_order: int = Field(0, ge=-10_000, le=10_000)


class OwnFilter(Deed):
    """What a customer's list of tickets is narrowed to."""

    status: Status | None = None
    q: Annotated[str, OneLine(200, required=False)] = ""
    page: PageNumber = 1
    page_size: PageSize = 20


class QueueFilter(Deed):
    """What the agents' queue is narrowed to and ordered by.

    ``assignee`` is ``me``, ``none`` or a person's id; ``from`` and ``to`` are days (UTC, both
    included) or times with zone of the creation.
    """

    q: Annotated[str, OneLine(200, required=False)] = ""
    status: Status | None = None
    type: TicketType | None = None
    category: str | None = None
    severity: Severity | None = None
    tag: Annotated[str, OneLine(50)] | None = None
    assignee: Annotated[str, OneLine(40)] | None = None
    from_: datetime | None = Field(None, alias="from")
    to: datetime | None = None
    sort: Annotated[str, Field(json_schema_extra={"enum": ["", *_DIRECTED]})] = ""
    after: Annotated[str, OneLine(400)] | None = None
    page: PageNumber = 1
    page_size: PageSize = 20

    @field_validator("from_", "to", mode="before")
    @classmethod
    def _a_day_or_a_time(cls, value: Any, info: Any) -> Any:
        if not isinstance(value, str) or not value:
            return value or None
        return _moment(value, end=info.field_name == "to")

    @field_validator("sort")
    @classmethod
    def _a_known_order(cls, value: str) -> str:
        if value and value.removeprefix("-") not in SORTS:
            raise ValueError(f"Please choose one of: {', '.join(SORTS)}, with - for descending.")
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_ and self.to and self.from_ > self.to:
            raise Invalid({"to": "The first day lies after the last one."})
        if self.after and self.page > 1:
            raise Invalid({"after": "Please give a page or a cursor, not both."})
        return self


def _moment(value: str, *, end: bool) -> datetime:
    try:
        if _DAY.fullmatch(value):
            day = datetime.combine(date.fromisoformat(value), time(), UTC)
            return day + timedelta(days=1) - timedelta(microseconds=1) if end else day
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError("Please give a day like 2026-11-23.")
