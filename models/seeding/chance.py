"""Chance that comes out the same each time: numbers, ids, times and sentences."""

import hashlib
import random
import re
from datetime import UTC, datetime, timedelta
from typing import Any

# Bulk data lies in the two years before this moment, whenever it is made.
END = datetime(2026, 11, 1, tzinfo=UTC)
SPAN = timedelta(days=730)
_GAP = re.compile(r"\{(noun|adjective)\}")


def of(*names: object) -> random.Random:
    """The chance that belongs to these names."""
    return random.Random(":".join(map(str, names)))  # noqa: S311  # no secret


def moment(share: float) -> datetime:
    """A time in the span, from its beginning (0) to its end (1)."""
    return END - SPAN + timedelta(seconds=int(SPAN.total_seconds() * share))


def new_id(order: int, *names: object) -> str:
    """The id of these names in the shape of all ids (UUIDv7), sorted by ``order``."""
    stamp = f"{int((END - SPAN).timestamp() * 1000) + order:012x}"
    rest = hashlib.blake2b(":".join(map(str, names)).encode(), digest_size=10).hexdigest()
    return f"{stamp[:8]}-{stamp[8:]}-7{rest[:3]}-8{rest[3:6]}-{rest[6:18]}"


def said(rng: random.Random, sentence: str, words: dict[str, Any]) -> str:
    """A sentence with its gaps filled."""
    return _GAP.sub(lambda gap: str(rng.choice(words[f"{gap[1]}s"])), sentence)
