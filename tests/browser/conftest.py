"""One Chromium for all browser tests, a demo server for each file, new windows for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.served import Site, make_demo, served
from tests.browser.visitor import Visitors
from tests.tools import chromium, testrun


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    """The browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.executable(), args=chromium.launch_arguments()
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with a demo of its own."""
    demo = testrun.once("demo", lambda: str(make_demo(testrun.folder() / "demo")))
    folder = tmp_path_factory.mktemp("data")
    shutil.copyfile(demo, folder / "support.sqlite3")
    with served(folder) as site:
        yield site


@pytest.fixture(scope="module")
def states() -> dict[str, object]:
    """Who is signed in at the server of this file."""
    return {}


@pytest.fixture
def visitors(chrome: Browser, site: Site, states: dict[str, object]) -> Iterator[Visitors]:
    """People at the site; none of their windows may have had an error or asked another host."""
    people = Visitors(chrome, site, states)
    yield people
    assert people.leave() == []
