"""Files of a reply that is refused: kept for its sender, and never read for whoever may not."""

from typing import Any

import pytest

from models.tickets import Attachment, TicketMessage
from public_site import forms
from tests.models import world
from tests.public_site.test_my_ticket import desk, guest, me, part, reply
from tests.public_site.visitor import SAME_ORIGIN, Town


def test_a_reply_that_comes_back_keeps_the_files(town: Town) -> None:
    visitor, address, ticket_id = desk(town, "customer")
    assert reply(visitor, address, " ", part("a.txt", b"x"), part("b.txt", b"xy")) == 422
    assert 'id="content-wrong"' in visitor.page.text
    assert "a.txt 1 byte b.txt 2 bytes" in visitor.words, visitor.words
    assert "Please choose your files again." not in visitor.words
    kept = {f"attachment.{row.id}": row.id for row in world.stored(Attachment)}
    assert all(f'name="{name}" value="{value}" checked' in visitor.page.text
               for name, value in kept.items())  # fmt: skip
    many = [part(f"{n}.txt", b"x") for n in range(4)]
    assert reply(visitor, address, "Six files.", *many, **kept) == 422
    assert "at most 5 files" in visitor.words
    assert "a.txt 1 byte b.txt 2 bytes" in visitor.words
    kept.popitem()  # unticked
    assert reply(visitor, address, "Two files.", part("c.txt", b"c"), **kept) == 303
    (message,) = world.stored(TicketMessage, ticket_id=ticket_id)
    files = world.stored(Attachment)
    assert {row.name: row.message_id for row in files} == {
        "a.txt": message.id, "b.txt": None, "c.txt": message.id,
    }  # fmt: skip


def test_a_kept_file_of_another_cannot_be_sent_along(town: Town) -> None:
    visitor, address, _ = desk(town, "customer")
    assert reply(visitor, address, " ", part("mine.txt", b"x")) == 422
    (kept,) = world.stored(Attachment)
    other = town.signed_in("bob@example.com", "Bob")
    theirs = f"/support/{world.seen(world.ticket(me('bob@example.com'))).ticket_number}"
    for who, place in ((other, theirs), guest(town)[:2]):
        assert reply(who, place, "Mine?", **{f"attachment.{kept.id}": kept.id}) == 422
        assert "mine.txt" not in who.page.text
        assert 'href="#files">Files</a>: Each file can be attached once' in who.page.text
    assert world.stored(TicketMessage) == []


def test_a_guests_reply_that_comes_back_says_that_files_are_to_be_chosen_again(town: Town) -> None:
    visitor, address, _ = desk(town, "guest")
    assert reply(visitor, address, " ", part("a.txt", b"x")) == 422
    assert "Please choose your files again." in visitor.words
    assert reply(visitor, address, "a", part("a.txt", b"x"), isInternal="true") == 422
    assert world.stored(Attachment) == []


@pytest.mark.parametrize("who", ["nobody", "customer", "guest"])
def test_whose_ticket_it_is_is_asked_before_the_body_is_read(town: Town, who: str) -> None:
    """So that nobody makes us take in megabytes for what is refused anyway."""
    theirs = world.seen(world.ticket(world.person())).ticket_number
    address = "/support/t/" + "x" * 43 if who == "guest" else f"/support/{theirs}"
    visitor = town.signed_in() if who == "customer" else town.visitor()
    kind = {"Content-Type": "multipart/form-data; boundary=b", **SAME_ORIGIN}
    read: list[object] = []
    received = forms.received

    async def noted(*given: Any, **more: Any) -> Any:
        read.append(given)
        return await received(*given, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("public_site.door.received", noted)
        got = visitor.client.post(f"{address}/messages", content=b"x", headers=kind)
    assert got.status_code == (303 if who == "nobody" else 404)
    assert read == []


@pytest.mark.parametrize("who", ["customer", "guest"])
def test_words_where_a_file_belongs_are_refused_and_not_dropped(town: Town, who: str) -> None:
    visitor, address, _ = desk(town, who)
    sent = {"content": "See the file.", "files": "gateway.log"}
    assert (
        visitor.client.post(f"{address}/messages", data=sent, headers=SAME_ORIGIN).status_code
        == 422
    )
    assert world.stored(TicketMessage) == []
