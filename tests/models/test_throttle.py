"""Rate limits: exact however many ask at once, and forgotten in time."""

from datetime import timedelta

import pytest

from models import db, throttle
from models.errors import TooMany
from models.throttle import ThrottleHit
from tests.models.world import Clock, stored, together

HOUR = timedelta(hours=1)


def take(bucket: str = "b", limit: int = 10) -> str:
    with db.unit_of_work() as session:
        throttle.take(session, bucket, limit=limit, window=HOUR)
    return "taken"


def test_two_hundred_at_once_at_a_limit_of_ten(database: db.Database) -> None:
    outcome = together(200, lambda _: take())
    assert outcome.count("taken") == 10
    assert {type(one) for one in outcome if one != "taken"} == {TooMany}


def test_buckets_do_not_touch_each_other(database: db.Database) -> None:
    for _ in range(10):
        take("a")
    take("b")
    with pytest.raises(TooMany):
        take("a")


def test_the_window_slides(database: db.Database, clock: Clock) -> None:
    take(limit=2)
    clock.forward(minutes=40)
    take(limit=2)
    with pytest.raises(TooMany) as refused:
        take(limit=2)
    assert 1200 <= refused.value.retry_after <= 1201
    assert "20 minutes" in str(refused.value) or "21 minutes" in str(refused.value)
    clock.forward(minutes=20, seconds=1)
    take(limit=2)
    with pytest.raises(TooMany):
        take(limit=2)


def test_what_is_rolled_back_does_not_count(database: db.Database) -> None:
    for _ in range(20):
        with db.unit_of_work() as session:
            throttle.take(session, "b", limit=10, window=HOUR)
            session.rollback()
    assert stored(ThrottleHit) == []


def test_clearing_and_taking_back(database: db.Database, clock: Clock) -> None:
    for _ in range(3):
        take()
        clock.forward(seconds=1)
    with db.unit_of_work() as session:
        throttle.undo(session, "b")
    assert len(stored(ThrottleHit)) == 2
    with db.unit_of_work() as session:
        throttle.clear(session, "b")
        throttle.undo(session, "b")
    assert stored(ThrottleHit) == []


def test_taking_back_at_once_takes_as_many_back(database: db.Database) -> None:
    for _ in range(10):
        take()

    def undo(_number: int) -> None:
        with db.unit_of_work() as session:
            throttle.undo(session, "b")

    assert together(6, undo) == [None] * 6
    assert len(stored(ThrottleHit)) == 4


def test_old_rows_go(database: db.Database, clock: Clock) -> None:
    take()
    clock.forward(days=2, seconds=1)
    take()
    assert len(stored(ThrottleHit)) == 1
