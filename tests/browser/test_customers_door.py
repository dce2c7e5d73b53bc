"""What customers do from the first search to the reply, with scripts and without."""

import pytest
from playwright.sync_api import expect

from tests.browser.served import waited_for
from tests.browser.test_form_files import LOG, fill_in
from tests.browser.visitor import AGENT, BACK_OFFICE, MEMBER, NARROW, WIDE, Visitor, Visitors

# Views of programs do not count; this is what the browser of a person says.
PERSON = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36"
WITH_CODE = "analytics-and-alerts"
BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "plain"])


def _titles(visitor: Visitor) -> list[str]:
    return [title.strip() for title in visitor.page.locator(".cards h3").all_inner_texts()]


def _under_titles(visitor: Visitor) -> list[str]:
    return visitor.page.locator(".cards .meta").all_inner_texts()


@BOTH
def test_articles_are_listed_searched_filtered_and_opened(
    visitors: Visitors, javascript: bool
) -> None:
    visitor = visitors.arrive(javascript=javascript)
    visitor.go("/help")
    assert len(_titles(visitor)) == 24
    assert all("views" in words for words in _under_titles(visitor))
    visitor.follow("Billing")
    assert len(_titles(visitor)) == 4
    assert all("Billing" in words for words in _under_titles(visitor))
    search = visitor.page.get_by_label("Search articles")
    search.fill("invoice")
    search.press("Enter")
    visitor.page.wait_for_url("**q=invoice*")
    expect(visitor.page.get_by_role("heading", name="for “invoice”")).to_be_visible()
    assert all("Billing" in words for words in _under_titles(visitor))
    first = _titles(visitor)[0]
    visitor.follow(first)
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(first)


@BOTH
def test_drafts_are_in_no_list_and_have_no_page(visitors: Visitors, javascript: bool) -> None:
    agent = visitors.arrive(AGENT)
    agent.go(f"{BACK_OFFICE}/kb?status=draft")
    title = agent.page.locator("main tbody a").first.inner_text().strip()
    agent.page.locator("main tbody a").first.click()
    slug = agent.page.get_by_label("Slug").input_value()
    visitor = visitors.arrive(javascript=javascript)
    visitor.go(f"/help?q={title}")
    assert title not in _titles(visitor)
    visitor.go(f"/help/{slug}", status=404)


@BOTH
def test_cards_stand_side_by_side_or_below_each_other(visitors: Visitors, javascript: bool) -> None:
    columns = {}
    for size in (WIDE, NARROW):
        visitor = visitors.arrive(
            javascript=javascript, viewport={"width": size[0], "height": size[1]}
        )
        visitor.go("/help")
        boxes = [card.bounding_box() for card in visitor.page.locator(".cards > li").all()]
        columns[size] = len({round(box["x"]) for box in boxes if box})
        assert all(box and box["x"] + box["width"] <= size[0] for box in boxes)
    assert columns == {WIDE: 3, NARROW: 1}


@BOTH
def test_an_article_is_drawn_voted_on_and_leads_on(visitors: Visitors, javascript: bool) -> None:
    visitor = visitors.arrive(javascript=javascript)
    visitor.go(f"/help/{WITH_CODE}")
    prose = visitor.page.locator(".prose")
    assert prose.locator("li").count() > 2
    colours = prose.locator("pre span").evaluate_all(
        "parts => parts.map(part => getComputedStyle(part).color)"
    )
    assert len(set(colours)) > 1, "code has one colour"
    visitor.press("No")
    assert "sorry that it did not help" in visitor.text("#feedback")
    visitor.fill(**{"What was missing?": "How to mute an alert at night."})
    visitor.press("Send")
    assert "reads it" in visitor.text("#feedback")
    related = visitor.page.get_by_role("region", name="Related articles").get_by_role("link")
    assert related.count() >= 2
    title = related.first.inner_text().strip()
    related.first.click()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(title)
    visitor.page.get_by_role("navigation", name="Breadcrumb").get_by_role(
        "link", name="Help center"
    ).click()
    visitor.page.wait_for_url("**/help")


