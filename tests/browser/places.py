"""Every page of the site, with who stands there and how one gets there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.browser.visitor import ADMIN, AGENT, BACK_OFFICE, MEMBER, SUPER, Visitor, Visitors

ARTICLE = "gateway-not-connecting"
NOTHING = "qzxvwk"
Way = Callable[[Visitor], None]


@dataclass(frozen=True)
class Place:
    """A page: its name, who is signed in, and the way there."""

    name: str
    way: Way
    who: str = ""

    def __str__(self) -> str:
        return self.name

    def visited(self, visitors: Visitors) -> Visitor:
        """A new window that shows this page."""
        visitor = visitors.arrive(self.who)
        self.way(visitor)
        return visitor


def _at(path: str, status: int = 200) -> Way:
    return lambda visitor: visitor.go(path, status=status)


def _below(path: str, link: str, then: str = "") -> Way:
    """The page of the first row of a list, or one below it."""

    def way(visitor: Visitor) -> None:
        visitor.go(path)
        address = visitor.page.locator(link).first.get_attribute("href")
        assert address, f"no row on {path}"
        visitor.go(address.removesuffix("/edit") + then if then else address)

    return way


def _row(path: str, then: str = "") -> Way:
    return _below(path, "main tbody a", then)


def _pressed(path: str, button: str, status: int) -> Way:
    """The page after a form was sent as it is, past what the browser itself would check."""

    def way(visitor: Visitor) -> None:
        visitor.go(path)
        _unchecked(visitor)
        visitor.press(button, status=status)

    return way


def _unchecked(visitor: Visitor) -> None:
    visitor.page.evaluate("for (const form of document.forms) form.noValidate = true")


def _chosen(path: str, button: str, count: int = 2) -> Way:
    """The question before a deed on the first rows of a list."""

    def way(visitor: Visitor) -> None:
        visitor.go(path)
        boxes = visitor.page.get_by_role("row").get_by_role("checkbox", name="Select")
        for number in range(1, count + 1):
            boxes.nth(number).check()
        visitor.press(button)

    return way


def _ticket_form_with_errors(visitor: Visitor) -> None:
    visitor.go("/support/new")
    visitor.fill(Title="Half a ticket")
    _unchecked(visitor)
    visitor.press("Send ticket", status=422)


def send_guest_ticket(visitor: Visitor, address: str, title: str = "My bot is silent") -> None:
    """A guest fills in the ticket form and sends it."""
    visitor.go("/support/new")
    visitor.fill(**{"Your e-mail": address, "Title": title, "Description": "Since noon."})
    visitor.page.get_by_label("Type").select_option(index=1)
    visitor.page.get_by_label("Category").select_option(index=1)
    visitor.press("Send ticket")


def _sent(visitor: Visitor) -> None:
    send_guest_ticket(visitor, "sent@guests.example")


def _private_link(visitor: Visitor) -> None:
    send_guest_ticket(visitor, "link@guests.example")
    visitor.go(visitor.site.link_mailed_to("link@guests.example", "/support/t/"))


def _mail_stop(visitor: Visitor) -> None:
    send_guest_ticket(visitor, "stop@guests.example")
    visitor.go(visitor.site.link_mailed_to("stop@guests.example", "/mail/stop/"))


def _mail_stopped(visitor: Visitor) -> None:
    send_guest_ticket(visitor, "stopped@guests.example")
    visitor.go(visitor.site.link_mailed_to("stopped@guests.example", "/mail/stop/"))
    visitor.press("Stop these e-mails")


def _voted(visitor: Visitor) -> None:
    visitor.go(f"/help/{ARTICLE}")
    visitor.press("No")


def _offered(path: str, label: str, typed: str = "gateway") -> Way:
    """The page with the articles that are offered while somebody types."""

    def way(visitor: Visitor) -> None:
        visitor.go(path)
        visitor.page.get_by_label(label).press_sequentially(typed)
        visitor.page.locator(".options li").first.wait_for()
        visitor.page.keyboard.press("ArrowDown")

    return way


def _advised(visitor: Visitor) -> None:
    _offered("/support/new", "Title")(visitor)
    with visitor.page.expect_popup() as opened:
        visitor.page.keyboard.press("Enter")
    opened.value.close()


def _solved(visitor: Visitor) -> None:
    _below("/support/new", "a[href*='issue=']")(visitor)
    visitor.press("This solved it")


def _ask_for_link(visitor: Visitor) -> None:
    visitor.go("/login")
    visitor.fill(**{"E-mail": "freja.lindqvist@example.com"})
    _unchecked(visitor)
    visitor.press("Mail me a link instead")


def _register(visitor: Visitor) -> None:
    visitor.go("/register")
    visitor.fill(**{"Your name": "New Person", "E-mail": "new@people.example"})
    visitor.press("Mail me the link")


def _sign_in_link(visitor: Visitor) -> None:
    visitor.go("/login")
    visitor.fill(**{"E-mail": MEMBER})
    _unchecked(visitor)
    visitor.press("Mail me a link instead")
    visitor.go(visitor.site.link_mailed_to(MEMBER, "/login/link/"))


def _password_link(visitor: Visitor) -> None:
    visitor.go("/register")
    visitor.fill(**{"Your name": "Newer Person", "E-mail": "newer@people.example"})
    visitor.press("Mail me the link")
    visitor.go(visitor.site.link_mailed_to("newer@people.example", "/login/link/"))


def _public() -> Iterator[Place]:
    yield Place("help", _at("/help"))
    yield Place("help category", _at("/help?category=gateways"))
    yield Place("help search", _at("/help?q=telegram"))
    yield Place("help nothing found", _at(f"/help?q={NOTHING}"))
    yield Place("help nearest found", _at(f"/help?q=telegram+{NOTHING}"))
    yield Place("help articles offered", _offered("/help", "Search articles"))
    yield Place("help page too far", _at("/help?page=99"))
    yield Place("article", _at(f"/help/{ARTICLE}"))
    yield Place("article after voting", _voted)
    yield Place("ticket form", _at("/support/new"))
    yield Place("ticket form from an issue", _below("/support/new", "a[href*='issue=']"))
    yield Place("ticket form from an article", _at(f"/support/new?article={ARTICLE}"))
    yield Place("ticket form, articles offered", _offered("/support/new", "Title"))
    yield Place("ticket form, article opened", _advised)
    yield Place("solved by an article", _solved)
    yield Place("ticket form with errors", _ticket_form_with_errors)
    yield Place("ticket sent", _sent)
    yield Place("guest's ticket", _private_link)
    yield Place("stop mails?", _mail_stop)
    yield Place("mails stopped", _mail_stopped)
    yield Place("sign in", _at("/login"))
    yield Place("sign in with errors", _pressed("/login", "Sign in", 422))
    yield Place("register", _at("/register"))
    yield Place("register with errors", _pressed("/register", "Mail me the link", 422))
    yield Place("mailed", _ask_for_link)
    yield Place("link to sign in", _sign_in_link)
    yield Place("link to set a password", _password_link)
    yield Place("missing page", _at("/nothing/here", 404))
    yield Place("missing article", _at("/help/nothing-here", 404))


def _customers() -> Iterator[Place]:
    yield Place("my tickets", _at("/support"), MEMBER)
    yield Place("my tickets, none found", _at(f"/support?q={NOTHING}"), MEMBER)
    for status in ("open", "waiting_user", "resolved", "closed"):
        yield Place(
            f"my {status} ticket",
            _below(f"/support?status={status}", "main li a[href*='TICKET-']"),
            MEMBER,
        )
    own = "main a[href^='/support/TICKET-']"
    yield Place("vote on my ticket", _below("/support?status=resolved", own, "/rating"), MEMBER)
    yield Place("vote too early", _below("/support?status=open", own, "/rating"), MEMBER)
    yield Place("ticket form of a customer", _at("/support/new"), MEMBER)
    yield Place("account", _at("/account"), MEMBER)
    yield Place("password", _at("/account/password"), MEMBER)
    yield Place(
        "password with errors", _pressed("/account/password", "Change your password", 422), MEMBER
    )
    yield Place("delete the account?", _at("/account/delete"), MEMBER)
    yield Place("API tokens", _at("/account/tokens"), AGENT)
    yield Place("a token with errors", _pressed("/account/tokens", "Make the token", 422), AGENT)
    yield Place("another's ticket", _at("/support/TICKET-0001", 404), AGENT)
    yield Place("dashboard for a customer", _at(BACK_OFFICE, 403), MEMBER)


def _tickets() -> Iterator[Place]:
    queue = f"{BACK_OFFICE}/tickets"
    yield Place("dashboard", _at(BACK_OFFICE), ADMIN)
    yield Place("queue", _at(queue), ADMIN)
    yield Place("queue, page 2", _at(f"{queue}?page=2"), ADMIN)
    yield Place("queue filtered", _at(f"{queue}?status=open&assignee=none&sort=-severity"), ADMIN)
    yield Place("queue, none found", _at(f"{queue}?q={NOTHING}"), ADMIN)
    yield Place("queue, bad filter", _at(f"{queue}?status=lost", 400), ADMIN)
    for status in ("open", "waiting_user", "resolved", "closed"):
        yield Place(f"{status} ticket", _row(f"{queue}?status={status}"), ADMIN)
    yield Place("ticket with errors", _ticket_errors, ADMIN)
    yield Place("assign to me?", _chosen(queue, "Assign to me"), ADMIN)
    yield Place("resolve?", _chosen(f"{queue}?status=open", "Resolve"), ADMIN)
    yield Place("change status?", _chosen(queue, "Change status"), ADMIN)
    yield Place("no ticket chosen", _pressed(queue, "Assign to me", 400), ADMIN)
    yield Place("no such ticket", _at(f"{queue}/TICKET-9999", 404), ADMIN)


def _ticket_errors(visitor: Visitor) -> None:
    _row(f"{BACK_OFFICE}/tickets?status=open")(visitor)
    visitor.press("Send reply", status=422)


def _knowledge() -> Iterator[Place]:
    kb = f"{BACK_OFFICE}/kb"
    yield Place("articles", _at(kb), ADMIN)
    yield Place("articles, none found", _at(f"{kb}?q={NOTHING}"), ADMIN)
    yield Place("article form", _row(kb), ADMIN)
    yield Place("draft's form", _row(f"{kb}?status=draft"), ADMIN)
    yield Place("new article", _at(f"{kb}/new"), ADMIN)
    yield Place("new article with errors", _pressed(f"{kb}/new", "Save as draft", 422), ADMIN)
    yield Place("delete the article?", _row(kb, "/delete"), ADMIN)
    yield Place("publish?", _chosen(f"{kb}?status=draft", "Publish", 1), ADMIN)
    yield Place("unpublish?", _chosen(f"{kb}?status=published", "Unpublish"), ADMIN)
    yield Place("articles for an agent", _at(kb), AGENT)
    yield Place("article for an agent", _row(kb), AGENT)


def _settings() -> Iterator[Place]:
    for name in ("quick-issues", "article-categories", "ticket-categories"):
        path = f"{BACK_OFFICE}/{name}"
        yield Place(name, _at(path), ADMIN)
        yield Place(f"{name}, new", _at(f"{path}/new"), ADMIN)
        yield Place(f"{name}, new with errors", _pressed(f"{path}/new", "Save", 422), ADMIN)
        yield Place(f"{name}, edit", _row(path), ADMIN)
        yield Place(f"{name}, delete?", _row(path, "/delete"), ADMIN)
    path = f"{BACK_OFFICE}/article-categories"
    yield Place("category in use", _refused_delete(path), ADMIN)
    yield Place("users", _at(f"{BACK_OFFICE}/users"), ADMIN)
    yield Place("users, none found", _at(f"{BACK_OFFICE}/users?q={NOTHING}"), ADMIN)
    yield Place("customer", _row(f"{BACK_OFFICE}/users?q=member@example.com"), ADMIN)
    yield Place("agent for a super admin", _row(f"{BACK_OFFICE}/users?role=SUPPORT"), SUPER)
    yield Place("mail", _at(f"{BACK_OFFICE}/mail"), ADMIN)
    yield Place("audit log", _at(f"{BACK_OFFICE}/audit"), ADMIN)
    yield Place("audit log for an agent", _at(f"{BACK_OFFICE}/audit", 403), AGENT)


def _refused_delete(path: str) -> Way:
    def way(visitor: Visitor) -> None:
        _row(path, "/delete")(visitor)
        visitor.press("Delete", status=409)

    return way


PUBLIC = [*_public(), *_customers()]
BACK = [*_tickets(), *_knowledge(), *_settings()]
EVERYWHERE = [*PUBLIC, *BACK]
