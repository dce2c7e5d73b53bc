"""The one menu of the dashboard: groups and pages, shown only to those who may open them."""

from urllib.parse import parse_qsl

from sqladmin._menu import CategoryMenu, ItemMenu, Menu
from starlette.requests import Request

from backoffice import access
from backoffice.flash import BASE


class PageMenu(ItemMenu):
    """A link to a page of the dashboard; ``path`` may carry a query that is part of the page."""

    def __init__(self, name: str, icon: str, path: str) -> None:
        super().__init__(name=name, icon=icon)
        self.path, _, self.query = path.partition("?")

    def is_accessible(self, request: Request) -> bool:
        """Whether the person may open the page."""
        return access.allows(request.state.actor, "GET", self.path)

    def is_active(self, request: Request) -> bool:
        """Whether this page is open."""
        if request.url.path.removeprefix(BASE).rstrip("/") != self.path.rstrip("/"):
            return False
        assignee = request.query_params.get("assignee", "")
        return assignee == dict(parse_qsl(self.query)).get("assignee", "")

    def url(self, request: Request) -> str:
        """The address of the page, without a host."""
        return f"{BASE}{self.path}".rstrip("/") + (f"?{self.query}" if self.query else "")

    @property
    def type_(self) -> str:
        """What the template draws."""
        return "View"


class GroupMenu(CategoryMenu):
    """A heading over pages; it goes when none of them is open to the person."""

    def is_visible(self, request: Request) -> bool:
        """Whether there is something under the heading."""
        return any(child.is_accessible(request) for child in self.children)


def build() -> Menu:
    """The menu of the dashboard."""
    menu = Menu()
    menu.add(PageMenu("Dashboard", "home", "/"))
    menu.add(
        _group(
            PageMenu("All tickets", "ticket", "/tickets"),
            PageMenu("My tickets", "user", "/tickets?assignee=me"),
            PageMenu("Unassigned", "inbox", "/tickets?assignee=none"),
            name="Tickets",
        )
    )
    menu.add(
        _group(
            PageMenu("All articles", "book", "/kb"),
            PageMenu("New article", "plus", "/kb/new"),
            name="Knowledge base",
        )
    )
    menu.add(_group(PageMenu("Users", "users", "/users"), name="People"))
    menu.add(PageMenu("Mail", "mail", "/mail"))
    menu.add(
        _group(
            PageMenu("Quick issues", "bolt", "/quick-issues"),
            PageMenu("Article categories", "folder", "/article-categories"),
            PageMenu("Ticket categories", "folder", "/ticket-categories"),
            PageMenu("Audit log", "list", "/audit"),
            name="Settings",
        )
    )
    return menu


def _group(*pages: PageMenu, name: str) -> GroupMenu:
    group = GroupMenu(name=name)
    for page in pages:
        group.add_child(page)
    return group
