"""Delivery by several workers, and by one that dies: no mail lost, none sent twice."""

import subprocess
import sys
import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models import db
from models.notifications import Delivered, OutboxMail, deliver_due, delivery
from tests.models.adapters.smtp import post_office
from tests.models.notifications.conftest import Clock
from tests.models.notifications.outbox import Pigeon, put, put_many, statuses

POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgres)
MINUTE = timedelta(minutes=1)


def test_four_workers_deliver_each_of_many_mails_once(
    database: db.Database, use_server: Any
) -> None:
    ids = put_many(80)
    with post_office() as post:
        use_server(post.port)
        threads = [threading.Thread(target=_until_empty) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(300)
    got = Counter(mail["Message-ID"].split("@")[0][1:] for mail in post.messages)
    assert got == Counter(ids)
    assert set(statuses()) == {"sent"}


def _until_empty() -> None:
    while deliver_due(7).sent:
        pass


@pytest.mark.parametrize("count", [80, pytest.param(1_000, marks=pytest.mark.torture)])
def test_four_processes_deliver_each_of_many_mails_once(
    database: db.Database, use_server: Any, count: int
) -> None:
    ids = put_many(count)
    with post_office() as post:
        use_server(post.port)
        code = (
            "from models import schema\nfrom models.notifications import deliver_due\n"
            "while deliver_due(7).sent: pass"
        )
        running = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
        assert [process.wait(300) for process in running] == [0] * 4
    got = Counter(mail["Message-ID"].split("@")[0][1:] for mail in post.messages)
    assert got == Counter(ids)


@pytest.mark.parametrize("database", [POSTGRESQL], indirect=True)
def test_rows_that_another_worker_is_claiming_are_passed_over(database: db.Database) -> None:
    ids = put_many(3)
    pigeon = Pigeon()
    with db.unit_of_work() as other:
        other.execute(select(OutboxMail).where(OutboxMail.id == ids[0]).with_for_update())
        assert deliver_due(mailer=pigeon) == Delivered(sent=2)
    assert deliver_due(mailer=pigeon) == Delivered(sent=1)


KILLED = """
import os, smtplib, sys
from models import schema
from models.notifications import deliver_due, delivery
def die(*_, **__): os.kill(os.getpid(), 9)
point = sys.argv[1]
if point == "before connect": smtplib.SMTP.connect = die
if point == "after RCPT": smtplib.SMTP.data = die
if point == "before 250":
    ask = smtplib.SMTP.getreply
    def getreply(self):
        if self.sent_words: die()
        return ask(self)
    smtplib.SMTP.getreply = getreply
    smtplib.SMTP.sent_words = False
    send = smtplib.SMTP.send
    def sending(self, s):
        send(self, s)
        if b"Message-ID" in (s if isinstance(s, bytes) else s.encode()): self.sent_words = True
    smtplib.SMTP.send = sending
if point == "before the note": delivery._is_noted = die
deliver_due()
"""


@pytest.mark.parametrize(
    ("point", "most"),
    [("before connect", 1), ("after RCPT", 1), ("before 250", 2), ("before the note", 2)],
)
def test_a_killed_worker_loses_no_mail(
    database: db.Database, use_server: Any, clock: Clock, point: str, most: int
) -> None:
    mail = put()
    with post_office() as post:
        use_server(post.port)
        assert subprocess.run([sys.executable, "-c", KILLED, point], check=False).returncode == -9
        assert deliver_due() == Delivered()
        clock.time += delivery.LEASE + MINUTE
        assert deliver_due() == Delivered(sent=1)
    assert 1 <= len(post.received) <= most
    assert {one["Message-ID"] for one in post.messages} == {f"<{mail}@127.0.0.1>"}
