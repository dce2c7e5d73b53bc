"""In front of everything: the Host a request names, and proof that an unsafe one is our own.

A browser sends cookies along with requests that other sites start. So an unsafe request counts
only when the browser says that it began on this site (``Sec-Fetch-Site``) or names this site as
its ``Origin``. A request with a bearer token proves itself, and so does one to the signed address
by which mails are stopped; their cookies are taken away instead.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Scope

from models.settings import LOOPBACK_HOSTS, Settings

API = "/api/"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# Asked by machines that know the process by its address only; they say nothing about it.
ANY_HOST = frozenset({"/healthz", "/readyz"})
_STOP_LINK = re.compile("/mail/stop/[^/]+")


class OriginCheck:
    """The site's own names, and whether a request may go on."""

    def __init__(self, settings: Settings) -> None:
        base = urlsplit(settings.base_url)
        self._own_origin = _origin(settings.base_url)
        self._scheme = base.scheme
        self._hosts = {base.hostname or ""}
        if not settings.is_https and base.hostname in LOOPBACK_HOSTS:
            self._hosts |= LOOPBACK_HOSTS

    def knows_host(self, scope: Scope) -> bool:
        """Whether the request names exactly one Host, and that is this site's."""
        if scope["path"] in ANY_HOST:
            return True
        hosts = Headers(scope=scope).getlist("host")
        return len(hosts) == 1 and self._is_own_host(hosts[0])

    def _is_own_host(self, host: str) -> bool:
        try:
            parts = urlsplit(f"//{host}")
            port_is_number = parts.port is None or parts.port > 0
        except ValueError:
            return False
        return (
            parts.netloc == host
            and "@" not in host
            and port_is_number
            and ((parts.hostname or "") in self._hosts)
        )

    def is_proven(self, scope: Scope) -> bool:
        """Whether an unsafe request comes from this site's own pages; safe ones need no proof."""
        if scope["method"] in SAFE_METHODS or proves_itself(scope):
            return True
        headers = Headers(scope=scope)
        if site := headers.get("sec-fetch-site"):
            return site in ("same-origin", "none")
        origin = headers.get("origin")
        if origin is None and "cookie" not in headers and scope["path"].startswith(API):
            return True  # a program that rides on nobody's cookie; no browser sends neither
        return origin is not None and _origin(origin) in self._origins(headers.get("host", ""))

    def _origins(self, host: str) -> Iterable[str | None]:
        return {self._own_origin, _origin(f"{self._scheme}://{host}")} - {None}


def _origin(address: str) -> str | None:
    """Scheme, host and port in one spelling; None for what is no origin (``null``)."""
    try:
        parts = urlsplit(address)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        return None
    return f"{parts.scheme}://{parts.hostname}:{port}" if parts.hostname else None


def has_bearer(scope: Scope) -> bool:
    """Whether the request carries a bearer token."""
    return Headers(scope=scope).get("authorization", "")[:7].lower() == "bearer "


def proves_itself(scope: Scope) -> bool:
    """Whether the request carries a proof of its own, so that it may come from anywhere."""
    return has_bearer(scope) or _STOP_LINK.fullmatch(scope["path"]) is not None


def without_cookies(scope: Scope) -> Scope:
    """The same request without its cookies."""
    headers = MutableHeaders(raw=list(scope["headers"]))
    del headers["cookie"]
    return {**scope, "headers": headers.raw}
