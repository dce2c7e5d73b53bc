"""Looking changes nothing (C-3): the whole site is read, and what is stored stays as it was.

Three things are excepted, and listed in `state.NOTED_BY_READING`: that a session is in use, how
often an article was read, and what was searched for and not found.
"""

from datetime import timedelta

import pytest

from models import base, kb, settings
from models.db import Database
from tests.guards import crawl, state
from tests.guards.browser import Browser
from tests.guards.world import World
from tests.house import none_of


def test_looking_changes_nothing(
    browser: Browser,
    world: World,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = settings.current().data_dir
    # A while later, so that sessions are old enough to be noted again, and links still live.
    later = base.now() + timedelta(minutes=10)
    monkeypatch.setattr(base, "clock", lambda: later)
    before, files = state.picture(database), state.files(folder)
    broken, count = [], 0
    for path, response in crawl.walk(browser, "super"):
        count += 1
        again = browser.ask("super", "HEAD", path)
        if response.status_code >= 500 or again.status_code != response.status_code:
            broken.append(f"{path}: GET {response.status_code}, HEAD {again.status_code}")
    kb.views.flush()
    kb.vain.flush()
    none_of(broken)
    none_of(state.difference(before, state.picture(database)))
    assert state.files(folder) == files
    assert count > 100
