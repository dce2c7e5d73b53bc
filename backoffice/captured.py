"""The context captured with a ticket, as cards: only what is known, never the raw data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_PLAIN = {
    "url": "Page",
    "referrer": "Came from",
    "browser": "Browser",
    "browserVersion": "Browser version",
    "os": "System",
    "screenSize": "Screen",
    "language": "Language",
    "timezone": "Time zone",
    "timestamp": "Captured",
}
_TEXTS = {
    "errorMessage": "Error",
    "errorStack": "Where it happened",
    "componentStack": "Component",
}
_LISTS = {"gatewayStatuses": "Gateways then", "recentActions": "Did before"}


@dataclass(frozen=True, slots=True)
class Captured:
    """What the customer's browser told: short facts, long texts, actions and gateways."""

    is_readable: bool
    facts: list[tuple[str, str]]
    texts: list[tuple[str, str]]
    actions: list[tuple[str, str]]
    gateways: list[tuple[str, str, str]]
    damaged: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was captured."""
        return not (self.facts or self.texts or self.actions or self.gateways or self.damaged)


def captured(data: Any) -> Captured:
    """Sort what is stored; a damaged row is said to be unreadable instead of breaking the page."""
    if not isinstance(data, Mapping):
        return Captured(False, [], [], [], [])
    return Captured(
        True,
        [(label, data[key]) for key, label in _PLAIN.items() if _is_text(data.get(key))],
        [(label, data[key]) for key, label in _TEXTS.items() if _is_text(data.get(key))],
        [
            (_text(item, "action"), _text(item, "timestamp"))
            for item in _items(data, "recentActions")
        ],
        [
            (_text(item, "name"), _text(item, "type"), _text(item, "status"))
            for item in _items(data, "gatewayStatuses")
        ],
        [label for key, label in (_PLAIN | _TEXTS | _LISTS).items() if _is_damaged(data, key)],
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_damaged(data: Mapping[str, Any], key: str) -> bool:
    value = data.get(key)
    if key in _LISTS and isinstance(value, list):
        return not all(isinstance(item, Mapping) for item in value)
    return value is not None and (key in _LISTS or not isinstance(value, str))


def _items(data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = data.get(key)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _text(item: Mapping[str, Any], key: str) -> str:
    return str(item.get(key) or "")
