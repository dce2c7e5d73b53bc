"""What `enqueue` writes, when it wakes the worker, and what `health` counts."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models import db, notifications, settings
from models.base import now
from models.errors import Invalid
from models.notifications import MailKind, OutboxMail, worker
from models.users import User
from tests.models.notifications.outbox import (
    CONTEXT,
    SECRET_URL,
    change,
    person,
    put,
    row,
    statuses,
)


@pytest.fixture
def bells(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    rung: list[int] = []

    class Bell:
        def wake(self) -> None:
            rung.append(1)

    monkeypatch.setattr(worker, "_active", Bell())
    return rung


def test_the_row_and_its_headers(database: db.Database) -> None:
    mail = row(put())
    host = "127.0.0.1"
    assert (mail.recipient, mail.recipient_name) == ("jane@example.com", "Jane Doe")
    assert (mail.status, mail.attempts, mail.kind) == ("waiting", 0, "ticket_reply")
    assert mail.message_id == f"<{mail.id}@{host}>"
    assert mail.headers == {
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }


@pytest.mark.parametrize("kind", list(MailKind))
def test_each_kind_says_that_a_machine_wrote_it(database: db.Database, kind: MailKind) -> None:
    receipt = kind in (MailKind.TICKET_RECEIVED, MailKind.TICKET_RECEIVED_GUEST)
    expected = "auto-replied" if receipt else "auto-generated"
    assert row(put(kind)).headers["Auto-Submitted"] == expected


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_mails_of_a_ticket_form_a_thread(database: db.Database) -> None:
    with db.unit_of_work() as session:
        mail = notifications.enqueue(
            session, MailKind.TICKET_REPLY, to=person(), context=CONTEXT, ticket_id="the-ticket"
        )
        session.expunge_all()  # there is no such ticket
    assert mail is not None
    assert mail.headers["In-Reply-To"] == "<ticket.the-ticket@127.0.0.1>"
    assert mail.headers["References"] == mail.headers["In-Reply-To"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", list(MailKind))
def test_an_address_nobody_has_proven_gets_no_name(database: db.Database, kind: MailKind) -> None:
    mail = row(put(kind, to=User(name="Visit evil.example", email="a@b.example"), title=None))
    assert mail.recipient_name == ""
    assert "evil" not in mail.subject + mail.text + mail.html


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "kind", [MailKind.TICKET_RECEIVED_GUEST, *(k for k in MailKind if k.name.startswith("LINK"))]
)
def test_mails_that_anybody_can_cause_never_have_a_name(
    database: db.Database, kind: MailKind
) -> None:
    mail = row(put(kind))
    assert mail.recipient_name == ""
    assert "Jane" not in mail.text + mail.html


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_person_without_an_address_gets_no_mail(database: db.Database) -> None:
    with db.unit_of_work() as session:
        nobody = person(email=None)
        kind = MailKind.TICKET_REPLY
        assert notifications.enqueue(session, kind, to=nobody, context=CONTEXT) is None
    assert statuses() == []


def test_the_longest_of_everything_fits(
    database: db.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = ".".join(["label-of-a-long-name"] * 11)
    monkeypatch.setenv("SUPPORT_BASE_URL", f"https://{host}")
    monkeypatch.setenv("SUPPORT_PRODUCT_NAME", "é" * 60)
    settings.current.cache_clear()
    email = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.ee"
    mail = row(put(to=person("é" * 120, email), title="é" * 200, text="é" * 20_000))
    assert len(mail.subject) == 200
    assert len(mail.message_id) <= 200


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b", "a\x1bb", "a\u2028b"])
def test_no_text_makes_the_deed_fail_that_writes_the_mail(database: db.Database, text: str) -> None:
    mail = row(put(title=text, text=text, customer_name=text, agent_name=text))
    assert "\0" not in mail.subject + mail.text + mail.html


def test_the_worker_is_woken_once_after_the_commit(database: db.Database, bells: list[int]) -> None:
    with db.unit_of_work() as session:
        for _ in range(3):
            notifications.enqueue(session, MailKind.TICKET_REPLY, to=person(), context=CONTEXT)
        assert bells == []
    assert bells == [1]
    assert statuses() == ["waiting"] * 3


def test_a_rollback_leaves_no_mail_and_wakes_nobody(
    database: db.Database, bells: list[int]
) -> None:
    def refused_deed() -> None:
        with db.unit_of_work() as session:
            notifications.enqueue(session, MailKind.TICKET_REPLY, to=person(), context=CONTEXT)
            raise Invalid({"title": "Please write something here."})

    with pytest.raises(Invalid):
        refused_deed()
    assert bells == []
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(OutboxMail)) == 0


def test_health(database: db.Database) -> None:
    with db.reading() as session:
        assert notifications.health(session) == notifications.OutboxHealth(0, 0, None)
    oldest = now() - timedelta(hours=2)
    change(put(MailKind.LINK_SIGN_IN, url=SECRET_URL), created_at=oldest)
    put()
    change(put(), status="dead", created_at=oldest - timedelta(days=1))
    change(put(), status="sent", sent_at=now())
    with db.reading() as session:
        assert notifications.health(session) == notifications.OutboxHealth(2, 1, oldest)
