"""What may be a little old, kept in the memory of one process: counts and pages of many readers."""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from cachetools import TTLCache

from models import base, db

T = TypeVar("T")


def _seconds() -> float:
    return base.now().timestamp()


class Kept(Generic[T]):
    """Values of the process's database, each for some seconds; the least used leave first.

    ``most`` is how much is kept, in values or in what ``size`` says of each.
    """

    def __init__(self, seconds: float, most: int, size: Callable[[T], int] | None = None) -> None:
        self._values: TTLCache[Hashable, T] = TTLCache(most, seconds, _seconds, size)
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> T | None:
        """The value, unless it is too old."""
        with self._lock:
            return self._values.get(self._own(key))

    def put(self, key: Hashable, value: T) -> None:
        """Keep a value; one that is larger than all that is kept is not."""
        with self._lock:
            if self._values.getsizeof(value) <= self._values.maxsize:
                self._values[self._own(key)] = value

    @staticmethod
    def _own(key: Hashable) -> Hashable:
        return db.current().url, key
