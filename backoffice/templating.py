"""How pages are drawn: one Jinja environment of our own templates and what they can call.

None of SQLAdmin's templates is reachable: a name that is not in our folder fails. The environment
is synchronous, because everything a page shows was read before.
"""

import hashlib
import re
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from sqladmin.templating import Jinja2Templates
from starlette.requests import Request
from starlette.responses import HTMLResponse

from backoffice.flash import BASE
from models.base import now
from models.overview import LogRow
from models.text import in_bytes, plain_to_html
from public_site import door

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STATIC = HERE / "static"
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_PAGES = {
    "ticket": "/tickets/{}",
    "article": "/kb/{}/edit",
    "user": "/users/{}",
    "quick_issue": "/quick-issues/{}/edit",
    "article_category": "/article-categories/{}/edit",
    "ticket_category": "/ticket-categories/{}/edit",
}
_MINUTE = timedelta(minutes=1)
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))


class Templates(Jinja2Templates):
    """Our templates behind the method that SQLAdmin calls."""

    def __init__(self, **globals_: Any) -> None:
        self.env = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.env.globals.update(
            base=BASE, static=static, statics=f"{BASE}/statics", query=query, **globals_
        )
        self.env.filters.update(
            age=age, day=day, details=details, moment=moment, page_of=page_of, plain=plain,
            safe_html=Markup, in_bytes=in_bytes, size=size, span=span, words=words,
        )  # fmt: skip

    async def TemplateResponse(  # type: ignore[override]  # noqa: N802  # SQLAdmin's name
        self,
        request: Request,
        name: str,
        context: dict[str, Any] | None = None,
        status_code: int = 200,
    ) -> HTMLResponse:
        """Draw a template."""
        page = self.env.get_template(name).render(
            **(context or {}),
            request=request,
            actor=request.state.actor,
            site=door.site_of(request),
        )
        return HTMLResponse(page, status_code)


@lru_cache(maxsize=32)
def static(name: str) -> str:
    """The address of one of our files; it changes with the content."""
    version = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"{BASE}/static/{name}?v={version}"


@lru_cache(maxsize=4096)  # a page has many, and the next page the same
def moment(at: datetime | None) -> Markup | str:
    """A time with its minute; scripts turn it into the viewer's zone."""
    return _time(at, f"{at:%d %b %Y, %H:%M} UTC", "moment") if at else "–"


def day(at: datetime | None) -> Markup | str:
    """A date; the full time on hover."""
    return _time(at, f"{at:%d %b %Y}", "day") if at else "–"


def age(at: datetime | None) -> Markup | str:
    """How long ago, in the largest fitting unit; the full time on hover."""
    if at is None:
        return "–"
    passed = now() - at
    return _time(at, span(passed) if passed >= _MINUTE else "now", "age")


def span(length: timedelta | None) -> str:
    """A length of time in its largest fitting unit."""
    if length is None:
        return "–"
    seconds = int(length.total_seconds())
    for unit, name in _UNITS:
        if seconds >= unit:
            return f"{seconds // unit} {name}"
    return "under 1 min"


def _time(at: datetime, text: str, shape: str) -> Markup:
    full = f"{at:%d %b %Y, %H:%M} UTC"
    return Markup(  # noqa: S704  # digits and words of ours
        f'<time datetime="{at.isoformat(timespec="seconds")}" title="{full}"'
        f' data-time="{shape}">{text}</time>'
    )


def size(count: int) -> str:
    """A number with thin spaces between thousands."""
    return f"{count:,}".replace(",", "\u202f")


def words(name: str) -> str:
    """A code as words: ``waiting_user`` becomes ``Waiting user``."""
    return name.replace("_", " ").replace(".", " ").capitalize()


def plain(text: str) -> Markup:
    """What a customer typed, as escaped HTML with links."""
    return Markup(plain_to_html(text))  # noqa: S704  # escaped there


def details(data: dict[str, Any] | None, names: dict[str, str] | None = None) -> str:
    """The values of an audit entry in words; ids of known people as their names."""
    shown = []
    for key, value in sorted((data or {}).items(), key=_before_first):
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        text = (names or {}).get(text, text)
        if value not in (None, "", [], {}) and not _ID.fullmatch(text):
            shown.append(f"{words(key).lower()}: {text}")
    return "; ".join(shown)


def _before_first(item: tuple[str, Any]) -> tuple[bool, bool, str]:
    return item[0] != "before", item[0] != "after", item[0]


def page_of(entry: LogRow) -> str | None:
    """The page of what an audit entry is about, if there is one."""
    path = _PAGES.get(entry.object_type)
    return path.format(entry.object_id) if path and entry.object_id else None


def query(request: Request, **changes: Any) -> str:
    """The query of this page with changes; None takes a name out."""
    values: dict[str, Any] = {key: text for key, text in request.query_params.items() if text}
    values.update(done=None, **changes)
    return urlencode({key: value for key, value in values.items() if value is not None})
