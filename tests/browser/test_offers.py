"""Articles in place of a ticket: offered while somebody types, near ones, and “This solved it”."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.places import NOTHING
from tests.browser.test_draft import KEYS
from tests.browser.visitor import Visitor, Visitors

FIELDS = {"/help": "Search articles", "/support/new": "Title"}


def _type(visitor: Visitor, path: str, typed: str = "gateway") -> Page:
    visitor.go(path)
    field = visitor.page.get_by_role("combobox", name=FIELDS[path])
    field.press_sequentially(typed)
    expect(visitor.page.locator(".options li").first).to_be_visible()
    return visitor.page


@pytest.mark.parametrize("path", FIELDS)
def test_offers_are_walked_through_by_keyboard(visitors: Visitors, path: str) -> None:
    page = _type(visitors.arrive(), path)
    field = page.get_by_role("combobox", name=FIELDS[path])
    options = page.locator(".options li")
    count = options.count()
    assert count > 1
    expect(page.get_by_role("status").filter(has_text=f"{count} articles.")).to_be_attached()
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(field).to_have_attribute(
        "aria-controls", str(page.locator(".options").get_attribute("id"))
    )
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    first = str(options.first.get_attribute("id"))
    expect(field).to_have_attribute("aria-activedescendant", first)
    page.keyboard.press("ArrowUp")
    assert field.get_attribute("aria-activedescendant") is None, "back in the field"
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(field).to_have_attribute("aria-expanded", "false")
    assert (field.input_value(), field.evaluate("e => e === document.activeElement")) == (
        "gateway",
        True,
    )
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_enter_opens_what_is_marked_and_else_searches(visitors: Visitors) -> None:
    visitor = visitors.arrive()
    page = _type(visitor, "/help")
    title = page.locator(".options li").first.locator("b").inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page = _type(visitor, "/help")
    page.keyboard.press("Enter")
    page.wait_for_url("**/help?q=gateway")
    page = _type(visitor, "/help")
    page.locator(".options li").nth(1).click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("How can we help?")


def test_only_the_last_word_typed_is_asked_for(visitors: Visitors) -> None:
    visitor = visitors.arrive()
    asked: list[str] = []
    visitor.page.on("request", lambda one: asked.append(one.url) if "suggest" in one.url else None)
    _type(visitor, "/help")
    assert [url.rpartition("?")[2] for url in asked if ".json" in url] == ["q=gateway"]


@pytest.mark.parametrize("javascript", [True, False])
def test_a_search_without_a_result_leads_to_near_articles_and_to_the_form(
    visitors: Visitors, javascript: bool
) -> None:
    visitor = visitors.arrive(javascript=javascript)
    page = visitor.page
    for typed, said in ((NOTHING, "Nothing found"), (f"telegram {NOTHING}", "No article has all")):
        visitor.go("/help")
        page.get_by_label("Search articles").fill(typed)
        page.get_by_label("Search articles").press("Enter")
        expect(page.get_by_role("heading", name=said)).to_be_visible()
        assert page.locator(".cards h3 a").count() >= 3
        page.get_by_role("link", name="us instead").click()
        expect(page.locator("#title")).to_have_value(typed)


@pytest.mark.parametrize("javascript", [True, False])
def test_the_article_of_a_quick_issue_solves_it(visitors: Visitors, javascript: bool) -> None:
    visitor = visitors.arrive(javascript=javascript)
    visitor.go("/support/new")
    visitor.page.get_by_role("link", name="Gateway not connecting").click()
    page = visitor.page
    expect(page.get_by_role("heading", name="Perhaps this answers it at once")).to_be_visible()
    expect(page.get_by_label("Type")).to_have_value("bug")
    visitor.press("This solved it")
    expect(page.get_by_role("heading", level=1)).to_have_text("Glad that it is solved")
    visitor.follow("Back to the help center")
    assert page.url.endswith("/help")


def test_an_offered_article_opens_beside_the_form_and_solves_it(visitors: Visitors) -> None:
    visitor = visitors.arrive()
    page = _type(visitor, "/support/new")
    page.keyboard.press("ArrowDown")
    with page.expect_popup() as opened:
        page.keyboard.press("Enter")
    assert "/help/" in opened.value.url
    opened.value.close()
    expect(page.locator("[data-advice]")).to_contain_text("answer it?")
    assert page.locator("#title").input_value() == "gateway", "what was typed stays"
    visitor.press("This solved it")
    expect(page.get_by_role("heading", level=1)).to_have_text("Glad that it is solved")
    assert page.evaluate(KEYS) == [], "the draft goes"
    visitor.go("/support/new")
    assert page.locator("#title").input_value() == ""
