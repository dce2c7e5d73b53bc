"""What every request passes first and every answer last: host, origin, size, headers, request id.

It stands in front of the pages, the static files and the back office alike, and nothing that goes
wrong behind it gets out as anything but a plain page with the request id.
"""

import logging
import re
import secrets
import time
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.db import trace
from public_site import limits
from public_site.headers import TOKEN_PAGES, SecurityHeaders
from public_site.origin_check import OriginCheck, proves_itself, without_cookies
from public_site.site import Site

MAX_COOKIES = 8_000
log = logging.getLogger("supportdesk.web")
_SECRET_PATHS = re.compile(f"^({'|'.join(TOKEN_PAGES)})[^/]+")

Refusal = Callable[[Scope, int], Response]


class Gate:
    """The outermost middleware; ``refuse`` makes the page that says why a request stops here."""

    def __init__(self, app: ASGIApp, site: Site, refuse: Refusal) -> None:
        self._app = app
        self._site = site
        self._refuse = refuse
        self._origins = OriginCheck(site.settings)
        self._headers = SecurityHeaders(site.settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http":
            scope.setdefault("state", {})["site"] = self._site
            await _Passage(self._app, self._refuse, self._origins, self._headers).serve(
                scope, receive, send
            )
        elif scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})  # no page here opens one


class _Passage:
    """One request on its way through the gate."""

    def __init__(
        self, app: ASGIApp, refuse: Refusal, origins: OriginCheck, headers: SecurityHeaders
    ) -> None:
        self._app = app
        self._refuse = refuse
        self._origins = origins
        self._headers = headers
        self._id = secrets.token_hex(8)
        self._status = 0

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        scope["state"]["request_id"] = self._id
        if proves_itself(scope):
            scope = without_cookies(scope)

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._status = message["status"]
                self._headers.put_on(MutableHeaders(scope=message), scope["path"], self._id)
            await send(message)

        await self._pass(scope, receive, dressed)
        log.debug(
            "%s %s %s %.1f ms %s", scope["method"], _SECRET_PATHS.sub(r"\1…", scope["path"]),
            self._status, (time.perf_counter() - started) * 1000, self._id,
        )  # fmt: skip

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = self._refused(scope)
        if refused:
            await self._refuse(scope, refused)(scope, receive, send)
            return
        try:
            await self._app(scope, _limited(receive, _most(scope)), send)
        except ClientDisconnect:
            pass
        except Exception as error:
            log.error("request %s failed\n%s", self._id, trace(error))  # noqa: TRY400  # trace leaves out what logs must not hold
            if self._status:
                raise
            await self._refuse(scope, 500)(scope, receive, send)

    def _refused(self, scope: Scope) -> int:
        """The status with which the request stops here, 0 to let it through."""
        headers = Headers(scope=scope)
        if not self._origins.knows_host(scope):
            return 400
        if not self._origins.is_proven(scope):
            log.warning("request %s refused: no proof of the same origin", self._id)
            return 403
        if _declared_size(headers) > _most(scope):
            return 413
        return 431 if sum(map(len, headers.getlist("cookie"))) > MAX_COOKIES else 0


def _most(scope: Scope) -> int:
    return limits.most(scope["path"], Headers(scope=scope).get("content-type", ""))


def _declared_size(headers: Headers) -> int:
    declared = headers.get("content-length", "0")
    return int(declared) if declared.isascii() and declared.isdigit() else 0


def _limited(receive: Receive, most: int) -> Receive:
    """The body as it comes, up to the limit; a body without a declared size ends there too."""
    received = 0

    async def next_message() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            raise HTTPException(413)
        return message

    return next_message
