"""The page of one ticket: files with a reply, what happened to it, news, and the vote."""

import io
import re
from typing import Any

import pytest
from PIL import Image

from models import db, tickets, users
from models.actor import Actor, Door, Role, operator
from models.tickets import Attachment, Priority, Status, TicketMessage, TicketRating
from tests.models import world
from tests.models.world import Clock
from tests.public_site.visitor import SAME_ORIGIN, Town, Visitor

NOTE = "canary-of-a-note"


def me(email: str = "ann@example.com") -> Actor:
    """The actor behind an address."""
    with db.reading() as session:
        user = users.get(session, email, actor=operator())
    return users.actor_of(user, door=Door.WEB, address=None)


def guest(town: Town) -> tuple[Visitor, str, str]:
    """A guest with the private link: the window, the link, the id of the ticket."""
    visitor = town.visitor()
    visitor.go("/support/new")
    visitor.send(
        "/support/new", type="question", category="other", title="May I ask?",
        description="About the plans.", guestEmail="gus@example.org", guestName="Gus",
    )  # fmt: skip
    link = town.link_to("gus@example.org", "/support/t/")
    return visitor, link, world.stored(tickets.Ticket)[-1].id


def picture() -> bytes:
    """A small PNG."""
    out = io.BytesIO()
    Image.new("RGB", (3, 2), "red").save(out, "PNG")
    return out.getvalue()


Part = tuple[str, tuple[str, bytes, str]]


def part(name: str, data: bytes, kind: str = "application/octet-stream") -> Part:
    """A file in a form, as browsers send it."""
    return ("files", (name, data, kind))


def reply(visitor: Visitor, address: str, content: str, *files: Part, **more: Any) -> int:
    """Send the reply form with files; gives the status."""
    nothing: Part = ("files", ("", b"", "application/octet-stream"))
    visitor.page = visitor.client.post(
        f"{address}/messages", data={"content": content, **more},
        files=list(files) or [nothing], headers=SAME_ORIGIN,
    )  # fmt: skip
    return visitor.page.status_code


@pytest.mark.parametrize("who", ["customer", "guest"])
def test_files_go_with_a_reply(town: Town, who: str) -> None:
    visitor, address, ticket_id = desk(town, who)
    assert 'enctype="multipart/form-data"' in visitor.go(address).text
    sent = [part("shot.png", picture(), "image/png"), part("a.log", b"line")]
    assert reply(visitor, address, "See these.", *sent) == 303, visitor.words
    assert "#message-" in visitor.page.headers["location"]
    visitor.follow()
    assert "Your reply was sent." in visitor.words
    shown = re.findall(r'href="(\S*/attachments/[^"]+)"', visitor.page.text)
    assert len(shown) == 2
    assert visitor.go(shown[1]).content == b"line"
    assert visitor.page.headers["content-disposition"].startswith("attachment")
    kept = world.stored(Attachment, ticket_id=ticket_id)
    (message,) = world.stored(TicketMessage, ticket_id=ticket_id)
    assert {row.message_id for row in kept} == {message.id}
    assert {row.owner_id for row in kept} == {world.seen(ticket_id).user_id}
    assert town.visitor().go(shown[0].replace("/support/t/", "/support/t/x")).status_code in (
        401,
        404,
    )


def desk(town: Town, who: str) -> tuple[Visitor, str, str]:
    if who == "guest":
        return guest(town)
    visitor = town.signed_in()
    ticket_id = world.ticket(me())
    return visitor, f"/support/{world.seen(ticket_id).ticket_number}", ticket_id


def test_a_reply_without_a_file_needs_none(town: Town) -> None:
    visitor, address, ticket_id = desk(town, "customer")
    assert reply(visitor, address, "Only words.") == 303
    assert world.stored(Attachment) == []
    assert [m.content for m in world.stored(TicketMessage, ticket_id=ticket_id)] == ["Only words."]