def test_a_reader_is_counted_once(visitors: Visitors) -> None:
    visitor = visitors.arrive(user_agent=PERSON)
    before = _views(visitor, WITH_CODE)
    for _ in range(3):
        visitor.go(f"/help/{WITH_CODE}")

    def counted() -> int | None:
        views = _views(visitor, WITH_CODE)
        return views if views != before else None

    assert waited_for(counted, "a view") == before + 1


def _views(visitor: Visitor, slug: str) -> int:
    answer = visitor.page.request.get(f"{visitor.site.base}/api/kb/articles/{slug}")
    views: int = answer.json()["viewCount"]
    return views


@BOTH
@pytest.mark.parametrize("who", [MEMBER, ""], ids=["customer", "guest"])
def test_the_form_fills_itself_checks_and_sends(
    visitors: Visitors, who: str, javascript: bool
) -> None:
    visitor = visitors.arrive(who, javascript=javascript)
    visitor.go("/support/new")
    visitor.page.get_by_role("link", name="Billing question").click()
    visitor.page.wait_for_url("**issue=*")
    expect(visitor.page.get_by_label("Type")).to_have_value("question")
    expect(visitor.page.get_by_label("Category")).to_have_value("billing")
    visitor.page.evaluate("for (const form of document.forms) form.noValidate = true")
    visitor.fill(Title="The invoice of May is missing")
    visitor.press("Send ticket", status=422)
    expect(visitor.page.get_by_label("Title")).to_have_value("The invoice of May is missing")
    expect(visitor.page.get_by_label("Description")).to_have_attribute("aria-invalid", "true")
    visitor.page.locator("#files").set_input_files([LOG])
    fill_in(visitor, "The invoice of May is missing", "" if who else "invoice@guests.example")
    visitor.press("Send ticket")
    expected = "The invoice of May is missing" if who else "Your ticket was sent"
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(expected)
    agent = visitors.arrive(AGENT)
    agent.go(f"{BACK_OFFICE}/tickets?q=invoice+of+May&sort=-createdAt")
    agent.page.locator("main tbody a").first.click()
    assert "gateway.log" in agent.words
    assert ("Time zone" in agent.words) is javascript


@BOTH
def test_my_tickets_are_mine_filtered_read_and_answered(
    visitors: Visitors, javascript: bool
) -> None:
    visitor = visitors.arrive(MEMBER, javascript=javascript)
    visitor.go("/support")
    numbers = visitor.page.locator(".tickets .number").all_inner_texts()
    agent = visitors.arrive(AGENT)
    listed = agent.page.request.get(
        f"{agent.site.base}/api/support/tickets?q={MEMBER}&pageSize=100"
    )
    theirs = [item for item in listed.json()["items"] if item["user"]["email"] == MEMBER]
    assert {number.strip() for number in numbers} == {item["ticketNumber"] for item in theirs}
    looks = visitor.page.locator(".tickets .badge").evaluate_all(
        "badges => badges.map(b => [b.innerText.trim(), getComputedStyle(b).color])"
    )
    by_word: dict[str, str] = dict(looks)
    assert len(set(by_word.values())) == len(by_word) >= 4, f"two states look alike: {by_word}"
    _ask_back(agent, next(item["id"] for item in theirs if item["status"] == "in_progress"))
    visitor.follow("Waiting for you")
    assert set(visitor.page.locator(".tickets .badge").all_inner_texts()) == {"Waiting for you"}
    visitor.page.locator(".tickets a").first.click()
    assert visitor.page.get_by_role("article", name="support").count() >= 1
    visitor.fill(**{"Your reply": "Both of them, on Tuesday."})
    visitor.page.locator("#files").set_input_files([LOG])
    visitor.press("Send reply")
    last = visitor.page.locator("ol.thread article").last
    expect(last).to_contain_text("Both of them, on Tuesday.")
    expect(last).to_contain_text("gateway.log")
    expect(visitor.page.locator("[data-now]")).to_contain_text("In progress")


def _ask_back(agent: Visitor, ticket_id: str) -> None:
    answer = agent.page.request.post(
        f"{agent.site.base}/api/support/tickets/{ticket_id}/messages",
        data={"content": "Which of them?", "status": "waiting_user"},
        headers={"Origin": agent.site.base, "Sec-Fetch-Site": "same-origin"},
    )
    assert answer.ok, answer.text()
