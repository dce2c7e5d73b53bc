"""The story of one ticket through all rooms: a guest asks, staff answer, the mails tell it."""

from pathlib import Path

from models import accounts, db, kb, notifications, overview, tickets, users
from models.actor import Actor, Role
from models.tickets import GuestTicket, QueueFilter, Status
from models.users import SignInDeed
from tests.models.world import (
    OPERATOR,
    PASSWORD,
    answer,
    article,
    asked,
    audited,
    conversation,
    mails,
    move,
    note,
    on_ticket,
    own_list,
    person,
    reply,
    seen,
    visitor,
)

JANE = "jane@example.com"
NOTE = "canary-of-a-note-4711"


def test_from_a_guests_question_to_a_closed_ticket(database: db.Database, tmp_path: Path) -> None:
    agent, boss = person(Role.SUPPORT, name="Ann"), person(Role.ADMIN, name="Bob")
    _furnish(boss)

    ticket_id = _ask_as_a_guest()
    guest = _open_private_link()
    with db.reading() as session:
        (row,) = tickets.queue(session, QueueFilter(assignee="none"), actor=agent).items
    assert (row.id, row.user_email, row.status) == (ticket_id, JANE, "open")

    on_ticket(ticket_id, tickets.assign, agent.user_id, actor=boss)
    note(ticket_id, agent, NOTE)
    answer(ticket_id, agent, "Did you restart it?", Status.WAITING_USER)
    reply(ticket_id, guest, "I did.")
    assert seen(ticket_id).status == "in_progress"

    jane = _sign_up()
    assert [one.id for one in own_list(jane)] == [ticket_id]
    on_ticket(ticket_id, tickets.link_article, article("Restart it", actor=boss), actor=agent)
    on_ticket(ticket_id, tickets.resolve, "We restarted it for you.", actor=agent)
    reply(ticket_id, jane, "It happened again.")
    assert seen(ticket_id).status == "open"
    on_ticket(ticket_id, tickets.solve, actor=jane)
    move(ticket_id, Status.CLOSED, agent)

    assert [message.content for message in conversation(ticket_id, jane)] == [
        "Did you restart it?", "I did.", "It happened again.",
    ]  # fmt: skip
    _what_was_recorded(ticket_id, agent)
    _what_was_mailed(tmp_path / "data" / "mail")


def _furnish(boss: Actor) -> None:
    with db.unit_of_work() as session:
        deed = tickets.CategoryDeed(slug="gateway", title="Gateway")
        tickets.create_category(session, deed, actor=boss)
        written = kb.CategoryDeed(slug="getting_started", title="Getting started")
        kb.create_category(session, written, actor=boss)


def _ask_as_a_guest() -> str:
    words = {**asked().model_dump(mode="json"), "guestEmail": JANE, "guestName": "Jane"}
    with db.unit_of_work() as session:
        deed = GuestTicket.model_validate(words)
        number = tickets.submit(session, deed, key="the-form", actor=visitor())
        return tickets.get(session, number, actor=OPERATOR).id


def _open_private_link() -> Actor:
    (letter,) = mails(recipient=JANE)
    token = letter.text.split("/support/t/")[1].split()[0]
    with db.reading() as session:
        return tickets.guest_actor(session, token, address=None)


def _sign_up() -> Actor:
    with db.unit_of_work() as session:
        deed = accounts.Register(email=JANE, name="Jane")
        accounts.register(session, deed, actor=visitor())
    token = mails("link_set_password")[0].text.split("/login/link/")[1].split()[0]
    users.use_link(token, PASSWORD, actor=visitor())
    return users.sign_in(SignInDeed(email=JANE, password=PASSWORD), actor=visitor()).actor


def _what_was_recorded(ticket_id: str, agent: Actor) -> None:
    moves = [row.data["after"] for row in audited(ticket_id, "ticket.status")]
    assert moves == [
        "in_progress", "waiting_user", "in_progress", "resolved", "open", "resolved", "closed",
    ]  # fmt: skip
    with db.reading() as session:
        stats = overview.stats(session, actor=agent)
        card = overview.user_card(session, users.get(session, JANE, actor=agent), actor=agent)
    assert (stats.tickets.open, stats.tickets.unassigned) == (0, 0)
    assert stats.tickets.avg_response_time is not None
    assert [(row.id, row.status) for row in card.tickets] == [(ticket_id, "closed")]


def _what_was_mailed(folder: Path) -> None:
    delivered = notifications.deliver_due()
    files = sorted(folder.glob("**/*.eml"))
    assert delivered.sent == len(files) == len(mails())
    assert NOTE not in "".join(file.read_text() for file in files)
    assert [mail.kind for mail in mails(recipient=JANE)] == [
        "ticket_received_guest", "ticket_reply", "link_set_password", "ticket_resolved",
    ]  # fmt: skip
