"""A ticket's page while somebody looks at it: answers arrive, and what is typed stays."""

import re

from playwright.sync_api import FilePayload, expect

from tests.browser.served import Site
from tests.browser.visitor import AGENT, BACK_OFFICE, MEMBER, Visitor, Visitors

WAIT = 30_000


def _asked(visitor: Visitor) -> str:
    """Send a ticket; gives its number."""
    visitor.go("/support/new")
    visitor.page.get_by_label("Type").select_option(index=1)
    visitor.page.get_by_label("Category").select_option(index=1)
    visitor.fill(Title="Is anybody there?", Description="I wait.")
    visitor.press("Send ticket")
    return visitor.page.url.rpartition("/")[2].partition("#")[0]


def _agent_writes(visitors: Visitors, number: str, kind: str, text: str) -> None:
    agent = visitors.arrive(AGENT)
    address = f"{agent.site.base}{BACK_OFFICE}/tickets/{number}/{kind}"
    sent = agent.context.request.post(
        address, form={"content": text}, headers={"Origin": agent.site.base}, max_redirects=0
    )
    assert sent.status == 303, sent.text()


def test_an_answer_arrives_and_what_is_typed_stays(visitors: Visitors, site: Site) -> None:
    visitor = visitors.arrive(MEMBER)
    number = _asked(visitor)
    page = visitor.page
    page.get_by_label("Your reply").fill("While I type")
    asked: list[int] = []
    page.on(
        "response", lambda answer: asked.append(answer.status) if "/thread" in answer.url else None
    )
    _agent_writes(visitors, number, "note", "only-among-us")
    page.wait_for_event("response", lambda answer: "/thread" in answer.url, timeout=WAIT)
    assert asked == [304], "a note moves nothing"
    _agent_writes(visitors, number, "reply", "Yes, <b>here</b> I am.")
    expect(page.locator("ol.thread")).to_contain_text("Yes, <b>here</b> I am.", timeout=WAIT)
    time = page.locator("ol.thread > li").last.locator("time")
    expect(time).to_have_attribute("title", re.compile("[a-z]day"))  # in the reader's own words
    expect(page.locator("[data-news]")).to_contain_text("New answer from")
    expect(page.locator("[data-now]")).to_contain_text("In progress")
    assert page.get_by_label("Your reply").input_value() == "While I type"
    assert page.evaluate("document.activeElement.id") == "content"
    assert "only-among-us" not in page.content()


def test_nobody_looks_nobody_asks(visitors: Visitors) -> None:
    visitor = visitors.arrive(MEMBER)
    number = _asked(visitor)
    page = visitor.page
    page.clock.install()
    visitor.go(f"/support/{number}")
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(request.url) if "/thread" in request.url else None
    )
    page.clock.run_for(35_000)
    page.wait_for_timeout(100)
    seen = len(asked)
    assert seen >= 1
    page.evaluate(
        """() => { Object.defineProperty(document, "hidden", {value: true, configurable: true});
                   document.dispatchEvent(new Event("visibilitychange")); }"""
    )
    page.clock.run_for(120_000)
    assert len(asked) == seen
    page.evaluate(
        """() => { Object.defineProperty(document, "hidden", {value: false});
                   document.dispatchEvent(new Event("visibilitychange")); }"""
    )
    with page.expect_response(lambda answer: "/thread" in answer.url):
        page.clock.run_for(100)


def test_files_and_a_vote_without_javascript_and_by_keyboard(visitors: Visitors) -> None:
    visitor = visitors.arrive(MEMBER, javascript=False)
    _asked(visitor)
    visitor.page.get_by_label("Files").set_input_files(
        [FilePayload(name="trace.log", mimeType="text/plain", buffer=b"line")]
    )
    visitor.fill(Your_reply="The log of today.")
    visitor.press("Send reply")
    expect(visitor.page.get_by_role("link", name="trace.log")).to_be_visible()
    visitor.press("Mark as solved")
    expect(visitor.page.locator(".thread > li:last-child")).to_contain_text(
        "Marked as resolved by you"
    )
    visitor.page.get_by_role("radio", name="Very good").focus()
    visitor.page.keyboard.press("ArrowDown")
    visitor.page.keyboard.press("Tab")
    visitor.page.keyboard.type("Quick and kind.")
    visitor.page.keyboard.press("Tab")
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")
    assert "Thank you." in visitor.words
    expect(visitor.page.get_by_role("radio", name="Good", exact=True)).to_be_checked()


def test_a_file_that_is_too_large_is_said_before_it_is_sent(visitors: Visitors) -> None:
    visitor = visitors.arrive(MEMBER)
    _asked(visitor)
    page = visitor.page
    page.get_by_label("Files").set_input_files(
        [FilePayload(name=f"{n}.txt", mimeType="text/plain", buffer=b"x") for n in range(6)]
    )
    expect(page.locator("#files-wrong")).to_contain_text("at most 5 files")
    page.get_by_label("Files").set_input_files(
        [FilePayload(name="a.txt", mimeType="text/plain", buffer=b"x")]
    )
    expect(page.locator("#files-wrong")).to_be_hidden()
