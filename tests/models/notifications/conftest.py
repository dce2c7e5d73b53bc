"""What the tests of delivery ask for: a clock that they move, and the address of a mail server."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from models import base, settings


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = base.now()

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    moved = Clock()
    monkeypatch.setattr(base, "clock", moved)
    return moved


@pytest.fixture
def use_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    def use(port: int, user: str = "") -> None:
        monkeypatch.setenv("SUPPORT_SMTP_URL", f"smtp://{user}localhost:{port}")
        settings.current.cache_clear()

    yield use
    settings.current.cache_clear()
