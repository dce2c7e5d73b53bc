"""Every address of the running application, with the condition under which it opens."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

import backoffice
from public_site.api.table import ApiRoute
from public_site.headers import BACK_OFFICE
from public_site.origin_check import API

# The signed address is the proof: mail programs send there from anywhere, in any form (RFC 8058).
PROVES_ITSELF = frozenset({"/mail/stop/{token}"})
# Written for people, or drawn from the endpoints: no endpoints themselves.
API_PAGES = frozenset({"/api/docs", "/api/openapi.json"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One method at one address; ``access`` is the name of its entry in the access table."""

    method: str
    path: str
    access: str | None

    @property
    def is_back_office(self) -> bool:
        """Whether it lies below the dashboard's address."""
        return self.path == BACK_OFFICE or self.path.startswith(f"{BACK_OFFICE}/")

    @property
    def is_api(self) -> bool:
        """Whether it is an endpoint of the JSON API, which has a matrix of its own."""
        return self.path.startswith(API) and self.path not in API_PAGES

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def entries(app: Starlette) -> list[Entry]:
    """All entries, without HEAD, which goes with GET; mounts of files under the method GET."""
    return sorted(_below("", app.routes), key=lambda entry: (entry.path, entry.method))


def _below(prefix: str, routes: list[BaseRoute]) -> Iterator[Entry]:
    for route in routes:
        if isinstance(route, Route):
            for method in sorted((route.methods or set()) - {"HEAD"}):
                yield Entry(method, f"{prefix}{route.path}", _access(prefix, route, method))
        elif isinstance(route, Mount):
            yield from _mounted(prefix, route)
        else:
            yield Entry("?", f"{prefix}{route!r}", None)


def _mounted(prefix: str, mount: Mount) -> Iterator[Entry]:
    inner: Any = getattr(mount.app, "routes", None)
    if inner:
        yield from _below(f"{prefix}{mount.path}", inner)
    else:
        access = backoffice.MOUNTS.get(mount.path) if prefix == BACK_OFFICE else None
        yield Entry("GET", f"{prefix}{mount.path}/{{path}}", access.name if access else None)


def _access(prefix: str, route: Route, method: str) -> str | None:
    if prefix == BACK_OFFICE:
        inside = backoffice.ROUTES.get((method, route.path))
        return inside.name if inside else None
    if isinstance(route, ApiRoute):
        return route.endpoints[method].access_name
    own = getattr(route, "access", None)
    return str(own) if own else None


def pages(app: Starlette) -> list[Entry]:
    """The entries of the site and of the back office, without those of the API."""
    return [entry for entry in entries(app) if not entry.is_api]


def unsafe(app: Starlette) -> list[Entry]:
    """The entries that change something."""
    return [entry for entry in pages(app) if entry.method == "POST"]
