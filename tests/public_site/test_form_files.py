"""Files of the ticket form: with the form itself, kept when it comes back, refused beside it."""

import re
from collections.abc import Mapping

import pytest

from models import tickets
from models.tickets import Attachment
from tests.models.world import Clock, stored
from tests.public_site.api.test_uploads import picture
from tests.public_site.test_new_ticket import ASKED, GUEST
from tests.public_site.visitor import SAME_ORIGIN, Town, Visitor

Sent = tuple[str, bytes, str]


def _send(
    visitor: Visitor, *files: Sent, typed: Mapping[str, str], screenshot: Sent | None = None
) -> Visitor:
    """Send the form that is open with files, as a browser does without a script."""
    known = re.findall(r'name="(key|attachment\.[^"]+)" value="([^"]*)"', visitor.page.text)
    parts = [("files", file) for file in files or [("", b"", "application/octet-stream")]]
    if screenshot:
        parts.append(("screenshot", screenshot))
    visitor.page = visitor.client.post(
        "/support/new", data={**dict(known), **typed}, files=parts, headers=SAME_ORIGIN
    )
    return visitor


def _text(name: str = "a.log", data: bytes = b"line") -> Sent:
    return name, data, "text/plain"


def test_files_of_a_guest_belong_to_the_ticket(town: Town) -> None:
    visitor = town.visitor()
    visitor.go("/support/new")
    photo, shot = (
        ("photo.png", picture(), "image/png"),
        ("screenshot.png", picture(), "image/png"),
    )
    _send(visitor, _text(), photo, screenshot=shot, typed=GUEST)
    assert visitor.page.headers["location"] == "/support/sent"
    [ticket] = stored(tickets.Ticket)
    files = stored(Attachment)
    assert {file.ticket_id for file in files} == {ticket.id}
    assert sorted((file.name, file.kind) for file in files) == [
        ("a.log", "file"), ("photo.png", "file"), ("screenshot.png", "screenshot"),
    ]  # fmt: skip
    assert {file.owner_id for file in files} == {ticket.user_id}
    link = town.link_to("guest@example.org", "/support/t/")
    visitor.go(link)
    [own] = [file for file in files if file.name == "a.log"]
    assert visitor.go(f"{link}/attachments/{own.id}").content == b"line"
    other = town.signed_in()
    assert other.go(f"/api/attachments/{own.id}").status_code == 404


def test_a_form_without_a_file_is_a_form(town: Town) -> None:
    visitor = town.signed_in()
    visitor.go("/support/new")
    _send(visitor, typed=ASKED)
    assert visitor.page.headers["location"] == "/support/TICKET-0001"
    assert stored(Attachment) == []


def test_a_form_that_comes_back_keeps_the_files(town: Town) -> None:
    visitor = town.signed_in()
    visitor.go("/support/new")
    _send(visitor, _text("one.log"), _text("two.log", b"2"), typed={**ASKED, "title": ""})
    assert visitor.page.status_code == 422
    assert "one.log 4 bytes two.log 1 byte" in visitor.words
    assert 'id="title-wrong"' in visitor.page.text
    _send(visitor, _text("three.log", b"3"), typed=ASKED)
    assert visitor.page.headers["location"] == "/support/TICKET-0001"
    assert sorted(file.name for file in stored(Attachment)) == ["one.log", "three.log", "two.log"]
    assert {file.ticket_id for file in stored(Attachment)} == {stored(tickets.Ticket)[0].id}


def test_a_guest_is_told_that_the_files_are_to_be_chosen_again(town: Town) -> None:
    visitor = town.visitor()
    visitor.go("/support/new")
    _send(visitor, _text(), typed={**GUEST, "title": ""})
    assert visitor.page.status_code == 422
    assert "Please choose your files again" in visitor.words
    assert stored(Attachment) == []
    _send(visitor, typed={**GUEST, "title": ""})
    assert "Please choose your files again" not in visitor.words


