"""Rate limits of what is too frequent and too cheap to write a row for each: searches.

Counted in the memory of one process; a server with several counts in each of them.
"""

import threading
import time
from collections import OrderedDict, deque

from models.errors import TooMany

VISITORS_REMEMBERED = 20_000


class Pace:
    """At most ``limit`` events of one visitor within ``seconds``."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit = limit
        self._seconds = seconds
        self._lock = threading.Lock()
        self._events: OrderedDict[str, deque[float]] = OrderedDict()

    def take(self, visitor: str) -> None:
        """Count one event. Raises TooMany when there were too many, and counts it not."""
        moment = time.monotonic()
        with self._lock:
            events = self._events.setdefault(visitor, deque())
            self._events.move_to_end(visitor)
            while events and moment - events[0] >= self._seconds:
                events.popleft()
            if len(events) >= self._limit:
                wait = int(self._seconds - (moment - events[0])) + 1
                raise TooMany(wait, f"Too many searches. Please wait {wait} seconds.")
            events.append(moment)
            if len(self._events) > VISITORS_REMEMBERED:
                self._events.popitem(last=False)
