"""Delivery: each mail once, failures tried again in time, no mail in the way of another."""

import logging
from contextlib import AbstractContextManager
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from models import db, settings
from models.adapters.mail import MailDelayed, MailRefused, MailServerAway, SmtpMailer
from models.base import now
from models.errors import Unavailable
from models.notifications import Delivered, MailKind, check, deliver_due, delivery
from tests.models.adapters.smtp import USER, free_port, post_office, silent_server
from tests.models.notifications.conftest import Clock
from tests.models.notifications.outbox import (
    SECRET_URL,
    Pigeon,
    change,
    header_lines,
    person,
    put,
    row,
    statuses,
)

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
MINUTE = timedelta(minutes=1)


# --- the ways of a mail ---------------------------------------------------------------------------


def test_a_mail_goes_out_over_smtp(database: db.Database, use_server: Any) -> None:
    sent, waiting = put(), put(due_at=now() + timedelta(seconds=30))
    with post_office() as post:
        use_server(post.port)
        assert deliver_due() == Delivered(sent=1)
        assert deliver_due() == Delivered()
    [mail] = post.messages
    assert post.received[0].rcpt_tos == ["jane@example.com"]
    assert mail["Message-ID"] == f"<{sent}@127.0.0.1>"
    assert mail["Subject"] == "[TICKET-0042] The gateway is offline"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert abs(mail["Date"].datetime - now()) < MINUTE
    assert mail.get_content_type() == "multipart/alternative"
    assert (row(sent).status, row(sent).attempts) == ("sent", 1)
    assert row(waiting).status == "waiting"


@SQLITE
def test_without_a_server_mails_are_files(database: db.Database) -> None:
    put(MailKind.LINK_SIGN_IN, url=SECRET_URL)
    assert deliver_due() == Delivered(sent=1)
    [file] = (settings.current().data_dir / "mail").iterdir()
    assert "-link-sign-in-to-jane-at-example.com-" in file.name
    assert SECRET_URL in file.read_text()
    assert message_from_bytes(file.read_bytes(), policy=policy.default)["To"] == "jane@example.com"


def test_the_words_of_sent_mails_are_not_kept(database: db.Database) -> None:
    link = put(MailKind.LINK_SIGN_IN, url=SECRET_URL)
    assert SECRET_URL in row(link).text + row(link).html
    deliver_due(mailer=Pigeon())
    assert (row(link).text, row(link).html) == ("", "")
    with db.reading() as session:
        everything = session.execute(text("SELECT * FROM outbox_mails")).all()
    assert "the-private-token" not in str(everything)


def test_oldest_first_and_not_more_than_asked(database: db.Database) -> None:
    ids = [put() for _ in range(4)]
    change(ids[3], due_at=now() - timedelta(hours=1))
    pigeon = Pigeon()
    assert deliver_due(2, pigeon) == Delivered(sent=2)
    assert [mail["Message-ID"].split("@")[0][1:] for mail in pigeon.sent] == [ids[3], ids[0]]
    assert [row(one).claimed_until for one in ids] == [None] * 4


@SQLITE
def test_it_can_be_asked_where_mail_goes(database: db.Database, use_server: Any) -> None:
    assert check() == f"files in {settings.current().data_dir / 'mail'}"
    with post_office() as post:
        use_server(post.port)
        assert check() == f"SMTP server localhost:{post.port}"
    with pytest.raises(MailServerAway):
        check()
    assert post.received == []


# --- failures -------------------------------------------------------------------------------------


def test_a_temporary_failure_is_tried_again_later_each_time_twice_as_late(
    database: db.Database, clock: Clock
) -> None:
    mail = put()
    pigeon = Pigeon(*[MailDelayed("451 greylisted")] * 8)
    waits = []
    for _ in range(8):
        assert deliver_due(mailer=pigeon) == Delivered(delayed=1)
        assert deliver_due(mailer=pigeon) == Delivered()
        waits.append((row(mail).due_at - clock.time) / MINUTE)
        clock.time = row(mail).due_at
    for wait, expected in zip(waits, [1, 2, 4, 8, 16, 32, 60, 60], strict=True):
        assert 0.8 * expected <= wait <= 1.2 * expected
    assert len({wait % 1 for wait in waits}) > 4  # jitter
    assert (row(mail).attempts, row(mail).last_error) == (8, "451 greylisted")
    assert deliver_due(mailer=pigeon) == Delivered(sent=1)
    assert row(mail).last_error is None


