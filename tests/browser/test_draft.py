"""Drafts of the ticket form: kept in the browser, for one person, until sent or discarded."""

from playwright.sync_api import expect

from tests.browser.served import waited_for
from tests.browser.test_form_files import fill_in
from tests.browser.visitor import AGENT, MEMBER, Visitor, Visitors

KEYS = "Object.keys(localStorage).filter((key) => key.startsWith('support-draft:'))"


def _type(visitor: Visitor) -> None:
    visitor.go("/support/new")
    visitor.fill(Title="Half a title", Description="Half a story")
    waited_for(lambda: visitor.page.evaluate(KEYS) or None, "a draft")


def test_a_draft_is_restored_and_discarded(visitors: Visitors) -> None:
    visitor = visitors.arrive()
    _type(visitor)
    visitor.go("/support/new")
    page = visitor.page
    expect(page.locator("[data-draft]")).to_contain_text("Draft restored.")
    assert page.get_by_label("Title").input_value() == "Half a title"
    page.get_by_role("button", name="Discard").click()
    assert page.get_by_label("Title").input_value() == ""
    assert page.evaluate(KEYS) == []
    visitor.go("/support/new")
    assert page.get_by_label("Description").input_value() == ""
    expect(page.locator("[data-draft]")).to_be_empty()


def test_a_sent_draft_is_gone(visitors: Visitors) -> None:
    visitor = visitors.arrive(MEMBER)
    _type(visitor)
    fill_in(visitor, "A whole title")
    visitor.press("Send ticket")
    assert visitor.page.evaluate(KEYS) == []
    visitor.go("/support/new")
    assert visitor.page.get_by_label("Title").input_value() == ""
    assert visitor.page.evaluate("sessionStorage.length") == 0


def test_a_draft_that_did_not_arrive_comes_back(visitors: Visitors) -> None:
    visitor = visitors.arrive(MEMBER)
    _type(visitor)
    fill_in(visitor, "A title on its way")
    visitor.page.evaluate(
        "document.forms.form.addEventListener('submit', (e) => e.preventDefault())"
    )
    visitor.page.get_by_role("button", name="Send ticket").click()
    visitor.go("/support/new")
    assert visitor.page.get_by_label("Title").input_value() == "A title on its way"


def test_a_draft_is_for_nobody_else(visitors: Visitors) -> None:
    visitor = visitors.arrive(MEMBER)
    _type(visitor)
    other = visitors.arrive(AGENT)
    visitor.context.add_cookies(other.context.cookies())  # type: ignore[arg-type]
    visitor.go("/support/new")
    assert visitor.page.get_by_label("Title").input_value() == ""
    expect(visitor.page.locator("[data-draft]")).to_be_empty()
