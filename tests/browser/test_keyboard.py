"""The way without a mouse: skip link first, focus always seen, forms sent from the keyboard."""

import pytest
from playwright.sync_api import Page

from tests.browser.visitor import ADMIN, AGENT, BACK_OFFICE, MEMBER, Visitor, Visitors

STEPS = 60
FOCUS = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const style = getComputedStyle(element), box = element.getBoundingClientRect();
  return {
    name: element.outerHTML.slice(0, 90),
    field: element.name || "",
    // The parts of a date draw their own focus, inside the field.
    isSeen: element.type === "date" || (
      style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2),
    onScreen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0,
  };
}"""


def _focus(page: Page) -> dict[str, object] | None:
    found: dict[str, object] | None = page.evaluate(FOCUS)
    return found


def _tab_to(page: Page, field: str) -> None:
    """Press Tab until the focus is in the field of this name."""
    for _ in range(STEPS):
        page.keyboard.press("Tab")
        focus = _focus(page)
        if focus and focus["field"] == field:
            return
    raise AssertionError(f"{field} is not reached by {STEPS} times Tab")


def _choose_first(page: Page, field: str) -> None:
    """Choose what follows in a list, as the arrow keys do."""
    _tab_to(page, field)
    page.keyboard.press("ArrowDown")


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("", "/help"),
        ("", "/help/gateway-not-connecting"),
        ("", "/support/new"),
        ("", "/login"),
        (MEMBER, "/support"),
        (ADMIN, f"{BACK_OFFICE}/tickets"),
        (ADMIN, f"{BACK_OFFICE}/tickets/TICKET-0078"),
        (ADMIN, f"{BACK_OFFICE}/kb/new"),
    ],
)
def test_skip_link_comes_first_and_focus_is_always_seen(
    visitors: Visitors, who: str, path: str
) -> None:
    visitor = visitors.arrive(who)
    visitor.go(path)
    page = visitor.page
    page.keyboard.press("Tab")
    first = _focus(page)
    assert first is not None
    assert 'class="skip"' in str(first["name"])
    seen = 0
    while (focus := _focus(page)) is not None and seen < STEPS:
        assert focus["onScreen"], focus
        assert focus["isSeen"], focus
        page.keyboard.press("Tab")
        seen += 1
    assert seen > 3


@pytest.mark.parametrize(("who", "path"), [("", "/help"), (AGENT, f"{BACK_OFFICE}/tickets")])
def test_skip_link_leads_to_the_content(visitors: Visitors, who: str, path: str) -> None:
    visitor = visitors.arrive(who)
    visitor.go(path)
    visitor.page.keyboard.press("Tab")
    visitor.page.keyboard.press("Enter")
    assert visitor.page.evaluate("document.activeElement.id") == "main"
    visitor.page.keyboard.press("Tab")
    assert visitor.page.evaluate("document.activeElement.closest('main') !== null")


def test_ticket_form_and_reply_are_sent_by_keyboard_alone(visitors: Visitors) -> None:
    visitor = visitors.arrive(MEMBER)
    visitor.go("/support/new")
    page = visitor.page
    for field in ("type", "category"):
        _choose_first(page, field)
    _tab_to(page, "title")
    page.keyboard.type("Typed without a mouse")
    _tab_to(page, "description")
    page.keyboard.type("All of it.")
    _tab_to(page, "severity")
    while page.evaluate("document.activeElement.id") != "send":
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement !== document.body"), "no way to the button"
    _press_enter(visitor)
    assert "/support/TICKET-" in page.url
    assert "Typed without a mouse" in visitor.text("h1")

    _tab_to(page, "content")
    page.keyboard.type("This answer too.")
    _tab_to(page, "files")
    page.keyboard.press("Tab")
    _press_enter(visitor)
    assert "This answer too." in visitor.text("ol.thread > li:last-child")


def test_an_agent_answers_by_keyboard_alone(visitors: Visitors) -> None:
    visitor = visitors.arrive(AGENT)
    visitor.go(f"{BACK_OFFICE}/tickets/TICKET-0078")
    page = visitor.page
    _tab_to(page, "content")
    page.keyboard.type("An answer without a mouse.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    _press_enter(visitor)
    assert "Your reply was sent." in visitor.words
    assert "An answer without a mouse." in visitor.words


def test_focus_is_at_what_was_wrong(visitors: Visitors) -> None:
    visitor = visitors.arrive()
    visitor.go("/support/new")
    visitor.page.evaluate("for (const form of document.forms) form.noValidate = true")
    visitor.press("Send ticket", status=422)
    assert visitor.page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    visitor.page.keyboard.press("Tab")
    visitor.page.keyboard.press("Enter")
    assert visitor.page.evaluate("document.activeElement.id") == "type"


def test_menu_of_a_narrow_dashboard_opens_and_closes_by_keyboard(visitors: Visitors) -> None:
    visitor = visitors.arrive(AGENT, viewport={"width": 390, "height": 844})
    visitor.go(BACK_OFFICE)
    menu = visitor.page.get_by_role("navigation", name="Dashboard")
    assert not menu.is_visible()
    visitor.page.get_by_role("button", name="Menu").focus()
    visitor.page.keyboard.press("Enter")
    assert menu.is_visible()
    visitor.page.keyboard.press("Escape")
    assert not menu.is_visible()


def _press_enter(visitor: Visitor) -> None:
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")
