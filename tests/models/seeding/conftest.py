"""The demo, made once for all tests that only look at it."""

from collections import Counter
from collections.abc import Iterator

import pytest

from models import db, seeding, settings
from tests import conftest as house
from tests.models.world import OPERATOR


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def demo(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Counter[str]]:
    """A database with the demo, for tests that write nothing; gives what was added.

    Even the strictest limit of tickets an hour does not stop it.
    """
    make = house._sqlite if request.param == "sqlite" else house._postgresql
    folder = tmp_path_factory.mktemp("demo") / "data"
    with pytest.MonkeyPatch.context() as monkeypatch, make(folder) as url:
        monkeypatch.setenv("SUPPORT_DATABASE_URL", url)
        monkeypatch.setenv("SUPPORT_DATA_DIR", str(folder))
        monkeypatch.setenv("SUPPORT_SECRET_KEY", house.SECRET_KEY)
        monkeypatch.setenv("SUPPORT_TICKETS_PER_HOUR", "1")
        settings.current.cache_clear()
        opened = db.Database(url)
        db.use(opened)
        yield seeding.seed_demo(actor=OPERATOR)
        db.use(None)
        opened.dispose()
    settings.current.cache_clear()
