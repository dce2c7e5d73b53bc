"""Somebody in front of a browser window, and what they must never see in its console."""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    WebError,
)

from tests.browser.served import PASSWORD, Site

WIDE = (1280, 900)
NARROW = (390, 844)
BACK_OFFICE = "/support-dashboard"
MEMBER = "member@example.com"
AGENT = "support@example.com"
ADMIN = "admin@example.com"
SUPER = "super@example.com"
# What is inside a page without having come from the network.
INLINE = ("data:", "blob:", "about:")


@dataclass
class Visitor:
    """A browser window of its own: own cookies, own history."""

    site: Site
    context: BrowserContext
    page: Page = field(init=False)
    complaints: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.context.on("request", self._note_request)
        self.context.on("response", self._note_response)
        self.context.on("console", self._note_console)
        self.context.on("weberror", self._note_error)
        self.page = self.context.new_page()

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.site.base}/", *INLINE)):
            self.complaints.append(f"asks another host: {request.url}")

    def _note_response(self, response: Response) -> None:
        """A page that says no is said so in the console too, which is no mistake of the page."""
        if response.request.is_navigation_request() and response.status >= 400:
            self.refused.add(response.url)
        if response.status >= 500:
            self.complaints.append(f"{response.status} from {response.url}")

    def _note_console(self, message: ConsoleMessage) -> None:
        is_page_itself = message.text.startswith("Failed to load resource") and (
            message.location["url"] in self.refused
        )
        if message.type in ("error", "warning") and not is_page_itself:
            self.complaints.append(f"console of {self.page.url}: {message.text}")

    def _note_error(self, error: WebError) -> None:
        self.complaints.append(f"script error on {self.page.url}: {error.error}")

    def go(self, path: str, *, status: int = 200) -> None:
        """Open an address of the site, which must answer like this."""
        address = path if path.startswith("http") else f"{self.site.base}{path}"
        answer = self.page.goto(address, wait_until="load")
        assert answer is not None, f"{path} was not loaded"
        assert answer.status == status, f"{path}: {answer.status}, not {status}"

    def press(self, name: str, *, status: int = 200) -> None:
        """Press a button that leads to another page, which must answer like this."""
        self._follow("button", name, status)

    def follow(self, name: str, *, status: int = 200) -> None:
        """Follow a link, whose page must answer like this."""
        self._follow("link", name, status)

    def _follow(self, role: Any, name: str, status: int) -> None:
        with self.page.expect_navigation() as going:
            self.page.get_by_role(role, name=name).first.click()
        answer = going.value
        assert answer.status == status, f"{name}: {answer.status}, not {status}"

    def fill(self, **fields: str) -> None:
        """Fill in fields by their labels, with `_` for a space in them."""
        for label, value in fields.items():
            self.page.get_by_label(label.replace("_", " ")).fill(value)

    def sign_in(self, who: str) -> None:
        """Sign in by the form."""
        self.go("/login")
        self.page.get_by_label("E-mail").fill(who)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.wait_for_url(lambda url: "/login" not in url)

    def sign_out(self) -> None:
        """Sign out by the button on the account page."""
        self.go("/account")
        self.press("Sign out")

    @property
    def words(self) -> str:
        """The visible words of the page, with single spaces."""
        return " ".join(self.page.locator("body").inner_text().split())

    def text(self, selector: str) -> str:
        """The words of one element."""
        return " ".join(self.page.locator(selector).first.inner_text().split())


@dataclass
class Visitors:
    """Lets people come to the site, and remembers who is signed in."""

    browser: Browser
    site: Site
    states: dict[str, Any] = field(default_factory=dict)
    present: list[Visitor] = field(default_factory=list)

    def arrive(self, who: str = "", *, javascript: bool = True, **options: Any) -> Visitor:
        """Somebody comes, signed in as `who` if given; the sign-in is shared, so do not end it."""
        if who and who not in self.states:
            first = self._window(javascript=True)
            first.sign_in(who)
            self.states[who] = first.context.storage_state()
        return self._window(javascript=javascript, storage_state=self.states.get(who), **options)

    def _window(self, *, javascript: bool, **options: Any) -> Visitor:
        context = self.browser.new_context(
            **{
                "viewport": {"width": WIDE[0], "height": WIDE[1]},
                "reduced_motion": "reduce",
                "java_script_enabled": javascript,
                "locale": "en-GB",
                **options,
            }
        )
        context.set_default_timeout(15_000)
        self.present.append(Visitor(self.site, context))
        return self.present[-1]

    def leave(self) -> list[str]:
        """Everybody goes; what was wrong in their windows."""
        complaints = [text for visitor in self.present for text in visitor.complaints]
        for visitor in self.present:
            visitor.context.close()
        self.present.clear()
        return complaints
