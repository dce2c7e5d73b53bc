"""One ticket of the demo as a list of timed events, each done through the tickets room."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import tickets
from models.actor import Actor
from models.deeds import read
from models.kb import Article
from models.tickets import AgentReply, NewTicket, Note, Priority, Reply, Status, Ticket

TRIAGE = timedelta(minutes=25)
CLOSED_AFTER = timedelta(days=3)
CUSTOMER = "customer"
TRIAGER = "support@example.com"


@dataclass
class Story:
    """A ticket's entry in the content, told from ``present``; ``people`` are actors by e-mail."""

    entry: dict[str, Any]
    present: datetime
    people: dict[str, Actor]
    ticket: Ticket = field(init=False)

    @property
    def customer(self) -> Actor:
        """Who asks."""
        return self.people[self.entry["customer"]]

    @property
    def agent(self) -> Actor:
        """Who handles the ticket: its assignee, else the first of staff who wrote, else Sam."""
        writers = (message["from"] for message in self.entry["messages"])
        emails = (self.entry["assignee"], *writers, TRIAGER)
        return next(self.people[email] for email in emails if email in self.people)

    def days_ago(self, days: float) -> datetime:
        """A time so many days before the present."""
        return self.present - timedelta(days=days)


@dataclass(frozen=True)
class Event:
    """Something that happens to a ticket at a time."""

    at: datetime
    happen: Callable[[Session], object]


def events(story: Story) -> Iterator[Event]:
    """Everything that happens to a ticket; sort by time, those of the same time stay in order."""
    created = story.days_ago(story.entry["created_days_ago"])
    yield Event(created, lambda db: _create(db, story, created))
    told = list(_conversation(story, created))
    first = told[0].at if told else story.present
    yield Event(created + min(TRIAGE, (first - created) / 2), lambda db: _triage(db, story))
    yield from told
    last = told[-1].at if told else created
    if story.entry.get("reopened"):
        # Shortly before the customer's last answer, which opens the ticket again.
        before = told[-2].at if len(told) > 1 else created
        moment = before + (last - before) / 4
        yield Event(moment, lambda db: _resolve(db, story, _last_answer(story)))
    yield from _end(story, last)


def _create(db: Session, story: Story, created: datetime) -> None:
    entry = story.entry
    deed = read(
        NewTicket,
        {
            **{name: entry[name] for name in ("type", "category", "severity", "title")},
            "description": entry["description"],
            "contextData": _context(entry.get("context"), created),
            "quickIssueId": _quick_issue(db, entry.get("quick_issue")),
        },
    )
    story.ticket = tickets.create(db, deed, actor=story.customer)


def _context(captured: dict[str, Any] | None, created: datetime) -> dict[str, Any] | None:
    if captured is None:
        return None
    actions = [
        {
            "action": action["action"],
            "timestamp": (created - timedelta(minutes=action["minutes_before"])).isoformat(),
        }
        for action in captured.get("recentActions", ())
    ]
    return {**captured, "timestamp": created.isoformat(), "recentActions": actions}


def _quick_issue(db: Session, title: str | None) -> str | None:
    issues = select(tickets.QuickIssue.id).where(
        tickets.QuickIssue.title == title, tickets.QuickIssue.is_active
    )
    return db.scalar(issues.limit(1)) if title else None


def _triage(db: Session, story: Story) -> None:
    """Somebody of staff has a first look: tags, priority, who takes it."""
    agent, entry = story.agent, story.entry
    if entry["tags"]:
        tickets.set_tags(db, story.ticket, entry["tags"], actor=agent)
    tickets.set_priority(db, story.ticket, Priority(entry["priority"]), actor=agent)
    if entry["assignee"]:
        tickets.assign(db, story.ticket, agent.user_id, actor=agent)


def _conversation(story: Story, created: datetime) -> Iterator[Event]:
    at = created
    messages = story.entry["messages"]
    for number, message in enumerate(messages):
        at += timedelta(hours=message["after_hours"])
        is_last = all(later.get("internal") for later in messages[number + 1 :])
        yield Event(at, _message(story, message, is_last=is_last))


def _message(
    story: Story, message: dict[str, Any], *, is_last: bool
) -> Callable[[Session], object]:
    content = {"content": message["content"]}
    if message["from"] == CUSTOMER:
        return lambda db: tickets.reply(
            db, story.ticket, read(Reply, content), actor=story.customer
        )
    agent = story.people[message["from"]]
    if message.get("internal"):
        return lambda db: tickets.add_note(db, story.ticket, read(Note, content), actor=agent)
    waits = is_last and story.entry["status"] == Status.WAITING_USER.value
    deed = {**content, "status": Status.WAITING_USER.value if waits else None}
    return lambda db: tickets.reply(db, story.ticket, read(AgentReply, deed), actor=agent)


def _last_answer(story: Story) -> str:
    answers = (
        str(message["content"])
        for message in reversed(story.entry["messages"])
        if message["from"] != CUSTOMER and not message.get("internal")
    )
    return next(answers)


def _resolve(db: Session, story: Story, resolution: str) -> None:
    tickets.resolve(db, story.ticket, resolution, actor=story.agent)


def _end(story: Story, last: datetime) -> Iterator[Event]:
    entry, agent = story.entry, story.agent
    if "related_article" in entry:
        yield Event(last, lambda db: _link(db, story, entry["related_article"]))
    if "resolution" in entry:
        resolved = max(story.days_ago(entry["resolved_days_ago"]), last)
        yield Event(resolved, lambda db: _resolve(db, story, entry["resolution"]))
        last = min(resolved + CLOSED_AFTER, story.present)
    status = Status(entry["status"])
    yield Event(last, lambda db: tickets.change_status(db, story.ticket, status, actor=agent))


def _link(db: Session, story: Story, slug: str) -> None:
    article_id = db.scalar(select(Article.id).where(Article.slug == slug, Article.is_published))
    if article_id is not None:
        tickets.link_article(db, story.ticket, article_id, actor=story.agent)
