"""View counts: kept in memory and written every few seconds, so that reading stays a read.

A crash may lose the views of the last seconds. The same reader counts once in half an hour.
"""

import threading
import time
from collections import Counter, OrderedDict

from sqlalchemy import update

from models import db as database
from models.kb.tables import Article

SAME_READER_SECONDS = 1800
READERS_REMEMBERED = 20_000

_lock = threading.Lock()
_waiting: Counter[str] = Counter()
_seen: OrderedDict[tuple[str, str], float] = OrderedDict()


def note(article_id: str, reader: str) -> None:
    """Count a view by a reader; ``reader`` is any text that tells visitors apart."""
    key, moment = (article_id, reader), time.monotonic()
    with _lock:
        if moment - _seen.get(key, -SAME_READER_SECONDS) < SAME_READER_SECONDS:
            return
        _seen[key] = moment
        _seen.move_to_end(key)
        while len(_seen) > READERS_REMEMBERED:
            _seen.popitem(last=False)
        _waiting[article_id] += 1


def flush() -> None:
    """Write the waiting views; they stay waiting when the database does not answer."""
    with _lock:
        views = dict(_waiting)
        _waiting.clear()
    if not views:
        return
    try:
        with database.unit_of_work() as db:
            for article_id, count in sorted(views.items()):
                db.execute(
                    update(Article)
                    .where(Article.id == article_id)
                    .values(view_count=Article.view_count + count)
                )
    except BaseException:
        with _lock:
            _waiting.update(views)
        raise
