"""What is old goes, what is young stays, one process does it, and nobody waits for it."""

import fcntl
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import delete, func, select

from models import (
    batches,
    chores,
    db,
    housekeeping,
    idempotency,
    kb,
    settings,
    throttle,
    tickets,
    users,
)
from models.actor import Actor, Role
from models.adapters import storage
from models.base import Base, now
from models.db import Database
from models.errors import Unavailable
from models.notifications import OutboxMail, Worker
from models.tickets import Attachment, GuestTicket
from models.tickets.tables import GuestLink
from models.users import LinkPurpose, OneTimeLink, SignIn, User
from tests.models.world import OPERATOR, Clock, asked, person, stored, together, visitor

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ONE = {"limit": 1_000_000, "window": DAY}


def keep_house() -> dict[str, int] | None:
    """All that is due, however many rounds it takes; None when nothing was."""
    found: Counter[str] | None = None
    while (counts := housekeeping.keep_house(lambda: False)) is not None:
        found = (found or Counter()) + Counter(counts)
    return None if found is None else dict(found)


def count(table: type[Base]) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def hits(how_many: int = 1) -> None:
    with db.unit_of_work() as session:
        session.add_all(throttle.ThrottleHit(bucket=f"b{n}") for n in range(how_many))


def key() -> None:
    with db.unit_of_work() as session:
        actor = visitor()
        idempotency.store_answer(
            session, str(count(idempotency.IdempotencyKey)), "", {}, actor=actor
        )


def link(actor: Actor, *, life: timedelta = DAY) -> str:
    with db.unit_of_work() as session:
        user = session.get_one(User, actor.user_id)
        return users.new_link(session, user, LinkPurpose.SIGN_IN, life=life, actor=OPERATOR)


