"""Walking through the pages: every route with every object, then wherever links and forms lead."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

from tests.guards import objects, routing
from tests.guards.browser import Browser, Response

MAX_PAGES = 420


@dataclass
class Form:
    """A form on a page: where it goes, and its fields with what they hold."""

    page: str
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    controls: dict[str, dict[str, str]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


class Page(HTMLParser):
    """The links and forms of a page."""

    def __init__(self, address: str, text: str) -> None:
        super().__init__()
        self.address = address
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._area: str | None = None
        self._select: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for name in ("href", "src"):
            if given.get(name):
                self.links.append(urljoin(self.address, given[name]))
        if tag == "form":
            action = urljoin(self.address, given.get("action") or self.address)
            self._form = Form(self.address, action, given.get("method", "get").upper())
            self.forms.append(self._form)
        elif self._form is not None and tag in ("input", "textarea", "select", "option"):
            self._control(self._form, tag, given)

    def _control(self, form: Form, tag: str, given: dict[str, str]) -> None:
        if tag == "option":
            self._option(form, given)
            return
        name = given.get("name", "")
        if not name or given.get("type") in ("submit", "button"):
            return
        form.controls[name] = {"tag": tag, **given}
        if tag == "select":
            self._select = name
            form.fields.setdefault(name, "")
        elif tag == "textarea":
            self._area = name
            form.fields[name] = ""
        elif given.get("type") not in ("checkbox", "radio") or "checked" in given:
            form.fields[name] = given.get("value", "")

    def _option(self, form: Form, given: dict[str, str]) -> None:
        if self._select is None:
            return
        form.choices.setdefault(self._select, []).append(given.get("value", ""))
        if "selected" in given or len(form.choices[self._select]) == 1:
            form.fields[self._select] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._area is not None:
            self._form.fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            if self._form is not None and self._area is not None:
                shown = self._form.fields[self._area]
                self._form.fields[self._area] = shown.removeprefix("\n")
            self._area = None
        elif tag == "select":
            self._select = None


def read_page(address: str, response: Response) -> Page:
    """The links and forms of an answer; of one that is no page, none."""
    is_page = response.headers.get("content-type", "").startswith("text/html")
    return Page(address, response.text if is_page else "")


def starts(browser: Browser, who: str) -> list[str]:
    """Every address that a GET route can have here: own, foreign, drafts, gone, missing."""
    return [
        objects.asked(entry, kind, browser.world, who).path
        for entry in routing.entries(browser.app)
        if entry.method == "GET"
        for kind in objects.kinds(entry, browser.world, who)
    ]


def walk(browser: Browser, who: str, *more: str) -> Iterator[tuple[str, Response]]:
    """Ask for everything that can be found, each address once."""
    host = urlsplit("http://127.0.0.1:8000").netloc
    waiting = [*starts(browser, who), *more]
    seen = set(waiting)
    narrowed: list[str] = []  # lists by filter and order come last: they are many and much alike
    for _ in range(MAX_PAGES):
        if not waiting and not narrowed:
            return
        path = waiting.pop(0) if waiting else narrowed.pop(0)
        response = browser.ask(who, "GET", path)
        yield path, response
        for address in _addresses(path, response, host):
            if address not in seen:
                seen.add(address)
                (narrowed if "?" in address else waiting).append(address)


def _addresses(path: str, response: Response, host: str) -> Iterator[str]:
    """Where a page leads on this site."""
    page = read_page(path, response)
    for link in (*page.links, response.location, *_searches(page)):
        parts = urlsplit(urljoin(path, link))
        if link and parts.netloc in ("", host):
            yield parts._replace(scheme="", netloc="", fragment="").geturl()


def _searches(page: Page) -> Iterator[str]:
    """Where forms that only look lead, with what they hold."""
    for form in page.forms:
        if form.method == "GET":
            yield f"{form.action}?{urlencode(form.fields)}"
