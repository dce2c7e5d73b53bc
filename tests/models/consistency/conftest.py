"""A small world with one of everything, in which nothing is wrong."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from models import db, idempotency, kb, notifications, tickets
from models.actor import Actor, Role
from models.kb.tables import Picture
from models.tickets import Attachment, GuestTicket, Status
from tests.cli.trees import page, picture, write
from tests.models import world
from tests.models.world import OPERATOR, stored


@dataclass(frozen=True)
class Desk:
    """The small world, by the names that tests use."""

    customer: Actor
    agent: Actor
    attached: Attachment
    waiting: Attachment
    picture: Picture


def upload(actor: Actor, text: str) -> str:
    """A kept file that waits for its ticket; gives its id."""
    with db.unit_of_work() as session:
        return tickets.keep_upload(session, "a.txt", text.encode(), actor=actor).id


def submit(key: str, actor: Actor, **changes: object) -> str:
    """A ticket by the form, with its key; gives its number."""
    with db.unit_of_work() as session:
        return tickets.submit(session, world.asked(**changes), key=key, actor=actor)


@pytest.fixture
def desk(house: db.Database, tmp_path: Path) -> Desk:
    """Tickets in every state, articles that moved and went, files, votes, mails."""
    customer, agent = world.person(), world.person(Role.SUPPORT)
    world.prove_address(customer)
    submit("the-form", customer, attachmentIds=[upload(customer, "one")])
    _tell_by_api(customer)
    for status in (Status.WAITING_USER, Status.RESOLVED, Status.CLOSED):
        ticket_id = world.ticket_in(status, customer, agent)
        world.note(ticket_id, agent)
    spoken = world.ticket(customer)
    world.answer(spoken, agent)
    world.reply(spoken, customer)
    world.on_ticket(spoken, tickets.set_tags, ["proxy"], actor=agent)
    _ask_as_a_guest()
    notifications.deliver_due()
    world.answer(spoken, agent, "And now?")
    _write_articles(tmp_path)
    upload(customer, "two")
    attached, waiting = stored(Attachment)
    return Desk(customer, agent, attached, waiting, stored(Picture)[0])


def _tell_by_api(customer: Actor) -> None:
    """A ticket with an answer that the API kept for a second sending."""
    with db.unit_of_work() as session:
        made = tickets.create(session, world.asked(), actor=customer)
        kept = {"body": "{}", "headers": {"Location": f"/api/tickets/{made.id}"}}
        idempotency.store_answer(session, "by-api", "x", kept, actor=customer)


def _ask_as_a_guest() -> None:
    words = {**world.asked().model_dump(mode="json"), "guestEmail": "j@example.com"}
    with db.unit_of_work() as session:
        deed = GuestTicket.model_validate({**words, "guestName": "Jane"})
        tickets.create_for_guest(session, deed, actor=world.visitor())


def _write_articles(folder: Path) -> None:
    moved = world.article("First steps")
    world.rewrite(moved, slug="steps")
    world.on_article(moved, kb.vote, True, visitor="v1")
    gone = world.article("Gone")
    world.on_article(gone, kb.delete_article)
    files: dict[str, str | bytes] = {"A/a.png": picture(), "A/a.md": page("A", "![A](a.png)")}
    kb.import_tree(
        write(folder / "tree", files), kb.Wishes(publish=True), tell=lambda *_: None, actor=OPERATOR
    )
