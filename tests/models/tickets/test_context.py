"""The context sent with a ticket: what is kept, what is dropped, what is masked."""

import time
from typing import Any

import pytest

from models import db, tickets
from models.errors import Invalid
from models.tickets.context import clean
from tests.models.tickets.masked import EXAMPLES
from tests.models.world import person, seen, ticket

WHOLE = {
    "url": "https://app.example.com/gateways",
    "referrer": "https://app.example.com/",
    "browser": "Firefox",
    "browserVersion": "140.0",
    "os": "Linux",
    "screenSize": "1280x800",
    "language": "en",
    "timestamp": "2026-03-02T09:00:00Z",
    "timezone": "Europe/Berlin",
    "recentActions": [{"action": "gateway.create", "timestamp": "2026-03-02T08:59:00Z"}],
    "gatewayStatuses": [{"id": "g1", "name": "My bot", "type": "telegram", "status": "error"}],
    "errorMessage": "TypeError: x is undefined",
    "errorStack": "at a\n\tat b",
    "componentStack": "in Page",
}


def test_everything_of_the_specification_is_kept() -> None:
    assert clean(WHOLE) == (WHOLE, [])


@pytest.mark.parametrize(
    ("sent", "kept", "dropped"),
    [
        (None, {}, []),
        ([], {}, ["contextData"]),
        ("text", {}, ["contextData"]),
        ({"__proto__": {"x": 1}, "constructor": "y", "<img>": "z"}, {}, None),
        ({"url": 7, "browser": ["Firefox"], "os": {"name": "x"}}, {}, ["url", "browser", "os"]),
        ({"url": "a\0b"}, {}, ["url"]),
        ({"url": "\ud800"}, {}, ["url"]),
        ({"browser": "a\nb"}, {}, ["browser"]),
        ({"url": "x" * 2001}, {}, ["url"]),
        ({"recentActions": "many"}, {}, ["recentActions"]),
        ({"recentActions": ["x", 1]}, {}, ["recentActions.0", "recentActions.1"]),
        (
            {"recentActions": [{"action": "a", "ip": "10.0.0.1"}]},
            {"recentActions": [{"action": "a"}]},
            ["recentActions.0.ip"],
        ),
        (
            {"gatewayStatuses": [{"id": "g", "token": "secret", "status": 5}]},
            {"gatewayStatuses": [{"id": "g"}]},
            ["gatewayStatuses.0.token", "gatewayStatuses.0.status"],
        ),
        (
            {"recentActions": [{"action": str(n)} for n in range(12)]},
            {"recentActions": [{"action": str(n)} for n in range(10)]},
            ["recentActions.10", "recentActions.11"],
        ),
        ({"errorMessage": "a\x1b[31mb\x00c"}, {"errorMessage": "a[31mbc"}, []),
    ],
)
def test_what_does_not_belong_is_dropped(sent: Any, kept: Any, dropped: list[str] | None) -> None:
    assert clean(sent) == (kept, list(sent) if dropped is None else dropped)


@pytest.mark.parametrize(("sent", "kept"), EXAMPLES)
def test_secrets_in_addresses_are_masked(sent: str, kept: str) -> None:
    assert clean({"url": sent})[0] == {"url": kept}


def test_secrets_in_errors_are_masked_and_the_rest_stays() -> None:
    bot_token = "123456789:AAE-abcdefghijklmnopqrstuvwxyz012345"
    stack = f"GET https://api.example/bot{bot_token}/x?key=k1 failed\nat b (a.js?v=1)"
    kept, dropped = clean({"errorStack": stack, "errorMessage": f"token {bot_token}"})
    assert dropped == []
    assert kept["errorMessage"] == "token •••"
    assert bot_token not in kept["errorStack"]
    assert "k1" not in kept["errorStack"]
    assert kept["errorStack"].endswith("failed\nat b (a.js?v=1)")


@pytest.mark.parametrize("piece", ["?key", "&token", "://a", "?a=b&key=", "1234567890", "#key=?"])
def test_masking_takes_no_longer_for_hostile_text(piece: str) -> None:
    started = time.perf_counter()
    clean({"errorStack": (piece * 8000)[:8000], "componentStack": (piece * 8000)[:8000]})
    assert time.perf_counter() - started < 1


def test_too_much_is_refused_at_its_field() -> None:
    with pytest.raises(Invalid) as refused:
        clean({"errorStack": "x" * 33_000})
    assert list(refused.value.fields) == ["contextData"]
    assert clean({"other": "x" * 32_000}) == ({}, ["other"])


@pytest.mark.parametrize("depth", [100, 900, 100_000])
def test_deep_nesting_is_dropped_or_refused(depth: int) -> None:
    nested: Any = "x"
    for _ in range(depth):
        nested = [nested]
    assert clean({"url": nested, "os": "Linux"}) in (
        ({"os": "Linux"}, ["url"]), ({}, ["contextData"]),
    )  # fmt: skip


def test_the_ticket_is_never_dropped(house: db.Database) -> None:
    hostile = {"url": "\ud800", "recentActions": [{"action": "\0"}], "os": "Linux", "n": 1e999}
    assert seen(ticket(person(), contextData=hostile)).context_data == {"os": "Linux"}
    assert tickets.context.clean(hostile)[0] == {"os": "Linux"}