WRONG: dict[str, tuple[list[Part], str]] = {
    "too many": ([part(f"{n}.txt", b"x") for n in range(6)], "at most 5 files"),
    "no picture": ([part("a.png", b"<svg onload=x>", "image/png")], "a.png: This is called"),
    "empty": ([part("a.txt", b"")], "a.txt: This file is empty."),
    "too large": ([part("big.bin", b"x" * 10_000_001)], "big.bin: Please send files of at most 10"),
    "one of two": ([part("a.txt", b"x"), part("b.txt", b"")], "b.txt: This file is empty."),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_file_is_said_at_the_field_and_the_words_stay(town: Town, wrong: str) -> None:
    visitor, address, _ = desk(town, "customer")
    files, said = WRONG[wrong]
    assert reply(visitor, address, "My long text.", *files) == 422
    assert said in visitor.words
    assert re.search(r'name="files"[^>]*aria-invalid="true"', visitor.page.text)
    assert "My long text.</textarea>" in visitor.page.text
    kept = [row.name for row in world.stored(Attachment)]
    assert kept == (["a.txt"] if wrong == "one of two" else [])
    assert ("Please choose your files again." in visitor.words) is not bool(kept)
    assert world.stored(TicketMessage) == []


def test_files_at_a_closed_ticket_are_not_kept(town: Town) -> None:
    visitor = town.signed_in()
    closed = world.ticket_in(Status.CLOSED, me(), world.person(Role.SUPPORT))
    address = f"/support/{world.seen(closed).ticket_number}"
    assert reply(visitor, address, "Late.", part("a.txt", b"x")) == 409
    assert "Your text, not sent Late." in visitor.words
    assert world.stored(Attachment) == []


def test_files_to_somebody_elses_ticket_or_a_dead_link_get_nowhere(town: Town) -> None:
    visitor = town.signed_in()
    theirs = world.seen(world.ticket(world.person())).ticket_number
    for address in (f"/support/{theirs}", "/support/TICKET-9999", f"/support/t/{'x' * 43}"):
        assert reply(visitor, address, "Mine?", part("a.txt", b"x")) == 404, address
    assert reply(town.visitor(), f"/support/{theirs}", "Mine?", part("a.txt", b"x")) == 303
    assert (world.stored(Attachment), world.stored(TicketMessage)) == ([], [])


def test_the_conversation_tells_what_happened_and_only_what_a_customer_may_know(
    town: Town,
) -> None:
    visitor, address, ticket_id = desk(town, "customer")
    sam, max_ = world.person(Role.SUPPORT, name="Sam"), world.person(Role.SUPPORT, name="Maxine")
    world.on_ticket(ticket_id, tickets.set_priority, Priority.URGENT, actor=max_)
    world.note(ticket_id, max_, NOTE)
    world.answer(ticket_id, sam, "Try again.", Status.WAITING_USER)
    world.move(ticket_id, Status.RESOLVED, sam, resolution="Restarted it.")
    visitor.go(address)
    moves = re.findall(r'class="move is-(\w+)"', visitor.page.text)
    assert moves == ["waiting_user", "resolved"]
    assert "Marked as resolved by Sam" in visitor.words
    for hidden in (NOTE, "Maxine", "riority", "urgent", sam.email or "?", max_.email or "?"):
        assert hidden not in visitor.page.text, hidden
    assert reply(visitor, address, "Still broken.") == 303
    visitor.follow()
    assert "Reopened by you" in visitor.words
    order = ["Try again.", "Waiting for you", "Marked as resolved", "Still broken.", "Reopened"]
    places = [visitor.words.index(words) for words in order]
    assert places == sorted(places)


def test_an_agent_without_a_name_stays_without_one(town: Town) -> None:
    visitor, address, ticket_id = desk(town, "guest")
    nameless = world.person(Role.SUPPORT)
    with db.unit_of_work() as session:
        session.get_one(users.User, nameless.user_id).name = ""
    world.move(ticket_id, Status.CLOSED, nameless)
    visitor.go(address)
    assert "Closed by Support" in visitor.words
    assert str(nameless.email) not in visitor.page.text


@pytest.mark.parametrize("who", ["customer", "guest"])
def test_news_come_without_a_reload_and_notes_move_nothing(town: Town, who: str) -> None:
    visitor, address, ticket_id = desk(town, who)
    agent = world.person(Role.SUPPORT, name="Sam")
    page = visitor.go(address).text
    first = visitor.go(f"{address}/thread")
    tag = first.headers["etag"]
    assert f'data-live="{address}/thread"' in page
    assert f'data-tag="{tag.replace(chr(34), "&#34;")}"' in page
    assert first.headers["cache-control"] == "no-store"
    same = visitor.go(f"{address}/thread", **{"If-None-Match": tag})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    note = tickets.Note(content=NOTE)
    file = tickets.check_file("of-the-note.txt", b"x")
    with db.unit_of_work() as session:
        ticket = session.get_one(tickets.Ticket, ticket_id)
        kept = tickets.keep_upload(session, file.name, file.data, actor=agent)
        noted = note.model_copy(update={"attachment_ids": [kept.id]})
        tickets.add_note(session, ticket, noted, actor=agent)
        tickets.set_priority(session, ticket, Priority.URGENT, actor=agent)
    same = visitor.go(f"{address}/thread", **{"If-None-Match": tag})
    assert (same.status_code, same.headers["etag"]) == (304, tag)
    bare = visitor.go(f"{address}/thread")
    assert NOTE not in bare.text
    assert "of-the-note" not in bare.text
    world.answer(ticket_id, agent, "Here is <i>how</i>.")
    new = visitor.go(f"{address}/thread", **{"If-None-Match": tag})
    assert new.status_code == 200
    assert "Here is &lt;i&gt;how&lt;/i&gt;." in new.text
    assert new.headers["etag"] != tag
    assert "<html" not in new.text


def test_news_are_for_the_ticket_s_own_customer(town: Town) -> None:
    visitor = town.signed_in()
    theirs = world.seen(world.ticket(world.person())).ticket_number
    for address in (f"/support/{theirs}", "/support/TICKET-9999", f"/support/t/{'x' * 43}"):
        assert visitor.go(f"{address}/thread", **{"If-None-Match": "*"}).status_code == 404
    assert town.visitor().go(f"/support/{theirs}/thread").status_code == 303


# --- the vote -------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["customer", "guest"])
def test_a_vote_from_the_mail(town: Town, clock: Clock, who: str) -> None:
    visitor, address, ticket_id = desk(town, who)
    email = "gus@example.org" if who == "guest" else "ann@example.com"
    agent = world.person(Role.SUPPORT)
    visitor.go(f"{address}/rating")
    assert "We are not done with this yet." in visitor.words
    world.move(ticket_id, Status.RESOLVED, agent, resolution="Restarted it.")
    (mail,) = world.mails("ticket_resolved")
    link = town.link_to(email, "/rating")
    assert link.endswith(f"{address}/rating")
    assert f'{link}"' in mail.html
    for _ in range(2):  # a mail scanner looks, too
        visitor.go(link)
        assert visitor.page.status_code == 200
    assert world.stored(TicketRating) == []
    visitor.send(link, score="4", comment="Quick.")
    assert visitor.page.headers["location"] == address
    visitor.follow()
    assert "Thank you. You can change your vote for a week." in visitor.words
    assert re.search(r'name="score" value="4"[^>]*checked', visitor.page.text)
    clock.forward(days=6)
    visitor.go(address)
    visitor.send(f"{address}/rating", score="2", comment="It broke again.")
    (rating,) = world.stored(TicketRating)
    assert (rating.score, rating.comment) == (2, "It broke again.")
    clock.forward(days=2)
    visitor.go(link)
    assert "You voted “Poor”." in visitor.words
    assert "<form" not in visitor.page.text.partition("<main")[2]
    assert visitor.post(link, {"score": "5"}).status_code == 409
    assert world.stored(TicketRating)[0].score == 2
    assert world.seen(ticket_id).status == "resolved", "a vote is about the ticket, no change of it"


def test_a_wrong_vote_is_said_at_the_field(town: Town) -> None:
    visitor, address, ticket_id = desk(town, "customer")
    assert visitor.post(f"{address}/rating", {"score": "5"}).status_code == 409
    world.move(ticket_id, Status.RESOLVED, world.person(Role.SUPPORT), resolution="Done.")
    for score in ("", "0", "6", "1.5", "five", "5\0"):
        visitor.post(f"{address}/rating", {"score": score, "comment": "Kept words"})
        assert visitor.page.status_code == 422, score
        assert 'id="score-wrong"' in visitor.page.text, score
        assert "Kept words</textarea>" in visitor.page.text
    visitor.post(f"{address}/rating", {"score": "3", "comment": "x" * 2_001})
    assert visitor.page.status_code == 422
    assert 'id="comment-wrong"' in visitor.page.text
    assert re.search(r'name="score" value="3"[^>]*checked', visitor.page.text)
    visitor.post(f"{address}/rating", {"score": "3", "status": "closed"})
    assert visitor.page.status_code == 422
    assert world.stored(TicketRating) == []


def test_nobody_votes_on_what_is_not_theirs(town: Town) -> None:
    visitor = town.signed_in()
    theirs = world.ticket_in(Status.RESOLVED, world.person(), world.person(Role.SUPPORT))
    number = world.seen(theirs).ticket_number
    for address in (f"/support/{number}", "/support/TICKET-9999", f"/support/t/{'x' * 43}"):
        assert visitor.go(f"{address}/rating").status_code == 404
        assert visitor.post(f"{address}/rating", {"score": "1"}).status_code == 404
    outside = town.visitor()
    outside.post(f"/support/{number}/rating", {"score": "1"})
    assert outside.page.headers["location"] == f"/login?next=/support/{number}"
    assert world.stored(TicketRating) == []


# --- the list, and the way into an account --------------------------------------------------------


def test_the_list_says_whose_turn_it_is_and_what_to_do_next(town: Town) -> None:
    visitor, _, ticket_id = desk(town, "customer")
    visitor.go("/support")
    assert "your turn" not in visitor.words
    world.answer(ticket_id, world.person(Role.SUPPORT), status=Status.WAITING_USER)
    visitor.go("/support")
    assert "Answered: your turn" in visitor.words
    assert "Waiting for you" in visitor.words
    for query, said in (
        ("status=closed", "None of your tickets is “Closed” now."),
        ("q=zebra", "None of your tickets has all these words."),
        ("q=zebra&status=open", "and the status “Open”"),
        ("page=9", "There are fewer pages than that."),
    ):
        visitor.go(f"/support?{query}")
        assert said in visitor.words, query
        assert 'href="/support/new"' in visitor.page.text.partition("empty")[2]


def test_a_guest_takes_the_ticket_into_an_account(town: Town) -> None:
    visitor, link, ticket_id = guest(town)
    visitor.go(link)
    visitor.send("/register")
    assert "gus@example.org" in visitor.words
    assert visitor.go("/support").status_code == 303, "not before the address is proven"
    visitor.go(town.link_to("gus@example.org", "/login/link/"))
    visitor.send(None, password=world.PASSWORD)
    visitor.follow()
    number = world.seen(ticket_id).ticket_number
    assert f'href="/support/{number}"' in visitor.page.text
    assert visitor.go(f"/support/{number}").status_code == 200
    visitor.go(link)
    assert "Open it among your tickets" in visitor.words
    assert 'action="/register"' not in visitor.page.text
    me_now = world.stored(users.User, email="gus@example.org")[0]
    assert (me_now.name, me_now.email_verified_at is not None) == ("Gus", True)


def test_whoever_has_only_the_link_does_not_get_the_account(town: Town) -> None:
    """The way in goes to the mailbox, and for one who has a password it changes nothing."""
    town.signed_in("gus@example.org", "Gus himself")
    visitor, link, _ = guest(town)
    before = world.stored(users.User, email="gus@example.org")[0]
    visitor.go(link)
    visitor.send("/register")
    assert visitor.go("/support").status_code == 303
    after = world.stored(users.User, email="gus@example.org")[0]
    assert (after.name, after.password_hash) == (before.name, before.password_hash)
    assert world.mails(recipient="gus@example.org")[-1].kind == "link_existing_account"


def test_a_page_that_is_left_open_keeps_nobody_signed_in(town: Town, clock: Clock) -> None:
    """Idle is who does nothing, however often their browser asks for news."""
    visitor = town.signed_in()
    with db.unit_of_work() as session:
        mine = users.get(session, "ann@example.com", actor=operator())
        users.set_role(session, mine, Role.SUPPORT, actor=operator())
    visitor = town.visitor()
    visitor.go("/login")
    visitor.send("/login", email="ann@example.com", password=world.PASSWORD)
    address = f"/support/{world.seen(world.ticket(me())).ticket_number}"
    for hours in (7, 2):
        clock.forward(hours=hours)
        asked = visitor.go(f"{address}/thread").status_code
    assert asked == 303, "nine hours without a deed"
    visitor.go("/login")
    visitor.send("/login", email="ann@example.com", password=world.PASSWORD)
    clock.forward(hours=7)
    assert visitor.go(address).status_code == 200
    clock.forward(hours=4)
    assert visitor.go(f"{address}/thread").status_code == 200, "opening a page is a deed"