@SQLITE
def test_after_a_day_of_tries_a_mail_is_given_up(database: db.Database, clock: Clock) -> None:
    mail = put()
    pigeon = Pigeon(*[MailDelayed("451 greylisted")] * 100)
    began = clock.time
    while row(mail).status == "waiting":
        deliver_due(mailer=pigeon)
        clock.time = max(clock.time, row(mail).due_at)
    assert timedelta(hours=20) < clock.time - began < timedelta(hours=30)
    assert row(mail).last_error == "given up after 30 tries: 451 greylisted"
    assert pigeon.tries == 30


def test_a_permanent_refusal_is_the_end_of_that_mail_alone(
    database: db.Database, use_server: Any
) -> None:
    first, second = put(), put()
    with post_office() as post:
        use_server(post.port)
        post.at_recipient = "550 5.1.1 No such user"
        assert deliver_due(1) == Delivered(dead=1)
        post.at_recipient = None
        assert deliver_due() == Delivered(sent=1)
    assert (row(first).status, row(second).status) == ("dead", "sent")
    assert row(first).last_error == "550 5.1.1 No such user"
    assert row(first).claimed_until is None


def test_when_the_server_is_away_nothing_is_lost_and_all_is_out_soon_after(
    database: db.Database, clock: Clock
) -> None:
    """A day without a server; each mail leaves within ten minutes of its return."""
    ids = [put() for _ in range(3)]
    away = Pigeon(*[MailServerAway("localhost:25: connection refused")] * 10_000)
    returns = clock.time + timedelta(days=1)
    while clock.time < returns:
        deliver_due(mailer=away)
        clock.time += 10 * MINUTE
    assert statuses() == ["waiting"] * 3
    assert away.tries > 24 * 60 / 20
    back = Pigeon()
    while len(back.sent) < 3:
        deliver_due(mailer=back)
        clock.time += MINUTE
    assert clock.time - returns <= timedelta(minutes=10)
    assert [row(one).attempts for one in ids] == [1] * 3


def test_a_server_that_is_away_is_asked_once_a_round(database: db.Database) -> None:
    for _ in range(5):
        put()
    pigeon = Pigeon(*[MailServerAway("connection refused")] * 5)
    assert deliver_due(mailer=pigeon) == Delivered(delayed=5)
    assert pigeon.tries == 1


