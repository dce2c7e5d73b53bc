"""The dashboard's own actions, clicked through: the choice, the question, the result."""

from playwright.sync_api import Locator, expect

from tests.browser.visitor import ADMIN, AGENT, BACK_OFFICE, Visitor, Visitors

QUEUE = f"{BACK_OFFICE}/tickets"
KB = f"{BACK_OFFICE}/kb"


def _choose(visitor: Visitor, path: str, count: int, button: str) -> list[str]:
    """Tick the first rows of a list and press a button; gives their titles."""
    visitor.go(path)
    rows = visitor.page.locator("tbody tr")
    names = [" ".join(rows.nth(n).locator(".title a").inner_text().split()) for n in range(count)]
    for number in range(count):
        rows.nth(number).get_by_role("checkbox").check()
    visitor.press(button)
    return names


def _asked(visitor: Visitor, names: list[str]) -> None:
    """The question names exactly what was chosen, and nothing has happened yet."""
    lines = visitor.page.get_by_role("main").get_by_role("listitem")
    expect(lines).to_have_count(len(names))
    for name in names:
        expect(lines.filter(has_text=name)).to_have_count(1)


def _numbers(visitor: Visitor) -> list[str]:
    lines = visitor.page.get_by_role("main").get_by_role("listitem").all_inner_texts()
    return [line.split()[0] for line in lines]


def _box(visitor: Visitor, name: str) -> Locator:
    return visitor.page.get_by_role("textbox", name=name)


def _said(visitor: Visitor, words: str) -> None:
    expect(visitor.page.get_by_role("status")).to_contain_text(words)


def test_assign_to_me(visitors: Visitors) -> None:
    visitor = visitors.arrive(AGENT)
    names = _choose(visitor, f"{QUEUE}?assignee=none&status=open", 2, "Assign to me")
    _asked(visitor, names)
    numbers = _numbers(visitor)
    visitor.press("Assign to me")
    _said(visitor, "The tickets are yours now.")
    assert "assignee=none" in visitor.page.url
    for number in numbers:
        visitor.go(f"{QUEUE}/{number}")
        expect(visitor.page.get_by_label("Assignee").locator(":checked")).to_have_text("Sam Okafor")
        assert "In progress" in visitor.text(".head")


def test_resolve_asks_for_the_resolution_and_tells_the_customer(visitors: Visitors) -> None:
    visitor = visitors.arrive(AGENT)
    names = _choose(visitor, f"{QUEUE}?status=in_progress", 2, "Resolve")
    _asked(visitor, names)
    numbers = _numbers(visitor)
    assert _box(visitor, "Resolution").get_attribute("required") is not None
    visitor.page.evaluate("for (const form of document.forms) form.noValidate = true")
    visitor.press("Resolve", status=422)
    _asked(visitor, names)
    expect(_box(visitor, "Resolution")).to_have_attribute("aria-invalid", "true")
    _box(visitor, "Resolution").fill("The cause was found and mended for both.")
    visitor.press("Resolve")
    _said(visitor, "resolved")
    for number in numbers:
        visitor.go(f"{QUEUE}/{number}")
        assert "Resolved" in visitor.text(".head")
        assert "The cause was found and mended for both." in visitor.words


def test_change_of_status_is_all_or_nothing(visitors: Visitors) -> None:
    visitor = visitors.arrive(AGENT)
    names = _choose(visitor, f"{QUEUE}?status=closed", 2, "Change status")
    _asked(visitor, names)
    numbers = _numbers(visitor)
    visitor.page.get_by_label("New status").select_option(label="In progress")
    visitor.press("Change status", status=409)
    visitor.page.get_by_label("New status").select_option(label="Open")
    visitor.press("Change status")
    _said(visitor, "The status of the tickets was changed.")
    for number in numbers:
        visitor.go(f"{QUEUE}/{number}")
        assert "Open" in visitor.text(".head")


def test_cancel_changes_nothing_and_leads_back_to_the_same_list(visitors: Visitors) -> None:
    visitor = visitors.arrive(AGENT)
    path = f"{QUEUE}?status=waiting_user&sort=-createdAt"
    names = _choose(visitor, path, 1, "Resolve")
    _asked(visitor, names)
    visitor.follow("Cancel")
    assert "status=waiting_user" in visitor.page.url
    assert "sort=-createdAt" in visitor.page.url
    expect(visitor.page.get_by_role("row").filter(has_text=names[0])).to_have_count(1)


def test_publish_and_unpublish(visitors: Visitors) -> None:
    visitor, reader = visitors.arrive(ADMIN), visitors.arrive()
    names = _choose(visitor, f"{KB}?status=draft", 2, "Publish")
    _asked(visitor, names)
    visitor.press("Publish")
    _said(visitor, "Published")
    reader.go(f"/help?q={names[0]}")
    reader.page.locator("#results").get_by_role("link", name=names[0]).first.click()
    expect(reader.page.get_by_role("heading", level=1)).to_have_text(names[0])
    address = reader.page.url

    visitor.go(f"{KB}?q={names[0]}")
    visitor.page.get_by_role("checkbox", name=f"Select {names[0]}").check()
    visitor.press("Unpublish")
    _asked(visitor, names[:1])
    visitor.press("Unpublish")
    _said(visitor, "Unpublished")
    visitors.arrive().go(address, status=404)


def test_all_rows_of_a_page_are_ticked_at_once(visitors: Visitors) -> None:
    visitor = visitors.arrive(AGENT)
    visitor.go(f"{QUEUE}?pageSize=5")
    visitor.page.get_by_role("checkbox", name="Select all on this page").check()
    visitor.press("Assign to me")
    assert len(_numbers(visitor)) == 5
