"""Stopping mails to guests: by the page at the foot of each, and by one press in a mail program."""

import pytest

from models.notifications import MailStop
from tests.models.world import stored
from tests.public_site.visitor import Town, Visitor

GUEST = "gus@example.org"
ONE_CLICK = b"List-Unsubscribe=One-Click"
FORM = "application/x-www-form-urlencoded"
MULTIPART = (
    b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
)


def guest_ticket(visitor: Visitor, email: str = GUEST) -> None:
    visitor.go("/support/new")
    visitor.send(
        "/support/new", type="bug", category="gateway", title="Silent", description="Since noon.",
        guestEmail=email,
    )  # fmt: skip
    assert visitor.page.headers["location"] == "/support/sent", visitor.words


@pytest.fixture
def link(town: Town) -> str:
    guest_ticket(town.visitor())
    return town.link_to(GUEST, "/mail/stop/")


def stopped() -> list[str]:
    return [item.address for item in stored(MailStop)]


def test_looking_stops_nothing_a_button_does_and_another_takes_it_back(
    town: Town, link: str
) -> None:
    visitor = town.visitor()
    for _ in range(2):
        page = visitor.go(link)
        assert (page.status_code, page.headers["referrer-policy"]) == (200, "no-referrer")
        assert visitor.client.head(link).status_code == 200
    assert GUEST in visitor.words
    assert stopped() == []
    assert visitor.send(None).status_code == 200
    assert "These e-mails are stopped" in visitor.words
    assert stopped() == [GUEST]
    visitor.go(link)
    assert visitor.send(None).status_code == 200
    assert "Stop our e-mails?" in visitor.words
    assert stopped() == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("kind", "body"),
    [(FORM, ONE_CLICK), ("multipart/form-data; boundary=b", MULTIPART), ("text/plain", b"x")],
)
def test_a_mail_program_stops_them_from_anywhere(
    town: Town, link: str, kind: str, body: bytes
) -> None:
    """RFC 8058: no cookie, no Origin, another site's Origin; and no redirect for an answer."""
    for headers in ({}, {"Origin": "https://mail.example"}, {"Sec-Fetch-Site": "cross-site"}):
        sent = {"Content-Type": kind, **headers}
        answer = town.visitor().client.post(link, content=body, headers=sent)
        assert (answer.status_code, answer.headers.get("set-cookie")) == (200, None)
        assert stopped() == [GUEST]
    empty = town.visitor().client.post(link)
    assert empty.status_code == 200


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_wrong_link_is_a_page_that_says_so(town: Town, link: str) -> None:
    visitor = town.visitor()
    for wrong in (f"{link[:-1]}", f"{link[:-2]}xx", "/mail/stop/x", f"/mail/stop/{'x' * 79}"):
        for answer in (visitor.go(wrong), visitor.post(wrong, {}), visitor.raw(wrong, ONE_CLICK)):
            assert answer.status_code == 404, wrong
            assert GUEST not in answer.text
    assert stopped() == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_form_that_is_none_stops_nothing(town: Town, link: str) -> None:
    for body in (b"again=2", b"again=1&again=1", b"x=1", b"again=%00"):
        answer = town.visitor().raw(link, body)
        assert answer.status_code == 422, body
        assert "Stop our e-mails?" in answer.text
    assert stopped() == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_stopped_them_gets_none_for_a_new_ticket_and_the_answer_does_not_tell(
    town: Town, link: str
) -> None:
    town.visitor().raw(link, ONE_CLICK)
    visitor = town.visitor()
    guest_ticket(visitor)
    told = visitor.follow().text
    guest_ticket(visitor, "other@example.org")
    other = visitor.follow().text
    assert told.replace("TICKET-0002", "") == other.replace("TICKET-0003", "")
    with pytest.raises(AssertionError, match="no mail"):
        town.link_to(GUEST, "/mail/stop/")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_link_is_not_in_the_log(
    town: Town, link: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "supportdesk")
    town.visitor().go(link)
    assert "GET /mail/stop/… 200" in caplog.text
    assert link.rpartition("/")[2] not in caplog.text
