"""The mail worker is killed at every step of sending (B-3): none lost, none sent without need."""

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import update

from models import db, settings
from models.notifications import OutboxMail
from tests.models.adapters.smtp import Post, post_office
from tests.models.notifications.outbox import put_many, statuses
from tests.torture.checker import agree
from tests.torture.points import MAIL_POINTS
from tests.torture.server import PROJECT

SEED = int(os.environ.get("SUPPORT_TEST_SEED", "42"))
MAILS = 3
MOST = 20


def deliver(*program: str) -> int:
    """Deliver what is due as a command of its own; gives how it ended."""
    command = [sys.executable, *program, "worker", "--once"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, timeout=60, check=False)
    return done.returncode


def cut_at(post: Post, point: str, nth: int) -> tuple[bool, int]:
    """Let a worker die at a point, another send the rest; whether it died, how many came twice."""
    ids = put_many(MAILS)
    post.received.clear()
    ended = deliver("-m", "tests.torture.points", point, str(nth))
    assert ended in {0, -signal.SIGKILL}
    with db.unit_of_work() as session:  # the five minutes of the lease are over
        session.execute(update(OutboxMail).values(claimed_until=None))
    assert deliver("-c", "import cli; cli.main()") == 0
    got = Counter(mail["Message-ID"].split("@")[0][1:] for mail in post.messages)
    assert set(got) == set(ids), "a mail is lost"
    twice = sum(got.values()) - MAILS
    assert twice <= MAIL_POINTS[point] - 1, f"{point} {nth}: {got}"
    assert set(statuses()) == {"sent"}
    agree()
    return ended != 0, twice


@pytest.fixture
def post(database: db.Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    """A mail server, set as ours."""
    with post_office() as post:
        monkeypatch.setenv("SUPPORT_SMTP_URL", f"smtp://127.0.0.1:{post.port}")
        settings.current.cache_clear()
        yield post
    settings.current.cache_clear()


def test_a_worker_killed_at_one_step_loses_no_mail(
    database: db.Database, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    point = random.Random(f"{SEED} {database.engine.dialect.name}").choice(list(MAIL_POINTS))
    died, twice = cut_at(post, point, 1)
    assert died
    _say(capsys, f"{database.engine.dialect.name}, seed {SEED}: killed at {point}, {twice} twice")


@pytest.mark.torture
@pytest.mark.parametrize("point", MAIL_POINTS)
def test_a_worker_killed_at_any_step_loses_no_mail(
    database: db.Database, post: Post, capsys: pytest.CaptureFixture[str], point: str
) -> None:
    nth, in_sum, died = 0, 0, True
    while died:
        nth += 1
        assert nth < MOST, "it does not end"
        died, twice = cut_at(post, point, nth)
        in_sum += twice
    assert nth > 1
    _say(
        capsys,
        f"{database.engine.dialect.name}: killed at {point} 1 to {nth - 1} of {MAILS} mails each,"
        f" none lost, {in_sum} twice",
    )


def _say(capsys: pytest.CaptureFixture[str], line: str) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{line}\n")
