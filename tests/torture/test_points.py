"""Killed at every point of opening a ticket and writing a message with three files (B-1, B-2).

The points are enumerated as SQLite does it: the first time a point is reached, the second, until
the story ends without being cut. One of them, chosen by ``SUPPORT_TEST_SEED``, in every run.
"""

import os
import random
import sys
import time
from pathlib import Path

import pytest

from models import db, tickets, users
from models.adapters import storage
from models.settings import current as settings
from models.tickets import SWEPT_AFTER, Attachment, Ticket, TicketMessage
from models.users import NewToken, User
from tests.models.world import OPERATOR, person, prove_address, stored
from tests.torture.checker import agree
from tests.torture.points import STORY_POINTS
from tests.torture.server import Server
from tests.torture.story import Cut, Story, checksums

SEED = int(os.environ.get("SUPPORT_TEST_SEED", "42"))
SURE = {"before commit": 5, "after commit": 5, "before write": 3, "before fsync": 6,
        "before rename": 3, "after rename": 3}  # fmt: skip
MOST = 20
READY_SECONDS = 30


@pytest.fixture
def story(database: db.Database) -> Story:
    """A customer's program with its token."""
    with db.unit_of_work() as session:
        deed = tickets.CategoryDeed(slug="gateway", title="Gateway")
        tickets.create_category(session, deed, actor=OPERATOR)
    return _story()


def _story() -> Story:
    customer = person()
    prove_address(customer)
    with db.unit_of_work() as session:
        owner = session.get_one(User, customer.user_id)
        _, token = users.create_token(session, owner, NewToken(name="t"), actor=OPERATOR)
    return Story(token)


def cut_at(
    database: db.Database, story: Story, log: Path, point: str, nth: int
) -> tuple[bool, float]:
    """Tell the story to a server that dies at a point, and again to the next one.

    Gives whether it died, and after how many seconds the next one was ready.
    """
    server = Server(log, dies_at=(point, nth), SUPPORT_WORKER="off")
    try:
        server.arm()
        try:
            story.tell(server.port)
        except Cut:
            server.wait_for_death()
        else:
            return False, 0.0
    finally:
        server.kill()
    database.dispose()  # so that the server is the one to find it as it was left
    server = Server(log, SUPPORT_WORKER="off")
    try:
        _no_part_is_left()
        _all_or_nothing()
        agree()
        story.tell(server.port)
    finally:
        server.kill()
    return True, server.started_in


def _all_or_nothing() -> None:
    attached: dict[str, list[str]] = {message.id: [] for message in stored(TicketMessage)}
    for file in stored(Attachment):
        if file.message_id is not None:
            attached[file.message_id].append(file.sha256)
    assert all(sorted(found) == sorted(checksums()) for found in attached.values())


def _no_part_is_left() -> None:
    until = time.monotonic() + 10
    while list((settings().data_dir / "files").rglob(".part-*")):
        assert time.monotonic() < until, "temporary files are left"
        time.sleep(0.05)


def whole(stories: int, deaths: int) -> None:
    """Assert that each story is there once, and that what the deaths left can be swept."""
    agree()
    assert len(stored(Ticket)) == len(stored(TicketMessage)) == stories
    files = stored(Attachment)
    assert [file.sha256 for file in files] == checksums() * stories
    names = {file.storage_name for file in files}
    assert len({name for name, _ in storage.names()} - names) <= deaths
    for path in (settings().data_dir / "files").rglob("*"):
        old = time.time() - SWEPT_AFTER.total_seconds() - 60
        os.utime(path, (old, old))
    list(tickets.sweep())
    assert {name for name, _ in storage.names()} == names
    agree()


def test_cut_at_one_point_nothing_is_lost_or_half(
    database: db.Database, story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(f"{SEED} {database.engine.dialect.name}")
    point = chance.choice(STORY_POINTS)
    nth = chance.randint(1, SURE[point])
    died, ready = cut_at(database, story, tmp_path / "server.log", point, nth)
    assert died
    whole(1, 1)
    _say(
        capsys,
        f"{database.engine.dialect.name}, seed {SEED}: killed at {point} {nth},"
        f" ready again in {ready:.1f} s, all there",
    )


@pytest.mark.torture
@pytest.mark.parametrize("point", STORY_POINTS)
def test_cut_at_every_point_nothing_is_lost_or_half(
    database: db.Database,
    story: Story,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    point: str,
) -> None:
    nth, slowest, died = 0, 0.0, True
    while died:
        nth += 1
        assert nth < MOST, "it does not end"
        died, ready = cut_at(database, story, tmp_path / "server.log", point, nth)
        slowest = max(slowest, ready)
        last, story = story, _story()
        assert len(last.told) == 5
    whole(nth, nth - 1)
    assert nth - 1 >= SURE[point]
    _say(
        capsys,
        f"{database.engine.dialect.name}: killed at {point} 1 to {nth - 1},"
        f" ready again in at most {slowest:.1f} s, all there",
    )


def _say(capsys: pytest.CaptureFixture[str], line: str) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{line}\n")