def mail(*, sent_at: datetime | None = None, status: str = "sent") -> str:
    with db.unit_of_work() as session:
        row = OutboxMail(
            kind="ticket_reply", recipient="a@example.com", subject="s", text="", html="",
            message_id=f"<{count(OutboxMail)}@example.com>", status=status, due_at=now(),
            sent_at=(sent_at or now()) if status == "sent" else None,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def file_of(actor: Actor) -> Attachment:
    with db.unit_of_work() as session:
        return tickets.keep_upload(session, "a.txt", b"words", actor=actor)


def kept() -> set[str]:
    return {name for name, _ in storage.names()}


def aged(clock: Clock, name: str) -> None:
    """As if the file had been written when the clock says."""
    path = settings.current().data_dir / storage.FOLDER / name[:2] / name
    os.utime(path, (clock.moment.timestamp(),) * 2)


# --- what goes and what stays ---------------------------------------------------------------------


def test_events_that_no_window_reaches_go(house: Database, clock: Clock) -> None:
    hits()
    clock.forward(hours=23)
    hits()
    clock.forward(hours=2)
    assert keep_house() == {"limits": 1}
    assert [hit.at for hit in stored(throttle.ThrottleHit)] == [clock.moment - timedelta(hours=2)]


def test_answers_are_kept_for_a_day(house: Database, clock: Clock) -> None:
    key()
    clock.forward(hours=23)
    key()
    assert keep_house() == {}
    clock.forward(hours=2)
    assert keep_house() == {"keys": 1}
    assert count(idempotency.IdempotencyKey) == 1


def test_used_and_expired_links_go_and_living_ones_work(house: Database, clock: Clock) -> None:
    used, expired, living = person(), person(), person()
    users.use_link(link(used), None, actor=visitor())
    link(expired, life=HOUR)
    token = link(living)
    clock.forward(hours=2)
    assert keep_house() == {"links and sign-ins": 2}
    assert [row.user_id for row in stored(OneTimeLink)] == [living.user_id]
    assert users.use_link(token, None, actor=visitor()).actor.user_id == living.user_id


def test_sign_ins_that_are_over_go_and_the_others_go_on(house: Database, clock: Clock) -> None:
    member, left, agent = person(), person(), person(Role.SUPPORT)
    opened = [users.use_link(link(actor), None, actor=visitor()) for actor in (member, left, agent)]
    with db.unit_of_work() as session:
        users.sign_out(session, actor=opened[1].actor)
        session.execute(delete(OneTimeLink))
    clock.forward(hours=13)  # longer than staff's
    assert keep_house() == {"links and sign-ins": 2}
    with db.reading() as session:
        found = users.resume(session, opened[0].token, door=member.door, address=None)
    assert found is not None
    assert found.actor.user_id == member.user_id
    assert count(SignIn) == 1


def test_sent_mails_go_after_a_month_and_unsent_ones_never(house: Database, clock: Clock) -> None:
    mail()
    late = mail(sent_at=now() + timedelta(days=5))
    others = [mail(status="waiting"), mail(status="dead")]
    clock.forward(days=29)
    assert keep_house() == {}
    young = mail()
    clock.forward(days=2)
    assert keep_house() == {"mails": 1}
    assert {row.id for row in stored(OutboxMail)} == {late, *others, young}


def test_private_links_that_open_nothing_go(house: Database, clock: Clock) -> None:
    given = {**asked().model_dump(), "guest_email": "gus@example.com"}
    for _ in range(3):
        with db.unit_of_work() as session:
            deed = GuestTicket.model_validate(given)
            tickets.create_for_guest(session, deed, actor=visitor())
    first, second, third = stored(GuestLink)
    with db.unit_of_work() as session:
        session.get_one(GuestLink, first.id).revoked_at = now()
        session.get_one(GuestLink, second.id).expires_at = now() + HOUR
    clock.forward(hours=3)
    assert keep_house() == {"links and files of tickets": 2}
    assert [row.id for row in stored(GuestLink)] == [third.id]


def test_files_that_belong_to_nothing_go(house: Database, clock: Clock) -> None:
    """F-20, F-24: waiting ones after a day, bytes without a row within a day."""
    owner = person()
    waiting, attached, deleted = (file_of(owner) for _ in range(3))
    stray = storage.put(b"a crash came between")
    for made in (attached, deleted):
        with db.unit_of_work() as session:
            tickets.create(session, asked(attachment_ids=[made.id]), actor=owner)
    for name in kept():
        aged(clock, name)
    clock.forward(hours=1)
    with db.unit_of_work() as session:  # its message was deleted
        session.execute(delete(Attachment).where(Attachment.id == deleted.id))
    assert keep_house() == {}
    clock.forward(hours=22)
    young = file_of(owner)
    aged(clock, young.storage_name)
    assert keep_house() == {"links and files of tickets": 2}
    assert kept() == {waiting.storage_name, attached.storage_name, young.storage_name}
    assert stray not in kept()
    clock.forward(hours=2)
    assert (keep_house() or {})["links and files of tickets"] == 1
    assert kept() == {attached.storage_name, young.storage_name}
    assert {row.id for row in stored(Attachment)} == {attached.id, young.id}


def test_what_was_cut_off_goes_within_an_hour(house: Database, clock: Clock) -> None:
    """B-39: at once, unless somebody is still writing it."""
    folder = settings.current().data_dir / storage.FOLDER / "00"
    folder.mkdir(parents=True)
    left, held = (folder / f".part-{digit * 32}" for digit in "01")
    for path in (left, held):
        path.write_bytes(b"half")
    with held.open("rb") as writing:
        fcntl.flock(writing, fcntl.LOCK_EX)
        assert keep_house() == {"links and files of tickets": 1}
    assert list(folder.iterdir()) == [held]


def test_pictures_of_articles_are_nobodys_remains(
    house: Database, clock: Clock, tmp_path: Path
) -> None:
    """They lie in the same storage as the files of tickets."""
    folder = tmp_path / "tree"
    folder.mkdir()
    Image.new("RGB", (4, 4)).save(folder / "a.png")
    (folder / "one.md").write_text("---\ntitle: One\n---\n![A picture](a.png)\n")
    wishes = kb.Wishes(category="getting_started", publish=True)
    report = kb.import_tree(folder, wishes, tell=lambda *_: None, actor=OPERATOR)
    assert report.created == 1
    pictures = kept()
    assert len(pictures) == 2
    for name in pictures:
        aged(clock, name)
    clock.forward(days=3)
    keep_house()
    assert kept() == pictures


# --- once, in turn, and in small pieces -----------------------------------------------------------


def test_it_is_due_twice_an_hour(house: Database, clock: Clock) -> None:
    assert keep_house() == {}
    hits()
    clock.forward(days=2)
    assert keep_house() == {"limits": 1}
    assert housekeeping.keep_house(lambda: False) is None
    clock.forward(minutes=29)
    assert housekeeping.keep_house(lambda: False) is None
    clock.forward(minutes=2)
    assert housekeeping.keep_house(lambda: False) == {}


def test_of_many_who_try_at_once_one_does_it(house: Database) -> None:
    found = together(6, lambda _: housekeeping.keep_house(lambda: False))
    assert sorted(map(str, found)) == ["Counter()", *["None"] * 5]


def test_two_processes_do_it_once(house: Database) -> None:
    hits(450)
    with db.unit_of_work() as session:
        for hit in session.scalars(select(throttle.ThrottleHit)):
            hit.at = now() - 2 * DAY
    code = (
        "from models import housekeeping, schema\n"
        "print(dict(housekeeping.keep_house(lambda: False) or {'none': 1}))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = sorted(process.communicate(timeout=60)[0].strip() for process in running)
    assert said == ["{'limits': 450}", "{'none': 1}"]
    assert count(throttle.ThrottleHit) == 0


def test_whoever_died_at_it_is_followed_by_another(house: Database, clock: Clock) -> None:
    assert chores.take(housekeeping.CHORE) is not None
    assert housekeeping.keep_house(lambda: False) is None
    clock.moment += chores.LEASE
    assert housekeeping.keep_house(lambda: False) == {}


def test_a_lease_that_ended_is_not_given_back_by_its_former_holder(
    house: Database, clock: Clock
) -> None:
    old = chores.take(housekeeping.CHORE)
    assert old is not None
    clock.forward(minutes=6)
    assert chores.take(housekeeping.CHORE) is not None
    chores.give_back(housekeeping.CHORE, old, due_at=now() + DAY)
    assert chores.take(housekeeping.CHORE) is None
    clock.forward(minutes=6)
    assert chores.take(housekeeping.CHORE) is not None


def test_it_is_left_between_two_batches_and_gone_on_with(house: Database, clock: Clock) -> None:
    hits(2 * batches.AT_ONCE + 1)
    clock.forward(days=2)
    for left in (batches.AT_ONCE + 1, 1, 0):
        assert housekeeping.keep_house(lambda: True)
        assert count(throttle.ThrottleHit) == left
    assert housekeeping.keep_house(lambda: True) == {}
    assert housekeeping.keep_house(lambda: True) is None


def test_no_transaction_is_long(
    house: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more than a few rows each, and none of them while files are looked at."""
    hits(1_000)
    for _ in range(3):
        storage.put(b"stray")
    for name in kept():
        aged(clock, name)
    clock.forward(days=2)
    open_now, sizes = [0], []
    real, remove = db.unit_of_work, storage.remove

    def counted() -> AbstractContextManager[object]:
        sizes.append(count(throttle.ThrottleHit))
        return real()

    def removed(name: str) -> None:
        open_now[0] += housekeeping_holds_the_lock()
        remove(name)

    monkeypatch.setattr(batches, "unit_of_work", counted)
    monkeypatch.setattr(storage, "remove", removed)
    assert keep_house() == {"limits": 1_000, "links and files of tickets": 3}
    assert sizes == list(range(1_000, 0, -batches.AT_ONCE))
    assert open_now == [0]


def test_what_became_young_meanwhile_stays(
    house: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    hits(2)
    clock.forward(days=2)
    real = db.unit_of_work

    def after_another() -> AbstractContextManager[object]:
        with real() as session:
            session.scalars(select(throttle.ThrottleHit)).first().at = now()  # type: ignore[union-attr]  # there are two
        return real()

    monkeypatch.setattr(batches, "unit_of_work", after_another)
    assert sum(throttle.sweep()) == 1
    assert [hit.at for hit in stored(throttle.ThrottleHit)] == [clock.moment]


def housekeeping_holds_the_lock() -> bool:
    """Whether somebody else could not write at this moment."""
    done = threading.Event()

    def write() -> None:
        with db.unit_of_work():
            done.set()

    writer = threading.Thread(target=write)
    writer.start()
    is_free = done.wait(2)
    writer.join(10)
    return not is_free


def test_a_sweep_that_fails_stops_no_other_and_its_words_are_not_logged(
    house: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hits()
    key()
    clock.forward(days=2)

    def failing() -> Iterator[int]:
        yield 1
        raise Unavailable("the database is away")

    sweeps: dict[str, Callable[[], Iterator[int]]] = {"bad": failing, **housekeeping.SWEEPS}
    monkeypatch.setattr(housekeeping, "SWEEPS", sweeps)
    assert keep_house() == {"bad": 1, "limits": 1, "keys": 1}
    assert "bad cannot be thrown away" in caplog.text


@SQLITE
def test_the_worker_that_delivers_mail_does_it(house: Database) -> None:
    hits()
    with db.unit_of_work() as session:
        for hit in session.scalars(select(throttle.ThrottleHit)):
            hit.at = now() - 2 * DAY
    worker = Worker(60, besides=housekeeping.keep_house)
    worker.start()
    try:
        ends = time.monotonic() + 10
        while count(throttle.ThrottleHit) and time.monotonic() < ends:
            time.sleep(0.02)
    finally:
        worker.stop()
    assert count(throttle.ThrottleHit) == 0
