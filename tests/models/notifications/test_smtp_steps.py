"""Each step of SMTP and each way to fail there; and an hour without a server."""

import time
from collections import Counter
from datetime import timedelta
from itertools import product

import pytest

from models import db, notifications, settings
from models.adapters.mail import SmtpMailer
from models.notifications import Delivered, deliver_due
from tests.models.adapters.smtp import free_port
from tests.models.adapters.stubborn import (
    CERTIFICATE,
    CLOSES,
    DATA,
    DOT,
    EHLO,
    FAULTS,
    GREETING,
    HANGS,
    LATER,
    MAIL,
    NEVER,
    QUIT,
    RCPT,
    STARTTLS,
    STEPS,
    stubborn_server,
)
from tests.models.notifications.conftest import Clock
from tests.models.notifications.outbox import person, put, put_many, row, statuses

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
MINUTE = timedelta(minutes=1)
TIMEOUT = 0.3
# A hang ends after the timeout; on the way out a server has one second to answer QUIT.
LONGEST = TIMEOUT + 1.0 + 2.0
# Of three mails the first meets the fault. Nothing is known of the mail when the server itself
# fails, and then nobody asks again in this round; a refused sender is our own setting, too.
_AWAY, _ALONE = ["waiting"] * 3, ["waiting", "sent", "sent"]
_REFUSED, _SENT = ["dead", "sent", "sent"], ["sent"] * 3
EXPECTED = {
    **{(step, fault): _AWAY for step in (GREETING, EHLO, STARTTLS) for fault in FAULTS},
    **{(MAIL, fault): _AWAY for fault in (LATER, NEVER)},
    **{(step, fault): _ALONE for step in (RCPT, DATA, DOT) for fault in (HANGS, CLOSES, LATER)},
    **{(MAIL, fault): _ALONE for fault in (HANGS, CLOSES)},
    **{(step, NEVER): _REFUSED for step in (RCPT, DATA, DOT)},
    **{(QUIT, fault): _SENT for fault in FAULTS},
}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers get little time."""
    defaults = {"own_name": "localhost", "timeout": TIMEOUT}
    monkeypatch.setattr(SmtpMailer.__init__, "__kwdefaults__", defaults)


def use(monkeypatch: pytest.MonkeyPatch, port: int, scheme: str = "smtp") -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    monkeypatch.setenv("SUPPORT_SMTP_URL", f"{scheme}://localhost:{port}")
    settings.current.cache_clear()


def test_every_step_and_fault_is_expected() -> None:
    assert EXPECTED.keys() == set(product(STEPS, FAULTS))


@SQLITE
@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("step", "fault"), EXPECTED)
def test_a_server_that_fails_at_a_step(
    database: db.Database, monkeypatch: pytest.MonkeyPatch, clock: Clock, step: str, fault: str
) -> None:
    """B-3: the mail ends where it belongs, the others flow, none is lost and none goes twice."""
    ids = [put() for _ in range(3)]
    scheme = "smtp+starttls" if step == STARTTLS else "smtp"
    # Refused in new words (EHLO), a client asks in the old ones (HELO).
    times = 2 if step == EHLO and fault in (LATER, NEVER) else 1
    with stubborn_server(step, fault, times=times, with_tls=step == STARTTLS) as server:
        use(monkeypatch, server.port, scheme)
        began = time.monotonic()
        deliver_due()
        assert time.monotonic() - began < LONGEST
        assert server.times == 0, "the fault was met"
        assert statuses() == EXPECTED[step, fault]
        clock.time += timedelta(hours=1)
        deliver_due()
        clock.time += timedelta(hours=1)
        assert deliver_due() == Delivered()
    is_refused = EXPECTED[step, fault] is _REFUSED
    assert statuses() == (_REFUSED if is_refused else _SENT)
    assert Counter(server.taken) == Counter(ids[1:] if is_refused else ids)
    counted = EXPECTED[step, fault] is _ALONE
    assert [row(one).attempts for one in ids] == [2 if counted else 1, 1, 1]


@SQLITE
@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("step", [MAIL, RCPT, DATA, DOT])
def test_a_server_that_hangs_with_every_mail_costs_each_its_time_alone(
    database: db.Database, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    put_many(3)
    with stubborn_server(step, HANGS, times=99) as server:
        use(monkeypatch, server.port)
        began = time.monotonic()
        assert deliver_due() == Delivered(delayed=3)
        assert time.monotonic() - began < 3 * LONGEST
    assert server.taken == []


@SQLITE
@pytest.mark.usefixtures("quick")
def test_a_server_without_the_new_words_is_spoken_to_in_the_old_ones(
    database: db.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put()
    with stubborn_server(EHLO, NEVER) as server:
        use(monkeypatch, server.port)
        assert deliver_due() == Delivered(sent=1)


def test_an_hour_without_a_server(
    database: db.Database, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """B-21: an alarm after 15 minutes; ten after its return all is out, each mail once."""
    port, began = free_port(), clock.time
    ids: list[str] = []
    use(monkeypatch, port)
    alarms, tries = [], Counter[str]()
    while clock.time - began < timedelta(hours=1):
        if len(ids) < 5:
            ids.append(put())  # people go on writing
        before = {one: row(one).due_at for one in ids}
        deliver_due()
        tries.update(one for one in ids if row(one).due_at != before[one])
        with db.reading() as session:
            health = notifications.health(session)
        assert (health.waiting, health.dead) == (len(ids), 0)
        alarms.append((clock.time - began, health.is_late))
        clock.time += MINUTE
    assert all(late == (age > 15 * MINUTE) for age, late in alarms)
    assert all(12 <= tries[one] <= 25 for one in ids)  # 1, 1.., 2.., 4.., then every 5 minutes
    returned = clock.time
    with stubborn_server(port=port) as server:
        while len(server.taken) < len(ids):
            assert clock.time - returned <= 10 * MINUTE
            deliver_due()
            clock.time += MINUTE
        clock.time += timedelta(days=2)
        assert deliver_due() == Delivered()
    assert Counter(server.taken) == Counter(ids)
    with db.reading() as session:
        assert not notifications.health(session).is_late


@SQLITE
def test_waits_for_an_absent_server_grow_and_are_no_two_alike(
    database: db.Database, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """B-21: from one minute up, so that not all mails of an outage come back at once."""
    use(monkeypatch, free_port())
    ids = put_many(20)
    deliver_due()
    first = {(row(one).due_at - clock.time) / MINUTE for one in ids}
    clock.time += timedelta(hours=1)
    deliver_due()
    later = {(row(one).due_at - clock.time) / MINUTE for one in ids}
    assert all(0.8 <= wait <= 1.2 for wait in first)
    assert all(4 <= wait <= 6 for wait in later)
    assert len(first) > 10
    assert len(later) > 10


@SQLITE
def test_a_refused_recipient_does_not_block_the_rest_of_a_crowd(
    database: db.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [put(to=person(email=f"p{number}@example.com")) for number in range(30)]
    with stubborn_server(RCPT, NEVER) as server:
        use(monkeypatch, server.port)
        assert deliver_due() == Delivered(sent=29, dead=1)
        assert Counter(server.taken) == Counter(ids[1:])
        assert row(ids[0]).last_error == "554 5.7.1 Not here"


@SQLITE
@pytest.mark.usefixtures("quick")
def test_a_server_that_goes_with_the_mail_in_hand_says_so(
    database: db.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = put()
    with stubborn_server(DOT, CLOSES) as server:
        use(monkeypatch, server.port)
        deliver_due()
    assert (row(mail).last_error or "").startswith("connection lost: ")