@SQLITE
def test_a_server_that_hangs_or_is_not_there(
    database: db.Database, use_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    defaults = {"own_name": "localhost", "timeout": 0.2}
    monkeypatch.setattr(SmtpMailer.__init__, "__kwdefaults__", defaults)
    mail = put()
    with silent_server() as port:
        use_server(port)
        assert deliver_due() == Delivered(delayed=1)
    change(mail, due_at=now())
    use_server(free_port(), f"{USER}:hidden-word@")
    assert deliver_due() == Delivered(delayed=1)
    assert "refused" in (row(mail).last_error or "")
    assert "hidden" not in (row(mail).last_error or "")


@pytest.mark.parametrize(
    "poison",
    [
        {"recipient": "v@x.example, evil@y.example"},
        {"recipient": "v@x.example\r\nBcc: evil@y.example"},
        {"recipient": ""},
        {"headers": {"Subject": "two"}},
        {"headers": {"X-A\r\nBcc": "evil@y.example"}},
        {"headers": [1, 2]},
        {"headers": {"X": 5}},
        {"message_id": "<a>\r\nBcc: evil@y.example"},
        {"kind": "a\r\nBcc: evil@y.example"},
    ],
)
def test_a_row_that_is_no_mail_is_given_up_and_blocks_nobody(
    database: db.Database, poison: dict[str, Any]
) -> None:
    ids = [put() for _ in range(3)]
    change(ids[1], **poison)
    pigeon = Pigeon()
    assert deliver_due(mailer=pigeon) == Delivered(sent=2, dead=1)
    assert statuses() == ["sent", "dead", "sent"]
    assert (row(ids[1]).last_error or "").startswith("cannot be made: ")
    assert "evil" not in (row(ids[1]).last_error or "")


@SQLITE
@pytest.mark.parametrize(
    "damage", ["created_at = 'yesterday'", "headers = '{'", "attempts = 'many'"]
)
def test_a_damaged_row_blocks_nobody(database: db.Database, damage: str) -> None:
    ids = [put() for _ in range(3)]
    with db.unit_of_work() as session:
        session.execute(text("PRAGMA ignore_check_constraints = ON"))
        statement = f"UPDATE outbox_mails SET {damage} WHERE id = :id"  # noqa: S608  # our own
        session.execute(text(statement), {"id": ids[1]})
    pigeon = Pigeon()
    deliver_due(mailer=pigeon)
    sent = {mail["Message-ID"].split("@")[0][1:] for mail in pigeon.sent}
    assert {ids[0], ids[2]} <= sent
    assert "waiting" not in statuses()


def test_an_error_nobody_thought_of_delays_that_mail_alone(database: db.Database) -> None:
    put(), put()
    pigeon = Pigeon(RuntimeError("the words of the mail"))
    assert deliver_due(mailer=pigeon) == Delivered(sent=1, delayed=1)


def test_attackers_words_reach_the_wire_as_words(database: db.Database, use_server: Any) -> None:
    payload = "=?utf-8?q?=0d=0aBcc:=20evil@y.example?= \r\nBcc: evil@y.example\0\x0b\u2028\ud800"
    put(to=person("Jane"))
    put(to=person(payload), title=payload, text=payload, agent_name=payload)
    with post_office() as post:
        use_server(post.port)
        assert deliver_due() == Delivered(sent=2)
    assert [one.rcpt_tos for one in post.received] == [["jane@example.com"]] * 2
    plain, bent = (header_lines(one.original_content or b"") for one in post.received)
    assert bent == plain


# --- ends and beginnings --------------------------------------------------------------------------


def test_a_database_that_is_away_after_the_sending_does_not_send_twice(
    database: db.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = put()
    monkeypatch.setattr(delivery, "NOTE_AGAIN_SECONDS", 0.01)
    real, failures = db.unit_of_work, [1, 2, 3]

    def failing_when_sent() -> AbstractContextManager[Session]:
        if pigeon.sent and failures:
            failures.pop()
            raise Unavailable
        return real()

    pigeon = Pigeon()
    monkeypatch.setattr(delivery, "unit_of_work", failing_when_sent)
    assert deliver_due(mailer=pigeon) == Delivered(sent=1)
    assert failures == []
    assert row(mail).status == "sent"


def test_stopping_between_two_mails_gives_the_rest_back(database: db.Database) -> None:
    for _ in range(3):
        put()
    pigeon = Pigeon()
    assert deliver_due(mailer=pigeon, stopping=lambda: bool(pigeon.sent)) == Delivered(sent=1)
    assert deliver_due(mailer=pigeon) == Delivered(sent=2)


def test_a_mail_whose_lease_ended_while_the_machine_slept_is_left_to_others(
    database: db.Database, clock: Clock
) -> None:
    put(), put()

    class Sleepy(Pigeon):
        def send(self, message: EmailMessage) -> None:
            super().send(message)
            clock.time += delivery.LEASE + MINUTE

    assert deliver_due(mailer=Sleepy()) == Delivered(sent=1)
    assert deliver_due(mailer=Pigeon()) == Delivered(sent=1)


@SQLITE
def test_nothing_due_takes_no_write_lock(
    database: db.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(due_at=now() + MINUTE)

    def refused() -> None:
        raise AssertionError("a write")

    monkeypatch.setattr(delivery, "unit_of_work", refused)
    assert deliver_due(mailer=Pigeon()) == Delivered()


def test_the_log_has_neither_words_nor_secrets(
    database: db.Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "supportdesk")
    for _ in range(4):
        put(MailKind.LINK_SIGN_IN, url=SECRET_URL)
    pigeon = Pigeon(MailDelayed("451"), MailRefused("550"), RuntimeError(SECRET_URL))
    deliver_due(mailer=pigeon)
    assert "451" in caplog.text
    assert "the-private-token" not in caplog.text
