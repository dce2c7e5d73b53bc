"""The context captured with a ticket: only known keys of the right type are kept.

The shape is the specification's ``CapturedContext``. Whatever else was sent is dropped, never the
ticket; the caller is told the paths.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from models.errors import Invalid

MAX_BYTES = 32 * 1024
MAX_LIST = 10
# Bounded, so that masking takes time in proportion to the text.
_PARAMETER = re.compile(r"[?&#;]([^=&#;?\s]{1,100})=")
_PARAMETER_VALUE = re.compile(r"[^&#;\s]*")
_SECRET_NAME = re.compile(
    "token|key|secret|password|passwd|pwd|auth|session|code|sig", re.IGNORECASE
)
_USER_IN_URL = re.compile(r"(?<=://)[^/@?#]*@")
_BOT_TOKEN = re.compile(r"(?<!\d)\d{6,12}:[A-Za-z0-9_-]{30,}")


def _text(limit: int) -> Callable[[Any], Any]:
    def keep(value: Any) -> Any:
        if not isinstance(value, str) or not value.isprintable() or len(value) > limit:
            return None
        return mask(value)

    return keep


def _lines(limit: int) -> Callable[[Any], Any]:
    def keep(value: Any) -> Any:
        if not isinstance(value, str) or len(value) > limit:
            return None
        kept = "".join(char for char in value if char.isprintable() or char in "\n\t")
        return mask(kept)

    return keep


def mask(value: str) -> str:
    """Cut secrets out of text: values of secret-looking URL parameters, users, bot tokens."""
    value = _USER_IN_URL.sub("•••@", value)
    return _BOT_TOKEN.sub("•••", _without_secret_parameters(value))


def _without_secret_parameters(value: str) -> str:
    pieces: list[str] = []
    end = 0
    for match in _PARAMETER.finditer(value):
        if match.start() >= end and _SECRET_NAME.search(match[1]):
            pieces += value[end : match.end()], "•••"
            hidden = _PARAMETER_VALUE.match(value, match.end())
            end = hidden.end() if hidden else match.end()
    return "".join([*pieces, value[end:]])


_PLAIN = {
    "url": _text(2000),
    "referrer": _text(2000),
    "browser": _text(100),
    "browserVersion": _text(60),
    "os": _text(100),
    "screenSize": _text(40),
    "language": _text(40),
    "timestamp": _text(40),
    "timezone": _text(60),
    "errorMessage": _lines(2000),
    "errorStack": _lines(8000),
    "componentStack": _lines(8000),
}
_LISTS = {
    "recentActions": {"action": _text(120), "timestamp": _text(40)},
    "gatewayStatuses": {
        "id": _text(80),
        "name": _text(120),
        "type": _text(60),
        "status": _text(40),
    },
}


def clean(raw: Any) -> tuple[dict[str, Any], list[str]]:
    """The context to keep, and the paths of what was dropped.

    Raises Invalid when the whole is larger than 32 KB.
    """
    if not isinstance(raw, dict) or not _can_be_written(raw):
        return {}, [] if raw is None else ["contextData"]
    kept: dict[str, Any] = {}
    dropped: list[str] = []
    for key, value in raw.items():
        if key in _LISTS:
            kept[key] = _clean_list(key, value, dropped)
        else:
            _keep(kept, key, _PLAIN.get(key, _nothing)(value), str(key), dropped)
    return {key: value for key, value in kept.items() if value not in (None, [])}, dropped


def _can_be_written(raw: dict[str, Any]) -> bool:
    try:
        written = json.dumps(raw, ensure_ascii=False, default=str)
    except (RecursionError, ValueError):  # nested without end, a number of thousands of digits
        return False
    if len(written.encode(errors="replace")) > MAX_BYTES:
        raise Invalid({"contextData": "Please send at most 32 KB of context."})
    return True


def _clean_list(key: str, value: Any, dropped: list[str]) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        dropped.append(key)
        return []
    dropped += [f"{key}.{n}" for n in range(MAX_LIST, len(value))]
    items = []
    for n, item in enumerate(value[:MAX_LIST]):
        if not isinstance(item, dict):
            dropped.append(f"{key}.{n}")
            continue
        kept: dict[str, Any] = {}
        for name, inner in item.items():
            cleaned = _LISTS[key].get(name, _nothing)(inner)
            _keep(kept, name, cleaned, f"{key}.{n}.{name}", dropped)
        if kept:
            items.append(kept)
    return items


def _nothing(_value: Any) -> Any:
    return None


def _keep(kept: dict[str, Any], key: str, cleaned: Any, path: str, dropped: list[str]) -> None:
    if cleaned is None:
        dropped.append(path)
    else:
        kept[key] = cleaned
