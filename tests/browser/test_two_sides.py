"""Each side of the house sees its own rooms only, in what is drawn and in what is let in."""

import pytest
from playwright.sync_api import APIResponse

from tests.browser.visitor import ADMIN, AGENT, BACK_OFFICE, MEMBER, Visitor, Visitors

WRITING = ("New article", "Publish", "Unpublish", "Delete", "Save", "Save as draft")


def _buttons(visitor: Visitor, name: str) -> int:
    page = visitor.page.get_by_role("main")
    found = [page.get_by_role(role, name=name, exact=True) for role in ("button", "link")]
    return sum(locator.count() for locator in found)


def _draft(visitor: Visitor) -> str:
    """The id of a draft."""
    visitor.go(f"{BACK_OFFICE}/kb?status=draft")
    address = visitor.page.locator("main tbody a").first.get_attribute("href") or ""
    return address.removesuffix("/edit").rpartition("/")[2]


def _sent(visitor: Visitor, path: str, **form: str) -> APIResponse:
    """A form sent past the pages, as if from one of them."""
    return visitor.page.request.post(
        f"{visitor.site.base}{path}",
        form={**form},
        headers={"Origin": visitor.site.base, "Sec-Fetch-Site": "same-origin"},
        max_redirects=0,
    )


def test_an_administrator_sees_the_buttons_of_a_writer(visitors: Visitors) -> None:
    visitor = visitors.arrive(ADMIN)
    draft = _draft(visitor)
    assert _buttons(visitor, "New article") == 1
    visitor.go(f"{BACK_OFFICE}/kb/{draft}/edit")
    assert [_buttons(visitor, name) for name in ("Publish", "Delete", "Save")] == [1, 1, 1]


def test_an_agent_reads_articles_and_finds_no_way_to_write(visitors: Visitors) -> None:
    visitor = visitors.arrive(AGENT)
    draft = _draft(visitor)
    for path in (f"{BACK_OFFICE}/kb", f"{BACK_OFFICE}/kb/{draft}/edit"):
        visitor.go(path)
        assert {name: _buttons(visitor, name) for name in WRITING} == dict.fromkeys(WRITING, 0)
    fields = visitor.page.get_by_role("main").locator("input:not([type=hidden]), textarea, select")
    assert fields.count() > 3
    assert all(field.is_disabled() for field in fields.all())
    menu = visitor.page.get_by_role("navigation", name="Dashboard")
    assert menu.get_by_role("link", name="Quick issues").count() == 0
    assert menu.get_by_role("link", name="Audit log").count() == 0


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/kb/{draft}/edit", {"title": "Mine", "content": "Mine", "category": "billing"}),
        ("/kb/action/publish", {"pks": "{draft}"}),
        ("/kb/{draft}/delete", {}),
        ("/kb/new", {"title": "Mine", "content": "Mine", "category": "billing"}),
        ("/quick-issues/new", {"title": "Mine"}),
    ],
)
def test_an_agent_who_sends_a_writers_form_is_refused(
    visitors: Visitors, path: str, form: dict[str, str]
) -> None:
    visitor = visitors.arrive(AGENT)
    draft = _draft(visitor)
    fields = {name: value.replace("{draft}", draft) for name, value in form.items()}
    assert _sent(visitor, BACK_OFFICE + path.replace("{draft}", draft), **fields).status == 403
    admin = visitors.arrive(ADMIN)
    admin.go(f"{BACK_OFFICE}/kb/{draft}/edit")
    assert "Draft" in admin.text(".head")
    assert "Mine" not in admin.words


def test_a_customer_has_no_dashboard(visitors: Visitors) -> None:
    visitor = visitors.arrive(MEMBER)
    visitor.go("/support")
    assert visitor.page.get_by_role("link", name="Dashboard").count() == 0
    for path in ("", "/tickets", "/tickets/TICKET-0001", "/kb", "/users", "/audit"):
        visitor.go(f"{BACK_OFFICE}{path}", status=403)
        assert "support team" in visitor.words
        assert visitor.page.get_by_role("navigation").count() == 0


def test_somebody_signed_out_is_asked_to_sign_in_and_comes_back(visitors: Visitors) -> None:
    visitor = visitors.arrive()
    visitor.go("/support?status=open")
    assert "/login?next=" in visitor.page.url
    visitor.fill(**{"E-mail": MEMBER, "Password": "demo-password"})
    visitor.press("Sign in")
    assert visitor.page.url == f"{visitor.site.base}/support?status=open"
