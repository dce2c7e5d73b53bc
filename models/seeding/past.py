"""The clock while the demo's past is played."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from models import base


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let it be ``moment`` for everything this process does inside.

    For commands only, before a server starts: other threads would live in the past too.
    """
    present = base.clock
    base.clock = lambda: moment
    try:
        yield
    finally:
        base.clock = present
