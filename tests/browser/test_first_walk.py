"""The first walk of the README, from the first article to the export, on both databases."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from models.db import Database
from tests.browser.places import send_guest_ticket
from tests.browser.served import Site, served, supportctl, text_of
from tests.browser.visitor import AGENT, BACK_OFFICE, MEMBER, Visitor, Visitors

GUEST = "you@guests.example"
QUESTION = "Why does my weekly report have no numbers?"
ANSWER = "The report was empty because the token had expired. Please renew it."
NOTE = "Same as last week, look at the job of the night."
RESOLUTION = "The token was renewed; the next report has numbers again."


@pytest.fixture
def walked(database: Database, tmp_path: Path) -> Iterator[Site]:
    """What `make run` starts, on an empty database."""
    with served(tmp_path / "data", "--demo") as site:
        yield site


def test_a_newcomer_reads_asks_answers_and_exports(chrome: Browser, walked: Site) -> None:
    visitors = Visitors(chrome, walked)
    _read_and_vote(visitors.arrive())
    _ask_as_guest(visitors.arrive())
    number = _ask_as_member(visitors.arrive())
    _answer(visitors.arrive(), number)
    _see_the_answer(visitors.arrive(), number)
    _read_the_mails(walked, number)
    _export(walked, number)
    assert visitors.leave() == []


def test_the_public_part_needs_no_javascript(visitors: Visitors) -> None:
    _read_and_vote(visitors.arrive(javascript=False))
    _ask_as_guest(visitors.arrive(javascript=False))
    visitor = visitors.arrive(javascript=False)
    number = _ask_as_member(visitor)
    visitor.fill(**{"Your reply": "It is the report of Monday."})
    visitor.press("Send reply")
    assert "It is the report of Monday." in visitor.text("ol.thread > li:last-child")
    visitor.press("Mark as solved")
    visitor.sign_out()
    visitor.go(f"/support/{number}")
    assert "/login" in visitor.page.url


def _read_and_vote(visitor: Visitor) -> None:
    visitor.go("/")
    assert visitor.page.url.endswith("/help")
    visitor.page.get_by_label("Search articles").fill("telegram")
    visitor.page.get_by_label("Search articles").press("Enter")
    visitor.page.wait_for_url("**/help?q=telegram*")
    expect(visitor.page.get_by_role("heading", name="results for")).to_be_visible()
    visitor.page.locator("#results").get_by_role("link", name="Connect a Telegram bot").click()
    expect(visitor.page.get_by_role("heading", level=1)).to_contain_text("Connect a Telegram bot")
    visitor.press("Yes")
    expect(visitor.page.get_by_role("heading", name="Thank you.")).to_be_visible()


def _ask_as_guest(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.site.base}/help/connect-a-telegram-bot")
    visitor.follow("Contact us")
    assert "About the article" in visitor.words
    send_guest_ticket(visitor, GUEST, "The bot does not answer")
    assert "private link" in visitor.words
    assert visitor.page.locator("a[href*='/support/t/']").count() == 0
    link = visitor.site.link_mailed_to(GUEST, "/support/t/")
    visitor.go(link)
    assert "The bot does not answer" in visitor.text("h1")
    visitor.fill(**{"Your reply": "It is the one of the shop."})
    visitor.press("Send reply")
    assert "It is the one of the shop." in visitor.text("ol.thread > li:last-child")


def _ask_as_member(visitor: Visitor) -> str:
    visitor.sign_in(MEMBER)
    assert visitor.page.url == f"{visitor.site.base}/support"
    visitor.follow("New ticket")
    visitor.fill(Title=QUESTION, Description="It came on Monday, with zeros everywhere.")
    visitor.page.get_by_label("Type").select_option(label="Question")
    visitor.page.get_by_label("Category").select_option(index=1)
    visitor.press("Send ticket")
    number = visitor.page.url.rpartition("/")[2]
    assert number.startswith("TICKET-")
    visitor.go("/support")
    expect(visitor.page.get_by_role("link", name=QUESTION)).to_have_attribute(
        "href", f"/support/{number}"
    )
    visitor.follow(QUESTION)
    return number


def _answer(visitor: Visitor, number: str) -> None:
    page = visitor.page
    visitor.sign_in(AGENT)
    assert page.url.rstrip("/") == f"{visitor.site.base}{BACK_OFFICE}"
    visitor.follow("All tickets")
    page.get_by_label("Search").fill(QUESTION)
    visitor.press("Filter")
    visitor.follow(QUESTION)
    assert page.url.endswith(number)
    page.get_by_label("Assignee").select_option(label="Sam Okafor")
    visitor.press("Set assignee")
    page.get_by_role("textbox", name="Reply to the customer").fill(ANSWER)
    visitor.press("Send reply")
    page.get_by_role("textbox", name="Internal note").fill(NOTE)
    visitor.press("Save note")
    expect(page.get_by_role("article").filter(has_text=NOTE)).to_contain_text("only staff")
    page.get_by_role("textbox", name="Resolution").fill(RESOLUTION)
    visitor.press("Resolve ticket")
    assert "Resolved" in visitor.text(".head")
    visitor.press("Sign out")


def _see_the_answer(visitor: Visitor, number: str) -> None:
    visitor.sign_in(MEMBER)
    visitor.follow(QUESTION)
    assert visitor.page.url.endswith(number)
    assert ANSWER in visitor.words
    assert RESOLUTION in visitor.words
    assert "Resolved" in visitor.words
    assert NOTE not in visitor.page.content()
    assert "note" not in visitor.words.lower()


def _read_the_mails(site: Site, number: str) -> None:
    mails = [site.mail_to(GUEST), site.mail_to(MEMBER, number)]
    assert all(mail["Auto-Submitted"] for mail in mails)
    for words in (ANSWER, RESOLUTION):
        assert any(words in text_of(mail) for mail in site.mails_to(MEMBER))
    assert not any(NOTE in text_of(mail) for mail in site.mails_to(MEMBER))


def _export(site: Site, number: str) -> None:
    whole = supportctl(site.folder, "export", "tickets", "--messages", "--internal")
    rows = [row for row in csv.DictReader(io.StringIO(whole)) if number in row.values()]
    values = {value for row in rows for value in row.values()}
    assert {QUESTION, RESOLUTION} <= values
    assert NOTE in whole
    public = supportctl(site.folder, "export", "tickets", "--messages")
    assert ANSWER in public
    assert NOTE not in public
