"""What is thrown away once it is old: the list of all rooms' sweeps, done by one process.

Each sweep deletes a few rows at a time and says how many, so that it can be left between two and
gone on with later. The worker that delivers mail does it, and no mail waits for it for long.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from models import chores, idempotency, kb, notifications, throttle, tickets, users
from models.base import now
from models.db import trace

CHORE = "housekeeping"
EVERY = timedelta(minutes=30)
ROUND_SECONDS = 2.0
SWEEPS: Mapping[str, Callable[[], Iterator[int]]] = {
    "limits": throttle.sweep,
    "keys": idempotency.sweep,
    "links and sign-ins": users.sweep,
    "mails": notifications.sweep,
    "links and files of tickets": tickets.sweep,
    "searches without a result": kb.sweep,
}
log = logging.getLogger("supportdesk.housekeeping")


def keep_house(stopping: Callable[[], bool]) -> Mapping[str, int] | None:
    """Throw away what is old, if that is due and no other process is at it.

    Gives how much of what went, or None when there was nothing to do. It ends after a few seconds
    or when ``stopping``, and the next call goes on. Raises Unavailable.
    """
    lease = chores.take(CHORE)
    if lease is None:
        return None
    round_ = _Round(stopping)
    try:
        is_done = all(round_.swept(name, sweep) for name, sweep in SWEEPS.items())
        chores.give_back(CHORE, lease, due_at=now() + EVERY if is_done else None)
    finally:
        if round_.counts:
            log.info("thrown away: %s", dict(round_.counts))
    return round_.counts


class _Round:
    """One call's work and what went."""

    def __init__(self, stopping: Callable[[], bool]) -> None:
        self._stopping = stopping
        self._ends_at = time.monotonic() + ROUND_SECONDS
        self.counts: Counter[str] = Counter()

    def swept(self, name: str, sweep: Callable[[], Iterator[int]]) -> bool:
        """Do one sweep; False when it was left before its end. One that fails stops no other."""
        try:
            for count in sweep():
                self.counts[name] += count
                if self._is_over():
                    return False
        except Exception as error:  # noqa: BLE001  # whatever is wrong there, the others go on
            log.error("%s cannot be thrown away\n%s", name, trace(error))  # noqa: TRY400  # trace leaves out what logs must not hold
        return True

    def _is_over(self) -> bool:
        return self._stopping() or time.monotonic() > self._ends_at
