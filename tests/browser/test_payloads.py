"""Hostile text in every field of every form: everybody reads it as text, and it does nothing."""

import json
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.visitor import ADMIN, AGENT, BACK_OFFICE, MEMBER, SUPER, Visitor, Visitors

# Each fits, with a word before it, into a title of a quick issue.
TEXTS = {
    "markup": "<script>window.__p=1</script><img src=x onerror=__p=1><IMG/SRC=x/OnErRoR=__p=1//",
    "attribute": "</textarea></title><svg onload=__p=1>"
    """\" autofocus onfocus=__p=1 x="' onfocus='__p=1""",
    "template": "{{7*7}} ${7*7} %(x)s {0.__class__} {% include '/etc/passwd' %}",
}
MARKDOWN = """
Beginning of the article.

[a](javascript:__p=1) [b](JaVaScRiPt:__p=1) [c](&#x6A;avascript:__p=1) [d](vbscript:x)
[e](data:text/html,<script>__p=1</script>) ![f](data:image/svg+xml;base64,PHN2Zz4=)
[g](http://a.example){onclick=__p=1} [out](//evil.example/page)

paragraph
{: onmouseover="__p=1" style="position:fixed;inset:0" }

# Heading {: #csrf_token }

```"><script>__p=1</script>
code
```

<div markdown="1" onclick=__p=1>*x*</div>
<svg><a><set attributeName=href to=javascript:__p=1></a></svg>
<math><annotation-xml encoding=text/html><style><img src=x onerror=__p=1></style></math>
<noscript><p title="</noscript><img src=x onerror=__p=1>">
<form action=//evil.example><input name=password autofocus onfocus=__p=1><button>go</button></form>
<style>@import'//evil.example/x'</style>
<!--><img src=x onerror=__p=1>-->

{{7*7}} {% include '/etc/passwd' %}

End of the article.
"""
ACTIVE = """() => {
  const found = [...document.querySelectorAll("*")].filter((element) =>
    [...element.attributes].some((one) => one.name.startsWith("on") || (
      ["href", "src", "action", "formaction", "to"].includes(one.name)
      && /^\\s*(javascript|vbscript|data):/i.test(one.value))));
  const bad = document.querySelectorAll(
    "img[src='x'], script:not([src], [type='application/ld+json']), main iframe, main base,"
    + "main style, main :is(form, input):not([class], [method], [name], [type], [role])");
  const shut = [...document.querySelectorAll("[style*='fixed'], a[href*='evil']")].filter(
    (element) => element.matches("[style]") || !/noopener/.test(element.rel));
  return [...found, ...bad, ...shut].map((element) => element.outerHTML.slice(0, 120));
}"""
FIELDS = "input:not([type=hidden]):not([type=checkbox]):not([type=date]):not([type=file]), textarea"


def _is_harmless(visitor: Visitor, *expected: str) -> None:
    """Nothing ran, nothing of it became an element, and these texts are on the page to read."""
    page = visitor.page
    for field in page.locator(FIELDS).all():
        if field.is_enabled() and field.is_visible():
            field.focus()
    assert page.evaluate("window.__p === undefined")
    assert page.evaluate(ACTIVE) == []
    for data in page.locator("script[type='application/ld+json']").all_text_contents():
        json.loads(data)  # whole, so nothing of it ended the element early
    assert not re.search(r"\b49 \$|\$49\b", visitor.words)
    shown = _shown(page)
    for text in expected:
        assert " ".join(text.split()) in shown, f"{text} cannot be read on {page.url}"


def _shown(page: Page) -> str:
    """All words of the page, those in fields and folded parts too."""
    words: str = page.evaluate(
        """() => [document.body.textContent, ...[...document.querySelectorAll(
             "input, textarea")].map((field) => field.value)].join(" ")"""
    )
    return " ".join(words.split())