def test_a_file_of_another_cannot_be_sent_along(town: Town) -> None:
    visitor = town.signed_in()
    visitor.go("/support/new")
    _send(visitor, _text("mine.log"), typed={**ASKED, "title": ""})
    [kept] = stored(Attachment)
    other = town.signed_in("bob@example.com", "Bob")
    for who, form in ((other, ASKED), (town.visitor(), GUEST)):
        who.go("/support/new")
        _send(who, typed={**form, f"attachment.{kept.id}": kept.id})
        assert who.page.status_code == 422
        assert "mine.log" not in who.page.text
        assert 'href="#files">Files</a>: Each file can be attached once' in who.page.text
    assert stored(tickets.Ticket) == []


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([_text("empty.log", b"")], "empty.log: This file is empty."),
        ([_text("big.log", b"x" * 10_000_001)], "big.log: Please send files of at most 10 MB."),
        ([("a.png", b"no picture", "image/png")], "a.png: This is called image/png"),
        ([("a.png", picture()[:60], "image/png")], "a.png: This picture is damaged"),
        ([_text(f"{n}.log") for n in range(6)], "Please send at most 5 files."),
        ([_text("x" * 90)], None),
    ],
)
def test_what_is_wrong_with_a_file_is_said_beside_the_field(
    town: Town, files: list[Sent], said: str | None
) -> None:
    visitor = town.visitor()
    visitor.go("/support/new")
    _send(visitor, *files, typed=GUEST)
    if said is None:
        assert visitor.page.status_code == 303
        return
    assert visitor.page.status_code == 422
    assert said in visitor.words
    assert '<p class="wrong" id="files-wrong">' in visitor.page.text
    assert 'value="The gateway is red"' in visitor.page.text
    assert (stored(tickets.Ticket), stored(Attachment)) == ([], [])


def test_a_screenshot_is_a_picture(town: Town) -> None:
    visitor = town.visitor()
    visitor.go("/support/new")
    _send(visitor, screenshot=_text("screenshot.png"), typed=GUEST)
    assert visitor.page.status_code == 422
    assert "screenshot.png: A screenshot is a picture." in visitor.words


def test_a_form_with_files_sent_twice_is_one_ticket(town: Town) -> None:
    visitor = town.visitor()
    visitor.go("/support/new")
    form = visitor.page
    for _ in range(2):
        visitor.page = form
        _send(visitor, _text(), typed=GUEST)
        assert visitor.page.headers["location"] == "/support/sent"
    assert len(stored(tickets.Ticket)) == len(stored(Attachment)) == 1
    visitor.page = form
    _send(visitor, _text(data=b"other"), typed=GUEST)
    assert "This form was sent already" in visitor.words


def test_guests_cannot_send_files_without_end(town: Town, clock: Clock) -> None:
    """Also of forms that are refused, since looking at pictures takes the machine's time."""
    visitor = town.visitor()
    wrong = {**GUEST, "title": ""}
    for _ in range(30):
        visitor.go("/support/new")
        assert _send(visitor, _text(), typed=wrong).page.status_code == 422
    assert _send(visitor, _text(), typed=wrong).page.status_code == 429
    assert _send(visitor, typed=wrong).page.status_code == 422
    clock.forward(hours=1, seconds=1)
    assert _send(visitor, _text(), typed=wrong).page.status_code == 422


def test_parts_have_their_limits(town: Town) -> None:
    visitor = town.visitor()
    visitor.go("/support/new")
    assert _send(visitor, *[_text()] * 21, typed=GUEST).page.status_code == 400
    assert _send(visitor, typed={**GUEST, "description": "x" * 300_000}).page.status_code == 400
    many = {f"a{n}": "1" for n in range(61)}
    assert _send(visitor, typed=many).page.status_code == 400
    text = "x" * 190_000
    assert _send(visitor, typed={f"a{n}": text for n in range(6)}).page.status_code == 413
    multipart = {"Content-Type": "multipart/form-data; boundary=b"}
    assert visitor.raw("/support/new", b"x" * 61_000_001, **multipart).status_code == 413
    assert "Please send at most 5 files of 10 MB each." in visitor.words
    assert visitor.raw("/login", b"--b--", **multipart).status_code == 415
    assert stored(tickets.Ticket) == []
