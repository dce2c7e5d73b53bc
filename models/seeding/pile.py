"""The tickets of the bulk data, each with its conversation and its end."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models.actor import Door
from models.seeding import chance
from models.seeding.crowd import Crowd
from models.text import plain_to_html
from models.tickets import NOT_WAITING, PRIORITY_OF, Channel, MessageFormat, Severity, Status

USUAL_ONE_IN, RARE_ONE_IN = 3, 50_000
RECENT = 0.985  # of the span; what is younger may still be open
_TYPES = ("bug", "bug", "question", "question", "billing", "feature_request", "other")
_SEVERITIES = (*[Severity.MEDIUM] * 5, *[Severity.LOW] * 3, Severity.HIGH, Severity.CRITICAL)
_MESSAGES = (0, 0, 1, 1, 2, 2, 2, 3, 4)  # on average one and a half, and a bit
_NOTE_ONE_IN = 7


@dataclass(frozen=True, slots=True)
class Story:
    """One ticket with what belongs to it."""

    row: dict[str, Any]
    messages: list[dict[str, Any]]
    tags: list[dict[str, Any]]
    audit: dict[str, Any]
    entry: tuple[int, str, str, str]


@dataclass(frozen=True, slots=True)
class Pile:
    """``count`` tickets of the customers, answered by the staff."""

    seed: int
    count: int
    words: dict[str, Any]
    categories: Sequence[str]
    customers: Crowd
    staff: Crowd

    def _sent(self, n: int) -> datetime:
        return chance.moment(0.03 + 0.97 * n / max(1, self.count))

    def id_of(self, n: int) -> str:
        """The id of the n-th of them."""
        return chance.new_id(n, self.seed, "ticket", n)

    def story(self, n: int, number: int) -> Story:
        """The n-th ticket under this number."""
        rng = chance.of(self.seed, "ticket", n)
        customer = self.customers.id_of(rng.randrange(self.customers.count))
        agent = self.staff.id_of(rng.randrange(self.staff.count))
        row = self._asked(n, number, rng, customer)
        messages = self._conversation(rng, row, customer, agent)
        self._end(rng, row, messages, agent, is_recent=n > self.count * RECENT)
        tags = sorted(rng.sample(self.words["tags"], rng.choice((0, 0, 0, 1, 2))))
        said = [item["content"] for item in reversed(messages) if not item["is_internal"]]
        body = "\n".join([row["description"], *said])
        return Story(
            row, messages, [{"ticket_id": row["id"], "tag": tag} for tag in tags], _created(row),
            (number, row["title"], " ".join(tags), body),
        )  # fmt: skip

    def _asked(self, n: int, number: int, rng: random.Random, customer: str) -> dict[str, Any]:
        sent = self._sent(n)
        severity = rng.choice(_SEVERITIES)
        noun, adjective = rng.choice(self.words["nouns"]), rng.choice(self.words["adjectives"])
        usual = self.words["usual"] if n % USUAL_ONE_IN == 0 else rng.choice(self.words["nouns"])
        text = f"{rng.choice(self.words['openings'])}. "
        text += chance.said(rng, rng.choice(self.words["middles"]), self.words)
        if n % RARE_ONE_IN == RARE_ONE_IN // 2:
            text += f". Its name is {self.words['rare']}"
        return {
            "id": self.id_of(n), "number": number, "ticket_number": f"TICKET-{number:04d}",
            "user_id": customer, "channel": Channel.WEB.value, "type": rng.choice(_TYPES),
            "category": rng.choice(self.categories), "severity": severity.value,
            "title": f"The {adjective} {usual} and its {noun}", "description": f"{text}.",
            "context_data": {"browser": "Firefox", "os": "Linux"} if n % 2 else {},
            "status": Status.OPEN.value, "priority": PRIORITY_OF[severity].value,
            "assigned_to_id": None, "resolution": None, "resolved_at": None,
            "first_response_at": None, "waiting_since": sent, "version": 1,
            "created_at": sent, "updated_at": sent, "customer_updated_at": sent,
        }  # fmt: skip

    def _conversation(
        self, rng: random.Random, row: dict[str, Any], customer: str, agent: str
    ) -> list[dict[str, Any]]:
        """Agent and customer in turn, with a note now and then."""
        messages: list[dict[str, Any]] = []
        at = row["created_at"]
        turn = 0
        for step in range(rng.choice(_MESSAGES)):
            at = min(at + timedelta(minutes=rng.randint(5, 1200)), chance.END)
            is_note = rng.randrange(_NOTE_ONE_IN) == 0
            kind = "notes" if is_note else ("answers", "replies")[turn % 2]
            is_agent = kind != "replies"
            content = chance.said(rng, rng.choice(self.words[kind]), self.words)
            messages.append(
                {
                    "id": chance.new_id(row["number"] * 10 + step, row["id"], step),
                    "ticket_id": row["id"],
                    "sender_id": agent if is_agent else customer, "content": content,
                    "format": MessageFormat.TEXT.value, "html": plain_to_html(content),
                    "is_internal": is_note, "created_at": at,
                }
            )  # fmt: skip
            turn += not is_note
            self._noted(row, at, kind, agent)
        return messages

    def _noted(self, row: dict[str, Any], at: datetime, kind: str, agent: str) -> None:
        """What a message changes in its ticket."""
        row["updated_at"] = at
        if kind == "notes":
            return
        row["customer_updated_at"] = at
        if kind == "answers":
            row["first_response_at"] = row["first_response_at"] or at
            row["status"], row["assigned_to_id"] = Status.IN_PROGRESS.value, agent
        row["waiting_since"] = NOT_WAITING if kind == "answers" else at

    def _end(
        self,
        rng: random.Random,
        row: dict[str, Any],
        messages: list[dict[str, Any]],
        agent: str,
        *,
        is_recent: bool,
    ) -> None:
        """Old tickets are resolved or closed; of the young ones some wait for the customer."""
        is_answered = row["first_response_at"] is not None
        if is_recent:
            if is_answered and row["waiting_since"] == NOT_WAITING and rng.random() < 0.5:  # noqa: PLR2004 - half
                row["status"] = Status.WAITING_USER.value
            return
        at = min(row["updated_at"] + timedelta(hours=1), chance.END)
        row["updated_at"] = row["customer_updated_at"] = at
        row["waiting_since"], row["assigned_to_id"] = NOT_WAITING, agent
        row["resolution"] = messages[-1]["content"] if messages else "Solved by the customer"
        if rng.random() < 0.4:  # noqa: PLR2004 - two of five
            row["status"], row["resolved_at"] = Status.RESOLVED.value, at
        else:
            row["status"] = Status.CLOSED.value


def _created(row: dict[str, Any]) -> dict[str, Any]:
    """The audit row of the ticket's creation."""
    return {
        "id": chance.new_id(row["number"], row["id"], "create"), "at": row["created_at"],
        "actor_id": row["user_id"], "door": Door.WEB.value, "action": "ticket.create",
        "object_type": "ticket", "object_id": row["id"], "subject_id": row["user_id"],
        "data": {"number": row["ticket_number"], "channel": row["channel"]},
    }  # fmt: skip
