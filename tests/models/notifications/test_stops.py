"""Stopping mails that nobody asked for: who gets the link, what a stop holds back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from pydantic import SecretStr

from models import accounts, audit, db, notifications, settings, tickets
from models.actor import Actor, Role
from models.base import now
from models.db import Database
from models.errors import NotFound
from models.notifications import Delivered, MailStop, deliver_due
from models.tickets import GuestTicket, Status
from tests.models.adapters.smtp import post_office
from tests.models.notifications.outbox import change, person, row
from tests.models.world import (
    OPERATOR,
    answer,
    mails,
    move,
    stored,
    ticket,
    together,
    visitor,
)
from tests.models.world import (
    person as somebody,
)

GUEST = "gus@example.com"
ONE_CLICK = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def guest_ticket(email: str = GUEST) -> str:
    given = {
        "type": "bug", "category": "gateway", "title": "Silent", "description": "Since noon.",
        "guestEmail": email,
    }  # fmt: skip
    with db.unit_of_work() as session:
        deed = GuestTicket.model_validate(given)
        return tickets.create_for_guest(session, deed, actor=visitor()).id


def token_in(mail: notifications.OutboxMail) -> str:
    return mail.headers["List-Unsubscribe"].rpartition("/")[2].removesuffix(">")


def press(token: str, deed: Callable[..., None] = notifications.stop_mails) -> None:
    with db.unit_of_work() as session:
        deed(session, token, actor=visitor())


def kinds_to(email: str) -> list[str]:
    return [mail.kind for mail in mails(recipient=email)]


def test_every_mail_to_a_guest_says_how_to_stop_them(house: Database) -> None:
    made = guest_ticket()
    answer(made, somebody(Role.SUPPORT))
    move(made, Status.RESOLVED, somebody(Role.SUPPORT), resolution="Restarted it.")
    found = mails(recipient=GUEST)
    assert kinds_to(GUEST) == ["ticket_received_guest", "ticket_reply", "ticket_resolved"]
    for mail in found:
        link = mail.headers["List-Unsubscribe"]
        assert link.startswith("<http://127.0.0.1:8000/mail/stop/")
        assert mail.headers.items() >= ONE_CLICK.items()
        assert f"\n{link[1:-1]}\n" in mail.text
        assert f'href="{link[1:-1]}"' in mail.html
        assert GUEST.partition("@")[0] not in link


def test_mails_that_somebody_asked_for_do_not(house: Database) -> None:
    customer, agent = somebody(), somebody(Role.SUPPORT)
    made = ticket(customer)
    answer(made, agent)
    with db.unit_of_work() as session:
        asked = accounts.LinkRequest(email=customer.email or "")
        accounts.request_link(session, asked, actor=visitor())
        new = accounts.Register(email="new@example.com", name="New")
        accounts.register(session, new, actor=visitor())
    found = mails()
    assert {mail.kind for mail in found} == {
        "ticket_received", "ticket_reply", "link_sign_in", "link_set_password",
    }  # fmt: skip
    for mail in found:
        assert "List-Unsubscribe" not in mail.headers
        assert "/mail/stop/" not in mail.text + mail.html


def test_a_stopped_address_gets_no_guests_mail_until_it_takes_that_back(house: Database) -> None:
    made = guest_ticket()
    token = token_in(mails(recipient=GUEST)[0])
    deliver_due(mailer=_Anywhere())
    press(token)
    answer(made, somebody(Role.SUPPORT))
    guest_ticket()
    assert kinds_to(GUEST) == ["ticket_received_guest"]
    guest_ticket("other@example.com")
    assert kinds_to("other@example.com") == ["ticket_received_guest"]
    press(token, notifications.allow_mails)
    answer(made, somebody(Role.SUPPORT))
    assert kinds_to(GUEST) == ["ticket_received_guest", "ticket_reply"]


def test_what_the_person_asks_for_goes_to_a_stopped_address(house: Database) -> None:
    guest_ticket()
    press(token_in(mails(recipient=GUEST)[0]))
    with db.unit_of_work() as session:
        accounts.register(session, accounts.Register(email=GUEST, name="Gus"), actor=visitor())
        accounts.request_link(session, accounts.LinkRequest(email=GUEST), actor=visitor())
    assert kinds_to(GUEST) == ["link_set_password", "link_sign_in"]
    signed_in = _actor_of(GUEST)
    ticket(signed_in)
    assert kinds_to(GUEST)[-1] == "ticket_received"


def test_what_waits_goes_with_the_stop_and_nothing_else_does(house: Database) -> None:
    guest_ticket()
    guest_ticket()
    first, second = mails(recipient=GUEST)
    change(second.id, status="dead", due_at=now() + timedelta(hours=1))
    with db.unit_of_work() as session:
        accounts.register(session, accounts.Register(email=GUEST, name="Gus"), actor=visitor())
    guest_ticket("other@example.com")
    press(token_in(first))
    assert kinds_to(GUEST) == ["link_set_password"]
    assert kinds_to("other@example.com") == ["ticket_received_guest"]


def test_stopping_twice_or_at_once_is_stopping_once(house: Database) -> None:
    guest_ticket()
    token = token_in(mails(recipient=GUEST)[0])
    assert together(4, lambda _: press(token)) == [None] * 4
    assert [item.address for item in stored(MailStop)] == [GUEST]
    for _ in range(2):
        press(token, notifications.allow_mails)
    assert stored(MailStop) == []
    found = [item for item in stored(audit.AuditEntry) if item.action.startswith("mail.")]
    assert [item.action for item in found] == ["mail.stop", "mail.allow"]
    assert token not in str([(item.object_id, item.data) for item in found])


def test_looking_changes_nothing_and_a_forged_link_is_none(house: Database) -> None:
    guest_ticket()
    guest_ticket("other@example.com")
    token = token_in(mails(recipient=GUEST)[0])
    other = token_in(mails(recipient="other@example.com")[0])
    with db.reading() as session:
        info = notifications.stop_info(session, token)
    assert (info.address, info.is_stopped) == (GUEST, False)
    forged = [other[:36] + token[36:], token[:-1], f"{token}x", token[:36], "", "ä\ud800", "x" * 79]
    for wrong in forged:
        for deed in (notifications.stop_mails, notifications.allow_mails):
            with pytest.raises(NotFound):
                press(wrong, deed)
    assert stored(MailStop) == []


def test_another_secret_key_signs_another_link(
    house: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest_ticket()
    token = token_in(mails(recipient=GUEST)[0])
    current = settings.current()
    changed = current.model_copy(update={"secret_key": SecretStr("another key " * 4)})
    monkeypatch.setattr("models.signing.settings", lambda: settings.Settings(**changed.__dict__))
    with pytest.raises(NotFound):
        press(token)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("host", ["help.example.com", ".".join(["label-of-a-name"] * 9), "käse.de"])
def test_the_headers_arrive_whole(
    house: Database, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("SUPPORT_BASE_URL", f"https://{host}")
    settings.current.cache_clear()
    guest_ticket()
    [mail] = mails(recipient=GUEST)
    with post_office() as post:
        monkeypatch.setenv("SUPPORT_SMTP_URL", f"smtp://localhost:{post.port}")
        settings.current.cache_clear()
        assert deliver_due() == Delivered(sent=1)
    [sent] = post.received
    lines = (sent.original_content or b"").replace(b"\r\n ", b" ").split(b"\r\n")
    assert f"List-Unsubscribe: {row(mail.id).headers['List-Unsubscribe']}".encode() in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    ascii_host = host.encode("idna").decode()
    assert f"<https://{ascii_host}/mail/stop/" in row(mail.id).headers["List-Unsubscribe"]


class _Anywhere:
    def send(self, message: object) -> None:
        """It arrives."""

    def check(self) -> str:
        return "anywhere"

    def close(self) -> None:
        """Nothing is open."""


def _actor_of(email: str) -> Actor:
    from models import users

    with db.reading() as session:
        user = users.by_email(session, email)
    assert user is not None
    assert user.id != OPERATOR.user_id
    assert person().id is None
    return users.actor_of(user, door=OPERATOR.door)