def _send_ticket(visitor: Visitor, text: str) -> str:
    visitor.go("/support/new")
    visitor.fill(Title=f"Title {text}", Description=f"Description {text}")
    visitor.page.get_by_label("Type").select_option(index=1)
    visitor.page.get_by_label("Category").select_option(index=1)
    visitor.press("Send ticket")
    return visitor.page.url.rpartition("/")[2]


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_ticket_is_text_for_customer_agent_and_admin(visitors: Visitors, name: str) -> None:
    text = TEXTS[name]
    member, agent = visitors.arrive(MEMBER), visitors.arrive(AGENT)
    number = _send_ticket(member, text)
    member.fill(**{"Your reply": f"Customer {text}"})
    member.press("Send reply")

    agent.go(f"{BACK_OFFICE}/tickets/{number}")
    for box, words, button in (
        ("Reply to the customer", f"Agent {text}", "Send reply"),
        ("Internal note", f"Note {text}", "Save note"),
        ("Tags", f"tag {text}"[:50], "Set tags"),
        ("Resolution", f"Resolution {text}", "Resolve ticket"),
    ):
        agent.page.get_by_role("textbox", name=box).fill(words)
        agent.press(button)
    said = [f"{who} {text}" for who in ("Title", "Description", "Customer", "Agent")]
    _is_harmless(agent, *said, f"Note {text}", f"Resolution {text}")

    member.go(f"/support/{number}")
    _is_harmless(member, *said)
    assert f"Note {text}" not in _shown(member.page)
    member.go("/support")
    _is_harmless(member, f"Title {text}")
    admin = visitors.arrive(ADMIN)
    for path in (f"/tickets/{number}", "/tickets?sort=-createdAt"):
        admin.go(f"{BACK_OFFICE}{path}")
        _is_harmless(admin, f"Title {text}")
    admin.go(f"{BACK_OFFICE}/audit")
    _is_harmless(admin)


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_guest_is_text_on_every_page_about_them(visitors: Visitors, name: str) -> None:
    text = TEXTS[name]
    address = f"{name}@guests.example"
    guest = visitors.arrive()
    guest.go("/support/new")
    guest.fill(**{"Your e-mail": address, "Your name": f"Name {text}"})
    guest.fill(Title="Hello", Description=text)
    guest.page.get_by_label("Type").select_option(index=1)
    guest.page.get_by_label("Category").select_option(index=1)
    guest.press("Send ticket")
    guest.go(guest.site.link_mailed_to(address, "/support/t/"))
    _is_harmless(guest, text)
    admin = visitors.arrive(SUPER)
    admin.go(f"{BACK_OFFICE}/users?q={address}")
    _is_harmless(admin, f"Name {text}")
    admin.page.locator("tbody a").first.click()
    expect(admin.page.get_by_role("heading", level=1)).to_have_text(f"Name {text}")
    _is_harmless(admin, f"Name {text}")


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_settings_are_text_for_everybody(visitors: Visitors, name: str) -> None:
    text = TEXTS[name]
    admin, reader = visitors.arrive(ADMIN), visitors.arrive(MEMBER)
    marks = {"Title": f"Issue {text}"[:120], "Description": f"About {text}", "Icon": text[:20]}
    _fill_and_save(admin, "quick-issues", marks)
    slug = f"kind_{name}"
    for kind in ("article-categories", "ticket-categories"):
        _fill_and_save(admin, kind, {"Title": f"Kind {text}"[:80], "Slug": slug})
        admin.go(f"{BACK_OFFICE}/{kind}")
        _is_harmless(admin, f"Kind {text}"[:80])
    admin.go(f"{BACK_OFFICE}/quick-issues")
    _is_harmless(admin, marks["Title"])
    for path in ("/support/new", "/help", f"/help?category={slug}"):
        reader.go(path)
        _is_harmless(reader, *([marks["Title"]] if path == "/support/new" else []))
    _undo_settings(admin, marks["Title"])


def _fill_and_save(admin: Visitor, kind: str, values: dict[str, str]) -> None:
    admin.go(f"{BACK_OFFICE}/{kind}/new")
    for label, value in values.items():
        admin.page.get_by_label(label, exact=True).fill(value)
    for choice in admin.page.get_by_role("main").locator("select").all():
        choice.select_option(index=1)
    admin.press("Save")
    expect(admin.page.get_by_role("status")).to_contain_text("Created.")


def _undo_settings(admin: Visitor, title: str) -> None:
    """The question before deleting names the row as text too."""
    admin.go(f"{BACK_OFFICE}/quick-issues")
    _row(admin.page, title).get_by_role("link", name="Delete").click()
    _is_harmless(admin, title)
    admin.press("Delete")
    expect(admin.page.get_by_role("status")).to_contain_text("Deleted.")


def _row(page: Page, title: str) -> Locator:
    return page.get_by_role("row").filter(has_text=" ".join(title.split()))


