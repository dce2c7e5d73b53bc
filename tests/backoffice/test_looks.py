"""What every page of the dashboard keeps: labels, order, no inline script, the site's tokens."""

import re
from pathlib import Path

import pytest
from httpx2 import Response

import backoffice
import public_site
from backoffice import access
from backoffice.flash import SENTENCES
from models import kb
from models.actor import operator
from models.base import new_id
from models.db import unit_of_work
from models.deeds import read
from tests.backoffice.world import BASE, World, addresses, elements, filled, words

OWN_CSS = Path(backoffice.__file__).parent / "static" / "backoffice.css"
ROOT = r":root ?\{([^}]*)\}"
SITE_CSS = Path(public_site.__file__).parent / "static" / "site.css"


def test_every_page_can_be_read_and_used_by_everybody(world: World) -> None:
    refs = addresses(world)
    admin = world.browser("super")
    admin.post(f"/tickets/{refs['tickets']}/note", content="x")
    for method, path in access.ROUTES:
        if method == "GET":
            page = admin.get(filled(path, refs))
            _has_frame(page, path)
            _has_labels(page, path)
            _has_no_inline_code(page, path)


def _has_frame(page: Response, path: str) -> None:
    assert len(elements(page, "main")) == 1, path
    assert len(elements(page, "h1")) == 1, path
    assert elements(page, "a")[0]["href"] == "#main"
    for cell in elements(page, "th"):
        assert cell["scope"] == "col", path
    (out,) = [form for form in elements(page, "form") if form.get("action") == "/logout"]
    assert out["method"] == "post"
    tags = ("input", "textarea", "select", "h2")
    ids = [item["id"] for tag in tags for item in elements(page, tag) if "id" in item]
    assert len(ids) == len(set(ids)), path


def _has_labels(page: Response, path: str) -> None:
    labelled = {label.get("for") for label in elements(page, "label")}
    for tag in ("input", "textarea", "select"):
        for control in elements(page, tag):
            if control.get("type") != "hidden":
                assert control.get("aria-label") or control.get("id") in labelled, (path, control)


def _has_no_inline_code(page: Response, path: str) -> None:
    assert all("src" in script for script in elements(page, "script")), path
    assert not re.search(r"<[^>]+\son[a-z]+=|javascript:|<style|\sstyle=", page.text), path
    for tag, name in (("script", "src"), ("link", "href"), ("img", "src")):
        for item in elements(page, tag):
            assert item[name].startswith("/"), (path, item)
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-content-type-options"] == "nosniff"


def test_styles_and_scripts_are_served(world: World) -> None:
    agent = world.browser("support")
    page = agent.get("/tickets")
    addresses_ = [item["href"] for item in elements(page, "link")]
    addresses_ += [item["src"] for item in elements(page, "script")]
    assert len(addresses_) == 5
    for address in addresses_:
        assert agent.client.get(address).status_code == 200, address


def test_every_icon_is_drawn(world: World) -> None:
    refs, admin = addresses(world), world.browser("super")
    drawn = set(re.findall(r'symbol id="([a-z]+)"', admin.get("/static/icons.svg").text))
    for method, path in access.ROUTES:
        if method == "GET":
            page = admin.get(filled(path, refs))
            used = {item["href"].partition("#")[2] for item in elements(page, "use")}
            assert used <= drawn, path


def test_both_doors_have_the_same_tokens() -> None:
    own, site = (re.findall(ROOT, path.read_text())[:2] for path in (OWN_CSS, SITE_CSS))
    for ours, theirs in zip(own, site, strict=True):
        assert _tokens(ours).items() <= _tokens(theirs).items()


def _tokens(block: str) -> dict[str, str]:
    pairs = re.findall(r"(--[a-z0-9]+):([^;}]+)", re.sub(r"\s+", "", block))
    assert len(pairs) > 10
    return dict(pairs)


@pytest.mark.parametrize("code", ["", "nonsense", "reply%3Cb%3E", "__class__"])
def test_only_known_sentences_are_said(world: World, code: str) -> None:
    page = world.browser("support").get(f"/tickets?done={code}")
    assert page.status_code == 200
    assert 'role="status"' not in page.text


def test_every_sentence_can_be_said(world: World) -> None:
    agent = world.browser("support")
    for code, sentence in SENTENCES.items():
        assert sentence in words(agent.get("/kb", done=code))


def test_the_page_that_is_open_is_marked(world: World) -> None:
    agent = world.browser("support")
    for path, name in (
        ("", "Dashboard"), ("/tickets", "All tickets"), ("/tickets?assignee=me", "My tickets"),
        ("/tickets?assignee=none", "Unassigned"), ("/kb", "All articles"), ("/users", "Users"),
    ):  # fmt: skip
        text = agent.client.get(f"{BASE}{path}", follow_redirects=True).text
        marked = re.findall(r'aria-current="page"><svg.*?</svg>\s*([^<]+)<', text)
        assert marked == [name], path


def test_the_home_shows_the_numbers(world: World) -> None:
    world.ticket()
    world.article()
    text = words(world.browser("support").get("/"))
    assert "1 Open 0 In progress 0 Waiting for customer 1 Active and unassigned" in text
    assert "0 Published 1 Drafts" in text


def test_the_home_tells_what_no_article_answers(world: World) -> None:
    agent = world.browser("support")
    assert "No search was in vain so far." in words(agent.get("/"))
    for _ in range(2):  # two people whom the process has not seen yet
        kb.vain.note("Xylophone <b>lessons", results=0, visitor=new_id())
    kb.vain.flush()
    world.article(published=True, slug="first-steps")
    solved = read(kb.Solved, {"article": "first-steps", "source": "title"})
    with unit_of_work() as db:
        kb.deflect(db, solved, visitor="one", actor=operator())
    page = agent.get("/")
    assert "xylophone b lessons 2 times, last" in words(page)
    assert "1 Tickets saved by an article" in words(page)
    (link,) = [a for a in elements(page, "a") if "/help?q=" in a["href"]]
    assert link["href"] == "/help?q=xylophone%20b%20lessons"
