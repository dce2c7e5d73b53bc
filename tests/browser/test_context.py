"""Technical details of the ticket form: shown, left out one by one or all, masked here too."""

import json
from typing import Any

from playwright.sync_api import expect

from tests.browser.test_form_files import fill_in
from tests.browser.visitor import AGENT, BACK_OFFICE, MEMBER, Visitor, Visitors
from tests.models.tickets.masked import EXAMPLES


def _value(visitor: Visitor) -> Any:
    text = visitor.page.locator("[data-context-value]").input_value()
    return json.loads(text) if text else None


def _open_preview(visitor: Visitor) -> None:
    visitor.go("/support/new?token=secret")
    visitor.page.get_by_text("See what is sent").click()


def test_what_is_sent_is_shown_and_can_be_left_out(visitors: Visitors) -> None:
    visitor = visitors.arrive(MEMBER)
    _open_preview(visitor)
    page = visitor.page
    assert "/support/new?token=•••" in visitor.text("[data-items]")
    assert "My gateway" not in visitor.text("[data-items]")
    assert {"url", "browser", "os", "screenSize", "language", "timezone"} <= _value(visitor).keys()
    page.get_by_role("checkbox", name="Browser Chrome").uncheck()
    page.get_by_role("checkbox", name="What you did last").uncheck()
    sent = _value(visitor)
    assert "browser" not in sent
    assert sent["recentActions"] == []
    assert "secret" not in sent["url"]
    fill_in(visitor, "With details")
    visitor.press("Send ticket")
    agent = visitors.arrive(AGENT)
    agent.go(f"{BACK_OFFICE}/tickets/{page.url.rpartition('/')[2]}")
    card = agent.text("section[aria-labelledby=captured]")
    assert "Time zone" in card
    assert "Gateways then" in card
    assert "Did before" not in card
    assert "Browser Chrome" not in card
    assert "{" not in card


def test_nothing_is_sent_when_it_is_off(visitors: Visitors) -> None:
    visitor = visitors.arrive(MEMBER)
    _open_preview(visitor)
    visitor.page.get_by_role("checkbox", name="Include technical details").uncheck()
    assert _value(visitor) is None
    expect(visitor.page.locator("[data-items]")).to_be_hidden()
    fill_in(visitor, "Without details")
    visitor.press("Send ticket")
    agent = visitors.arrive(AGENT)
    agent.go(f"{BACK_OFFICE}/tickets/{visitor.page.url.rpartition('/')[2]}")
    assert "Nothing was captured." in agent.words


def test_without_a_script_nothing_is_offered(visitors: Visitors) -> None:
    visitor = visitors.arrive(javascript=False)
    visitor.go("/support/new")
    assert "technical details" not in visitor.words


def test_the_browser_masks_as_the_server_does(visitors: Visitors) -> None:
    visitor = visitors.arrive()
    visitor.go("/support/new")
    masked = visitor.page.evaluate(
        """async (texts) => {
          const { mask } = await import("/static/context.js");
          return texts.map(mask);
        }""",
        [sent for sent, _ in EXAMPLES],
    )
    assert masked == [kept for _, kept in EXAMPLES]


def test_an_error_comes_along(visitors: Visitors) -> None:
    visitor = visitors.arrive()
    visitor.go("/support/new")
    told = visitor.page.evaluate(
        """async () => {
          const { capture, noteError } = await import("/static/context.js");
          noteError(new TypeError("x is undefined, ?key=abc"), "in Page");
          return capture();
        }"""
    )
    assert told["errorMessage"] == "x is undefined, ?key=•••"
    assert told["componentStack"] == "in Page"
    assert "TypeError" in told["errorStack"]