def _write_article(admin: Visitor, title: str, content: str, **fields: str) -> str:
    """Write and publish an article; gives its address for readers."""
    admin.go(f"{BACK_OFFICE}/kb/new")
    for label, value in {"Title": title, "Content (Markdown)": content, **fields}.items():
        admin.page.get_by_label(label, exact=True).fill(value)
    admin.page.get_by_label("Category").select_option(index=1)
    admin.press("Save as draft")
    admin.follow("Publish")
    _is_harmless(admin, title)
    admin.press("Publish")
    admin.go(f"{BACK_OFFICE}/kb?sort=-updatedAt")
    _is_harmless(admin, title)
    admin.page.locator("tbody a").first.click()
    address = admin.page.get_by_role("link", name="Read it").get_attribute("href")
    assert address
    return address


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_words_around_an_article_are_text(visitors: Visitors, name: str) -> None:
    text = TEXTS[name]
    admin, reader = visitors.arrive(ADMIN), visitors.arrive()
    words = {"Excerpt": f"Excerpt {text}", "Tags": f"tag {text}".replace(",", "")[:50]}
    address = _write_article(admin, f"Article {text}", f"Content `{text}`", **words)
    _is_harmless(admin, f"Article {text}", words["Excerpt"])
    reader.go(address)
    _is_harmless(reader, f"Article {text}", text)
    reader.go("/help?category=getting_started")
    _is_harmless(reader)


def test_hostile_markdown_is_an_article_without_deeds(visitors: Visitors) -> None:
    admin, reader = visitors.arrive(ADMIN), visitors.arrive()
    address = _write_article(admin, "A hostile article", MARKDOWN)
    reader.go(address)
    _is_harmless(reader, "Beginning of the article.", "End of the article.", "{{7*7}}")
    link = reader.page.get_by_role("link", name="out")
    assert "noopener" in (link.get_attribute("rel") or "").split()
    reader.page.locator(".prose").hover()
    for element in reader.page.locator(".prose :is(a, p, div)").all():
        element.dispatch_event("mouseover")
    assert reader.page.evaluate("window.__p === undefined")
    agent = visitors.arrive(AGENT)
    agent.go(f"{BACK_OFFICE}/kb?q=hostile")
    agent.page.locator("tbody a").first.click()
    _is_harmless(agent, "End of the article.")


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_is_searched_or_asked_for_comes_back_as_text(visitors: Visitors, text: str) -> None:
    reader, agent = visitors.arrive(MEMBER), visitors.arrive(AGENT)
    reader.go("/help")
    reader.page.get_by_label("Search articles").fill(text)
    reader.page.wait_for_timeout(400)
    _is_harmless(reader)
    reader.page.get_by_label("Search articles").press("Enter")
    expect(reader.page.get_by_role("heading", name="“")).to_be_visible()
    _is_harmless(reader, text)
    reader.go(reader.page.url)
    _is_harmless(reader, text)
    for visitor, path, label, button in (
        (reader, "/support", "Search my tickets", "Search"),
        (agent, f"{BACK_OFFICE}/tickets", "Search", "Filter"),
        (agent, f"{BACK_OFFICE}/kb", "Search", "Filter"),
        (agent, f"{BACK_OFFICE}/users", "Search", "Search"),
    ):
        visitor.go(path)
        visitor.page.get_by_role("searchbox", name=label).fill(text)
        visitor.press(button)
        _is_harmless(visitor, text)
    reader.page.goto(f"{reader.site.base}/help?category={text}")
    _is_harmless(reader)
    reader.go("/support/new")
    reader.page.get_by_label("Title").fill(text)
    reader.page.wait_for_timeout(400)
    _is_harmless(reader)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_refused_form_shows_what_was_typed_as_text(visitors: Visitors, text: str) -> None:
    visitor = visitors.arrive()
    for path, button in (
        ("/login", "Sign in"),
        ("/login", "Mail me a link instead"),
        ("/register", "Mail me the link"),
        ("/support/new", "Send ticket"),
    ):
        visitor.go(path)
        visitor.page.evaluate("for (const form of document.forms) form.noValidate = true")
        for field in visitor.page.locator(f"main form:not([role=search]) :is({FIELDS})").all():
            field.fill(text)
        visitor.press(button, status=422)
        _is_harmless(visitor, text)
