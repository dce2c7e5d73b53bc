"""Asking the application as somebody, without anything of a browser that was not asked for.

Requests go straight to the application in this thread, byte for byte as they are given here, so
that the guards can send what no client library would, and many of them.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Any, Self
from urllib.parse import quote, unquote_to_bytes, urlencode, urlsplit

from starlette.applications import Starlette
from starlette.datastructures import Headers

from models.settings import current as settings
from public_site.app import create_app
from tests.guards.world import ADDRESS, World

FORM_TYPE = "application/x-www-form-urlencoded"
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# The id of the request, and the key against sending a form twice.
_RANDOM = re.compile(rb"\b([0-9a-f]{32}|[0-9a-f]{16})\b")
_SENT_AS_THEY_ARE = "/%:@!$&'()*+,;=~-._"


@dataclass(frozen=True, slots=True)
class Response:
    """What came back."""

    status_code: int
    headers: Headers
    content: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode(errors="replace")

    @property
    def location(self) -> str:
        """Where it leads on, or nothing."""
        return self.headers.get("location", "")


class Browser:
    """Sends single requests; cookies are those of whoever asks, and none is kept."""

    def __init__(self, app: Starlette, world: World) -> None:
        self.app = app
        self.world = world
        self._host = urlsplit(settings().base_url).netloc
        self._runner = asyncio.Runner()
        self._beside = app.router.lifespan_context(app)

    def __enter__(self) -> Self:
        self._runner.run(self._beside.__aenter__())
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._beside.__aexit__(None, None, None))
        self._runner.close()

    def ask(
        self,
        who: str,
        method: str,
        path: str,
        *,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        host: Sequence[str] | None = None,
    ) -> Response:
        """One request; unsafe ones come from our own origin unless `headers` say otherwise."""
        sent = {"user-agent": "Mozilla/5.0", **(headers or {})}
        if method not in SAFE and headers is None:
            sent["sec-fetch-site"] = "same-origin"
        body = urlencode(form).encode() if form is not None else content
        if body is not None:
            sent = {"content-type": FORM_TYPE, "content-length": str(len(body)), **sent}
        if cookie := self.world.cookies.get(who):
            sent.setdefault("cookie", f"session={cookie}")
        lines = [("host", name) for name in (host if host is not None else [self._host])]
        lines += [(name.lower(), value) for name, value in sent.items()]
        return self._runner.run(self._exchange(_scope(method, path, lines), body or b""))

    async def _exchange(self, scope: dict[str, Any], body: bytes) -> Response:
        messages: list[dict[str, Any]] = []
        is_sent = False
        is_over = asyncio.Event()

        async def receive() -> dict[str, Any]:
            nonlocal is_sent
            if not is_sent:
                is_sent = True
                return {"type": "http.request", "body": body, "more_body": False}
            await is_over.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            messages.append(message)

        await self.app(scope, receive, send)
        is_over.set()
        start = next(item for item in messages if item["type"] == "http.response.start")
        parts = (item.get("body", b"") for item in messages if item is not start)
        # As servers do: an answer to HEAD has no body, whatever the application sent.
        content = b"" if scope["method"] == "HEAD" else b"".join(parts)
        return Response(start["status"], Headers(raw=start["headers"]), content)


def _scope(method: str, address: str, headers: list[tuple[str, str]]) -> dict[str, Any]:
    target, _, rest = address.partition("?")
    query = rest.partition("#")[0]
    raw_path = quote(target, safe=_SENT_AS_THEY_ARE)
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote_to_bytes(raw_path).decode(errors="replace"),
        "raw_path": raw_path.encode(),
        "query_string": quote(query, safe=_SENT_AS_THEY_ARE).encode(),
        "root_path": "",
        "headers": [(name.encode("latin-1"), text.encode("latin-1")) for name, text in headers],
        "client": (ADDRESS, 50_000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }


@contextmanager
def opened(world: World) -> Iterator[Browser]:
    """The whole application, running, and a browser in front of it."""
    with Browser(create_app(), world) as browser:
        yield browser


def body_of(response: Response, *said: str) -> bytes:
    """The body without the request id and without the words of the address that was asked for."""
    body = _RANDOM.sub(b"<id>", response.content)
    for word in said:
        for spelling in (word, escape(word), quote(word)):
            body = body.replace(spelling.encode(), b"<asked>") if word else body
    return body
