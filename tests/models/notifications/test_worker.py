"""The worker: woken by a commit, undisturbed by errors, quick to stop."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from models import db, notifications, settings
from models.errors import Unavailable
from models.notifications import Delivered, Worker, deliver_due, worker
from tests.models.adapters.smtp import post_office, silent_server
from tests.models.notifications.outbox import SECRET_URL, put, put_many, statuses

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@contextmanager
def working(interval: float = 60) -> Iterator[Worker]:
    running = Worker(interval)
    running.start()
    try:
        yield running
    finally:
        running.stop()


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if condition():
            return True
        time.sleep(0.01)
    return False


def all_sent() -> bool:
    return set(statuses()) == {"sent"}


def test_a_commit_wakes_the_worker(database: db.Database) -> None:
    with working():
        time.sleep(0.2)  # it has looked once, and would look again in a minute
        put()
        assert within(5, all_sent)


@SQLITE
def test_it_looks_by_itself_too(database: db.Database) -> None:
    with working(interval=0.05):
        time.sleep(0.2)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(worker, "_active", None)
            put()
        assert within(5, all_sent)


@SQLITE
def test_one_wake_sends_more_than_one_round(
    database: db.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "ROUND_SIZE", 5)
    with working():
        put_many(12)
        assert within(10, all_sent)


def test_waking_without_a_worker_does_nothing() -> None:
    notifications.wake()


def test_the_stopped_worker_is_not_woken_and_its_thread_is_gone(database: db.Database) -> None:
    before = threading.active_count()
    with working() as running:
        assert worker._active is running
    assert getattr(worker, "_active", running) is None
    assert threading.active_count() == before


def test_errors_do_not_end_it_and_their_text_is_not_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    errors: list[Exception] = [Unavailable("gone"), ValueError(SECRET_URL), RuntimeError()]
    calls: list[int] = []

    def failing(*_: object, **__: object) -> Delivered:
        calls.append(1)
        if errors:
            raise errors.pop(0)
        return Delivered()

    monkeypatch.setattr(worker, "deliver_due", failing)
    with working(interval=0.01):
        assert within(5, lambda: len(calls) > 4)
    assert "ValueError" in caplog.text
    assert SECRET_URL not in caplog.text


@SQLITE
def test_it_goes_on_when_the_database_comes_back(database: db.Database) -> None:
    put()
    away = db.Database("sqlite:////nowhere/at/all.sqlite3")
    db.use(away)
    with working(interval=0.05):
        time.sleep(0.2)
        db.use(database)
        assert within(5, all_sent)
    away.dispose()


@SQLITE
def test_it_does_not_go_on_and_on_while_the_server_is_away(
    database: db.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "ROUND_SIZE", 1)
    monkeypatch.setenv("SUPPORT_SMTP_URL", "smtp://127.0.0.1:1")
    settings.current.cache_clear()
    rounds: list[Any] = []

    def counted(*args: Any, **names: Any) -> Delivered:
        rounds.append(deliver_due(*args, **names))
        return Delivered(delayed=1)

    monkeypatch.setattr(worker, "deliver_due", counted)
    put_many(5)
    with working():
        assert within(5, lambda: bool(rounds))
        time.sleep(0.2)
    assert len(rounds) == 1


@SQLITE
def test_it_stops_quickly_in_the_middle_of_many_mails(
    database: db.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = put_many(100)
    with post_office() as post:
        post.waits_at_data = 0.02
        monkeypatch.setenv("SUPPORT_SMTP_URL", f"smtp://127.0.0.1:{post.port}")
        settings.current.cache_clear()
        running = Worker(60)
        running.start()
        assert within(5, lambda: len(post.received) > 3)
        began = time.monotonic()
        running.stop()
        assert time.monotonic() - began < 1
        sent = len(post.received)
        assert statuses().count("sent") == sent < len(ids)


@SQLITE
def test_a_server_that_hangs_does_not_keep_the_process(
    database: db.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "STOP_SECONDS", 0.3)
    put()
    with silent_server() as port:
        monkeypatch.setenv("SUPPORT_SMTP_URL", f"smtp://127.0.0.1:{port}")
        settings.current.cache_clear()
        running = Worker(60)
        running.start()
        time.sleep(0.2)
        began = time.monotonic()
        running.stop()
        assert time.monotonic() - began < 1
    running._thread.join(15)  # the connection is closed now, so it ends
    assert not running._thread.is_alive()


@SQLITE
def test_what_is_done_besides_may_fail_and_the_mail_goes_on(
    database: db.Database, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[int] = []

    def failing(_stopping: Callable[[], bool]) -> None:
        calls.append(1)
        raise RuntimeError(SECRET_URL)

    running = Worker(0.01, besides=failing)
    running.start()
    assert within(5, lambda: len(calls) > 2)
    put()
    assert within(5, all_sent)
    running.stop()
    assert "RuntimeError" in caplog.text
    assert SECRET_URL not in caplog.text
