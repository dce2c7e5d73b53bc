"""An article in the browser: links to its parts, code that can be copied, what was missing."""

from playwright.sync_api import expect

from tests.browser.visitor import Visitors

ARTICLE = "/help/analytics-and-alerts"


def test_each_part_has_a_link_that_the_keyboard_reaches(visitors: Visitors) -> None:
    visitor = visitors.arrive()
    visitor.go(ARTICLE)
    headings = visitor.page.locator(".prose :is(h2, h3, h4)[id]")
    links = visitor.page.locator(".prose a.anchor")
    expect(links).to_have_count(headings.count())
    link = visitor.page.get_by_role("link", name="Link to “Set up an alert”")
    link.focus()
    expect(link).to_have_css("opacity", "1")
    visitor.page.keyboard.press("Enter")
    assert visitor.page.url.endswith(f"#{headings.nth(1).get_attribute('id')}")


def test_code_is_copied_as_it_is(visitors: Visitors) -> None:
    visitor = visitors.arrive(permissions=["clipboard-read", "clipboard-write"])
    visitor.go(ARTICLE)
    code = visitor.page.locator(".prose pre").first
    button = visitor.page.locator(".code .copy").first
    button.focus()
    visitor.page.keyboard.press("Enter")
    expect(button).to_have_text("Copied")
    copied = visitor.page.evaluate("navigator.clipboard.readText()")
    assert copied == code.text_content()
    assert "csv.DictReader" in copied


def test_an_article_reads_without_a_script_and_asks_what_was_missing(visitors: Visitors) -> None:
    visitor = visitors.arrive(javascript=False)
    visitor.go(ARTICLE)
    expect(visitor.page.locator(".copy, .anchor")).to_have_count(0)
    visitor.press("No")
    visitor.page.get_by_label("What was missing?").fill("The price of an alert.")
    visitor.press("Send")
    assert "Whoever writes these articles reads it." in visitor.words
